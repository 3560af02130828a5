import { Progress } from '@mantine/core';
import { told } from '@/kit/Because';
import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Facts, Page, Panel, State, Stats, type Tone } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { href, To } from '@/kit/To';
import { Num, Spark } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText, type Text } from '@/text';
import { sumOf } from './model';
import { useOverview, type Overview as State_ } from './queries';

const TONES: Record<string, Tone> = { ok: 'good', warn: 'warn', bad: 'bad' };

/** How everything is, what runs now, and what needs a person. */
export function Overview() {
  const text = useText().overview;
  const query = useOverview();
  const open = query.standing === 'open';
  return (
    <Page title={text.title} actions={query.data ? <State tone={open ? 'going' : 'warn'}>{open ? text.live : text.connecting}</State> : null}>
      <Loaded query={query} rows={10}>
        {(now) => (
          <>
            <Attention now={now} />
            <Numbers now={now} />
            <div className="columns">
              <Pace title={text.eventsPace} ticks={now.events.per_second} words={text.perMinute} />
              <Pace title={text.sendsPace} ticks={now.messages.per_second} words={text.perMinute} />
            </div>
            <div className="columns">
              <Running now={now} />
              <Refusals refused={now.messages.refused} />
            </div>
            <Queues now={now} />
            <Health now={now} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** What a part of the server is called here: its kind in this language, and its own name. */
function partOf(what: string, words: Text['health']): string {
  const [kind, ...name] = what.split(' ');
  return [words.parts[kind ?? ''] ?? kind, ...name].join(' ');
}

/** What is so, and what to do: in the language of the page where it has words for it, else as the server says it. */
function InWords({ of, todo }: { of: { code: string; said: unknown; words: string }; todo?: string | null | undefined }) {
  const { words, todo: todos } = useText().health;
  const format = useFormat();
  const own = words[of.code]?.(told(of.said, format));
  if (own !== undefined) return <Words own words={[own, todos[of.code]].filter(Boolean).join(' ')} />;
  return <Words words={[of.words, todo].filter(Boolean).join(' ')} />;
}

function Attention({ now }: { now: State_ }) {
  const text = useText().overview;
  const words = useText().health;
  if (now.attention.length === 0) return null;
  return (
    <Panel title={text.attention}>
      <ul className="stack">
        {now.attention.map((item) => (
          <li key={item.what + item.code}>
            <State tone={TONES[item.state] ?? 'warn'}>{partOf(item.what, words)}</State> <span className="dim"><InWords of={item} /></span>{' '}
            {item.link?.startsWith('/') ? <To to={item.link}>{text.look}</To> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Numbers({ now }: { now: State_ }) {
  const text = useText().overview;
  const format = useFormat();
  return (
    <Stats
      stats={[
        { name: text.events, value: <To to="/events">{format.compact(now.events.ever)}</To>, small: text.people(format.compact(now.profiles)) },
        { name: text.sent, value: <Of state="sent" count={now.messages.sent} /> },
        { name: text.refused, value: <Of state="refused" count={sumOf(now.messages.refused)} /> },
        { name: text.delivered, value: format.compact(now.messages.delivered), small: text.bounces(format.number(now.messages.bounced), format.number(now.messages.complained)) },
        { name: text.failed, value: <Of state="failed" count={now.messages.failed} />, small: <Of state="unknown" count={now.messages.unknown} words={text.unknownOf(format.number(now.messages.unknown))} /> },
        { name: text.lateness, value: format.duration(now.lateness.queues_ms / 1000), small: text.timers(format.duration(now.lateness.timers_ms / 1000)) },
      ]}
    />
  );
}

/** A number of messages: it leads to them, where there are any. */
function Of({ state, count, words }: { state: string; count: number; words?: string }) {
  const format = useFormat();
  const said = words ?? format.compact(count);
  return count > 0 ? <To to={`/messages?tab=ledger&state=${state}`}>{said}</To> : said;
}

function Pace({ title, ticks, words }: { title: string; ticks: { count: number }[]; words: (count: string) => string }) {
  const format = useFormat();
  const counts = ticks.map((tick) => tick.count);
  const sum = counts.reduce((total, count) => total + count, 0);
  return (
    <Panel title={title} end={<span className="dim small num">{words(format.number(sum))}</span>}>
      <Spark values={counts} height={56} label={`${title}: ${words(format.number(sum))}`} />
    </Panel>
  );
}

function Running({ now }: { now: State_ }) {
  const text = useText().overview;
  const format = useFormat();
  const { campaigns, builds } = now;
  return (
    <Panel title={text.running}>
      {campaigns.length + builds.length === 0 ? <p className="dim">{text.nothingRuns}</p> : null}
      <div className="stack">
        {campaigns.map((run) => (
          <div key={run.run}>
            <To to={href`/campaigns/${run.campaign}` + `?run=${run.run}`}>{run.campaign}</To> <State tone={run.state === 'paused' ? 'warn' : 'going'}>{text.states[run.state] ?? run.state}</State>
            <Progress mt={6} value={run.progress * 100} aria-label={`${run.campaign}: ${format.percent(run.progress)}`} />
            <p className="dim small num">{text.sentOf(format.number(run.balance.sent), format.number(run.balance.target))}</p>
          </div>
        ))}
        {builds.map((build) => (
          <div key={build.segment}>
            <To to={href`/segments/${build.segment}`}>{build.segment}</To>
            <Progress mt={6} value={(build.built / Math.max(1, build.of)) * 100} aria-label={`${build.segment}: ${format.percent(build.built / Math.max(1, build.of))}`} />
          </div>
        ))}
      </div>
    </Panel>
  );
}

function Refusals({ refused }: { refused: Record<string, number> }) {
  const text = useText();
  const format = useFormat();
  const sorted = Object.entries(refused).filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  return (
    <Panel title={text.overview.refusals}>
      {sorted.length === 0 ? <p className="dim">{text.overview.noRefusals}</p> : null}
      <Facts facts={sorted.map(([reason, count]) => [<To key="r" to={href`/messages?tab=ledger&state=refused&reason=${reason}`}>{text.reasons[reason] ?? reason}</To>, <span key="n" className="num">{format.number(count)}</span>])} />
    </Panel>
  );
}

function Health({ now }: { now: State_ }) {
  const text = useText().overview;
  const words = useText().health;
  return (
    <Panel title={text.health}>
      <ul className="cells">
        {now.health.map((one) => (
          <li key={one.what + one.code}>
            <State tone={TONES[one.state] ?? 'calm'}>{partOf(one.what, words)}</State>
            <p className="dim small"><InWords of={one} todo={one.todo} /></p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Queues({ now }: { now: State_ }) {
  const { overview: text, sending } = useText();
  const format = useFormat();
  return (
    <Panel title={text.queues} end={<To to="/sending">{text.allQueues}</To>} flush>
      {now.queues.length === 0 ? (
        <p className="pad dim">{text.noQueues}</p>
      ) : (
        <Table
          name={text.queues} rows={now.queues} keyOf={(row) => `${row.path}/${row.class}`} to={(row) => href`/messages?tab=ledger&queue=${row.path}&state=queued`}
          columns={[
            { head: text.path, cell: (row) => row.path },
            { head: text.class, wide: true, cell: (row) => sending.classes[row.class] ?? row.class },
            { head: text.stands, cell: (row) => <State tone={row.closed ? 'warn' : 'going'}>{row.closed ? sending.closed : text.leaving}</State> },
            { head: text.due, right: true, cell: (row) => (row.at_least ? sending.atLeast(format.number(row.due)) : <Num value={row.due} />) },
            { head: text.oldest, right: true, cell: (row) => (row.due === 0 ? '–' : format.duration(row.oldest_seconds)) },
          ]}
        />
      )}
    </Panel>
  );
}
