//! Whether rules ask for what was never seen and never written down: a name that nobody sends, most
//! often one with a typing error. All of it are warnings, since an event may come tomorrow.

use super::learn::is_a_value;
use super::{Learned, Shape, Source};
use crate::consent::STATED;
use crate::diagnostic::{Diagnostic, nearest};
use crate::journey;
use crate::limits::LEARNED_DEPTH_MAX;
use crate::prelude::*;
use crate::publish::{Body, Name};
use crate::segment::{self, Mention, Mentioned, ZONE_ATTRIBUTE};

/// Events that nobody reports: they tell what became of messages, and what people said.
const OWN: [&str; 17] = [
    "message_sent",
    "message_refused",
    "message_failed",
    "message_unknown",
    "message_delivered",
    "message_opened",
    "message_clicked",
    "message_fetched",
    "message_complained",
    "message_bounced",
    "message_answered",
    "message_opted_out",
    "subscribed",
    "unsubscribed",
    crate::identity::RECTIFIED,
    crate::sms::inbound::RECEIVED,
    STATED,
];
/// What stands for every element of an array in a path.
const ELEMENT: &str = super::source::ITEMS;

/// Names below which something is known, and whether that is all there is.
#[derive(Default)]
struct Known {
    /// By path as [`Learned`] spells it.
    paths: BTreeSet<String>,
    /// Whether what is not among them may still have been there.
    partial: bool,
}

/// What is known of events and attributes: seen, written down, or set by ourselves.
pub struct Names<'w> {
    events: BTreeMap<&'w str, Known>,
    attributes: Known,
    /// Whether events of other names may have been there.
    partial: bool,
    /// Whether nothing was seen yet: then nothing is missed.
    nothing: bool,
}

impl Known {
    fn learned(&mut self, shape: &Shape) {
        self.paths.extend(shape.traits.keys().cloned());
        self.partial |= shape.beyond > 0;
    }

    fn written(&mut self, source: &Source) {
        for (path, property) in &source.properties {
            let outer = path.rfind('.').map_or("", |dot| &path[..=dot]);
            let old = property.was.iter().map(|old| format!("{outer}{old}"));
            for known in old.chain([path.clone()]) {
                // What lies inside of something is nothing without it.
                let inner = known.match_indices(['.', '[']).map(|(at, _)| known[..at].to_owned());
                let inner: Vec<String> = inner.collect();
                self.paths.extend(inner);
                self.paths.insert(known);
            }
        }
    }

    /// The first step of a path that is not known, and what its name may have been meant to be.
    fn missing(&self, path: &[String]) -> Option<(String, Option<String>)> {
        let mut outer = String::new();
        for (depth, name) in path.iter().enumerate() {
            let spelled = spelled(&outer, name);
            let known = spelled.iter().find(|inner| self.paths.contains(*inner));
            if let Some(known) = known {
                outer.clone_from(known);
                continue;
            }
            // An array without an element, an object without names or one too deep to look at says
            // nothing of what lies in it.
            let deep = depth >= LEARNED_DEPTH_MAX || path.len() > LEARNED_DEPTH_MAX;
            let hollow = depth > 0 && self.inside(&outer).next().is_none();
            if deep || hollow {
                return None;
            }
            let near = nearest(name, self.inside(&outer)).map(|near| {
                let mut names = path.to_vec();
                near.clone_into(&mut names[depth]);
                shown(&names)
            });
            return Some((shown(&path[..=depth]), near));
        }
        None
    }

    /// Names right inside of a path.
    fn inside<'k>(&'k self, outer: &'k str) -> impl Iterator<Item = &'k str> {
        self.paths.iter().filter_map(move |path| {
            let rest = path.strip_prefix(outer)?;
            let rest = match (outer.is_empty(), rest.strip_prefix('.')) {
                (true, _) => rest,
                (false, Some(inner)) => inner,
                (false, None) if rest.starts_with('[') => rest,
                (false, None) => return None,
            };
            let plain = rest == ELEMENT || !rest.is_empty() && !rest.contains(['.', '[']);
            plain.then_some(rest)
        })
    }
}

/// How a name inside of a path may be spelled where it was learned.
fn spelled(outer: &str, name: &str) -> Vec<String> {
    let joined = |name: &str| match outer {
        "" => name.to_owned(),
        _ => format!("{outer}.{name}"),
    };
    let element = || format!("{outer}{ELEMENT}");
    if name == ELEMENT {
        return vec![element()];
    }
    let mut spelled = vec![joined(name)];
    if is_a_value(name) {
        spelled.push(joined("*"));
    }
    if !outer.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        spelled.push(element());
    }
    spelled
}

