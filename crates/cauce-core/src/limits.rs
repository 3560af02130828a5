//! Every bound of the core, with its reason. What happens at the bound stands beside the use.

use crate::time::Duration;

/// Longest name of an event, attribute, segment, journey, template: fits a screen and a key.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest alias value: the longest address (RFC 5321: 254) and then some.
pub const ALIAS_BYTES_MAX: usize = 320;
/// Aliases of one profile: a household's devices, not a bot farm's.
pub const ALIASES_MAX: usize = 256;
/// Attributes of one profile.
pub const ATTRIBUTES_MAX: usize = 512;
/// Statements about consent that are in force for one profile: topics times channels, with room.
pub const CONSENTS_MAX: usize = 512;
/// Profiles that are told when an address which they use, and do not hold, is suppressed. An
/// address that more use is nobody's: they are not written to at it.
pub const WATCHERS_MAX: usize = 1_000;
/// Opens and clicks that one message remembers; later ones are counted and not kept.
pub const ENGAGEMENTS_MAX: usize = 1_000;
/// Other reports that one message remembers, bounces for example; of later ones only the first that
/// ends its address is heard.
pub const REPORTS_MAX: usize = 64;
/// One event as received: what Segment accepts (32 KB), with room for our own envelope.
pub const EVENT_BYTES_MAX: usize = 32 * 1024;
/// Events in one request: they share one group commit, and nobody else is heard meanwhile.
pub const REQUEST_EVENTS_MAX: usize = 10_000;
/// Depth of nested arrays and objects in a property.
pub const VALUE_DEPTH_MAX: usize = 16;
/// Redirects that an input follows before it goes to quarantine: three profiles already need 7.
pub const HOPS_MAX: u8 = 32;
/// Rounds of one cascade (an update enters a segment that starts a journey that updates…).
pub const CASCADE_ROUNDS_MAX: usize = 8;
/// Runs of one profile at a time, over all journeys.
pub const RUNS_MAX: usize = 128;
/// Keys that a profile remembers of a journey whose policy is about them (once per order…); of
/// more, the one that entered longest ago is forgotten.
pub const JOURNEY_KEYS_MAX: usize = 1_000;
/// Steps that one run takes within one input, so that a loop without a delay ends.
pub const STEPS_PER_INPUT_MAX: usize = 64;
/// Journey entries that a profile remembers while an identity question is open.
pub const HELD_ENTRIES_MAX: usize = 64;
/// Rows of the timeline in one chunk of an absorb: at most 16 MiB where each is as large as an
/// event may be, usually below 256 KiB.
pub const ABSORB_CHUNK_ROWS: usize = 512;
/// Profiles that became one and are still told apart: as many as it may have names. What comes
/// beyond is a part of it like any other, and cannot be taken out again.
pub const SIDES_MAX: usize = 256;
/// Messages in one chunk of an absorb, for the same reason.
pub const ABSORB_CHUNK_MESSAGES: usize = 256;
/// Changes of people that one input tells whoever asks what it caused: what a person can read.
pub const CAUSED_MAX: usize = 200;
/// A step of the clock beyond this is not believed until somebody confirms it.
pub const CLOCK_STEP_MAX: Duration = Duration(5 * Duration::MINUTE.0);
/// How long a `messageId` is remembered: four tables of six hours.
pub const DEDUPE_WINDOW: Duration = Duration(24 * Duration::HOUR.0);
/// How long a requested message may wait, from when it may be sent first: while it does, it is
/// tried again, and what providers call it is remembered.
pub const REQUEST_LIFETIME_MAX: Duration = Duration(30 * Duration::DAY.0);
/// How long an idempotency key is remembered.
pub const IDEMPOTENCY_WINDOW: Duration = Duration(24 * Duration::HOUR.0);
/// Messages of a campaign that wait undecided in one partition: pausing is stopping the walk.
pub const CAMPAIGN_OPEN_MAX: u32 = 2_000;
/// How long after its freeze a campaign can still send something: whom it was planned for is
/// carried along by merges for so long.
pub const CAMPAIGN_REMEMBERED: Duration = Duration(90 * Duration::DAY.0);
/// Messages that one path may have between grant and end, per node; the bound of *unknown*.
pub const IN_FLIGHT_MAX: u32 = 256;
/// Legs of a route.
pub const LEGS_MAX: usize = 16;
/// How long after its message may no longer be delivered a provider's name for it is remembered:
/// networks that were down say what they know when they are back.
pub const NAMED_KEPT: Duration = Duration(3 * Duration::DAY.0);
/// How long a report waits for the end of its attempt, which is told within seconds. What belongs
/// to nobody's attempt (a login that is shared, an end that was lost) is counted and forgotten.
pub const UNNAMED_WAITS: Duration = Duration(Duration::HOUR.0);
/// Reports of one name that wait; of more, the first are kept.
pub const UNNAMED_REPORTS_MAX: usize = 8;
/// Idempotency keys that one request forgets: more than it makes, so that they do not pile up.
pub const KEYS_FORGOTTEN: usize = 4;
/// Names of providers that one input forgets: more than it can make, so that they do not pile up.
pub const NAMES_FORGOTTEN: usize = 8;
/// How long a short link of a text message leads anywhere.
pub const SHORT_LINKS_KEPT: Duration = Duration(90 * Duration::DAY.0);
/// Links of one text message that become short ones.
pub const SHORT_LINKS_MAX: usize = 10;
/// Parts of one message that are known by names of their own.
pub const NAMED_PARTS_MAX: usize = 255;
/// How long a click may be put off before it counts.
pub const CLICK_SETTLE_MAX: Duration = Duration::HOUR;
/// How far back soft bounces of an address are remembered: what is older says nothing of it.
pub const SOFT_BOUNCES_OVER_MAX: Duration = Duration(90 * Duration::DAY.0);
/// Soft bounces that are remembered per address.
pub const SOFT_BOUNCES_MAX: u32 = 64;
/// How long an address is left alone that was full or closed for weeks. Then it is tried once more:
/// mailboxes are emptied and opened again, and nothing else would ever find out. Ours; nobody
/// publishes a figure.
pub const SOFT_SUPPRESSED_FOR: Duration = Duration(90 * Duration::DAY.0);
/// Instructions that one rendering may execute.
pub const TEMPLATE_FUEL: u64 = 1_000_000;
/// Bytes that one rendering may produce.
pub const TEMPLATE_OUTPUT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of all files of one requested message, decoded. They are in the log and in the ledger row
/// of the message, which merges carry along; a larger file is sent as a link.
pub const ATTACHED_BYTES_MAX: usize = 1024 * 1024;
/// Files of one message.
pub const ATTACHED_MAX: usize = 20;
/// Bytes of all pictures of one template, decoded: they are in the definition.
pub const IMAGES_BYTES_MAX: usize = 256 * 1024;
/// Source of one template.
pub const TEMPLATE_SOURCE_BYTES_MAX: usize = 512 * 1024;
/// Offers that compete in one placement: each is asked of whoever looks.
pub const OFFERS_MAX: usize = 100;
/// Values of one offer's content.
pub const OFFER_FIELDS_MAX: usize = 50;
/// Bytes of the texts of one offer: they are in the ledger row of each message that carries it.
pub const OFFER_BYTES_MAX: usize = 16 * 1024;
/// Depth of `render`, `include` and nested blocks.
pub const TEMPLATE_DEPTH_MAX: usize = 64;
/// Source of one segment rule.
pub const RULE_BYTES_MAX: usize = 64 * 1024;
/// Nodes of one segment rule: what an evaluation may cost.
pub const RULE_NODES_MAX: usize = 512;
/// Different values that `distinct` tells apart, per profile: 24 KB of state. A rule that asks for
/// more is refused, so no answer is ever wrong.
pub const DISTINCT_MAX: usize = 1_000;
/// Different values among which `most frequent` chooses; beyond, there is no most frequent one, and
/// an explanation says so.
pub const FREQUENT_MAX: usize = 200;
/// Longest text that `most frequent` counts; longer ones are skipped: a word, not a document.
pub const FREQUENT_BYTES_MAX: usize = 256;
/// Candidates for a minimum or maximum that are kept; when they have all left the window, the rest
/// is read from the timeline.
pub const EXTREMES_MAX: usize = 32;
/// Steps of one sequence.
pub const SEQUENCE_STEPS_MAX: usize = 8;
/// Events of one profile that a sequence looks at: the newest so many that could be a step.
pub const SEQUENCE_EVENTS_MAX: usize = 512;
/// Rows of lists that one profile keeps, those that were taken off among them; of more, the oldest
/// of these are forgotten first.
pub const LIST_ENTRIES_MAX: usize = 256;
/// Values that one row of a list says.
pub const LIST_PAYLOAD_MAX: usize = 64;
/// Rows of lists in one chunk of an absorb: each is at most as large as an event.
pub const ABSORB_CHUNK_LISTED: usize = 64;
/// Calendar units that a window may go back.
pub const CALENDAR_UNITS_MAX: u16 = 400;
/// Buckets into which people are put: beyond, a share is no share of anybody.
pub const BUCKETS_MAX: u32 = 10_000;
/// Faults that are named of one event that does not fit its schema; of more, how many.
pub const FAULTS_MAX: usize = 32;
/// Events that wait in quarantine in one partition: at 2 KB each 20 MB, at most 320 MB. At the
/// bound the edge refuses events that do not fit, and their reporter tries again; what is in the
/// log by then is still kept.
pub const UNFIT_MAX: u64 = 10_000;
/// Events of the quarantine that one input tries again or gives up.
pub const UNFIT_SLICE: usize = 256;
/// Properties of one schema.
pub const SCHEMA_PROPERTIES_MAX: usize = 512;
/// Names of events that are learned, per partition.
pub const LEARNED_EVENTS_MAX: usize = 512;
/// Paths of properties that are learned of one event.
pub const LEARNED_PATHS_MAX: usize = 128;
/// Paths that are learned of all events together, per partition: about 2 MB.
pub const LEARNED_ALL_MAX: usize = 16_384;
/// Depth to which properties are learned.
pub const LEARNED_DEPTH_MAX: usize = 5;
/// Items of one array that are looked at.
pub const LEARNED_ITEMS_MAX: usize = 8;
/// Events of one name that are looked at each; of later ones, one in [`LEARNED_SAMPLE`].
pub const LEARNED_WHOLE: u64 = 512;
/// See [`LEARNED_WHOLE`].
pub const LEARNED_SAMPLE: u64 = 16;
/// Days of which it is kept what mailbox providers took and complained of.
pub const MAILBOX_DAYS_MAX: u32 = 60;
/// Rows of older days that one new day takes away: more than a day can have brought.
pub const MAILBOX_DAYS_SLICE: usize = 1_024;
/// Devices of one profile: phones, tablets and browsers of a family, not a farm of emulators. Of
/// more, the one that was seen longest ago goes.
pub const DEVICES_MAX: usize = 20;
/// How long a device is kept whose token its service calls gone: long enough that somebody sees
/// that all of them are, and mends the key.
pub const DEVICE_GONE_KEPT: Duration = Duration(7 * Duration::DAY.0);
/// Longest token or endpoint of a device: Apple's and Google's are below 1 KB, and endpoints of
/// push services below 2.
pub const DEVICE_TOKEN_BYTES_MAX: usize = 4_096;
/// Longest of the other texts that are said of a device.
pub const DEVICE_TEXT_BYTES_MAX: usize = 256;
/// How often it is written down that a device was seen, where it says nothing new: an app reports
/// its token with every call.
pub const DEVICE_SEEN_EVERY: Duration = Duration(Duration::HOUR.0);
