import { type Page, at, axe, axeBoth, beginning, expect, say, test, unique, visit } from '../fixtures/index.ts';

// A customer transfers, in either language and without scripts; the merchant brings a statement, and decides what is doubtful.

const IBAN = 'BE72 0000 0000 1616';

async function connectBank(page: Page, shop: Parameters<typeof at>[0]): Promise<void> {
  await visit(page, at(shop, 'gateways/new?provider=bank_transfer'));
  await page.locator('#name').fill('Our bank');
  await page.getByLabel(say('gateway.field.bank_transfer.holder'), { exact: false }).fill('Field Books');
  await page.getByRole('textbox', { name: say('gateway.field.bank_transfer.iban') }).fill(IBAN);
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(page.getByRole('region', { name: 'Our bank', exact: true })).toBeVisible();
}

async function choose(page: Page, link: string, email: string, lang: 'en' | 'fa' = 'en'): Promise<string> {
  await page.goto(link);
  await page.getByRole('button', { name: say('link.continue', {}, lang) }).click();
  await page.waitForURL(/\/c\/[^/]+$/);
  await page.locator('#email').fill(email);
  await page.getByText(say('gateway.method.bank_transfer', {}, lang), { exact: true }).click();
  await page.locator('.pay-button').click();
  await expect(page.locator('h1')).toContainText(beginning('checkout.transfer_title', lang));
  return page.getByLabel(say('checkout.transfer_reference', {}, lang)).inputValue();
}

function camt(rows: { amount: string; text: string; payer?: string }[]): Buffer {
  const day = new Date().toISOString().slice(0, 10);
  const entries = rows.map(({ amount, text, payer = 'Grace Buyer' }) => `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
    <BookgDt><Dt>${day}</Dt></BookgDt><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>${payer}</Nm></Dbtr></RltdPties>
    <RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`);
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
    <Acct><Id><IBAN>${IBAN.replaceAll(' ', '')}</IBAN></Id></Acct>${entries.join('')}</Stmt></BkToCstmrStmt></Document>`);
}

async function bring(page: Page, shop: Parameters<typeof at>[0], name: string, buffer: Buffer): Promise<void> {
  await visit(page, at(shop, 'bank-transfers?view=statements'));
  await page.locator('#statement').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  await page.getByRole('button', { name: say('bank.upload'), exact: true }).click();
  await page.waitForURL(/\/bank-transfers\/bst_/);
}

const fact = (page: Page, term: string) =>
  page.locator('dl.kv > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${term}$`) }) }).locator('dd').first();

test('from the code to the statement that has the money', async ({ desk }) => {
  test.setTimeout(240_000);
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'bank-transfers'));
  await expect(page.getByText(say('bank.no_connection'))).toBeVisible();
  await connectBank(page, shop);

  const customer = await desk.openIn('en');
  const reference = await choose(customer, shop.link, `${unique('transfer')}@customers.example`);
  expect(reference).toMatch(/^[2-9A-Z]{4} [2-9A-Z]{4} [2-9A-Z]{4}$/);
  await expect(customer.getByText(IBAN)).toBeVisible();
  await expect(customer.getByRole('img', { name: say('checkout.qr.epc') })).toBeVisible();
  await axeBoth(customer, 'en');

  // More than was asked for is decided by a person; the rest of the file is matched at once.
  // That customer has no scripts.
  const second = await desk.open(undefined, { javaScriptEnabled: false });
  const other = await choose(second, shop.link, `${unique('transfer')}@customers.example`);
  await visit(page, at(shop, 'bank-transfers'));
  await expect(page.getByText(reference)).toBeVisible();
  await axe(page);
  await bring(page, shop, 'today.xml', camt([{ amount: '48.00', text: reference }, { amount: '50.00', text: other }]));
  await expect(fact(page, say('bank.column_matched'))).toHaveText('1');
  await expect(fact(page, say('bank.column_doubtful'))).toHaveText('1');
  await axe(page);
  await customer.reload();
  await customer.waitForURL(/\/r\//);

  await page.getByRole('link', { name: say('bank.to_doubtful') }).click();
  await page.getByRole('button', { name: say('bank.pays', { reference: other }) }).click();
  await page.locator('#entry-amount').fill('50.00');
  await axe(page);
  await page.getByRole('dialog').getByRole('button', { name: say('form.save') }).click();
  await expect(page.getByText(say('bank.doubtful_none'))).toBeVisible();
  await second.reload();
  await second.waitForURL(/\/r\//);

  // What came too much is owed, until it was paid back at the bank.
  await visit(page, at(shop, 'bank-transfers'));
  await page.getByRole('row').filter({ hasText: other }).getByRole('link').click();
  await expect(page.getByText(say('payment.surplus.owed', { amount: '2.00 EUR' }))).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: say('payment.surplus.mark') }).click();
  await page.getByRole('dialog').getByRole('button', { name: say('payment.surplus.submit', { amount: '2.00 EUR' }) }).click();
  await expect(page.getByText(say('payment.surplus.returned', { amount: '2.00 EUR' }))).toBeVisible();

  // The same file again counts nothing twice.
  await bring(page, shop, 'again.xml', camt([{ amount: '48.00', text: reference }, { amount: '50.00', text: other }]));
  await expect(fact(page, say('bank.column_known'))).toHaveText('2');
});

