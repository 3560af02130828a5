//! What must be true of a value, and of the instant or the day that it says.

use super::{Bound, Filter, Literal, Op, Unit, span};
use crate::decimal::Decimal;
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// What must be true of a value. Of a value that is missing or of another type, only
/// [`Test::Missing`] (if it is missing) and [`Test::Exists`] (if it is not) are true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Test {
    /// There is one.
    Exists,
    /// There is none, or it is null.
    Missing,
    /// `= 5`, `!= "pro"`, `>= 18`. Texts and truths are only equal or different.
    Compare {
        /// How they must relate.
        op: Op,
        /// To what.
        to: Literal,
    },
    /// A text that has this part, or an array that has this element.
    Contains(Literal),
    /// A text that begins so.
    StartsWith(String),
    /// A text that ends so.
    EndsWith(String),
    /// One of these.
    In(Vec<Literal>),
    /// A value of the type of one of these that is none of them.
    NotIn(Vec<Literal>),
    /// A date or an instant, kept as text (`2026-11-24`, RFC 3339).
    Date(DateTest),
    /// An array with an element for which this holds: `any items (sku = "x" and qty > 2)`.
    Any(Box<Filter>),
    /// An array for each element of which this holds; also one without elements.
    All(Box<Filter>),
    /// An array without an element for which this holds.
    No(Box<Filter>),
    /// An array of so many elements: `size(items) >= 3`.
    Size(Bound),
    /// A test of texts that looks past capitals or accents: `city = "málaga" ignoring case`.
    Ignoring {
        /// What is looked past.
        what: Ignore,
        /// The test.
        test: Box<Test>,
    },
    /// A semantic version: `app_version >= version "2.10.0"`.
    Version {
        /// How they must relate, by precedence.
        op: Op,
        /// To which one.
        to: Release,
    },
    /// An object of an amount and a currency: `total > money "50 EUR"`. Of another currency no
    /// comparison holds.
    Money {
        /// How the amounts must relate.
        op: Op,
        /// To what amount.
        amount: Decimal,
        /// In which currency.
        currency: String,
    },
    /// The day of a date in other years: `anniversary of birth_date is today`.
    Anniversary(Anniversary),
}

/// What a test of texts looks past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ignore {
    /// `ignoring case`: every letter is made upper and then lower case.
    Case,
    /// `ignoring accents`: what Unicode writes as a mark of its own (in form D) is dropped.
    Accents,
    /// Both.
    CaseAndAccents,
}

/// What must be true of the day of a date in other years, by the profile's clock. Of the 29th of
/// February it is the 28th where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anniversary {
    /// It is today.
    Today,
    /// It begins later than `now`, not later than `now + span`.
    WithinNext(#[serde(with = "span")] Duration),
    /// It began later than `now − span`, not later than `now`.
    WithinLast(#[serde(with = "span")] Duration),
}

/// A version as semver.org has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Release(pub semver::Version);

impl From<Release> for String {
    fn from(release: Release) -> String {
        release.0.to_string()
    }
}

impl TryFrom<String> for Release {
    type Error = String;
    fn try_from(text: String) -> Result<Release, String> {
        let malformed = |_| format!("`{text}` is not a version such as `2.10.0`");
        semver::Version::parse(&text).map(Release).map_err(malformed)
    }
}

/// A span of the calendar: `1 month`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// How many.
    pub count: u16,
    /// Of what.
    pub unit: Unit,
}

impl Test {
    /// Whether the answer depends on the clock.
    pub fn is_relative(&self) -> bool {
        match self {
            Test::Date(date) => date.is_relative(),
            Test::Anniversary(_) => true,
            _ => false,
        }
    }

    /// Whether it asks for days or months by the profile's clock.
    pub fn is_calendar(&self) -> bool {
        match self {
            Test::Date(date) => date.is_calendar(),
            Test::Anniversary(_) => true,
            _ => false,
        }
    }

    /// The condition on the elements of an array, if it is about those.
    pub(in crate::segment) fn elements(&self) -> Option<&Filter> {
        match self {
            Test::Any(filter) | Test::All(filter) | Test::No(filter) => Some(filter),
            _ => None,
        }
    }
}

/// What must be true of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateTest {
    /// Strictly earlier.
    Before(Moment),
    /// Strictly later.
    After(Moment),
    /// Later than `now − span`, not later than `now`.
    WithinLast(#[serde(with = "span")] Duration),
    /// Later than `now`, not later than `now + span`.
    WithinNext(#[serde(with = "span")] Duration),
    /// `within last 1 month`: not later than `now`, which is before the date plus the span.
    WithinLastUnits(Units),
    /// `within next 1 month`: later than `now`, which is not before the date less the span.
    WithinNextUnits(Units),
}

/// An instant that a date is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// `"2026-11-24"`.
    At(Timestamp),
    /// `now`.
    Now,
    /// `now - 30d`.
    Ago(#[serde(with = "span")] Duration),
    /// `now + 7d`.
    Ahead(#[serde(with = "span")] Duration),
    /// `now - 1 month`. The span is added to the date that is compared: to the same day of the
    /// month, or the last one where there is none.
    AgoUnits(Units),
    /// `now + 1 month`: the span is taken from the date.
    AheadUnits(Units),
}

impl DateTest {
    /// Whether the answer depends on the clock.
    pub fn is_relative(&self) -> bool {
        !matches!(self, DateTest::Before(Moment::At(_)) | DateTest::After(Moment::At(_)))
    }
}

impl DateTest {
    /// Whether it asks for days or months by the profile's clock.
    pub fn is_calendar(&self) -> bool {
        match self {
            DateTest::Before(moment) | DateTest::After(moment) => {
                matches!(moment, Moment::AgoUnits(_) | Moment::AheadUnits(_))
            }
            DateTest::WithinLast(_) | DateTest::WithinNext(_) => false,
            DateTest::WithinLastUnits(_) | DateTest::WithinNextUnits(_) => true,
        }
    }
}
