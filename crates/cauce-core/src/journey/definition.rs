//! A journey as people write it, and as it is walked: the nested list of steps becomes a flat list
//! of nodes that name their successors.

use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::prelude::*;
use crate::segment::{self, Compiled};
use crate::time::Duration;
use crate::value::Value;
use serde::{Deserialize, Serialize};

/// A journey as it is written in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Definition {
    /// What starts it.
    pub entry: Entry,
    /// How often a person may enter.
    #[serde(default)]
    pub policy: Policy,
    /// A rule that ends the walk as soon as it holds; looked at on every change and just before
    /// each send.
    #[serde(
        default,
        deserialize_with = "crate::segment::written::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub exit_when: Option<String>,
    /// The steps, one after the other.
    pub steps: Vec<StepSource>,
}

/// What starts a journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Entry {
    /// An event by name…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// …for which this rule holds.
    #[serde(
        default,
        rename = "where",
        deserialize_with = "crate::segment::written::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub filter: Option<String>,
    /// One run per value of this property at a time: `cart_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Or a segment…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// …that a person enters (the default) or leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Audience>,
}

/// Which change of a segment starts a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Somebody enters it.
    Entered,
    /// Somebody leaves it.
    Left,
}

/// How often a person may enter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Never again.
    #[default]
    Once,
    /// Again once the last run has ended.
    AfterLeaving,
    /// Again when so much time has passed since the last start.
    After(Duration),
    /// Every time, also while a run goes on.
    Always,
}

impl Serialize for Policy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Policy::Once => serializer.serialize_str("once"),
            Policy::AfterLeaving => serializer.serialize_str("after-leaving"),
            Policy::After(span) => serializer.serialize_str(&format!("after {span}")),
            Policy::Always => serializer.serialize_str("always"),
        }
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let words = text.trim();
        match (words, words.strip_prefix("after ")) {
            ("once", _) => Ok(Policy::Once),
            ("after-leaving", _) => Ok(Policy::AfterLeaving),
            ("always", _) => Ok(Policy::Always),
            (_, Some(span)) => span.parse().map(Policy::After).map_err(serde::de::Error::custom),
            _ => Err(serde::de::Error::custom(format!(
                "`{text}` is no entry policy: once, after-leaving, always or `after 30d`"
            ))),
        }
    }
}

/// One step as it is written: exactly one of the words that say what it does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct StepSource {
    /// Its name, for reports and for people in flight; `s1`, `s2`… where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Send this template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Wait so long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
    /// Wait for an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for: Option<WaitFor>,
    /// Go one way or the other.
    #[serde(
        rename = "if",
        deserialize_with = "crate::segment::written::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub condition: Option<String>,
    /// The steps if the condition holds, or if the event came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<StepSource>,
    /// The steps if not, or if the time ran out.
    #[serde(rename = "else", skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<StepSource>,
    /// Set attributes of the profile.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// End here.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub exit: bool,
}

/// An event that a run waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WaitFor {
    /// Its name.
    pub event: String,
    /// A rule over its properties (`event.total > 50`).
    #[serde(
        default,
        rename = "where",
        deserialize_with = "crate::segment::written::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub filter: Option<String>,
    /// Whether the event must carry the run's key.
    #[serde(default)]
    pub same_key: bool,
    /// How long at most.
    pub timeout: String,
}

/// A step as it is walked.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Queue a message.
    Message {
        /// The template.
        template: String,
        /// The next node.
        next: u16,
    },
    /// Wait for the clock.
    Delay {
        /// How long.
        span: Duration,
        /// The next node.
        next: u16,
    },
    /// Wait for an event with a timeout.
    WaitFor {
        /// Its name.
        event: String,
        /// A rule over its properties.
        filter: Option<Box<Compiled>>,
        /// Whether it must carry the run's key.
        same_key: bool,
        /// How long at most.
        timeout: Duration,
        /// The next node if it comes.
        then: u16,
        /// The next node if it does not.
        otherwise: u16,
    },
    /// Go one way or the other.
    Condition {
        /// The rule.
        rule: Box<Compiled>,
        /// The next node if it holds.
        then: u16,
        /// The next node if it does not.
        otherwise: u16,
    },
    /// Set attributes.
    Set {
        /// Names and values.
        attributes: BTreeMap<String, Value>,
        /// The next node.
        next: u16,
    },
    /// The end.
    Exit,
}

