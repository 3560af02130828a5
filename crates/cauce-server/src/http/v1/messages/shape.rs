//! A message as the API answers it, field by field. The ledger's row may change; this does not
//! without a new description.

use super::words::{Actor, Agent, Cause, Channel, Class, Judged, Stage, Term};
use cauce_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A message, from the wish to its end, with everything that explains it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Message)]
pub struct Shown {
    /// Its name: `msg_…`.
    pub id: String,
    /// Whom it is for, as known when it was made: `pro_…`.
    pub profile: String,
    /// By what it travels.
    pub channel: Channel,
    /// Whose wish it is.
    pub class: Class,
    /// By which template it is made.
    pub template: Template,
    /// The topic; null for transactional messages.
    #[schema(required = true)]
    pub topic: Option<String>,
    /// Who wanted it.
    pub source: Source,
    /// What its template may use as `event`. Of attached files `base64-bytes` stands in the place
    /// of their content.
    #[schema(value_type = Object)]
    pub context: Value,
    /// The offers that it carries, by placement; none where it shows the fallback. Absent before
    /// they are chosen, and where its template shows none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>)]
    pub offers: BTreeMap<String, Option<String>>,
    /// The ready queue: the route, and behind it the group of receivers where there is one.
    pub path: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// From when on it is pointless, and refused.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// Where it stands.
    pub state: State,
    /// The term of the balance that this is.
    pub term: Term,
    /// Why it was refused or put off, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What became of it behind the provider, as all reports together come to; absent while none
    /// says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
    /// Every try, the first one first.
    pub attempts: Vec<Attempt>,
    /// Everything that was said about it after it left, in the order of arrival.
    pub reports: Vec<Report>,
    /// What caused it: `trc_…`, which `GET /v1/explain/{id}` takes.
    pub trace: String,
}

/// A template at one of its revisions.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateRevision)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its revision, from 1.
    pub revision: u32,
}

/// What wants messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MessageSourceKind)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum SourceKind {
    Journey,
    Campaign,
    Api,
}

/// Who wanted a message: a step of a journey, a run of a campaign, or a request to the API.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MessageSource)]
pub struct Source {
    /// Which of them.
    pub kind: SourceKind,
    /// Journey: its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journey: Option<String>,
    /// Journey: its revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// Journey: the person's walk, `run_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Journey: the step's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Campaign: its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Campaign: the number of its run, as in `GET /v1/campaigns/runs/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Request: its idempotency key, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Where messages stand. `attempting`: it may be on the wire. `accepted`: a provider took
/// responsibility, which is not *delivered*: that is a report. `refused`: we said no. `failed`: the
/// provider said no for good, or it could not be made. `unknown`: it may have left, the answer was
/// lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MessageStanding)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Standing {
    Queued,
    Attempting,
    Accepted,
    Refused,
    Failed,
    Unknown,
}

/// Where a message stands, and since when.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MessageState)]
pub struct State {
    /// The word for it.
    pub state: Standing,
    /// When it ended; absent while it is queued or attempting.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Queued: not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Timestamp>,
    /// Queued: why it was put off last, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub put_off: Option<Reason>,
    /// Attempting: begun by then, or not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub start_before: Option<Timestamp>,
    /// Refused: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Failed: the stable word for the cause, such as `invalid-recipient` or `gave-up-transient`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Failed: the answer as given. Unknown: what was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Why a message was refused or put off.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RefusalReason)]
pub struct Reason {
    /// The stable word: `no-consent`, `consent-withdrawn`, `suppressed`, `frequency-capped`,
    /// `quiet-hours`… New ones may come.
    pub code: String,
    /// The numbers and names that led there. Which ones depends on the code: of
    /// `frequency-capped` `sent`, `cap` and `window`; spans are milliseconds.
    #[schema(value_type = Object)]
    pub details: Value,
}

/// What becomes of messages behind the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MessageArrival)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Arrival {
    Delivered,
    Bounced,
}

