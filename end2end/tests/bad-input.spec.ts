import {
  ANSWERS, CARDS, type Language, type Page, type Values, PDF, apply, at, axeBoth, buy, buyAndKeep, expect, fillForm, say, test, unique, upload, visit,
} from '../fixtures/index.ts';

// Every field of every form is tried with everything at the server's doors (tests/it/forms). What only a browser can show is
// here: all fields of each form wrong at once, a message beside each of them, the focus in the summary, nothing typed lost.

const MARKUP = '<img src=x onerror="document.title=\'owned\'">';
const OVERRIDE = 'safe\u202Egnp.exe';
const BELL = 'a\u0007b';
const long = (length: number) => 'x'.repeat(length);

const LANGUAGES: Language[] = ['en', 'fa'];

interface BadForm {
  /** Where it is. */
  address: string;
  /** What leads to it on the page. */
  open?: (page: Page) => Promise<unknown>;
  /** Before each id. */
  prefix?: string;
  /** What is fine, and what is wrong, by ids without the prefix. */
  good?: Values;
  bad: Values;
  /** Fields that are never filled in again. */
  gone?: string[];
  /** What sends it, where the form's last button doesn't. */
  send?: (page: Page) => Promise<unknown>;
}

/** The message beside a field: visible, tied to it, and in the summary. */
async function expectComplaint(page: Page, id: string, prefix = ''): Promise<void> {
  const field = page.locator(`[id="${prefix}${id}"]`);
  const group = page.locator('fieldset[aria-invalid=true]', { has: field });
  const invalid = (await group.count()) ? group : field;
  await expect(invalid, id).toHaveAttribute('aria-invalid', 'true');
  const error = page.locator(`[id="${prefix}${id}-error"]`);
  await expect(error, id).toBeVisible();
  await expect(error, id).not.toContainText('{');
  const named = (await group.count()) || (await field.getAttribute('type')) === 'checkbox' ? page.locator('fieldset', { has: field }).last() : field;
  expect((await named.getAttribute('aria-describedby')) ?? '', id).toContain(`${prefix}${id}-error`);
  await expect(page.locator(`.error-summary a[href="#${prefix}${id}"]`), id).toHaveCount(1);
}

/** Everything that was typed still stands in the form. */
async function expectKept(page: Page, typed: Values, prefix = '', gone: string[] = []): Promise<void> {
  for (const [id, text] of Object.entries(typed)) {
    const field = page.locator(`[id="${prefix}${id}"]`);
    const kind = await field.getAttribute('type');
    if (kind === 'checkbox') await expect(field, id).not.toBeChecked();
    else if (kind === 'radio') await expect(page.locator(`input[type=radio][name="${await field.getAttribute('name')}"][value="${text}"]`)).toBeChecked();
    else await expect(field, id).toHaveValue(gone.includes(id) ? '' : text);
  }
}

/** Fills a form with what is wrong, sends it, and looks at what it says. */
async function tryForm(page: Page, form: BadForm, language: Language): Promise<void> {
  await page.goto(form.address);
  if (await page.locator('body.portal').count()) await page.locator('html[data-live]').waitFor({ state: 'attached' });
  await form.open?.(page);
  const prefix = form.prefix ?? '';
  const typed = { ...form.good, ...form.bad };
  if (typed.methods === 'off') await page.locator('#methods').uncheck();
  await fillForm(page, Object.fromEntries(Object.entries(typed).filter(([id]) => id !== 'methods').map(([id, text]) => [prefix + id, text])));
  const first = Object.keys(form.bad)[0]!;
  if (form.send) await form.send(page);
  else await page.locator('form', { has: page.locator(`[id="${prefix}${first}"]`) }).locator('button[type=submit]').last().click();
  for (const id of Object.keys(form.bad)) await expectComplaint(page, id, prefix);
  await expect(page.locator('.error-summary:visible'), form.address).toBeFocused();
  await expectKept(page, typed, prefix, form.gone);
  await axeBoth(page, language);
  // The summary's links lead to the fields.
  await page.locator(`.error-summary a[href="#${prefix}${first}"]`).click();
  await expect(page.locator(`[id="${prefix}${first}"]`)).toBeFocused();
}

