import { Button } from '@mantine/core';
import { useMayEdit } from '@/api/session';
import { IconPlus } from '@/kit/icons';
import { Empty, Loaded } from '@/kit/Loaded';
import { Page, Panel } from '@/kit/Page';
import { Searched } from '@/kit/Search';
import { moreOf, Table } from '@/kit/Table';
import { href, To, useGo } from '@/kit/To';
import { Exactly, Num, When } from '@/kit/values';
import { useText } from '@/text';
import { BalanceMeter, RunState } from './Run';
import { useCampaigns, useRuns } from './queries';

/** Campaigns, and what went out of them. */
export function CampaignList() {
  const text = useText().campaigns;
  const campaigns = useCampaigns();
  const runs = useRuns();
  const go = useGo();
  const create = useMayEdit() ? (
    <Button leftSection={<IconPlus />} onClick={() => go('/campaigns/new')}>
      {text.create}
    </Button>
  ) : null;
  return (
    <Page title={text.title} sub={text.sub} actions={create}>
      <Loaded query={campaigns}>
        {(all) =>
          all.length === 0 ? (
            <Panel title={text.defined} flush>
              <Empty title={text.empty} words={text.emptyWords} next={create} />
            </Panel>
          ) : (
            <Searched rows={all} label={text.filter} title={text.defined} wordsOf={(row) => `${row.name} ${row.template} ${row.audience.join(' ')}`}>
              {(rows) => (
                <Table
                  name={text.title} rows={rows} keyOf={(row) => row.name} to={(row) => href`/campaigns/${row.name}`}
                  columns={[
                    { head: text.name, cell: (row) => row.name },
                    { head: text.audience, cell: (row) => <Audience inside={row.audience} outside={row.exclude} /> },
                    { head: text.template, wide: true, cell: (row) => <span className="above"><To to={href`/templates/${row.template}`}>{row.template}</To></span> },
                    { head: text.planned, wide: true, cell: (row) => (row.at ? <>{row.monthly ? text.monthlyFrom : ''} <Exactly at={row.at} /></> : text.byHand) },
                  ]}
                />
              )}
            </Searched>
          )
        }
      </Loaded>
      <Panel title={text.runs} flush>
        <Loaded query={runs}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title={text.noRuns} words={text.noRunsWords} />
            ) : (
              <Table
                name={text.runs} rows={rows} keyOf={(row) => String(row.run)} more={moreOf(runs)} to={(row) => href`/campaigns/${row.campaign}` + `?run=${row.run}`}
                columns={[
                  { head: text.name, cell: (row) => row.campaign },
                  { head: text.state, cell: (row) => <RunState run={row} /> },
                  { head: text.progress, wide: true, cell: (row) => <BalanceMeter balance={row.balance} /> },
                  { head: text.target, right: true, cell: (row) => <Num value={row.balance.target} /> },
                  { head: text.sent, right: true, cell: (row) => <Num value={row.balance.sent} /> },
                  { head: text.refused, right: true, wide: true, cell: (row) => <Num value={row.balance.refused} /> },
                  { head: text.started, wide: true, cell: (row) => <When at={row.started} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}

export function Audience({ inside, outside }: { inside: string[]; outside: string[] }) {
  const text = useText().campaigns;
  return (
    <span className="above">
      {inside.map((name, place) => (
        <span key={name}>
          {place > 0 ? ', ' : ''}
          <To to={href`/segments/${name}`}>{name}</To>
        </span>
      ))}
      {outside.length > 0 ? <span className="dim"> {text.without} </span> : null}
      {outside.map((name, place) => (
        <span key={name}>
          {place > 0 ? ', ' : ''}
          <To to={href`/segments/${name}`}>{name}</To>
        </span>
      ))}
    </span>
  );
}
