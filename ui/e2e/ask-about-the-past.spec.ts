// "Why did somebody not get it, half a year ago?" Runs and events that are older than any first page.
import { accessible, expect, person, test, until, type World } from './world';

test.use({ file: 'ask-about-the-past' });

interface Run { run: number; state: string }
const RUNS = 103;

async function started(world: World): Promise<number> {
  const { run } = await world.api<Run>('POST', '/v1/campaigns/rare/start');
  return run;
}

test.beforeAll(async ({ world }) => {
  await world.api('POST', '/v1/definitions/apply', {
    definitions: { segments: { nobody: { rule: 'count(never_happened) >= 1' } }, campaigns: { rare: { audience: ['nobody'], template: 'monthly' } } },
  });
  await world.report(person('ana', { orders: [3] }), true);
});

test('a run that a hundred came after can be asked about', async ({ page, world }) => {
  test.setTimeout(180_000);
  const first = await started(world);
  for (let n = 1; n < RUNS; n += 1) await started(world);
  await until(() => world.api<Run>('GET', `/v1/campaigns/runs/${first}`), (run) => run.state === 'done');
  await page.goto('/profiles/user_id/ana?tab=explain&kind=campaigns');
  const which = page.getByRole('combobox');
  await expect(which.locator('option')).toHaveCount(51);
  const older = page.getByRole('button', { name: 'Older runs' });
  await older.click();
  await expect(which.locator('option')).toHaveCount(101);
  await older.click();
  await expect(which.locator('option')).toHaveCount(RUNS + 1);
  await expect(older).toHaveCount(0);
  await which.selectOption(String(first));
  await expect(page.getByTestId('verdict')).toContainText('not in the audience when it was frozen');
  await accessible(page);
  // A link to it needs no list.
  await page.goto(`/profiles/user_id/ana?tab=explain&kind=campaigns&name=${first}`);
  await expect(page.getByTestId('verdict')).toContainText('not in the audience when it was frozen');
  await expect(which).toHaveValue(String(first));
});

test('an event among many is found by its own link, whatever comes before it by name', async ({ page, world }) => {
  const many = Array.from({ length: 1_500 }, (_, n) => ({ id: `many-${n}`, name: 'aa_viewed', user_id: 'ana', occurred_at: new Date(Date.now() - (n + 10) * 60_000).toISOString(), properties: { n } }));
  await world.report(many, true);
  await world.report([{ id: 'the-last', name: 'zz_closed', user_id: 'ana', properties: { door: 'green' } }]);
  await page.goto('/profiles/user_id/ana?tab=timeline');
  // The newest is first, though the store has it last.
  await expect(page.locator('.steps > li').first()).toContainText('zz closed');
  await page.locator('.steps > li').first().getByRole('link', { name: 'what it caused' }).click();
  await expect(page.locator('main h1')).toHaveText('zz_closed');
  await expect(page).toHaveURL(/name=zz_closed/);
  await expect(page.locator('main')).toContainText('green');
  await accessible(page);
});
