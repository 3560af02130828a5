import { expect, test } from 'vitest';
import { shownName, splitAlias } from './model';

test('a value keeps its colons', () => {
  expect(splitAlias('url:https://a.example/x')).toEqual({ namespace: 'url', value: 'https://a.example/x' });
});

test('the name that people recognise is shown', () => {
  expect(shownName([{ namespace: 'anonymous_id' }, { namespace: 'email' }])?.namespace).toBe('email');
  expect(shownName([{ namespace: 'email' }, { namespace: 'user_id' }])?.namespace).toBe('user_id');
  expect(shownName([{ namespace: 'device' }])?.namespace).toBe('device');
  expect(shownName([])).toBeUndefined();
});
