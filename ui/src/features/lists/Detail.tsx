import { Button } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useMayEdit } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded, Waiting } from '@/kit/Loaded';
import { Facts, Page, Panel, State, Stats, Tag } from '@/kit/Page';
import { Dependents } from '@/kit/publish/Dependents';
import { Remove } from '@/kit/publish/Remove';
import { moreOf, Table } from '@/kit/Table';
import { href, useGo } from '@/kit/To';
import { Exactly, inWords, When } from '@/kit/values';
import { useText } from '@/text';
import { HowTo } from './HowTo';
import { saidOf } from './model';
import { useList, useRows, useUses, type List, type Row } from './queries';

/** One uploaded list: who is on it and what is said of them, who uses it, and how rows get there. */
export function ListDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const text = useText().lists;
  const { history, edit } = useText().kit.publish;
  const format = useFormat();
  const go = useGo();
  const mayEdit = useMayEdit();
  const query = useList(name);
  return (
    <Page
      title={name} crumbs={[{ to: '/lists', words: text.title }]} sub={query.data?.description}
      actions={
        query.data ? (
          <>
            <Button variant="default" onClick={() => go(href`/definitions/lists/${name}/history`)}>{history}</Button>
            {mayEdit ? <Remove named={{ folder: 'lists', name }} done={() => go('/lists')} /> : null}
            {mayEdit ? <Button variant="default" onClick={() => go(href`/definitions/lists/${name}`)}>{edit}</Button> : null}
          </>
        ) : null
      }
    >
      <Loaded query={query} rows={6}>
        {(list) => (
          <>
            <Stats
              stats={[
                { name: text.members, value: format.number(list.members), small: list.settled ? null : <State tone="going">{text.changing}</State> },
                { name: text.expires, value: list.expires ?? text.forGood, small: list.expires ? text.expiresSmall : text.forGoodSmall },
                { name: text.replaced, value: list.replaced_at ? <When at={list.replaced_at} /> : text.never, small: list.replaced_at ? <Exactly at={list.replaced_at} /> : text.neverSmall },
              ]}
            />
            <div className="columns">
              <Takes list={list} />
              <Uses name={name} />
            </div>
            <Rows list={list} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Uses({ name }: { name: string }) {
  const text = useText().lists;
  return <Dependents query={useUses(name)} title={text.dependents} sub={text.dependentsWords} none={text.noDependents} />;
}

/** What a row may be. */
function Takes({ list }: { list: List }) {
  const text = useText().lists;
  const fields = Object.entries(list.payload);
  return (
    <Panel title={text.takes}>
      <Facts
        facts={[
          [text.namespace, <code key="n">{list.namespace}</code>],
          [text.unknown, text.unknowns[list.unknown] ?? list.unknown],
          [
            text.what,
            fields.length === 0 ? text.anything : (
              <span key="w" className="row" style={{ gap: 5 }}>
                {fields.map(([field, type]) => <Tag key={field}>{`${field}: ${text.types[type] ?? type}`}</Tag>)}
              </span>
            ),
          ],
        ]}
      />
    </Panel>
  );
}

function Rows({ list }: { list: List }) {
  const text = useText().lists;
  const pages = useRows(list.name);
  const declared = Object.keys(list.payload);
  if (pages.error && !pages.data) return <Failed error={pages.error} again={() => void pages.refetch()} />;
  if (pages.isPending) return <Panel title={text.people}><Waiting rows={6} /></Panel>;
  if (pages.items.length === 0) {
    return (
      <Panel flush>
        <Empty title={text.nobody} words={text.nobodyWords} />
        <div className="pad" style={{ paddingTop: 0 }}><HowTo list={list} /></div>
      </Panel>
    );
  }
  return (
    <>
      <Panel>
        <details>
          <summary>{text.howTo}</summary>
          <HowTo list={list} />
        </details>
      </Panel>
      <Panel title={text.people} sub={text.peopleWords} flush>
        <Table
          name={text.people} rows={pages.items} keyOf={(row) => `${row.namespace} ${row.value}`} to={(row) => href`/profiles/${row.namespace}/${row.value}`} more={moreOf(pages)}
          columns={[
            { head: text.person, cell: (row) => <div className="break" style={{ minWidth: 130 }}>{row.value}</div> },
            { head: text.what, cell: (row) => <Said row={row} declared={declared} /> },
            { head: text.asOf, wide: true, cell: (row) => <When at={row.as_of} /> },
            { head: text.source, wide: true, cell: (row) => <span className="dim break">{row.source}</span> },
          ]}
        />
      </Panel>
    </>
  );
}

function Said({ row, declared }: { row: Row; declared: string[] }) {
  const said = saidOf(row.payload, declared);
  const text = useText().lists;
  return (
    <div className="break" style={{ minWidth: 110 }}>
      {said.map(([name, value], place) => (
        <span key={name}>
          {place > 0 ? ' · ' : ''}
          <span className="dim">{name}</span> {inWords(value)}
        </span>
      ))}
      {said.length === 0 ? <span className="faint">–</span> : null}
      <div className="faint small">{row.expires ? <>{text.until} <Exactly at={row.expires} /></> : text.forGood}</div>
    </div>
  );
}
