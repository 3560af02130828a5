//! The control log: definitions, the life of campaigns, keys. One writer, its own log, everything
//! in memory; an entry is durable before anybody acts on it.

use crate::access::audit::{Audit, Line, Row};
use crate::access::members::{Change, Members};
use crate::access::{Who, audit};
use cauce_core::campaign::CampaignId;
use cauce_core::catalog::Catalog;
use cauce_core::decide::Plans;
use cauce_core::publish::{Book, Plan};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// One entry of the control log, as JSON, so that people and later versions can read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum Entry {
    /// Definitions were published.
    Published(Plan),
    /// A campaign was started.
    CampaignStarted {
        /// The execution: the entry's own offset.
        campaign: String,
        /// The revision that runs.
        revision: u32,
        /// When.
        at: Timestamp,
        /// Who, or `schedule`.
        by: String,
        /// Why it was started although something stood against it, in their words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        despite: Option<String>,
    },
    /// A campaign was paused, resumed or cancelled.
    CampaignSteered {
        /// The execution.
        id: CampaignId,
        /// `pause`, `resume`, `cancel`, `done`.
        to: Steer,
        /// When.
        at: Timestamp,
        /// Who.
        by: String,
    },
    /// A key was made.
    KeyMade(Key),
    /// A key is worth nothing any more.
    KeyRevoked {
        /// Its public beginning.
        prefix: String,
    },
    /// The bytes of people who were erased are gone from the log and the store.
    Swept(Swept),
    /// Events that were older than their retention are forgotten.
    Retained {
        /// When that began.
        at: Timestamp,
    },
    /// Who may sign in.
    Member(Change),
    /// Who did what.
    Audit(Line),
}

/// What a sweep did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Swept {
    /// When it began: who was erased before is gone.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Entries of the log that lost their body.
    pub entries: u64,
    /// Whether the store was compacted.
    pub compacted: bool,
}

/// What may happen to a running campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Steer {
    /// Nothing more leaves.
    Pause,
    /// It goes on.
    Resume,
    /// It ends.
    Cancel,
    /// Nothing is left to do.
    Done,
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Report events.
    Write,
    /// Read what is shared of profiles, and who enters and leaves segments.
    Lookup,
    /// Everything.
    Admin,
    /// Bring lists of people from outside.
    Lists,
}

impl Scope {
    /// Whether a key of this scope opens what `wanted` opens.
    pub fn allows(self, wanted: Scope) -> bool {
        self == wanted || self == Scope::Admin
    }

    /// What it may do, in words.
    pub fn words(self) -> &'static str {
        match self {
            Scope::Write => "report events",
            Scope::Lookup => "read what is shared of profiles",
            Scope::Admin => "do everything",
            Scope::Lists => "upload lists",
        }
    }
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its public beginning.
    pub prefix: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// SHA-256 of the whole key, in hex. A random key of 256 bits needs no slow hash.
    pub hash: String,
    /// When it was made.
    pub at: Timestamp,
}

/// One execution of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Its name: the offset of its first entry.
    pub id: CampaignId,
    /// The campaign.
    pub campaign: String,
    /// The revision that runs.
    pub revision: u32,
    /// When it was started.
    pub started: Timestamp,
    /// Who started it.
    pub by: String,
    /// Why, although something stood against it.
    pub despite: Option<String>,
    /// Where it stands.
    pub stand: Steer,
    /// When that changed last.
    pub since: Timestamp,
}

/// The state that the control log adds up to.
#[derive(Debug, Default)]
pub struct Control {
    /// Definitions.
    pub book: Book,
    /// Executions of campaigns.
    pub executions: BTreeMap<CampaignId, Execution>,
    /// Keys by their public beginning.
    pub keys: BTreeMap<String, Key>,
    /// The last sweep.
    pub swept: Option<Swept>,
    /// When events were last forgotten by their retention.
    pub retained: Option<Timestamp>,
    /// Who may sign in.
    pub members: Members,
    /// Who did what.
    pub audit: Audit,
}

impl Control {
    /// Takes in the entry at an offset.
    pub fn apply(&mut self, offset: u64, entry: &Entry) {
        if let Some(row) = own_row(entry) {
            self.audit.add(offset, row);
        }
        match entry {
            Entry::Published(plan) => self.book.publish(plan),
            Entry::CampaignStarted { campaign, revision, at, by, despite } => {
                let execution = Execution {
                    id: offset,
                    campaign: campaign.clone(),
                    revision: *revision,
                    started: *at,
                    by: by.clone(),
                    despite: despite.clone(),
                    stand: Steer::Resume,
                    since: *at,
                };
                self.executions.insert(offset, execution);
            }
            Entry::CampaignSteered { id, to, at, .. } => {
                if let Some(execution) = self.executions.get_mut(id)
                    && !matches!(execution.stand, Steer::Cancel | Steer::Done)
                {
                    execution.stand = *to;
                    execution.since = *at;
                }
            }
            Entry::KeyMade(key) => {
                self.keys.insert(key.prefix.clone(), key.clone());
            }
            Entry::KeyRevoked { prefix } => {
                self.keys.remove(prefix);
            }
            Entry::Retained { at } => self.retained = Some(*at),
            Entry::Swept(swept) => self.swept = Some(swept.clone()),
            Entry::Member(change) => self.members.apply(offset, change),
            Entry::Audit(line) => self.audit.apply(offset, line),
        }
    }
}

/// Who asks in the name of the system: a schedule, a loop, or the command line of the process.
pub const SYSTEM: [&str; 3] = ["schedule", "cauce", "command line"];

