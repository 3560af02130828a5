import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import type { Balance, CampaignRun } from '@/api/shapes';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Failed } from '@/kit/Loaded';
import { Facts, Panel, State, Stats, type Tone } from '@/kit/Page';
import { href, To } from '@/kit/To';
import { Exactly, Meter } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useSteer, type Steering } from './queries';

const TONES: Record<string, Tone> = { running: 'going', paused: 'warn', cancelled: 'bad', done: 'good' };

export function RunState({ run }: { run: CampaignRun }) {
  const text = useText().campaigns;
  return <State tone={TONES[run.state] ?? 'calm'}>{text.states[run.state] ?? run.state}</State>;
}

export function BalanceMeter({ balance }: { balance: Balance }) {
  const text = useText().campaigns;
  const format = useFormat();
  const terms = [
    { name: text.sent, value: balance.sent, tone: 'good' },
    { name: text.refused, value: balance.refused, tone: 'warn' },
    { name: text.failed, value: balance.failed, tone: 'bad' },
    { name: text.unknown, value: balance.unknown, tone: 'unsure' },
    { name: text.left, value: balance.left, tone: 'going' },
  ];
  return (
    <div style={{ minWidth: 120, paddingTop: 6 }}>
      <Meter parts={terms} label={terms.map((term) => `${term.name} ${format.number(term.value)}`).join(', ')} />
    </div>
  );
}

/** One run: its balance, live, and what can be done about it. `warnings` are what was said of it when it was started here. */
export function RunPanel({ run, warnings = [] }: { run: CampaignRun; warnings?: string[] }) {
  const text = useText().campaigns;
  const format = useFormat();
  const { balance } = run;
  return (
    <>
      <div className="row" style={{ marginBottom: 12 }}>
        <RunState run={run} />
        <span className="dim small">
          {run.by === 'schedule' ? text.startedItself : text.startedBy(run.by)} <Exactly at={run.started} />
        </span>
        <Steer run={run} />
      </div>
      {run.despite || warnings.length > 0 ? (
        <ul className="consequences" data-testid="despite" style={{ marginBottom: 18 }}>
          {run.despite ? <li><strong>{text.despite}</strong> <span className="break">{run.despite}</span></li> : null}
          {warnings.map((warning) => <li key={warning}><State tone="warn">{text.warning}</State> <Words words={warning} /></li>)}
        </ul>
      ) : null}
      {run.waits ? (
        <div className="notice" data-testid="waits">
          {/* The words of the server count on; only that it waits is announced. */}
          <p role="status"><strong>{text.waits}</strong></p>
          <p><Words words={run.waits} /></p>
        </div>
      ) : null}
      <Stats
        stats={[
          { name: text.target, value: format.number(balance.target), small: `${balance.frozen ? text.frozen : text.freezing} · ${text.plannedOf(format.number(balance.planned))}` },
          ...(['sent', 'refused', 'failed', 'unknown', 'pending'] as const).map((term) => ({ name: text[term], value: <Term run={run.run} term={term} count={balance[term]} /> })),
        ]}
      />
      <Panel title={text.ledger} end={<State tone={balance.balances ? 'good' : 'bad'}>{balance.balances ? text.balances : text.balancesNot}</State>}>
        <div className="stack">
          <BalanceMeter balance={balance} />
          <p className="dim" data-testid="equation"><Equation balance={balance} /></p>
          <Engagement run={run} />
          {Object.keys(balance.refusals).length > 0 ? (
            <table className="grid">
              <caption className="sr">{text.reasons}</caption>
              <thead>
                <tr>
                  <th scope="col">{text.reasons}</th>
                  <th scope="col" className="right">{text.people}</th>
                </tr>
              </thead>
              <tbody>
                {Object.entries(balance.refusals).sort((a, b) => b[1] - a[1]).map(([reason, count]) => (
                  <tr key={reason}>
                    <td><To to={href`/messages?tab=ledger&run=${run.run}&state=refused&reason=${reason}`}>{text.reasonWords[reason] ?? reason}</To></td>
                    <td className="right">{format.number(count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : null}
        </div>
      </Panel>
    </>
  );
}

/** What is planned is what became of it: the server's terms, each as it counts them. */
function Equation({ balance }: { balance: Balance }) {
  const text = useText().campaigns;
  const format = useFormat();
  const said = (terms: [string, number, boolean][]) => terms.filter(([, , always]) => always).map(([name, count]) => `${format.number(count)} ${name}`).join(' + ');
  const moved = balance.moved_in + balance.moved_out > 0;
  const terms = text.terms;
  return (
    <>
      {said([[terms.planned, balance.planned, true], [terms.movedIn, balance.moved_in, moved]])}
      {' = '}
      {said([
        [terms.sent, balance.sent, true], [terms.refused, balance.refused, true], [terms.failed, balance.failed, true], [terms.unknown, balance.unknown, true],
        [terms.pending, balance.pending, true], [terms.movedOut, balance.moved_out, moved],
      ])}
    </>
  );
}

/** Who opened and followed, people apart from machines. */
function Engagement({ run }: { run: CampaignRun }) {
  const text = useText().campaigns;
  const format = useFormat();
  const { engagement } = run;
  if (!engagement) return null;
  const line = (by: { human: number; machine: number; unknown: number }) => text.actors(format.number(by.human), format.number(by.machine), format.number(by.unknown));
  return <Facts facts={[[text.opened, line(engagement.opened)], [text.clicked, line(engagement.clicked)]]} />;
}

/** A term of the balance: it leads to exactly these messages. */
function Term({ run, term, count }: { run: number; term: string; count: number }) {
  const format = useFormat();
  return count > 0 ? <To to={href`/messages?tab=ledger&run=${run}&state=${term}`}>{format.number(count)}</To> : format.number(count);
}

function Steer({ run }: { run: CampaignRun }) {
  const text = useText().campaigns;
  const format = useFormat();
  const [asking, setAsking] = useState<Steering | null>(null);
  const mayEdit = useMayEdit();
  const steer = useSteer(run.run);
  if (!mayEdit || run.state === 'done' || run.state === 'cancelled') return null;
  const { left } = run.balance;
  const act = (to: Steering) => steer.mutate(to, { onSuccess: () => setAsking(null) });
  return (
    <div className="row" style={{ marginLeft: 'auto' }}>
      {/* Pausing waits for no question: it can be taken back, and every second counts. */}
      {run.state === 'running' ? (
        <Button size="xs" variant="default" loading={steer.isPending && asking === null} onClick={() => act('pause')}>
          {text.pause}
        </Button>
      ) : (
        <Button size="xs" variant="default" onClick={() => setAsking('resume')}>
          {text.resume}
        </Button>
      )}
      <Button size="xs" variant="default" c="var(--bad)" onClick={() => setAsking('cancel')}>
        {text.cancel}
      </Button>
      {steer.error && asking === null ? <Failed error={steer.error} /> : null}
      <Confirm
        opened={asking !== null} close={() => setAsking(null)} danger={asking === 'cancel'} busy={steer.isPending} error={steer.error}
        title={asking === 'resume' ? text.resumeTitle : text.cancelTitle} verb={asking === 'resume' ? text.resume : text.cancelVerb}
        consequences={asking === 'resume' ? [text.resumeWords(format.number(left))] : [text.cancelWords(format.number(left)), text.cancelSent(format.number(run.balance.sent)), text.cancelFinal]}
        act={() => asking && act(asking)}
      />
    </div>
  );
}
