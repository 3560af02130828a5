import { Button, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { useFollowing } from '@/kit/following';
import { IconSearch } from '@/kit/icons';
import { Empty, Failed, Loaded, Waiting } from '@/kit/Loaded';
import { Page, Panel, Tabs } from '@/kit/Page';
import { moreOf, Table } from '@/kit/Table';
import { href, useQuestion } from '@/kit/To';
import { When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { filterOf } from './ledger';
import { Ledger, StateFilter } from './Ledger';
import { useInbox, useMessagesOf } from './queries';
import { Messages } from './Rows';

/** What was sent, by person; and what the catch-all provider kept instead of sending. */
export function MessageList() {
  const text = useText().messages;
  const [question] = useQuestion();
  const tab = question.tab ?? 'ledger';
  return (
    <Page
      title={text.title} sub={text.sub}
      // Not: with filters, for which the server exports nothing. All of it would not be what stands below.
      actions={tab === 'ledger' && Object.keys(filterOf(question)).length === 0 ? <Button component="a" variant="default" href="/v1/messages/export" download="messages.ndjson">{text.exportAll}</Button> : null}
    >
      <Tabs base="/messages" at={tab} label={text.tabs.label} tabs={[['ledger', text.tabs.ledger], ['person', text.tabs.person], ['inbox', text.tabs.inbox]]} />
      {tab === 'inbox' ? <Inbox /> : tab === 'ledger' ? <Ledger /> : <OfPerson />}
    </Page>
  );
}

function Inbox() {
  const text = useText().messages;
  const [question, change] = useQuestion();
  const [typed, setTyped] = useFollowing(question.to ?? '');
  const pages = useInbox(question.to ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change({ to: typed.trim() || undefined });
  };
  return (
    <>
      <form className="filters" onSubmit={submit} role="search">
        <TextInput className="grow" type="search" label={text.inboxSearch} description={text.inboxWords} leftSection={<IconSearch />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      </form>
      {pages.error ? <Failed error={pages.error} again={() => void pages.refetch()} /> : null}
      <Panel flush>
        {pages.isPending && !pages.error ? (
          <Waiting rows={8} />
        ) : pages.items.length === 0 ? (
          <Empty title={text.inboxEmpty} words={text.inboxEmptyWords} />
        ) : (
          <Table
            name={text.tabs.inbox} rows={pages.items} keyOf={(row) => String(row.number)} to={(row) => href`/messages/${row.message}`} more={moreOf(pages)}
            columns={[
              { head: text.subject, cell: (row) => row.subject || text.noSubject },
              { head: text.channel, cell: (row) => text.channels[row.channel] ?? row.channel },
              { head: text.to, cell: (row) => <div className="break" style={{ minWidth: 140 }}>{row.to}</div> },
              { head: text.why, wide: true, cell: (row) => <span className="dim break"><Words words={row.because ?? ''} /></span> },
              { head: text.when, right: true, cell: (row) => <When at={row.at ?? null} /> },
            ]}
          />
        )}
      </Panel>
    </>
  );
}

function OfPerson() {
  const text = useText().messages;
  const [question, change] = useQuestion();
  const [typed, setTyped] = useFollowing(question.who ?? '');
  const who = question.who ?? '';
  const filter = { state: question.state, template: question.template };
  const query = useMessagesOf(who, filter);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change({ who: typed.trim() || undefined });
  };
  return (
    <>
      <form className="filters" onSubmit={submit} role="search">
        <TextInput className="grow" type="search" label={text.personSearch} description={text.personWords} placeholder={text.personPlaceholder} leftSection={<IconSearch />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        {who === '' ? null : <StateFilter />}
      </form>
      {who === '' ? (
        <Panel>
          <Empty title={text.askPerson} words={text.askPersonWords} />
        </Panel>
      ) : (
        <Panel flush>
          <Loaded query={query} rows={8}>
            {({ messages }) => {
              if (messages.length > 0) return <Messages rows={messages} />;
              return filter.state || filter.template ? <Empty title={text.noneFit} words={text.noneFitWords} /> : <Empty title={text.none} words={text.noneWords} />;
            }}
          </Loaded>
        </Panel>
      )}
    </>
  );
}
