// A real server on a free port, with a small shop that was brought in through its public API. Each
// file of tests has its own; it ends with them.
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BINARIES = ['target/debug/cauce', 'target/release/cauce'];
const DAY = 86_400_000;
// It is there within a second or two; a disk that is flooded takes as long as it takes.
const STARTS_WITHIN_MS = 150_000;
/** For what a server does by itself, on a machine that does other things as well. */
export const BY_ITSELF = { timeout: 60_000 };

export interface World {
  address: string;
  enter: string;
  /** A key that may do everything. */
  key: string;
  api: <T = Record<string, never>>(method: string, path: string, body?: unknown) => Promise<T>;
  /** Reports events, and waits until they are applied. */
  report: (events: unknown[], historical?: boolean) => Promise<void>;
}

/** The program that is tested. */
export function binary(): string {
  const named = process.env.CAUCE_BIN;
  const found = named ?? BINARIES.map((name) => ROOT + name).find((path) => existsSync(path));
  if (!found) throw new Error('no binary: build one with `cargo build -p cauce-server --bin cauce`, or name it in CAUCE_BIN');
  return found;
}

async function begun(server: ChildProcess): Promise<{ address: string; enter: string; key: string }> {
  let said = '';
  let complaints = '';
  server.stdout!.setEncoding('utf8');
  // Read to its end, whoever wants it: a server whose words nobody takes stands still.
  server.stderr!.setEncoding('utf8').on('data', (part: string) => (complaints = (complaints + part).slice(-4_000)));
  const late = setTimeout(() => server.kill('SIGABRT'), STARTS_WITHIN_MS);
  for await (const part of server.stdout!) {
    said += part;
    const enter = /sign in (http:\/\/[^/]+)(\/enter\/\S+)/.exec(said);
    const key = /key\s+(ca_\S+)\s/.exec(said);
    if (enter && key) {
      clearTimeout(late);
      return { address: enter[1]!, enter: enter[2]!, key: key[1]! };
    }
  }
  throw new Error(`the server ended, or was ended because it did not begin: ${said} ${complaints}`);
}

export const days = (count: number) => new Date(Date.now() - count * DAY).toISOString();

/** Somebody of the shop: an address, consent, orders so many days ago. */
export function person(id: string, { consent = true, orders = [] as number[], attributes = {} } = {}): unknown[] {
  const who = { user_id: id, email: `${id}@example.com` };
  const consents = consent ? [{ topic: 'news', state: 'granted', source: 'sign-up form' }] : [];
  return [
    { id: `${id}-in`, name: 'signed_up', ...who, occurred_at: days(300), attributes: { first_name: id, country: 'ES', timezone: 'UTC', ...attributes }, consents },
    ...orders.map((ago, place) => ({ id: `${id}-order-${place}`, name: 'order_completed', ...who, occurred_at: days(ago), properties: { total: 40 + place, item: 'Kettle' } })),
  ];
}

/** What a test asks of a server. */
function asking(address: string, key: string): Pick<World, 'api' | 'report'> {
  const api: World['api'] = async (method, path, body) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const ask = () => fetch(address + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const answer = await ask().catch((failed: Error) => {
      // A connection that was kept may end at the very moment at which it is used again.
      const { code } = (failed.cause ?? {}) as { code?: string };
      if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return ask();
      throw new Error(`${method} ${path}: ${code ?? failed.message}`);
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  const report: World['report'] = async (events, historical = false) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
    const body = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    const answer = await fetch(`${address}/v1/events?historical=${historical}&applied=true`, { method: 'POST', headers, body });
    const said = (await answer.json()) as { rejected?: unknown[] };
    if (!answer.ok || (said.rejected?.length ?? 0) > 0) throw new Error(`events: ${answer.status} ${JSON.stringify(said)}`);
  };
  return { api, report };
}

async function open(): Promise<{ world: World; server: ChildProcess }> {
  const server = spawn(binary(), ['dev', '--port', '0', '--definitions', `${ROOT}examples/shop`], { stdio: ['ignore', 'pipe', 'pipe'] });
  const { address, enter, key } = await begun(server);
  return { server, world: { address, enter, key, ...asking(address, key) } };
}

/** A port that nobody listens on: who tells a page where to report has to know its own before it does. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A server as people run one, with nothing in it, and with these lines of configuration. */
export async function serve(lines: string[]): Promise<{ world: Omit<World, 'enter'>; stop: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'cauce-e2e-'));
  const config = join(folder, 'cauce.toml');
  const port = await freePort();
  const own = [`data = "${folder}/data"`, `listen = "127.0.0.1:${port}"`, `public-url = "http://127.0.0.1:${port}"`];
  writeFileSync(config, [...own, ...lines, ''].join('\n'));
  // What the surroundings say is meant for the tests.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CAUCE_')));
  const server = spawn(binary(), ['serve', '--config', config], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const address = await listening(server);
  const key = readFileSync(`${folder}/data/admin-key`, 'utf8');
  const stop = () => {
    server.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    server.kill('SIGTERM');
  };
  return { world: { address, key, ...asking(address, key) }, stop };
}

/** Where it listens, as its log says. */
function listening(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => server.kill('SIGABRT'), STARTS_WITHIN_MS);
    server.stderr!.setEncoding('utf8').on('data', (part: string) => {
      said = (said + part).slice(-20_000);
      const found = /"message":"listening","address":"([^"]+)"/.exec(said);
      if (!found) return;
      clearTimeout(late);
      resolve(`http://${found[1]}`);
    });
    server.on('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
}

