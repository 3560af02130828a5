import { useFormat } from '@/kit/format';
import { Empty, Loaded } from '@/kit/Loaded';
import { Panel, State, Stats } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { href, To } from '@/kit/To';
import { When } from '@/kit/values';
import { useText } from '@/text';
import { byAge, sumOf, toneOf } from './model';
import { useQueues, type All, type Queue } from './queries';

/** Who waits where, for how long, and behind whom. */
export function Queues() {
  const text = useText().sending;
  const query = useQueues();
  return (
    <Loaded query={query} rows={6}>
      {(all) => (
        <>
          <Numbers all={all} />
          <Panel title={text.queues} sub={text.queuesWords} flush>
            {all.queues.length === 0 ? <Empty title={text.nothingWaits} words={text.nothingWaitsWords} /> : <Waiting all={all} />}
          </Panel>
        </>
      )}
    </Loaded>
  );
}

function Numbers({ all }: { all: All }) {
  const text = useText().sending;
  const format = useFormat();
  const sum = sumOf(all.queues);
  const troubled = all.providers.filter((provider) => provider.state !== 'closed').length;
  return (
    <Stats
      stats={[
        { name: text.waiting, value: sum.atLeast ? text.atLeast(format.number(sum.waiting)) : format.number(sum.waiting) },
        { name: text.oldest, value: sum.waiting > 0 ? format.duration(sum.oldest) : '–' },
        { name: text.firstExpires, value: sum.expires ? <When at={sum.expires} /> : '–' },
        { name: text.troubled, value: format.number(troubled), small: text.ofProviders(format.number(all.providers.length)) },
      ]}
    />
  );
}

function Waiting({ all }: { all: All }) {
  const text = useText().sending;
  const format = useFormat();
  const where = (row: Queue) => [row.group, row.campaign === null ? null : text.run(format.number(row.campaign))].filter(Boolean).join(' · ');
  return (
    <Table
      name={text.queues} rows={byAge(all.queues)} keyOf={(row) => `${row.path} ${row.class}`} to={(row) => href`/messages?tab=ledger&queue=${row.path}&state=queued`}
      columns={[
        { head: text.queue, cell: (row) => <span>{row.route}{where(row) ? <span className="dim"> · {where(row)}</span> : null}</span> },
        { head: text.class, wide: true, cell: (row) => text.classes[row.class] ?? row.class },
        { head: text.waiting, right: true, cell: (row) => (row.at_least ? text.atLeast(format.number(row.waiting)) : format.number(row.waiting)) },
        { head: text.age, right: true, cell: (row) => format.duration(row.age_seconds) },
        { head: text.firstExpires, wide: true, right: true, cell: (row) => <When at={row.expires} /> },
        { head: text.behind, cell: (row) => <Behind row={row} all={all} /> },
      ]}
    />
  );
}

/** By whom it may leave, and how they stand. */
function Behind({ row, all }: { row: Queue; all: All }) {
  const text = useText().sending;
  if (row.closed) return <State tone="calm">{text.closed}</State>;
  const providers = row.providers ?? [];
  if (providers.length === 0) return <State tone="bad">{text.noProvider}</State>;
  return (
    <span className="row" style={{ gap: 10 }}>
      {providers.map((name) => {
        const state = all.providers.find((provider) => provider.name === name)?.state ?? '';
        return (
          <span key={name} className="above">
            <To to="/sending?tab=routes"><State tone={toneOf(state)}>{`${name}: ${text.states[state] ?? state}`}</State></To>
          </span>
        );
      })}
    </span>
  );
}
