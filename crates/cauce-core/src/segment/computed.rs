//! Computed attributes: one measure of a profile's events under a name, for rules as
//! `computed.spend_90d > 100` and for templates as `profile.computed.spend_90d`.

use super::aggregate::{Aggregate, AggregateState, Measure};
use super::compile::Compiled;
use super::definition::Selection;
use super::evaluate::{Facts, earlier, read, totals, whole};
use super::names::Path;
use super::tally::Reading;
use crate::diagnostic::{Diagnostic, nearest};
use crate::prelude::*;
use crate::time::Timestamp;
use crate::value::Value;

/// The name behind which computed attributes are found.
pub const COMPUTED: &str = "computed";

/// A computed attribute: what is asked of which events.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// Its text in canonical form.
    pub text: String,
    /// What is kept of the events.
    pub aggregate: Aggregate,
    pub(super) function: Asked,
}

/// What is asked of an aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Count,
    Sum,
    First,
    Last,
    Kept,
}

impl Computed {
    pub(super) fn new(function: &str, of: &Selection, property: &Path) -> Option<Computed> {
        let (asked, measure) = match function {
            "count" => (Asked::Count, Measure::Totals),
            "sum" => (Asked::Sum, Measure::Totals),
            "first" => (Asked::First, Measure::Totals),
            "last" => (Asked::Last, Measure::Totals),
            "min" => (Asked::Kept, Measure::Min),
            "max" => (Asked::Kept, Measure::Max),
            "distinct" => (Asked::Kept, Measure::Distinct),
            "most frequent" => (Asked::Kept, Measure::MostFrequent),
            "first value" => (Asked::Kept, Measure::FirstValue),
            "last value" => (Asked::Kept, Measure::LastValue),
            _ => return None,
        };
        let property = (!property.0.is_empty()).then_some(property);
        Some(Computed {
            text: format!("{function}({})", super::print::Select(of, property)),
            aggregate: Aggregate::measuring(measure, of, property),
            function: asked,
        })
    }

    /// A rule that nobody meets and that keeps its aggregate up to date.
    pub fn keeper(&self) -> Compiled {
        let (mut rule, _) = super::compile(super::Rule::Or(Vec::new()));
        rule.aggregates.push(self.aggregate.clone());
        if self.aggregate.window.is_calendar() {
            rule.uses_calendar = true;
        }
        rule
    }

    /// Its value, and the earliest instant at which time alone could change it.
    pub fn value(&self, facts: &Facts<'_>) -> (Option<Value>, Option<Timestamp>) {
        value(self.function, &self.aggregate, facts)
    }
}

pub(super) fn value(
    asked: Asked,
    aggregate: &Aggregate,
    facts: &Facts<'_>,
) -> (Option<Value>, Option<Timestamp>) {
    if asked == Asked::Kept {
        let (reading, until) = read(aggregate, facts);
        let value = match reading {
            Reading::Number(number) => number.map(Value::Number),
            Reading::Value(value) => value,
            Reading::Totals(_) | Reading::TooMany | Reading::Happened(_) => None,
        };
        return (value, until);
    }
    let (state, moves) = totals(aggregate, facts);
    let empty = AggregateState::default();
    let state = state.unwrap_or(&empty);
    let date = |at: Option<Timestamp>| at.map(|at| Value::String(at.to_string()));
    let (value, leaves) = match asked {
        Asked::Count => (Some(Value::Number(whole(state.count))), state.until(aggregate)),
        Asked::Sum => (Some(Value::Number(state.sum)), state.until(aggregate)),
        Asked::First => (date(state.first()), state.until(aggregate)),
        Asked::Last | Asked::Kept => (date(state.last), state.empties(aggregate)),
    };
    (value, earlier(moves, leaves))
}

/// Puts the definitions of the computed attributes that a rule names into it. Unknown names are
/// refused, and what they name is never there.
pub fn resolve(
    compiled: &mut Compiled,
    definitions: &BTreeMap<String, Computed>,
) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for name in &compiled.computed {
        let Some(computed) = definitions.get(name) else {
            let message = format!("there is no computed attribute `{name}`");
            let fault = Diagnostic::error("", "unknown-attribute", message);
            let near = nearest(name, definitions.keys().map(String::as_str));
            faults.push(match near {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint("define it below `attributes/`"),
            });
            continue;
        };
        let known = compiled.aggregates.iter().position(|known| known.id == computed.aggregate.id);
        let place = known.unwrap_or_else(|| {
            compiled.aggregates.push(computed.aggregate.clone());
            compiled.aggregates.len() - 1
        });
        compiled.node.compute(name, computed.function, place);
        let window = computed.aggregate.window;
        compiled.uses_time |= window.moves();
        if window.is_calendar() {
            compiled.uses_calendar = true;
            compiled.attributes.insert(super::ZONE_ATTRIBUTE.to_owned());
        }
    }
    faults
}
