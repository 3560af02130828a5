import { Button, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { usePages, type Page as Answer } from '@/api/queries';
import { Fault as OneFault } from '@/kit/Fault';
import { useFollowing } from '@/kit/following';
import { useFormat } from '@/kit/format';
import { IconSearch } from '@/kit/icons';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { moreOf, Table } from '@/kit/Table';
import { href, To, useGo, useQuestion } from '@/kit/To';
import { inWords, When } from '@/kit/values';
import { useText } from '@/text';
import { shownName } from './model';
import type { Fault, Found } from './queries';

interface Answered extends Answer<Found> {
  looked_at?: number;
  of?: number | null;
  faults?: Fault[];
}

/** People, by any of their names or by a rule. */
export function ProfileList() {
  const text = useText().profiles;
  const go = useGo();
  const [question, change] = useQuestion();
  const [typed, setTyped] = useFollowing(question.q ?? '');
  const pages = usePages<Found, Answered>('/v1/profiles', { query: { q: question.q, limit: 50 } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change({ q: typed.trim() || undefined });
  };
  return (
    <Page title={text.title} sub={text.sub} actions={<Button variant="default" onClick={() => go('/profiles/erased')}>{text.erased.title}</Button>}>
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
          pages.hasNextPage ? <LookOn pages={pages} /> : question.q ? <Nobody faults={pages.first?.faults ?? []} /> : <Empty title={text.empty} words={text.emptyWords} code={text.emptyCode} />
        ) : (
          <Table
            name={text.title} rows={pages.items} keyOf={(row) => row.id} to={linkOf} more={moreOf(pages)}
            columns={[
              { head: text.name, cell: (row) => shownName(row.names)?.value ?? row.id },
              { head: text.aliases, wide: true, cell: (row) => <span className="dim break">{row.names.slice(0, 3).map((name) => `${name.namespace} ${name.value}`).join(' · ')}</span> },
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

/** Nobody is called so; and if it was meant as a rule, what is wrong with it. */
function Nobody({ faults }: { faults: Fault[] }) {
  const text = useText().profiles;
  return (
    <>
      <Empty title={text.none} words={text.noneWords} />
      {faults.length > 0 ? (
        <div className="pad dim small" data-testid="no-rule">
          <p>{text.noRule}</p>
          <ul>
            {faults.map((fault, place) => (
              <li key={place} className="break"><OneFault fault={fault} /></li>
            ))}
          </ul>
        </div>
      ) : null}
    </>
  );
}

/** A rule was held against many people and none fits so far: going on is a choice. */
function LookOn({ pages }: { pages: { first?: Answered | undefined; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  const text = useText().profiles;
  const format = useFormat();
  return (
    <Empty
      title={text.none} words={text.lookedAt(format.number(pages.first?.looked_at ?? 0), format.number(pages.first?.of ?? 0))}
      next={<Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{text.lookOn}</Button>}
    />
  );
}

function linkOf(row: Found): string {
  const name = shownName(row.names);
  return name ? href`/profiles/${name.namespace}/${name.value}` : href`/profiles/id/${row.id}`;
}

function glance(row: Found): string {
  return Object.entries(row.attributes).slice(0, 4).map(([name, value]) => `${name} ${inWords(value)}`).join(' · ');
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
