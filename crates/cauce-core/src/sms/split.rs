//! Into how many parts a text goes, and what each of them says: the price, before anything is
//! sent.

use super::alphabet::{septets, units};
use crate::message::content::sms::Encoding;
use crate::prelude::*;
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

/// How many units fit into a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Into the only one, which needs no header.
    pub single: usize,
    /// Into one of several.
    pub part: usize,
}

impl Limits {
    /// With a header of six octets: an 8-bit reference. 140 octets are 160 septets or 70 units of
    /// sixteen bits; without the header 153 and 67 (3GPP TS 23.040, 9.2.3.24.1).
    pub fn short_reference(encoding: Encoding) -> Limits {
        match encoding {
            Encoding::Gsm7 => Limits { single: 160, part: 153 },
            Encoding::Ucs2 => Limits { single: 70, part: 67 },
        }
    }

    /// With a header of seven octets: a 16-bit reference (9.2.3.24.8).
    pub fn long_reference(encoding: Encoding) -> Limits {
        match encoding {
            Encoding::Gsm7 => Limits { single: 160, part: 152 },
            Encoding::Ucs2 => Limits { single: 70, part: 66 },
        }
    }
}

/// What a text costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// In which alphabet it travels.
    pub encoding: Encoding,
    /// Parts, each of which is paid.
    pub parts: usize,
    /// Units of all parts: septets, or sixteen bits each.
    pub units: usize,
    /// Units that fit into a part of this text.
    pub units_per_part: usize,
    /// Units that are still free in the last part.
    pub free: usize,
    /// The first character that makes it UCS-2, with which a part holds less than half as much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forced_by: Option<char>,
}

/// The narrowest alphabet that has every character of a text.
pub fn encoding_of(text: &str) -> Encoding {
    match forces(text) {
        Some(_) => Encoding::Ucs2,
        None => Encoding::Gsm7,
    }
}

fn forces(text: &str) -> Option<char> {
    text.chars().find(|c| septets(*c).is_none())
}

/// Splits a text into parts; one, if it fits without a header, and none of nothing.
///
/// An escape and the character after it, both halves of a surrogate pair, and what a reader takes
/// for one character (a letter and its accents, a family of emoji) stay together. Only what is
/// longer than a whole part by itself is split, between code points.
pub fn split(text: &str, encoding: Encoding, limits: Limits) -> Vec<String> {
    let sum = |text: &str| text.chars().map(|c| units(c, encoding)).sum::<usize>();
    if text.is_empty() {
        return Vec::new();
    }
    if sum(text) <= limits.single {
        return vec![text.to_owned()];
    }
    let mut parts = Parts { done: Vec::new(), part: String::new(), used: 0, room: limits.part };
    for cluster in text.graphemes(true) {
        let size = sum(cluster);
        // A line break of two characters is one to a reader, and may still end a part.
        if size <= limits.part && cluster != "\r\n" {
            parts.push(cluster, size);
            continue;
        }
        for (at, c) in cluster.char_indices() {
            parts.push(&cluster[at..at + c.len_utf8()], units(c, encoding));
        }
    }
    parts.done.push(parts.part);
    parts.done
}

struct Parts {
    done: Vec<String>,
    part: String,
    used: usize,
    room: usize,
}

impl Parts {
    fn push(&mut self, piece: &str, size: usize) {
        if self.used + size > self.room {
            self.done.push(core::mem::take(&mut self.part));
            self.used = 0;
        }
        self.part.push_str(piece);
        self.used += size;
    }
}

/// What a text costs, if its parts' headers have an 8-bit reference.
pub fn preview(text: &str) -> Preview {
    let forced_by = forces(text);
    let encoding = if forced_by.is_some() { Encoding::Ucs2 } else { Encoding::Gsm7 };
    let limits = Limits::short_reference(encoding);
    let parts = split(text, encoding, limits);
    let sum = |text: &str| text.chars().map(|c| units(c, encoding)).sum::<usize>();
    let units_per_part = if parts.len() > 1 { limits.part } else { limits.single };
    let last = parts.last().map_or(0, |part| sum(part));
    Preview {
        encoding,
        parts: parts.len(),
        units: sum(text),
        units_per_part,
        free: units_per_part.saturating_sub(last),
        forced_by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, encoding: Encoding, parts: usize) {
        let seen = preview(text);
        assert_eq!((seen.encoding, seen.parts), (encoding, parts), "{text:?}: {seen:?}");
    }

    /// The figures of sms-segments-calculator 1.3.0, as observed.
    #[test]
    fn parts_are_counted_as_they_are_paid() {
        let gsm = |text: &str, parts| check(text, Encoding::Gsm7, parts);
        let ucs = |text: &str, parts| check(text, Encoding::Ucs2, parts);
        gsm("", 0);
        gsm(&"a".repeat(160), 1);
        gsm(&"a".repeat(161), 2);
        gsm(&"a".repeat(306), 2);
        gsm(&"a".repeat(307), 3);
        gsm(&"€".repeat(80), 1);
        gsm(&"€".repeat(81), 2);
        // The euro does not fit into the last septet of the first part, and is not torn.
        gsm(&("a".repeat(152) + "€" + &"b".repeat(151)), 2);
        gsm(&("a".repeat(152) + "€" + &"b".repeat(152)), 3);
        ucs(&"я".repeat(70), 1);
        ucs(&"я".repeat(71), 2);
        ucs(&"я".repeat(134), 2);
        ucs(&"я".repeat(135), 3);
        ucs(&"😀".repeat(35), 1);
        ucs(&"😀".repeat(36), 2);
        gsm("Ç", 1);
        for c in ["ç", "\t", "`", "“"] {
            ucs(c, 1);
        }
    }

    #[test]
    fn a_preview_says_what_is_left_and_why_it_costs_more() {
        let seen = preview("Hola, año");
        assert_eq!((seen.units, seen.free, seen.forced_by), (9, 151, None));
        let seen = preview("It’s here “now”");
        assert_eq!((seen.free, seen.forced_by), (55, Some('’')));
        let seen = preview(&"a".repeat(200));
        assert_eq!((seen.units_per_part, seen.free), (153, 106));
    }

    #[test]
    fn what_a_reader_takes_for_one_character_is_whole() {
        let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦";
        // There is room for the first two of them.
        let text = "я".repeat(60) + family + "я";
        let parts = split(&text, Encoding::Ucs2, Limits::short_reference(Encoding::Ucs2));
        assert_eq!(parts, ["я".repeat(60), format!("{family}я")]);
        // A letter with more accents than a part has room for is torn, but not within a pair.
        let endless = String::from("a") + &"\u{301}".repeat(200);
        let parts = split(&endless, Encoding::Ucs2, Limits::short_reference(Encoding::Ucs2));
        assert_eq!(parts.concat(), endless);
        assert_eq!(parts.len(), 3);
    }

    proptest::proptest! {
        #[test]
        fn parts_are_the_text_and_fit(text in "[a-z€^ñ\\PC\u{301}👩\u{200d}\r\n]{0,400}",
                                      long in proptest::bool::ANY) {
            let encoding = encoding_of(&text);
            let limits = match long {
                true => Limits::long_reference(encoding),
                false => Limits::short_reference(encoding),
            };
            let parts = split(&text, encoding, limits);
            proptest::prop_assert_eq!(parts.concat(), text.clone());
            let most = if parts.len() == 1 { limits.single } else { limits.part };
            for part in &parts {
                let used: usize = part.chars().map(|c| units(c, encoding)).sum();
                proptest::prop_assert!(used > 0 && used <= most, "{} of {}", used, most);
            }
        }
    }
}
