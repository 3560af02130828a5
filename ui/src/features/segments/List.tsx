import { Button } from '@mantine/core';
import { useMayEdit } from '@/api/session';
import { useRead } from '@/api/queries';
import type { Definitions } from '@/api/shapes';
import { useFormat } from '@/kit/format';
import { IconPlus } from '@/kit/icons';
import { Empty, Loaded } from '@/kit/Loaded';
import { Page, Panel, State } from '@/kit/Page';
import { Searched } from '@/kit/Search';
import { Table } from '@/kit/Table';
import { href, useGo } from '@/kit/To';
import { Num, Spark } from '@/kit/values';
import { useText } from '@/text';
import type { components } from '@/api/schema';
import { useSegments } from './queries';

/** All segments with their live counts. */
export function SegmentList() {
  const text = useText().segments;
  const format = useFormat();
  const go = useGo();
  const query = useSegments();
  const definitions = useRead<Definitions>('/v1/definitions');
  const mayEdit = useMayEdit();
  const described = (name: string) => (definitions.data?.definitions.segments?.[name]?.definition.description ?? '') as string;
  const create = (
    <Button leftSection={<IconPlus />} onClick={() => go('/segments/new')}>
      {text.create}
    </Button>
  );
  return (
    <Page title={text.title} sub={text.sub} actions={mayEdit ? create : null}>
      <Loaded query={query} rows={6}>
        {({ segments }) =>
          segments.length === 0 ? (
            <Panel flush>
              <Empty title={text.empty} words={text.emptyWords} next={mayEdit ? create : null} />
            </Panel>
          ) : (
            <Searched rows={segments} label={text.filter} wordsOf={(row) => `${row.name} ${described(row.name)} ${row.rule}`}>
              {(rows) => (
                <Table
                  name={text.title} rows={rows} keyOf={(row) => row.name} to={(row) => href`/segments/${row.name}`}
                  columns={[
                    { head: text.name, cell: (row) => row.name },
                    {
                      head: text.rule, wide: true,
                      cell: (row) => (
                        <>
                          {described(row.name) ? <div className="dim">{described(row.name)}</div> : null}
                          <code className="faint break">{row.rule}</code>
                        </>
                      ),
                    },
                    {
                      head: text.state,
                      cell: (row) => (row.built < 1 ? <State tone="going">{text.building(format.percent(row.built))}</State> : <State tone="good">{text.live}</State>),
                    },
                    { head: text.trendShort, wide: true, cell: (row) => (row.trend ? <TrendLine line={row.trend} /> : null) },
                    { head: text.members, right: true, cell: (row) => <Num value={row.members} /> },
                  ]}
                />
              )}
            </Searched>
          )
        }
      </Loaded>
    </Page>
  );
}

/** Members over time, in words as well: from how many to how many, and since when. */
function TrendLine({ line }: { line: components['schemas']['SegmentLine'] }) {
  const text = useText().segments;
  const format = useFormat();
  const { members, since, until, every } = line;
  const [first, last] = [members[0], members.at(-1)];
  if (first === undefined || last === undefined || members.length < 2 || !since || !until) return <span className="faint small" style={{ whiteSpace: 'nowrap' }}>{text.noLine}</span>;
  const at = every === 'day' ? format.day : format.dateTime;
  return (
    <div className="trend-line">
      <Spark values={members} height={26} label={text.lineLabel(format.number(first), at(since), format.number(last), at(until))} />
      <span className="faint small num" aria-hidden="true">{text.changed(last - first, format.number(Math.abs(last - first)))}</span>
    </div>
  );
}
