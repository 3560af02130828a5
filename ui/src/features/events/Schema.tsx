import { Button } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { homeOfKind, NONE } from '@/api/definitions';
import { useMayEdit } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Empty, Loaded } from '@/kit/Loaded';
import { Page, Panel, Stats } from '@/kit/Page';
import { Review } from '@/kit/publish/Review';
import { Table } from '@/kit/Table';
import { href, To, useGo } from '@/kit/To';
import { Exactly, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { folderOf, written } from './model';
import { useSchema, type Property, type SchemaShown } from './queries';

/** What events of one name were seen to say, who reads it, and writing it down so that nothing else comes in. */
export function SchemaDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const { events: { schemas: text, title } } = useText();
  const query = useSchema(name);
  const crumbs = [{ to: '/events', words: title }, { to: '/events/schemas', words: text.title }];
  return (
    <Page title={name} crumbs={crumbs} sub={text.stateWords[query.data?.state ?? ''] ?? null} actions={query.data ? <Locking name={name} schema={query.data} /> : null}>
      <Loaded query={query} rows={8}>
        {(schema) => (
          <>
            <Numbers schema={schema} />
            <Panel title={text.properties} sub={schema.bound ? <Words words={schema.bound} /> : null} flush>
              {schema.properties.length === 0 ? <Empty title={text.noProperties} /> : <Properties name={name} rows={schema.properties} />}
            </Panel>
            <Panel title={text.usedIn} sub={text.usedInWords}>
              {schema.used_in.length === 0 ? <p className="dim">{text.noUse}</p> : <Uses uses={schema.used_in} />}
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Numbers({ schema }: { schema: SchemaShown }) {
  const text = useText().events.schemas;
  const format = useFormat();
  return (
    <Stats
      stats={[
        { name: text.count, value: format.number(schema.count), small: text.lookedAt(format.number(schema.looked_at)) },
        { name: text.locked, value: text.states[schema.state] ?? schema.state },
        { name: text.first, value: schema.first_seen ? <When at={schema.first_seen} /> : '–', small: <Exactly at={schema.first_seen} /> },
        { name: text.last, value: schema.last_seen ? <When at={schema.last_seen} /> : '–', small: <Exactly at={schema.last_seen} /> },
      ]}
    />
  );
}

function Properties({ name, rows }: { name: string; rows: Property[] }) {
  const text = useText().events.schemas;
  const format = useFormat();
  const types = (row: Property) => (row.types ?? []).map(({ type, count }) => `${text.types[type] ?? type} ${format.number(count)}`).join(' · ');
  return (
    <Table
      name={`${text.properties}: ${name}`} rows={rows} keyOf={(row) => row.path}
      columns={[
        { head: text.path, cell: (row) => <code className="break">{row.path}</code> },
        { head: text.seenAs, cell: (row) => <span className="num">{types(row) || <span className="faint">{text.unseen}</span>}</span> },
        { head: text.present, right: true, cell: (row) => (row.present === null || row.present === undefined ? '–' : format.percent(row.present)) },
        { head: text.written, wide: true, cell: (row) => written(row.written) || <span className="faint">–</span> },
        { head: text.used, wide: true, cell: (row) => (row.used_in.length > 0 ? <Uses uses={row.used_in} /> : <span className="faint">{text.nobody}</span>) },
        { head: text.last, right: true, wide: true, cell: (row) => <When at={row.last_seen} /> },
      ]}
    />
  );
}

function Uses({ uses }: { uses: SchemaShown['used_in'] }) {
  const { ones } = useText().definitions;
  return (
    <ul>
      {uses.map(({ kind, name, how }) => {
        const folder = folderOf(kind);
        return (
          <li key={`${kind}/${name}/${how}`}>
            <To to={homeOfKind(folder, name)}>{name}</To> <span className="dim small">{ones[folder] ?? kind} · <Words words={how} /></span>
          </li>
        );
      })}
    </ul>
  );
}

/** What is written down is edited where definitions are; what is not is proposed as it was seen. */
function Locking({ name, schema }: { name: string; schema: SchemaShown }) {
  const { events: { schemas: text }, kit } = useText();
  const go = useGo();
  const mayEdit = useMayEdit();
  const [locking, setLocking] = useState(false);
  const home = (key: string) => href`/definitions/schemas/${key}`;
  if (schema.definition) {
    const { key } = schema.definition;
    return <Button variant="default" onClick={() => go(home(key))}>{mayEdit ? kit.publish.edit : text.definition}</Button>;
  }
  if (!mayEdit) return null;
  return (
    <>
      <Button onClick={() => setLocking(true)}>{text.lock}</Button>
      {locking ? (
        <Review
          named={{ folder: 'schemas', name }} document={schema.suggested} from={NONE} title={text.lockTitle(name)} verb={text.lockVerb} consequences={[text.lockWords, text.lockWaits]}
          close={() => setLocking(false)} done={() => setLocking(false)}
        />
      ) : null}
    </>
  );
}
