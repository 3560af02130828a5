// Definitions as files have them. Loaded with the pages that edit text, not before.
import { isNode, parseDocument, stringify } from 'yaml';
import type { Mark } from './view';

export type Tree = Record<string, unknown>;
export type Read = { document: Tree; fault: null } | { document: null; fault: Mark };

/** Reads a definition. What is no tree of fields is a fault at its place. */
export function readYaml(text: string): Read {
  const parsed = parseDocument(text);
  const [error] = parsed.errors;
  if (error) {
    const [from, to] = error.pos;
    return { document: null, fault: { from, to: Math.max(to, from + 1), severity: 'error', message: error.message.split('\n')[0] ?? '' } };
  }
  const value: unknown = parsed.toJS() ?? {};
  if (typeof value !== 'object' || Array.isArray(value) || value === null) return { document: null, fault: { from: 0, to: text.length, severity: 'error', message: 'name: value' } };
  return { document: value as Tree, fault: null };
}

/** Writes a definition. */
export function writeYaml(document: unknown): string {
  if (typeof document === 'object' && document !== null && Object.keys(document).length === 0) return '';
  return stringify(document, { lineWidth: 100 });
}

/** Where a path stands in the text: its value, else the deepest that is there. */
export function rangeOf(text: string, path: string): [number, number] {
  const parsed = parseDocument(text);
  const parts = path === '' ? [] : path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  for (let length = parts.length; length > 0; length -= 1) {
    const node = parsed.getIn(parts.slice(0, length), true);
    if (isNode(node) && node.range) return [node.range[0], node.range[1]];
  }
  return [0, Math.max(1, text.indexOf('\n'))];
}

/** Where in the tree something is being typed, judged by what stands before it. */
export interface Spot {
  what: 'field' | 'value';
  at: (string | number)[];
}

const KEY = /^(?:- +)*(?:"([^"]+)"|([^\s:#"'{[][^:#]*?)):/;

/** The fields around the end of a text, by its indentation and open braces. */
export function spotAt(before: string): Spot {
  const lines = before.split('\n');
  const own = lines.pop() ?? '';
  const above = around(lines, own);
  let rest = own.trimStart().replace(/^(?:- +)+/, '');
  const at = [...above];
  // A brace that is open holds fields of its own: `smtp: { host: …, `.
  for (;;) {
    const key = KEY.exec(rest);
    if (!key) return { what: 'field', at };
    const behind = rest.slice(key[0].length);
    const open = unclosed(behind);
    if (open === null) return { what: 'value', at: [...at, nameOf(key)] };
    at.push(nameOf(key));
    rest = open;
  }
}

const nameOf = (key: RegExpExecArray) => key[1] ?? key[2] ?? '';

/** What stands behind the last comma of a brace that was opened and not closed. */
function unclosed(text: string): string | null {
  const open = /^\s*\{/.exec(text);
  if (!open) return null;
  const inside = text.slice(open[0].length);
  if (/\}\s*$/.test(inside)) return null;
  return inside.slice(inside.lastIndexOf(',') + 1).trimStart();
}

function around(lines: string[], own: string): (string | number)[] {
  const at: (string | number)[] = [];
  const dashes = /^( *)((?:- +)*)/.exec(own);
  const spaces = dashes?.[1]?.length ?? 0;
  const inItem = (dashes?.[2]?.length ?? 0) > 0;
  let indent = inItem ? spaces + 1 : spaces;
  if (inItem) at.unshift(0);
  for (const line of [...lines].reverse()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const outer = line.length - line.trimStart().length;
    const item = /^( *)(- +)/.exec(line);
    const inner = item ? outer + (item[2]?.length ?? 2) : outer;
    const key = KEY.exec(line.trimStart());
    if (inner < indent && key && /:\s*$/.test(line)) {
      at.unshift(nameOf(key));
      indent = inner;
      if (item) {
        at.unshift(0);
        indent = outer + 1;
      }
    } else if (item && inner === indent) {
      at.unshift(0);
      indent = outer + 1;
    }
  }
  return at;
}
