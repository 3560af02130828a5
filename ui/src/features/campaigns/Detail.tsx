import { Button, NativeSelect } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useRead } from '@/api/queries';
import { useMayEdit } from '@/api/session';
import type { Segment } from '@/api/shapes';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Facts, Page, Panel } from '@/kit/Page';
import { Remove } from '@/kit/publish/Remove';
import { href, To, useGo, useQuestion } from '@/kit/To';
import { Exactly } from '@/kit/values';
import { useText } from '@/text';
import { Audience } from './List';
import { RunPanel } from './Run';
import { useCampaigns, useRuns, useStart, type Campaign } from './queries';

/** One campaign: what it is, and each of its runs with its ledger. */
export function CampaignDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const text = useText().campaigns;
  const allMessages = useText().messages.title;
  const format = useFormat();
  const [question, change] = useQuestion();
  const campaigns = useCampaigns();
  const runs = useRuns();
  const own = (runs.data?.runs ?? []).filter((run) => run.campaign === name);
  const shown = own.find((run) => String(run.run) === question.run) ?? own[0];
  const campaign = campaigns.data?.find((one) => one.name === name);
  return (
    <Page title={name} crumbs={[{ to: '/campaigns', words: text.title }]} actions={campaign ? <Actions campaign={campaign} /> : null}>
      {campaigns.error ? <Failed error={campaigns.error} /> : null}
      {campaigns.data && !campaign ? <Empty title={text.gone} words={text.goneWords} /> : null}
      {campaign ? (
        <Panel title={text.what}>
          <Facts
            facts={[
              [text.audience, <Audience key="a" inside={campaign.audience} outside={campaign.exclude} />],
              [text.template, <To key="t" to={href`/templates/${campaign.template}`}>{campaign.template}</To>],
              [text.planned, campaign.at ? <span key="p">{campaign.monthly ? text.monthlyFrom : ''} <Exactly at={campaign.at} /></span> : text.byHand],
              ...(campaign.perMinute ? [[text.pace, text.perMinute(format.number(campaign.perMinute))] as [string, string]] : []),
              [text.revision, format.number(campaign.revision)],
              [allMessages, <To key="m" to={`/messages?tab=ledger&campaign=${encodeURIComponent(name)}`}>{text.messages}</To>],
            ]}
          />
        </Panel>
      ) : null}
      <Loaded query={runs}>
        {() =>
          shown ? (
            <>
              {own.length > 1 ? (
                <div className="filters">
                  <NativeSelect label={text.run} value={String(shown.run)} onChange={(event) => change({ run: event.currentTarget.value })} data={own.map((run) => ({ value: String(run.run), label: `${format.dateTime(run.started)} · ${text.states[run.state] ?? run.state}` }))} />
                </div>
              ) : null}
              <RunPanel run={shown} />
            </>
          ) : (
            <Panel>
              <Empty title={text.noRuns} words={text.noRunsWords} />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

function Actions({ campaign }: { campaign: Campaign }) {
  const text = useText();
  const go = useGo();
  const mayEdit = useMayEdit();
  return (
    <>
      <Button variant="default" onClick={() => go(href`/definitions/campaigns/${campaign.name}/history`)}>{text.kit.publish.history}</Button>
      {mayEdit ? <Remove named={{ folder: 'campaigns', name: campaign.name }} done={() => go('/campaigns')} /> : null}
      {mayEdit ? <Button variant="default" onClick={() => go(href`/campaigns/${campaign.name}/edit`)}>{text.campaigns.edit}</Button> : null}
      <Start campaign={campaign} />
    </>
  );
}

function Start({ campaign }: { campaign: Campaign }) {
  const text = useText().campaigns;
  const format = useFormat();
  const mayEdit = useMayEdit();
  const [asking, setAsking] = useState(false);
  const segments = useRead<{ segments: Segment[] }>('/v1/segments', {}, { enabled: asking });
  const start = useStart(campaign.name);
  if (!mayEdit) return null;
  const members = (name: string) => format.number(segments.data?.segments.find((one) => one.name === name)?.members ?? 0);
  return (
    <>
      <Button onClick={() => setAsking(true)}>{text.start}</Button>
      <Confirm
        opened={asking} close={() => setAsking(false)} title={text.startTitle(campaign.name)} verb={text.start} busy={start.isPending} error={start.error}
        consequences={[
          ...campaign.audience.map((name) => text.startIn(name, members(name))),
          ...campaign.exclude.map((name) => text.startOut(name, members(name))),
          text.startFreeze,
          text.startPolicy,
        ]}
        act={() => start.mutate(undefined, { onSuccess: () => setAsking(false) })}
      />
    </>
  );
}
