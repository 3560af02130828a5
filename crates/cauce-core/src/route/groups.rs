//! Where a message goes, as far as providers care: a mailbox provider, a country.
//!
//! From the address alone, so that the same message is always in the same group. A company's own
//! domain that is hosted by one of the large ones is `other` here: who hosts it is a question to
//! the DNS, which decisions cannot ask.

use crate::prelude::*;

/// The words for mailbox providers.
pub const MAILBOXES: [&str; 5] = ["google", "microsoft", "yahoo", "apple", "other"];

/// Domains of mailbox providers, as of 2026-11-29.
///
/// Sources: Google, "Email sender guidelines" (personal accounts end in gmail.com or
/// googlemail.com); Microsoft, "Outlook's new requirements for high-volume senders" (outlook.com,
/// hotmail.com, live.com) with msn.com and the national domains that Outlook.com lists at sign-up;
/// Yahoo Sender Hub, FAQ, "Which domains does Yahoo serve" (Yahoo and AOL brands; yahoo.co.jp is
/// another company); Apple, "Postmaster information for iCloud Mail" (icloud.com, me.com, mac.com).
const DOMAINS: &[(&str, &[&str])] = &[
    ("google", &["gmail.com", "googlemail.com"]),
    ("microsoft", &["outlook.com", "hotmail.com", "live.com", "msn.com", "windowslive.com"]),
    (
        "yahoo",
        &[
            "yahoo.com",
            "ymail.com",
            "rocketmail.com",
            "myyahoo.com",
            "aol.com",
            "aim.com",
            "netscape.net",
            "verizon.net",
        ],
    ),
    ("apple", &["icloud.com", "me.com", "mac.com"]),
];

/// Brands that a mailbox provider serves under national domains: `hotmail.es`, `yahoo.co.uk`.
const NATIONAL: &[(&str, &[&str])] =
    &[("microsoft", &["outlook", "hotmail", "live"]), ("yahoo", &["yahoo", "aol"])];

/// National domains of those brands that somebody else serves.
const OTHERS: &[&str] = &["yahoo.co.jp", "yahoo.ne.jp"];

/// The mailbox provider of a domain.
pub fn mailbox(domain: &str) -> &'static str {
    let domain = domain.to_ascii_lowercase();
    let listed = DOMAINS.iter().find(|(_, domains)| domains.contains(&domain.as_str()));
    if let Some((name, _)) = listed {
        return name;
    }
    let Some((brand, end)) = domain.split_once('.') else { return "other" };
    if OTHERS.contains(&domain.as_str()) || !is_national(end) {
        return "other";
    }
    let known = NATIONAL.iter().find(|(_, brands)| brands.contains(&brand));
    known.map_or("other", |(name, _)| name)
}

/// `es`, `co.uk`, `com.br`.
fn is_national(end: &str) -> bool {
    let country = |text: &str| text.len() == 2 && text.bytes().all(|c| c.is_ascii_lowercase());
    match end.split_once('.') {
        None => country(end),
        Some((second, top)) => matches!(second, "co" | "com" | "net") && country(top),
    }
}

/// The domain of an address, in small letters.
pub fn domain(address: &str) -> String {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.trim_end_matches('.').to_ascii_lowercase()
}

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
    fn mailboxes_are_known_by_their_domain() {
        for (address, expected) in [
            ("ada@GMAIL.com", "google"),
            ("ada@hotmail.es", "microsoft"),
            ("ada@live.co.uk", "microsoft"),
            ("ada@yahoo.com.br", "yahoo"),
            ("ada@yahoo.co.jp", "other"),
            ("ada@me.com", "apple"),
            ("ada@hotmail.shop.example", "other"),
            ("ada@outlook.agency", "other"),
            ("ada@gmail.com.", "google"),
            ("nobody", "other"),
        ] {
            assert_eq!(mailbox(&domain(address)), expected, "{address}");
        }
    }

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
