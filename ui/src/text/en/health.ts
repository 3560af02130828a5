import type { Told } from '@/kit/Because';

/** What is so with a part of the server, by the server's stable word. */
const words: Record<string, (told: Told) => string> = {
  'events-well': () => 'Events are accepted and decided as they come.',
  'events-stopped': (told) => `A part of the data is stopped: ${told.text('why')}.`,
  'events-full': () => 'The disk is full: nothing new is accepted.',
  'events-failing': (told) => `Something fails and is tried again: ${told.text('why')}.`,
  'events-waiting': (told) => `${told.number('waiting')} events wait to be decided; new ones are put off.`,
  'timers-well': () => 'Waits and segments that move with time are on time.',
  'timers-late': (told) => `What was to happen by time is ${told.number('seconds')} seconds late.`,
  'clock-well': () => 'The machine’s clock is believed.',
  'clock-stepped': (told) => `The machine’s clock stepped to ${told.at('shown')}: nothing leaves.`,
  'sending-well': () => 'Messages leave as they are due.',
  'sending-paused': (told) => `Sending is paused everywhere: ${told.text('why')}.`,
  'quarantine-well': () => 'Nothing is in quarantine.',
  'quarantine-waits': (told) => `${told.number('count')} entries could not be decided and are in quarantine.`,
  'bounces-held': (told) => `${told.text('why')}.`,
  'mail-folder': (told) => `${told.text('why')}.`,
  'disk-well': () => 'The disk has room.',
  'disk-room': (told) => `${told.number('free')} GB of the disk are free (${told.number('share')} %).`,
  'disk-short': (told) => `${told.number('free')} GB of the disk are free (${told.number('share')} %).`,
  'backups-development': () => 'This is a server for development: it needs no backup.',
  'backups-none': () => 'There is no backup yet.',
  'backups-made': (told) => `The newest backup was made ${told.at('at')}.`,
  'backups-old': (told) => `The newest backup was made ${told.at('at')}.`,
  'provider-well': () => 'It takes messages.',
  'provider-unusable': (told) => `It cannot be used: ${told.text('why')}.`,
  'provider-stopped': (told) => `Nothing is given to it until ${told.at('until')}${told.text('why') ? `: ${told.text('why')}` : ''}.`,
  'provider-unreached': (told) => `It is not reached: ${told.text('why')}.`,
  'provider-gone': () => 'Messages wait for it, and it is not defined.',
  'sender-key': (told) => `${told.text('why')}.`,
  'destination-well': () => 'It is told of every change.',
  'destination-snapshots': () => 'Its snapshots are made.',
  'destination-snapshot': (told) => `Its last snapshot was not made: ${told.text('why')}.`,
  'destination-disabled': (told) => `It is told nothing any more: ${told.text('why')}.`,
  'destination-failing': (told) => `It has not answered with yes since ${told.at('since')}: ${told.text('why')}.`,
  'complaints-paused': (told) => `Marketing from ${told.text('domain')} to ${told.text('mailbox')} is paused since ${told.at('since')}: ${told.number('complaints')} readers among ${told.number('among')} called it spam.`,
  'complaints-many': (told) => `${told.number('complaints')} readers of ${told.text('mailbox')} among ${told.number('among')} called what ${told.text('domain')} sent today spam.`,
  'blocked-paused': (told) => `Marketing from ${told.text('domain')} to ${told.text('mailbox')} is paused since ${told.at('since')}: ${told.text('mailbox')} refused ${told.number('refused')} of ${told.number('among')} messages for what their sender is. It said: ${told.text('text')}`,
  'campaign-barred': (told) => `${told.text('why')}.`,
};

/** What to do about it. */
const todo: Record<string, string> = {
  'events-stopped': 'An engineer has to look at the server’s log and start the server again.',
  'events-full': 'Make room; it goes on by itself.',
  'events-failing': 'An engineer has to look at the disk.',
  'events-waiting': 'Wait for it to catch up, or report more slowly.',
  'timers-late': 'Look whether the server is overloaded.',
  'clock-stepped': 'Set it right, or confirm it with `cauce clock --confirm`.',
  'sending-paused': 'Resume it when the reason is gone.',
  'quarantine-waits': 'Look at the reasons, and replay them.',
  'bounces-held': 'Say whether they are true, here or with `cauce suppressions held`.',
  'mail-folder': 'Set the folder or its rights right; it goes on by itself.',
  'disk-short': 'Make room, or move the data to a larger disk.',
  'backups-none': 'Make one here or with `cauce backup`, and keep it on another machine.',
  'backups-old': 'Make one here or with `cauce backup`, and keep it on another machine.',
  'provider-unusable': 'Mend it; messages wait meanwhile and nothing is lost.',
  'provider-stopped': 'Ask the provider. Its messages go by other legs of their route, or wait.',
  'provider-unreached': 'Ask the provider, or send a test; messages are tried again by themselves.',
  'provider-gone': 'Define it again, or cancel what waits.',
  'sender-key': 'Put the key where it is looked for; its messages wait meanwhile.',
  'destination-snapshot': 'Look at the folder or the bucket; it is tried again.',
  'destination-disabled': 'Mend it, then resume it.',
  'destination-failing': 'Ask its operator; it is tried again.',
  'complaints-paused': 'Find out which audience did not want it; then let it go on.',
  'complaints-many': 'Look at whom today’s campaigns went to; at three in a thousand marketing is paused.',
  'blocked-paused': '`cauce doctor` says what the sender lacks; mend it, then let it go on.',
  'campaign-barred': 'Mend what it names: it starts within a minute then. Or take its time away.',
};

/** The parts, by the first word of their names. */
const parts: Record<string, string> = {
  events: 'events', timers: 'timers', clock: 'clock', sending: 'sending', quarantine: 'quarantine', bounces: 'bounces', disk: 'disk', backups: 'backups',
  provider: 'provider', sender: 'sender', destination: 'destination', complaints: 'complaints', blocked: 'blocked', campaign: 'campaign',
};

export const health = { words, todo, parts };
