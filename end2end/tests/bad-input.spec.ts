import { ANSWERS, type Page, type Values, PDF, at, buy, expect, fillForm, say, test, unique, upload, visit } from '../fixtures/index.ts';

const MARKUP = '<img src=x onerror="document.title=\'owned\'">';
const OVERRIDE = 'safe\u202Egnp.exe';
const BELL = 'a\u0007b';
const long = (length: number) => 'x'.repeat(length);

/** The message beside a field: visible, tied to it, and in the summary, which has the focus. */
async function expectComplaint(page: Page, id: string, prefix = ''): Promise<void> {
  const field = page.locator(`[id="${prefix}${id}"]`);
  await expect(field, id).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator(`[id="${prefix}${id}-error"]`), id).toBeVisible();
  expect((await field.getAttribute('aria-describedby')) ?? '', id).toContain(`${prefix}${id}-error`);
  await expect(page.locator(`.error-summary a[href="#${prefix}${id}"]`), id).toHaveCount(1);
}

/** Everything that was typed still stands in the form. */
async function expectKept(page: Page, typed: Values): Promise<void> {
  for (const [id, text] of Object.entries(typed)) {
    const radio = id === 'account_kind';
    if (radio) await expect(page.locator(`input[name="${id}"][value="${text}"]`)).toBeChecked();
    else await expect(page.locator(`[id="${id}"]`), id).toHaveValue(text);
  }
}

const summary = (page: Page) => page.locator('.error-summary');

test('sign up', async ({ page, desk }) => {
  const button = page.getByRole('button', { name: say('auth.signup.submit') });
  const addresses: string[] = [];
  const good = () => ({ name: 'Ada Seller', email: `${unique('ada')}@shop.example`, business_name: 'Harbour Books' });
  const rounds: Values[] = [
    { name: '', email: '', business_name: '' },
    { name: long(1_000), email: `${long(400)}@shop.example`, business_name: long(1_000) },
    { name: OVERRIDE, email: 'ada@shop\u202E.example', business_name: OVERRIDE },
    { name: BELL, email: 'ada' },
  ];
  for (const bad of rounds) {
    await page.goto('/signup');
    const typed = { ...good(), ...bad };
    addresses.push(typed.email);
    await fillForm(page, typed);
    await page.locator('#password').fill('seven quiet kettles by the harbour');
    await button.click();
    for (const field of Object.keys(bad)) await expectComplaint(page, field);
    await expect(summary(page)).toBeFocused();
    await expect(page).toHaveTitle(/^Error: /);
    await expectKept(page, typed);
    await expect(page.locator('#password')).toHaveValue('');
  }
  for (const password of ['', 'short', 'password1234', 'own address', long(2_000)]) {
    await page.goto('/signup');
    const typed = good();
    addresses.push(typed.email);
    await fillForm(page, typed);
    await page.locator('#password').fill(password === 'own address' ? typed.email : password);
    await button.click();
    await expectComplaint(page, 'password');
    await expectKept(page, typed);
  }
  // Nothing was stored: no mail to any of these addresses was written.
  const admin = await desk.admin();
  await admin.goto('/admin/mail');
  for (const email of addresses.filter((text) => text.includes('@shop.example'))) await expect(admin.getByText(email, { exact: true })).toHaveCount(0);
});

test('a name with markup is a name', async ({ page, desk }) => {
  const business = `${unique('Shop')} ${MARKUP}`;
  const merchant = await desk.newMerchant(business);
  const owner = await desk.open(merchant.state);
  await visit(owner, at(merchant, 'settings/business'));
  await expect(owner.locator('#name')).toHaveValue(business);
  const admin = await desk.admin();
  await admin.goto('/admin/merchants');
  await expect(admin.getByText(business)).toBeVisible();
  expect(await admin.title()).not.toBe('owned');
  await page.goto('/login');
});

