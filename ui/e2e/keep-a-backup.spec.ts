// "Is there a backup, and how do I make one?"
import { accessible, BY_ITSELF, expect, test, until } from './world';

test.use({ file: 'keep-a-backup' });

interface Health { health: { what: string; code: string }[] }

test('none, one, and the overview knows', async ({ page, world }) => {
  await page.goto('/settings?tab=backups');
  await expect(page.getByText('There is no backup yet')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Make a backup now' }).click();
  await expect(page.getByText(/The backup is made: [\d.,]+ (kB|MB|byte)/)).toBeVisible(BY_ITSELF);
  await expect(page.getByRole('row', { name: /\.cauce/ })).toHaveCount(1);
  await accessible(page);
  const { backups } = await world.api<{ backups: { bytes: number; file: string }[] }>('GET', '/v1/backups');
  expect(backups).toHaveLength(1);
  expect(backups[0]!.bytes).toBeGreaterThan(1_000);
  await until(() => world.api<Health>('GET', '/v1/overview'), (now) => now.health.some((one) => one.code === 'backups-made'));
  await page.goto('/settings?tab=audit&what=backup.make');
  await expect(page.getByRole('row', { name: /Backup made/ })).toHaveCount(1);
});
