// "The warehouse knows who matters: how do its names get in, and who is on the list?"
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { accessible, binary, expect, person, test, until } from './world';

test.use({ file: 'bring-a-list' });

interface List { members: number }

/** Runs what a page says for the command line, as somebody would who copies it. */
function shell(command: string, folder: string): Promise<string> {
  const path = `${dirname(resolve(binary()))}:${process.env.PATH}`;
  const run = spawn('bash', ['-ec', command], { cwd: folder, env: { ...process.env, PATH: path } });
  let said = '';
  run.stdout.on('data', (part: Buffer) => (said += part.toString()));
  run.stderr.on('data', (part: Buffer) => (said += part.toString()));
  return new Promise((done, failed) => run.on('close', (code) => (code === 0 ? done(said) : failed(new Error(`${code}: ${said}`)))));
}

test('a list is made, and what it says about uploading works as it stands', async ({ page, world }) => {
  await world.report(person('ana'), true);
  await page.goto('/');
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Lists' }).click();
  await expect(page.getByRole('heading', { name: 'No lists yet' })).toBeVisible();
  await accessible(page);
  await page.locator('.empty').getByRole('button', { name: 'New list' }).click();
  await page.getByRole('textbox', { name: 'Name' }).first().fill('vip');
  await page.getByText('Text', { exact: true }).click();
  await page.getByRole('textbox', { name: 'The definition as text' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText('description: Who matters\nnamespace: email\npayload:\n  tier: string\n  score: number\nexpires: 30d\n');
  await page.getByRole('button', { name: 'Review and publish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();

  // On a list without anybody stands what to do next.
  await expect(page).toHaveURL(/\/lists\/vip$/);
  await expect(page.getByRole('heading', { name: 'Nobody is on it yet' })).toBeVisible();
  await accessible(page);
  const code = (name: RegExp) => page.getByRole('region', { name }).innerText();
  const folder = mkdtempSync(join(tmpdir(), 'cauce-list-'));
  try {
    writeFileSync(join(folder, 'vip.csv'), `${await code(/^The file vip\.csv/)}\n`);
    await shell((await code(/^By the command line/)).replace('ca_…', world.key), folder);
    await expect(page.locator('.stat', { hasText: 'People' })).toContainText('1');
    // The same by the API, in the place of it.
    writeFileSync(join(folder, 'vip.csv'), 'email,tier,score\nana@example.com,gold,7\nluis@example.com,silver,3\n');
    await page.getByText('How to bring rows').click();
    await shell(`CAUCE_KEY=${world.key}\n${await code(/^By the API/)}`, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
  await expect(page.locator('.stat', { hasText: 'People' })).toContainText('2');
  const rows = page.getByRole('table', { name: 'Who is on it' });
  await expect(rows.getByRole('row', { name: /luis@example\.com/ })).toContainText('score 3 · tier silver');
  await accessible(page);
  // Each leads to the person.
  await rows.getByRole('link', { name: 'ana@example.com' }).click();
  await expect(page).toHaveURL(/\/profiles\/email\/ana%40example\.com$/);
  await expect(page.locator('main')).toContainText('ana');
});

test('a long list goes on by pages, and only what is in sight is drawn', async ({ page, world }) => {
  await world.api('POST', '/v1/definitions/apply', { definitions: { lists: { long: { namespace: 'user_id' } } } });
  await world.api('PUT', '/v1/lists/long', Array.from({ length: 260 }, (_, n) => ({ user_id: `w${n}` })));
  await until(() => world.api<List>('GET', '/v1/lists/long'), (now) => now.members === 260);
  await page.goto('/lists?q=lon');
  const rows = page.locator('tbody tr[data-row]');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('260');
  await rows.getByRole('link').click();
  const table = page.getByRole('table', { name: 'Who is on it' });
  await expect(table.locator('tbody tr[data-row]')).toHaveCount(100);
  const second = page.waitForResponse((answer) => /lists\/long.*cursor=/.test(answer.url()));
  await page.getByRole('button', { name: 'Show more' }).click();
  await (await second).finished();
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(table).toHaveAttribute('aria-rowcount', '261');
  await expect(page.getByRole('button', { name: 'Show more' })).toHaveCount(0);
  expect(await table.locator('tbody tr[data-row]').count()).toBeLessThan(150);
  await accessible(page);
});

test('who uses a list is said, and keeps it from being removed', async ({ page, world }) => {
  await world.api('POST', '/v1/definitions/apply', { definitions: { lists: { fair: { namespace: 'email' } }, segments: { visitors: { rule: 'in list "fair"' } } } });
  await page.goto('/lists/fair');
  const uses = page.locator('section', { has: page.getByRole('heading', { name: 'What depends on it' }) });
  await expect(uses.getByRole('link', { name: 'visitors' })).toHaveAttribute('href', '/segments/visitors');
  await page.getByRole('button', { name: 'Remove…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It cannot be removed');
  await dialog.getByRole('link', { name: 'visitors' }).click();
  await expect(page.locator('main h1')).toHaveText('visitors');
  // What there is not is said, with what there is.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('fair');
  await expect(page.getByRole('option').first()).toContainText('fair');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/lists\/fair$/);
});