/// A path as somebody would write it who looks for it among the learned ones.
fn shown(path: &[String]) -> String {
    let mut out = String::new();
    for name in path {
        if !out.is_empty() && name != ELEMENT {
            out.push('.');
        }
        out.push_str(name);
    }
    out
}

impl<'w> Names<'w> {
    /// What is known in a world.
    pub fn of(world: &'w BTreeMap<Name, Body>, learned: &'w Learned) -> Names<'w> {
        let mut events: BTreeMap<&str, Known> = BTreeMap::new();
        let mut attributes = Known::default();
        for (name, shape) in &learned.events {
            events.entry(name).or_default().learned(shape);
        }
        attributes.learned(&learned.attributes);
        for ((_, key), body) in world {
            match body {
                Body::Schema(source) => match source.event_of(key) {
                    Some(event) => {
                        for name in source.was.iter().map(String::as_str).chain([event]) {
                            events.entry(name).or_default().written(source);
                        }
                    }
                    None => attributes.written(source),
                },
                Body::Journey(source) => journey::sets(source, &mut |name| {
                    attributes.paths.insert(name.to_owned());
                }),
                _ => {}
            }
        }
        for own in OWN {
            events.entry(own).or_default().partial = true;
        }
        attributes.paths.insert(ZONE_ATTRIBUTE.to_owned());
        let nothing = learned.events.is_empty();
        let partial = learned.beyond > 0;
        Names { events, attributes, partial, nothing }
    }

    /// What a rule names that nobody knows. `triggers` are the events that move its journey.
    pub fn unknown(&self, mentions: &[Mention], triggers: &[&str]) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = Vec::new();
        for Mention { of, span } in mentions {
            let fault = match of {
                Mentioned::Event(name) => self.event(name),
                Mentioned::Property { event: Some(event), path } => {
                    self.property(&[event.as_str()], path)
                }
                Mentioned::Property { event: None, path } => self.property(triggers, path),
                Mentioned::Attribute(path) => self.attribute(path),
                Mentioned::Elsewhere => None,
            };
            let fault = fault.map(|fault| fault.at(span.0, span.1));
            let fault = fault.filter(|fault| !found.iter().any(|known| alike(known, fault)));
            found.extend(fault);
        }
        found
    }

    /// Whether nobody ever sent an event.
    fn event(&self, name: &str) -> Option<Diagnostic> {
        if self.events.contains_key(name) {
            return None;
        }
        let near = nearest(name, self.events.keys().copied());
        let message = format!("no event `{name}` was ever received");
        let way = "it counts from the first one; a schema of that name says that it is planned";
        self.warning("unknown-event", message, near.map(str::to_owned), self.partial, way)
    }

    fn property(&self, events: &[&str], path: &[String]) -> Option<Diagnostic> {
        // Of an event that is not known at all that was said.
        let known: Vec<(&str, &Known)> = events
            .iter()
            .filter_map(|event| Some((*event, self.events.get(event)?)))
            .filter(|(_, known)| !known.paths.is_empty())
            .collect();
        let missing = |(event, known): &(&str, &Known)| {
            let (name, near) = known.missing(path)?;
            Some(((*event).to_owned(), name, near, known.partial))
        };
        // What one of several has is not unknown.
        let missing: Option<Vec<_>> = known.iter().map(missing).collect();
        let (event, name, near, partial) = missing?.into_iter().next()?;
        if known.len() < events.len() || OWN.contains(&&*event) {
            return None;
        }
        let message = format!("no `{event}` ever had a `{name}`");
        let way = "where it is missing no comparison holds";
        self.warning("unknown-property", message, near, partial, way)
    }

    fn attribute(&self, path: &[String]) -> Option<Diagnostic> {
        let (name, near) = self.attributes.missing(path)?;
        let message = format!("nobody ever had an attribute `{name}`");
        let way = "where it is missing no comparison holds";
        self.warning("unknown-attribute", message, near, self.attributes.partial, way)
    }

    /// Without a near name something is missed only where all is known, and something is.
    fn warning(
        &self,
        code: &str,
        message: String,
        near: Option<String>,
        partial: bool,
        way: &str,
    ) -> Option<Diagnostic> {
        let fault = Diagnostic::warning("", code, message);
        match near {
            Some(near) => Some(fault.hint(format!("did you mean `{near}`?"))),
            None if partial || self.nothing => None,
            None => Some(fault.hint(way)),
        }
    }
}

/// One name in many places of a rule is one typing error.
fn alike(known: &Diagnostic, fault: &Diagnostic) -> bool {
    (&known.code, &known.message) == (&fault.code, &fault.message)
}