/// The row of the audit that an entry is by itself: what nobody asked for over the API.
pub fn own_row(entry: &Entry) -> Option<Row> {
    let done = |at: Timestamp, by: &str, what: &str, of: &str, detail: &str| {
        let system = SYSTEM.contains(&by);
        system.then(|| audit::Row::done(at, Who::system(by), what, of, detail))
    };
    match entry {
        Entry::Published(plan) => {
            let names: Vec<_> =
                plan.changes.iter().map(|((kind, name), _)| format!("{kind}/{name}")).collect();
            let plan_number = format!("plan {}", plan.number);
            done(plan.at, &plan.by, "definitions.apply", &plan_number, &names.join(", "))
        }
        Entry::CampaignStarted { campaign, revision, at, by, despite } => {
            let despite =
                despite.as_ref().map(|why| format!(", despite what stood against it: {why}"));
            let detail = format!("revision {revision}{}", despite.unwrap_or_default());
            done(*at, by, "campaign.start", campaign, &detail)
        }
        Entry::CampaignSteered { id, to, at, by } => {
            let to = match to {
                Steer::Pause => "paused",
                Steer::Resume => "resumed",
                Steer::Cancel => "cancelled",
                Steer::Done => "done",
            };
            done(*at, by, "campaign.steer", &format!("run {id}"), to)
        }
        Entry::Retained { at } => done(*at, "schedule", "retention.apply", "", ""),
        // A sweep may be asked for; the loop that begins one by itself says so.
        Entry::Swept(_)
        | Entry::KeyMade(_)
        | Entry::KeyRevoked { .. }
        | Entry::Member(_)
        | Entry::Audit(_) => None,
    }
}

/// Catalogs by the number of their plan: immutable, shared by all partitions.
#[derive(Default)]
pub struct Catalogs {
    known: RwLock<BTreeMap<u64, Arc<Catalog>>>,
    /// Plans of before the start. Their catalogs are made when somebody asks for one: years of
    /// publishing make no start longer, and a replay finds what it needs.
    before: Mutex<Vec<Plan>>,
}

impl Catalogs {
    /// Adds the catalog of a plan, before any partition is told of it.
    pub fn add(&self, catalog: Catalog) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(catalog.plan, Arc::new(catalog));
    }

    /// Remembers a plan of before the start; they come in their order.
    pub fn remember(&self, plan: Plan) {
        self.before.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
    }

    /// Makes the catalog of a plan of before the start; of none that was never published.
    fn made(&self, number: u64) -> Option<Arc<Catalog>> {
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let last = before.iter().position(|plan| plan.number == number)?;
        let mut book = Book::default();
        before.iter().take(last + 1).for_each(|plan| book.publish(plan));
        let catalog = Arc::new(book.catalog());
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        Some(known.entry(number).or_insert(catalog).clone())
    }
}

impl Plans for Catalogs {
    fn plan(&self, number: u64) -> Arc<Catalog> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(catalog) = known.get(&number) {
            return catalog.clone();
        }
        drop(known);
        self.made(number).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::publish::{Body, Kind};

    #[test]
    fn a_plan_of_before_the_start_has_the_catalog_it_had() {
        let catalogs = Catalogs::default();
        let mut book = Book::default();
        let mut at_once = BTreeMap::new();
        for (number, rule) in [(1, "count(a) >= 1"), (2, "count(b) >= 2"), (3, "")] {
            let body = Body::read(Kind::Segment, serde_json::json!({ "rule": rule })).ok();
            let text = body.and_then(|body| serde_json::to_string(&body).ok());
            let changes = vec![((Kind::Segment, "buyers".to_owned()), text)];
            let plan = Plan { number, at: Timestamp(7), by: "ana".to_owned(), changes };
            book.publish(&plan);
            at_once.insert(number, book.catalog());
            catalogs.remember(plan);
        }
        assert!(catalogs.known.read().unwrap().is_empty(), "nobody has asked yet");
        for number in [2, 1, 3, 2] {
            let (made, wanted) = (catalogs.plan(number), &at_once[&number]);
            assert_eq!(made.plan, number);
            assert_eq!(format!("{:?}", made.segments), format!("{:?}", wanted.segments));
        }
        assert_eq!(catalogs.plan(4).plan, 0, "never published");
    }
    use crate::access::Role;
    use crate::access::audit::{Note, Outcome};
    use crate::access::members::Invitation;
    use crate::access::passwords::Hash;

    /// Entries are read for as long as a data directory lives.
    #[test]
    fn entries_are_read_as_they_were_written() {
        let email = "ana@example.com".to_owned();
        let (name, at) = ("Ana".to_owned(), Timestamp(7));
        let (_, invitation) = Invitation::make(at);
        let row = Row::done(at, Who::member(&email), "key.make", "shop", "write");
        let note = Note { of: Some("x".into()), detail: "y".into() };
        let role = Role::Owner;
        for entry in [
            Entry::Member(Change::Added {
                email: email.clone(),
                name,
                role,
                at,
                invitation: Some(invitation.clone()),
            }),
            Entry::Member(Change::Invited { email: email.clone(), invitation }),
            Entry::Member(Change::PasswordSet { email: email.clone(), password: Hash::fake() }),
            Entry::Member(Change::Changed {
                email: email.clone(),
                name: None,
                role: Some(role),
                disabled: Some(false),
            }),
            Entry::Member(Change::Removed { email }),
            Entry::Audit(Line::Row(row)),
            Entry::Audit(Line::Ended { row: u64::MAX, outcome: Outcome::Done, note }),
            Entry::CampaignSteered { id: 7, to: Steer::Done, at, by: "cauce".into() },
        ] {
            let text = serde_json::to_string(&entry).unwrap();
            let read: Entry =
                serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}: {text}"));
            assert_eq!(read, entry, "{text}");
        }
    }
}
