//! Starting, moving and ending runs.

use super::walked::Way;
use super::{Audience, Entry, Journey, Node, Policy as EntryPolicy, Run, Waiting};
use crate::apply::Touched;
use crate::decide::Decider;
use crate::decision::MembershipChange;
use crate::decision::caused::{self, Because, Ending, Moved};
use crate::erasure::When;
use crate::event::Properties;
use crate::ids::{EventId, Number};
use crate::limits;
use crate::message::ledger::{Source, State};
use crate::policy::Reason;
use crate::prelude::*;
use crate::profile::{Attribute, Head, HeldEntry};
use crate::state::{Key, Row, Rows};
use crate::time::Timestamp;
use crate::value::Value;

/// The event that a round of decisions is about.
#[derive(Clone, Copy)]
pub(crate) struct Trigger<'e> {
    pub event: Option<EventId>,
    pub name: &'e str,
    pub properties: &'e Properties,
}

/// The key that an event's properties name.
pub(crate) fn key_of(entry_key: Option<&str>, properties: &Properties) -> Option<String> {
    let Some(path) = entry_key else { return Some(String::new()) };
    let mut names = path.split('.');
    let first = properties.get(names.next()?)?;
    match first.at(names)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// Under which name the entries of one key are remembered, where the policy asks for them. No
/// journey's name has a line break.
fn memory_of_key(journey: &Journey, key: &str) -> Option<String> {
    let asks = matches!(journey.policy, EntryPolicy::Once | EntryPolicy::After(_));
    (asks && journey.entry.key.is_some()).then(|| format!("{}\n{key}", journey.name))
}

/// Forgets the keys that the policy can not ask for any more, and the oldest beyond the bound.
fn forget_keys(head: &mut Head, journey: &Journey, now: Timestamp) {
    if journey.entry.key.is_none() {
        return;
    }
    let prefix = format!("{}\n", journey.name);
    if let EntryPolicy::After(span) = journey.policy {
        head.journeys
            .retain(|name, memory| !name.starts_with(&prefix) || memory.entered.plus(span) > now);
    }
    let of_keys = || head.journeys.iter().filter(|(name, _)| name.starts_with(&prefix));
    if of_keys().count() > limits::JOURNEY_KEYS_MAX {
        let oldest = of_keys().min_by_key(|(_, memory)| memory.entered);
        if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
            head.journeys.remove(&oldest);
        }
    }
}

