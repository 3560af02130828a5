// A shop's page of another origin that reports with Segment's own library for browsers: where to, it
// asks Cauce, as it would ask Segment's CDN.
import { expect, test, type Page } from '@playwright/test';
import { pages, script } from './origins';
import { serve } from './world';

interface Reporting {
  failed: string[];
  begin: (asked: { address: string; key: string; batched: boolean }) => Promise<void>;
  visit: (who: { user: string; email: string }) => Promise<{ anonymous: string }>;
}
interface Profile {
  attributes: Record<string, { value: unknown }>;
  timeline: { name?: string }[];
}

let named: Awaited<ReturnType<typeof pages>>;
let other: Awaited<ReturnType<typeof pages>>;
let cauce: Awaited<ReturnType<typeof serve>>;

test.beforeAll(async () => {
  const code = await script('reporting_page.js');
  named = await pages(code);
  other = await pages(code);
  cauce = await serve([`cors-origins = ["${named.origin}"]`]);
});

test.afterAll(() => {
  cauce?.stop();
  for (const one of [named, other]) one?.close();
});

const key = async (scope: string) => (await cauce.world.api<{ key: string }>('POST', '/v1/keys', { name: `page ${scope}`, scope })).key;
const failed = (page: Page) => page.evaluate(() => (window as unknown as { reporting: Reporting }).reporting.failed);

async function begin(page: Page, origin: string, key: string, batched: boolean): Promise<void> {
  await page.goto(origin);
  await page.waitForFunction(() => 'reporting' in window);
  const asked = { address: cauce.world.address, key, batched };
  await page.evaluate((asked) => (window as unknown as { reporting: Reporting }).reporting.begin(asked), asked);
}

for (const batched of [false, true]) {
  test(`what a visitor does is known of the customer it turns out to be, ${batched ? 'in batches' : 'call by call'}`, async ({ page }) => {
    const user = batched ? 'bo' : 'ana';
    await begin(page, named.origin, await key('write'), batched);
    const who = { user, email: `${user}@example.com` };
    const { anonymous } = await page.evaluate((who) => (window as unknown as { reporting: Reporting }).reporting.visit(who), who);
    const names = async () => {
      const profile = await cauce.world.api<Profile>('GET', `/v1/profiles/user_id/${user}`).catch(() => ({ timeline: [] }));
      return profile.timeline.map((row) => row.name ?? '').sort();
    };
    await expect.poll(names).toEqual(['group', 'identify', 'looked', 'ordered', 'page']);
    const profile = await cauce.world.api<Profile>('GET', `/v1/profiles/anonymous_id/${anonymous}`);
    expect(profile.attributes.plan?.value).toBe('gold');
    expect(await failed(page)).toEqual([]);
  });
}

test('a key that may do more is not for pages, and an unknown one is said', async ({ page }) => {
  const asked = async (key: string) => {
    const answer = await fetch(`${cauce.world.address}/v1/projects/${key}/settings`);
    return { status: answer.status, text: await answer.text() };
  };
  const admin = await asked(cauce.world.key);
  expect([admin.status, admin.text.includes('--scope write')]).toEqual([403, true]);
  expect((await asked('ca_nobody')).status).toBe(401);
  // The page may read why: to the library it is no failure of the network, which it would try again.
  await page.goto(named.origin);
  const seen = await page.evaluate(async (address) => {
    const answer = await fetch(`${address}/v1/t`, { method: 'POST', headers: { authorization: `Basic ${btoa('ca_nobody:')}` }, body: '{}' });
    return answer.status;
  }, cauce.world.address);
  expect(seen).toBe(401);
});

test('a page of an origin that nobody named reports nothing', async ({ page }) => {
  const bearer = await key('write');
  await page.goto(other.origin);
  const asked = { address: cauce.world.address, bearer };
  const refused = await page.evaluate(async ({ address, bearer }) => {
    const call = { userId: 'cy', event: 'ordered' };
    return fetch(`${address}/v1/t`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${bearer}:`)}` }, body: JSON.stringify(call) }).then(String, String);
  }, asked);
  expect(refused).toContain('TypeError');
  const known = await fetch(`${cauce.world.address}/v1/profiles/user_id/cy`, { headers: { authorization: `Bearer ${cauce.world.key}` } });
  expect(known.status).toBe(404);
});
