//! Instants as a calendar shows them.

use super::super::fault::Stop;
use super::super::number::read_number;
use super::super::render::Budget;
use super::super::value::Datum;
use super::Arguments;
use super::strftime;
use crate::prelude::*;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};

/// The input in the rendering's time zone, in a format; what is no date stays as it is.
pub(super) fn date<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<Datum<'a>, Stop> {
    let format = budget.text(with.at(0))?;
    if format.is_empty() {
        return Ok(input);
    }
    let Some(moment) = read(budget, &input) else { return Ok(input) };
    budget.make(format.len())?;
    // Limit: one directive prints at most 64 letters.
    budget.burn(format.matches('%').count())?;
    Ok(Datum::text(strftime::format(&moment, &format)))
}

fn read(budget: &Budget<'_>, input: &Datum<'_>) -> Option<ZonedDateTime> {
    let zone = &budget.options.zone;
    let seconds =
        |seconds: i64| Some(Timestamp::from_second(seconds).ok()?.to_zoned_datetime(zone.clone()));
    match input {
        Datum::Int(whole) => seconds(*whole),
        Datum::Float(_) | Datum::Exact(_) => seconds(input.to_number().to_i64()),
        Datum::Text(text) | Datum::Safe(text) => {
            if text.len() > DATE_BYTES_MAX {
                return None;
            }
            let text = text.trim();
            if text == "now" || text == "today" {
                return Some(budget.options.now.to_jiff().to_zoned_datetime(zone.clone()));
            }
            if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                return seconds(read_number(text).to_i64());
            }
            read_text(text, zone, budget.options.now.to_jiff())
        }
        _ => None,
    }
}

/// Longest text that is looked at as a date.
const DATE_BYTES_MAX: usize = 64;

fn read_text(text: &str, zone: &TimeZone, now: Timestamp) -> Option<ZonedDateTime> {
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(stamp.to_zoned_datetime(zone.clone()));
    }
    if let Ok(moment) = text.parse::<DateTime>() {
        return moment.to_zoned_datetime(zone.clone()).ok();
    }
    let mut parts = Parts::default();
    for word in text.split([' ', ',', '\t']).filter(|word| !word.is_empty()) {
        parts.take(word)?;
    }
    parts.month?;
    let year = parts.year.unwrap_or_else(|| now.to_zoned_datetime(zone.clone()).year());
    let date = Date::new(year, parts.month?, parts.day.unwrap_or(1)).ok()?;
    let (hour, minute, second) = parts.time.unwrap_or_default();
    let moment = date.at(hour, minute, second, 0);
    match parts.offset {
        Some(offset) => Some(offset.to_timestamp(moment).ok()?.to_zoned_datetime(zone.clone())),
        None => moment.to_zoned_datetime(zone.clone()).ok(),
    }
}

/// What the words of a date said so far.
#[derive(Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    time: Option<(i8, i8, i8)>,
    offset: Option<Offset>,
}

impl Parts {
    /// Reads one word; nothing if it belongs to no date.
    fn take(&mut self, word: &str) -> Option<()> {
        let lower = word.to_ascii_lowercase();
        if let Some(month) = named(&lower, &strftime::MONTHS) {
            return set(&mut self.month, month);
        }
        if named(&lower, &strftime::DAYS).is_some() {
            return Some(());
        }
        match &*lower {
            "utc" | "gmt" | "z" => return set(&mut self.offset, Offset::UTC),
            "am" | "pm" => return self.half_day(&lower),
            _ => {}
        }
        if word.contains(':') && !word.starts_with(['+', '-']) {
            return self.take_time(&lower);
        }
        if self.time.is_some() && word.starts_with(['+', '-']) {
            return set(&mut self.offset, offset(word)?);
        }
        let numbers: Vec<&str> = word.split(['-', '/']).collect();
        if let [year, month, day] = numbers[..] {
            if year.len() != 4 {
                return None;
            }
            set(&mut self.year, year.parse().ok()?)?;
            set(&mut self.month, month.parse().ok()?)?;
            return set(&mut self.day, day.parse().ok()?);
        }
        let digits = lower.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let suffix = &lower[digits.len()..];
        match (digits.len(), suffix) {
            (4, "") => set(&mut self.year, digits.parse().ok()?),
            (1 | 2, "" | "st" | "nd" | "rd" | "th") => set(&mut self.day, digits.parse().ok()?),
            _ => None,
        }
    }

    /// `13:05`, `1:05pm`, `13:05:09.5`.
    fn take_time(&mut self, word: &str) -> Option<()> {
        let clock = word.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let mut numbers = clock.split(':');
        let hour = numbers.next()?.parse().ok()?;
        let minute = numbers.next()?.parse().ok()?;
        let second = match numbers.next() {
            Some(second) => second.split('.').next()?.parse().ok()?,
            None => 0,
        };
        let sound = (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second)
            && numbers.next().is_none();
        if !sound {
            return None;
        }
        set(&mut self.time, (hour, minute, second))?;
        match &word[clock.len()..] {
            "" => Some(()),
            half @ ("am" | "pm") => self.half_day(half),
            "z" => set(&mut self.offset, Offset::UTC),
            _ => None,
        }
    }

    fn half_day(&mut self, half: &str) -> Option<()> {
        let (hour, ..) = self.time.as_mut()?;
        if !(1..=12).contains(hour) {
            return None;
        }
        *hour = *hour % 12 + if half == "pm" { 12 } else { 0 };
        Some(())
    }
}

fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// The number of a month or a day by its name or the first three letters, counted from one.
fn named(word: &str, names: &[&str]) -> Option<i8> {
    let word = word.strip_suffix('.').unwrap_or(word);
    let place = names.iter().position(|name| {
        name.eq_ignore_ascii_case(word)
            || (word.len() == 3 && name.get(..3).is_some_and(|own| own.eq_ignore_ascii_case(word)))
    })?;
    i8::try_from(place + 1).ok()
}

/// `+0200` or `-03:30`.
fn offset(word: &str) -> Option<Offset> {
    let digits = word.get(1..)?.replace(':', "");
    if digits.len() != 4 {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let seconds = (number / 100) * 3600 + (number % 100) * 60;
    Offset::from_seconds(if word.starts_with('-') { -seconds } else { seconds }).ok()
}
