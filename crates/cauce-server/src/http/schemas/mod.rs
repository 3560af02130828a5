//! What events and attributes look like: learned, written down, who uses it, and what waits because
//! it does not fit.

pub mod complete;
pub mod quarantine;
pub mod show;

use super::error::{Code, Problem};
use super::shapes;
use crate::app::App;
use cauce_core::catalog::Catalog;
use cauce_core::decide::home;
use cauce_core::diagnostic::Diagnostic;
use cauce_core::event::Event;
use cauce_core::ids::{EventId, Partition};
use cauce_core::limits::UNFIT_MAX;
use cauce_core::schema::{Fault, WAITING};
use cauce_core::state::{Key, Row, Rows};
use serde::Serialize;
use std::collections::BTreeMap;

/// An event that was taken and waits, because it does not fit its schema.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Quarantined {
    /// Its place in the request, from 0.
    index: usize,
    /// Its id: `evt_…`.
    #[schema(value_type = String)]
    event: EventId,
    /// Every fault of it.
    #[schema(value_type = Vec<shapes::Diagnostic>)]
    faults: Vec<Diagnostic>,
}

/// Events of a request, each with its place in it.
#[derive(Default)]
pub struct Sorted {
    /// What is appended: what counts, and what will wait.
    pub events: Vec<Event>,
    /// What will wait, with every fault.
    pub quarantined: Vec<Quarantined>,
    /// What is refused because nothing more may wait, by place.
    pub refused: Vec<(usize, Vec<Diagnostic>)>,
}

impl Sorted {
    /// The no to a request of which nothing can be taken, since nothing more may wait.
    pub fn full() -> Problem {
        let detail = format!("{UNFIT_MAX} events of a partition wait in quarantine already");
        Problem::new(Code::QuarantineFull, detail)
            .hint("nothing was taken; mend what waits (`cauce quarantine list`) and send it again")
    }
}

/// Says of events which of them fit. The partition decides it once more, by the plan in force then.
pub async fn sort(app: &App, catalog: &Catalog, events: Vec<(usize, Event)>) -> Sorted {
    let mut sorted = Sorted::default();
    if catalog.schemas.is_empty() {
        sorted.events = events.into_iter().map(|(_, event)| event).collect();
        return sorted;
    }
    let mut waiting: BTreeMap<Partition, u64> = BTreeMap::new();
    for (place, event) in events {
        let Err(faults) = catalog.schemas.fit(&event) else {
            sorted.events.push(event);
            continue;
        };
        let alias = event.aliases.first();
        let partition = alias.map_or(0, |alias| home(alias, app.node.partitions()));
        let count = match waiting.get(&partition) {
            Some(count) => *count,
            None => waits(app, partition).await,
        };
        waiting.insert(partition, count + 1);
        if count >= UNFIT_MAX {
            let message = format!("{UNFIT_MAX} events wait already, and this one does not fit");
            let mut found = vec![Diagnostic::error("", "quarantine-full", message)];
            found.extend(faults.iter().map(diagnostic));
            sorted.refused.push((place, found));
            continue;
        }
        let faults: Vec<_> = faults.iter().map(diagnostic).collect();
        sorted.quarantined.push(Quarantined { index: place, event: event.id, faults });
        sorted.events.push(event);
    }
    sorted
}

/// How many events wait in a partition.
pub async fn waits(app: &App, partition: Partition) -> u64 {
    let counted = app.ask(partition, |p| match p.rows().get(&Key::Counter(WAITING.to_owned())) {
        Some(Row::Counter(count)) => count,
        _ => 0,
    });
    counted.await.unwrap_or_default()
}

/// A fault as all faults are told.
pub fn diagnostic(fault: &Fault) -> Diagnostic {
    Diagnostic::error(fault.path.clone(), fault.code.as_str(), fault.message.clone())
}
