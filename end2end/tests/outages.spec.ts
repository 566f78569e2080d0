import { at, axe, axeBoth, buy, expect, type Language, say, startCheckout, test, unique, visit } from '../fixtures/index.ts';

// Times without a gateway: what the operator plans, and what a customer is told. On a server of its own: no other test's payments go
// where none shall.
test.use({ settings: { PAYDECK_SANDBOX_LIVE: '0' } });

/** A moment in UTC as a field takes it, some hours from now. */
const utc = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 16);

test('the operator plans maintenance, checkout says so and takes the address of whoever waits', async ({ desk }) => {
  test.setTimeout(240_000);
  const shop = await desk.newShop();
  const email = `${unique('waits')}@customers.example`;
  const paying = await desk.open();
  await buy(paying, shop.link, { email });
  const card = say('gateway.method.card');

  const admin = await desk.openIn('en', await desk.adminState());
  await visit(admin, '/admin');
  await admin.getByRole('link', { name: say('outages.title'), exact: true }).click();
  await expect(admin.getByRole('heading', { level: 1, name: say('outages.title') })).toBeVisible();
  await expect(admin.getByText(say('outages.alerts_none'))).toBeVisible();
  desk.guard.allow(/answer 422: POST .*\/api\/admin\/admin_plan_maintenance/);
  await admin.locator('#from').fill('2020-01-02T10:00');
  await admin.locator('#until').fill('2020-01-02T11:00');
  await admin.getByRole('button', { name: say('outages.plan') }).click();
  await expect(admin.locator('#until-error')).toContainText(say('problem.end_in_the_past'));
  await expect(admin.locator('#provider-error')).toBeVisible();
  await expect(admin.locator('#from')).toHaveValue('2020-01-02T10:00');
  await axe(admin);
  await admin.locator('#provider').selectOption('sandbox');
  await admin.locator('#from').fill(utc(-1));
  await admin.locator('#until').fill(utc(5));
  await admin.getByRole('button', { name: say('outages.plan') }).click();
  const planned = admin.getByRole('region', { name: say('outages.windows'), exact: true }).locator('tbody tr');
  await expect(planned).toHaveCount(1);
  await expect(planned).toContainText(say('maintenance.running'));
  await axeBoth(admin, 'en');

  // The merchant is told, and the day of the chart is marked.
  const page = await desk.openIn('en', shop.state);
  await visit(page, at(shop, 'gateways'));
  await expect(page.getByRole('region', { name: 'Sandbox', exact: true })).toContainText(say('maintenance.badge', { until: '' }).trim());
  await visit(page, at(shop, 'dashboard'));
  await expect(page.getByText(say('chart.maintained'))).toBeVisible();
  await axeBoth(page, 'en');

  // The customer is told too, without scripts, and may ask for a mail.
  const fa: Language = 'fa';
  const customer = await desk.open(undefined, { javaScriptEnabled: false });
  const checkout = await startCheckout(customer, shop.link);
  await expect(customer.getByRole('heading', { name: say('checkout.unavailable_title') })).toBeVisible();
  await expect(customer.locator('.banner-warning')).toContainText(`${card}:`);
  desk.guard.allow(/answer 422: POST .*\/c\//);
  await customer.locator('#notice_email').fill('nonsense');
  await customer.getByRole('button', { name: say('checkout.away_send') }).click();
  await expect(customer.locator('#notice_email-error')).toBeVisible();
  await expect(customer.locator('#notice_email')).toHaveValue('nonsense');
  await customer.locator('#notice_email').fill(email);
  await customer.getByRole('button', { name: say('checkout.away_send') }).click();
  await expect(customer.getByText(say('checkout.away_told'))).toBeVisible();
  for (const language of ['en', fa] as const) {
    const looking = await desk.openIn(language);
    await looking.goto(checkout);
    await expect(looking.getByRole('button', { name: say('checkout.away_send', {}, language) })).toBeVisible();
    await axeBoth(looking, language);
  }

  // In Persian it ends.
  await admin.context().addCookies([{ name: 'paydeck_lang', value: fa, url: desk.server.url }]);
  await visit(admin, '/admin/gateways');
  await expect(admin.locator('html')).toHaveAttribute('dir', 'rtl');
  await axe(admin);
  await admin.getByRole('button', { name: say('outages.end', {}, fa) }).click();
  await expect(admin.getByText(say('maintenance.none', {}, fa))).toBeVisible();
  await customer.goto(checkout);
  await expect(customer.locator('.pay-button')).toBeVisible();
  await expect(customer.locator('.banner-warning')).toHaveCount(0);
});
