import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { Search } from '@/kit/Search';
import { tell } from '@/kit/toast';
import { useQuestion } from '@/kit/To';
import { inWords, Json, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { Rooms } from './Rooms';
import { useGiveUp, useQuarantine, useReplay, type Chosen, type Undecided, type Unfit } from './queries';

const REASONS = ['wrong-type', 'missing', 'unknown', 'ambiguous'] as const;

/** What could not be decided, why; trying it again, and giving it up. */
export function Quarantine() {
  const text = useText().events;
  const [question, change] = useQuestion();
  const filter = { ...(question.event ? { event: question.event } : {}), ...(question.reason ? { reason: question.reason } : {}) };
  const query = useQuarantine(filter);
  const filtered = Boolean(question.event || question.reason);
  const { items, first } = query;
  return (
    <Page title={text.quarantine.title} sub={text.quarantine.sub}>
      <Rooms at="quarantine" />
      <div className="filters" role="search">
        <Search label={text.byName} shown at="event" />
        <NativeSelect label={text.quarantine.fault} value={question.reason ?? ''} onChange={(event) => change({ reason: event.currentTarget.value })} data={[{ value: '', label: text.quarantine.anyFault }, ...REASONS.map((value) => ({ value, label: text.quarantine.reasons[value] }))]} />
      </div>
      {query.error ? <Failed error={query.error} again={() => void query.refetch()} /> : null}
      {query.isPending ? <Waiting /> : null}
      {first && items.length + first.entries.length === 0 ? (
        <Panel>
          <Empty title={filtered ? (query.hasNextPage ? text.quarantine.noneYet : text.quarantine.noneFit) : text.quarantine.empty} words={text.quarantine.emptyWords} />
        </Panel>
      ) : null}
      {first && items.length + first.entries.length > 0 ? (
        <Unfitting items={items} entries={first.entries} rest={query.hasNextPage ? { which: filtered ? filter : { all: true }, count: first.fit ?? items.length, atLeast: first.at_least ?? true } : null} />
      ) : null}
      {query.hasNextPage ? (
        <div className="row">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{text.quarantine.more}</Button>
        </div>
      ) : null}
    </Page>
  );
}

/** What is meant, and how many that are: `atLeast` where nobody has counted them all. */
interface Meant {
  which: Chosen;
  count: number;
  atLeast?: boolean;
}

/** `rest` means all that fit the filter, where more do than are shown. */
function Unfitting({ items, entries, rest }: { items: Unfit[]; entries: Undecided[]; rest: Meant | null }) {
  const text = useText().events;
  const format = useFormat();
  const mayEdit = useMayEdit();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [trying, setTrying] = useState<Meant | null>(null);
  const [giving, setGiving] = useState<Meant | null>(null);
  // What is gone meanwhile is not chosen any more.
  const ids = items.map((item) => item.id).filter((id) => chosen.has(id));
  const toggle = (id: string) => setChosen((now) => new Set(now.has(id) ? [...now].filter((one) => one !== id) : [...now, id]));
  const these = (ids: string[]): Meant => ({ which: { ids }, count: ids.length });
  return (
    <>
      {mayEdit && items.length > 0 ? (
        <div className="row" style={{ marginBottom: 12 }}>
          <Checkbox label={text.quarantine.all(format.number(items.length))} checked={ids.length === items.length} indeterminate={ids.length > 0 && ids.length < items.length} onChange={() => setChosen(new Set(ids.length === items.length ? [] : items.map((item) => item.id)))} />
          <Button size="xs" variant="default" disabled={ids.length === 0} onClick={() => setTrying(these(ids))}>
            {text.quarantine.replayChosen(format.number(ids.length))}
          </Button>
          <Button size="xs" variant="default" c={ids.length === 0 ? undefined : 'var(--bad)'} disabled={ids.length === 0} onClick={() => setGiving(these(ids))}>
            {text.quarantine.giveUpChosen(format.number(ids.length))}
          </Button>
          {rest ? (
            <>
              <Button size="xs" variant="default" onClick={() => setTrying(rest)}>{text.quarantine.replayRest}</Button>
              <Button size="xs" variant="default" c="var(--bad)" onClick={() => setGiving(rest)}>{text.quarantine.giveUpRest}</Button>
            </>
          ) : null}
        </div>
      ) : null}
      {items.map((item) => (
        <Panel
          key={item.id} title={item.event.name}
          end={
            mayEdit ? (
              <>
                <Checkbox aria-label={text.quarantine.choose(item.event.name)} checked={chosen.has(item.id)} onChange={() => toggle(item.id)} />
                <Button size="xs" variant="default" onClick={() => setTrying(these([item.id]))}>{text.quarantine.replay}</Button>
                <Button size="xs" variant="default" c="var(--bad)" onClick={() => setGiving(these([item.id]))}>{text.quarantine.giveUp}</Button>
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
            <details>
              <summary className="small">{text.properties}</summary>
              <Json value={item.event.properties} label={text.properties} />
            </details>
          </div>
        </Panel>
      ))}
      {entries.map((entry) => (
        <Panel key={`${entry.partition}/${entry.position.incarnation}/${entry.position.offset}`} title={text.quarantine.one} sub={text.place(entry.partition, entry.position.offset)}>
          <Json value={entry.entry} label={text.quarantine.one} />
        </Panel>
      ))}
      {trying ? <TryAgain meant={trying} close={() => setTrying(null)} /> : null}
      {giving ? <GiveUp meant={giving} close={() => setGiving(null)} /> : null}
    </>
  );
}

/** How many are meant, in words. */
function useCounted({ count, atLeast }: Meant): string {
  const text = useText().events.quarantine;
  const format = useFormat();
  return atLeast ? text.atLeast(format.number(count)) : format.number(count);
}

function TryAgain({ meant, close }: { meant: Meant; close: () => void }) {
  const text = useText().events.quarantine;
  const format = useFormat();
  const replay = useReplay();
  const count = useCounted(meant);
  return (
    <Confirm
      opened close={close} title={text.replayTitle} verb={text.replayVerb} busy={replay.isPending} error={replay.error}
      consequences={['ids' in meant.which ? text.replayWords(count) : text.replayAllWords(count), text.replayFits, text.replayStays]}
      act={() =>
        replay.mutate(meant.which, {
          onSuccess: ({ replayed, waiting }) => {
            tell(text.replayed(format.number(replayed), format.number(waiting)));
            close();
          },
        })
      }
    />
  );
}

function GiveUp({ meant, close }: { meant: Meant; close: () => void }) {
  const text = useText().events.quarantine;
  const format = useFormat();
  const count = useCounted(meant);
  const giveUp = useGiveUp();
  const [why, setWhy] = useState('');
  return (
    <Confirm
      opened close={close} danger title={text.giveUpTitle} verb={text.giveUp} busy={giveUp.isPending} error={giveUp.error} barred={why.trim() === ''}
      consequences={['ids' in meant.which ? text.giveUpWords(count) : text.giveUpAllWords(count), text.giveUpFinal]}
      act={() =>
        giveUp.mutate({ ...meant.which, why: why.trim() }, {
          onSuccess: ({ dropped }) => {
            tell(text.givenUp(format.number(dropped)));
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
