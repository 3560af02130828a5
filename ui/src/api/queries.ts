import {
  QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient, type UseQueryOptions,
} from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { address, call, get, type Options, type PathOf } from './client';
import { Problem } from './problem';

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the server has refused it will refuse again; what did not arrive may arrive.
        retry: (count, error) => !(error instanceof Problem) && count < 2,
      },
    },
  });
}

type More<T> = Partial<Pick<UseQueryOptions<T>, 'refetchInterval' | 'enabled' | 'placeholderData' | 'staleTime'>>;

/** What an address of the API says. The address is the key of the cache. */
export function useRead<T>(path: PathOf<'get'>, options: Options = {}, more: More<T> = {}) {
  return useQuery<T>({
    queryKey: [path, options.path ?? {}, options.query ?? {}],
    queryFn: ({ signal }) => get<T>(path, { ...options, signal }),
    ...more,
  } as UseQueryOptions<T>);
}

interface Listed {
  state: { data?: unknown; isInvalidated: boolean };
}

/**
 * When a list is asked for again because somebody came back: to the window, to the network, to the page. Every page that is loaded
 * would be: who has read on a long way would wait for all of it, and what they read would move under them. What they changed
 * themselves is asked for again all the same.
 */
const whileShort = ({ state }: Listed) => ((state.data as { pages: unknown[] } | undefined)?.pages.length ?? 0) <= 1;
export const LISTED = {
  refetchOnWindowFocus: whileShort, refetchOnReconnect: whileShort, refetchOnMount: (list: Listed) => whileShort(list) || list.state.isInvalidated,
};

/** A page of a list. */
export interface Page<T> {
  items: T[];
  next?: string | null;
}

/** A list that goes on by cursor. What it begins with is asked for again `every` so many milliseconds, until one has gone on. */
export function usePages<T, P extends Page<T> = Page<T>>(path: PathOf<'get'>, options: Options = {}, { enabled = true, every = 0 } = {}) {
  const query = useInfiniteQuery({
    queryKey: [path, options.path ?? {}, options.query ?? {}, 'pages'],
    queryFn: ({ pageParam, signal }) =>
      get<P>(path, { ...options, query: { ...options.query, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    enabled,
    ...LISTED,
    refetchInterval: ({ state: { data } }) => (every > 0 && (data?.pages.length ?? 0) <= 1 ? every : false),
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  /** Asks for what failed once more: the next page, or all of it. */
  const repeat = () => void (query.isFetchNextPageError ? query.fetchNextPage() : query.refetch());
  return { ...query, items, first: query.data?.pages[0], repeat };
}

type Change = 'post' | 'put' | 'patch' | 'delete';

/**
 * A change. What it touches is asked for again: everything whose path begins so, or with `$` is so. What is to be asked `later` as well
 * takes long, and nobody waits for it.
 */
export function useChange<T, V = void>(
  make: (value: V) => { method: Change; path: PathOf<Change>; options?: Options },
  touches: string[],
  later: string[] = [],
) {
  const client = useQueryClient();
  const again = (paths: string[]) =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => paths.some((path) => (path.endsWith('$') ? queryKey[0] === path.slice(0, -1) : String(queryKey[0]).startsWith(path))),
    });
  return useMutation<T, Error, V>({
    mutationFn: (value) => {
      const { method, path, options } = make(value);
      return call<T, Change>(method, path, options);
    },
    onSuccess: () => {
      void again(later);
      return again(touches);
    },
  });
}

/** Whether a stream of server-sent events stands. */
export type Standing = 'opening' | 'open' | 'lost';

const MESSAGE = ['message'] as const;

// How long after a stream was refused it is asked for again; each time twice as long, up to the last.
const AGAIN_MS = 2_000;
const AGAIN_MAX_MS = 30_000;

/**
 * Hears what the server says by itself. The browser opens a lost stream again; one that was refused
 * (too many are open, nobody is signed in any more) it gives up, and so it is opened again here.
 */
export function useStream<T>(path: PathOf<'get'>, query: Options['query'], enabled: boolean, hear: (data: T, name: string) => void, names: readonly string[] = MESSAGE): Standing {
  const [standing, setStanding] = useState<Standing>('opening');
  const heard = useRef(hear);
  useEffect(() => {
    heard.current = hear;
  });
  const target = address(path, { query });
  useEffect(() => {
    if (!enabled) return;
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait = AGAIN_MS;
    const read = (event: MessageEvent<string>) => heard.current(JSON.parse(event.data) as T, event.type);
    const open = () => {
      source = new EventSource(target);
      names.forEach((name) => source.addEventListener(name, read as EventListener));
      source.addEventListener('open', () => {
        wait = AGAIN_MS;
        setStanding('open');
      });
      source.addEventListener('error', () => {
        setStanding('lost');
        if (source.readyState !== EventSource.CLOSED) return;
        // A stream does not say why it was refused: asking who is signed in does.
        void get('/v1/session').catch(() => undefined);
        timer = setTimeout(open, wait);
        wait = Math.min(wait * 2, AGAIN_MAX_MS);
      });
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
      // Another stream, or the same later on, is not open because this one was.
      setStanding('opening');
    };
  }, [target, enabled, names]);
  return standing;
}
