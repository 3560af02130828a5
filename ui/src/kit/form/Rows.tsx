import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useText } from '@/text';
import { getAt, setAt, typedOf, valueOf, type Document } from './document';
import type { Field } from './fields';
import { One, useWords } from './Fields';

interface Shared {
  label: string;
  hint: string;
  error: React.ReactNode;
  words: string;
  disabled: boolean;
}

function Frame({ label, hint, error, children }: { label: string; hint: string; error: React.ReactNode; children: React.ReactNode }) {
  return (
    <fieldset className="rows">
      <legend>{label}</legend>
      {hint ? <p className="dim small">{hint}</p> : null}
      {children}
      {error ? (
        <p className="small fault" role="alert">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}

function Remove({ what, act, disabled }: { what: string; act: () => void; disabled: boolean }) {
  const text = useText().kit.form;
  return (
    <Button size="compact-sm" variant="subtle" c="var(--bad)" aria-label={text.removeOf(what)} onClick={act} disabled={disabled}>
      {text.remove}
    </Button>
  );
}

/** A list of small documents. */
export function Rows({ field, label, hint, error, value, set, words, disabled }: Shared & { field: Field; value: Document[]; set: (value: unknown) => void }) {
  const text = useText().kit.form;
  const each = field.each ?? [];
  const write = (rows: Document[]) => set(rows.length === 0 ? undefined : rows);
  return (
    <Frame label={label} hint={hint} error={error}>
      {value.map((row, place) => (
        <div className="one-row" key={place} role="group" aria-label={text.rowOf(label, place + 1)}>
          {each.map((part) => (
            <One
              key={part.at} field={part} value={getAt(row, part.at)} faults={[]} words={words} disabled={disabled}
              set={(next) => write(value.map((other, index) => (index === place ? setAt(other, part.at, next) : other)))}
            />
          ))}
          <Remove what={text.rowOf(label, place + 1)} disabled={disabled} act={() => write(value.filter((_, index) => index !== place))} />
        </div>
      ))}
      <div>
        <Button size="compact-sm" variant="light" disabled={disabled} onClick={() => write([...value, {}])}>
          {text.addTo(label)}
        </Button>
      </div>
    </Frame>
  );
}

/** Values by names that somebody chooses. */
export function Pairs({ label, hint, error, value, set, words, disabled }: Shared & { value: Record<string, unknown>; set: (value: unknown) => void }) {
  const text = useText().kit.form;
  const wordsOf = useWords();
  // Names are edited: while one is empty or there twice, it is nobody's name. So rows are kept here.
  const [rows, setRows] = useState<[string, string][]>(() => Object.entries(value).map(([name, inner]) => [name, typedOf(inner)]));
  const write = (next: [string, string][]) => {
    setRows(next);
    const named = next.filter(([name]) => name !== '');
    set(named.length === 0 ? undefined : Object.fromEntries(named.map(([name, typed]) => [name, valueOf(typed) ?? ''])));
  };
  const change = (place: number, row: [string, string]) => write(rows.map((other, index) => (index === place ? row : other)));
  const name = wordsOf(words, 'name').label;
  const inner = wordsOf(words, 'value').label;
  return (
    <Frame label={label} hint={hint} error={error}>
      {rows.map(([key, typed], place) => (
        <div className="one-row" key={place} role="group" aria-label={text.rowOf(label, place + 1)}>
          <TextInput label={name} value={key} disabled={disabled} onChange={(event) => change(place, [event.currentTarget.value, typed])} />
          <TextInput label={inner} value={typed} disabled={disabled} onChange={(event) => change(place, [key, event.currentTarget.value])} />
          <Remove what={text.rowOf(label, place + 1)} disabled={disabled} act={() => write(rows.filter((_, index) => index !== place))} />
        </div>
      ))}
      <div>
        <Button size="compact-sm" variant="light" disabled={disabled} onClick={() => write([...rows, ['', '']])}>
          {text.addTo(label)}
        </Button>
      </div>
    </Frame>
  );
}
