// The server's own lists, read from its sources: a word that it learns and the console lacks fails here.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { waysIn } from '@/api/definitions';
import { WAYS } from '@/features/definitions/ways';
import { SETTINGS } from '@/features/definitions/kinds';
import type { Told } from '@/kit/Because';
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

test('every fault that a check finds has a name in Spanish', () => {
  const rust = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? rust(`${folder}/${entry.name}`) : entry.name.endsWith('.rs') ? [`${folder}/${entry.name}`] : []));
  const folders = ['core', 'server'].map((crate) => fileURLToPath(new URL(`../../../crates/cauce-${crate}/src`, import.meta.url)));
  const texts = folders.flatMap(rust).map((file) => readFileSync(file, 'utf8').split('#[cfg(test)]')[0] ?? '');
  // The path is a name, a text or what `format!` makes of one; the code stands behind it.
  const codes = texts.flatMap((text) => [...text.matchAll(/Diagnostic::(?:error|warning)\(\s*(?:&?format!\([^()]*(?:\([^()]*\)[^()]*)*\)|[^,()]*),\s*"([a-z0-9-]+)"/g)].map((found) => found[1] ?? ''));
  // What nobody is, and what is no more.
  const kinds = quoted(between(source('cauce-core/src/publish/source.rs'), 'Kind::Segment => "segment"', '}')).flatMap((kind) => [`unknown-${kind}`]);
  const gone = ['template', 'campaign', 'journey'].map((kind) => `gone-${kind}`);
  told('faults', [...new Set([...codes, ...kinds, ...gone])], 210, [es.faults]);
});

test('every no of the API has a name in Spanish', () => {
  const codes = between(source('cauce-server/src/http/error.rs'), '\ncodes! {', '\n}').matchAll(/\w+ = "([a-z-]+)", [A-Z_]+;/g);
  told('problems', [...codes].map((found) => found[1] ?? ''), 15, [es.problems]);
});

test('every reason why a message is refused', () => {
  const words = quoted(between(source('cauce-core/src/policy/reason.rs'), 'Reason::NoAddress { .. } => "', '\n        }'));
  told('reasons', words, 20, [en.reasons, es.reasons, en.said, es.said]);
});

test('a reason names every number that the server gives it', () => {
  const variants = between(source('cauce-core/src/policy/reason.rs'), 'pub enum Reason {', '\n}').matchAll(/^ {4}([A-Z]\w+)(?: \{([^}]*)\})?,/gm);
  const all = [...variants].map((found) => ({ code: kebab(found[1] ?? ''), fields: [...(found[2] ?? '').matchAll(/^ {8}(\w+):/gm)].map((field) => field[1] ?? '') }));
  expect(all.length).toBeGreaterThan(20);
  for (const words of [en.said, es.said]) {
    for (const { code, fields } of all) {
      const asked = new Set<string>();
      const answer = (name: string) => (asked.add(name), 'sender:');
      const numbers: Told = { text: answer, words: answer, number: answer, at: answer, span: answer, of: (name) => (asked.add(name), numbers) };
      words[code]!(numbers);
      expect(fields.filter((field) => !asked.has(field)), code).toEqual([]);
    }
  }
});

test('everything that the overview says of the server, and what to do about it', () => {
  const health = source('cauce-server/src/http/console/health.rs').split('#[cfg(test)]')[0] ?? '';
  const body = health.slice(health.indexOf('/// Scheduled campaigns that may not start.'));
  const codes = [...body.matchAll(/"([a-z]+(?:-[a-z]+)+)"/g)].map((found) => found[1] ?? '').filter((word) => word !== 'mass-bounces' && word !== 'mail-dir');
  told('health', [...new Set(codes)], 35, [en.health.words, es.health.words]);
  const ill = [...new Set(codes)].filter((code) => !/-(well|room|development|made|snapshots)$/.test(code));
  told('todo', ill, 22, [en.health.todo, es.health.todo]);
  expect(Object.keys(en.health.words).filter((code) => !codes.includes(code)), 'words for nothing').toEqual([]);
  const parts = [...body.matchAll(/(?:well|ill)\(\s*"([a-z]+)"|format!\("([a-z]+) \{/g)].map((found) => found[1] ?? found[2] ?? '');
  told('parts', [...new Set(parts)], 8, [en.health.parts, es.health.parts]);
});

test('what the server says in its own words is marked as such within a sentence of ours', () => {
  // Somebody's reason is in the language in which they wrote it.
  const ofPeople = ['sending-paused', 'paused'];
  const plain: Told = { text: (name) => `[${name}]`, words: () => '', number: () => '', at: () => '', span: () => '', of: () => plain };
  const lines = Object.entries({ ...es.health.words, ...es.said }).filter(([code]) => !ofPeople.includes(code));
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.filter(([, line]) => /\[(why|text|evidence|needs)\]/.test(line(plain))).map(([code]) => code)).toEqual([]);
});

test('everything that is found of a sender', () => {
  const examined = ['examine', 'authority'].map((file) => source(`cauce-core/src/sender/${file}.rs`).split('#[cfg(test)]')[0] ?? '').join('\n');
  const codes = [...examined.matchAll(/Weight::\w+, "([a-z-]+)"|"((?:dkim|spf|dmarc|ptr|return-path|unsubscribe|helo)-[a-z-]+)"/g)].map((found) => found[1] ?? found[2] ?? '');
  told('findings', [...new Set(codes)], 45, [en.sending.senders.findings, es.sending.senders.findings]);
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
