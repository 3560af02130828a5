// "Where are people in this journey, and do they move?"
import { accessible, expect, test } from './world';

test.use({ file: 'walk-a-journey' });

test('drawn and told with the counts of now, and somebody moves while one looks', async ({ page, world }) => {
  const steps = [
    {
      id: 'fork', if: 'plan = "gold"', then: [{ id: 'rest', wait: '3d' }],
      else: [{ id: 'pick', 'wait-for': { event: 'picked', timeout: '30d' }, then: [{ id: 'later', wait: '7d' }] }],
    },
  ];
  await world.api('POST', '/v1/definitions/apply', { definitions: { journeys: { trial: { entry: { event: 'trial_began' }, steps } } } });
  await page.goto('/journeys/trial');
  const stat = (name: string) => page.locator('.stat', { hasText: name }).locator('dd');
  await expect(stat('Entered')).toHaveText('0');

  // One goes one way, two go the other.
  await world.report([['ana', 'gold'], ['luis', 'free'], ['eva', 'free']].map(([id, plan]) => ({ name: 'trial_began', user_id: id, properties: {}, attributes: { plan } })));
  await expect(stat('Entered')).toHaveText('3');
  await expect(stat('Walking now')).toHaveText('3');
  const drawing = page.locator('.drawing');
  const ways = drawing.locator('.react-flow__edge-text');
  const way = (words: string) => ways.filter({ hasText: words });
  const resting = drawing.locator('.step-box.wait .waiting');
  const picking = drawing.locator('.step-box.wait-for .waiting');
  await expect(way('yes · 1')).toHaveCount(1);
  await expect(way('no · 2')).toHaveCount(1);
  await expect(way('it came · 0')).toHaveCount(1);
  await expect(resting).toHaveText(['1 waiting']);
  await expect(picking).toHaveText(['2 waiting']);
  // The same, to be read: step, what it does, came, waiting, where to, taken.
  const cells = (step: string) => page.locator('tbody tr', { has: page.locator('td:first-child code', { hasText: new RegExp(`^${step}$`) }) }).getByRole('cell');
  const numbers = async (step: string) => [await cells(step).nth(2).innerText(), await cells(step).nth(3).innerText()];
  await expect.poll(() => numbers('rest')).toEqual(['1', '1']);
  await expect.poll(() => numbers('pick')).toEqual(['2', '2']);
  await expect.poll(() => numbers('later')).toEqual(['0', '0']);
  await accessible(page);

  await world.report([{ name: 'picked', user_id: 'eva', properties: {} }]);
  await expect(way('it came · 1')).toHaveCount(1);
  await expect(picking).toHaveText(['1 waiting']);
  await expect(resting).toHaveText(['1 waiting', '1 waiting']);
  await expect.poll(() => numbers('pick')).toEqual(['2', '1']);
  await expect.poll(() => numbers('later')).toEqual(['1', '1']);
  await expect(stat('Walking now')).toHaveText('3');

  await page.goto('/journeys');
  await expect(page.getByRole('row', { name: /^trial/ }).getByRole('cell')).toHaveText(['trial', '3', '3', '0', '1']);
});

test('a finger on the drawing scrolls the page', async ({ anew, state }) => {
  const context = await anew({ storageState: state, viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await page.goto('/journeys/welcome');
  const drawing = page.locator('.drawing');
  await drawing.scrollIntoViewIfNeeded();
  await expect(drawing.locator('.step-box').first()).toBeVisible();
  const box = (await drawing.boundingBox())!;
  const before = await page.evaluate(() => scrollY);
  const client = await context.newCDPSession(page);
  const x = box.x + box.width / 2;
  const from = Math.max(box.y, 80) + 300;
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) => client.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x, y }] });
  await touch('touchStart', from);
  for (let step = 1; step <= 10; step += 1) await touch('touchMove', from - 20 * step);
  await touch('touchEnd');
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(before + 50);
});
