//! How many people a rule holds for while it is being written: from a sample with its error, or
//! counted.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::super::shapes;
use crate::app::App;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use cauce_core::catalog::Catalog;
use cauce_core::diagnostic::{Diagnostic, Severity};
use cauce_core::ids::{Number, Partition, ProfileId, hash64};
use cauce_core::publish::{Written, check_rule};
use cauce_core::query;
use cauce_core::segment::Compiled;
use cauce_core::state::{Key, Row, Rows};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Profiles of a sample. Up to so many there is no need for one.
const SAMPLE: u32 = 2_000;
/// A sample that takes longer ends here, with what it has.
const PATIENCE: Duration = Duration::from_millis(150);
/// Profiles that one question looks at: a partition takes inputs between two of them.
const SLICE: usize = 32;
/// People that are shown.
const SHOWN: usize = 10;

/// A rule as it is being written.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Its text form.
    rule: Option<String>,
    /// The same.
    text: Option<String>,
    /// Its JSON form.
    #[schema(value_type = Option<Object>)]
    json: Option<Value>,
    /// Count everybody, however long that takes.
    #[serde(default)]
    exact: bool,
}

impl Asked {
    fn written(self) -> Result<Written, Problem> {
        let Asked { rule, text, json, exact: _ } = self;
        let mut forms: Vec<Written> = rule.into_iter().chain(text).map(Written::Text).collect();
        forms.extend(json.map(Written::Json));
        match (forms.pop(), forms.is_empty()) {
            (Some(written), true) => Ok(written),
            _ => Err(Problem::new(Code::Invalid, "give `rule` (its text) or `json`, one of them")),
        }
    }
}

/// A finding about a rule, as an editor wants it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RuleFinding)]
pub struct Finding {
    /// Whether it blocks: `error` or `warning`.
    #[schema(value_type = shapes::Severity)]
    severity: Severity,
    /// The stable word: `unknown-attribute`.
    code: String,
    /// What is wrong.
    message: String,
    /// What to do, if there is something.
    #[schema(required = true)]
    hint: Option<String>,
    /// Where it begins: bytes from the start of the text.
    #[schema(required = true)]
    at: Option<u32>,
    /// Where it ends: one byte past the last.
    #[schema(required = true)]
    end: Option<u32>,
    /// The line where it begins, from 1.
    #[schema(required = true)]
    line: Option<usize>,
    /// The character in that line, from 1.
    #[schema(required = true)]
    column: Option<usize>,
    /// What was expected there, where that is known.
    #[schema(required = true)]
    expected: Option<String>,
    /// A name that may have been meant.
    #[schema(required = true)]
    near: Option<String>,
    /// Whether it blocks.
    blocks: bool,
}

/// Somebody by one of their names.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = NamedProfile)]
pub struct Named {
    /// The profile: `pro_…`.
    #[schema(value_type = String)]
    pub(crate) profile: ProfileId,
    /// The name's namespace: `user_id`, or `email`, or the first; null where the person has none.
    #[schema(required = true)]
    pub(crate) namespace: Option<String>,
    /// The name.
    #[schema(required = true)]
    pub(crate) value: Option<String>,
}

/// How many people a rule holds for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SegmentEstimate)]
pub struct Estimate {
    /// What is to be said about the rule.
    diagnostics: Vec<Finding>,
    /// The rule's text; null where it cannot be read.
    #[schema(required = true)]
    text: Option<String>,
    /// The rule's JSON; null where it cannot be read.
    #[schema(value_type = Option<Object>, required = true)]
    json: Option<Value>,
    /// How many people it holds for, as likely as can be; null where it cannot be read.
    #[schema(required = true)]
    count: Option<u64>,
    /// As few as this, 95 times of 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<u64>,
    /// As many as this, 95 times of 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<u64>,
    /// How many people there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u64>,
    /// How many of them were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    sampled: Option<u64>,
    /// Whether everybody was looked at, so that `low` and `high` are `count`.
    exact: bool,
    /// Some of whom it holds for: at most 10.
    people: Vec<Named>,
    /// How long it took.
    took_ms: u64,
}

