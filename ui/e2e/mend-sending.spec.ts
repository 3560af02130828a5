// "Mail does not leave: who waits, behind whom, and what is to be done with what nobody carried?"
import { accessible, expect, person, test, undoing, until } from './world';

test.use({ file: 'mend-sending' });

interface Queues { queues: { route: string; waiting: number }[]; providers: { name: string; state: string }[] }
interface Letters { items: { id: string }[]; codes: Record<string, number> }
interface Listed { state: { state: string }; attempts: unknown[] }

test('a provider that is down is seen, and what it kept back is tried again or given up', async ({ page, world }) => {
  await page.goto('/sending');
  await expect(page.getByText('Nothing waits')).toBeVisible();
  await accessible(page);
  await page.goto('/sending?tab=letters');
  await expect(page.getByText('No dead letters')).toBeVisible();

  // Nobody listens there; a plan for warming up allows little.
  const dead = { channel: 'email', smtp: { host: '127.0.0.1', port: 1, tls: 'none' }, 'warm-up': { start: '2020-01-01', 'first-day': 50, growth: 1.0, until: 100_000 } };
  const legs = [{ provider: 'gone', weight: 3, 'max-per-day': 500 }];
  await world.api('POST', '/v1/definitions/apply', { definitions: { providers: { gone: dead }, routes: { post: { channel: 'email', legs } } } });
  await world.report(['ana', 'bea', 'eva'].flatMap((name) => person(name)), true);
  const soon = new Date(Date.now() + 20_000).toISOString();
  const ask = (who: string, more = {}) => world.api<{ id: string }>('POST', '/v1/messages', { template: 'order-confirmation', to: { email: `${who}@example.com` }, payload: { order_id: 'A-1', item: 'Kettle', total: 40 }, ...more });
  const ids: string[] = [];
  for (const who of ['ana', 'bea', 'eva']) ids.push((await ask(who, { expire_at: soon })).id);
  // What expires before anybody has tried to carry it is no dead letter.
  for (const id of ids) await until(() => world.api<Listed>('GET', `/v1/messages/${id}`), (now) => now.attempts.length > 0);
  const letters = () => world.api<Letters>('GET', '/v1/dead-letters');
  await until(letters, (now) => ids.every((id) => now.items.some((item) => item.id === id)));
  for (let n = 0; n < 8; n += 1) await ask('ana');
  await until(() => world.api<Queues>('GET', '/v1/queues'), (now) => now.queues.some((queue) => queue.waiting > 0) && now.providers.some((one) => one.name === 'gone' && one.state !== 'closed'));

  await page.goto('/sending');
  await expect(page.getByRole('row', { name: /^post/ }).first()).toContainText(/gone: (stopped, it failed|is asked whether it is back)/);
  await expect(page.locator('.stat', { hasText: 'Providers in trouble' })).toContainText('1of 4');
  await accessible(page);
  await page.getByRole('row', { name: /^post/ }).first().getByRole('link').first().click();
  await expect(page).toHaveURL(/queue=post/);
  await expect(page.locator('tbody tr[data-row]').first()).toContainText('order-confirmation');

  await page.goto('/sending?tab=routes');
  await expect(page.getByRole('row', { name: /gone/ }).first()).toContainText('up to 50 to each group, until 100,000');
  await expect(page.getByRole('row', { name: /weight 3/ })).toContainText(/of 500/);
  await accessible(page);

  // Whoever comes in is told, and led there.
  await page.goto('/');
  const told = page.getByRole('listitem').filter({ hasText: /messages? ended because nobody carried/ }).first();
  await expect(told).toContainText('3 messages');
  await told.getByRole('link', { name: 'Look' }).click();
  await expect(page).toHaveURL(/sending\?tab=letters/);
  const cause = page.getByRole('row', { name: /given up after many tries|waited too long/ });
  await expect(cause.first()).toContainText(/[123]/);
  await expect(page.locator('tbody tr[data-row]', { hasText: 'order-confirmation' })).toHaveCount(3);
  await accessible(page);

  // One is given up for good, the others leave once a provider carries.
  await page.locator('tbody tr[data-row]', { hasText: 'order-confirmation' }).first().getByRole('button', { name: 'Give up' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Messages that are never tried again: 1.');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Give up' }).click();
  await expect(page.getByText('Given up: 1.')).toBeVisible();
  expect(Object.values((await letters()).codes).reduce((sum, count) => sum + count, 0)).toBe(2);

  await world.api('POST', '/v1/definitions/apply', { definitions: { routes: { post: { channel: 'email', legs: [{ provider: 'inbox' }] } } } });
  await page.getByRole('button', { name: /^Try again: / }).last().click();
  await expect(page.getByRole('dialog')).toContainText('as if they were new: 2.');
  await page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('Tried again: 2.')).toBeVisible();
  await expect(page.getByText('No dead letters')).toBeVisible();
  const states = async () => (await Promise.all(ids.map((id) => world.api<Listed>('GET', `/v1/messages/${id}`)))).map((one) => one.state.state).sort();
  await page.goto('/');
  await expect(page.locator('.stat').first()).toBeVisible();
  await expect(told).toHaveCount(0);
  await until(states, (now) => /^accepted,accepted,(failed|refused)$/.test(now.join()));
});

test('everything is stopped from anywhere, for a reason, and goes on', async ({ page, world }) => {
  const paused = async () => (await world.api<{ paused: string | null }>('GET', '/v1/sending')).paused;
  await page.goto('/');
  await expect(page.locator('main h1')).toHaveText('Overview');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search' })).toBeFocused();
  await page.keyboard.type('pause sending');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Pause all sending?' });
  await expect(dialog).toContainText('Nothing leaves any more');
  await expect(dialog).toContainText(/Messages that wait now, and stay: \d+\./);
  const pause = dialog.getByRole('button', { name: 'Pause sending' });
  await expect(pause).toBeDisabled();
  await accessible(page);
  // Who thinks better of it changes nothing, and the address asks no more.
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page).not.toHaveURL(/ask=/);
  expect(await paused()).toBeNull();

  await page.getByRole('button', { name: 'Pause sending…' }).click();
  await dialog.getByLabel('Why').fill('the wrong price in all of them');
  await pause.click();
  await expect(page.getByRole('status').filter({ hasText: 'Sending is paused everywhere.' })).toContainText('the wrong price in all of them');
  await expect.poll(paused).toBe('the wrong price in all of them');
  await expect(page.getByRole('button', { name: 'Pause sending…' })).toHaveCount(0);
  await accessible(page);
  await (await undoing(page)).click();
  await expect(page.getByText('Sending goes on.')).toBeVisible();
  await expect.poll(paused).toBeNull();
});
