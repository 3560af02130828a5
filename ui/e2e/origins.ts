// Pages that are not Cauce's: each origin with a script that a shop would have bundled.
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const OUTSIDE = fileURLToPath(new URL('../../crates/cauce-server/tests/outside/', import.meta.url));
const PAGE = '<!doctype html><title>Shop</title><link rel="icon" href="data:,"><script type="module" src="/shop.js"></script>';

/** What the script of a page is bundled into, by its path: with the packages that it imports. */
export type Bundle = Map<string, string>;

/** Bundles the script of a page. */
export async function script(name: string): Promise<Bundle> {
  const lib = { entry: OUTSIDE + name, formats: ['es' as const], fileName: 'shop' };
  const define = { 'process.env.NODE_ENV': '"production"' };
  const built = await build({ configFile: false, logLevel: 'error', root: OUTSIDE, define, build: { write: false, minify: false, lib } });
  const [one] = [built].flat();
  if (!one || !('output' in one)) throw new Error('nothing was built');
  return new Map(one.output.map((part, place) => [place === 0 ? '/shop.js' : `/${part.fileName}`, 'code' in part ? part.code : '']));
}

/** A server of pages at a port, and so at an origin, of its own. */
export async function pages(bundle: Bundle): Promise<{ origin: string; close: () => void }> {
  const server = createServer((request, answer) => {
    const code = bundle.get(request.url ?? '/');
    answer.writeHead(200, { 'content-type': code === undefined ? 'text/html' : 'text/javascript' }).end(code ?? PAGE);
  });
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}
