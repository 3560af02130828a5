// "Two of us change the same thing, and neither loses what they wrote."
import { accessible, expect, test, undoing, type World } from './world';

test.use({ file: 'write-with-others' });

type All<D> = { definitions: Record<string, Record<string, { revision: number; definition: D }>> };

/** Publishes what another member wrote. */
async function others(world: World, folder: string, name: string, change: object): Promise<void> {
  const { definitions } = await world.api<All<object>>('GET', '/v1/definitions');
  await world.api('POST', '/v1/definitions/apply', { definitions: { [folder]: { [name]: { ...definitions[folder]![name]!.definition, ...change } } } });
}

const inForce = async <D>(world: World, folder: string, name: string) => (await world.api<All<D>>('GET', '/v1/definitions')).definitions[folder]![name]!.definition;

test('a draft of a template stays when another publishes, and says so', async ({ page, world }) => {
  await page.goto('/templates/welcome');
  const subject = page.getByLabel('Subject');
  await subject.fill('Mine, half written');
  await others(world, 'templates', 'welcome', { subject: 'Theirs' });
  // Coming back to the window asks the server again.
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  const ahead = page.getByTestId('ahead');
  await expect(ahead).toContainText('Revision 2 was published meanwhile');
  await expect(subject).toHaveValue('Mine, half written');
  await accessible(page);

  await page.getByRole('button', { name: 'Review and publish' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('begun from revision 1');
  const publish = dialog.getByRole('button', { name: 'Publish' });
  await expect(publish).toBeDisabled();
  await accessible(page);
  expect((await inForce<{ subject: string }>(world, 'templates', 'welcome')).subject).toBe('Theirs');
  await dialog.getByLabel('Publish mine over it').check();
  await publish.click();
  await expect(page.getByText('welcome is published.')).toBeVisible();
  expect((await inForce<{ subject: string }>(world, 'templates', 'welcome')).subject).toBe('Mine, half written');
  await expect(ahead).toHaveCount(0);
});

test('who has typed nothing sees what the other published', async ({ page, world }) => {
  await page.goto('/templates/cart');
  await expect(page.getByLabel('Subject')).not.toHaveValue('');
  await others(world, 'templates', 'cart', { subject: 'A new subject' });
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  await expect(page.getByLabel('Subject')).toHaveValue('A new subject');
});

test('what was published between the review and the click is not taken back', async ({ page, world }) => {
  await page.goto('/campaigns/monthly/edit');
  await page.getByLabel('Messages a minute at most').fill('7');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('region', { name: 'What changes' })).toBeVisible();
  await others(world, 'campaigns', 'monthly', { 'per-minute': 99 });
  // The window may have asked again by itself; else the server refuses what was clicked.
  const publish = dialog.getByRole('button', { name: 'Publish' });
  await publish.click({ force: true });
  await expect(dialog.getByText(/Revision 2 was published meanwhile/)).toBeVisible();
  await expect(publish).toBeDisabled();
  expect((await inForce<Record<string, unknown>>(world, 'campaigns', 'monthly'))['per-minute']).toBe(99);
  await accessible(page);
  // It can be looked at beside what was written.
  const [theirs] = await Promise.all([page.context().waitForEvent('page'), dialog.getByRole('link', { name: 'Look at theirs' }).click()]);
  await expect(theirs.getByRole('button', { name: /^Revision 2/ })).toBeVisible();
  await theirs.close();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
  await page.getByRole('button', { name: 'Begin anew from theirs' }).click();
  await expect(page.getByLabel('Messages a minute at most')).toHaveValue('99');
});

test('undo takes back what was published here, and nothing on top of it', async ({ page, world }) => {
  await page.goto('/segments/lapsed/edit');
  const description = page.getByLabel('Description');
  const before = await inForce<{ description: string }>(world, 'segments', 'lapsed');
  await description.fill('Mine');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await (await undoing(page)).click();
  await expect(page.getByText('lapsed is again as it was.')).toBeVisible();
  expect(await inForce(world, 'segments', 'lapsed')).toEqual(before);

  await page.goto('/segments/lapsed/edit');
  await description.fill('Mine again');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('lapsed is published.')).toBeVisible();
  const undo = await undoing(page);
  await others(world, 'segments', 'lapsed', { description: 'Theirs' });
  await undo.click();
  await expect(page.getByText(/could not be taken back.*revision/)).toBeVisible();
  expect((await inForce<{ description: string }>(world, 'segments', 'lapsed')).description).toBe('Theirs');
});

test('two who make the same name do not overwrite each other', async ({ page, world }) => {
  await page.goto('/definitions/topics/new');
  await page.getByLabel('Name').fill('offers');
  await page.getByRole('textbox', { name: 'Shown as' }).fill('My offers');
  await world.api('POST', '/v1/definitions/apply', { definitions: { topics: { offers: { title: 'Their offers' } } } });
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await expect(page.getByRole('dialog')).toContainText('Somebody made offers meanwhile.');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Publish' })).toBeDisabled();
});
