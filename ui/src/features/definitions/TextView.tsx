import { knownAt, useDefinitions, type usePlanned } from '@/api/definitions';
import { sentence } from '@/kit/Fault';
import { Editor } from '@/kit/editor';
import type { Mark, Offer } from '@/kit/editor/view';
import { rangeOf, spotAt, type Read } from '@/kit/editor/yaml';
import { belongsTo, placeOf } from '@/kit/form/document';
import { useText } from '@/text';
import { NAMES_OF } from './kinds';

interface Props {
  folder: string;
  text: string;
  set: (text: string) => void;
  read: Read;
  plan: ReturnType<typeof usePlanned>;
  readOnly: boolean;
}

// What the server knows of a place does not change while it runs.
const asked = new Map<string, Promise<string[]>>();

function known(folder: string, at: (string | number)[], what: 'field' | 'value'): Promise<string[]> {
  const key = JSON.stringify([folder, at, what]);
  const found = asked.get(key) ?? knownAt(folder, at, what);
  asked.set(key, found);
  // Only what was answered is kept: another try asks again.
  found.catch(() => asked.delete(key));
  return found;
}

/** A definition as its file has it, with the names of fields that the server knows at each place. */
export function TextView({ folder, text, set, read, plan, readOnly }: Props) {
  const { definitions: own, faults: inShort } = useText();
  const definitions = useDefinitions();
  const marks: Mark[] = read.fault
    ? [read.fault]
    : plan.faults
        .filter((fault) => belongsTo(fault, plan.prefix))
        .map((fault) => {
          const [from, to] = rangeOf(text, placeOf(fault, plan.prefix));
          return { from, to, severity: fault.severity === 'warning' ? 'warning' : 'error', message: sentence(fault, inShort) };
        });
  const complete = async (_: string, before: string): Promise<Offer[]> => {
    const spot = spotAt(before);
    const names = await known(folder, spot.at, spot.what);
    if (spot.what === 'field') return names.map((label) => ({ label, apply: `${label}: ` }));
    const last = [...spot.at].reverse().find((part) => typeof part === 'string');
    const of = NAMES_OF[String(last)];
    return [...names, ...Object.keys((of && definitions.data?.definitions[of]) || {})].map((label) => ({ label, ...(of ? { detail: of } : {}) }));
  };
  return (
    <div className="stack">
      <Editor text={text} language="yaml" label={own.text} hint={own.textHint} marks={marks} readOnly={readOnly} change={set} complete={complete} />
      {read.fault ? <p className="small fault" role="alert">{own.unread(read.fault.message)}</p> : null}
    </div>
  );
}
