//! What would be touched if a definition were removed, in numbers. Whether it may be removed is the
//! check's to say, by who names it.

use super::super::queues;
use super::super::shapes::Dependent;
use crate::app::App;
use crate::control::Steer;
use cauce_core::message::Class;
use cauce_core::publish::{self, Kind, Name};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// Limit: waiting messages that are looked at in each queue of each partition.
const WAITING_MAX: usize = 500;

/// What is in a definition that would be removed.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DefinitionUse)]
pub struct InIt {
    /// What is counted: `members` of a segment, people `listed`, `walks` that go on, `runs` that
    /// have not ended, `messages` that wait.
    what: &'static str,
    /// How many.
    count: u64,
    /// Whether there may be more than were counted.
    at_least: bool,
}

/// What would be touched if a definition were removed.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = DefinitionRemoval)]
pub struct Removes {
    /// Its kind: `segment`.
    #[schema(value_type = String)]
    kind: Kind,
    /// Its name.
    name: String,
    /// How much is in it now; null for kinds that hold nothing.
    #[schema(required = true)]
    uses: Option<InIt>,
    /// Definitions that would be broken without it.
    dependents: Vec<Dependent>,
}

/// What each of these is used by: definitions that would be broken without it, and how much is in
/// it now.
pub async fn of(app: &App, named: &BTreeSet<Name>) -> Vec<Removes> {
    let mut removes = Vec::new();
    let book = app.book();
    for (kind, name) in named {
        let uses = use_of(app, *kind, name).await;
        let uses = uses.map(|(what, count, at_least)| InIt { what, count, at_least });
        let dependents = publish::dependents(&book, *kind, name);
        let dependents = dependents.into_iter().map(Dependent::from).collect();
        removes.push(Removes { kind: *kind, name: name.clone(), uses, dependents });
    }
    removes
}

async fn use_of(app: &App, kind: Kind, name: &str) -> Option<(&'static str, u64, bool)> {
    match kind {
        Kind::Segment => Some(("members", members(app, name).await?, false)),
        Kind::List => {
            Some(("listed", super::super::who::lists::members_of(app, name).await, false))
        }
        Kind::Journey => Some(("walks", walks(app, name).await, false)),
        Kind::Campaign => Some(("runs", runs(app, name), false)),
        Kind::Template => {
            let (count, at_least) = messages(app, name).await;
            Some(("messages", count, at_least))
        }
        Kind::Provider | Kind::Route => {
            let (count, at_least) = queues::waits_for(app, name).await;
            Some(("messages", count, at_least))
        }
        Kind::Policy
        | Kind::Topic
        | Kind::Sender
        | Kind::Schema
        | Kind::Sharing
        | Kind::Destination
        | Kind::Namespace
        | Kind::Attribute
        | Kind::Experiment
        | Kind::Offer
        | Kind::Placement
        | Kind::Source => None,
    }
}

async fn members(app: &App, name: &str) -> Option<u64> {
    let catalog = app.catalog();
    let number = catalog.segments.iter().find(|segment| segment.name == name)?.number;
    let asked = (0..app.node.partitions())
        .map(|partition| app.ask(partition, move |p| p.rows().member_count(number)));
    Some(futures_util::future::join_all(asked).await.into_iter().flatten().sum())
}

/// Walks that go on.
async fn walks(app: &App, name: &str) -> u64 {
    super::super::console::journeys::inside(app, name).await
}

/// Runs that have not ended.
fn runs(app: &App, name: &str) -> u64 {
    let control = app.control();
    let going = control
        .executions
        .values()
        .filter(|run| run.campaign == name && matches!(run.stand, Steer::Pause | Steer::Resume));
    going.count() as u64
}

/// Messages by a template that wait to leave, and whether there may be more.
async fn messages(app: &App, name: &str) -> (u64, bool) {
    let name = std::sync::Arc::<str>::from(name);
    let asked = (0..app.node.partitions()).map(|partition| {
        let name = name.clone();
        app.ask(partition, move |p| {
            let (rows, mut count, mut more) = (p.rows(), 0, false);
            for (path, _) in p.paths() {
                for class in [Class::Transactional, Class::Triggered, Class::Bulk] {
                    let (from, to) = Key::due(&path, class, Timestamp::MAX);
                    let waiting = rows.range(&from, &to, WAITING_MAX);
                    more |= waiting.len() == WAITING_MAX;
                    let by_it = waiting.iter().filter(|(key, _)| match key {
                        Key::Outbox(_, _, _, id) => match rows.get(&Key::Message(*id)) {
                            Some(Row::Message(message)) => *message.template.0 == *name,
                            _ => false,
                        },
                        _ => false,
                    });
                    count += by_it.count() as u64;
                }
            }
            (count, more)
        })
    });
    let found = futures_util::future::join_all(asked).await;
    found.into_iter().flatten().fold((0, false), |sum, one| (sum.0 + one.0, sum.1 | one.1))
}
