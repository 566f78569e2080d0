import {
  CARDS, type Merchant, type Page, PNG, alive, at, axe, buy, connectSandbox, expect, makeLink, pay, person, say, startCheckout, test, unique, visit,
} from '../fixtures/index.ts';

const rows = (page: Page) => page.locator('table.table tbody tr');
const notice = (page: Page, key: string) => page.locator('#notice').getByText(say(key));

test('filters of payments live in the address, survive a reload and can be taken away one by one', async ({ desk, page: customer }) => {
  const shop = await desk.newShop();
  const paid = `${unique('paid')}@customers.example`;
  const refused = `${unique('refused')}@customers.example`;
  await buy(customer, shop.link, { email: paid, number: '5555555555554444' });
  await startCheckout(customer, shop.link);
  await pay(customer, { email: refused, number: CARDS.insufficientFunds });
  await expect(customer.locator('.error-summary')).toBeVisible();

  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'payments'));
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('navigation', { name: say('payments.views') }).getByRole('link', { name: say('status.payment.succeeded') }).click();
  await expect(page).toHaveURL(/status=succeeded/);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(paid);

  await page.locator('.toolbar summary').click();
  await page.locator('#filter-last4').fill('4444');
  await page.locator('#filter-currency').selectOption('EUR');
  await page.locator('#filter-min').fill('48');
  await page.locator('#filter-email').fill(paid);
  await page.getByRole('button', { name: say('filter.apply') }).click();
  await expect(page).toHaveURL(/last4=4444/);
  await expect(rows(page)).toHaveCount(1);
  const address = page.url();
  await page.reload();
  await alive(page);
  expect(page.url()).toBe(address);
  await expect(rows(page)).toHaveCount(1);
  await axe(page);

  // A colleague opens the same address.
  const colleague = await desk.open(shop.state);
  await colleague.goto(address);
  await expect(rows(colleague)).toHaveCount(1);

  await page.getByRole('link', { name: say('filter.remove', { filter: say('payments.filter.last4'), value: '4444' }) }).click();
  await expect(page).not.toHaveURL(/last4/);
  await page.getByRole('link', { name: say('filter.clear') }).first().click();
  await expect(page).toHaveURL(/\/payments$/);
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).filter({ hasText: refused })).toContainText(say('decline.merchant.insufficient_funds'));

  await visit(page, at(shop, 'payments?last4=0000'));
  await expect(page.getByText(say('payments.no_match'))).toBeVisible();
  await axe(page);
  desk.guard.allow(/answer 422: POST .*\/api\/payments/);
  await visit(page, at(shop, 'payments?min=cheap'));
  await expect(page.locator('#filter-min')).toHaveValue('cheap');
  await expect(page.locator('#filter-min-error')).toBeVisible();
  await axe(page);
});

test('pages of a list go by key, forth and back', async ({ desk }) => {
  test.setTimeout(400_000);
  const shop = await desk.newShop();
  const customer = await desk.open();
  for (const n of [1, 2, 3]) await buy(customer, shop.link, { email: `c${n}@customers.example` });
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'payments?limit=2'));
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toContainText('c3@customers.example');
  await page.getByRole('link', { name: say('pager.next') }).click();
  await expect(page).toHaveURL(/after=/);
  await expect(rows(page).first()).toContainText('c1@customers.example');
  await page.getByRole('link', { name: say('pager.previous') }).click();
  await expect(rows(page).first()).toContainText('c3@customers.example');
});

