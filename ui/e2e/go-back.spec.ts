// "Go back to an earlier revision."
import { accessible, expect, test, undoing } from './world';

test.use({ file: 'go-back' });

interface Segments { definitions: { segments: Record<string, { revision: number; definition: { rule: string } }> } }

test('a rule that was better before is in force again', async ({ page, world }) => {
  const now = async () => (await world.api<Segments>('GET', '/v1/definitions')).definitions.segments.buyers!;
  const first = await now();
  await world.api('POST', '/v1/definitions/apply', { definitions: { segments: { buyers: { rule: 'count(order_completed) >= 2' } } } });
  await world.api('POST', '/v1/definitions/apply', { definitions: { segments: { buyers: { rule: 'count(order_completed) >= 99' } } } });

  await page.goto('/segments/buyers');
  await page.getByRole('button', { name: 'History' }).click();
  await expect(page.locator('main h1')).toHaveText('History of buyers');
  await expect(page.locator('.revisions > li')).toHaveCount(3);
  await expect(page.locator('.revisions > li').first()).toContainText('in force');
  // The newest is shown with what it changed of the one before.
  const diff = page.getByRole('region', { name: 'What changes' });
  await expect(diff.locator('.del')).toContainText('>= 2');
  await expect(diff.locator('.add')).toContainText('>= 99');
  await page.getByRole('button', { name: 'Revision 2' }).first().click();
  await expect(page).toHaveURL(/revision=2/);
  await expect(diff.locator('.add')).toContainText('>= 2');
  await accessible(page);

  await page.getByRole('button', { name: 'Go back to revision 1' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('What revision 1 said becomes revision 4; none is lost.');
  await expect(dialog.getByRole('region', { name: 'What changes' }).locator('.del').first()).toContainText('>= 99');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Go back' }).click();
  const undo = await undoing(page);
  await expect(page.locator('.revisions > li')).toHaveCount(4);
  const last = await now();
  expect(last.revision).toBe(4);
  expect(last.definition.rule).toBe(first.definition.rule);

  // And that can be taken back as well.
  await undo.click();
  await expect.poll(async () => (await now()).definition.rule).toBe('count(order_completed) >= 99');
});

test('a name that never was says so', async ({ page, allowed }) => {
  allowed.push('404');
  await page.goto('/definitions/segments/buyrs/history');
  await expect(page.getByRole('alert')).toContainText('there was never a segment buyrs');
  await expect(page.getByRole('alert')).toContainText('did you mean buyers?');
});
