import { Autocomplete, Checkbox, NativeSelect, NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useDefinitions } from '@/api/definitions';
import { useRead } from '@/api/queries';
import type { Diagnostic } from '@/api/problem';
import { useText } from '@/text';
import { sentence } from '../Fault';
import { Words } from '../Words';
import { getAt, said, setAt, typedOf, valueOf, type Document } from './document';
import type { Field } from './fields';
import { Instant } from './Instant';
import { Pairs, Rows } from './Rows';

interface Props {
  fields: readonly Field[];
  document: Document;
  set: (document: Document) => void;
  faults: Record<string, Diagnostic[]>;
  /** Where words of this kind are looked for first: `senders`. */
  words: string;
  disabled?: boolean;
}

/** What a field is called, and what it is for. */
export function useWords(): (words: string, at: string) => { label: string; description?: string } {
  const all = useText().fields as Record<string, readonly [string, string?]>;
  return (words, at) => {
    const found = all[`${words}.${at}`] ?? all[at];
    return found ? { label: found[0], ...(found[1] ? { description: found[1] } : {}) } : { label: said(at) };
  };
}

/** Fields of a definition, with the faults of each beside it. */
export function Fields({ fields, document, set, faults, words, disabled }: Props) {
  return (
    <div className="fields">
      {fields.map((field) => (
        <div key={field.at} className={field.half ? 'half' : 'whole'}>
          <One field={field} value={getAt(document, field.at)} set={(value) => set(setAt(document, field.at, value))} faults={faults[field.at] ?? []} words={words} disabled={disabled ?? false} />
        </div>
      ))}
    </div>
  );
}

interface OneProps {
  field: Field;
  value: unknown;
  set: (value: unknown) => void;
  faults: Diagnostic[];
  words: string;
  disabled: boolean;
  /** Words of the page, where they do not follow from the field. */
  labels?: { label: string; none: string; names: Record<string, string> };
}

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

const textOr = (typed: string) => (typed === '' ? undefined : typed);

/** One field. */
export function One({ field, value, set, faults, words, disabled, labels }: OneProps) {
  const wordsOf = useWords();
  const text = useText().kit.form;
  const { label, description } = labels ? { label: labels.label, description: undefined } : wordsOf(words, field.at);
  const errors = faults.filter((fault) => fault.severity !== 'warning');
  const inShort = useText().faults;
  const inWords = (some: Diagnostic[]) => some.map((fault) => sentence(fault, inShort));
  const hint = [description, ...inWords(faults.filter((fault) => fault.severity === 'warning'))].filter(Boolean).join(' · ');
  const common = {
    // Hints stand below: so fields of one line begin at one height.
    inputWrapperOrder: ORDER, label, disabled, required: field.required ?? false, withAsterisk: field.required ?? false,
    ...(hint ? { description: <Words words={hint} own /> } : {}), ...(errors.length > 0 ? { error: <Words words={inWords(errors).join(' · ')} own /> } : {}),
  };
  const shown = value ?? field.fallback;
  switch (field.as) {
    case 'long':
      return <Textarea {...common} autosize minRows={2} value={String(value ?? '')} onChange={(event) => set(textOr(event.currentTarget.value))} />;
    case 'number':
      return <NumberInput {...common} allowDecimal={false} hideControls value={value === undefined || value === null ? '' : Number(value)} placeholder={field.fallback === undefined ? text.none : String(field.fallback)} onChange={(next) => set(next === '' ? undefined : Number(next))} />;
    case 'flag':
      return <Checkbox label={label} {...(hint ? { description: <Words words={hint} own /> } : {})} {...(common.error ? { error: common.error } : {})} disabled={disabled} checked={shown === true} onChange={(event) => set(event.currentTarget.checked === (field.fallback === true) ? undefined : event.currentTarget.checked)} />;
    case 'choice':
      return <Choice field={field} common={common} value={typedOf(shown)} set={set} {...(labels ? { labels } : {})} />;
    case 'name':
      return <NameField folder={field.of ?? ''} common={common} value={String(value ?? '')} set={(next) => set(textOr(next))} />;
    case 'names':
      return <NamesField folder={field.of ?? ''} common={common} value={(value as string[]) ?? []} set={(next) => set(next.length === 0 && !field.required ? undefined : next)} />;
    case 'time':
      return <TextInput {...common} type="time" value={String(value ?? '')} onChange={(event) => set(textOr(event.currentTarget.value))} />;
    case 'instant':
      return <Instant common={common} value={typeof value === 'string' ? value : ''} set={(next) => set(textOr(next))} />;
    case 'secret':
      return <SecretField common={common} value={String(value ?? '')} set={(next) => set(textOr(next))} />;
    case 'pairs':
      return <Pairs label={label} hint={hint} error={common.error} value={(value as Record<string, unknown>) ?? {}} set={set} words={`${words}.${field.at}`} disabled={disabled} />;
    case 'rows':
      return <Rows field={field} label={label} hint={hint} error={common.error} value={(value as Document[]) ?? []} set={set} words={`${words}.${field.at}`} disabled={disabled} />;
    case 'json':
      return <Textarea {...common} autosize minRows={2} value={typedOf(value)} onChange={(event) => set(valueOf(event.currentTarget.value))} />;
    case 'any':
      return <TextInput {...common} value={typedOf(value)} onChange={(event) => set(valueOf(event.currentTarget.value))} />;
    default:
      return <TextInput {...common} value={String(value ?? '')} placeholder={field.fallback === undefined ? '' : String(field.fallback)} onChange={(event) => set(textOr(event.currentTarget.value))} />;
  }
}

