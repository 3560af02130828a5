import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMember } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { tell } from '@/kit/toast';
import { useText } from '@/text';
import { useResume, useSending } from './queries';

/** Says that nothing leaves, why, and lets an owner end that. */
export function Paused() {
  const text = useText().sending;
  const paused = useSending().data?.paused;
  const owner = useMember().role === 'owner';
  const resume = useResume();
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
        consequences={[text.resumeWords, text.resumePolicy]} act={() => resume.mutate(undefined, { onSuccess: done })}
      />
    </div>
  );
}
