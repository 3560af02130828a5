import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useRead } from '@/api/queries';
import { useMayEdit } from '@/api/session';
import type { components } from '@/api/schema';
import type { CampaignRun } from '@/api/shapes';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded, Waiting } from '@/kit/Loaded';
import { Facts, Page, Panel, State } from '@/kit/Page';
import { Remove } from '@/kit/publish/Remove';
import { href, To, useGo, useQuestion } from '@/kit/To';
import { Exactly } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { CostPanel } from './Cost';
import { Audience } from './List';
import { consequencesOf, Everybody, OutlookPanel } from './Outlook';
import { RunPanel } from './Run';
import { useAhead, useCampaigns, useOutlook, useRun, useRuns, useStart, type Campaign } from './queries';

/** One campaign: what it is, and each of its runs with its ledger. Another one is another page: nothing of this one stays on it. */
export function CampaignDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  return <Detail key={name} name={name} />;
}

function Detail({ name }: { name: string }) {
  const text = useText().campaigns;
  const allMessages = useText().messages.title;
  const format = useFormat();
  const [question, change] = useQuestion();
  const campaigns = useCampaigns();
  const runs = useRuns(name);
  const own = runs.data ?? [];
  // A link may lead to a run that is older than those in the list.
  const chosen = question.run ?? String(own[0]?.run ?? '');
  const run = useRun(chosen);
  // What may be held against a run is said once, to who starts it.
  const [started, setStarted] = useState<CampaignRun | null>(null);
  const shown = run.data ?? own.find((one) => String(one.run) === chosen);
  const listed = shown && !own.some((one) => one.run === shown.run) ? [...own, shown] : own;
  const campaign = campaigns.data?.find((one) => one.name === name);
  return (
    <Page title={name} crumbs={[{ to: '/campaigns', words: text.title }]} actions={campaign ? <Actions campaign={campaign} started={setStarted} /> : null}>
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
      {campaign ? <Ahead name={name} /> : null}
      {campaign?.channel === 'sms' ? <CostPanel name={name} template={campaign.template} /> : null}
      <Loaded query={runs}>
        {() =>
          run.error && !shown ? (
            <Failed error={run.error} />
          ) : shown ? (
            <>
              {listed.length > 1 ? (
                <div className="filters">
                  <NativeSelect label={text.run} value={String(shown.run)} onChange={(event) => change({ run: event.currentTarget.value })} data={listed.map((one) => ({ value: String(one.run), label: `${format.dateTime(one.started)} · ${text.states[one.state] ?? one.state}` }))} />
                  {runs.hasNextPage ? <Button variant="default" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>{text.olderRuns}</Button> : null}
                </div>
              ) : null}
              <RunPanel run={shown} warnings={started?.run === shown.run ? (started.warnings ?? []) : []} />
            </>
          ) : chosen !== '' ? (
            <Waiting rows={6} />
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

/** Who would get it now: of a sample first, of everybody when somebody asks. */
function Ahead({ name }: { name: string }) {
  const [exact, setExact] = useState(false);
  const query = useOutlook(name, exact);
  return <OutlookPanel query={query} end={<Everybody outlook={query.data} exact={exact} ask={() => setExact(true)} />} />;
}

function Actions({ campaign, started }: { campaign: Campaign; started: (run: CampaignRun) => void }) {
  const text = useText();
  const go = useGo();
  const mayEdit = useMayEdit();
  return (
    <>
      <Button variant="default" onClick={() => go(href`/definitions/campaigns/${campaign.name}/history`)}>{text.kit.publish.history}</Button>
      {mayEdit ? <Remove named={{ folder: 'campaigns', name: campaign.name }} done={() => go('/campaigns')} /> : null}
      {mayEdit ? <Button variant="default" onClick={() => go(href`/campaigns/${campaign.name}/edit`)}>{text.campaigns.edit}</Button> : null}
      <Start campaign={campaign} started={started} />
    </>
  );
}

function Start({ campaign, started }: { campaign: Campaign; started: (run: CampaignRun) => void }) {
  const text = useText().campaigns;
  const format = useFormat();
  const mayEdit = useMayEdit();
  const [asking, setAsking] = useState(false);
  const [despite, setDespite] = useState('');
  const segments = useRead<components['schemas']['SegmentList']>('/v1/segments', {}, { enabled: asking });
  const start = useStart(campaign.name);
  const ahead = useAhead(campaign.name, asking);
  const outlook = useOutlook(campaign.name, false, asking);
  if (!mayEdit) return null;
  const known = segments.data !== undefined && ahead.data !== undefined;
  const failed = segments.error ?? ahead.error;
  const done = (run: CampaignRun) => {
    setAsking(false);
    setDespite('');
    started(run);
  };
  const members = (name: string) => {
    const found = segments.data?.segments.find((one) => one.name === name);
    return found ? format.number(found.members) : '–';
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>{text.start}</Button>
      <Confirm
        opened={asking} close={() => setAsking(false)} title={text.startTitle(campaign.name)} verb={text.start} busy={start.isPending || (!known && !failed)}
        error={start.error ?? failed} barred={!known || (ahead.data.barred !== null && despite.trim() === '')}
        consequences={!known ? [] : [
          ...(ahead.data.barred ? [<strong key="barred"><Words words={ahead.data.barred} /></strong>] : []),
          ...campaign.audience.map((name) => text.startIn(name, members(name))),
          ...campaign.exclude.map((name) => text.startOut(name, members(name))),
          ...(outlook.data ? consequencesOf(outlook.data, text, format) : outlook.error ? [text.startUnseen] : []),
          text.startFreeze,
          text.startPolicy,
          ...ahead.data.warnings.map((warning) => <span key={warning}><State tone="warn">{text.warning}</State> <Words words={warning} /></span>),
        ]}
        act={() => start.mutate(ahead.data?.barred ? despite.trim() : '', { onSuccess: done })}
      >
        {(known && !outlook.isPending) || failed ? null : <Waiting rows={3} />}
        {ahead.data?.barred ? (
          <TextInput label={text.startDespite} description={text.startDespiteHint} value={despite} maxLength={500} onChange={(event) => setDespite(event.currentTarget.value)} />
        ) : null}
      </Confirm>
    </>
  );
}
