import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useMember } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { Waiting } from '@/kit/Loaded';
import { tell } from '@/kit/toast';
import { useQuestion } from '@/kit/To';
import { useText } from '@/text';
import { sumOf } from './model';
import { usePausing, useQueues, useSending } from './queries';

/** Says that nothing leaves, why, and lets an owner end that. */
export function Paused() {
  const text = useText().sending;
  const paused = useSending().data?.paused;
  const owner = useMember().role === 'owner';
  const resume = usePausing();
  const [asking, setAsking] = useState(false);
  if (!paused) return null;
  const done = () => {
    setAsking(false);
    tell(text.resumed);
  };
  return (
    <div className="notice" role="status">
      <p><strong>{text.paused}</strong> {paused}</p>
      {owner ? <div><Button size="xs" variant="default" onClick={() => setAsking(true)}>{text.resume}</Button></div> : <p className="dim small">{text.resumeOwner}</p>}
      <Confirm
        opened={asking} close={() => setAsking(false)} title={text.resumeTitle} verb={text.resume} busy={resume.isPending} error={resume.error}
        consequences={[text.resumeWords, text.resumePolicy]} act={() => resume.mutate(null, { onSuccess: done })}
      />
    </div>
  );
}

/** Stops everything, for who may. The address asks for it too: so it is found from anywhere. */
export function Pause() {
  const text = useText().sending;
  const sending = useSending();
  const owner = useMember().role === 'owner';
  const [question, change] = useQuestion();
  // Here, and not in the question: that is gone as soon as the server says that it is paused.
  const pausing = usePausing();
  const resume = usePausing();
  const pause = (why: string) => {
    const undo = () => resume.mutate(null, { onSuccess: () => tell(text.resumed) });
    pausing.mutate(why, {
      onSuccess: () => {
        tell(text.pause.done, undo);
        change({ ask: undefined });
      },
    });
  };
  if (!owner || !sending.data || sending.data.paused) return null;
  return (
    <>
      <Button variant="default" c="var(--bad)" onClick={() => change({ ask: 'pause' })}>{text.pause.open}</Button>
      {question.ask === 'pause' ? <Pausing act={pause} busy={pausing.isPending} error={pausing.error} underWay={sending.data.in_flight} close={() => change({ ask: undefined })} /> : null}
    </>
  );
}

function Pausing({ act, busy, error, underWay, close }: { act: (why: string) => void; busy: boolean; error: unknown; underWay: number; close: () => void }) {
  const { pause: text, atLeast } = useText().sending;
  const format = useFormat();
  const queues = useQueues();
  const [why, setWhy] = useState('');
  const sum = queues.data ? sumOf(queues.data.queues) : null;
  const waiting = sum && (sum.atLeast ? atLeast(format.number(sum.waiting)) : format.number(sum.waiting));
  return (
    <Confirm
      opened close={close} danger title={text.title} verb={text.verb} busy={busy} error={error} barred={why.trim() === ''}
      consequences={[text.all, ...(waiting === null ? [] : [text.waiting(waiting)]), ...(underWay > 0 ? [text.underWay(format.number(underWay))] : []), text.expire, text.back]}
      act={() => act(why.trim())}
    >
      {/* It can be stopped without knowing how much that is: every second counts. */}
      {queues.isPending ? <Waiting rows={1} /> : null}
      <TextInput label={text.why} description={text.whyHint} required value={why} maxLength={500} onChange={(event) => setWhy(event.currentTarget.value)} data-autofocus />
    </Confirm>
  );
}
