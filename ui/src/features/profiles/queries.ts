import { useChange, usePages, useRead } from '@/api/queries';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type Known = Schemas['Attribute'];
export type Statement = Schemas['ConsentStatement'];
export type Happening = Schemas['StoredEvent'];
export type Profile = Schemas['Profile'];
/** A device, and whether it is pushed to. */
export type Device = Schemas['Device'];
export type Identity = Schemas['ProfileIdentity'];
export type Consents = Schemas['Consents'];
export type Found = Schemas['PersonListed'];
export type Fault = Schemas['Diagnostic'];
export type Entry = Schemas['TimelineItem'];

/** Why somebody is in something, got something, or did not: in the server's words. */
export interface Verdict {
  inside?: boolean;
  verdict?: string | Schemas['CampaignVerdict'];
  why?: Schemas['RuleExplanation'] | null;
  exit?: Schemas['RuleExplanation'] | null;
  entry?: string;
  messages?: Schemas['Message'][];
  policy_now?: string | Schemas['PolicyNow'][];
  segments?: Schemas['AudienceSegment'][];
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

// Limit: messages that are counted before somebody is erased; beyond it says `100+`.
export const MESSAGES_MAX = 100;
export const useMessages = (who: Who) => useRead<Schemas['MessageList']>('/v1/messages', { query: { to: `${who.namespace}:${who.value}`, limit: MESSAGES_MAX } });

/** What can be asked of a profile: whether it is in it, and why. */
export const ASKED = ['segments', 'journeys', 'campaigns', 'templates'] as const;
export type AskedKind = (typeof ASKED)[number];

// What is not decided yet will be, and who is inside now may leave.
const ASKED_AGAIN_MS = 3_000;

export function useVerdict(who: Who, kind: AskedKind, name: string) {
  const paths = {
    segments: '/v1/profiles/{namespace}/{value}/segments/{segment}',
    journeys: '/v1/profiles/{namespace}/{value}/journeys/{journey}',
    campaigns: '/v1/profiles/{namespace}/{value}/campaigns/{run}',
    templates: '/v1/profiles/{namespace}/{value}/templates/{template}',
  } as const;
  const names = { segment: name, journey: name, run: name, template: name };
  return useRead<Verdict>(paths[kind], { path: { ...at(who).path, ...names } }, { enabled: name !== '', refetchInterval: ASKED_AGAIN_MS });
}

export function useErase(who: Who) {
  return useChange<Schemas['Erasure']>(
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

export const useDevices = (who: Who) => useRead<Schemas['DeviceList']>('/v1/profiles/{namespace}/{value}/devices', at(who));

export function useRemoveDevice(who: Who) {
  return useChange<void, string>(
    (device) => ({ method: 'delete', path: '/v1/profiles/{namespace}/{value}/devices', options: { ...at(who), body: { device } } }),
    ['/v1/profiles'],
  );
}

export const useErased = () => useRead<Schemas['Erasures']>('/v1/erasures', {}, { refetchInterval: 15_000 });
