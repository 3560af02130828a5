import { Button } from '@mantine/core';
import { useMayEdit } from '@/api/session';
import { IconPlus } from '@/kit/icons';
import { Empty, Loaded } from '@/kit/Loaded';
import { Page, Panel, State, Tag } from '@/kit/Page';
import { Searched } from '@/kit/Search';
import { Table } from '@/kit/Table';
import { href, useGo } from '@/kit/To';
import { Num, When } from '@/kit/values';
import { useText } from '@/text';
import { useLists, type List } from './queries';

/** All uploaded lists: how many are on each, for how long, and what is said of them. */
export function ListList() {
  const text = useText().lists;
  const go = useGo();
  const query = useLists();
  const mayEdit = useMayEdit();
  const create = mayEdit ? <Button leftSection={<IconPlus />} onClick={() => go('/definitions/lists/new')}>{text.create}</Button> : null;
  return (
    <Page title={text.title} sub={text.sub} actions={create}>
      <Loaded query={query} rows={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Panel flush>
              <Empty title={text.empty} words={text.emptyWords} code={text.emptyCode} next={create} />
            </Panel>
          ) : (
            <Searched rows={items} label={text.filter} wordsOf={(row) => `${row.name} ${row.description} ${row.namespace} ${Object.keys(row.payload).join(' ')}`}>
              {(rows) => (
                <Table
                  name={text.title} rows={rows} keyOf={(row) => row.name} to={(row) => href`/lists/${row.name}`}
                  columns={[
                    { head: text.name, cell: (row) => row.name },
                    { head: text.what, wide: true, cell: (row) => <Says row={row} /> },
                    { head: text.namespace, cell: (row) => <code>{row.namespace}</code> },
                    { head: text.expires, wide: true, cell: (row) => row.expires ?? <span className="faint">{text.forGood}</span> },
                    { head: text.replaced, wide: true, cell: (row) => (row.settled ? <When at={row.replaced_at} /> : <State tone="going">{text.changing}</State>) },
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

function Says({ row }: { row: List }) {
  const text = useText().lists;
  const fields = Object.keys(row.payload);
  return (
    <>
      {row.description ? <div className="dim break">{row.description}</div> : null}
      <div className="row" style={{ gap: 5, marginTop: row.description ? 4 : 0 }}>
        {fields.map((field) => <Tag key={field}>{field}</Tag>)}
        {fields.length === 0 ? <span className="faint small">{text.anything}</span> : null}
      </div>
    </>
  );
}