impl<R: Rows> Decider<'_, R> {
    /// The runs of a profile, oldest first.
    pub fn runs(&self, number: Number) -> Vec<Arc<Run>> {
        let Some(head) = self.head(number) else { return Vec::new() };
        let mut runs: Vec<Arc<Run>> =
            head.runs.iter().filter_map(|id| self.work.run(&Key::Run(number, *id))).collect();
        runs.sort_by_key(|run| (run.started, run.id));
        runs
    }

    /// One round: ends runs whose exit criteria are met, moves those that an event or the clock
    /// moves, starts new ones. Says what the steps changed.
    pub fn walk_journeys(
        &mut self,
        number: Number,
        changes: &[MembershipChange],
        live: bool,
        trigger: Option<Trigger<'_>>,
        entered: &mut BTreeSet<String>,
    ) -> Touched {
        let mut touched = Touched::default();
        let own = self.trace;
        for run in self.runs(number) {
            self.on_behalf(if self.by_clock { run.trace } else { own });
            let revision = (run.journey.clone(), run.revision);
            let Some(journey) = self.catalog.journey_revisions.get(&revision).cloned() else {
                self.end_run(number, &run, Ending::Unknown);
                continue;
            };
            if self.exits(number, &journey, &run) {
                self.end_run(number, &run, Ending::Criteria);
                let reason = Reason::JourneyExited { journey: run.journey.clone() };
                self.refuse_of_run(number, &run, reason);
                continue;
            }
            self.move_run(number, &journey, run, trigger, &mut touched);
        }
        self.on_behalf(own);
        if live {
            self.start_by_event(number, trigger, entered, &mut touched);
            self.start_by_segment(number, changes, entered, &mut touched);
        }
        touched
    }

    fn exits(&mut self, number: Number, journey: &Journey, run: &Run) -> bool {
        match &journey.exit_when {
            Some(rule) => self.holds(number, rule, Some(&run.context)),
            None => false,
        }
    }

    /// Whether the run that made a message still goes on, or ended by itself; a run that was ended
    /// by its exit criteria, or would be now, sends nothing more.
    pub fn journey_exited(
        &mut self,
        number: Number,
        source: &Source,
        context: &Properties,
    ) -> bool {
        let Source::Journey { journey, revision, .. } = source else { return false };
        let revision = (journey.clone(), *revision);
        let Some(journey) = self.catalog.journey_revisions.get(&revision).cloned() else {
            return true;
        };
        match &journey.exit_when {
            Some(rule) => self.holds(number, rule, Some(context)),
            None => false,
        }
    }

    fn move_run(
        &mut self,
        number: Number,
        journey: &Arc<Journey>,
        mut run: Arc<Run>,
        trigger: Option<Trigger<'_>>,
        touched: &mut Touched,
    ) {
        let next = match (&journey.nodes[usize::from(run.node)], &run.waiting) {
            (Node::WaitFor { then, otherwise, .. }, Waiting::For { until }) => {
                // The event wins if it is decided before the clock is: there is one order of
                // inputs.
                if self.is_awaited(number, journey, &run, trigger) {
                    Some((*then, Because::Awaited))
                } else {
                    (*until <= self.now).then_some((*otherwise, Because::Time))
                }
            }
            (Node::Delay { next, .. }, Waiting::Until(until)) => {
                (*until <= self.now).then_some((*next, Because::Time))
            }
            _ => Some((run.node, Because::Time)), // an older revision's state: take the step again
        };
        if let Some((next, because)) = next {
            if next != run.node {
                self.went(number, &run, next, because);
            }
            let moved = Arc::make_mut(&mut run);
            moved.node = next;
            if let Some(event) = trigger.and_then(|trigger| trigger.event) {
                moved.moved_by = Some(event);
            }
            self.take_steps(number, journey, run, touched);
        }
    }

    fn is_awaited(
        &mut self,
        number: Number,
        journey: &Journey,
        run: &Run,
        trigger: Option<Trigger<'_>>,
    ) -> bool {
        let Node::WaitFor { event, filter, same_key, .. } = &journey.nodes[usize::from(run.node)]
        else {
            return false;
        };
        let Some(trigger) = trigger.filter(|trigger| trigger.name == event) else { return false };
        if trigger.event.is_some() && trigger.event == run.moved_by {
            return false; // one event never moves a run twice
        }
        if *same_key {
            let key = key_of(journey.entry.key.as_deref(), trigger.properties);
            if key.as_deref() != Some(run.key.as_str()) {
                return false;
            }
        }
        filter.as_ref().is_none_or(|rule| self.holds(number, rule, Some(trigger.properties)))
    }

    /// Takes steps until the run waits or ends.
    fn take_steps(
        &mut self,
        number: Number,
        journey: &Arc<Journey>,
        mut run: Arc<Run>,
        touched: &mut Touched,
    ) {
        for _ in 0..limits::STEPS_PER_INPUT_MAX {
            let node = &journey.nodes[usize::from(run.node)];
            let next = match node {
                Node::Exit => {
                    self.end_run(number, &run, Ending::Arrived);
                    return;
                }
                Node::Delay { span, .. } => {
                    let until = self.now.plus(*span);
                    self.wait_there(number, run, Waiting::Until(until));
                    return;
                }
                Node::WaitFor { timeout, .. } => {
                    let until = self.now.plus(*timeout);
                    self.wait_there(number, run, Waiting::For { until });
                    return;
                }
                Node::Message { template, next } => {
                    let source = Source::Journey {
                        journey: journey.name.clone(),
                        revision: journey.revision,
                        run: run.id,
                        step: journey.ids[usize::from(run.node)].clone(),
                    };
                    self.want(number, template, source, run.context.clone());
                    *next
                }
                Node::Condition { rule, then, otherwise } => {
                    let holds = self.holds(number, rule, Some(&run.context));
                    let next = if holds { *then } else { *otherwise };
                    self.went(number, &run, next, Because::Condition);
                    next
                }
                Node::Set { attributes, next } => {
                    self.set_by_step(number, attributes, touched);
                    *next
                }
            };
            Arc::make_mut(&mut run).node = next;
        }
        let profile = self.head(number).map(|head| head.id());
        let text = format!("{}: too many steps without a wait; the run ends here", journey.name);
        self.note("step-limit", profile, text);
        self.end_run(number, &run, Ending::TooLong);
    }

    fn wait_there(&mut self, number: Number, mut run: Arc<Run>, waiting: Waiting) {
        let (at, until) = (self.step_of(&run, run.node), waiting.until());
        self.moved(number, &run, Moved::Waits { at, until });
        Arc::make_mut(&mut run).waiting = waiting;
        self.work.put(Key::Run(number, run.id), Row::Run(run));
    }

    fn went(&mut self, number: Number, run: &Run, next: u16, because: Because) {
        self.walked(run, Way::Step(run.node, next));
        let (from, to) = (self.step_of(run, run.node), self.step_of(run, next));
        self.moved(number, run, Moved::Went { from, to, because });
    }

    fn set_by_step(
        &mut self,
        number: Number,
        attributes: &BTreeMap<String, Value>,
        touched: &mut Touched,
    ) {
        let event = EventId(self.derive());
        let at = self.now;
        let addresses = crate::identity::addresses(&self.catalog.namespaces, attributes);
        self.link(number, &addresses, When { occurred_at: at, historical: false });
        let mut changes = Vec::new();
        self.change_head(number, |head| {
            for (name, value) in attributes {
                let attribute = Attribute { value: value.clone(), at, event };
                if let Some(change) = caused::set(head, name, attribute) {
                    touched.attributes.insert(name.clone());
                    changes.push(change);
                }
            }
        });
        self.all_caused(number, changes);
        if let Some(head) = self.head(number) {
            self.side_sets(number, head.id(), attributes, (at, event));
        }
    }

    /// A walk that its exit criteria ended sends nothing more, however long a message was put off
    /// and whatever the criteria say by then.
    pub fn refuse_of_run(&mut self, number: Number, run: &Run, reason: Reason) {
        let open = self.head(number).map(|head| head.open.clone()).unwrap_or_default();
        for id in open {
            let Some(message) = self.work.message(&Key::Message(id)) else { continue };
            let of_run =
                matches!(&message.source, Source::Journey { run: of, .. } if *of == run.id);
            if of_run && matches!(message.state, State::Queued { .. }) {
                let reason = reason.clone();
                self.end_message(id, State::Refused { reason, at: self.now });
            }
        }
    }

    /// A walk ends.
    pub fn end_run(&mut self, number: Number, run: &Run, because: Ending) {
        self.work.delete(Key::Run(number, run.id));
        self.work.count(&format!("journey.ended {}", run.journey), 1);
        self.walked(run, Way::Out(run.node));
        let at = self.step_of(run, run.node);
        self.moved(number, run, Moved::Ended { at, because });
        let at = self.now;
        self.change_head(number, |head| {
            head.runs.remove(&run.id);
            head.journeys.entry(run.journey.clone()).or_default().left = Some(at);
        });
    }

    fn start_by_event(
        &mut self,
        number: Number,
        trigger: Option<Trigger<'_>>,
        entered: &mut BTreeSet<String>,
        touched: &mut Touched,
    ) {
        let Some(trigger) = trigger else { return };
        let catalog = self.catalog.clone();
        for (name, journey) in &catalog.journeys {
            if journey.entry.event.as_deref() != Some(trigger.name) {
                continue;
            }
            let holds = match &journey.entry_filter {
                Some(rule) => self.holds(number, rule, Some(trigger.properties)),
                None => true,
            };
            if !holds {
                continue;
            }
            match key_of(journey.entry.key.as_deref(), trigger.properties) {
                Some(key) => {
                    if entered.insert(name.clone()) {
                        self.enter(
                            number,
                            journey,
                            key,
                            trigger.properties,
                            trigger.event,
                            touched,
                        );
                    }
                }
                None => {
                    let profile = self.head(number).map(|head| head.id());
                    let text = format!("{name}: the event has no key");
                    self.note("journey-not-entered", profile, text);
                }
            }
        }
    }

    fn start_by_segment(
        &mut self,
        number: Number,
        changes: &[MembershipChange],
        entered: &mut BTreeSet<String>,
        touched: &mut Touched,
    ) {
        let catalog = self.catalog.clone();
        for change in changes {
            for (name, journey) in &catalog.journeys {
                let Entry { segment: Some(segment), on, .. } = &journey.entry else { continue };
                let wants_inside = *on != Some(Audience::Left);
                if *segment == change.name
                    && wants_inside == change.inside
                    // A step's own change never starts the same journey within one input.
                    && entered.insert(name.clone())
                {
                    let context = Properties::new();
                    self.enter(number, journey, String::new(), &context, None, touched);
                }
            }
        }
    }

    /// Starts a run, if the entry policy allows it; remembers it while an identity question is
    /// open.
    fn enter(
        &mut self,
        number: Number,
        journey: &Arc<Journey>,
        key: String,
        context: &Properties,
        event: Option<EventId>,
        touched: &mut Touched,
    ) {
        let Some(head) = self.head(number) else { return };
        if !head.pending.is_empty() {
            self.hold_entry(number, &head, journey, key, context);
            return;
        }
        if let Err(why) = self.may_enter(number, &head, journey, &key) {
            self.work.count(&format!("journey.not-entered {}", journey.name), 1);
            self.note("journey-not-entered", Some(head.id()), format!("{}: {why}", journey.name));
            return;
        }
        let run = Run {
            id: self.derive_run(),
            journey: journey.name.clone(),
            revision: journey.revision,
            key,
            node: 0,
            waiting: Waiting::Until(self.now),
            started: self.now,
            context: context.clone(),
            moved_by: event,
            trace: self.trace,
        };
        let at = self.now;
        self.change_head(number, |head| {
            head.runs.insert(run.id);
            let names = [Some(journey.name.clone()), memory_of_key(journey, &run.key)];
            for name in names.into_iter().flatten() {
                let memory = head.journeys.entry(name).or_default();
                memory.entered = at;
                memory.count += 1;
            }
            forget_keys(head, journey, at);
        });
        self.work.count(&format!("journey.entered {}", journey.name), 1);
        self.walked(&run, Way::In);
        self.moved(number, &run, Moved::Started);
        if self.exits(number, journey, &run) {
            self.end_run(number, &run, Ending::Criteria);
        } else {
            self.take_steps(number, journey, Arc::new(run), touched);
        }
    }

    /// Whether the entry policy lets a profile in now, or why not.
    pub fn may_enter(
        &self,
        number: Number,
        head: &Head,
        journey: &Journey,
        key: &str,
    ) -> Result<(), String> {
        let runs = self.runs(number);
        if runs.len() >= limits::RUNS_MAX {
            return Err(format!("the profile has {} runs already", limits::RUNS_MAX));
        }
        let inside = runs.iter().any(|run| run.journey == journey.name && run.key == key);
        // With a key the policy is about the key: once per order, not once per person.
        let of_key = memory_of_key(journey, key);
        let memory = head.journeys.get(of_key.as_ref().unwrap_or(&journey.name));
        match journey.policy {
            EntryPolicy::Always => Ok(()),
            _ if inside => Err("a run for it goes on".to_owned()),
            EntryPolicy::Once if memory.is_some() => Err("once is enough".to_owned()),
            EntryPolicy::After(span) => match memory.map(|memory| memory.entered.plus(span)) {
                Some(again) if again > self.now => Err(format!("not again before {again}")),
                _ => Ok(()),
            },
            EntryPolicy::Once | EntryPolicy::AfterLeaving => Ok(()),
        }
    }

    fn hold_entry(
        &mut self,
        number: Number,
        head: &Head,
        journey: &Journey,
        key: String,
        context: &Properties,
    ) {
        if head.held.len() >= limits::HELD_ENTRIES_MAX {
            let text = format!("{}: too many entries wait for an identity answer", journey.name);
            self.note("journey-not-entered", Some(head.id()), text);
            return;
        }
        let journey = journey.name.clone();
        let context = context.clone();
        self.change_head(number, |head| head.held.push(HeldEntry { journey, key, context }));
    }

    /// The last identity question is answered: what was held back happens now.
    pub fn release(&mut self, number: Number) {
        if let Some(wish) = self.take_wish(number) {
            if let Some(head) = self.head(number) {
                self.erase_now(number, &head, wish);
            }
            return;
        }
        let Some(held) = self.change_head(number, |head| core::mem::take(&mut head.held)) else {
            return;
        };
        let mut touched = Touched::default();
        for entry in held {
            if let Some(journey) = self.catalog.journeys.get(&entry.journey).cloned() {
                self.enter(number, &journey, entry.key, &entry.context, None, &mut touched);
            }
        }
        if touched.is_empty() {
            self.arm(number);
        } else {
            self.settle(number, touched, crate::decision::Cause::Event, None);
        }
    }
}
