import { useChange, useRead } from '@/api/queries';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type Source = Schemas['Source'];
export type File = Schemas['SourceFile'];

/** A source as it is written, as far as a page shows it. */
export interface Written {
  description?: string;
  folder?: string;
  store?: { endpoint: string; bucket: string; prefix?: string };
  nats?: { server: { url: string }; stream: string; subject?: string };
  pattern?: string;
  every?: string;
  at?: string;
  monthly?: boolean;
}

const EVERY = { refetchInterval: 3_000 };
const TOUCHED = ['/v1/sources'];

export const useSources = () => useRead<Schemas['SourceList']>('/v1/sources', {}, EVERY);
export const useSource = (name: string) => useRead<Source>('/v1/sources/{name}', { path: { name } }, EVERY);
export const useFiles = (name: string) => useRead<Schemas['SourceFileList']>('/v1/sources/{name}/files', { path: { name } }, EVERY);
/** Looks now; a file that is named is taken again. */
export const useRun = (name: string) => useChange<void, string | null>((again) => ({ method: 'post', path: '/v1/sources/{name}/run', options: { path: { name }, query: { again } } }), TOUCHED);
