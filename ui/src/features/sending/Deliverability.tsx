import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Panel, State, type Tone } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { tell } from '@/kit/toast';
import { To } from '@/kit/To';
import { Exactly } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { Held } from './Held';
import { RefusedDevices } from './RefusedDevices';
import { Senders } from './SenderCheck';
import { useGoOn, useStandings, type PausedFor, type Standings } from './queries';

const TONES: Record<string, Tone> = { fine: 'good', alert: 'warn', pause: 'bad' };

/** How mailbox providers and their readers take what is sent, and whose marketing is paused for it. */
export function Deliverability() {
  const query = useStandings();
  return (
    <Loaded query={query} rows={6}>
      {(all) => (
        <>
          <Pauses all={all} />
          <Held />
          <RefusedDevices />
          <Today all={all} />
          <Senders all={all} />
          <Days all={all} />
        </>
      )}
    </Loaded>
  );
}

function Pauses({ all }: { all: Standings }) {
  const text = useText().sending.deliverability;
  const format = useFormat();
  return (
    <Panel title={text.paused} sub={text.pausedWords} flush>
      {all.paused.length === 0 ? (
        <p className="pad dim">{text.nonePaused}</p>
      ) : (
        <Table
          name={text.paused} rows={all.paused} keyOf={(row) => `${row.domain} ${row.mailbox} ${row.refusal ? 'refused' : 'complained'}`}
          columns={[
            { head: text.domain, cell: (row) => <div className="break" style={{ minWidth: 110 }}>{row.domain}</div> },
            { head: text.mailbox, cell: (row) => text.mailboxes[row.mailbox] ?? row.mailbox },
            { head: text.why, cell: (row) => (row.refusal ? <span className="dim break"><Words words={row.refusal} /></span> : text.complained(format.number(row.complaints), format.number(row.among))) },
            { head: text.since, wide: true, cell: (row) => <Exactly at={row.since} /> },
            { head: text.actions, right: true, cell: (row) => <GoOn row={row} /> },
          ]}
        />
      )}
    </Panel>
  );
}

function GoOn({ row }: { row: PausedFor }) {
  const text = useText().sending.deliverability;
  const format = useFormat();
  const mayEdit = useMayEdit();
  const [asking, setAsking] = useState(false);
  const goOn = useGoOn();
  const mailbox = text.mailboxes[row.mailbox] ?? row.mailbox;
  if (!mayEdit) return null;
  const done = () => {
    setAsking(false);
    tell(text.goesOn(row.domain, mailbox));
  };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>{text.goOn}</Button>
      <Confirm
        opened={asking} close={() => setAsking(false)} title={text.goOnTitle(row.domain, mailbox)} verb={text.goOn} busy={goOn.isPending} error={goOn.error}
        consequences={[row.refusal ? text.goOnRefused : text.goOnComplained(format.number(row.complaints), format.number(row.among)), text.goOnLeaves, text.goOnAgain]}
        act={() => goOn.mutate(row, { onSuccess: done })}
      />
    </>
  );
}

function Today({ all }: { all: Standings }) {
  const text = useText().sending.deliverability;
  const format = useFormat();
  return (
    <Panel title={text.today} sub={text.rulesAsOf(format.day(all['rules-as-of']))} flush>
      {all.today.length === 0 ? (
        <p className="pad dim">{text.noneToday}</p>
      ) : (
        <Table
          name={text.today} rows={all.today} keyOf={(row) => `${row.domain} ${row.mailbox}`}
          columns={[
            { head: text.domain, cell: (row) => <div className="break" style={{ minWidth: 110 }}>{row.domain}</div> },
            { head: text.mailbox, cell: (row) => text.mailboxes[row.mailbox] ?? row.mailbox },
            { head: text.stands, cell: (row) => <State tone={TONES[row.standing] ?? 'calm'}>{text.standings[row.standing] ?? row.standing}</State> },
            { head: text.complaints, right: true, cell: (row) => format.number(row.complaints) },
            { head: text.among, right: true, cell: (row) => format.number(row.among) },
            { head: text.share, right: true, wide: true, cell: (row) => format.perMille(row['complaints-per-million'] / 1_000) },
            { head: text.pausesAt, right: true, wide: true, cell: (row) => format.perMille((all['pause-per-million'][row.mailbox] ?? 0) / 1_000) },
          ]}
        />
      )}
    </Panel>
  );
}

function Days({ all }: { all: Standings }) {
  const text = useText().sending.deliverability;
  const format = useFormat();
  if (all.days.length === 0) return null;
  return (
    <Panel title={text.days} flush>
      <Table
        name={text.days} rows={all.days} keyOf={(row) => `${row.day} ${row.domain} ${row.mailbox}`}
        columns={[
          { head: text.day, cell: (row) => format.day(row.day) },
          { head: text.domain, cell: (row) => <div className="break" style={{ minWidth: 110 }}>{row.domain}</div> },
          { head: text.mailbox, cell: (row) => text.mailboxes[row.mailbox] ?? row.mailbox },
          { head: text.accepted, right: true, cell: (row) => format.number(row.accepted) },
          { head: text.complaints, right: true, cell: (row) => format.number(row.complaints) },
          { head: text.share, right: true, wide: true, cell: (row) => format.perMille(row['complaints-per-million'] / 1_000) },
        ]}
      />
      <p className="pad dim small"><To to="/messages?tab=ledger&state=sent">{text.messages}</To></p>
    </Panel>
  );
}
