import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { moreOf } from '@/kit/Table';
import { href, To } from '@/kit/To';
import { Exactly, inWords, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { Button } from '@mantine/core';
import { eventOf } from './model';
import { useTimeline, type Entry, type Who } from './queries';

const TONES: Record<string, string> = { refused: 'bad', failed: 'bad', bounced: 'bad', complained: 'bad', message_refused: 'bad', message_failed: 'bad', sent: 'good', message_sent: 'good', segment: 'good' };

/** Everything that happened to a person, newest first. */
export function TimelineTab({ who }: { who: Who }) {
  const text = useText().profiles;
  const pages = useTimeline(who);
  const failed = pages.error ? <Failed error={pages.error} again={pages.repeat} /> : null;
  if (pages.isPending) return failed ?? <Waiting rows={8} />;
  if (failed && pages.items.length === 0) return failed;
  if (pages.items.length === 0) return <Empty title={text.noTimeline} words={text.noTimelineWords} />;
  const more = moreOf(pages);
  return (
    <Panel>
      <ol className="steps">
        {pages.items.map((entry, place) => (
          <Item key={`${entry.at}/${entry.name}/${place}`} entry={entry} who={who} />
        ))}
      </ol>
      {/* Where somebody asked for more, and with what there is still there. */}
      {failed}
      {more.has ? (
        <Button variant="default" size="xs" loading={more.busy} onClick={more.ask}>
          {text.older}
        </Button>
      ) : null}
    </Panel>
  );
}

const NAMED = new Set(['message', 'template', 'channel']);

function Item({ entry, who }: { entry: Entry; who: Who }) {
  const text = useText().profiles;
  const said = Object.entries(entry.properties).filter(([name, value]) => value !== null && !NAMED.has(name));
  return (
    <li className={TONES[entry.name] ?? TONES[entry.kind] ?? ''}>
      <div className="row">
        <strong>
          <Words words={entry.words} />
        </strong>
        <span className="faint small">
          <When at={entry.at} /> · <Exactly at={entry.at} />
        </span>
      </div>
      <p className="dim small break">
        {said.map(([name, value]) => `${name} ${inWords(value)}`).join(' · ')}{' '}
        {entry.message ? <To to={href`/messages/${entry.message}`}>{text.seeMessage}</To> : null}
        {entry.kind === 'event' && entry.event ? <To to={eventOf(who, entry.event, { name: entry.name, at: entry.at })}>{text.seeEvent}</To> : null}
        {entry.kind === 'segment' ? <To to={href`/segments/${entry.name}`}>{entry.name}</To> : null}
        {entry.kind === 'journey' ? <To to={href`/journeys/${entry.name}`}>{entry.name}</To> : null}
      </p>
    </li>
  );
}
