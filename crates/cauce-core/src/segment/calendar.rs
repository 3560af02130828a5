//! Where the days, weeks and months of one person begin: by the clock on the wall.
//!
//! A day begins where its midnight is; a midnight that the clock skips is the instant after the
//! gap, one that it shows twice is the first. So the days of a zone follow each other without a gap
//! and without an overlap, and the nights of a clock change have 23 or 25 hours.

use super::definition::{Unit, Units, Window};
use crate::policy::{Policy, WeekStart, quiet_hours};
use crate::time::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// The attribute that says in which zone a person lives.
pub const ZONE_ATTRIBUTE: &str = "timezone";

/// One person's calendar.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// The zone.
    pub zone: TimeZone,
    /// With which day a week begins.
    pub week_starts: WeekStart,
}

impl Default for Calendar {
    fn default() -> Calendar {
        Calendar { zone: TimeZone::UTC, week_starts: WeekStart::Monday }
    }
}

/// The calendar of those whose zone does not matter.
pub(super) static UTC: Calendar = Calendar { zone: TimeZone::UTC, week_starts: WeekStart::Monday };

/// A window at an instant: from the first to before the second, the same until the third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub from: Timestamp,
    pub to: Timestamp,
    pub until: Option<Timestamp>,
}

impl Calendar {
    /// The calendar of a person who says this of the own zone: where that is no zone, the
    /// workspace's, as quiet hours have it.
    pub fn of(own: Option<&str>, policy: &Policy) -> Calendar {
        let (zone, _) = quiet_hours::zone([own, Some(&policy.default_zone)]);
        Calendar { zone, week_starts: policy.week_starts }
    }

    /// Where a window that has two ends stands; none for those that have not.
    pub(super) fn stretch(&self, window: Window, now: Timestamp) -> Option<Stretch> {
        match window {
            Window::All | Window::Last(_) => None,
            Window::Since(from) => Some(Stretch { from, to: Timestamp::MAX, until: None }),
            Window::Between(from, to) => Some(Stretch { from, to, until: None }),
            Window::This(unit) => {
                let first = self.first(unit, self.date(now));
                let (from, to) = (self.start(first), self.start(shifted(first, unit, 1)));
                Some(Stretch { from, to, until: Some(to) })
            }
            Window::Past { count, unit } => {
                let first = self.first(unit, self.date(now));
                let from = self.start(shifted(first, unit, -i32::from(count)));
                let next = self.start(shifted(first, unit, 1));
                Some(Stretch { from, to: self.start(first), until: Some(next) })
            }
        }
    }

    /// The day that an instant belongs to.
    pub(super) fn date(&self, at: Timestamp) -> Date {
        let mut date = self.zone.to_datetime(at.to_jiff()).date();
        // Where the clock goes back over midnight, the wall shows yesterday's date once more.
        if at < self.start(date) {
            date = shifted(date, Unit::Day, -1);
        }
        let next = shifted(date, Unit::Day, 1);
        if next > date && at >= self.start(next) { next } else { date }
    }

    /// When a day begins.
    pub(super) fn start(&self, date: Date) -> Timestamp {
        let midnight = self.zone.to_ambiguous_timestamp(date.at(0, 0, 0, 0));
        midnight.compatible().map_or_else(
            |_| if date.year() < 0 { Timestamp(i64::MIN) } else { Timestamp::MAX },
            |at| Timestamp(at.as_millisecond()),
        )
    }

    /// The instant that the wall shows so many units later (`later` is 1) or earlier (-1): the same
    /// time of the same day, or of the last one where the month is shorter.
    pub(super) fn shift(&self, at: Timestamp, units: Units, later: i32) -> Timestamp {
        let local = self.zone.to_datetime(at.to_jiff());
        let date = shifted(local.date(), units.unit, i32::from(units.count) * later);
        let moved = self.zone.to_ambiguous_timestamp(date.to_datetime(local.time())).compatible();
        moved.map_or(at, |moved| Timestamp(moved.as_millisecond()))
    }

    /// The day that a value says: as it is written, or of an instant the day on the wall.
    pub(super) fn day(&self, text: &str) -> Option<Date> {
        match text.parse::<Date>().ok().filter(|_| text.len() == 10) {
            Some(date) => Some(date),
            None => text.parse::<Timestamp>().ok().map(|at| self.date(at)),
        }
    }

