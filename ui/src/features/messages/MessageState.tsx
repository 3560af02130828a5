import { State, type Tone } from '@/kit/Page';
import { useText } from '@/text';

const TONES: Record<string, Tone> = {
  queued: 'calm', attempting: 'going', accepted: 'good', delivered: 'good', refused: 'bad', failed: 'bad', unknown: 'warn',
};

/** What became of a message, as a word. */
export function MessageState({ state }: { state: string }) {
  const text = useText().messages;
  return <State tone={TONES[state] ?? 'calm'}>{text.states[state] ?? state}</State>;
}
