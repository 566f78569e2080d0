import { type Page, CARDS, alive, at, axe, buy, connectSandbox, expect, expectReceipt, fillCard, makeLink, pay, paymentsOf, say, startCheckout, test, unique, visit } from '../fixtures/index.ts';

const mail = () => `${unique('grace')}@customers.example`;
const heading = (page: Page, key: string) => page.getByRole('heading', { level: 1, name: say(key) });
const declined = (page: Page) => page.getByRole('heading', { name: say('checkout.declined') });

// Whatever a browser can't do, checkout works: the same tests without script, and with all WebAssembly blocked.
for (const kind of ['without script', 'with WebAssembly blocked'] as const) {
  test.describe(`checkout ${kind}`, () => {
    test.use({ javaScriptEnabled: kind !== 'without script' });

    test.beforeEach(async ({ context }) => {
      // Nothing of checkout asks for it: a request that is aborted would be a complaint of the guard.
      await context.route('**/*.wasm', (route) => route.abort('blockedbyclient'));
    });

    test('pays', { tag: '@engines' }, async ({ page, desk }) => {
      const shop = await desk.shop();
      const scripts: string[] = [];
      page.on('request', (request) => {
        if (request.resourceType() === 'script' || /\.(js|wasm)(\?|$)/.test(request.url())) scripts.push(new URL(request.url()).pathname);
      });
      const email = mail();
      await buy(page, shop.link, { email });
      await expect(page.getByText(shop.business).first()).toBeVisible();
      await expect(page.getByText('48.00 EUR').first()).toBeVisible();
      await expect(page.getByText(say('receipt.card_ending', { brand: 'Visa', last4: '4242' }))).toBeVisible();
      for (const script of scripts) expect(script).toMatch(/^\/assets\/checkout\.[0-9a-f]+\.js$/);
      if (kind === 'without script') expect(scripts).toEqual([]);
      const rows = await paymentsOf(await desk.open(shop.state), shop, email);
      await expect(rows).toHaveCount(1);
    });

    test('says what to do after a no, and takes another card', async ({ page, desk }) => {
      const shop = await desk.shop();
      const email = mail();
      const address = await startCheckout(page, shop.link);
      await pay(page, { email, number: CARDS.insufficientFunds });
      await expect(declined(page)).toBeVisible();
      await expect(page.getByText(say('decline.customer.insufficient_funds'))).toBeVisible();
      await expect(page).toHaveTitle(/^Error: /);
      expect(page.url()).toBe(address);
      // What is the customer's own stays; nothing of a card comes back.
      await expect(page.locator('#email')).toHaveValue(email);
      await expect(page.locator('#card_number')).toHaveValue('');
      await pay(page, { email, number: CARDS.declined });
      await expect(page.getByText(say('decline.customer.generic_decline'))).toBeVisible();
      await pay(page, { email, number: CARDS.good });
      await expectReceipt(page);
      const rows = await paymentsOf(await desk.open(shop.state), shop, email);
      await expect(rows).toHaveCount(1);
      await expect(rows).toContainText(say('status.payment.succeeded'));
    });

    test('goes through the bank’s page', async ({ page, desk }) => {
      const shop = await desk.shop();
      await startCheckout(page, shop.link);
      await pay(page, { email: mail(), number: CARDS.challenge });
      await page.waitForURL(/\/challenge\//);
      await expect(heading(page, 'challenge.title')).toBeVisible();
      const challenge = page.url();
      await page.getByRole('button', { name: say('challenge.approve') }).click();
      await expectReceipt(page);
      // The bank's page is over, however it is reached again.
      await page.goto(challenge);
      await expect(heading(page, 'challenge.done_title')).toBeVisible();
    });

    test('comes back from the bank’s page with a no', async ({ page, desk }) => {
      const shop = await desk.shop();
      await startCheckout(page, shop.link);
      const email = mail();
      await pay(page, { email, number: CARDS.challenge });
      await page.getByRole('button', { name: say('challenge.refuse') }).click();
      await expect(declined(page)).toBeVisible();
      await expect(page.getByText(say('decline.customer.authentication_failed'))).toBeVisible();
      await pay(page, { email, number: CARDS.good });
      await expectReceipt(page);
    });

    test('refuses what is no test card, and keeps what was typed', async ({ page, desk }) => {
      const shop = await desk.shop();
      await startCheckout(page, shop.link);
      await pay(page, { email: 'nobody', number: CARDS.notOnTheList, name: 'Grace Buyer' });
      const summary = page.locator('.error-summary');
      await expect(summary).toBeVisible();
      await expect(page.locator('#email')).toHaveAttribute('aria-invalid', 'true');
      await expect(page.locator('#email-error')).toContainText(say('problem.bad_email'));
      await expect(page.locator('#card_number-error')).toContainText(say('problem.sandbox_test_cards_only'));
      await expect(page.locator('#email')).toHaveValue('nobody');
      await expect(page.locator('#name')).toHaveValue('Grace Buyer');
      await expect(page.locator('#card_number')).toHaveValue('');
      await summary.getByRole('link').first().click();
      expect(new URL(page.url()).hash).toBe('#email');
    });
  });
}

test('the whole first load weighs at most 60 KB', { tag: '@engines' }, async ({ page, desk }) => {
  const shop = await desk.shop();
  const address = await startCheckout(page, shop.link);
  for (const [locale, language] of [['en-GB', 'en'], ['fa-IR', 'fa']] as const) {
    for (const place of [shop.link, address]) {
      const fresh = await desk.open(undefined, { locale });
      const network = await fresh.context().newCDPSession(fresh);
      await network.send('Network.enable');
      const parts = new Map<string, string>();
      const weights: [string, number][] = [];
      network.on('Network.responseReceived', ({ requestId, response }) => parts.set(requestId, response.url));
      // Headers and body, as they came over the wire.
      network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => weights.push([parts.get(requestId) ?? '', encodedDataLength]));
      await fresh.goto(place, { waitUntil: 'networkidle' });
      await expect(fresh.locator('html')).toHaveAttribute('lang', language);
      await fresh.evaluate(() => document.fonts.ready);
      const total = weights.reduce((sum, [, bytes]) => sum + bytes, 0);
      expect(weights.length, 'page, sheet, script, font').toBeGreaterThan(3);
      expect(total, weights.map(([url, bytes]) => `${bytes} ${url}`).join('\n')).toBeLessThanOrEqual(60 * 1024);
    }
  }
});

