import { useRead } from '@/api/queries';

export interface Listed {
  name: string;
  revision: number;
  entered: number;
  inside: number;
  completed: number;
}

export interface GraphStep {
  id: string;
  kind: string;
  words?: string;
  title?: string;
  waiting?: number;
  passed?: number;
  [more: string]: unknown;
}

export interface GraphEdge {
  from: string;
  to: string;
  label?: string | null;
  words?: string | null;
  passed?: number;
}

export interface Graph extends Listed {
  steps: GraphStep[];
  edges: GraphEdge[];
  definition: unknown;
  since?: string;
  entry?: unknown;
}

export const useJourneys = () => useRead<{ journeys?: Listed[]; items?: Listed[] }>('/v1/journeys', {}, { refetchInterval: 3_000 });
export const useJourney = (name: string) => useRead<Graph>('/v1/journeys/{name}', { path: { name } }, { refetchInterval: 2_000 });
