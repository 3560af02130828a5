// "Edit a template, and see the preview."
import { accessible, expect, person, test, until } from './world';

test.use({ file: 'edit-a-template' });

test.beforeAll(async ({ world }) => {
  await world.report(person('ana', { orders: [3] }), true);
});

test('the preview follows, as one person, and what is published is what goes out', async ({ page, world }) => {
  await page.goto('/templates/welcome?as=ana@example.com');
  const preview = page.getByTestId('preview');
  await expect(preview).toContainText('Welcome, ana');
  await page.getByLabel('Subject').fill('Hello {{ profile.first_name | default: "you" }}, from Madrid');
  await expect(preview).toContainText('Hello ana, from Madrid');

  // What is wrong with it is said where it is, by the server.
  await page.getByLabel('Subject').fill('Hello {{ profile.first_name ');
  await expect(page.locator('.panel', { hasText: 'Source' }).first()).toContainText(/\}\}|closed|end/i);
  await accessible(page);
  await page.getByLabel('Subject').fill('Hello {{ profile.first_name | default: "you" }}, from Madrid');
  await expect(preview).toContainText('Hello ana, from Madrid');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region', { name: 'What changes' })).toContainText('from Madrid');
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('welcome is published.')).toBeVisible();

  await world.report(person('fresh').map((event) => ({ ...(event as object), occurred_at: new Date().toISOString() })));
  const inbox = await until(() => world.api<{ items: { subject: string }[] }>('GET', '/v1/inbox?to=fresh@example.com'), (now) => now.items.length > 0);
  expect(inbox.items[0]?.subject).toBe('Hello fresh, from Madrid');
});

test('a template is written anew, with a fault at its field', async ({ page }) => {
  await page.goto('/templates');
  await page.getByRole('button', { name: 'New template' }).click();
  await page.getByLabel('Name').fill('birthday');
  await page.getByLabel('Subject').fill('For you');
  await page.getByRole('combobox', { name: 'Topic' }).fill('nwes');
  await page.keyboard.press('Escape');
  await expect(page.locator('.half', { has: page.getByRole('combobox', { name: 'Topic' }) })).toContainText('did you mean news?');
  await page.getByRole('combobox', { name: 'Topic' }).fill('news');
  await page.keyboard.press('Escape');
  await accessible(page);
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await expect(page.getByRole('dialog')).toContainText('birthday is new.');
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.locator('main h1')).toHaveText('birthday');
  await expect(page.getByText('About news: whoever has not consented to it is refused.')).toBeVisible();
});

test('every channel has its own parts', async ({ page }) => {
  await page.goto('/templates/new');
  await expect(page.getByLabel('Subject')).toBeVisible();
  await page.getByLabel('Channel').selectOption('webhook');
  await expect(page.getByLabel('Subject')).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Text' })).toBeVisible();
  await accessible(page);
});

test('who looks at another channel loses nothing of the one before', async ({ page }) => {
  await page.goto('/templates/new');
  await page.getByLabel('Name').fill('two-ways');
  await page.getByLabel('Subject').fill('Half written');
  await page.getByLabel('Channel').selectOption('sms');
  await expect(page.getByLabel('Subject')).toHaveCount(0);
  await page.getByLabel('Channel').selectOption('email');
  await expect(page.getByLabel('Subject')).toHaveValue('Half written');
});