/// A journey, checked: what is walked.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// Its name.
    pub name: String,
    /// Its revision.
    pub revision: u32,
    /// What starts it.
    pub entry: Entry,
    /// The rule of `entry.where`.
    pub entry_filter: Option<Compiled>,
    /// How often a person may enter.
    pub policy: Policy,
    /// The rule that ends a walk.
    pub exit_when: Option<Compiled>,
    /// The nodes; a walk starts at the first.
    pub nodes: Vec<Node>,
    /// The nodes' names.
    pub ids: Vec<String>,
}

impl Journey {
    /// The templates that its steps send.
    pub fn templates(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Message { template, .. } => Some(template.as_str()),
            _ => None,
        })
    }

    /// The events that start it or that a walk waits for.
    pub fn events(&self) -> impl Iterator<Item = &str> {
        let awaited = self.nodes.iter().filter_map(|node| match node {
            Node::WaitFor { event, .. } => Some(event.as_str()),
            _ => None,
        });
        self.entry.event.as_deref().into_iter().chain(awaited)
    }

    /// Gives its events the names that they have now.
    pub fn rename_events(&mut self, name: impl Fn(&str) -> String) {
        let awaited = self.nodes.iter_mut().filter_map(|node| match node {
            Node::WaitFor { event, .. } => Some(event),
            _ => None,
        });
        for event in self.entry.event.iter_mut().chain(awaited) {
            *event = name(event);
        }
    }

    /// The same rules, to put what was defined elsewhere into them.
    pub fn rules_mut(&mut self) -> impl Iterator<Item = &mut Compiled> {
        let in_nodes = self.nodes.iter_mut().filter_map(|node| match node {
            Node::Condition { rule, .. } => Some(&mut **rule),
            Node::WaitFor { filter, .. } => filter.as_deref_mut(),
            _ => None,
        });
        self.entry_filter.iter_mut().chain(&mut self.exit_when).chain(in_nodes)
    }

    /// All rules in it: the aggregates and segments that they name must be there.
    pub fn rules(&self) -> impl Iterator<Item = &Compiled> {
        let in_nodes = self.nodes.iter().filter_map(|node| match node {
            Node::Condition { rule, .. } => Some(&**rule),
            Node::WaitFor { filter, .. } => filter.as_deref(),
            _ => None,
        });
        self.entry_filter.iter().chain(&self.exit_when).chain(in_nodes)
    }
}

/// Checks a journey: what is walked, and every fault at once.
pub fn check(name: &str, revision: u32, source: &Definition) -> (Journey, Vec<Diagnostic>) {
    let mut checker = Checker { nodes: Vec::new(), ids: Vec::new(), faults: Vec::new() };
    let entry = &source.entry;
    match (&entry.event, &entry.segment) {
        (Some(_), None) if entry.on.is_none() => {}
        (None, Some(_)) if entry.filter.is_none() && entry.key.is_none() => {}
        (Some(_), Some(_)) | (None, None) => checker.faults.push(
            Diagnostic::error("entry", "entry-unclear", "a journey starts by one thing")
                .hint("name either an `event` or a `segment`"),
        ),
        _ => checker.faults.push(
            Diagnostic::error(
                "entry",
                "entry-mixed",
                "`where` and `key` belong to an event, `on` to a segment",
            )
            .hint("remove the words of the other kind"),
        ),
    }
    let entry_filter = checker.rule(entry.filter.as_deref(), "entry.where");
    let exit_when = checker.rule(source.exit_when.as_deref(), "exit-when");
    if source.steps.is_empty() {
        checker.faults.push(Diagnostic::error("steps", "no-steps", "the journey has no steps"));
    }
    // The end is the last node; lists are laid down from the back, so that each step knows the
    // next.
    checker.nodes.push(Node::Exit);
    checker.ids.push("end".to_owned());
    let first = checker.list(&source.steps, 0, "steps", 0);
    let journey = Journey {
        name: name.to_owned(),
        revision,
        entry: entry.clone(),
        entry_filter,
        policy: source.policy,
        exit_when,
        nodes: checker.nodes,
        ids: checker.ids,
    };
    (journey.starting_at(first), checker.faults)
}

impl Journey {
    /// Puts the first node first, where walks begin.
    fn starting_at(mut self, first: u16) -> Journey {
        let swap = |node: &mut u16| {
            if *node == 0 {
                *node = first;
            } else if *node == first {
                *node = 0;
            }
        };
        self.nodes.swap(0, usize::from(first));
        self.ids.swap(0, usize::from(first));
        for node in &mut self.nodes {
            match node {
                Node::Message { next, .. } | Node::Delay { next, .. } | Node::Set { next, .. } => {
                    swap(next);
                }
                Node::WaitFor { then, otherwise, .. } | Node::Condition { then, otherwise, .. } => {
                    swap(then);
                    swap(otherwise);
                }
                Node::Exit => {}
            }
        }
        self
    }
}

