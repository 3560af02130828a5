//! Everything published, checked: what decisions look definitions up in.

use crate::campaign;
use crate::device::Choice;
use crate::identity::Namespaces;
use crate::ids::Workspace;
use crate::journey;
use crate::list;
use crate::message::{Channel, Class};
use crate::offer::{Offer, PlacementSource};
use crate::policy::Policy;
use crate::prelude::*;
use crate::profile::{Attributes, Head, SegmentNumber};
use crate::publish::About;
use crate::route::{Route, Shape};
use crate::schema::Schemas;
use crate::segment::{
    self, Aggregate, AggregateId, Aggregates, Calendar, Compiled, Computed, Facts, Tallies,
};
use crate::sms::sender::TextSender;
use crate::time::{Duration, Timestamp};

/// A segment in force.
#[derive(Debug)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// Its number: given at its first publish.
    pub number: SegmentNumber,
    /// Its revision.
    pub revision: u32,
    /// What a build of it stands for: the revision and, if the rule asks for them, what the
    /// workspace says of zones. Another value builds it again.
    pub build: u32,
    /// What it says.
    pub compiled: Compiled,
}

/// A topic a person can consent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Shown on the preference page.
    pub title: String,
    /// What is consented to.
    pub about: About,
    /// Uses that have to be allowed for messages about it.
    pub purposes: BTreeSet<String>,
    /// Whether a message may be sent, or data used, where the person said nothing.
    pub consent_required: bool,
    /// Whether a yes counts only once the mailbox has confirmed it.
    pub double_opt_in: bool,
    /// The transactional template that asks for it.
    pub confirmation: Option<String>,
    /// Senders whose text messages are about it.
    pub text_senders: BTreeSet<String>,
}

/// What decisions know of a template; its text is rendered by the delivery loop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its revision.
    pub revision: u32,
    /// For which channel; e-mail if it says nothing.
    pub channel: Option<Channel>,
    /// Who writes, if it says so; of a text message always, where there is one: what people say to
    /// a number is about its sender.
    pub sender: Option<String>,
    /// How that sender writes text messages, of a template for them.
    pub text_sender: Option<Arc<TextSender>>,
    /// The topic that consent is asked for; absent for transactional templates.
    pub topic: Option<String>,
    /// The names below `profile` that it needs.
    pub attributes: BTreeSet<String>,
    /// The names below `profile.computed` that it needs.
    pub computed: BTreeSet<String>,
    /// The names below `profile.lists` that it needs.
    pub lists: BTreeSet<String>,
    /// The placements whose offers it shows.
    pub offers: BTreeSet<String>,
    /// Whether a transactional message is sent once more after *unknown*.
    pub resend_unknown: bool,
    /// How long a message may wait, if it differs from the policy's.
    pub lifetime: Option<Duration>,
    /// To which devices it goes (push).
    pub devices: Choice,
    /// It answers a word such as `STOP`: it is sent to who has just ended everything else.
    pub answers_word: bool,
}

/// Definitions of one plan, as decisions need them.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The workspace.
    pub workspace: Workspace,
    /// Which plan this is.
    pub plan: u64,
    /// Segments in topological order: a segment comes after those it names.
    pub segments: Vec<Arc<Segment>>,
    /// Where a segment stands in [`Catalog::segments`].
    pub segment_index: BTreeMap<String, usize>,
    /// Where a segment with this number stands.
    pub segment_numbers: BTreeMap<SegmentNumber, usize>,
    /// Segments that were removed, by their numbers: nobody is left in them.
    pub gone: BTreeMap<SegmentNumber, String>,
    /// All aggregates of all segments.
    pub aggregates: BTreeMap<AggregateId, Arc<Aggregate>>,
    /// Which aggregates an event touches.
    pub by_event: BTreeMap<String, Vec<AggregateId>>,
    /// Which segments use an aggregate (places in [`Catalog::segments`]).
    pub by_aggregate: BTreeMap<AggregateId, Vec<usize>>,
    /// Which segments use an attribute.
    pub by_attribute: BTreeMap<String, Vec<usize>>,
    /// Which segments ask about an uploaded list.
    pub by_list: BTreeMap<String, Vec<usize>>,
    /// Which segments name a segment.
    pub by_segment: BTreeMap<usize, Vec<usize>>,
    /// Which segments ask whether a message could go out.
    pub by_reach: Vec<usize>,
    /// Which segments may hold for somebody of whom nothing is known, and which name one of them:
    /// a new profile is evaluated for these.
    pub by_birth: Vec<usize>,
    /// The events that an aggregate counts or a journey waits for.
    pub heard: BTreeSet<String>,
    /// Journeys that people may enter.
    pub journeys: BTreeMap<String, Arc<journey::Journey>>,
    /// Every revision of every journey: people in flight stay on theirs.
    pub journey_revisions: BTreeMap<(String, u32), Arc<journey::Journey>>,
    /// Every revision of every campaign.
    pub campaigns: BTreeMap<(String, u32), Arc<campaign::Definition>>,
    /// Templates in force.
    pub templates: BTreeMap<String, Arc<Template>>,
    /// Uploaded lists.
    pub lists: BTreeMap<String, Arc<list::Definition>>,
    /// Computed attributes.
    pub computed: BTreeMap<String, Arc<Computed>>,
    /// Offers.
    pub offers: BTreeMap<String, Arc<Offer>>,
    /// Placements, in which offers compete.
    pub placements: BTreeMap<String, Arc<PlacementSource>>,
    /// Topics.
    pub topics: BTreeMap<String, Topic>,
    /// What the workspace allows.
    pub policy: Policy,
    /// The provider's ready queue of each channel.
    pub paths: BTreeMap<Channel, String>,
    /// Routes by channel, the narrower ones first.
    pub routes: BTreeMap<Channel, Vec<Arc<Route>>>,
    /// By each provider alone: what a channel without a route has.
    pub providers: BTreeMap<String, (Channel, Arc<Route>)>,
    /// Limits and plans of providers that have some.
    pub shapes: BTreeMap<String, Shape>,
    /// Providers that say later what became of a message by their own name for it.
    pub naming: BTreeSet<String>,
    /// Providers that are nobody but us: mail goes straight to the servers of its readers.
    pub direct: BTreeSet<String>,
    /// The domains from which senders write e-mail, by the senders' names.
    pub sender_domains: BTreeMap<String, String>,
    /// Kinds of names, those that every installation has among them.
    pub namespaces: Namespaces,
    /// What events and attributes look like.
    pub schemas: Schemas,
}

