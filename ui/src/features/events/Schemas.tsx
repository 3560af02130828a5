import { Loaded, Empty } from '@/kit/Loaded';
import { Page, Panel, Tag } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { inWords, Num, When } from '@/kit/values';
import { useText } from '@/text';
import { Rooms } from './Rooms';
import { useSchemas, type Learned } from './queries';

/** What events were seen to say. */
export function Schemas() {
  const text = useText().events;
  const query = useSchemas();
  return (
    <Page title={text.schemas.title} sub={text.schemas.sub}>
      <Rooms at="schemas" />
      <Loaded query={query}>
        {(data) => {
          const rows = (data.items ?? data.events ?? []) as Learned[];
          return (
            <Panel flush>
              {rows.length === 0 ? (
                <Empty title={text.schemas.empty} words={text.schemas.emptyWords} />
              ) : (
                <Table
                  name={text.schemas.title} rows={rows} keyOf={(row) => row.name}
                  columns={[
                    { head: text.name, cell: (row) => <strong>{row.name}</strong> },
                    { head: text.properties, wide: true, cell: (row) => <span className="dim break">{inWords(row.properties ?? row.types ?? '')}</span> },
                    { head: text.schemas.locked, cell: (row) => (row.locked ? <Tag tone="good">{text.schemas.isLocked}</Tag> : text.schemas.learned) },
                    { head: text.schemas.count, right: true, cell: (row) => <Num value={row.count ?? null} /> },
                    { head: text.schemas.last, right: true, wide: true, cell: (row) => <When at={row.last_seen ?? null} /> },
                  ]}
                />
              )}
            </Panel>
          );
        }}
      </Loaded>
    </Page>
  );
}
