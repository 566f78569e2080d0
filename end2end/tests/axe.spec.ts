import {
  type Desk, type Language, type Merchant, type Page, type State, CARDS, alive, apply, at, axe, axeBoth, buy, buyAndKeep, expect, fillCard, person, say, startCheckout, test, unique, visit,
} from '../fixtures/index.ts';

/** A page to look at: whose session, and its address. */
interface Look {
  route: string;
  state: State | undefined;
  address: string;
}

// Every page that a GET can show, by the server's own list of routes. A route that is missing here fails the first test.
const PREFIX = '/m/{acct}/{mode}/';
const MERCHANT = [
  'dashboard', 'payments', 'payments/review', 'refunds', 'customers', 'gateways', 'gateways/new', 'routing', 'payment-links', 'payment-links/new', 'checkout-sessions', 'checkout-sessions/new',
  'settings', 'settings/business', 'settings/branding', 'settings/team', 'settings/activity', 'settings/profile', 'settings/password', 'settings/sessions',
];
const DETAIL = {
  'payments/{id}': 'payment', 'customers/{id}': 'buyer', 'gateways/{id}': 'gateway', 'gateways/{id}/health': 'health', 'gateways/{id}/events': 'events',
  'payment-links/{id}': 'link', 'checkout-sessions/{id}': 'session',
} as const;
const ADMIN = ['', '/applications', '/merchants', '/gateways', '/staff', '/jobs', '/mail', '/account/profile', '/account/password', '/account/sessions'];
const ADMIN_DETAIL = { '/admin/applications/{merchant}': 'application', '/admin/mail/{id}': 'mail' } as const;
const VISITOR: Record<string, string> = {
  '/login': '/login?next=/payments', '/signup': '/signup', '/check-mail': '/check-mail?for=reset', '/reset': '/reset', '/verify': '/verify?token=nothing',
  '/reset/{token}': '/reset/nothing', '/invitations/{token}': '/invitations/nothing', '/first-admin/{token}': '/first-admin/nothing', '/no/such/page': '/no/such/page', '/dev/components': '/dev/components',
};
const CUSTOMER = { '/pay/{link}': 'pay', '/c/{token}': 'checkout', '/c/{token}/return': 'returned', '/c/{token}/go': 'gone', '/challenge/{token}': 'challenge', '/r/{token}': 'receipt' } as const;
/** Pages that a test of their own looks at: bank-transfer.spec.ts. */
const ELSEWHERE = ['bank-transfers', 'bank-transfers/{id}'];
/** Routes that show no page. */
const NO_PAGE = ['/healthz', '/readyz', '/files/{merchant}/{file}', '/logo/{merchant}/{version}'];

const LOOKED_AT = [
  ...[...MERCHANT, ...Object.keys(DETAIL), ...ELSEWHERE].map((path) => PREFIX + path), ...ADMIN.map((path) => `/admin${path}`), ...Object.keys(ADMIN_DETAIL),
  ...Object.keys(VISITOR), ...Object.keys(CUSTOMER), '/onboarding',
];

/** Shown in full: everything that a busy merchant, its customers and its operator see. */
async function fullPages(desk: Desk): Promise<Look[]> {
  const { merchant, addresses } = await busyShop(desk);
  const admin = await desk.adminState();
  const places = { ...addresses, application: `/admin/applications/${merchant.id}`, mail: await addressOfMail(desk, merchant) };
  const look = (route: string, state: State | undefined, address: string): Look => ({ route, state, address });
  return [
    ...MERCHANT.map((path) => look(PREFIX + path, merchant.state, at(merchant, path))),
    ...Object.entries(DETAIL).map(([path, which]) => look(PREFIX + path, merchant.state, places[which])),
    look('/onboarding', merchant.state, `/onboarding?m=${merchant.id}`),
    ...ADMIN.map((path) => look(`/admin${path}`, admin, `/admin${path}`)),
    ...Object.entries(ADMIN_DETAIL).map(([route, which]) => look(route, admin, places[which])),
    ...Object.entries(VISITOR).map(([route, address]) => look(route, undefined, address)),
    ...Object.entries(CUSTOMER).map(([route, which]) => look(route, undefined, places[which])),
  ];
}

