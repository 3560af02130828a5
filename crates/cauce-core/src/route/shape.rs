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

/// How a new sender becomes known: so many messages a day to each group, and more each day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WarmUp {
    /// The first day: `2026-12-01`.
    pub start: String,
    /// Messages to each group on that day.
    pub first_day: u64,
    /// How many times as many each further day: `1.5`.
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

    /// Messages to each group on a day; `None` once the plan is over.
    pub fn cap(&self, day: Date) -> Option<u64> {
        let Some(first) = self.first() else { return Some(0) };
        // Not: no limit before it begins. Who plans a warm-up has a sender that nobody knows.
        let days = first.until(day).map_or(0, |span| i64::from(span.get_days()));
        if days < 0 {
            return Some(0);
        }
        let mut cap = Decimal::from(i64::try_from(self.first_day).unwrap_or(i64::MAX));
        let until = Decimal::from(i64::try_from(self.until).unwrap_or(i64::MAX));
        // Limit: a plan that does not grow would be asked for every day since; two years are enough
        // for any that does.
        for _ in 0..days.min(WARM_UP_DAYS_MAX) {
            if cap >= until {
                return None;
            }
            let nanos = cap.nanos().saturating_mul(self.growth.nanos()) / Decimal::from(1).nanos();
            cap = Decimal::from_nanos(nanos);
        }
        (cap < until).then(|| u64::try_from(cap.nanos() / Decimal::from(1).nanos()).unwrap_or(0))
    }
}

/// Days after which a plan has its last value.
const WARM_UP_DAYS_MAX: i64 = 730;

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

    fn plan() -> WarmUp {
        WarmUp {
            start: "2026-12-01".into(),
            first_day: 50,
            growth: "1.5".parse().unwrap(),
            until: 100_000,
            zone: None,
        }
    }

    #[test]
    fn a_plan_grows_and_ends() {
        let day = |text: &str| plan().cap(text.parse().unwrap());
        assert_eq!(day("2026-11-30"), Some(0), "not yet");
        assert_eq!(day("2026-12-01"), Some(50));
        assert_eq!(day("2026-12-02"), Some(75));
        assert_eq!(day("2026-12-03"), Some(112), "112.5, and half a message is none");
        assert_eq!(day("2026-12-04"), Some(168), "168.75: the half was not forgotten");
        assert_eq!(day("2026-12-19"), Some(73_894));
        assert_eq!(day("2026-12-20"), None, "110,841 are more than the end");
        assert_eq!(day("2036-12-20"), None);
    }

    #[test]
    fn a_plan_that_does_not_grow_never_ends() {
        let flat = WarmUp { growth: Decimal::from(1), ..plan() };
        assert_eq!(flat.cap("2036-12-20".parse().unwrap()), Some(50));
    }

    #[test]
    fn a_day_begins_at_midnight_in_its_zone() {
        let now: Timestamp = "2026-12-01T23:30:00Z".parse().unwrap();
        assert_eq!(day_of(now, "UTC").to_string(), "2026-12-01");
        assert_eq!(day_of(now, "Europe/Madrid").to_string(), "2026-12-02");
    }
}