/// How many people a rule holds for: from a sample, with the bounds that hold 95 times of 100, or
/// counted with `exact`. A rule with faults is answered with them and without a number.
#[utoipa::path(post, path = "/v1/segments/estimate", tag = "segments", request_body = Asked,
    responses((status = 200, body = Estimate), (status = 422, body = Problem),
              (status = 429, body = Problem)))]
pub async fn estimate(
    _: Full,
    State(app): Shared,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Result<Json<Estimate>, Problem> {
    let Json(asked) = asked.map_err(|error| Problem::new(Code::Malformed, error.body_text()))?;
    let begun = Instant::now();
    let exact = asked.exact;
    let (compiled, text, found) = {
        let written = asked.written()?;
        let learned = app.observer.learner.learned();
        check_rule(&app.control().book, &learned, written)
    };
    let mut answer = Estimate {
        diagnostics: found.iter().map(|fault| shown(fault, &text)).collect(),
        text: None,
        json: None,
        count: None,
        low: None,
        high: None,
        of: None,
        sampled: None,
        exact,
        people: Vec::new(),
        took_ms: 0,
    };
    if let Some(compiled) = compiled {
        answer.text = Some(compiled.rule.to_string());
        answer.json = serde_json::to_value(&compiled.rule).ok();
        let _room = app.who.estimates.try_acquire().map_err(|_| {
            Problem::new(Code::Overloaded, "too many estimates at once")
                .hint("try again after `Retry-After` seconds")
        })?;
        count(&app, Arc::new(compiled), exact, &mut answer).await?;
    }
    answer.took_ms = begun.elapsed().as_millis() as u64;
    Ok(Json(answer))
}

/// A finding as an editor wants it.
fn shown(fault: &Diagnostic, text: &str) -> Finding {
    let (start, end) = fault.span.unwrap_or_default();
    let before = text.get(..start as usize).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let expected = fault.message.strip_prefix("expected ");
    let expected = expected.map(|rest| rest.split(", found ").next().unwrap_or(rest));
    let near = fault.hint.as_deref().and_then(|hint| hint.strip_prefix("did you mean `"));
    let near = near.and_then(|rest| rest.split('`').next());
    Finding {
        severity: fault.severity,
        code: fault.code.clone(),
        message: fault.message.clone(),
        hint: fault.hint.clone(),
        at: fault.span.map(|span| span.0),
        end: fault.span.map(|_| end),
        line: fault.span.map(|_| line),
        column: fault.span.map(|_| column),
        expected: expected.map(str::to_owned),
        near: near.map(str::to_owned),
        blocks: fault.severity == Severity::Error,
    }
}

/// What was looked at so far.
#[derive(Default)]
struct Seen {
    asked: u64,
    living: u64,
    inside: u64,
    people: Vec<Named>,
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.asked += other.asked;
        self.living += other.living;
        self.inside += other.inside;
        let room = SHOWN.saturating_sub(self.people.len());
        self.people.extend(other.people.into_iter().take(room));
    }
}

