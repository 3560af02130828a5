import { useQueryClient } from '@tanstack/react-query';
import { useRead, useStream } from '@/api/queries';

export interface Tick { at: string; count: number }

export interface Overview {
  at: string;
  events: { accepted: number; per_second: Tick[] };
  messages: { sent: number; delivered: number | null; failed: number; unknown: number; refused: Record<string, number>; per_second?: Tick[] };
  lateness: Record<string, unknown>;
  queues: { path: string; class?: string; due: number; oldest_seconds: number | null; closed?: boolean }[];
  campaigns?: { run: number; campaign: string; state: string; [more: string]: unknown }[];
  builds?: { segment: string; built: number; [more: string]: unknown }[];
  health: { what: string; state: 'ok' | 'warn' | 'bad'; words: string }[];
  attention: { what: string; words: string; link?: string | null }[];
  [more: string]: unknown;
}

const HEARD = ['message', 'overview'] as const;

/** How everything is, once a second. */
export function useOverview() {
  const client = useQueryClient();
  const query = useRead<Overview>('/v1/overview', {}, { staleTime: 60_000 });
  const standing = useStream<Overview>('/v1/overview/live', {}, query.data !== undefined, (said) => client.setQueryData(['/v1/overview', {}, {}], said), HEARD);
  return { ...query, standing };
}
