import { useEffect } from 'react';
import { PLACES } from './places';

/** What a key press asks for. */
export type Asked =
  | { kind: 'none' }
  | { kind: 'palette' }
  | { kind: 'help' }
  | { kind: 'search' }
  | { kind: 'go'; to: string }
  | { kind: 'leader' }
  | { kind: 'row'; step: 1 | -1 };

interface Press {
  key: string;
  ctrl: boolean;
  typing: boolean;
  /** `g` was pressed just before. */
  led: boolean;
  /** Keys alone mean something. */
  letters?: boolean;
}

/** Reads a key press. */
export function read({ key, ctrl, typing, led, letters = true }: Press): Asked {
  if (ctrl) return key.toLowerCase() === 'k' ? { kind: 'palette' } : { kind: 'none' };
  if (typing || !letters) return { kind: 'none' };
  if (led) {
    const place = PLACES.find(({ letter }) => letter === key);
    return place ? { kind: 'go', to: place.to } : { kind: 'none' };
  }
  if (key === 'g') return { kind: 'leader' };
  if (key === '/') return { kind: 'search' };
  if (key === '?') return { kind: 'help' };
  if (key === 'j') return { kind: 'row', step: 1 };
  if (key === 'k') return { kind: 'row', step: -1 };
  return { kind: 'none' };
}

const LEADER_MS = 1_200;

const LETTERS = 'cauce.letters';

/** Whether keys alone, without Ctrl, mean something. Who dictates or uses a switch turns that off (WCAG 2.1.4). */
export const lettersOn = () => localStorage.getItem(LETTERS) !== 'off';

export function keepLetters(on: boolean): void {
  if (on) localStorage.removeItem(LETTERS);
  else localStorage.setItem(LETTERS, 'off');
}

function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null;
  // An editor lives in a shadow root, whose host is what is seen from here.
  return !!element && (element.isContentEditable || element.matches('input, textarea, select, .editor, [role=dialog] *'));
}

function stepRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('tr[data-row].linked td:first-child a')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  links[at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step]?.focus();
}

/** The keyboard, everywhere: but for the time in which nothing listens. */
export function useKeys(act: (asked: Asked) => void, listens = true): void {
  useEffect(() => {
    if (!listens) return;
    let led = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return;
      const asked = read({
        key: event.key,
        ctrl: event.ctrlKey || event.metaKey,
        typing: isTyping(event.target),
        led: event.timeStamp - led < LEADER_MS && led > 0,
        letters: lettersOn(),
      });
      led = asked.kind === 'leader' ? event.timeStamp : 0;
      if (asked.kind === 'none' || asked.kind === 'leader') return;
      event.preventDefault();
      if (asked.kind === 'row') stepRow(asked.step);
      else if (asked.kind === 'search') document.querySelector<HTMLElement>('main input[type=search]')?.focus();
      else act(asked);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [act, listens]);
}
