import { Button, NativeSelect } from '@mantine/core';
import { useMayEdit } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Empty, Loaded } from '@/kit/Loaded';
import { Panel, State } from '@/kit/Page';
import { Search } from '@/kit/Search';
import { Table } from '@/kit/Table';
import { useQuestion } from '@/kit/To';
import { Num, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { filtered, type Shown } from './model';
import { useFiles, type File, type Source } from './queries';
import { TakeAgain } from './Run';

const SHOWS: Shown[] = ['all', 'failed', 'rejected'];

/** What became of each file; of one that failed why, and what to do. */
export function Files({ source }: { source: Source }) {
  const text = useText().sources;
  const [question, change] = useQuestion();
  const query = useFiles(source.name);
  return (
    <Loaded query={query} rows={6}>
      {({ files }) => {
        const rows = filtered(files, { q: question.q, show: question.show });
        if (files.length === 0) return <Panel title={text.files} flush><Empty title={text.noFiles} words={text.noFilesWords} /></Panel>;
        return (
          <>
            <div className="filters" role="search">
              <Search label={text.find} shown />
              <NativeSelect label={text.show} value={question.show ?? 'all'} data={SHOWS.map((value) => ({ value, label: text.shows[value] }))} onChange={(event) => change({ show: event.currentTarget.value === 'all' ? undefined : event.currentTarget.value })} />
            </div>
            <Panel title={text.files} sub={text.filesWords} flush>
              {rows.length === 0 ? (
                <Empty title={text.noFit} words={text.noFitWords} next={<Button variant="default" onClick={() => change({ q: undefined, show: undefined })}>{text.all}</Button>} />
              ) : (
                <FileRows source={source} rows={rows} />
              )}
            </Panel>
          </>
        );
      }}
    </Loaded>
  );
}

function FileRows({ source, rows }: { source: Source; rows: File[] }) {
  const text = useText().sources;
  const mayEdit = useMayEdit();
  return (
    <Table
      name={text.files} rows={rows} keyOf={(row) => row.name}
      columns={[
        { head: text.file, cell: (row) => <FileCell source={source} row={row} mayEdit={mayEdit} /> },
        { head: text.at, wide: true, cell: (row) => <When at={row.at} /> },
        { head: text.rows, right: true, wide: true, cell: (row) => <Num value={row.counts.rows} /> },
        { head: text.inside, right: true, cell: (row) => <Num value={row.counts.accepted} /> },
        { head: text.rejected, right: true, cell: (row) => <Num value={row.counts.rejected} /> },
      ]}
    />
  );
}

function FileCell({ source, row, mayEdit }: { source: Source; row: File; mayEdit: boolean }) {
  const text = useText().sources;
  const format = useFormat();
  const { identical, skipped } = row.counts;
  // One that was taken whole has nothing that taking it again would mend.
  const mendable = row.state === 'failed' || row.counts.rejected > 0;
  const left = [...Object.entries(skipped).map(([reason, count]) => text.skipped(format.number(count), reason)), ...(identical > 0 ? [text.identical(format.number(identical))] : [])];
  return (
    <div style={{ minWidth: 150 }}>
      <div><strong className="break">{row.name}</strong></div>
      <State tone={row.state === 'failed' ? 'bad' : row.counts.rejected > 0 ? 'warn' : 'good'}>{text.states[row.state] ?? row.state}</State>
      {row.reason ? <div className="small break"><span className="fault"><Words words={row.reason} /></span></div> : null}
      {row.reason ? <div className="dim small">{text.mend}</div> : null}
      {row.rejected_in ? <div className="dim small break"><Words words={text.rejectedIn(row.rejected_in)} own /></div> : null}
      {left.length > 0 ? <div className="dim small break">{left.join(' · ')}</div> : null}
      {mayEdit && mendable ? <div style={{ marginTop: 6 }}><TakeAgain source={source} file={row.name} /></div> : null}
    </div>
  );
}
