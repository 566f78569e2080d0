import { at, alive, axe, beginning, buy, expect, say, test, unique, visit } from '../fixtures/index.ts';

const named = (key: string, language: 'en' | 'fa' = 'en') => say('page.title', { page: say(key, {}, language) }, language);

test('the title says that a form has errors until it is corrected', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  const page = await desk.open(merchant.state);
  desk.guard.allow(/answer 422: POST .*\/api\//);
  await visit(page, at(merchant, 'settings/profile'));
  await expect(page).toHaveTitle(named('settings.profile'));
  const name = await page.locator('#name').inputValue();
  await page.locator('#name').fill('');
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(page.locator('#name-error')).toBeVisible();
  await expect(page).toHaveTitle(say('page.error_title', { page: named('settings.profile') }));
  await page.locator('#name').fill(name);
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(page.locator('#notice')).toBeVisible();
  await expect(page).toHaveTitle(named('settings.profile'));

  // Leaving a form with errors leaves them behind.
  await page.locator('#name').fill('');
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(page).toHaveTitle(say('page.error_title', { page: named('settings.profile') }));
  await page.getByRole('link', { name: say('nav.refunds') }).click();
  await expect(page).toHaveTitle(named('refunds.title'));

  // A filter that can't be read is told by the server's own page, before any script runs.
  const html = await (await page.request.get(at(merchant, 'payments?min=cheap'))).text();
  expect(html).toContain(`<title>${say('page.error_title', { page: named('payments.title') })}</title>`);

  await page.context().addCookies([{ name: 'paydeck_lang', value: 'fa', url: page.url() }]);
  await visit(page, at(merchant, 'settings/profile'));
  await page.locator('#name').fill('');
  await page.getByRole('button', { name: say('form.save', {}, 'fa') }).click();
  await expect(page).toHaveTitle(say('page.error_title', { page: named('settings.profile', 'fa') }, 'fa'));
});

test('the menu of whoever is logged in leads to the personal settings', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  for (const [page, start] of [[await desk.open(merchant.state), at(merchant, 'dashboard')], [await desk.admin(), '/admin']] as const) {
    await visit(page, start);
    for (const [key, address] of [['settings.profile', /\/profile$/], ['settings.password', /\/password$/], ['settings.sessions', /\/sessions$/]] as const) {
      await page.locator('.topbar details.menu > summary').click();
      await page.locator('.topbar .menu-panel').getByRole('link', { name: say(key), exact: true }).click();
      await expect(page).toHaveURL(address);
      await expect(page.getByRole('heading', { level: 1, name: say(key) })).toBeVisible();
      await expect(page.locator('.topbar details.menu')).not.toHaveAttribute('open');
    }
  }
});

test("times are shown on the merchant's clocks, in UTC on hover and focus, and days are cut there", async ({ desk, page: customer }) => {
  const shop = await desk.newShop();
  await buy(customer, shop.link, { email: `${unique('late')}@customers.example` });
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'payments'));
  await expect(page.locator('.frame-foot')).toContainText('UTC');

  // Kiritimati is fourteen hours ahead: often on another day.
  const zone = 'Pacific/Kiritimati';
  await visit(page, at(shop, 'settings/business'));
  await page.locator('#timezone').selectOption(zone);
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(page.locator('#notice')).toBeVisible();
  await expect(page.locator('.frame-foot')).toContainText(zone);

  const check = async () => {
    const time = page.locator('tbody time').first();
    const at = new Date((await time.getAttribute('datetime'))!);
    const clock = (timeZone: string) => new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);
    const title = (await time.getAttribute('title'))!;
    expect(title).toContain(`${clock(zone)} ${zone}`);
    expect(title).toContain(`${clock('UTC')} UTC`);
    await expect(page.locator('.frame-foot')).toContainText(zone);
    return at;
  };
  // After going there, and after loading the page anew.
  await page.getByRole('link', { name: say('nav.payments'), exact: true }).click();
  const paidAt = await check();
  await page.reload();
  await alive(page);
  await check();
  await page.locator('tbody .row-link').first().focus();
  const shown = await page.locator('tbody time').first().evaluate((time) => getComputedStyle(time, '::after').content);
  expect(shown).toContain('UTC');
  await axe(page);

  const day = (timeZone: string, at: Date) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(at);
  const there = day(zone, paidAt);
  await page.locator('.toolbar summary').click();
  await expect(page.locator('.menu-form')).toContainText(beginning('payments.filter_days'));
  await page.locator('#filter-from').fill(there);
  await page.locator('#filter-to').fill(there);
  await page.getByRole('button', { name: say('filter.apply') }).click();
  await expect(page).toHaveURL(/from=/);
  await expect(page.locator('tbody tr')).toHaveCount(1);
  const before = day('UTC', new Date(Date.parse(`${there}T00:00:00Z`) - 86_400_000));
  await visit(page, at(shop, `payments?from=${before}&to=${before}`));
  await expect(page.getByText(say('payments.no_match'))).toBeVisible();

  // A click on the time opens the row, as one beside it does; the payment's page names the zone.
  await visit(page, at(shop, 'payments'));
  await page.locator('tbody time').first().click();
  await page.waitForURL(/\/payments\/pi_/);
  await expect(page.locator('dd time').first()).toContainText(zone);
  await expect(page.locator('dd time').first()).toHaveAttribute('title', /UTC$/);
  await axe(page);
});

