import type { Document } from '@/api/definitions';
import { useFormat } from '@/kit/format';
import { Review as Publishing } from '@/kit/publish/Review';
import { useText } from '@/text';
import { useDefinition, useEstimate, useSegments, type Estimate } from './queries';

interface Props {
  name: string;
  document: Document;
  /** The revision from which it was written. */
  from: number;
  fresh: boolean;
  close: () => void;
  done: () => void;
}

/** What publishing a segment would change, before it does. */
export function Review({ name, document, from, fresh, close, done }: Props) {
  const text = useText().segments;
  const format = useFormat();
  const segments = useSegments();
  const members = segments.data?.segments.find((segment) => segment.name === name)?.members;
  const moves = useMoves(name, document, fresh);
  const what = fresh ? text.willAdd(name) : members === undefined ? null : text.willChange(name, format.number(members));
  return (
    <Publishing
      named={{ folder: 'segments', name }} document={document} from={from} title={fresh ? text.publishNew : text.publishChange} verb={text.publish}
      consequences={[...(what ? [what] : []), ...(moves ? [moves] : []), text.willBuild]} close={close} done={done}
    />
  );
}

/** How many would come in and how many would leave: each is a rule of its own, held against one sample of people. */
function useMoves(name: string, document: Document, fresh: boolean): string | null {
  const text = useText().segments;
  const format = useFormat();
  const published = useDefinition(name).data?.rule;
  // A rule that is published in its other form is put into words first.
  const read = useEstimate(!fresh && published && typeof published !== 'string' ? { json: published } : null);
  const now = typeof published === 'string' ? published : (read.data?.text ?? '');
  const then = typeof document.rule === 'string' ? document.rule : '';
  const both = !fresh && now.trim() !== '' && then.trim() !== '';
  const comes = useEstimate(both ? { text: `(${then}) and not (${now})` } : null);
  const goes = useEstimate(both ? { text: `(${now}) and not (${then})` } : null);
  if (!both) return null;
  if (comes.isPending || goes.isPending) return text.countingMoves;
  const count = (answer: Estimate | undefined) => {
    if (answer?.count === undefined || answer.count === null) return null;
    const number = format.number(answer.count);
    return answer.exact ? number : text.roughly(number, format.number(answer.low ?? 0), format.number(answer.high ?? 0));
  };
  const [came, left] = [count(comes.data), count(goes.data)];
  if (came === null || left === null) return text.noMoves;
  const sampled = comes.data?.exact ? '' : text.fromSample(format.number(comes.data?.sampled ?? 0), format.number(comes.data?.of ?? 0));
  return text.moves(came, left) + sampled;
}
