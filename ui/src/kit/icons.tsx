import type { ReactNode } from 'react';

function icon(paths: ReactNode) {
  return function Icon() {
    return (
      <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" width="16" height="16">
        {paths}
      </svg>
    );
  };
}

export const IconOverview = icon(<path d="M2.500 9.500h2.500l1.800-5 2.600 8 1.800-5h2.300" />);
export const IconEvents = icon(<path d="M9 1.800 3.500 9H8l-1 5.200L12.500 7H8z" />);
export const IconProfiles = icon(<><circle cx="8" cy="5.500" r="2.700" /><path d="M2.800 13.800c.6-2.800 2.600-4.200 5.200-4.200s4.600 1.400 5.200 4.200" /></>);
export const IconSegments = icon(<><circle cx="6" cy="8" r="4" /><circle cx="10" cy="8" r="4" /></>);
export const IconLists = icon(<><path d="M6.500 4h7M6.500 8h7M6.500 12h4" /><path d="M2.500 4h.8M2.500 8h.8M2.500 12h.8" /></>);
export const IconCampaigns = icon(<path d="M2.500 6.500v3l7.500 3.200V3.300zM10 6.200c1.300 0 2 .8 2 1.800s-.7 1.800-2 1.800M4.500 10.400v2.800h2v-2" />);
export const IconJourneys = icon(<><circle cx="3.500" cy="8" r="1.700" /><circle cx="12.500" cy="3.800" r="1.700" /><circle cx="12.500" cy="12.200" r="1.700" /><path d="M5.200 8h2c2 0 1.300-4.200 3.600-4.200M7.200 8c2 0 1.300 4.200 3.600 4.200" /></>);
export const IconTemplates = icon(<><rect x="2.500" y="2.500" width="11" height="11" rx="2" /><path d="M2.500 6.200h11M6.500 6.200v7.300" /></>);
export const IconMessages = icon(<><rect x="2" y="3.500" width="12" height="9" rx="2" /><path d="m2.500 5 5.500 4 5.500-4" /></>);
export const IconSettings = icon(<><path d="M2.500 4.700h6M11.500 4.700h2M2.500 11.300h2M7.500 11.300h6" /><circle cx="10" cy="4.700" r="1.500" /><circle cx="6" cy="11.300" r="1.500" /></>);
export const IconDefinitions = icon(<><path d="M4 2.500h5.500L12.500 5.500v8H4z" /><path d="M9.300 2.700v3h3M6.200 8.500h4M6.200 11h2.800" /></>);
export const IconSending = icon(<path d="M2.500 4h7M2.500 8h5M2.500 12h7M9.500 5.500 13.500 8l-4 2.500" />);
export const IconSources = icon(<path d="M8 2.200v7M5 6.500l3 3 3-3M2.500 10.500v3h11v-3" />);
export const IconSearch = icon(<><circle cx="7" cy="7" r="4.200" /><path d="m10.200 10.200 3.300 3.300" /></>);
export const IconMenu = icon(<path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11" />);
export const IconClose = icon(<path d="m4 4 8 8M12 4l-8 8" />);
export const IconPlus = icon(<path d="M8 3v10M3 8h10" />);
