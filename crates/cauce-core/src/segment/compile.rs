//! From a rule to what its evaluation needs; refuses what the tree can say and nobody can mean.

pub(super) mod check;

use super::DEPTH_MAX;
use super::aggregate::{Aggregate, Measure};
use super::calendar::ZONE_ATTRIBUTE;
use super::computed::{Asked, COMPUTED};
use super::definition::{
    Bound, DateTest, Filter, MessageFilter, Messages, Rule, Selection, Step, Test, Window,
};
use super::names::Path;
use crate::diagnostic::{Diagnostic, Severity};
use crate::input::channel_namespace;
use crate::limits::{RULE_BYTES_MAX, RULE_NODES_MAX};
use crate::message::Channel;
use crate::prelude::*;
use check::{
    Place, check_bucket, check_count, check_date, check_distinct, check_group, check_messages,
    check_name, check_occurrence, check_path, check_span, check_steps, check_test, check_window,
};

/// A rule that was checked, and what it looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The rule in canonical form: [`super::parse`] of its text gives the same.
    pub rule: Rule,
    /// The aggregates it needs, each once.
    pub aggregates: Vec<Aggregate>,
    /// The segments it names.
    pub segments: BTreeSet<String>,
    /// The attributes it names, without what lies inside of them.
    pub attributes: BTreeSet<String>,
    /// Whether it asks about the event that moves a journey: such a rule is a condition, not a
    /// segment.
    pub uses_event: bool,
    /// Whether it compares anything with `now`, so that its answer may change by time alone.
    pub uses_time: bool,
    /// Whether it asks for days, weeks or months of the profile's own zone.
    pub uses_calendar: bool,
    /// The channels that it asks whether a message could go out by.
    pub channels: BTreeSet<Channel>,
    /// The topics that it names.
    pub topics: BTreeSet<String>,
    /// The uses that it asks whether they are allowed.
    pub purposes: BTreeSet<String>,
    /// Whether it asks who the profile is, so that nothing has to happen before it may hold.
    pub uses_identity: bool,
    /// The uploaded lists that it names, each with the values of its payload.
    pub lists: BTreeMap<String, BTreeSet<Path>>,
    /// The messages that it asks for by the name of what sent them.
    pub sources: BTreeSet<(MessageFilter, String)>,
    /// The computed attributes that it names: [`super::resolve`] puts their definitions in.
    pub computed: BTreeSet<String>,
    pub(super) node: Node,
}

impl Compiled {
    /// A rule that nobody is ever inside of, with the aggregates of this one: it exists so that
    /// they are kept up to date.
    #[must_use]
    pub fn only_aggregates(&self) -> Compiled {
        Compiled {
            segments: BTreeSet::new(),
            attributes: BTreeSet::new(),
            lists: BTreeMap::new(),
            uses_event: false,
            uses_time: false,
            node: Node::Never,
            ..self.clone()
        }
    }
}

/// A rule as it is evaluated: as [`Rule`], with aggregates by place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Attribute(Path, Test),
    Event(Path, Test),
    Segment(String),
    List(String),
    Listed {
        list: String,
        path: Path,
        is: Test,
    },
    Measure {
        function: Function,
        aggregate: usize,
        is: Bound,
    },
    Number {
        aggregate: usize,
        is: Bound,
    },
    Value {
        aggregate: usize,
        is: Test,
    },
    Sequence {
        aggregate: usize,
    },
    /// A computed attribute and what lies inside of it, once it is resolved.
    Computed {
        asked: Option<(Asked, usize)>,
        path: Path,
        is: Test,
    },
    Bucket {
        name: String,
        of: u32,
        is: Bound,
    },
    Reachable {
        channel: Channel,
        topic: Option<String>,
    },
    Consent(String),
    Occurred {
        first: bool,
        aggregate: usize,
        is: DateTest,
    },
    Never,
}

