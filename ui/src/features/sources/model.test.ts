import { expect, test } from 'vitest';
import { filtered, placeOf, standingOf, sumOf } from './model';
import type { File, Source } from './queries';

const none = { taken: 0, failed: 0, rows: 0, accepted: 0, rejected: 0 };
const source = (files: Partial<Source['files']>, standing: Partial<Source['standing']>, kind = 'folder') => ({ name: 'a', kind, live: false, files: { ...none, ...files }, standing: { waiting: 0, ...standing } }) as Source;

test('what keeps a source from going on is said before anything else', () => {
  const looked_at = '2026-11-30T00:00:00Z';
  expect(standingOf(source({}, {}))).toBe('unlooked');
  expect(standingOf(source({}, { looked_at }))).toBe('well');
  expect(standingOf(source({ taken: 1 }, {}))).toBe('well');
  expect(standingOf(source({ failed: 1 }, { looked_at }))).toBe('failed');
  expect(standingOf(source({ failed: 1 }, { looked_at, waiting: 2 }))).toBe('waiting');
  const under_way = { file: 'a.csv', counts: { rows: 1, accepted: 1, rejected: 0, identical: 0, skipped: {} } };
  expect(standingOf(source({}, { waiting: 2, under_way }))).toBe('taking');
  expect(standingOf(source({}, { under_way, trouble: 'no such bucket' }))).toBe('trouble');
});

test('a stream is counted by messages, the others by files', () => {
  expect(sumOf(source({ rows: 7, accepted: 5, rejected: 2 }, {}))).toEqual({ rows: 7, accepted: 5, rejected: 2 });
  expect(sumOf(source({}, {}, 'nats'))).toEqual({ rows: 0, accepted: 0, rejected: 0 });
  expect(sumOf(source({ rows: 7 }, { messages: { rows: 3, accepted: 2, rejected: 1, identical: 0, skipped: {} } }, 'nats'))).toEqual({ rows: 3, accepted: 2, rejected: 1 });
});

test('a place is what somebody would look for', () => {
  expect(placeOf({ folder: 'orders' })).toBe('orders');
  expect(placeOf({ store: { endpoint: 'https://s3.example', bucket: 'shop', prefix: 'in/' } })).toBe('https://s3.example/shop/in/');
  expect(placeOf({ nats: { server: { url: 'nats://n:4222' }, stream: 'EVENTS' } })).toBe('nats://n:4222 · EVENTS');
});

test('files are found by name and by what became of them', () => {
  const file = (name: string, state: string, rejected = 0) => ({ name, state, counts: { rejected } }) as File;
  const all = [file('A-1.csv', 'taken'), file('a-2.csv', 'failed'), file('b.csv', 'taken', 3)];
  const names = (asked: { q?: string; show?: string }) => filtered(all, asked).map((one) => one.name);
  expect(names({})).toEqual(['A-1.csv', 'a-2.csv', 'b.csv']);
  expect(names({ q: 'a-' })).toEqual(['A-1.csv', 'a-2.csv']);
  expect(names({ show: 'failed' })).toEqual(['a-2.csv']);
  expect(names({ show: 'rejected', q: 'B' })).toEqual(['b.csv']);
});
