//! Who someone is: rules over attributes, events and other segments, and live membership.
pub(crate) mod live;
use crate::decimal::Decimal;
use crate::diagnostic::Diagnostic;
use crate::event::*;
use crate::ids::EventId;
use crate::prelude::*;
use crate::profile::Attributes;
use crate::time::*;
use serde::{Deserialize, Serialize};
#[derive(Clone, Debug, PartialEq)]
pub struct Rule;
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AggregateId(pub u64);
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    pub id: AggregateId,
    pub event: String,
}
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    pub rule: Rule,
    pub aggregates: Vec<Aggregate>,
    pub segments: BTreeSet<String>,
    pub attributes: BTreeSet<String>,
}
pub fn parse(_: &str) -> Result<Rule, Vec<Diagnostic>> {
    Ok(Rule)
}
pub fn compile(rule: Rule) -> (Compiled, Vec<Diagnostic>) {
    (
        Compiled {
            rule,
            aggregates: vec![],
            segments: BTreeSet::new(),
            attributes: BTreeSet::new(),
        },
        vec![],
    )
}
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug, Default)]
pub struct AggregateState {
    pub count: u64,
    pub sum: Decimal,
}
impl AggregateState {
    pub fn apply(&mut self, _: &Aggregate, _: &TimelineRow, _: Timestamp) {}
    pub fn needs(&self, _: &Aggregate, _: Timestamp) -> Option<(Timestamp, EventId)> {
        None
    }
    pub fn expire(
        &mut self,
        _: &Aggregate,
        _: Timestamp,
        _: &mut dyn Iterator<Item = &TimelineRow>,
    ) {
    }
    pub fn rebuild<'a>(
        _: &Aggregate,
        _: Timestamp,
        _: impl Iterator<Item = &'a TimelineRow>,
    ) -> AggregateState {
        Self::default()
    }
}
pub struct Facts<'a> {
    pub attributes: &'a Attributes,
    pub aggregates: &'a BTreeMap<AggregateId, Arc<AggregateState>>,
    pub segments: &'a BTreeSet<String>,
    pub event: Option<&'a Properties>,
    pub now: Timestamp,
}
pub struct Answer {
    pub inside: bool,
    pub until: Option<Timestamp>,
}
pub fn evaluate(_: &Compiled, _: &Facts) -> Answer {
    Answer { inside: false, until: None }
}
pub fn order(s: &BTreeMap<String, Compiled>) -> Result<Vec<String>, Vec<Diagnostic>> {
    Ok(s.keys().cloned().collect())
}