/// What definitions that change ask for and nobody knows; `world` is that after the change.
pub fn unlearned(
    world: &BTreeMap<Name, Body>,
    changes: &[(Name, Option<Body>)],
    learned: &Learned,
) -> Vec<Diagnostic> {
    let names = Names::of(world, learned);
    let mut found = Vec::new();
    let mut take = |at: &str, faults: Vec<Diagnostic>| {
        found.extend(faults.into_iter().map(|fault| fault.below(at)));
    };
    for ((kind, key), body) in changes {
        match body {
            Some(Body::Segment(source)) => {
                let named = segment::mentions(&source.rule);
                take(&format!("{kind}/{key}.rule"), names.unknown(&named, &[]));
            }
            Some(Body::Attribute(source)) => {
                let named = segment::mentions_computed(&source.value);
                take(&format!("{kind}/{key}.value"), names.unknown(&named, &[]));
            }
            Some(Body::Journey(source)) => {
                let (checked, _) = journey::check(key, 0, source);
                let triggers: Vec<&str> = checked.events().collect();
                journey::written(source, &mut |at, written| {
                    let at = format!("{kind}/{key}.{at}");
                    match written {
                        journey::Written::Rule(text) => {
                            take(&at, names.unknown(&segment::mentions(text), &triggers));
                        }
                        journey::Written::Event(event) => {
                            take(&at, names.event(event).into_iter().collect());
                        }
                        journey::Written::Key(event, path) => {
                            let path: Vec<String> = path.split('.').map(str::to_owned).collect();
                            take(&at, names.property(&[event], &path).into_iter().collect());
                        }
                    }
                });
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admit::{Edge, native};
    use crate::identity::Namespaces;
    use crate::ids::EventId;
    use crate::publish::Kind;
    use crate::time::Timestamp;
    use serde_json::{Value as Json, json};

    fn learned() -> Learned {
        let mut learned = Learned::default();
        let events = [
            json!({ "name": "order_completed", "aliases": { "user_id": "1" },
                    "properties": { "total": 5, "items": [{ "sku": "x", "qty": 1 }],
                                    "by": { "77123456": { "name": "a" } } },
                    "attributes": { "plan": "pro", "address": { "city": "Lugo" } } }),
            json!({ "name": "viewed", "aliases": { "user_id": "1" },
                    "properties": { "kind": "a" } }),
        ];
        for (place, event) in events.iter().enumerate() {
            let edge = Edge {
                received_at: Timestamp(place as i64),
                sent_at: None,
                historical: false,
                fallback: EventId(place as u128),
            };
            learned.learn(&native(event, &edge, &Namespaces::default()).unwrap());
        }
        learned
    }

    fn world(definitions: &[(Kind, &str, Json)]) -> BTreeMap<Name, Body> {
        let read = |(kind, key, document): &(Kind, &str, Json)| {
            ((*kind, (*key).to_owned()), Body::read(*kind, document.clone()).unwrap())
        };
        definitions.iter().map(read).collect()
    }

    fn said(definitions: &[(Kind, &str, Json)], learned: &Learned) -> String {
        let world = world(definitions);
        let changes: Vec<_> =
            world.iter().map(|(name, body)| (name.clone(), Some(body.clone()))).collect();
        let found = unlearned(&world, &changes, learned);
        assert!(found.iter().all(|f| f.severity == crate::diagnostic::Severity::Warning));
        let shown = |fault: &Diagnostic| match fault.span {
            Some((start, end)) => format!("{start}-{end} {fault}"),
            None => fault.to_string(),
        };
        found.iter().map(shown).collect::<Vec<_>>().join("; ")
    }

    fn check(rule: &str, expected: &str) {
        let said = said(&[(Kind::Segment, "s", json!({ "rule": rule }))], &learned());
        assert_eq!(said.replace("segment/s.rule: ", ""), expected, "{rule}");
    }

    #[test]
    fn what_was_never_seen_is_named_with_its_place_and_what_is_near() {
        check("count(order_completed where total > 5) >= 1 and plan = \"pro\"", "");
        check(
            "count(order_complete) >= 1",
            "6-20 no event `order_complete` was ever received (did you mean `order_completed`?)",
        );
        check(
            "count(refund) >= 1 or count(refund) >= 5",
            "6-12 no event `refund` was ever received (it counts from the first one; a schema of \
             that name says that it is planned)",
        );
        check(
            "sum(order_completed.totl) > 5",
            "4-24 no `order_completed` ever had a `totl` (did you mean `total`?)",
        );
        check("plna = \"pro\"", "0-4 nobody ever had an attribute `plna` (did you mean `plan`?)");
        check(
            "address.ctiy = \"Lugo\"",
            "0-12 nobody ever had an attribute `address.ctiy` (did you mean `address.city`?)",
        );
        check(
            "age > 5",
            "0-3 nobody ever had an attribute `age` (where it is missing no comparison holds)",
        );
        check(
            "sequence(viewed where knid = \"a\", then bought)",
            "22-26 no `viewed` ever had a `knid` (did you mean `kind`?); 39-45 no event `bought` \
             was ever received (it counts from the first one; a schema of that name says that it \
             is planned)",
        );
    }

    #[test]
    fn arrays_and_names_that_are_values_are_found() {
        check("count(order_completed where any items (sku = \"x\" and qty > 2)) >= 1", "");
        check("count(order_completed where items.0.sku = \"x\") >= 1", "");
        check(
            "count(order_completed where any items (suk = \"x\")) >= 1",
            "39-42 no `order_completed` ever had a `items[].suk` (did you mean `items[].sku`?)",
        );
        check("count(order_completed where by.`99123456`.name = \"a\") >= 1", "");
        // Deeper than is learned: nobody knows.
        check("count(order_completed where by.`99123456`.name.a.b.c = \"a\") >= 1", "");
    }

    #[test]
    fn what_we_say_ourselves_and_what_is_planned_is_known() {
        check("count(message_opened where whatever = 1) >= 1 and timezone exists", "");
        check("count(consent_stated) >= 1 and computed.x > 5", "");
        let planned = [
            (Kind::Schema, "refund", json!({ "properties": { "amount": "number" } })),
            (Kind::Segment, "s", json!({ "rule": "sum(refund.amout) > 5" })),
        ];
        assert_eq!(
            said(&planned, &learned()),
            "4-16 segment/s.rule: no `refund` ever had a `amout` (did you mean `amount`?)"
        );
        // Before anything was seen nothing is missed, but a name near a planned one is meant so.
        let new = [(Kind::Segment, "s", json!({ "rule": "count(anything) >= 1 and age > 5" }))];
        assert_eq!(said(&new, &Learned::default()), "");
        assert!(said(&planned, &Learned::default()).contains("did you mean `amount`?"));
    }

    #[test]
    fn what_was_not_looked_at_is_not_missed() {
        let mut learned = learned();
        learned.beyond = 1;
        let unknown = [(Kind::Segment, "s", json!({ "rule": "count(refund) >= 1" }))];
        assert_eq!(said(&unknown, &learned), "");
        let near = [(Kind::Segment, "s", json!({ "rule": "count(veiwed) >= 1" }))];
        assert!(said(&near, &learned).contains("did you mean `viewed`?"));
    }

    #[test]
    fn journeys_and_computed_attributes_are_read_as_well() {
        let journey = json!({
            "entry": { "event": "order_complete", "where": "event.totl > 5", "key": "order_id" },
            "exit-when": "plna = \"pro\" and level = \"gold\"",
            "steps": [
                { "wait-for": { "event": "veiwed", "timeout": "1d" } },
                { "if": "count(viewed where knid = \"a\") >= 1", "then": [{ "exit": true }] },
                { "set": { "level": "gold" } },
            ],
        });
        assert_eq!(
            said(&[(Kind::Journey, "j", journey)], &learned()),
            "journey/j.entry.event: no event `order_complete` was ever received (did you mean \
             `order_completed`?); 0-4 journey/j.exit-when: nobody ever had an attribute `plna` \
             (did you mean `plan`?); journey/j.steps.0.wait-for.event: no event `veiwed` was ever \
             received (did you mean `viewed`?); 19-23 journey/j.steps.1.if: no `viewed` ever had a \
             `knid` (did you mean `kind`?)"
        );
        let journey = json!({
            "entry": { "event": "order_completed", "where": "event.totl > 5", "key": "oder" },
            "steps": [{ "exit": true }],
        });
        assert_eq!(
            said(&[(Kind::Journey, "j", journey)], &learned()),
            "journey/j.entry.key: no `order_completed` ever had a `oder` (where it is missing no \
             comparison holds); 6-10 journey/j.entry.where: no `order_completed` ever had a `totl` \
             (did you mean `total`?)"
        );
        let computed = [(Kind::Attribute, "spend", json!({ "value": "sum(viewed.knid)" }))];
        assert_eq!(
            said(&computed, &learned()),
            "4-15 attribute/spend.value: no `viewed` ever had a `knid` (did you mean `kind`?)"
        );
    }
}