test('gateways: added, tested, edited, paused, resumed and archived', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  const page = await desk.open(merchant.state);
  await visit(page, at(merchant, 'gateways'));
  await expect(page.getByText(say('gateways.none'), { exact: true })).toBeVisible();
  await axe(page);
  await connectSandbox(page, merchant, 'First');
  const card = page.getByRole('region', { name: 'First', exact: true });
  await expect(card).toContainText(say('gateways.never_tested'));
  await card.getByRole('button', { name: say('gateways.test') }).click();
  await expect(card).toContainText(say('gateway.test.ok'));
  await card.getByRole('link', { name: say('gateways.edit') }).click();
  await page.locator('#name').fill('First of two');
  await page.locator('#currencies').fill('EUR, SEK');
  await page.getByRole('button', { name: say('form.save') }).click();
  const renamed = page.getByRole('region', { name: 'First of two' });
  await expect(renamed).toContainText('EUR, SEK');
  await renamed.getByRole('button', { name: say('gateways.pause') }).click();
  await expect(renamed).toContainText(say('status.connection.paused'));
  await renamed.getByRole('button', { name: say('gateways.resume') }).click();
  await expect(renamed).toContainText(say('status.connection.active'));
  await renamed.getByRole('button', { name: say('gateways.archive') }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('First of two');
  await axe(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await renamed.getByRole('button', { name: say('gateways.archive') }).click();
  await dialog.getByRole('button', { name: say('gateways.archive') }).click();
  await expect(renamed).toContainText(say('status.connection.archived'));
  await expect(renamed.getByRole('button')).toHaveCount(0);
  await page.reload();
  await expect(renamed).toContainText(say('status.connection.archived'));
});

test('links: edited, switched off and on', async ({ desk, page: customer }) => {
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'payment-links'));
  await expect(rows(page)).toContainText('48.00 EUR');
  await page.getByRole('link', { name: 'Field guide to gulls' }).click();
  await page.waitForURL(/payment-links\/link_|payment-links\/[a-z]+_/);
  await page.locator('#title').fill('Field guide to terns');
  await page.locator('#amount').fill('52.50');
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(page.getByText(say('links.saved'))).toBeVisible();
  await customer.goto(shop.link);
  await expect(customer.getByRole('heading', { level: 1 })).toContainText('Field guide to terns');
  await expect(customer.locator('.checkout-amount')).toContainText('52.50 EUR');
  await page.getByRole('button', { name: say('links.deactivate') }).click();
  await expect(page.getByRole('button', { name: say('links.activate') })).toBeVisible();
  // What was on the customer's screen sells nothing any more.
  await customer.getByRole('button', { name: say('link.continue') }).click();
  await expect(customer.getByRole('heading', { level: 1, name: say('link.inactive_title') })).toBeVisible();
  await page.getByRole('button', { name: say('links.activate') }).click();
  await expect(page.getByRole('button', { name: say('links.deactivate') })).toBeVisible();
  await customer.goto(shop.link);
  await expect(customer.getByRole('button', { name: say('link.continue') })).toBeVisible();
});

