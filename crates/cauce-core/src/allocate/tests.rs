//! Windows, rates, days and weights, whatever happens in which order.

use super::*;
use crate::decimal::Decimal;
use crate::delivery::{Answering, Enhanced, Outcome, Stage};
use crate::message::Class;
use crate::route::{Leg, Limit, WarmUp};

fn window(window: u32) -> Budget {
    Budget { window, ..Budget::default() }
}

fn leg(provider: &str, weight: u32) -> Leg {
    Leg { provider: provider.to_owned(), weight, ..Leg::default() }
}

fn route(legs: Vec<Leg>) -> Arc<Route> {
    Arc::new(Route { name: "mail".to_owned(), legs, grouped: true, ..Route::default() })
}

fn down() -> Outcome {
    Outcome::Unreachable { text: String::new() }
}

fn fine() -> Outcome {
    Outcome::Accepted { id: None, text: String::new() }
}

/// Partitions, each with so many messages in each queue, and providers that answer.
#[derive(Default)]
struct World {
    allocator: Allocator,
    waiting: BTreeMap<(Partition, String), u32>,
    flying: Vec<(MessageId, String)>,
    next: u128,
    /// When each provider was given each message, and for which queue.
    handed: BTreeMap<String, Vec<(i64, String)>>,
}

impl World {
    fn due(&mut self, partition: Partition, path: &str, count: u32) {
        *self.waiting.entry((partition, path.to_owned())).or_default() += count;
        self.allocator.queued(partition, path, Timestamp(0));
    }

    /// Grants and takes; what nobody may carry waits on.
    fn grant(&mut self, now: i64) {
        for grant in self.allocator.grants(Timestamp(now)) {
            let key = (grant.partition, grant.path.clone());
            let waiting = self.waiting.entry(key).or_default();
            let count = grant.provider.as_ref().map_or(0, |_| grant.count.min(*waiting));
            *waiting -= count;
            let left = (*waiting > 0).then_some(Timestamp(0));
            for _ in 0..count {
                let provider = grant.provider.clone().unwrap();
                self.next += 1;
                let id = MessageId(self.next);
                let flight = Flight::new(grant.partition, 1, &grant.path, &provider);
                self.allocator.flies(id, flight);
                self.flying.push((id, provider.clone()));
                self.handed.entry(provider).or_default().push((now, grant.path.clone()));
            }
            self.allocator.granted(grant.partition, &grant.path, count, left);
        }
    }

    /// Every attempt under way ends.
    fn end(&mut self, now: i64, outcome: impl Fn(&str) -> Outcome) {
        for (message, provider) in core::mem::take(&mut self.flying) {
            let at = Timestamp(now);
            let end = AttemptEnd { message, attempt: 1, at, outcome: outcome(&provider) };
            self.allocator.settled(&end, at);
        }
    }

    fn given(&self, provider: &str) -> usize {
        self.handed.get(provider).map_or(0, Vec::len)
    }
}

#[test]
fn the_window_is_never_exceeded_and_an_eighth_is_kept_free() {
    let mut world = World::default();
    world.allocator.provider("smtp", window(96));
    for partition in 0..8 {
        world.due(partition, "smtp/campaign-1", 1_000);
    }
    world.grant(1);
    assert_eq!(world.allocator.in_flight(), 84, "bulk stays out of the last eighth");
    world.due(3, "smtp", 100);
    world.grant(2);
    assert_eq!(world.allocator.in_flight(), 96, "what people wait for does not");
    world.grant(3);
    assert_eq!(world.allocator.in_flight(), 96);
}

