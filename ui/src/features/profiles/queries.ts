import { useChange, usePages, useRead } from '@/api/queries';
import type { Message } from '@/api/shapes';
import type { Reasoning } from '@/kit/Why';

export interface Known {
  value: unknown;
  at: string;
  event: string;
}

export interface Statement {
  topic: string;
  channel: string | null;
  state: string;
  source: string | null;
  wording: string | null;
  ip: string | null;
}

export interface Happening {
  id: string;
  name: string;
  occurred_at: string;
  received_at: string;
  properties: Record<string, unknown>;
  profile: string;
}

export interface Profile {
  id: string;
  created: string;
  aliases: string[];
  attributes: Record<string, Known>;
  computed: Record<string, unknown>;
  consents: { at: string; event: string; fact: Statement }[];
  suppressions: { address: string; why: { reason?: string; at?: string; [more: string]: unknown } }[];
  segments: { name: string; since: string }[];
  runs: { journey?: string; started?: string; [more: string]: unknown }[];
  identity_pending: number;
  timeline: Happening[];
}

/** A device, and whether it is pushed to. */
export interface Device {
  device: string;
  platform: string;
  way: string;
  token: string;
  app: string | null;
  environment: string | null;
  app_version: string;
  locale: string;
  permission: string;
  live: boolean;
  registered: string;
  seen: string;
  source: string;
  quarantine: { at: string; why: string } | null;
}

export interface Identity {
  profile: string;
  created: string;
  aliases: { alias: string; held: boolean; unique: boolean; shared: boolean; priority: number; suppressed: string | null }[];
  merges: { profile: string; at: string; alias: string; why: string }[];
  refused: { alias: string; holder?: string; by?: [string, string][] }[];
  pending: string[];
  redirects: string[];
}

export interface Consents {
  in_force: { at: string; event: string; fact: Statement }[];
  evidence: { at: string; received_at: string; event: string; imported: boolean; statement: Statement }[];
}

export interface Found {
  id: string;
  names: { namespace: string; value: string }[];
  attributes: Record<string, unknown>;
  created: string;
}

export interface Entry {
  at: string;
  kind: 'event' | 'message' | 'consent' | 'segment' | 'journey';
  name: string;
  words: string;
  event?: string | null;
  message?: string | null;
  properties: Record<string, unknown>;
}

/** Why somebody is in something, got something, or did not: in the server's words. */
export interface Verdict {
  inside?: boolean;
  verdict?: string | { planned: boolean; why?: string; message?: Message };
  why?: Reasoning | null;
  exit?: Reasoning | null;
  entry?: string;
  messages?: Message[];
  policy_now?: string | { template: string; policy: string }[];
  segments?: { segment: string; wanted: string; inside_now: boolean; why: Reasoning }[];
}

export interface Who {
  namespace: string;
  value: string;
}

const at = (who: Who) => ({ path: { namespace: who.namespace, value: who.value } });

export const useProfile = (who: Who) => useRead<Profile>('/v1/profiles/{namespace}/{value}', at(who));
export const useIdentity = (who: Who) => useRead<Identity>('/v1/profiles/{namespace}/{value}/identity', at(who));
export const useConsents = (who: Who) => useRead<Consents>('/v1/profiles/{namespace}/{value}/consents', at(who));
export const useTimeline = (who: Who) => usePages<Entry>('/v1/profiles/{namespace}/{value}/timeline', { ...at(who), query: { limit: 50 } });

export const useMessages = (who: Who) =>
  useRead<{ messages: Message[] }>('/v1/messages', { query: { to: `${who.namespace}:${who.value}`, limit: 100 } });

/** What can be asked of a profile: whether it is in it, and why. */
export const ASKED = ['segments', 'journeys', 'campaigns', 'templates'] as const;
export type AskedKind = (typeof ASKED)[number];

export function useVerdict(who: Who, kind: AskedKind, name: string) {
  const paths = {
    segments: '/v1/profiles/{namespace}/{value}/segments/{segment}',
    journeys: '/v1/profiles/{namespace}/{value}/journeys/{journey}',
    campaigns: '/v1/profiles/{namespace}/{value}/campaigns/{run}',
    templates: '/v1/profiles/{namespace}/{value}/templates/{template}',
  } as const;
  const names = { segment: name, journey: name, run: name, template: name };
  return useRead<Verdict>(paths[kind], { path: { ...at(who).path, ...names } }, { enabled: name !== '' });
}

export function useErase(who: Who) {
  return useChange<unknown>(
    () => ({ method: 'delete', path: '/v1/profiles/{namespace}/{value}', options: at(who) }),
    // Not: the profile itself, which is not there to be asked any more.
    ['/v1/profiles$', '/v1/segments', '/v1/erasures'],
  );
}

export function useRectify(who: Who) {
  return useChange<void, Record<string, unknown>>(
    (attributes) => ({ method: 'patch', path: '/v1/profiles/{namespace}/{value}', options: { ...at(who), body: { attributes } } }),
    ['/v1/profiles', '/v1/segments'],
  );
}

export const useDevices = (who: Who) => useRead<{ items: Device[] }>('/v1/profiles/{namespace}/{value}/devices', at(who));

export function useRemoveDevice(who: Who) {
  return useChange<void, string>(
    (device) => ({ method: 'delete', path: '/v1/profiles/{namespace}/{value}/devices', options: { ...at(who), body: { device } } }),
    ['/v1/profiles'],
  );
}
