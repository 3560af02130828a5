/** Words for the stable names of reasons, where the server counts them by name. */
export const reasons: Record<string, string> = {
  'no-address': 'no address',
  'no-consent': 'no consent',
  'consent-withdrawn': 'consent withdrawn',
  suppressed: 'suppressed address',
  holdout: 'control group',
  'quiet-hours': 'quiet hours',
  'frequency-capped': 'had enough messages',
  expired: 'waited too long',
  'journey-exited': 'had left the journey',
  'campaign-cancelled': 'campaign cancelled',
  merged: 'planned twice, merged',
  'no-profile': 'no such profile',
};