test('the application: a draft keeps everything, and says beside each field what is wrong', async ({ desk }) => {
  test.setTimeout(400_000);
  const merchant = await desk.newMerchant();
  const page = await desk.open(merchant.state);
  const next = page.locator('.form-actions').getByRole('button', { name: say('onboarding.save_next') });
  const rounds: [keyof typeof ANSWERS, Values][] = [
    ['business', { legal_name: '', trading_name: '', legal_form: '', tax_number: '', address_line: '', postal_code: '', city: '', phone: '', company_number: '' }],
    ['business', { legal_name: long(300), trading_name: long(300), tax_number: 'DE1', address_line: long(300), postal_code: '1', city: long(300), phone: '12', company_number: long(200) }],
    ['business', { legal_name: OVERRIDE, trading_name: OVERRIDE, tax_number: MARKUP, address_line: OVERRIDE, postal_code: MARKUP, city: OVERRIDE, phone: 'call me' }],
    ['activity', { website: '', category: '', description: '', volume_currency: '', monthly_volume: '', average_payment: '' }],
    ['activity', { website: 'harbour-books', description: 'Books.', monthly_volume: 'much', average_payment: '-5' }],
    ['activity', { website: 'javascript:alert(1)', description: long(3_000), monthly_volume: '1.234567', average_payment: '0.001' }],
    ['owners', { 'owners-0-name': '', 'owners-0-birth_date': '', 'owners-0-country': '', 'owners-0-share': '', 'owners-0-role': '' }],
    ['owners', { 'owners-0-name': long(300), 'owners-0-birth_date': '31.5.1984', 'owners-0-share': '101', 'owners-0-role': long(300) }],
    ['owners', { 'owners-0-name': OVERRIDE, 'owners-0-birth_date': '2025-01-01', 'owners-0-share': 'half', 'owners-0-role': OVERRIDE }],
    ['bank', { account_holder: '', iban: '' }],
    ['bank', { account_holder: OVERRIDE, iban: 'DE89370400440532013001' }],
    ['bank', { account_holder: long(300), iban: MARKUP }],
  ];
  for (const [step, bad] of rounds) {
    await page.goto(`/onboarding?m=${merchant.id}&step=${step}`);
    const typed = { ...ANSWERS[step], ...bad };
    await fillForm(page, typed);
    await next.click();
    for (const field of Object.keys(bad)) await expectComplaint(page, field);
    await expectKept(page, typed);
  }
  await page.goto(`/onboarding?m=${merchant.id}&step=review`);
  await expect(page.getByRole('button', { name: say('onboarding.submit') })).toHaveCount(0);
});

test('documents: what a file holds decides, not its name', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  const page = await desk.open(merchant.state);
  await page.goto(`/onboarding?m=${merchant.id}&step=documents`);
  const refused = [
    { name: 'passport.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="alert(1)"/>') },
    { name: 'page.pdf', mimeType: 'application/pdf', buffer: Buffer.from('<html>') },
    { name: 'empty.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) },
    { name: 'huge.pdf', mimeType: 'application/pdf', buffer: Buffer.concat([PDF.buffer, Buffer.alloc(10 * 1024 * 1024)]) },
  ];
  for (const file of refused) {
    await upload(page, 'bank', file);
    await expect(page.locator('#file-error'), file.name).toBeVisible();
    await expect(page.locator('#purpose')).toHaveValue('bank');
    await expect(page.locator('.file')).toHaveCount(0);
  }
  await page.locator('#file').setInputFiles(PDF);
  await page.locator('#purpose').selectOption('');
  await page.getByRole('button', { name: say('onboarding.document_upload') }).click();
  await expectComplaint(page, 'purpose');
  await expect(page.locator('.file')).toHaveCount(0);
  await upload(page, 'bank', { ...PDF, name: `${OVERRIDE}.pdf` });
  await expect(page.locator('.file')).toHaveCount(1);
  await expect(page.locator('.file-name')).not.toContainText('\u202E');
  // It comes down as a download, as what it is.
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.file-name').click()]);
  expect(download.suggestedFilename()).not.toContain('\u202E');
  await page.locator('.file').getByRole('button').click();
  await expect(page.locator('.file')).toHaveCount(0);
});

test('a gateway', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  desk.guard.allow(/answer 422: POST .*\/api\//);
  const page = await desk.open(merchant.state);
  const save = page.getByRole('button', { name: say('form.save') });
  await visit(page, at(merchant, 'gateways/new'));
  const rounds: Values[] = [
    { name: '', currencies: 'EUR, XX', priority: 'first' },
    { name: long(500), currencies: MARKUP, priority: '-99999999999' },
    { name: OVERRIDE, currencies: OVERRIDE, priority: '1.5' },
  ];
  for (const bad of rounds) {
    await fillForm(page, bad);
    await save.click();
    for (const field of Object.keys(bad)) await expectComplaint(page, field);
    await expectKept(page, bad);
  }
  await fillForm(page, { name: 'Sandbox', currencies: '', priority: '' });
  await page.locator('#methods').uncheck();
  await save.click();
  await expect(page.locator('#methods-error')).toBeVisible();
  await visit(page, at(merchant, 'gateways'));
  await expect(page.getByText(say('gateways.none'), { exact: true })).toBeVisible();
});

test('a payment link', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  desk.guard.allow(/answer 422: POST .*\/api\//);
  const page = await desk.open(merchant.state);
  await visit(page, at(merchant, 'payment-links/new'));
  const good = { title: 'Chart', description: 'A chart.', amount: '9.00', max_quantity: '1', stock: '', success_url: '' };
  const rounds: Values[] = [
    { title: '', amount: '', max_quantity: '0', stock: '-1', success_url: 'javascript:alert(1)' },
    { title: long(1_000), description: long(10_001), amount: 'nine', max_quantity: 'some', stock: '1.5', success_url: 'https://not-allowed.example/thanks' },
    { title: OVERRIDE, amount: '9.999', success_url: MARKUP },
    { amount: '-9' }, { amount: '0' }, { amount: '99999999999999999999' },
  ];
  for (const bad of rounds) {
    const typed = { ...good, ...bad };
    await fillForm(page, typed);
    await page.getByRole('button', { name: say('links.create') }).click();
    for (const field of Object.keys(bad)) await expectComplaint(page, field);
    await expectKept(page, typed);
  }
  await fillForm(page, good);
  await page.locator('#pricing-customer').check();
  await page.locator('#min_amount').fill('10');
  await page.locator('#max_amount').fill('5');
  await page.getByRole('button', { name: say('links.create') }).click();
  await expect(summary(page)).toContainText(say('problem.min_above_max'));
  await visit(page, at(merchant, 'payment-links'));
  await expect(page.getByText(say('links.none'), { exact: true })).toBeVisible();
});

