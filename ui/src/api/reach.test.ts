import { expect, test } from 'vitest';
import { questionOf } from './reach';

test('an audience is a question in the language of segments', () => {
  expect(questionOf(['a'], [])).toBe('in segment "a"');
  expect(questionOf(['a', 'b'], ['c'])).toBe('(in segment "a" or in segment "b") and not in segment "c"');
  // A name cannot end its own quotes.
  expect(questionOf(['a" or "b'], [])).toBe('in segment "a or b"');
});
