import { useChange, usePages, useRead, type Page } from '@/api/queries';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export interface Accepted {
  number: number;
  id: string;
  name: string;
  aliases: ({ namespace: string; value: string } | string)[];
  occurred_at: string;
  received_at: string;
  properties: Record<string, unknown>;
  attributes: Record<string, unknown>;
  consents: number;
  historical: boolean;
  trace: string;
  partition: number;
}

export interface EventPage extends Page<Accepted> {
  accepted?: number;
  since?: string | null;
}

/** An event that does not fit its schema, and waits. */
export type Unfit = Schemas['QuarantinedEvent'];
/** An entry that could not be decided. */
export type Undecided = Schemas['UndecidedEntry'];
export type Learned = Schemas['SchemaListed'];

export const useEvents = (filter: { name?: string; alias?: string }) => usePages<Accepted, EventPage>('/v1/events', { query: { ...filter, limit: 50 } });
export type One = Pick<Accepted, 'id' | 'name' | 'aliases' | 'occurred_at' | 'received_at' | 'properties'> & { attributes: Record<string, unknown> | null; trace: string | null };

/** One event; with `of` also an older one, as the profile of its person remembers it: at once where its name and its time are known. */
export const useEvent = (id: string, where: { of?: string | undefined; name?: string | undefined; at?: string | undefined }) => useRead<One>('/v1/events/{id}', { path: { id }, query: where }, { staleTime: 60_000 });
/** What a request caused; of its events only the one that is asked about. */
export const useCaused = (id: string, event: string) => useRead<Schemas['Explained']>('/v1/explain/{id}', { path: { id }, query: { event } }, { enabled: id !== '', refetchInterval: 2_000 });
/** What is meant of what waits: some, or all that fit a filter, also those that are not shown. */
export type Chosen = { ids: string[] } | { event?: string; reason?: string; all?: true };
export const useQuarantine = (filter: { event?: string; reason?: string }) => usePages<Unfit, Schemas['QuarantineList']>('/v1/quarantine', { query: { ...filter, limit: 50 } }, { every: 5_000 });
export const useGiveUp = () => useChange<Schemas['QuarantineDropped'], Chosen & { why: string }>((body) => ({ method: 'post', path: '/v1/quarantine/drop', options: { body } }), ['/v1/quarantine']);
export const useReplay = () => useChange<Schemas['QuarantineReplayed'], Chosen>((body) => ({ method: 'post', path: '/v1/quarantine/replay', options: { body } }), ['/v1/quarantine']);
export const useSchemas = () => useRead<Schemas['SchemaList']>('/v1/schemas');
export type SchemaShown = Schemas['SchemaShown'];
export type Property = Schemas['SchemaProperty'];
export const useSchema = (name: string) => useRead<SchemaShown>('/v1/schemas/events/{name}', { path: { name } }, { refetchInterval: 5_000 });
