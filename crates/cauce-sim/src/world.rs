//! What is published in the simulated world: one small brand with everything that can go wrong.

use cauce_core::catalog::Catalog;
use cauce_core::decide::Plans;
use cauce_core::publish::{self, Body, Book, Kind, Plan, SHARING};
use cauce_core::time::Timestamp;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Published plans, and a fault: a look-up that panics inside a decision.
#[derive(Default)]
pub struct World {
    books: RwLock<Vec<(Book, Arc<Catalog>)>>,
    armed: AtomicBool,
}

/// When the simulated world begins: a Monday noon, far from quiet hours.
pub const BEGIN: Timestamp = Timestamp(1_767_614_400_000);

/// A use that people of random lives allow or not: nobody else is told of.
pub const USE: &str = "partners";

/// One definition as it is written: kind, key, document.
pub type Written = (Kind, &'static str, Value);

impl World {
    /// The world of random lives; it has two plans.
    #[must_use]
    pub fn of_lives() -> World {
        let world = World::default();
        world.publish(&first());
        world.publish(&second());
        world
    }

    /// The same, with an uploaded list and segments that ask about it.
    #[must_use]
    pub fn of_lists() -> World {
        let world = World::default();
        let mut written = first();
        written.extend(lists());
        world.publish(&written);
        world.publish(&second());
        world
    }

    /// The same, where messages leave by routes: by one of several providers.
    #[must_use]
    pub fn of_routes() -> World {
        let world = World::default();
        world.publish(&first());
        // While messages wait for the one provider that there was.
        let mut written = second();
        written.extend(routes());
        world.publish(&written);
        world
    }

    /// The same as the usual one, with devices to push to, and a journey and messages that do.
    #[must_use]
    pub fn of_devices() -> World {
        let world = World::default();
        let mut written = first();
        written.extend(devices());
        world.publish(&written);
        world.publish(&second());
        world
    }

    /// Publishes definitions together; panics if one cannot be read, since the world is ours.
    pub fn publish(&self, written: &[Written]) -> u64 {
        let changes: Vec<_> = written
            .iter()
            .map(|(kind, key, document)| {
                let body = Body::read(*kind, document.clone());
                ((*kind, (*key).to_owned()), Some(body.expect("the world's definitions are sound")))
            })
            .collect();
        self.publish_bodies(changes)
    }

    /// Publishes definitions that were read already.
    pub fn publish_bodies(&self, changes: Vec<(publish::Name, Option<Body>)>) -> u64 {
        let mut books = self.books.write().unwrap_or_else(PoisonError::into_inner);
        let mut book = books.last().map_or_else(Book::default, |(book, _)| book.clone());
        let number = books.len() as u64 + 1;
        let text = |body: Body| serde_json::to_string(&body).expect("definitions can be written");
        let changes = changes.into_iter().map(|(name, body)| (name, body.map(text))).collect();
        book.publish(&Plan { number, at: BEGIN, by: "sim".to_owned(), changes });
        let catalog = Arc::new(book.catalog());
        books.push((book, catalog));
        number
    }

    /// The book of the last plan.
    #[must_use]
    pub fn book(&self) -> Book {
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        books.last().map_or_else(Book::default, |(book, _)| book.clone())
    }

    /// Lets the next look-up panic.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::Relaxed);
    }

    /// Takes the fault back, if it did not strike.
    pub fn disarm(&self) {
        self.armed.store(false, Ordering::Relaxed);
    }
}

impl Plans for World {
    fn plan(&self, number: u64) -> Arc<Catalog> {
        if self.armed.swap(false, Ordering::Relaxed) {
            // Not `panic!`: nobody wants ten thousand planned panics on the terminal.
            std::panic::resume_unwind(Box::new("planned fault"));
        }
        let books = self.books.read().unwrap_or_else(PoisonError::into_inner);
        match (number as usize).checked_sub(1).and_then(|place| books.get(place)) {
            Some((_, catalog)) => catalog.clone(),
            None => Arc::default(),
        }
    }
}

/// A policy without quiet hours or caps, for stories that are about something else.
#[must_use]
pub fn calm_policy() -> Value {
    json!({ "message-lifetime": "2d" })
}

