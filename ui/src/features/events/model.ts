import type { components } from '@/api/schema';
import type { Step } from '@/api/shapes';
import type { Accepted } from './queries';

// Limit: events of the stream that are kept in sight; the oldest make room.
export const KEPT_MAX = 300;

// Numbers count from one in each life of the server's process, and so tell nothing of two lives: of
// these the time of acceptance does.
const newestFirst = (a: Accepted, b: Accepted) => Date.parse(b.received_at) - Date.parse(a.received_at) || b.number - a.number;

/** Events of two lists: newest first, each once. */
export function merged(kept: Accepted[], more: Accepted[]): Accepted[] {
  if (more.length === 0) return kept;
  const known = new Set<string>();
  return [...kept, ...more].sort(newestFirst).filter(({ id }) => !known.has(id) && known.add(id));
}

/** What a stream has brought, no more than are kept; and the number of the newest that made room: 0 if none did. */
export function taken(kept: Accepted[], fresh: Accepted[]): { kept: Accepted[]; gap: number } {
  const all = merged(kept, fresh);
  return { kept: all.slice(0, KEPT_MAX), gap: Math.max(0, ...all.slice(KEPT_MAX).map((event) => event.number)) };
}

/** A name of somebody, as text. */
export function aliasOf(alias: Accepted['aliases'][number]): { namespace: string; value: string } {
  if (typeof alias !== 'string') return alias;
  const cut = alias.indexOf(':');
  return { namespace: alias.slice(0, cut), value: alias.slice(cut + 1) };
}

export interface Part {
  text: string;
  to?: string;
}

// `pro_… entered everybody`, `msg_… handed over to mail from …`, `run 12 …`: as the server says what followed.
const NAMES = /(?<message>msg_[0-9a-z]+)|(?<profile>pro_[0-9a-z]+)(?: (?<verb>entered|left) (?<segment>\S+))?/g;

/** A sentence of the server in its parts, of which those that name something lead there. */
export function linksIn(words: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const found of words.matchAll(NAMES)) {
    const { message, profile, verb, segment } = found.groups ?? {};
    if (found.index > at) parts.push({ text: words.slice(at, found.index) });
    if (message) parts.push({ text: message, to: `/messages/${message}` });
    if (profile) parts.push({ text: profile, to: `/profiles/id/${profile}` });
    if (verb && segment) parts.push({ text: ` ${verb} ` }, { text: segment, to: `/segments/${encodeURIComponent(segment)}` });
    at = found.index + found[0].length;
  }
  if (at < words.length) parts.push({ text: words.slice(at) });
  return parts;
}

type Change = components['schemas']['CausedChange'];

const GROUPS = ['profile', 'segments', 'journeys', 'messages'] as const;
export type Group = (typeof GROUPS)[number];

function groupOf({ kind }: Change): Group {
  if (kind === 'segment') return 'segments';
  if (kind.startsWith('run-')) return 'journeys';
  return kind.startsWith('message-') ? 'messages' : 'profile';
}

/** What steps changed: by person, in the order in which they appear, and of each by what it is about. */
export function changesOf(steps: Step[]): { people: { profile: string; groups: [Group, Change[]][] }[]; more: boolean } {
  const all = steps.flatMap((step) => step.caused);
  const people = [...new Set(all.map((one) => one.profile))].map((profile) => {
    const changes = all.filter((one) => one.profile === profile).map((one) => one.change);
    const of = (group: Group): [Group, Change[]] => [group, changes.filter((change) => groupOf(change) === group)];
    return { profile, groups: GROUPS.map(of).filter(([, some]) => some.length > 0) };
  });
  return { people, more: steps.some((step) => step.more) };
}

/** The folder of a kind of definitions, which the server names by one of them: `segment`. */
export function folderOf(kind: string): string {
  return kind === 'policy' || kind === 'sharing' ? kind : `${kind}s`;
}

/** What a schema says of a property, in one line: a type, several, or a type with what is asked of it. */
export function written(said: unknown): string {
  if (typeof said === 'string') return said;
  if (Array.isArray(said)) return said.map(written).filter(Boolean).join(', ');
  if (typeof said !== 'object' || said === null) return '';
  const { type, ...more } = said as Record<string, unknown>;
  const asked = Object.entries(more).filter(([, value]) => value !== null && value !== false && value !== '').map(([name, value]) => (value === true ? name : `${name} ${String(value)}`));
  return [written(type), ...asked].filter(Boolean).join(' · ');
}
