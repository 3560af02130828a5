//! Whether offers, placements and the templates that show them hold together.

use super::check::Checker;
use super::share::SharingSource;
use super::{About, Body, Kind, Template};
use crate::diagnostic::{Diagnostic, nearest};
use crate::event::Properties;
use crate::limits;
use crate::offer::{OFFER, OFFERS, OfferSource, PlacementSource, Rank};
use crate::prelude::*;
use crate::segment::{self, COMPUTED, SPAN_MAX};
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn offer(&mut self, path: &str, key: &str, source: &OfferSource) {
        if source.title.trim().is_empty() {
            let fault = Diagnostic::error(format!("{path}.title"), "no-title", "it has no title");
            self.found.push(fault.hint("what people who look after it call it"));
        }
        let (mut offer, found) = source.compile(key);
        let at = format!("{path}.eligible");
        self.take(&at, found);
        if let Some(rule) = &mut offer.eligible {
            let computed = self.computed_in_force();
            self.take(&at, segment::resolve(rule, &computed));
            rule.segments.iter().for_each(|name| self.needs(&at, Kind::Segment, name));
            self.named(&at, rule);
            if rule.uses_event {
                let message = "an offer is chosen whatever happens: it cannot ask for `event`";
                let fault = Diagnostic::error(at.clone(), "event-in-offer", message);
                self.found.push(fault.hint("ask for `count(…)` or `last(…)`"));
            }
        }
        if let Rank::Of(name) = &offer.rank {
            self.rank(&format!("{path}.rank"), name);
        }
        if source.from.zip(source.until).is_some_and(|(from, until)| until <= from) {
            let message = "it is over before it begins";
            let fault = Diagnostic::error(format!("{path}.until"), "never", message);
            self.found.push(fault.hint("`until` is later than `from`"));
        }
        self.cap(path, source);
        self.content(&format!("{path}.content"), &source.content);
        if source.content.is_empty() {
            let at = format!("{path}.content");
            let fault = Diagnostic::error(at, "no-content", "the offer shows nothing");
            self.found.push(fault.hint("such as `content: { headline: \"Summer sale\" }`"));
        }
        let world = self.world;
        let policy = world.get(&(Kind::Policy, "policy".to_owned()));
        if let Some(Body::Policy(policy)) = policy {
            let counted = offer.cap.iter().flat_map(|(_, rule)| &rule.aggregates);
            self.windows(&format!("{path}.cap.within"), counted, &policy.retention);
            let asked = offer.eligible.iter().flat_map(|rule| &rule.aggregates);
            self.windows(&at, asked, &policy.retention);
        }
    }

    /// What an offer is put in order by: an attribute that somebody sets, or a computed one.
    fn rank(&mut self, path: &str, name: &str) {
        let mut parts = name.split('.');
        match (parts.next(), parts.next()) {
            (Some(COMPUTED), Some(computed)) => self.needs(path, Kind::Attribute, computed),
            (Some("profile"), Some(bare)) => {
                let message = format!("there is no attribute `{name}`");
                let fault = Diagnostic::error(path, "unknown-attribute", message);
                self.found.push(fault.hint(format!("say `{bare}`")));
            }
            (Some(first), _) if self.world.contains_key(&(Kind::Attribute, first.to_owned())) => {
                let message = format!("`{first}` is a computed attribute");
                let fault = Diagnostic::error(path, "computed-rank", message);
                self.found.push(fault.hint(format!("say `{COMPUTED}.{name}`")));
            }
            _ if name.is_empty() || name.split('.').any(str::is_empty) => {
                let message = format!("`{name}` is no attribute");
                let fault = Diagnostic::error(path, "bad-rank", message);
                self.found.push(fault.hint("a whole number, or a name such as `propensity`"));
            }
            _ => {}
        }
    }

    fn cap(&mut self, path: &str, source: &OfferSource) {
        let Some(cap) = source.cap else { return };
        if cap.times == 0 {
            let message = "shown at most 0 times it is never shown";
            let at = format!("{path}.cap.times");
            self.found.push(Diagnostic::error(at, "zero-cap", message).hint("such as `3`"));
        }
        if cap.within.0 <= 0 || cap.within > SPAN_MAX {
            let message = format!("`{}` is no window", cap.within);
            let at = format!("{path}.cap.within");
            self.found.push(Diagnostic::error(at, "bad-span", message).hint("such as `7d`"));
        }
    }

    /// Plain values under names that a template can say.
    fn content(&mut self, path: &str, content: &Properties) {
        let mut bytes = 0;
        for (name, value) in content {
            let at = format!("{path}.{name}");
            let fine = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let letter = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if !letter || name.len() > limits::NAME_BYTES_MAX || !name.chars().all(fine) {
                let message = format!("`{name}` cannot be a name here");
                let fault = Diagnostic::error(at.clone(), "bad-name", message);
                self.found.push(fault.hint("letters, digits and _, a letter first"));
            }
            if name == OFFER {
                let message = format!("`{OFFER}` is the name of what was chosen");
                let fault = Diagnostic::error(at.clone(), "name-taken", message);
                self.found.push(fault.hint("another name, such as `headline`"));
            }
            match value {
                Value::String(text) => bytes += text.len(),
                Value::Number(_) | Value::Bool(_) => {}
                Value::Null | Value::Array(_) | Value::Object(_) => {
                    let message = format!("{} stands where one value is shown", value.type_name());
                    let fault = Diagnostic::error(at, "bad-content", message);
                    self.found.push(fault.hint("a text, a number, `true` or `false`"));
                }
            }
        }
        if content.len() > limits::OFFER_FIELDS_MAX || bytes > limits::OFFER_BYTES_MAX {
            let message = format!(
                "{} values with {bytes} bytes, at most {} with {}",
                content.len(),
                limits::OFFER_FIELDS_MAX,
                limits::OFFER_BYTES_MAX
            );
            self.found.push(Diagnostic::error(path, "content-too-large", message));
        }
    }

    pub(super) fn placement(&mut self, path: &str, source: &PlacementSource) {
        let at = format!("{path}.offers");
        if source.offers.is_empty() {
            let fault = Diagnostic::error(at.clone(), "no-offers", "nothing competes there");
            self.found.push(fault.hint("name at least one offer"));
        }
        if source.offers.len() > limits::OFFERS_MAX {
            let message =
                format!("{} offers compete, at most {}", source.offers.len(), limits::OFFERS_MAX);
            self.found.push(Diagnostic::error(at.clone(), "too-many-offers", message));
        }
        let mut seen = BTreeSet::new();
        for name in &source.offers {
            self.needs(&at, Kind::Offer, name);
            if !seen.insert(name) {
                let message = format!("`{name}` competes with itself");
                let fault = Diagnostic::error(at.clone(), "named-twice", message);
                self.found.push(fault.hint("name it once"));
            }
        }
        self.content(&format!("{path}.fallback"), &source.fallback);
        for purpose in &source.purposes {
            self.about(&format!("{path}.purposes"), purpose, About::Use);
        }
    }

    pub(super) fn shared_placements(&mut self, path: &str, sharing: &SharingSource) {
        for (field, names) in [
            ("placements", sharing.placements.as_ref().unwrap_or(&BTreeSet::new())),
            ("browser-placements", &sharing.browser_placements),
        ] {
            let at = format!("{path}.{field}");
            names.iter().for_each(|name| self.needs(&at, Kind::Placement, name));
        }
    }

    /// What a template shows of placements: a name that nothing there has is a fault, and one that
    /// only some have needs a fallback.
    pub(super) fn offers_of(&mut self, path: &str, template: &Template) {
        for (part, variable) in template.variables() {
            let mut names = variable.path.split('.');
            let (Some(OFFERS), Some(name)) = (names.next(), names.next()) else { continue };
            let at = format!("{path}.{part}");
            self.needs(&at, Kind::Placement, name);
            let known = self.world.get(&(Kind::Placement, name.to_owned()));
            let (Some(Body::Placement(known)), Some(field)) = (known, names.next()) else {
                continue;
            };
            if field == OFFER {
                continue;
            }
            let shown = self.shown_in(known);
            let lacking: Vec<&str> = shown
                .iter()
                .filter(|(_, content)| !content.contains_key(field))
                .map(|(who, _)| *who)
                .collect();
            let (start, end) = (variable.span.start as usize, variable.span.end as usize);
            if lacking.len() == shown.len() {
                let message = format!("nothing in the placement `{name}` has `{field}`");
                let fault = Diagnostic::error(at, "unknown-content", message).at(start, end);
                let fields = shown.iter().flat_map(|(_, content)| content.keys());
                self.found.push(match nearest(field, fields.map(String::as_str)) {
                    Some(near) => fault.hint(format!("did you mean `{near}`?")),
                    None => fault.hint("write it into the `content` of its offers"),
                });
            } else if let Some(who) = lacking.first().filter(|_| !variable.guarded) {
                let message = format!("`{}` has no fallback where `{who}` is shown", variable.path);
                let fault = Diagnostic::warning(at, "no-fallback", message).at(start, end);
                self.found.push(fault.hint("add `| default: \"…\"`"));
            }
        }
    }

    /// What may stand in a placement, by name.
    fn shown_in<'p>(&self, placement: &'p PlacementSource) -> Vec<(&'p str, Properties)> {
        let offers = placement.offers.iter().filter_map(|name| {
            match self.world.get(&(Kind::Offer, name.clone())) {
                Some(Body::Offer(offer)) => Some((name.as_str(), offer.content.clone())),
                _ => None,
            }
        });
        offers.chain([("fallback", placement.fallback.clone())]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Book, Removal, check, dependents};
    use super::*;
    use crate::publish::Plan;
    use crate::time::Timestamp;
    use serde_json::{Value as Json, json};

    fn around() -> Vec<(Kind, &'static str, Json)> {
        let summer = json!({ "title": "Summer", "eligible": "in segment \"gold\"",
            "rank": "computed.spend", "cap": { "times": 3, "within": "7d" },
            "content": { "headline": "Sun", "discount": 20 } });
        vec![
            (Kind::Topic, "news", json!({ "title": "News" })),
            (Kind::Topic, "profiling", json!({ "title": "P", "about": "use" })),
            (Kind::Sender, "shop", json!({ "from": { "address": "a@b.example" } })),
            (Kind::Segment, "gold", json!({ "rule": "plan = \"gold\"" })),
            (Kind::Attribute, "spend", json!({ "value": "sum(ordered.total)" })),
            (Kind::Offer, "summer", summer),
            (
                Kind::Placement,
                "home-hero",
                json!({ "offers": ["summer"], "fallback": { "headline": "Hello" },
                        "purposes": ["profiling"] }),
            ),
            (Kind::Sharing, "sharing", json!({ "browser-placements": ["home-hero"] })),
            (
                Kind::Template,
                "hello",
                json!({ "subject": "{{ offers.home-hero.headline }}",
                "text": "{{ offers.home-hero.discount | default: 0 }}\
                         {{ offers.home-hero.offer }}" }),
            ),
        ]
    }

    fn book() -> Book {
        let changes = around().into_iter().map(|(kind, name, document)| {
            let body = Body::read(kind, document).expect(name);
            ((kind, name.to_owned()), serde_json::to_string(&body).ok())
        });
        let changes = changes.collect();
        let mut book = Book::default();
        book.publish(&Plan { number: 1, at: Timestamp(0), by: String::new(), changes });
        book
    }

    /// What is said where one definition is another one: codes, messages and hints.
    fn said(kind: Kind, name: &str, document: Json) -> String {
        let body = Body::read(kind, document).expect(name);
        let verdict = check(&book(), &[((kind, name.to_owned()), Some(body))]);
        let shown = |fault: &Diagnostic| format!("{} {}: {fault}", fault.path, fault.code);
        verdict.diagnostics.iter().map(shown).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_fits_is_published_and_what_is_used_stays() {
        let book = book();
        let verdict = check(&book, &book.changes(&book.world(), &Removal::Nothing));
        assert_eq!(verdict.diagnostics, Vec::new());
        let of = |kind, key: &str| {
            let all = dependents(&book, kind, key);
            let all = all.iter().map(|one| format!("{}/{} {}", one.kind, one.name, one.how));
            all.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(of(Kind::Segment, "gold"), "offer/summer eligible");
        assert_eq!(of(Kind::Attribute, "spend"), "offer/summer rank");
        assert_eq!(of(Kind::Offer, "summer"), "placement/home-hero offers");
        assert_eq!(of(Kind::Topic, "profiling"), "placement/home-hero purposes");
        assert_eq!(
            of(Kind::Placement, "home-hero"),
            "template/hello subject, template/hello text, sharing/sharing browser-placements"
        );
    }

    #[test]
    fn faults_of_an_offer_are_all_said_at_once() {
        let check = |more: Json, expected: &str| {
            let mut document = json!({ "title": "S", "content": { "headline": "Sun" } });
            document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let said = said(Kind::Offer, "summer", document);
            // The letter and the placement ask for more than these offers show.
            let own = |line: &&str| line.starts_with("offer/");
            let own: Vec<&str> = said.lines().filter(own).collect();
            assert!(own.join("\n").contains(expected), "{expected}: {said}");
            assert_eq!(own.is_empty(), expected.is_empty(), "{said}");
        };
        check(json!({}), "");
        check(json!({ "title": " " }), "no-title");
        check(json!({ "eligible": "in segment \"golt\"" }), "did you mean `gold`?");
        check(json!({ "eligible": "event.total > 3" }), "event-in-offer");
        check(json!({ "eligible": "computed.spent > 3" }), "did you mean `spend`?");
        check(json!({ "eligible": "plan =" }), "offer/summer.eligible");
        check(json!({ "rank": "computed.spent" }), "did you mean `spend`?");
        check(json!({ "rank": "spend" }), "say `computed.spend`");
        check(json!({ "rank": "profile.propensity" }), "say `propensity`");
        check(json!({ "rank": "a..b" }), "bad-rank");
        check(json!({ "rank": "propensity" }), "");
        check(
            json!({ "from": "2026-12-01", "until": "2026-12-01" }),
            "it is over before it begins",
        );
        check(json!({ "cap": { "times": 0, "within": "7d" } }), "zero-cap");
        check(json!({ "cap": { "times": 1, "within": "0s" } }), "bad-span");
        check(json!({ "content": {} }), "no-content");
        check(json!({ "content": { "a b": "x" } }), "bad-name");
        check(json!({ "content": { "offer": "x" } }), "name-taken");
        check(json!({ "content": { "a": { "b": 1 } } }), "object stands where one value is shown");
        check(json!({ "content": { "a": "x".repeat(20_000) } }), "content-too-large");
    }

    #[test]
    fn a_cap_looks_no_further_back_than_its_events_are_kept() {
        let policy = json!({ "retention": { "offer_shown": "3d" } });
        let said = said(Kind::Policy, "policy", policy);
        assert!(said.contains("offer/summer.cap.within beyond-retention"), "{said}");
    }

    #[test]
    fn faults_of_a_placement() {
        let check = |document: Json, expected: &str| {
            let said = said(Kind::Placement, "home-hero", document);
            assert!(said.contains(expected), "{expected}: {said}");
        };
        check(json!({ "offers": [] }), "no-offers");
        check(json!({ "offers": ["summmer"] }), "did you mean `summer`?");
        check(json!({ "offers": ["summer", "summer"] }), "named-twice");
        check(json!({ "offers": vec!["summer"; 101] }), "101 offers compete, at most 100");
        check(json!({ "offers": ["summer"], "fallback": { "a": null } }), "bad-content");
        check(json!({ "offers": ["summer"], "purposes": ["news"] }), "is about messages");
        let sharing = json!({ "placements": ["home-herr"] });
        let said = said(Kind::Sharing, "sharing", sharing);
        assert!(said.contains("did you mean `home-hero`?"), "{said}");
    }

    #[test]
    fn a_template_shows_what_is_there() {
        let check = |text: &str, expected: &str| {
            let said = said(Kind::Template, "hello", json!({ "subject": "s", "text": text }));
            assert!(said.contains(expected), "{expected}: {said}");
            assert_eq!(said.is_empty(), expected.is_empty(), "{said}");
        };
        check("{{ offers.home-hero.headline }}", "");
        check("{{ offers.home-hero.headlin }}", "did you mean `headline`?");
        check("{{ offers.home-herr.headline }}", "did you mean `home-hero`?");
        // Only the fallback lacks it.
        check("{{ offers.home-hero.discount }}", "where `fallback` is shown");
        check("{% if offers.home-hero.discount %}{{ offers.home-hero.discount }}%{% endif %}", "");
        check("{{ offer.home-hero.headline }}", "did you mean `offers`?");
    }
}
