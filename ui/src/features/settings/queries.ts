import { useChange, usePages, useRead } from '@/api/queries';
import type { components } from '@/api/schema';

export const SCOPES = ['write', 'lookup', 'lists', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];
type Schemas = components['schemas'];
export type Key = Omit<Schemas['Key'], 'scope'> & { scope: Scope };
export type Member = Schemas['Member'];
export type Row = Schemas['AuditRow'];
export interface Tested { outcome: string; words: string; hint?: string | null; answer?: string | null; message: string; took_ms: number }
export interface Provider {
  name: string; channel: string; kind: string; reached: string; used: boolean; in_flight: number; per_second?: number | null; trouble?: string | null;
  accepted: number; refused: number; unreached: number; last_failure?: string | null; last_failure_at?: string | null;
}
export interface All {
  providers: Provider[];
  policy: {
    default_zone: string; quiet_hours?: { from: string; to: string } | null; frequency_caps: { messages: number; window: string; channel?: string | null }[];
    holdout_per_mille: number; consent_required: boolean; message_lifetime: string; week_starts: string;
  };
  retention: { event: string; kept: string }[];
  limits: { name: string; value: number; words: string }[];
  server: { version: string; public_url: string; partitions: number; plan: number };
}

export const useKeys = () => useRead<{ keys: Key[] }>('/v1/keys');
export const useMakeKey = () => useChange<Schemas['KeyMade'], { name: string; scope: Scope }>((body) => ({ method: 'post', path: '/v1/keys', options: { body } }), ['/v1/keys']);
export const useRevoke = () => useChange<void, string>((prefix) => ({ method: 'delete', path: '/v1/keys/{prefix}', options: { path: { prefix } } }), ['/v1/keys']);

export const useMembers = () => useRead<Schemas['MemberList']>('/v1/members');
export const useInvite = () => useChange<Schemas['MemberInvited'], { email: string; name: string; role: string }>((body) => ({ method: 'post', path: '/v1/members', options: { body } }), ['/v1/members']);
export const useChangeMember = () => useChange<Member, { email: string; role?: string; disabled?: boolean }>(({ email, ...body }) => ({ method: 'patch', path: '/v1/members/{email}', options: { path: { email }, body } }), ['/v1/members']);
export const useReinvite = () => useChange<Schemas['MemberInvited'], string>((email) => ({ method: 'post', path: '/v1/members/{email}/invitation', options: { path: { email } } }), ['/v1/members']);
export const useRemoveMember = () => useChange<void, string>((email) => ({ method: 'delete', path: '/v1/members/{email}', options: { path: { email } } }), ['/v1/members']);

export const useAudit = (filter: { who?: string; what?: string }) => usePages<Row>('/v1/audit', { query: { ...filter, limit: 50 } });
export const useDefinitions = () => useRead<Schemas['Definitions']>('/v1/definitions');
export const useSettings = () => useRead<All>('/v1/settings');
export const useTest = (name: string) => useChange<Tested, { to: string; sender?: string }>((body) => ({ method: 'post', path: '/v1/providers/{name}/test', options: { path: { name }, body } }), []);

export const useRetain = () => useChange<void, { event: string; before: string }>((body) => ({ method: 'post', path: '/v1/retention', options: { body } }), ['/v1/settings']);

export interface Secret { name: string; at: string; opens: boolean; used_by: string[] }

export const useSecrets = () => useRead<{ secrets: Secret[] }>('/v1/secrets');
export const useSetSecret = () => useChange<void, { name: string; value: string }>(({ name, value }) => ({ method: 'put', path: '/v1/secrets/{name}', options: { path: { name }, body: { value } } }), ['/v1/secrets', '/v1/settings']);
export const useForgetSecret = () => useChange<void, string>((name) => ({ method: 'delete', path: '/v1/secrets/{name}', options: { path: { name } } }), ['/v1/secrets']);

export type Backup = components['schemas']['BackupMade'];
export const useBackups = () => useRead<{ backups: Backup[] }>('/v1/backups');
export const useMakeBackup = () => useChange<Backup>(() => ({ method: 'post', path: '/v1/backups' }), ['/v1/backups', '/v1/overview']);

export interface Destination {
  name: string;
  segments: string[];
  /** Of one that is told of changes: so many are not told yet. */
  behind?: number | null;
  standing: { disabled?: string | null; last_failure?: string | null; failing_since?: string | null; version?: number; made_at?: string | null } | null;
}
export const useDestinations = () => useRead<{ destinations: Destination[] }>('/v1/destinations', {}, { refetchInterval: 3_000 });
export const useResumeDestination = (name: string) => useChange<void>(() => ({ method: 'post', path: '/v1/destinations/{name}/resume', options: { path: { name } } }), ['/v1/destinations', '/v1/overview']);
export const useMakeSnapshot = (name: string) => useChange<{ version: number }>(() => ({ method: 'post', path: '/v1/destinations/{name}/snapshots', options: { path: { name } } }), ['/v1/destinations', '/v1/overview']);