#[test]
fn a_closed_campaign_gets_nothing_and_revokes_in_all_its_queues() {
    let mut world = World::default();
    world.allocator.provider("a", window(100));
    world.allocator.routes([route(vec![leg("a", 1)])], "UTC");
    world.due(3, "mail/google/campaign-1", 1);
    world.due(3, "mail/other/campaign-1/!b", 1);
    // A grant asks for all the room: the other queue has it once that one was taken.
    world.grant(1);
    world.grant(1);
    assert_eq!(world.allocator.in_flight(), 2);
    world.allocator.close(1);
    world.due(3, "mail/other/campaign-1", 1);
    world.grant(2);
    assert_eq!(world.allocator.in_flight(), 2);
    assert!(world.flying.iter().all(|(id, _)| world.allocator.flight(*id).unwrap().revoked));
    // Granted before it was closed, told afterwards.
    world.allocator.flies(MessageId(99), Flight::new(3, 1, "mail/other/campaign-1", "a"));
    assert!(world.allocator.flight(MessageId(99)).unwrap().revoked);
    world.allocator.open(1);
    world.grant(3);
    assert_eq!(world.allocator.in_flight(), 4);
}

#[test]
fn weights_are_honoured_over_time() {
    let mut world = World::default();
    for name in ["a", "b", "c"] {
        world.allocator.provider(name, window(10_000));
    }
    world.allocator.routes([route(vec![leg("a", 6), leg("b", 3), leg("c", 1)])], "UTC");
    for partition in 0..4 {
        world.due(partition, "mail/google/campaign-1", 3_000);
        world.due(partition, "mail/other/campaign-1", 3_000);
    }
    for now in 1..2_000 {
        world.grant(now);
        world.end(now, |_| fine());
        if world.next >= 10_000 {
            break;
        }
    }
    for (name, share) in [("a", 600), ("b", 300), ("c", 100)] {
        let given = world.given(name) * 1_000 / world.next as usize;
        assert!(given.abs_diff(share) < 30, "{name}: {given} of a thousand");
    }
}

#[test]
fn few_messages_are_shared_as_well() {
    let mut world = World::default();
    world.allocator.provider("a", window(100));
    world.allocator.provider("b", window(100));
    world.allocator.routes([route(vec![leg("a", 1), leg("b", 1)])], "UTC");
    for now in 1..=100 {
        world.due(0, "mail/other", 1);
        world.grant(now);
        world.end(now, |_| fine());
    }
    assert_eq!((world.given("a"), world.given("b")), (50, 50));
}

#[test]
fn a_leg_that_is_down_is_left_and_comes_back_without_a_burst() {
    let mut world = World::default();
    world.allocator.provider("a", window(100));
    world.allocator.provider("b", window(100));
    let backup = Leg { backup: true, ..leg("b", 1) };
    world.allocator.routes([route(vec![leg("a", 1), backup])], "UTC");
    world.due(0, "mail/other", 1_000_000);
    world.grant(0);
    assert_eq!((world.given("a"), world.given("b")), (64, 0), "the backup waits");
    world.end(10, |_| down());
    let mut most_a = 0;
    for now in (20..60_000).step_by(100) {
        let before = world.given("a");
        world.grant(now);
        most_a = most_a.max(world.given("a") - before);
        world.end(now + 50, |name| if name == "a" { down() } else { fine() });
    }
    assert_eq!(most_a, 1, "one probe at a time");
    assert!(world.given("a") < 64 + 6, "{}: fewer and fewer probes", world.given("a"));
    assert!(world.given("b") > 30_000, "{}", world.given("b"));
    // It is back.
    let mut shares = Vec::new();
    for now in (60_000..220_000).step_by(100) {
        let before = world.given("a");
        world.grant(now);
        world.grant(now);
        shares.push(world.given("a") - before);
        world.end(now + 50, |_| fine());
    }
    let first = shares.iter().position(|n| *n > 1).expect("it comes back");
    assert_eq!(shares[first], 10, "a tenth of its window first");
    assert!(shares.windows(2).all(|pair| pair[1] <= pair[0].max(1) + 10), "no burst");
    assert!(shares.iter().rev().take(10).all(|n| *n >= 87), "everything in the end");
}

