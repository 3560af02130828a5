// "Somebody outside is not told any more: what is it, and how does it go on?"
import { createServer, type Server } from 'node:http';
import { accessible, BY_ITSELF, expect, test, until, type World } from './world';

// That its files cannot be made is an answer of the server.
test.use({ file: 'keep-others-told', allowed: ['status of 503'] });

interface Item { what: string; code: string; link?: string }
const attention = async (world: World) => (await world.api<{ attention: Item[] }>('GET', '/v1/overview')).attention;

/** Who is told; it says what is set here. */
let status = 410;
let told = 0;
let server: Server;
let port = 0;

test.beforeAll(async ({ world }) => {
  server = createServer((request, answer) => {
    // The bucket is at the same port: its files are below its name.
    if (status === 200 && request.url === '/') told += 1;
    answer.writeHead(status).end();
  });
  port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
  for (const [name, value] of [['told', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], ['s3-key', 'k'], ['s3-secret', 's']]) await world.api('PUT', `/v1/secrets/${name}`, { value });
  const store = { endpoint: `http://127.0.0.1:${port}`, bucket: 'shop', prefix: 'out/', 'path-style': true, 'access-key': 'vault:s3-key', 'secret-key': 'vault:s3-secret' };
  await world.api('POST', '/v1/definitions/apply', {
    definitions: {
      sharing: { sharing: { segments: ['everybody'] } },
      destinations: {
        till: { segments: ['everybody'], by: 'email', webhook: { url: `http://127.0.0.1:${port}/`, 'signing-key': 'vault:told' } },
        lake: { segments: ['everybody'], bucket: { store, every: '1000d' } },
      },
    },
  });
  await world.report([{ name: 'signed_up', user_id: 'ana', email: 'ana@example.com' }]);
});

test.afterAll(() => server.close());

test('the overview says so, and leads to where it goes on', async ({ page, world }) => {
  const items = await until(() => attention(world), (now) => ['destination-disabled', 'destination-snapshot'].every((code) => now.some((item) => item.code === code)));
  expect(items.filter((item) => item.what.startsWith('destination')).map((item) => item.what).sort()).toEqual(['destination lake', 'destination till']);
  await page.goto('/');
  const item = page.getByRole('listitem').filter({ hasText: 'It is told nothing any more' }).first();
  await item.getByRole('link', { name: 'Look' }).click();
  await expect(page.locator('main h1')).toHaveText('Settings');
  const till = page.getByRole('row', { name: /till/ });
  await expect(till).toContainText('told nothing any more');
  await expect(till).toContainText('the receiver said that it is gone');
  const lake = page.getByRole('row', { name: /lake/ });
  await expect(lake).toContainText('does not take it');
  await accessible(page);

  status = 200;
  await till.getByRole('button', { name: 'Resume' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It is told of 1 change that it missed.');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Resume' }).click();
  await expect(till).toContainText('told of every change', BY_ITSELF);
  await expect.poll(() => told, BY_ITSELF).toBeGreaterThan(0);
  await until(() => attention(world), (now) => !now.some((one) => one.what === 'destination till'));
});

test('what is tried in vain says why', async ({ page }) => {
  status = 403;
  await page.goto('/settings?tab=destinations');
  await page.getByRole('row', { name: /lake/ }).getByRole('button', { name: 'Make now' }).click();
  await expect(page.getByText(/the snapshot was not made/)).toBeVisible();
});
