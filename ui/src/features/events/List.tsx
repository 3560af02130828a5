import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useStream } from '@/api/queries';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Page, Panel, State, Tag } from '@/kit/Page';
import { moreOf, Table } from '@/kit/Table';
import { href, To, useQuestion } from '@/kit/To';
import { inWords, When } from '@/kit/values';
import { useText } from '@/text';
import { Rooms } from './Rooms';
import { aliasOf, taken } from './model';
import { useEvents, type Accepted } from './queries';

const HEARD = ['accepted', 'skipped', 'message'] as const;

/** Events as they are accepted. */
export function EventList() {
  const text = useText().events;
  const format = useFormat();
  const [question, change] = useQuestion();
  const [name, setName] = useState(question.name ?? '');
  const [alias, setAlias] = useState(question.alias ?? '');
  const [filter] = useDebouncedValue(JSON.stringify({ name: name.trim() || undefined, alias: alias.trim() || undefined }), 300);
  const wanted = JSON.parse(filter) as { name?: string; alias?: string };
  const written = useRef(change);
  useEffect(() => {
    written.current = change;
  });
  useEffect(() => {
    const { name: named, alias: about } = JSON.parse(filter) as { name?: string; alias?: string };
    written.current({ name: named, alias: about });
  }, [filter]);
  const pages = useEvents(wanted);
  const live = question.stop !== 'yes';
  const { kept, standing, skipped } = useLive(filter, live);
  const rows = taken(pages.items, kept);
  return (
    <Page
      title={text.title} sub={text.sub}
      actions={
        <>
          <LiveState live={live} standing={standing} />
          <Button variant="default" size="sm" onClick={() => change({ stop: live ? 'yes' : undefined })}>
            {live ? text.pause : text.follow}
          </Button>
        </>
      }
    >
      <Rooms at="live" />
      <div className="filters" role="search">
        <TextInput className="grow" type="search" label={text.byName} placeholder={text.namePlaceholder} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput className="grow" label={text.byPerson} placeholder={text.personPlaceholder} value={alias} onChange={(event) => setAlias(event.currentTarget.value)} />
      </div>
      {skipped > 0 ? <p className="dim small">{text.skipped(format.number(skipped))}</p> : null}
      {pages.error ? <Failed error={pages.error} again={() => void pages.refetch()} /> : null}
      <Panel flush>
        {pages.isPending && !pages.error ? (
          <Waiting rows={8} />
        ) : rows.length === 0 ? (
          wanted.name || wanted.alias ? <Empty title={text.none} words={text.noneWords} /> : <Empty title={text.empty} words={text.emptyWords} code={text.emptyCode} />
        ) : (
          <Table
            name={text.title} rows={rows} keyOf={(row) => String(row.number)} to={(row) => href`/events/${row.id}` + `?trace=${row.trace}`} more={moreOf(pages)}
            columns={[
              { head: text.name, cell: (row) => row.name },
              { head: text.person, cell: (row) => <Person event={row} /> },
              { head: text.said, wide: true, cell: (row) => <Glance event={row} /> },
              { head: text.when, right: true, cell: (row) => <When at={row.received_at} /> },
            ]}
          />
        )}
      </Panel>
    </Page>
  );
}

function useLive(filter: string, live: boolean) {
  const [state, setState] = useState<{ filter: string; kept: Accepted[]; skipped: number }>({ filter, kept: [], skipped: 0 });
  const waiting = useRef<Accepted[]>([]);
  const wanted = JSON.parse(filter) as { name?: string; alias?: string };
  const standing = useStream<Accepted & { skipped?: number; count?: number }>('/v1/events/live', wanted, live, (said, kind) => {
    if (kind === 'skipped') {
      const count = said.skipped ?? said.count ?? 0;
      setState((now) => ({ ...now, skipped: now.skipped + count }));
    } else waiting.current.push(said);
  }, HEARD);
  useEffect(() => {
    // A thousand events a second must not draw a thousand times.
    const timer = setInterval(() => {
      if (waiting.current.length === 0) return;
      const fresh = waiting.current;
      waiting.current = [];
      setState((now) => ({ ...now, kept: taken(now.kept, fresh) }));
    }, 400);
    return () => clearInterval(timer);
  }, []);
  if (state.filter !== filter) {
    setState({ filter, kept: [], skipped: 0 });
  }
  return { kept: state.filter === filter ? state.kept : [], skipped: state.skipped, standing };
}

function LiveState({ live, standing }: { live: boolean; standing: string }) {
  const text = useText().events;
  if (!live) return <State tone="calm">{text.paused}</State>;
  return <State tone={standing === 'open' ? 'going' : 'warn'}>{standing === 'open' ? text.live : standing === 'lost' ? text.lost : text.opening}</State>;
}

function Person({ event }: { event: Accepted }) {
  const first = event.aliases[0];
  if (!first) return <span className="faint">–</span>;
  const { namespace, value } = aliasOf(first);
  return (
    <span className="above break">
      <To to={href`/profiles/${namespace}/${value}`}>{value}</To>
    </span>
  );
}

function Glance({ event }: { event: Accepted }) {
  const text = useText().events;
  const said = Object.entries({ ...event.properties, ...event.attributes }).slice(0, 5);
  return (
    <span className="dim break">
      {event.historical ? <Tag>{text.historical}</Tag> : null} {said.map(([name, value]) => `${name} ${inWords(value)}`).join(' · ')}
    </span>
  );
}
