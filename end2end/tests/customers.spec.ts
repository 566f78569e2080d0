import { type Language, type Page, at, axeBoth, expect, fillCard, say, test, unique, visit } from '../fixtures/index.ts';

// A customer agrees to have their card kept and pays with it again; the merchant finds them, charges the card, and takes it away.

const CARD = 'Visa •••• 4242';

/** From a payment link to its checkout page, in a language. */
async function toCheckout(page: Page, link: string, language: Language): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name: say('link.continue', {}, language) }).click();
  await page.waitForURL(/\/c\/[^/]+$/);
}

/** What the checkout page offers of what was kept. */
const offered = (page: Page) => page.locator('input[type=radio][value^="pm_"]');

for (const language of ['en', 'fa'] as const) {
  test(`a card that is kept, charged and taken away: ${language}`, async ({ desk }) => {
    test.setTimeout(240_000);
    desk.guard.allow(/answer 422: POST .*\/api\/customers\/charge/);
    const word = (key: string, values: Record<string, string | number> = {}) => say(key, values, language);
    const shop = await desk.newShop();
    const email = `${unique('keeper')}@customers.example`;
    const page = await desk.openIn(language, shop.state);
    await visit(page, at(shop, 'dashboard'));
    await page.getByRole('link', { name: word('nav.customers'), exact: true }).click();
    await expect(page.getByText(word('customers.none_text'))).toBeVisible();

    const customer = await desk.openIn(language);
    await toCheckout(customer, shop.link, language);
    await expect(offered(customer)).toHaveCount(0);
    await fillCard(customer, { email });
    await customer.locator('input[name="save"]').check();
    await axeBoth(customer, language);
    await customer.locator('.pay-button').click();
    await customer.waitForURL(/\/r\//);
    // The same browser is offered it, and no other.
    await toCheckout(customer, shop.link, language);
    await offered(customer).check();
    await axeBoth(customer, language);
    await customer.locator('.pay-button').click();
    await customer.waitForURL(/\/r\//);
    const stranger = await desk.openIn(language);
    await toCheckout(stranger, shop.link, language);
    await expect(offered(stranger)).toHaveCount(0);

    await visit(page, at(shop, 'customers'));
    await expect(page.locator('tbody tr')).toHaveCount(1);
    await page.getByText(word('customers.find'), { exact: true }).click();
    await page.locator('#filter-email').fill('nobody@customers.example');
    await page.getByRole('button', { name: word('filter.apply') }).click();
    await expect(page.getByText(word('customers.no_match'))).toBeVisible();
    await visit(page, at(shop, `customers?email=${encodeURIComponent(email)}`));
    await axeBoth(page, language);
    await page.getByRole('link', { name: email, exact: true }).click();
    await page.waitForURL(/\/customers\/cus_/);
    const place = page.url();
    await expect(page.getByRole('heading', { level: 1, name: email })).toBeVisible();
    const kept = page.getByRole('region', { name: CARD });
    // The words that the customer saw, and the connection that knows the card.
    await expect(kept.locator('blockquote')).toContainText(/\S/);
    await expect(kept).toContainText('Sandbox');

    // What is wrong stands beside its field, and what was typed stays.
    await kept.getByRole('button', { name: word('customers.charge_which', { method: CARD }) }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText(email);
    await dialog.locator('#charge-amount').fill('much');
    await dialog.locator('#charge-currency').selectOption('EUR');
    await dialog.locator('#charge-description').fill('June');
    await dialog.locator('button[type=submit]').click();
    await expect(dialog.locator('#charge-amount-error')).toBeVisible();
    await expect(dialog.locator('#charge-description')).toHaveValue('June');
    await axeBoth(page, language);
    await dialog.locator('#charge-amount').fill('5.00');
    await dialog.getByRole('button', { name: word('customers.charge_submit', { amount: '5.00 EUR' }) }).click();
    await page.waitForURL(/\/payments\/pi_/);
    await expect(page.locator('.headline')).toContainText('5.00');
    await expect(page.locator('.headline').getByText(word('status.payment.succeeded'))).toBeVisible();

    // All three are theirs.
    await visit(page, place);
    await page.getByRole('link', { name: word('customers.payments') }).click();
    await expect(page.locator('tbody tr')).toHaveCount(3);

    await visit(page, place);
    await kept.getByRole('button', { name: word('customers.remove_which', { method: CARD }) }).click();
    await expect(dialog).toContainText(word('customers.remove_text'));
    await axeBoth(page, language);
    await dialog.getByRole('button', { name: word('customers.remove'), exact: true }).click();
    await expect(page.getByText(word('customers.no_methods'))).toBeVisible();
    await expect(kept).toHaveCount(0);
    await axeBoth(page, language);
    await toCheckout(customer, shop.link, language);
    await expect(offered(customer)).toHaveCount(0);

    // The customer can do it too, on the receipt.
    await fillCard(stranger, { email: `${unique('leaver')}@customers.example` });
    await stranger.locator('input[name="save"]').check();
    await stranger.locator('.pay-button').click();
    await stranger.waitForURL(/\/r\//);
    await axeBoth(stranger, language);
    await stranger.getByRole('button', { name: word('receipt.forget'), exact: true }).click();
    await expect(stranger.getByRole('button', { name: word('receipt.forget'), exact: true })).toHaveCount(0);
    await stranger.waitForURL(/\/r\//);
    await toCheckout(stranger, shop.link, language);
    await expect(offered(stranger)).toHaveCount(0);
  });
}
