//! Where a text message goes, as far as providers care: a country, known by how a number begins.

use crate::prelude::*;

/// The digits of a telephone number.
pub fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Calling codes of two digits; 1 and 7 have one, all others three.
///
/// Source: ITU-T, List of Recommendation E.164 assigned country codes (annex to the Operational
/// Bulletin No. 1114, 2016-12-15), whose lengths have not changed since.
const TWO_DIGITS: &[u8] = &[
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56,
    57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

/// The country calling code of a number in international form.
pub fn calling_code(digits: &str) -> &str {
    let two = digits.get(..2).and_then(|two| two.parse::<u8>().ok());
    let length = match digits.bytes().next() {
        Some(b'1' | b'7') => 1,
        _ if two.is_some_and(|two| TWO_DIGITS.contains(&two)) => 2,
        _ => 3,
    };
    digits.get(..length).unwrap_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calling_codes_have_their_length() {
        for (number, expected) in [
            ("+34 600 111 222", "34"),
            ("+1 415 555 0100", "1"),
            ("+7 495 000 00 00", "7"),
            ("+351 912 000 000", "351"),
            ("+44 20 7946 0000", "44"),
            ("+852 2345 6789", "852"),
            ("+3", "3"),
            ("", ""),
        ] {
            assert_eq!(calling_code(&digits(number)), expected, "{number}");
        }
    }
}
