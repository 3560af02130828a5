// "Which of my segments grow?"
import { accessible, expect, test, until } from './world';

// The clock of this world is set by hand: a minute or a day goes by at once.
test.use({ file: 'watch-segments', clock: '2027-01-05T10:00:30Z' });

interface Line { every: string; members: number[] }
interface All { segments: { name: string; trend: Line }[] }

test('a line for each, in words as well, by minute and then by day', async ({ page, world }) => {
  const line = async () => (await world.api<All>('GET', '/v1/segments?trend=true')).segments.find((one) => one.name === 'everybody')!.trend;
  const at = async (now: string, is: (line: Line) => boolean) => {
    await world.api('POST', '/v1/clock', { now });
    return until(line, is);
  };
  const come = (...names: string[]) => world.report(names.map((user_id) => ({ id: `${user_id}-in`, name: 'signed_up', user_id })));
  await page.goto('/segments');
  await expect(page.getByRole('row', { name: /everybody/ })).toContainText('too new');
  await come('ana', 'luis');
  const before = (await line()).members.length;
  await at('2027-01-05T10:01:00Z', (now) => now.members.length > before && now.members.at(-1) === 2);
  await come('eva', 'leo', 'sol');
  await at('2027-01-05T10:02:00Z', (now) => now.members.at(-1) === 5);
  await page.goto('/segments');
  const row = page.getByRole('row', { name: /everybody/ });
  const drawn = row.getByRole('img');
  await expect(drawn).toHaveAttribute('aria-label', /, 5 on 5 Jan 2027, 1/);
  await expect(row).toContainText('+');
  await accessible(page);

  await at('2027-01-06T10:00:00Z', (now) => now.members.at(-1) === 5);
  await come('ada');
  const days = await at('2027-01-07T10:00:00Z', (now) => now.every === 'day' && now.members.at(-1) === 6);
  expect(days.members.at(-2)).toBe(5);
  await page.goto('/segments');
  await expect(drawn).toHaveAttribute('aria-label', /, 6 on 7 Jan 2027$/);
  await accessible(page);
});
