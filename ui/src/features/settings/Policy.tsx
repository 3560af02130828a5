import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMember } from '@/api/session';
import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Facts, Panel } from '@/kit/Page';
import { To, useGo } from '@/kit/To';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { Forget } from './Forget';
import { useSettings, type All } from './queries';

/** What is allowed for everybody: caps, quiet hours, consent, and how long things are kept. */
export function Policy() {
  const text = useText().settings;
  const format = useFormat();
  const query = useSettings();
  const go = useGo();
  const [forgetting, setForgetting] = useState(false);
  const { publish } = useText().kit;
  const owner = useMember().role === 'owner';
  const edit = (
    <>
      <To to="/definitions/policy/policy/history">{publish.history}</To>
      {owner ? <Button size="xs" onClick={() => go('/definitions/policy/policy')}>{publish.edit}</Button> : null}
    </>
  );
  return (
    <Loaded query={query} rows={8}>
      {({ policy, retention, limits, server }) => (
        <>
          <Panel title={text.policy} sub={text.policyWords} end={edit}>
            <Allowed policy={policy} />
          </Panel>
          <Panel title={text.retention} sub={text.retentionWords} end={owner ? <Button size="xs" variant="default" onClick={() => setForgetting(true)}>{text.forget.open}</Button> : null}>
            {retention.length === 0 ? <p className="dim">{text.noRetention}</p> : <Facts facts={retention.map((one) => [<code key="e">{one.event}</code>, one.kept])} />}
          </Panel>
          <Panel title={text.limits}>
            <Facts facts={limits.map((one) => [<Words key="w" words={one.words} />, <span key="n" className="num">{format.number(one.value)}</span>])} />
          </Panel>
          <Panel title={text.server}>
            <Facts facts={[[text.version, server.version], [text.publicUrl, server.public_url], [text.partitions, format.number(server.partitions)], [text.plan, format.number(server.plan)]]} />
          </Panel>
          {forgetting ? <Forget close={() => setForgetting(false)} /> : null}
        </>
      )}
    </Loaded>
  );
}

function Allowed({ policy }: { policy: All['policy'] }) {
  const text = useText().settings;
  const format = useFormat();
  const { choices } = useText().kit.form;
  const quiet = policy.quiet_hours;
  const caps = policy.frequency_caps.map((cap) => text.cap(format.number(cap.messages), cap.window, cap.channel ? (choices[cap.channel] ?? cap.channel) : text.allChannels));
  return (
    <Facts
      facts={[
        [text.policyNames.consent, policy.consent_required ? text.yes : text.no],
        [text.policyNames.quiet, quiet ? text.quiet(quiet.from, quiet.to) : text.none],
        [text.policyNames.caps, caps.length > 0 ? caps.map((cap) => <div key={cap}>{cap}</div>) : text.none],
        [text.policyNames.holdout, text.perMille(format.number(policy.holdout_per_mille))],
        [text.policyNames.lifetime, policy.message_lifetime],
        [text.policyNames.zone, policy.default_zone],
        [text.policyNames.week, choices[policy.week_starts] ?? policy.week_starts],
      ]}
    />
  );
}
