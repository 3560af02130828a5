//! Everything that is known of a person, in one document.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Problem, stopping};
use super::super::schemas::quarantine::Waiting;
use super::super::shapes::{self, Stored, Walk, stored};
use super::super::v1::messages;
use super::super::v1::messages::shape::Shown as Message;
use super::super::v1::profiles::{
    Located, Membership, Suppressed, alias, attributes, locate, memberships, suppressed, walks,
};
use super::super::who::lists::{Listed, exported};
use super::consents::Evidence;
use super::devices::{self, Tokens, all};
use super::identity::Merge;
use crate::app::App;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use cauce_core::ids::{MessageId, Partition, ProfileId};
use cauce_core::profile::{Attribute, Consent};
use cauce_core::query;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows that are read at a time.
const ROWS: usize = 500;

/// How far an export has come.
enum Step {
    /// The timeline, from a key on.
    Timeline(Key),
    /// A ledger, from a message on; the other ledgers after it.
    Ledger(MessageId, Vec<Partition>),
}

/// What is known of a person, but for what is long.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ExportedFacts)]
pub struct Short {
    /// The profile: `pro_…`.
    profile: String,
    /// When this was read.
    #[schema(value_type = String, format = DateTime)]
    exported_at: Timestamp,
    /// When the profile was first known.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// Attributes by name, each with the event that said it.
    #[schema(value_type = BTreeMap<String, shapes::Attribute>)]
    attributes: BTreeMap<String, Attribute>,
    /// Names: `namespace:value`.
    aliases: Vec<String>,
    /// Names that were kept from the profile.
    refused_aliases: Vec<String>,
    /// Profiles that became one with this one.
    merges: Vec<Merge>,
    /// Addresses that must not be written to.
    suppressions: Vec<Suppressed>,
    /// The consents in force.
    #[schema(value_type = Vec<shapes::Consent>)]
    consents: Vec<Consent>,
    /// Every statement about consent, the oldest first.
    evidence: Vec<Evidence>,
    /// Segments that the person is in.
    segments: Vec<Membership>,
    /// What uploaded lists say, by list.
    lists: BTreeMap<String, Vec<Listed>>,
    /// Devices, with their whole tokens.
    devices: Vec<devices::Shown>,
    /// Walks along journeys that go on: at most 1,000.
    runs: Vec<Walk>,
    /// Events under the person's names that wait because they do not fit their schema.
    quarantined: Vec<Waiting>,
}

/// Everything that is known of a person.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ProfileExport)]
#[allow(dead_code)] // written piece by piece, since it is as long as a life
pub struct Exported {
    #[serde(flatten)]
    short: Short,
    /// Every event, by name and time.
    timeline: Vec<Stored>,
    /// Every message.
    messages: Vec<Message>,
}

struct Export {
    app: Arc<App>,
    place: Located,
    /// All profiles that became this one: their ledgers stayed where they were.
    ids: BTreeSet<ProfileId>,
    ledgers: Vec<Partition>,
}

/// Everything that is known of a profile: attributes with the events that set them, names,
/// consents with evidence, segments, runs, what waits in quarantine, timeline, messages.
#[utoipa::path(get, path = "/v1/profiles/{namespace}/{value}/export", tag = "profiles",
    params(("namespace" = String, Path), ("value" = String, Path)),
    responses((status = 200, body = Exported), (status = 404, body = Problem)))]
