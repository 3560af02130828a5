// "Which messages of this campaign were refused, and why?"
import type { Page, Request } from '@playwright/test';
import { accessible, expect, person, test, travel, until } from './world';

test.use({ file: 'find-messages' });

interface Run { state: string; balance: Record<'sent' | 'refused' | 'failed' | 'unknown' | 'pending', number> & { refusals: Record<string, number> } }

let run = 0;

test.beforeAll(async ({ world }) => {
  const people = Array.from({ length: 120 }, (_, n) => person(`reader${n}`, { consent: n % 4 !== 0 })).flat();
  await world.report(people, true);
  run = (await world.api<{ run: number }>('POST', '/v1/campaigns/monthly/start')).run;
  await until(() => world.api<Run>('GET', `/v1/campaigns/runs/${run}`), (now) => now.state === 'done');
});

const settled = '[data-testid=ledger][data-settled]';

test('every term of the ledger leads to exactly its messages', async ({ page, world }) => {
  const { balance } = await world.api<Run>('GET', `/v1/campaigns/runs/${run}`);
  expect(balance.refused).toBe(30);
  for (const [name, term] of [['Sent', 'sent'], ['Refused', 'refused']] as const) {
    await page.goto('/campaigns/monthly');
    await page.locator('.stat', { hasText: name }).getByRole('link').click();
    await expect(page).toHaveURL(new RegExp(`run=${run}.*state=${term}`));
    await expect(page.locator(settled)).toContainText(balance[term] > 50 ? '50 messages.' : `${balance[term]} messages.`);
  }
  await accessible(page);
  // And every reason.
  await page.goto('/campaigns/monthly');
  await page.getByRole('link', { name: 'no consent' }).click();
  await expect(page.locator(settled)).toContainText('30 messages.');
  await expect(page.getByLabel('Why not')).toHaveValue('no-consent');
  await expect(page.getByRole('row', { name: /no consent|consent/i }).first()).toBeVisible();
  // The overview counts the same, and leads to the same.
  await page.goto('/');
  await page.locator('.stat', { hasText: 'Refused' }).getByRole('link').click();
  await expect(page.locator(settled)).toContainText('30 messages.');
  await page.goto('/');
  await page.locator('.panel', { hasText: 'Refusals by reason' }).getByRole('link', { name: 'no consent' }).click();
  await expect(page.getByLabel('Why not')).toHaveValue('no-consent');
  // All of them are exported, or nothing is: not what a filter leaves.
  await expect(page.getByRole('link', { name: 'Export all messages' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page.getByRole('link', { name: 'Export all messages' })).toBeVisible();
});

test('a message says who carried it, and of which run it is', async ({ page }) => {
  await page.goto(`/messages?tab=ledger&run=${run}&state=sent`);
  await page.locator('tbody tr[data-row]').first().getByRole('link').first().click();
  await expect(page.getByTestId('steps')).toContainText('by inbox');
  await expect(page.locator('main')).toContainText('E-mail');
  await accessible(page);
  await page.getByRole('link', { name: `monthly · run ${run}` }).click();
  await expect(page).toHaveURL(new RegExp(`/campaigns/monthly\\?run=${run}`));
});

test('newest first, page by page, and by the time', async ({ page, world }) => {
  await world.api('POST', '/v1/messages', { template: 'order-confirmation', to: { email: 'reader1@example.com' }, payload: { order_id: 'A-1', item: 'Kettle', total: 40 } });
  await until(() => world.api<{ messages: unknown[] }>('GET', '/v1/messages?template=order-confirmation'), (now) => now.messages.length === 1);
  await page.goto('/messages?tab=ledger');
  await expect(page.locator('tbody tr[data-row]').first()).toContainText('order-confirmation');
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(50);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(100);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(page.locator(settled)).toContainText('121 messages. That is all.');
  await page.getByLabel('Template').selectOption('order-confirmation');
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(1);
  await expect(page).toHaveURL(/template=order-confirmation/);
  // What is in the address is there again after a reload, and comes off at once.
  await page.reload();
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(1);
  await page.getByLabel('Before').fill('2020-01-01T00:00');
  await expect(page.getByText('No message fits')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(50);
});

/** How often an address of the API is asked once somebody comes back. Where it is, what it answers is waited for. */
async function asked(page: Page, path: string, back: () => Promise<unknown>, is: boolean): Promise<number> {
  // Longer than what was read counts as fresh.
  await page.waitForTimeout(5_500);
  let asked = 0;
  const hear = (request: Request) => {
    if (new URL(request.url()).pathname === path) asked += 1;
  };
  page.on('request', hear);
  const answer = is ? page.waitForResponse((answer) => new URL(answer.url()).pathname === path) : null;
  await back();
  await answer;
  // It is not asked once more after that.
  await page.waitForTimeout(1_500);
  page.off('request', hear);
  return asked;
}

// The two lists ask in two ways.
for (const room of ['profiles', 'messages']) {
  test(`${room} are asked for again while the list is short, and left alone once somebody has read on`, async ({ page }) => {
    await page.goto(`/${room}`);
    const rows = page.locator('tbody tr[data-row]');
    await expect(rows).toHaveCount(50);
    const toWindow = () => page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    const toPage = async () => {
      await travel(page, '/segments');
      await expect(page.locator('main h1')).toHaveText('Segments');
      await page.goBack();
      await expect(rows.first()).toBeVisible();
    };
    for (const back of [toWindow, toPage]) expect(await asked(page, `/v1/${room}`, back, true)).toBe(1);
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect(rows).toHaveCount(100);
    for (const back of [toWindow, toPage]) expect(await asked(page, `/v1/${room}`, back, false)).toBe(0);
    await expect(rows).toHaveCount(100);
  });
}
