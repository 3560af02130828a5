import { expect, test } from 'vitest';
import { exampleOf, saidOf } from './model';

test('the example is one that the list takes', () => {
  const example = exampleOf({ name: 'leaving', namespace: 'user_id', payload: { reason: 'string', risk: 'number', 'a,b': 'boolean' } }, 'https://cauce.example');
  expect(example.rows).toBe('user_id,reason,risk,"a,b"\n42,text,0.9,true');
  expect(example.command).toContain('cauce lists upload leaving.csv --name leaving --replace');
  expect(example.request).toContain('curl -X PUT "https://cauce.example/v1/lists/leaving"');
  expect(exampleOf({ name: 'fair', namespace: 'email', payload: {} }, '').rows).toBe('email\nana@example.com');
});

test('what is said stands in the order in which the list declares it', () => {
  expect(saidOf({ z: 1, risk: 0.9, a: null, reason: 'price' }, ['risk', 'reason', 'absent'])).toEqual([['risk', 0.9], ['reason', 'price'], ['a', null], ['z', 1]]);
  expect(saidOf({}, ['risk'])).toEqual([]);
});
