import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useMayEdit } from '@/api/session';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Facts, Panel, State } from '@/kit/Page';
import { inWords } from '@/kit/values';
import { useText } from '@/text';
import { useDefinitions, useTest } from './queries';

/** What carries messages, and whether it does. */
export function Providers() {
  const text = useText().settings;
  const query = useDefinitions();
  const mayEdit = useMayEdit();
  return (
    <Loaded query={query} rows={5}>
      {({ definitions }) => {
        const providers = Object.entries(definitions.providers ?? {});
        const senders = Object.keys(definitions.senders ?? {});
        if (providers.length === 0) return <Panel><Empty title={text.noProviders} words={text.noProvidersWords} /></Panel>;
        return providers.map(([name, { definition }]) => (
          <Panel key={name} title={name}>
            <div className="columns">
              <Facts facts={factsOf(definition)} />
              {mayEdit ? <TestSend name={name} senders={senders} /> : null}
            </div>
          </Panel>
        ));
      }}
    </Loaded>
  );
}

/** A definition as facts: nested fields by their path. */
function factsOf(value: Record<string, unknown>, before = ''): [string, string][] {
  return Object.entries(value).flatMap(([name, inner]): [string, string][] => {
    if (inner === null) return [];
    if (typeof inner === 'object' && !Array.isArray(inner)) {
      const nested = factsOf(inner as Record<string, unknown>, `${before}${name} · `);
      return nested.length > 0 ? nested : [[`${before}${name}`, '✓']];
    }
    return [[`${before}${name}`, inWords(inner)]];
  });
}

function TestSend({ name, senders }: { name: string; senders: string[] }) {
  const text = useText().settings;
  const test = useTest(name);
  const [to, setTo] = useState('');
  const [sender, setSender] = useState(senders[0] ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate({ to, ...(sender ? { sender } : {}) });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput label={text.testTo} description={text.testHint} type="email" required value={to} onChange={(event) => setTo(event.currentTarget.value)} />
      <NativeSelect label={text.testFrom} value={sender} onChange={(event) => setSender(event.currentTarget.value)} data={senders} />
      <div>
        <Button type="submit" variant="default" loading={test.isPending}>{text.testSend}</Button>
      </div>
      <div aria-live="polite" data-testid="outcome">
        {test.error ? <Failed error={test.error} /> : null}
        {test.data ? <Answer said={test.data} /> : null}
      </div>
    </form>
  );
}

function Answer({ said }: { said: Record<string, unknown> }) {
  const text = useText().settings;
  const outcome = (said.outcome ?? said) as Record<string, unknown> | string;
  const kind = typeof outcome === 'string' ? outcome : String(outcome.kind ?? '');
  const words = said.words ?? (typeof outcome === 'object' ? (outcome.words ?? outcome.text) : '');
  const good = kind === 'accepted' || said.accepted === true || said.ok === true;
  return (
    <div className="stack">
      <State tone={good ? 'good' : 'bad'}>{good ? text.testGood : text.testBad}</State>
      <p className="dim break">{inWords(words ?? kind)}</p>
      {said.answer ? <p className="small break"><code>{inWords(said.answer)}</code></p> : null}
    </div>
  );
}
