// Improves checkout. Everything works without it: the page is a plain form.

/** Groups digits as they are typed, keeping the caret behind the same digit. */
function shape(input, format) {
  input.addEventListener("input", () => {
    const caret = input.selectionStart ?? input.value.length;
    const digitsBefore = input.value.slice(0, caret).replace(/\D/g, "").length;
    const shaped = format(input.value.replace(/\D/g, ""));
    if (shaped === input.value) return;
    input.value = shaped;
    let position = 0;
    for (let seen = 0; position < shaped.length && seen < digitsBefore; position += 1) {
      if (/\d/.test(shaped[position])) seen += 1;
    }
    if (digitsBefore === shaped.replace(/\D/g, "").length) position = shaped.length;
    input.setSelectionRange(position, position);
  });
}

function cardNumber(digits) {
  const kept = digits.slice(0, 19);
  const american = /^3[47]/.test(kept);
  const parts = american ? [kept.slice(0, 4), kept.slice(4, 10), kept.slice(10)] : (kept.match(/.{1,4}/g) ?? []);
  return parts.filter(Boolean).join(" ");
}

function expiry(digits) {
  const kept = /^[2-9]/.test(digits) ? `0${digits}` : digits;
  return kept.length > 2 ? `${kept.slice(0, 2)}/${kept.slice(2, 6)}` : kept;
}

const number = document.querySelector('input[name="card_number"]');
const expires = document.querySelector('input[name="card_expiry"]');
if (number) shape(number, cardNumber);
if (expires) shape(expires, expiry);

document.querySelector(".error-summary")?.focus();

// One press, one request. The server charges once whatever arrives; this only says what is going on.
const form = document.querySelector("form[data-pay]");
const button = form?.querySelector(".pay-button");
const status = document.querySelector("[data-pay-status]");
if (form && button) {
  const label = button.innerHTML;
  let sending = false;
  form.addEventListener("submit", (event) => {
    if (sending) {
      event.preventDefault();
      return;
    }
    sending = true;
    button.setAttribute("aria-busy", "true");
    button.setAttribute("aria-disabled", "true");
    button.textContent = form.dataset.paying;
    if (status) status.textContent = form.dataset.paying;
  });
  // Back from the next page: what was shown may be out of date.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sending = false;
    button.removeAttribute("aria-busy");
    button.removeAttribute("aria-disabled");
    button.innerHTML = label;
    window.location.reload();
  });
  window.addEventListener("offline", () => {
    if (status && sending) status.textContent = form.dataset.lost;
  });
}

// A warning well before the page ends.
const ending = document.querySelector("[data-ends]");
if (ending) {
  const warnAt = Number(ending.dataset.ends) - 5 * 60 * 1000;
  const wait = warnAt - Date.now();
  if (wait < 24 * 60 * 60 * 1000) {
    setTimeout(() => {
      ending.hidden = false;
    }, Math.max(0, wait));
  }
}

// A page that waits asks for news, and loads again only when there is some: nobody is thrown back to its beginning meanwhile.
const every = Number(document.body.dataset.refresh) * 1000;
if (every) {
  const stage = (page) => page.body.dataset.refresh && page.querySelector("h1")?.textContent;
  const shown = stage(document);
  const ask = async () => {
    try {
      const answer = await fetch(window.location.href, { cache: "no-store" });
      const told = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.redirected || stage(told) !== shown) {
        window.location.reload();
        return;
      }
    } catch {
      // No connection just now: asked again below.
    }
    setTimeout(ask, every);
  };
  setTimeout(ask, every);
}

for (const print of document.querySelectorAll("[data-print]")) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// Another country may mean other methods: the page is asked for again, and what was typed of the payer waits in this tab meanwhile.
const country = document.querySelector("form[data-country]");
if (country && window.sessionStorage) {
  const place = `typed:${window.location.pathname}`;
  const kept = () => [...document.querySelectorAll('form[data-pay] :is([name="email"], [name="name"])')];
  country.addEventListener("change", () => {
    const typed = kept().map((input) => [input.name, input.value]);
    if (typed.length > 0) window.sessionStorage.setItem(place, JSON.stringify(typed));
    country.requestSubmit();
  });
  const typed = new Map(JSON.parse(window.sessionStorage.getItem(place) ?? "[]"));
  for (const input of kept()) input.value ||= typed.get(input.name) ?? "";
  if (kept().length > 0) window.sessionStorage.removeItem(place);
}
