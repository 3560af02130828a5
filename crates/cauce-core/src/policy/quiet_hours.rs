//! When nobody is written to, by the wall clock of the person.

use super::Reason;
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
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

    /// Says no while it is night in any of the places where somebody may be; for good, if it is
    /// night in one of them at every hour.
    pub fn judge(&self, now: Timestamp, zones: &[Zone]) -> Result<(), Reason> {
        let (mut at, mut last) = (now, None);
        // Whoever is at the end of a night may be in the middle of another one. Limit: two days
        // have every combination that there is.
        while at.since(now) <= Duration::DAY.times(2) {
            let night = zones.iter().find_map(|(zone, name)| Some((self.until(at, zone)?, name)));
            match (night, last) {
                (Some((until, name)), _) => (at, last) = (until, Some(name)),
                (None, None) => return Ok(()),
                (None, Some(name)) => {
                    return Err(Reason::QuietHours { zone: name.clone(), until: at });
                }
            }
        }
        Err(Reason::NoCommonHours { zones: zones.len() as u32 })
    }

    /// When the next quiet hours begin in any of the zones.
    pub fn next(&self, now: Timestamp, zones: &[Zone]) -> Option<Timestamp> {
        let (from, _) = self.parse()?;
        let begins = zones.iter().filter_map(|(zone, _)| {
            let local = zone.to_datetime(now.to_jiff());
            let today = local.date();
            let date = if local.time() < from { today } else { today.tomorrow().ok()? };
            // Of a time that the clock shows twice the first: never a minute into the night.
            let begin = zone.to_ambiguous_timestamp(date.to_datetime(from)).earlier().ok()?;
            Some(Timestamp(begin.as_millisecond()))
        });
        begins.min()
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

/// A zone and its name.
pub type Zone = (TimeZone, String);

/// The zone of a name, if there is one.
pub fn named(name: &str) -> Option<Zone> {
    Some((TimeZone::get(name).ok()?, name.to_owned()))
}

/// The zone by its name, or the default's, or UTC.
pub fn zone(names: [Option<&str>; 2]) -> Zone {
    let found = names.into_iter().flatten().find_map(named);
    found.unwrap_or((TimeZone::UTC, "UTC".to_owned()))
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

    fn check_number(now: &str, number: &str, expected: &str) {
        let hours = QuietHours { from: "21:00".into(), to: "08:00".into() };
        let zones: Vec<Zone> = crate::phone::zones(number).into_iter().filter_map(named).collect();
        let now: Timestamp = now.parse().unwrap();
        let shown = match hours.judge(now, &zones) {
            Ok(()) => "awake".to_owned(),
            Err(Reason::QuietHours { until, .. }) => until.to_string(),
            Err(other) => other.code().to_owned(),
        };
        assert_eq!(shown, expected, "{now} to {number}");
        let next = hours.next(now, &zones).unwrap();
        assert!(next > now && zones.iter().any(|(zone, _)| hours.until(next, zone).is_some()));
    }

    #[test]
    fn a_number_may_be_in_several_places() {
        // Boise is an hour ahead of Los Angeles: from 08:00 there to 21:00 in Boise.
        check_number("2026-06-01T14:30:00Z", "+12084440000", "2026-06-01T15:00:00Z");
        check_number("2026-06-01T15:00:00Z", "+12084440000", "awake");
        check_number("2026-06-02T02:59:59Z", "+12084440000", "awake");
        check_number("2026-06-02T03:00:00Z", "+12084440000", "2026-06-02T15:00:00Z");
        // A free number of America may be on Guam or in Newfoundland: half an hour is left.
        check_number("2026-06-01T18:00:00Z", "+18005551234", "2026-06-01T22:00:00Z");
        check_number("2026-06-01T12:00:00Z", "+34600112233", "awake");
        // With a night that is two hours longer there is no hour at which it is day in all.
        let hours = QuietHours { from: "20:00".into(), to: "09:00".into() };
        let zones: Vec<Zone> =
            crate::phone::zones("+18005551234").into_iter().filter_map(named).collect();
        let refused = hours.judge("2026-06-01T18:00:00Z".parse().unwrap(), &zones);
        assert_eq!(refused.unwrap_err().code(), "no-common-hours");
    }
}