/// One try.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MessageAttempt)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When it was granted: from then on it may be on the wire.
    #[schema(value_type = String, format = DateTime)]
    pub granted: Timestamp,
    /// The address that it was granted for; empty once the person was erased.
    pub address: String,
    /// Which provider carries it.
    pub provider: String,
    /// How it ended; null while it is open.
    #[schema(required = true)]
    pub ended: Option<Ended>,
}

/// The end of a try.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AttemptEnd)]
pub struct Ended {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it came to.
    pub outcome: Outcome,
}

/// What tries come to. `accepted`: the provider took responsibility. `refused`: it said no, for now
/// or for good. `unreachable`: certainly nothing was taken. `unknown`: it may have been taken.
/// `not-started`: no try was made. `busy`: none either, since too many others wait for the same
/// destination. `unrenderable`: the content could not be made. `held`: a fault
/// of ours that an operator mends. `devices`: several devices, each with its own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AttemptOutcomeKind)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum OutcomeKind {
    Accepted,
    Refused,
    Unreachable,
    Unknown,
    NotStarted,
    Unrenderable,
    Held,
    Devices,
    Busy,
}

/// What a try came to.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AttemptOutcome)]
pub struct Outcome {
    /// The word for it.
    pub kind: OutcomeKind,
    /// The answer as given, or what went wrong; of several devices all ends in one line.
    pub text: String,
    /// Accepted: the provider's own name for the message, if it gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Refused: how far the conversation had come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Refused: the reply code of SMTP, the command status of SMPP, or the status of HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Refused: the enhanced status code (RFC 3463), such as `5.1.1`, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enhanced: Option<String>,
    /// Refused: seconds after which to try again, if the provider said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// Devices: each with its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<DeviceEnd>>,
}

/// What a try came to at one device.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DeviceEnd)]
pub struct DeviceEnd {
    /// Which device.
    pub device: String,
    /// What its service answered: never `devices`.
    #[schema(value_type = AttemptOutcomeOfDevice)]
    pub answer: Outcome,
    /// Since when the service knows the token to be gone, if it said so.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub since: Option<Timestamp>,
}

/// What a try came to at one device.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)] // for who reads the API's description: an `Outcome` that holds no others
pub struct AttemptOutcomeOfDevice {
    /// The word for it: never `devices`.
    kind: OutcomeKind,
    /// The answer as given, or what went wrong.
    text: String,
    /// Accepted: the service's own name for it.
    id: Option<String>,
    /// Refused: how far the conversation had come.
    stage: Option<Stage>,
    /// Refused: the status of HTTP.
    code: Option<u16>,
    /// Refused: what the service's own word means, as RFC 3463 has it.
    enhanced: Option<String>,
    /// Refused: seconds after which to try again.
    retry_after_s: Option<u32>,
}

/// What may be said about a message after it left. `part-delivered`: one of several parts of a text
/// message arrived. `underway`: somebody on the way says how it is doing. `fetched`: the pixel was
/// fetched or a link followed, and by whom. `corrected`: nobody said it, it follows from two
/// reports that contradict each other. Of what was written before a version that knows more,
/// `bounced`, `opened` and `clicked` stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MessageReportKind)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Reported {
    Delivered,
    Bounced,
    Complained,
    Opened,
    Clicked,
    PartDelivered,
    OptedOut,
    Returned,
    Underway,
    Answered,
    Fetched,
    Corrected,
}

/// What was said about a message after it left.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MessageReport)]
pub struct Report {
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What happened.
    pub kind: Reported,
    /// Bounced, returned, opted out: the diagnostic text, or what the carrier says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Bounced, returned: whether the address is gone for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hard: Option<bool>,
    /// Returned: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Returned: the enhanced status code (RFC 3463), such as `5.1.1`, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Part delivered: the carrier's own name for the part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Part delivered: how many parts there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<u16>,
    /// Underway: how it is doing: `delayed`, `relayed`, `expanded`, `delivered`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Clicked, fetched: the target of the link; absent for the pixel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Fetched: what fetched it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// Fetched: whether it was the link that nobody sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// Fetched: who it was, as far as is known by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// Fetched: why it is thought so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Judged>,
    /// Corrected: what had been thought of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Corrected: what is thought of it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// Corrected: why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}