test('a line of a checkout session can be taken away anywhere', async ({ desk }) => {
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  desk.guard.allow(/answer 422: POST .*\/api\//);
  await visit(page, at(shop, 'checkout-sessions/new'));
  await page.locator('#currency').selectOption('EUR');
  const line = (n: number) => page.getByRole('group', { name: say('sessions.item_number', { number: n }), exact: true });
  const remove = (n: number) => page.getByRole('button', { name: say('sessions.remove_item', { number: n }), exact: true });
  const fill = async (n: number, name: string, price: string) => {
    await line(n).getByLabel(say('sessions.item_name')).fill(name);
    await line(n).getByLabel(say('sessions.item_price')).fill(price);
  };
  await expect(remove(1)).toBeHidden();
  await fill(1, 'Tide table', '12.50');
  for (const [n, name, price] of [[2, 'Postage', '4.90'], [3, 'Chart', 'much'], [4, 'Compass', '31']] as const) {
    await page.getByRole('button', { name: say('sessions.add_item') }).click();
    await expect(line(n).getByLabel(say('sessions.item_name'))).toBeFocused();
    await fill(n, name, price);
  }
  // The second goes: the others keep what was typed, and the one in its place has the focus.
  await remove(2).click();
  await expect(line(2).getByLabel(say('sessions.item_name'))).toBeFocused();
  await expect(line(4)).toHaveCount(0);
  for (const [n, name, price] of [[1, 'Tide table', '12.50'], [2, 'Chart', 'much'], [3, 'Compass', '31']] as const) {
    await expect(line(n).getByLabel(say('sessions.item_name'))).toHaveValue(name);
    await expect(line(n).getByLabel(say('sessions.item_price'))).toHaveValue(price);
  }
  // What is wrong stands beside the line that it is about, also after another line has gone.
  await page.getByRole('button', { name: say('sessions.create') }).click();
  const wrong = page.locator('.field-error');
  await expect(wrong).toHaveCount(1);
  await expect(line(2).locator('.field-error')).toBeVisible();
  await axe(page);
  await remove(1).click();
  await expect(line(1).locator('.field-error')).toBeVisible();
  await expect(line(1).getByLabel(say('sessions.item_name'))).toHaveValue('Chart');
  await page.locator('.error-summary').getByRole('link').click();
  await expect(line(1).getByLabel(say('sessions.item_price'))).toBeFocused();
  // The wrong line goes, and with it what was wrong.
  await remove(1).click();
  await expect(page.locator('.error-summary')).toHaveCount(0);
  await expect(page).toHaveTitle(named('sessions.new_title'));
  await expect(remove(1)).toBeHidden();
  // Pairs may all go; then the button that adds one has the focus.
  const addPair = page.getByRole('button', { name: say('sessions.add_metadata') });
  await addPair.click();
  await page.getByRole('button', { name: say('sessions.remove_metadata', { number: 1 }), exact: true }).click();
  await expect(addPair).toBeFocused();
  await page.getByRole('button', { name: say('sessions.create') }).click();
  await page.waitForURL(/checkout-sessions\/cs_/);
  await expect(page.getByText('Compass')).toBeVisible();
  await expect(page.getByText('Tide table')).toHaveCount(0);
  await expect(page.getByRole('main')).toContainText('31.00 EUR');
});
