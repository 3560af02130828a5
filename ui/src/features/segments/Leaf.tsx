import { Autocomplete, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useText } from '@/text';
import { literalOf, OPS, typedOf, type Bound, type Literal, type Op, type Rule, type Selection, type Window } from './model';
import { complete, useEstimate } from './queries';

type Set = (rule: Rule) => void;

/** One condition, as a sentence with fields. */
export function Leaf({ rule, set }: { rule: Rule; set: Set }) {
  const text = useText().segments.builder;
  const of = rule as Record<string, Record<string, unknown>>;
  if ('segment' in rule) {
    return (
      <div className="leaf-fields">
        <span className="lead">{text.inSegment}</span>
        <Name kind="segment" label={text.segment} value={String(rule.segment)} set={(segment) => set({ segment })} />
      </div>
    );
  }
  if ('consent' in rule) {
    return (
      <div className="leaf-fields">
        <span className="lead">{text.consent}</span>
        <Name kind="topic" label={text.purpose} value={String(rule.consent)} set={(consent) => set({ consent })} />
      </div>
    );
  }
  if ('reachable' in rule) return <Reachable value={of.reachable as { channel: string; topic?: string | null }} set={set} />;
  if ('attribute' in rule) return <Attribute value={of.attribute as { path: string; is: unknown }} set={set} rule={rule} />;
  if ('count' in rule) return <Counted lead={text.count} value={of.count as never} set={(count) => set({ count } as Rule)} rule={rule} />;
  if ('sum' in rule) return <Counted lead={text.sum} value={of.sum as never} set={(sum) => set({ sum } as Rule)} rule={rule} />;
  if ('last' in rule) return <Dated lead={text.last} value={of.last as never} set={(last) => set({ last } as Rule)} rule={rule} />;
  if ('first' in rule) return <Dated lead={text.first} value={of.first as never} set={(first) => set({ first } as Rule)} rule={rule} />;
  return <AsText rule={rule} />;
}

/** What the blocks have no fields for is shown as the text that the server prints of it. */
function AsText({ rule }: { rule: Rule }) {
  const text = useText().segments.builder;
  const estimate = useEstimate({ json: rule });
  return (
    <div className="leaf-fields">
      <code className="break" title={text.asText}>
        {estimate.data?.text ?? JSON.stringify(rule)}
      </code>
    </div>
  );
}

function Name({ kind, of, label, value, set }: { kind: string; of?: string; label: string; value: string; set: (value: string) => void }) {
  const offers = useQuery({ queryKey: ['/v1/complete', kind, of ?? ''], queryFn: () => complete(kind, '', of), staleTime: 30_000, retry: false });
  const names = [...new Set((offers.data ?? []).map((item) => item.name))];
  return (
    <div>
      <Autocomplete size="xs" aria-label={label} placeholder={label} value={value} onChange={set} data={names} limit={30} />
    </div>
  );
}

function OpField({ value, set }: { value: Op; set: (op: Op) => void }) {
  const text = useText().segments.builder;
  return (
    <div className="tight">
      <NativeSelect size="xs" aria-label={text.relation} value={value} onChange={(event) => set(event.currentTarget.value as Op)} data={OPS.map((op) => ({ value: op, label: text.ops[op] }))} />
    </div>
  );
}

function Attribute({ value, set, rule }: { value: { path: string; is: unknown }; set: Set; rule: Rule }) {
  const text = useText().segments.builder;
  const path = (next: string) => set({ attribute: { ...value, path: next } });
  const compare = (value.is as { compare?: { op: Op; to: Literal } }).compare;
  const simple = value.is === 'exists' || value.is === 'missing';
  if (!compare && !simple) return <AsText rule={rule} />;
  const test = simple ? String(value.is) : (compare?.op ?? 'equal');
  const choose = (next: string) => set({ attribute: { ...value, is: next === 'exists' || next === 'missing' ? next : { compare: { op: next, to: compare?.to ?? '' } } } });
  return (
    <div className="leaf-fields">
      <span className="lead">{text.attribute}</span>
      <Name kind="attribute" label={text.attributeName} value={value.path} set={path} />
      <div className="tight">
        <NativeSelect size="xs" aria-label={text.relation} value={test} onChange={(event) => choose(event.currentTarget.value)} data={[...OPS.map((op) => ({ value: op, label: text.ops[op] })), { value: 'exists', label: text.exists }, { value: 'missing', label: text.missing }]} />
      </div>
      {compare ? (
        <div>
          <TextInput size="xs" aria-label={text.value} placeholder={text.value} value={typedOf(compare.to)} onChange={(event) => set({ attribute: { ...value, is: { compare: { ...compare, to: literalOf(event.currentTarget.value) } } } })} />
        </div>
      ) : null}
    </div>
  );
}