/** A merchant that has something on every page. */
async function busyShop(desk: Desk) {
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await apply(page, shop);
  const customer = await desk.open();
  const email = `${unique('full')}@customers.example`;
  const receipt = await buy(customer, shop.link, { email });
  await startCheckout(customer, shop.link);
  await fillCard(customer, { email, number: CARDS.declined });
  await customer.locator('.pay-button').click();
  await expect(customer.locator('#declined')).toBeVisible();
  const bank = await desk.open();
  await startCheckout(bank, shop.link);
  await fillCard(bank, { email, number: CARDS.challenge });
  await bank.locator('.pay-button').click();
  await bank.waitForURL(/\/challenge\//);
  // In a browser of its own: the others are offered no saved card.
  await buyAndKeep(await desk.open(), shop.link, { email: `${unique('kept')}@customers.example` });

  await visit(page, at(shop, `payments?email=${email}&status=succeeded`));
  await page.locator('tbody').getByRole('link').click();
  await page.waitForURL(/\/payments\/pi_/);
  const payment = page.url();
  await page.getByRole('button', { name: say('refund.open') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(say('refund.partial')).check();
  await dialog.locator('#refund-amount').fill('8');
  await axe(page);
  await dialog.getByRole('button', { name: say('refund.submit', { amount: '8.00 EUR' }) }).click();
  await expect(page.locator('.headline').getByText(say('status.payment.partially_refunded'))).toBeVisible();
  await visit(page, at(shop, 'settings/team'));
  await page.locator('#invite-email').fill(`${unique('invited')}@shop.example`);
  await page.getByRole('button', { name: say('settings.invite') }).click();
  await expect(page.locator('#notice')).toBeVisible();

  const hrefOf = async (list: string, part: string) => {
    await page.goto(at(shop, list));
    return (await page.getByRole('main').locator(`a[href*="/${part}"]:not([href$="/new"])`).first().getAttribute('href'))!;
  };
  const gateway = await hrefOf('gateways', 'gateways/');
  const addresses = {
    payment,
    buyer: await hrefOf('customers', 'customers/'),
    gateway,
    health: `${gateway}/health`,
    events: `${gateway}/events`,
    link: await hrefOf('payment-links', 'payment-links/'),
    session: await hrefOf('checkout-sessions', 'checkout-sessions/'),
    pay: shop.link,
    checkout: customer.url(),
    returned: `${customer.url()}/return`,
    gone: `${customer.url()}/go`,
    challenge: bank.url(),
    receipt,
  };
  return { merchant: shop, addresses };
}

async function addressOfMail(desk: Desk, merchant: Merchant): Promise<string> {
  const page = await desk.openMail(merchant.owner.email, say('mail.verify_email.subject'));
  return page.url();
}

/** Opens each page and asks axe; portal pages are asked when they are alive. */
async function lookAt(page: Page, address: string, scope: 'all' | 'contrast'): Promise<void> {
  await page.goto(address);
  if (await page.locator('body.portal').count()) await alive(page);
  await axe(page, scope);
}

/** Short addresses only lead elsewhere. */
const isShort = (route: string) => route === '/' || route === '/m/{acct}/{mode}' || (/^\/[a-z-]+$/.test(route) && !LOOKED_AT.includes(route));

test('the list of routes is complete', async ({ desk }) => {
  const { output } = await desk.server.command('routes');
  const plain = (route: string) => route.replace(/\{[^}]*\}/g, '{}').replace(/(.)\/$/, '$1');
  const known = new Set([...LOOKED_AT, ...NO_PAGE].map(plain));
  const pages = output.split('\n').filter((line) => line.startsWith('GET ')).map((line) => line.slice(4).trim());
  expect(pages.length).toBeGreaterThan(40);
  expect(pages.filter((route) => !known.has(plain(route)) && !isShort(route)), 'routes that no test looks at with axe').toEqual([]);
});

for (const [language, theme, scope] of [['en', 'light', 'all'], ['en', 'dark', 'contrast'], ['fa', 'light', 'contrast'], ['fa', 'dark', 'contrast']] as const) {
  test(`full pages break no rule: ${language}, ${theme}, ${scope}`, async ({ desk }) => {
    test.setTimeout(400_000);
    const problems: string[] = [];
    const groups = new Map<State | undefined, Look[]>();
    for (const look of await fullPages(desk)) groups.set(look.state, [...(groups.get(look.state) ?? []), look]);
    for (const [state, looks] of groups) {
      const page = await desk.open(state, { reducedMotion: 'reduce' });
      const url = desk.server.url;
      await page.context().addCookies([{ name: 'paydeck_lang', value: language, url }, { name: 'paydeck_theme', value: theme, url }]);
      for (const look of looks) {
        try {
          await lookAt(page, look.address, scope);
        } catch (error) {
          problems.push(`${look.route}: ${(error as Error).message}`);
        }
      }
      await page.context().close();
    }
    expect(problems).toEqual([]);
  });
}

/** Opens a page and asks axe in both themes. */
async function lookAtBoth(page: Page, address: string, language: Language): Promise<void> {
  await page.goto(address);
  if (await page.locator('body.portal').count()) await alive(page);
  await axeBoth(page, language);
}

for (const language of ['en', 'fa'] as const) {
  test(`empty pages break no rule: ${language}`, async ({ desk }) => {
    test.setTimeout(400_000);
    const merchant = await desk.emptyMerchant();
    const page = await desk.openIn(language, merchant.state);
    for (const path of ['dashboard', 'payments', 'refunds', 'customers', 'gateways', 'payment-links', 'checkout-sessions', 'settings/team', 'settings/activity', 'settings/branding']) {
      await lookAtBoth(page, at(merchant, path), language);
    }
    for (const step of ['business', 'activity', 'owners', 'bank', 'documents', 'review']) await lookAtBoth(page, `/onboarding?m=${merchant.id}&step=${step}`, language);
    const admin = await desk.openIn(language, await desk.adminState());
    for (const address of ['/admin/applications?q=nobody', '/admin/merchants?q=nobody']) await lookAtBoth(admin, address, language);
  });

  // Forms in error are looked at in bad-input.spec.ts, each with all of its fields wrong.
  test(`pages in error break no rule: ${language}`, async ({ desk }) => {
    test.setTimeout(400_000);
    desk.guard.allow(/answer 4\d\d: /);
    const merchant = await desk.emptyMerchant();
    const page = await desk.openIn(language, merchant.state);
    const other = '00000000000000000000000000';
    const addresses = [
      at(merchant, `payments/pi_${other}`), at(merchant, 'payments/nonsense'), at(merchant, `payment-links/plink_${other}`), at(merchant, `checkout-sessions/cs_${other}`),
      at(merchant, `customers/cus_${other}`), at(merchant, 'customers/nonsense'), at(merchant, 'customers?email=nonsense'),
      at(merchant, `gateways/gw_${other}`), at(merchant, 'no-such-page'), at(merchant, 'payments?status=nonsense'), at(merchant, 'refunds?status=nonsense'),
      '/m/acct_nobody/test/payments', `/m/${merchant.id}/neither/payments`, '/admin', '/no/such/page', '/onboarding?m=acct_nobody',
    ];
    for (const address of addresses) {
      await lookAtBoth(page, address, language);
      await expect(page.getByRole('heading').first(), address).toBeVisible();
    }
    const admin = await desk.openIn(language, await desk.adminState());
    for (const address of ['/admin/applications/acct_nobody', '/admin/mail/mail_nobody', '/admin/merchants?status=nonsense', '/admin/no-such-page']) await lookAtBoth(admin, address, language);
    const visitor = await desk.openIn(language);
    for (const address of ['/c/nothing', '/pay/nothing', '/r/nothing', '/challenge/nothing', '/reset/nothing', '/verify?token=nothing']) await lookAtBoth(visitor, address, language);
  });
}

test('links of mails that work break no rule', async ({ desk, page }) => {
  const who = person('Lena Link');
  await desk.signUp(page, who, 'Link Ltd');
  await page.goto(await desk.mailedLink(who.email, say('mail.verify_email.subject')));
  await axe(page);
  await page.getByRole('button', { name: say('auth.verify.submit') }).click();
  await page.waitForURL(/\/dashboard$/);
  const visitor = await desk.open();
  await visitor.goto('/reset');
  await visitor.locator('#email').fill(who.email);
  await visitor.getByRole('button', { name: say('auth.reset.submit') }).click();
  await visitor.goto(await desk.mailedLink(who.email, say('mail.reset_password.subject')));
  await axe(visitor);
});

test('short addresses lead to the merchant used last', async ({ desk, request }) => {
  const merchant = await desk.emptyMerchant();
  const page = await desk.open(merchant.state);
  const { output } = await desk.server.command('routes');
  const short = output.split('\n').filter((line) => /^GET \/[a-z-]+$/.test(line)).map((line) => line.slice(4));
  const leading = short.filter((path) => !['/healthz', '/readyz', '/login', '/signup', '/check-mail', '/reset', '/verify', '/onboarding', '/admin'].includes(path));
  expect(leading).toContain('/payments');
  for (const path of [...leading, '/']) {
    await page.goto(path);
    await expect(page, path).toHaveURL(new RegExp(`/m/${merchant.id}/test/`));
  }
  await page.goto(`/m/${merchant.id}/test`);
  await expect(page).toHaveURL(/\/test\/dashboard$/);
  for (const path of ['/healthz', '/readyz']) expect((await request.get(path)).status()).toBe(200);
});
