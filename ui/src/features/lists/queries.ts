import { usePages, useRead } from '@/api/queries';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

export type List = Schemas['List'];
export type Row = Omit<Schemas['ListMember'], 'payload'> & { payload: Record<string, unknown> };

export const useLists = () => useRead<Schemas['ListList']>('/v1/lists', {}, { refetchInterval: 5_000 });
export const useList = (name: string) => useRead<List>('/v1/lists/{name}', { path: { name } }, { refetchInterval: 5_000 });
export const useRows = (name: string) => usePages<Row>('/v1/lists/{name}/members', { path: { name }, query: { limit: 100 } }, { every: 5_000 });
export const useUses = (name: string) => useRead<Schemas['DependentList']>('/v1/lists/{name}/dependents', { path: { name } });
