// The server's own lists, read from its sources: a word that it learns and the console lacks fails here.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { waysIn } from '@/api/definitions';
import { WAYS } from '@/features/definitions/ways';
import { SETTINGS } from '@/features/definitions/kinds';
import { SCOPES } from '@/features/settings/queries';
import { en } from './en';
import { es } from './es';

const source = (path: string) => readFileSync(new URL(`../../../crates/${path}`, import.meta.url), 'utf8');

/** The part of a source behind a beginning, up to an end. */
function between(text: string, from: string, to: string): string {
  const at = text.indexOf(from);
  expect(at, `the source has no \`${from}\` any more: this test reads nothing`).toBeGreaterThanOrEqual(0);
  return text.slice(at, text.indexOf(to, at));
}

const quoted = (text: string) => [...text.matchAll(/"([^"]+)"/g)].map((found) => found[1] ?? '');
const kebab = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

function told(what: string, words: string[], least: number, texts: Record<string, unknown>[]): void {
  // What finds nothing compares nothing.
  expect(words.length, `${what}: too few were read`).toBeGreaterThanOrEqual(least);
  for (const text of texts) expect(words.filter((word) => !(word in text)), what).toEqual([]);
}

test('every reason why a message is refused', () => {
  const words = quoted(between(source('cauce-core/src/policy/reason.rs'), 'Reason::NoAddress { .. } => "', '\n        }'));
  told('reasons', words, 20, [en.reasons, es.reasons]);
});

test('every change that the audit keeps', () => {
  const table = source('cauce-server/src/http/access/table.rs');
  const session = source('cauce-server/src/http/access/session.rs');
  const all = [...quoted(between(table, 'pub const RULES', '\n];')), 'import.begin', ...quoted(session)];
  const words = [...new Set(all.filter((word) => /^[a-z-]+\.[a-z]+$/.test(word)))];
  told('changes', words, 40, [en.settings.changes, es.settings.changes]);
});

test('what becomes of a change', () => {
  const variants = between(source('cauce-server/src/access/audit.rs'), 'pub enum Outcome', '\n}').matchAll(/^ {4}([A-Z]\w+),/gm);
  told('outcomes', [...variants].map((found) => kebab(found[1] ?? '')), 4, [en.settings.outcomes, es.settings.outcomes]);
});

test('every scope of a key, and each can be made', () => {
  const variants = between(source('cauce-server/src/control.rs'), 'pub enum Scope', '\n}').matchAll(/^ {4}([A-Z]\w+),/gm);
  const words = [...variants].map((found) => kebab(found[1] ?? ''));
  told('scopes', words, 4, [en.settings.scopes, es.settings.scopes]);
  expect([...SCOPES].sort()).toEqual(words.sort());
});

test('when a walk takes an edge', () => {
  const words = quoted(between(source('cauce-server/src/http/console/journeys.rs'), 'fn when(', '\n}'));
  told('edges', words, 4, [en.journeys.answers, es.journeys.answers]);
});

test('what is said of a message that had left', () => {
  const variants = between(source('cauce-core/src/input/report.rs'), 'pub enum ReportKind', '\n}').matchAll(/^ {4}([A-Z]\w+)[ ,({]/gm);
  told('reports', [...variants].map((found) => kebab(found[1] ?? '')), 9, [en.messages.reports, es.messages.reports]);
});

test('the ways of providers, each with a form', () => {
  const words = quoted(between(source('cauce-core/src/publish/provider/mod.rs'), 'const WAYS', '];'));
  told('ways', words, 10, [WAYS]);
  // The sentence by which the console asks for them.
  expect(source('cauce-core/src/publish/provider/mod.rs')).toContain('format!("say one of {}", WAYS.join(", "))');
  expect(waysIn([{ path: 'provider/?', code: 'provider-unclear', message: '', hint: `say one of ${words.join(', ')}` }])).toEqual(words);
});

test('what only an owner changes', () => {
  const kinds = between(source('cauce-server/src/http/v1/definitions.rs'), 'const SETTINGS', '];').matchAll(/Kind::(\w+)/g);
  const words = [...kinds].map((found) => kebab(found[1] ?? ''));
  expect(words.length).toBeGreaterThan(5);
  expect([...SETTINGS].map((folder) => (folder.endsWith('s') ? folder.slice(0, -1) : folder)).sort()).toEqual(words.sort());
});
