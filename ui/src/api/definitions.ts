// Definitions of any kind: what is in force, what was, what would change, and the change.
import { useQuery, type QueryClient } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { belongsTo } from '@/kit/form/document';
import { call } from './client';
import type { Diagnostic, Problem } from './problem';
import { useRead } from './queries';
import type { components } from './schema';
import type { Definitions, Plan, Published } from './shapes';

export type Document = Record<string, unknown>;

/** A definition by the folder of its kind and its name. */
export interface Named {
  folder: string;
  name: string;
}

export type Revision = components['schemas']['DefinitionRevision'];

/** The word of a kind in paths of faults: `campaigns` → `campaign`; `policy` and `sharing` are their own. */
export const kindOf = (folder: string) => (folder.endsWith('s') ? folder.slice(0, -1) : folder);

export const useDefinitions = (staleTime = 5_000) => useRead<Definitions>('/v1/definitions', {}, { staleTime });

/** One definition in force. `undefined` while it is not known yet; the definition is `null` where there is none. */
export function useDefinition({ folder, name }: Named) {
  const query = useDefinitions(0);
  const found = query.data?.definitions[folder]?.[name];
  return { ...query, data: query.data ? { published: (found as Published<Document> | undefined) ?? null } : undefined };
}

export const useRevisions = ({ folder, name }: Named) =>
  useRead<{ items: Revision[] }>('/v1/definitions/{kind}/{name}/revisions', { path: { kind: folder, name } }, { staleTime: 0 });

const bodyOf = ({ folder, name }: Named, document: Document) => ({ definitions: { [folder]: { [name]: document } } });

/** The revision that there is of what there is none of. */
export const NONE = 0;

// Kinds whose numbers on the screen change when definitions do.
const TOUCHED = ['/v1/definitions', '/v1/settings', '/v1/templates', '/v1/segments', '/v1/campaigns', '/v1/journeys', '/v1/lists', '/v1/schemas', '/v1/sources'];

/** What publishing would change, and every fault: asked anew whenever the document is another one. */
export function usePlanned(named: Named, document: Document | null, wait = 250) {
  const wanted = JSON.stringify(document);
  const [settled] = useDebouncedValue(wanted, wait);
  const query = useQuery<Plan, Problem>({
    queryKey: ['/v1/definitions/check', named.folder, named.name, settled],
    queryFn: ({ signal }) => call<Plan, 'post'>('post', '/v1/definitions/check', { body: bodyOf(named, JSON.parse(settled) as Document), signal }),
    enabled: document !== null && named.name !== '',
    retry: false, staleTime: 0, placeholderData: (before) => before,
  });
  const own = query.data?.changes.find((change) => change.name === named.name && change.kind === kindOf(named.folder));
  const said: Diagnostic[] = query.data?.diagnostics ?? query.error?.fields ?? [];
  const prefix = `${kindOf(named.folder)}/${named.name}`;
  // What was wrong before with others is not this page's business, unless it keeps this from being published.
  const faults = said.filter((fault) => belongsTo(fault, prefix) || fault.severity !== 'warning');
  return { ...query, own, faults, prefix, settled: settled === wanted };
}

/** What removing a definition would do: `removes` says who uses it, and how much is in it. */
export type Removal = Plan;

const without = ({ folder, name }: Named) => ({ remove: { [folder]: [name] } });

export const useRemoval = (named: Named) =>
  useQuery<Removal, Problem>({
    queryKey: ['/v1/definitions/plan', 'remove', named.folder, named.name],
    queryFn: ({ signal }) => call<Removal, 'post'>('post', '/v1/definitions/plan', { body: without(named), signal }),
    retry: false, staleTime: 0, gcTime: 0,
    // What somebody is reading is what they agree to: it becomes another thing only when it is refused.
    refetchOnWindowFocus: false, refetchOnReconnect: false,
  });

/**
 * Removes one definition, of which a revision was seen. The server refuses while somebody uses it, and
 * where another revision is in force by then: what nobody has looked at is not removed.
 */
