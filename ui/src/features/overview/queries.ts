import { useQueryClient } from '@tanstack/react-query';
import type { components } from '@/api/schema';
import { useRead, useStream } from '@/api/queries';

export type Overview = components['schemas']['Overview'];

const HEARD = ['message', 'overview'] as const;

/** How everything is, once a second. */
export function useOverview() {
  const client = useQueryClient();
  const query = useRead<Overview>('/v1/overview', {}, { staleTime: 60_000 });
  const standing = useStream<Overview>('/v1/overview/live', {}, query.data !== undefined, (said) => client.setQueryData(['/v1/overview', {}, {}], said), HEARD);
  return { ...query, standing };
}
