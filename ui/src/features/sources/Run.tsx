import { Button } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '@/kit/Confirm';
import { useFormat } from '@/kit/format';
import { tell } from '@/kit/toast';
import { useText } from '@/text';
import { useRun, type Source } from './queries';

/** What its events do, for who is about to let more of them in. */
function effectOf(source: Source, text: ReturnType<typeof useText>['sources']): string {
  return source.live ? text.runLive : text.runHistory;
}

/** Has a source look now, after asking. */
export function RunNow({ source }: { source: Source }) {
  const text = useText().sources;
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const run = useRun(source.name);
  const { waiting } = source.standing;
  const done = () => {
    setAsking(false);
    tell(text.runs(source.name));
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>{text.run}</Button>
      <Confirm
        opened={asking} close={() => setAsking(false)} title={text.runTitle(source.name)} verb={text.run} busy={run.isPending} error={run.error}
        consequences={[text.runLook, ...(waiting > 0 ? [text.runWaiting(format.number(waiting))] : []), effectOf(source, text)]}
        act={() => run.mutate(null, { onSuccess: done })}
      />
    </>
  );
}

/** Has a source take one file again, after asking. */
export function TakeAgain({ source, file }: { source: Source; file: string }) {
  const text = useText().sources;
  const [asking, setAsking] = useState(false);
  const run = useRun(source.name);
  const done = () => {
    setAsking(false);
    tell(text.runs(source.name));
  };
  return (
    <>
      <Button size="compact-xs" variant="default" aria-label={`${text.again}: ${file}`} onClick={() => setAsking(true)}>{text.again}</Button>
      <Confirm
        opened={asking} close={() => setAsking(false)} title={text.againTitle(file)} verb={text.again} busy={run.isPending} error={run.error}
        consequences={[text.againWords, text.againKnown, effectOf(source, text)]} act={() => run.mutate(file, { onSuccess: done })}
      />
    </>
  );
}
