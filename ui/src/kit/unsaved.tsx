import { useBlocker } from '@tanstack/react-router';
import { useRef, type ReactNode } from 'react';
import { useText } from '@/text';
import { Confirm } from './Confirm';

/**
 * Asks before a page is left whose draft is published nowhere: by a link, by going back, and by
 * closing the window. Another view of the same page is not leaving it.
 */
export function useUnsaved(changed: boolean): { asks: ReactNode; leave: () => void } {
  const text = useText().kit.unsaved;
  // Publishing goes elsewhere at once: nothing is drawn between, so state would come too late.
  const free = useRef(false);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => changed && !free.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => changed && !free.current,
    withResolver: true,
  });
  const asks =
    blocker.status === 'blocked' ? (
      <Confirm opened close={blocker.reset} danger title={text.title} verb={text.verb} busy={false} error={null} consequences={[text.words, text.stay]} act={blocker.proceed} />
    ) : null;
  return {
    asks,
    leave: () => {
      free.current = true;
    },
  };
}
