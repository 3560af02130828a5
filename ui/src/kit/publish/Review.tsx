import { Checkbox } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { madeBy, NONE, publish, usePlanned, type Document, type Named } from '@/api/definitions';
import { asProblem } from '@/api/problem';
import type { Plan } from '@/api/shapes';
import { useText } from '@/text';
import { Confirm } from '../Confirm';
import { Diff } from '../Diff';
import { Fault } from '../Fault';
import { useFormat } from '../format';
import { Waiting } from '../Loaded';
import { tell } from '../toast';
import { Theirs } from './Drafting';

/** What of a failure is said where there is room for one line. */
export function whyOf(error: unknown): string {
  const problem = asProblem(error);
  return [problem.detail, problem.hint].filter(Boolean).join(' ');
}

interface Publishing {
  named: Named;
  document: Document;
  before: unknown;
  /** The revision from which it was written. */
  from: number;
}

/** Publishes, says so, and offers to take it back by publishing what was before. */
export function usePublishing() {
  const client = useQueryClient();
  const text = useText().kit.publish;
  const say = (named: Named, before: unknown, made: number) => {
    const undo = () => {
      // Only what was published here is taken back: not what somebody published on top of it.
      publish(client, named, before as Document, made).then(
        () => tell(text.undone(named.name)),
        (error: unknown) => tell(text.undoFailed(whyOf(error))),
      );
    };
    // What is new cannot be taken back by publishing: there is nothing that was before.
    tell(text.published(named.name), before ? undo : undefined);
  };
  return useMutation<Plan, Error, Publishing>({
    mutationFn: ({ named, document, from }) => publish(client, named, document, from),
    onSuccess: (plan, { named, before }) => say(named, before, madeBy(plan, named)),
  });
}

interface Props {
  named: Named;
  document: Document;
  /** The revision from which it was written; `NONE` for what is new. */
  from: number;
  title?: string;
  verb?: string;
  /** What it means besides, in numbers. */
  consequences?: ReactNode[];
  close: () => void;
  done: () => void;
}

/** What publishing would change, before it does. */
export function Review({ named, document, from, title, verb, consequences = [], close, done }: Props) {
  const text = useText().kit.publish;
  const format = useFormat();
  const plan = usePlanned(named, document, 0);
  const publishing = usePublishing();
  // The revision of others that somebody has agreed to publish over.
  const [over, setOver] = useState<number | null>(null);
  const { own } = plan;
  const now = own ? (own.from ?? NONE) : from;
  const ahead = now !== from;
  const errors = plan.faults.filter((fault) => fault.severity !== 'warning');
  const warnings = plan.faults.filter((fault) => fault.severity === 'warning');
  const nothing = plan.data !== undefined && !own && errors.length === 0;
  const lines = [
    ...(nothing ? [text.same] : own?.what === 'add' ? [text.adds(named.name)] : own ? [text.changes(named.name)] : []),
    ...(nothing ? [] : consequences),
    ...errors.map((fault) => <span key={fault.path + fault.code}><code>{fault.path}</code> <Fault fault={fault} /></span>),
    ...warnings.map((fault) => <span key={fault.path + fault.code} className="dim"><code>{fault.path}</code> <Fault fault={fault} /></span>),
  ];
  const act = () => publishing.mutate({ named, document, before: own?.before ?? null, from: ahead ? now : from }, { onSuccess: done, onError: () => void plan.refetch() });
  return (
    <Confirm
      opened close={close} title={title ?? text.title(named.name)} verb={verb ?? text.verb} size="lg" busy={publishing.isPending || plan.isPending} danger={ahead}
      error={publishing.error ?? (plan.error && errors.length === 0 ? plan.error : null)} barred={nothing || errors.length > 0 || (ahead && over !== now)} consequences={lines} act={act}
    >
      {ahead ? (
        <div className="notice" role="alert">
          <p>{now === NONE ? text.aheadRemoved : from === NONE ? text.aheadMade(named.name) : text.ahead(format.number(now), format.number(from))} <Theirs named={named} /></p>
          <Checkbox label={text.over} checked={over === now} onChange={(event) => setOver(event.currentTarget.checked ? now : null)} />
        </div>
      ) : null}
      {plan.isPending ? <Waiting rows={3} /> : own ? <Diff before={own.before} after={own.after} label={text.diff} /> : null}
    </Confirm>
  );
}
