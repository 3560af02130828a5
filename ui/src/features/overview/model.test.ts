import { expect, test } from 'vitest';
import { sumOf } from './model';

test('counts are added', () => {
  expect(sumOf({ a: 2, b: 3 })).toBe(5);
  expect(sumOf({})).toBe(0);
});
