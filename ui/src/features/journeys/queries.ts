import { useRead, type Page } from '@/api/queries';
import type { components } from '@/api/schema';
import type { Text } from '@/text';
import { entryWords, stepWords } from './says';

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
export const useJourney = (name: string, revision?: string) => useRead<Graph>('/v1/journeys/{name}', { path: { name }, query: { revision } }, { refetchInterval: 2_000 });

/** The id of what begins a journey in the drawing: no step is called so, since it has a space. */
export const ENTRY = 'the entry';

/** The graph with what begins it on top. */
export function drawn(graph: Graph, says: Text['journeys']['says']): Drawn {
  return {
    steps: [{ id: ENTRY, kind: 'entry', words: entryWords(graph, says), waiting: 0 }, ...graph.steps.map((step) => ({ ...step, words: stepWords(step, says) }))],
    edges: [{ from: ENTRY, to: graph.first, passed: graph.entered }, ...graph.edges],
  };
}

/** A step with one way out of it; further ways of the same step are rows without the step. */
export interface WalkRow {
  key: string;
  from: string;
  step: Graph['steps'][number] | null;
  edge: Graph['edges'][number] | null;
}

/** The path as rows, for who reads rather than looks: every step, and every way out of it. */
export function walkOf(graph: Graph): WalkRow[] {
  return graph.steps.flatMap((step): WalkRow[] => {
    const ways = graph.edges.filter((edge) => edge.from === step.id);
    if (ways.length === 0) return [{ key: step.id, from: step.id, step, edge: null }];
    return ways.map((edge, place) => ({ key: `${step.id}/${edge.to}/${place}`, from: step.id, step: place === 0 ? step : null, edge }));
  });
}
