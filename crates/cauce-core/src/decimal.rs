//! Numbers in decisions: exact decimals with nine places, read from the text of the JSON.

use crate::prelude::*;
use crate::value::Value;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

const PLACES: u32 = 9;
const ONE: i128 = 1_000_000_000;
/// Largest magnitude accepted from outside: 10^18, so that 10^11 such values still add up exactly.
const MAGNITUDE_MAX: i128 = 1_000_000_000_000_000_000 * ONE;

/// A number with nine decimal places. Sums are exact; there is no division in decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

/// Why a text is not a number that can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Not a decimal number.
    Malformed,
    /// Beyond 10^18 in magnitude.
    OutOfRange,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unfit::Malformed => "not a decimal number",
            Unfit::OutOfRange => "beyond 10^18",
        })
    }
}

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal(0);

    /// The number in units of 10^-9.
    pub fn nanos(self) -> i128 {
        self.0
    }

    /// From units of 10^-9.
    pub fn from_nanos(nanos: i128) -> Decimal {
        Decimal(nanos)
    }

    /// The whole number, if there is no fraction and it fits.
    pub fn to_i64(self) -> Option<i64> {
        if self.0 % ONE == 0 { i64::try_from(self.0 / ONE).ok() } else { None }
    }

    /// Sum; saturates at the ends of the range (which [`crate::limits`] keeps out of reach).
    #[must_use]
    pub fn plus(self, other: Decimal) -> Decimal {
        Decimal(self.0.saturating_add(other.0))
    }

    /// Difference; saturates like [`Decimal::plus`].
    #[must_use]
    pub fn minus(self, other: Decimal) -> Decimal {
        Decimal(self.0.saturating_sub(other.0))
    }

    /// `self` × a whole number: how an average is compared (sum against n × bound).
    #[must_use]
    pub fn times(self, n: u64) -> Decimal {
        Decimal(self.0.saturating_mul(i128::from(n)))
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Decimal {
        Decimal(i128::from(whole) * ONE)
    }
}

impl FromStr for Decimal {
    type Err = Unfit;

    /// Reads `-12.5`, `1e3`, `59.970000000000005`; beyond nine places it rounds half to even.
    fn from_str(text: &str) -> Result<Decimal, Unfit> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| Unfit::Malformed)?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = whole.bytes().chain(fraction.bytes());
        if whole.len() + fraction.len() == 0 || !all.clone().all(|b| b.is_ascii_digit()) {
            return Err(Unfit::Malformed);
        }
        // The place of the point after the exponent moved it, counted from the first digit.
        let point =
            i64::try_from(whole.len()).map_err(|_| Unfit::OutOfRange)? + i64::from(exponent);
        let nanos = shift(all, point)?;
        if nanos > MAGNITUDE_MAX {
            return Err(Unfit::OutOfRange);
        }
        Ok(Decimal(if negative { -nanos } else { nanos }))
    }
}

/// The digits with the point at `point`, in units of 10^-9, rounded half to even.
fn shift(digits: impl Iterator<Item = u8>, point: i64) -> Result<i128, Unfit> {
    let keep = point + i64::from(PLACES);
    let mut nanos = 0i128;
    let mut seen = 0i64;
    let mut half = 0u8; // the first digit cut off
    let mut sticky = false; // whether anything but zeros follows it
    for byte in digits {
        let digit = byte - b'0';
        if seen < keep {
            nanos = nanos * 10 + i128::from(digit);
            if nanos > MAGNITUDE_MAX {
                return Err(Unfit::OutOfRange);
            }
        } else if seen == keep {
            half = digit;
        } else {
            sticky |= digit != 0;
        }
        seen += 1;
    }
    while seen < keep && nanos != 0 {
        nanos *= 10;
        seen += 1;
        if nanos > MAGNITUDE_MAX {
            return Err(Unfit::OutOfRange);
        }
    }
    if half > 5 || (half == 5 && (sticky || nanos % 2 == 1)) {
        nanos += 1;
    }
    Ok(nanos)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let whole = magnitude / ONE as u128;
        let fraction = magnitude % ONE as u128;
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if fraction != 0 {
            let text = format!("{fraction:09}");
            write!(f, ".{}", text.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

/// A number where people read, the count of nanos in storage: a reader of JSON that took the one
/// for the other would be wrong by nine places.
impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            Value::Number(*self).serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i128::deserialize(deserializer).map(Decimal);
        }
        match Value::deserialize(deserializer)? {
            Value::Number(number) => Ok(number),
            other => Err(serde::de::Error::custom(format!(
                "expected a number, not {}",
                other.type_name()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_the_number() {
        let number: Decimal = "19.99".parse().unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), "19.99");
        assert_eq!(serde_json::from_str::<Decimal>("19.99").unwrap(), number);
        assert!(serde_json::from_str::<Decimal>("\"19.99\"").is_err());
    }

    fn check(text: &str, expected: &str) {
        let shown = match text.parse::<Decimal>() {
            Ok(decimal) => decimal.to_string(),
            Err(unfit) => unfit.to_string(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn reads_what_json_writes() {
        check("0", "0");
        check("-12.50", "-12.5");
        check("1e3", "1000");
        check("1.5E-3", "0.0015");
        check("59.970000000000005", "59.97");
        check("0.0000000005", "0");
        check("0.0000000015", "0.000000002");
        check("0.00000000051", "0.000000001");
        check("1000000000000000000", "1000000000000000000");
        check("1e19", "beyond 10^18");
        check("1e-400", "0");
        check("0e999999999", "0");
        check("", "not a decimal number");
        check("1.2.3", "not a decimal number");
        check("NaN", "not a decimal number");
    }
}
