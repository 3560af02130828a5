//! What the first digits of a telephone number say: the zones and the region that it may be in.

use crate::prelude::*;
use core::cmp::Ordering;

/// Values (`=Zone Zone`), then prefixes in the order of their text (`3491 7`).
const ZONES: &str = include_str!("zones.txt");
/// The same, with regions.
const REGIONS: &str = include_str!("regions.txt");

/// Limit: digits of a prefix that a table tells apart.
const PREFIX_DIGITS_MAX: usize = 9;

/// The zones in which a number in the form of E.164 may be; none, if its digits say nothing. A
/// number that belongs to no place (`+1 800`) may be in all zones of its country.
pub fn zones(number: &str) -> Vec<&'static str> {
    look_up(ZONES, number).map(|zones| zones.split(' ').collect()).unwrap_or_default()
}

/// The region (ISO 3166-1) whose number it most probably is. Where several share the prefix, the
/// largest of them.
pub fn region(number: &str) -> Option<&'static str> {
    look_up(REGIONS, number)
}

/// Every region that has numbers.
pub fn regions() -> impl Iterator<Item = &'static str> {
    REGIONS.lines().filter_map(|line| line.strip_prefix('='))
}

/// Whether a text is a region that has numbers.
pub fn is_region(text: &str) -> bool {
    regions().any(|region| region == text)
}

fn look_up(table: &'static str, number: &str) -> Option<&'static str> {
    let digits = number.strip_prefix('+').filter(|_| super::is_e164(number))?;
    let start = table.find("\n=").map_or(0, |at| at + 1);
    let values = &table[start..];
    let end = values.rfind("\n=").map_or(0, |at| at + 1);
    let end = end + values[end..].find('\n').map_or(0, |at| at + 1);
    let (values, prefixes) = values.split_at(end);
    let longest = digits.len().min(PREFIX_DIGITS_MAX);
    let found = (1..=longest).rev().find_map(|size| find(prefixes, &digits[..size]))?;
    values.lines().nth(found)?.strip_prefix('=')
}

/// The value of a prefix that is in a table: half of what is left is passed over at a time.
fn find(prefixes: &'static str, wanted: &str) -> Option<usize> {
    let mut left = prefixes;
    while !left.is_empty() {
        let middle = left[..left.len() / 2].rfind('\n').map_or(0, |at| at + 1);
        let line = left[middle..].lines().next()?;
        let (prefix, value) = line.split_once(' ')?;
        match prefix.cmp(wanted) {
            Ordering::Equal => return value.parse().ok(),
            Ordering::Less => left = left[middle + line.len()..].trim_start_matches('\n'),
            Ordering::Greater => left = &left[..middle],
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As phonenumbers 9.0.43 says.
    #[test]
    fn numbers_say_where_they_may_be() {
        let check =
            |number: &str, expected: &[&str]| assert_eq!(zones(number), expected, "{number}");
        check("+12084440000", &["America/Boise", "America/Los_Angeles"]);
        // The package says Adelaide and Perth: numbers of both islands begin alike.
        let islands = ["Indian/Christmas", "Indian/Cocos"];
        let all = [&["Australia/Adelaide", "Australia/Perth"][..], &islands].concat();
        check("+61891177777", &all);
        check("+34911112222", &["Europe/Madrid"]);
        check("+34600112233", &["Atlantic/Canary", "Europe/Madrid"]);
        check("+80012345678", &[]);
        check("34911112222", &[]);
        assert_eq!(zones("+18005551234").len(), 42);
        assert_eq!(zones("+79031234567").len(), 16);
        assert_eq!(zones("+447700900123").len(), 4);
    }

    #[test]
    fn numbers_say_whose_they_are() {
        let check = |number: &str, expected| assert_eq!(region(number), expected, "{number}");
        check("+34600112233", Some("ES"));
        check("+12025550123", Some("US"));
        check("+16135550123", Some("CA"));
        check("+17875550123", Some("PR"));
        check("+447700900123", Some("GB"));
        check("+79031234567", Some("RU"));
        check("+77011234567", Some("KZ"));
        check("+919876543210", Some("IN"));
        check("600112233", None);
    }

    #[test]
    fn every_zone_is_known() {
        let sets = ZONES.lines().filter_map(|line| line.strip_prefix('='));
        for zone in sets.flat_map(|set| set.split(' ')) {
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
        }
        for table in [ZONES, REGIONS] {
            let prefixes: Vec<&str> = table
                .lines()
                .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
                .filter_map(|line| line.split(' ').next())
                .collect();
            assert!(prefixes.len() > 200);
            assert!(prefixes.is_sorted(), "the search needs their order");
        }
    }
}
