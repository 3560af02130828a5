// A definition as a tree of values, read and written by paths: `quiet-hours.from`, `dkim.0.key`.
import type { Diagnostic } from '@/api/problem';

export type Document = Record<string, unknown>;

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** What stands at a path. */
export function getAt(document: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, part) => (isTree(found) ? found[part] : undefined), document);
}

/** The document with another value at a path; with `undefined` there is nothing there any more. */
export function setAt(document: Document, path: string, value: unknown): Document {
  const [first = '', ...rest] = path.split('.');
  const inner = document[first];
  const next = rest.length === 0 ? value : setAt(isTree(inner) && !Array.isArray(inner) ? inner : {}, rest.join('.'), value);
  const kept = { ...document };
  // What has become empty by taking something out of it is taken out too.
  const gone = next === undefined || (value === undefined && rest.length > 0 && isTree(next) && Object.keys(next).length === 0);
  if (gone) delete kept[first];
  else kept[first] = next;
  return kept;
}

/** The path of a fault as fields have it: `campaign/a.caps[0].window` → `caps.0.window`. */
export function placeOf(fault: Pick<Diagnostic, 'path' | 'message'>, prefix: string): string {
  const inside = fault.path.startsWith(prefix) ? fault.path.slice(prefix.length) : '';
  const place = inside.replace(/\[(\d+)\]/g, '.$1').replace(/^\./, '');
  if (place !== '') return place;
  // A document that could not be read has no places; its fault names the field.
  return /\bfield `([^`]+)`/.exec(fault.message)?.[1] ?? '';
}

/** Whether a fault is of a definition or of something in it. */
export function belongsTo(fault: Pick<Diagnostic, 'path'>, prefix: string): boolean {
  return fault.path === prefix || fault.path.startsWith(`${prefix}.`) || fault.path.startsWith(`${prefix}[`);
}

/** Faults by the field that they belong to, the deepest that holds their place; the rest under ''. */
export function byField(faults: Diagnostic[], prefix: string, fields: string[]): Record<string, Diagnostic[]> {
  const found: Record<string, Diagnostic[]> = {};
  for (const fault of faults) {
    const place = belongsTo(fault, prefix) ? placeOf(fault, prefix) : '';
    const above = fields.filter((field) => place === field || place.startsWith(`${field}.`)).sort((a, b) => b.length - a.length)[0];
    // Of something that has fields itself: that which the fault names, else the first.
    const below = fields.filter((field) => field.startsWith(`${place}.`));
    const named = below.find((field) => fault.message.includes(`\`${field.slice(place.length + 1)}\``));
    // What could not be read names its field, and not where: that is clear where one field is called so.
    const called = fault.path === prefix ? fields.filter((field) => field.endsWith(`.${place}`)) : [];
    const best = place === '' ? '' : (above ?? named ?? below[0] ?? (called.length === 1 ? called[0] : undefined) ?? '');
    (found[best] ??= []).push(fault);
  }
  return found;
}

/** A name as a person would say it, where nobody wrote a better one: `per-second` → `Per second`. */
export function said(name: string): string {
  const last = name.split('.').at(-1) ?? name;
  return (last.charAt(0).toUpperCase() + last.slice(1)).replaceAll('-', ' ');
}

/** What somebody typed into a field of any type: `42` is a number, `true` a truth, `"42"` a text. */
export function valueOf(typed: string): unknown {
  if (typed === '') return undefined;
  if (/^-?\d+(\.\d+)?$/.test(typed) && String(Number(typed)) === typed) return Number(typed);
  if (typed === 'true' || typed === 'false') return typed === 'true';
  if (/^[[{]/.test(typed)) {
    try {
      return JSON.parse(typed) as unknown;
    } catch {
      // It is being typed: until it is whole it stays the text that it is.
      return typed;
    }
  }
  return /^"(.*)"$/.exec(typed)?.[1] ?? typed;
}

/** A value as it would be typed. */
export function typedOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return value !== '' && valueOf(value) !== value ? `"${value}"` : value;
}
