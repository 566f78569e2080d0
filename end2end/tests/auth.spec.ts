import { type Page, alive, at, axe, expect, person, say, test, visit } from '../fixtures/index.ts';

const heading = (page: Page, key: string) => page.getByRole('heading', { level: 1, name: say(key) });

test('logs in and out, and comes back to the page that was asked for', async ({ desk, page }) => {
  const merchant = await desk.emptyMerchant();
  await page.goto(at(merchant, 'payments?status=failed'));
  await expect(page).toHaveURL(/\/login\?next=/);
  await expect(page.getByText(say('auth.login.next'))).toBeVisible();
  await page.locator('#email').fill(merchant.owner.email.toUpperCase());
  await page.locator('#password').fill(merchant.owner.password);
  await page.getByRole('button', { name: say('auth.login.submit') }).click();
  await expect(page).toHaveURL(/\/payments\?status=failed$/);
  await alive(page);
  await page.goto('/login');
  await expect(page).toHaveURL(/\/dashboard$/);
  await alive(page);
  await page.getByLabel(say('nav.profile', { name: merchant.owner.name })).click();
  await page.getByRole('button', { name: say('nav.logout') }).click();
  await expect(page.getByText(say('auth.login.logged_out'))).toBeVisible();
  await page.goto(at(merchant, 'dashboard'));
  await expect(page).toHaveURL(/\/login/);
});

test('a wrong password and an unknown address get the same answer, with the address kept', async ({ desk, page }) => {
  const merchant = await desk.emptyMerchant();
  const seen: string[] = [];
  for (const email of [merchant.owner.email, 'nobody-at-all@shop.example']) {
    await page.goto('/login');
    await page.locator('#email').fill(email);
    await page.locator('#password').fill('not the password of anybody');
    const [answer] = await Promise.all([page.waitForResponse('**/login'), page.getByRole('button', { name: say('auth.login.submit') }).click()]);
    expect(answer.status()).toBe(422);
    await expect(page.locator('.error-summary')).toContainText(say('problem.bad_login'));
    await expect(page.locator('#email')).toHaveValue(email);
    await expect(page.locator('#password')).toHaveValue('');
    await expect(page).toHaveTitle(/^Error: /);
    seen.push((await page.locator('main').innerText()).replace(/req_\w+/g, ''));
  }
  expect(seen[0]).toBe(seen[1]);
  await axe(page);
});

test('signing up with an address that has an account tells only its owner', async ({ desk, page }) => {
  const merchant = await desk.emptyMerchant();
  await desk.signUp(page, { ...person('Mallory Other'), email: merchant.owner.email }, 'Another Shop');
  const first = await page.locator('main').innerText();
  const other = await desk.open();
  await desk.signUp(other, person('New Person'), 'A Third Shop');
  expect(await other.locator('main').innerText()).toBe(first);
  await desk.openMail(merchant.owner.email, say('mail.already_registered.subject'));
  // The password is still the old one.
  await desk.logIn(page, merchant.owner);
  await expect(page).toHaveURL(/\/dashboard$/);
});

test('an address that is not confirmed does not log in, and gets another mail', async ({ desk, page }) => {
  const who = person('Urs Unverified');
  await desk.signUp(page, who, 'Slow Mail Ltd');
  await desk.mailedLink(who.email, say('mail.verify_email.subject'));
  await desk.logIn(page, who);
  await expect(page.locator('.error-summary')).toContainText(say('problem.email_unverified'));
  await desk.verify(page, who);
  await expect(page).toHaveURL(/\/dashboard$/);
});

test('a link to confirm works once', async ({ desk, page }) => {
  const who = person('Vera Once');
  await desk.signUp(page, who, 'Once Only');
  const link = await desk.mailedLink(who.email, say('mail.verify_email.subject'));
  for (const first of [true, false]) {
    await page.context().clearCookies();
    await page.goto(link);
    await page.getByRole('button', { name: say('auth.verify.submit') }).click();
    if (first) await page.waitForURL(/\/dashboard$/);
    else await expect(heading(page, 'auth.link_ended.title')).toBeVisible();
  }
  await axe(page);
});