async fn count(
    app: &App,
    compiled: Arc<Compiled>,
    exact: bool,
    answer: &mut Estimate,
) -> Result<(), Problem> {
    let sizes = (0..app.node.partitions()).map(|partition| {
        app.ask(partition, |p| match p.rows().get(&Key::Meta) {
            Some(Row::Meta(meta)) => meta.next_number,
            _ => 0,
        })
    });
    let sizes: Option<Vec<Number>> =
        futures_util::future::join_all(sizes).await.into_iter().collect();
    let sizes = sizes.ok_or_else(stopping)?;
    let all: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
    let whole = exact || all <= u64::from(SAMPLE);
    let catalog = app.catalog();
    let seed = hash64(&[compiled.rule.to_string().as_bytes()]);
    let until = Instant::now() + PATIENCE;
    let parts = sizes.iter().zip(0..).map(|(size, partition)| {
        let numbers: Box<dyn Iterator<Item = Number> + Send> = if whole {
            Box::new(0..*size)
        } else {
            let share = u64::from(SAMPLE) * u64::from(*size) / all.max(1) + 1;
            Box::new(drawn(seed ^ u64::from(partition), *size, share as usize).into_iter())
        };
        let until = (!whole).then_some(until);
        look(app, partition, &catalog, &compiled, numbers, until)
    });
    let mut seen = Seen::default();
    for part in futures_util::future::join_all(parts).await {
        seen.add(part.ok_or_else(stopping)?);
    }
    let bounds = if whole { exactly(&seen) } else { around(&seen, all) };
    answer.count = Some(bounds.count);
    (answer.low, answer.high) = (Some(bounds.low), Some(bounds.high));
    answer.of = Some(bounds.of);
    answer.sampled = Some(seen.living);
    answer.exact = whole;
    answer.people = seen.people;
    Ok(())
}

/// Different numbers below `size`, drawn by chance that is the same for the same rule, so that a
/// number on a screen does not dance.
fn drawn(seed: u64, size: Number, count: usize) -> Vec<Number> {
    let mut found = BTreeSet::new();
    let mut turn = 0u64;
    let count = count.min(size as usize);
    while found.len() < count {
        let random = hash64(&[&seed.to_le_bytes(), &turn.to_le_bytes()]);
        found.insert((random % u64::from(size.max(1))) as Number);
        turn += 1;
    }
    let mut found: Vec<Number> = found.into_iter().collect();
    // In the order of a second draw: a sample that ends early is one of everybody.
    found.sort_by_key(|number| hash64(&[b"order", &seed.to_le_bytes(), &number.to_le_bytes()]));
    found
}

/// Looks at profiles of one partition, a few at a time. None if the partition is gone.
async fn look(
    app: &App,
    partition: Partition,
    catalog: &Arc<Catalog>,
    compiled: &Arc<Compiled>,
    mut numbers: Box<dyn Iterator<Item = Number> + Send>,
    until: Option<Instant>,
) -> Option<Seen> {
    let mut seen = Seen::default();
    loop {
        let slice: Vec<Number> = numbers.by_ref().take(SLICE).collect();
        let late = until.is_some_and(|until| Instant::now() >= until);
        if slice.is_empty() || late {
            return Some(seen);
        }
        let (catalog, compiled, now) = (catalog.clone(), compiled.clone(), app.node.now());
        let room = SHOWN.saturating_sub(seen.people.len());
        let asked = app.ask(partition, move |p| {
            let count = slice.len() as u64;
            let found = query::matching(p.rows(), &catalog, &compiled, slice, now);
            let people = found.inside.iter().take(room);
            Seen {
                asked: count,
                living: found.living,
                inside: found.inside.len() as u64,
                people: people.filter_map(|number| named(p.rows(), *number)).collect(),
            }
        });
        seen.add(asked.await?);
    }
}

/// Who has a number, by the first of their names.
pub(crate) fn named(rows: &impl Rows, number: Number) -> Option<Named> {
    let Some(Row::Head(head)) = rows.get(&Key::Head(number)) else { return None };
    let strongest = ["user_id", "email"];
    let named = strongest
        .iter()
        .find_map(|wanted| head.aliases.iter().find(|alias| alias.namespace == **wanted));
    let alias = named.or_else(|| head.aliases.first());
    Some(Named {
        profile: head.id(),
        namespace: alias.map(|alias| alias.namespace.clone()),
        value: alias.map(|alias| alias.value.clone()),
    })
}

