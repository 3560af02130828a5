//! Instants and durations, in milliseconds. Calendar questions are asked of `jiff`, whose time-zone
//! data is compiled in, so that the host's copy never takes part in a decision.

use crate::prelude::*;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A span of exact time in milliseconds; never negative when it comes from a definition.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Duration(pub i64);

impl Timestamp {
    /// Later than every instant that can be stored.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// This instant and a span; saturates.
    #[must_use]
    pub fn plus(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }

    /// This instant less a span; saturates.
    #[must_use]
    pub fn minus(self, span: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(span.0))
    }

    /// The span from `earlier` to this instant.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }

    /// As `jiff` knows it; instants beyond its range are clamped.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl Duration {
    /// One second.
    pub const SECOND: Duration = Duration(1_000);
    /// One minute.
    pub const MINUTE: Duration = Duration(60_000);
    /// One hour.
    pub const HOUR: Duration = Duration(3_600_000);
    /// Twenty-four hours of exact time.
    pub const DAY: Duration = Duration(86_400_000);

    /// `n` times this span; saturates.
    #[must_use]
    pub fn times(self, n: i64) -> Duration {
        Duration(self.0.saturating_mul(n))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not an instant or a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.0)
    }
}

impl FromStr for Timestamp {
    type Err = Malformed;
    /// Reads RFC 3339: `2026-11-24T16:00:00Z`, with any offset and fraction; a bare date
    /// (`2026-11-24`) is midnight UTC.
    fn from_str(text: &str) -> Result<Timestamp, Malformed> {
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return Ok(Timestamp(stamp.as_millisecond()));
        }
        text.parse::<jiff::civil::Date>()
            .ok()
            .filter(|_| text.len() == 10)
            .and_then(|date| jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok())
            .map(|stamp| Timestamp(stamp.as_millisecond()))
            .ok_or(Malformed("an RFC 3339 time such as `2026-11-24T16:00:00Z`"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            i64::deserialize(deserializer).map(Timestamp)
        }
    }
}

const UNITS: [(&str, i64); 6] = [
    ("w", 7 * Duration::DAY.0),
    ("d", Duration::DAY.0),
    ("h", Duration::HOUR.0),
    ("m", Duration::MINUTE.0),
    ("s", Duration::SECOND.0),
    ("ms", 1),
];

impl FromStr for Duration {
    type Err = Malformed;
    /// Reads `90d`, `1h30m`, `250ms`: numbers with `w d h m s ms`, largest first or in any order.
    fn from_str(text: &str) -> Result<Duration, Malformed> {
        const EXPECTED: Malformed = Malformed("a span such as `90d`, `1h30m` or `250ms`");
        let mut rest = text.trim();
        let mut total = 0i64;
        if rest.is_empty() {
            return Err(EXPECTED);
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: i64 = rest[..digits].parse().map_err(|_| EXPECTED)?;
            rest = &rest[digits..];
            let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            let unit = UNITS.iter().find(|(name, _)| *name == &rest[..letters]).ok_or(EXPECTED)?;
            rest = rest[letters..].trim_start();
            total = number
                .checked_mul(unit.1)
                .and_then(|span| total.checked_add(span))
                .ok_or(Malformed("a span below 292 million years"))?;
        }
        Ok(Duration(total))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        if rest < 0 {
            f.write_str("-")?;
            rest = rest.saturating_neg();
        }
        // Not weeks: people write 90d, and it should come back as they wrote it.
        for (name, size) in &UNITS[1..] {
            if rest >= *size {
                write!(f, "{}{name}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_round_trip() {
        for text in ["90d", "1h30m", "250ms", "0s", "1d2h3m4s5ms"] {
            assert_eq!(text.parse::<Duration>().unwrap().to_string(), text);
        }
        assert_eq!("2w".parse(), Ok(Duration::DAY.times(14)));
        for text in ["", "d", "5", "5 parsecs", "99999999999999999w", "-1d", "1é"] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }

    #[test]
    fn instants_round_trip() {
        let stamp: Timestamp = "2011-12-09T12:50:00.123+01:00".parse().unwrap();
        assert_eq!(stamp.to_string(), "2011-12-09T11:50:00.123Z");
        assert_eq!("2011-12-09".parse(), Ok(Timestamp(1_323_388_800_000)));
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}
