import { Autocomplete, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useDefinitions } from '@/api/definitions';
import { useText } from '@/text';
import { complete } from './queries';
import { dayOf, instantOf, literalOf, OPS, typedOf, type Bound, type Literal, type Op } from './shapes';

/** Something that is written as text and read back: what was typed stays as long as it means the value. */
export function Typed<T>({ label, value, read, write, set, narrow, numeric }: { label: string; value: T; read: (typed: string) => T; write: (value: T) => string; set: (value: T) => void; narrow?: boolean; numeric?: boolean }) {
  const [typed, setTyped] = useState(write(value));
  const shown = JSON.stringify(read(typed)) === JSON.stringify(value) ? typed : write(value);
  return (
    <div className={narrow ? 'tight' : undefined}>
      <TextInput
        size="xs" aria-label={label} placeholder={label} value={shown} {...(numeric ? { inputMode: 'decimal' as const } : {})}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          set(read(event.currentTarget.value));
        }}
      />
    </div>
  );
}

const asIs = (text: string) => text;

/** A text. */
export function Text({ label, value, set, narrow }: { label: string; value: string; set: (value: string) => void; narrow?: boolean }) {
  return <Typed label={label} value={value} read={asIs} write={asIs} set={set} {...(narrow ? { narrow } : {})} />;
}

/** A number; what is none yet stays what was typed, and the server says so. */
export function Number_({ label, value, set }: { label: string; value: number; set: (value: number) => void }) {
  return <Typed<Literal> narrow numeric label={label} value={value} read={literalOf} write={typedOf} set={(next) => set(next as number)} />;
}

/** A value of any type. */
export function Value({ label, value, set }: { label: string; value: Literal; set: (value: Literal) => void }) {
  return <Typed<Literal> label={label} value={value} read={literalOf} write={typedOf} set={set} />;
}

/** A day, or an instant. */
export function Day({ label, value, set }: { label: string; value: string; set: (value: string) => void }) {
  return <Typed label={label} value={value} read={instantOf} write={dayOf} set={set} />;
}

/** One of some words. */
export function Choice({ label, value, set, words, narrow }: { label: string; value: string; set: (value: string) => void; words: [value: string, words: string][]; narrow?: boolean }) {
  return (
    <div className={narrow ? 'tight' : undefined}>
      <NativeSelect size="xs" aria-label={label} value={value} onChange={(event) => set(event.currentTarget.value)} data={words.map(([key, label]) => ({ value: key, label }))} />
    </div>
  );
}

/** A name that the server may know. */
export function Name({ kind, of, label, value, set, more = [] }: { kind: string; of?: string; label: string; value: string; set: (value: string) => void; more?: string[] }) {
  const [prefix] = useDebouncedValue(value, 200);
  const begins = (begin: string) => ({ queryKey: ['/v1/complete', kind, of ?? '', begin], queryFn: () => complete(kind, begin, of), staleTime: 30_000, retry: false });
  // Of many names the server gives the first ones: what is typed asks for those that begin so as well.
  const offers = useQuery(begins(''));
  const typed = useQuery({ ...begins(prefix), enabled: prefix !== '' });
  const names = [...new Set([...(offers.data ?? []), ...(typed.data ?? [])].map((item) => item.name).concat(more))];
  return (
    <div>
      <Autocomplete size="xs" aria-label={label} placeholder={label} value={value} onChange={set} data={names} limit={30} />
    </div>
  );
}

/** An attribute, or one that is computed. */
export function AttributeName({ value, set }: { value: string; set: (value: string) => void }) {
  const text = useText().segments.builder;
  const definitions = useDefinitions();
  const computed = Object.keys(definitions.data?.definitions.attributes ?? {}).map((name) => `computed.${name}`);
  return <Name kind="attribute" label={text.attributeName} value={value} set={set} more={computed} />;
}

export function OpField({ value, set }: { value: Op; set: (op: Op) => void }) {
  const text = useText().segments.builder;
  return <Choice narrow label={text.relation} value={value} set={(op) => set(op as Op)} words={OPS.map((op) => [op, text.ops[op] ?? op])} />;
}

/** How a number relates to another. */
export function BoundFields({ value, set }: { value: Bound; set: (value: Bound) => void }) {
  const text = useText().segments.builder;
  return (
    <>
      <OpField value={value.op} set={(op) => set({ ...value, op })} />
      <Number_ label={text.number} value={value.to} set={(to) => set({ ...value, to })} />
    </>
  );
}
