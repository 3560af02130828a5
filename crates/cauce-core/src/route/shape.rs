//! How much a provider takes towards one group: limits, and the plan by which it is warmed up.

use crate::decimal::Decimal;
use crate::prelude::*;
use crate::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A limit of a provider towards one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limit {
    /// A mailbox provider (`google`), a domain that a route names, or a calling code (`34`).
    pub group: String,
    /// Messages a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<u32>,
    /// Attempts under way at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u32>,
}

/// How a new sender becomes known: so many messages a day to each group, and more after each good
/// day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WarmUp {
    /// The first day: `2026-12-01`.
    pub start: String,
    /// Messages to each group on that day.
    pub first_day: u64,
    /// How many times as many after each good day: `1.5`.
    pub growth: Decimal,
    /// Once a day may have so many, there is no limit any more.
    pub until: u64,
    /// Whose midnight begins a day; the workspace's default zone if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl WarmUp {
    /// The first day, if it is one. Checked at publish.
    pub fn first(&self) -> Option<Date> {
        self.start.parse().ok()
    }
}

/// Days after which a plan has its last value.
pub(crate) const WARM_UP_DAYS_MAX: i64 = 730;

/// What the catalog knows of a provider's limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// By group.
    pub limits: Vec<Limit>,
    /// The plan, if it is being warmed up.
    pub warm_up: Option<WarmUp>,
}

impl Shape {
    /// Whether anything depends on where a message goes.
    pub fn is_grouped(&self) -> bool {
        !self.limits.is_empty() || self.warm_up.is_some()
    }

    /// The name of its day's counter towards a group.
    pub fn counter(provider: &str, group: Option<&str>, day: Date) -> String {
        format!("carried {provider}/{} {day}", group.unwrap_or("*"))
    }
}

/// The name of the day's counter of a route's leg.
pub fn leg_counter(route: &str, provider: &str, day: Date) -> String {
    format!("carried {route}>{provider} {day}")
}

/// The day that it is at an instant, by the wall clock of a zone.
pub fn day_of(now: Timestamp, zone: &str) -> Date {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    zone.to_datetime(now.to_jiff()).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_its_zone() {
        let now: Timestamp = "2026-12-01T23:30:00Z".parse().unwrap();
        assert_eq!(day_of(now, "UTC").to_string(), "2026-12-01");
        assert_eq!(day_of(now, "Europe/Madrid").to_string(), "2026-12-02");
    }
}
