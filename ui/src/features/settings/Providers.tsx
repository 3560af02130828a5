import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useMember } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Empty, Failed, Loaded } from '@/kit/Loaded';
import { Facts, Panel, State } from '@/kit/Page';
import { href, To, useGo } from '@/kit/To';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useDefinitions, useSettings, useTest, type Provider, type Tested } from './queries';

/** What carries messages, and whether it does. */
export function Providers() {
  const text = useText().settings;
  const query = useSettings();
  const definitions = useDefinitions();
  const senders = Object.keys(definitions.data?.definitions.senders ?? {});
  const go = useGo();
  const owner = useMember().role === 'owner';
  const add = owner ? <Button size="xs" onClick={() => go('/definitions/providers/new')}>{text.addProvider}</Button> : null;
  return (
    <Loaded query={query} rows={5}>
      {({ providers }) =>
        providers.length === 0 ? (
          <Panel>
            <Empty title={text.noProviders} words={text.noProvidersWords} next={add} />
          </Panel>
        ) : (
          <>
          <div className="row" style={{ justifyContent: 'flex-end', marginBottom: 12 }}>{add}</div>
          {providers.map((provider) => (
            <Panel key={provider.name} title={<To to={href`/definitions/providers/${provider.name}`}>{provider.name}</To>} end={<State tone={provider.trouble ? 'bad' : provider.used ? 'good' : 'calm'}>{provider.trouble ? text.trouble : provider.used ? text.used : text.none}</State>}>
              <div className="columns">
                <About provider={provider} />
                {owner && definitions.data ? <TestSend name={provider.name} channel={provider.channel} senders={senders} /> : null}
              </div>
            </Panel>
          ))}
          </>
        )
      }
    </Loaded>
  );
}

function About({ provider }: { provider: Provider }) {
  const text = useText().settings;
  const format = useFormat();
  const { choices } = useText().kit.form;
  const fields = useText().fields as Record<string, readonly [string, string?]>;
  const { trouble, per_second: pace, last_failure: failure } = provider;
  return (
    <Facts
      facts={[
        [text.kind, `${choices[provider.channel] ?? provider.channel} · ${fields[`ways.${provider.kind}`]?.[0] ?? provider.kind}`],
        [text.reached, provider.reached],
        [text.inFlight, format.number(provider.in_flight)],
        ...(pace ? [[text.pace, format.number(pace)] as [string, string]] : []),
        [text.lately, text.latelyWords(format.number(provider.accepted), format.number(provider.refused), format.number(provider.unreached))],
        ...(trouble || failure ? [[text.trouble, <Words key="w" words={trouble ?? failure ?? ''} />] as [string, React.ReactNode]] : []),
      ]}
    />
  );
}

/** What an address of a channel is typed with. The server says whether it is one. */
const TYPED: Record<string, 'email' | 'tel' | 'url' | 'text'> = { email: 'email', sms: 'tel', webhook: 'url' };

function TestSend({ name, channel, senders }: { name: string; channel: string; senders: string[] }) {
  const text = useText().settings;
  const test = useTest(name);
  const [to, setTo] = useState('');
  const [sender, setSender] = useState(senders[0] ?? '');
  // A sender is who writes a mail: nothing else has one.
  const signed = channel === 'email';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate({ to, ...(signed && sender ? { sender } : {}) });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput label={text.testTo} description={text.testHints[channel] ?? text.testHint} type="text" inputMode={TYPED[channel] ?? 'text'} required value={to} onChange={(event) => setTo(event.currentTarget.value)} />
      {signed ? <NativeSelect label={text.testFrom} value={sender} onChange={(event) => setSender(event.currentTarget.value)} data={senders} /> : null}
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

function Answer({ said }: { said: Tested }) {
  const text = useText().settings;
  const good = said.outcome === 'accepted';
  return (
    <div className="stack">
      <State tone={good ? 'good' : 'bad'}>{good ? text.testGood : text.testBad}</State>
      <p className="dim break"><Words words={[said.words, said.hint].filter(Boolean).join(' · ')} /></p>
      {said.answer ? <p className="small break"><code>{said.answer}</code></p> : null}
    </div>
  );
}
