import { useRead, type Page } from '@/api/queries';
import type { components } from '@/api/schema';

export type Listed = components['schemas']['JourneyListed'];
export type Graph = components['schemas']['JourneyGraph'];

/** What is drawn: a step of the journey, or what begins it. */
export interface DrawnStep {
  id: string;
  kind: string;
  words: string;
  waiting: number;
}

export interface DrawnEdge {
  from: string;
  to: string;
  when?: string | null;
  passed: number;
}

export interface Drawn {
  steps: DrawnStep[];
  edges: DrawnEdge[];
}

export const useJourneys = () => useRead<Page<Listed>>('/v1/journeys', {}, { refetchInterval: 3_000 });
export const useJourney = (name: string) => useRead<Graph>('/v1/journeys/{name}', { path: { name } }, { refetchInterval: 2_000 });

/** The id of what begins a journey in the drawing: no step is called so, since it has a space. */
export const ENTRY = 'the entry';

/** The graph with what begins it on top. */
export function drawn(graph: Graph): Drawn {
  return {
    steps: [{ id: ENTRY, kind: 'entry', words: graph.entry, waiting: 0 }, ...graph.steps],
    edges: [{ from: ENTRY, to: graph.first, passed: graph.entered }, ...graph.edges],
  };
}
