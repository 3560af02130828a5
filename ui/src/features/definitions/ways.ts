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
  direct: { channels: ['email'], fields: [{ at: 'tls', as: 'text', half: true }, text('helo-name')] },
  ses: { channels: ['email'], fields: [text('region', true)] },
  sendgrid: { channels: ['email'], fields: [] },
  mailgun: { channels: ['email'], fields: [text('domain', true)] },
  postmark: { channels: ['email'], fields: [] },
  twilio: { channels: ['sms'], fields: [text('account', true), secret('token', true)] },
  vonage: { channels: ['sms'], fields: [secret('key', true), secret('secret', true)] },
  smpp: { channels: ['sms'], fields: [text('host', true)] },
  apns: { channels: ['push'], fields: [] },
  fcm: { channels: ['push'], fields: [] },
  'web-push': { channels: ['push'], fields: [] },
  webhook: {
    channels: ['webhook', 'sms', 'push', 'email'],
    fields: [
      { at: 'url', as: 'text', required: true }, { at: 'method', as: 'choice', choices: ['POST', 'PUT', 'PATCH'], fallback: 'POST', half: true }, secret('signing-key'),
      { at: 'headers', as: 'pairs' }, text('id-pointer'), text('success-pointer'), { at: 'success-value', as: 'any', half: true }, { at: 'refusals', as: 'json' },
    ],
  },
  'catch-all': { channels: ['email', 'sms', 'push'], fields: [] },
};

/** Fields of a provider that are no way to reach it. */
export const COMMON = ['channel', 'in-flight', 'per-second'] as const;
const SECRETS = /(^|-)(key|secret|token|password|signature|certificate)$/;

/** The fields of a way: those with words that the server knows, then the rest of what it knows. */
export function fieldsOf(way: string, known: readonly string[]): Field[] {
  const said = WAYS[way]?.fields ?? [];
  // Before the server has answered, what is in the table is all there is.
  const kept = known.length === 0 ? said : said.filter((field) => known.includes(field.at));
  const rest = known.filter((name) => !said.some((field) => field.at === name));
  const guessed = rest.map((at): Field => ({ at, as: SECRETS.test(at) ? 'secret' : 'any', half: true }));
  return [...kept, ...guessed].map((field) => ({ ...field, at: `${way}.${field.at}` }));
}

/** The ways that are there for a channel. One that the table does not know may carry anything. */
export function waysFor(channel: string, known: readonly string[]): string[] {
  return known.filter((name) => !(COMMON as readonly string[]).includes(name)).filter((name) => WAYS[name]?.channels.includes(channel) ?? true);
}

/** The way that a provider says, if it says one. */
export function wayOf(document: Record<string, unknown>): string {
  return Object.keys(document).find((name) => !(COMMON as readonly string[]).includes(name)) ?? '';
}
