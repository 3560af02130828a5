import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useStream } from '@/api/queries';
import { useTyped } from '@/kit/following';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Page, Panel, State, Tag } from '@/kit/Page';
import { moreOf, Table } from '@/kit/Table';
import { href, To, useQuestion } from '@/kit/To';
import { inWords, When } from '@/kit/values';
import { useText } from '@/text';
import { Rooms } from './Rooms';
import { aliasOf, merged, taken } from './model';
import { useEvents, type Accepted } from './queries';

const HEARD = ['accepted', 'skipped', 'message'] as const;

/** Events as they are accepted. */
export function EventList() {
  const text = useText().events;
  const format = useFormat();
  const [question, change] = useQuestion();
  const { name, alias } = question;
  const [named, setNamed] = useTyped(name ?? '', (typed) => change({ name: typed }));
  const [about, setAbout] = useTyped(alias ?? '', (typed) => change({ alias: typed }));
  const wanted = { ...(name ? { name } : {}), ...(alias ? { alias } : {}) };
  const pages = useEvents(wanted);
  const live = question.stop !== 'yes';
  const { kept, dropped, standing, skipped, anew } = useLive(JSON.stringify(wanted), live, async () => (await pages.refetch()).data?.pages[0]?.items[0]?.number ?? 0);
  // Behind events that made room for newer ones is a gap: nothing older is shown until it is read.
  const rows = dropped > 0 ? kept : merged(kept, pages.items);
  const more = dropped > 0 ? { has: true, busy: pages.isFetching, ask: anew } : moreOf(pages);
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
        <TextInput className="grow" type="search" label={text.byName} placeholder={text.namePlaceholder} value={named} onChange={(event) => setNamed(event.currentTarget.value)} />
        <TextInput className="grow" label={text.byPerson} placeholder={text.personPlaceholder} value={about} onChange={(event) => setAbout(event.currentTarget.value)} />
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
            name={text.title} rows={rows} keyOf={(row) => String(row.number)} to={(row) => href`/events/${row.id}` + `?trace=${row.trace}`} more={more}
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

interface Kept {
  filter: string;
  kept: Accepted[];
  /** Events that came and made room for newer ones. */
  dropped: number;
  /** Events that came faster than they could be sent. */
  skipped: number;
}

/** What comes while one looks. `again` reads the list anew, and says its newest event. */
function useLive(filter: string, live: boolean, again: () => Promise<number>) {
  const [state, setState] = useState<Kept>({ filter, kept: [], dropped: 0, skipped: 0 });
  const waiting = useRef<Accepted[]>([]);
  const wanted = JSON.parse(filter) as { name?: string; alias?: string };
  const standing = useStream<Accepted & { skipped?: number; count?: number }>('/v1/events/live', wanted, live, (said, kind) => {
    if (kind === 'skipped') {
      const count = said.skipped ?? said.count ?? 0;
      setState((now) => ({ ...now, skipped: now.skipped + count }));
    } else waiting.current.push(said);
  }, HEARD);
  // What the list has by then is not kept a second time: so there is no gap between the two.
  const anew = async () => {
    const newest = await again();
    setState((now) => ({ ...now, kept: now.kept.filter((event) => event.number > newest), dropped: 0 }));
  };
  const read = useRef(anew);
  useEffect(() => {
    read.current = anew;
  });
  useEffect(() => {
    // A thousand events a second must not draw a thousand times.
    const timer = setInterval(() => {
      if (waiting.current.length === 0) return;
      const fresh = waiting.current;
      waiting.current = [];
      setState((now) => {
        const { kept, dropped } = taken(now.kept, fresh);
        return { ...now, kept, dropped: now.dropped + dropped };
      });
    }, 400);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    // What came for another question belongs to that one.
    waiting.current = [];
  }, [filter]);
  const open = live && standing === 'open';
  useEffect(() => {
    // Between the list and the stream, and while it stood still, events came that neither has.
    if (open) void read.current();
  }, [open, filter]);
  if (state.filter !== filter) setState({ filter, kept: [], dropped: 0, skipped: 0 });
  return { ...(state.filter === filter ? state : { kept: [], dropped: 0, skipped: 0 }), standing, anew: () => void anew() };
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
