// Attributes put right, quarantined events given up, one's own password, and pages that have nothing
// or no server: what to do is said.
import { accessible, expect, person, test, undoing } from './world';

test.use({ file: 'put-things-right' });

test.beforeAll(async ({ world }) => {
  await world.report(person('ana', { orders: [3], attributes: { plan: 'basic' } }), true);
});

test('an attribute is put right, and taken back', async ({ page, world }) => {
  const plan = async () => (await world.api<{ attributes: { plan: { value: unknown } } }>('GET', '/v1/profiles/user_id/ana')).attributes.plan.value;
  await page.goto('/profiles/user_id/ana');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Put attributes right…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Put right' })).toBeDisabled();
  await dialog.getByRole('group', { name: 'plan' }).getByLabel('Value').fill('pro');
  await expect(dialog.getByRole('region', { name: 'What changes' })).toContainText('"plan": "pro"');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Put right' }).click();
  await expect(page.getByText('1 attribute is put right.')).toBeVisible();
  const undo = await undoing(page);
  await expect.poll(plan).toBe('pro');
  await undo.click();
  await expect.poll(plan).toBe('basic');
});

test('what never fits is given up for a reason', async ({ page, world }) => {
  await world.api('POST', '/v1/definitions/apply', { definitions: { schemas: { refund: { state: 'locked', properties: { total: 'number' } } } } });
  for (const id of ['r1', 'r2']) await world.report([{ id, name: 'refund', user_id: 'ana', properties: { total: 'a lot' } }]);
  await page.goto('/');
  await expect(page.getByText('2 events do not fit their schema, and wait.').first()).toBeVisible();
  await page.goto('/events/quarantine?event=refund');
  await expect(page.getByRole('button', { name: 'Give up…' })).toHaveCount(2);
  await page.getByLabel('All 2 shown').check();
  await page.getByRole('button', { name: 'Give 2 up…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('2 events never count');
  await expect(dialog.getByRole('button', { name: 'Give up…' })).toBeDisabled();
  await dialog.getByLabel('Why').fill('a till that wrote words');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Give up…' }).click();
  await expect(page.getByText('2 events are given up.')).toBeVisible();
  await expect(page.getByText('Nothing in quarantine fits')).toBeVisible();
  expect((await world.api<{ items: unknown[] }>('GET', '/v1/quarantine')).items).toEqual([]);
});

test('what fits once its schema is mended is tried again, after a question', async ({ page, world }) => {
  const total = (type: unknown) => world.api('POST', '/v1/definitions/apply', { definitions: { schemas: { credit: { state: 'locked', properties: { total: type } } } } });
  await total('number');
  await world.report(Array.from({ length: 52 }, (_, n) => ({ id: `c${n}`, name: 'credit', user_id: 'ana', properties: { total: `${n}.5` } })));
  // As the server counts them, whether they are in the quarantine or not.
  const counted = async () => (await world.api<{ items: unknown[] }>('GET', `/v1/profiles?where=${encodeURIComponent('count(credit) = 52')}`)).items.length;
  await page.goto('/events/quarantine?event=credit');
  const dialog = page.getByRole('dialog');
  const again = async (count: number, became: string) => {
    await expect(dialog).toContainText(`: ${count}.`);
    await expect(dialog).toContainText('They start no journey and send nothing.');
    await dialog.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText(became)).toBeVisible();
    await expect(dialog).toHaveCount(0);
  };
  await page.getByRole('button', { name: 'Try all again…' }).click();
  await expect(dialog).toContainText('also those that are not shown: 52.');
  await accessible(page);
  await again(52, 'Events that fit now, and count: 0. Still in quarantine: 52.');
  await expect(page.getByText('tried once').first()).toBeVisible();

  await total({ type: 'number', cast: true });
  await page.getByRole('button', { name: 'Try again…', exact: true }).first().click();
  await again(1, 'Events that fit now, and count: 1. Still in quarantine: 0.');
  expect(await counted()).toBe(0);
  await page.getByRole('button', { name: 'Try all again…' }).click();
  await again(51, 'Events that fit now, and count: 51. Still in quarantine: 0.');
  await expect(page.getByText('Nothing in quarantine fits')).toBeVisible();
  expect(await counted()).toBe(1);
});

test('somebody chooses another password', async ({ anew, world }) => {
  const { invitation } = await world.api<{ invitation: string }>('POST', '/v1/members', { email: 'ed@example.com', name: 'Ed', role: 'editor' });
  const page = await (await anew()).newPage();
  await page.goto(invitation);
  await page.getByLabel('New password').fill('a long enough passphrase');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search' })).toBeFocused();
  await page.keyboard.type('change password');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password until now').fill('not it at all, sorry');
  await dialog.locator('input[autocomplete=new-password]').first().fill('another passphrase altogether');
  await dialog.getByLabel('New password, once more').fill('another passphrase altogethr');
  await expect(dialog).toContainText('The two are different');
  await dialog.getByLabel('New password, once more').fill('another passphrase altogether');
  await dialog.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await accessible(page);
  await dialog.getByLabel('Password until now').fill('a long enough passphrase');
  await dialog.getByRole('button', { name: 'Change', exact: true }).click();
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  // The session that began anew may still change things.
  await page.goto('/campaigns/monthly/edit');
  await page.getByLabel('Messages a minute at most').fill('60');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('60 a minute')).toBeVisible();
  // An editor changes no settings, and is not offered to.
  await page.goto('/definitions/policy/policy');
  await expect(page.getByText('Only an owner changes this.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Review and publish' })).toHaveCount(0);
});

test('what is empty teaches the next step', async ({ page }) => {
  await page.goto('/definitions?kind=lists');
  await expect(page.getByRole('heading', { name: 'Nothing of this kind yet' })).toBeVisible();
  await page.locator('.empty').getByRole('button', { name: 'New list' }).click();
  await expect(page.locator('main h1')).toHaveText('New list');
  await page.goto('/messages?tab=ledger&state=failed');
  await expect(page.getByText('No message fits')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page).not.toHaveURL(/state=/);
});

test('in Spanish, the same', async ({ page }) => {
  await page.goto('/');
  await page.evaluate(() => localStorage.setItem('cauce.language', 'es'));
  await page.goto('/definitions/policy/policy');
  await expect(page.getByLabel('Silencio desde')).toBeVisible();
  await page.goto('/campaigns/new');
  await expect(page.getByRole('button', { name: 'Revisar y publicar' })).toBeVisible();
  await expect(page.getByText('Elija una audiencia: entonces se cuenta aquí.')).toBeVisible();
  await accessible(page);
});
