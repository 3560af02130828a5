import { useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useFormat } from '@/kit/format';
import { Loaded, Waiting } from '@/kit/Loaded';
import { Page, Panel, Stats } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { Exactly, Json, Num } from '@/kit/values';
import { useText } from '@/text';
import { useJourney } from './queries';

const Canvas = lazy(() => import('./Canvas'));

/** One journey: the path, and how many walk where. */
export function JourneyDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const text = useText().journeys;
  const format = useFormat();
  const query = useJourney(name);
  return (
    <Page title={name} crumbs={[{ to: '/journeys', words: text.title }]} sub={query.data?.since ? <>{text.since} <Exactly at={query.data.since} /></> : null}>
      <Loaded query={query} rows={8}>
        {(journey) => (
          <>
            <Stats
              stats={[
                { name: text.entered, value: format.number(journey.entered) },
                { name: text.inside, value: format.number(journey.inside) },
                { name: text.completed, value: format.number(journey.completed) },
                { name: text.revision, value: format.number(journey.revision) },
              ]}
            />
            <Panel title={text.path} sub={text.pathWords}>
              <Suspense fallback={<Waiting rows={6} />}>
                <Canvas graph={journey} />
              </Suspense>
            </Panel>
            {/* The same as the drawing, for who reads rather than looks. */}
            <Panel title={text.steps} flush>
              <Table
                name={text.steps} rows={journey.steps} keyOf={(row) => row.id}
                columns={[
                  { head: text.step, cell: (row) => <code>{row.id}</code> },
                  { head: text.does, cell: (row) => row.words ?? row.title ?? row.kind },
                  { head: text.waiting, right: true, cell: (row) => <Num value={row.waiting ?? 0} /> },
                ]}
              />
            </Panel>
            <Panel title={text.definition}>
              {typeof journey.definition === 'string' ? <pre className="json" tabIndex={0}>{journey.definition}</pre> : <Json value={journey.definition} label={text.definition} />}
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  );
}