export async function remove(client: QueryClient, named: Named, from: number): Promise<Removal> {
  const expected = { [named.folder]: { [named.name]: from } };
  try {
    const plan = await call<Removal, 'post'>('post', '/v1/definitions/apply', { body: { ...without(named), expected } });
    // Not: asked for again now. The page that is left would ask for what is gone.
    await touched(client, 'none');
    return plan;
  } catch (error) {
    if ((error as Problem).code === 'outdated') await touched(client);
    throw error;
  }
}

/** Where a definition is shown or written. */
export function homeOfKind(folder: string, name: string): string {
  const own = ['segments', 'campaigns', 'journeys', 'templates', 'lists', 'sources'].includes(folder);
  return own ? `/${folder}/${encodeURIComponent(name)}` : `/definitions/${encodeURIComponent(folder)}/${encodeURIComponent(name)}`;
}

const touched = (client: QueryClient, refetchType: 'active' | 'none' = 'active') => client.invalidateQueries({ refetchType, predicate: ({ queryKey }) => TOUCHED.some((path) => String(queryKey[0]).startsWith(path)) });

/**
 * Publishes one definition that was written from a revision, and has everything asked for again that
 * it may have changed. Refused where another revision is in force by then: nobody's work is lost.
 */
export async function publish(client: QueryClient, named: Named, document: Document, from: number): Promise<Plan> {
  const expected = { [named.folder]: { [named.name]: from } };
  try {
    const plan = await call<Plan, 'post'>('post', '/v1/definitions/apply', { body: { ...bodyOf(named, document), expected } });
    await touched(client);
    return plan;
  } catch (error) {
    // What is in force is another thing than was thought: the page shows it from now on.
    if ((error as Problem).code === 'outdated') await touched(client);
    throw error;
  }
}

/** The revision that publishing made of a definition. */
export function madeBy(plan: Plan, named: Named): number {
  return plan.changes.find((change) => change.name === named.name && change.kind === kindOf(named.folder))?.to ?? NONE;
}

/**
 * What the server knows at a place of a definition: the names of fields, or with `value` the words
 * that may stand there. It is asked by something that it cannot know: its refusal lists what it does.
 */
export async function knownAt(folder: string, at: (string | number)[], what: 'field' | 'value' = 'field'): Promise<string[]> {
  let document: unknown = what === 'field' ? { '?': null } : '?';
  for (const part of [...at].reverse()) document = typeof part === 'number' ? [document] : { [part]: document };
  try {
    await call('post', '/v1/definitions/check', { body: { definitions: { [folder]: { '?': document } } } });
  } catch (error) {
    return namesIn(((error as Problem).fields ?? []).map((fault) => fault.message).join('\n'));
  }
  return [];
}

/** Names that a refusal of something unknown lists behind `expected`. */
export function namesIn(message: string): string[] {
  const from = message.search(/\bexpected\b/);
  if (from < 0 || !/\bunknown\b/.test(message)) return [];
  return [...message.slice(from).matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? '').filter((name) => name !== '?');
}

export const useKnown = (folder: string, at: string[], enabled = true) =>
  useQuery<string[]>({ queryKey: ['known', folder, at], queryFn: () => knownAt(folder, at), staleTime: Infinity, enabled, retry: false });

/** The ways in which a provider can be reached: the server lists them where one says none. */
export const useWays = (enabled = true) =>
  useQuery<string[]>({
    queryKey: ['known', 'providers', 'ways'], staleTime: Infinity, enabled,
    queryFn: async () => {
      const said = await call<Plan, 'post'>('post', '/v1/definitions/check', { body: { definitions: { providers: { '?': { channel: 'email' } } } } });
      const ways = waysIn(said.diagnostics);
      // Without them a form could take anything for a way, and replace it: better no form.
      if (ways.length === 0) throw new Error('the server does not say how providers are reached');
      return ways;
    },
  });

/** The names that stand behind `say one of` where a provider says no way. */
export function waysIn(faults: Diagnostic[]): string[] {
  const hint = faults.find((fault) => fault.code === 'provider-unclear')?.hint ?? '';
  return /^say one of (.+)$/.exec(hint)?.[1]?.split(', ').map((name) => name.trim()) ?? [];
}
