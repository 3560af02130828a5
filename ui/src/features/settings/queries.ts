import { useChange, usePages, useRead } from '@/api/queries';
import type { Plan } from '@/api/shapes';

export type Scope = 'write' | 'lookup' | 'admin';
export interface Key { prefix: string; name: string; scope: Scope; at: string }
export interface Member { email: string; name: string; role: string; state: string; disabled: boolean; at: string }
export interface Row { id: number | string; at: string; who: { kind: string; name: string }; what: string; of: string | null; detail: string | null; outcome?: string | null }
export interface Outcome { [more: string]: unknown }

export const useKeys = () => useRead<{ keys: Key[] }>('/v1/keys');
export const useMakeKey = () => useChange<{ name: string; key: string }, { name: string; scope: Scope }>((body) => ({ method: 'post', path: '/v1/keys', options: { body } }), ['/v1/keys']);
export const useRevoke = () => useChange<void, string>((prefix) => ({ method: 'delete', path: '/v1/keys/{prefix}', options: { path: { prefix } } }), ['/v1/keys']);

export const useMembers = () => useRead<{ items: Member[] }>('/v1/members');
export const useInvite = () => useChange<{ member: Member; invitation: string }, { email: string; name: string; role: string }>((body) => ({ method: 'post', path: '/v1/members', options: { body } }), ['/v1/members']);
export const useChangeMember = () => useChange<Member, { email: string; role?: string; disabled?: boolean }>(({ email, ...body }) => ({ method: 'patch', path: '/v1/members/{email}', options: { path: { email }, body } }), ['/v1/members']);
export const useRemoveMember = () => useChange<void, string>((email) => ({ method: 'delete', path: '/v1/members/{email}', options: { path: { email } } }), ['/v1/members']);

export const useAudit = (filter: { who?: string; what?: string }) => usePages<Row>('/v1/audit', { query: { ...filter, limit: 50 } });
export const useDefinitions = () => useRead<{ definitions: Record<string, Record<string, { revision: number; definition: Record<string, unknown> }>> }>('/v1/definitions');
export const useSettings = () => useRead<Record<string, unknown>>('/v1/settings');
export const useTest = (name: string) => useChange<Outcome, { to: string; sender?: string }>((body) => ({ method: 'post', path: '/v1/providers/{name}/test', options: { path: { name }, body } }), []);

export type Wanted = Record<string, Record<string, unknown>>;
export const useApply = () => useChange<Plan, Wanted>((definitions) => ({ method: 'post', path: '/v1/definitions/apply', options: { body: { definitions } } }), ['/v1/definitions', '/v1/settings']);
export const useRetain = () => useChange<void, { event: string; before: string }>((body) => ({ method: 'post', path: '/v1/retention', options: { body } }), ['/v1/settings']);
