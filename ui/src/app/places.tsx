import {
  IconCampaigns, IconEvents, IconJourneys, IconMessages, IconOverview, IconProfiles, IconSegments, IconSettings, IconTemplates,
} from '@/kit/icons';

/** The rooms of the console: where they are, which letter leads there behind `g`. */
export const PLACES = [
  { name: 'overview', to: '/', letter: 'o', icon: IconOverview, group: 'live' },
  { name: 'events', to: '/events', letter: 'e', icon: IconEvents, group: 'live' },
  { name: 'messages', to: '/messages', letter: 'm', icon: IconMessages, group: 'live' },
  { name: 'profiles', to: '/profiles', letter: 'p', icon: IconProfiles, group: 'people' },
  { name: 'segments', to: '/segments', letter: 's', icon: IconSegments, group: 'people' },
  { name: 'campaigns', to: '/campaigns', letter: 'c', icon: IconCampaigns, group: 'reach' },
  { name: 'journeys', to: '/journeys', letter: 'j', icon: IconJourneys, group: 'reach' },
  { name: 'templates', to: '/templates', letter: 't', icon: IconTemplates, group: 'reach' },
  { name: 'settings', to: '/settings', letter: ',', icon: IconSettings, group: 'own' },
] as const;

export const GROUPS = ['live', 'people', 'reach', 'own'] as const;
export type PlaceName = (typeof PLACES)[number]['name'];
