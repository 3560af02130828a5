// "Build a segment of lapsed buyers and see it live."
import { accessible, expect, person, test } from './world';

test.use({ file: 'build-a-segment' });

test.beforeAll(async ({ world }) => {
  await world.report([...person('old1', { orders: [100, 200] }), ...person('old2', { orders: [90] }), ...person('new1', { orders: [2] }), ...person('none')].flat(), true);
});

test('by text, by blocks, and live', async ({ page, world }) => {
  await page.goto('/segments');
  await page.getByRole('button', { name: 'New segment' }).click();
  await page.getByLabel('Name').fill('sleepers');
  const editor = page.getByRole('textbox', { name: 'Rule' });
  await editor.click();
  await page.keyboard.type('cuont(order_completed) >= 1');
  const estimate = page.getByTestId('estimate');
  await expect(estimate).toContainText('did you mean count?');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('count(order_completed) >= 1');
  await expect(estimate).toContainText('3');
  await expect(estimate).toContainText('of 4 people');
  await accessible(page);

  await page.getByText('Blocks').click();
  await expect(page.getByRole('combobox', { name: 'event' })).toHaveValue('order_completed');
  await page.getByRole('button', { name: 'Add a condition' }).click();
  await page.getByRole('menuitem', { name: 'Did something so many times' }).click();
  await page.getByRole('combobox', { name: 'event' }).nth(1).fill('order_completed');
  await page.keyboard.press('Escape');
  await page.getByLabel('relation').nth(1).selectOption('equal');
  await page.getByLabel('number').nth(1).fill('0');
  await page.getByLabel('span, such as 30d').fill('60d');
  await expect(estimate).toContainText('old1');
  await expect(estimate).not.toContainText('new1');
  await accessible(page);

  await page.getByText('Text', { exact: true }).click();
  await expect(page.getByRole('textbox', { name: 'Rule' })).toContainText('count(order_completed, last 60d) = 0');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('sleepers becomes a segment');
  await expect(dialog.getByRole('region', { name: 'What changes' })).toContainText('count(order_completed)');
  await dialog.getByRole('button', { name: 'Publish' }).click();

  await expect(page.getByRole('heading', { name: 'sleepers' })).toBeVisible();
  const members = page.locator('.stat', { hasText: 'Members' });
  await expect(members).toContainText('2');
  // One comes back, and leaves the segment while somebody looks.
  await world.report([{ name: 'order_completed', user_id: 'old2', properties: { total: 5 } }]);
  await expect(members).toContainText('1');
  await expect(page.getByText('Nothing uses it yet.')).toBeVisible();
  await accessible(page);
});

test('what was published is changed with a diff, and who comes in and who leaves is counted', async ({ page, world }) => {
  await page.goto('/segments/buyers/edit?view=builder');
  await page.getByLabel('number').fill('2');
  await expect(page.getByTestId('estimate')).toContainText('of 4 people');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  const diff = page.getByRole('region', { name: 'What changes' });
  await expect(diff).toContainText('-   "rule": "count(order_completed) >= 1"');
  await expect(diff).toContainText('+   "rule": "count(order_completed) >= 2"');
  const { count } = await world.api<{ count: number }>('POST', '/v1/segments/estimate', { rule: 'count(order_completed) = 1' });
  expect(count).toBeGreaterThan(0);
  await expect(page.getByRole('dialog')).toContainText(`People who would come in: 0. Who would leave: ${count}.`);
  await page.getByRole('button', { name: 'Cancel' }).last().click();
});

test('the editor knows the names, and marks what is wrong where it stands', async ({ page, world }) => {
  await world.api('POST', '/v1/definitions/apply', { definitions: { lists: { fair: { namespace: 'email' } } } });
  await page.goto('/segments/new');
  const editor = page.getByRole('textbox', { name: 'Rule' });
  const offers = page.locator('.cm-tooltip-autocomplete').getByRole('option');
  const take = async (name: RegExp) => {
    await expect(offers).toHaveText(name);
    // What has only just opened takes no key: somebody may have meant a new line. A click means what it says.
    await offers.click();
  };
  await editor.click();
  await page.keyboard.type('count(order_c');
  await take(/^order_completed/);
  await expect(editor).toHaveText('count(order_completed)');
  await page.keyboard.press('End');
  await page.keyboard.type(' >= 1 and in list "fa');
  await take(/^fair/);
  await expect(editor).toHaveText('count(order_completed) >= 1 and in list "fair"');
  await expect(page.locator('.cm-lintRange-error')).toHaveCount(0);

  await page.keyboard.press('Control+a');
  await page.keyboard.type('country = "ES" and cuont(order_completed) >= 1');
  const mark = page.locator('.cm-lintRange-error');
  await expect(mark).toHaveText('cuont');
  // Each look at the rule draws the mark anew, and what was shown for the one before goes with it.
  await expect(async () => {
    await editor.hover({ position: { x: 1, y: 1 } });
    await mark.hover();
    await expect(page.locator('.cm-diagnostic')).toContainText('did you mean', { timeout: 2_000 });
  }).toPass();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('country = "ES"');
  await expect(mark).toHaveCount(0);
});
