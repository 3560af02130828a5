import { Autocomplete, Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '@/kit/Confirm';
import { Diff } from '@/kit/Diff';
import { typedOf, valueOf } from '@/kit/form/document';
import { useFormat } from '@/kit/format';
import { tell } from '@/kit/toast';
import { useText } from '@/text';
import { useRectify, type Profile, type Who } from './queries';

interface Line {
  name: string;
  typed: string;
}

/** Puts right what is known of a person: a value becomes another one, or goes away. */
export function Rectify({ who, profile, close }: { who: Who; profile: Profile; close: () => void }) {
  const text = useText().profiles.rectify;
  const format = useFormat();
  const rectify = useRectify(who);
  const [lines, setLines] = useState<Line[]>(() => Object.entries(profile.attributes).map(([name, known]) => ({ name, typed: typedOf(known.value) })));
  const before = Object.fromEntries(Object.entries(profile.attributes).map(([name, known]) => [name, known.value]));
  const wanted = Object.fromEntries(lines.filter((line) => line.name !== '').map((line) => [line.name, valueOf(line.typed) ?? null]));
  const differs = (name: string) => JSON.stringify(before[name] ?? null) !== JSON.stringify(wanted[name] ?? null);
  const names = [...new Set([...Object.keys(before), ...Object.keys(wanted)])].filter(differs);
  const change = Object.fromEntries(names.map((name) => [name, wanted[name] ?? null]));
  const was = Object.fromEntries(names.map((name) => [name, before[name] ?? null]));
  const set = (place: number, line: Line) => setLines(lines.map((other, index) => (index === place ? line : other)));
  const undo = () => rectify.mutate(was, { onSuccess: () => tell(text.undone) });
  return (
    <Confirm
      opened close={close} title={text.title} verb={text.verb} size="lg" busy={rectify.isPending} error={rectify.error} barred={names.length === 0}
      consequences={[text.words, text.segments]}
      act={() =>
        rectify.mutate(change, {
          onSuccess: () => {
            tell(text.done(format.number(names.length)), undo);
            close();
          },
        })
      }
    >
      <div className="rows">
        {lines.map((line, place) => (
          <div className="one-row" key={place} role="group" aria-label={line.name || text.fresh}>
            {line.name in before ? <TextInput label={text.name} value={line.name} readOnly /> : <Autocomplete label={text.name} value={line.name} onChange={(name) => set(place, { ...line, name })} data={[]} />}
            <TextInput label={text.value} value={line.typed} onChange={(event) => set(place, { ...line, typed: event.currentTarget.value })} />
          </div>
        ))}
        <p className="dim small">{text.hint}</p>
        <div>
          <Button size="compact-sm" variant="light" onClick={() => setLines([...lines, { name: '', typed: '' }])}>
            {text.add}
          </Button>
        </div>
      </div>
      {names.length > 0 ? <Diff before={was} after={change} label={text.diff} /> : null}
    </Confirm>
  );
}
