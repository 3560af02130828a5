import { useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { call } from './client';
import type { Problem } from './problem';
import type { components } from './schema';

export type Reach = components['schemas']['SegmentEstimate'];

const named = (name: string) => `in segment "${name.replace(/["\\]/g, '')}"`;

/** The people of an audience as a question to the server. */
export function questionOf(inside: string[], outside: string[]): string {
  const any = inside.map(named).join(' or ');
  return [inside.length > 1 ? `(${any})` : any, ...outside.map((name) => `not ${named(name)}`)].join(' and ');
}

/** How many people a question holds for. */
export function useReach(question: string) {
  const [asked] = useDebouncedValue(question, 250);
  return useQuery<Reach, Problem>({
    queryKey: ['/v1/segments/estimate', 'reach', asked],
    queryFn: ({ signal }) => call<Reach, 'post'>('post', '/v1/segments/estimate', { body: { text: asked }, signal }),
    enabled: asked !== '', retry: false, placeholderData: (before) => before,
  });
}
