// "Suppress an address, and see why nothing leaves."
import { accessible, expect, person, test, undoing, until, type World } from './world';

// Nobody is known by some of the addresses.
test.use({ file: 'suppress-an-address', allowed: ['status of 404'] });

interface Run { run: number; balance: { done: boolean } }

async function sent(world: World): Promise<number> {
  const { run } = await world.api<Run>('POST', '/v1/campaigns/monthly/start');
  await until(() => world.api<Run>('GET', `/v1/campaigns/runs/${run}`), (now) => now.balance.done);
  return run;
}

test.beforeAll(async ({ world }) => {
  await world.report([...person('ana', { orders: [3] }), ...person('luis', { orders: [3] })], true);
});

test('nothing leaves, the reason is shown, and it is lifted from the message', async ({ page, world }) => {
  await page.goto('/profiles/user_id/ana');
  await page.getByRole('button', { name: 'Address' }).click();
  await page.getByRole('menuitem', { name: 'Send nothing to ana@example.com…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why').fill('asked on the phone');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Suppress' }).click();
  await expect(page.getByText('Nothing leaves to ana@example.com any more.')).toBeVisible();
  await expect(page.locator('.panel', { hasText: 'Suppress' })).toContainText('ana@example.com');

  const run = await sent(world);
  await page.goto(`/profiles/user_id/ana?tab=explain&kind=campaigns&name=${run}`);
  await expect(page.getByTestId('verdict')).toContainText('suppressed');
  await page.goto('/messages?tab=person&who=user_id:ana&state=refused');
  await page.getByRole('row', { name: /suppressed/ }).getByRole('link').first().click();
  await expect(page.getByTestId('steps')).toContainText('suppressed');

  await page.getByRole('button', { name: 'Address' }).click();
  await page.getByRole('menuitem', { name: 'Allow ana@example.com again' }).click();
  await expect(page.getByText('ana@example.com may be written to again.')).toBeVisible();
  const again = await sent(world);
  await page.goto(`/profiles/user_id/ana?tab=explain&kind=campaigns&name=${again}`);
  await expect(page.getByTestId('verdict')).toContainText('accepted by the provider');
});

test('a suppression by mistake is taken back where it was made', async ({ page, world }) => {
  await page.goto('/profiles/user_id/luis');
  await page.getByRole('button', { name: 'Address' }).click();
  await page.getByRole('menuitem', { name: /Send nothing/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Suppress' }).click();
  await (await undoing(page)).click();
  await expect(page.getByText('luis@example.com may be written to again.')).toBeVisible();
  const profile = await world.api<{ suppressions: unknown[] }>('GET', '/v1/profiles/user_id/luis');
  expect(profile.suppressions).toEqual([]);
});

test('all that are suppressed are listed, by their reason, and lifted there', async ({ page, world }) => {
  for (const [address, reason] of [['gone@example.com', 'hard-bounce'], ['bea@example.com', 'manual']]) await world.api('POST', '/v1/suppressions', { address, reason });
  await page.goto('/sending?tab=suppressed');
  const rows = page.locator('tbody tr[data-row]');
  await expect(rows.filter({ hasText: 'bea@example.com' })).toContainText('by hand');
  await accessible(page);
  const listed = async () => (await world.api<{ items: { address: string }[] }>('GET', '/v1/suppressions')).items.map((one) => one.address);
  await page.getByRole('button', { name: 'Allow bea@example.com again' }).click();
  await expect(rows.filter({ hasText: 'bea@example.com' })).toHaveCount(0);
  expect(await listed()).not.toContain('bea@example.com');
  await (await undoing(page)).click();
  await expect(rows.filter({ hasText: 'bea@example.com' })).toHaveCount(1);
  expect(await listed()).toContain('bea@example.com');
  await page.getByLabel('Why').selectOption('complaint');
  await expect(page).toHaveURL(/why=complaint/);
  await expect(page.getByRole('heading', { name: 'Nothing fits' })).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).click();
  await rows.filter({ hasText: 'bea@example.com' }).getByRole('link').click();
  await expect(page).toHaveURL(/\/profiles\/email\/bea/);
});

test('marketing alone is kept back, and the profile says so', async ({ page, world }) => {
  await page.goto('/profiles/user_id/luis');
  await page.getByRole('button', { name: 'Address' }).click();
  await page.getByRole('menuitem', { name: /Send nothing/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Transactional messages are kept back too.');
  await dialog.getByLabel('Only marketing').check();
  await expect(dialog).toContainText('Transactional messages go on.');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Suppress' }).click();
  await expect(page.getByText('No marketing leaves to luis@example.com any more.')).toBeVisible();
  await expect(page.locator('.panel', { hasText: 'Suppress' })).toContainText('marketing: by hand');
  const run = await sent(world);
  await page.goto(`/profiles/user_id/luis?tab=explain&kind=campaigns&name=${run}`);
  await expect(page.getByTestId('verdict')).toContainText('suppressed for marketing');
});
