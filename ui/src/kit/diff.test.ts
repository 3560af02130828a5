import { expect, test } from 'vitest';
import { diffLines } from './diff';
import { largestUnit, localeFor } from './format';

test('a diff keeps what stayed, and both texts can be read out of it', () => {
  const [before, after] = ['a\nb\nc\nd', 'a\nx\nc\ne\nd'];
  const lines = diffLines(before, after);
  const of = (kinds: string[]) => lines.filter((line) => kinds.includes(line.kind)).map((line) => line.text).join('\n');
  expect(of(['same', 'del'])).toBe(before);
  expect(of(['same', 'add'])).toBe(after);
  expect(lines.filter((line) => line.kind === 'same')).toHaveLength(3);
  expect(diffLines('', 'a')).toEqual([{ kind: 'add', text: 'a' }]);
});

test('spans have their largest unit, formats the region of the person', () => {
  expect(largestUnit(-3_700)).toEqual([-1, 'hour']);
  expect(largestUnit(0.4)).toEqual([0, 'second']);
  expect(localeFor('es', ['en-GB', 'es-MX'])).toBe('es-MX');
  expect(localeFor('es', ['en-GB'])).toBe('es');
});
