import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit, useMember } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Panel, State } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { tell } from '@/kit/toast';
import { href, To, useGo } from '@/kit/To';
import { Exactly, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useDestinations, useMakeSnapshot, useResumeDestination, type Destination } from './queries';

/** Who is told who is in a segment, how each takes it, and what can be done where one does not. */
export function Destinations() {
  const text = useText().settings.destinations;
  const query = useDestinations();
  const owner = useMember().role === 'owner';
  const go = useGo();
  const add = owner ? <Button size="xs" onClick={() => go('/definitions/destinations/new')}>{text.add}</Button> : null;
  return (
    <Panel title={text.title} sub={text.words} end={add} flush>
      <Loaded query={query} rows={3}>
        {({ destinations }) =>
          destinations.length === 0 ? (
            <Empty title={text.none} words={text.noneWords} next={add} />
          ) : (
            <Table
              name={text.title} rows={destinations} keyOf={(row) => row.name}
              columns={[
                { head: text.name, cell: (row) => <To to={href`/definitions/destinations/${row.name}`}>{row.name}</To> },
                { head: text.segments, wide: true, cell: (row) => row.segments.map((name, place) => <span key={name}>{place > 0 ? ', ' : ''}<To to={href`/segments/${name}`}>{name}</To></span>) },
                { head: text.stands, cell: (row) => <Stands row={row} /> },
                { head: text.actions, right: true, cell: (row) => <Act row={row} /> },
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

/** Whether a destination is told of each change, rather than given files. */
const isTold = (row: Destination) => row.behind !== undefined;

function Stands({ row }: { row: Destination }) {
  const text = useText().settings.destinations;
  const format = useFormat();
  const { standing } = row;
  const why = standing?.disabled ?? standing?.last_failure;
  const tone = standing?.disabled ? 'bad' : standing?.failing_since || (!isTold(row) && standing?.last_failure) ? 'warn' : 'good';
  const words = tone === 'bad' ? text.disabled : tone === 'warn' ? text.failing : !standing ? text.notYet : isTold(row) ? text.told : text.made(format.number(standing.version ?? 0));
  return (
    <div style={{ minWidth: 150 }}>
      <State tone={standing ? tone : 'calm'}>{words}</State>
      {tone === 'good' || !why ? null : <div className="dim small break"><Words words={why} /></div>}
      <div className="faint small">
        {isTold(row) ? text.behind(format.number(row.behind ?? 0)) : standing?.made_at ? <Exactly at={standing.made_at} /> : null}
        {standing?.failing_since ? <> · {text.since} <When at={standing.failing_since} /></> : null}
      </div>
    </div>
  );
}

/** What can be done about it: it goes on where it was, or its files are made now. */
function Act({ row }: { row: Destination }) {
  const text = useText().settings.destinations;
  const mayEdit = useMayEdit();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const resume = useResumeDestination(row.name);
  const make = useMakeSnapshot(row.name);
  if (!mayEdit) return null;
  if (!isTold(row)) {
    return (
      <>
        <Button size="compact-xs" variant="default" loading={make.isPending} onClick={() => make.mutate(undefined, { onSuccess: ({ version }) => tell(text.isMade(row.name, format.number(version))) })}>{text.makeNow}</Button>
        {make.error ? <Failed error={make.error} /> : null}
      </>
    );
  }
  if (!row.standing?.disabled) return null;
  const done = () => {
    setAsking(false);
    tell(text.resumed(row.name));
  };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={() => setAsking(true)}>{text.resume}</Button>
      <Confirm
        opened={asking} close={() => setAsking(false)} title={text.resumeTitle(row.name)} verb={text.resume} busy={resume.isPending} error={resume.error}
        consequences={[text.resumeWords(format.number(row.behind ?? 0)), text.resumeAgain]} act={() => resume.mutate(undefined, { onSuccess: done })}
      />
    </>
  );
}
