import { useParams } from '@tanstack/react-router';
import { usePages } from '@/api/queries';
import { Empty, Loaded } from '@/kit/Loaded';
import { Facts, Page, Panel } from '@/kit/Page';
import { href, To, useQuestion } from '@/kit/To';
import { Copy, Exactly, Json } from '@/kit/values';
import { useText } from '@/text';
import { aliasOf } from './model';
import { useCaused, type Accepted } from './queries';

/** One event: what it says, and everything it caused. */
export function EventDetail() {
  const { id } = useParams({ strict: false }) as { id: string };
  const text = useText().events;
  const [question] = useQuestion();
  const caused = useCaused(question.trace ?? id);
  const recent = usePages<Accepted>('/v1/events', { query: { limit: 200 } });
  const event = recent.items.find((one) => one.id === id);
  return (
    <Page title={event?.name ?? text.one} crumbs={[{ to: '/events', words: text.title }]} sub={<Copy value={id} />}>
      <div className="columns wide-first">
        <Panel title={text.caused} sub={text.causedWords}>
          <Loaded query={caused}>
            {({ steps }) => (
              <ol className="steps">
                {steps.map((step, place) => (
                  <li key={place} className={step.effects.length > 0 ? 'good' : ''}>
                    <strong>{step.input}</strong>{' '}
                    <span className="faint small">
                      <Exactly at={step.at} /> · {text.place(step.partition, step.offset)}
                    </span>
                    {step.effects.map((effect, line) => (
                      <p key={line} className="dim small break">
                        <Linked words={effect} />
                      </p>
                    ))}
                  </li>
                ))}
              </ol>
            )}
          </Loaded>
        </Panel>
        <div>
          {event ? (
            <>
              <Panel title={text.about}>
                <Facts
                  facts={[
                    ...event.aliases.map((alias): [string, React.ReactNode] => {
                      const { namespace, value } = aliasOf(alias);
                      return [namespace, <To key={value} to={href`/profiles/${namespace}/${value}`}>{value}</To>];
                    }),
                    [text.occurred, <Exactly key="o" at={event.occurred_at} />],
                    [text.received, <Exactly key="r" at={event.received_at} />],
                    [text.trace, <Copy key="t" value={event.trace} />],
                  ]}
                />
              </Panel>
              <Panel title={text.properties}>
                <Json value={event.properties} label={text.properties} />
              </Panel>
              {Object.keys(event.attributes).length > 0 ? (
                <Panel title={text.attributes}>
                  <Json value={event.attributes} label={text.attributes} />
                </Panel>
              ) : null}
            </>
          ) : (
            <Panel>
              <Empty title={text.older} words={text.olderWords} />
            </Panel>
          )}
        </div>
      </div>
    </Page>
  );
}

/** Words of the server in which the names of messages lead to them. */
function Linked({ words }: { words: string }) {
  const parts = words.split(/(msg_[0-9a-z]+)/);
  return (
    <>
      {parts.map((part, place) => (part.startsWith('msg_') ? <To key={place} to={href`/messages/${part}`}>{part}</To> : part))}
    </>
  );
}
