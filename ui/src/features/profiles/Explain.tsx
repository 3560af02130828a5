import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import { LISTED, useRead } from '@/api/queries';
import type { components } from '@/api/schema';
import type { Definitions, Message } from '@/api/shapes';
import { Because } from '@/kit/Because';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Panel, State, Tag, type Tone } from '@/kit/Page';
import { href, To, useQuestion } from '@/kit/To';
import { Exactly } from '@/kit/values';
import { Why } from '@/kit/Why';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { ASKED, useVerdict, type AskedKind, type Verdict, type Who } from './queries';

/** Why somebody is in something, or got it, or did not: asked of the server, told in its words. */
export function ExplainTab({ who }: { who: Who }) {
  const text = useText().profiles.explain;
  const [question, change] = useQuestion();
  const kind = (ASKED.find((known) => known === question.kind) ?? 'segments') as AskedKind;
  const { names, older, busy, error, again } = useNames(kind);
  const name = question.name ?? '';
  // A link may lead to a run that is older than those in the list.
  const listed = name === '' || names.some((one) => one.value === name) ? names : [...names, { value: name, label: kind === 'campaigns' ? text.olderRun(name) : name }];
  const verdict = useVerdict(who, kind, name);
  return (
    <>
      <div className="filters">
        <SegmentedControl
          aria-label={text.what} value={kind} onChange={(next) => change({ kind: next, name: undefined })}
          data={ASKED.map((known) => ({ value: known, label: text.kinds[known] }))}
        />
        <NativeSelect className="grow" aria-label={text.which} value={name} onChange={(event) => change({ kind, name: event.currentTarget.value || undefined })} data={[{ value: '', label: text.choose[kind] }, ...listed]} />
        {older ? <Button variant="default" loading={busy} onClick={older}>{text.olderRuns}</Button> : null}
      </div>
      {error ? <Failed error={error} again={again} /> : null}
      {name === '' ? (
        <Panel>
          <Empty title={text.title} words={text.words} />
        </Panel>
      ) : (
        <Loaded query={verdict}>{(answer) => <Answer answer={answer} kind={kind} name={name} />}</Loaded>
      )}
    </>
  );
}

const OF_RUNS = 50;

/** What can be asked about; of runs the newest, and older ones when somebody wants them. */
function useNames(kind: AskedKind) {
  const format = useFormat();
  const definitions = useRead<Definitions>('/v1/definitions');
  const runs = useInfiniteQuery({
    queryKey: ['/v1/campaigns', {}, { limit: OF_RUNS }, 'pages'],
    queryFn: ({ pageParam, signal }) => get<components['schemas']['CampaignRunList']>('/v1/campaigns', { query: { limit: OF_RUNS, cursor: pageParam }, signal }),
    initialPageParam: '', getNextPageParam: (last) => last.next || undefined, enabled: kind === 'campaigns', ...LISTED,
  });
  if (kind === 'campaigns') {
    const all = runs.data?.pages.flatMap((page) => page.runs) ?? [];
    return { names: all.map((run) => ({ value: String(run.run), label: `${run.campaign} · ${format.dateTime(run.started)}` })), older: runs.hasNextPage ? () => void runs.fetchNextPage() : null, busy: runs.isFetchingNextPage, error: runs.error, again: () => void runs.refetch() };
  }
  return { names: Object.keys(definitions.data?.definitions[kind] ?? {}).map((name) => ({ value: name, label: name })), older: null, busy: false, error: definitions.error, again: () => void definitions.refetch() };
}

function Answer({ answer, kind, name }: { answer: Verdict; kind: AskedKind; name: string }) {
  const text = useText().profiles.explain;
  const { words, tone, message } = verdictOf(answer, text, name);
  const policy = typeof answer.policy_now === 'string' ? [{ template: '', policy: answer.policy_now }] : (answer.policy_now ?? []);
  return (
    <div data-testid="verdict">
      <Panel title={text.verdict}>
        <div className="stack">
          <p style={{ fontSize: 15 }}>
            {tone === undefined ? <Words words={words} /> : <State tone={tone}><span style={{ whiteSpace: 'normal' }}>{message?.why ? <Because said={message.state.reason ?? message.state.put_off} why={words} /> : <Words words={words} />}</span></State>}
          </p>
          {message ? <MessageLine message={message} /> : null}
          {policy.map((line, place) => (
            <p key={place} className="dim">
              {line.template ? <code>{line.template} </code> : null}
              <Words words={line.policy} />
            </p>
          ))}
        </div>
      </Panel>
      {answer.why ? (
        <Panel title={kind === 'segments' ? text.leaves : text.entryLeaves} sub={answer.why.text}>
          <Why why={answer.why} />
        </Panel>
      ) : null}
      {answer.exit ? (
        <Panel title={text.exit}>
          <Why why={answer.exit} />
        </Panel>
      ) : null}
      {(answer.segments ?? []).map((segment) => (
        <Panel
          key={segment.segment} title={<To to={href`/segments/${segment.segment}`}>{segment.segment}</To>}
          end={<Tag tone={(segment.wanted === 'in') === segment.inside_now ? 'good' : 'bad'}>{text.wanted(segment.wanted === 'in', segment.inside_now)}</Tag>}
        >
          <Why why={segment.why} />
        </Panel>
      ))}
      {answer.messages && answer.messages.length > 0 ? (
        <Panel title={text.messages}>
          <div className="stack">
            {answer.messages.map((one) => (
              <MessageLine key={one.id} message={one} />
            ))}
          </div>
        </Panel>
      ) : null}
    </div>
  );
}

interface Words {
  inside: (name: string) => string;
  outside: (name: string) => string;
  planned: string;
  became: Record<string, string>;
}

/** How what became of a message looks. */
const TERMS: Record<string, Tone> = { sent: 'good', refused: 'bad', failed: 'bad', unknown: 'warn', pending: 'going' };

/** The server's verdict, whichever form this kind of question has. */
function verdictOf(answer: Verdict, text: Words, name: string): { words: string; tone?: Tone; message?: Message } {
  if (typeof answer.verdict === 'string') return { words: answer.verdict };
  if (answer.verdict) {
    const { planned, why, message } = answer.verdict;
    if (!message) return { words: why ?? text.planned, tone: planned ? 'good' : 'bad' };
    return { words: message.why ?? text.became[message.term] ?? text.planned, tone: TERMS[message.term] ?? 'calm', message };
  }
  return { words: answer.inside ? text.inside(name) : text.outside(name), tone: answer.inside ? 'good' : 'bad' };
}

function MessageLine({ message }: { message: Message }) {
  const text = useText().messages;
  return (
    <div className="row">
      <To to={href`/messages/${message.id}`}>{message.template.name}</To>
      <State tone={TERMS[message.term] ?? 'calm'}>{text.states[message.state.state] ?? message.state.state}</State>
      {message.why ? <span className="dim"><Because said={message.state.reason ?? message.state.put_off} why={message.why} /></span> : null}
      <span className="faint small">
        <Exactly at={message.created} />
      </span>
    </div>
  );
}
