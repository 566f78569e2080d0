// Puts a gateway's own card fields into checkout. What is typed into them goes to the gateway and never to this server: the form
// carries only the name that the gateway gives to it. When the gateway's script does not load, its own page is offered instead.

const box = document.querySelector("[data-gateway]");
const form = box?.closest("form");
const mount = box?.querySelector("[data-gateway-mount]");
const status = box?.querySelector("[data-gateway-status]");
const fallback = document.querySelector("[data-gateway-fallback]");

/** The gateways' fields: each is started, and gives a token when the form is sent. A refusal is an Error for the customer to read. */
const gateways = {
  async stripe(settings) {
    const stripe = window.Stripe(settings.publishable_key, { locale: box.dataset.locale });
    const elements = stripe.elements({
      mode: "payment",
      amount: Number(settings.amount),
      currency: box.dataset.currency.toLowerCase(),
      captureMethod: box.dataset.capture,
      paymentMethodTypes: ["card"],
    });
    const card = elements.create("payment", {
      fields: { billingDetails: { email: "never" } },
      wallets: { link: "never" },
    });
    const ready = new Promise((resolve, reject) => {
      card.on("ready", resolve);
      card.on("loaderror", reject);
    });
    card.mount(mount);
    await ready;
    return async () => {
      await elements.update({ setupFutureUsage: isKept() ? "off_session" : null });
      const checked = await elements.submit();
      if (checked.error) throw new Error(checked.error.message);
      const made = await stripe.createConfirmationToken({
        elements,
        params: { payment_method_data: { billing_details: { email: emailOf() } } },
      });
      if (made.error) throw new Error(made.error.message);
      return made.confirmationToken.id;
    };
  },

  async square(settings) {
    const payments = window.Square.payments(settings.application_id, settings.location_id);
    const card = await payments.card();
    await card.attach(mount);
    return async () => {
      const made = await card.tokenize({
        amount: box.dataset.decimal,
        currencyCode: box.dataset.currency,
        intent: isKept() ? "CHARGE_AND_STORE" : "CHARGE",
        customerInitiated: true,
        sellerKeyedIn: false,
        billingContact: { email: emailOf() },
      });
      if (made.status !== "OK") throw new Error(made.errors?.[0]?.message ?? "");
      return made.token;
    };
  },
};

/** The address that was typed, or that the merchant gave. */
function emailOf() {
  return form.querySelector('input[name="email"]')?.value ?? "";
}

/** Whether the customer agrees to have the method kept. */
function isKept() {
  return form.querySelector('input[name="save"]')?.checked ?? false;
}

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });
}

function tell(text) {
  status.textContent = text;
  status.hidden = text === "";
  status.classList.toggle("field-error", text !== "");
  if (text !== "") box.focus();
}

/** Whether the method of these fields is the one that is paid with. */
function isChosen() {
  const radio = box.closest(".pay-option")?.querySelector('input[name="method"]');
  return !radio || radio.checked;
}

async function start() {
  status.hidden = false;
  let tokenOf = null;
  let passed = false;
  // In the capturing phase: the press counts as sending only once there is a token.
  form.addEventListener(
    "submit",
    async (event) => {
      const onPage = event.submitter?.name === "via";
      if (passed || onPage || !isChosen()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!tokenOf || form.dataset.asking) return;
      form.dataset.asking = "yes";
      tell("");
      try {
        form.elements.gateway_token.value = await tokenOf();
        passed = true;
        // Not before this press has been dealt with: a form that is being submitted ignores another wish to submit it.
        setTimeout(() => form.requestSubmit());
      } catch (error) {
        tell(error.message);
      } finally {
        delete form.dataset.asking;
      }
    },
    true,
  );
  try {
    await load(box.dataset.script);
    tokenOf = await gateways[box.dataset.gateway](JSON.parse(box.dataset.settings));
    tell("");
  } catch {
    status.hidden = true;
    mount.replaceChildren();
    if (fallback) fallback.hidden = false;
  }
}

if (box && form) start();
