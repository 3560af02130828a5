import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { moreOf } from '@/kit/Table';
import { href, To } from '@/kit/To';
import { Exactly, inWords, When } from '@/kit/values';
import { useText } from '@/text';
import { Button } from '@mantine/core';
import { useTimeline, type Entry, type Who } from './queries';

const TONES: Record<string, string> = { refused: 'bad', message_refused: 'bad', message_failed: 'bad', message_bounced: 'bad', entered: 'good', message_sent: 'good', left: 'warn' };

/** Everything that happened to a person, newest first. */
export function TimelineTab({ who }: { who: Who }) {
  const text = useText().profiles;
  const pages = useTimeline(who);
  if (pages.error) return <Failed error={pages.error} again={() => void pages.refetch()} />;
  if (pages.isPending) return <Waiting rows={8} />;
  if (pages.items.length === 0) return <Empty title={text.noTimeline} words={text.noTimelineWords} />;
  const more = moreOf(pages);
  return (
    <Panel>
      <ol className="steps">
        {pages.items.map((entry, place) => (
          <Item key={`${entry.id ?? ''}${entry.at}${place}`} entry={entry} />
        ))}
      </ol>
      {more.has ? (
        <Button variant="default" size="xs" loading={more.busy} onClick={more.ask}>
          {text.older}
        </Button>
      ) : null}
    </Panel>
  );
}

const OWN = new Set(['at', 'kind', 'id', 'name', 'words', 'message', 'properties', 'received_at', 'profile', 'occurred_at', 'trace', 'segment']);

function Item({ entry }: { entry: Entry }) {
  const text = useText().profiles;
  const properties = (entry.properties ?? {}) as Record<string, unknown>;
  const message = (entry.message ?? properties.message) as string | undefined;
  const segment = entry.segment as string | undefined;
  const title = entry.words ?? entry.name ?? entry.kind;
  const rest = Object.entries({ ...entry, ...properties }).filter(([name, value]) => !OWN.has(name) && value !== null);
  return (
    <li className={TONES[entry.name ?? ''] ?? TONES[entry.kind] ?? ''}>
      <div className="row">
        <strong>{entry.kind === 'event' && entry.id ? <To to={href`/events/${entry.id}`}>{title}</To> : title}</strong>
        <span className="faint small">
          <When at={entry.at} /> · <Exactly at={entry.at} />
        </span>
      </div>
      <p className="dim small break">
        {rest.map(([name, value], place) => (
          <span key={name}>
            {place > 0 ? ' · ' : ''}
            {name} {inWords(value)}
          </span>
        ))}
        {message ? (
          <>
            {rest.length > 0 ? ' · ' : ''}
            <To to={href`/messages/${message}`}>{text.seeMessage}</To>
          </>
        ) : null}
        {segment ? (
          <>
            {' · '}
            <To to={href`/segments/${segment}`}>{segment}</To>
          </>
        ) : null}
      </p>
    </li>
  );
}
