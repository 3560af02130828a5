// "Something needs me: what is it, and where do I mend it?"
import { accessible, expect, test, until, type World } from './world';
import { createServer } from 'node:net';

test.use({ file: 'what-needs-a-person' });

interface Item { what: string; words: string; link?: string }
const attention = async (world: World) => (await world.api<{ attention: Item[] }>('GET', '/v1/overview')).attention;

/** A port on which nobody listens. */
const closed = () => new Promise<number>((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
});

test('every item leads to a page that is about it', async ({ page, world }) => {
  const port = await closed();
  const { definitions } = await world.api<{ definitions: { senders: Record<string, { definition: object }> } }>('GET', '/v1/definitions');
  await world.api('POST', '/v1/definitions/apply', {
    definitions: {
      providers: { inbox: { channel: 'email', smtp: { host: '127.0.0.1', port, tls: 'starttls-required', username: 'shop', password: 'file:not-there' } } },
      senders: { shop: { ...definitions.senders.shop!.definition, dkim: [{ selector: 's1', domain: 'shop.example', algorithm: 'ed25519', key: 'file:no-key' }] } },
    },
  });
  await world.api('POST', '/v1/sending', { paused: 'somebody looks into it' });
  const wanted = ['provider inbox', 'sender shop', 'sending'];
  const items = await until(() => attention(world), (now) => wanted.every((what) => now.some((item) => item.what === what)));
  // What each page must say to be about it.
  const about: Record<string, RegExp> = { 'provider inbox': /inbox/, 'sender shop': /shop/, sending: /somebody looks into it/ };
  for (const item of items) {
    if (!item.link) continue;
    await page.goto('/');
    const row = page.getByRole('listitem').filter({ hasText: item.words.split('`')[0]! }).first();
    await row.getByRole('link', { name: 'Look' }).click();
    await expect(page.locator('main h1'), item.link).not.toHaveText('There is nothing here');
    await expect(page.locator('main'), `${item.what}: ${item.link}`).toContainText(about[item.what] ?? new RegExp(item.what.split(' ').at(-1) ?? ''));
  }
  expect(items.filter((item) => item.link).length).toBeGreaterThanOrEqual(wanted.length);

  // Sending goes on again from the page to which the item leads.
  await page.goto('/sending');
  await accessible(page);
  await page.getByRole('button', { name: 'Resume sending' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume sending' }).click();
  await expect(page.getByText('somebody looks into it')).toHaveCount(0);
  await until(() => attention(world), (now) => !now.some((item) => item.what === 'sending'));
});
