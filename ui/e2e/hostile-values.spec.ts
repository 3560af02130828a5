// Somebody reports values that would like to be a program. They are shown, and nothing runs.
import { forgotten } from './pages';
import { expect, test, until } from './world';

// There is nothing of that name, and each page says so.
test.use({ file: 'hostile-values', allowed: ['/v1/segments/%3Cimg', '/v1/lists/%3Cimg', '/v1/sources/%3Cimg', '/v1/schemas/events/%3Cimg'] });

const EVIL = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>"\'><svg onload=window.pwned=1>';
const BODY = `<html><body onload="window.pwned=1" style="color: rgb(1, 2, 3)"><p id="ok">Dear {{ profile.first_name }} ${EVIL}</p>
<a href="javascript:window.pwned=1">link</a><iframe src="javascript:window.pwned=1"></iframe><img src="https://elsewhere.example/pixel.gif"></body></html>`;

test('on every page', async ({ page, world }) => {
  test.setTimeout(600_000);
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(world.address)) foreign.push(request.url());
  });
  await world.report([
    { name: 'signed_up', user_id: EVIL.slice(0, 40), email: 'evil@example.com', attributes: { first_name: EVIL, [`x${EVIL.slice(0, 20)}`]: EVIL }, properties: { note: EVIL, deep: { [EVIL]: [EVIL] } }, consents: [{ topic: 'news', state: 'granted', source: EVIL }] },
  ]);
  await world.api('PUT', '/v1/secrets/evil', { value: EVIL });
  await world.api('POST', '/v1/suppressions', { address: 'svg-onload@example.com', reason: EVIL });
  await world.api('POST', '/v1/definitions/apply', {
    definitions: {
      segments: { evil: { description: EVIL, rule: `first_name = ${JSON.stringify(EVIL)}` } },
      templates: { evil: { channel: 'email', topic: 'news', subject: `Hello ${EVIL}`, html: BODY } },
      campaigns: { evil: { audience: ['everybody'], template: 'evil' } },
      topics: { evil: { title: EVIL, description: EVIL } },
      journeys: { evil: { entry: { event: 'evil' }, 'exit-when': `first_name = ${JSON.stringify(EVIL)}`, steps: [{ id: 'say', message: 'evil' }] } },
      lists: { evil: { description: EVIL, namespace: 'email', payload: { note: 'any' } } },
      sources: { evil: { description: EVIL, store: { endpoint: 'http://127.0.0.1:1', bucket: 'shop', prefix: `${EVIL.slice(0, 20)}/`, 'path-style': true, 'access-key': 'vault:evil', 'secret-key': 'vault:evil' }, pattern: EVIL.slice(0, 30), every: '1d', mapping: { columns: { at: 'date' }, rules: [{ event: 'bought' }], aliases: { user_id: 'who' }, 'occurred-at': 'at' } } },
      schemas: { evil_refund: { state: 'locked', properties: { total: 'number' } } },
    },
  });
  await world.api('POST', '/v1/campaigns/evil/start');
  await world.api('POST', `/v1/lists/evil?source=${encodeURIComponent(EVIL.slice(0, 40))}`, [{ email: 'evil@example.com', note: { [EVIL]: EVIL } }]);
  await world.report([{ name: 'evil_refund', email: 'evil@example.com', properties: { total: EVIL, [EVIL]: EVIL } }]);
  const inbox = await until(() => world.api<{ items: { message: string; template: string }[] }>('GET', '/v1/inbox?to=evil@example.com'), (now) => now.items.some((item) => item.template === 'evil'));
  const message = inbox.items.find((item) => item.template === 'evil')!.message;
  const events = await world.api<{ items: { id: string; trace: string }[] }>('GET', '/v1/events');
  const event = events.items.at(-1)!;
  const who = '/profiles/email/evil@example.com';
  const pages = [
    '/', '/events', `/events/${event.id}?trace=${event.trace}`, '/profiles', `/profiles?q=${encodeURIComponent(`first_name = ${JSON.stringify(EVIL)}`)}`, who, `${who}?tab=timeline`,
    `${who}?tab=explain&kind=segments&name=evil`, `${who}?tab=explain&kind=templates&name=evil`, `${who}?tab=consents`, `${who}?tab=identity`, '/segments', '/segments/evil', '/segments/evil/edit',
    '/segments/evil/edit?view=builder', '/campaigns', '/campaigns/evil', '/templates', '/templates/evil?as=evil@example.com', '/messages', `/messages/${message}`, '/messages?tab=person&who=email:evil@example.com', '/messages?tab=inbox', '/messages?tab=ledger', `/messages?tab=ledger&campaign=${encodeURIComponent(EVIL)}`, '/campaigns/evil/edit', '/definitions', `/definitions?q=${encodeURIComponent(EVIL)}`,
    '/definitions/topics/evil', '/journeys', '/journeys/evil', '/events/quarantine', '/events/schemas', '/events/schemas/evil_refund', `/events/schemas/${encodeURIComponent(EVIL)}`, '/profiles/erased', '/sending?tab=suppressed', '/sending', '/sending?tab=routes', '/sending?tab=letters', '/sending?tab=deliverability', `${who}?tab=devices`, '/campaigns/new', '/segments/new', '/templates/new', '/definitions/topics/new',
    '/settings?tab=providers', '/settings?tab=policy', '/settings?tab=keys', '/settings?tab=members', '/settings?tab=secrets', '/settings?tab=destinations', '/settings?tab=backups',
    '/definitions/topics/evil?view=text', '/definitions/segments/evil?view=text', '/definitions/templates/evil/history', '/settings', '/settings?tab=audit',
    '/lists', '/lists/evil', '/sources', '/sources/evil', `/lists/${encodeURIComponent(EVIL)}`, `/sources/${encodeURIComponent(EVIL)}`,
    `/segments/${encodeURIComponent(EVIL)}`, `/profiles?q=${encodeURIComponent(EVIL)}`,
  ];
  expect(forgotten(pages)).toEqual([]);
  for (const path of pages) {
    await page.goto(path);
    await expect(page.locator('main h1')).toBeVisible();
    await page.waitForLoadState('load');
    await expect(page.locator('.skeleton'), path).toHaveCount(0);
    // What would run once it has failed, or loaded, however late that is.
    expect(await page.locator('[onerror], [onload]').count(), path).toBe(0);
    expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned), path).toBeUndefined();
    for (const frame of page.frames()) {
      if (frame !== page.mainFrame()) expect(frame.parentFrame()).toBe(page.mainFrame());
    }
  }
  await page.goto(`/messages/${message}`);
  // The message itself is seen as it looks, in a frame that can do nothing.
  const frame = page.locator('iframe.frame');
  await expect(frame).toHaveAttribute('sandbox', '');
  await expect(frame.contentFrame().locator('#ok')).toContainText('Dear');
  await expect(frame.contentFrame().locator('script, iframe, [onload], [onerror], [src], a[href]')).toHaveCount(0);
  expect(await frame.contentFrame().locator('body').evaluate((body) => getComputedStyle(body).color)).toBe('rgb(1, 2, 3)');
  expect(foreign).toEqual([]);
});
