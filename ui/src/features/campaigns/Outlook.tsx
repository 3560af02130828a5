import { Button } from '@mantine/core';
import { useFormat, type Format } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { href, To } from '@/kit/To';
import { Exactly, Meter } from '@/kit/values';
import { Because } from '@/kit/Because';
import { Words } from '@/kit/Words';
import { useText, type Text } from '@/text';
import type { Example, Group, Outlook, PeopleCounted, useOutlook } from './queries';

/** So many people; of a sample with what it may be as well. */
export function counted(count: PeopleCounted, text: Text['campaigns'], format: Format): string {
  const { people, low, high } = count;
  return low === high ? format.number(people) : text.between(format.number(people), format.number(low), format.number(high));
}

/** Who would get it if it started now, who would not, and why; each with some of them. */
export function OutlookPanel({ query, end }: { query: ReturnType<typeof useOutlook>; end?: React.ReactNode }) {
  const text = useText().campaigns;
  return (
    <Panel title={text.outlook} sub={text.outlookWords} end={end}>
      <div aria-live="polite" aria-busy={query.isFetching} data-testid="outlook">
        <Loaded query={query} rows={4}>{(outlook) => <Groups outlook={outlook} />}</Loaded>
      </div>
    </Panel>
  );
}

/** Asks everybody, where only some were asked. */
export function Everybody({ outlook, exact, ask }: { outlook: Outlook | undefined; exact: boolean; ask: () => void }) {
  const text = useText().campaigns;
  if (!outlook || outlook.exact) return null;
  return (
    <Button size="xs" variant="default" loading={exact} onClick={ask}>
      {text.askEverybody}
    </Button>
  );
}

function Groups({ outlook }: { outlook: Outlook }) {
  const text = useText().campaigns;
  const format = useFormat();
  const { leaves, later, refused, failed, gaps, waits } = outlook;
  const sum = (groups: Group[]) => groups.reduce((total, group) => total + group.people, 0);
  const parts = [
    { name: text.getsIt, value: leaves.people, tone: 'good' },
    { name: text.getsLater, value: sum(later), tone: 'going' },
    { name: text.getsNothing, value: sum(refused), tone: 'warn' },
    { name: text.notMade, value: sum(failed), tone: 'bad' },
  ];
  return (
    <div className="stack">
      <p>
        <strong className="num">{format.number(outlook.audience)}</strong> {text.inAudience}
        <span className="dim small"> · {outlook.exact ? text.everybodyAsked : text.sampled(format.number(outlook.looked_at))}</span>
      </p>
      {waits ? <div className="notice"><Words words={waits} /></div> : null}
      {outlook.audience > 0 ? <Meter parts={parts} label={parts.map((part) => `${part.name} ${format.number(part.value)}`).join(', ')} /> : null}
      {outlook.audience > 0 ? (
        <table className="grid inset">
          <caption className="sr">{text.outlook}</caption>
          <thead>
            <tr>
              <th scope="col">{text.becomes}</th>
              <th scope="col" className="right">{text.people}</th>
            </tr>
          </thead>
          <tbody>
            <Row tone="good" words={text.getsIt} count={leaves} />
            {later.map((group) => <Row key={group.reason} tone="going" words={text.laterFor(text.reasonWords[group.reason] ?? group.reason)} count={group} group={group} />)}
            {refused.map((group) => <Row key={group.reason} tone="warn" words={text.refusedFor(text.reasonWords[group.reason] ?? group.reason)} count={group} group={group} />)}
            {failed.map((group) => <Row key={group.reason} tone="bad" words={text.notMade} count={group} group={group} />)}
          </tbody>
        </table>
      ) : null}
      {gaps.length > 0 ? (
        <table className="grid inset">
          <caption className="small dim">{text.gaps}</caption>
          <thead>
            <tr>
              <th scope="col">{text.gap}</th>
              <th scope="col" className="right">{text.people}</th>
            </tr>
          </thead>
          <tbody>
            {gaps.map((gap) => (
              <tr key={`${gap.part} ${gap.path}`}>
                <td>
                  <code>{gap.path}</code> <span className="dim">{text.gapIn(gap.part)}</span>
                  <Examples examples={gap.examples} />
                </td>
                <td className="right num">{counted(gap, text, format)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </div>
  );
}

function Row({ tone, words, count, group }: { tone: string; words: string; count: PeopleCounted; group?: Group }) {
  const text = useText().campaigns;
  const format = useFormat();
  return (
    <tr>
      <td>
        <span className={`state ${tone}`}>{words}</span>
        {group?.last ? (
          <span className="dim small">
            {' '}
            {text.until} <Exactly at={group.last} />
          </span>
        ) : null}
        {group ? <Examples examples={group.examples} /> : null}
      </td>
      <td className="right num">{counted(count, text, format)}</td>
    </tr>
  );
}

/** Some of a group, each with the reason as the message would have it. */
function Examples({ examples }: { examples: Example[] }) {
  const text = useText().campaigns;
  if (examples.length === 0) return null;
  return (
    <details>
      <summary className="small">{text.forExample}</summary>
      <ul className="small">
        {examples.map((one) => (
          <li key={one.profile} className="break">
            {one.namespace && one.value ? <To to={href`/profiles/${one.namespace}/${one.value}`}>{one.value}</To> : one.profile}
            {one.why ? <span className="dim">: <Because said={one.said} why={one.why} /></span> : null}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What starting it would do, a line each. */
export function consequencesOf(outlook: Outlook, text: Text['campaigns'], format: Format): string[] {
  const why = (group: Group) => text.reasonWords[group.reason] ?? group.reason;
  return [
    text.willLeave(counted(outlook.leaves, text, format), format.number(outlook.audience)),
    ...outlook.later.map((group) => text.willLater(counted(group, text, format), why(group))),
    ...outlook.refused.map((group) => text.willRefuse(counted(group, text, format), why(group))),
    ...outlook.failed.map((group) => text.willFail(counted(group, text, format))),
    ...outlook.gaps.map((gap) => text.willGap(counted(gap, text, format), gap.path)),
  ];
}
