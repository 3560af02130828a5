// "Pause a campaign that goes wrong."
import { accessible, BY_ITSELF, expect, person, test, until } from './world';

test.use({ file: 'pause-a-campaign' });

interface Runs { runs: { run: number; campaign: string; state: string; balance: { sent: number; target: number } }[] }

test('pause at once, cancel with the numbers, and the audit knows', async ({ page, world }) => {
  await world.report(Array.from({ length: 60 }, (_, n) => person(`reader${n}`)).flat(), true);
  await world.api('POST', '/v1/definitions/apply', {
    definitions: { campaigns: { wrong: { audience: ['everybody'], template: 'monthly', 'per-minute': 60 } } },
  });
  await page.goto('/campaigns/wrong');
  await expect(page.getByText('Never started')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Start' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Everybody in everybody: 60 people now.');
  await dialog.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText('running', { exact: true })).toBeVisible(BY_ITSELF);

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('paused', { exact: true })).toBeVisible();
  await accessible(page);
  const own = async () => (await world.api<Runs>('GET', '/v1/campaigns')).runs.find((run) => run.campaign === 'wrong')!;
  expect((await own()).state).toBe('paused');
  // What had begun to leave when it was paused still leaves.
  const rested = async () => {
    let last = -1;
    const { balance } = await until(own, (run) => last === (last = run.balance.sent), 1_500);
    return balance.sent;
  };
  const paused = await rested();
  expect(paused).toBeLessThan(60);
  // What is paused stays paused: a second of its pace goes by and nothing more leaves.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect((await own()).balance.sent).toBe(paused);

  // It goes on where it stood, and is stopped again.
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(dialog).toContainText(`${60 - paused} people`);
  await accessible(page);
  await dialog.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText('running', { exact: true })).toBeVisible();
  await until(own, (run) => run.state === 'running' && run.balance.sent > paused);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('paused', { exact: true })).toBeVisible();
  const before = await rested();

  await page.getByRole('button', { name: 'Cancel…' }).click();
  await expect(page.getByRole('dialog')).toContainText(`${60 - before} people will not get it.`);
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel for ever' }).click();
  await expect(page.getByText('cancelled', { exact: true })).toBeVisible();
  await until(own, (run) => run.state === 'cancelled');
  await expect(page.getByText('campaign cancelled')).toBeVisible();
  await expect(page.getByText('balances', { exact: true })).toBeVisible();

  await page.goto('/settings?tab=audit&what=campaign.steer');
  await expect(page.getByRole('row', { name: /Campaign steered/ }).first()).toBeVisible();
  await accessible(page);
});