#[test]
fn what_a_leg_refused_goes_by_another_unless_there_is_none() {
    let mut world = World::default();
    world.allocator.provider("a", window(10));
    world.allocator.provider("b", window(10));
    world.allocator.routes([route(vec![leg("a", 1), leg("b", 1)])], "UTC");
    world.due(0, "mail/other/!a", 100);
    for now in 1..5 {
        world.grant(now);
        world.end(now, |_| fine());
    }
    assert_eq!(world.given("a"), 0);
    assert!(world.given("b") > 30);
    world.allocator.provider("b", window(0));
    world.grant(10);
    assert!(world.given("a") > 0, "there is no other");
}

#[test]
fn a_rate_towards_a_group_holds_whatever_the_provider_may() {
    let mut world = World::default();
    let limit = Limit { group: "google".to_owned(), per_second: Some(50), in_flight: Some(4) };
    let limits = vec![limit];
    world.allocator.provider("a", Budget { per_second: Some(200), limits, ..window(64) });
    world.allocator.routes([route(vec![leg("a", 1)])], "UTC");
    for partition in 0..4 {
        world.due(partition, "mail/google/campaign-1", 10_000);
        world.due(partition, "mail/other/campaign-1", 10_000);
        world.due(partition, "mail/google", 100);
    }
    for now in 0..10_000 {
        world.grant(now);
        let google = world.flying.iter();
        let google = google.filter(|(id, _)| {
            world.allocator.flight(*id).is_some_and(|f| f.path.contains("google"))
        });
        assert!(google.count() <= 4, "in flight towards google");
        world.end(now, |_| fine());
    }
    let given = &world.handed["a"];
    let within = |from: i64, part: &str| {
        let at = |at: i64| at >= from && at < from + 1_000;
        given.iter().filter(|(t, path)| at(*t) && path.contains(part)).count()
    };
    for from in (0..9_000).step_by(37) {
        assert!(within(from, "") <= 200, "{from}: {}", within(from, ""));
        assert!(within(from, "google") <= 50, "{from}: {}", within(from, "google"));
    }
    assert!(within(5_000, "") >= 180 && within(5_000, "google") >= 45);
}

#[test]
fn a_day_of_a_plan_is_never_exceeded_and_the_rest_goes_by_another_leg() {
    let start: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let plan = WarmUp {
        start: "2026-12-01".into(),
        first_day: 50,
        growth: Decimal::from(2),
        until: 100_000,
        zone: None,
    };
    let cold = Budget { warm_up: Some((plan, "UTC".to_owned())), ..window(100) };
    let mut world = World::default();
    let begin = |world: &mut World| {
        world.allocator.provider("cold", cold.clone());
        world.allocator.provider("warm", window(100));
        world.allocator.routes([route(vec![leg("cold", 1), leg("warm", 1)])], "UTC");
    };
    begin(&mut world);
    let day = crate::time::Duration::DAY.0;
    for n in 0..3 {
        let before = (world.given("cold"), world.given("warm"));
        world.due(0, "mail/google/campaign-1", 600);
        for now in 0..40 {
            world.grant(start.0 + n * day + now);
            if now == 3 {
                // The process ends and begins again: the partitions know what left today.
                let today: std::vec::Vec<(String, u64)> = world
                    .allocator
                    .days
                    .iter()
                    .map(|(name, day)| (name.clone(), day.used))
                    .collect();
                world.end(start.0 + n * day + now, |_| fine());
                world.allocator = Allocator::default();
                begin(&mut world);
                today.iter().for_each(|(name, n)| world.allocator.carried(name, *n));
                world.allocator.queued(0, "mail/google/campaign-1", Timestamp(0));
            }
            world.end(start.0 + n * day + now, |_| fine());
        }
        let after = (world.given("cold") - before.0, world.given("warm") - before.1);
        assert_eq!(after, (50 << n, 600 - (50 << n)), "day {n}");
    }
}

