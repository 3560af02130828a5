import { Loaded, Empty } from '@/kit/Loaded';
import { Page, Panel, Tag } from '@/kit/Page';
import { Searched } from '@/kit/Search';
import { Table } from '@/kit/Table';
import { href } from '@/kit/To';
import { Num, When } from '@/kit/values';
import { useText } from '@/text';
import { Rooms } from './Rooms';
import { useSchemas } from './queries';

/** What events were seen to say. */
export function Schemas() {
  const text = useText().events;
  const query = useSchemas();
  return (
    <Page title={text.schemas.title} sub={text.schemas.sub}>
      <Rooms at="schemas" />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Panel flush>
              <Empty title={text.schemas.empty} words={text.schemas.emptyWords} />
            </Panel>
          ) : (
            <Searched rows={items} label={text.schemas.filter} wordsOf={(row) => row.event ?? ''}>
              {(rows) => (
                <Table
                  name={text.schemas.title} rows={rows} keyOf={(row) => row.event ?? ''} to={(row) => href`/events/schemas/${row.event ?? ''}`}
                  columns={[
                    { head: text.name, cell: (row) => row.event },
                    { head: text.schemas.properties, right: true, wide: true, cell: (row) => <Num value={row.properties} /> },
                    { head: text.schemas.used, right: true, wide: true, cell: (row) => <Num value={row.used_in} /> },
                    { head: text.schemas.locked, cell: (row) => <Tag {...(row.state === 'locked' ? { tone: 'good' as const } : {})}>{text.schemas.states[row.state] ?? row.state}</Tag> },
                    { head: text.schemas.count, right: true, cell: (row) => <Num value={row.count} /> },
                    { head: text.schemas.last, right: true, wide: true, cell: (row) => <When at={row.last_seen} /> },
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
