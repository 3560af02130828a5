import { Progress } from '@mantine/core';
import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Facts, Page, Panel, State, Stats, type Tone } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { href, To } from '@/kit/To';
import { Num, Spark } from '@/kit/values';
import { useText } from '@/text';
import { latenessOf, sumOf } from './model';
import { useOverview, type Overview as State_ } from './queries';

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
              {now.messages.per_second ? <Pace title={text.sendsPace} ticks={now.messages.per_second} words={text.perMinute} /> : null}
            </div>
            <div className="columns">
              <Running now={now} />
              <Refusals refused={now.messages.refused} />
              <Health now={now} />
            </div>
            <Queues now={now} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Attention({ now }: { now: State_ }) {
  const text = useText().overview;
  if (now.attention.length === 0) return null;
  return (
    <Panel title={text.attention}>
      <ul className="stack">
        {now.attention.map((item) => (
          <li key={item.what + item.words}>
            <State tone="warn">{item.what}</State> <span className="dim">{item.words}</span>{' '}
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
  const lateness = latenessOf(now.lateness);
  return (
    <Stats
      stats={[
        { name: text.events, value: format.compact(now.events.accepted) },
        { name: text.sent, value: format.compact(now.messages.sent) },
        { name: text.refused, value: format.compact(sumOf(now.messages.refused)) },
        { name: text.delivered, value: now.messages.delivered === null ? '–' : format.compact(now.messages.delivered) },
        { name: text.failed, value: format.compact(now.messages.failed + now.messages.unknown), small: text.unknownOf(format.number(now.messages.unknown)) },
        ...lateness.slice(0, 1).map(({ name, seconds }) => ({ name: text.lateness, value: format.duration(seconds), small: text.latenessWords[name] ?? name })),
      ]}
    />
  );
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
  const campaigns = now.campaigns ?? [];
  const builds = now.builds ?? [];
  return (
    <Panel title={text.running}>
      {campaigns.length + builds.length === 0 ? <p className="dim">{text.nothingRuns}</p> : null}
      <div className="stack">
        {campaigns.map((run) => (
          <div key={run.run}>
            <To to={href`/campaigns/${run.campaign}` + `?run=${run.run}`}>{run.campaign}</To> <State tone={run.state === 'paused' ? 'warn' : 'going'}>{text.states[run.state] ?? run.state}</State>
          </div>
        ))}
        {builds.map((build) => (
          <div key={build.segment}>
            <To to={href`/segments/${build.segment}`}>{build.segment}</To>
            <Progress mt={6} value={build.built * 100} aria-label={`${build.segment}: ${format.percent(build.built)}`} />
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
      <Facts facts={sorted.map(([reason, count]) => [text.reasons[reason] ?? reason, <span key="n" className="num">{format.number(count)}</span>])} />
    </Panel>
  );
}

const TONES: Record<string, Tone> = { ok: 'good', warn: 'warn', bad: 'bad' };

function Health({ now }: { now: State_ }) {
  const text = useText().overview;
  return (
    <Panel title={text.health}>
      <ul className="stack">
        {now.health.map((one) => (
          <li key={one.what}>
            <State tone={TONES[one.state] ?? 'calm'}>{one.what}</State>
            <p className="dim small">{one.words}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Queues({ now }: { now: State_ }) {
  const text = useText().overview;
  const format = useFormat();
  return (
    <Panel title={text.queues} flush>
      {now.queues.length === 0 ? (
        <p className="pad dim">{text.noQueues}</p>
      ) : (
        <Table
          name={text.queues} rows={now.queues} keyOf={(row) => `${row.path}/${row.class ?? ''}`}
          columns={[
            { head: text.path, cell: (row) => <code>{row.path}</code> },
            { head: text.class, wide: true, cell: (row) => row.class ?? '' },
            { head: text.due, right: true, cell: (row) => <Num value={row.due} /> },
            { head: text.oldest, right: true, cell: (row) => (row.oldest_seconds === null ? '–' : format.duration(row.oldest_seconds)) },
          ]}
        />
      )}
    </Panel>
  );
}