struct Checker {
    nodes: Vec<Node>,
    ids: Vec<String>,
    faults: Vec<Diagnostic>,
}

impl Checker {
    fn rule(&mut self, text: Option<&str>, path: &str) -> Option<Compiled> {
        match segment::parse(text?) {
            Ok(rule) => {
                let (compiled, faults) = segment::compile(rule);
                self.faults.extend(faults.into_iter().map(|fault| fault.below(path)));
                Some(compiled)
            }
            Err(faults) => {
                self.faults.extend(faults.into_iter().map(|fault| fault.below(path)));
                None
            }
        }
    }

    fn span(&mut self, text: &str, path: &str) -> Duration {
        text.parse().unwrap_or_else(|malformed: crate::time::Malformed| {
            self.faults.push(Diagnostic::error(path, "bad-span", format!("`{text}`: {malformed}")));
            Duration::default()
        })
    }

    /// Lays down a list whose last step leads to `next`; says where it begins.
    fn list(&mut self, steps: &[StepSource], next: u16, path: &str, depth: usize) -> u16 {
        if depth > limits::TEMPLATE_DEPTH_MAX {
            self.faults.push(Diagnostic::error(path, "too-deep", "steps are nested too deeply"));
            return next;
        }
        let mut next = next;
        for (place, step) in steps.iter().enumerate().rev() {
            next = self.step(step, next, &format!("{path}.{place}"), depth);
        }
        next
    }

    fn step(&mut self, step: &StepSource, next: u16, path: &str, depth: usize) -> u16 {
        let words = [
            step.message.is_some(),
            step.wait.is_some(),
            step.wait_for.is_some(),
            step.condition.is_some(),
            !step.set.is_empty(),
            step.exit,
        ];
        if words.iter().filter(|said| **said).count() != 1 {
            self.faults.push(
                Diagnostic::error(path, "step-unclear", "a step does exactly one thing")
                    .hint("say one of `message`, `wait`, `wait-for`, `if`, `set` or `exit: true`"),
            );
            return next;
        }
        let branches = !step.then.is_empty() || !step.otherwise.is_empty();
        if branches && step.condition.is_none() && step.wait_for.is_none() {
            self.faults.push(
                Diagnostic::error(path, "stray-branch", "only `if` and `wait-for` have branches")
                    .hint("move the steps of `then` and `else` into the list"),
            );
        }
        let then = self.list(&step.then, next, &format!("{path}.then"), depth + 1);
        let otherwise = self.list(&step.otherwise, next, &format!("{path}.else"), depth + 1);
        let node = self.node(step, [next, then, otherwise], path);
        self.add(node, step.id.as_deref(), path)
    }

    fn node(&mut self, step: &StepSource, [next, then, otherwise]: [u16; 3], path: &str) -> Node {
        if let Some(template) = &step.message {
            Node::Message { template: template.clone(), next }
        } else if let Some(text) = &step.wait {
            Node::Delay { span: self.span(text, &format!("{path}.wait")), next }
        } else if let Some(wait) = &step.wait_for {
            let filter = self.rule(wait.filter.as_deref(), &format!("{path}.wait-for.where"));
            let timeout = self.span(&wait.timeout, &format!("{path}.wait-for.timeout"));
            let event = wait.event.clone();
            let filter = filter.map(Box::new);
            Node::WaitFor { event, filter, same_key: wait.same_key, timeout, then, otherwise }
        } else if let Some(text) = &step.condition {
            match self.rule(Some(text), &format!("{path}.if")) {
                Some(rule) => Node::Condition { rule: Box::new(rule), then, otherwise },
                None => Node::Exit,
            }
        } else if step.exit {
            Node::Exit
        } else {
            Node::Set { attributes: step.set.clone(), next }
        }
    }

    fn add(&mut self, node: Node, id: Option<&str>, path: &str) -> u16 {
        let place = self.nodes.len();
        let id = id.map_or_else(|| path.replace("steps.", "s").replace('.', "-"), str::to_owned);
        if self.ids.contains(&id) {
            let message = format!("there are two steps with the id `{id}`");
            self.faults.push(Diagnostic::error(path, "duplicate-id", message));
        }
        self.nodes.push(node);
        self.ids.push(id);
        u16::try_from(place).unwrap_or_else(|_| {
            self.faults.push(Diagnostic::error(path, "too-long", "more than 65,535 steps"));
            0
        })
    }
}
