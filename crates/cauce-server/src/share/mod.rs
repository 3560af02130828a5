//! What others may know of a profile: what is shared, and with whom.

pub mod feed;
pub mod snapshot;
pub mod tell;
pub mod webhooks;

use crate::app::App;
use cauce_core::catalog::Catalog;
use cauce_core::decide::{Plans, home};
use cauce_core::ids::{Number, Partition, ProfileId};
use cauce_core::offer::{Choice, PlacementSource};
use cauce_core::policy::allows;
use cauce_core::profile::{Alias, Head, SegmentNumber, SegmentState, Status};
use cauce_core::publish::{
    Body, Book, DestinationSource, ExperimentSource, HIDDEN, IntakeSource, Kind, SHARING,
    SegmentSource, SharingSource, shared_number,
};
use cauce_core::query;
use cauce_core::state::{Holder, Key, Row, Rows};
use cauce_core::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one kind of reader sees.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Segments by name.
    pub segments: BTreeMap<String, SegmentNumber>,
    /// Attributes.
    pub attributes: BTreeSet<String>,
    /// Placements.
    pub placements: BTreeSet<String>,
}

impl Sight {
    /// The same, limited to what a token names.
    #[must_use]
    pub fn limited(
        &self,
        segments: Option<&BTreeSet<String>>,
        attributes: Option<&BTreeSet<String>>,
    ) -> Sight {
        let mut sight = self.clone();
        if let Some(named) = segments {
            sight.segments.retain(|name, _| named.contains(name));
        }
        if let Some(named) = attributes {
            sight.attributes.retain(|name| named.contains(name));
        }
        sight
    }
}

/// An experiment in force.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// What it says.
    pub source: ExperimentSource,
    /// Its audience.
    pub segment: Option<SegmentNumber>,
}

/// How an arm came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// By the draw.
    Split,
    /// The profile is outside of the audience.
    Outside,
    /// The experiment is over.
    Inactive,
}

impl Experiment {
    /// The arm of somebody, and how it came to be. Of nobody: the arm of those outside.
    pub fn arm(&self, name: &str, head: Option<&Head>) -> (&str, Drawn) {
        if !self.source.active {
            return (&self.source.outside, Drawn::Inactive);
        }
        let inside = |head: &&Head| self.segment.is_none_or(|number| is_in(head, number).is_some());
        match head.filter(inside) {
            Some(head) => (self.source.arm(name, head.id()), Drawn::Split),
            None => (&self.source.outside, Drawn::Outside),
        }
    }
}

/// Everything that a plan shares.
#[derive(Debug, Default)]
pub struct Shown {
    /// What decisions look things up in.
    pub catalog: Arc<Catalog>,
    /// What a server sees.
    pub server: Sight,
    /// What a browser sees of its person.
    pub browser: Sight,
    /// Experiments by name.
    pub experiments: BTreeMap<String, Experiment>,
    /// Destinations by name.
    pub destinations: BTreeMap<String, DestinationSource>,
    /// Every segment that there ever was.
    pub names: BTreeMap<SegmentNumber, String>,
    /// Sources by name.
    pub sources: BTreeMap<String, IntakeSource>,
    /// Segments in force by name, whether shared or not. Where uses have to be allowed, of each the
    /// one of those who allow them.
    pub numbers: BTreeMap<String, SegmentNumber>,
    /// Uses that a person has to allow: of nobody else anything is shared.
    pub purposes: BTreeSet<String>,
}

