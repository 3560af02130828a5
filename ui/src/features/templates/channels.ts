import type { Field } from '@/kit/form/fields';
import type { Language } from '@/kit/editor/view';

/** One text of a template: a line, or a body in its own language. */
export interface Part {
  at: string;
  as: 'line' | Language;
}

export interface Form {
  parts: readonly Part[];
  options: readonly Field[];
}

const OPTIONS: readonly Field[] = [
  { at: 'topic', as: 'name', of: 'topics', half: true }, { at: 'sender', as: 'name', of: 'senders', half: true }, { at: 'lifetime', as: 'text', half: true },
  { at: 'resend-unknown', as: 'flag', fallback: false },
];
const TRACKING: Field = { at: 'tracking', as: 'flag', fallback: true };

/** How a template of each channel is written. What the server does not know of is left out. */
export const CHANNELS: Record<string, Form> = {
  email: { parts: [{ at: 'subject', as: 'line' }, { at: 'html', as: 'html' }, { at: 'text', as: 'text' }], options: [...OPTIONS, TRACKING] },
  sms: { parts: [{ at: 'text', as: 'text' }], options: [...OPTIONS, TRACKING, { at: 'transliterate', as: 'flag', fallback: false }] },
  push: {
    parts: [{ at: 'push.title', as: 'line' }, { at: 'push.body', as: 'text' }, { at: 'push.link', as: 'line' }, { at: 'push.image', as: 'line' }, { at: 'text', as: 'text' }],
    options: [...OPTIONS, TRACKING],
  },
  webhook: { parts: [{ at: 'text', as: 'json' }], options: OPTIONS },
};

/** The form of a channel as far as the server knows its fields; all of it before that is known. */
export function formOf(channel: string, known: readonly string[]): Form {
  const form = CHANNELS[channel] ?? { parts: [{ at: 'text', as: 'text' }], options: OPTIONS };
  const knows = (at: string) => known.length === 0 || known.includes(at.split('.')[0] ?? at);
  const parts = form.parts.filter((part) => knows(part.at));
  // A push that has a title of its own is no bare text.
  const own = parts.some((part) => part.at.startsWith(`${channel}.`));
  return { parts: own ? parts.filter((part) => part.at.startsWith(`${channel}.`)) : parts, options: form.options.filter((field) => knows(field.at)) };
}

/** What somebody begins with. */
export function startOf(channel: string): Record<string, unknown> {
  if (channel === 'email') return { channel, subject: '', html: '<p>{{ profile.first_name | default: "there" }},</p>\n' };
  return { channel };
}