test('a POST that is sent again charges once', async ({ page, desk }) => {
  const shop = await desk.shop();
  const email = mail();
  const address = await startCheckout(page, shop.link);
  await fillCard(page, { email });
  const form = await page.locator('form.pay-form').evaluate((e) => Object.fromEntries(new FormData(e as HTMLFormElement)) as Record<string, string>);
  const send = () => page.request.post(address, { form, headers: { 'sec-fetch-site': 'same-origin' }, maxRedirects: 0 });
  const answers = await Promise.all([send(), send(), send()]);
  for (const answer of answers) expect(answer.status()).toBe(303);
  const again = await send();
  expect(again.status()).toBe(303);
  expect(again.headers().location).toMatch(/^\/r\//);
  const merchant = await desk.open(shop.state);
  const rows = await paymentsOf(merchant, shop, email);
  await expect(rows).toHaveCount(1);
  await alive(merchant);
  await rows.getByRole('link').click();
  await merchant.waitForURL(/\/payments\/pi_/);
  const attempts = merchant.locator('section.card').filter({ has: merchant.getByRole('heading', { name: say('payment.attempts') }) });
  await expect(attempts.locator('dl.kv')).toHaveCount(1);
});

test('a double click, a second tab and the back button end in one charge', async ({ page, desk }) => {
  const shop = await desk.shop();
  const email = mail();
  const address = await startCheckout(page, shop.link);
  const tab = await page.context().newPage();
  await tab.goto(address);
  await fillCard(tab, { email });
  await fillCard(page, { email });
  await page.locator('.pay-button').dblclick({ noWaitAfter: true });
  await expectReceipt(page);
  // The other tab holds a form of its own, filled in before the first one was sent.
  await tab.locator('.pay-button').click();
  await tab.waitForURL(/\/r\//);
  await page.goBack();
  await page.waitForURL(/\/r\//);
  const rows = await paymentsOf(await desk.open(shop.state), shop, email);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('48.00 EUR');
});

test('a session that the merchant ended takes no payment', async ({ page, desk }) => {
  const shop = await desk.shop();
  const merchant = await desk.open(shop.state);
  await visit(merchant, at(shop, 'checkout-sessions/new'));
  await merchant.locator('#currency').selectOption('EUR');
  await merchant.locator('#items-0-name').fill('Tide table');
  await merchant.locator('#items-0-unit_amount').fill('12.50');
  await merchant.getByRole('button', { name: say('sessions.create') }).click();
  await merchant.waitForURL(/checkout-sessions\/(?!new)/);
  const address = (await merchant.getByRole('region', { name: say('sessions.address') }).locator('code').textContent())!;
  await page.goto(address);
  await expect(page.locator('.pay-button')).toContainText('12.50 EUR');
  await fillCard(page, { email: mail() });
  await merchant.getByRole('button', { name: say('sessions.expire') }).click();
  await merchant.getByRole('dialog').getByRole('button', { name: say('sessions.expire') }).click();
  await expect(merchant.getByText(say('status.session.canceled'))).toBeVisible();
  await page.locator('.pay-button').click();
  await expect(heading(page, 'checkout.canceled_title')).toBeVisible();
  await axe(page);
});

test('a link without a fixed price asks for one within its bounds', async ({ page, desk }) => {
  const shop = await desk.shop();
  const merchant = await desk.open(shop.state);
  const link = await makeLink(merchant, shop, { title: 'Support the library', min: '5.00', max: '50.00' });
  await page.goto(link);
  await page.locator('#amount').fill('3');
  await page.getByRole('button', { name: say('link.continue') }).click();
  await expect(page.locator('#amount')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#amount')).toHaveValue('3');
  await page.locator('#amount').fill('20');
  await page.getByRole('button', { name: say('link.continue') }).click();
  await page.waitForURL(/\/c\//);
  await expect(page.locator('.pay-button')).toContainText('20.00 EUR');
  await pay(page, { email: mail() });
  await expectReceipt(page);
});

test('a stock that is sold out sells no more', async ({ page, desk }) => {
  const shop = await desk.shop();
  const merchant = await desk.open(shop.state);
  const link = await makeLink(merchant, shop, { title: 'Last signed copy', amount: '90.00', stock: '1' });
  await buy(page, link, { email: mail() });
  const second = await desk.open();
  await second.goto(link);
  await expect(heading(second, 'link.sold_out_title')).toBeVisible();
  await axe(second);
});

test('an address that opens nothing says so', async ({ page }) => {
  for (const address of ['/c/nothing', '/pay/nothing', '/r/nothing', '/challenge/nothing', '/c/nothing/return']) {
    const answer = await page.goto(address);
    expect([404, 410], address).toContain(answer?.status());
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await axe(page);
  }
});

test('nothing to pay with: the page says so and asks for nothing', async ({ page, desk }) => {
  const merchant = await desk.newMerchant();
  const owner = await desk.open(merchant.state);
  await connectSandbox(owner, merchant);
  const link = await makeLink(owner, merchant, { title: 'Chart', amount: '9.00' });
  await startCheckout(page, link);
  await fillCard(page, { email: mail() });
  await visit(owner, at(merchant, 'gateways'));
  await owner.getByRole('button', { name: say('gateways.pause') }).click();
  await expect(owner.getByText(say('status.connection.paused'))).toBeVisible();
  await page.locator('.pay-button').click();
  await expect(heading(page, 'checkout.unavailable_title')).toBeVisible();
  await axe(page);
});

test('the page fits 320 pixels and says what it costs', async ({ page, desk }) => {
  const shop = await desk.shop();
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto(shop.link);
  await expectToFit(page);
  await startCheckout(page, shop.link);
  await expectToFit(page);
  await axe(page);
  await expect(page.locator('.pay-button')).toContainText(say('checkout.pay', { amount: '48.00 EUR' }));
  for (const [field, token] of [['email', 'email'], ['card_number', 'off'], ['name', 'cc-name']]) {
    await expect(page.locator(`#${field}`)).toHaveAttribute('autocomplete', token!);
  }
  await pay(page, { email: mail(), number: CARDS.expired });
  await expect(declined(page)).toBeVisible();
  await expect(page.locator('.error-summary')).toBeFocused();
  await expectToFit(page);
  await pay(page, { email: mail() });
  await expectReceipt(page);
  await expectToFit(page);
});

test('checkout in Persian, in the dark, right to left', async ({ desk }) => {
  const shop = await desk.shop();
  const page = await desk.open(undefined, { locale: 'fa-IR', colorScheme: 'dark' });
  await page.goto(shop.link);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await axe(page, 'contrast');
  await page.getByRole('button', { name: say('link.continue', {}, 'fa') }).click();
  await page.waitForURL(/\/c\//);
  await expect(page.locator('html')).toHaveAttribute('lang', 'fa');
  await axe(page, 'contrast');
  await pay(page, { email: mail() });
  await page.waitForURL(/\/r\//);
  await expect(page.getByRole('heading', { level: 1, name: say('receipt.paid_title', {}, 'fa') })).toBeVisible();
  await axe(page, 'contrast');
});

async function expectToFit(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `the page ${page.url()} is wider than the window`).toBeLessThanOrEqual(0);
}
