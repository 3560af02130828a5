// "Marketing was paused because readers complained: how bad was it, and how does it go on?"
import { postOffice } from './outside';
import { accessible, BY_ITSELF, expect, test, type World } from './world';

test.use({ file: 'resume-marketing' });

// Below a thousand messages a share of complaints says nothing, and nothing is paused.
const READERS = 1_000;
const address = (n: number) => `reader${n}@gmail.com`;

interface Item { code: string; link?: string }
interface Run { run: number; balance: { done: boolean; sent: number; pending: number } }
interface Standings { paused: { domain: string; mailbox: string; complaints: number; among: number }[] }

const attention = async (world: World) => (await world.api<{ attention: Item[] }>('GET', '/v1/overview')).attention;
const paused = async (world: World) => (await world.api<Standings>('GET', '/v1/deliverability')).paused;
const start = async (world: World, name: string) => (await world.api<Run>('POST', `/v1/campaigns/${name}/start`)).run;
const run = (world: World, id: number) => world.api<Run>('GET', `/v1/campaigns/runs/${id}`);

let office: Awaited<ReturnType<typeof postOffice>>;

test.beforeAll(async ({ world }) => {
  // A thousand messages leave, one by one.
  test.setTimeout(460_000);
  office = await postOffice(world);
  const readers = Array.from({ length: READERS }, (_, n) => ({
    id: `reader${n}-in`, name: 'signed_up', user_id: `reader${n}`, email: address(n), attributes: { first_name: `reader${n}`, country: n < 5 ? 'PT' : 'ES', timezone: 'UTC' },
    consents: [{ topic: 'news', state: 'granted', source: 'sign-up form' }],
  }));
  await world.report(readers, true);
  await world.api('POST', '/v1/definitions/apply', {
    definitions: {
      segments: { few: { rule: 'country = "PT"' } },
      campaigns: { first: { audience: ['everybody'], template: 'monthly' }, meanwhile: { audience: ['few'], template: 'monthly' }, afterwards: { audience: ['few'], template: 'monthly' } },
    },
  });
  const first = await start(world, 'first');
  await expect.poll(async () => (await run(world, first)).balance.done, { timeout: 400_000 }).toBe(true);
  expect(office.sent.size).toBe(READERS);
});

test.afterAll(() => office.close());

test('three readers of a thousand complain, and a person lets it go on', async ({ page, world }) => {
  test.setTimeout(300_000);
  for (const n of [10, 11, 12]) await office.complain(address(n));
  await expect.poll(async () => (await attention(world)).map((item) => item.code), BY_ITSELF).toContain('complaints-paused');
  expect(await paused(world)).toMatchObject([{ domain: 'shop.example', mailbox: 'google', complaints: 3, among: READERS }]);

  // What is started meanwhile waits.
  const meanwhile = await start(world, 'meanwhile');
  await expect.poll(async () => (await run(world, meanwhile)).balance.pending, BY_ITSELF).toBe(5);
  const before = new Map(office.sent);

  await page.goto('/');
  const item = page.getByRole('listitem').filter({ hasText: 'Marketing from shop.example to google is paused since' });
  await item.first().getByRole('link', { name: 'Look' }).click();
  await expect(page.locator('main h1')).toHaveText('Sending');
  const row = page.getByRole('table', { name: 'Marketing that is paused' }).getByRole('row', { name: /shop\.example/ });
  await expect(row).toContainText('Google');
  await expect(row).toContainText('3 readers of 1,000 messages called it spam');
  await expect(page.getByRole('table', { name: 'Today' }).getByRole('row', { name: /Google/ })).toContainText('paused');
  await accessible(page);

  await row.getByRole('button', { name: 'Let it go on' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Write from shop.example to Google again?');
  await expect(dialog).toContainText('3 readers of 1,000 messages called it spam that day. The count begins anew.');
  await accessible(page);
  // Who thinks better of it changes nothing.
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await paused(world)).toHaveLength(1);
  expect(office.sent).toEqual(before);

  await row.getByRole('button', { name: 'Let it go on' }).click();
  await dialog.getByRole('button', { name: 'Let it go on' }).click();
  await expect(page.getByText('Marketing from shop.example to Google goes on.')).toBeVisible();
  await expect(page.getByText('Nothing is paused.')).toBeVisible();
  expect(await paused(world)).toEqual([]);
  await expect.poll(async () => (await attention(world)).map((one) => one.code), BY_ITSELF).not.toContain('complaints-paused');

  // It does leave again, and the same three complaints pause nothing twice.
  const afterwards = await start(world, 'afterwards');
  await expect.poll(async () => (await run(world, afterwards)).balance.sent, BY_ITSELF).toBe(5);
  expect(office.sent.get(address(0))).not.toBe(before.get(address(0)));
  expect(await paused(world)).toEqual([]);
  await page.goto('/settings?tab=audit&what=deliverability.resume');
  await expect(page.getByRole('row', { name: /Marketing resumed after complaints/ })).toHaveCount(1);
});
