import {
  type Page, CARDS, at, axe, connectSandbox, expect, expectReceipt, pay, paymentsOf, say, startCheckout, test, unique, visit,
} from '../fixtures/index.ts';

// A merchant sends payments where they want them: rules, the simulator, the reason on the payment, and who is asked next.

const fact = (page: Page, term: string) =>
  page.locator('dl.kv > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${term}$`) }) }).locator('dd');

const rule = (page: Page, number: number, lang: 'en' | 'fa' = 'en') =>
  page.getByRole('group', { name: say('routing.rule_number', { number }, lang), exact: true });

test('rules decide, the simulator agrees, and the payment says why', async ({ desk }) => {
  test.setTimeout(240_000);
  desk.guard.allow(/answer 422: POST .*\/api\/routing\/(save|simulate)/);
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await connectSandbox(page, shop, 'Second sandbox');
  await visit(page, at(shop, 'routing'));
  await expect(page.getByText(say('routing.no_rules'))).toBeVisible();
  await axe(page);

  // A rule without a name and a connection is told so, and nothing typed is lost.
  await page.getByRole('button', { name: say('routing.add_rule') }).click();
  await rule(page, 1).getByRole('button', { name: say('routing.add_condition') }).click();
  await page.locator('#rules-0-when-0-field').selectOption('amount_at_least');
  await page.locator('#rules-0-when-0-key').fill('EUR');
  await page.locator('#rules-0-when-0-value').fill('4x');
  await page.getByRole('button', { name: say('routing.save') }).click();
  await expect(page.locator('#errors')).toBeFocused();
  await expect(page.locator('#rules-0-name')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#rules-0-when-0-value')).toHaveValue('4x');
  await axe(page);
  await page.locator('#rules-0-when-0-value').fill('40');
  await page.locator('#rules-0-name').fill('Large ones');
  await rule(page, 1).getByRole('button', { name: say('routing.add_target') }).click();
  await page.locator('#rules-0-targets-0-connection').selectOption({ label: 'Second sandbox' });
  await page.locator('#note').fill('Cheaper for large amounts');

  // Played through before it is saved.
  const simulator = page.getByRole('region', { name: say('routing.simulate') });
  await page.locator('#simulation-amount').fill('39.99');
  await simulator.getByRole('button', { name: say('routing.simulate_run') }).click();
  await expect(simulator.getByText(say('routing.not_met', { field: say('routing.field.amount_at_least') }))).toBeVisible();
  await page.locator('#simulation-amount').fill('48');
  await simulator.getByRole('button', { name: say('routing.simulate_run') }).click();
  await expect(simulator.locator('.rule-order li').first()).toHaveText('Second sandbox');
  await page.getByRole('button', { name: say('routing.save') }).click();
  await expect(page.getByText(say('routing.saved', { version: 1 })).first()).toBeVisible();
  await expect(page.getByRole('region', { name: say('routing.versions') }).getByText('Cheaper for large amounts')).toBeVisible();

  const customer = await desk.open();
  const email = `${unique('routed')}@customers.example`;
  await startCheckout(customer, shop.link);
  await pay(customer, { email, number: CARDS.good });
  await expectReceipt(customer);
  await (await paymentsOf(page, shop, email)).getByRole('link').click();
  await page.waitForURL(/\/payments\/pi_/);
  await expect(fact(page, say('routing.why'))).toContainText(say('routing.why_rule', { rule: 'Large ones', version: 1 }));
  await expect(fact(page, say('attempt.gateway'))).toHaveText('Second sandbox');
  await axe(page);

  // A gateway's fault goes to the next one within the same click; the payment shows both turns.
  const unlucky = `${unique('fault')}@customers.example`;
  await startCheckout(customer, shop.link);
  await pay(customer, { email: unlucky, number: CARDS.processingError });
  await expect(customer.locator('#switched, #declined')).toBeVisible();
  await axe(customer);
  await pay(customer, { number: CARDS.good });
  await expectReceipt(customer);
  await (await paymentsOf(page, shop, unlucky)).getByRole('link').click();
  await page.waitForURL(/\/payments\/pi_/);
  await expect(page.getByText(say('routing.why_turn', { turn: 2 }))).toBeVisible();

  // What the last month would have looked like, and an old version brought back.
  await visit(page, at(shop, 'routing'));
  const month = page.getByRole('region', { name: say('routing.replay') });
  await month.getByRole('button', { name: say('routing.replay_run') }).click();
  await expect(month.locator('tbody tr').filter({ hasText: 'Second sandbox' })).toBeVisible();
  await page.getByRole('button', { name: say('routing.rule_remove', { number: 1 }) }).click();
  await page.getByRole('button', { name: say('routing.save') }).click();
  await expect(page.getByText(say('routing.saved', { version: 2 })).first()).toBeVisible();
  await page.getByRole('button', { name: say('routing.revert_to', { version: 1 }) }).click();
  await expect(page.getByText(say('routing.reverted', { version: 1 }))).toBeVisible();
  await expect(page.locator('#rules-0-name')).toHaveValue('Large ones');
  await axe(page);

  // The same in Persian.
  await page.context().addCookies([{ name: 'paydeck_lang', value: 'fa', url: desk.server.url }]);
  await visit(page, at(shop, 'routing'));
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(rule(page, 1, 'fa')).toBeVisible();
  await axe(page);
});

test('a rule that refuses a payment says so without a reason', async ({ desk }) => {
  test.setTimeout(120_000);
  desk.guard.allow(/answer 422: POST .*\/c\//);
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'routing'));
  await page.getByRole('button', { name: say('routing.add_rule') }).click();
  await page.locator('#rules-0-name').fill('No American Express');
  await rule(page, 1).getByRole('button', { name: say('routing.add_condition') }).click();
  await page.locator('#rules-0-when-0-field').selectOption('brand');
  await page.locator('#rules-0-when-0-value').fill('amex');
  await page.locator('#rules-0-action').selectOption('block');
  await page.getByRole('button', { name: say('routing.save') }).click();
  await expect(page.getByText(say('routing.saved', { version: 1 })).first()).toBeVisible();
  const customer = await desk.open();
  await startCheckout(customer, shop.link);
  const email = `${unique('amex')}@customers.example`;
  await pay(customer, { email, number: CARDS.amex, code: '1234' });
  await expect(customer.getByText(say('problem.payment_blocked')).first()).toBeVisible();
  await expect(customer.locator('#email')).toHaveValue(email);
  await axe(customer);
  await pay(customer, { number: CARDS.good });
  await expectReceipt(customer);
});

test('a rule about the country asks for it, and one that goes by success rates says what it went by', async ({ desk }) => {
  test.setTimeout(180_000);
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await connectSandbox(page, shop, 'Second sandbox');
  await visit(page, at(shop, 'routing'));
  await page.getByRole('button', { name: say('routing.add_rule') }).click();
  await page.locator('#rules-0-name').fill('Austria');
  await rule(page, 1).getByRole('button', { name: say('routing.add_condition') }).click();
  await page.locator('#rules-0-when-0-field').selectOption('country');
  await page.locator('#rules-0-when-0-value').fill('AT');
  await rule(page, 1).getByRole('button', { name: say('routing.add_target') }).click();
  await page.locator('#rules-0-targets-0-connection').selectOption({ label: 'Second sandbox' });
  await page.locator('#rules-0-action').selectOption('learn');
  await expect(page.locator('#rules-0-explore')).toHaveValue('5');
  await axe(page);
  await page.getByRole('button', { name: say('routing.save') }).click();
  await expect(page.getByText(say('routing.saved', { version: 1 })).first()).toBeVisible();

  // Another country asks for the page again, and what was typed is there still.
  const customer = await desk.open();
  const email = `${unique('austria')}@customers.example`;
  await startCheckout(customer, shop.link);
  await customer.locator('#email').fill(email);
  await customer.locator('#country').selectOption('AT');
  await customer.waitForURL(/\?country=AT$/);
  await expect(customer.locator('#country')).toHaveValue('AT');
  await expect(customer.locator('#email')).toHaveValue(email);
  await axe(customer);
  await pay(customer, { number: CARDS.good });
  await expectReceipt(customer);
  await (await paymentsOf(page, shop, email)).getByRole('link').click();
  await page.waitForURL(/\/payments\/pi_/);
  await expect(fact(page, say('routing.why'))).toContainText(say('routing.why_learned', { rule: 'Austria', version: 1 }));
  await expect(fact(page, say('attempt.gateway'))).toHaveText('Second sandbox');
  await axe(page);
});