#[test]
fn two_senders_are_warmed_up_each_by_its_own_plan() {
    let start: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let mut world = World::default();
    let mut routes = Vec::new();
    for (sender, first_day, growth) in [("news", 50, 2), ("offers", 20, 3)] {
        let plan = WarmUp {
            start: "2026-12-01".into(),
            first_day,
            growth: Decimal::from(growth),
            until: 100_000,
            zone: None,
        };
        let budget = Budget { warm_up: Some((plan, "UTC".to_owned())), ..window(100) };
        world.allocator.provider(&std::format!("relay-for-{sender}"), budget);
        routes.push(Arc::new(Route {
            name: sender.to_owned(),
            senders: BTreeSet::from([sender.to_owned()]),
            legs: vec![leg(&std::format!("relay-for-{sender}"), 1)],
            grouped: true,
            ..Route::default()
        }));
    }
    world.allocator.routes(routes.clone(), "UTC");
    for n in 0..3 {
        let from = start.0 + n * crate::time::Duration::DAY.0;
        let given =
            |world: &World| ["news", "offers"].map(|s| world.given(&std::format!("relay-for-{s}")));
        let before = given(&world);
        for sender in ["news", "offers"] {
            let served = |route: &&Arc<Route>| route.serves(Class::Bulk, None, Some(sender));
            let own: Vec<_> =
                routes.iter().filter(served).map(|route| route.name.clone()).collect();
            assert_eq!(own, [sender], "no other sender's route");
            world.due(0, &std::format!("{}/google/campaign-1", own[0]), 600);
        }
        for now in 0..40 {
            world.grant(from + now);
            world.end(from + now, |_| fine());
        }
        let after = given(&world);
        let today = [after[0] - before[0], after[1] - before[1]];
        assert_eq!(today, [50 * 2_usize.pow(n as u32), 20 * 3_usize.pow(n as u32)], "day {n}");
    }
}

#[test]
fn a_plan_stays_after_a_day_that_asked_for_less_and_a_restart_knows_it() {
    let start: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let plan = WarmUp {
        start: "2026-12-01".into(),
        first_day: 50,
        growth: Decimal::from(2),
        until: 100_000,
        zone: None,
    };
    let cold = Budget { warm_up: Some((plan, "UTC".to_owned())), ..window(100) };
    let mut world = World::default();
    world.allocator.provider("cold", cold.clone());
    let day = crate::time::Duration::DAY.0;
    // What each day is answered with, and what it may have therefore.
    for (n, (deferred, expected)) in
        [(0, 50), (6, 100), (0, 100), (60, 200), (0, 100)].into_iter().enumerate()
    {
        let from = start.0 + n as i64 * day;
        let before = world.given("cold");
        world.due(0, "cold/google/campaign-1", 600);
        for now in 0..20 {
            world.grant(from + now);
            world.end(from + now, |_| fine());
        }
        assert_eq!(world.given("cold") - before, expected, "day {n}");
        let on = crate::route::day_of(Timestamp(from), "UTC");
        world.allocator.replied(&format!("deferred cold/google {on}"), deferred);
        // The process ends and begins again.
        let days = core::mem::take(&mut world.allocator.days);
        let replies = core::mem::take(&mut world.allocator.replies);
        world.allocator = Allocator::default();
        world.allocator.provider("cold", cold.clone());
        days.iter().for_each(|(name, day)| world.allocator.carried(name, day.used));
        replies.iter().for_each(|(name, n)| world.allocator.replied(name, *n));
    }
}

#[test]
fn what_never_reached_the_provider_is_none_of_the_days_messages() {
    let mut world = World::default();
    world.allocator.provider("a", window(100));
    let capped = Leg { per_day: Some(10), ..leg("a", 1) };
    world.allocator.routes([route(vec![capped])], "UTC");
    world.due(0, "mail/other", 100);
    world.grant(1);
    assert_eq!(world.given("a"), 10);
    world.end(2, |_| Outcome::Held { text: String::new() });
    world.allocator.provider("a", window(0));
    world.allocator.provider("a", window(100));
    world.grant(3);
    assert_eq!(world.given("a"), 20);
    world.end(4, |_| fine());
    world.grant(5);
    assert_eq!(world.given("a"), 20, "now the day is over");
    world.grant(5 + crate::time::Duration::DAY.0);
    assert_eq!(world.given("a"), 30);
}

