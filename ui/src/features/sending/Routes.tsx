import { Button } from '@mantine/core';
import { useMember } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Empty, Loaded } from '@/kit/Loaded';
import { Panel, State, Tag } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { href, To, useGo } from '@/kit/To';
import { When } from '@/kit/values';
import { useText } from '@/text';
import { toneOf } from './model';
import { useQueues, type All, type Leg, type Provider, type Route } from './queries';

/** By which providers messages leave, in which shares; and how each provider stands now. */
export function Routes() {
  const text = useText().sending;
  const query = useQueues();
  const go = useGo();
  const owner = useMember().role === 'owner';
  const add = owner ? <Button size="xs" onClick={() => go('/definitions/routes/new')}>{text.addRoute}</Button> : null;
  return (
    <Loaded query={query} rows={6}>
      {(all) => (
        <>
          <Panel title={text.providers} sub={text.providersWords} flush>
            {all.providers.length === 0 ? <Empty title={text.noProviders} words={text.noProvidersWords} /> : <Providers providers={all.providers} />}
          </Panel>
          {Object.keys(all.routes).length === 0 ? (
            <Panel title={text.routes} end={add}>
              <Empty title={text.noRoutes} words={text.noRoutesWords} />
            </Panel>
          ) : (
            <>
              <div className="row" style={{ justifyContent: 'flex-end', marginBottom: 12 }}>{add}</div>
              {Object.entries(all.routes).map(([name, route]) => (
                <Panel key={name} title={<To to={href`/definitions/routes/${name}`}>{name}</To>} end={<Serves route={route} />} flush>
                  <Legs name={name} route={route} all={all} />
                </Panel>
              ))}
            </>
          )}
        </>
      )}
    </Loaded>
  );
}

function Providers({ providers }: { providers: Provider[] }) {
  const text = useText().sending;
  const format = useFormat();
  return (
    <Table
      name={text.providers} rows={providers} keyOf={(row) => row.name} to={(row) => href`/definitions/providers/${row.name}`}
      columns={[
        { head: text.provider, cell: (row) => row.name },
        { head: text.breaker, cell: (row) => <Breaker provider={row} /> },
        { head: text.underWay, right: true, cell: (row) => text.of(format.number(row.in_flight), format.number(row.window)) },
        { head: text.warmUp, wide: true, cell: (row) => <WarmUp provider={row} /> },
      ]}
    />
  );
}

function Breaker({ provider }: { provider: Provider }) {
  const text = useText().sending;
  return (
    <>
      <State tone={toneOf(provider.state)}>{text.states[provider.state] ?? provider.state}</State>
      {provider.until ? <span className="dim small"> {text.askedAgain} <When at={provider.until} /></span> : null}
    </>
  );
}

/** What the plan allows to each group today, and what was carried of it. */
function WarmUp({ provider }: { provider: Provider }) {
  const text = useText().sending;
  const format = useFormat();
  const plan = provider.warm_up;
  if (!plan) return <span className="faint">{text.noPlan}</span>;
  if (plan.today === null) return <>{text.planOver(format.number(plan.until))}</>;
  const today = provider.counted.filter((one) => one.group && one.day === plan.day);
  const counted = ({ group, count }: Provider['counted'][number]) => {
    const cap = plan.groups[group ?? ''];
    return cap === undefined ? format.number(count) : text.of(format.number(count), format.number(cap));
  };
  return (
    <div>
      {text.planToday(format.number(plan.today), format.number(plan.until))}
      {today.map((one) => <div key={one.group} className="dim small">{text.carried(one.group ?? '', counted(one))}</div>)}
    </div>
  );
}

function Serves({ route }: { route: Route }) {
  const { classes } = useText().sending;
  const { choices } = useText().kit.form;
  const only = [...(route.classes ?? []).map((one) => classes[one] ?? one), ...(route.topics ?? []), ...(route.senders ?? [])];
  return <>{[choices[route.channel] ?? route.channel, ...only].map((one) => <Tag key={one}>{one}</Tag>)}</>;
}

function Legs({ name, route, all }: { name: string; route: Route; all: All }) {
  const text = useText().sending;
  const format = useFormat();
  const provider = (leg: Leg) => all.providers.find((one) => one.name === leg.provider);
  const today = (leg: Leg) => provider(leg)?.counted.filter((one) => one.route === name).sort((a, b) => b.day.localeCompare(a.day))[0]?.count ?? 0;
  const only = (leg: Leg) => [...(leg.countries ?? []), ...(leg.domains ?? [])].join(', ');
  return (
    <Table
      name={name} rows={route.legs} keyOf={(leg) => `${leg.provider} ${only(leg)}`}
      columns={[
        { head: text.provider, cell: (leg) => <strong>{leg.provider}</strong> },
        { head: text.share, cell: (leg) => (leg.backup ? text.backup : text.weight(format.number(leg.weight ?? 1))) },
        { head: text.only, wide: true, cell: (leg) => only(leg) || <span className="faint">{text.everywhere}</span> },
        { head: text.perDay, right: true, wide: true, cell: (leg) => (leg['max-per-day'] ? text.of(format.number(today(leg)), format.number(leg['max-per-day'])) : '–') },
        { head: text.cost, right: true, wide: true, cell: (leg) => leg.cost ?? '–' },
        { head: text.breaker, cell: (leg) => { const known = provider(leg); return known ? <Breaker provider={known} /> : <State tone="bad">{text.noProvider}</State>; } },
      ]}
    />
  );
}
