// "Is what we send believed, and what is to be mended?"
import { accessible, expect, test } from './world';

test.use({ file: 'trust-a-sender' });

test('what was found of a sender, by its kind and in both languages', async ({ page, world }) => {
  // Its records are asked for five times, each of which may take half a minute without a name server.
  test.setTimeout(300_000);
  await page.goto('/sending?tab=deliverability');
  await expect(page.getByText('Nothing is paused.')).toBeVisible();
  await expect(page.getByText('No marketing was sent by e-mail today.')).toBeVisible();
  const row = page.getByRole('row', { name: /shop/ });
  await expect(row).toContainText('not looked at yet');
  await accessible(page);
  await row.getByRole('button', { name: 'What was found' }).click();
  await expect(page).toHaveURL(/sender=shop/);
  const findings = page.getByTestId('findings');
  // The sender of the shop has no key, whatever the name servers say.
  await expect(findings.getByRole('listitem').filter({ hasText: 'nobody signs' })).toHaveCount(1, { timeout: 60_000 });
  const asked = await world.api<{ findings: { code: string }[] }>('GET', '/v1/senders/shop/check');
  expect(asked.findings.map((one) => one.code)).toContain('dkim-unsigned');
  await page.reload();
  await expect(row).toContainText('is refused for it');
  await accessible(page);
  // It bars campaigns, and so somebody is needed.
  await page.goto('/');
  const barred = page.getByRole('listitem').filter({ hasText: 'No campaign of it may start: ' }).first();
  await expect(barred).toContainText('sender shop');
  await barred.getByRole('link', { name: 'Look' }).click();
  await expect(findings.getByRole('listitem').filter({ hasText: 'nobody signs' })).toHaveCount(1, { timeout: 60_000 });
  await page.evaluate(() => localStorage.setItem('cauce.language', 'es'));
  await page.reload();
  await expect(page.getByTestId('findings')).toContainText('nadie firma', { timeout: 60_000 });
  await accessible(page);
});