#[test]
fn without_a_way_out_messages_are_judged_now_and_then() {
    let mut allocator = Allocator::default();
    let second = crate::time::Duration::SECOND.0;
    allocator.provider("smtp", window(0));
    allocator.queued(0, "smtp", Timestamp(0));
    allocator.queued(1, "gone/campaign-7", Timestamp(0));
    let mut grants = BTreeMap::new();
    for now in 1..=600 {
        let now = Timestamp(now * second);
        for grant in allocator.grants(now) {
            *grants.entry((grant.path.clone(), grant.provider.clone())).or_insert(0) += 1;
            allocator.granted(grant.partition, &grant.path, 0, Some(now));
        }
    }
    let smtp = ("smtp".to_owned(), Some("smtp".to_owned()));
    let gone = ("gone/campaign-7".to_owned(), None);
    assert_eq!(grants, BTreeMap::from([(smtp, 10), (gone, 10)]), "once a minute");
    allocator.provider("smtp", window(10));
    let grants = allocator.grants(Timestamp(600 * second));
    assert!(grants.iter().any(|grant| grant.path == "smtp" && grant.count == 10), "at once");
}

#[test]
fn a_stopped_partition_keeps_no_room() {
    let mut allocator = Allocator::default();
    allocator.provider("smtp", window(8));
    allocator.queued(0, "smtp", Timestamp(0));
    assert_eq!(allocator.grants(Timestamp(1))[0].count, 8);
    allocator.queued(1, "smtp", Timestamp(0));
    assert!(allocator.grants(Timestamp(1)).is_empty(), "all is reserved");
    allocator.stopped(0);
    allocator.queued(0, "smtp", Timestamp(0));
    let grants = allocator.grants(Timestamp(1));
    assert_eq!((grants.len(), grants[0].partition, grants[0].count), (1, 1, 8));
}

#[test]
fn a_limited_provider_is_looked_at_while_something_is_due() {
    let mut allocator = Allocator::default();
    let now = Timestamp(1_000);
    let hour = crate::time::Duration::HOUR;
    allocator.provider("smtp", Budget { per_second: Some(10), ..window(8) });
    allocator.queued(1, "smtp", now.plus(hour));
    assert_eq!(allocator.next_due(now), Some(now.plus(hour)), "nothing is due");
    allocator.queued(0, "smtp", now);
    assert_eq!(allocator.next_due(now), Some(now.plus(REFILLED)));
}

#[test]
fn a_throttled_campaign_trickles_over_all_its_queues() {
    let mut world = World::default();
    world.allocator.provider("a", window(100));
    world.allocator.routes([route(vec![leg("a", 1)])], "UTC");
    world.allocator.throttle(1, Some(60));
    world.due(0, "mail/google/campaign-1", 1_000);
    world.due(0, "mail/other/campaign-1", 1_000);
    for now in (0..60_000).step_by(20) {
        world.grant(now);
        world.end(now, |_| fine());
    }
    assert!((54..=60).contains(&world.given("a")), "{}", world.given("a"));
}

#[test]
fn no_campaign_has_all_the_room() {
    let mut world = World::default();
    world.allocator.provider("smtp", window(8));
    for campaign in 1..=4 {
        world.due(0, &std::format!("smtp/campaign-{campaign}"), 1_000);
    }
    for now in 0..400 {
        world.grant(now);
        world.end(now, |_| fine());
    }
    for campaign in 1..=4 {
        let path = std::format!("smtp/campaign-{campaign}");
        let given = world.handed["smtp"].iter().filter(|(_, own)| *own == path).count();
        assert!(given > 400, "{path}: {given}");
    }
}

