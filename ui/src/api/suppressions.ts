import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { call } from './client';

export interface Address {
  namespace: string;
  address: string;
}

/** What is kept from an address: all of it, or what nobody asked for. */
export type Stops = 'everything' | 'marketing';

/** Why an address gets nothing, and what of all. */
export interface Word {
  reason: string;
  stops: Stops;
}

/** Keeps messages from an address, or lifts that. */
export async function suppress(client: QueryClient, { namespace, address }: Address, word: Word | null): Promise<void> {
  await call<void>(word === null ? 'delete' : 'post', '/v1/suppressions', { body: { namespace, address, ...word } });
  await client.invalidateQueries({ predicate: ({ queryKey }) => ['/v1/profiles', '/v1/messages', '/v1/explain', '/v1/suppressions'].some((path) => String(queryKey[0]).startsWith(path)) });
}

export function useSuppress() {
  const client = useQueryClient();
  return (address: Address, word: Word | null) => suppress(client, address, word);
}
