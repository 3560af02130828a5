// "Remove what nobody uses any more", and "do not lose what I am writing".
import { accessible, expect, person, test, undoing, until } from './world';

test.use({ file: 'remove-a-definition' });

test.beforeAll(async ({ world }) => {
  await world.report([...person('ana', { orders: [3] }), ...person('luis', { orders: [4] })], true);
});

test('what is used stays, and who uses it is named', async ({ page, world }) => {
  await page.goto('/segments/everybody');
  await page.getByRole('button', { name: 'Remove…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It cannot be removed');
  await expect(dialog.getByTestId('dependents')).toContainText('monthly');
  await expect(dialog.getByRole('button', { name: 'Remove', exact: true })).toBeDisabled();
  await accessible(page);
  await dialog.getByRole('link', { name: 'monthly' }).click();
  await expect(page.locator('main h1')).toHaveText('monthly');
  expect((await world.api<{ members: number }>('GET', '/v1/segments/everybody')).members).toBe(2);
});

test('what nobody uses goes with its numbers, and comes back', async ({ page, world }) => {
  await world.api('POST', '/v1/definitions/apply', { definitions: { segments: { idle: { rule: 'count(order_completed) >= 1' } } } });
  await page.goto('/segments/idle');
  await expect(page.locator('.stat').first()).toContainText('2');
  await page.getByRole('button', { name: 'Remove…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('People in it now: 2.');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.locator('main h1')).toHaveText('Segments');
  await expect(page.getByText('idle is removed.')).toBeVisible();
  const undo = await undoing(page);
  await expect(world.api('GET', '/v1/segments/idle')).rejects.toThrow('404');
  await undo.click();
  await expect(page.getByText('idle is again as it was.')).toBeVisible();
  // It is counted anew, part by part.
  await until(() => world.api<{ members: number }>('GET', '/v1/segments/idle'), (now) => now.members === 2);
});

test('what another has published meanwhile is not removed unseen', async ({ page, world }) => {
  const publish = (rule: string) => world.api('POST', '/v1/definitions/apply', { definitions: { segments: { moving: { rule } } } });
  const inForce = async () => (await world.api<{ definitions: { segments: Record<string, { revision: number }> } }>('GET', '/v1/definitions')).definitions.segments.moving?.revision;
  await publish('count(order_completed) >= 1');
  await page.goto('/segments/moving');
  await page.getByRole('button', { name: 'Remove…' }).click();
  const dialog = page.getByRole('dialog');
  const remove = dialog.getByRole('button', { name: 'Remove', exact: true });
  await expect(remove).toBeEnabled();
  await publish('count(order_completed) >= 2');
  await remove.click();
  await expect(dialog.getByRole('alert')).toContainText('revision');
  expect(await inForce()).toBe(2);
  await accessible(page);
  // Who has seen it confirms once more.
  await expect(remove).toBeEnabled();
  await remove.click();
  await expect(page.getByText('moving is removed.')).toBeVisible();
  expect(await inForce()).toBeUndefined();
});

test('a draft is not left by mistake', async ({ page }) => {
  await page.goto('/campaigns/monthly/edit');
  // What was not touched is left without a question.
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('main h1')).toHaveText('monthly');
  await page.goto('/campaigns/monthly/edit');
  await page.getByLabel('Messages a minute at most').fill('77');
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('published nowhere');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByLabel('Messages a minute at most')).toHaveValue('77');
  // The browser asks as well before the window is closed.
  const closing = () => page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
  expect(await closing()).toBe(true);
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  await expect(page.locator('main h1')).toHaveText('Segments');
  // Publishing is not leaving.
  await page.goto('/campaigns/monthly/edit');
  await page.getByLabel('Messages a minute at most').fill('78');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('78 a minute')).toBeVisible();
  expect(await closing()).toBe(false);
});

test('a secret is set, named by a provider, and only then forgotten when nobody names it', async ({ page, world }) => {
  await page.goto('/settings?tab=secrets');
  await expect(page.getByText('No secret yet')).toBeVisible();
  await page.locator('.empty').getByRole('button', { name: 'Set a secret' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('mail-password');
  await page.getByRole('dialog').locator('input[autocomplete=new-password]').fill('hush-hush-hush');
  await accessible(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await expect(page.getByText('mail-password is set.')).toBeVisible();
  await expect(page.getByRole('row', { name: /vault:mail-password/ })).toContainText('nobody');
  expect(await page.content()).not.toContain('hush-hush-hush');

  await world.api('POST', '/v1/definitions/apply', { definitions: { providers: { mail: { channel: 'email', smtp: { host: 'smtp.shop.example', port: 587, username: 'shop', password: 'vault:mail-password' } } } } });
  await page.goto('/definitions/providers/mail');
  await expect(page.getByRole('combobox', { name: 'Where the password is' })).toHaveValue('vault:mail-password');
  await expect(page.getByRole('link', { name: 'Set secrets of the vault' }).first()).toHaveAttribute('href', '/settings?tab=secrets');
  await page.goto('/settings?tab=secrets');
  await expect(page.getByRole('row', { name: /vault:mail-password/ }).getByRole('link', { name: 'mail' })).toBeVisible();
  await page.getByRole('button', { name: 'Forget: mail-password' }).click();
  await expect(page.getByRole('dialog')).toContainText('It cannot be forgotten');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Forget' })).toBeDisabled();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Replace: mail-password' }).click();
  await page.getByRole('dialog').locator('input[autocomplete=new-password]').fill('another-hush');
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await expect(page.getByText('mail-password is set.')).toBeVisible();
});

test('the devices of a person, and why nothing is pushed to one', async ({ page, world }) => {
  for (const device of [{ platform: 'android', token: 'tokenoftheandroid', app: 'shop' }, { platform: 'ios', token: 'b'.repeat(64), app: 'com.shop', permission: 'denied' }]) await world.api('PUT', '/v1/profiles/user_id/ana/devices', device);
  await page.goto('/profiles/user_id/ana?tab=devices');
  await expect(page.getByRole('row', { name: /Android/ })).toContainText('alerts');
  await expect(page.getByRole('row', { name: /iOS/ })).toContainText('denied');
  await expect(page.getByRole('row', { name: /iOS/ })).toContainText('nothing is pushed to it');
  // Of a token only as much is shown as tells them apart.
  expect(await page.content()).not.toContain('tokenoftheandroid');
  await accessible(page);
  await page.getByRole('row', { name: /Android/ }).getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('The device is removed.')).toBeVisible();
  await expect(page.getByRole('row', { name: /Android/ })).toHaveCount(0);
  await page.goto('/profiles/user_id/luis?tab=devices');
  await expect(page.getByText('No device yet')).toBeVisible();
});
