import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Failed } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { tell } from '@/kit/toast';
import { Exactly } from '@/kit/values';
import { useText } from '@/text';
import { useHeld, useRelease, type Keeper } from './queries';

/** Bounces that are not believed, because a mailbox provider suddenly calls its own addresses unknown. */
export function Held() {
  const text = useText().sending.held;
  const format = useFormat();
  const query = useHeld();
  if (query.error && !query.data) return <Panel title={text.title}><Failed error={query.error} again={() => void query.refetch()} /></Panel>;
  if (!query.data || query.data.keepers.length === 0) return null;
  return (
    <Panel title={text.title} sub={text.words} flush>
      <Table
        name={text.title} rows={query.data.keepers} keyOf={(row) => row.keeper}
        columns={[
          { head: text.keeper, cell: (row) => <span className="break">{row.keeper}</span> },
          { head: text.count, right: true, cell: (row) => format.number(row.held) },
          { head: text.since, wide: true, cell: (row) => <Exactly at={row.since} /> },
          { head: text.actions, right: true, cell: (row) => <Decide row={row} /> },
        ]}
      />
    </Panel>
  );
}

function Decide({ row }: { row: Keeper }) {
  const text = useText().sending.held;
  const format = useFormat();
  const mayEdit = useMayEdit();
  const [asking, setAsking] = useState<'confirm' | 'undo' | null>(null);
  const release = useRelease();
  if (!mayEdit) return null;
  const count = format.number(row.held);
  const done = () => {
    setAsking(null);
    tell(asking === 'confirm' ? text.confirmed(count) : text.undone(count));
  };
  return (
    <div className="row" style={{ justifyContent: 'flex-end', gap: 6 }}>
      <Button size="compact-xs" variant="default" onClick={() => setAsking('undo')}>{text.undo}</Button>
      <Button size="compact-xs" variant="default" c="var(--bad)" onClick={() => setAsking('confirm')}>{text.confirm}</Button>
      <Confirm
        opened={asking !== null} close={() => setAsking(null)} danger={asking === 'confirm'} busy={release.isPending} error={release.error}
        title={asking === 'confirm' ? text.confirmTitle(row.keeper) : text.undoTitle(row.keeper)} verb={asking === 'confirm' ? text.confirm : text.undo}
        consequences={asking === 'confirm' ? [text.confirmWords(count), text.confirmHow] : [text.undoWords(count), text.undoHow]}
        act={() => asking && release.mutate({ keeper: row.keeper, to: asking }, { onSuccess: done })}
      />
    </div>
  );
}
