//! What the definitions say of the workspace: senders, providers, topics, policy, retention, and
//! the limits that nobody can change. No secret is in it, nor where one would be found.

use super::super::Shared;
use super::super::auth::Full;
use crate::app::App;
use crate::equip::trouble_of;
use axum::Json;
use axum::extract::State;
use cauce_core::limits;
use cauce_core::message::Mailbox;
use cauce_core::publish::{Body, Kind, ProviderSource, SenderSource};
use cauce_core::time::Timestamp;
use serde::Serialize;

/// A name and an address.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SenderAddress)]
pub struct Address {
    /// Shown to the reader; may be empty.
    name: String,
    /// The address.
    address: String,
}

impl From<&Mailbox> for Address {
    fn from(mailbox: &Mailbox) -> Address {
        Address { name: mailbox.name.clone(), address: mailbox.address.clone() }
    }
}

/// A signature of a sender.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SenderSignature)]
pub struct Signature {
    /// The selector.
    selector: String,
    /// The domain.
    domain: String,
    /// `rsa` or `ed25519`.
    algorithm: String,
}

/// Who writes.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SenderSettings)]
pub struct Sender {
    /// Its name.
    name: String,
    /// The From header.
    from: Address,
    /// Where answers go.
    reply_to: Option<Address>,
    /// The domain to which bounces return.
    return_path_domain: String,
    /// Who signs.
    signatures: Vec<Signature>,
    /// What keeps its messages from leaving, if anything does.
    trouble: Option<String>,
}

/// Who carries messages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderSettings)]
pub struct Provider {
    /// Its name.
    name: String,
    /// What it carries.
    channel: String,
    /// `smtp`, `webhook` or `catch-all`.
    kind: String,
    /// Where it is: the host, never what one logs in with.
    reached: String,
    /// Whether messages of its channel go to it.
    used: bool,
    /// Attempts that may be under way at once.
    in_flight: u32,
    /// Messages a second; absent: as fast as it takes them.
    per_second: Option<u32>,
    /// What keeps its messages from leaving, if anything does.
    trouble: Option<String>,
    /// Attempts in about the last five minutes that it accepted.
    accepted: u64,
    /// Attempts in about the last five minutes that it refused.
    refused: u64,
    /// Attempts in about the last five minutes that did not reach it.
    unreached: u64,
    /// What the last of those came to.
    last_failure: Option<String>,
    /// When.
    #[schema(value_type = Option<String>)]
    last_failure_at: Option<Timestamp>,
}

/// Something a person can consent to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TopicSettings)]
pub struct Topic {
    /// Its key.
    name: String,
    /// Shown on the preference page.
    title: String,
    /// What one gets, in a sentence.
    description: String,
    /// Whether a message may be sent only where the person said yes.
    consent_required: bool,
    /// Whether a yes counts only once the mailbox has confirmed it.
    double_opt_in: bool,
    /// The template that asks for it.
    confirmation: Option<String>,
}

/// When nobody is written to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QuietHours {
    /// `21:00`, in the person's zone.
    from: String,
    /// `08:00`.
    to: String,
}

/// How many messages a person gets.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FrequencyCap)]
pub struct Cap {
    /// How many.
    messages: u32,
    /// Within which rolling window: `7d`.
    window: String,
    /// Only on this channel; absent for all together.
    channel: Option<String>,
}

/// What the workspace allows.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PolicySettings)]
pub struct Policy {
    /// The zone of people whose zone is unknown.
    default_zone: String,
    /// When nobody is written to.
    quiet_hours: Option<QuietHours>,
    /// How many messages a person gets.
    frequency_caps: Vec<Cap>,
    /// People in a thousand that get no marketing at all.
    holdout_per_mille: u16,
    /// Whether a message may be sent only where the person said yes, unless its topic says
    /// otherwise.
    consent_required: bool,
    /// How long a marketing message may wait: `3d`.
    message_lifetime: String,
    /// `monday`, `saturday` or `sunday`.
    week_starts: String,
}

/// How long events of a name are kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RetentionSettings)]
pub struct Retention {
    /// The event's name.
    event: String,
    /// `90d`; others are kept as long as the profile.
    kept: String,
}

/// A bound that nobody can change.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ServerLimit)]
pub struct Limit {
    /// The stable word.
    name: String,
    /// The bound.
    value: u64,
    /// What it bounds.
    words: String,
}

/// The process.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ServerSettings)]
pub struct Server {
    /// The version of the program.
    version: String,
    /// The public address.
    public_url: String,
    /// Partitions of the installation.
    partitions: u16,
    /// Whether development pages are served.
    development: bool,
    /// Days for which backups are kept.
    backups_keep_days: u32,
    /// The plan in force.
    plan: u64,
}

/// What the workspace is made of.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Settings {
    /// Who writes.
    senders: Vec<Sender>,
    /// Who carries.
    providers: Vec<Provider>,
    /// What people can consent to.
    topics: Vec<Topic>,
    /// What the workspace allows.
    policy: Policy,
    /// How long events are kept.
    retention: Vec<Retention>,
    /// Bounds.
    limits: Vec<Limit>,
    /// The process.
    server: Server,
}

