import { Button, NativeSelect } from '@mantine/core';
import { useDefinitions } from '@/api/definitions';
import { useMember } from '@/api/session';
import { IconPlus } from '@/kit/icons';
import { Empty, Loaded } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { Search, searched } from '@/kit/Search';
import { Table } from '@/kit/Table';
import { href, To, useGo, useQuestion } from '@/kit/To';
import { Num } from '@/kit/values';
import { useText } from '@/text';
import { ONLY, OWN_PAGES, SETTINGS } from './kinds';

/** Everything that was published, of every kind. */
export function DefinitionList() {
  const text = useText();
  const own = text.definitions;
  const go = useGo();
  const role = useMember().role;
  const [question, change] = useQuestion();
  const query = useDefinitions();
  const kind = question.kind ?? '';
  const mayMake = kind !== '' && role !== 'viewer' && (role === 'owner' || !SETTINGS.has(kind)) && !(ONLY[kind] && query.data?.definitions[kind]?.[ONLY[kind]]);
  const make = mayMake ? (
    <Button leftSection={<IconPlus />} onClick={() => go(OWN_PAGES[kind]?.make ?? href`/definitions/${kind}/new`)}>
      {own.newOf(own.ones[kind] ?? kind)}
    </Button>
  ) : null;
  return (
    <Page title={own.title} sub={own.sub} actions={make}>
      <Loaded query={query} rows={8}>
        {({ definitions }) => {
          const all = Object.entries(definitions)
            .filter(([folder]) => kind === '' || folder === kind)
            .flatMap(([folder, named]) => Object.entries(named).map(([name, { revision, definition }]) => ({ folder, name, revision, description: String(definition.description ?? definition.title ?? '') })));
          const rows = searched(all, question.q, (row) => `${row.name} ${row.description} ${row.folder} ${own.kinds[row.folder] ?? ''}`);
          return (
            <>
              <div className="filters" role="search">
                <Search label={own.find} shown />
                <NativeSelect label={own.kind} value={kind} onChange={(event) => change({ kind: event.currentTarget.value })} data={[{ value: '', label: own.allKinds }, ...Object.keys(definitions).map((folder) => ({ value: folder, label: own.kinds[folder] ?? folder }))]} />
              </div>
              <Panel flush>
                {rows.length === 0 && all.length > 0 ? (
                  <Empty title={text.kit.noneFit} next={<Button variant="default" onClick={() => change({ q: undefined })}>{text.kit.showAll}</Button>} />
                ) : rows.length === 0 ? (
                  <Empty title={own.empty} words={kind ? (own.about[kind] ?? own.emptyWords) : own.emptyWords} next={make} />
                ) : (
                  <Table
                    name={own.title} rows={rows} keyOf={(row) => `${row.folder}/${row.name}`} to={(row) => OWN_PAGES[row.folder]?.edit(row.name) ?? href`/definitions/${row.folder}/${row.name}`}
                    columns={[
                      { head: own.name, cell: (row) => row.name },
                      { head: own.kind, cell: (row) => own.kinds[row.folder] ?? row.folder },
                      { head: own.description, wide: true, cell: (row) => <span className="dim">{row.description}</span> },
                      { head: own.revision, right: true, cell: (row) => <Num value={row.revision} /> },
                      { head: text.kit.publish.history, right: true, wide: true, cell: (row) => <span className="above"><To to={href`/definitions/${row.folder}/${row.name}/history`}>{text.kit.publish.history}</To></span> },
                    ]}
                  />
                )}
              </Panel>
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
