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
  const { kept, gap, standing, skipped, anew } = useLive(JSON.stringify(wanted), live, async () => {
    // What is read for the first time cannot be begun anew, and may be of before the stream was open.
    if (pages.isPending) await pages.refetch();
    const { data, isError } = await pages.refetch();
    return isError ? null : (data?.pages[0]?.items[0]?.number ?? 0);
  });
  // Behind events that made room for newer ones is a gap: nothing older is shown until it is read.
  const rows = gap > 0 ? kept : merged(kept, pages.items);
  const more = gap > 0 ? { has: true, busy: pages.isFetching, ask: anew } : moreOf(pages);
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
            name={text.title} rows={rows} keyOf={(row) => row.id} to={(row) => href`/events/${row.id}` + `?trace=${row.trace}`} more={more}
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
  /** The newest of the events that came and made room for newer ones, by its number; 0 if none did. */
  gap: number;
  /** Events that came faster than they could be sent. */
  skipped: number;
}

const NOTHING = { kept: [], gap: 0 };

/** What comes while one looks. `again` reads the list anew, and says its newest event: null if it could not. */
function useLive(filter: string, live: boolean, again: () => Promise<number | null>) {
  const [state, setState] = useState<Kept>({ filter, ...NOTHING, skipped: 0 });
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
    if (newest === null) return;
    // What made room while the list was read is newer than the list: the gap is another one, and open.
    setState((now) => (now.gap > newest ? now : { ...now, kept: now.kept.filter((event) => event.number > newest), gap: 0 }));
  };
  const begin = async () => {
    // The stream may be one of another life of the server, whose numbers begin anew: what came from
    // the one before is compared with nothing of this one. The list has all that is older.
    setState((now) => ({ ...now, ...NOTHING }));
    await anew();
  };
  const opened = useRef(begin);
  useEffect(() => {
    opened.current = begin;
  });
  useEffect(() => {
    // A thousand events a second must not draw a thousand times.
    const timer = setInterval(() => {
      if (waiting.current.length === 0) return;
      const fresh = waiting.current;
      waiting.current = [];
      setState((now) => {
        const { kept, gap } = taken(now.kept, fresh);
        return { ...now, kept, gap: Math.max(now.gap, gap) };
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
    // Between the list and the stream, and while it stood still, events came that neither has. What
    // waits when a stream ends is of that one; once the next is open, what waits may be of it already.
    if (open) void opened.current();
    else waiting.current = [];
  }, [open, filter]);
  if (state.filter !== filter) setState({ filter, ...NOTHING, skipped: 0 });
  return { ...(state.filter === filter ? state : { ...NOTHING, skipped: 0 }), standing, anew: () => void anew() };
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
