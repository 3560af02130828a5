//! Liquid's arithmetic: whole numbers, and numbers with a point that are added, subtracted and
//! multiplied as the decimals they look like (`10.1 | minus: 2.2` is 7.9).

use crate::prelude::*;
use core::cmp::Ordering;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

/// What divides by zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByZero;

impl Number {
    pub fn to_f64(self) -> f64 {
        match self {
            #[allow(clippy::cast_precision_loss)] // what mixing with a float means
            Number::Int(whole) => whole as f64,
            Number::Float(float) => float,
        }
    }

    pub fn is_zero(self) -> bool {
        self.to_f64() == 0.0
    }

    /// The whole part.
    pub fn to_i64(self) -> i64 {
        match self {
            Number::Int(whole) => whole,
            #[allow(clippy::cast_possible_truncation)] // saturates; NaN is zero
            Number::Float(float) => float as i64,
        }
    }

    pub fn order(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }

    pub fn plus(self, other: Number) -> Number {
        self.combine(other, i64::checked_add, Exact::plus, |a, b| a + b)
    }

    pub fn minus(self, other: Number) -> Number {
        self.combine(other, i64::checked_sub, Exact::minus, |a, b| a - b)
    }

    pub fn times(self, other: Number) -> Number {
        self.combine(other, i64::checked_mul, Exact::times, |a, b| a * b)
    }

    /// Whole numbers divide to the whole number below.
    pub fn divided_by(self, other: Number) -> Result<Number, ByZero> {
        if other.is_zero() {
            return Err(ByZero);
        }
        Ok(match (self, other) {
            (Number::Int(a), Number::Int(b)) => {
                let quotient = a.wrapping_div(b);
                let below = a.wrapping_rem(b) != 0 && (a < 0) != (b < 0);
                Number::Int(quotient - i64::from(below))
            }
            _ => Number::Float(self.to_f64() / other.to_f64()),
        })
    }

    /// The rest of that division: it has the sign of the divisor.
    pub fn modulo(self, other: Number) -> Result<Number, ByZero> {
        if other.is_zero() {
            return Err(ByZero);
        }
        Ok(match (self, other) {
            (Number::Int(a), Number::Int(b)) => {
                let rest = a.wrapping_rem(b);
                Number::Int(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
            }
            _ => {
                let (a, b) = (self.to_f64(), other.to_f64());
                let exact = exact(a).zip(exact(b)).and_then(|(a, b)| a.modulo(b));
                Number::Float(exact.map_or_else(
                    || {
                        let rest = a % b;
                        if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
                    },
                    Exact::to_f64,
                ))
            }
        })
    }

    pub fn abs(self) -> Number {
        match self {
            Number::Int(whole) => Number::Int(whole.saturating_abs()),
            Number::Float(float) => Number::Float(float.abs()),
        }
    }

    /// To `places` decimals, halves away from zero; to a whole number for zero and less.
    pub fn round(self, places: i64) -> Number {
        let Number::Float(float) = self else { return self.round_whole(places) };
        let Some(number) = exact(float) else { return self };
        let Ok(places) = u32::try_from(places) else {
            return Number::Int(number.rounded(0).to_i64()).round_whole(places);
        };
        let rounded = number.rounded(places);
        if places == 0 { Number::Int(rounded.to_i64()) } else { Number::Float(rounded.to_f64()) }
    }

    fn round_whole(self, places: i64) -> Number {
        let drop = u32::try_from(places.saturating_neg()).ok().filter(|drop| *drop > 0);
        match (self, drop) {
            (Number::Int(whole), Some(drop)) => {
                let Some(unit) = 10i64.checked_pow(drop) else { return Number::Int(0) };
                let rest = whole % unit;
                let down = whole - rest;
                let up = if whole < 0 { down.checked_sub(unit) } else { down.checked_add(unit) };
                let half = rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2);
                Number::Int(if half { up.unwrap_or(down) } else { down })
            }
            _ => self,
        }
    }

    pub fn floor(self) -> Number {
        self.toward(i128::div_euclid)
    }

    pub fn ceil(self) -> Number {
        self.toward(|units, one| -(-units).div_euclid(one))
    }

    fn toward(self, divide: fn(i128, i128) -> i128) -> Number {
        match self {
            Number::Int(_) => self,
            Number::Float(float) => match exact(float) {
                Some(Exact { units, places }) => {
                    let whole = divide(units, power(places).unwrap_or(i128::MAX));
                    Number::Int(i64::try_from(whole).unwrap_or(self.to_i64()))
                }
                None => Number::Int(self.to_i64()),
            },
        }
    }

    fn combine(
        self,
        other: Number,
        whole: fn(i64, i64) -> Option<i64>,
        decimal: fn(Exact, Exact) -> Option<Exact>,
        float: fn(f64, f64) -> f64,
    ) -> Number {
        if let (Number::Int(a), Number::Int(b)) = (self, other)
            && let Some(result) = whole(a, b)
        {
            return Number::Int(result);
        }
        let (a, b) = (self.to_f64(), other.to_f64());
        let result = exact(a).zip(exact(b)).and_then(|(a, b)| decimal(a, b));
        Number::Float(result.map_or_else(|| float(a, b), Exact::to_f64))
    }
}

