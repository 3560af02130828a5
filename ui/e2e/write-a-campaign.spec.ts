// "Write a campaign, and launch it."
import { accessible, BY_ITSELF, expect, person, test } from './world';

test.use({ file: 'write-a-campaign' });

test.beforeAll(async ({ world }) => {
  await world.report([...person('ana', { orders: [3] }), ...person('luis', { orders: [5] }), ...person('silent', { consent: false, orders: [7] }), ...person('idle')], true);
});

test('an audience is counted while it is chosen, faults stand at their fields, and it goes out', async ({ page, world }) => {
  await page.goto('/');
  await expect(page.locator('main h1')).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Search' })).toBeFocused();
  await page.keyboard.type('new campaign');
  await page.keyboard.press('Enter');
  await expect(page.locator('main h1')).toHaveText('New campaign');
  await expect(page.getByTestId('outlook')).toContainText('Choose an audience');
  await page.getByLabel('Name').fill('kettles');
  await page.getByRole('combobox', { name: 'Audience' }).fill('buyers');
  await page.keyboard.press('Enter');
  const outlook = page.getByTestId('outlook');
  await expect(outlook).toContainText('3 in the audience');

  await page.getByRole('combobox', { name: 'Template' }).fill('montly');
  await page.keyboard.press('Escape');
  await expect(page.locator('.whole', { has: page.getByRole('combobox', { name: 'Template' }) })).toContainText('did you mean monthly?');
  await accessible(page);
  await page.getByRole('combobox', { name: 'Template' }).fill('monthly');
  await page.keyboard.press('Escape');
  // Of three, one never consented to the topic of the template.
  await expect(outlook.getByRole('row', { name: /get it at once/ })).toContainText('2');
  await expect(outlook.getByRole('row', { name: /do not get it: no consent/ })).toContainText('1');

  await page.getByRole('button', { name: 'Review and publish' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('kettles is new.');
  await expect(dialog).toContainText('Nothing is sent by this');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await expect(page.locator('main h1')).toHaveText('kettles');
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByRole('dialog')).toContainText('Everybody in buyers: 3 people now.');
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
  await expect(page.locator('.stat', { hasText: 'Sent' }).locator('dd')).toHaveText('2', BY_ITSELF);
  await expect(page.locator('.stat', { hasText: 'Refused' }).locator('dd')).toHaveText('1');

  await page.getByRole('link', { name: 'Its messages' }).click();
  await expect(page.getByText('3 messages. That is all.')).toBeVisible();
  await page.getByLabel('State').selectOption('refused');
  await expect(page).toHaveURL(/campaign=kettles/);
  await expect(page).toHaveURL(/state=refused/);
  await expect(page.getByRole('row', { name: /no consent/i })).toHaveCount(1);
  await accessible(page);
  const inbox = await world.api<{ items: { to: string }[] }>('GET', '/v1/inbox');
  expect(inbox.items.map((letter) => letter.to).sort()).toEqual(['ana@example.com', 'luis@example.com']);
});

test('a campaign is changed, and keeps what the form does not show', async ({ page, world }) => {
  await page.goto('/campaigns/monthly/edit');
  await page.getByLabel('Messages a minute at most').fill('120');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('120 a minute')).toBeVisible();
  const { definitions } = await world.api<{ definitions: { campaigns: Record<string, { definition: Record<string, unknown> }> } }>('GET', '/v1/definitions');
  expect(definitions.campaigns.monthly?.definition).toMatchObject({ 'per-minute': 120, monthly: true, at: '2026-01-01T09:00:00Z', exclude: ['lapsed'] });
});
