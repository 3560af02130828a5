import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { call } from './client';

export interface Address {
  namespace: string;
  address: string;
}

/** Keeps everything from an address, or lifts that. */
export async function suppress(client: QueryClient, { namespace, address }: Address, reason: string | null): Promise<void> {
  const body = { namespace, address, ...(reason ? { reason } : {}) };
  await call<void>(reason === null ? 'delete' : 'post', '/v1/suppressions', { body });
  await client.invalidateQueries({ predicate: ({ queryKey }) => ['/v1/profiles', '/v1/messages', '/v1/explain', '/v1/suppressions'].some((path) => String(queryKey[0]).startsWith(path)) });
}

export function useSuppress() {
  const client = useQueryClient();
  return (address: Address, reason: string | null) => suppress(client, address, reason);
}