fn sender(app: &App, name: &str, source: &SenderSource) -> Sender {
    let own = source.from.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let signatures = source.dkim.iter().map(|dkim| Signature {
        selector: dkim.selector.clone(),
        domain: dkim.domain.clone().unwrap_or_else(|| own.to_owned()),
        algorithm: dkim.algorithm.clone(),
    });
    Sender {
        name: name.to_owned(),
        from: Address::from(&source.from),
        reply_to: source.reply_to.as_ref().map(Address::from),
        return_path_domain: source.return_path_domain.clone().unwrap_or_else(|| own.to_owned()),
        signatures: signatures.collect(),
        trouble: app.observer.said(&trouble_of(Kind::Sender, name)),
    }
}

fn provider(app: &App, name: &str, source: &ProviderSource) -> Provider {
    let answers = app.watch.pace.answers().remove(name).unwrap_or_default();
    let (kind, reached) = source.way();
    Provider {
        name: name.to_owned(),
        channel: source.channel.to_string(),
        kind: kind.to_owned(),
        reached,
        used: app.catalog().paths.get(&source.channel).is_some_and(|path| path == name),
        in_flight: source.in_flight,
        per_second: source.per_second,
        trouble: app.observer.said(&trouble_of(Kind::Provider, name)),
        accepted: answers.accepted,
        refused: answers.refused,
        unreached: answers.unreached,
        last_failure_at: answers.last.as_ref().map(|(at, _)| *at),
        last_failure: answers.last.map(|(_, why)| why),
    }
}

fn policy(app: &App) -> Policy {
    let policy = app.catalog().policy.clone();
    let caps = policy.frequency_caps.iter().map(|cap| Cap {
        messages: cap.messages,
        window: cap.window.to_string(),
        channel: cap.channel.map(|channel| channel.to_string()),
    });
    Policy {
        frequency_caps: caps.collect(),
        quiet_hours: policy.quiet_hours.map(|quiet| QuietHours { from: quiet.from, to: quiet.to }),
        default_zone: policy.default_zone,
        holdout_per_mille: policy.holdout_per_mille,
        consent_required: policy.consent_required,
        message_lifetime: policy.message_lifetime.to_string(),
        week_starts: super::super::v1::messages::name_of(&policy.week_starts),
    }
}

fn bounds() -> Vec<Limit> {
    let limit = |name: &str, value: u64, words: &str| Limit {
        name: name.to_owned(),
        value,
        words: words.to_owned(),
    };
    vec![
        limit("event-bytes", limits::EVENT_BYTES_MAX as u64, "bytes of one event"),
        limit("request-events", limits::REQUEST_EVENTS_MAX as u64, "events of one request"),
        limit("attributes", limits::ATTRIBUTES_MAX as u64, "attributes of one profile"),
        limit("aliases", limits::ALIASES_MAX as u64, "names of one profile"),
        limit("runs", limits::RUNS_MAX as u64, "walks of one profile at the same time"),
        limit("steps-per-input", limits::STEPS_PER_INPUT_MAX as u64, "steps without a wait"),
        limit("rule-bytes", limits::RULE_BYTES_MAX as u64, "bytes of one rule"),
        limit("rule-nodes", limits::RULE_NODES_MAX as u64, "parts of one rule"),
        limit("template-bytes", limits::TEMPLATE_SOURCE_BYTES_MAX as u64, "bytes of one part"),
        limit("in-flight", u64::from(limits::IN_FLIGHT_MAX), "attempts at one provider at once"),
        limit("campaign-open", u64::from(limits::CAMPAIGN_OPEN_MAX), "messages planned ahead"),
    ]
}

/// Senders, providers, topics, policy and retention as the definitions say, and the limits.
#[utoipa::path(get, path = "/v1/settings", tag = "operation",
    responses((status = 200, body = Settings)))]
pub async fn show(_: Full, State(app): Shared) -> Json<Settings> {
    let book = app.book();
    let (mut senders, mut providers, mut topics) = (Vec::new(), Vec::new(), Vec::new());
    for kind in [Kind::Sender, Kind::Provider, Kind::Topic] {
        for (name, revision) in book.list(kind) {
            match &revision.body {
                Body::Sender(source) => senders.push(sender(&app, name, source)),
                Body::Provider(source) => providers.push(provider(&app, name, source)),
                Body::Topic(source) => topics.push(Topic {
                    name: name.to_owned(),
                    title: source.title.clone(),
                    description: source.description.clone(),
                    consent_required: source.consent_required,
                    double_opt_in: source.double_opt_in,
                    confirmation: source.confirmation.clone(),
                }),
                _ => {}
            }
        }
    }
    let retention = app.catalog().policy.retention.clone();
    let retention = retention.iter();
    let retention =
        retention.map(|(event, kept)| Retention { event: event.clone(), kept: kept.0.to_string() });
    Json(Settings {
        senders,
        providers,
        topics,
        policy: policy(&app),
        retention: retention.collect(),
        limits: bounds(),
        server: Server {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            public_url: app.site.url.clone(),
            partitions: app.node.partitions(),
            development: app.development,
            backups_keep_days: app.backups_keep_days,
            plan: book.plan,
        },
    })
}
