import { useChange, useRead } from '@/api/queries';
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

// What is under way moves while one looks.
export const useRuns = () => useRead<{ runs: CampaignRun[] }>('/v1/campaigns', {}, { refetchInterval: 1_500 });

export const useStart = (name: string) =>
  useChange<CampaignRun>(() => ({ method: 'post', path: '/v1/campaigns/{name}/start', options: { path: { name } } }), ['/v1/campaigns']);

export type Steering = 'pause' | 'resume' | 'cancel';

export const useSteer = (id: number) =>
  useChange<CampaignRun, Steering>((to) => ({ method: 'post', path: '/v1/campaigns/runs/{id}/{to}', options: { path: { id, to } } }), ['/v1/campaigns']);
