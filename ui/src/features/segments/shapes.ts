// The parts of a condition in the JSON form that the server reads and prints, and what each begins
// with. `shapes.test.ts` holds the lists against the server's own definition.

export type Op = 'equal' | 'different' | 'less' | 'at-most' | 'more' | 'at-least';
export const OPS: readonly Op[] = ['equal', 'different', 'more', 'at-least', 'less', 'at-most'];
export type Literal = string | number | boolean;
export interface Bound { op: Op; to: number }

/** A value whose kind is its only word: `"all"`, `{ "last": "30d" }`. */
export type Tagged = string | Record<string, unknown>;
export type Window = Tagged;
export type Test = Tagged;
export type DateTest = Record<string, unknown>;
export type Moment = Tagged;
export type Filter = Record<string, unknown>;
export interface Selection { event: string; where?: Filter | null; window?: Window }
export interface Units { count: number; unit: string }
export interface Step { event: string; not?: boolean; where?: Filter | null; within?: string | null }
export interface Messages { state: string; filters?: Record<string, string>; window?: Window }

/** Which kind a tagged value is. */
export const kindOf = (value: Tagged): string => (typeof value === 'string' ? value : (Object.keys(value)[0] ?? ''));

/** What stands behind the word of a kind. */
export const partOf = <T>(value: Tagged): T => (typeof value === 'string' ? undefined : Object.values(value)[0]) as T;

export const UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const;
export const STATES = ['sent', 'delivered', 'opened', 'clicked', 'refused', 'failed', 'bounced', 'complained', 'answered'] as const;
export const MESSAGE_FILTERS = ['template', 'campaign', 'journey', 'channel', 'reason'] as const;
export const CHANNELS = ['email', 'sms', 'push', 'webhook'] as const;
export const IGNORED = ['case', 'accents', 'case-and-accents'] as const;