type Fixtures = {
  page: Page;
  /** Parts of errors on the console that a test brings about on purpose. */
  allowed: string[];
  /** Another window, in which nobody is signed in: it is listened to as the first one is. */
  anew: (options?: BrowserContextOptions) => Promise<BrowserContext>;
};
type WorkerFixtures = { file: string; world: World; state: Awaited<ReturnType<BrowserContext['storageState']>> };

export const test = base.extend<Fixtures, WorkerFixtures>({
  // A file that names itself has a worker, and so a world, of its own.
  file: ['', { option: true, scope: 'worker' }],
  world: [
    async ({ file }, use) => {
      if (!file) throw new Error('the file does not say whose world it wants: `test.use({ file: … })`');
      const { world, server } = await open();
      await use(world);
      server.kill('SIGTERM');
    },
    { scope: 'worker', timeout: 2 * STARTS_WITHIN_MS },
  ],
  // The link signs in once: what it left in the browser serves every test of the file.
  state: [
    async ({ browser, world }, use) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(world.address + world.enter);
      await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
      await use(await context.storageState());
      await context.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  storageState: ({ state }, use) => use(state),
  baseURL: ({ world }, use) => use(world.address),
  allowed: [[], { option: true }],
  anew: async ({ browser, world, allowed }, use) => {
    const faults: string[] = [];
    const all: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: world.address, storageState: { cookies: [], origins: [] }, ...options });
      hear(context, faults);
      all.push(context);
      return context;
    });
    for (const context of all) await context.close();
    expect(wrong(faults, allowed)).toEqual([]);
  },
  page: async ({ page, context, allowed }, use) => {
    const faults: string[] = [];
    hear(context, faults);
    page.on('dialog', (dialog) => {
      // The browser's own question about a draft; a test that wants it asks for it first.
      if (dialog.type() === 'beforeunload') return void dialog.accept().catch(() => undefined);
      faults.push(`a dialog: ${dialog.message()}`);
    });
    await use(page);
    expect(wrong(faults, allowed)).toEqual([]);
  },
});

/** Takes down what goes wrong on any page of a window. */
function hear(context: BrowserContext, faults: string[]): void {
  context.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${message.page()?.url()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => faults.push(`${error.page()?.url()}: ${error.error()}`));
}

/** A refusal that a test provokes is an answer of the server, and no fault of the page. */
const wrong = (faults: string[], allowed: string[]) => faults.filter((fault) => !/status of (401|403|409|422)/.test(fault) && !allowed.some((one) => fault.includes(one)));

/** To a page by its address. */
export async function arrive(page: Page, path: string): Promise<void> {
  await page.goto(path);
}

/** What the router tells its own tools. */
interface Routed { __TSR_ROUTER__: { state: { resolvedLocation?: { href: string } } } }

/** To another page without loading the console again, as a link goes there. */
export async function travel(page: Page, path: string): Promise<void> {
  await page.evaluate((path) => history.pushState({}, '', path), path);
  // What was there before is gone.
  await page.waitForFunction((path) => {
    const { resolvedLocation: drawn } = (window as unknown as Routed).__TSR_ROUTER__.state;
    const said = (address: string) => {
      const { pathname, searchParams } = new URL(address, location.origin);
      return `${decodeURI(pathname)}?${searchParams}`;
    };
    return drawn !== undefined && said(drawn.href) === said(path);
  }, path);
}

/** No violation of WCAG 2.2 AA on the page as it is now. */
export const accessible = (page: Page) => judged(page, new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']));

/** The same of what a theme decides, and nothing else does. */
export const contrasting = (page: Page) => judged(page, new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']));

async function judged(page: Page, axe: AxeBuilder): Promise<void> {
  // In the page itself. Otherwise what several frames say is put together in a blank page that is opened each time, which takes as long
  // again; and frames are left out here.
  const found = await axe.setLegacyMode().exclude('iframe').analyze();
  const said = found.violations.map((one) => `${one.id}: ${one.help} — ${one.nodes.map((node) => `${node.target} ${node.failureSummary?.split('\n')[1] ?? ''}`).slice(0, 3).join(' | ')}`);
  expect(said, page.url()).toEqual([]);
}

/** Waits until something of the API is so. */
export async function until<T>(ask: () => Promise<T>, is: (answer: T) => boolean, every = 100): Promise<T> {
  for (const late = Date.now() + BY_ITSELF.timeout; ; ) {
    const answer = await ask();
    if (is(answer)) return answer;
    if (Date.now() > late) throw new Error(`never so: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** What takes back what was just done. It stays for as long as it is pointed at, whatever is looked at before it is clicked. */
export async function undoing(page: Page): Promise<Locator> {
  const undo = page.getByRole('button', { name: 'Undo' });
  await undo.hover();
  return undo;
}

export { expect };
