import {
  type Desk, type Page, type Shop, CARDS, at, axe, expect, pay, paymentsOf, say, test, unique, visit,
} from '../fixtures/index.ts';

// Authorise first, capture later: what customer and merchant see of it, from the session's form to the release.

/** Makes a session that only authorises; answers the customer's address. */
async function manualSession(page: Page, shop: Shop, amount: string): Promise<string> {
  await visit(page, at(shop, 'checkout-sessions/new'));
  await page.locator('#currency').selectOption('EUR');
  await page.locator('#items-0-name').fill('A chair, made to order');
  await page.locator('#items-0-unit_amount').fill(amount);
  await page.getByLabel(say('capture_method.manual')).check();
  await page.getByRole('button', { name: say('sessions.create') }).click();
  await page.waitForURL(/checkout-sessions\/(?!new)/);
  await expect(page.getByText(say('capture_method.manual'), { exact: true })).toBeVisible();
  return (await page.getByRole('region', { name: say('sessions.address') }).locator('code').textContent())!;
}

/** The customer authorises; answers the address of what they are shown. */
async function authorize(desk: Desk, shop: Shop, entry: { amount: string; email: string; number?: string }) {
  const page = await desk.open(shop.state);
  const address = await manualSession(page, shop, entry.amount);
  const customer = await desk.open();
  await customer.goto(address);
  await expect(customer.getByText(say('checkout.hold_note', { amount: `${entry.amount} EUR`, merchant: shop.business }))).toBeVisible();
  await pay(customer, { email: entry.email, number: entry.number ?? CARDS.good });
  await customer.waitForURL(/\/r\//);
  await expect(customer.getByRole('heading', { level: 1, name: say('receipt.authorized_title') })).toBeVisible();
  await (await paymentsOf(page, shop, entry.email)).getByRole('link').click();
  await page.waitForURL(/\/payments\/pi_/);
  await expect(page.locator('.headline').getByText(say('status.payment.requires_capture'))).toBeVisible();
  return { page, customer, address, receipt: customer.url() };
}

const fact = (page: Page, term: string) =>
  page.locator('dl.kv > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${term}$`) }) }).locator('dd').first();

test('a part is captured, the rest released, and only the part refunded', async ({ desk }) => {
  test.setTimeout(200_000);
  desk.guard.allow(/answer 409: POST .*\/api\/payments\/capture/);
  const shop = await desk.newShop();
  const email = `${unique('held')}@customers.example`;
  const { page, customer, receipt } = await authorize(desk, shop, { amount: '60.00', email });
  await axe(customer);
  await expect(page.getByRole('button', { name: say('refund.open') })).toHaveCount(0);
  await axe(page);
  // Nothing was charged: the home page counts nothing.
  const home = await desk.open(shop.state);
  await visit(home, at(shop, 'dashboard'));
  await expect(home.getByRole('region', { name: say('dashboard.block', { currency: 'EUR' }) }).getByText('60.00')).toHaveCount(0);
  // The list knows the state.
  await visit(home, at(shop, 'payments?status=requires_capture'));
  await expect(home.locator('tbody').getByText(email)).toBeVisible();

  await page.getByRole('button', { name: say('capture.open'), exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(email);
  await expect(dialog.getByRole('button', { name: say('capture.submit', { amount: '60.00 EUR' }) })).toBeVisible();
  await dialog.getByLabel(say('capture.partial')).check();
  await dialog.locator('#capture-amount').fill('70');
  await dialog.getByRole('button', { name: say('capture.submit_part') }).click();
  await expect(dialog.locator('.error-summary')).toBeVisible();
  await dialog.locator('#capture-amount').fill('45.00');
  await expect(dialog).toContainText('15.00 EUR');
  await axe(page);
  await dialog.getByRole('button', { name: say('capture.submit', { amount: '45.00 EUR' }) }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('.headline').getByText(say('status.payment.succeeded'))).toBeVisible();
  await expect(fact(page, say('payment.authorized'))).toHaveText('60.00 EUR');
  await expect(fact(page, say('payment.captured'))).toHaveText('45.00 EUR');
  await expect(fact(page, say('payment.released'))).toHaveText('15.00 EUR');
  await expect(page.getByText(say('timeline.authorization.rest', { amount: '15.00 EUR' }))).toBeVisible();
  await expect(page.getByRole('button', { name: say('capture.open'), exact: true })).toHaveCount(0);

  await page.getByRole('button', { name: say('refund.open') }).click();
  await expect(dialog).toContainText('45.00 EUR');
  await dialog.getByLabel(say('refund.partial')).check();
  await dialog.locator('#refund-amount').fill('5.00');
  await dialog.getByRole('button', { name: say('refund.submit', { amount: '5.00 EUR' }) }).click();
  await expect(page.locator('.headline').getByText(say('status.payment.partially_refunded'))).toBeVisible();
  await expect(fact(page, say('payment.refunded'))).toHaveText('5.00 EUR');

  await customer.goto(receipt);
  for (const part of ['60.00', '45.00', '15.00', '5.00', '40.00']) await expect(customer.locator('.totals')).toContainText(part);
  await desk.openMail(email, say('mail.authorized.subject', { merchant: shop.business, amount: '60.00 EUR' }));
  await desk.openMail(email, say('mail.receipt.subject', { merchant: shop.business, amount: '45.00 EUR' }));

  // The same in Persian.
  const url = desk.server.url;
  await page.context().addCookies([{ name: 'paydeck_lang', value: 'fa', url }]);
  await visit(page, page.url());
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(fact(page, say('payment.released', {}, 'fa'))).toContainText('15.00');
  await axe(page);
});

test('a release charges nobody, and the customer is told', async ({ desk }) => {
  test.setTimeout(200_000);
  const shop = await desk.newShop();
  const email = `${unique('void')}@customers.example`;
  const { page, customer, address, receipt } = await authorize(desk, shop, { amount: '30.00', email });
  await page.getByRole('button', { name: say('void.open'), exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(email);
  await axe(page);
  await dialog.getByRole('button', { name: say('void.submit', { amount: '30.00 EUR' }) }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('.headline').getByText(say('status.payment.canceled'))).toBeVisible();
  await expect(page.getByText(say('payment.cancellation.void'))).toBeVisible();
  await expect(fact(page, say('payment.released'))).toHaveText('30.00 EUR');
  await customer.goto(receipt);
  await expect(customer.getByRole('heading', { level: 1, name: say('receipt.released_title') })).toBeVisible();
  await axe(customer);
  await customer.goto(address);
  await expect(customer.getByRole('heading', { level: 1, name: say('checkout.canceled_title') })).toBeVisible();
  await desk.openMail(email, say('mail.authorization_released.subject', { merchant: shop.business, amount: '30.00 EUR' }));
});

test('an authorisation that ends soon is seen on the home page, and doubt on the payment’s', async ({ desk }) => {
  test.setTimeout(200_000);
  const shop = await desk.newShop();
  const email = `${unique('short')}@customers.example`;
  const { page } = await authorize(desk, shop, { amount: '20.00', email, number: CARDS.shortHold });
  await expect(page.locator('.banner-warning')).toContainText('20.00 EUR');
  const home = await desk.open(shop.state);
  await visit(home, at(shop, 'dashboard'));
  await expect(home.getByText(say('dashboard.attention.ending_authorizations', { count: 1 }))).toBeVisible();
  await desk.openMail(shop.owner.email, say('mail.authorization_ends.subject', { business: shop.business, amount: '20.00 EUR' }));

  const doubt = await authorize(desk, shop, { amount: '25.00', email: `${unique('doubt')}@customers.example`, number: CARDS.captureTimesOut });
  await doubt.page.getByRole('button', { name: say('capture.open'), exact: true }).click();
  await doubt.page.getByRole('dialog').getByRole('button', { name: say('capture.submit', { amount: '25.00 EUR' }) }).click();
  await expect(doubt.page.locator('.headline').getByText(say('status.payment.unknown'))).toBeVisible();
  await expect(doubt.page.getByText(say('payment.no_capture.unknown_outcome'))).toBeVisible();
  for (const button of [say('capture.open'), say('void.open'), say('refund.open')]) {
    await expect(doubt.page.getByRole('button', { name: button, exact: true })).toHaveCount(0);
  }
  // The reconciler finds out.
  await expect(async () => {
    await doubt.page.reload();
    await expect(doubt.page.locator('.headline').getByText(say('status.payment.succeeded'))).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 120_000, intervals: [2_000] });
});
