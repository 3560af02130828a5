import { useText } from '@/text';
import { useFormat, type Format } from './format';
import { foreign, Words } from './Words';

/** The numbers that a reason comes with, each in the person's own form. */
export interface Told {
  /** What a field says; nothing where there is none. */
  text: (name: string) => string;
  /** The same of one that the server says in its own words, which are English. */
  words: (name: string) => string;
  number: (name: string) => string;
  at: (name: string) => string;
  /** A span of milliseconds. */
  span: (name: string) => string;
  /** The same of what a field contains. */
  of: (name: string) => Told;
}

const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1_000];

/** A span without rounding: `1d 12h`. */
function exactly(span: number, format: Format): string {
  const parts: string[] = [];
  let left = span;
  for (const unit of UNITS_MS) {
    const whole = Math.floor(left / unit) * unit;
    if (whole > 0) parts.push(format.duration(whole / 1000).replace(/\s/g, ' '));
    left -= whole;
  }
  return parts.join(' ');
}

/** Numbers of the server, to be put into words. */
export function told(said: unknown, format: Format): Told {
  const own = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>;
  const text = (name: string) => (own[name] === undefined || own[name] === null ? '' : String(own[name]));
  return {
    text,
    words: (name) => foreign(text(name)),
    number: (name) => format.number(Number(own[name] ?? 0)),
    at: (name) => (text(name) ? format.dateTime(text(name)) : ''),
    span: (name) => exactly(Number(own[name] ?? 0), format),
    of: (name) => told(own[name], format),
  };
}

/** The stable word of a reason and its numbers: of a message `{ code, details }`; of a forecast `"merged"` or `{ "no-consent": { … } }`. */
function taken(said: unknown): [string, unknown] | null {
  if (typeof said === 'string') return [said, null];
  if (typeof said !== 'object' || said === null) return null;
  if ('code' in said && typeof said.code === 'string') return [said.code, 'details' in said ? said.details : null];
  const [first, ...more] = Object.entries(said);
  return first && more.length === 0 ? first : null;
}

/** A reason in words of this language; nothing where there are none for it. */
export function inOwnWords(said: unknown, words: Record<string, (told: Told) => string>, format: Format): string | null {
  const [code, numbers] = taken(said) ?? [];
  return (code !== undefined && words[code]?.(told(numbers, format))) || null;
}

/** Why: by the reason as the ledger keeps it, else in the words of the server, which speaks English. */
export function Because({ said, why }: { said: unknown; why?: string | null | undefined }) {
  const words = useText().said;
  const format = useFormat();
  const own = inOwnWords(said, words, format);
  return own === null ? <Words words={why ?? ''} /> : <Words words={own} own />;
}
