import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';

interface Props {
  to: string;
  children: ReactNode;
  className?: string | undefined;
  current?: boolean;
  replace?: boolean;
}

/** A link inside of the console, by its address with question and all. */
export function To({ to, children, className, current, replace }: Props) {
  const { pathname, search, hash } = new URL(to, location.origin);
  const question = Object.fromEntries(new URLSearchParams(search));
  return (
    <Link
      to={pathname as never}
      search={question as never}
      {...(hash ? { hash: hash.slice(1) } : {})}
      activeOptions={{ exact: true, includeSearch: true }}
      className={className ?? ''}
      {...(current ? { 'aria-current': 'page' as const } : {})}
      {...(replace ? { replace: true } : {})}
    >
      {children}
    </Link>
  );
}

/** An address with its parts written so that any value stays a value. */
export function href(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((whole, part, place) => {
    const value = values[place];
    return whole + part + (value === undefined ? '' : encodeURIComponent(String(value)));
  }, '');
}

/** Goes to an address. */
export function useGo(): (to: string) => void {
  const navigate = useNavigate();
  return (to) => {
    const { pathname, search } = new URL(to, location.origin);
    void navigate({ to: pathname as never, search: Object.fromEntries(new URLSearchParams(search)) as never });
  };
}

type Question = Record<string, string>;

/** What the address asks, and how to change it: filters, tabs and selections live there. */
export function useQuestion(): [Question, (change: Record<string, string | undefined>) => void] {
  const search = useRouterState({ select: (state) => state.location.search }) as unknown as Record<string, unknown>;
  const navigate = useNavigate();
  const question: Question = {};
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null) question[name] = String(value);
  }
  const change = (wanted: Record<string, string | undefined>) => {
    const next: Question = { ...question };
    for (const [name, value] of Object.entries(wanted)) {
      if (value) next[name] = value;
      else delete next[name];
    }
    void navigate({ to: '.', search: next as never, replace: true });
  };
  return [question, change];
}
