import type { Tone } from '@/kit/Page';
import type { Queue } from './queries';

const TONES: Record<string, Tone> = { closed: 'good', open: 'bad', 'half-open': 'warn', ramping: 'going' };

/** How a circuit breaker, or a way out that is missing, looks. */
export function toneOf(state: string): Tone {
  return TONES[state] ?? 'bad';
}

export interface Sum {
  waiting: number;
  atLeast: boolean;
  oldest: number;
  expires: string | null;
}

/** All queues together: how much waits, for how long, and when the first is pointless. */
export function sumOf(queues: Queue[]): Sum {
  return queues.reduce<Sum>(
    (sum, queue) => ({
      waiting: sum.waiting + queue.waiting,
      atLeast: sum.atLeast || queue.at_least,
      oldest: Math.max(sum.oldest, queue.age_seconds),
      expires: queue.expires && (!sum.expires || queue.expires < sum.expires) ? queue.expires : sum.expires,
    }),
    { waiting: 0, atLeast: false, oldest: 0, expires: null },
  );
}

/** The longest wait first. */
export function byAge(queues: Queue[]): Queue[] {
  return queues.toSorted((a, b) => b.age_seconds - a.age_seconds || a.path.localeCompare(b.path));
}

/** The push service and the app of a keeper, `fcm:com.shop`; a browser's has no app. */
export function appOf(keeper: string): { service: string; app: string } {
  const [service = '', ...app] = keeper.split(':');
  return { service, app: app.join(':') };
}
