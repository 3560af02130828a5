import type { Accepted } from './queries';

// Limit: events of the stream that are kept in sight; the oldest make room.
export const KEPT_MAX = 300;

/** What a stream has brought: newest first, each once, no more than are kept. */
export function taken(kept: Accepted[], fresh: Accepted[]): Accepted[] {
  if (fresh.length === 0) return kept;
  const known = new Set(kept.map((event) => event.number));
  const added = fresh.filter((event) => !known.has(event.number));
  return [...added, ...kept].sort((a, b) => b.number - a.number).slice(0, KEPT_MAX);
}

/** A name of somebody, as text. */
export function aliasOf(alias: Accepted['aliases'][number]): { namespace: string; value: string } {
  if (typeof alias !== 'string') return alias;
  const cut = alias.indexOf(':');
  return { namespace: alias.slice(0, cut), value: alias.slice(cut + 1) };
}
