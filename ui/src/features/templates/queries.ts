import { useQuery } from '@tanstack/react-query';
import { call } from '@/api/client';
import type { Problem } from '@/api/problem';
import { useRead } from '@/api/queries';
import type { components } from '@/api/schema';

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

export type Variables = components['schemas']['UsedVariables'];

export const useTemplates = () => useRead<{ definitions: { templates: Record<string, { revision: number; definition: Template }> } }>('/v1/definitions');
export const useVariables = (name: string) => useRead<Variables>('/v1/templates/{name}/variables', { path: { name } });

export interface Asked {
  template?: string;
  definition?: Record<string, unknown>;
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
