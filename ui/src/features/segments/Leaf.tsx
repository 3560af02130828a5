import type { ComponentType } from 'react';
import { useText } from '@/text';
import { Dated, Measured, MessagesBlock, SequenceBlock, Valued, type Block } from './EventBlocks';
import { kindOf, type Rule } from './model';
import { BucketBlock, ConsentBlock, ListedBlock, MemberBlock, ReachableBlock, ValueBlock } from './PersonBlocks';
import { useEstimate } from './queries';
import type { LeafKind } from './shapes';

// Each kind of condition has a block, and the compiler asks for it.
const BLOCKS = {
  attribute: ValueBlock, event: ValueBlock, segment: MemberBlock, list: MemberBlock, listed: ListedBlock, reachable: ReachableBlock, consent: ConsentBlock, bucket: BucketBlock,
  count: Measured, sum: Measured, average: Measured, min: Measured, max: Measured, distinct: Measured,
  'most-frequent': Valued, 'first-value': Valued, 'last-value': Valued, first: Dated, last: Dated, sequence: SequenceBlock, messages: MessagesBlock,
} satisfies Record<LeafKind, unknown> as unknown as Record<string, ComponentType<Block<unknown>>>;

/** One condition, as a sentence with fields. */
export function Leaf({ rule, set }: { rule: Rule; set: (rule: Rule) => void }) {
  const kind = kindOf(rule);
  const Shown = BLOCKS[kind];
  if (!Shown) return <AsText rule={rule} />;
  return <Shown key={kind} kind={kind} value={(rule as Record<string, unknown>)[kind]} set={(value) => set({ [kind]: value })} />;
}

/** What a newer server may say and this page has no fields for: the text that the server prints of it. */
function AsText({ rule }: { rule: Rule }) {
  const text = useText().segments.builder;
  const estimate = useEstimate({ json: rule });
  return (
    <div className="leaf-fields" data-testid="as-text">
      <code className="break" title={text.asText}>
        {estimate.data?.text ?? JSON.stringify(rule)}
      </code>
    </div>
  );
}