pub async fn export(
    _: Full,
    State(app): Shared,
    Path((namespace, value)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let place = locate(&app, &alias(&app, &namespace, &value)?).await?;
    let merges = super::identity::merges(&app, &place).await;
    let mut ids = BTreeSet::from([place.head.id()]);
    let mut ledgers = vec![place.partition];
    for merge in &merges {
        ids.insert(merge.profile);
        ledgers.push(merge.partition);
    }
    ledgers.sort_unstable();
    ledgers.dedup();
    let head = head(&app, &place, merges).await?;
    let start = Step::Timeline(Key::timeline(place.number).0);
    let export = Export { app, place, ids, ledgers };
    let first = format!("{head},\n\"timeline\":[");
    let parts = futures_util::stream::unfold(
        (export, Some((start, true)), Some(first)),
        |(export, at, first)| async move {
            if let Some(first) = first {
                return Some((Ok(first), (export, at, None)));
            }
            let (step, fresh) = at?;
            let (text, next) = export.part(step, fresh).await?;
            Some((Ok::<_, std::convert::Infallible>(text), (export, next, None)))
        },
    );
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((kind, axum::body::Body::from_stream(parts)))
}

/// The document up to its long parts, without the closing brace.
async fn head(app: &App, place: &Located, merges: Vec<Merge>) -> Result<String, Problem> {
    let (number, now, catalog) = (place.number, app.node.now(), app.catalog());
    let rest = app.ask(place.partition, move |p| {
        let (low, high) = Key::runs(number);
        let lists = match p.rows().get(&Key::Lists(number)) {
            Some(Row::Lists(lists)) => exported(&lists, now),
            _ => BTreeMap::new(),
        };
        let runs = p.rows().range(&low, &high, 1_000);
        (query::segments(p.rows(), &catalog, number, now), runs, lists)
    });
    let (segments, runs, lists) = rest.await.ok_or_else(stopping)?;
    let devices = devices::of(app, place).await;
    let head = &place.head;
    let names = |aliases: &BTreeSet<cauce_core::profile::Alias>| {
        aliases.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let document = Short {
        profile: head.id().to_string(),
        exported_at: now,
        created: head.created,
        attributes: attributes(head),
        aliases: names(&head.aliases),
        refused_aliases: names(&head.refused_aliases),
        merges,
        suppressions: suppressed(head),
        consents: head.consents.values().cloned().collect(),
        evidence: super::consents::evidence(app, place).await?,
        segments: memberships(segments),
        lists,
        devices: all(&devices, Tokens::Whole),
        runs: walks(runs),
        quarantined: crate::http::schemas::quarantine::of_person(app, &head.aliases).await,
    };
    let mut text = serde_json::to_string(&document).expect("what is known is plain data");
    // The long parts follow inside the same braces.
    text.truncate(text.len() - 1);
    Ok(text)
}

type Part = (String, Option<(Step, bool)>);

impl Export {
    /// The next part, and what comes after it; `fresh`: nothing of this list was written yet.
    async fn part(&self, step: Step, fresh: bool) -> Option<Part> {
        match step {
            Step::Timeline(from) => self.timeline(from, fresh).await,
            Step::Ledger(from, ledgers) => self.ledger(from, ledgers, fresh).await,
        }
    }

    async fn timeline(&self, from: Key, fresh: bool) -> Option<Part> {
        let high = Key::timeline(self.place.number).1;
        let asked = self.app.ask(self.place.partition, move |p| p.rows().range(&from, &high, ROWS));
        let rows = asked.await?;
        let items: Vec<_> = rows.iter().filter_map(|(key, row)| stored(key, row)).collect();
        let mut text = list(&items, fresh);
        let last = rows.last().filter(|_| rows.len() == ROWS).and_then(|(key, _)| after(key));
        let next = match last {
            Some(key) => (Step::Timeline(key), fresh && items.is_empty()),
            None => {
                text.push_str("],\n\"messages\":[");
                (Step::Ledger(MessageId(0), self.ledgers.clone()), true)
            }
        };
        Some((text, Some(next)))
    }

    async fn ledger(
        &self,
        from: MessageId,
        mut ledgers: Vec<Partition>,
        fresh: bool,
    ) -> Option<Part> {
        let Some(partition) = ledgers.last().copied() else {
            return Some(("]}\n".to_owned(), None));
        };
        let ids = self.ids.clone();
        let asked = self.app.ask(partition, move |p| {
            let high = Key::Message(MessageId(u128::MAX));
            let rows = p.rows().range(&Key::Message(from), &high, ROWS);
            let last = match rows.last() {
                Some((Key::Message(id), _)) if rows.len() == ROWS => Some(*id),
                _ => None,
            };
            let own = rows.into_iter().filter_map(|(_, row)| match row {
                Row::Message(message) if ids.contains(&message.profile) => Some(message),
                _ => None,
            });
            (own.collect::<Vec<_>>(), last)
        });
        let (own, last) = asked.await?;
        let items: Vec<_> = own.iter().map(|message| messages::shown(message)).collect();
        let text = list(&items, fresh);
        let from = match last {
            Some(id) => MessageId(id.0.saturating_add(1)),
            None => {
                ledgers.pop();
                MessageId(0)
            }
        };
        Some((text, Some((Step::Ledger(from, ledgers), fresh && items.is_empty()))))
    }
}

/// The key behind a key of the timeline.
pub fn after(key: &Key) -> Option<Key> {
    let Key::Timeline(number, name, at, id) = key else { return None };
    let id = cauce_core::ids::EventId(id.0.saturating_add(1));
    Some(Key::Timeline(*number, name.clone(), *at, id))
}

/// Items of a list that goes on, each behind a comma but the first of all.
fn list<T: Serialize>(items: &[T], fresh: bool) -> String {
    let mut text = String::new();
    for (place, item) in items.iter().enumerate() {
        text.push_str(if fresh && place == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(item).unwrap_or_default());
    }
    text
}
