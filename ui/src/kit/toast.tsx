import { useEffect, useState, useSyncExternalStore } from 'react';
import { useText } from '@/text';

interface Told {
  id: number;
  words: string;
  /** Takes back what was done. */
  undo?: (() => void) | undefined;
}

// Long enough to read it and to reach the button; WCAG 2.2.1 asks that nothing depends on it: what
// can be undone here can be undone on the page as well.
const STAYS_MS = 12_000;

let told: Told[] = [];
let next = 1;
const listeners = new Set<() => void>();

function write(now: Told[]): void {
  told = now;
  listeners.forEach((tell) => tell());
}

/** Says what was done, and offers to take it back. */
export function tell(words: string, undo?: () => void): void {
  write([...told.slice(-2), { id: next++, words, undo }]);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Where what was done is said. */
export function Toasts() {
  const items = useSyncExternalStore(subscribe, () => told);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {items.map((item) => (
        <Toast key={item.id} item={item} />
      ))}
    </div>
  );
}

function Toast({ item }: { item: Told }) {
  const text = useText().kit;
  // Whoever points at it or is on it with the keyboard is reading, or about to press.
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const held = pointed || focused;
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => write(told.filter((one) => one.id !== item.id)), STAYS_MS);
    return () => clearTimeout(timer);
  }, [item.id, held]);
  const close = () => write(told.filter((one) => one.id !== item.id));
  return (
    <div className="toast" onPointerEnter={() => setPointed(true)} onPointerLeave={() => setPointed(false)} onFocus={() => setFocused(true)} onBlur={() => setFocused(false)}>
      <span className="break">{item.words}</span>
      {item.undo ? (
        <button
          type="button" className="undo"
          onClick={() => {
            close();
            item.undo?.();
          }}
        >
          {text.undo}
        </button>
      ) : null}
      <button type="button" className="x" aria-label={text.close} onClick={close}>
        {'×'}
      </button>
    </div>
  );
}
