import { expect, test } from 'vitest';
import { kindAt } from './completion';

test('the kind of a name follows from what stands before it', () => {
  expect(kindAt('count(')).toEqual({ kind: 'event' });
  expect(kindAt('plan = "pro" and in segment "')).toEqual({ kind: 'segment' });
  expect(kindAt('in list "')).toEqual({ kind: 'list' });
  expect(kindAt('plan = "pro" or list "fair')).toEqual({ kind: 'list' });
  expect(kindAt('count(order_completed where ')).toEqual({ kind: 'property', of: 'order_completed' });
  expect(kindAt('count(order_completed where total > 5 and ')).toEqual({ kind: 'property', of: 'order_completed' });
  expect(kindAt('sequence(viewed, then ')).toEqual({ kind: 'event' });
  expect(kindAt('reachable by email for topic "')).toEqual({ kind: 'topic' });
  expect(kindAt('')).toEqual({ kind: 'attribute' });
});
