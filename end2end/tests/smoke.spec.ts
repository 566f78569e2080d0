import { axe, expect, test } from '../fixtures/index.ts';

test('the server says that it is well', { tag: '@engines' }, async ({ request }) => {
  for (const address of ['/healthz', '/readyz']) {
    const answer = await request.get(address);
    expect(answer.status(), address).toBe(200);
  }
});

test('the login page is whole', { tag: '@engines' }, async ({ page }) => {
  const answer = await page.goto('/login');
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', /^(en|fa)/);
  await axe(page);
});
