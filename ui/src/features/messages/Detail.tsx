import { useParams } from '@tanstack/react-router';
import { useRead } from '@/api/queries';
import { useMayEdit } from '@/api/session';
import type { components } from '@/api/schema';
import type { Attempt, Message, Report } from '@/api/shapes';
import { Because } from '@/kit/Because';
import { useFormat } from '@/kit/format';
import { Frame } from '@/kit/Frame';
import { Loaded } from '@/kit/Loaded';
import { Facts, Page, Panel } from '@/kit/Page';
import { SuppressMenu } from '@/kit/Suppress';
import { href, To } from '@/kit/To';
import { Copy, Exactly, inWords, Json } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { MessageState } from './MessageState';
import { useContent, useExplained } from './queries';
import { outcomeTone, reportDetails, reportTone } from './model';

/** One message: what it says, every step it took, when, and why. */
export function MessageDetail() {
  const { id } = useParams({ strict: false }) as { id: string };
  const text = useText().messages;
  const query = useExplained(id);
  const message = query.data?.message;
  const mayEdit = useMayEdit();
  return (
    <Page title={message ? text.one(message.template.name) : text.title} crumbs={[{ to: '/messages', words: text.title }]} sub={<Copy value={id} />} actions={mayEdit && message && NAMES_OF[message.channel] ? <Suppressing message={message} namespace={NAMES_OF[message.channel] ?? ''} /> : null}>
      <Loaded query={query} rows={8}>
        {({ message: one, caused_by: steps }) => (one && steps) ? (
          <div className="columns wide-first">
            <div>
              <ContentPanel id={id} />
              <Panel title={text.causes} sub={text.causesWords}>
                {steps.length === 0 ? <p className="dim">{text.forgotten}</p> : null}
                <ol className="steps">
                  {steps.map((step, place) => (
                    <li key={place}>
                      <strong><Words words={step.input} /></strong>{' '}
                      <span className="faint small">
                        <Exactly at={step.at} /> · {text.place(step.partition, step.offset)}
                      </span>
                      {step.effects.map((effect, line) => (
                        <p key={line} className="dim small break"><Words words={effect} /></p>
                      ))}
                    </li>
                  ))}
                </ol>
              </Panel>
            </div>
            <div>
              <Panel title={text.became} end={<MessageState state={one.state.state} />}>
                <Steps message={one} />
              </Panel>
              <Panel title={text.about}>
                <About message={one} />
              </Panel>
              {Object.keys(one.context).length > 0 ? (
                <Panel title={text.context}>
                  <Json value={one.context} label={text.context} />
                </Panel>
              ) : null}
              {one.offers ? (
                <Panel title={text.offers}>
                  <ul>
                    {Object.entries(one.offers).map(([placement, offer]) => (
                      <li key={placement}><code>{placement}</code>: {offer ?? text.fallback}</li>
                    ))}
                  </ul>
                </Panel>
              ) : null}
            </div>
          </div>
        ) : null}
      </Loaded>
    </Page>
  );
}

/** Which names of a person a channel writes to. Devices and servers are none: they have no address to suppress. */
const NAMES_OF: Record<string, string> = { email: 'email', sms: 'phone' };

/** The address that it went to, or would go to. Which one that is the person's profile knows. */
function Suppressing({ message, namespace }: { message: Message; namespace: string }) {
  const profile = useRead<components['schemas']['Profile']>('/v1/profiles/{namespace}/{value}', { path: { namespace: 'id', value: message.profile } });
  const own = (profile.data?.aliases ?? []).filter((alias) => alias.startsWith(`${namespace}:`));
  const kept = new Map((profile.data?.suppressions ?? []).map((one) => [one.address, one.why.stops]));
  return <SuppressMenu addresses={own.map((alias) => ({ address: { namespace, address: alias.slice(namespace.length + 1) }, stops: kept.get(alias) }))} />;
}

function Steps({ message }: { message: Message }) {
  const text = useText().messages;
  const refused = message.state.state === 'refused' || message.state.state === 'failed';
  return (
    <ol className="steps" data-testid="steps">
      <li>
        <strong>{text.planned}</strong>{' '}
        <span className="faint small"><Exactly at={message.created} /></span>
      </li>
      {message.attempts.map((attempt) => (
        <AttemptStep key={attempt.number} attempt={attempt} />
      ))}
      {refused ? (
        <li className="bad">
          <strong>{text.states[message.state.state]}</strong>{' '}
          <span className="faint small"><Exactly at={message.state.at ?? null} /></span>
          <p className="dim"><Because said={message.state.reason} why={message.why ?? message.state.text ?? inWords(message.state.reason)} /></p>
        </li>
      ) : null}
      {message.state.state === 'queued' ? (
        <li className="warn">
          <strong>{text.states.queued}</strong>
          <p className="dim">
            <Because said={message.state.put_off} why={message.why} /> {message.state.due ? <>{text.due} <Exactly at={message.state.due} /></> : null}
          </p>
        </li>
      ) : null}
      {message.reports.map((report, place) => (
        <ReportStep key={place} report={report} />
      ))}
    </ol>
  );
}

