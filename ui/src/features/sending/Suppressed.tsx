import { Button, NativeSelect } from '@mantine/core';
import { useMayEdit } from '@/api/session';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { useLift } from '@/kit/Suppress';
import { moreOf, Table } from '@/kit/Table';
import { href, To, useQuestion } from '@/kit/To';
import { Exactly } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useSuppressed, type Suppressed as Row } from './queries';

/** Addresses to which nothing leaves, and why. */
export function Suppressed() {
  const { sending: { suppressed: text }, profiles: { stopped }, suppressions: reasons, kit } = useText();
  const mayEdit = useMayEdit();
  const lift = useLift();
  const [question, change] = useQuestion();
  const pages = useSuppressed(question.why);
  const asked = question.why ?? '';
  const other = asked && !reasons[asked] ? [asked] : [];
  return (
    <>
      <div className="filters" role="search">
        <NativeSelect label={text.why} value={asked} onChange={(event) => change({ why: event.currentTarget.value })} data={[{ value: '', label: text.any }, ...Object.entries(reasons).map(([value, label]) => ({ value, label })), ...other]} />
        <p className="dim small" style={{ paddingBottom: 8 }}>{text.find} <To to="/profiles">{text.findWhere}</To></p>
      </div>
      <Panel title={text.title} sub={text.words} flush>
        {pages.isPending ? (
          pages.error ? null : <Waiting rows={6} />
        ) : pages.items.length === 0 ? (
          asked ? <Empty title={kit.noneFit} next={<Button variant="default" onClick={() => change({ why: undefined })}>{kit.showAll}</Button>} /> : <Empty title={text.none} words={text.noneWords} />
        ) : (
          <Table
            name={text.title} rows={pages.items} keyOf={(row) => `${row.namespace}:${row.address}`} to={(row) => href`/profiles/${row.namespace}/${row.address}`} more={moreOf(pages)}
            columns={[
              { head: text.address, cell: (row) => <div className="break" style={{ minWidth: 96 }}>{row.address}</div> },
              { head: text.why, cell: (row) => <div style={{ minWidth: 84 }}>{stopped[row.stops](reasons[row.reason] ?? row.reason)}<div className="dim small break"><Words words={row.evidence} /></div></div> },
              { head: text.since, wide: true, cell: (row) => <Exactly at={row.at} /> },
              ...(mayEdit ? [{ head: text.actions, right: true, cell: (row: Row) => <span className="above"><Button size="compact-xs" variant="default" aria-label={kit.suppress.lift(row.address)} onClick={() => void lift(row, row.stops)}>{text.lift}</Button></span> }] : []),
            ]}
          />
        )}
      </Panel>
      {pages.error ? <Failed error={pages.error} again={pages.repeat} /> : null}
    </>
  );
}
