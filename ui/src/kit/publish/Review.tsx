import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { publish, usePlanned, type Document, type Named } from '@/api/definitions';
import type { Plan } from '@/api/shapes';
import { useText } from '@/text';
import { Confirm } from '../Confirm';
import { Diff } from '../Diff';
import { sentenceOf } from '../form/document';
import { Waiting } from '../Loaded';
import { tell } from '../toast';

/** Publishes, says so, and offers to take it back by publishing what was before. */
export function usePublishing() {
  const client = useQueryClient();
  const text = useText().kit.publish;
  const say = (named: Named, before: unknown) => {
    const undo = () => {
      publish(client, named, before as Document).then(
        () => tell(text.undone(named.name)),
        (error: unknown) => tell(text.undoFailed(error instanceof Error ? error.message : String(error))),
      );
    };
    // What is new cannot be taken back by publishing: there is nothing that was before.
    tell(text.published(named.name), before ? undo : undefined);
  };
  return useMutation<Plan, Error, { named: Named; document: Document; before: unknown }>({
    mutationFn: ({ named, document }) => publish(client, named, document),
    onSuccess: (_, { named, before }) => say(named, before),
  });
}

interface Props {
  named: Named;
  document: Document;
  title?: string;
  verb?: string;
  /** What it means besides, in numbers. */
  consequences?: ReactNode[];
  close: () => void;
  done: () => void;
}

/** What publishing would change, before it does. */
export function Review({ named, document, title, verb, consequences = [], close, done }: Props) {
  const text = useText().kit.publish;
  const plan = usePlanned(named, document, 0);
  const publishing = usePublishing();
  const { own } = plan;
  const errors = plan.faults.filter((fault) => fault.severity !== 'warning');
  const warnings = plan.faults.filter((fault) => fault.severity === 'warning');
  const nothing = plan.data !== undefined && !own && errors.length === 0;
  const lines = [
    ...(nothing ? [text.same] : own?.what === 'add' ? [text.adds(named.name)] : own ? [text.changes(named.name)] : []),
    ...(nothing ? [] : consequences),
    ...errors.map((fault) => <span key={fault.path + fault.code}><code>{fault.path}</code> {sentenceOf(fault)}</span>),
    ...warnings.map((fault) => <span key={fault.path + fault.code} className="dim"><code>{fault.path}</code> {sentenceOf(fault)}</span>),
  ];
  return (
    <Confirm
      opened close={close} title={title ?? text.title(named.name)} verb={verb ?? text.verb} size="lg" busy={publishing.isPending || plan.isPending}
      error={publishing.error ?? (plan.error && errors.length === 0 ? plan.error : null)} barred={nothing || errors.length > 0} consequences={lines}
      act={() => publishing.mutate({ named, document, before: own?.before ?? null }, { onSuccess: done })}
    >
      {plan.isPending ? <Waiting rows={3} /> : own ? <Diff before={own.before} after={own.after} label={text.diff} /> : null}
    </Confirm>
  );
}