const saving = (page: Page) => page.locator('.form-actions button[value=next]').click();

for (const language of LANGUAGES) {
  test(`forms of visitors and of the application: ${language}`, async ({ desk }) => {
    test.setTimeout(400_000);
    const visitor = await desk.openIn(language);
    const forms: BadForm[] = [
      { address: '/signup', bad: { name: OVERRIDE, email: 'ada@shop\u202E.example', password: 'short', business_name: long(1_000) }, gone: ['password'] },
      { address: '/login', bad: { email: '', password: '' }, gone: ['password'] },
      { address: '/reset', bad: { email: 'ada' } },
    ];
    for (const form of forms) await tryForm(visitor, form, language);
    await expect(visitor).toHaveTitle(language === 'en' ? /^Error: / : /./);

    const merchant = await desk.newMerchant();
    const page = await desk.openIn(language, merchant.state);
    const step = (name: string) => `/onboarding?m=${merchant.id}&step=${name}`;
    const steps: BadForm[] = [
      {
        address: step('business'),
        bad: { legal_form: '', legal_name: long(300), trading_name: OVERRIDE, country: '', company_number: MARKUP, tax_number: 'DE1', address_line: '', postal_code: '', city: long(300), phone: 'call me' },
      },
      { address: step('activity'), bad: { website: 'javascript:alert(1)', category: '', description: 'Books.', volume_currency: '' }, good: { monthly_volume: '100', average_payment: '5' } },
      { address: step('activity'), bad: { monthly_volume: '1.234567', average_payment: '12,34.56' }, good: { volume_currency: 'EUR', website: 'https://harbour.example', category: 'clothing', description: ANSWERS.activity.description! } },
      { address: step('owners'), bad: { 'owners-0-name': '', 'owners-0-birth_date': '31.5.1984', 'owners-0-country': '', 'owners-0-share': '101', 'owners-0-role': OVERRIDE } },
      { address: step('bank'), bad: { account_holder: OVERRIDE, iban: MARKUP }, good: { account_kind: 'iban' } },
      { address: step('bank'), bad: { bank_country: '', account_number: '' }, good: { account_kind: 'local', account_holder: 'Harbour Books GmbH' } },
    ];
    for (const form of steps) await tryForm(page, { ...form, send: saving }, language);
    await page.goto(step('documents'));
    const press = page.locator('form[action$=upload] button[type=submit]');
    await page.locator('#purpose').selectOption('bank');
    await page.locator('#file').setInputFiles({ name: 'page.pdf', mimeType: 'application/pdf', buffer: Buffer.from('<html>') });
    await press.click();
    await expectComplaint(page, 'file');
    await expect(page.locator('#purpose')).toHaveValue('bank');
    await axeBoth(page, language);
  });

  test(`customers’ forms: ${language}`, async ({ desk }) => {
    const shop = await desk.shop();
    const page = await desk.openIn(language);
    const owner = await desk.open(shop.state);
    await visit(owner, at(shop, 'payment-links/new'));
    await fillForm(owner, { title: unique('Gift'), currency: 'EUR' });
    await owner.locator('#pricing-customer').check();
    await owner.locator('#max_quantity').fill('5');
    await owner.getByRole('button', { name: say('links.create') }).click();
    await owner.waitForURL(/payment-links\/(?!new)/);
    const link = (await owner.getByRole('region', { name: say('links.address') }).locator('code').textContent())!;
    await tryForm(page, { address: link, bad: { amount: '12,34.56', quantity: '6' } }, language);
    await tryForm(page, { address: link, bad: { amount: MARKUP, quantity: '1e400' } }, language);
    await page.goto(shop.link);
    await page.locator('.pay-button').click();
    await page.waitForURL(/\/c\/[^/]+$/);
    const fields = ['card_number', 'card_expiry', 'card_code'];
    await tryForm(page, { address: page.url(), bad: { email: MARKUP, card_number: '', card_expiry: '13/34', card_code: '12', name: OVERRIDE }, gone: fields }, language);
    await tryForm(page, { address: page.url(), bad: { email: '', card_number: CARDS.notOnTheList }, good: { card_expiry: '12/34', card_code: '123', name: MARKUP }, gone: fields }, language);
  });

  test(`a merchant’s forms: ${language}`, async ({ desk, page: customer }) => {
    test.setTimeout(400_000);
    desk.guard.allow(/answer 4(09|22): POST .*\/api\//);
    const merchant = await desk.newMerchant();
    const page = await desk.openIn(language, merchant.state);
    const forms: BadForm[] = [
      { address: at(merchant, 'gateways/new'), bad: { name: '', currencies: 'EUR, XX', priority: 'first' } },
      { address: at(merchant, 'gateways/new'), bad: { name: OVERRIDE, 'credentials-label': BELL, currencies: MARKUP, priority: '10000' } },
      { address: at(merchant, 'gateways/new'), bad: { methods: 'off' } },
      { address: at(merchant, 'payment-links/new'), bad: { title: '', description: long(1_001), amount: '12,34.56', max_quantity: '0', stock: '-1', success_url: 'javascript:alert(1)' }, good: { currency: 'SEK' } },
      {
        address: at(merchant, 'payment-links/new'),
        open: (p) => p.locator('#pricing-customer').check(),
        bad: { min_amount: '10', title: OVERRIDE },
        good: { max_amount: '5', description: MARKUP, max_quantity: '3', stock: '' },
      },
      {
        address: at(merchant, 'checkout-sessions/new'),
        open: (p) => p.locator('#metadata button').last().click(),
        bad: {
          'items-0-name': BELL, 'items-0-quantity': 'two', 'items-0-unit_amount': '-1', customer_email: 'grace', client_reference: OVERRIDE, success_url: 'https://elsewhere.example/',
          cancel_url: 'shop', expires_in_hours: '721', 'metadata-0-key': '',
        },
        good: { 'metadata-0-value': MARKUP },
      },
      {
        address: at(merchant, 'settings/business'),
        bad: { name: '', statement_name: 'Häfen', support_email: 'help', support_url: 'http:/x', return_origins: 'https://shop.example/path' },
        good: { timezone: 'Asia/Tehran', default_currency: 'JPY' },
      },
      { address: at(merchant, 'settings/branding'), prefix: 'color-', bad: { brand_color: 'red' } },
      { address: at(merchant, 'settings/team'), prefix: 'invite-', bad: { email: 'vic@sh\u202Eop.example' } },
      { address: at(merchant, 'settings/profile'), bad: { name: OVERRIDE } },
      // The page keeps a wrong password as it was typed: nothing leaves the page before it is right.
      { address: at(merchant, 'settings/password'), bad: { current: 'not this one', new: 'short' } },
    ];
    for (const form of forms) await tryForm(page, form, language);
    // Nothing was stored.
    await visit(page, at(merchant, 'settings/business'));
    await expect(page.locator('#name')).toHaveValue(merchant.business);
    for (const path of ['gateways', 'payment-links', 'checkout-sessions']) {
      await visit(page, at(merchant, path));
      await expect(page.locator('.empty'), path).toBeVisible();
    }
    // The logo's form is a plain one.
    await visit(page, at(merchant, 'settings/branding'));
    await page.locator('#logo').setInputFiles(PDF);
    await page.locator('form[action="/settings/logo"] button[type=submit]').click();
    await expect(page.locator('#logo-error')).toBeVisible();
    await expect(page.locator('#logo')).toHaveAttribute('aria-describedby', /logo-error/);

    const shop = await desk.shop();
    const email = `${unique('refund')}@customers.example`;
    await buy(customer, shop.link, { email });
    const seller = await desk.openIn(language, shop.state);
    await visit(seller, at(shop, `payments?email=${email}`));
    const payment = (await seller.locator('tbody a.row-link').getAttribute('href'))!;
    const partly: BadForm = {
      address: payment,
      open: async (p) => {
        await p.getByRole('button', { name: say('refund.open', {}, language) }).click();
        await p.locator('#refund-kind-partial').check();
      },
      prefix: 'refund-',
      bad: { amount: '12,34.56', note: long(501) },
    };
    await tryForm(seller, partly, language);
    await tryForm(seller, { ...partly, bad: { amount: '48.01' }, good: { reason: 'duplicate', note: MARKUP } }, language);
    await visit(seller, payment);
    await expect(seller.locator('.headline').getByText(say('status.payment.succeeded', {}, language))).toBeVisible();
    const keeper = `${unique('keeper')}@customers.example`;
    await buyAndKeep(await desk.open(), shop.link, { email: keeper });
    await visit(seller, at(shop, `customers?email=${keeper}`));
    const charge: BadForm = {
      address: (await seller.locator('tbody a.row-link').getAttribute('href'))!,
      open: (p) => p.getByRole('button', { name: say('customers.charge_which', { method: 'Visa •••• 4242' }, language) }).click(),
      prefix: 'charge-',
      bad: { amount: '12,34.56', description: OVERRIDE },
      good: { currency: 'SEK' },
    };
    await tryForm(seller, charge, language);
    await tryForm(seller, { ...charge, bad: { description: '' }, good: { amount: '5.00' } }, language);
    await visit(seller, at(shop, 'customers?email=nonsense'));
    await expectComplaint(seller, 'email', 'filter-');
    await axeBoth(seller, language);
    const filters = at(shop, 'payments?from=yesterday&min=abc&currency=EUR&last4=12&email=nonsense');
    await visit(seller, filters);
    for (const id of ['from', 'min', 'last4', 'email']) await expectComplaint(seller, id, 'filter-');
    await axeBoth(seller, language);
  });

  test(`the operator’s forms: ${language}`, async ({ desk }) => {
    test.setTimeout(400_000);
    desk.guard.allow(/answer 4(09|22): POST .*\/api\//);
    const merchant = await desk.newMerchant();
    await apply(await desk.open(merchant.state), merchant);
    const admin = await desk.openIn(language, await desk.adminState());
    const review = `/admin/applications/${merchant.id}`;
    const press = (key: string) => (p: Page) => p.locator('.page-actions').getByRole('button', { name: say(key, {}, language), exact: true }).first().click();
    const forms: BadForm[] = [
      { address: review, open: press('admin.ask'), prefix: 'ask', bad: { text: OVERRIDE } },
      { address: review, open: press('admin.deny'), prefix: 'deny', bad: { text: '' } },
      { address: review, open: press('admin.suspend'), prefix: 'suspend', bad: { reason: long(2_001) } },
      { address: review, prefix: 'note', bad: { text: BELL } },
      { address: '/admin/staff', bad: { name: '', email: 'lee' } },
    ];
    for (const form of forms) await tryForm(admin, form, language);
    await visit(admin, '/admin/applications?country=Sweden');
    await expectComplaint(admin, 'country', 'filter-');
    await axeBoth(admin, language);
    await visit(admin, review);
    await expect(admin.locator('.page-head .badge').getByText(say('status.application.submitted', {}, language), { exact: true })).toBeVisible();
  });
}

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

test('documents: what a file holds decides, not its name', async ({ desk }) => {
  const merchant = await desk.newMerchant();
  const page = await desk.open(merchant.state);
  await page.goto(`/onboarding?m=${merchant.id}&step=documents`);
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
