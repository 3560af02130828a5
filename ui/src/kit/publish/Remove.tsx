import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { homeOfKind, NONE, publish, remove, useRemoval, type Document, type Named, type Removal } from '@/api/definitions';
import { useText } from '@/text';
import { Confirm } from '../Confirm';
import { Fault } from '../Fault';
import { useFormat } from '../format';
import { Waiting } from '../Loaded';
import { To } from '../To';
import { tell } from '../toast';
import { whyOf } from './Review';

/** What there was when it was looked at, and from which revision. */
interface Seen {
  before: Document | null;
  from: number;
}

/** Removes a definition that nobody uses; whoever uses it is named. */
export function Remove({ named, done }: { named: Named; done: () => void }) {
  const text = useText().kit.removal;
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button variant="default" c="var(--bad)" onClick={() => setAsking(true)}>{text.open}</Button>
      {asking ? <Asking named={named} close={() => setAsking(false)} done={done} /> : null}
    </>
  );
}

function Asking({ named, close, done }: { named: Named; close: () => void; done: () => void }) {
  const text = useText().kit.removal;
  const undone = useText().kit.publish;
  const { ones } = useText().definitions;
  const client = useQueryClient();
  const plan = useRemoval(named);
  const removing = useMutation<Removal, Error, Seen>({
    mutationFn: ({ from }) => remove(client, named, from),
    onSuccess: (_, { before }) => {
      const undo = () => {
        publish(client, named, before as Document, NONE).then(
          () => tell(undone.undone(named.name)),
          (error: unknown) => tell(undone.undoFailed(whyOf(error))),
        );
      };
      tell(text.removed(named.name), before ? undo : undefined);
      done();
    },
    // What is in force may be another thing by now: it is shown before anybody confirms once more.
    onError: () => void plan.refetch(),
  });
  const found = plan.data;
  const own = found?.removes?.[0];
  const dependents = own?.dependents ?? [];
  const errors = (found?.diagnostics ?? []).filter((fault) => fault.severity !== 'warning');
  const used = dependents.length > 0;
  const barred = !found || plan.isError || errors.length > 0 || used;
  const change = found?.changes.find((one) => one.name === named.name && one.what === 'remove');
  const seen: Seen = { from: change?.from ?? NONE, before: (change?.before as Document | undefined) ?? null };
  return (
    <Confirm
      opened close={close} danger title={text.title(named.name)} verb={text.verb} size="lg" busy={removing.isPending || plan.isFetching} error={removing.error ?? plan.error} barred={barred}
      consequences={!found ? [] : used ? [text.used(dependents.length)] : errors.length > 0 ? errors.map((fault) => <span key={fault.path + fault.code}><code>{fault.path}</code> <Fault fault={fault} /></span>) : consequencesOf(own, text, named)}
      act={() => removing.mutate(seen)}
    >
      {plan.isPending ? <Waiting rows={2} /> : null}
      {used ? (
        <ul className="stack" data-testid="dependents">
          {dependents.map((one) => (
            <li key={`${one.kind}/${one.name}.${one.how}`}>
              <To to={homeOfKind(one.folder, one.name)}>{one.name}</To> <span className="dim small">{ones[one.folder] ?? one.kind} · <code>{one.how}</code></span>
            </li>
          ))}
        </ul>
      ) : null}
      {used ? <p className="dim small">{text.usedWords}</p> : null}
    </Confirm>
  );
}

/** What would be different, in the server's numbers. */
function consequencesOf(own: NonNullable<Removal['removes']>[number] | undefined, text: ReturnType<typeof useText>['kit']['removal'], named: Named) {
  const count = own?.uses ? <Count uses={own.uses} /> : null;
  return [...(count ? [count] : [text.nothing(named.name)]), text.messages, text.history];
}

function Count({ uses }: { uses: { what: string; count: number; at_least: boolean } }) {
  const text = useText().kit.removal;
  const format = useFormat();
  const number = uses.at_least ? text.atLeast(format.number(uses.count)) : format.number(uses.count);
  return <>{text.uses[uses.what]?.(number) ?? `${uses.what}: ${number}`}</>;
}
