import {
  CARDS, Desk, Guard, Server, alive, apply, approve, at, axe, buy, connectSandbox, expect, makeLink, paymentsOf, person, say, test, visit,
} from '../fixtures/index.ts';

// The job that Paydeck is for, from an empty machine to a refunded payment, on a server and a database of its own.
test('from an empty machine to a refunded payment', { tag: '@engines' }, async ({ engine, browser }) => {
  test.setTimeout(400_000);
  const server = await Server.start(engine);
  const guard = new Guard(server.url);
  const desk = new Desk(server, browser, guard, {});
  try {
    await loop(desk);
    await desk.close();
    await server.finish();
  } catch (error) {
    await test.info().attach('server.log', { body: server.output, contentType: 'text/plain' });
    throw error;
  } finally {
    await server.stop();
  }
  expect(guard.complaints()).toEqual([]);
});

async function loop(desk: Desk): Promise<void> {
  // The first admin, by the link that the server printed; it works once.
  const operator = await desk.admin();
  await visit(operator, '/admin');
  await expect(operator.getByRole('heading', { level: 1, name: say('admin.home') })).toBeVisible();
  const late = await desk.open();
  const answer = await late.goto(desk.server.firstAdminLink());
  expect(answer?.status()).toBe(410);

  // A merchant signs up and confirms the address by the mail that the operator's outbox holds.
  const owner = person('Ada Seller');
  const page = await desk.open();
  await desk.signUp(page, owner, 'Harbour Books');
  const merchant = { id: await desk.verify(page, owner), business: 'Harbour Books', owner, state: {} as never };
  await expect(page.getByText(say('banner.test'))).toBeVisible();
  await expect(page.getByRole('heading', { name: say('dashboard.setup') })).toBeVisible();

  // The application, with documents; the operator finds it in the queue and approves it.
  await apply(page, merchant);
  await visit(operator, '/admin/applications');
  await operator.getByRole('link', { name: 'Harbour Books' }).click();
  await expect(operator.getByText('DE136695976')).toBeVisible();
  await approve(operator, merchant);
  const told = await desk.openMail(owner.email, say('mail.application_approved.subject', { business: 'Harbour Books' }));
  await expect(told.getByText(owner.name)).toBeVisible();
  await page.goto(`/onboarding?m=${merchant.id}`);
  await expect(page.getByText(say('onboarding.status.approved.title'))).toBeVisible();

  // The sandbox, a test of the connection, and a link.
  await connectSandbox(page, merchant, 'Our sandbox');
  const card = page.getByRole('region', { name: 'Our sandbox' });
  await card.getByRole('button', { name: say('gateways.test') }).click();
  await expect(card.getByText(say('gateway.test.ok'))).toBeVisible();
  const link = await makeLink(page, merchant, { title: 'Field guide to gulls', amount: '48.00' });

  // A customer pays.
  const customer = await desk.open();
  const email = 'grace@customers.example';
  const receipt = await buy(customer, link, { email, number: CARDS.good });
  await expect(customer.getByText('48.00 EUR').first()).toBeVisible();
  await axe(customer);

  // The merchant sees it in the list and in full.
  const rows = await paymentsOf(page, merchant, email);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('48.00 EUR');
  await expect(rows).toContainText(say('status.payment.succeeded'));
  await expect(rows).toContainText('4242');
  await alive(page);
  await rows.getByRole('link').click();
  await page.waitForURL(/\/payments\/pi_/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('48.00 EUR');
  const fact = (term: string) => page.locator('dl.kv > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${term}$`) }) }).locator('dd').first();
  await expect(fact(say('payment.fee'))).toHaveText('1.69 EUR');
  await expect(fact(say('payment.net'))).toHaveText('46.31 EUR');
  await expect(page.getByText(say('timeline.attempt.succeeded', { connection: 'Our sandbox', amount: '48.00 EUR', fee: '1.69 EUR' }))).toBeVisible();
  await expect(page.getByRole('region', { name: say('payment.ledger') }).getByRole('row')).not.toHaveCount(0);

  // Part of it goes back. The dialog restates payer and amount; the whole is preset, a part has to be chosen.
  await page.getByRole('button', { name: say('refund.open') }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(email);
  await expect(dialog).toContainText('48.00 EUR');
  await dialog.getByLabel(say('refund.partial')).check();
  await dialog.locator('#refund-amount').fill('18.00');
  await dialog.locator('#refund-reason').selectOption('requested_by_customer');
  await dialog.locator('#refund-note').fill('Two pages were torn.');
  await dialog.getByRole('button', { name: say('refund.submit', { amount: '18.00 EUR' }) }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('.headline').getByText(say('status.payment.partially_refunded'))).toBeVisible();
  await expect(fact(say('payment.refunded'))).toHaveText('18.00 EUR');
  await expect(fact(say('payment.net'))).toHaveText('28.31 EUR');
  await expect(page.getByText('Two pages were torn.')).toBeVisible();
  await page.getByRole('button', { name: say('refund.open') }).click();
  await expect(dialog).toContainText('30.00 EUR');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  // The customer's receipt tells of it, and so do the mails.
  await customer.goto(receipt);
  await expect(customer.getByRole('heading', { level: 1, name: say('receipt.refunded_part') })).toBeVisible();
  await expect(customer.locator('.totals')).toContainText('18.00 EUR');
  await expect(customer.locator('.totals')).toContainText('30.00 EUR');
  await desk.openMail(email, say('mail.receipt.subject', { merchant: 'Harbour Books', amount: '48.00 EUR' }));
  await desk.openMail(email, say('mail.refund.subject', { merchant: 'Harbour Books', amount: '18.00 EUR' }));

  // The dashboard and the list of refunds show the numbers.
  await visit(page, at(merchant, 'refunds'));
  await expect(page.getByRole('row').filter({ hasText: email })).toContainText('18.00 EUR');
  await visit(page, at(merchant, 'dashboard'));
  const block = page.getByRole('region', { name: say('dashboard.block', { currency: 'EUR' }) });
  await expect(block.locator('.stat').filter({ hasText: say('dashboard.volume') })).toContainText('48.00 EUR');
  await expect(block.locator('.stat').filter({ hasText: say('dashboard.refunds') })).toContainText('18.00 EUR');
}