impl Catalog {
    /// Puts segments in and derives what they touch. `segments` are in topological order.
    #[must_use]
    pub fn with_segments(mut self, segments: Vec<Arc<Segment>>) -> Catalog {
        for (place, segment) in segments.iter().enumerate() {
            self.segment_index.insert(segment.name.clone(), place);
            self.segment_numbers.insert(segment.number, place);
            for aggregate in &segment.compiled.aggregates {
                let users = self.by_aggregate.entry(aggregate.id).or_default();
                if users.is_empty() {
                    for event in aggregate.events() {
                        self.by_event.entry(event.to_owned()).or_default().push(aggregate.id);
                    }
                    self.aggregates.insert(aggregate.id, Arc::new(aggregate.clone()));
                }
                users.push(place);
            }
            if !segment.compiled.channels.is_empty() || !segment.compiled.purposes.is_empty() {
                self.by_reach.push(place);
            }
            for list in segment.compiled.lists.keys() {
                self.by_list.entry(list.clone()).or_default().push(place);
            }
            for attribute in &segment.compiled.attributes {
                self.by_attribute.entry(attribute.clone()).or_default().push(place);
            }
        }
        for (place, segment) in segments.iter().enumerate() {
            for name in &segment.compiled.segments {
                if let Some(used) = self.segment_index.get(name) {
                    self.by_segment.entry(*used).or_default().push(place);
                }
            }
        }
        self.by_birth = self.born_into(&segments);
        self.heard.extend(self.by_event.keys().cloned());
        for journey in self.journey_revisions.values() {
            self.heard.extend(journey.events().map(str::to_owned));
        }
        self.segments = segments;
        self
    }

    fn born_into(&self, segments: &[Arc<Segment>]) -> Vec<usize> {
        let calendar = Calendar::of(None, &self.policy);
        let (attributes, aggregates) = (Attributes::new(), Aggregates::new());
        let mut inside = BTreeSet::new();
        let mut places = Vec::new();
        for (place, segment) in segments.iter().enumerate() {
            let facts = Facts {
                attributes: &attributes,
                aggregates: &aggregates,
                tallies: &Tallies::new(),
                calendar: &calendar,
                standing: None,
                segments: &inside,
                lists: None,
                event: None,
                now: Timestamp::default(),
            };
            let answer = segment::evaluate(&segment.compiled, &facts);
            if answer.inside || answer.until.is_some() || segment.compiled.uses_identity {
                places.push(place);
            }
            if answer.inside {
                inside.insert(segment.name.clone());
            }
        }
        // Whoever is in none of these after all has not left it: who names it would not be told.
        let naming = places.iter().filter_map(|place| self.by_segment.get(place)).flatten();
        let all: BTreeSet<usize> = places.iter().chain(naming).copied().collect();
        all.into_iter().collect()
    }

    /// Until when it holds that a profile is in a segment, or is not: the earliest instant at which
    /// time alone could change it. What a segment says of itself is not all: those that it names
    /// change by time as well.
    pub fn until(&self, head: &Head, segment: &Segment) -> Option<Timestamp> {
        let mut until: Option<Timestamp> = None;
        let mut open = vec![segment];
        let mut looked_at = BTreeSet::new();
        while let Some(segment) = open.pop() {
            if !looked_at.insert(segment.number) {
                continue;
            }
            let own = head.segments.get(&segment.number).and_then(|state| state.until);
            until = until.into_iter().chain(own).min();
            let named = segment.compiled.segments.iter().filter_map(|name| self.segment(name));
            open.extend(named.map(|segment| &**segment));
        }
        until
    }

