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

type Schemas = components['schemas'];

export type Fault = Schemas['RuleFinding'];
export type Estimate = Omit<Schemas['SegmentEstimate'], 'json'> & { json: Rule | null };
export type Trend = components['schemas']['SegmentTrend'];

export const useSegments = () => useRead<Schemas['SegmentList']>('/v1/segments', { query: { trend: true } }, { refetchInterval: 5_000 });
export const useSegment = (name: string) => useRead<Segment>('/v1/segments/{name}', { path: { name } }, { refetchInterval: 3_000 });
export const useTrend = (name: string) => useRead<Trend>('/v1/segments/{name}/trend', { path: { name } }, { refetchInterval: 15_000 });
export const useDependents = (name: string) => useRead<Schemas['DependentList']>('/v1/segments/{name}/dependents', { path: { name } });

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

export type Offered = Schemas['CompletedNames'];

/** Names that are known, for completion. */
export async function complete(kind: string, prefix: string, of?: string): Promise<Offered['items']> {
  const answer = await call<Offered, 'get'>('get', '/v1/complete', { query: { kind, prefix, event: of } });
  return answer.items;
}
