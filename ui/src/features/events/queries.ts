import { useChange, usePages, useRead, type Page } from '@/api/queries';
import type { Step } from '@/api/shapes';

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

export interface Quarantined {
  partition: number;
  position: number;
  entry: Record<string, unknown>;
}

export interface Learned {
  name: string;
  count?: number;
  first_seen?: string;
  last_seen?: string;
  locked?: boolean;
  types?: unknown;
  properties?: unknown;
  [more: string]: unknown;
}

export const useEvents = (filter: { name?: string; alias?: string }) => usePages<Accepted, EventPage>('/v1/events', { query: { ...filter, limit: 50 } });
export const useCaused = (id: string) => useRead<{ trace: string; steps: Step[] }>('/v1/explain/{id}', { path: { id } }, { enabled: id !== '', refetchInterval: 2_000 });
export const useQuarantine = () => useRead<{ entries?: Quarantined[]; items?: Record<string, unknown>[] }>('/v1/quarantine', {}, { refetchInterval: 5_000 });
export const useReplay = () => useChange<unknown, Record<string, unknown>>((body) => ({ method: 'post', path: '/v1/quarantine/replay', options: { body } }), ['/v1/quarantine']);
export const useSchemas = () => useRead<Record<string, unknown>>('/v1/schemas');
