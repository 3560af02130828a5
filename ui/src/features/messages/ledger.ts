import { useCallback, useEffect, useRef, useState } from 'react';
import type { Message } from '@/api/shapes';

export interface Filter {
  campaign?: string | undefined;
  journey?: string | undefined;
  template?: string | undefined;
  state?: string | undefined;
  channel?: string | undefined;
  topic?: string | undefined;
}

export const FILTERS = ['campaign', 'journey', 'template', 'state', 'channel', 'topic'] as const;

/** Whether a message is one of those that are asked for. */
export function fits(message: Message, filter: Filter): boolean {
  const is = (wanted: string | undefined, found: string | null | undefined) => !wanted || wanted === found;
  return (
    is(filter.campaign, message.source.campaign) && is(filter.journey, message.source.journey) && is(filter.template, message.template[0]) &&
    is(filter.state, message.state.state) && is(filter.channel, message.channel) && is(filter.topic, message.topic)
  );
}

/** Whole lines of a text that arrives in pieces, and what is left of it. */
export function linesOf(kept: string, piece: string): { lines: string[]; rest: string } {
  const parts = (kept + piece).split('\n');
  const rest = parts.pop() ?? '';
  return { lines: parts.filter((line) => line !== ''), rest };
}

// Limits: a page reads so many rows of the ledger before it asks whether to go on, and shows so many.
const ROWS_AT_ONCE = 20_000;
const SHOWN_MAX = 1_000;

export interface Found {
  messages: Message[];
  read: number;
  /** `paused`: there is more. */
  standing: 'reading' | 'paused' | 'done' | 'failed';
  error?: unknown;
}

const NOTHING: Found = { messages: [], read: 0, standing: 'reading' };

/**
 * The ledger, read as it is exported: row by row in the order of ids, of which those that fit are
 * kept. There is no other list of all messages; so it says how much of it was read.
 */
export function useLedger(filter: Filter): Found & { more: () => void; again: () => void } {
  const [found, setFound] = useState<Found>(NOTHING);
  const [life, setLife] = useState(0);
  const resume = useRef<(() => void) | null>(null);
  const asked = JSON.stringify(filter);
  useEffect(() => {
    const abort = new AbortController();
    const wanted = JSON.parse(asked) as Filter;
    let messages: Message[] = [];
    let read = 0;
    const say = (standing: Found['standing'], error?: unknown) => {
      if (!abort.signal.aborted) setFound({ messages: messages.toSorted((a, b) => b.created.localeCompare(a.created)), read, standing, ...(error ? { error } : {}) });
    };
    const walk = async () => {
      say('reading');
      const answer = await fetch('/v1/messages/export', { credentials: 'same-origin', signal: abort.signal });
      if (!answer.ok || !answer.body) throw new Error(`${answer.status} ${answer.statusText}`);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let kept = '';
      let until = ROWS_AT_ONCE;
      for (;;) {
        const { done, value } = await reader.read();
        const { lines, rest } = linesOf(kept, done ? '\n' : value);
        kept = rest;
        for (const line of lines) {
          const message = JSON.parse(line) as Message;
          read += 1;
          if (fits(message, wanted)) messages.push(message);
        }
        if (messages.length > SHOWN_MAX) messages = messages.toSorted((a, b) => b.created.localeCompare(a.created)).slice(0, SHOWN_MAX);
        if (done) return say('done');
        if (read >= until) {
          say('paused');
          await new Promise<void>((go) => (resume.current = go));
          until = read + ROWS_AT_ONCE;
          say('reading');
        }
      }
    };
    walk().catch((error: unknown) => say('failed', error));
    return () => abort.abort();
  }, [asked, life]);
  const more = useCallback(() => resume.current?.(), []);
  const again = useCallback(() => setLife((now) => now + 1), []);
  return { ...found, more, again };
}