const today = () => `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;

/** Windows, and what each begins with. */
export const WINDOWS: Record<string, () => Window> = {
  all: () => 'all',
  last: () => ({ last: '30d' }),
  this: () => ({ this: 'month' }),
  past: () => ({ past: { count: 1, unit: 'month' } }),
  since: () => ({ since: today() }),
  between: () => ({ between: [today(), today()] }),
};

/** Moments that a date is compared with. */
export const MOMENTS: Record<string, () => Moment> = {
  at: () => ({ at: today() }),
  now: () => 'now',
  ago: () => ({ ago: '30d' }),
  ahead: () => ({ ahead: '7d' }),
  'ago-units': () => ({ 'ago-units': { count: 1, unit: 'month' } }),
  'ahead-units': () => ({ 'ahead-units': { count: 1, unit: 'month' } }),
};

/** Tests of a date. */
export const DATES: Record<string, () => DateTest> = {
  'within-last': () => ({ 'within-last': '30d' }),
  before: () => ({ before: { ago: '30d' } }),
  after: () => ({ after: { ago: '30d' } }),
  'within-next': () => ({ 'within-next': '7d' }),
  'within-last-units': () => ({ 'within-last-units': { count: 1, unit: 'month' } }),
  'within-next-units': () => ({ 'within-next-units': { count: 1, unit: 'month' } }),
};

export const ANNIVERSARIES: Record<string, () => Tagged> = {
  today: () => 'today',
  'within-next': () => ({ 'within-next': '7d' }),
  'within-last': () => ({ 'within-last': '7d' }),
};

const property = (): Filter => ({ property: { path: '', is: { compare: { op: 'equal', to: '' } } } });

/** Conditions about events and elements. */
export const FILTERS: Record<string, () => Filter> = {
  property,
  and: () => ({ and: [property(), property()] }),
  or: () => ({ or: [property(), property()] }),
  not: () => ({ not: property() }),
};

/** Tests of a value. */
export const TESTS: Record<string, () => Test> = {
  compare: () => ({ compare: { op: 'equal', to: '' } }),
  exists: () => 'exists',
  missing: () => 'missing',
  contains: () => ({ contains: '' }),
  'starts-with': () => ({ 'starts-with': '' }),
  'ends-with': () => ({ 'ends-with': '' }),
  in: () => ({ in: ['', ''] }),
  'not-in': () => ({ 'not-in': ['', ''] }),
  date: () => ({ date: DATES['within-last']!() }),
  anniversary: () => ({ anniversary: 'today' }),
  any: () => ({ any: property() }),
  all: () => ({ all: property() }),
  no: () => ({ no: property() }),
  size: () => ({ size: { op: 'at-least', to: 1 } }),
  version: () => ({ version: { op: 'at-least', to: '1.0.0' } }),
  money: () => ({ money: { op: 'more', amount: 10, currency: 'EUR' } }),
  ignoring: () => ({ ignoring: { what: 'case', test: { compare: { op: 'equal', to: '' } } } }),
};

const of = (window: Window = 'all'): Selection => ({ event: '', window });
const more = (to = 0): Bound => ({ op: 'more', to });
const equal = () => TESTS.compare!();

/** Conditions about a person, by their kind, and what each begins with. */
export const LEAVES = {
  attribute: { attribute: { path: '', is: equal() } },
  segment: { segment: '' },
  list: { list: '' },
  listed: { listed: { list: '', path: '', is: equal() } },
  reachable: { reachable: { channel: 'email', topic: null } },
  consent: { consent: '' },
  bucket: { bucket: { name: '', of: 100, is: { op: 'less', to: 10 } } },
  count: { count: { of: of({ last: '30d' }), is: { op: 'at-least', to: 1 } } },
  last: { last: { of: of(), is: { 'within-last': '30d' } } },
  first: { first: { of: of(), is: { 'within-last': '30d' } } },
  sequence: { sequence: { steps: [{ event: '' }, { event: '', within: '1h' }], window: { last: '30d' } } },
  sum: { sum: { of: of({ last: '90d' }), property: '', is: more() } },
  average: { average: { of: of({ last: '90d' }), property: '', is: more() } },
  min: { min: { of: of({ last: '90d' }), property: '', is: more() } },
  max: { max: { of: of({ last: '90d' }), property: '', is: more() } },
  distinct: { distinct: { of: of({ last: '90d' }), property: '', is: { op: 'at-least', to: 2 } } },
  'most-frequent': { 'most-frequent': { of: of({ last: '90d' }), property: '', is: equal() } },
  'first-value': { 'first-value': { of: of(), property: '', is: equal() } },
  'last-value': { 'last-value': { of: of(), property: '', is: equal() } },
  messages: { messages: { of: { state: 'opened', filters: {}, window: { last: '30d' } }, is: { op: 'at-least', to: 1 } } },
  event: { event: { path: '', is: equal() } },
};
export type LeafKind = keyof typeof LEAVES;

// Every number of so many digits is one that a browser gives back (IEEE 754, 53 bits).
const DIGITS_MAX = 15;

/** In which order, and under which heading, they are offered. `event` is for journeys only. */
export const OFFERED: [heading: 'person' | 'deeds' | 'measures' | 'messages', kinds: LeafKind[]][] = [
  ['person', ['attribute', 'segment', 'list', 'listed', 'reachable', 'consent', 'bucket']],
  ['deeds', ['count', 'last', 'first', 'sequence']],
  ['measures', ['sum', 'average', 'min', 'max', 'distinct', 'most-frequent', 'first-value', 'last-value']],
  ['messages', ['messages']],
];

/**
 * What somebody typed as a value: `42` is a number, `true` a truth, `"42"` a text. So is what no number gives back as it was typed: `08001`
 * is a postcode, and of twenty digits a number loses the last.
 */
export function literalOf(typed: string): Literal {
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(typed) && typed.replace(/\D/g, '').length <= DIGITS_MAX) return Number(typed);
  if (typed === 'true' || typed === 'false') return typed === 'true';
  const quoted = /^"(.*)"$/.exec(typed);
  return quoted ? (quoted[1] ?? '') : typed;
}

/** A value as it would be typed. */
export function typedOf(literal: Literal): string {
  if (typeof literal !== 'string') return String(literal);
  return literal !== '' && literalOf(literal) !== literal ? `"${literal}"` : literal;
}

/** Values behind commas; a comma of a value stands in quotes. */
export function literalsOf(typed: string): Literal[] {
  const parts = typed.match(/\s*("[^"]*"|[^,]*)\s*(,|$)/g) ?? [];
  // The last one found is the nothing at the end.
  return parts.slice(0, -1).map((part) => literalOf(part.replace(/,$/, '').trim()));
}

/** The same as they would be typed. */
export const typedAll = (literals: Literal[]): string => literals.map((one) => (typeof one === 'string' && one.includes(',') ? `"${one}"` : typedOf(one))).join(', ');

/** An instant as a person writes it: midnight is the day alone. */
export const dayOf = (instant: string): string => instant.replace(/T00:00:00(\.0+)?Z$/, '');

/** What was written as an instant. */
export const instantOf = (typed: string): string => (/^\d{4}-\d{2}-\d{2}$/.test(typed) ? `${typed}T00:00:00Z` : typed);

/** One of a unit of the calendar and several, in the words of a language. */
type UnitWords = Record<string, readonly [one: string, several: string]>;

/** A span as it is written: `30d` is exact, `2 months` is by the calendar. */
export function writeSpan(value: string | Units, words: UnitWords): string {
  if (typeof value === 'string') return value;
  const [one, several] = words[value.unit] ?? [value.unit, value.unit];
  return `${value.count} ${value.count === 1 ? one : several}`;
}

/** The same, read: in English, which rules are written in, or in the words given. */
export function readSpan(typed: string, words: UnitWords): string | Units {
  const [, count, said = ''] = /^(\d+) (\p{L}+)$/u.exec(typed.trim()) ?? [];
  const unit = UNITS.find((unit) => said === unit || said === `${unit}s` || words[unit]?.includes(said));
  return count && unit ? { count: Number(count), unit } : typed;
}
