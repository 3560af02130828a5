import { useQuery } from '@tanstack/react-query';
import { call } from '@/api/client';
import { useRead } from '@/api/queries';
import type { Problem } from '@/api/problem';
import type { components } from '@/api/schema';
import type { Published, Segment } from '@/api/shapes';
import type { Rule } from './model';

export interface Definition {
  description?: string | null;
  rule: string | Rule;
}

export interface Fault {
  at?: number;
  end?: number;
  span?: [number, number] | null;
  line?: number;
  column?: number;
  message: string;
  hint?: string | null;
  expected?: string[] | string | null;
  near?: string | null;
  severity?: string;
}

export interface Estimate {
  /** Absent where the rule has faults. */
  count: number | null;
  low?: number;
  high?: number;
  sampled?: number;
  of?: number;
  exact: boolean;
  people: { profile: string; namespace?: string | null; value?: string | null }[];
  diagnostics: Fault[];
  text: string | null;
  json: Rule | null;
  took_ms: number;
}

export type Trend = components['schemas']['SegmentTrend'];

/** Members over time, as a line: by day or by minute, oldest first. */
export interface Line { every: 'minute' | 'day'; since: string | null; until: string | null; members: number[] }

export const useSegments = () => useRead<{ segments: (Segment & { trend: Line })[] }>('/v1/segments', { query: { trend: true } }, { refetchInterval: 5_000 });
export const useSegment = (name: string) => useRead<Segment>('/v1/segments/{name}', { path: { name } }, { refetchInterval: 3_000 });
export const useTrend = (name: string) => useRead<Trend>('/v1/segments/{name}/trend', { path: { name } }, { refetchInterval: 15_000 });
export const useDependents = (name: string) => useRead<{ items: { kind: string; name: string; how: string }[] }>('/v1/segments/{name}/dependents', { path: { name } });

export function useDefinition(name: string) {
  const query = useRead<{ definitions: { segments: Record<string, Published<Definition>> } }>('/v1/definitions');
  return { ...query, data: query.data ? (query.data.definitions.segments[name]?.definition ?? { rule: '' }) : undefined };
}

/** What a rule is: how many it holds for, who for example, what is wrong with it, and its other form. */
export function useEstimate(asked: { text: string } | { json: Rule } | null) {
  return useQuery<Estimate, Problem>({
    queryKey: ['/v1/segments/estimate', asked],
    queryFn: ({ signal }) => call<Estimate, 'post'>('post', '/v1/segments/estimate', { body: asked, signal }),
    enabled: asked !== null,
    placeholderData: (before) => before,
    staleTime: 10_000,
    retry: false,
  });
}

export interface Offered {
  items: { name: string; type?: string; kind?: string; words?: string; count?: number }[];
}

/** Names that are known, for completion. */
export async function complete(kind: string, prefix: string, of?: string): Promise<Offered['items']> {
  const answer = await call<Offered, 'get'>('get', '/v1/complete', { query: { kind, prefix, event: of } });
  return answer.items;
}
