// "Google refuses the tokens of many phones at once: is that true, or is it our key?"
import { pushService } from './outside';
import { accessible, expect, test, until, type World } from './world';

test.use({ file: 'decide-about-devices' });

interface Refused { items: { keeper: string; gone: number; misplaced: number; refused: number; guarded_since: string | null }[] }
interface Shown { state: { state: string } }

const GONE = 25;
const PEOPLE = Array.from({ length: GONE + 1 }, (_, n) => `p${n}`);
const ELSEWHERE = PEOPLE.at(-1)!;

const refused = (world: World) => world.api<Refused>('GET', '/v1/devices/refused');
const devices = async (world: World, who: string) => (await world.api<{ items: { live: boolean }[] }>('GET', `/v1/profiles/user_id/${who}/devices`)).items;
const push = async (world: World, who: string) => (await world.api<{ id: string }>('POST', '/v1/messages', { template: 'shipped', to: { user_id: who } })).id;
const ended = (world: World, id: string, how: string) => until(() => world.api<Shown>('GET', `/v1/messages/${id}`).catch(() => null), (now) => now?.state.state === how);

let phones: Awaited<ReturnType<typeof pushService>>;

test.beforeAll(async ({ world }) => {
  phones = await pushService(world);
  await world.report(PEOPLE.map((who) => ({ id: `${who}-in`, name: 'signed_up', user_id: who })), true);
  for (const who of PEOPLE) {
    await world.api('PUT', `/v1/profiles/user_id/${who}/devices`, { platform: 'android', token: `t:${who}`, app: 'com.shop' });
    phones.refused.set(`t:${who}`, who === ELSEWHERE ? 'SENDER_ID_MISMATCH' : 'UNREGISTERED');
  }
});

test.afterAll(() => phones.close());

test('a mistake of ours is taken back in bulk, and what is true is let go', async ({ page, world }) => {
  await page.goto('/sending?tab=deliverability');
  await expect(page.getByText('No device’s token is refused.')).toBeVisible();
  const ids = await Promise.all(PEOPLE.map((who) => push(world, who)));
  for (const id of ids) await ended(world, id, 'failed');
  await until(() => refused(world), ({ items }) => items[0]?.refused === PEOPLE.length && items[0].guarded_since !== null);
  await until(() => world.api<{ attention: { code: string }[] }>('GET', '/v1/overview'), (now) => now.attention.some((item) => item.code === 'refused-tokens'));

  await page.goto('/');
  const item = page.getByRole('listitem').filter({ hasText: 'too many of their tokens are refused' });
  await item.first().getByRole('link', { name: 'Look' }).click();
  const row = page.getByRole('table', { name: 'Devices whose tokens were refused' }).getByRole('row', { name: /com\.shop/ });
  await expect(row).toContainText('Google');
  await expect(row).toContainText('too many at once');
  await expect(row).toContainText(`gone: ${GONE}`);
  await expect(row).toContainText('of another app: 1');
  await accessible(page);

  // The project is mended.
  phones.refused.clear();
  await row.getByRole('button', { name: /^It was a mistake/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Push to the devices of Google · com.shop again?');
  await expect(dialog).toContainText(`Devices that are pushed to again, from the next message on: ${PEOPLE.length}.`);
  await accessible(page);
  await dialog.getByRole('button', { name: 'It was a mistake' }).click();
  await expect(page.locator('.toast')).toContainText(`Devices that are pushed to again: ${PEOPLE.length}.`);
  await expect(page.getByText('No device’s token is refused.')).toBeVisible();
  expect((await devices(world, 'p0')).map((one) => one.live)).toEqual([true]);
  await ended(world, await push(world, 'p0'), 'accepted');
  expect(phones.pushed).toEqual(['t:p0']);

  // One that is really gone, and one of another app: the first goes at once, the other stays.
  phones.refused.set('t:p1', 'UNREGISTERED').set('t:p2', 'SENDER_ID_MISMATCH');
  for (const who of ['p1', 'p2']) await ended(world, await push(world, who), 'failed');
  await until(() => refused(world), ({ items }) => items[0]?.refused === 2);
  await page.reload();
  await expect(row).toContainText('as usual');
  await row.getByRole('button', { name: /^It is true/ }).click();
  await expect(dialog).toContainText('which are forgotten at once: 1.');
  await expect(dialog).toContainText('Of another app or environment, and left as they are: 1.');
  await accessible(page);
  await dialog.getByRole('button', { name: 'It is true' }).click();
  await expect(page.locator('.toast')).toContainText('Devices that are forgotten: 1.');
  await expect(row).not.toContainText('gone:');
  expect(await devices(world, 'p1')).toEqual([]);
  expect(await devices(world, 'p2')).toHaveLength(1);
});
