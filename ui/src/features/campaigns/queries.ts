import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { call, get } from '@/api/client';
import type { Problem } from '@/api/problem';
import { LISTED, useChange, useRead } from '@/api/queries';
import type { components } from '@/api/schema';
import type { CampaignRun, Definitions } from '@/api/shapes';

export interface Campaign {
  name: string;
  revision: number;
  audience: string[];
  exclude: string[];
  template: string;
  channel: string;
  at: string | null;
  monthly: boolean;
  perMinute: number | null;
}

/** Campaigns as their definitions say them. */
export function useCampaigns() {
  const query = useRead<Definitions>('/v1/definitions');
  const found = query.data?.definitions.campaigns;
  const data = found && Object.entries(found).map(([name, { revision, definition }]): Campaign => {
    const said = definition as Record<string, unknown>;
    return {
      name, revision,
      audience: (said.audience as string[]) ?? [],
      exclude: (said.exclude as string[]) ?? [],
      template: String(said.template ?? ''),
      channel: String(said.channel ?? ''),
      at: (said.at as string) ?? null,
      monthly: said.monthly === true,
      perMinute: (said['per-minute'] as number) ?? null,
    };
  });
  return { ...query, data };
}

type RunPage = components['schemas']['CampaignRunList'];

// What is under way moves while one looks.
const MOVES_MS = 1_500;
// What rests, or is much to ask for again and again.
const RESTS_MS = 15_000;
const ROWS = 25;

const moves = (run: CampaignRun) => run.state === 'running' || run.balance.pending > 0;

/** Runs, newest first: of one campaign, or of all. */
export function useRuns(campaign?: string) {
  const query = useInfiniteQuery({
    queryKey: ['/v1/campaigns', {}, { campaign }, 'pages'],
    queryFn: ({ pageParam, signal }) => get<RunPage>('/v1/campaigns', { query: { campaign, limit: ROWS, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    ...LISTED,
    // Every page that is loaded is asked for again: one does to follow, and only while something moves. What is cancelled
    // moves until nothing of it is pending.
    refetchInterval: ({ state: { data } }) => (data?.pages.length === 1 && data.pages[0]?.runs.some(moves) ? MOVES_MS : RESTS_MS),
  });
  return { ...query, data: query.data?.pages.flatMap((page) => page.runs) };
}

/** One run, with who opened and followed its messages. */
export const useRun = (id: string) => useRead<CampaignRun>('/v1/campaigns/runs/{id}', { path: { id } }, { enabled: id !== '', refetchInterval: MOVES_MS });

/** What stands against starting a campaign now. */
export const useAhead = (name: string, enabled: boolean) => useRead<components['schemas']['CampaignAhead']>('/v1/campaigns/{name}/start', { path: { name } }, { enabled, staleTime: 0 });

export type Outlook = components['schemas']['CampaignAudience'];
export type Group = components['schemas']['AudienceGroup'];
export type Example = components['schemas']['AudienceExample'];
export type PeopleCounted = components['schemas']['PeopleCounted'];

/**
 * Who would get a campaign if it started now: judged by the server. To ask everybody may take long: it is done once for each time
 * somebody asks, and not again because they came back to the window; who leaves the page and asks again is told anew.
 */
export function useOutlook(name: string, exact = false, enabled = true) {
  return useQuery<Outlook, Problem>({
    queryKey: ['/v1/campaigns/{name}/audience', { name }, { exact }],
    queryFn: ({ signal }) => get<Outlook>('/v1/campaigns/{name}/audience', { path: { name }, query: { exact }, signal }),
    enabled, staleTime: exact ? Infinity : RESTS_MS, ...(exact ? { gcTime: 0 } : {}), refetchOnWindowFocus: false, placeholderData: (before) => before,
  });
}

/** The same of one that is being written, while it is written; `settled` is it of what stands there now. */
export function useOutlookOf(definition: Record<string, unknown> | null) {
  const [asked] = useDebouncedValue(definition, 300);
  const query = useQuery<Outlook, Problem>({
    queryKey: ['/v1/campaigns/audience', asked],
    queryFn: ({ signal }) => call<Outlook, 'post'>('post', '/v1/campaigns/audience', { body: { definition: asked }, signal }),
    enabled: asked !== null, retry: false, refetchOnWindowFocus: false, placeholderData: (before) => before,
  });
  return { ...query, settled: asked === definition && !query.isPlaceholderData ? query.data : undefined };
}

// What a start or a step changes; and what takes long to ask, for which nobody who pauses a campaign waits.
const MOVED = ['/v1/campaigns$', '/v1/campaigns/runs', '/v1/campaigns/{name}/start$'];
const MOVED_LATER = ['/v1/campaigns/{name}/audience', '/v1/campaigns/{name}/cost'];

/** Starts a campaign; for a reason, where something stands against it. */
export const useStart = (name: string) =>
  useChange<CampaignRun, string>((despite) => ({ method: 'post', path: '/v1/campaigns/{name}/start', options: { path: { name }, ...(despite ? { body: { despite } } : {}) } }), MOVED, MOVED_LATER);

export type Steering = 'pause' | 'resume' | 'cancel';

export const useSteer = (id: number) =>
  useChange<CampaignRun, Steering>((to) => ({ method: 'post', path: '/v1/campaigns/runs/{id}/{to}', options: { path: { id, to } } }), MOVED, MOVED_LATER);