    /// The anniversary of a day in a year: never of the day itself.
    pub(super) fn anniversary(&self, of: Date, year: i16) -> Option<Date> {
        (year > of.year()).then(|| shifted(of, Unit::Year, i32::from(year) - i32::from(of.year())))
    }

    /// The first day of the unit that a day lies in.
    fn first(&self, unit: Unit, date: Date) -> Date {
        let month = |month: i8| Date::new(date.year(), month, 1).unwrap_or(date);
        match unit {
            Unit::Day => date,
            Unit::Week => {
                let first = match self.week_starts {
                    WeekStart::Monday => Weekday::Monday,
                    WeekStart::Saturday => Weekday::Saturday,
                    WeekStart::Sunday => Weekday::Sunday,
                };
                shifted(date, Unit::Day, -i32::from(date.weekday().since(first)))
            }
            Unit::Month => month(date.month()),
            Unit::Quarter => month((date.month() - 1) / 3 * 3 + 1),
            Unit::Year => month(1),
        }
    }
}

/// The day so many units later (earlier); at the ends of the calendar the same day. Of the first
/// day of a unit it is the first day of another.
pub(super) fn shifted(date: Date, unit: Unit, count: i32) -> Date {
    let span = jiff::Span::new();
    let span = match unit {
        Unit::Day => span.try_days(count),
        Unit::Week => span.try_weeks(count),
        Unit::Month => span.try_months(count),
        Unit::Quarter => span.try_months(count.saturating_mul(3)),
        Unit::Year => span.try_years(count),
    };
    span.and_then(|span| date.checked_add(span)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn check(zone: &str, now: &str, window: Window, expected: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let calendar = Calendar { zone, ..Calendar::default() };
        let stretch = calendar.stretch(window, now.parse().unwrap()).unwrap();
        let until = stretch.until.map_or_else(String::new, |until| until.to_string());
        assert_eq!(format!("{} {} {until}", stretch.from, stretch.to), expected);
    }

    #[test]
    fn days_follow_the_clock_on_the_wall() {
        let today = Window::This(Unit::Day);
        check(
            "Europe/Madrid",
            "2026-03-29T10:00:00Z",
            today,
            "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z 2026-03-29T22:00:00Z",
        );
        check(
            "Europe/Madrid",
            "2026-10-24T22:00:00Z",
            today,
            "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z 2026-10-25T23:00:00Z",
        );
        // The clock skips midnight.
        check(
            "America/Asuncion",
            "2023-10-01T04:00:00Z",
            today,
            "2023-10-01T04:00:00Z 2023-10-02T03:00:00Z 2023-10-02T03:00:00Z",
        );
        // The clock goes back over midnight, from 00:01 to 23:01: the day has begun all the same.
        check(
            "America/St_Johns",
            "2006-10-29T02:45:00Z",
            today,
            "2006-10-29T02:30:00Z 2006-10-30T03:30:00Z 2006-10-30T03:30:00Z",
        );
    }

    #[test]
    fn units_are_whole() {
        let now = "2026-11-24T12:00:00Z"; // a Tuesday
        let check = |window, expected| check("UTC", now, window, expected);
        check(
            Window::This(Unit::Week),
            "2026-11-23T00:00:00Z 2026-11-30T00:00:00Z 2026-11-30T00:00:00Z",
        );
        check(
            Window::Past { count: 2, unit: Unit::Month },
            "2026-09-01T00:00:00Z 2026-11-01T00:00:00Z 2026-12-01T00:00:00Z",
        );
        check(
            Window::Past { count: 1, unit: Unit::Quarter },
            "2026-07-01T00:00:00Z 2026-10-01T00:00:00Z 2027-01-01T00:00:00Z",
        );
        check(
            Window::This(Unit::Year),
            "2026-01-01T00:00:00Z 2027-01-01T00:00:00Z 2027-01-01T00:00:00Z",
        );
        let sunday = Calendar { week_starts: WeekStart::Sunday, ..Calendar::default() };
        let week = sunday.stretch(Window::This(Unit::Week), now.parse().unwrap()).unwrap();
        assert_eq!(week.from.to_string(), "2026-11-22T00:00:00Z");
    }
}
