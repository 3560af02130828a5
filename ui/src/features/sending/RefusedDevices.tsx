import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Panel, State } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { tell } from '@/kit/toast';
import { Exactly } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { appOf } from './model';
import { useDecide, useRefusedDevices, type Refused } from './queries';

/** Devices that are not pushed to because their tokens were refused, and whether that is believed. */
export function RefusedDevices() {
  const text = useText().sending.devices;
  const query = useRefusedDevices();
  const days = useFormat().number(query.data?.kept_days ?? 0);
  return (
    <Panel title={text.title} sub={query.data ? text.words(days) : null} flush>
      <Loaded query={query} rows={2}>
        {({ items }) => (items.length === 0 ? <p className="pad dim">{text.none}</p> : <Apps items={items} />)}
      </Loaded>
    </Panel>
  );
}

function Apps({ items }: { items: Refused[] }) {
  const text = useText().sending.devices;
  return (
    <Table
      name={text.title} rows={items} keyOf={(row) => row.keeper}
      columns={[
        { head: text.app, cell: (row) => <App row={row} /> },
        { head: text.latest, wide: true, cell: (row) => (row.latest ? <><span className="break"><Words words={row.latest.why} /></span><div className="dim small"><Exactly at={row.latest.at} /></div></> : <span className="faint">–</span>) },
        { head: text.since, wide: true, cell: (row) => <Exactly at={row.since} /> },
        { head: text.actions, right: true, cell: (row) => <Decide row={row} /> },
      ]}
    />
  );
}

/** A push service and an app, and whether too many of their tokens are refused at once to be believed. */
function App({ row }: { row: Refused }) {
  const text = useText().sending.devices;
  const { service, app } = appOf(row.keeper);
  return (
    <div style={{ minWidth: 130 }}>
      <strong>{text.services[service] ?? service}</strong>
      {app ? <div className="dim small break"><code>{app}</code></div> : null}
      <State tone={row.guarded_since ? 'bad' : 'calm'}>{row.guarded_since ? text.guarded : text.usual}</State>
      {row.guarded_since ? <div className="dim small">{text.guardedSince} <Exactly at={row.guarded_since} /></div> : null}
      <Counts row={row} />
    </div>
  );
}

/** How many there are, and for which of the two reasons. */
function Counts({ row }: { row: Refused }) {
  const text = useText().sending.devices;
  const format = useFormat();
  const parts = [text.refused(format.number(row.refused)), ...(row.gone > 0 ? [text.gone(format.number(row.gone))] : []), ...(row.misplaced > 0 ? [text.misplaced(format.number(row.misplaced))] : [])];
  return <div>{parts.join(' · ')}</div>;
}

function Decide({ row }: { row: Refused }) {
  const text = useText().sending.devices;
  const format = useFormat();
  const mayEdit = useMayEdit();
  const [asking, setAsking] = useState<'confirm' | 'undo' | null>(null);
  const decide = useDecide();
  if (!mayEdit) return null;
  const { service, app } = appOf(row.keeper);
  const name = [text.services[service] ?? service, app].filter(Boolean).join(' · ');
  const confirming = asking === 'confirm';
  const ends = row.guarded_since ? [text.guardEnds] : [];
  const consequences = confirming
    ? [text.confirmWords(format.number(row.gone)), ...(row.misplaced > 0 ? [text.confirmKeeps(format.number(row.misplaced))] : []), text.confirmBack, ...ends]
    : [text.undoWords(format.number(row.refused)), text.undoFirst, ...ends];
  return (
    <div className="row" style={{ justifyContent: 'flex-end', gap: 6 }}>
      <Button size="compact-xs" variant="default" aria-label={`${text.undo}: ${name}`} onClick={() => setAsking('undo')}>{text.undo}</Button>
      <Button size="compact-xs" variant="default" c="var(--bad)" aria-label={`${text.confirm}: ${name}`} onClick={() => setAsking('confirm')}>{text.confirm}</Button>
      <Confirm
        opened={asking !== null} close={() => setAsking(null)} danger={confirming} busy={decide.isPending} error={decide.error}
        title={confirming ? text.confirmTitle(name) : text.undoTitle(name)} verb={confirming ? text.confirm : text.undo} consequences={consequences}
        act={() =>
          asking && decide.mutate({ keeper: row.keeper, to: asking }, {
            onSuccess: ({ devices, pushed_to_again: again }) => {
              setAsking(null);
              tell((again ? text.undone : text.confirmed)(format.number(devices)));
            },
          })
        }
      />
    </div>
  );
}
