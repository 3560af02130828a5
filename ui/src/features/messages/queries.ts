import { usePages, useRead } from '@/api/queries';
import type { components } from '@/api/schema';

export type Explained = components['schemas']['Explained'];

export type Content = components['schemas']['MessageContent'];
export type Letter = components['schemas']['InboxItem'];

export const useExplained = (id: string) => useRead<Explained>('/v1/explain/{id}', { path: { id } }, { refetchInterval: 3_000 });
export const useContent = (id: string) => useRead<Content>('/v1/messages/{id}/content', { path: { id } });
export const useMessagesOf = (to: string, filter: { state?: string | undefined; template?: string | undefined }) => useRead<components['schemas']['MessageList']>('/v1/messages', { query: { to, limit: 200, ...filter } }, { enabled: to !== '' });
export const useInbox = (to: string) => usePages<Letter>('/v1/inbox', { query: { to: to || undefined, limit: 50 } });
