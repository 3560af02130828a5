//! Everything that can happen to a partition.

mod report;
mod request;

pub use report::{ProviderReport, Report, ReportKind};
pub use request::{CampaignStep, Request};

use crate::campaign::CampaignId;
use crate::delivery::Outcome;
use crate::device::{Decided, Devices, Release, Stamp, Word};
use crate::erasure::{Wish, Withdrawn};
use crate::event::{Event, TimelineRow};
use crate::identity::Side;
use crate::ids::{DeviceId, EventId, MessageId, Number, Partition, Position, ProfileId, TraceId};
use crate::journey::Run;
use crate::list::{Entry, Listed, Upload};
use crate::message::Channel;
use crate::message::ledger::Message;
use crate::policy::Suppression;
use crate::policy::blocks::Blocked;
use crate::prelude::*;
use crate::profile::{Alias, ConsentFact, Head};
use crate::schema::{Fix, UnfitAt};
use crate::sender::bulk::Counts;
use crate::sms::links::Short;
use crate::state::{Holder, Merged};
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// One entry of the log, as the partition takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The edge's clock when it was appended. Within a partition time never goes back.
    pub at: Timestamp,
    /// What ties everything that one request caused together.
    pub trace: TraceId,
    /// What happens.
    pub body: Body,
}

