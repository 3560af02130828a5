// "Why did this profile not get the offer?" Each cause is made on purpose, and the console has to
// say that one.
import { accessible, BY_ITSELF, expect, person, test, until, type World } from './world';

test.use({ file: 'why-no-offer' });

interface Run { run: number; balance: { done: boolean; planned: number } }

async function sent(world: World): Promise<number> {
  const { run } = await world.api<Run>('POST', '/v1/campaigns/monthly/start');
  await until(() => world.api<Run>('GET', `/v1/campaigns/runs/${run}`), (now) => now.balance.done);
  return run;
}

const policy = (world: World, change: Record<string, unknown>) =>
  world.api('POST', '/v1/definitions/apply', { definitions: { policy: { policy: { 'default-zone': 'UTC', 'consent-required': true, ...change } } } });

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ world }) => {
  await world.report([
    ...person('fine', { orders: [3] }),
    ...person('silent', { consent: false, orders: [3] }),
    ...person('blocked', { orders: [3] }),
    ...person('gone', { orders: [200] }),
    { id: 'stranger-1', name: 'page', user_id: 'stranger', email: 'stranger@example.com', properties: {} },
  ], true);
  await world.api('POST', '/v1/suppressions', { address: 'blocked@example.com', reason: 'asked on the phone' });
});

async function asked(page: import('@playwright/test').Page, who: string, run: number) {
  await page.goto(`/profiles/user_id/${who}?tab=explain&kind=campaigns&name=${run}`);
  return page.getByTestId('verdict');
}

test('the console says which of the causes it was', async ({ page, world }) => {
  const run = await sent(world);
  await expect(await asked(page, 'silent', run)).toContainText('no consent for news was ever given');
  await accessible(page);
  await expect(await asked(page, 'blocked', run)).toContainText('suppressed');
  await expect(await asked(page, 'stranger', run)).toContainText('not in the audience when it was frozen');
  const gone = await asked(page, 'gone', run);
  await expect(gone).toContainText('not in the audience when it was frozen');
  // The excluded segment, with the value of the condition that put the person there.
  await expect(gone).toContainText('must be outside, is inside now');
  await expect(gone).toContainText('count(order_completed, last 60d) is 0');
  await expect(await asked(page, 'fine', run)).toContainText('accepted by the provider');
});

test('had enough messages', async ({ page, world }) => {
  await policy(world, { 'frequency-caps': [{ messages: 1, window: '7d' }] });
  // The sentence of the refusal itself, and not of what would hold now.
  const shown = await asked(page, 'fine', await sent(world));
  await expect(shown.locator('.state.bad').first()).toHaveText(/^\d+ messages within 7d, 1 are allowed$/);
  await expect(shown.locator('.row', { hasText: 'monthly' })).toContainText('refused');
});

test('in the control group', async ({ page, world }) => {
  await policy(world, { 'holdout-per-mille': 1000 });
  const shown = await asked(page, 'fine', await sent(world));
  await expect(shown.locator('.state.bad').first()).toHaveText('in the global control group (1000 in a thousand)');
  await expect(shown.locator('.row', { hasText: 'monthly' })).toContainText('refused');
});

test('quiet hours where the person is', async ({ page, world }) => {
  const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  await policy(world, { 'quiet-hours': { from: clock(-2), to: clock(3) } });
  const { run } = await world.api<Run>('POST', '/v1/campaigns/monthly/start');
  await until(() => world.api<Run>('GET', `/v1/campaigns/runs/${run}`), (now) => now.balance.planned > 0);
  const shown = await asked(page, 'fine', run);
  await expect(shown).toContainText(/quiet hours/i);
  await expect(shown).toContainText('queued');
});

test('what is not decided yet is asked again by itself', async ({ page, world }) => {
  const run = (await world.api<Run>('POST', '/v1/campaigns/monthly/start')).run;
  let early = true;
  await page.route(/\/v1\/profiles\/user_id\/fine\/campaigns\//, (route) => (early ? route.fulfill({ json: { verdict: { planned: false, message: null, why: 'in the audience, not planned yet' } } }) : route.continue()));
  const shown = await asked(page, 'fine', run);
  await expect(shown).toContainText('not planned yet');
  early = false;
  await expect(shown).not.toContainText('not planned yet', BY_ITSELF);
  await expect(shown).toContainText('monthly', BY_ITSELF);
});

test('a person finds the answer without an address', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('main h1')).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search' })).toBeFocused();
  await page.keyboard.type('silent@example.com');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'silent', exact: true }).click();
  await page.getByRole('link', { name: 'Consents' }).click();
  await expect(page.getByText('Nothing was said')).toBeVisible();
  await page.getByRole('link', { name: 'Timeline' }).click();
  await expect(page.getByText(/refused/).first()).toBeVisible();
});
