// "Somebody is on the phone: who is it, what do we know, and what did they get?"
import { readFileSync } from 'node:fs';
import { accessible, expect, person, test, until } from './world';

test.use({ file: 'find-a-person' });

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