interface Common {
  inputWrapperOrder: typeof ORDER;
  label: string;
  disabled: boolean;
  required: boolean;
  withAsterisk: boolean;
  description?: ReactNode;
  error?: ReactNode;
}

function Choice({ field, common, value, set, labels }: { field: Field; common: Common; value: string; set: (value: unknown) => void; labels?: OneProps['labels'] & object }) {
  const text = useText().kit.form;
  const names = labels?.names ?? text.choices;
  const none = labels?.none ?? text.none;
  const choices = field.choices ?? [];
  const data = [...(field.fallback === undefined && (!field.required || value === '') ? [{ value: '', label: none }] : []), ...(value && !choices.includes(value) ? [value] : []), ...choices].map((one) => (typeof one === 'string' ? { value: one, label: names[one] ?? one } : one));
  return <NativeSelect {...common} value={value} onChange={(event) => set(event.currentTarget.value === '' || event.currentTarget.value === field.fallback ? undefined : event.currentTarget.value)} data={data} />;
}

/** The place of a secret, never the secret: names of the vault are offered, and where they are set is a link. */
function SecretField({ common, value, set }: { common: Common; value: string; set: (value: string) => void }) {
  const text = useText().kit.form;
  const known = useRead<{ secrets: { name: string }[] }>('/v1/secrets', {}, { enabled: !common.disabled });
  const names = (known.data?.secrets ?? []).map((secret) => `vault:${secret.name}`);
  // In a window of its own: what is written here stays.
  const where = <a className="roomy" href="/settings?tab=secrets" target="_blank" rel="noreferrer">{text.secretWhere}</a>;
  return <Autocomplete {...common} description={common.description ? <>{common.description} {where}</> : where} placeholder={text.secretPlaceholder} autoComplete="off" spellCheck={false} value={value} onChange={set} data={names} limit={40} />;
}

/** Names that are there of a kind; another one may be typed, and the server says what it thinks of it. */
export function useNamesOf(folder: string): string[] {
  const definitions = useDefinitions();
  return Object.keys(definitions.data?.definitions[folder] ?? {});
}

function NameField({ folder, common, value, set }: { folder: string; common: Common; value: string; set: (value: string) => void }) {
  return <Autocomplete {...common} value={value} onChange={set} data={useNamesOf(folder)} limit={40} />;
}

function NamesField({ folder, common, value, set }: { folder: string; common: Common; value: string[]; set: (value: string[]) => void }) {
  return <TagsInput {...common} value={value} onChange={set} data={useNamesOf(folder)} clearable={false} />;
}
