import type { List } from './queries';

/** How rows get onto a list, as its owner would write it. */
export interface Example {
  /** The name of the file, and what is in it. */
  file: string;
  rows: string;
  /** By the command line, and by the API. */
  command: string;
  request: string;
}

const NAMES: Record<string, string> = { email: 'ana@example.com', phone: '+34600000001', user_id: '42' };
const VALUES: Record<string, string> = { number: '0.9', boolean: 'true' };

/** An upload that the list takes: its own kind of name, and everything that may be said of a row. */
export function exampleOf({ name, namespace, payload }: Pick<List, 'name' | 'namespace' | 'payload'>, server: string): Example {
  const fields = Object.entries(payload);
  const head = [namespace, ...fields.map(([field]) => field)].map(cell);
  const row = [NAMES[namespace] ?? 'a1', ...fields.map(([, type]) => VALUES[type] ?? 'text')];
  const file = `${name}.csv`;
  return {
    file,
    rows: `${head.join(',')}\n${row.join(',')}`,
    command: `export CAUCE_SERVER=${server} CAUCE_KEY=ca_…\ncauce lists upload ${file} --name ${name} --replace`,
    request: `curl -X PUT "${server}/v1/lists/${name}" \\\n  -H "Authorization: Bearer $CAUCE_KEY" \\\n  -H "Content-Type: text/csv" --data-binary @${file}`,
  };
}

/** A cell of a CSV; what has a comma in it, or quotes, stands between quotes. */
function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** What a list says of somebody, by name; in the order in which the list declares it, the rest behind. */
export function saidOf(payload: Record<string, unknown>, declared: string[]): [string, unknown][] {
  const known = declared.filter((name) => name in payload);
  const rest = Object.keys(payload).filter((name) => !declared.includes(name)).sort();
  return [...known, ...rest].map((name) => [name, payload[name]]);
}