/// What happens.
// One input at a time is in memory: a box would cost each hop an allocation and save nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// Somebody reported a fact. Goes to the home of its strongest alias.
    Event(Box<Event>),
    /// Somebody asks for a message to one person. Goes to the home of its idempotency key, or of
    /// its alias where there is no key.
    Request(Box<Request>),
    /// The clock: look at what is due.
    Tick {
        /// At most so many profiles.
        limit: u32,
        /// The epoch of the owner that says so.
        epoch: u64,
    },
    /// As grants were written before there were routes: the provider is the one that the path
    /// begins with. See [`Body::GrantBy`].
    Grant {
        /// The ready queue.
        path: String,
        /// How many.
        count: u32,
        /// The epoch of the owner that says so.
        epoch: u64,
        /// A hand-over that has not begun by then is no attempt.
        start_before: Timestamp,
    },
    /// Attempts came to an end.
    AttemptsEnded(Vec<AttemptEnd>),
    /// Somebody said something about a message: a provider, a reader's click. Goes to the
    /// partition that the message id names.
    Report(Report),
    /// A statement about consent through a message's link or the preference page.
    Consent {
        /// The message whose token was shown.
        message: MessageId,
        /// What was said.
        facts: Vec<ConsentFact>,
    },
    /// Sets or lifts the suppression of an address. Goes to the address's home.
    Suppress {
        /// The address as an alias.
        address: Alias,
        /// Why; absent to lift it.
        suppression: Option<Suppression>,
    },
    /// A campaign's life.
    Campaign {
        /// Which execution.
        id: CampaignId,
        /// What happens to it.
        step: CampaignStep,
    },
    /// Definitions were published: from here on this plan is in force.
    Publish {
        /// The plan; its revisions are durable before this is appended.
        plan: u64,
    },
    /// The next slice of building segments from history.
    Build {
        /// At most so many profiles.
        count: u32,
    },
    /// Forget events of a name that occurred before an instant, in profiles from a number on.
    Retain {
        /// The event's name.
        name: String,
        /// What occurred before it is forgotten.
        before: Timestamp,
        /// The first profile of the slice.
        from: Number,
        /// At most so many profiles.
        count: u32,
    },
    /// Something another partition sends.
    Hop {
        /// Who sends.
        from: Partition,
        /// Its number on the pair; contiguous.
        n: u64,
        /// What it says.
        hop: Hop,
    },
    /// Another partition has taken our hops up to `n`.
    Shipped {
        /// Who has taken them.
        to: Partition,
        /// The highest number.
        n: u64,
    },
    /// The code and the time-zone data that decide from here on.
    Activated {
        /// Both versions.
        version: String,
    },
    /// The partition has a new owner.
    OwnerChanged {
        /// Its epoch; what an older one originates is ignored.
        epoch: u64,
    },
    /// Sending stops or goes on, for everything.
    Pause {
        /// Why it stops; absent to go on.
        reason: Option<String>,
    },
    /// Somebody asks to be forgotten. Goes to the home of one of their names.
    Erase {
        /// The name.
        alias: Alias,
        /// When they asked, and the key of the register.
        wish: Wish,
    },
    /// The next slice of cleaning the ledger of people who were erased.
    Scrub {
        /// At most so many messages.
        count: u32,
    },
    /// A row of an uploaded list. Goes to the home of its alias.
    Listed(Box<Listed>),
    /// An upload that replaces its list is whole. Goes to every partition.
    ListSealed {
        /// The list.
        list: String,
        /// What was said before it holds no more.
        upload: Upload,
    },
    /// The next slice of taking off whoever a list no longer names.
    SweepLists {
        /// At most so many profiles.
        count: u32,
    },
    /// Try events of the quarantine again.
    Replay {
        /// Where they came in.
        positions: Vec<Position>,
        /// What is mended in them before.
        fix: Fix,
    },
    /// Give events of the quarantine up.
    GiveUp {
        /// Where they came in.
        positions: Vec<Position>,
        /// Why.
        why: String,
    },
    /// A path has room: the first `count` due messages are judged for the last time and handed
    /// over.
    GrantBy {
        /// The ready queue.
        path: String,
        /// The provider that has the room; absent while none has: what has expired ends, nothing
        /// is handed over.
        provider: Option<String>,
        /// How many.
        count: u32,
        /// The epoch of the owner that says so.
        epoch: u64,
        /// A hand-over that has not begun by then is no attempt.
        start_before: Timestamp,
    },
    /// Try dead letters again.
    Revive {
        /// Which; those that are none, or not here, stay as they are.
        messages: Vec<MessageId>,
    },
    /// A provider said something about a message, by its own name for it. Goes to the home of that
    /// name.
    ProviderReport(ProviderReport),
    /// Hard bounces of a provider of mailboxes are not believed any more, or again. Goes to every
    /// partition.
    Guard {
        /// Its name or domain.
        keeper: String,
        /// Whether they are held from here on.
        up: bool,
    },
    /// The suppression of an address is taken back and held. Goes to the address's home.
    HoldBack {
        /// The address.
        address: Alias,
        /// What was suppressed before stays so.
        since: Timestamp,
    },
    /// What was held of an address is put in force, or forgotten. Goes to the address's home.
    Release {
        /// The address.
        address: Alias,
        /// Whether it is put in force.
        confirm: bool,
    },
    /// Give dead letters up: they stay as they ended, and are not tried again.
    Bury {
        /// Which; those that are none, or not here, stay as they are.
        messages: Vec<MessageId>,
    },
    /// Marketing of a domain to a mailbox provider pauses, because too many of its readers call it
    /// spam, or goes on. Goes to every partition.
    Marketing {
        /// The domain of the From address.
        domain: String,
        /// The mailbox provider.
        mailbox: String,
        /// What was counted of the day, over all partitions, that pauses it; absent to go on.
        pause: Option<Counts>,
    },
    /// What the short links of a text message lead to, before it leaves. Goes to the message's
    /// birthplace.
    Shorten {
        /// The message.
        message: MessageId,
        /// Its links.
        links: Vec<Short>,
    },
    /// A mailbox provider refuses the marketing of a domain, as was counted over all partitions.
    /// Goes to every partition.
    Block {
        /// The domain of the From address.
        domain: String,
        /// The mailbox provider.
        mailbox: String,
        /// What led to it.
        blocked: Blocked,
    },
    /// A name was given by mistake: its profile lets go of it. Goes to where the profile lives.
    LetGo {
        /// The name.
        alias: Alias,
        /// The profile.
        of: ProfileId,
    },
    /// What becomes of devices whose tokens were refused. Goes to their profile's partition.
    DevicesDecided(Decided),
    /// Whose servers take the mail of some domains was learned. Goes to every partition.
    Hosted {
        /// What stands for each domain, and the mailbox provider.
        of: Vec<(u64, String)>,
    },
}

