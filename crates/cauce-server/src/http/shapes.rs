//! Shapes of the core's own values as the API's description has them: the core knows nothing of
//! descriptions. The integration tests compare every answer with them, field by field, so that a
//! value that grows does not leave its shape behind.

use cauce_core::ids::TraceId;
use cauce_core::journey::{Run, Waiting};
use cauce_core::publish::{self, Kind};
use cauce_core::state::{Key, Row};
use cauce_core::time::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Whether a finding blocks: an `error` does, a `warning` does not.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "kebab-case")]
#[allow(dead_code, missing_docs)]
pub enum Severity {
    Error,
    Warning,
}

/// One finding about something that was sent, with its place and the way out.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct Diagnostic {
    /// Whether it blocks.
    severity: Severity,
    /// Where in the document: `steps.welcome.template`; empty for the whole.
    path: String,
    /// Where in a text at that path: bytes from the start, the first and one past the last.
    #[schema(min_items = 2, max_items = 2)]
    span: Option<Vec<u32>>,
    /// Stable word for programs: `unknown-attribute`.
    code: String,
    /// What is wrong.
    message: String,
    /// What to do, if there is something.
    hint: Option<String>,
}

/// One part of a segment's rule, and how it stands for one person.
#[derive(utoipa::ToSchema)]
#[schema(as = RuleExplanation)]
#[allow(dead_code)]
pub struct Explanation {
    /// The part's text.
    text: String,
    /// Whether it holds.
    inside: bool,
    /// Until when, if only time goes by.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    until: Option<Timestamp>,
    /// What was found and what was needed: `count(order_completed, last 90d) is 2, needs at least
    /// 3`.
    detail: String,
    /// The parts of this part.
    #[schema(no_recursion)]
    parts: Vec<Explanation>,
}

/// What a person said: `pending` means that the mailbox has not confirmed it yet.
#[derive(utoipa::ToSchema)]
#[schema(rename_all = "kebab-case")]
#[allow(dead_code, missing_docs)]
pub enum ConsentState {
    Granted,
    Withdrawn,
    Pending,
}

/// A statement about consent, with its evidence.
#[derive(utoipa::ToSchema)]
#[schema(as = ConsentStatement)]
#[allow(dead_code)]
pub struct Statement {
    /// The topic's key; `*` for every topic.
    topic: String,
    /// The channel; null for every channel.
    #[schema(required = true)]
    channel: Option<super::v1::messages::words::Channel>,
    /// What was said.
    state: ConsentState,
    /// Where it was said: a form's address, `unsubscribe link`, `import`.
    source: String,
    /// The wording shown, if it was recorded.
    #[schema(required = true)]
    wording: Option<String>,
    /// The internet address that it came from, if it was recorded.
    #[schema(required = true)]
    ip: Option<String>,
}

/// The consent in force for one topic and channel.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct Consent {
    /// What was said, with its evidence.
    fact: Statement,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The event that said so: `evt_…`.
    event: String,
}

/// What a suppression stops: `marketing` is what nobody asked for, `everything` is transactional
/// messages as well.
#[derive(utoipa::ToSchema)]
#[schema(as = SuppressionStops, rename_all = "kebab-case")]
#[allow(dead_code, missing_docs)]
pub enum Stops {
    Marketing,
    Everything,
}

/// Why an address must not be written to.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct Suppression {
    /// `hard-bounce`, `complaint`, `soft-bounces`, `manual`…
    reason: String,
    /// What shows it: the answer as given, who said so.
    evidence: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What is not sent there; the reason decides.
    stops: Stops,
}

/// An attribute and where it comes from.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)]
pub struct Attribute {
    /// What is known; null if it was removed.
    #[schema(value_type = serde_json::Value)]
    value: Value,
    /// When the fact occurred.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The event that said so: `evt_…`.
    event: String,
}

/// What a walk waits for.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = WalkWaiting)]
pub struct WaitsFor {
    /// When it goes on by itself.
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Whether an event may make it go on before.
    pub event: bool,
}

/// A person's walk along a journey.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Walk {
    /// Its name: `run_…`.
    pub id: String,
    /// The journey.
    pub journey: String,
    /// The revision that it stays on.
    pub revision: u32,
    /// What it is about: one walk per key at a time; empty where the journey has no key.
    pub key: String,
    /// The place of the step that it is at, among the journey's steps from 0.
    pub node: u16,
    /// What it waits for there.
    pub waiting: WaitsFor,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    pub started: Timestamp,
    /// What the entry event said; steps may use it as `event`.
    #[schema(value_type = Object)]
    pub context: Value,
    /// The last event that moved it: `evt_…`.
    #[schema(required = true)]
    pub moved_by: Option<String>,
    /// What caused it: `trc_…`, which `GET /v1/explain/{id}` takes.
    #[schema(value_type = String)]
    pub trace: TraceId,
}

impl From<&Run> for Walk {
    fn from(run: &Run) -> Walk {
        let event = matches!(run.waiting, Waiting::For { .. });
        Walk {
            id: run.id.to_string(),
            journey: run.journey.clone(),
            revision: run.revision,
            key: run.key.clone(),
            node: run.node,
            waiting: WaitsFor { until: run.waiting.until(), event },
            started: run.started,
            context: serde_json::to_value(&run.context).unwrap_or_default(),
            moved_by: run.moved_by.map(|event| event.to_string()),
            trace: run.trace,
        }
    }
}

/// A definition that names another one, and would be broken without it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Dependent {
    /// Its kind: `campaign`, `segment`…
    #[schema(value_type = String)]
    pub kind: Kind,
    /// The folder of its kind: `campaigns`.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// Where it names the other: `rule`, `audience`, `entry.segment`.
    pub how: String,
}

impl From<publish::Dependent> for Dependent {
    fn from(found: publish::Dependent) -> Dependent {
        let publish::Dependent { kind, name, how } = found;
        Dependent { kind, folder: kind.folder().to_owned(), name, how }
    }
}

/// An event as it stands in a person's timeline.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = StoredEvent)]
pub struct Stored {
    /// Its id: `evt_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// When Cauce accepted it.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// What it said.
    #[schema(value_type = Object)]
    pub properties: Value,
    /// The profile that it first belonged to: another one where two became one.
    pub profile: String,
}

/// What the profile's timeline has of an event, by the key and the row that it stands in.
pub fn stored(key: &Key, row: &Row) -> Option<Stored> {
    let (Key::Timeline(_, name, at, id), Row::Timeline(happening)) = (key, row) else {
        return None;
    };
    Some(Stored {
        id: id.to_string(),
        name: name.clone(),
        occurred_at: *at,
        received_at: happening.received_at,
        properties: serde_json::to_value(&happening.properties).unwrap_or_default(),
        profile: happening.origin.to_string(),
    })
}