test('a checkout session with lines, a customer and a reference is paid, then found by its reference', async ({ desk, page: customer }) => {
  const shop = await desk.shop();
  const page = await desk.open(shop.state);
  const email = `${unique('grace')}@customers.example`;
  const reference = unique('order');
  await visit(page, at(shop, 'checkout-sessions/new'));
  await page.locator('#currency').selectOption('EUR');
  await page.locator('#items-0-name').fill('Tide table');
  await page.locator('#items-0-quantity').fill('2');
  await page.locator('#items-0-unit_amount').fill('12.50');
  await page.getByRole('button', { name: say('sessions.add_item') }).click();
  await page.locator('#items-1-name').fill('Postage');
  await page.locator('#items-1-unit_amount').fill('4.90');
  await page.locator('#customer_email').fill(email);
  await page.locator('#client_reference').fill(reference);
  await page.getByRole('button', { name: say('sessions.add_metadata') }).click();
  await page.locator('#metadata-0-key').fill('shelf');
  await page.locator('#metadata-0-value').fill('B12');
  await axe(page);
  await page.getByRole('button', { name: say('sessions.create') }).click();
  await page.waitForURL(/checkout-sessions\/(?!new)/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('29.90 EUR');
  const address = (await page.getByRole('region', { name: say('sessions.address') }).locator('code').textContent())!;

  await customer.goto(address);
  await expect(customer.getByText(email)).toBeVisible();
  await expect(customer.locator('#email')).toHaveCount(0);
  await expect(customer.getByText(say('checkout.quantity_each', { quantity: 2, price: '12.50 EUR' }))).toBeVisible();
  await pay(customer, {});
  await customer.waitForURL(/\/r\//);

  await page.reload();
  await alive(page);
  await expect(page.locator('.page-head').getByText(say('status.session.complete'))).toBeVisible();
  await visit(page, at(shop, `payments?reference=${reference}`));
  await expect(rows(page)).toHaveCount(1);
  await rows(page).getByRole('link').click();
  await expect(page.getByText('B12')).toBeVisible();
});

test('refunds: racing tabs give back no more than was paid', async ({ desk, page: customer }) => {
  const shop = await desk.shop();
  const email = `${unique('race')}@customers.example`;
  await buy(customer, shop.link, { email });
  const tabs = [await desk.open(shop.state), await desk.open(shop.state)] as const;
  desk.guard.allow(/answer 4(09|22): POST .*\/api\//);
  for (const tab of tabs) {
    await visit(tab, at(shop, `payments?email=${email}`));
    await rows(tab).getByRole('link').click();
    await tab.getByRole('button', { name: say('refund.open') }).click();
  }
  const [first, second] = tabs;
  await first.getByRole('dialog').getByRole('button', { name: say('refund.submit', { amount: '48.00 EUR' }) }).click();
  await expect(first.locator('.headline').getByText(say('status.payment.refunded'), { exact: true })).toBeVisible();
  await expect(first.getByText(say('payment.no_refund.nothing_left'))).toBeVisible();
  await second.getByRole('dialog').getByRole('button', { name: say('refund.submit', { amount: '48.00 EUR' }) }).click();
  await expect(second.getByRole('dialog').locator('.error-summary')).toBeVisible();
  await axe(second);
});

test('business settings: saved, seen by customers, and not overwritten by a stale form', async ({ desk, page: customer }) => {
  const shop = await desk.newShop();
  const [page, other] = [await desk.open(shop.state), await desk.open(shop.state)];
  desk.guard.allow(/answer 409: POST .*\/api\//);
  await visit(page, at(shop, 'settings'));
  await page.getByRole('main').getByRole('link', { name: say('settings.business') }).click();
  await page.waitForURL(/settings\/business/);
  await visit(other, at(shop, 'settings/business'));
  await page.locator('#name').fill('Harbour & Sons');
  await page.locator('#statement_name').fill('HARBOUR SONS');
  await page.locator('#support_email').fill('help@harbour.example');
  await page.locator('#timezone').selectOption('Europe/Stockholm');
  await page.locator('#return_origins').fill('https://harbour.example');
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(notice(page, 'settings.saved')).toBeVisible();
  await customer.goto(shop.link);
  await expect(customer.getByText('Harbour & Sons').first()).toBeVisible();
  await startCheckout(customer, shop.link);
  await expect(customer.getByText(say('checkout.statement', { name: 'HARBOUR SONS' }))).toBeVisible();
  await expect(customer.getByText('help@harbour.example')).toBeVisible();

  await other.locator('#name').fill('Somebody else');
  await other.getByRole('button', { name: say('form.save') }).click();
  await expect(other.locator('.error-summary')).toContainText(say('problem.stale'));
  await expect(other.locator('#name')).toHaveValue('Somebody else');
  await page.reload();
  await expect(page.locator('#name')).toHaveValue('Harbour & Sons');
});

test('branding: a colour that keeps its contrast, and a logo', async ({ desk, page: customer }) => {
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'settings/branding'));
  await page.locator('#color-brand_color').fill('#f5e663');
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(notice(page, 'settings.saved')).toBeVisible();
  await page.locator('#logo').setInputFiles(PNG);
  await page.getByRole('button', { name: say('settings.logo_upload') }).click();
  await expect(notice(page, 'settings.logo_stored')).toBeVisible();
  await alive(page);
  await axe(page);
  await startCheckout(customer, shop.link);
  await expect(customer.locator('img.merchant-mark')).toBeVisible();
  await axe(customer);
  await customer.emulateMedia({ colorScheme: 'dark' });
  await axe(customer, 'contrast');
  await page.locator('#logo').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') });
  await page.getByRole('button', { name: say('settings.logo_upload') }).click();
  await expect(page.locator('#logo-error')).toContainText(say('problem.file_type'));
});

test('the team: invited as viewer, may look and not refund; a new role, then out', async ({ desk, page: customer }) => {
  test.setTimeout(400_000);
  const shop = await desk.newShop();
  const email = `${unique('grace')}@customers.example`;
  await buy(customer, shop.link, { email });
  const owner = await desk.open(shop.state);
  const colleague = person('Vic Viewer');
  await visit(owner, at(shop, 'settings/team'));
  await owner.locator('#invite-email').fill(colleague.email);
  await owner.locator('#invite-role-viewer').check();
  await owner.getByRole('button', { name: say('settings.invite') }).click();
  await expect(notice(owner, 'settings.invited')).toBeVisible();
  await expect(owner.getByRole('row').filter({ hasText: colleague.email })).toBeVisible();
  await axe(owner);

  const viewer = await desk.open();
  const link = await desk.mailedLink(colleague.email, say('mail.invitation.subject', { inviter: shop.owner.name, business: shop.business }));
  await viewer.goto(link);
  await axe(viewer);
  await viewer.locator('#name').fill(colleague.name);
  await viewer.locator('#password').fill(colleague.password);
  await viewer.getByRole('button', { name: say('auth.invitation.submit_new') }).click();
  await viewer.waitForURL(/\/dashboard$/);
  await visit(viewer, at(shop, `payments?email=${email}`));
  await rows(viewer).getByRole('link').click();
  await expect(viewer.getByText(say('payment.no_refund.no_permission'))).toBeVisible();
  await expect(viewer.getByRole('button', { name: say('refund.open') })).toHaveCount(0);
  await visit(viewer, at(shop, 'settings/business'));
  await expect(viewer.getByText(say('settings.read_only'))).toBeVisible();
  await expect(viewer.locator('#name')).toHaveCount(0);
  await visit(viewer, at(shop, 'gateways/new'));
  await expect(viewer.getByText(say('error.forbidden'))).toBeVisible();

  await owner.reload();
  await alive(owner);
  await owner.getByRole('button', { name: say('settings.role_of', { name: colleague.name }) }).click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel(say('role.merchant.support')).check();
  await dialog.getByRole('button', { name: say('form.save') }).click();
  await expect(notice(owner, 'settings.role_changed')).toBeVisible();
  await visit(viewer, at(shop, `payments?email=${email}`));
  await rows(viewer).getByRole('link').click();
  await expect(viewer.getByRole('button', { name: say('refund.open') })).toBeVisible();

  await owner.getByRole('button', { name: say('settings.remove_whom', { name: colleague.name }) }).click();
  await dialog.getByRole('button', { name: say('settings.remove') }).click();
  await expect(notice(owner, 'settings.member_removed')).toBeVisible();
  desk.guard.allow(/answer 40[34]: /);
  await viewer.goto(at(shop, 'payments'));
  await expect(viewer.getByText(email)).toHaveCount(0);
  await viewer.goto('/dashboard');
  await expect(viewer.getByRole('heading', { level: 1, name: say('auth.nowhere.title') })).toBeVisible();

  await visit(owner, at(shop, 'settings/activity'));
  await expect(owner.getByText(say('audit.team.remove'))).toBeVisible();
});

test('an invitation is for its address only, and a revoked one opens nothing', async ({ desk }) => {
  const shop = await desk.newShop();
  const stranger = await desk.emptyMerchant();
  const owner = await desk.open(shop.state);
  const invited = `${unique('ivo')}@shop.example`;
  await visit(owner, at(shop, 'settings/team'));
  await owner.locator('#invite-email').fill(invited);
  await owner.locator('#invite-role-admin').check();
  await owner.getByRole('button', { name: say('settings.invite') }).click();
  const link = await desk.mailedLink(invited, say('mail.invitation.subject', { inviter: shop.owner.name, business: shop.business }));
  const page = await desk.open(stranger.state);
  await page.goto(link);
  // Addresses stand between direction isolates, so only their presence is asked for.
  await expect(page.getByRole('main')).toContainText(stranger.owner.email);
  await owner.getByRole('button', { name: say('settings.invitation_revoke_whom', { email: invited }) }).click();
  await expect(notice(owner, 'settings.invitation_revoked')).toBeVisible();
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1, name: say('auth.link_ended.title') })).toBeVisible();
});