test('a forgotten password: the same answer for everybody, a link that works once, all sessions ended', async ({ desk, page }) => {
  const merchant = await desk.newMerchant();
  const before = await desk.open(merchant.state);
  for (const email of ['nobody-here@shop.example', merchant.owner.email]) {
    await page.goto('/login');
    await page.getByRole('link', { name: say('auth.login.forgot') }).click();
    await page.locator('#email').fill(email);
    await page.getByRole('button', { name: say('auth.reset.submit') }).click();
    await expect(heading(page, 'auth.check_mail.title')).toBeVisible();
    await expect(page.getByText(say('auth.check_mail.reset'))).toBeVisible();
  }
  const link = await desk.mailedLink(merchant.owner.email, say('mail.reset_password.subject'));
  await page.goto(link);
  await page.locator('#password').fill('short');
  await page.getByRole('button', { name: say('auth.reset.new_submit') }).click();
  await expect(page.locator('#password-error')).toBeVisible();
  const owner = { ...merchant.owner, password: 'a lantern over the quiet lake' };
  await page.locator('#password').fill(owner.password);
  await page.getByRole('button', { name: say('auth.reset.new_submit') }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
  await page.goto(link);
  await expect(heading(page, 'auth.link_ended.title')).toBeVisible();
  await before.goto(at(merchant, 'dashboard'));
  await expect(before).toHaveURL(/\/login/);
  await desk.logIn(before, merchant.owner);
  await expect(before.locator('.error-summary')).toContainText(say('problem.bad_login'));
  await desk.logIn(before, owner);
  await expect(before).toHaveURL(/\/dashboard$/);
});

test('a form that another site sends is refused', async ({ desk, request }) => {
  await desk.emptyMerchant();
  const answer = await request.post('/login', { form: { email: 'a@b.example', password: 'x' }, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } });
  expect(answer.status()).toBe(403);
});

test('a next page elsewhere is not followed', async ({ desk, page }) => {
  const merchant = await desk.emptyMerchant();
  await page.goto('/login?next=https%3A%2F%2Fevil.example%2F');
  await page.locator('#email').fill(merchant.owner.email);
  await page.locator('#password').fill(merchant.owner.password);
  await page.getByRole('button', { name: say('auth.login.submit') }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
});

test('somebody else’s merchant is not there', async ({ desk }) => {
  const mine = await desk.emptyMerchant();
  const theirs = await desk.shop();
  desk.guard.allow(/answer 40[34]: /);
  const page = await desk.open(mine.state);
  const answer = await page.goto(at(theirs, 'payments'));
  expect(answer?.status()).toBeGreaterThanOrEqual(400);
  await expect(page.getByText(theirs.business)).toHaveCount(0);
  await page.goto('/admin');
  await expect(page.getByText(say('admin.stat_waiting'))).toHaveCount(0);
});

test('language and theme are kept in cookies and read by the server', async ({ desk, page }) => {
  const merchant = await desk.emptyMerchant();
  await page.goto('/login');
  await page.getByRole('link', { name: 'فارسی' }).click();
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.getByRole('heading', { level: 1, name: say('auth.login.title', {}, 'fa') })).toBeVisible();
  await page.goto('/signup');
  await expect(page.locator('html')).toHaveAttribute('lang', 'fa');
  const portal = await desk.open(merchant.state);
  await visit(portal, at(merchant, 'dashboard'));
  await portal.getByLabel(say('nav.profile', { name: merchant.owner.name })).click();
  await portal.getByRole('button', { name: say('theme.dark') }).click();
  await expect(portal.locator('html')).toHaveAttribute('data-theme', 'dark');
  await portal.goto('/check-mail');
  await expect(portal.locator('html')).toHaveAttribute('data-theme', 'dark');
});
