import type { paths } from './schema';
import { problemOf } from './problem';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Paths of the API that a method exists for. */
export type PathOf<M extends Method> = M extends Method ? With<paths, M> : never;

type With<Paths, M extends Method> = {
  [P in keyof Paths]: Paths[P] extends Record<M, unknown> ? P : never;
}[keyof Paths];

type Value = string | number;

export interface Options {
  path?: Record<string, Value>;
  query?: Record<string, Value | boolean | undefined | null>;
  body?: unknown;
  signal?: AbortSignal;
}

let csrf = '';
let hearSignedOut: () => void = () => undefined;

/** Says who is told when the server knows nobody any more. */
export function whenSignedOut(hear: () => void): void {
  hearSignedOut = hear;
}

/** Takes the word that proves that a change comes from this page. */
export function setCsrf(word: string): void {
  csrf = word;
}

/** A path of the API with its values filled in and its question behind it. */
export function address(path: string, options: Options = {}): string {
  const values = options.path ?? {};
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name] ?? '')));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const asked = query.toString();
  return asked ? `${filled}?${asked}` : filled;
}

/** Asks the server. What it refuses is thrown as a `Problem`. */
export async function call<T, M extends Method = Method>(
  method: M,
  path: PathOf<M>,
  options: Options = {},
): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'get' && csrf) headers['x-csrf-token'] = csrf;
  const answer = await fetch(address(path, options), {
    method: method.toUpperCase(),
    headers,
    credentials: 'same-origin',
    body: options.body === undefined ? null : JSON.stringify(options.body),
    signal: options.signal ?? null,
  });
  if (!answer.ok) {
    const problem = await problemOf(answer);
    if (problem.status === 401) hearSignedOut();
    throw problem;
  }
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Reads. */
export function get<T>(path: PathOf<'get'>, options: Options = {}): Promise<T> {
  return call<T, 'get'>('get', path, options);
}
