import { expect, test } from 'vitest';
import { find, score } from './finding';
import { read } from './keys';

const press = (key: string, more = {}) => read({ key, ctrl: false, typing: false, led: false, ...more });

test('keys ask for what they stand for, and for nothing while somebody types', () => {
  expect(press('k', { ctrl: true, typing: true })).toEqual({ kind: 'palette' });
  expect(press('g')).toEqual({ kind: 'leader' });
  expect(press('s', { led: true })).toEqual({ kind: 'go', to: '/segments' });
  expect(press('s')).toEqual({ kind: 'none' });
  expect(press('z', { led: true })).toEqual({ kind: 'none' });
  expect(press('g', { typing: true })).toEqual({ kind: 'none' });
  expect(press('k')).toEqual({ kind: 'row', step: -1 });
});

test('what begins so comes before what only has the letters', () => {
  const entry = (words: string) => ({ key: words, words, kind: '', to: '' });
  const found = find(['good-buyers', 'abandoned basket', 'buyers'].map(entry), 'buy');
  expect(found.map((one) => one.words)).toEqual(['buyers', 'good-buyers']);
  expect(score('Recorridos de María', 'maria')).toBeDefined();
  expect(score('abc', 'ca')).toBeUndefined();
});

test('keys alone mean nothing where somebody turned them off; with Ctrl they do', () => {
  for (const key of ['g', '/', '?', 'j', 'k']) expect(read({ key, ctrl: false, typing: false, led: false, letters: false })).toEqual({ kind: 'none' });
  expect(read({ key: 'k', ctrl: true, typing: false, led: false, letters: false })).toEqual({ kind: 'palette' });
});
