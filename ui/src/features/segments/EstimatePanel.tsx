import { Fault } from '@/kit/Fault';
import { useFormat } from '@/kit/format';
import { Failed } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { href, To } from '@/kit/To';
import { useText } from '@/text';
import type { useEstimate, Estimate } from './queries';

/** How many a rule holds for, some of them, and what is wrong with it: while it is typed. */
export function EstimatePanel({ estimate, asked }: { estimate: ReturnType<typeof useEstimate>; asked: boolean }) {
  const text = useText().segments;
  const answer = asked ? estimate.data : undefined;
  const faults = answer?.diagnostics ?? estimate.error?.fields ?? [];
  return (
    <Panel title={text.estimate}>
      <div aria-live="polite" aria-busy={estimate.isFetching} data-testid="estimate">
        {!asked ? <p className="dim">{text.nothingYet}</p> : null}
        {asked && estimate.error && faults.length === 0 ? <Failed error={estimate.error} /> : null}
        {asked && faults.length > 0 ? (
          <ul className="stack">
            {faults.map((fault, place) => (
              <li key={place} className="small">
                {'line' in fault && fault.line ? <span className="faint">{text.at(fault.line, fault.column ?? 1)} </span> : null}
                <Fault fault={fault} />
              </li>
            ))}
          </ul>
        ) : null}
        {answer ? <Count answer={answer} /> : null}
      </div>
    </Panel>
  );
}

function Count({ answer }: { answer: Estimate }) {
  const text = useText().segments;
  const format = useFormat();
  const { count, exact } = answer;
  const [low, high, sampled, of] = [answer.low ?? 0, answer.high ?? 0, answer.sampled ?? 0, answer.of ?? 0];
  if (count === null) return null;
  return (
    <div className="stack">
      <div>
        <p style={{ fontSize: 28, fontWeight: 620, letterSpacing: '-0.02em', lineHeight: 1.2 }} className="num">
          {exact ? format.number(count) : text.about(format.number(count))}
        </p>
        <p className="dim small">
          {exact ? text.exactly(format.number(of)) : text.between(format.number(low), format.number(high), format.number(sampled), format.number(of))}
        </p>
      </div>
      {answer.people.length > 0 ? (
        <div>
          <p className="faint small">{text.sample}</p>
          <ul>
            {answer.people.map((person) => (
              <li key={person.profile} className="break" style={{ paddingBlock: 3 }}>
                {person.namespace && person.value ? <To to={href`/profiles/${person.namespace}/${person.value}`}>{person.value}</To> : person.profile}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </div>
  );
}
