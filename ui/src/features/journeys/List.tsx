import { Button } from '@mantine/core';
import { useMayEdit } from '@/api/session';
import { IconPlus } from '@/kit/icons';
import { Empty, Loaded } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { Searched } from '@/kit/Search';
import { Table } from '@/kit/Table';
import { href, useGo } from '@/kit/To';
import { Num } from '@/kit/values';
import { useText } from '@/text';
import { useJourneys } from './queries';

/** All journeys, with who walks them. */
export function JourneyList() {
  const text = useText().journeys;
  const query = useJourneys();
  const go = useGo();
  const create = useMayEdit() ? (
    <Button leftSection={<IconPlus />} onClick={() => go('/definitions/journeys/new')}>
      {text.create}
    </Button>
  ) : null;
  return (
    <Page title={text.title} sub={text.sub} actions={create}>
      <Loaded query={query} rows={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Panel flush>
              <Empty title={text.empty} words={text.emptyWords} next={create} />
            </Panel>
          ) : (
            <Searched rows={items} label={text.filter} wordsOf={(row) => row.name}>
              {(rows) => (
                <Table
                  name={text.title} rows={rows} keyOf={(row) => row.name} to={(row) => href`/journeys/${row.name}`}
                  columns={[
                    { head: text.name, cell: (row) => row.name },
                    { head: text.entered, right: true, cell: (row) => <Num value={row.entered} /> },
                    { head: text.inside, right: true, cell: (row) => <Num value={row.inside} /> },
                    { head: text.completed, right: true, cell: (row) => <Num value={row.completed} /> },
                    { head: text.revision, right: true, wide: true, cell: (row) => <Num value={row.revision} /> },
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
