//! How a message leaves: its ready queue, the grant that takes it up, and by whom it goes next.

use super::Class;
use super::ledger::{Message, Source, State};
use crate::decide::Decider;
use crate::decision::{Effect, Permit};
use crate::delivery::Answering;
use crate::device::fates;
use crate::ids::MessageId;
use crate::policy::Reason;
use crate::prelude::*;
use crate::route::path::{self, Queue};
use crate::route::{Route, Shape, day_of, leg_counter};
use crate::state::{Key, Row, Rows};
use crate::time::{Duration, Timestamp};

/// How long a message waits that has no way out: it is at hand the moment that there is one.
const NO_WAY_OUT_WAIT: Duration = Duration::SECOND;

/// Who carries what a grant takes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By<'g> {
    /// The provider that the path begins with: as grants were written before routes.
    PathSays,
    /// This one.
    Provider(&'g str),
    /// Nobody for the moment: what has expired ends.
    Nobody,
}

impl<R: Rows> Decider<'_, R> {
    /// A path has room: the first `count` due messages are judged for the last time.
    pub(crate) fn grant(&mut self, path: &str, by: By<'_>, count: u32, start_before: Timestamp) {
        let mut left = count as usize;
        for class in [Class::Transactional, Class::Triggered, Class::Bulk] {
            if left == 0 {
                break;
            }
            let bounds = Key::due(path, class, self.now);
            for (key, _) in self.work.range(&bounds, left) {
                let Key::Outbox(_, _, _, id) = &key else { continue };
                let id = *id;
                self.work.delete(key);
                left -= 1;
                self.grant_one(id, by, start_before);
            }
        }
    }

    /// Stops all sending, or goes on. What was granted and has not begun must not begin any more:
    /// once this is taken, nothing new leaves.
    pub(crate) fn pause(&mut self, why: Option<&String>) {
        if why.is_some() {
            let bounds = (Key::Attempting(MessageId(0)), Key::Attempting(MessageId(u128::MAX)));
            for (key, _) in self.work.range(&bounds, usize::MAX) {
                if let Key::Attempting(id) = key {
                    self.effects.push(Effect::Revoke(id));
                }
            }
        }
        self.work.change_meta(|meta| meta.paused = why.cloned());
    }

    fn grant_one(&mut self, id: MessageId, by: By<'_>, start_before: Timestamp) {
        let Some(mut message) = self.work.message(&Key::Message(id)) else { return };
        self.on_behalf_of(&message);
        self.renew_topic(&mut message);
        let verdict = match self.judge(&message) {
            Permit::Yes { address } => self.route_again(&message, &address, by, start_before),
            other => Some(other),
        };
        match verdict {
            // It flies, or waits where it belongs.
            None | Some(Permit::Yes { .. }) => {}
            // Some devices have it, and what was left of it is refused: it was sent.
            Some(Permit::No(_)) if fates::may_have_left(&message) => self.end_pushed(&message),
            Some(Permit::No(reason)) => {
                let at = self.now;
                self.end_message(id, State::Refused { reason, at });
            }
            Some(Permit::Later { due, reason }) => {
                let put_off = Some(reason);
                Arc::make_mut(&mut message).state = State::Queued { due, put_off };
                self.wait(message, due);
            }
        }
    }

    /// What leaves is the template as it is now: so the consent that it needs is for its topic now.
    fn renew_topic(&self, message: &mut Arc<Message>) {
        let Some(template) = self.catalog.templates.get(&message.template.0) else { return };
        if message.class != Class::Transactional && message.topic != template.topic {
            Arc::make_mut(message).topic.clone_from(&template.topic);
        }
    }

    /// The last question: does this message leave by this queue, and does anybody carry it? Routes,
    /// limits and addresses may have changed while it waited.
    fn route_again(
        &mut self,
        message: &Arc<Message>,
        address: &str,
        by: By<'_>,
        start_before: Timestamp,
    ) -> Option<Permit> {
        let mut message = message.clone();
        if by != By::PathSays {
            let mut own = self.queue_of(&message, Some(address));
            let here = Queue::parse(&message.path);
            let plain = Queue { without: Vec::new(), ..here.clone() };
            if plain.to_string() != own {
                if here.route == path::first(&own) && !here.without.is_empty() {
                    own = Queue { without: here.without, ..Queue::parse(&own) }.to_string();
                }
                let due = self.now;
                let moved = Arc::make_mut(&mut message);
                moved.path = own;
                moved.state = State::Queued { due, put_off: None };
                self.wait(message, due);
                return None;
            }
        }
        match by {
            By::PathSays => self.hand_over(message, address.to_owned(), None, start_before),
            By::Provider(provider) => {
                let provider = Some(provider.to_owned());
                self.hand_over(message, address.to_owned(), provider, start_before);
            }
            By::Nobody => {
                let route = path::first(&message.path).to_owned();
                let due = self.now.plus(NO_WAY_OUT_WAIT);
                return Some(Permit::Later { due, reason: Reason::NoWayOut { route } });
            }
        }
        None
    }

    /// Puts a message that was taken out of its ready queue into the one that it names.
    fn wait(&mut self, message: Arc<Message>, due: Timestamp) {
        let (id, path, class) = (message.id, message.path.clone(), message.class);
        self.work.put(Key::Message(id), Row::Message(message));
        self.work.put(Key::Outbox(path.clone(), class, due, id), Row::Mark);
        self.effects.push(Effect::Queued { path, class, due });
    }

    /// By which route a message leaves: the narrowest that serves it. Without one, by the provider
    /// that it waits for, as long as there is that provider, or else by the channel's first.
    fn route_of(&self, message: &Message) -> Arc<Route> {
        let sender = self.catalog.templates.get(&message.template.0);
        let sender = sender.and_then(|template| template.sender.as_deref());
        let (channel, class) = (message.channel, message.class);
        if let Some(route) = self.catalog.route(channel, class, message.topic.as_deref(), sender) {
            return route;
        }
        self.catalog.alone(channel, path::first(&message.path))
    }

    /// The ready queue in which a message waits. Pure: the same message, address and definitions
    /// name the same queue.
    pub(super) fn queue_of(&self, message: &Message, address: Option<&str>) -> String {
        let route = self.route_of(message);
        let hosts = self.hosts();
        let group = address.and_then(|address| route.group(&hosts, message.channel, address));
        let campaign = match &message.source {
            // A campaign has a ready queue of its own: it can be throttled and paused by itself.
            Source::Campaign { id, .. } => Some(*id),
            Source::Journey { .. } | Source::Api { .. } => None,
        };
        let journeys = message.class == Class::Triggered && campaign.is_none();
        let (group, without) = (group.as_deref(), Vec::new());
        Queue { route: &route.name, group, campaign, journeys, without }.to_string()
    }

    /// Whose answer an attempt's end is.
    pub(super) fn answering(&self, message: &Message) -> Answering {
        let last = message.attempts.last().map(|attempt| message.provider_of(attempt));
        match last.is_some_and(|provider| self.catalog.direct.contains(provider)) {
            true => Answering::Destinations,
            false => Answering::Itself,
        }
    }

    /// A provider refused a message for reasons of its own, and certainly took nothing: the queue
    /// for the legs of the route that were not asked yet, if there are any.
    pub(super) fn next_leg(&self, message: &Message) -> Option<String> {
        let queue = Queue::parse(&message.path);
        let route = self.route_of(message);
        if route.name != queue.route {
            return None; // it is another route's by now: its next grant takes it there
        }
        let mut tried: BTreeSet<&str> = queue.without.iter().copied().collect();
        tried.extend(message.attempts.iter().map(|attempt| message.provider_of(attempt)));
        let open = route.legs_to(queue.group).any(|leg| !tried.contains(leg.provider.as_str()));
        let without = tried.into_iter().collect();
        open.then(|| Queue { without, ..queue }.to_string())
    }

    /// Every leg was asked, or the answer was lost: the next try is by another one than the last,
    /// if there is another.
    pub(super) fn other_legs(&self, message: &Message) -> String {
        let queue = Queue::parse(&message.path);
        let last = message.attempts.last().map(|attempt| message.provider_of(attempt));
        let route = self.route_of(message);
        let others = route.legs_to(queue.group).any(|leg| Some(leg.provider.as_str()) != last);
        let without = last.filter(|_| others && route.name == queue.route).into_iter().collect();
        Queue { without, ..queue }.to_string()
    }

    /// Counts how a day of a plan was answered, if its provider is being warmed up.
    pub(super) fn count_reply(
        &mut self,
        message: &Message,
        name: fn(&str) -> String,
        at: Timestamp,
    ) {
        let Some(attempt) = message.attempts.last() else { return };
        let provider = message.provider_of(attempt);
        let Some(carried) = self.plan_counter(&message.path, provider, at) else { return };
        let counter = name(&carried);
        self.work.count(&counter, 1);
        self.effects.push(Effect::Replied { counter });
    }

    /// The counter of a plan's day, if the provider is being warmed up.
    fn plan_counter(&self, path: &str, provider: &str, at: Timestamp) -> Option<String> {
        let plan = self.catalog.shapes.get(provider)?.warm_up.as_ref()?;
        let zone = plan.zone.as_ref().unwrap_or(&self.catalog.policy.default_zone);
        Some(Shape::counter(provider, Queue::parse(path).group, day_of(at, zone)))
    }

    /// The counters of the day that a hand-over by a provider belongs to: what a daily limit is
    /// held against, also after a restart.
    pub(super) fn day_counters(
        &self,
        path: &str,
        provider: &str,
        granted: Timestamp,
    ) -> Vec<String> {
        let queue = Queue::parse(path);
        let own = &self.catalog.policy.default_zone;
        let mut names: Vec<String> =
            self.plan_counter(path, provider, granted).into_iter().collect();
        let routes = self.catalog.routes.values().flatten();
        let legs = routes.filter(|route| route.name == queue.route).flat_map(|route| &route.legs);
        for leg in legs.filter(|leg| leg.provider == provider && leg.per_day.is_some()) {
            names.push(leg_counter(queue.route, &leg.provider, day_of(granted, own)));
        }
        names
    }
}
