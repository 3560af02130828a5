import { useState } from 'react';
import { useKnown, useWays } from '@/api/definitions';
import type { Diagnostic } from '@/api/problem';
import { setAt, type Document } from '@/kit/form/document';
import { Fields, One } from '@/kit/form/Fields';
import { Failed, Waiting } from '@/kit/Loaded';
import { useText } from '@/text';
import { fieldsOf, wayOf, waysFor } from './ways';

interface Props {
  document: Document;
  set: (document: Document) => void;
  faults: Record<string, Diagnostic[]>;
  disabled: boolean;
}

/** A provider: what it carries, by which way, and the fields of that way. */
export function ProviderFields({ document, set, faults, disabled }: Props) {
  const text = useText().definitions;
  const names = useText().fields as Record<string, readonly [string, string?]>;
  const known = useWays();
  // What was said of a way comes back with it: who looks at another one loses nothing.
  const [left, setLeft] = useState<Document>({});
  const channel = String(document.channel ?? 'email');
  const all = known.data ?? [];
  const ways = waysFor(channel, all);
  const way = wayOf(document, all);
  const inner = useKnown('providers', [way], way !== '');
  const choose = (next: string) => {
    if (way !== '') setLeft({ ...left, [way]: document[way] });
    const kept = way === '' ? document : setAt(document, way, undefined);
    set(next === '' ? kept : setAt(kept, next, left[next] ?? {}));
  };
  if (known.error) return <Failed error={known.error} again={() => void known.refetch()} />;
  if (known.isPending) return <Waiting rows={4} />;
  const choices = way !== '' && !ways.includes(way) ? [...ways, way] : ways;
  return (
    <div className="stack">
      <div className="fields">
        <div className="half">
          <One field={{ at: 'channel', as: 'choice', choices: ['email', 'sms', 'push', 'webhook'], required: true }} value={channel} set={(value) => set({ ...document, channel: value ?? 'email' })} faults={faults.channel ?? []} words="providers" disabled={disabled} />
        </div>
        <div className="half">
          <Choose label={text.way} none={text.chooseWay} value={way} set={choose} disabled={disabled} data={choices.map((name) => ({ value: name, label: names[`ways.${name}`]?.[0] ?? name }))} />
        </div>
      </div>
      {way !== '' && names[`ways.${way}`]?.[1] ? <p className="dim small">{names[`ways.${way}`]?.[1]}</p> : null}
      {way !== '' ? <Fields key={way} fields={fieldsOf(way, inner.data ?? [])} document={document} set={set} faults={faults} words="providers" disabled={disabled} /> : null}
      <Fields
        fields={[{ at: 'per-second', as: 'number', half: true }, { at: 'in-flight', as: 'number', half: true }]}
        document={document} set={set} faults={faults} words="providers" disabled={disabled}
      />
    </div>
  );
}

function Choose({ label, none, value, set, data, disabled }: { label: string; none: string; value: string; set: (value: string) => void; data: { value: string; label: string }[]; disabled: boolean }) {
  return <One field={{ at: 'way', as: 'choice', choices: data.map((one) => one.value) }} value={value || undefined} set={(next) => set(String(next ?? ''))} faults={[]} words="providers" disabled={disabled} labels={{ label, none, names: Object.fromEntries(data.map((one) => [one.value, one.label])) }} />;
}