function Reachable({ value, set }: { value: { channel: string; topic?: string | null }; set: Set }) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.reachable}</span>
      <div>
        <NativeSelect size="xs" aria-label={text.channel} value={value.channel} onChange={(event) => set({ reachable: { ...value, channel: event.currentTarget.value } })} data={['email', 'sms', 'push', 'webhook']} />
      </div>
      <span className="lead">{text.forTopic}</span>
      <Name kind="topic" label={text.anyTopic} value={value.topic ?? ''} set={(topic) => set({ reachable: { ...value, topic: topic || null } })} />
    </div>
  );
}

interface Aggregate {
  of: Selection;
  property?: string;
  is: Bound;
}

function Counted({ lead, value, set, rule }: { lead: string; value: Aggregate; set: (value: Aggregate) => void; rule: Rule }) {
  const text = useText().segments.builder;
  // A filter of events is written in the text: its fields would hide how much it can say.
  if (value.of.where || !knownWindow(value.of.window)) return <AsText rule={rule} />;
  return (
    <div className="leaf-fields">
      <span className="lead">{lead}</span>
      <Name kind="event" label={text.event} value={value.of.event} set={(event) => set({ ...value, of: { ...value.of, event } })} />
      {value.property === undefined ? null : <Name kind="property" of={value.of.event} label={text.property} value={value.property} set={(property) => set({ ...value, property })} />}
      <OpField value={value.is.op} set={(op) => set({ ...value, is: { ...value.is, op } })} />
      <div className="tight">
        <TextInput size="xs" inputMode="decimal" aria-label={text.number} value={String(value.is.to)} onChange={(event) => set({ ...value, is: { ...value.is, to: literalOf(event.currentTarget.value) as number } })} />
      </div>
      <WindowField value={value.of.window ?? 'all'} set={(window) => set({ ...value, of: { ...value.of, window } })} />
    </div>
  );
}

function Dated({ lead, value, set, rule }: { lead: string; value: { of: Selection; is: unknown }; set: (value: { of: Selection; is: unknown }) => void; rule: Rule }) {
  const text = useText().segments.builder;
  const is = value.is as { 'within-last'?: string; before?: { ago?: string } };
  const within = is['within-last'];
  const span = within ?? is.before?.ago;
  if (span === undefined || value.of.where) return <AsText rule={rule} />;
  const write = (how: string, next: string) => set({ ...value, is: how === 'within' ? { 'within-last': next } : { before: { ago: next } } });
  const how = within === undefined ? 'before' : 'within';
  return (
    <div className="leaf-fields">
      <span className="lead">{lead}</span>
      <Name kind="event" label={text.event} value={value.of.event} set={(event) => set({ ...value, of: { ...value.of, event } })} />
      <div>
        <NativeSelect size="xs" aria-label={text.relation} value={how} onChange={(event) => write(event.currentTarget.value, span)} data={[{ value: 'within', label: text.withinLast }, { value: 'before', label: text.longerAgo }]} />
      </div>
      <div className="tight">
        <TextInput size="xs" aria-label={text.span} value={span} onChange={(event) => write(how, event.currentTarget.value)} />
      </div>
    </div>
  );
}

function knownWindow(window: Window | undefined): boolean {
  return window === undefined || window === 'all' || (typeof window === 'object' && ('last' in window || 'this' in window));
}

function WindowField({ value, set }: { value: Window; set: (window: Window) => void }) {
  const text = useText().segments.builder;
  const last = typeof value === 'object' && 'last' in value ? String(value.last) : undefined;
  const unit = typeof value === 'object' && 'this' in value ? String(value.this) : undefined;
  const kind = last !== undefined ? 'last' : (unit ?? 'all');
  const choose = (next: string) => set(next === 'all' ? 'all' : next === 'last' ? { last: last ?? '30d' } : { this: next });
  return (
    <>
      <div>
        <NativeSelect
          size="xs" aria-label={text.window} value={kind} onChange={(event) => choose(event.currentTarget.value)}
          data={[{ value: 'all', label: text.ever }, { value: 'last', label: text.inTheLast }, ...(['day', 'week', 'month', 'quarter', 'year'] as const).map((one) => ({ value: one, label: text.units[one] }))]}
        />
      </div>
      {last !== undefined ? (
        <div className="tight">
          <TextInput size="xs" aria-label={text.span} value={last} onChange={(event) => set({ last: event.currentTarget.value })} />
        </div>
      ) : null}
    </>
  );
}