test('what was set aside comes back', async ({ desk }) => {
  test.setTimeout(180_000);
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await connectBank(page, shop);
  const customer = await desk.open();
  const reference = await choose(customer, shop.link, `${unique('transfer')}@customers.example`);
  await bring(page, shop, 'today.xml', camt([{ amount: '50.00', text: reference }]));
  await page.getByRole('link', { name: say('bank.to_doubtful') }).click();
  await page.getByRole('button', { name: say('bank.nothing') }).click();
  await page.getByRole('dialog').getByRole('button', { name: say('form.save') }).click();
  await expect(page.getByText(say('bank.doubtful_none'))).toBeVisible();
  await page.getByRole('link', { name: say('bank.view_aside') }).click();
  await expect(page.getByText('Grace Buyer')).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: say('bank.bring_back') }).click();
  await expect(page.getByText(say('bank.aside_none'), { exact: true })).toBeVisible();
  await visit(page, at(shop, 'bank-transfers?view=doubtful'));
  await expect(page.getByRole('button', { name: say('bank.pays', { reference }) })).toBeVisible();
});

test('in Persian, and another way after all', async ({ desk }) => {
  test.setTimeout(180_000);
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await connectBank(page, shop);
  const customer = await desk.openIn('fa');
  await customer.setViewportSize({ width: 390, height: 844 });
  const reference = await choose(customer, shop.link, `${unique('transfer')}@customers.example`, 'fa');
  await expect(customer.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(customer.locator('bdi[dir=ltr]', { hasText: IBAN })).toBeVisible();
  expect(await customer.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await axeBoth(customer, 'fa');
  await customer.getByRole('button', { name: say('checkout.start_over', {}, 'fa') }).click();
  await expect(customer.locator('.pay-button')).toBeVisible();

  // The money comes all the same: it is taken as late money.
  await bring(page, shop, 'late.xml', camt([{ amount: '48.00', text: reference }]));
  await expect(fact(page, say('bank.column_matched'))).toHaveText('1');
});

test('the columns of a table are said once', async ({ desk }) => {
  test.setTimeout(180_000);
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await connectBank(page, shop);
  const customer = await desk.open();
  const reference = await choose(customer, shop.link, `${unique('transfer')}@customers.example`);
  const day = new Date().toISOString().slice(0, 10);
  const table = Buffer.from(`Booking date;Amount;Currency;Payer;Reference\n${day};48,00;EUR;Grace Buyer;${reference}\n`);
  await bring(page, shop, 'may.csv', table);
  await expect(page.getByText(say('bank.columns_title'))).toBeVisible();
  await axe(page);
  await page.getByRole('button', { name: say('bank.columns_read') }).click();
  await expect(fact(page, say('bank.column_matched'))).toHaveText('1');
});
