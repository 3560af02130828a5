// "I work with the keyboard, or with a voice."
import { accessible, expect, test } from './world';

test.use({ file: 'use-the-keyboard' });

test('shortcuts of single keys are turned off, and stay off', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('main h1')).toHaveText('Overview');
  await page.keyboard.press('?');
  await page.getByLabel('Shortcuts of single keys').uncheck();
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  for (const turn of ['at once', 'after a reload']) {
    await page.keyboard.press('?');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    // Ctrl is no single key.
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: 'Search' }), turn).toBeVisible();
    await expect(page.locator('main h1'), turn).toHaveText('Overview');
    await page.keyboard.press('Escape');
    await page.reload();
    await expect(page.locator('main h1')).toHaveText('Overview');
  }
});

test('what the arrows choose is seen', async ({ page }) => {
  await page.goto('/');
  await expect(page.locator('main h1')).toHaveText('Overview');
  await page.keyboard.press('Control+k');
  const options = page.getByRole('option');
  // What the server knows by name is there too.
  await expect(options.filter({ hasText: 'win-back' }).first()).toBeAttached();
  const count = await options.count();
  expect(count).toBeGreaterThan(20);
  for (let step = 0; step < count + 3; step += 1) await page.keyboard.press('ArrowDown');
  const last = page.locator('[role=option][aria-selected=true]');
  await expect(last).toHaveText(/Keyboard shortcuts/);
  await expect(last).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('Keyboard shortcuts');
});

test('another page is announced, and the next key goes on from it', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Segments' }).click();
  await expect(page.locator('main h1')).toHaveText('Segments');
  await expect(page.getByRole('status').filter({ hasText: 'Segments · Cauce' })).toHaveCount(1);
  await expect(page.locator('#content')).toBeFocused();
});

test('what was done is said for as long as somebody reads it', async ({ page }) => {
  await page.clock.install();
  await page.goto('/segments/lapsed/edit');
  await page.getByLabel('Description').fill('Another description');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.clock.runFor(1_000);
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await page.clock.runFor(1_000);
  const toast = page.locator('.toast');
  await expect(toast).toContainText('lapsed is published.');
  // The dialog gives the focus back once it is gone, and must not take it from what follows.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.clock.runFor(1_000);
  await toast.getByRole('button', { name: 'Undo' }).focus();
  await page.clock.runFor(60_000);
  await expect(toast).toBeVisible();
  await toast.getByRole('button', { name: 'Undo' }).blur();
  await page.clock.runFor(20_000);
  await expect(toast).toHaveCount(0);
});

test('rows say where they stand', async ({ page }) => {
  await page.goto('/segments');
  const table = page.getByRole('table', { name: 'Segments' });
  const rows = table.locator('tbody tr');
  await expect(rows.first()).toHaveAttribute('aria-rowindex', '2');
  await expect.poll(async () => Number(await table.getAttribute('aria-rowcount')) - (await rows.count())).toBe(1);
});

test('a list is searched from anywhere on its page, and the address keeps it', async ({ page }) => {
  for (const [room, typed, only] of [['templates', 'welc', 'welcome'], ['journeys', 'win', 'win-back'], ['campaigns', 'month', 'monthly'], ['segments', 'lap', 'lapsed']] as const) {
    await page.goto(`/${room}`);
    const rows = page.locator('tbody').first().locator('tr[data-row]');
    await expect(rows.first()).toBeVisible();
    await page.keyboard.press('/');
    await page.keyboard.type(typed);
    await expect(rows, room).toHaveCount(1);
    await expect(rows, room).toContainText(only);
    await expect(page, room).toHaveURL(new RegExp(`q=${typed}$`));
    await page.keyboard.type('zzz');
    await expect(page.getByRole('heading', { name: 'Nothing fits' })).toBeVisible();
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect(rows.first(), room).toBeVisible();
    await expect(page.getByRole('searchbox'), room).toHaveValue('');
  }
});

test('the menu of a small screen is left by Escape, and keeps the focus while it is open', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 860 });
  await page.goto('/segments');
  await expect(page.getByRole('link', { name: 'buyers', exact: true })).toBeVisible();
  const menu = page.getByRole('button', { name: 'Menu' });
  const room = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Segments' });
  await menu.click();
  await expect(room).toBeVisible();
  // What is behind it is reached by no key and no reader.
  await expect(page.locator('main')).toHaveAttribute('inert', '');
  await accessible(page);
  await room.focus();
  await page.keyboard.press('Escape');
  await expect(room).toBeHidden();
  await expect(menu).toBeFocused();
  await expect(page.locator('main')).not.toHaveAttribute('inert');
  // The page that one is on is a choice as well.
  await menu.click();
  await room.click();
  await expect(room).toBeHidden();
});
