import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { asProblem } from '@/api/problem';
import { useText } from '@/text';
import { Fault } from './Fault';
import { foreign, Words } from './Words';

/** Nothing is here yet: what it is, and what makes the first one. */
export function Empty({ title, words, code, next }: { title: string; words?: ReactNode; code?: string; next?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {words ? <p>{typeof words === 'string' ? <Words words={words} own /> : words}</p> : null}
      {code ? <pre tabIndex={0}>{code}</pre> : null}
      {next ? <div className="next">{next}</div> : null}
    </div>
  );
}

/** A no, with what to do about it. */
export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const { kit: text, problems } = useText();
  const problem = asProblem(error);
  const unreachable = problem.code === 'unreachable';
  // Warnings keep nothing back: beside errors they would only hide them.
  const errors = problem.fields.filter((field) => field.severity !== 'warning');
  const faults = errors.length > 0 ? errors : problem.fields;
  return (
    <div className="failed" role="alert">
      <strong>{unreachable ? text.unreachable : <Words words={[problems[problem.code], foreign(problem.detail)].filter(Boolean).join(': ')} own />}</strong>
      <p>{unreachable ? text.unreachableHint : <Words words={problem.hint ?? ''} />}</p>
      {faults.length > 0 ? (
        <ul>
          {faults.map((field, place) => (
            <li key={place}>
              <code>{field.path}</code> <Fault fault={field} />
            </li>
          ))}
        </ul>
      ) : null}
      {again ? (
        <Button mt="sm" size="xs" variant="default" onClick={again}>
          {text.again}
        </Button>
      ) : null}
    </div>
  );
}

export function Waiting({ rows = 5 }: { rows?: number }) {
  const text = useText().kit;
  return (
    <div className="pad" role="status" aria-label={text.loading}>
      {Array.from({ length: rows }, (_, place) => (
        <div key={place} className="skeleton" style={{ width: `${88 - ((place * 17) % 46)}%` }} />
      ))}
    </div>
  );
}

/** What is asked of the server, as far as a page shows it. */
export interface Query<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** What a query knows: it waits, it failed, or it is here. */
export function Loaded<T>({ query, rows, children }: { query: Query<T>; rows?: number; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Failed error={query.error} again={() => void query.refetch()} />;
  return <Waiting {...(rows ? { rows } : {})} />;
}