#[test]
fn a_leg_from_which_nothing_comes_back_is_asked_last() {
    let mut world = World::default();
    world.allocator.provider("hole", window(64));
    world.allocator.provider("fine", window(64));
    world.allocator.routes([route(vec![leg("hole", 1), leg("fine", 1)])], "UTC");
    world.due(0, "mail/other/campaign-1", 1_000_000);
    let answer = |world: &mut World, now: i64| {
        let all = core::mem::take(&mut world.flying);
        let (fine_ones, stuck): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, p)| p == "fine");
        world.flying = fine_ones;
        world.end(now, |_| fine());
        world.flying = stuck;
    };
    for now in (0..5_000).step_by(20) {
        world.grant(now);
        answer(&mut world, now);
    }
    world.handed.clear();
    for n in 0..500 {
        let now = 5_000 + n * 20;
        world.due(1, "mail/other", 1);
        // First the one that somebody waits for; then, with the room that it did not need, the
        // rest.
        world.grant(now);
        world.grant(now);
        answer(&mut world, now);
    }
    assert_eq!(world.given("hole"), 0, "what people wait for does not go there");
    assert!(world.given("fine") > 10_000);
}

fn refused(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Outcome {
    Outcome::Refused { stage, code, enhanced, text: String::new(), retry_after_s: None }
}

#[test]
fn what_a_readers_server_does_is_no_word_on_direct_and_our_network_is() {
    let check = |answering, outcome: fn() -> Outcome, given: usize| {
        let mut world = World::default();
        world.allocator.provider("mx", Budget { answering, ..window(10) });
        world.due(0, "mx", 1_000);
        for now in 1..=20 {
            world.grant(now);
            world.end(now, |_| outcome());
        }
        assert_eq!(world.given("mx"), given, "{answering:?} {:?}", outcome());
    };
    let (us, them) = (Answering::Itself, Answering::Destinations);
    let dead = || refused(Stage::Connect, 451, Some(Enhanced(4, 4, 1)));
    let busy = || refused(Stage::Recipient, 421, Some(Enhanced(4, 3, 2)));
    let login = || refused(Stage::Recipient, 530, Some(Enhanced(5, 7, 0)));
    let lost = || Outcome::Unknown { text: String::new() };
    for outcome in [dead, busy, login, lost] {
        check(them, outcome, 200);
    }
    for outcome in [dead, busy, lost, down] {
        check(us, outcome, 10);
    }
    check(them, down, 10);
}

#[test]
fn a_slow_reader_is_no_reason_to_prefer_another_leg_to_direct() {
    let check = |answering, expected: (usize, usize)| {
        let mut world = World::default();
        world.allocator.provider("mx", Budget { answering, ..window(16) });
        world.allocator.provider("relay", window(16));
        let backup = Leg { backup: true, ..leg("relay", 1) };
        world.allocator.routes([route(vec![leg("mx", 1), backup])], "UTC");
        world.due(0, "mail/other", 5);
        world.grant(1);
        world.due(1, "mail/other", 1);
        world.grant(2);
        world.due(2, "mail/other", 4);
        world.grant(10_000);
        assert_eq!((world.given("mx"), world.given("relay")), expected, "{answering:?}");
    };
    check(Answering::Destinations, (10, 0));
    check(Answering::Itself, (6, 4));
}

#[test]
fn a_carrier_that_is_too_busy_for_everything_is_left_for_the_other_leg() {
    // SMPP has no code of three digits, Vonage says no within a yes, SES says 400 to everything.
    for (code, enhanced) in [(0, (4, 4, 5)), (0, (4, 3, 0)), (200, (4, 3, 0)), (400, (4, 4, 5))] {
        let mut world = World::default();
        world.allocator.provider("a", window(10));
        world.allocator.provider("b", window(10));
        let backup = Leg { backup: true, ..leg("b", 1) };
        world.allocator.routes([route(vec![leg("a", 1), backup])], "UTC");
        world.due(0, "mail/34", 1_000);
        for now in 1..=20 {
            world.grant(now);
            let enhanced = Some(Enhanced(enhanced.0, enhanced.1, enhanced.2));
            world.end(now, |name| match name {
                "a" => refused(Stage::Content, code, enhanced),
                _ => fine(),
            });
        }
        assert_eq!((world.given("a"), world.given("b")), (9, 171), "{code} {enhanced:?}");
    }
}

#[test]
fn a_days_budget_keeps_some_for_what_people_wait_for() {
    let mut world = World::default();
    world.allocator.provider("a", window(1_000));
    let capped = Leg { per_day: Some(80), ..leg("a", 1) };
    world.allocator.routes([route(vec![capped])], "UTC");
    let given =
        |world: &World, path: &str| world.handed["a"].iter().filter(|(_, of)| of == path).count();
    world.due(0, "mail/google/campaign-1", 500);
    world.due(0, "mail/google/~journeys", 5);
    for now in 1..10 {
        world.grant(now);
        world.end(now, |_| fine());
    }
    assert_eq!(given(&world, "mail/google/campaign-1"), 65);
    assert_eq!(given(&world, "mail/google/~journeys"), 5, "before campaigns, out of their part");
    world.due(0, "mail/google", 50);
    for now in 10..20 {
        world.grant(now);
        world.end(now, |_| fine());
    }
    assert_eq!(given(&world, "mail/google"), 10, "the kept eighth, and never more than the day");
}

#[test]
fn a_plan_for_warming_up_holds_no_code_back() {
    let plan = WarmUp {
        start: "1970-01-01".into(),
        first_day: 50,
        growth: Decimal::from(2),
        until: 100_000,
        zone: None,
    };
    let mut world = World::default();
    let cold = Budget { warm_up: Some((plan, "UTC".to_owned())), ..window(1_000) };
    world.allocator.provider("cold", cold);
    world.due(0, "cold/google/campaign-1", 500);
    for now in 1..5 {
        world.grant(now);
        world.end(now, |_| fine());
    }
    assert_eq!(world.given("cold"), 50);
    world.due(0, "cold/google", 3);
    world.grant(5);
    assert_eq!(world.given("cold"), 53);
}

#[test]
fn a_small_window_keeps_one_place_for_what_people_wait_for() {
    for (size, bulk) in [(1, 1), (2, 1), (7, 6), (8, 7), (16, 14)] {
        let mut world = World::default();
        world.allocator.provider("smtp", window(size));
        world.due(0, "smtp/campaign-1", 100);
        world.due(1, "smtp/~journeys", 100);
        world.grant(1);
        world.grant(2);
        assert_eq!(world.allocator.in_flight(), bulk, "of {size}");
    }
}

/// Everything towards this group is swallowed; everything else is answered.
fn end_but(world: &mut World, group: &str, now: i64) {
    let all = core::mem::take(&mut world.flying);
    let is_swallowed = |id: &MessageId| {
        let flight = world.allocator.flight(*id);
        flight.is_some_and(|flight| Queue::parse(&flight.path).group == Some(group))
    };
    let (stuck, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(id, _)| is_swallowed(id));
    world.flying = rest;
    world.end(now, |_| fine());
    world.flying = stuck;
}

fn under_way(world: &World, group: &str) -> usize {
    let flights = world.flying.iter().filter_map(|(id, _)| world.allocator.flight(*id));
    flights.filter(|flight| Queue::parse(&flight.path).group == Some(group)).count()
}

#[test]
fn a_group_that_swallows_everything_stands_in_nobodys_way() {
    let mut world = World::default();
    world.allocator.provider("mx", window(96));
    world.allocator.routes([route(vec![leg("mx", 1)])], "UTC");
    for partition in 0..4 {
        world.due(partition, "mail/google/campaign-1", 100_000);
        world.due(partition, "mail/yahoo/campaign-1", 100_000);
    }
    // While both answer, both have what there is.
    for now in 0..200 {
        world.grant(now);
        world.end(now, |_| fine());
    }
    world.grant(200);
    assert_eq!(world.allocator.in_flight(), 84, "all that bulk may have");
    world.end(200, |_| fine());
    // Now one of them takes connections and never answers.
    let mut codes = 0;
    for now in 201..30_000 {
        world.grant(now);
        assert!(world.allocator.in_flight() <= 96);
        assert!(under_way(&world, "google") <= 74, "an eighth is for others");
        if now % 100 == 0 {
            let before = world.given("mx");
            world.due(0, "mail/yahoo", 1);
            world.grant(now);
            codes += 1;
            assert!(world.handed["mx"][before..].iter().any(|(_, path)| path == "mail/yahoo"));
        }
        if now == 29_000 {
            world.handed.clear();
        }
        end_but(&mut world, "google", now);
    }
    assert!(codes > 200);
    let given = world.handed["mx"].iter().filter(|(_, path)| path.contains("yahoo")).count();
    assert!(given >= 10 * 999, "{given} in a second of a thousand looks");
    // It gives them back at last, as time-outs, and has an eighth from then on.
    world.end(30_000, |_| Outcome::Unknown { text: String::new() });
    for now in 30_001..60_000 {
        world.grant(now);
        assert!(under_way(&world, "google") <= 10, "{now}: {}", under_way(&world, "google"));
        end_but(&mut world, "google", now);
    }
    // It answers again.
    for now in 60_000..60_300 {
        world.grant(now);
        world.end(now, |_| fine());
    }
    world.waiting.retain(|(_, path), _| path.contains("google"));
    // The first look finds out that the others have nothing.
    world.grant(61_000);
    world.grant(61_000);
    assert_eq!(under_way(&world, "google"), 74, "nobody else has anything due");
}

#[test]
fn codes_to_somebody_who_is_silent_leave_room_for_codes_to_the_others() {
    let mut world = World::default();
    world.allocator.provider("mx", window(64));
    world.allocator.routes([route(vec![leg("mx", 1)])], "UTC");
    for now in (0..60_000).step_by(10) {
        world.due(0, "mail/google", 2);
        world.due(1, "mail/yahoo/campaign-1", 1);
        world.grant(now);
        end_but(&mut world, "google", now);
        let before = world.given("mx");
        world.due(2, "mail/other", 1);
        world.grant(now);
        if now > 4_000 {
            assert!(world.given("mx") > before, "{now}: {:?}", world.allocator.in_flight());
        }
        end_but(&mut world, "google", now);
    }
    assert!(under_way(&world, "google") <= 56);
}

#[test]
fn many_slow_groups_together_leave_a_quarter_to_those_who_answer() {
    let mut world = World::default();
    world.allocator.provider("mx", window(96));
    world.allocator.routes([route(vec![leg("mx", 1)])], "UTC");
    let groups = ["apple", "google", "microsoft", "yahoo"];
    for group in groups {
        world.due(0, &std::format!("mail/{group}/campaign-1"), 100_000);
    }
    for now in (0..20_000).step_by(100) {
        world.grant(now);
        if now == 10_000 {
            world.due(0, "mail/other/campaign-1", 100_000);
        }
        let all = core::mem::take(&mut world.flying);
        let answers = |id: &MessageId| {
            let flight = world.allocator.flight(*id);
            flight.is_some_and(|flight| flight.path.starts_with("mail/other"))
        };
        let (rest, stuck): (Vec<_>, Vec<_>) = all.into_iter().partition(|(id, _)| answers(id));
        world.flying = rest;
        world.end(now, |_| fine());
        world.flying = stuck;
        let slow: usize = groups.iter().map(|group| under_way(&world, group)).sum();
        assert!(slow <= 63, "{now}: {slow}");
    }
    let other = world.handed["mx"].iter().filter(|(_, path)| path.starts_with("mail/other"));
    assert!(other.count() >= 20 * 99);
}
