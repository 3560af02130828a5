// What a shop's page hears of its person, by the browser's own EventSource.
import { BY_ITSELF, expect, person, test } from './world';

test.use({ file: 'live-lookup', allowed: ['live?token=', 'CORS', 'EventSource', 'favicon.ico'] });

interface Heard {
  segments: string[];
  ms: number;
}

/** Opens the stream in the page and collects what it says; `asked` is set when something is reported. */
async function listen(page: import('@playwright/test').Page, url: string): Promise<void> {
  await page.evaluate((from) => {
    const state = { heard: [] as Heard[], failed: false, asked: 0 };
    Object.assign(window, { live: state });
    const source = new EventSource(from);
    source.addEventListener('lookup', (event) => {
      const told = JSON.parse((event as MessageEvent<string>).data) as { segments: Record<string, unknown> };
      state.heard.push({ segments: Object.keys(told.segments), ms: state.asked ? Date.now() - state.asked : 0 });
    });
    source.onerror = () => (state.failed = true);
  }, url);
}

interface Live {
  heard: Heard[];
  failed: boolean;
  asked: number;
}
const heard = (page: import('@playwright/test').Page) => page.evaluate(() => (window as unknown as { live: Live }).live);

test('a page hears of its person by itself, and a page of others nothing', async ({ page, world }) => {
  await world.api('POST', '/v1/definitions/apply', {
    definitions: {
      segments: { gold: { rule: 'plan = "gold"' } },
      sharing: { sharing: { segments: ['gold'], 'browser-segments': ['gold'] } },
    },
  });
  await world.report(person('ana', { attributes: { plan: 'free' } }));
  const { key } = await world.api<{ key: string }>('POST', '/v1/keys', { name: 'engine', scope: 'lookup' });
  const minted = await fetch(`${world.address}/v1/browser-tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ alias: 'user_id:ana' }),
  });
  const { token } = (await minted.json()) as { token: string };
  const live = `${world.address}/v1/lookup/live?token=${token}`;
  await page.goto(`${world.address}/style.css`);
  await listen(page, live);
  await expect.poll(async () => (await heard(page)).heard.map((one) => one.segments)).toEqual([[]]);
  await page.evaluate(() => ((window as unknown as { live: Live }).live.asked = Date.now()));
  await world.report([{ name: 'changed', user_id: 'ana', attributes: { plan: 'gold' } }]);
  await expect.poll(async () => (await heard(page)).heard.map((one) => one.segments), BY_ITSELF).toEqual([[], ['gold']]);
  // A second where nothing else runs: what a machine makes of it is said, and no reason to fail.
  const { ms } = (await heard(page)).heard[1]!;
  console.log(`the page heard of the event after ${ms} ms`);
  expect(ms).toBeLessThan(30_000);
  // The same server under another name is another origin, which nobody has named.
  await page.goto(`${world.address.replace('127.0.0.1', 'localhost')}/style.css`);
  await listen(page, live);
  await expect.poll(async () => (await heard(page)).failed).toBe(true);
  expect((await heard(page)).heard).toEqual([]);
});
