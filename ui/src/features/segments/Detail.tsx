import { Button, Progress } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { usePages } from '@/api/queries';
import { useMayEdit } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Editor } from '@/kit/editor';
import { Empty, Failed, Loaded, Waiting } from '@/kit/Loaded';
import { Page, Panel, Stats } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { Dependents as Uses } from '@/kit/publish/Dependents';
import { Remove } from '@/kit/publish/Remove';
import { href, To, useGo } from '@/kit/To';
import { Exactly, Spark } from '@/kit/values';
import { useText } from '@/text';
import { useDefinition, useDependents, useSegment, useTrend } from './queries';

/** One segment: who is in it, since when, and what depends on it. */
export function SegmentDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const text = useText().segments;
  const { history } = useText().kit.publish;
  const format = useFormat();
  const go = useGo();
  const mayEdit = useMayEdit();
  const query = useSegment(name);
  const definition = useDefinition(name);
  return (
    <Page
      title={name} crumbs={[{ to: '/segments', words: text.title }]} sub={definition.data?.description}
      actions={
        <>
          <Button variant="default" onClick={() => go(href`/definitions/segments/${name}/history`)}>{history}</Button>
          {mayEdit && query.data ? <Remove named={{ folder: 'segments', name }} done={() => go('/segments')} /> : null}
          {mayEdit ? <Button onClick={() => go(href`/segments/${name}/edit`)}>{text.edit}</Button> : null}
        </>
      }
    >
      <Loaded query={query} rows={6}>
        {(segment) => (
          <>
            {segment.built < 1 ? (
              <Panel title={text.buildingTitle} sub={text.buildingWords}>
                <Progress value={segment.built * 100} aria-label={text.building(format.percent(segment.built))} />
                <p className="dim small">{text.building(format.percent(segment.built))}</p>
              </Panel>
            ) : null}
            <Stats
              stats={[
                { name: text.members, value: format.number(segment.members) },
                { name: text.revision, value: format.number(segment.revision) },
                { name: text.built, value: format.percent(segment.built) },
              ]}
            />
            <div className="columns wide-first">
              <div>
                <Panel title={text.rule}>
                  <Editor text={segment.rule} language="rule" label={text.rule} readOnly />
                </Panel>
                <People rule={`in segment "${name}"`} />
              </div>
              <div>
                <TrendPanel name={name} />
                <Dependents name={name} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function TrendPanel({ name }: { name: string }) {
  const text = useText().segments;
  const format = useFormat();
  const query = useTrend(name);
  return (
    <Panel title={text.trend}>
      <Loaded query={query} rows={2}>
        {({ points, since }) => {
          const values = points.map((point) => point.members);
          const [first, last] = [values[0] ?? 0, values.at(-1) ?? 0];
          return values.length < 2 ? (
            <p className="dim">{text.noTrend}</p>
          ) : (
            <div className="stack">
              <Spark values={values} height={72} label={text.trendLabel(format.number(first), format.number(last))} />
              <p className="dim small">
                {text.trendLabel(format.number(first), format.number(last))}
                {since ? (
                  <>
                    {' · '}
                    {text.knownSince} <Exactly at={since} />
                  </>
                ) : null}
              </p>
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

export function Dependents({ name }: { name: string }) {
  const text = useText().segments;
  return <Uses query={useDependents(name)} title={text.dependents} sub={text.dependentsWords} none={text.noDependents} />;
}

function People({ rule }: { rule: string }) {
  const text = useText().segments;
  const query = usePeople(rule);
  return (
    <Panel title={text.people} end={<To to={`/profiles?q=${encodeURIComponent(rule)}`}>{text.everybody}</To>} flush>
      {query.error ? <div className="pad"><Failed error={query.error} again={query.repeat} /></div> : null}
      {query.isPending ? (
        query.error ? null : <Waiting rows={4} />
      ) : query.items.length === 0 ? (
        <Empty title={text.nobody} words={text.nobodyWords} />
      ) : (
        <Table
          name={text.people} rows={query.items.slice(0, 10)} keyOf={(row) => row.id} to={(row) => personLink(row)}
          columns={[
            { head: text.person, cell: (row) => row.names[0]?.value ?? row.id },
            { head: text.names, cell: (row) => <span className="dim break">{row.names.map((name) => `${name.namespace} ${name.value}`).join(' · ')}</span> },
          ]}
        />
      )}
    </Panel>
  );
}

interface Person {
  id: string;
  names: { namespace: string; value: string }[];
}

/** Some of those for whom a rule holds, as they come and go. */
function usePeople(rule: string) {
  return usePages<Person>('/v1/profiles', { query: { where: rule, limit: 10 } }, { every: 5_000 });
}

/** Where somebody is shown. */
function personLink({ id, names: [first] }: Person): string {
  return first ? href`/profiles/${first.namespace}/${first.value}` : href`/profiles/id/${id}`;
}