test('a checkout session', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  desk.guard.allow(/answer 422: POST .*\/api\//);
  const page = await desk.open(merchant.state);
  await visit(page, at(merchant, 'checkout-sessions/new'));
  const good = {
    'items-0-name': 'Chart', 'items-0-quantity': '1', 'items-0-unit_amount': '9.00', customer_email: '', client_reference: '', success_url: '', cancel_url: '', expires_in_hours: '24',
  };
  const rounds: Values[] = [
    { 'items-0-name': '', 'items-0-quantity': '0', 'items-0-unit_amount': '', customer_email: 'grace', success_url: 'https://elsewhere.example/', cancel_url: 'shop', expires_in_hours: '0' },
    { 'items-0-name': long(1_000), 'items-0-quantity': 'two', 'items-0-unit_amount': 'free', client_reference: long(1_000), expires_in_hours: '9999' },
    { 'items-0-name': OVERRIDE, 'items-0-unit_amount': '-1', customer_email: OVERRIDE, client_reference: OVERRIDE, success_url: 'javascript:alert(1)', expires_in_hours: 'soon' },
  ];
  for (const bad of rounds) {
    const typed = { ...good, ...bad };
    await fillForm(page, typed);
    await page.getByRole('button', { name: say('sessions.create') }).click();
    for (const field of Object.keys(bad)) await expectComplaint(page, field);
    await expectKept(page, typed);
  }
  await visit(page, at(merchant, 'checkout-sessions'));
  await expect(page.getByText(say('sessions.none'), { exact: true })).toBeVisible();
});

test('business settings and the team', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  desk.guard.allow(/answer 422: POST .*\/api\//);
  const page = await desk.open(merchant.state);
  await visit(page, at(merchant, 'settings/business'));
  const good = { name: 'Harbour', statement_name: 'HARBOUR', support_email: '', support_url: '', return_origins: '' };
  const rounds: Values[] = [
    { name: '', statement_name: 'HB', support_email: 'help', support_url: 'http:/x', return_origins: 'https://shop.example/path' },
    { name: long(1_000), statement_name: long(30), support_email: `${long(400)}@shop.example`, support_url: `https://${long(3_000)}.example/`, return_origins: 'shop' },
    { name: OVERRIDE, statement_name: 'Häfen', support_url: 'javascript:alert(1)', return_origins: MARKUP },
  ];
  for (const bad of rounds) {
    const typed = { ...good, ...bad };
    await fillForm(page, typed);
    await page.getByRole('button', { name: say('form.save') }).click();
    for (const field of Object.keys(bad)) await expectComplaint(page, field);
    await expectKept(page, typed);
  }
  await page.reload();
  await expect(page.locator('#name')).toHaveValue(merchant.business);

  await visit(page, at(merchant, 'settings/team'));
  for (const email of ['', 'vic', `${long(400)}@shop.example`, 'vic@sh\u202Eop.example', merchant.owner.email]) {
    await page.locator('#invite-email').fill(email);
    await page.getByRole('button', { name: say('settings.invite') }).click();
    await expectComplaint(page, 'email', 'invite-');
    await expect(page.locator('#invite-email')).toHaveValue(email);
  }
  await expect(page.getByText(say('settings.no_invitations'), { exact: true })).toBeVisible();
});

test('a refund', async ({ desk, page: customer }) => {
  const shop = await desk.shop();
  desk.guard.allow(/answer 4(09|22): POST .*\/api\//);
  const email = `${unique('refund')}@customers.example`;
  await buy(customer, shop.link, { email });
  const page = await desk.open(shop.state);
  await visit(page, at(shop, `payments?email=${email}`));
  await page.locator('tbody').getByRole('link').click();
  await page.getByRole('button', { name: say('refund.open') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(say('refund.partial')).check();
  for (const amount of ['', '0', '-1', 'half', '48.01', '9.999', '99999999999999999999']) {
    await dialog.locator('#refund-amount').fill(amount);
    await dialog.locator('.dialog-foot .btn-danger').click();
    await expect(dialog.locator('#refund-amount-error'), amount).toBeVisible();
    await expect(dialog.locator('#refund-amount')).toHaveValue(amount);
  }
  await dialog.locator('#refund-amount').fill('10');
  await dialog.locator('#refund-note').fill(long(5_000));
  await dialog.locator('.dialog-foot .btn-danger').click();
  await expect(dialog.locator('#refund-note-error')).toBeVisible();
  await page.keyboard.press('Escape');
  await visit(page, at(shop, 'payments?email=' + email));
  await expect(page.locator('tbody')).toContainText(say('status.payment.succeeded'));
});
