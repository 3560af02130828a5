// "Which of my segments grow?"
import { accessible, expect, test } from './world';

test.use({ file: 'watch-segments' });

interface All { segments: { name: string; trend: { every: string; members: number[] } }[] }

test('a line for each, in words as well', async ({ page, world }) => {
  // The server samples at the beginning of each minute: one has to begin.
  test.setTimeout(240_000);
  // Of those that the server began with there may be lines by now.
  await world.api('POST', '/v1/definitions/apply', { definitions: { segments: { newcomers: { rule: 'count(signed_up) >= 1' } } } });
  await page.goto('/segments');
  const row = page.getByRole('row', { name: /newcomers/ });
  await expect(row).toContainText('too new');
  await accessible(page);
  await world.report(['ana', 'luis', 'eva'].map((user_id) => ({ id: `${user_id}-in`, name: 'signed_up', user_id })));
  const line = async () => (await world.api<All>('GET', '/v1/segments?trend=true')).segments.find((one) => one.name === 'newcomers')!.trend;
  await expect.poll(async () => (await line()).members.at(-1), { timeout: 90_000 }).toBe(3);
  await expect.poll(async () => (await line()).members.length, { timeout: 90_000 }).toBeGreaterThan(1);
  const { every, members } = await line();
  expect(every).toBe('minute');
  await page.reload();
  const drawn = row.getByRole('img');
  await expect(drawn).toHaveAttribute('aria-label', new RegExp(`^${members[0]} on .*, 3 on `));
  await expect(row).toContainText(members[0] === 3 ? 'same' : `+${3 - members[0]!}`);
  await accessible(page);
});
