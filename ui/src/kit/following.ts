import { useEffect, useRef, useState } from 'react';

/** What is typed, which follows the address: another one is typed there as well. */
export function useFollowing(value: string): [string, (typed: string) => void] {
  const [held, setHeld] = useState({ value, typed: value });
  if (held.value !== value) setHeld({ value, typed: value });
  return [held.value === value ? held.typed : value, (typed) => setHeld({ value, typed })];
}

const WAIT_MS = 300;

/** The same, written into the address a moment after the last key. */
export function useTyped(value: string, write: (value: string) => void): [string, (typed: string) => void] {
  const [held, setHeld] = useState({ value, typed: value, sent: value });
  const written = useRef(write);
  useEffect(() => {
    written.current = write;
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  // What was written from here is no other address: meanwhile more may have been typed.
  const own = value === held.sent;
  if (held.value !== value) setHeld({ value, typed: own ? held.typed : value, sent: value });
  const set = (typed: string) => {
    setHeld((now) => ({ ...now, typed }));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const next = typed.trim();
      setHeld((now) => ({ ...now, sent: next }));
      written.current(next);
    }, WAIT_MS);
  };
  return [held.value === value || own ? held.typed : value, set];
}
