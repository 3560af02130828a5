//! Conditions on the cells of a row.

use super::row::{Row, text};
use cauce_core::decimal::Decimal;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What must be true of a row: the tests of one column, or others joined. All that are given must
/// hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Condition {
    all: Vec<Condition>,
    any: Vec<Condition>,
    not: Option<Box<Condition>>,
    column: Option<String>,
    empty: Option<bool>,
    is: Option<Json>,
    is_not: Option<Json>,
    #[serde(rename = "in")]
    among: Option<Vec<Json>>,
    starts_with: Option<String>,
    ends_with: Option<String>,
    contains: Option<String>,
    #[serde(deserialize_with = "bound")]
    above: Option<Decimal>,
    #[serde(deserialize_with = "bound")]
    at_least: Option<Decimal>,
    #[serde(deserialize_with = "bound")]
    below: Option<Decimal>,
    #[serde(deserialize_with = "bound")]
    at_most: Option<Decimal>,
}

/// A bound, digit by digit as it is written.
fn bound<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?.to_string();
    number.parse().map(Some).map_err(|unfit| serde::de::Error::custom(format!("{number}: {unfit}")))
}

impl Condition {
    /// Adds the columns that it looks at.
    pub fn names<'c>(&'c self, names: &mut BTreeSet<&'c str>) {
        names.extend(self.column.as_deref());
        let joined = self.all.iter().chain(&self.any).chain(self.not.as_deref());
        joined.for_each(|condition| condition.names(names));
    }

    /// Whether it holds. A test of a cell that is empty, or of a number that is none, does not.
    pub fn holds(&self, row: &Row) -> bool {
        self.all.iter().all(|condition| condition.holds(row))
            && (self.any.is_empty() || self.any.iter().any(|condition| condition.holds(row)))
            && self.not.as_ref().is_none_or(|condition| !condition.holds(row))
            && self.column.as_ref().is_none_or(|column| self.tests(row, column))
    }

    fn tests(&self, row: &Row, column: &str) -> bool {
        let cell = row.cell(column);
        if self.empty.is_some_and(|empty| empty != cell.is_none()) {
            return false;
        }
        let cell = cell.as_deref().map(text);
        let with = |test: &dyn Fn(&str) -> bool| cell.as_deref().is_some_and(test);
        let number =
            |test: &dyn Fn(Decimal) -> bool| with(&|cell| cell.parse::<Decimal>().is_ok_and(test));
        let is = |wanted: &Json| with(&|cell| cell == text(wanted));
        self.is.as_ref().is_none_or(is)
            && self.is_not.as_ref().is_none_or(|wanted| !is(wanted))
            && self.among.as_ref().is_none_or(|wanted| wanted.iter().any(is))
            && self.starts_with.as_ref().is_none_or(|part| with(&|cell| cell.starts_with(part)))
            && self.ends_with.as_ref().is_none_or(|part| with(&|cell| cell.ends_with(part)))
            && self.contains.as_ref().is_none_or(|part| with(&|cell| cell.contains(part)))
            && self.above.is_none_or(|bound| number(&|found| found > bound))
            && self.at_least.is_none_or(|bound| number(&|found| found >= bound))
            && self.below.is_none_or(|bound| number(&|found| found < bound))
            && self.at_most.is_none_or(|bound| number(&|found| found <= bound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(condition: &str, expected: bool) {
        let yaml: Json = serde_json::to_value(
            serde_yaml_ng::from_str::<serde_yaml_ng::Value>(condition).unwrap(),
        )
        .unwrap();
        let condition: Condition = serde_json::from_value(yaml).unwrap();
        let row = Row::of(&[("no", "C536"), ("n", "-2"), ("empty", ""), ("word", "x")]);
        assert_eq!(condition.holds(&row), expected, "{condition:?}");
    }

    #[test]
    fn conditions_look_at_cells() {
        check("{column: no, starts-with: C}", true);
        check("{column: no, starts-with: D}", false);
        check("{column: empty, empty: true}", true);
        check("{column: no, empty: true}", false);
        check("{column: no, empty: false}", true);
        check("{column: n, below: 0}", true);
        check("{column: n, below: -2}", false);
        check("{column: n, at-least: -2, at-most: -2}", true);
        check("{column: word, above: 0}", false);
        check("{column: n, is: -2}", true);
        check("{column: no, in: [A, C536]}", true);
        check("{column: empty, is-not: x}", true);
        check("{not: {column: word, is: x}}", false);
        check("{any: [{column: word, is: y}, {column: no, contains: '53'}]}", true);
        check("{all: [{column: word, is: y}, {column: no, contains: '53'}]}", false);
    }
}
