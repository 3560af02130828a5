//! Telephone numbers: the one form in which they are written to, and where they may be.

mod assigned;
mod national;
mod table;

pub use assigned::{Line, line};
pub use national::Plan;
pub use table::{is_region, region, regions, zones};

/// Whether a text is a number in the form of ITU-T E.164: a plus, a country, at most 15 digits.
/// Nothing is said of whether anybody has it.
pub fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    // Limit: the shortest numbers with their country that are in use have six digits.
    (6..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form() {
        for good in ["+34600112233", "+6831234", "+123456789012345"] {
            assert!(is_e164(good), "{good}");
        }
        for bad in [
            "",
            "+",
            "34600112233",
            "+0600112233",
            "+34 600112233",
            "+1234567890123456",
            "+12345",
            "+3460011223x",
            "++34600112233",
            "+٣٤٦٠٠١١٢٢٣٣",
        ] {
            assert!(!is_e164(bad), "{bad}");
        }
    }
}
