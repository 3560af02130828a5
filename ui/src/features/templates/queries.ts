import { useQuery } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Problem } from '@/api/problem';
import { useChange, useRead } from '@/api/queries';
import type { components } from '@/api/schema';
import type { Plan } from '@/api/shapes';

export interface Template {
  channel: string;
  subject?: string;
  html?: string;
  text?: string;
  topic?: string | null;
  [more: string]: unknown;
}

export type Preview = components['schemas']['TemplatePreview'];
export type Finding = components['schemas']['TemplateFinding'];

export interface Variables {
  needed: string[];
  variables: { part: string; path: string; fallback: boolean }[];
}

export const useTemplates = () => useRead<{ definitions: { templates: Record<string, { revision: number; definition: Template }> } }>('/v1/definitions');
export const useVariables = (name: string) => useRead<Variables>('/v1/templates/{name}/variables', { path: { name } });

export interface Asked {
  name?: string;
  definition?: Template;
  profile?: { namespace: string; value: string };
  event?: Record<string, unknown>;
}

/** A template filled in for somebody, with what is wrong with it. */
export function usePreview(asked: Asked) {
  return useQuery<Preview, Problem>({
    queryKey: ['/v1/templates/preview', asked],
    queryFn: ({ signal }) => call<Preview, 'post'>('post', '/v1/templates/preview', { body: asked, signal }),
    placeholderData: (before) => before,
    retry: false,
  });
}

const documentOf = (name: string, definition: Template) => ({ definitions: { templates: { [name]: definition } } });

export function usePlan(name: string, definition: Template, enabled: boolean) {
  return useQuery<Plan, Problem>({
    queryKey: ['/v1/definitions/plan', 'templates', name, definition],
    queryFn: ({ signal }) => call<Plan, 'post'>('post', '/v1/definitions/plan', { body: documentOf(name, definition), signal }),
    enabled, retry: false, staleTime: 0,
  });
}

export function useApply(name: string) {
  return useChange<Plan, Template>((definition) => ({ method: 'post', path: '/v1/definitions/apply', options: { body: documentOf(name, definition) } }), ['/v1/definitions', '/v1/templates']);
}