impl Node {
    /// Says where a computed attribute is found.
    pub(super) fn compute(&mut self, name: &str, function: Asked, aggregate: usize) {
        match self {
            Node::And(parts) | Node::Or(parts) => {
                parts.iter_mut().for_each(|part| part.compute(name, function, aggregate));
            }
            Node::Not(part) => part.compute(name, function, aggregate),
            Node::Computed { asked, path, .. } if path.0.get(1).is_some_and(|n| n == name) => {
                *asked = Some((function, aggregate));
            }
            _ => {}
        }
    }
}

/// What is asked of an aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Count,
    Sum,
    Average,
}

/// Checks a rule. Always answers: with errors among the findings it must not be published, and
/// what is beyond a bound is never true.
pub fn compile(rule: Rule) -> (Compiled, Vec<Diagnostic>) {
    let mut checker = Checker::new();
    // What compiles must read back, so its text has the bound of a text.
    if !fits(&rule) || rule.to_string().len() > RULE_BYTES_MAX {
        let fault = Diagnostic::error("", "rule-too-large", too_large());
        return (checker.finish(Rule::Or(Vec::new()), Node::Never), vec![fault]);
    }
    let rule = canonical(rule);
    let node = checker.rule(&rule, "");
    let faults = core::mem::take(&mut checker.faults);
    let broken = faults.iter().any(|fault| fault.severity == Severity::Error);
    (checker.finish(rule, if broken { Node::Never } else { node }), faults)
}

pub(super) fn too_large() -> String {
    format!(
        "the rule has more than {RULE_NODES_MAX} parts or {RULE_BYTES_MAX} bytes, or is nested \
         deeper than {DEPTH_MAX}"
    )
}

/// Whether a rule stays within the bounds on parts and depth.
fn fits(rule: &Rule) -> bool {
    let mut parts = 0;
    rule_fits(rule, 1, &mut parts)
}

fn count(parts: &mut usize, more: usize, depth: usize) -> bool {
    *parts = parts.saturating_add(more);
    *parts <= RULE_NODES_MAX && depth <= DEPTH_MAX
}

fn rule_fits(rule: &Rule, depth: usize, parts: &mut usize) -> bool {
    if !count(parts, 1, depth) {
        return false;
    }
    match rule {
        Rule::And(rules) | Rule::Or(rules) => {
            rules.iter().all(|rule| rule_fits(rule, depth + 1, parts))
        }
        Rule::Not(rule) => rule_fits(rule, depth + 1, parts),
        Rule::Attribute { is, .. } | Rule::Event { is, .. } | Rule::Listed { is, .. } => {
            test_fits(is, depth, parts)
        }
        Rule::Sequence { steps, .. } => {
            count(parts, steps.len().saturating_sub(1), depth)
                && steps.iter().all(|step| {
                    let filter = step.filter.as_ref();
                    filter.is_none_or(|filter| filter_fits(filter, depth + 1, parts))
                })
        }
        Rule::Count { .. }
        | Rule::Sum { .. }
        | Rule::Average { .. }
        | Rule::First { .. }
        | Rule::Last { .. }
        | Rule::Min { .. }
        | Rule::Max { .. }
        | Rule::Distinct { .. } => measured_fits(rule, depth, parts),
        Rule::MostFrequent { is, .. }
        | Rule::FirstValue { is, .. }
        | Rule::LastValue { is, .. } => {
            test_fits(is, depth, parts) && measured_fits(rule, depth, parts)
        }
        Rule::Messages { of, .. } => count(parts, of.filters.len().saturating_sub(1), depth),
        Rule::Segment(_)
        | Rule::List(_)
        | Rule::Bucket { .. }
        | Rule::Reachable { .. }
        | Rule::Consent(_) => true,
    }
}

fn measured_fits(rule: &Rule, depth: usize, parts: &mut usize) -> bool {
    let filter = rule.measured().and_then(|(_, of, _)| of.filter.as_ref());
    filter.is_none_or(|filter| filter_fits(filter, depth + 1, parts))
}

fn filter_fits(filter: &Filter, depth: usize, parts: &mut usize) -> bool {
    if !count(parts, 1, depth) {
        return false;
    }
    match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            filters.iter().all(|filter| filter_fits(filter, depth + 1, parts))
        }
        Filter::Not(filter) => filter_fits(filter, depth + 1, parts),
        Filter::Property { is, .. } => test_fits(is, depth, parts),
    }
}

