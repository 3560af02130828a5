import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { tell } from '@/kit/toast';
import { useQuestion } from '@/kit/To';
import { inWords, Json, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { Rooms } from './Rooms';
import { useGiveUp, useQuarantine, useReplay, type Undecided, type Unfit } from './queries';

const REASONS = ['wrong-type', 'missing', 'unknown', 'ambiguous'] as const;

/** What could not be decided, why; trying it again, and giving it up. */
export function Quarantine() {
  const text = useText().events;
  const [question, change] = useQuestion();
  const query = useQuarantine({ ...(question.event ? { event: question.event } : {}), ...(question.reason ? { reason: question.reason } : {}) });
  const filtered = Boolean(question.event || question.reason);
  return (
    <Page title={text.quarantine.title} sub={text.quarantine.sub}>
      <Rooms at="quarantine" />
      <div className="filters" role="search">
        <TextInput type="search" label={text.byName} value={question.event ?? ''} onChange={(event) => change({ event: event.currentTarget.value })} />
        <NativeSelect label={text.quarantine.fault} value={question.reason ?? ''} onChange={(event) => change({ reason: event.currentTarget.value })} data={[{ value: '', label: text.quarantine.anyFault }, ...REASONS.map((value) => ({ value, label: text.quarantine.reasons[value] }))]} />
      </div>
      <Loaded query={query}>
        {({ items = [], entries }) =>
          items.length + entries.length === 0 ? (
            <Panel>
              <Empty title={filtered ? text.quarantine.noneFit : text.quarantine.empty} words={text.quarantine.emptyWords} />
            </Panel>
          ) : (
            <Waiting items={items} entries={entries} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Waiting({ items, entries }: { items: Unfit[]; entries: Undecided[] }) {
  const text = useText().events;
  const format = useFormat();
  const mayEdit = useMayEdit();
  const replay = useReplay();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [giving, setGiving] = useState<string[] | null>(null);
  // What is gone meanwhile is not chosen any more.
  const ids = items.map((item) => item.id).filter((id) => chosen.has(id));
  const toggle = (id: string) => setChosen((now) => new Set(now.has(id) ? [...now].filter((one) => one !== id) : [...now, id]));
  const again = (which: string[]) =>
    replay.mutate({ ids: which }, { onSuccess: ({ replayed }) => tell(text.quarantine.replayed(format.number(replayed ?? which.length))) });
  return (
    <>
      {replay.error ? <Failed error={replay.error} /> : null}
      {mayEdit && items.length > 0 ? (
        <div className="row" style={{ marginBottom: 12 }}>
          <Checkbox label={text.quarantine.all(format.number(items.length))} checked={ids.length === items.length} indeterminate={ids.length > 0 && ids.length < items.length} onChange={() => setChosen(new Set(ids.length === items.length ? [] : items.map((item) => item.id)))} />
          <Button size="xs" variant="default" disabled={ids.length === 0} loading={replay.isPending} onClick={() => again(ids)}>
            {text.quarantine.replayChosen(format.number(ids.length))}
          </Button>
          <Button size="xs" variant="default" c={ids.length === 0 ? undefined : 'var(--bad)'} disabled={ids.length === 0} onClick={() => setGiving(ids)}>
            {text.quarantine.giveUpChosen(format.number(ids.length))}
          </Button>
        </div>
      ) : null}
      {items.map((item) => (
        <Panel
          key={item.id} title={item.event.name}
          end={
            mayEdit ? (
              <>
                <Checkbox aria-label={text.quarantine.choose(item.event.name)} checked={chosen.has(item.id)} onChange={() => toggle(item.id)} />
                <Button size="xs" variant="default" loading={replay.isPending} onClick={() => again([item.id])}>{text.quarantine.replay}</Button>
                <Button size="xs" variant="default" c="var(--bad)" onClick={() => setGiving([item.id])}>{text.quarantine.giveUp}</Button>
              </>
            ) : null
          }
        >
          <div className="stack">
            <p className="dim small">
              {text.quarantine.waits(format.number(item.tries))} <When at={item.since} />
            </p>
            {item.faults.map((fault, place) => (
              <p key={place} className="break"><Words words={faultOf(fault)} /></p>
            ))}
            <Json value={item.event.properties} label={text.properties} />
          </div>
        </Panel>
      ))}
      {entries.map((entry) => (
        <Panel key={`${entry.partition}/${entry.position.incarnation}/${entry.position.offset}`} title={text.quarantine.one} sub={text.place(entry.partition, entry.position.offset)}>
          <Json value={entry.entry} label={text.quarantine.one} />
        </Panel>
      ))}
      {giving ? <GiveUp ids={giving} close={() => setGiving(null)} /> : null}
    </>
  );
}

function GiveUp({ ids, close }: { ids: string[]; close: () => void }) {
  const text = useText().events.quarantine;
  const format = useFormat();
  const giveUp = useGiveUp();
  const [why, setWhy] = useState('');
  return (
    <Confirm
      opened close={close} danger title={text.giveUpTitle} verb={text.giveUp} busy={giveUp.isPending} error={giveUp.error} barred={why.trim() === ''}
      consequences={[text.giveUpWords(format.number(ids.length)), text.giveUpFinal]}
      act={() =>
        giveUp.mutate({ ids, why: why.trim() }, {
          onSuccess: () => {
            tell(text.givenUp(format.number(ids.length)));
            close();
          },
        })
      }
    >
      <TextInput label={text.why} description={text.whyHint} required value={why} onChange={(event) => setWhy(event.currentTarget.value)} data-autofocus />
    </Confirm>
  );
}

/** A fault in the server's words, in whichever form it has them. */
function faultOf(fault: unknown): string {
  const said = fault as { path?: string; message?: string; words?: string };
  return said && typeof said === 'object' && (said.message || said.words) ? [said.path, said.message ?? said.words].filter(Boolean).join(': ') : inWords(fault);
}
