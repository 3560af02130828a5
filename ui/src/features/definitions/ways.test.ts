import { expect, test } from 'vitest';
import { fieldsOf, wayOf, waysFor } from './ways';

const known = ['smtp', 'webhook', 'catch-all', 'pigeon'];

test('a channel is offered its ways, and any that nobody described yet', () => {
  expect(waysFor('email', known)).toEqual(['smtp', 'catch-all', 'pigeon']);
  expect(waysFor('webhook', known)).toEqual(['webhook', 'pigeon']);
});

test('what is no way is never taken for one, wherever it stands', () => {
  const sms = ['twilio', 'vonage', 'smpp', 'webhook', 'catch-all'];
  expect(wayOf({ channel: 'sms', limits: [], prices: { currency: 'EUR' }, 'warm-up': {}, twilio: { account: 'AC1' } }, sms)).toBe('twilio');
  expect(wayOf({ channel: 'sms', prices: { currency: 'EUR' } }, sms)).toBe('');
});

test('fields that the server knows and nobody described come last; secrets are known by their name', () => {
  expect(fieldsOf('smtp', ['host', 'port', 'client-key']).map((field) => [field.at, field.as])).toEqual([['smtp.host', 'text'], ['smtp.port', 'number'], ['smtp.client-key', 'secret']]);
  expect(fieldsOf('pigeon', ['loft']).map((field) => [field.at, field.as])).toEqual([['pigeon.loft', 'any']]);
});

test('a service within a way has fields of its own', () => {
  expect(fieldsOf('push', ['fcm', 'later']).map((field) => field.at)).toEqual(['push.fcm.account', 'push.later']);
});

test('what the server does not know is not asked for', () => {
  expect(fieldsOf('twilio', ['account']).map((field) => field.at)).toEqual(['twilio.account']);
});
