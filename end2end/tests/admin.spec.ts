import {
  CARDS, PDF, type Merchant, type Page, apply, approve, at, axe, buy, connectSandbox, expect, expectReceipt, fillCard, makeLink, say, startCheckout, test, unique, visit,
} from '../fixtures/index.ts';

// The sandbox may act as live gateway here, so that what live mode allows can be tried.
test.use({ settings: { PAYDECK_SANDBOX_LIVE: '1' } });

const badge = (page: Page, status: string) => page.locator('.page-head .badge').getByText(say(`status.application.${status}`), { exact: true });

/** Opens a decision's dialog, types what the merchant shall read, and decides. */
async function decide(page: Page, what: 'ask' | 'deny' | 'suspend', text: string): Promise<void> {
  const word = say(`admin.${what}`);
  await page.getByRole('button', { name: word, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(say('admin.reason')).fill(text);
  await dialog.getByRole('button', { name: word, exact: true }).click();
  await expect(dialog).toBeHidden();
}

async function applied(desk: { newMerchant(): Promise<Merchant>; open(state: Merchant['state']): Promise<Page> }): Promise<{ merchant: Merchant; page: Page }> {
  const merchant = await desk.newMerchant();
  const page = await desk.open(merchant.state);
  await apply(page, merchant);
  return { merchant, page };
}

test('an application: taken, checked, noted, asked about, answered, denied, submitted again and approved', async ({ desk }) => {
  test.setTimeout(400_000);
  const { merchant, page } = await applied(desk);
  const admin = await desk.admin();
  await visit(admin, '/admin/applications');
  await admin.getByRole('link', { name: merchant.business }).click();
  await expect(badge(admin, 'submitted')).toBeVisible();

  await admin.getByRole('button', { name: say('admin.take') }).click();
  await expect(admin.getByRole('button', { name: say('admin.give_back') })).toBeVisible();
  const point = say('admin.check.identity');
  await admin.getByRole('button', { name: say('admin.tick', { item: point }) }).click();
  await expect(admin.getByRole('button', { name: say('admin.untick', { item: point }) })).toBeVisible();
  await admin.getByLabel(say('admin.note')).fill('The register knows them since 2011.');
  await admin.getByRole('button', { name: say('admin.note_add') }).click();
  await expect(admin.locator('.notes').getByText('The register knows them since 2011.')).toBeVisible();
  await axe(admin);

  // A document opens as a download with a type of ours.
  const [download] = await Promise.all([admin.waitForEvent('download'), admin.getByRole('link', { name: PDF.name }).click()]);
  expect(download.suggestedFilename()).toContain('register');

  await decide(admin, 'ask', 'Which publisher do you buy from?');
  await expect(badge(admin, 'more_information')).toBeVisible();
  await desk.openMail(merchant.owner.email, say('mail.application_more_information.subject', { business: merchant.business }));
  await page.goto(`/onboarding?m=${merchant.id}&step=review`);
  await expect(page.locator('#messages').getByText('Which publisher do you buy from?')).toBeVisible();
  // An internal note stays internal.
  await expect(page.getByText('The register knows them since 2011.')).toHaveCount(0);
  await axe(page);
  await page.getByLabel(say('onboarding.answer')).fill('From the houses themselves.');
  await page.getByRole('button', { name: say('onboarding.answer_send') }).click();
  await expect(page.locator('#messages').getByText('From the houses themselves.')).toBeVisible();
  await page.getByRole('button', { name: say('onboarding.submit') }).click();
  await expect(page.getByText(say('onboarding.status.submitted.title'))).toBeVisible();

  await visit(admin, `/admin/applications/${merchant.id}`);
  await expect(admin.getByText('From the houses themselves.')).toBeVisible();
  await decide(admin, 'deny', 'The website shows no contact address.');
  await expect(badge(admin, 'denied')).toBeVisible();
  await page.goto(`/onboarding?m=${merchant.id}&step=review`);
  await expect(page.locator('#messages').getByText('The website shows no contact address.')).toBeVisible();
  await page.getByRole('button', { name: say('onboarding.submit') }).click();
  await approve(admin, merchant);
  await page.goto(`/onboarding?m=${merchant.id}`);
  await expect(page.getByText(say('onboarding.status.approved.title'))).toBeVisible();
  await axe(page);
});

test('a reason is asked for beside the field, and what is typed stays', async ({ desk }) => {
  const { merchant } = await applied(desk);
  desk.guard.allow(/answer 422: POST .*\/api\//);
  const admin = await desk.admin();
  await visit(admin, `/admin/applications/${merchant.id}`);
  await admin.getByRole('button', { name: say('admin.deny'), exact: true }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByRole('button', { name: say('admin.deny'), exact: true }).click();
  await expect(dialog.locator('.field-error')).toBeVisible();
  await axe(admin);
  await dialog.getByLabel(say('admin.reason')).fill('x'.repeat(5_001));
  await dialog.getByRole('button', { name: say('admin.deny'), exact: true }).click();
  await expect(dialog.locator('.field-error')).toBeVisible();
  await expect(dialog.getByLabel(say('admin.reason'))).toHaveValue('x'.repeat(5_001));
  await admin.keyboard.press('Escape');
  await expect(badge(admin, 'submitted')).toBeVisible();
});

test('the queue: oldest first, filters in the address', async ({ desk }) => {
  test.setTimeout(400_000);
  const first = await applied(desk);
  const second = await applied(desk);
  const admin = await desk.admin();
  await visit(admin, '/admin/applications');
  const names = await admin.locator('tbody .row-link').allTextContents();
  expect(names.indexOf(first.merchant.business)).toBeLessThan(names.indexOf(second.merchant.business));

  await admin.locator('.toolbar summary').click();
  await admin.locator('#filter-q').fill(second.merchant.business);
  await admin.getByRole('button', { name: say('filter.apply') }).click();
  await expect(admin).toHaveURL(/q=/);
  await expect(admin.locator('tbody tr')).toHaveCount(1);
  await admin.reload();
  await expect(admin.locator('tbody tr')).toHaveCount(1);
  await expect(admin.locator('tbody')).toContainText(second.merchant.business);
  await axe(admin);

  await visit(admin, `/admin/applications/${second.merchant.id}`);
  await admin.getByRole('button', { name: say('admin.take') }).click();
  await expect(admin.getByRole('button', { name: say('admin.give_back') })).toBeVisible();
  await visit(admin, '/admin/applications?assigned=me');
  await expect(admin.locator('tbody')).toContainText(second.merchant.business);
  await expect(admin.locator('tbody')).not.toContainText(first.merchant.business);
  await visit(admin, '/admin/applications?assigned=nobody');
  await expect(admin.locator('tbody')).toContainText(first.merchant.business);
  await visit(admin, '/admin/applications?q=no-such-merchant');
  await expect(admin.getByText(say('admin.queue_no_match'))).toBeVisible();
  await admin.getByRole('link', { name: say('filter.clear') }).first().click();
  await expect(admin).toHaveURL(/\/admin\/applications$/);
});

test('a suspension between the page and its POST stops a live charge at once', async ({ desk, page: customer }) => {
  test.setTimeout(400_000);
  const { merchant, page } = await applied(desk);
  const admin = await desk.admin();
  await approve(admin, merchant);
  await connectSandbox(page, merchant, 'Live sandbox', 'live');
  const link = await makeLink(page, merchant, { title: 'Sea chart', amount: '30.00' }, 'live');
  await expect(page.getByText(say('banner.sandbox_live'))).toBeVisible();
  const email = `${unique('grace')}@customers.example`;
  await buy(customer, link, { email });
  // A second customer stands before the filled-in form.
  const second = await desk.open();
  await startCheckout(second, link);
  await expect(second.getByText(say('checkout.sandbox_live_notice'))).toBeVisible();
  const late = `${unique('late')}@customers.example`;
  await fillCard(second, { email: late });

  await visit(admin, `/admin/applications/${merchant.id}`);
  await decide(admin, 'suspend', 'Too many complaints.');
  await expect(admin.getByRole('button', { name: say('admin.reinstate') })).toBeVisible();

  await second.locator('.pay-button').click();
  await expect(second.getByRole('heading', { level: 1, name: say('checkout.unavailable_title') })).toBeVisible();
  await visit(page, at(merchant, 'payments', 'live'));
  await expect(page.getByText(say('banner.suspended'), { exact: true })).toBeVisible();
  await expect(page.locator('tbody')).toContainText(email);
  await expect(page.locator('tbody')).not.toContainText(late);
  await desk.openMail(merchant.owner.email, say('mail.merchant_suspended.subject', { business: merchant.business }));

  // Refunds go on; the merchant list tells of the state.
  await visit(page, at(merchant, `payments?email=${encodeURIComponent(email)}`, 'live'));
  await page.locator('tbody').getByRole('link').click();
  await page.getByRole('button', { name: say('refund.open') }).click();
  await page.getByRole('dialog').getByRole('button', { name: say('refund.submit', { amount: '30.00 EUR' }) }).click();
  await expect(page.locator('.headline').getByText(say('status.payment.refunded'), { exact: true })).toBeVisible();
  await visit(admin, '/admin/merchants?status=suspended');
  await expect(admin.locator('tbody')).toContainText(merchant.business);

  // Reinstated, the same session takes the payment.
  await visit(admin, `/admin/applications/${merchant.id}`);
  await admin.getByRole('button', { name: say('admin.reinstate') }).click();
  await expect(admin.getByRole('button', { name: say('admin.suspend'), exact: true })).toBeVisible();
  await second.reload();
  await fillCard(second, { email: late });
  await second.locator('.pay-button').click();
  await expectReceipt(second);
});

test('a sandbox that takes live payments says so on every page', async ({ desk, page: customer }) => {
  test.setTimeout(400_000);
  const { merchant, page } = await applied(desk);
  const admin = await desk.admin();
  await approve(admin, merchant);
  await connectSandbox(page, merchant, 'Live sandbox', 'live');
  const link = await makeLink(page, merchant, { title: 'Sea chart', amount: '30.00' }, 'live');

  // What customers see: the link, the form, the bank's page, what is under way, the receipt, and what opens nothing.
  const isMarked = async (where: Page) => {
    const notice = where.locator('aside.test-notice');
    await expect(notice, where.url()).toHaveCount(1);
    await expect(notice, where.url()).toHaveText(say('checkout.sandbox_live_notice'));
    await expect(notice, where.url()).toBeInViewport();
  };
  const email = () => `${unique('live')}@customers.example`;
  await customer.goto(link);
  await isMarked(customer);
  await startCheckout(customer, link);
  await isMarked(customer);
  await fillCard(customer, { email: email(), number: CARDS.declined });
  await customer.locator('.pay-button').click();
  await expect(customer.locator('#declined')).toBeVisible();
  await isMarked(customer);
  await fillCard(customer, { email: email(), number: CARDS.challenge });
  await customer.locator('.pay-button').click();
  await customer.waitForURL(/\/challenge\//);
  await isMarked(customer);
  await customer.getByRole('button', { name: say('challenge.approve') }).click();
  await expectReceipt(customer);
  await isMarked(customer);
  await axe(customer);
  await startCheckout(customer, link);
  await fillCard(customer, { email: email(), number: CARDS.settlesLater });
  await customer.locator('.pay-button').click();
  await expect(customer.getByRole('heading', { level: 1, name: say('checkout.settling_title') })).toBeVisible();
  await isMarked(customer);
  for (const address of ['/c/nothing', '/login', '/signup', '/reset', '/no/such/page']) {
    await customer.goto(address);
    await isMarked(customer);
  }
  await page.goto(`/onboarding?m=${merchant.id}`);
  await isMarked(page);

  // The portal, in both modes: test mode has a notice of its own besides.
  const loud = (where: Page) => where.locator('.banner-test.is-loud').getByText(say('banner.sandbox_live'));
  const pages = ['dashboard', 'payments', 'refunds', 'gateways', 'gateways/new', 'payment-links', 'payment-links/new', 'checkout-sessions', 'checkout-sessions/new', 'settings', 'settings/team', 'settings/profile'];
  for (const path of pages) {
    await visit(page, at(merchant, path, 'live'));
    await expect(loud(page), path).toBeInViewport();
  }
  await axe(page);
  await visit(page, at(merchant, 'payments', 'live'));
  await page.locator('tbody').getByRole('link').first().click();
  await page.waitForURL(/\/payments\/pi_/);
  await expect(loud(page)).toBeInViewport();
  await visit(page, at(merchant, 'dashboard'));
  await expect(loud(page)).toBeInViewport();
  for (const address of ['/admin', '/admin/applications', '/admin/merchants', '/admin/gateways', '/admin/staff', '/admin/jobs', '/admin/mail']) {
    await visit(admin, address);
    await expect(loud(admin), address).toBeInViewport();
  }
  await axe(admin);
});

test('live mode is closed until the application is approved', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  const page = await desk.open(merchant.state);
  await visit(page, at(merchant, 'dashboard', 'live'));
  await expect(page.getByText(say('banner.not_approved'), { exact: true })).toBeVisible();
  await connectSandbox(page, merchant, 'Early sandbox', 'live');
  const link = await makeLink(page, merchant, { title: 'Too early', amount: '10.00' }, 'live');
  const customer = await desk.open();
  await customer.goto(link);
  await expect(customer.getByRole('heading', { level: 1, name: say('checkout.unavailable_title') })).toBeVisible();
  await expect(customer.getByRole('button', { name: say('link.continue') })).toHaveCount(0);
});

test('staff: a colleague is added, sets a password by mail, and an auditor changes nothing', async ({ desk }) => {
  const { merchant } = await applied(desk);
  const admin = await desk.admin();
  await visit(admin, '/admin/staff');
  const email = `${unique('aud')}@operator.example`;
  await admin.getByLabel(say('admin.col_name')).fill('Aud Auditor');
  await admin.getByLabel(say('admin.staff_email')).fill(email);
  await admin.getByLabel(say('role.staff.auditor')).check();
  await admin.getByRole('button', { name: say('admin.staff_add') }).click();
  await expect(admin.getByText(say('admin.staff_invited'))).toBeVisible();
  await expect(admin.getByRole('row').filter({ hasText: email })).toContainText(say('role.staff.auditor'));
  await axe(admin);

  const auditor = await desk.open();
  await auditor.goto(await desk.mailedLink(email, say('mail.reset_password.subject')));
  await auditor.locator('#password').fill('eleven patient herons at dusk');
  await auditor.getByRole('button', { name: say('auth.reset.new_submit') }).click();
  await auditor.waitForURL('**/admin');
  await visit(auditor, `/admin/applications/${merchant.id}`);
  await expect(auditor.getByText('DE136695976')).toBeVisible();
  await expect(auditor.getByRole('button', { name: say('admin.approve'), exact: true })).toHaveCount(0);
  await expect(auditor.getByRole('button', { name: say('admin.take') })).toHaveCount(0);

  await admin.getByRole('row').filter({ hasText: email }).getByRole('button', { name: say('admin.staff_close') }).click();
  await expect(admin.getByRole('row').filter({ hasText: email })).toContainText(say('admin.staff_closed'));
  await auditor.goto('/admin');
  await expect(auditor.getByText(say('admin.stat_waiting'))).toHaveCount(0);
});

test('the mail outbox shows every mail as it was written', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  const page = await desk.openMail(merchant.owner.email, say('mail.verify_email.subject'));
  await expect(page.getByRole('heading', { level: 1, name: say('mail.verify_email.subject') })).toBeVisible();
  await expect(page.getByText(say('status.mail.kept'))).toBeVisible();
  await expect(page.getByText(merchant.owner.name)).toBeVisible();
  await axe(page);
});
