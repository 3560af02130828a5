import {
  IconCampaigns, IconDefinitions, IconEvents, IconJourneys, IconLists, IconMessages, IconOverview, IconProfiles, IconSegments, IconSending, IconSettings, IconSources, IconTemplates,
} from '@/kit/icons';

/** The rooms of the console: where they are, which letter leads there behind `g`. */
export const PLACES = [
  { name: 'overview', to: '/', letter: 'o', icon: IconOverview, group: 'live' },
  { name: 'events', to: '/events', letter: 'e', icon: IconEvents, group: 'live' },
  { name: 'sources', to: '/sources', letter: 'i', icon: IconSources, group: 'live' },
  { name: 'messages', to: '/messages', letter: 'm', icon: IconMessages, group: 'live' },
  { name: 'sending', to: '/sending', letter: 'q', icon: IconSending, group: 'live' },
  { name: 'profiles', to: '/profiles', letter: 'p', icon: IconProfiles, group: 'people' },
  { name: 'segments', to: '/segments', letter: 's', icon: IconSegments, group: 'people' },
  { name: 'lists', to: '/lists', letter: 'l', icon: IconLists, group: 'people' },
  { name: 'campaigns', to: '/campaigns', letter: 'c', icon: IconCampaigns, group: 'reach' },
  { name: 'journeys', to: '/journeys', letter: 'j', icon: IconJourneys, group: 'reach' },
  { name: 'templates', to: '/templates', letter: 't', icon: IconTemplates, group: 'reach' },
  { name: 'definitions', to: '/definitions', letter: 'd', icon: IconDefinitions, group: 'own' },
  { name: 'settings', to: '/settings', letter: ',', icon: IconSettings, group: 'own' },
] as const;

/** What can be begun from anywhere, and who may. */
export const ACTIONS = [
  { name: 'segment', to: '/segments/new', need: 'edit' },
  { name: 'campaign', to: '/campaigns/new', need: 'edit' },
  { name: 'template', to: '/templates/new', need: 'edit' },
  { name: 'journey', to: '/definitions/journeys/new', need: 'edit' },
  { name: 'sender', to: '/definitions/senders/new', need: 'own' },
  { name: 'topic', to: '/definitions/topics/new', need: 'own' },
  { name: 'provider', to: '/definitions/providers/new', need: 'own' },
  { name: 'policy', to: '/definitions/policy/policy', need: 'own' },
  { name: 'secrets', to: '/settings?tab=secrets', need: 'own' },
  { name: 'policyHistory', to: '/definitions/policy/policy/history', need: 'read' },
  { name: 'list', to: '/definitions/lists/new', need: 'edit' },
  { name: 'source', to: '/definitions/sources/new', need: 'own' },
  { name: 'schema', to: '/definitions/schemas/new', need: 'edit' },
  { name: 'quarantine', to: '/events/quarantine', need: 'read' },
  { name: 'ledger', to: '/messages?tab=ledger', need: 'read' },
  { name: 'letters', to: '/sending?tab=letters', need: 'read' },
  { name: 'routes', to: '/sending?tab=routes', need: 'read' },
  { name: 'devices', to: '/sending?tab=deliverability', need: 'read' },
  { name: 'route', to: '/definitions/routes/new', need: 'own' },
  { name: 'pause', to: '/sending?ask=pause', need: 'own' },
  { name: 'refused', to: '/messages?tab=ledger&state=refused', need: 'read' },
] as const;

export const GROUPS = ['live', 'people', 'reach', 'own'] as const;
export type PlaceName = (typeof PLACES)[number]['name'];
