import { expect, test } from 'vitest';
import { outcomeTone, outcomeWords } from './model';

test('an outcome says what the provider said', () => {
  expect(outcomeWords({ kind: 'accepted', text: '250 ok' }, { accepted: 'accepted by the provider' })).toBe('accepted by the provider: 250 ok');
  expect(outcomeWords({ kind: 'held' }, {})).toBe('held');
});

test('only an acceptance is good', () => {
  expect(['accepted', 'refused', 'unreachable', 'unknown', 'held'].map(outcomeTone)).toEqual(['good', 'bad', 'warn', 'warn', 'warn']);
});