fn test_fits(is: &Test, depth: usize, parts: &mut usize) -> bool {
    count(parts, listed(is), depth)
        && is.elements().is_none_or(|filter| filter_fits(filter, depth + 1, parts))
}

/// How many values a test names beyond the first: each costs a comparison.
pub(super) fn listed(test: &Test) -> usize {
    match test {
        Test::In(literals) | Test::NotIn(literals) => literals.len().saturating_sub(1),
        Test::Exists
        | Test::Missing
        | Test::Compare { .. }
        | Test::Contains(_)
        | Test::StartsWith(_)
        | Test::EndsWith(_)
        | Test::Date(_)
        | Test::Any(_)
        | Test::All(_)
        | Test::No(_)
        | Test::Size(_)
        | Test::Version { .. }
        | Test::Money { .. }
        | Test::Anniversary(_) => 0,
        // One inside another is refused.
        Test::Ignoring { test, .. } => match &**test {
            Test::Ignoring { .. } => 0,
            test => listed(test),
        },
    }
}

/// A group of one is that one.
fn canonical(rule: Rule) -> Rule {
    match rule {
        Rule::And(rules) => unwrap(rules.into_iter().map(canonical).collect(), Rule::And),
        Rule::Or(rules) => unwrap(rules.into_iter().map(canonical).collect(), Rule::Or),
        Rule::Not(rule) => Rule::Not(Box::new(canonical(*rule))),
        Rule::Sequence { mut steps, window } => {
            for step in &mut steps {
                step.filter = step.filter.take().map(canonical_filter);
            }
            Rule::Sequence { steps, window }
        }
        mut leaf => {
            if let Some(of) = leaf.selection_mut() {
                of.filter = of.filter.take().map(canonical_filter);
            }
            if let Some(is) = leaf.test_mut() {
                canonical_test(is);
            }
            leaf
        }
    }
}

fn canonical_filter(filter: Filter) -> Filter {
    match filter {
        Filter::And(filters) => {
            unwrap(filters.into_iter().map(canonical_filter).collect(), Filter::And)
        }
        Filter::Or(filters) => {
            unwrap(filters.into_iter().map(canonical_filter).collect(), Filter::Or)
        }
        Filter::Not(filter) => Filter::Not(Box::new(canonical_filter(*filter))),
        Filter::Property { path, mut is } => {
            canonical_test(&mut is);
            Filter::Property { path, is }
        }
    }
}

fn canonical_test(is: &mut Test) {
    if let Test::Any(filter) | Test::All(filter) | Test::No(filter) = is {
        let taken = core::mem::replace(&mut **filter, Filter::Or(Vec::new()));
        **filter = canonical_filter(taken);
    }
}

fn unwrap<T>(mut parts: Vec<T>, group: fn(Vec<T>) -> T) -> T {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            group(parts)
        }
        None => group(parts),
    }
}

struct Checker {
    aggregates: Vec<Aggregate>,
    segments: BTreeSet<String>,
    attributes: BTreeSet<String>,
    uses_event: bool,
    uses_time: bool,
    uses_calendar: bool,
    channels: BTreeSet<Channel>,
    topics: BTreeSet<String>,
    purposes: BTreeSet<String>,
    uses_identity: bool,
    computed: BTreeSet<String>,
    lists: BTreeMap<String, BTreeSet<Path>>,
    sources: BTreeSet<(MessageFilter, String)>,
    faults: Vec<Diagnostic>,
}