impl Body {
    /// The word for it in logs, quarantine and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Body::Event(_) => "event",
            Body::Request(_) => "request",
            Body::Tick { .. } => "tick",
            Body::Grant { .. } | Body::GrantBy { .. } => "grant",
            Body::AttemptsEnded(_) => "attempts-ended",
            Body::Report(_) => "report",
            Body::Consent { .. } => "consent",
            Body::Suppress { .. } => "suppress",
            Body::Campaign { .. } => "campaign",
            Body::Publish { .. } => "publish",
            Body::Build { .. } => "build",
            Body::Retain { .. } => "retain",
            Body::Hop { .. } => "hop",
            Body::Shipped { .. } => "shipped",
            Body::Activated { .. } => "activated",
            Body::OwnerChanged { .. } => "owner-changed",
            Body::Pause { .. } => "pause",
            Body::Erase { .. } => "erase",
            Body::Scrub { .. } => "scrub",
            Body::Listed(_) => "listed",
            Body::ListSealed { .. } => "list-sealed",
            Body::SweepLists { .. } => "sweep-lists",
            Body::Replay { .. } => "replay",
            Body::GiveUp { .. } => "give-up",
            Body::Revive { .. } => "revive",
            Body::ProviderReport(_) => "provider-report",
            Body::Guard { .. } => "guard",
            Body::HoldBack { .. } => "hold-back",
            Body::Release { .. } => "release",
            Body::Bury { .. } => "bury",
            Body::Marketing { .. } => "marketing",
            Body::Shorten { .. } => "shorten",
            Body::Block { .. } => "block",
            Body::Hosted { .. } => "hosted",
            Body::LetGo { .. } => "let-go",
            Body::DevicesDecided(_) => "devices-decided",
        }
    }
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptEnd {
    /// The message.
    pub message: MessageId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When it ended.
    pub at: Timestamp,
    /// What it came to.
    pub outcome: Outcome,
}

