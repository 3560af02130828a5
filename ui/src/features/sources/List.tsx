import { Button } from '@mantine/core';
import { useMember } from '@/api/session';
import { IconPlus } from '@/kit/icons';
import { Empty, Loaded } from '@/kit/Loaded';
import { Page, Panel, State } from '@/kit/Page';
import { Searched } from '@/kit/Search';
import { Table } from '@/kit/Table';
import { href, useGo } from '@/kit/To';
import { Num, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { standingOf, sumOf, TONES } from './model';
import { useSources, type Source } from './queries';

/** All sources: how each stands, and what it took. */
export function SourceList() {
  const text = useText().sources;
  const go = useGo();
  const query = useSources();
  const owner = useMember().role === 'owner';
  const create = owner ? <Button leftSection={<IconPlus />} onClick={() => go('/definitions/sources/new')}>{text.create}</Button> : null;
  return (
    <Page title={text.title} sub={text.sub} actions={create}>
      <Loaded query={query} rows={5}>
        {({ sources }) => sources.length === 0 ? (
          <Panel flush>
            <Empty title={text.empty} words={text.emptyWords} code={text.emptyCode} next={create ?? text.emptyOwner} />
          </Panel>
        ) : (
          <Searched rows={sources} label={text.filter} wordsOf={(row) => `${row.name} ${text.kinds[row.kind] ?? row.kind}`}>
            {(rows) => (
              <Table
                name={text.title} rows={rows} keyOf={(row) => row.name} to={(row) => href`/sources/${row.name}`}
                columns={[
                  { head: text.name, cell: (row) => row.name },
                  { head: text.kind, wide: true, cell: (row) => text.kinds[row.kind] ?? row.kind },
                  { head: text.stands, cell: (row) => <Stands row={row} /> },
                  { head: text.lookedAt, wide: true, cell: (row) => <When at={row.standing.looked_at} /> },
                  { head: text.files, right: true, wide: true, cell: (row) => (row.kind === 'nats' ? <span className="faint">–</span> : <Num value={row.files.taken} />) },
                  { head: text.accepted, right: true, cell: (row) => <Num value={sumOf(row).accepted} /> },
                  { head: text.rejected, right: true, wide: true, cell: (row) => <Num value={sumOf(row).rejected} /> },
                ]}
              />
            )}
          </Searched>
        )}
      </Loaded>
    </Page>
  );
}

function Stands({ row }: { row: Source }) {
  const text = useText().sources;
  const standing = standingOf(row);
  return (
    <div style={{ minWidth: 120 }}>
      <State tone={TONES[standing]}>{text.standings[standing]}</State>
      {row.standing.trouble ? <div className="dim small break"><Words words={row.standing.trouble} /></div> : null}
    </div>
  );
}