/// A number of people and what it may be as well.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The likeliest.
    pub(crate) count: u64,
    /// The least.
    pub(crate) low: u64,
    /// The most.
    pub(crate) high: u64,
    of: u64,
}

fn exactly(seen: &Seen) -> Bounds {
    Bounds { count: seen.inside, low: seen.inside, high: seen.inside, of: seen.living }
}

/// Of the numbers that were drawn some are nobody any more; as many are so among the others.
fn around(seen: &Seen, all: u64) -> Bounds {
    let of = (all as f64 * seen.living as f64 / seen.asked.max(1) as f64).round();
    bounds(seen.inside, seen.living, of as u64)
}

/// How many of all there are, when so many of a sample are inside: Wilson's interval at 95 %,
/// narrower as the sample comes near to everybody.
pub(crate) fn bounds(inside: u64, sampled: u64, all: u64) -> Bounds {
    const Z: f64 = 1.96;
    let (seen, of) = (sampled.max(1) as f64, all as f64);
    let share = inside as f64 / seen;
    let left = ((of - seen) / (of - 1.0).max(1.0)).clamp(0.0, 1.0);
    // The finite population makes the sample worth more.
    let worth = if left > 0.0 { seen / left } else { f64::MAX };
    let middle = (share + Z * Z / (2.0 * worth)) / (1.0 + Z * Z / worth);
    let spread = share * (1.0 - share) / worth + Z * Z / (4.0 * worth * worth);
    let half = Z * spread.sqrt() / (1.0 + Z * Z / worth);
    let people = |share: f64| (share.clamp(0.0, 1.0) * of).round() as u64;
    // Whoever was seen is there.
    let low = people(middle - half).max(inside);
    let high = people(middle + half).min(all.saturating_sub(sampled - inside)).max(low);
    Bounds { count: people(share).clamp(low, high), low, high, of: all }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(inside: u64, living: u64, all: u64, expected: (u64, u64, u64)) {
        let seen = Seen { asked: living, living, inside, people: Vec::new() };
        let Bounds { count, low, high, .. } = around(&seen, all);
        assert_eq!((count, low, high), expected, "{inside} of {living} of {all}");
    }

    #[test]
    fn the_error_is_as_wide_as_it_must_be() {
        check(0, 2_000, 100_000, (0, 0, 188));
        check(1_000, 2_000, 100_000, (50_000, 47_833, 52_167));
        check(2_000, 2_000, 100_000, (100_000, 99_812, 100_000));
        // Nearly everybody was asked: nearly no error is left.
        check(1_000, 2_000, 2_001, (1_001, 1_000, 1_001));
    }

    /// Of many samples about 95 in 100 hold the truth between their bounds.
    #[test]
    fn the_bounds_hold_as_often_as_they_say() {
        for (people, every) in [(20_000u32, 3u32), (20_000, 50), (5_000, 7)] {
            let truth = u64::from(people.div_ceil(every));
            let mut held = 0;
            for seed in 0..200u64 {
                let sample = drawn(seed * 7_919, people, 1_000);
                let inside = sample.iter().filter(|number| **number % every == 0).count() as u64;
                let living = sample.len() as u64;
                let seen = Seen { asked: living, living, inside, people: Vec::new() };
                let Bounds { low, high, .. } = around(&seen, u64::from(people));
                held += u32::from((low..=high).contains(&truth));
            }
            assert!((180..=199).contains(&held), "{held} of 200, one in {every} of {people}");
        }
    }

    #[test]
    fn a_place_is_a_line_and_a_column() {
        let fault = Diagnostic::error("", "x", "expected a value, found `b`").at(7, 8);
        let said = shown(&fault.hint("did you mean `c`?"), "á = 1\nb");
        assert_eq!((said.line, said.column, said.at), (Some(2), Some(1), Some(7)));
        let words = (said.expected.as_deref(), said.near.as_deref());
        assert_eq!(words, (Some("a value"), Some("c")));
    }
}
