import { onlineManager, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect } from 'react';
import { call, get, setCsrf, whenSignedOut } from './client';
import { asProblem, Problem } from './problem';
import type { components } from './schema';

export type Role = components['schemas']['Role'];
export type Session = components['schemas']['Session'];

const KEY = ['/v1/session'];

export type Standing =
  | { at: 'asking' }
  | { at: 'out'; setup: boolean }
  | { at: 'failed'; problem: Problem; again: () => void }
  | { at: 'in'; session: Session };

/** Who is signed in. Whatever is refused because nobody is any more is noticed here, once. */
export function useSession(): Standing {
  const client = useQueryClient();
  const query = useQuery<Session>({
    queryKey: KEY, staleTime: 60_000, retry: false,
    // Who comes back to this window may have signed in as somebody else in another one.
    refetchOnWindowFocus: 'always',
    queryFn: async () => {
      const session = await get<Session>('/v1/session');
      const before = client.getQueryData<Session>(KEY);
      if (!before || before.member.email === session.member.email) return session;
      // The page, its draft and all that it knows are of who was here: the other begins with a page of
      // their own. Where the browser asks first and is told to stay, who was here is out.
      location.reload();
      throw new Problem({ code: 'unauthorized', status: 401 });
    },
  });
  const over = query.error !== null && asProblem(query.error).status === 401;
  useEffect(() => {
    if (query.data) setCsrf(query.data.csrf);
  }, [query.data]);
  useEffect(() => {
    whenSignedOut(() => {
      const known = client.getQueryState<Session>(KEY);
      // Who never was in, and who is known to be out, is not asked about again.
      if (known?.data && !known.error && known.fetchStatus !== 'fetching') void client.invalidateQueries({ queryKey: KEY });
    });
  }, [client]);
  useEffect(() => {
    // Nobody is asked in the name of who is out: pages wait as they are.
    onlineManager.setOnline(!over);
  }, [over]);
  if (query.data && !over) {
    // Before any child asks for a change; the effect comes after their first render.
    setCsrf(query.data.csrf);
    return { at: 'in', session: query.data };
  }
  if (query.error) {
    const problem = asProblem(query.error);
    if (problem.status === 401) return { at: 'out', setup: problem.setup };
    return { at: 'failed', problem, again: () => void query.refetch() };
  }
  return { at: 'asking' };
}

export function useSignIn() {
  const client = useQueryClient();
  return async (email: string, password: string) => {
    const before = client.getQueryData<Session>(KEY);
    const session = await call<Session, 'post'>('post', '/v1/session', { body: { email, password } });
    // What waits on the page is of who was here: somebody else begins with a page of their own.
    if (before && before.member.email !== session.member.email) return location.reload();
    client.setQueryData(KEY, session);
  };
}

/** Chooses another password. Every session of the member ends; this one begins anew. */
export function useSetPassword() {
  const client = useQueryClient();
  return async (old: string, next: string) => {
    const session = await call<Session | undefined, 'post'>('post', '/v1/session/password', { body: { old, new: next } });
    if (session?.csrf) client.setQueryData(KEY, session);
    else await client.invalidateQueries({ queryKey: KEY });
  };
}

export function useSignOut() {
  const client = useQueryClient();
  return async () => {
    await call<void, 'delete'>('delete', '/v1/session');
    client.clear();
    location.assign('/');
  };
}

const MemberContext = createContext<Session['member'] | null>(null);
export const MemberProvider = MemberContext.Provider;

/** The member who is signed in. */
export function useMember(): Session['member'] {
  const member = useContext(MemberContext);
  if (!member) throw new Error('only inside of the shell');
  return member;
}

/** Whether the member's role lets them change things; the server decides, this only hides. */
export function useMayEdit(): boolean {
  return useMember().role !== 'viewer';
}
