import { useText } from '@/text';
import type { Block } from './EventBlocks';
import { AttributeName, BoundFields, Choice, Name, Number_, Text } from './Fields';
import { CHANNELS, type Bound, type Test } from './shapes';
import { TestFields } from './TestFields';

/** An attribute, a computed one, or in journeys a property of the event that moves them. */
export function ValueBlock({ kind, value, set }: Block<{ path: string; is: Test }>) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads[kind]}</span>
      {kind === 'attribute' ? <AttributeName value={value.path} set={(path) => set({ ...value, path })} /> : <Name kind="property" label={text.property} value={value.path} set={(path) => set({ ...value, path })} />}
      <TestFields value={value.is} set={(is) => set({ ...value, is })} />
    </div>
  );
}

/** Membership of another segment, or of an uploaded list. */
export function MemberBlock({ kind, value, set }: Block<string>) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads[kind]}</span>
      <Name kind={kind} label={kind === 'list' ? text.list : text.segment} value={value} set={set} />
    </div>
  );
}

/** What an uploaded list says of somebody. */
export function ListedBlock({ value, set }: Block<{ list: string; path: string; is: Test }>) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads.listed}</span>
      <Name kind="list" label={text.list} value={value.list} set={(list) => set({ ...value, list })} />
      <Text label={text.column} value={value.path} set={(path) => set({ ...value, path })} />
      <TestFields value={value.is} set={(is) => set({ ...value, is })} />
    </div>
  );
}

/** Whether a message could go out. */
export function ReachableBlock({ value, set }: Block<{ channel: string; topic?: string | null }>) {
  const text = useText();
  const words = text.segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{words.leads.reachable}</span>
      <Choice label={words.channel} value={value.channel} set={(channel) => set({ ...value, channel })} words={CHANNELS.map((one) => [one, text.messages.channels[one] ?? one])} />
      <span className="lead">{words.forTopic}</span>
      <Name kind="topic" label={words.anyTopic} value={value.topic ?? ''} set={(topic) => set({ ...value, topic: topic || null })} />
    </div>
  );
}

/** Whether data may be put to a use. */
export function ConsentBlock({ value, set }: Block<string>) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads.consent}</span>
      <Name kind="topic" label={text.purpose} value={value} set={set} />
    </div>
  );
}

/** A share of all people, for ever the same. */
export function BucketBlock({ value, set }: Block<{ name: string; of: number; is: Bound }>) {
  const text = useText().segments.builder;
  return (
    <div className="leaf-fields">
      <span className="lead">{text.leads.bucket}</span>
      <Text label={text.bucketName} value={value.name} set={(name) => set({ ...value, name })} />
      <span className="lead">{text.bucketOf}</span>
      <Number_ label={text.buckets} value={value.of} set={(of) => set({ ...value, of })} />
      <BoundFields value={value.is} set={(is) => set({ ...value, is })} />
    </div>
  );
}