/** What somebody on the way said, or what its reader did. */
function ReportStep({ report }: { report: Report }) {
  const text = useText().messages;
  const by = report.actor ? (text.actors[report.actor] ?? report.actor) : '';
  const word = (state: string) => text.states[state as keyof typeof text.states] ?? text.reports[state] ?? state;
  const words = report.kind === 'fetched' ? text.reports[report.url ? 'clicked' : 'opened'] : text.reports[report.kind];
  return (
    <li className={reportTone(report.kind)}>
      <strong>{words ?? report.kind}</strong>{' '}
      <span className="faint small">{by ? `${by} · ` : ''}<Exactly at={report.at} /></span>
      {report.was && report.is ? <p className="dim small">{word(report.was)} → {word(report.is)}</p> : null}
      {reportDetails(report).map((line) => <p key={line} className="dim small break"><Words words={line} /></p>)}
    </li>
  );
}

function AttemptStep({ attempt }: { attempt: Attempt }) {
  const text = useText().messages;
  const { at, outcome } = attempt.ended ?? { at: null, outcome: null };
  return (
    <li className={outcome ? outcomeTone(outcome.kind) : ''}>
      <strong>{text.attempt(attempt.number)}</strong>{' '}
      <span className="faint small"><Exactly at={attempt.granted} /></span>
      <p className="dim small break">
        {attempt.address} · {text.via(attempt.provider)}
        {outcome ? (
          <>
            {' · '}
            {text.outcomes[outcome.kind] ?? outcome.kind}{outcome.text ? <>: <Words words={outcome.text} /></> : null} · <Exactly at={at} />
          </>
        ) : (
          ` · ${text.underWay}`
        )}
      </p>
    </li>
  );
}

function About({ message }: { message: Message }) {
  const text = useText().messages;
  const source = message.source;
  const { choices } = useText().kit.form;
  const format = useFormat();
  const from = source.campaign ? (
    <To to={href`/campaigns/${source.campaign}?run=${source.id ?? ''}`}>{[source.campaign, source.id && text.run(format.number(source.id))].filter(Boolean).join(' · ')}</To>
  ) : source.journey ? (
    <><To to={href`/journeys/${source.journey}`}>{source.journey}</To>{source.step ? <> · {text.step} <code>{source.step}</code></> : null}</>
  ) : (
    (text.sources[source.kind] ?? source.kind)
  );
  // A push goes to devices and a request to a server, whose names are no profile's.
  const namespace = NAMES_OF[message.channel];
  const to = namespace && message.attempts[0]?.address;
  return (
    <Facts
      facts={[
        [text.profile, to && namespace ? <To key="to" to={href`/profiles/${namespace}/${to}`}>{to}</To> : <To key="id" to={href`/profiles/id/${message.profile}`}>{message.profile}</To>],
        [text.template, <To key="t" to={href`/templates/${message.template.name}`}>{message.template.name}</To>],
        [text.source, from],
        [text.channel, choices[message.channel] ?? message.channel],
        [text.topic, message.topic ?? text.transactional],
        [text.path, message.path],
        [text.expires, <Exactly key="e" at={message.expires} />],
        [text.trace, <Copy key="c" value={message.trace} />],
      ]}
    />
  );
}

function ContentPanel({ id }: { id: string }) {
  const text = useText().messages;
  const query = useContent(id);
  return (
    <Panel title={text.content} sub={query.data ? <Words words={query.data.words} /> : null}>
      <Loaded query={query} rows={6}>
        {(content) => (
          <div className="stack">
            {content.subject ?? content.html ? (
              <p>
                <span className="dim">{text.subject} </span>
                <strong>{content.subject ?? text.noSubject}</strong>
              </p>
            ) : null}
            {content.html ? <Frame html={content.html} title={text.content} /> : content.text ? <pre className="json" tabIndex={0}>{content.text}</pre> : <p className="dim">{text.noContent}</p>}
            {content.headers.length > 0 ? (
              <details>
                <summary>{text.around}</summary>
                <Facts facts={content.headers.map((header) => [header.name, <span key={header.name} className="break">{header.value}</span>])} />
              </details>
            ) : null}
            <p className="faint small">{text.still}</p>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
