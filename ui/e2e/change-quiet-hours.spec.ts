// "Change quiet hours, and see a message put off."
import { accessible, expect, person, test, undoing, until } from './world';

test.use({ file: 'change-quiet-hours' });

interface Policies { definitions: { policy: { policy: { revision: number; definition: Record<string, unknown> } } } }

test.beforeAll(async ({ world }) => {
  await world.report(person('ana', { orders: [3] }), true);
});

test('quiet hours are set, a message waits, and the change is taken back', async ({ page, world }) => {
  // Once: a minute may end while the test runs.
  const began = Date.now();
  const clock = (hours: number) => new Date(began + hours * 3_600_000).toISOString().slice(11, 16);
  await page.goto('/settings?tab=policy');
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(page.locator('main h1')).toHaveText('policy');

  // A fault stands at its field, in the words of the server, and nothing can be published.
  const zone = page.getByLabel('Time zone where unknown');
  const kept = await zone.inputValue();
  await zone.fill('Europe/Madird');
  await expect(page.locator('.half', { has: zone })).toContainText('there is no time zone Europe/Madird');
  await expect(page.getByTestId('check').locator('..').locator('..')).toContainText('1 fault');
  await accessible(page);
  await page.getByRole('button', { name: 'Review and publish' }).click();
  // While it is worked out, nothing can be published either.
  await expect(page.getByRole('dialog')).toContainText('there is no time zone Europe/Madird');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Publish' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await zone.fill(kept);

  await page.getByLabel('Quiet from').fill(clock(-2));
  await page.getByLabel('Quiet until').fill(clock(3));
  await expect(page.getByTestId('check')).toContainText('quiet-hours');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region', { name: 'What changes' })).toContainText(`"from": "${clock(-2)}"`);
  await accessible(page);
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await expect(page.locator('main h1')).toHaveText('Settings');
  await expect(page.getByText(`from ${clock(-2)} to ${clock(3)}, where the person is`)).toBeVisible();

  const { run } = await world.api<{ run: number }>('POST', '/v1/campaigns/monthly/start');
  await page.goto(`/messages?tab=ledger&campaign=monthly&state=queued`);
  await until(() => world.api<{ balance: { planned: number } }>('GET', `/v1/campaigns/runs/${run}`), (now) => now.balance.planned > 0);
  await expect(async () => {
    await page.getByRole('button', { name: 'Read again' }).click();
    await expect(page.getByRole('row', { name: /quiet hours/i })).toHaveCount(1, { timeout: 1_000 });
  }).toPass();
  await page.getByRole('row', { name: /quiet hours/i }).getByRole('link').first().click();
  await expect(page.getByTestId('steps')).toContainText(/quiet hours/i);
  await expect(page.getByTestId('steps')).toContainText('due');
});

test('what was published by mistake is taken back at once', async ({ page, world }) => {
  const now = async () => (await world.api<Policies>('GET', '/v1/definitions')).definitions.policy.policy;
  const before = await now();
  await page.goto('/definitions/policy/policy');
  await page.getByLabel('Control group').fill('500');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  const undo = await undoing(page);
  await expect.poll(async () => (await now()).definition['holdout-per-mille']).toBe(500);
  await undo.click();
  await expect(page.getByText('policy is again as it was.')).toBeVisible();
  const after = await now();
  expect(after.definition).toEqual(before.definition);
  expect(after.revision).toBe(before.revision + 2);
});
