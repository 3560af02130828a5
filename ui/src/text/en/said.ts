import type { Told } from '@/kit/Because';

/** Each reason of the server with the numbers that led there. */
export const said: Record<string, (told: Told) => string> = {
  'no-address': (told) => `the profile has no address for ${told.text('channel')}`,
  suppressed: (told) => {
    const why = told.of('suppression');
    return `the address is suppressed for ${why.text('stops')} since ${why.at('at')} (${why.text('reason')}: ${why.text('evidence')})`;
  },
  'consent-withdrawn': (told) => {
    const topic = told.text('topic');
    const at = told.at('at');
    if (topic.startsWith('sender:')) return `the sender ${topic.slice('sender:'.length)} was stopped at ${at} (${told.text('source')})`;
    return `consent for ${topic === '*' ? 'every topic' : topic} was withdrawn at ${at} (${told.text('source')})`;
  },
  'no-consent': (told) => `no consent for ${told.text('topic')} was ever given`,
  holdout: (told) => `in the global control group (${told.text('per_mille')} in a thousand)`,
  'quiet-hours': (told) => `quiet hours in ${told.text('zone')} until ${told.at('until')}`,
  'frequency-capped': (told) => `${told.number('sent')} messages within ${told.span('window')}, ${told.number('cap')} are allowed`,
  expired: (told) => `expired at ${told.at('at')}`,
  'journey-exited': (told) => `the profile left the journey ${told.text('journey')} before it was sent`,
  'campaign-cancelled': () => 'the campaign was cancelled',
  merged: () => 'the person was already planned under another profile',
  'unknown-profile': () => 'there is no such profile',
  'identity-pending': (told) => `${told.number('questions')} identity questions are open`,
  paused: (told) => `sending is paused: ${told.text('why')}`,
  'unknown-template': (told) => `there is no template ${told.text('template')}`,
  'consent-pending': (told) => `consent for ${told.text('topic')}, given at ${told.at('since')}, is not confirmed yet`,
  erased: (told) => `the person was erased at ${told.at('at')}`,
  'no-way-out': (told) => `no provider of ${told.text('route')} takes messages for the moment`,
  'no-common-hours': (told) => `the number may be in ${told.number('zones')} time zones, and at no hour it is outside the quiet hours of all of them; the attribute timezone would say where the person is`,
  complaints: (told) => `marketing from ${told.text('domain')} to ${told.text('mailbox')} is paused since ${told.at('since')}: ${told.number('complaints')} readers of ${told.number('among')} messages called them spam that day`,
  blocked: (told) => `marketing from ${told.text('domain')} to ${told.text('mailbox')} is paused since ${told.at('since')}: it refused ${told.number('refused')} of ${told.number('among')} messages for what the sender is, and said: ${told.text('text')}`,
  'number-unfit': (told) => `the number ${told.text('why')} (numbers of the policy)`,
  'sender-not-there': (told) => `the sender ${told.text('name')} does not pass in ${told.text('region')}: that takes ${told.text('needs')} (by-country or letters-in of the sender)`,
};
