//! Formats a moment by the directives of Ruby's `strftime`, flags and widths included.

use crate::prelude::*;
use core::fmt::Write;
use jiff::ZonedDateTime;

/// The months' English names.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The days' English names.
pub(super) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Widest padding of one directive.
const WIDTH_MAX: usize = 64;

/// The flags between `%` and the letter.
#[derive(Clone, Copy, Default)]
struct Flags {
    /// `-`, `_`, `0`: how numbers are padded.
    padding: Option<char>,
    upcase: bool,
    swapcase: bool,
    colon: bool,
    width: Option<usize>,
}

/// The moment in the format; unknown directives stay as they are.
pub(super) fn format(moment: &ZonedDateTime, format: &str) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let directive = &rest[at..];
        let (flags, length) = flags(&directive[1..]);
        let Some(letter) = directive[1 + length..].chars().next() else {
            out.push_str(directive);
            return out;
        };
        let end = 1 + length + letter.len_utf8();
        if !write(&mut out, moment, letter, flags) {
            out.push_str(&directive[..end]);
        }
        rest = &directive[end..];
    }
    out.push_str(rest);
    out
}

fn flags(text: &str) -> (Flags, usize) {
    let mut flags = Flags::default();
    for (at, letter) in text.char_indices() {
        match letter {
            '-' | '_' => flags.padding = Some(letter),
            '0' if flags.width.is_none() => flags.padding = Some('0'),
            '^' => flags.upcase = true,
            '#' => flags.swapcase = true,
            ':' => flags.colon = true,
            '0'..='9' => {
                let digit = letter.to_digit(10).unwrap_or(0) as usize;
                let width = flags.width.unwrap_or(0) * 10 + digit;
                flags.width = Some(width.min(WIDTH_MAX));
            }
            _ => return (flags, at),
        }
    }
    (flags, text.len())
}

/// Writes one directive; false if there is none of that letter.
fn write(out: &mut String, moment: &ZonedDateTime, letter: char, flags: Flags) -> bool {
    let number = |out: &mut String, value: i64, width: usize, pad: char| {
        let pad = flags.padding.unwrap_or(pad);
        let width = if pad == '-' { 0 } else { flags.width.unwrap_or(width) };
        // Writing into a String cannot fail.
        let _ = match pad {
            '0' => write!(out, "{value:0width$}"),
            _ => write!(out, "{value:width$}"),
        };
        true
    };
    let year = i64::from(moment.year());
    let hour = i64::from(moment.hour());
    let hour12 = (hour + 11) % 12 + 1;
    let weekday = i64::from(moment.weekday().to_sunday_zero_offset());
    let day_of_year = i64::from(moment.day_of_year());
    let week = moment.date().iso_week_date();
    match letter {
        'Y' => number(out, year, 1, '0'),
        'C' => number(out, year.div_euclid(100), 2, '0'),
        'y' => number(out, year.rem_euclid(100), 2, '0'),
        'm' => number(out, i64::from(moment.month()), 2, '0'),
        'd' => number(out, i64::from(moment.day()), 2, '0'),
        'e' => number(out, i64::from(moment.day()), 2, ' '),
        'j' => number(out, day_of_year, 3, '0'),
        'H' => number(out, hour, 2, '0'),
        'k' => number(out, hour, 2, ' '),
        'I' => number(out, hour12, 2, '0'),
        'l' => number(out, hour12, 2, ' '),
        'M' => number(out, i64::from(moment.minute()), 2, '0'),
        'S' => number(out, i64::from(moment.second()), 2, '0'),
        's' => number(out, moment.timestamp().as_second(), 1, '0'),
        'u' => number(out, (weekday + 6) % 7 + 1, 1, '0'),
        'w' => number(out, weekday, 1, '0'),
        'G' => number(out, i64::from(week.year()), 1, '0'),
        'g' => number(out, i64::from(week.year()).rem_euclid(100), 2, '0'),
        'V' => number(out, i64::from(week.week()), 2, '0'),
        'U' => number(out, (day_of_year + 6 - weekday) / 7, 2, '0'),
        'W' => number(out, (day_of_year + 6 - (weekday + 6) % 7) / 7, 2, '0'),
        _ => match text(moment, letter, flags, hour) {
            Some(text) => {
                pad_text(out, &text, flags);
                true
            }
            None => false,
        },
    }
}

/// The directives that print words or whole formats.
fn text(moment: &ZonedDateTime, letter: char, flags: Flags, hour: i64) -> Option<String> {
    let month = MONTHS[usize::try_from(moment.month() - 1).ok()?];
    let day = DAYS[usize::try_from(moment.weekday().to_sunday_zero_offset()).ok()?];
    let nested = |form: &str| Some(format(moment, form));
    match letter {
        'B' => Some(month.to_owned()),
        'b' | 'h' => Some(month[..3].to_owned()),
        'A' => Some(day.to_owned()),
        'a' => Some(day[..3].to_owned()),
        'p' if flags.swapcase => Some((if hour < 12 { "am" } else { "pm" }).to_owned()),
        'p' => Some((if hour < 12 { "AM" } else { "PM" }).to_owned()),
        'P' => Some((if hour < 12 { "am" } else { "pm" }).to_owned()),
        'L' | 'N' => Some(fraction(moment, letter, flags)),
        'z' => Some(offset(moment, flags.colon)),
        'Z' => {
            let info = moment.time_zone().to_offset_info(moment.timestamp());
            Some(info.abbreviation().to_owned())
        }
        'n' => Some("\n".to_owned()),
        't' => Some("\t".to_owned()),
        '%' => Some("%".to_owned()),
        'c' => nested("%a %b %e %H:%M:%S %Y"),
        'D' | 'x' => nested("%m/%d/%y"),
        'F' => nested("%Y-%m-%d"),
        'T' | 'X' => nested("%H:%M:%S"),
        'R' => nested("%H:%M"),
        'r' => nested("%I:%M:%S %p"),
        'v' => nested("%e-%^b-%Y"),
        '+' => nested("%a %b %e %H:%M:%S %Z %Y"),
        _ => None,
    }
}

/// The second's fraction: three digits for `L`, nine for `N`, or as many as the width says.
fn fraction(moment: &ZonedDateTime, letter: char, flags: Flags) -> String {
    let digits = format!("{:09}", moment.subsec_nanosecond());
    let width = flags.width.unwrap_or(if letter == 'L' { 3 } else { 9 });
    digits.chars().chain(core::iter::repeat('0')).take(width).collect()
}

fn offset(moment: &ZonedDateTime, colon: bool) -> String {
    let seconds = moment.offset().seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    let colon = if colon { ":" } else { "" };
    format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
}

fn pad_text(out: &mut String, text: &str, flags: Flags) {
    let width = flags.width.unwrap_or(0);
    let pad = if flags.padding == Some('0') { '0' } else { ' ' };
    for _ in text.chars().count()..width {
        out.push(pad);
    }
    if flags.upcase {
        out.push_str(&text.to_uppercase());
    } else {
        out.push_str(text);
    }
}