    /// A segment by name.
    pub fn segment(&self, name: &str) -> Option<&Arc<Segment>> {
        self.segments.get(*self.segment_index.get(name)?)
    }

    /// The route that serves messages of this kind; the narrowest, and of two that are alike the
    /// first by name.
    pub fn route(
        &self,
        channel: Channel,
        class: Class,
        topic: Option<&str>,
        sender: Option<&str>,
    ) -> Option<Arc<Route>> {
        let routes = self.routes.get(&channel)?;
        routes.iter().find(|route| route.serves(class, topic, sender)).cloned()
    }

    /// What leads to a channel's provider without a route: to this one if it is in force, else to
    /// the first.
    pub fn alone(&self, channel: Channel, provider: &str) -> Arc<Route> {
        let known = |name: &str| {
            self.providers
                .get(name)
                .filter(|(by, _)| *by == channel)
                .map(|(_, route)| route.clone())
        };
        known(provider).or_else(|| known(self.paths.get(&channel)?)).unwrap_or_else(|| {
            // There is no provider at all: what waits for one that is gone waits on.
            let own = self.path(channel);
            let name = if provider.is_empty() { &own } else { provider };
            Arc::new(Route::alone(name, false))
        })
    }

    /// The domain from which a sender writes; of nobody named the first one's, as letters have it.
    pub fn sender_domain(&self, sender: Option<&str>) -> Option<&str> {
        let known = match sender {
            Some(name) => self.sender_domains.get(name),
            None => self.sender_domains.values().next(),
        };
        known.map(String::as_str)
    }

    /// The ready queue of a channel.
    pub fn path(&self, channel: Channel) -> String {
        self.paths.get(&channel).cloned().unwrap_or_else(|| channel.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ProfileId;
    use crate::profile::{Rank, SegmentState};
    use crate::publish::{Body, Book, Kind, Plan};

    #[test]
    fn a_new_profile_is_asked_whatever_being_a_stranger_decides() {
        let segment = |name: &str, rule: &str| {
            let body = Body::read(Kind::Segment, serde_json::json!({ "rule": rule })).unwrap();
            ((Kind::Segment, name.to_owned()), serde_json::to_string(&body).ok())
        };
        let changes = vec![
            segment("strangers", "plan not exists"),
            // Holds for who comes with a plan, and no plan is asked for.
            segment("known", "not in segment \"strangers\""),
            // Moves with the one before.
            segment("buyers", "in segment \"known\" and count(ordered) >= 1"),
            segment("gold", "plan = \"gold\""),
        ];
        let mut book = Book::default();
        book.publish(&Plan { number: 1, at: Timestamp(1), by: String::new(), changes });
        let catalog = book.catalog();
        let asked = catalog.by_birth.iter().map(|place| &*catalog.segments[*place].name);
        assert_eq!(asked.collect::<BTreeSet<_>>(), BTreeSet::from(["known", "strangers"]));
    }

    #[test]
    fn a_segment_holds_no_longer_than_those_it_names() {
        let segment = |name: &str, rule: &str| {
            let body = Body::read(Kind::Segment, serde_json::json!({ "rule": rule })).unwrap();
            ((Kind::Segment, name.to_owned()), serde_json::to_string(&body).ok())
        };
        let changes = vec![
            segment("recent", "count(ordered, last 7d) >= 1"),
            segment("gold", "plan = \"gold\""),
            segment("vip", "in segment \"recent\" and in segment \"gold\""),
            segment("best", "in segment \"vip\" or plan = \"best\""),
        ];
        let mut book = Book::default();
        book.publish(&Plan { number: 1, at: Timestamp(1), by: String::new(), changes });
        let catalog = book.catalog();
        let mut head = Head::new(Rank { priority: 0, id: ProfileId(1) }, Timestamp(1));
        let mut check = |said: &[(&str, i64)], of: &str, expected: Option<i64>| {
            head.segments.clear();
            for (name, until) in said {
                let until = Some(Timestamp(*until)).filter(|until| until.0 > 0);
                let state = SegmentState { inside: true, since: Timestamp(1), until };
                head.segments.insert(catalog.segment(name).unwrap().number, state);
            }
            let until = catalog.until(&head, catalog.segment(of).unwrap());
            assert_eq!(until.map(|at| at.0), expected, "{of} of {said:?}");
        };
        let all = [("recent", 70), ("gold", 0), ("vip", 0), ("best", 0)];
        check(&all, "recent", Some(70));
        check(&all, "gold", None);
        check(&all, "vip", Some(70));
        check(&all, "best", Some(70));
        check(&[("recent", 70), ("vip", 50)], "best", Some(50));
        check(&[], "best", None);
    }
}