test('my password and my sessions', async ({ desk, page }) => {
  const merchant = await desk.newMerchant();
  desk.guard.allow(/answer 422: POST .*\/api\//);
  const here = await desk.open(merchant.state);
  const elsewhere = await desk.open();
  await desk.logIn(elsewhere, merchant.owner);
  await elsewhere.waitForURL(/\/dashboard$/);

  await visit(here, at(merchant, 'settings/sessions'));
  await expect(rows(here)).toHaveCount(2);
  await axe(here);
  await rows(here).getByRole('button').first().click();
  await expect(notice(here, 'settings.session_ended')).toBeVisible();
  await expect(rows(here)).toHaveCount(1);
  await elsewhere.goto(at(merchant, 'dashboard'));
  await expect(elsewhere).toHaveURL(/\/login/);
  await desk.logIn(elsewhere, merchant.owner);
  await elsewhere.waitForURL(/\/dashboard$/);

  await visit(here, at(merchant, 'settings/password'));
  await here.locator('#current').fill('not my password at all');
  await here.locator('#new').fill('nine copper buckets in a row');
  await here.getByRole('button', { name: say('settings.password_change') }).click();
  await expect(here.locator('#current-error')).toContainText(say('problem.wrong_password'));
  await here.locator('#current').fill(merchant.owner.password);
  await here.locator('#new').fill('nine copper buckets in a row');
  await here.getByRole('button', { name: say('settings.password_change') }).click();
  await expect(notice(here, 'settings.password_changed')).toBeVisible();
  await elsewhere.goto(at(merchant, 'dashboard'));
  await expect(elsewhere).toHaveURL(/\/login/);
  await here.reload();
  await expect(here).toHaveURL(/settings\/password/);
  await desk.logIn(page, { ...merchant.owner, password: 'nine copper buckets in a row' });
  await expect(page).toHaveURL(/\/dashboard$/);
  await desk.openMail(merchant.owner.email, say('mail.password_changed.subject'));
});

test('the dashboard leads a new merchant to the first payment', async ({ desk, page: customer }) => {
  const merchant = await desk.newMerchant();
  const page = await desk.open(merchant.state);
  await visit(page, at(merchant, 'dashboard'));
  const list = page.locator('.checklist');
  await expect(list.locator('.task')).toHaveCount(5);
  await expect(list.locator('.task.is-done')).toHaveCount(1);
  await axe(page);
  await list.getByRole('link', { name: say('setup.connect_gateway.action') }).click();
  await page.getByRole('main').getByRole('link', { name: say('gateways.add') }).first().click();
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(page.getByRole('region', { name: say('gateway.provider.sandbox') })).toBeVisible();
  const link = await makeLink(page, merchant, { title: 'First thing', amount: '5.00' });
  await buy(customer, link, { email: 'first@customers.example' });
  await visit(page, at(merchant, 'dashboard'));
  await expect(list.locator('.task.is-done')).toHaveCount(4);
  await expect(page.getByRole('region', { name: say('dashboard.block', { currency: 'EUR' }) })).toContainText('5.00 EUR');
  await axe(page);
});

test('the portal fits 390 pixels: the navigation is a drawer, tables scroll inside', async ({ desk }) => {
  const shop = await desk.shop();
  const page = await desk.open(shop.state, { viewport: { width: 390, height: 800 } });
  for (const path of ['dashboard', 'payments', 'gateways', 'payment-links/new', 'checkout-sessions/new', 'settings/business', 'settings/team']) {
    await visit(page, at(shop, path));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, path).toBeLessThanOrEqual(0);
  }
  await page.getByRole('button', { name: say('nav.open') }).click();
  const drawer = page.locator('#nav');
  await expect(drawer.getByRole('link', { name: say('nav.gateways') })).toBeVisible();
  await drawer.getByRole('link', { name: say('nav.gateways') }).click();
  await page.waitForURL(/\/gateways$/);
  await expect(drawer.getByRole('link', { name: say('nav.gateways') })).toBeHidden();
});

test('test and live are apart: nothing of one is on a page of the other', async ({ desk }) => {
  const shop: Merchant = await desk.shop();
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'payment-links'));
  await expect(page.getByText(say('banner.test'))).toBeVisible();
  await page.getByRole('group', { name: say('mode.label') }).getByRole('link', { name: say('mode.live') }).click();
  await page.waitForURL(/\/live\/payment-links$/);
  await expect(page.getByText(say('links.none'), { exact: true })).toBeVisible();
  await expect(page.locator('.banner-test')).toHaveCount(0);
});

test('a part of the app that can’t be fetched: the page says so, and loading it again heals it', async ({ desk }) => {
  desk.guard.allow(/load_money/, /console: /, /page error: /i, /ERR_FAILED/);
  const shop: Merchant = await desk.shop();
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'dashboard'));
  await page.route('**/*load_money*.wasm', (route) => route.abort());
  await page.getByRole('navigation').getByRole('link', { name: say('nav.payments'), exact: true }).click();
  await expect(page.getByText(say('boot.failed'))).toBeVisible();
  await page.unroute('**/*load_money*.wasm');
  await page.reload();
  await alive(page);
  await expect(page.getByText(say('boot.failed'))).toBeHidden();
});
