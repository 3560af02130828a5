import { expect, test } from 'vitest';
import { belongsTo } from '@/kit/form/document';
import { kindOf, namesIn } from './definitions';

test('a kind is its folder without the plural, where it has one', () => {
  expect(['campaigns', 'policy', 'sharing', 'lists'].map(kindOf)).toEqual(['campaign', 'policy', 'sharing', 'list']);
});

test('a fault belongs to the definition that it names, not to one with a longer name', () => {
  for (const path of ['campaign/a', 'campaign/a.at', 'campaign/a[1].x']) expect(belongsTo({ path }, 'campaign/a')).toBe(true);
  for (const path of ['campaign/ab', 'campaign/ab.at', 'policy/a']) expect(belongsTo({ path }, 'campaign/a')).toBe(false);
});

test('names are read out of what the server refuses', () => {
  expect(namesIn('unknown field `?`, expected one of `host`, `port`')).toEqual(['host', 'port']);
  expect(namesIn('unknown field `?`, expected `rule`')).toEqual(['rule']);
  expect(namesIn('missing field `rule`')).toEqual([]);
});
