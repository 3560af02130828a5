import { useQuery } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Diagnostic, Problem } from '@/api/problem';
import { useChange, useRead } from '@/api/queries';
import type { Plan } from '@/api/shapes';

export interface Template {
  channel: string;
  subject?: string;
  html?: string;
  text?: string;
  topic?: string | null;
  [more: string]: unknown;
}

export interface Listed {
  name: string;
  revision: number;
  channel: string;
  topic?: string | null;
  subject?: string | null;
  used_by?: { kind: string; name: string }[];
}

export interface Preview {
  subject: string | null;
  html: string | null;
  text: string | null;
  diagnostics: Diagnostic[];
  variables?: unknown;
}

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
