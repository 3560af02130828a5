// "Somebody is on the phone: who is it, what do we know, and what did they get?"
import { readFileSync } from 'node:fs';
import { accessible, expect, person, test, until } from './world';

// That an unknown person is none, and that a page of a list did not come, are answers of the server.
test.use({ file: 'find-a-person', allowed: ['status of 404', 'status of 503'] });

interface Inbox { items: { message: string; to: string }[] }

test.beforeAll(async ({ world }) => {
  const told = (id: string, more: object) => ({ id: `${id}-also`, name: 'page', user_id: id, ...more });
  await world.report([
    ...person('ana', { orders: [3], attributes: { plan: 'gold' } }), ...person('luis', { attributes: { plan: 'free' } }), ...person('eva', { attributes: { plan: 'gold' } }),
    told('ana', { aliases: { phone: '+34600123456' } }), told('luis', { aliases: { phone: '600123457' } }), told('Casa Pérez', { properties: {} }),
  ], true);
  await world.api('POST', '/v1/messages', { template: 'order-confirmation', to: { email: 'ana@example.com' }, payload: { order_id: 'A-1', item: 'Kettle', total: 40 } });
  await until(() => world.api<Inbox>('GET', '/v1/inbox?to=ana@example.com'), (now) => now.items.length > 0);
});

test('by any name as it is written down, and by what is known of them', async ({ page }) => {
  await page.goto('/profiles');
  const find = page.getByRole('searchbox', { name: 'Find people' });
  const rows = page.locator('tbody tr[data-row]');
  // A telephone number is no sum and a name no sentence: none of them is taken for a rule.
  for (const [typed, found] of [
    ['+34 600 12 34 56', ['ana']], ['0034 600 123', ['ana']], ['(600) 123-457', ['luis']], ['Casa Pérez', ['Casa Pérez']], ['ANA@example.com', ['ana']], ['email:lu', ['luis']],
    ['plan = "gold"', ['ana', 'eva']], ['count(order_completed) >= 1 and plan = "gold"', ['ana']],
  ] as const) {
    await find.fill(typed);
    await find.press('Enter');
    await expect(page, typed).toHaveURL((url) => url.searchParams.get('q') === typed);
    await expect(rows, typed).toHaveCount(found.length);
    for (const name of found) await expect(rows.filter({ has: page.getByRole('link', { name, exact: true }) }), `${typed}: ${name}`).toHaveCount(1);
    await expect(page.getByTestId('no-rule')).toHaveCount(0);
  }
  await accessible(page);
  // Who is nobody is nobody; who meant a rule learns what is wrong with it.
  await find.fill('in segment "buyer"');
  await find.press('Enter');
  await expect(page.getByRole('heading', { name: 'Nobody fits' })).toBeVisible();
  await expect(page.getByTestId('no-rule')).toContainText('did you mean buyers?');
  await accessible(page);
  // The same from anywhere.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('+34 600 12 34 56');
  await page.getByRole('option', { name: /600 12 34 56/ }).click();
  await expect(rows).toHaveCount(1);
  await rows.first().getByRole('link').first().click();
  await expect(page.locator('main h1')).toHaveText('ana');
});

test('everything that is known of somebody, as a file', async ({ page }) => {
  await page.goto('/profiles/user_id/ana');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export' }).click();
  const file = await downloading;
  expect(file.suggestedFilename()).toBe('ana.json');
  const said = readFileSync(await file.path(), 'utf8');
  expect(Object.keys(JSON.parse(said) as object).length).toBeGreaterThan(3);
  for (const known of ['ana@example.com', '+34600123456', 'order_completed', 'gold', 'sign-up form', 'order-confirmation']) expect(said, known).toContain(known);
  expect(said).not.toContain('luis');
});

test('what they got, by any of their names and as it was sent', async ({ page }) => {
  await page.goto('/messages?tab=person');
  const of = page.getByRole('searchbox', { name: 'Messages of' });
  for (const name of ['ana@example.com', '+34 600 12 34 56', 'ana']) {
    await of.fill(name);
    await of.press('Enter');
    await expect(page.locator('tbody tr[data-row]', { hasText: 'order-confirmation' }), name).toHaveCount(1);
  }
  await accessible(page);
  // Nothing leaves this server: what would have is in the inbox of the provider that keeps everything.
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.getByRole('searchbox').fill('nobody@example.com');
  await page.getByRole('searchbox').press('Enter');
  await expect(page.getByRole('heading', { name: 'The inbox is empty' })).toBeVisible();
  await page.getByRole('searchbox').fill('ana@example.com');
  await page.getByRole('searchbox').press('Enter');
  const letter = page.getByRole('row', { name: /ana@example\.com/ });
  await expect(letter).toHaveCount(1);
  await accessible(page);
  await letter.getByRole('link').first().click();
  await expect(page.locator('main h1')).toHaveText(/order-confirmation/);
  await expect(page.locator('iframe.frame').contentFrame().locator('body')).toContainText('Kettle');
});

test('what somebody allowed for every topic is called so, and what said it is found', async ({ page, world }) => {
  await world.report([{ id: 'all-topics', name: 'preferences', user_id: 'eva', consents: [{ topic: '*', channel: 'sms', state: 'granted', source: 'a call' }] }]);
  await page.goto('/profiles/user_id/eva?tab=consents');
  const row = page.getByRole('table', { name: 'Evidence' }).getByRole('row', { name: /a call/ });
  await expect(row).toContainText('every topic · SMS');
  await expect(page.locator('main')).not.toContainText('*');
  await accessible(page);
  // Of history the server's memory of requests knows nothing; the profile that the address names has it.
  await page.goto('/profiles/user_id/ana?tab=consents');
  await page.getByRole('row', { name: /sign-up form/ }).getByRole('link').click();
  await expect(page).toHaveURL(/of=user_id%3Aana/);
  await expect(page.locator('main h1')).toHaveText('signed_up');
  await page.goto('/profiles/user_id/eva');
  await page.getByRole('link', { name: 'an event' }).first().click();
  await expect(page.locator('main h1')).toHaveText('signed_up');
});

test('who is reached by their id is called by their name, and nobody is offered anything', async ({ page, world }) => {
  const { items } = await world.api<{ items: { id: string }[] }>('GET', '/v1/profiles?q=ana');
  await page.goto(`/profiles/id/${items[0]!.id}`);
  await expect(page.locator('main h1')).toHaveText('ana');
  await page.goto('/profiles/user_id/nobody-at-all');
  await expect(page.getByRole('alert')).toBeVisible();
  for (const role of ['button', 'link'] as const) await expect(page.locator('.page-head').getByRole(role)).toHaveCount(0);
});

test('what is there stays when the rest does not come', async ({ page, world }) => {
  await world.report(Array.from({ length: 60 }, (_, n) => ({ id: `seen${n}`, name: 'page', user_id: 'longtime', properties: { n } })), true);
  let down = true;
  await page.route(/timeline\?.*cursor=/, (route) => (down ? route.fulfill({ status: 503, json: { code: 'overloaded', status: 503, detail: 'too much at once' } }) : route.continue()));
  await page.goto('/profiles/user_id/longtime?tab=timeline');
  const entries = page.locator('ol.steps > li');
  await expect(entries).toHaveCount(50);
  await page.getByRole('button', { name: 'Older' }).click();
  await expect(page.getByRole('alert')).toContainText('too much at once');
  await expect(entries).toHaveCount(50);
  await accessible(page);
  down = false;
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await expect(entries).not.toHaveCount(50);
  await expect(page.getByRole('alert')).toHaveCount(0);
});
