import type { usePlanned } from '@/api/definitions';
import type { Diagnostic } from '@/api/problem';
import { useText } from '@/text';
import { Diff } from '../Diff';
import { Fault } from '../Fault';
import { Failed } from '../Loaded';
import { Panel, State } from '../Page';

/** What the server thinks of the draft, while it is written: faults that have no field, and the difference. */
export function CheckPanel({ plan, elsewhere, asked }: { plan: ReturnType<typeof usePlanned>; elsewhere: Diagnostic[]; asked: boolean }) {
  const text = useText().kit.publish;
  const errors = plan.faults.filter((fault) => fault.severity !== 'warning').length;
  const known = asked && (plan.data !== undefined || plan.faults.length > 0);
  const state = !known ? null : errors > 0 ? <State tone="bad">{text.faults(errors)}</State> : !plan.own ? <State tone="calm">{text.same}</State> : <State tone="good">{text.clean}</State>;
  return (
    <Panel title={text.check} end={state}>
      <div className="stack" aria-live="polite" data-testid="check" data-settled={plan.settled && !plan.isFetching ? '' : undefined}>
        {!asked ? <p className="dim">{text.unnamed}</p> : null}
        {known && errors === 0 && !plan.own ? <p className="dim">{text.sameWords}</p> : null}
        {asked && plan.error && plan.faults.length === 0 ? <Failed error={plan.error} /> : null}
        {asked && elsewhere.length > 0 ? (
          <ul className="stack">
            {elsewhere.map((fault, place) => (
              <li key={place} className={fault.severity === 'warning' ? 'small' : 'small fault'}>
                <code className="break">{fault.path}</code> <Fault fault={fault} />
              </li>
            ))}
          </ul>
        ) : null}
        {asked && plan.own ? <Diff before={plan.own.before} after={plan.own.after} label={text.diff} /> : null}
      </div>
    </Panel>
  );
}