impl Checker {
    fn new() -> Checker {
        Checker {
            aggregates: Vec::new(),
            segments: BTreeSet::new(),
            attributes: BTreeSet::new(),
            uses_event: false,
            uses_time: false,
            uses_calendar: false,
            channels: BTreeSet::new(),
            topics: BTreeSet::new(),
            purposes: BTreeSet::new(),
            uses_identity: false,
            computed: BTreeSet::new(),
            lists: BTreeMap::new(),
            sources: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    fn finish(self, rule: Rule, node: Node) -> Compiled {
        Compiled {
            rule,
            aggregates: self.aggregates,
            segments: self.segments,
            attributes: self.attributes,
            uses_event: self.uses_event,
            uses_time: self.uses_time,
            uses_calendar: self.uses_calendar,
            channels: self.channels,
            topics: self.topics,
            purposes: self.purposes,
            uses_identity: self.uses_identity,
            computed: self.computed,
            lists: self.lists,
            sources: self.sources,
            node,
        }
    }

    fn report(&mut self, path: &str, found: impl IntoIterator<Item = Diagnostic>) {
        self.faults.extend(found.into_iter().map(|fault| fault.below(path)));
    }

    fn rule(&mut self, rule: &Rule, path: &str) -> Node {
        match rule {
            Rule::And(rules) => Node::And(self.group(rules, &step(path, "and"))),
            Rule::Or(rules) => Node::Or(self.group(rules, &step(path, "or"))),
            Rule::Not(rule) => Node::Not(Box::new(self.rule(rule, &step(path, "not")))),
            Rule::Attribute { path: place, is } => {
                let path = step(path, "attribute");
                if let [root, name, ..] = &place.0[..]
                    && root == COMPUTED
                {
                    self.computed.insert(name.clone());
                    self.report(&path, check_path(place));
                    self.test(is, &path);
                    return Node::Computed { asked: None, path: place.clone(), is: is.clone() };
                }
                self.attributes.insert(place.first().to_owned());
                self.report(&path, check_path(place));
                self.test(is, &path);
                Node::Attribute(place.clone(), is.clone())
            }
            Rule::Event { path: place, is } => {
                let path = step(path, "event");
                self.uses_event = true;
                self.report(&path, check_path(place));
                self.test(is, &path);
                Node::Event(place.clone(), is.clone())
            }
            Rule::Segment(name) => {
                self.report(path, check_name("segment", name));
                self.segments.insert(name.clone());
                Node::Segment(name.clone())
            }
            Rule::List(name) => {
                self.list(name, path);
                Node::List(name.clone())
            }
            Rule::Listed { list, path: place, is } => {
                self.listed(list, (place, is), &step(path, "listed"))
            }
            Rule::Bucket { name, of, is } => {
                self.uses_identity = true;
                self.report(&step(path, "bucket"), check_bucket(name, *of, *is));
                Node::Bucket { name: name.clone(), of: *of, is: *is }
            }
            Rule::Reachable { channel, topic } => {
                self.reachable(*channel, topic.as_deref(), &step(path, "reachable"))
            }
            Rule::Consent(purpose) => {
                self.uses_identity = true;
                self.report(&step(path, "consent"), check_name("purpose", purpose));
                self.purposes.insert(purpose.clone());
                Node::Consent(purpose.clone())
            }
            Rule::Messages { of, is } => self.messages(of, *is, &step(path, "messages")),
            Rule::Sequence { steps, window } => {
                self.sequence(steps, *window, &step(path, "sequence"))
            }
            Rule::Count { .. }
            | Rule::Sum { .. }
            | Rule::Average { .. }
            | Rule::First { .. }
            | Rule::Last { .. }
            | Rule::Min { .. }
            | Rule::Max { .. }
            | Rule::Distinct { .. }
            | Rule::MostFrequent { .. }
            | Rule::FirstValue { .. }
            | Rule::LastValue { .. } => self.measured(rule, path),
        }
    }

    fn list(&mut self, name: &str, path: &str) -> &mut BTreeSet<Path> {
        self.report(path, check_name("list", name));
        self.lists.entry(name.to_owned()).or_default()
    }

    fn listed(&mut self, list: &str, (place, is): (&Path, &Test), path: &str) -> Node {
        self.list(list, path).insert(place.clone());
        self.report(path, check_path(place));
        self.test(is, path);
        Node::Listed { list: list.to_owned(), path: place.clone(), is: is.clone() }
    }

    fn messages(&mut self, of: &Messages, is: Bound, path: &str) -> Node {
        self.report(path, check_messages(of));
        let named = of.filters.iter().map(|(filter, name)| (*filter, name.clone()));
        self.sources.extend(named.filter(|(filter, _)| filter.is_source()));
        self.report(path, check_count(is));
        self.measure(Function::Count, &of.selection(), None, is, path)
    }

    /// A condition about events.
    fn measured(&mut self, rule: &Rule, path: &str) -> Node {
        match rule {
            Rule::Count { of, is } => {
                self.report(&step(path, "count"), check_count(*is));
                self.measure(Function::Count, of, None, *is, &step(path, "count"))
            }
            Rule::Min { of, property, is } => {
                let aggregate = self.kept(Measure::Min, of, property, &step(path, "min"));
                Node::Number { aggregate, is: *is }
            }
            Rule::Max { of, property, is } => {
                let aggregate = self.kept(Measure::Max, of, property, &step(path, "max"));
                Node::Number { aggregate, is: *is }
            }
            Rule::Distinct { of, property, is } => {
                let path = step(path, "distinct");
                self.report(&path, check_distinct(*is));
                Node::Number {
                    aggregate: self.kept(Measure::Distinct, of, property, &path),
                    is: *is,
                }
            }
            Rule::MostFrequent { of, property, is } => {
                self.value(Measure::MostFrequent, (of, property), is, &step(path, "most-frequent"))
            }
            Rule::FirstValue { of, property, is } => {
                self.value(Measure::FirstValue, (of, property), is, &step(path, "first-value"))
            }
            Rule::LastValue { of, property, is } => {
                self.value(Measure::LastValue, (of, property), is, &step(path, "last-value"))
            }
            Rule::Sum { of, property, is } => {
                self.measure(Function::Sum, of, Some(property), *is, &step(path, "sum"))
            }
            Rule::Average { of, property, is } => {
                self.measure(Function::Average, of, Some(property), *is, &step(path, "average"))
            }
            Rule::First { of, is } => self.occurred(true, of, *is, &step(path, "first")),
            Rule::Last { of, is } => self.occurred(false, of, *is, &step(path, "last")),
            _ => Node::Never,
        }
    }

    fn group(&mut self, rules: &[Rule], path: &str) -> Vec<Node> {
        self.report(path, check_group(rules.len()));
        rules
            .iter()
            .enumerate()
            .map(|(place, rule)| self.rule(rule, &format!("{path}.{place}")))
            .collect()
    }

    fn measure(
        &mut self,
        function: Function,
        of: &Selection,
        property: Option<&Path>,
        is: Bound,
        path: &str,
    ) -> Node {
        if let Some(property) = property {
            self.report(path, check_path(property));
        }
        Node::Measure { function, aggregate: self.aggregate(of, property, path), is }
    }

    fn kept(&mut self, measure: Measure, of: &Selection, property: &Path, path: &str) -> usize {
        self.report(path, check_path(property));
        self.selection(of, path);
        self.add(Aggregate::measuring(measure, of, Some(property)))
    }

    fn value(
        &mut self,
        measure: Measure,
        (of, property): (&Selection, &Path),
        is: &Test,
        path: &str,
    ) -> Node {
        self.test(is, path);
        Node::Value { aggregate: self.kept(measure, of, property, path), is: is.clone() }
    }

    fn reachable(&mut self, channel: Channel, topic: Option<&str>, path: &str) -> Node {
        self.uses_identity = true;
        self.channels.insert(channel);
        if let Some(namespace) = channel_namespace(channel) {
            self.attributes.insert(namespace.to_owned());
        }
        if let Some(topic) = topic {
            self.report(path, check_name("topic", topic));
            self.topics.insert(topic.to_owned());
        }
        Node::Reachable { channel, topic: topic.map(str::to_owned) }
    }

    fn sequence(&mut self, steps: &[Step], window: Window, path: &str) -> Node {
        self.report(path, check_steps(steps));
        self.window(window, path);
        for (place, of) in steps.iter().enumerate() {
            let path = format!("{path}.steps.{place}");
            // A last step that must not happen is decided by the clock.
            self.uses_time |= of.not;
            self.report(&path, check_name("event", &of.event));
            self.report(&path, of.within.and_then(check_span));
            if let Some(filter) = &of.filter {
                self.filter(filter, &step(&path, "where"));
            }
        }
        Node::Sequence { aggregate: self.add(Aggregate::sequence(steps, window)) }
    }

    /// A test of a value of the profile, or of its events.
    fn test(&mut self, is: &Test, path: &str) {
        self.uses_time |= is.is_relative();
        self.calendar(is.is_calendar());
        self.report(path, check_test(is, Place::Profile));
        self.elements(is, path);
    }

    fn elements(&mut self, is: &Test, path: &str) {
        if let Some(filter) = is.elements() {
            self.filter(filter, &step(path, "is"));
        }
    }

    fn window(&mut self, window: Window, path: &str) {
        self.uses_time |= window.moves();
        self.calendar(window.is_calendar());
        self.report(path, check_window(window));
    }

    /// Asks for the profile's zone, if so.
    fn calendar(&mut self, uses: bool) {
        self.uses_calendar |= uses;
        if uses {
            self.attributes.insert(ZONE_ATTRIBUTE.to_owned());
        }
    }

    fn occurred(&mut self, first: bool, of: &Selection, is: DateTest, path: &str) -> Node {
        self.uses_time |= is.is_relative();
        self.calendar(is.is_calendar());
        self.report(path, check_date(&is));
        self.report(path, check_occurrence(&is));
        Node::Occurred { first, aggregate: self.aggregate(of, None, path), is }
    }

    fn aggregate(&mut self, of: &Selection, property: Option<&Path>, path: &str) -> usize {
        self.selection(of, path);
        self.add(Aggregate::new(of, property))
    }

    fn selection(&mut self, of: &Selection, path: &str) {
        self.report(path, check_name("event", &of.event));
        self.window(of.window, path);
        if let Some(filter) = &of.filter {
            self.filter(filter, &step(path, "where"));
        }
    }

    /// The place of an aggregate; several conditions share one.
    fn add(&mut self, aggregate: Aggregate) -> usize {
        let known = self.aggregates.iter().position(|known| known.id == aggregate.id);
        known.unwrap_or_else(|| {
            self.aggregates.push(aggregate);
            self.aggregates.len() - 1
        })
    }

    fn filter(&mut self, filter: &Filter, path: &str) {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => {
                self.report(path, check_group(filters.len()));
                for (place, filter) in filters.iter().enumerate() {
                    self.filter(filter, &format!("{path}.{place}"));
                }
            }
            Filter::Not(filter) => self.filter(filter, &step(path, "not")),
            Filter::Property { path: place, is } => {
                self.report(path, check_path(place));
                self.report(path, check_test(is, Place::Filter));
                self.elements(is, path);
            }
        }
    }
}

fn step(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parse;

    #[test]
    fn segments_share_aggregates() {
        let compiled = |text: &str| compile(parse(text).unwrap()).0;
        let one = compiled("count(o, last 90d) >= 3 and last(o, last 90d) before now - 1d");
        let other = compiled("not count( o , last 90d ) < 1 or sum(o.total, last 90d) > 5");
        assert_eq!(one.aggregates.len(), 1, "a count and a date look at the same events");
        assert_eq!(other.aggregates.len(), 2);
        assert_eq!(one.aggregates[0], other.aggregates[0]);
        assert_eq!(one.aggregates[0].to_string(), "o, last 90d");
        // A vector: a change here makes every installation count again.
        assert_eq!(one.aggregates[0].id.0, 7_878_562_485_628_417_062);
    }

    #[test]
    fn what_a_rule_looks_at_is_listed() {
        let text = "address.city = \"x\" and in segment \"vip\" and event.total > 1";
        let compiled = compile(parse(text).unwrap()).0;
        assert_eq!(compiled.attributes, BTreeSet::from(["address".to_owned()]));
        assert_eq!(compiled.segments, BTreeSet::from(["vip".to_owned()]));
        assert!(compiled.uses_event && !compiled.uses_time);
        assert!(compile(parse("d before now").unwrap()).0.uses_time);
    }
}
