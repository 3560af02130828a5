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
import { useTemplates } from './queries';

/** All templates. */
export function TemplateList() {
  const text = useText().templates;
  const { choices } = useText().kit.form;
  const query = useTemplates();
  const go = useGo();
  const create = useMayEdit() ? (
    <Button leftSection={<IconPlus />} onClick={() => go('/templates/new')}>
      {text.create}
    </Button>
  ) : null;
  return (
    <Page title={text.title} sub={text.sub} actions={create}>
      <Loaded query={query} rows={6}>
        {({ definitions }) => {
          const all = Object.entries(definitions.templates ?? {}).map(([name, { revision, definition }]) => ({ name, revision, definition }));
          const channel = (name: string) => choices[name] ?? name;
          return all.length === 0 ? (
            <Panel flush>
              <Empty title={text.empty} words={text.emptyWords} next={create} />
            </Panel>
          ) : (
            <Searched rows={all} label={text.filter} wordsOf={({ name, definition }) => `${name} ${definition.subject ?? ''} ${definition.topic ?? text.transactional} ${channel(definition.channel)}`}>
              {(rows) => (
                <Table
                  name={text.title} rows={rows} keyOf={(row) => row.name} to={(row) => href`/templates/${row.name}`}
                  columns={[
                    { head: text.name, cell: (row) => row.name },
                    { head: text.subject, wide: true, cell: (row) => <span className="dim break">{row.definition.subject ?? ''}</span> },
                    { head: text.topic, cell: (row) => row.definition.topic ?? text.transactional },
                    { head: text.channel, wide: true, cell: (row) => channel(row.definition.channel) },
                    { head: text.revision, right: true, wide: true, cell: (row) => <Num value={row.revision} /> },
                  ]}
                />
              )}
            </Searched>
          );
        }}
      </Loaded>
    </Page>
  );
}