/// What every world needs to send at all.
#[must_use]
pub fn basics() -> Vec<Written> {
    let template = |topic: &str| {
        json!({ "topic": topic, "subject": "Hello {{ profile.name | \
        default: \"you\" }}", "text": "Hi." })
    };
    vec![
        (Kind::Topic, "news", json!({ "title": "News" })),
        (Kind::Topic, "offers", json!({ "title": "Offers" })),
        (Kind::Sender, "brand", json!({ "from": { "address": "news@brand.example" } })),
        (Kind::Provider, "mta", json!({ "channel": "email", "in-flight": 8, "catch-all": {} })),
        (Kind::Template, "welcome", template("news")),
        (Kind::Template, "reminder", template("news")),
        (Kind::Template, "offer", template("offers")),
        (Kind::Template, "cart", template("offers")),
        (
            Kind::Template,
            "receipt",
            json!({ "subject": "Receipt", "text": "Paid.", "resend-unknown": true }),
        ),
        (Kind::Template, "code", json!({ "subject": "Code", "text": "1234", "lifetime": "10m" })),
    ]
}

fn segments() -> Vec<Written> {
    let rule = |text: &str| json!({ "rule": text });
    vec![
        (Kind::Segment, "buyers", rule("count(order_completed, last 30d) >= 1")),
        (Kind::Segment, "big", rule("sum(order_completed.total, last 7d) > 100")),
        (Kind::Segment, "active", rule("count(page_viewed, last 1h) >= 2")),
        (Kind::Segment, "fresh", rule("first(signed_up) within last 2d")),
        (Kind::Segment, "madrid", rule("city = \"Madrid\"")),
        (Kind::Segment, "reach", rule("in segment \"buyers\" or in segment \"madrid\"")),
        (Kind::Segment, "this-week", rule("count(page_viewed, this week) >= 2")),
        (Kind::Segment, "spenders", rule("max(order_completed.total, last 3 calendar days) > 50")),
        (
            Kind::Segment,
            "browsers",
            rule("sequence(page_viewed, then not order_completed within 2h)"),
        ),
        (Kind::Segment, "reached", rule("reachable by email for topic \"offers\"")),
        (Kind::Segment, "told", rule("messages(sent, last 1d) >= 1 or messages(refused) >= 2")),
    ]
}

fn lists() -> Vec<Written> {
    let rule = |text: &str| json!({ "rule": text });
    let payload = json!({ "tier": "string" });
    vec![
        (Kind::List, "vip", json!({ "namespace": "email", "payload": payload })),
        (Kind::Segment, "listed", rule("in list \"vip\"")),
        (Kind::Segment, "unlisted", rule("not in list \"vip\" and city exists")),
        (Kind::Segment, "gilded", rule("list \"vip\".tier = \"gold\"")),
        (
            Kind::Journey,
            "greeting",
            json!({ "entry": { "segment": "listed" }, "steps": [{ "message": "offer" }] }),
        ),
    ]
}

/// Messages that `cold` may carry to one group on the first day; twice as many each further day.
pub const COLD_FIRST_DAY: u64 = 5;

fn routes() -> Vec<Written> {
    let provider = |more: Value| {
        let mut all = json!({ "channel": "email", "in-flight": 8, "catch-all": {} });
        let (Some(all_fields), Some(more)) = (all.as_object_mut(), more.as_object()) else {
            return all;
        };
        all_fields.extend(more.clone());
        all
    };
    let plan = json!({ "start": "2026-01-05", "first-day": COLD_FIRST_DAY, "growth": 2,
                       "until": 1_000_000 });
    let limits = json!([{ "group": "other", "in-flight": 3, "per-second": 3 }]);
    vec![
        // Fewer than its window holds: a rate that nobody keeps is exceeded at once.
        (Kind::Provider, "mta", provider(json!({ "per-second": 5 }))),
        (Kind::Provider, "spare", provider(json!({ "per-second": 6, "limits": limits }))),
        (Kind::Provider, "cold", provider(json!({ "warm-up": plan }))),
        (
            Kind::Route,
            "mail",
            json!({ "channel": "email", "legs": [
                { "provider": "mta", "weight": 3 },
                { "provider": "cold" },
                { "provider": "spare", "backup": true },
            ] }),
        ),
        (
            Kind::Route,
            "codes",
            json!({ "channel": "email", "classes": ["transactional"], "legs": [
                { "provider": "spare" },
                { "provider": "mta" },
            ] }),
        ),
    ]
}

