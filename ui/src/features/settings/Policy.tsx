import { Loaded } from '@/kit/Loaded';
import { Facts, Panel } from '@/kit/Page';
import { inWords } from '@/kit/values';
import { useText } from '@/text';
import { useDefinitions, useSettings } from './queries';

/** What is allowed for everybody: caps, quiet hours, consent, and how long things are kept. */
export function Policy() {
  const text = useText().settings;
  const definitions = useDefinitions();
  const settings = useSettings();
  return (
    <>
      <Panel title={text.policy} sub={text.policyWords}>
        <Loaded query={definitions}>
          {({ definitions: all }) => {
            const policy = Object.values(all.policy ?? {})[0]?.definition;
            return policy ? <Facts facts={Object.entries(policy).map(([name, value]) => [text.policyNames[name] ?? name, shown(name, value, text)])} /> : <p className="dim">{text.noPolicy}</p>;
          }}
        </Loaded>
      </Panel>
      <Panel title={text.retention} sub={text.retentionWords}>
        <Loaded query={settings}>
          {(all) => {
            const retention = all.retention;
            const facts = retention && typeof retention === 'object' ? Object.entries(retention as Record<string, unknown>) : [];
            return facts.length === 0 ? <p className="dim">{text.noRetention}</p> : <Facts facts={facts.map(([name, value]) => [name, inWords(value)])} />;
          }}
        </Loaded>
      </Panel>
      <Panel title={text.limits}>
        <Loaded query={settings}>
          {(all) => <Facts facts={Object.entries((all.limits ?? {}) as Record<string, unknown>).map(([name, value]) => [name, inWords(value)])} />}
        </Loaded>
      </Panel>
    </>
  );
}

interface Words {
  none: string;
  yes: string;
  no: string;
  cap: (messages: string, window: string, channel: string) => string;
  perMille: (count: string) => string;
  allChannels: string;
  quiet: (from: string, to: string) => string;
}

function shown(name: string, value: unknown, text: Words) {
  if (value === null) return text.none;
  if (typeof value === 'boolean') return value ? text.yes : text.no;
  if (name === 'holdout-per-mille') return text.perMille(String(value));
  if (name === 'frequency-caps') {
    const caps = value as { messages: number; window: string; channel: string | null }[];
    return caps.length === 0 ? text.none : caps.map((cap, place) => <div key={place}>{text.cap(String(cap.messages), cap.window, cap.channel ?? text.allChannels)}</div>);
  }
  if (name === 'quiet-hours') {
    const { from, to, start, end } = value as Record<string, string>;
    return text.quiet(from ?? start ?? '', to ?? end ?? '');
  }
  return inWords(value);
}
