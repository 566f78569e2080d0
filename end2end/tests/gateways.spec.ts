import { alive, at, axe, buy, expect, type Language, say, test, visit } from '../fixtures/index.ts';

test('a gateway’s pages: its health, a window of maintenance, and an inbox that is empty', async ({ desk, page: customer }) => {
  const shop = await desk.newShop();
  await buy(customer, shop.link, { email: 'ada@customers.example' });
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'gateways'));
  const card = page.getByRole('region', { name: 'Sandbox', exact: true });
  await expect(card).toContainText(say('gateway.capability.partial_refund'));
  await card.getByRole('link', { name: say('gateways.tab_health') }).click();
  await page.waitForURL(/\/gateways\/[^/]+\/health$/);
  await alive(page);
  await expect(page.getByRole('heading', { level: 1, name: say('health.title') })).toBeVisible();
  const calls = page.getByRole('region', { name: say('health.calls_title') }).locator('tbody tr');
  await expect(calls).toHaveCount(3);
  await expect(calls.last()).toContainText(say('health.window_day'));
  await expect(page.getByText(say('health.flowing'))).toBeVisible();
  await axe(page);

  // What can't be a window is told beside the field, and what was typed stays.
  desk.guard.allow(/answer 422: POST .*\/api\/gateways\/maintenance\/save/);
  await page.locator('#from').fill('2020-01-02T10:00');
  await page.locator('#until').fill('2020-01-02T11:00');
  await page.getByRole('button', { name: say('maintenance.save') }).click();
  await expect(page.locator('#until-error')).toContainText(say('problem.end_in_the_past'));
  await expect(page.locator('#from')).toHaveValue('2020-01-02T10:00');
  await axe(page);

  await page.getByRole('button', { name: say('maintenance.now') }).click();
  await expect(page.getByText(say('maintenance.saved'))).toBeVisible();
  await expect(page.getByText(say('maintenance.running'), { exact: true })).toBeVisible();
  const health = page.url();
  await visit(page, at(shop, 'gateways'));
  await expect(card).toContainText(say('maintenance.badge', { until: '' }).trim());
  await visit(page, health);
  await page.getByRole('button', { name: say('maintenance.remove') }).click();
  await expect(page.getByText(say('maintenance.none'))).toBeVisible();

  await page.getByRole('navigation', { name: say('gateways.pages') }).getByRole('link', { name: say('gateways.tab_events') }).click();
  await page.waitForURL(/\/gateways\/[^/]+\/events$/);
  await alive(page);
  await expect(page.getByRole('heading', { level: 1, name: say('inbox.title') })).toBeVisible();
  await expect(page.getByRole('heading', { name: say('inbox.none_sent') })).toBeVisible();
  await axe(page);
  const events = page.url();
  await page.getByRole('navigation', { name: say('inbox.views') }).getByRole('link', { name: say('inbox.shown.refused') }).click();
  await expect(page).toHaveURL(/status=refused/);
  await expect(page.getByRole('heading', { name: say('inbox.no_match') })).toBeVisible();
  await page.getByRole('link', { name: say('filter.clear') }).click();
  await expect(page.getByRole('heading', { name: say('inbox.none_sent') })).toBeVisible();

  // The same in Persian.
  const fa: Language = 'fa';
  await page.context().addCookies([{ name: 'paydeck_lang', value: fa, url: events }]);
  await visit(page, events);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.getByRole('heading', { level: 1, name: say('inbox.title', {}, fa) })).toBeVisible();
  await axe(page);
  await visit(page, health);
  await expect(page.getByRole('heading', { level: 1, name: say('health.title', {}, fa) })).toBeVisible();
  await expect(page.getByRole('button', { name: say('maintenance.now', {}, fa) })).toBeVisible();
  await axe(page);
});
