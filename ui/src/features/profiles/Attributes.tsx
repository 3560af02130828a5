import { Empty } from '@/kit/Loaded';
import { Facts, Panel, Tag } from '@/kit/Page';
import { href, To } from '@/kit/To';
import { Exactly, inWords, When } from '@/kit/values';
import { useText } from '@/text';
import { eventOf, splitAlias } from './model';
import type { Profile, Who } from './queries';

/** What is known of a person, with where each fact comes from. */
export function Attributes({ who, profile }: { who: Who; profile: Profile }) {
  const { profiles: text, suppressions } = useText();
  const attributes = Object.entries(profile.attributes);
  const computed = Object.entries(profile.computed);
  return (
    <div className="columns wide-first">
      <div>
        <Panel title={text.attributes}>
          {attributes.length === 0 ? (
            <Empty title={text.noAttributes} words={text.noAttributesWords} />
          ) : (
            <Facts
              facts={attributes.map(([name, known]) => [
                name,
                <>
                  {inWords(known.value)}
                  <span className="src">
                    {text.said} <To to={eventOf(who, known.event)}>{text.event}</To> · <Exactly at={known.at} />
                  </span>
                </>,
              ])}
            />
          )}
        </Panel>
        {computed.length > 0 ? (
          <Panel title={text.computed}>
            <Facts facts={computed.map(([name, value]) => [name, inWords(value)])} />
          </Panel>
        ) : null}
      </div>
      <div>
        <Panel title={text.segments}>
          {profile.segments.length === 0 ? (
            <p className="dim">{text.noSegments}</p>
          ) : (
            <Facts
              facts={profile.segments.map((segment) => [
                <To key={segment.name} to={href`/segments/${segment.name}`}>{segment.name}</To>,
                <>
                  {text.insideSince} <When at={segment.since} /> ·{' '}
                  <To to={href`/profiles/${who.namespace}/${who.value}` + `?tab=explain&kind=segments&name=${encodeURIComponent(segment.name)}`}>{text.why}</To>
                </>,
              ])}
            />
          )}
        </Panel>
        <Panel title={text.aliases}>
          <Facts
            facts={profile.aliases.map((alias) => {
              const { namespace, value } = splitAlias(alias);
              return [namespace, value];
            })}
          />
        </Panel>
        {profile.suppressions.length > 0 ? (
          <Panel title={text.suppressions}>
            <Facts facts={profile.suppressions.map(({ address, why }) => [address, <Tag key="why" tone={why.stops === 'everything' ? 'bad' : 'warn'}>{text.stopped[why.stops](suppressions[why.reason] ?? why.reason)}</Tag>])} />
          </Panel>
        ) : null}
        {profile.runs.length > 0 ? (
          <Panel title={text.runs}>
            <Facts
              facts={profile.runs.map((run) => [
                <To key="to" to={href`/journeys/${String(run.journey ?? '')}`}>{String(run.journey ?? '')}</To>,
                <When key="at" at={run.started} />,
              ])}
            />
          </Panel>
        ) : null}
      </div>
    </div>
  );
}
