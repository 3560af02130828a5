import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Facts, Panel } from '@/kit/Page';
import { useText } from '@/text';
import { useSettings, type All } from './queries';

/** What is allowed for everybody: caps, quiet hours, consent, and how long things are kept. */
export function Policy() {
  const text = useText().settings;
  const format = useFormat();
  const query = useSettings();
  return (
    <Loaded query={query} rows={8}>
      {({ policy, retention, limits, server }) => (
        <>
          <Panel title={text.policy} sub={text.policyWords}>
            <Allowed policy={policy} />
          </Panel>
          <Panel title={text.retention} sub={text.retentionWords}>
            {retention.length === 0 ? <p className="dim">{text.noRetention}</p> : <Facts facts={retention.map((one) => [<code key="e">{one.event}</code>, one.kept])} />}
          </Panel>
          <Panel title={text.limits}>
            <Facts facts={limits.map((one) => [one.words, <span key="n" className="num">{format.number(one.value)}</span>])} />
          </Panel>
          <Panel title={text.server}>
            <Facts facts={[[text.version, server.version], [text.publicUrl, server.public_url], [text.partitions, format.number(server.partitions)], [text.plan, format.number(server.plan)]]} />
          </Panel>
        </>
      )}
    </Loaded>
  );
}

function Allowed({ policy }: { policy: All['policy'] }) {
  const text = useText().settings;
  const format = useFormat();
  const quiet = policy.quiet_hours;
  const caps = policy.frequency_caps.map((cap) => text.cap(format.number(cap.messages), cap.window, cap.channel ?? text.allChannels));
  return (
    <Facts
      facts={[
        [text.policyNames.consent, policy.consent_required ? text.yes : text.no],
        [text.policyNames.quiet, quiet ? text.quiet(quiet.from, quiet.to) : text.none],
        [text.policyNames.caps, caps.length > 0 ? caps.map((cap) => <div key={cap}>{cap}</div>) : text.none],
        [text.policyNames.holdout, text.perMille(format.number(policy.holdout_per_mille))],
        [text.policyNames.lifetime, policy.message_lifetime],
        [text.policyNames.zone, policy.default_zone],
        [text.policyNames.week, policy.week_starts],
      ]}
    />
  );
}
