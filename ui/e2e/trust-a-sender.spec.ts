// "Is what we send believed, and what is to be mended?"
import { accessible, expect, person, test } from './world';

test.use({ file: 'trust-a-sender' });

test('what was found of a sender, by its kind and in both languages', async ({ page, world }) => {
  // Its records are asked for five times, each of which may take half a minute without a name server.
  test.setTimeout(300_000);
  await world.report(person('ana', { orders: [3] }), true);
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
  const looked = page.url();
  // What the console keeps for the inbox bars nothing: it leaves for nobody.
  const relay = { channel: 'email', smtp: { host: '127.0.0.1', port: 1, tls: 'none' } };
  await world.api('POST', '/v1/definitions/apply', { definitions: { providers: { relay }, routes: { post: { channel: 'email', legs: [{ provider: 'relay' }] } } } });
  // Who starts one all the same says why, and whoever looks at the run reads it.
  await page.goto('/campaigns/monthly');
  await page.getByRole('button', { name: 'Start' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why it has to start all the same').fill('only colleagues read it');
  await dialog.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByTestId('despite')).toContainText('Started all the same: only colleagues read it');
  await page.reload();
  await expect(page.getByTestId('despite')).toContainText('only colleagues read it');
  await accessible(page);
  await page.goto(looked);
  await page.evaluate(() => localStorage.setItem('cauce.language', 'es'));
  await page.reload();
  await expect(page.getByTestId('findings')).toContainText('nadie firma', { timeout: 60_000 });
  await accessible(page);
});
