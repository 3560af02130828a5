import type { Field } from '@/kit/form/fields';

/** A way in which a provider is reached: its fields, where somebody chose an order and a form for them. */
export interface Way {
  channels: readonly string[];
  fields: readonly Field[];
}

const text = (at: string, required = false): Field => ({ at, as: 'text', half: true, ...(required ? { required } : {}) });
const secret = (at: string, required = false): Field => ({ at, as: 'secret', half: true, ...(required ? { required } : {}) });

/**
 * Ways in words. A way that is not here is offered as well: the server names all that it knows, and
 * the fields of each. An entry gives them an order, a form, and by `text/…/fields.ts` words.
 */
export const WAYS: Record<string, Way> = {
  smtp: {
    channels: ['email'],
    fields: [
      text('host', true), { at: 'port', as: 'number', fallback: 25, half: true },
      { at: 'tls', as: 'choice', choices: ['starttls', 'starttls-required', 'tls', 'none'], fallback: 'starttls', half: true }, text('username'), secret('password'),
      { at: 'connections', as: 'number', fallback: 4, half: true }, { at: 'messages-per-connection', as: 'number', fallback: 1000, half: true },
    ],
  },
  direct: { channels: ['email'], fields: [text('tls'), text('helo-name')] },
  ses: { channels: ['email'], fields: [text('region', true), secret('access-key', true), secret('secret-key', true), secret('session-token'), text('configuration-set'), text('endpoint')] },
  sendgrid: { channels: ['email'], fields: [secret('key', true), text('region'), text('ip-pool'), { at: 'unsubscribe-group', as: 'number', half: true }, text('endpoint')] },
  mailgun: { channels: ['email'], fields: [secret('key', true), text('domain', true), text('region'), text('endpoint'), { at: 'test-mode', as: 'flag', fallback: false }] },
  postmark: { channels: ['email'], fields: [secret('token', true), text('stream'), text('broadcast-stream'), text('endpoint')] },
  twilio: { channels: ['sms'], fields: [text('account', true), secret('token', true), text('key'), secret('secret'), text('service'), text('url')] },
  vonage: { channels: ['sms'], fields: [text('key', true), secret('secret', true), secret('signature'), text('signed-by'), text('url')] },
  smpp: {
    channels: ['sms'],
    fields: [text('host', true), { at: 'port', as: 'number', half: true }, text('tls'), text('bind'), text('system-id', true), secret('password', true), { at: 'connections', as: 'number', half: true }, { at: 'window', as: 'number', half: true }],
  },
  push: {
    channels: ['push'],
    fields: [text('apns.team'), text('apns.key-id'), secret('apns.key'), text('apns.topic'), secret('fcm.account'), secret('web.key'), text('web.subject')],
  },
  webhook: {
    channels: ['webhook', 'sms'],
    fields: [
      { at: 'url', as: 'text', required: true }, { at: 'method', as: 'choice', choices: ['POST', 'PUT', 'PATCH'], fallback: 'POST', half: true }, secret('signing-key'),
      { at: 'headers', as: 'pairs' }, text('id-pointer'), text('success-pointer'), { at: 'success-value', as: 'any', half: true }, { at: 'refusals', as: 'json' },
    ],
  },
  'catch-all': { channels: ['email', 'sms', 'push'], fields: [] },
};

const SECRETS = /(^|-)(key|secret|token|password|signature|certificate)$/;

const first = (at: string) => at.split('.')[0] ?? at;

/** The fields of a way: those with words that the server knows, then the rest of what it knows. */
export function fieldsOf(way: string, known: readonly string[]): Field[] {
  const said = WAYS[way]?.fields ?? [];
  // Before the server has answered, what is in the table is all there is.
  const kept = known.length === 0 ? said : said.filter((field) => known.includes(first(field.at)));
  const rest = known.filter((name) => !said.some((field) => first(field.at) === name));
  const guessed = rest.map((at): Field => ({ at, as: SECRETS.test(at) ? 'secret' : 'any', half: true }));
  return [...kept, ...guessed].map((field) => ({ ...field, at: `${way}.${field.at}` }));
}

/** The ways that are there for a channel. One that the table does not know may carry anything. */
export function waysFor(channel: string, ways: readonly string[]): string[] {
  return ways.filter((name) => WAYS[name]?.channels.includes(channel) ?? true);
}

/**
 * The way that a provider says, if it says one. Which fields are ways the server knows: what is none
 * of them (prices, limits, a plan for warming up) must never be taken for one, and so be replaced.
 */
export function wayOf(document: Record<string, unknown>, ways: readonly string[]): string {
  return Object.keys(document).find((name) => ways.includes(name)) ?? '';
}

/** Which of a provider's fields the form shows by itself, whatever the way. */
export const SHOWN = ['channel', 'in-flight', 'per-second'] as const;
