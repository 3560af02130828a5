import { expect, test } from 'vitest';
import type { Message } from '@/api/shapes';
import { fits, linesOf } from './ledger';

const message = { template: ['monthly', 1], channel: 'email', topic: 'news', source: { kind: 'campaign', campaign: 'monthly' }, state: { state: 'refused' } } as unknown as Message;

test('a filter that is not set lets everything through, several hold together', () => {
  expect(fits(message, {})).toBe(true);
  expect(fits(message, { campaign: 'monthly', state: 'refused', channel: 'email', template: 'monthly', topic: 'news' })).toBe(true);
  for (const other of [{ campaign: 'x' }, { journey: 'monthly' }, { template: 'x' }, { state: 'accepted' }, { channel: 'sms' }, { topic: 'x' }]) expect(fits(message, other)).toBe(false);
});

test('lines that arrive in pieces are whole lines', () => {
  const first = linesOf('', '{"a":1}\n{"b"');
  expect(first).toEqual({ lines: ['{"a":1}'], rest: '{"b"' });
  expect(linesOf(first.rest, ':2}\n')).toEqual({ lines: ['{"b":2}'], rest: '' });
});
