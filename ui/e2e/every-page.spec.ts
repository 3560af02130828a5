// Every page: reachable by its address and by the keyboard, readable by everybody, in two themes,
// two widths and two languages, without an error on the console.
import { accessible, expect, person, test } from './world';

test.use({ file: 'every-page' });

const PAGES: [string, string][] = [
  ['/', 'Overview'], ['/events', 'Events'], ['/events/quarantine', 'Quarantine'], ['/messages', 'Messages'], ['/messages?tab=person&who=user_id:ana', 'Messages'], ['/profiles', 'Profiles'],
  ['/profiles/user_id/ana', 'ana'], ['/profiles/user_id/ana?tab=timeline', 'ana'], ['/profiles/user_id/ana?tab=explain&kind=journeys&name=win-back', 'ana'], ['/profiles/user_id/ana?tab=consents', 'ana'],
  ['/profiles/user_id/ana?tab=identity', 'ana'], ['/segments', 'Segments'], ['/segments/buyers', 'buyers'], ['/segments/new', 'New segment'], ['/segments/lapsed/edit?view=builder', 'Edit lapsed'],
  ['/campaigns', 'Campaigns'], ['/campaigns/monthly', 'monthly'], ['/journeys', 'Journeys'], ['/journeys/welcome', 'welcome'], ['/templates', 'Templates'], ['/templates/welcome?as=ana@example.com', 'welcome'],
  ['/settings', 'Settings'], ['/settings?tab=providers', 'Settings'], ['/settings?tab=policy', 'Settings'], ['/settings?tab=keys', 'Settings'], ['/settings?tab=members', 'Settings'], ['/settings?tab=audit', 'Settings'],
  ['/definitions', 'Definitions'], ['/definitions?kind=lists', 'Definitions'], ['/definitions/policy/policy', 'policy'], ['/definitions/senders/shop', 'shop'], ['/definitions/topics/new', 'New topic'], ['/definitions/providers/inbox', 'inbox'],
  ['/definitions/journeys/welcome', 'welcome'], ['/definitions/journeys/welcome/history', 'History of welcome'], ['/definitions/schemas/new', 'New schema'], ['/campaigns/new', 'New campaign'], ['/campaigns/monthly/edit', 'Edit monthly'], ['/templates/new', 'New template'],
  ['/messages?tab=ledger', 'Messages'], ['/messages?tab=ledger&campaign=monthly&state=refused', 'Messages'],
  ['/sending', 'Sending'], ['/sending?tab=routes', 'Sending'], ['/sending?tab=letters', 'Sending'], ['/settings?tab=secrets', 'Settings'], ['/profiles/user_id/ana?tab=devices', 'ana'],
  ['/nowhere/at/all', 'There is nothing here'],
];

test.beforeAll(async ({ world }) => {
  await world.report([...person('ana', { orders: [4, 100] }), ...person('luis')], true);
  await world.api('POST', '/v1/campaigns/monthly/start');
});

for (const [scheme, width] of [['light', 1280], ['dark', 390], ['dark', 1280], ['light', 390]] as const) {
  test(`${scheme}, ${width} wide`, async ({ page }) => {
    test.setTimeout(300_000);
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 860 });
    for (const [path, title] of PAGES) {
      await page.goto(path);
      await expect(page.locator('main h1'), path).toHaveText(title);
      await expect(page.locator('.skeleton'), path).toHaveCount(0);
      await accessible(page);
      // Nothing makes the page itself scroll sideways.
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), path).toBeLessThanOrEqual(0);
    }
  });
}

test('the keyboard goes everywhere', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('main h1')).toHaveText('Overview');
  for (const [letter, title] of [['e', 'Events'], ['p', 'Profiles'], ['s', 'Segments'], ['c', 'Campaigns'], ['j', 'Journeys'], ['t', 'Templates'], ['m', 'Messages'], ['q', 'Sending'], ['d', 'Definitions'], ['o', 'Overview']] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await expect(page.locator('main h1')).toHaveText(title);
  }
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page.getByRole('link', { name: 'buyers', exact: true })).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.locator('main h1')).toHaveText('buyers');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('welc');
  await expect(page.getByRole('option').first()).toContainText('welcome');
  await accessible(page);
  await page.keyboard.press('Enter');
  await expect(page.locator('main h1')).toHaveText('welcome');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Keyboard shortcuts');
});

test('the overview lives, and is soon there', async ({ page, world }) => {
  await page.goto('/');
  await expect(page.locator('main h1')).toBeVisible();
  // Again, from the browser's own cache: what a person sees every day.
  const before = Date.now();
  await page.reload();
  await expect(page.locator('.stat').first()).toBeVisible();
  console.log(`overview: numbers on the page ${Date.now() - before} ms after asking`);
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  const events = page.locator('.stat', { hasText: 'Events' }).locator('dd');
  const count = parseInt(await events.innerText(), 10);
  await world.report([{ name: 'page', user_id: 'ana', properties: {} }]);
  await expect.poll(async () => parseInt(await events.innerText(), 10)).toBeGreaterThan(count);
});

test('events arrive while one looks, and say what they caused', async ({ page, world }) => {
  await page.goto('/events?name=signed_up');
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  await world.report([{ name: 'signed_up', user_id: 'fresh', email: 'fresh@example.com', consents: [{ topic: 'news', state: 'granted', source: 'form' }] }, { name: 'page', user_id: 'fresh', properties: {} }]);
  const row = page.getByRole('row', { name: /fresh/ });
  await expect(row).toHaveCount(1);
  await row.getByRole('link').first().click();
  await expect(page.locator('main h1')).toHaveText('signed_up');
  await expect(page.getByText(/message queued/)).toBeVisible();
});

test('Spanish, with its own words everywhere', async ({ page }) => {
  await page.goto('/');
  await page.evaluate(() => localStorage.setItem('cauce.language', 'es'));
  await page.goto('/segments');
  await expect(page.locator('main h1')).toHaveText('Segmentos');
  await expect(page.locator('html')).toHaveAttribute('lang', 'es');
  await accessible(page);
});

test('erasing says what it takes, and takes it', async ({ page, world }) => {
  await page.goto('/profiles/user_id/luis');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Erase this profile…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('All of its names are forgotten: 2.');
  await expect(dialog.getByRole('button', { name: 'Erase for ever' })).toBeDisabled();
  await accessible(page);
  await dialog.getByLabel('Type luis to confirm').fill('luis');
  await dialog.getByRole('button', { name: 'Erase for ever' }).click();
  await expect(page.locator('main h1')).toHaveText('Profiles');
  await expect(world.api('GET', '/v1/profiles/user_id/luis')).rejects.toThrow('404');
});
