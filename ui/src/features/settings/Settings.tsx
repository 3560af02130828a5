import { useMember } from '@/api/session';
import { Empty } from '@/kit/Loaded';
import { Page, Panel, Tabs } from '@/kit/Page';
import { useQuestion } from '@/kit/To';
import { useText } from '@/text';
import { Audit } from './Audit';
import { Backups } from './Backups';
import { Destinations } from './Destinations';
import { Keys } from './Keys';
import { Members } from './Members';
import { Policy } from './Policy';
import { Providers } from './Providers';
import { Secrets } from './Secrets';
import { Senders } from './Senders';

/** How the installation is set up, who may do what, and who did. */
export function Settings() {
  const text = useText().settings;
  const [question] = useQuestion();
  const owner = useMember().role === 'owner';
  const tab = question.tab ?? 'senders';
  const tabs: [string, string][] = [
    ['senders', text.tabs.senders], ['providers', text.tabs.providers], ['policy', text.tabs.policy], ['destinations', text.tabs.destinations],
    ...(owner ? ([['secrets', text.tabs.secrets], ['backups', text.tabs.backups], ['keys', text.tabs.keys], ['members', text.tabs.members], ['audit', text.tabs.audit]] as [string, string][]) : []),
  ];
  const closed = !tabs.some(([name]) => name === tab);
  return (
    <Page title={text.title} sub={text.sub}>
      <Tabs base="/settings" tabs={tabs} at={tab} label={text.title} />
      {closed ? <Panel><Empty title={text.onlyOwners} words={text.onlyOwnersWords} /></Panel> : null}
      {tab === 'senders' ? <Senders /> : null}
      {tab === 'providers' ? <Providers /> : null}
      {tab === 'policy' ? <Policy /> : null}
      {tab === 'destinations' ? <Destinations /> : null}
      {!closed && tab === 'backups' ? <Backups /> : null}
      {!closed && tab === 'secrets' ? <Secrets /> : null}
      {!closed && tab === 'keys' ? <Keys /> : null}
      {!closed && tab === 'members' ? <Members /> : null}
      {!closed && tab === 'audit' ? <Audit /> : null}
    </Page>
  );
}
