//! Who someone is: rules over attributes, events and other segments, and live membership.
//!
//! A rule has a text form ([`parse`], `Display`) and a JSON form (serde). [`compile`] checks it and
//! lists the aggregates it needs; [`AggregateState`] keeps one of them for one profile, event by
//! event; [`evaluate`] answers from those and says until when the answer holds.
//!
//! One evaluator: a rebuild from history feeds the same [`AggregateState`] that live events feed.

mod aggregate;
mod calendar;
mod compile;
mod computed;
mod definition;
mod evaluate;
pub(crate) mod live;
mod names;
mod order;
mod parse;
mod print;
mod tally;

use compile::check as checks;
use evaluate::judge;
use parse::lexer;

pub use aggregate::{Aggregate, AggregateId, AggregateState, Aggregates, Measure};
pub use calendar::{Calendar, ZONE_ATTRIBUTE};
pub use compile::{Compiled, compile};
pub use computed::{COMPUTED, Computed, resolve};
pub(crate) use definition::written;
pub use definition::{
    Anniversary, Bound, DateTest, Filter, Ignore, Literal, MessageFilter, MessageState, Messages,
    Moment, Op, Release, Rule, Selection, Step, Test, Unit, Units, Window,
};
pub use evaluate::explain::{Explanation, explain};
pub use evaluate::{Answer, Facts, Standing, evaluate};
pub use live::{Waits, in_words, waits};
pub use names::Path;
pub use order::{order, sorted};
pub use parse::{
    Mention, Of as Mentioned, check, mentions, mentions_computed, parse, parse_computed,
};
pub use tally::{Need, Tallies, Tally};

use crate::time::Duration;

/// Depth of groups, negations and parentheses in one rule: what a person can still read, and what
/// the evaluator's stack is made for.
pub const DEPTH_MAX: usize = 32;
/// Longest rolling window and longest distance from `now`: ten years, so that arithmetic on
/// instants never meets its ends.
pub const SPAN_MAX: Duration = Duration(3_660 * Duration::DAY.0);
