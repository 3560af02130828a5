import { expect, test } from 'vitest';
import { fieldsOf, waysFor } from './ways';

const known = ['channel', 'in-flight', 'per-second', 'smtp', 'webhook', 'catch-all', 'pigeon'];

test('a channel is offered its ways, and any that nobody described yet', () => {
  expect(waysFor('email', known)).toEqual(['smtp', 'webhook', 'catch-all', 'pigeon']);
  expect(waysFor('webhook', known)).toEqual(['webhook', 'pigeon']);
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
