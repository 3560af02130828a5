import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { get } from '@/api/client';
import { LISTED } from '@/api/queries';
import type { components } from '@/api/schema';

/** What the list can be asked for. The names are those of the API, and of the address. */
export const FILTERS = ['state', 'reason', 'campaign', 'journey', 'template', 'channel', 'topic', 'run', 'queue', 'since', 'until'] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filter = Partial<Record<FilterName, string>>;

export function filterOf(question: Record<string, string>): Filter {
  return Object.fromEntries(FILTERS.flatMap((name) => (question[name] ? [[name, question[name]]] : [])));
}

type Answer = components['schemas']['MessageList'];

const ROWS = 50;
// Limit: answers that are asked for by themselves while too few messages fit. An answer looks at so
// many and no more; where few of many fit, somebody says whether to look further.
const BY_ITSELF_MAX = 8;

/** Whether the next answer is asked for without anybody saying so. */
export function goesOn(found: number, wanted: number, answers: number, asked: number): boolean {
  return found < wanted && answers - asked < BY_ITSELF_MAX;
}

/** Messages newest first, as the server lists them. */
export function useLedger(filter: Filter) {
  const query = useInfiniteQuery({
    queryKey: ['/v1/messages', filter, 'pages'],
    queryFn: ({ pageParam, signal }) => get<Answer>('/v1/messages', { query: { ...filter, limit: ROWS, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    ...LISTED,
  });
  const pages = query.data?.pages ?? [];
  const messages = pages.flatMap((page) => page.messages);
  // What was there when more was asked for the last time.
  const [asked, setAsked] = useState({ messages: 0, answers: 0 });
  const { hasNextPage, isFetching, error, fetchNextPage } = query;
  const more = hasNextPage && !isFetching && !error && goesOn(messages.length, asked.messages + ROWS, pages.length, asked.answers);
  useEffect(() => {
    if (more) void fetchNextPage();
  }, [more, fetchNextPage]);
  return {
    messages,
    backTo: pages.at(-1)?.back_to ?? null,
    hasMore: hasNextPage,
    looking: isFetching || more,
    error,
    again: () => void query.refetch(),
    more: () => {
      setAsked({ messages: messages.length, answers: pages.length });
      void fetchNextPage();
    },
  };
}
