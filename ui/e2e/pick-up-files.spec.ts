// "Did the files of last night come in, and what was wrong with those that did not?"
import { fileStore } from './outside';
import { accessible, BY_ITSELF, expect, test, until } from './world';

test.use({ file: 'pick-up-files' });

interface Files { files: { name: string; state: string; counts: { accepted: number; rejected: number } }[] }

const row = (who: string, at = '2026-01-02T03:04:05Z') => `${who},${at}\n`;
const table = (...rows: string[]) => `who,at\n${rows.join('')}`;
const MAPPING = { columns: { at: 'date' }, rules: [{ event: 'bought' }], aliases: { user_id: 'who' }, 'occurred-at': 'at' };

let shop: Awaited<ReturnType<typeof fileStore>>;

test.beforeAll(async ({ world }) => {
  shop = await fileStore(world);
});

test.afterAll(() => shop.close());

test('what came, what was wrong with it, and once more', async ({ page, world }) => {
  const files = async () => (await world.api<Files>('GET', '/v1/sources/orders/files')).files;
  const known = (name: string, is: (one: Files['files'][number]) => boolean) => until(files, (now) => now.some((one) => one.name === name && is(one)));
  await page.goto('/');
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Sources' }).click();
  await expect(page.getByRole('heading', { name: 'No sources yet' })).toBeVisible();
  await accessible(page);

  shop.files.set('in/a.csv', table(row('u1'), row('u2'), row('u3'), row('u9', 'soon')));
  shop.files.set('in/b.csv.zst', 'this is no archive');
  await world.api('POST', '/v1/definitions/apply', { definitions: { sources: { orders: { description: 'Orders of the night', store: shop.store, pattern: '*.csv*', every: '1000d', mapping: MAPPING } } } });
  await known('a.csv', (one) => one.state === 'taken');
  await known('b.csv.zst', (one) => one.state === 'failed');

  const listed = page.getByRole('row', { name: /orders/ });
  await expect(listed).toContainText('some files failed');
  await expect(listed).toContainText('files of a bucket');
  await listed.getByRole('link', { name: 'orders' }).click();
  await expect(page.locator('main h1')).toHaveText('orders');
  await expect(page.locator('main')).toContainText('are history: nobody gets a message for them');
  await expect(page.locator('.stat', { hasText: /^Taken/ })).toContainText('1');
  const a = page.getByRole('row', { name: /a\.csv/ });
  const b = page.getByRole('row', { name: /b\.csv\.zst/ });
  await expect(a).toContainText('The rejected rows are in rejected/a.csv.');
  await expect(b).toContainText('failed');
  await expect(b).toContainText('Put a whole file in its place');
  // They are where the page says.
  const rejected = [...shop.files].find(([name]) => name.startsWith('in/rejected/a.csv.'));
  expect(rejected?.[1]).toContain('soon');
  await accessible(page);
  await page.getByLabel('Show').selectOption('failed');
  await expect(page).toHaveURL(/show=failed/);
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(1);
  await page.reload();
  await expect(b).toBeVisible();
  await page.getByLabel('Find a file').fill('nothing like it');
  await expect(page.getByRole('heading', { name: 'No file fits' })).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(2);

  // Another file, and a look besides the schedule.
  shop.files.set('in/c.csv', table(row('u4'), row('u5')));
  await page.getByRole('button', { name: 'Run now' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It looks at once, besides its schedule.');
  await expect(dialog).toContainText('nobody gets a message for them');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Run now' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('orders looks now.')).toBeVisible();
  await expect(page.getByRole('row', { name: /c\.csv/ })).toContainText('taken', BY_ITSELF);
  await expect(page.locator('.stat', { hasText: 'Events in' })).toContainText('5');

  // What is in already counts once, however often its file is read.
  const seen = async () => (await world.api<{ timeline: unknown[] }>('GET', '/v1/profiles/user_id/u1')).timeline.length;
  expect(await seen()).toBe(1);
  shop.files.set('in/a.csv', table(row('u1'), row('u2'), row('u3'), row('u9')));
  await page.getByRole('button', { name: 'Take again: a.csv' }).click();
  await expect(dialog).toContainText('Take a.csv again?');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Take again' }).click();
  await known('a.csv', (one) => one.counts.rejected === 0 && one.counts.accepted === 4);
  await expect(a).not.toContainText('rejected rows');
  expect(await seen()).toBe(1);
  // Nobody has to look for what failed.
  await page.goto('/');
  const failed = page.getByRole('listitem').filter({ hasText: 'source orders' }).first();
  await expect(failed).toContainText('1 of its files could not be read in the last seven days.');
  await failed.getByRole('link', { name: 'Look' }).click();
  await expect(page).toHaveURL(/sources\/orders\?show=failed/);
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(1);
  await expect(b).toBeVisible();
  await page.goto('/settings?tab=audit&what=source.run');
  await expect(page.getByRole('row', { name: /Source run/ })).toHaveCount(2);
});

test('what keeps it from going on is said, and is over once it is mended', async ({ page, world }) => {
  await world.api('POST', '/v1/definitions/apply', { definitions: { sources: { stock: { store: { ...shop.store, prefix: 'stock/' }, pattern: '*.csv', every: '1000d', live: true, mapping: MAPPING } } } });
  await until(() => world.api<{ standing: { looked_at?: string } }>('GET', '/v1/sources/stock'), (now) => Boolean(now.standing.looked_at));
  await page.goto('/sources/stock');
  await expect(page.getByRole('heading', { name: 'No files yet' })).toBeVisible();
  await accessible(page);
  shop.state.shut = true;
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.getByRole('dialog')).toContainText('they may start journeys and send messages');
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('the key was taken back');
  await expect(alert).toContainText('It is tried again by itself.');
  await accessible(page);
  // Nobody has to look for it.
  await page.goto('/');
  const attention = page.locator('section', { has: page.getByRole('heading', { name: 'Needs a person' }) });
  await expect(attention).toContainText('the key was taken back');
  await attention.getByRole('listitem').filter({ hasText: 'source stock' }).getByRole('link').click();
  await expect(alert).toContainText('the key was taken back');
  await page.goto('/sources');
  await expect(page.getByRole('row', { name: /stock/ })).toContainText('cannot go on');
  await accessible(page);
  // It comes back by itself, and takes what lies there.
  shop.files.set('stock/today.csv', table(row('u7', new Date().toISOString())));
  shop.state.shut = false;
  await page.getByRole('row', { name: /stock/ }).getByRole('link').first().click();
  await expect(page.getByRole('row', { name: /today\.csv/ })).toContainText('taken', BY_ITSELF);
  await expect(alert).toHaveCount(0);
});
