import { useChange, usePages, useRead } from '@/api/queries';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type Queue = Schemas['QueueShown'];
export type Carried = Schemas['DayCount'];
export type Provider = Schemas['ProviderStanding'];

export interface Leg {
  provider: string;
  weight?: number;
  backup?: boolean;
  countries?: string[];
  domains?: string[];
  'max-per-day'?: number;
  cost?: string | number;
}

export interface Route {
  channel: string;
  classes?: string[];
  topics?: string[];
  senders?: string[];
  legs: Leg[];
}

export type All = Omit<Schemas['Queues'], 'routes'> & { routes: Record<string, Route> };
export type Letter = Schemas['DeadLetter'];
export type LetterPage = Schemas['DeadLetterList'];

/** Which dead letters are meant. */
export type Chosen = Partial<Schemas['DeadLettersChosen']>;

export const useQueues = (enabled = true) => useRead<All>('/v1/queues', {}, { refetchInterval: 2_000, enabled });
export const useLetters = (code: string | undefined) => usePages<Letter, LetterPage>('/v1/dead-letters', { query: { code, limit: 50 } });
export const useReplay = () => useChange<Schemas['DeadLettersReplayed'], Chosen>((body) => ({ method: 'post', path: '/v1/dead-letters/replay', options: { body } }), ['/v1/dead-letters', '/v1/queues']);
export const useDrop = () => useChange<Schemas['DeadLettersDropped'], Chosen>((body) => ({ method: 'post', path: '/v1/dead-letters/drop', options: { body } }), ['/v1/dead-letters']);
export const useSending = () => useRead<Schemas['SendingState']>('/v1/sending', {}, { refetchInterval: 3_000 });
/** Stops everything for a reason, or lets it go on. */
export const usePausing = () => useChange<void, string | null>((paused) => ({ method: 'post', path: '/v1/sending', options: { body: { paused } } }), ['/v1/sending', '/v1/queues', '/v1/overview']);

export type Standings = components['schemas']['Standings'];
export type PausedFor = components['schemas']['PausedFor'];
export const useStandings = () => useRead<Standings>('/v1/deliverability', {}, { refetchInterval: 10_000 });
export const useGoOn = () => useChange<void, { domain: string; mailbox: string }>(({ domain, mailbox }) => ({ method: 'post', path: '/v1/deliverability/{domain}/{mailbox}/resume', options: { path: { domain, mailbox } } }), ['/v1/deliverability', '/v1/overview']);

export interface Keeper { keeper: string; since: string; held: number }
export const useHeld = () => useRead<{ keepers: Keeper[]; count: number }>('/v1/suppressions/held', {}, { refetchInterval: 10_000 });
export const useRelease = () => useChange<{ released: number }, { keeper: string; to: 'confirm' | 'undo' }>((path) => ({ method: 'post', path: '/v1/suppressions/held/{keeper}/{to}', options: { path } }), ['/v1/suppressions/held', '/v1/overview']);

export type Refused = Schemas['RefusedDevices'];
// The server looks at every device for it.
export const useRefusedDevices = () => useRead<Schemas['RefusedDeviceList']>('/v1/devices/refused', {}, { refetchInterval: 30_000 });
export const useDecide = () => useChange<Schemas['RefusedDevicesDecided'], { keeper: string; to: 'confirm' | 'undo' }>((path) => ({ method: 'post', path: '/v1/devices/refused/{keeper}/{to}', options: { path } }), ['/v1/devices/refused', '/v1/overview', '/v1/profiles']);

export interface Finding { about: string; weight: string; code: string; text: string; hint?: string | null; publish?: { name: string; kind: string; value: string } | null }
export const useSenderCheck = (name: string) => useRead<{ findings: Finding[] }>('/v1/senders/{name}/check', { path: { name } }, { staleTime: 60_000 });

export type Suppressed = Schemas['SuppressedAddress'];
export const useSuppressed = (reason: string | undefined) => usePages<Suppressed>('/v1/suppressions', { query: { reason, limit: 50 } });
