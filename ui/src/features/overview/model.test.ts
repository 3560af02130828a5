import { expect, test } from 'vitest';
import { latenessOf, sumOf } from './model';

test('counts are added', () => {
  expect(sumOf({ a: 2, b: 3 })).toBe(5);
  expect(sumOf({})).toBe(0);
});

test('lateness is read in its own unit', () => {
  expect(latenessOf({ timers_ms: 1500, queues_seconds: 3, words: 'x' })).toEqual([
    { name: 'timers', seconds: 1.5 },
    { name: 'queues', seconds: 3 },
  ]);
});