fn devices() -> Vec<Written> {
    let pushed = |topic: Option<&str>, again: bool| {
        json!({ "channel": "push", "topic": topic, "resend-unknown": again,
                "push": { "body": "Hello" } })
    };
    vec![
        (
            Kind::Provider,
            "phones",
            json!({ "channel": "push", "push": { "fcm": { "account": "env:CAUCE_FCM" } } }),
        ),
        (Kind::Template, "alert", pushed(Some("news"), false)),
        (Kind::Template, "ping", pushed(None, true)),
        (Kind::Segment, "pushable", json!({ "rule": "reachable by push" })),
        (
            Kind::Journey,
            "nudge",
            json!({ "entry": { "event": "page_viewed" }, "policy": "always",
                    "steps": [{ "message": "alert" }] }),
        ),
    ]
}

fn first() -> Vec<Written> {
    let mut world = basics();
    world.extend(segments());
    world.push((
        Kind::Policy,
        "policy",
        json!({
            "message-lifetime": "2d",
            "quiet-hours": { "from": "22:00", "to": "07:00" },
            "frequency-caps": [{ "messages": 4, "window": "1d" }],
        }),
    ));
    world.push((
        Kind::Journey,
        "welcome",
        json!({
            "entry": { "event": "signed_up" },
            "policy": "once",
            "steps": [
                { "wait": "1h" },
                { "message": "welcome" },
                {
                    "wait-for": { "event": "order_completed", "timeout": "1d" },
                    "then": [{ "set": { "customer": true } }],
                    "else": [{ "message": "reminder" }],
                },
            ],
        }),
    ));
    world.push((
        Kind::Journey,
        "cart",
        json!({
            "entry": { "event": "cart_updated", "key": "cart_id" },
            "policy": "after-leaving",
            "steps": [{
                "wait-for": { "event": "cart_bought", "same-key": true, "timeout": "1h" },
                "then": [{ "exit": true }],
                "else": [{ "message": "cart" }],
            }],
        }),
    ));
    world.push((
        Kind::Journey,
        "thanks",
        json!({
            "entry": { "segment": "big" },
            "policy": "after-leaving",
            "steps": [{ "set": { "tier": "gold" } }, { "message": "offer" }],
        }),
    ));
    world.push((
        Kind::Campaign,
        "sale",
        json!({ "audience": ["reach"], "exclude": ["big"], "template": "offer" }),
    ));
    world
}

/// Published while people are in flight.
fn second() -> Vec<Written> {
    vec![
        (Kind::Segment, "active", json!({ "rule": "count(page_viewed, last 2h) >= 3" })),
        (Kind::Topic, USE, json!({ "title": "Partners", "about": "use" })),
        (Kind::Sharing, SHARING, json!({ "segments": ["buyers", "madrid"], "purposes": [USE] })),
        (Kind::Segment, "gold", json!({ "rule": "tier = \"gold\" and in segment \"buyers\"" })),
        (
            Kind::Journey,
            "welcome",
            json!({
                "entry": { "event": "signed_up" },
                "policy": "once",
                "exit-when": "in segment \"big\"",
                "steps": [{ "wait": "30m" }, { "message": "welcome" }],
            }),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_is_publishable() {
        for (book, written) in [(Book::default(), first()), (World::default_book(), second())] {
            let changes: Vec<_> = written
                .into_iter()
                .map(|(kind, key, document)| {
                    ((kind, key.to_owned()), Some(Body::read(kind, document).expect(key)))
                })
                .collect();
            let verdict = publish::check(&book, &changes);
            assert!(verdict.is_clean(), "{:?}", verdict.diagnostics);
        }
        assert_eq!(World::of_routes().plan(2).routes.values().flatten().count(), 2);
        assert!(World::of_lives().plan(2).segments.len() >= 7);
        assert!(World::of_lists().plan(2).lists.contains_key("vip"));
        assert!(World::of_devices().plan(2).templates.contains_key("ping"));
    }

    impl World {
        fn default_book() -> Book {
            let world = World::default();
            world.publish(&first());
            world.book()
        }
    }
}
