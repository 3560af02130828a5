import { expect, test } from 'vitest';
import { searchOf, shownName, splitAlias } from './model';

test('a value keeps its colons', () => {
  expect(splitAlias('url:https://a.example/x')).toEqual({ namespace: 'url', value: 'https://a.example/x' });
});

test('the name that people recognise is shown', () => {
  expect(shownName([{ namespace: 'anonymous_id' }, { namespace: 'email' }])?.namespace).toBe('email');
  expect(shownName([{ namespace: 'email' }, { namespace: 'user_id' }])?.namespace).toBe('user_id');
  expect(shownName([{ namespace: 'device' }])?.namespace).toBe('device');
  expect(shownName([])).toBeUndefined();
});

test('rules and names are told apart', () => {
  expect(searchOf(' ana@example.com ')).toEqual({ alias: 'ana@example.com' });
  expect(searchOf('email:ana@example.com')).toEqual({ alias: 'email:ana@example.com' });
  expect(searchOf('country = "ES"')).toEqual({ where: 'country = "ES"' });
  expect(searchOf('count(order_completed)>=3')).toEqual({ where: 'count(order_completed)>=3' });
  expect(searchOf('  ')).toEqual({});
});
