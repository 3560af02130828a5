import { Button } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useDefinition } from '@/api/definitions';
import { useMayEdit, useMember } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Facts, Page, Panel, State, Stats } from '@/kit/Page';
import { Remove } from '@/kit/publish/Remove';
import { href, To, useGo } from '@/kit/To';
import { Exactly, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { Files } from './Files';
import { placeOf, standingOf, sumOf, TONES } from './model';
import { useSource, type Source, type Written } from './queries';
import { RunNow } from './Run';

/** One source: how it stands and why it does not go on, and what became of its files. */
export function SourceDetail() {
  const { name } = useParams({ strict: false }) as { name: string };
  const text = useText().sources;
  const { history, edit } = useText().kit.publish;
  const go = useGo();
  const owner = useMember().role === 'owner';
  const mayEdit = useMayEdit();
  const query = useSource(name);
  const written = (useDefinition({ folder: 'sources', name }).data?.published?.definition ?? {}) as Written;
  const source = query.data;
  return (
    <Page
      title={name} crumbs={[{ to: '/sources', words: text.title }]} sub={written.description}
      actions={
        source ? (
          <>
            <Button variant="default" onClick={() => go(href`/definitions/sources/${name}/history`)}>{history}</Button>
            {owner ? <Remove named={{ folder: 'sources', name }} done={() => go('/sources')} /> : null}
            {owner ? <Button variant="default" onClick={() => go(href`/definitions/sources/${name}`)}>{edit}</Button> : null}
            {mayEdit && source.kind !== 'nats' ? <RunNow source={source} /> : null}
          </>
        ) : null
      }
    >
      <Loaded query={query} rows={6}>
        {(shown) => (
          <>
            <Trouble source={shown} owner={owner} />
            <Numbers source={shown} />
            <About source={shown} written={written} />
            {shown.kind === 'nats' ? <Panel title={text.messages}><p className="dim">{text.stream}</p></Panel> : <Files source={shown} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** What keeps it from going on, and what somebody does about it. */
function Trouble({ source: { name, standing }, owner }: { source: Source; owner: boolean }) {
  const text = useText().sources;
  const { trouble } = standing;
  if (!trouble) return null;
  return (
    <div className="notice" role="alert">
      <p><strong>{text.trouble}</strong>{': '}<Words words={trouble} /></p>
      <p className="dim">{text.troubleWords}{owner ? <> <To to={href`/definitions/sources/${name}`}>{text.troubleEdit}</To></> : null}</p>
    </div>
  );
}

function Numbers({ source }: { source: Source }) {
  const text = useText().sources;
  const format = useFormat();
  const { rows, accepted, rejected } = sumOf(source);
  const { files, standing } = source;
  const stream = source.kind === 'nats';
  const small = stream ? text.sinceStart : text.ofFiles;
  return (
    <Stats
      stats={[
        ...(stream
          ? [{ name: text.messages, value: format.number(rows), small }]
          : [
              { name: text.taken, value: format.number(files.taken) },
              { name: text.failed, value: format.number(files.failed) },
              { name: text.waiting, value: format.number(standing.waiting) },
            ]),
        { name: text.accepted, value: format.number(accepted), small },
        { name: text.rejected, value: format.number(rejected), small },
      ]}
    />
  );
}

function About({ source, written }: { source: Source; written: Written }) {
  const text = useText().sources;
  const format = useFormat();
  const standing = standingOf(source);
  const stream = source.kind === 'nats';
  const at = written.at ? format.dateTime(written.at) : '';
  const when = stream ? text.follows : written.every ? text.every(written.every) : written.monthly ? text.monthly(at) : at ? text.once(at) : '';
  const { looked_at, next_at, under_way: now } = source.standing;
  const soFar = now ? text.soFar(format.number(now.counts.rows), format.number(now.counts.accepted), format.number(now.counts.rejected)) : '';
  return (
    <Panel title={text.about}>
      <Facts
        facts={[
          [text.stands, <State key="s" tone={TONES[standing]}>{text.standings[standing]}</State>],
          [text.kind, <span key="k">{text.kinds[source.kind] ?? source.kind} <code className="break">{placeOf(written)}</code></span>],
          ...(written.pattern ? ([[text.pattern, <code key="p">{written.pattern}</code>]] as [string, React.ReactNode][]) : []),
          [text.schedule, when || '–'],
          [stream ? text.cameAt : text.lookedAt, looked_at ? <span key="l"><Exactly at={looked_at} /> <span className="faint small">· <When at={looked_at} /></span></span> : '–'],
          // Always there: files are short, and what came and went would move what somebody is about to click.
          ...(stream
            ? []
            : ([
                [text.now, now ? <span key="u"><span className="break">{now.file}</span> <span className="faint small num">· {soFar}</span></span> : '–'],
                [text.next, next_at ? <Exactly key="n" at={next_at} /> : '–'],
              ] as [string, React.ReactNode][])),
          [text.counts, source.live ? text.live : text.history],
        ]}
      />
    </Panel>
  );
}
