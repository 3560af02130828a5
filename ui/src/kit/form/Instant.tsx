import { TextInput } from '@mantine/core';
import { useState } from 'react';

type Common = React.ComponentProps<typeof TextInput>;

/** An instant as the field of the browser has it, in the zone of who looks: `2026-12-01T09:00`. */
export function localOf(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The instant of what was chosen; what is no time yet is nothing. */
export function instantOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().replace('.000Z', 'Z');
}

/** A day and a time. */
export function Instant({ common, value, set }: { common: Common; value: string; set: (value: string) => void }) {
  // While a day is typed there is no instant: what was typed so far has to stay.
  const [typed, setTyped] = useState(localOf(value));
  const shown = instantOf(typed) === value || typed === '' ? (value ? localOf(value) : typed) : typed;
  return (
    <TextInput
      {...common} type="datetime-local" value={shown}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        set(instantOf(event.currentTarget.value));
      }}
    />
  );
}