/// A decimal: `units` × 10^-`places`.
#[derive(Clone, Copy)]
struct Exact {
    units: i128,
    places: u32,
}

fn power(places: u32) -> Option<i128> {
    10i128.checked_pow(places)
}

/// The decimal that the float prints as, if it fits.
fn exact(float: f64) -> Option<Exact> {
    let text = format!("{float}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    if text.len() > 36 {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    Some(Exact { units: digits.parse().ok()?, places: u32::try_from(fraction.len()).ok()? })
}

impl Exact {
    fn aligned(self, other: Exact) -> Option<(i128, i128, u32)> {
        let places = self.places.max(other.places);
        let scale = |number: Exact| number.units.checked_mul(power(places - number.places)?);
        Some((scale(self)?, scale(other)?, places))
    }

    fn plus(self, other: Exact) -> Option<Exact> {
        let (a, b, places) = self.aligned(other)?;
        Some(Exact { units: a.checked_add(b)?, places })
    }

    fn minus(self, other: Exact) -> Option<Exact> {
        let (a, b, places) = self.aligned(other)?;
        Some(Exact { units: a.checked_sub(b)?, places })
    }

    fn times(self, other: Exact) -> Option<Exact> {
        let units = self.units.checked_mul(other.units)?;
        Some(Exact { units, places: self.places + other.places })
    }

    fn modulo(self, other: Exact) -> Option<Exact> {
        let (a, b, places) = self.aligned(other)?;
        let rest = a.checked_rem(b)?;
        let units = if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest };
        Some(Exact { units, places })
    }

    fn rounded(self, places: u32) -> Exact {
        if places >= self.places {
            return self;
        }
        let unit = power(self.places - places).unwrap_or(i128::MAX);
        let rest = self.units % unit;
        let half = rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2);
        let away = if half { self.units.signum() } else { 0 };
        Exact { units: self.units / unit + away, places }
    }

    fn to_i64(self) -> i64 {
        let whole = self.units / power(self.places).unwrap_or(i128::MAX);
        i64::try_from(whole).unwrap_or(if whole < 0 { i64::MIN } else { i64::MAX })
    }

    fn to_f64(self) -> f64 {
        // Through text, because reading text rounds correctly.
        format!("{}e-{}", self.units, self.places).parse().unwrap_or(0.0)
    }
}

/// Bytes of a text in which a number is looked for.
const NUMBER_BYTES_MAX: usize = 128;

/// A number out of text: `2.5` has a point, otherwise the whole number at its beginning, or zero.
pub(super) fn read_number(text: &str) -> Number {
    // Limit: what is longer is no number anybody meant, and looking at it would cost.
    let text = &text[..text.floor_char_boundary(NUMBER_BYTES_MAX)];
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if let Some((whole, fraction)) = digits.split_once('.')
        && all_digits(whole)
        && all_digits(fraction)
    {
        return Number::Float(text.parse().unwrap_or(0.0));
    }
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return Number::Int(0);
    }
    let sign = if negative { "-" } else { "" };
    let text = format!("{sign}{}", &digits[..length]);
    match text.parse() {
        Ok(whole) => Number::Int(whole),
        Err(_) => Number::Float(text.parse().unwrap_or(0.0)),
    }
}

/// A whole number out of text that holds nothing else.
pub(super) fn read_whole(text: &str) -> Option<i64> {
    Some(text).filter(|text| text.len() <= NUMBER_BYTES_MAX)?.trim().parse().ok()
}

/// A float as Ruby prints it: always with a point, with an exponent from 10^16 and below 10^-4.
pub(super) fn float_text(float: f64) -> String {
    let text = format!("{float:?}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}{point}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = match read_number(text) {
            Number::Int(whole) => whole.to_string(),
            Number::Float(float) => float_text(float),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn text_is_read_as_numbers() {
        check("5", "5");
        check(" -5.10 ", "-5.1");
        check("12abc", "12");
        check("1.2.3", "1");
        check("abc", "0");
        check("-", "0");
        check("100000000000000000000", "1.0e+20");
        check("0.00001", "1.0e-05");
        check("1234567.5", "1234567.5");
    }

    #[test]
    fn arithmetic_is_decimal() {
        let float = Number::Float;
        assert_eq!(float(10.1).minus(float(2.2)), float(7.9));
        assert_eq!(float(10.1).modulo(float(7.0)), Ok(float(3.1)));
        assert_eq!(Number::Int(-7).divided_by(Number::Int(2)), Ok(Number::Int(-4)));
        assert_eq!(Number::Int(-7).modulo(Number::Int(2)), Ok(Number::Int(1)));
        assert_eq!(Number::Int(i64::MIN).divided_by(Number::Int(-1)), Ok(Number::Int(i64::MIN)));
        assert_eq!(Number::Int(1).divided_by(float(0.0)), Err(ByZero));
        assert_eq!(float(5.666).round(1), float(5.7));
        assert_eq!(float(-5.5).round(0), Number::Int(-6));
        assert_eq!(Number::Int(1250).round(-2), Number::Int(1300));
        assert_eq!(Number::Int(i64::MAX).plus(Number::Int(1)), float(9.223_372_036_854_776e18));
        assert_eq!(float(-5.4).ceil(), Number::Int(-5));
        assert_eq!(float(-5.4).floor(), Number::Int(-6));
    }
}