/// What one partition says to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Hop {
    /// An event for a profile that lives there.
    Event {
        /// The profile.
        to: ProfileId,
        /// The event.
        event: Box<Event>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To an alias's home: a profile uses this alias.
    Link {
        /// The alias.
        alias: Alias,
        /// The profile.
        from: Holder,
        /// Its values of unique namespaces.
        unique: Vec<Alias>,
        /// Names the question.
        token: u128,
    },
    /// The answer: the alias is this profile's (or its own merge is done).
    Linked {
        /// Who asked.
        to: Holder,
        /// The question.
        token: u128,
        /// The alias.
        alias: Alias,
        /// The address is suppressed.
        suppression: Option<Suppression>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// The answer: merge protection keeps the two apart.
    LinkRefused {
        /// Who asked.
        to: Holder,
        /// The question.
        token: u128,
        /// The alias.
        alias: Alias,
        /// The address is suppressed.
        suppression: Option<Suppression>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// Two profiles are one person: `u` lives here.
    Merge {
        /// The profile that lives here.
        u: Holder,
        /// The other one.
        v: Holder,
        /// Its values of unique namespaces.
        unique: Vec<Alias>,
        /// The alias that ties them.
        alias: Alias,
        /// The question of `v`, if it asked.
        token_v: Option<u128>,
        /// The question of `u`, if it asked.
        token_u: Option<u128>,
        /// The address is suppressed.
        suppression: Option<Suppression>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// A part of an absorbed profile's timeline.
    AbsorbPart {
        /// Who absorbs.
        to: Holder,
        /// Rows, each with the profile it first belonged to and when it was received.
        rows: Vec<(TimelineRow, ProfileId, Timestamp)>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// The rest of an absorbed profile.
    AbsorbEnd {
        /// Who absorbs.
        to: Holder,
        /// Its head.
        head: Box<Head>,
        /// Its runs.
        runs: Vec<Run>,
        /// Its messages that were not granted yet.
        messages: Vec<Message>,
        /// The question that this answers, if any.
        token: Option<u128>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To an alias's home: it is held by this profile now.
    Bind {
        /// The alias.
        alias: Alias,
        /// The holder.
        holder: Holder,
    },
    /// A request for a message, on its way to the profile.
    Request {
        /// The message's identifier.
        message: MessageId,
        /// The profile, once it is known; before, the home of the strongest alias is asked.
        to: Option<ProfileId>,
        /// The request.
        request: Box<Request>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// A message that was born there lives here now.
    MessageAt {
        /// The message.
        message: MessageId,
        /// Where it lives.
        partition: Partition,
    },
    /// A report for a message that lives there.
    Report(Report),
    /// Ends of attempts on messages that live there.
    Ended(AttemptEnd),
    /// Consent said through a message that lives there.
    Consent {
        /// The message.
        message: MessageId,
        /// What was said.
        facts: Vec<ConsentFact>,
    },
    /// For a profile, from its message's ledger: what was reported becomes part of its timeline.
    Engagement {
        /// The profile.
        to: ProfileId,
        /// The event.
        event: Box<Event>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To an address's home.
    Suppress {
        /// The address.
        address: Alias,
        /// Why; absent to lift it.
        suppression: Option<Suppression>,
    },
    /// To a profile: an address it uses is (or is no longer) suppressed.
    Suppressed {
        /// The profile.
        to: ProfileId,
        /// The address.
        address: Alias,
        /// Why; absent to lift it.
        suppression: Option<Suppression>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// What an absorbed profile got, or is getting, of campaigns: the one that absorbs it gets none
    /// of them again.
    Planned {
        /// Who absorbs.
        to: Holder,
        /// Campaigns' executions and the messages.
        campaigns: Vec<(CampaignId, MessageId)>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To an alias's home: a profile uses this alias, because an event says so.
    LinkOf {
        /// The alias.
        alias: Alias,
        /// The profile.
        from: Holder,
        /// Its values of unique namespaces.
        unique: Vec<Alias>,
        /// Names the question.
        token: u128,
        /// When the event happened.
        occurred_at: Timestamp,
        /// The event belongs to the past.
        historical: bool,
    },
    /// The answer: the alias was erased after that happened; it is nobody's.
    LinkErased {
        /// Who asked.
        to: Holder,
        /// The question.
        token: u128,
        /// The alias.
        alias: Alias,
        /// Redirects followed so far.
        hops: u8,
    },
    /// The answer: the alias is this profile's, and its former person had withdrawn from these.
    LinkedAgain {
        /// Who asked.
        to: Holder,
        /// The question.
        token: u128,
        /// The alias.
        alias: Alias,
        /// The address is suppressed.
        suppression: Option<Suppression>,
        /// What was withdrawn.
        withdrawn: Vec<Withdrawn>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// Before the rest of an absorbed profile: which profiles became one in it, itself among them.
    Merged {
        /// Who absorbs.
        to: Holder,
        /// Absorbed profiles.
        rows: Vec<(ProfileId, Merged)>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To a profile: its person asks to be forgotten.
    Erase {
        /// The profile.
        to: ProfileId,
        /// When they asked.
        wish: Wish,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To an alias's home: the profiles of an erased person let go of it.
    EraseAlias {
        /// The alias.
        alias: Alias,
        /// The profiles that were one person.
        ids: Vec<ProfileId>,
        /// When they asked.
        wish: Wish,
        /// What the person had withdrawn from.
        withdrawn: Vec<Withdrawn>,
    },
    /// To a profile that used an alias without holding it: it holds it now.
    Inherit {
        /// The profile.
        to: ProfileId,
        /// The same, as the alias's home knows it.
        watcher: ProfileId,
        /// The alias.
        alias: Alias,
        /// The address is suppressed.
        suppression: Option<Suppression>,
        /// Whose erasure made room.
        wish: Wish,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To where an absorbed profile lived: its person is forgotten, its messages there lose their
    /// content.
    Forget {
        /// The profile.
        profile: ProfileId,
        /// When they asked.
        wish: Wish,
    },
    /// To an idempotency key's home: its message was to somebody who is forgotten.
    ForgetRequest {
        /// The key.
        key: String,
        /// The message.
        message: MessageId,
    },
    /// To the home of its strongest alias: an event that found its profile erased, and is newer.
    Again {
        /// The event.
        event: Box<Event>,
        /// How often it came.
        hops: u8,
    },
    /// A row of an uploaded list: for a profile, or for the home of its alias.
    Listed {
        /// The profile; absent: the alias's home is asked who it is.
        to: Option<ProfileId>,
        /// The row.
        row: Box<Listed>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// Before the rest of an absorbed profile: what lists say of it.
    ListsOf {
        /// Who absorbs.
        to: Holder,
        /// List, alias, what was said.
        rows: Vec<(String, Alias, Entry)>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To an alias's home: an event that names it waits in quarantine.
    Unfit {
        /// The alias.
        alias: Alias,
        /// The event.
        event: EventId,
        /// Where it waits.
        at: UnfitAt,
    },
    /// To an alias's home: an event that named it waits no longer.
    UnfitGone {
        /// The alias.
        alias: Alias,
        /// The event.
        event: EventId,
    },
    /// To where an event waits: its person was erased.
    UnfitErased {
        /// Where it came in.
        position: Position,
        /// When the person was erased.
        erased: Timestamp,
    },
    /// To a token's home: a profile says that the device is its own.
    DeviceClaim {
        /// The device.
        device: DeviceId,
        /// The profile.
        from: Holder,
        /// When that was said.
        stamp: Stamp,
    },
    /// To a token's home: a profile lets go of the device.
    DeviceReleased {
        /// The device.
        device: DeviceId,
        /// The profile.
        from: ProfileId,
        /// When that was said, or the last word before.
        stamp: Stamp,
        /// Why.
        why: Release,
    },
    /// To a profile: a device is another's, or nobody's, by a later word.
    DeviceLost {
        /// The profile.
        to: ProfileId,
        /// The device.
        device: DeviceId,
        /// The later word.
        stamp: Stamp,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To a profile, from a message's ledger: what a provider said of a device's token.
    DeviceJudged {
        /// The profile.
        to: ProfileId,
        /// The device.
        device: DeviceId,
        /// What it said.
        word: Word,
        /// Redirects followed so far.
        hops: u8,
    },
    /// Before the rest of an absorbed profile: its devices.
    DevicesOf {
        /// Who absorbs.
        to: Holder,
        /// Whose they were.
        from: ProfileId,
        /// The devices.
        devices: Devices,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To the home of a provider's name: which message it stands for.
    Name {
        /// The provider.
        provider: String,
        /// Its name for the message, or for a part of it.
        id: String,
        /// The message.
        message: MessageId,
        /// How many parts the message has.
        parts: u16,
        /// Until when something may be said of it.
        until: Timestamp,
    },
    /// To the home of a provider's name: its message was to somebody who is forgotten.
    Unname {
        /// The provider.
        provider: String,
        /// Its name.
        id: String,
        /// The message.
        message: MessageId,
    },
    /// To an address's home: its suppression is held.
    Hold {
        /// The address.
        address: Alias,
        /// What would be in force.
        suppression: Suppression,
    },
    /// To a profile: the home of a device's token has come to believe that it holds it. Its claim
    /// may have been overtaken by its own end.
    DeviceHeld {
        /// The profile.
        to: ProfileId,
        /// The same, as the token's home knows it.
        holder: ProfileId,
        /// The device.
        device: DeviceId,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To an address's home: it was left alone for long enough because of what is not for ever, and
    /// is tried again.
    TryAddress {
        /// The address.
        address: Alias,
    },
    /// Before the rest of an absorbed profile: what it, or one that it had absorbed, was alone.
    SideOf {
        /// Who absorbs.
        to: Holder,
        /// Which profile it was.
        id: ProfileId,
        /// What it was.
        side: Box<Side>,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To a profile that was absorbed meanwhile: it lets go of a name.
    LetGo {
        /// The profile.
        to: ProfileId,
        /// The name.
        alias: Alias,
        /// Redirects followed so far.
        hops: u8,
    },
    /// To an alias's home: a profile does not use it any more.
    Freed {
        /// The alias.
        alias: Alias,
        /// The profile.
        by: Holder,
    },
}

/// What the allocator may promise: how long a granted hand-over may wait.
pub const START_WITHIN: Duration = Duration(30_000);

/// Which channel an address namespace serves.
pub fn channel_namespace(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::Email => Some("email"),
        Channel::Sms => Some("phone"),
        Channel::Push | Channel::Webhook => None,
    }
}
