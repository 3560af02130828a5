import { TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { usePages, type Page as Answer } from '@/api/queries';
import { IconSearch } from '@/kit/icons';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { moreOf, Table } from '@/kit/Table';
import { href, To, useQuestion } from '@/kit/To';
import { inWords, When } from '@/kit/values';
import { useText } from '@/text';
import { searchOf, shownAlias, splitAlias } from './model';
import type { Found } from './queries';

interface Answered extends Answer<Found> {
  scanned?: number;
  of?: number;
}

/** People, by any of their names or by a rule. */
export function ProfileList() {
  const text = useText().profiles;
  const [question, change] = useQuestion();
  const [typed, setTyped] = useState(question.q ?? '');
  const pages = usePages<Found, Answered>('/v1/profiles', { query: { ...searchOf(question.q ?? ''), limit: 50 } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change({ q: typed.trim() || undefined });
  };
  return (
    <Page title={text.title} sub={text.sub}>
      <form className="filters" onSubmit={submit} role="search">
        <TextInput
          className="grow" type="search" size="md" label={text.search} description={text.searchHint} leftSection={<IconSearch />}
          placeholder={text.placeholder} value={typed} onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </form>
      {pages.error ? <Failed error={pages.error} again={() => void pages.refetch()} /> : null}
      <Panel flush>
        {pages.isPending && !pages.error ? (
          <Waiting rows={8} />
        ) : pages.items.length === 0 ? (
          question.q ? <Empty title={text.none} words={text.noneWords} /> : <Empty title={text.empty} words={text.emptyWords} code={text.emptyCode} />
        ) : (
          <Table
            name={text.title} rows={pages.items} keyOf={(row) => row.id} to={linkOf} more={moreOf(pages)}
            columns={[
              { head: text.name, cell: (row) => splitAlias(shownAlias(row.aliases) ?? row.id).value },
              { head: text.aliases, wide: true, cell: (row) => <span className="dim break">{row.aliases.slice(0, 3).join(' · ')}</span> },
              { head: text.attributes, wide: true, cell: (row) => <span className="dim break">{glance(row)}</span> },
              { head: text.since, cell: (row) => <When at={row.created} /> },
            ]}
          />
        )}
      </Panel>
      {question.q ? null : <Examples />}
    </Page>
  );
}

function linkOf(row: Found): string {
  const { namespace, value } = splitAlias(shownAlias(row.aliases) ?? `id:${row.id}`);
  return href`/profiles/${namespace}/${value}`;
}

function glance(row: Found): string {
  return Object.entries(row.attributes ?? {}).slice(0, 4).map(([name, value]) => `${name} ${inWords(value)}`).join(' · ');
}

function Examples() {
  const text = useText().profiles;
  return (
    <p className="dim small">
      {text.examples}{' '}
      {['country = "ES"', 'count(order_completed, last 30d) >= 2', 'not reachable by email'].map((rule, place) => (
        <span key={rule}>
          {place > 0 ? ' · ' : ''}
          <To to={`/profiles?q=${encodeURIComponent(rule)}`}>
            <code>{rule}</code>
          </To>
        </span>
      ))}
    </p>
  );
}
