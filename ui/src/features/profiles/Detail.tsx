import { Button, Menu } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { address } from '@/api/client';
import { useMayEdit } from '@/api/session';
import { Loaded } from '@/kit/Loaded';
import { Page, Tabs } from '@/kit/Page';
import { SuppressMenu } from '@/kit/Suppress';
import { href, useQuestion } from '@/kit/To';
import { Copy, Exactly } from '@/kit/values';
import { useText } from '@/text';
import { Attributes } from './Attributes';
import { ConsentTab } from './Consents';
import { DeviceTab } from './Devices';
import { Erase } from './Erase';
import { ExplainTab } from './Explain';
import { IdentityTab } from './Identity';
import { addressesOf, shownName, splitAlias } from './model';
import { useProfile, type Profile, type Who } from './queries';
import { Rectify } from './Rectify';
import { TimelineTab } from './Timeline';

/** One person: what is known, why, and being forgotten. */
export function ProfileDetail() {
  const who = useParams({ strict: false }) as Who;
  const text = useText().profiles;
  const [question] = useQuestion();
  const [erasing, setErasing] = useState(false);
  const [rectifying, setRectifying] = useState(false);
  const query = useProfile(who);
  const mayEdit = useMayEdit();
  // Links from messages and events know the id alone; nobody is called so.
  const name = (who.namespace === 'id' && query.data && shownName(query.data.aliases.map(splitAlias))?.value) || who.value;
  const tab = question.tab ?? 'about';
  const tabs: [string, string][] = [
    ['about', text.tabs.about], ['timeline', text.tabs.timeline], ['explain', text.tabs.explain], ['consents', text.tabs.consents], ['devices', text.tabs.devices], ['identity', text.tabs.identity],
  ];
  const base = href`/profiles/${who.namespace}/${who.value}`;
  return (
    <Page
      title={name}
      crumbs={[{ to: '/profiles', words: text.title }]}
      sub={query.data ? <Line profile={query.data} /> : null}
      actions={query.data ? (
        <>
          <Button component="a" variant="default" size="sm" href={address('/v1/profiles/{namespace}/{value}/export', { path: { ...who } })} download={`${name}.json`}>
            {text.export}
          </Button>
          {mayEdit ? <SuppressMenu addresses={addressesOf(query.data)} /> : null}
          {mayEdit ? (
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" size="sm">
                  {text.more}
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => setRectifying(true)}>{text.rectify.open}</Menu.Item>
                <Menu.Item color="var(--bad)" onClick={() => setErasing(true)}>
                  {text.erase.open}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          ) : null}
        </>
      ) : null}
    >
      <Loaded query={query} rows={8}>
        {(profile) => (
          <>
            <Tabs base={base} tabs={tabs} at={tab} label={text.tabs.label} />
            {tab === 'about' ? <Attributes who={who} profile={profile} /> : null}
            {tab === 'timeline' ? <TimelineTab who={who} /> : null}
            {tab === 'explain' ? <ExplainTab who={who} /> : null}
            {tab === 'consents' ? <ConsentTab who={who} /> : null}
            {tab === 'devices' ? <DeviceTab who={who} /> : null}
            {tab === 'identity' ? <IdentityTab who={who} /> : null}
            {rectifying ? <Rectify who={who} profile={profile} close={() => setRectifying(false)} /> : null}
            {erasing ? <Erase who={who} name={name} profile={profile} close={() => setErasing(false)} /> : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Line({ profile }: { profile: Profile }) {
  const text = useText().profiles;
  return (
    <>
      <Copy value={profile.id} /> · {text.known} <Exactly at={profile.created} />
    </>
  );
}
