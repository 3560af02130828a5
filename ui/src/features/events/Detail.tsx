import { useParams } from '@tanstack/react-router';
import { asProblem } from '@/api/problem';
import type { Step } from '@/api/shapes';
import { Empty, Loaded } from '@/kit/Loaded';
import { Facts, Page, Panel } from '@/kit/Page';
import { href, To, useQuestion } from '@/kit/To';
import { Copy, Exactly, Json } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { Changes } from './Changes';
import { aliasOf, linksIn } from './model';
import { useCaused, useEvent, type One } from './queries';

/** One event: what it says, and everything it caused. */
export function EventDetail() {
  const { id } = useParams({ strict: false }) as { id: string };
  const text = useText().events;
  const [question] = useQuestion();
  const event = useEvent(id, { of: question.of, name: question.name, at: question.at });
  const caused = useCaused(question.trace ?? id, id);
  return (
    <Page title={event.data?.name ?? text.one} crumbs={[{ to: '/events', words: text.title }]} sub={<Copy value={id} />}>
      <div className="columns wide-first">
        <div>
          {caused.error && asProblem(caused.error).status === 404 ? (
            <Panel title={text.caused}>
              <Empty title={text.forgotten} words={text.forgottenWords} />
            </Panel>
          ) : (
            <Loaded query={caused}>
              {({ steps, events }) => (
                <>
                  <Changes steps={steps ?? []} events={events ?? 1} />
                  <Panel title={text.caused} sub={text.causedWords}>
                    <Caused steps={steps ?? []} />
                  </Panel>
                </>
              )}
            </Loaded>
          )}
        </div>
        <div>
          {event.error && asProblem(event.error).status === 404 ? (
            <Panel>
              <Empty title={text.older} words={text.olderWords} />
            </Panel>
          ) : (
            <Loaded query={event}>{(one) => <About event={one} />}</Loaded>
          )}
        </div>
      </div>
    </Page>
  );
}

function Caused({ steps }: { steps: Step[] }) {
  const text = useText().events;
  return (
    <ol className="steps">
      {steps.map((step, place) => (
        <li key={place} className={step.effects.length + step.caused.length > 0 ? 'good' : ''}>
          <strong><Words words={step.input} /></strong>{' '}
          <span className="faint small">
            <Exactly at={step.at} /> · {text.place(step.partition, step.offset)}
          </span>
          {step.effects.map((effect, line) => (
            <p key={line} className="dim small break" lang="en">
              <Linked words={effect} />
            </p>
          ))}
        </li>
      ))}
    </ol>
  );
}

function About({ event }: { event: One }) {
  const text = useText().events;
  return (
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
            ...(event.trace ? [[text.trace, <Copy key="t" value={event.trace} />] as [string, React.ReactNode]] : []),
          ]}
        />
      </Panel>
      <Panel title={text.properties}>
        <Json value={event.properties} label={text.properties} />
      </Panel>
      {Object.keys(event.attributes ?? {}).length > 0 ? (
        <Panel title={text.attributes}>
          <Json value={event.attributes} label={text.attributes} />
        </Panel>
      ) : null}
    </>
  );
}

/** Words of the server in which names of messages, profiles and segments lead to them. */
function Linked({ words }: { words: string }) {
  return <>{linksIn(words).map(({ text, to }, place) => (to ? <To key={place} to={to}>{text}</To> : text))}</>;
}
