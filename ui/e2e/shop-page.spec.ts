// What a shop does in a page of its own, which is of another origin: the look-up, flags by
// OpenFeature's SDK for the web, and what the browser's own EventSource hears.
import { expect, test, type Page } from '@playwright/test';
import { pages, script } from './origins';
import { BY_ITSELF, person, serve } from './world';

interface Looked {
  status?: number;
  tag?: string;
  body?: { segments?: Record<string, unknown>; detail?: string };
  refused?: string;
}
interface Flag {
  value: boolean | string;
  reason: string;
  error: string | null;
}
interface Shop {
  flagged: { gold: boolean; at: number }[];
  heard: { segments: string[]; at: number }[];
  deaf: boolean;
  look: (asked: Asked & { tag?: string }) => Promise<Looked>;
  flags: (asked: Asked) => Promise<{ failed: string | null; gold: Flag; price: Flag; absent: Flag }>;
  listen: (asked: Asked) => void;
}
interface Asked {
  address: string;
  token: string;
  person: string;
}

let named: Awaited<ReturnType<typeof pages>>;
let other: Awaited<ReturnType<typeof pages>>;
let cauce: Awaited<ReturnType<typeof serve>>;

test.beforeAll(async () => {
  const code = await script('shop_page.js');
  named = await pages(code);
  other = await pages(code);
  cauce = await serve([`cors-origins = ["${named.origin}"]`]);
  await cauce.world.api('POST', '/v1/definitions/apply', {
    definitions: {
      segments: { gold: { rule: 'plan = "gold"' } },
      experiments: { price: { arms: { low: 1, high: 0 }, segment: 'gold', outside: 'high' } },
      sharing: { sharing: { segments: ['gold'], 'browser-segments': ['gold'] } },
    },
  });
});

test.afterAll(() => {
  cauce?.stop();
  for (const one of [named, other]) one?.close();
});

/** What the page asks with: its server minted a token for the visitor. */
async function visitor(id: string): Promise<Asked> {
  const { address, api } = cauce.world;
  const { key } = await api<{ key: string }>('POST', '/v1/keys', { name: 'shop', scope: 'lookup' });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const minted = await fetch(`${address}/v1/browser-tokens`, { method: 'POST', headers, body: JSON.stringify({ alias: `user_id:${id}` }) });
  const { token } = (await minted.json()) as { token: string };
  return { address, token, person: `user_id:${id}` };
}

async function arrive(page: Page, origin: string): Promise<void> {
  await page.goto(origin);
  await page.waitForFunction(() => 'shop' in window);
}
const look = (page: Page, asked: Asked & { tag?: string }) => page.evaluate((asked) => (window as unknown as { shop: Shop }).shop.look(asked), asked);
const flags = (page: Page, asked: Asked) => page.evaluate((asked) => (window as unknown as { shop: Shop }).shop.flags(asked), asked);
const listen = (page: Page, asked: Asked) => page.evaluate((asked) => (window as unknown as { shop: Shop }).shop.listen(asked), asked);
const seen = (page: Page) =>
  page.evaluate(() => {
    const { flagged, heard, deaf } = (window as unknown as { shop: Shop }).shop;
    return { flagged, heard, deaf };
  });

test('a page of the shop sees its visitor, whenever that is somebody else, and nobody else', async ({ page }) => {
  await cauce.world.report([person('ana', { attributes: { plan: 'free' } }), person('bo', { attributes: { plan: 'gold' } })].flat());
  const ana = await visitor('ana');
  const flagged: number[] = [];
  page.on('response', (answer) => {
    if (answer.url().includes('/ofrep/') && answer.request().method() === 'POST') flagged.push(answer.status());
  });
  await arrive(page, named.origin);

  // The header with the token makes the browser ask first whether it may.
  const first = await look(page, ana);
  expect([first.status, first.body?.segments]).toEqual([200, {}]);
  const same = await look(page, { ...ana, tag: first.tag! });
  expect([same.status, same.body, same.tag]).toEqual([304, null, first.tag]);
  // A no is read by the page as well.
  const bo = await look(page, { ...ana, person: 'user_id:bo' });
  expect(bo.status).toBe(403);
  expect(JSON.stringify(bo.body)).not.toContain('gold');

  const before = await flags(page, ana);
  expect(before.failed).toBeNull();
  expect(before.gold).toEqual({ value: false, reason: 'DEFAULT', error: null });
  expect(before.price).toEqual({ value: 'high', reason: 'DEFAULT', error: null });
  expect(before.absent).toMatchObject({ value: true, error: 'FLAG_NOT_FOUND' });
  await listen(page, ana);
  await expect.poll(async () => (await seen(page)).heard.map((one) => one.segments)).toEqual([[]]);
  // It asks again and again; what it knows is not sent again.
  await expect.poll(() => flagged).toContain(304);

  const asked = Date.now();
  await cauce.world.report([{ name: 'changed', user_id: 'ana', attributes: { plan: 'gold' } }]);
  await expect.poll(async () => (await seen(page)).flagged.some((one) => one.gold), BY_ITSELF).toBe(true);
  await expect.poll(async () => (await seen(page)).heard.map((one) => one.segments), BY_ITSELF).toEqual([[], ['gold']]);
  const now = await seen(page);
  const took = { flag: now.flagged.find((one) => one.gold)!.at - asked, heard: now.heard[1]!.at - asked };
  console.log(`the page's SDK saw the event after ${took.flag} ms, its EventSource after ${took.heard} ms`);
  // A second where nothing else runs: what a machine makes of it is said, and no reason to fail.
  expect(Math.max(took.flag, took.heard)).toBeLessThan(30_000);
  const after = await look(page, { ...ana, tag: first.tag! });
  expect(after.status).toBe(200);
  expect(Object.keys(after.body!.segments!)).toEqual(['gold']);
});

test('a page of an origin that nobody named gets nothing', async ({ page }) => {
  await cauce.world.report(person('cy', { attributes: { plan: 'gold' } }));
  const cy = await visitor('cy');
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('CORS')) refused.push(message.text());
  });
  await arrive(page, other.origin);
  // The token is good, and still the browser keeps the answers from the page.
  expect((await look(page, cy)).refused).toContain('Failed to fetch');
  const said = await flags(page, cy);
  expect(said.failed).not.toBeNull();
  expect(said.gold).toMatchObject({ value: false, reason: 'ERROR' });
  expect(said.price).toMatchObject({ value: 'none', reason: 'ERROR' });
  await listen(page, cy);
  await expect.poll(async () => (await seen(page)).deaf).toBe(true);
  expect((await seen(page)).heard).toEqual([]);
  for (const door of ['/v1/lookup?', '/ofrep/', '/v1/lookup/live']) expect(refused.some((text) => text.includes(door)), door).toBe(true);
  // The same token in a page of the shop.
  await arrive(page, named.origin);
  expect(Object.keys((await look(page, cy)).body!.segments!)).toEqual(['gold']);
});
