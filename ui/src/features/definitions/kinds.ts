import type { Document } from '@/kit/form/document';
import type { Field } from '@/kit/form/fields';

const CHANNELS = ['email', 'sms', 'push', 'webhook'] as const;

/** Kinds that have a form; all others are written as text. */
export const FORMS: Record<string, readonly Field[]> = {
  topics: [
    { at: 'title', as: 'text', required: true }, { at: 'description', as: 'long' },
    { at: 'consent-required', as: 'flag', fallback: true, half: true }, { at: 'double-opt-in', as: 'flag', fallback: false, half: true },
    { at: 'about', as: 'choice', choices: ['messages', 'use'], fallback: 'messages', half: true }, { at: 'purposes', as: 'names', of: 'topics' },
    { at: 'confirmation', as: 'name', of: 'templates' }, { at: 'titles', as: 'pairs' }, { at: 'descriptions', as: 'pairs' },
  ],
  senders: [
    { at: 'from.name', as: 'text', half: true }, { at: 'from.address', as: 'text', required: true, half: true },
    { at: 'reply-to.name', as: 'text', half: true }, { at: 'reply-to.address', as: 'text', half: true }, { at: 'return-path-domain', as: 'text' },
    { at: 'dkim', as: 'rows', each: [{ at: 'selector', as: 'text' }, { at: 'algorithm', as: 'choice', choices: ['rsa', 'ed25519'], required: true }, { at: 'domain', as: 'text' }, { at: 'key', as: 'secret' }] },
  ],
  policy: [
    { at: 'quiet-hours.from', as: 'time', half: true }, { at: 'quiet-hours.to', as: 'time', half: true },
    { at: 'frequency-caps', as: 'rows', each: [{ at: 'messages', as: 'number' }, { at: 'window', as: 'text' }, { at: 'channel', as: 'choice', choices: CHANNELS }] },
    { at: 'default-zone', as: 'text', fallback: 'UTC', half: true }, { at: 'week-starts', as: 'choice', choices: ['monday', 'saturday', 'sunday'], fallback: 'monday', half: true },
    { at: 'holdout-per-mille', as: 'number', fallback: 0, half: true }, { at: 'message-lifetime', as: 'text', fallback: '3d', half: true },
    { at: 'consent-required', as: 'flag', fallback: true }, { at: 'retention', as: 'pairs' },
  ],
  lists: [
    { at: 'description', as: 'text' }, { at: 'namespace', as: 'text', required: true, half: true }, { at: 'expires', as: 'text', half: true },
    { at: 'unknown', as: 'choice', choices: ['create', 'skip'], fallback: 'create', half: true }, { at: 'payload', as: 'pairs' },
  ],
  schemas: [
    { at: 'description', as: 'text' }, { at: 'event', as: 'text', half: true }, { at: 'state', as: 'choice', choices: ['learned', 'locked'], fallback: 'locked', half: true },
    { at: 'open', as: 'flag', fallback: true }, { at: 'properties', as: 'pairs' },
  ],
  namespaces: [
    { at: 'priority', as: 'number', half: true }, { at: 'case', as: 'choice', choices: ['keep', 'lower', 'email', 'phone'], fallback: 'keep', half: true },
    { at: 'unique', as: 'flag', fallback: false, half: true }, { at: 'shared', as: 'flag', fallback: false, half: true }, { at: 'limit', as: 'number', half: true },
  ],
  // Its ways come from a table of their own.
  providers: [],
};

/** What somebody begins with. */
export const STARTS: Record<string, Document> = {
  providers: { channel: 'email' },
  journeys: { entry: { event: '' }, steps: [] },
  schemas: { state: 'learned' },
  offers: { title: '', content: {} },
  placements: { offers: [], fallback: {} },
};

/** Kinds whose one definition has the kind's own name. */
export const ONLY: Record<string, string> = { policy: 'policy' };

/** Kinds that are edited by pages of their own. */
export const OWN_PAGES: Record<string, { edit: (name: string) => string; make: string }> = {
  segments: { edit: (name) => `/segments/${encodeURIComponent(name)}/edit`, make: '/segments/new' },
  campaigns: { edit: (name) => `/campaigns/${encodeURIComponent(name)}/edit`, make: '/campaigns/new' },
  templates: { edit: (name) => `/templates/${encodeURIComponent(name)}`, make: '/templates/new' },
};

/** Kinds that only an owner changes: they say how the installation works. The server decides; this hides. */
export const SETTINGS = new Set(['policy', 'topics', 'providers', 'routes', 'senders', 'sharing', 'destinations', 'namespaces', 'sources']);

/** Of which kind the names are that stand in a field. */
export const NAMES_OF: Record<string, string> = {
  audience: 'segments', exclude: 'segments', segment: 'segments', template: 'templates', send: 'templates', sender: 'senders', topic: 'topics', confirmation: 'templates', provider: 'providers', list: 'lists', journey: 'journeys', campaign: 'campaigns',
  offers: 'offers', placements: 'placements', 'browser-placements': 'placements',
};

/** Where a definition of a kind is shown, and its list. */
export function homeOf(folder: string, name?: string): string {
  if (['segments', 'campaigns', 'journeys', 'templates', 'lists', 'sources'].includes(folder)) return name ? `/${folder}/${encodeURIComponent(name)}` : `/${folder}`;
  if (folder === 'senders' || folder === 'topics') return '/settings';
  if (folder === 'providers' || folder === 'policy') return `/settings?tab=${folder}`;
  return `/definitions?kind=${folder}`;
}
