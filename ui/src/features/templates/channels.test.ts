import { expect, test } from 'vitest';
import { formOf } from './channels';

const parts = (channel: string, known: string[]) => formOf(channel, known).parts.map((part) => part.at);

test('a channel has the parts that the server knows', () => {
  expect(parts('email', ['subject', 'html', 'text'])).toEqual(['subject', 'html', 'text']);
  expect(parts('push', ['subject', 'html', 'text'])).toEqual(['text']);
  expect(parts('push', ['text', 'push'])).toEqual(['push.title', 'push.body', 'push.link', 'push.image']);
  expect(parts('pigeon', [])).toEqual(['text']);
});

test('an option that the server does not know is not offered', () => {
  expect(formOf('sms', ['text', 'topic']).options.map((field) => field.at)).toEqual(['topic']);
});
