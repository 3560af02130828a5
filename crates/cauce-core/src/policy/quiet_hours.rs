//! When nobody is written to, by the wall clock of the person.

use crate::prelude::*;
use crate::time::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// From when to when, by the wall clock; may pass midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct QuietHours {
    /// `21:00`.
    pub from: String,
    /// `08:00`.
    pub to: String,
}

impl QuietHours {
    /// Both ends, if they are times of day. Checked at publish.
    pub fn parse(&self) -> Option<(Time, Time)> {
        let read = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        Some((read(&self.from)?, read(&self.to)?))
    }

    /// The end of the quiet hours that hold at `now` in `zone`; `None` outside them.
    ///
    /// An end that the clock skips (a gap) is the first instant after it; one that it shows twice
    /// is the second, so that the night is never cut short.
    pub fn until(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let (from, to) = self.parse()?;
        let local = zone.to_datetime(now.to_jiff());
        let time = local.time();
        let quiet = if from <= to { from <= time && time < to } else { time >= from || time < to };
        if !quiet {
            return None;
        }
        let mut date = local.date();
        if time >= to {
            date = date.tomorrow().ok()?;
        }
        let end = zone.to_ambiguous_timestamp(date.to_datetime(to)).later().ok()?;
        Some(Timestamp(end.as_millisecond()))
    }
}

/// The zone by its name, or the default's, or UTC.
pub fn zone(names: [Option<&str>; 2]) -> (TimeZone, String) {
    names
        .into_iter()
        .flatten()
        .find_map(|name| Some((TimeZone::get(name).ok()?, name.to_owned())))
        .unwrap_or((TimeZone::UTC, "UTC".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(now: &str, zone_name: &str, expected: &str) {
        let hours = QuietHours { from: "21:00".into(), to: "08:00".into() };
        let (zone, _) = zone([Some(zone_name), None]);
        let shown = hours
            .until(now.parse().unwrap(), &zone)
            .map_or_else(|| "awake".to_owned(), |end| end.to_string());
        assert_eq!(shown, expected, "{now} in {zone_name}");
    }

    #[test]
    fn nights_follow_the_wall_clock() {
        check("2026-06-01T12:00:00Z", "Europe/Madrid", "awake");
        check("2026-06-01T19:00:00Z", "Europe/Madrid", "2026-06-02T06:00:00Z");
        check("2026-06-01T05:59:59Z", "Europe/Madrid", "2026-06-01T06:00:00Z");
        check("2026-06-01T06:00:00Z", "Europe/Madrid", "awake");
        // The night in which the clock goes forward is an hour shorter, the other one longer.
        check("2026-03-28T22:00:00Z", "Europe/Madrid", "2026-03-29T06:00:00Z");
        check("2026-10-24T22:00:00Z", "Europe/Madrid", "2026-10-25T07:00:00Z");
        check("2026-06-01T20:59:00Z", "no/such", "awake");
    }
}
