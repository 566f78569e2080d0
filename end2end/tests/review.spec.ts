import { at, axe, expect, say, test, visit } from '../fixtures/index.ts';

test('nothing to decide says so, and late money has a rule that is kept', async ({ desk }) => {
  const shop = await desk.newShop();
  const page = await desk.open(shop.state);
  await visit(page, at(shop, 'payments/review'));
  await expect(page.getByRole('heading', { level: 1, name: say('review.title') })).toBeVisible();
  await expect(page.getByRole('heading', { name: say('review.none'), exact: true })).toBeVisible();
  await axe(page);

  await visit(page, at(shop, 'settings/business'));
  await page.getByLabel(say('settings.late_refund')).check();
  await page.getByRole('button', { name: say('form.save') }).click();
  await expect(page.getByText(say('settings.saved'))).toBeVisible();
  await page.reload();
  await expect(page.getByLabel(say('settings.late_refund'))).toBeChecked();
});

test('the operator sees that no job was laid aside', async ({ desk }) => {
  const admin = await desk.admin();
  await visit(admin, '/admin/jobs');
  await expect(admin.getByRole('heading', { level: 1, name: say('jobs.title') })).toBeVisible();
  await expect(admin.getByRole('heading', { name: say('jobs.none') })).toBeVisible();
  await admin.getByRole('link', { name: say('jobs.given_up') }).click();
  await expect(admin.getByText(say('jobs.none_discarded_text'))).toBeVisible();
  await axe(admin);
});
