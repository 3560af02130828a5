import { expect, test } from 'vitest';
import { searchOf, shownAlias, splitAlias } from './model';

test('a value keeps its colons', () => {
  expect(splitAlias('url:https://a.example/x')).toEqual({ namespace: 'url', value: 'https://a.example/x' });
});

test('the name that people recognise is shown', () => {
  expect(shownAlias(['anonymous_id:x', 'email:a@b.example'])).toBe('email:a@b.example');
  expect(shownAlias(['email:a@b.example', 'user_id:7'])).toBe('user_id:7');
  expect(shownAlias(['device:9'])).toBe('device:9');
  expect(shownAlias([])).toBeUndefined();
});

test('rules and names are told apart', () => {
  expect(searchOf(' ana@example.com ')).toEqual({ alias: 'ana@example.com' });
  expect(searchOf('email:ana@example.com')).toEqual({ alias: 'email:ana@example.com' });
  expect(searchOf('country = "ES"')).toEqual({ where: 'country = "ES"' });
  expect(searchOf('count(order_completed)>=3')).toEqual({ where: 'count(order_completed)>=3' });
  expect(searchOf('  ')).toEqual({});
});