impl Shown {
    /// What a book shares.
    pub fn new(book: &Book, catalog: Arc<Catalog>) -> Shown {
        let all: BTreeMap<String, SegmentNumber> = book
            .list(Kind::Segment)
            .filter(|(name, revision)| {
                let fine = matches!(revision.body, Body::Segment(SegmentSource { .. }));
                fine && !name.starts_with(HIDDEN)
            })
            .filter_map(|(name, _)| Some((name.to_owned(), *book.segment_numbers.get(name)?)))
            .collect();
        let sharing = match book.get(Kind::Sharing, SHARING).map(|revision| &revision.body) {
            Some(Body::Sharing(sharing)) => sharing.clone(),
            _ => SharingSource::default(),
        };
        // Whoever does not allow it is in none of these: nothing that is told comes by another way.
        let mut all = all;
        if !sharing.purposes.is_empty() {
            all.iter_mut().for_each(|(name, number)| *number = shared_number(name));
        }
        let named = |names: &BTreeSet<String>| {
            let mut segments = all.clone();
            segments.retain(|name, _| names.contains(name));
            segments
        };
        let server = Sight {
            segments: sharing.segments.as_ref().map_or_else(|| all.clone(), &named),
            attributes: sharing.attributes.clone(),
            placements: placements(book, |name| {
                sharing.placements.as_ref().is_none_or(|named| named.contains(name))
            }),
        };
        let browser = Sight {
            segments: named(&sharing.browser_segments),
            attributes: sharing.browser_attributes.clone(),
            placements: placements(book, |name| sharing.browser_placements.contains(name)),
        };
        let experiments = book.list(Kind::Experiment).filter_map(|(name, revision)| {
            let Body::Experiment(source) = &revision.body else { return None };
            let segment = source.segment.as_ref().and_then(|segment| all.get(segment)).copied();
            // An audience that is gone is nobody, never everybody.
            let source = ExperimentSource {
                active: source.active && segment.is_some() == source.segment.is_some(),
                ..source.clone()
            };
            Some((name.to_owned(), Experiment { source, segment }))
        });
        let written = book.segment_numbers.iter();
        let names = written.flat_map(|(name, number)| {
            [(*number, name.clone()), (shared_number(name), name.clone())]
        });
        let names = names.collect();
        let destinations = book.list(Kind::Destination).filter_map(|(name, revision)| {
            let Body::Destination(source) = &revision.body else { return None };
            Some((name.to_owned(), source.clone()))
        });
        let destinations = destinations.collect();
        let sources = book.list(Kind::Source).filter_map(|(name, revision)| {
            let Body::Source(source) = &revision.body else { return None };
            Some((name.to_owned(), source.clone()))
        });
        let sources = sources.collect();
        Shown {
            experiments: experiments.collect(),
            catalog,
            server,
            browser,
            destinations,
            sources,
            names,
            numbers: all.clone(),
            purposes: sharing.purposes,
        }
    }
}

/// The placements in force that are shared.
fn placements(book: &Book, is_shared: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let names = book.list(Kind::Placement).map(|(name, _)| name);
    names.filter(|name| is_shared(name)).map(str::to_owned).collect()
}

impl Shown {
    /// Whether anything of a profile may be shared.
    pub fn allows(&self, head: &Head) -> bool {
        let topics = &self.catalog.topics;
        self.purposes.iter().all(|purpose| allows(topics, head, purpose).is_ok())
    }

    /// What a placement shows to somebody: the fallback where nothing of them is known or may be
    /// used. None if there is no such placement.
    pub fn offered(&self, name: &str, person: Option<&Person>) -> Option<Choice> {
        let placement: &PlacementSource = self.catalog.placements.get(name)?;
        let chosen = person.and_then(|person| person.offers.get(name)).cloned();
        Some(chosen.unwrap_or_else(|| Choice::fallback(placement)))
    }

    /// The number under which changes of a segment are told, also of one that is no more.
    pub fn told(&self, name: &str) -> Option<SegmentNumber> {
        if self.purposes.is_empty() {
            self.names.iter().find(|(_, known)| *known == name).map(|(number, _)| *number)
        } else {
            Some(shared_number(name))
        }
    }
}

/// How a head stands in a segment, if it is in it.
pub fn is_in(head: &Head, segment: SegmentNumber) -> Option<&SegmentState> {
    head.segments.get(&segment).filter(|state| state.inside)
}

/// Whom an alias names.
#[derive(Debug)]
pub struct Person {
    /// Their profile.
    pub head: Arc<Head>,
    /// Segments that are being built and have not come to them: what the profile says of these was
    /// true of another rule, or is not known yet.
    pub building: BTreeSet<SegmentNumber>,
    /// What the placements that were asked for show them.
    pub offers: BTreeMap<String, Choice>,
}

/// What a look at somebody is made with.
struct Look {
    catalog: Arc<Catalog>,
    placements: BTreeSet<String>,
    now: Timestamp,
}

/// What one visit of a partition found.
enum Visit {
    Here(Person),
    Elsewhere(Holder),
    Nobody,
}

/// A profile's number in a partition.
fn number_of(rows: &impl Rows, id: ProfileId) -> Option<Number> {
    match rows.get(&Key::Profile(id)) {
        Some(Row::Number(number)) => Some(number),
        _ => None,
    }
}

fn head_of(rows: &impl Rows, here: Partition, holder: Holder, look: &Look) -> Visit {
    if holder.partition != here {
        return Visit::Elsewhere(holder);
    }
    let Look { catalog, placements, now } = look;
    let number = number_of(rows, holder.rank.id);
    let known = number.and_then(|n| Some((n, query::current(rows, catalog, n, *now)?)));
    let Some((number, head)) = known else { return Visit::Nobody };
    match head.status {
        Status::Live => {
            let building = query::unbuilt(rows, catalog, number);
            let offers = query::offers(rows, catalog, number, placements, *now);
            Visit::Here(Person { head, building, offers })
        }
        Status::Redirect(next) => Visit::Elsewhere(next),
        Status::Erased(_) => Visit::Nobody,
    }
}

