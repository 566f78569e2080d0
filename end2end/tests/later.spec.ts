import { type Desk, CARDS, at, axe, buy, expect, pay, paymentsOf, say, startCheckout, test, unique, visit } from '../fixtures/index.ts';

// What a gateway only knows later. The sandbox takes half a minute and more for it, so these customers wait side by side.
test('what becomes clear later: funds, an answer that never came, a refund that the bank sends back', async ({ desk }) => {
  test.setTimeout(400_000);
  await desk.shop();
  await Promise.all([fundsArriveLater(desk), noAnswer(desk), refundFailsLater(desk)]);
});

/** The page says so, refreshes itself and ends at the receipt. */
async function fundsArriveLater(desk: Desk): Promise<void> {
  const shop = await desk.shop();
  const page = await desk.open();
  await startCheckout(page, shop.link);
  await pay(page, { email: `${unique('later')}@customers.example`, number: CARDS.settlesLater });
  await expect(page.getByRole('heading', { level: 1, name: say('checkout.settling_title') })).toBeVisible();
  await lookAtStill(desk, page.url());
  await page.waitForURL(/\/r\//, { timeout: 120_000 });
  await expect(page.getByRole('heading', { level: 1, name: say('receipt.paid_title') })).toBeVisible();
}

/** The sandbox charged and said nothing: nothing is charged again while the reconciler finds out. */
async function noAnswer(desk: Desk): Promise<void> {
  const shop = await desk.shop();
  const page = await desk.open();
  const email = `${unique('unknown')}@customers.example`;
  const address = await startCheckout(page, shop.link);
  await pay(page, { email, number: CARDS.timesOut });
  await expect(page.getByRole('heading', { level: 1, name: say('checkout.unknown_title') })).toBeVisible();
  await lookAtStill(desk, address);
  const merchant = await desk.open(shop.state);
  await expect(await paymentsOf(merchant, shop, email)).toHaveCount(1);
  await page.waitForURL(/\/r\//, { timeout: 120_000 });
  await page.goto(address);
  await page.waitForURL(/\/r\//);
  const rows = await paymentsOf(merchant, shop, email);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(say('status.payment.succeeded'));
}

/** The merchant is told, and the ledger takes the refund back. */
async function refundFailsLater(desk: Desk): Promise<void> {
  const shop = await desk.shop();
  const customer = await desk.open();
  const email = `${unique('returned')}@customers.example`;
  await buy(customer, shop.link, { email, number: CARDS.refundFailsLater });
  const page = await desk.open(shop.state);
  await visit(page, at(shop, `payments?email=${email}`));
  await page.locator('tbody').getByRole('link').click();
  await page.getByRole('button', { name: say('refund.open') }).click();
  await page.getByRole('dialog').getByRole('button', { name: say('refund.submit', { amount: '48.00 EUR' }) }).click();
  const headline = page.locator('.headline');
  await expect(headline.getByText(say('status.payment.refunded'), { exact: true })).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(headline.getByText(say('status.payment.succeeded'), { exact: true })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 120_000, intervals: [2_000] });
  await expect(page.getByText(say('refund.failure.bank_returned')).first()).toBeVisible();
  await expect(page.getByText(say('ledger.journal.refund_reversal')).first()).toBeVisible();
  await axe(page);
}

/** Asks axe about a page that waits. */
async function lookAtStill(desk: Desk, address: string): Promise<void> {
  const page = await desk.open();
  await page.goto(address);
  await axe(page);
}
