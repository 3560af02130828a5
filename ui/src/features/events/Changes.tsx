import type { ReactNode } from 'react';
import type { components } from '@/api/schema';
import type { Step } from '@/api/shapes';
import { useFormat } from '@/kit/format';
import { Empty } from '@/kit/Loaded';
import { Facts, Panel } from '@/kit/Page';
import { href, To } from '@/kit/To';
import { Copy, Exactly, inWords } from '@/kit/values';
import { useText, type Text } from '@/text';
import { changesOf } from './model';

type Change = components['schemas']['CausedChange'];
type Words = Text['events']['changes'];
type Row = [ReactNode, ReactNode];

/** What an event changed about people: profile, segments, journeys, messages. */
export function Changes({ steps, events }: { steps: Step[]; events: number }) {
  const text = useText();
  const format = useFormat();
  const words = text.events.changes;
  const { people, more } = changesOf(steps);
  return (
    <Panel title={words.title} sub={events > 1 ? words.several(format.number(events)) : words.sub}>
      <div className="changes" data-testid="changes">
        {people.length === 0 ? more ? null : <Empty title={words.none} words={words.noneWords} /> : null}
        {people.map(({ profile, groups }) => (
          <section key={profile} aria-label={profile}>
            <p className="small break">
              {words.about} <To to={href`/profiles/id/${profile}`}>{profile}</To>
            </p>
            {groups.map(([group, changes]) => (
              <section key={group}>
                <h3>{words.groups[group]}</h3>
                <Facts facts={changes.map((change) => row(change, words, text.reasons))} />
              </section>
            ))}
          </section>
        ))}
        {more ? <p className="dim small">{words.more}</p> : null}
      </div>
    </Panel>
  );
}

const known = (value: unknown, none: string) => (value === null || value === undefined ? none : inWords(value));

function row(change: Change, words: Words, reasons: Text['reasons']): Row {
  switch (change.kind) {
    case 'created':
      return [words.profile, words.created];
    case 'attribute':
      return [<span key="name" className="break">{change.name}</span>, <Became key="value" before={known(change.before, words.nothing)} after={known(change.after, words.nothing)} />];
    case 'consent': {
      const state = (name: string | null | undefined) => (name ? (words.states[name] ?? name) : words.nothing);
      const topic = change.topic === '*' ? words.everyTopic : change.topic;
      return [words.consent(topic, change.channel ?? words.everyChannel), <Became key="value" before={state(change.before)} after={state(change.after)} />];
    }
    case 'alias':
      return [change.held ? words.nameWon : words.nameLost, change.alias];
    case 'alias-refused':
      return [words.nameRefused, change.alias];
    case 'merged':
      return [words.merged, <To key="with" to={href`/profiles/id/${change.with}`}>{change.with}</To>];
    case 'device':
      return [change.held ? words.deviceWon : words.deviceLost, `${change.device} (${change.platform})`];
    case 'segment':
      return [change.inside ? words.entered : words.left, <To key="segment" to={href`/segments/${change.name}`}>{change.name}</To>];
    case 'run-started':
      return [<OfRun key="run" run={change.run} />, <>{words.started} · {words.revision(change.run.revision)} · <Copy value={change.run.id} /></>];
    case 'run-went':
      return [<OfRun key="run" run={change.run} />, <><Became before={change.from} after={change.to} /> · {words.because[change.because]}</>];
    case 'run-waits':
      return [<OfRun key="run" run={change.run} />, <>{words.waits(change.at)} <Exactly at={change.until} /></>];
    case 'run-ended':
      return [<OfRun key="run" run={change.run} />, `${words.ended(change.at)} · ${words.endings[change.because]}`];
    case 'message-planned':
      return [words.planned, <To key="message" to={href`/messages/${change.message}`}>{change.template}</To>];
    case 'message-refused':
      return [words.refused, <><To to={href`/messages/${change.message}`}>{change.template}</To> · {reasons[change.reason] ?? change.reason}</>];
  }
}

function Became({ before, after }: { before: string; after: string }) {
  return (
    <span className="break">
      <span className="dim">{before}</span> → {after}
    </span>
  );
}

function OfRun({ run }: { run: components['schemas']['CausedRun'] }) {
  return <To to={href`/journeys/${run.journey}`}>{run.journey}</To>;
}
