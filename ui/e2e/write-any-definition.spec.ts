// Definitions without a form: as text, with the names that the server knows, and faults in place.
import { accessible, expect, test, until } from './world';

test.use({ file: 'write-any-definition' });

const write = async (page: import('@playwright/test').Page, text: string) => {
  const editor = page.getByRole('textbox', { name: 'The definition as text' });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
};

test('a journey is written as text', async ({ page, world }) => {
  await page.goto('/journeys');
  await page.getByRole('button', { name: 'New journey' }).click();
  await page.getByLabel('Name').fill('thanks');
  await write(page, 'entry:\n  event: order_completed\npolicy: once\nsteps:\n  - id: hello\n    message: welcom\n');
  await expect(page.getByTestId('check')).toContainText('did you mean welcome?');
  await accessible(page);
  await write(page, 'entry:\n  event: order_completed\npolicy: once\nsteps:\n  - id: hello\n    message: welcome\n');
  await expect(page.getByText('can be published')).toBeVisible();
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.locator('main h1')).toHaveText('thanks');
  const { definitions } = await world.api<{ definitions: { journeys: Record<string, unknown> } }>('GET', '/v1/definitions');
  expect(definitions.journeys).toHaveProperty('thanks');
});

test('names of fields are offered as the server knows them', async ({ page }) => {
  await page.goto('/definitions/providers/new?view=text');
  await write(page, 'channel: email\nsmtp:\n  ');
  await page.keyboard.press('Control+Space');
  await expect(page.getByRole('option', { name: 'messages-per-connection' })).toBeVisible();
  await page.keyboard.press('Escape');
  await write(page, 'channel: ');
  await page.keyboard.press('Control+Space');
  await expect(page.getByRole('option', { name: 'webhook' })).toBeVisible();
});

test('what cannot be read is said, and both views are one draft', async ({ page }) => {
  await page.goto('/definitions/topics/new?view=text');
  await write(page, 'title: [News\n');
  await expect(page.getByRole('alert')).toContainText('cannot be read yet');
  await write(page, 'title: Care\ndouble-opt-in: true\ntitles:\n  es: Cuidado\n');
  await page.getByText('Form', { exact: true }).click();
  await expect(page.getByLabel('Shown as')).toHaveValue('Care');
  await expect(page.getByRole('textbox', { name: 'Language' }).first()).toHaveValue('es');
  await page.getByLabel('Shown as').fill('Care tips');
  await page.getByText('Text', { exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'The definition as text' })).toContainText('title: Care tips');
  await expect(page.getByRole('textbox', { name: 'The definition as text' })).toContainText('es: Cuidado');
});

test('a provider is added by its way, with the fields of that way', async ({ page, world }) => {
  await page.goto('/settings?tab=providers');
  await page.getByRole('button', { name: 'Add a provider' }).click();
  await page.getByLabel('Name').fill('mail');
  await page.getByLabel('How it is reached').selectOption('smtp');
  await expect(page.locator('.half', { has: page.getByLabel('Host') })).toContainText('missing field host');
  await page.getByLabel('Host').fill('localhost');
  await page.getByLabel('Account').fill('shop');
  // The fault is of the whole login: it stands at the field that it names.
  const account = page.locator('.half', { has: page.getByLabel('Account') });
  await expect(account).toContainText('username and password belong together');
  await page.getByRole('combobox', { name: 'Where the password is' }).fill('env:CAUCE_SMTP_PASSWORD');
  await expect(account).not.toContainText('belong together');
  await accessible(page);
  await page.getByLabel('Account').fill('');
  await page.getByRole('combobox', { name: 'Where the password is' }).fill('');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByRole('link', { name: 'mail', exact: true })).toBeVisible();
  const { definitions } = await world.api<{ definitions: { providers: Record<string, { definition: { smtp: { host: string } } }> } }>('GET', '/v1/definitions');
  expect(definitions.providers.mail?.definition.smtp.host).toBe('localhost');
});

test('what an event was seen to say is written down, and locked', async ({ page, world }) => {
  await world.report([{ id: 'b1', name: 'booked', user_id: 'ana', properties: { nights: 2, hotel: 'Mar' } }]);
  await page.goto('/events/schemas');
  await page.keyboard.press('/');
  await page.keyboard.type('book');
  await expect(page.locator('tbody tr[data-row]')).toHaveCount(1);
  await page.getByRole('link', { name: 'booked' }).click();
  await expect(page.locator('main h1')).toHaveText('booked');
  const row = page.getByRole('row', { name: /nights/ });
  await expect(row).toContainText('number 1');
  await expect(row).toContainText('100%');
  await expect(page.getByText('No definition reads it.')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Lock…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('waits in quarantine from then on');
  await expect(dialog.getByRole('region', { name: 'What changes' })).toContainText('"nights"');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Lock' }).click();
  await expect(page.getByText('booked is published.')).toBeVisible();
  await expect(page.locator('.stat', { hasText: 'State' })).toContainText('locked');
  await expect(row).toContainText('number · required');
  await world.report([{ id: 'b2', name: 'booked', user_id: 'ana', properties: { nights: 'two', hotel: 'Mar' } }]);
  const { items } = await until(() => world.api<{ items: { id: string }[] }>('GET', '/v1/quarantine?event=booked'), (now) => now.items.length > 0);
  expect(items).toHaveLength(1);
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(page).toHaveURL(/\/definitions\/schemas\/booked$/);
});
