import { Button, NativeSelect } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useMayEdit } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Loaded, Waiting } from '@/kit/Loaded';
import { Facts, Page, Panel, Stats } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { Remove } from '@/kit/publish/Remove';
import { href, useGo, useQuestion } from '@/kit/To';
import { Exactly, Num } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useJourney, walkOf } from './queries';
import { entryWords, policyWords, stepWords } from './says';

const Drawing = lazy(() => import('./Drawing'));

/** One journey: the path, and how many walk where. */
export function JourneyDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const text = useText().journeys;
  const format = useFormat();
  const { publish } = useText().kit;
  const messages = useText().messages.title;
  const go = useGo();
  const mayEdit = useMayEdit();
  const [question, change] = useQuestion();
  const query = useJourney(name, question.revision);
  return (
    <Page title={name} crumbs={[{ to: '/journeys', words: text.title }]} sub={query.data?.published ? <>{text.published} <Exactly at={query.data.published} /></> : null}
      actions={
        <>
          <Button variant="default" onClick={() => go(`/messages?tab=ledger&journey=${encodeURIComponent(name)}`)}>{messages}</Button>
          <Button variant="default" onClick={() => go(href`/definitions/journeys/${name}/history`)}>{publish.history}</Button>
          {mayEdit && query.data?.current ? <Remove named={{ folder: 'journeys', name }} done={() => go('/journeys')} /> : null}
          {mayEdit ? <Button onClick={() => go(href`/definitions/journeys/${name}`)}>{publish.edit}</Button> : null}
        </>
      }
    >
      <Loaded query={query} rows={8}>
        {(journey) => (
          <>
            {journey.revisions.length > 1 ? (
              <div className="filters">
                <NativeSelect
                  label={text.whichRevision} value={String(journey.revision)} onChange={(event) => change({ revision: event.currentTarget.value === String(journey.current) ? undefined : event.currentTarget.value })}
                  data={journey.revisions.map((one) => ({ value: String(one.revision), label: text.older(format.number(one.revision), format.number(one.inside)) }))}
                />
              </div>
            ) : null}
            <Stats
              stats={[
                { name: text.entered, value: format.number(journey.entered) },
                { name: text.inside, value: format.number(journey.inside) },
                { name: text.completed, value: format.number(journey.completed) },
                { name: text.revision, value: format.number(journey.revision), small: journey.uncounted > 0 ? text.uncounted(format.number(journey.uncounted)) : null },
              ]}
            />
            <Panel title={text.rules}>
              <Facts facts={[[text.begins, <Words key="b" words={entryWords(journey, text.says)} own />], [text.again, policyWords(journey.policy, text.says)], [text.ends, journey.exit_when ? <code key="e">{journey.exit_when}</code> : text.onlyAtEnd]]} />
            </Panel>
            <Panel title={text.path} sub={text.pathWords}>
              <Suspense fallback={<Waiting rows={6} />}>
                <Drawing journey={journey} />
              </Suspense>
            </Panel>
            {/* The same as the drawing, for who reads rather than looks. */}
            <Panel title={text.steps} flush>
              <Table
                name={text.walkTable} rows={walkOf(journey)} keyOf={(row) => row.key}
                columns={[
                  { head: text.step, cell: (row) => (row.step ? <code>{row.step.id}</code> : <span className="faint" aria-label={row.from}>{'″'}</span>) },
                  { head: text.does, cell: (row) => (row.step ? <Words words={stepWords(row.step, text.says)} own /> : null) },
                  { head: text.came, right: true, cell: (row) => (row.step ? <Num value={row.step.came} /> : null) },
                  { head: text.waiting, right: true, cell: (row) => (row.step ? <Num value={row.step.waiting} /> : null) },
                  { head: text.target, cell: (row) => (row.edge ? <><code>{row.edge.to}</code>{row.edge.when ? <span className="dim small"> {text.answers[row.edge.when] ?? row.edge.when}</span> : null}</> : <span className="faint">–</span>) },
                  { head: text.taken, right: true, cell: (row) => (row.edge ? <Num value={row.edge.passed} /> : null) },
                ]}
              />
            </Panel>
            <Panel title={text.definition}>
              <pre className="json" tabIndex={0}>{journey.text}</pre>
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}
