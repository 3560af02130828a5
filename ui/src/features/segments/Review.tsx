import type { Document } from '@/api/definitions';
import { useFormat } from '@/kit/format';
import { Review as Publishing } from '@/kit/publish/Review';
import { useText } from '@/text';
import { useSegments } from './queries';

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
  const what = fresh ? text.willAdd(name) : members === undefined ? null : text.willChange(name, format.number(members));
  return (
    <Publishing
      named={{ folder: 'segments', name }} document={document} from={from} title={fresh ? text.publishNew : text.publishChange} verb={text.publish}
      consequences={[...(what ? [what] : []), text.willBuild]} close={close} done={done}
    />
  );
}