/// Whom an alias names, exact at this instant: what time alone has changed is evaluated
/// before it is answered; and what placements show them. One visit where profile and alias live
/// together, as they usually do.
///
/// # Errors
/// A partition that is gone.
pub async fn find(
    app: &App,
    shown: &Shown,
    alias: Alias,
    placements: BTreeSet<String>,
) -> Result<Option<Person>, Gone> {
    let mut at = home(&alias, app.node.partitions());
    let look = Arc::new(Look { catalog: shown.catalog.clone(), placements, now: app.node.now() });
    let first = look.clone();
    let first = app.ask(at, move |p| match p.rows().get(&Key::Alias(alias)) {
        Some(Row::Alias(row)) => match row.holder {
            Some(holder) => head_of(p.rows(), at, holder, &first),
            None => Visit::Nobody,
        },
        _ => Visit::Nobody,
    });
    let mut found = first.await.ok_or(Gone)?;
    for _ in 0..cauce_core::limits::HOPS_MAX {
        let holder = match found {
            // Whom nothing is shared of is nobody to others.
            Visit::Here(person) => return Ok(Some(person).filter(|one| shown.allows(&one.head))),
            Visit::Nobody => return Ok(None),
            Visit::Elsewhere(holder) => holder,
        };
        // A redirect within one partition is asked of it once more.
        at = holder.partition;
        let look = look.clone();
        let next = app.ask(at, move |p| head_of(p.rows(), at, holder, &look));
        found = next.await.ok_or(Gone)?;
    }
    Ok(None)
}

/// The process is ending: nobody answers any more.
#[derive(Debug)]
pub struct Gone;

/// The plan in force, as it is shared.
pub fn shown(app: &App, book: &Book) -> Shown {
    Shown::new(book, app.catalogs.plan(book.plan))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::publish::Plan;
    use serde_json::json;

    fn book(definitions: &[(Kind, &str, serde_json::Value)]) -> Book {
        let mut book = Book::default();
        let change = |(kind, name, document): &(Kind, &str, serde_json::Value)| {
            let body = Body::read(*kind, document.clone()).unwrap();
            ((*kind, (*name).to_owned()), serde_json::to_string(&body).ok())
        };
        let changes = definitions.iter().map(change).collect();
        book.publish(&Plan { number: 1, at: Timestamp(0), by: "test".into(), changes });
        book
    }

    fn segment() -> serde_json::Value {
        json!({ "rule": "count(ordered) >= 1" })
    }

    #[test]
    fn nothing_personal_is_shared_unless_somebody_says_so() {
        let mut definitions = vec![
            (Kind::Segment, "buyers", segment()),
            (Kind::Segment, "secret", segment()),
            (Kind::Experiment, "button", json!({ "arms": { "a": 1, "b": 1 }, "outside": "a" })),
        ];
        let shown = Shown::new(&book(&definitions), Arc::default());
        assert_eq!(shown.server.segments.len(), 2, "servers see every segment");
        assert!(shown.server.attributes.is_empty());
        assert!(shown.browser.segments.is_empty() && shown.browser.attributes.is_empty());
        let sharing = json!({ "segments": ["buyers"], "attributes": ["plan", "city"],
                              "browser-segments": ["buyers"], "browser-attributes": ["plan"] });
        definitions.push((Kind::Sharing, "sharing", sharing));
        let shown = Shown::new(&book(&definitions), Arc::default());
        assert_eq!(shown.server.segments.keys().collect::<Vec<_>>(), ["buyers"]);
        assert_eq!(shown.server.attributes.len(), 2);
        assert_eq!(shown.browser.segments.keys().collect::<Vec<_>>(), ["buyers"]);
        assert_eq!(shown.browser.attributes.iter().collect::<Vec<_>>(), ["plan"]);
        let none = BTreeSet::new();
        assert!(shown.browser.limited(Some(&none), None).segments.is_empty());
        assert_eq!(shown.browser.limited(Some(&none), None).attributes.len(), 1);
    }

    #[test]
    fn an_experiment_without_its_audience_is_over() {
        let arms = json!({ "arms": { "a": 1, "b": 1 }, "segment": "buyers", "outside": "a" });
        let shown = Shown::new(&book(&[(Kind::Experiment, "button", arms)]), Arc::default());
        assert_eq!(shown.experiments["button"].arm("button", None), ("a", Drawn::Inactive));
    }
}
