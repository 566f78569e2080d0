import {
  type Merchant, type Page, Desk, FakeStripe, STRIPE_PAGE, Server, at, axe, expect, expectReceipt, makeLink, paymentsOf, say,
  startCheckout, stripeScript, test, unique, visit,
} from '../fixtures/index.ts';

// A provider with fields of its own: connected in the portal, paid in its fields, on its page, and without scripts. The provider is a
// fake on this machine; its script is answered by the test.

const provider = say('gateway.provider.stripe');

interface Place {
  desk: Desk;
  fake: FakeStripe;
  merchant: Merchant;
  link: string;
  page: Page;
}

const outside = /another host was asked: https:\/\/(js|checkout)\.stripe\.com\//;

test.describe('Stripe', () => {
  let place: Place | undefined;
  let server: Server;

  test.beforeEach(async ({ browser, engine, guard }) => {
    const fake = await FakeStripe.start();
    server = await Server.start(engine, { PAYDECK_STRIPE_API_BASE: fake.url });
    guard.allow(outside, /answer 422: POST .*\/api\/gateways\/save/);
    const desk = new Desk(server, browser, guard, {});
    const merchant = await desk.newMerchant();
    const page = await desk.open(merchant.state);
    await visit(page, at(merchant, 'gateways/new?provider=stripe'));
    await page.locator('#credentials-publishable_key').fill('pk_test_51Fake');
    await page.locator('#credentials-secret_key').fill('sk_live_of_another_mode');
    await page.getByRole('button', { name: say('form.save') }).click();
    await expect(page.locator('#credentials-secret_key')).toHaveAttribute('aria-invalid', 'true');
    await axe(page);
    await page.locator('#credentials-secret_key').fill('sk_test_51Fake');
    await page.getByRole('button', { name: say('form.save') }).click();
    await expect(page.getByRole('region', { name: provider, exact: true })).toBeVisible();
    await page.getByRole('button', { name: say('gateways.test') }).click();
    await expect(page.getByText(say('gateways.test_ok'), { exact: true })).toBeVisible();
    const link = await makeLink(page, merchant, { title: 'Field guide to terns', amount: '36.00' });
    place = { desk, fake, merchant, link, page };
  });

  test.afterEach(async () => {
    await place?.desk.close();
    await place?.fake.stop();
    place = undefined;
    await server.finish();
  });

  test('in its own fields: declined, then paid, with the fee that it tells', async ({ guard }) => {
    test.setTimeout(200_000);
    guard.allow(/answer 422: POST .*\/c\//);
    const { desk, fake, merchant, link, page } = place!;
    const customer = await desk.open();
    await stripeScript(customer.context());
    await startCheckout(customer, link);
    const email = `${unique('fields')}@customers.example`;
    await customer.locator('#email').fill(email);
    const mount = customer.locator('[data-gateway-mount]');
    // The script comes after the page.
    await expect(mount).toHaveAttribute('data-started', /./);
    const started = JSON.parse((await mount.getAttribute('data-started'))!);
    expect(started).toMatchObject({ key: 'pk_test_51Fake', amount: 3600, currency: 'eur', mode: 'payment' });
    await axe(customer);
    // What the fields refuse is said beside them, and nothing is sent.
    await customer.locator('.pay-button').click();
    await expect(customer.getByText('Your card number is incomplete.')).toBeVisible();
    expect(fake.confirmed).toEqual([]);
    await customer.locator('#stripe-card').fill('declined');
    await customer.locator('.pay-button').click();
    await expect(customer.locator('#declined')).toBeVisible();
    await expect(customer.locator('#email')).toHaveValue(email);
    await customer.locator('#stripe-card').fill('good');
    await customer.locator('.pay-button').click();
    await expectReceipt(customer);
    expect(fake.confirmed).toEqual(['ctoken_declined', 'ctoken_good']);
    await (await paymentsOf(page, merchant, email)).getByRole('link').click();
    await page.waitForURL(/\/payments\/pi_/);
    await expect(page.getByText('0.62 EUR').first()).toBeVisible();
    await expect(page.getByText('pi_fake2')).toBeVisible();
    await axe(page);
  });

  test('its script does not load: its own page, given up once, then paid', async () => {
    test.setTimeout(200_000);
    const { desk, fake, link } = place!;
    const customer = await desk.open();
    await customer.context().route('https://js.stripe.com/**', (route) => route.fulfill({ status: 404, body: '' }));
    await customer.context().route(`${STRIPE_PAGE}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>Stripe</title>' }));
    desk.guard.allow(/answer 404: GET https:\/\/js\.stripe\.com/, /Refused to execute script|MIME type/);
    const checkout = await startCheckout(customer, link);
    await customer.locator('#email').fill('page@customers.example');
    await customer.getByRole('button', { name: say('checkout.pay_on_page', { provider }) }).click();
    await customer.waitForURL(`${STRIPE_PAGE}**`);
    // Back without having paid.
    await customer.goto(`${checkout}/return`);
    await expect(customer.getByRole('heading', { name: say('checkout.waiting_title', { provider }) })).toBeVisible();
    await axe(customer);
    await customer.getByRole('button', { name: say('checkout.start_over') }).click();
    await expect(customer.locator('.pay-button')).toBeVisible();
    await customer.locator('#email').fill('page@customers.example');
    await customer.getByRole('button', { name: say('checkout.pay_on_page', { provider }) }).click();
    await customer.waitForURL(`${STRIPE_PAGE}**`);
    fake.payOnPage(customer.url().slice(STRIPE_PAGE.length));
    await customer.goto(`${checkout}/return`);
    await expectReceipt(customer);
  });

  test('without scripts', async () => {
    test.setTimeout(200_000);
    const { desk, link } = place!;
    const customer = await desk.open(undefined, { javaScriptEnabled: false });
    await customer.context().addCookies([{ name: 'paydeck_lang', value: 'fa', url: server.url }]);
    await customer.context().route(`${STRIPE_PAGE}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>Stripe</title>' }));
    await customer.goto(link);
    await customer.locator('form button[type="submit"]').first().click();
    await customer.waitForURL(/\/c\/[^/]+$/);
    await customer.locator('#email').fill('plain@customers.example');
    await customer.getByRole('button', { name: say('checkout.pay_on_page', { provider }, 'fa') }).click();
    await customer.waitForURL(`${STRIPE_PAGE}**`);
  });
});
