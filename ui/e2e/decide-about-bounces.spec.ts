// "A mailbox provider calls many of its own addresses unknown: is that true?"
import { postOffice } from './outside';
import { accessible, expect, test, until, type World } from './world';

test.use({ file: 'decide-about-bounces' });

interface Held { count: number; keepers: { keeper: string; held: number }[] }
interface Suppressed { items: { address: string; reason: string }[] }

const WRONG = 'wrong.example';
const RIGHT = 'closed.example';
const GONE = 25;

const held = (world: World) => world.api<Held>('GET', '/v1/suppressions/held');
const suppressed = async (world: World) => (await world.api<Suppressed>('GET', '/v1/suppressions?limit=1000')).items.filter((item) => item.reason === 'hard-bounce').map((item) => item.address);

let office: Awaited<ReturnType<typeof postOffice>>;

test.beforeAll(async ({ world }) => {
  office = await postOffice(world);
  const readers = [WRONG, RIGHT].flatMap((domain) => Array.from({ length: 30 }, (_, n) => ({
    id: `${n}@${domain}`, name: 'signed_up', user_id: `${n}-${domain}`, email: `r${n}@${domain}`, attributes: { timezone: 'UTC' }, consents: [{ topic: 'news', state: 'granted', source: 'form' }],
  })));
  await world.report(readers, true);
  const { run } = await world.api<{ run: number }>('POST', '/v1/campaigns/monthly/start');
  await until(() => world.api<{ balance: { done: boolean } }>('GET', `/v1/campaigns/runs/${run}`), (now) => now.balance.done);
  for (const domain of [WRONG, RIGHT]) {
    for (let n = 0; n < GONE; n += 1) await office.bounce(`r${n}@${domain}`);
  }
  await until(() => held(world), (now) => now.count === 2 * GONE);
});

test.afterAll(() => office.close());

test('one was a mistake, the other is true', async ({ page, world }) => {
  expect(await suppressed(world)).toEqual([]);
  await until(() => world.api<{ attention: { code: string }[] }>('GET', '/v1/overview'), (now) => now.attention.some((item) => item.code === 'bounces-held'));
  await page.goto('/');
  const item = page.getByRole('listitem').filter({ hasText: 'suppressions are held' });
  await item.first().getByRole('link', { name: 'Look' }).click();
  const table = page.getByRole('table', { name: 'Bounces that are held' });
  const wrong = table.getByRole('row', { name: new RegExp(WRONG) });
  const right = table.getByRole('row', { name: new RegExp(RIGHT) });
  await expect(wrong).toContainText(String(GONE));
  await expect(right).toContainText(String(GONE));
  await accessible(page);

  await wrong.getByRole('button', { name: 'It was a mistake' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(`Forget what ${WRONG} said?`);
  await expect(dialog).toContainText(`${GONE} addresses may be written to again.`);
  await accessible(page);
  await dialog.getByRole('button', { name: 'It was a mistake' }).click();
  await expect(page.getByText(`${GONE} addresses may be written to.`)).toBeVisible();
  await expect(wrong).toHaveCount(0);
  expect(await held(world)).toMatchObject({ count: GONE, keepers: [{ keeper: RIGHT, held: GONE }] });
  expect(await suppressed(world)).toEqual([]);

  await right.getByRole('button', { name: 'It is true' }).click();
  await expect(dialog).toContainText(`Suppress what ${RIGHT} said?`);
  await accessible(page);
  await dialog.getByRole('button', { name: 'It is true' }).click();
  await expect(page.getByText(`${GONE} addresses are suppressed.`)).toBeVisible();
  await expect(page.getByText('Bounces that are held')).toHaveCount(0);
  expect((await suppressed(world)).sort()).toEqual(Array.from({ length: GONE }, (_, n) => `r${n}@${RIGHT}`).sort());
  // Each can be lifted on its profile.
  await page.goto(`/profiles/email/r0@${RIGHT}`);
  await page.getByRole('button', { name: 'Address' }).click();
  await expect(page.getByRole('menuitem', { name: `Allow r0@${RIGHT} again` })).toBeVisible();
});
