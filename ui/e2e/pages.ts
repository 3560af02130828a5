// Every page that there is, as the console's own source has them: no list of addresses forgets one.
import { readdirSync, readFileSync } from 'node:fs';

const SOURCE = new URL('../src/', import.meta.url);
const source = (path: string) => readFileSync(new URL(path, SOURCE), 'utf8');

/** Where the tabs of a room stand, by its route. */
const TABBED: Record<string, string> = {
  '/messages': 'features/messages/List.tsx', '/sending': 'features/sending/Sending.tsx', '/settings': 'features/settings/Settings.tsx', '/profiles/$namespace/$value': 'features/profiles/Detail.tsx',
};

const tabsIn = (path: string) => [...source(path).matchAll(/\['(\w+)', text\.tabs\.\w+\]/g)].map((found) => found[1] ?? '');

/** Every route, and every side of those that have several: the first of them needs no name. */
export function everyPage(): string[] {
  const routes = [...source('app/routes.tsx').matchAll(/\bpage\('([^']+)'/g)].map((found) => found[1] ?? '');
  const tabbed = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.tsx') && tabsIn(path).length > 0);
  const unknown = [...tabbed.filter((path) => !Object.values(TABBED).includes(path)), ...Object.keys(TABBED).filter((route) => !routes.includes(route))];
  if (routes.length < 30 || tabbed.length < 4 || unknown.length > 0) throw new Error(`the source is not read as it is written: ${routes.length} routes, tabs in ${tabbed.join()}; not known: ${unknown.join()}`);
  return routes.flatMap((route) => [route, ...(TABBED[route] ? tabsIn(TABBED[route]).slice(1).map((tab) => `${route}?tab=${tab}`) : [])]);
}

/** The pages to which none of these addresses leads. */
export function forgotten(addresses: string[]): string[] {
  const pages = everyPage();
  const fits = (page: string, address: string) => {
    const [route = '', tab] = page.split('?tab=');
    const { pathname, searchParams } = new URL(address, 'http://localhost');
    const parts = route.split('/');
    const own = pathname.split('/');
    if (tab && searchParams.get('tab') !== tab) return false;
    return parts.length === own.length && parts.every((part, place) => (part.startsWith('$') ? own[place] !== '' : part === own[place]));
  };
  // Of routes that fit the most exact one is opened: `/segments/new` is no segment of that name.
  const exact = (page: string) => page.split('/').filter((part) => part !== '' && !part.startsWith('$')).length;
  const opened = new Set<string>();
  for (const address of addresses) {
    const all = pages.filter((page) => fits(page, address));
    const most = Math.max(...all.map(exact));
    all.filter((page) => exact(page) === most).forEach((page) => opened.add(page));
  }
  return pages.filter((page) => !opened.has(page));
}
