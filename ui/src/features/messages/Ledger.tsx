import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDefinitions } from '@/api/definitions';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Waiting } from '@/kit/Loaded';
import { Panel } from '@/kit/Page';
import { useQuestion } from '@/kit/To';
import { useText } from '@/text';
import { FILTERS, useLedger, type Filter } from './ledger';
import { Messages } from './Rows';

const KINDS = { campaign: 'campaigns', journey: 'journeys', template: 'templates', topic: 'topics' } as const;

/** All messages, by where they come from and what became of them. */
export function Ledger() {
  const text = useText().messages;
  const kit = useText().kit.form;
  const format = useFormat();
  const [question, change] = useQuestion();
  const definitions = useDefinitions();
  const filter: Filter = Object.fromEntries(FILTERS.map((name) => [name, question[name]]));
  const ledger = useLedger(filter);
  const filtered = FILTERS.some((name) => question[name]);
  const choices = (name: (typeof FILTERS)[number]): { value: string; label: string }[] => {
    if (name === 'state') return Object.entries(text.states).map(([value, label]) => ({ value, label }));
    if (name === 'channel') return ['email', 'sms', 'push', 'webhook'].map((value) => ({ value, label: kit.choices[value] ?? value }));
    const known = Object.keys(definitions.data?.definitions[KINDS[name]] ?? {});
    const asked = question[name];
    // What was removed may still be asked for: its messages stay.
    return [...known, ...(asked && !known.includes(asked) ? [asked] : [])].map((value) => ({ value, label: value }));
  };
  return (
    <>
      <div className="filters" role="search">
        {FILTERS.map((name) => (
          <NativeSelect key={name} label={text.filters[name]} value={question[name] ?? ''} onChange={(event) => change({ [name]: event.currentTarget.value })} data={[{ value: '', label: text.all }, ...choices(name)]} />
        ))}
        {filtered ? (
          <Button variant="subtle" onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}>
            {text.clear}
          </Button>
        ) : null}
        <Button component="a" variant="default" href="/v1/messages/export" download="messages.ndjson">
          {text.export}
        </Button>
      </div>
      <p className="dim small" role="status" style={{ marginBottom: 10 }}>
        {ledger.standing === 'reading' ? text.reading(format.number(ledger.read)) : text.readSoFar(format.number(ledger.messages.length), format.number(ledger.read), ledger.standing === 'done')}{' '}
        {ledger.standing === 'paused' ? <Button size="compact-xs" variant="default" onClick={ledger.more}>{text.readOn}</Button> : null}
        {ledger.standing === 'done' ? <Button size="compact-xs" variant="subtle" onClick={ledger.again}>{text.readAgain}</Button> : null}
      </p>
      {ledger.standing === 'failed' ? <Failed error={ledger.error} again={ledger.again} /> : null}
      <Panel flush>
        {ledger.messages.length > 0 ? <Messages rows={ledger.messages} who /> : ledger.standing === 'reading' ? <Waiting rows={8} /> : <Empty title={filtered ? text.noneFit : text.ledgerEmpty} words={filtered ? text.noneFitWords : text.ledgerEmptyWords} />}
      </Panel>
    </>
  );
}

/** Filters of the messages of one person: the same words, over what is already here. */
export function StateFilter() {
  const text = useText().messages;
  const [question, change] = useQuestion();
  return (
    <>
      <NativeSelect label={text.filters.state} value={question.state ?? ''} onChange={(event) => change({ state: event.currentTarget.value })} data={[{ value: '', label: text.all }, ...Object.entries(text.states).map(([value, label]) => ({ value, label }))]} />
      <TextInput label={text.filters.template} value={question.template ?? ''} onChange={(event) => change({ template: event.currentTarget.value })} />
    </>
  );
}
