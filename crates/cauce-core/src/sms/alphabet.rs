//! The alphabets in which text messages travel: GSM 03.38 with its extension table, and UTF-16.
//!
//! Source: 3GPP TS 23.038 (release 17), 6.2.1 and 6.2.1.1. National shift tables are left out:
//! few networks take them, and none says so in advance.

use crate::message::content::sms::Encoding;
use crate::prelude::*;

/// The septet that announces one of the extension table.
pub const ESCAPE: u8 = 0x1b;

/// The default alphabet by its codes; at [`ESCAPE`] stands nothing that a text can have.
const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_',
    'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{fffd}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"',
    '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2', '3', '4', '5',
    '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H',
    'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä',
    'Ö', 'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n',
    'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];

/// The extension table: what follows [`ESCAPE`].
const EXTENSION: [(char, u8); 10] = [
    ('\u{c}', 0x0a),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2f),
    ('[', 0x3c),
    ('~', 0x3d),
    (']', 0x3e),
    ('|', 0x40),
    ('€', 0x65),
];

/// How a character is written in GSM 03.38.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Septets {
    /// By one septet.
    One(u8),
    /// By [`ESCAPE`] and another one.
    Two(u8),
}

/// The septets of a character, if GSM 03.38 has it.
pub fn septets(c: char) -> Option<Septets> {
    if c.is_ascii_alphanumeric() || c == ' ' {
        return Some(Septets::One(c as u8)); // nearly every character of nearly every text
    }
    let plain = DEFAULT.iter().position(|known| *known == c && c != '\u{fffd}');
    if let Some(code) = plain {
        return Some(Septets::One(code as u8));
    }
    let (_, code) = EXTENSION.iter().find(|(known, _)| *known == c)?;
    Some(Septets::Two(*code))
}

/// How many units a character takes: septets, or sixteen bits each.
pub fn units(c: char, encoding: Encoding) -> usize {
    match (encoding, septets(c)) {
        (Encoding::Gsm7, Some(Septets::Two(_))) => 2,
        (Encoding::Gsm7, Some(Septets::One(_)) | None) => 1,
        (Encoding::Ucs2, _) => c.len_utf16(),
    }
}

/// A text as septets, one in each byte, as most message centres want it; `None` if the alphabet
/// lacks a character.
pub fn to_septets(text: &str) -> Option<Vec<u8>> {
    let mut written = Vec::with_capacity(text.len());
    for c in text.chars() {
        match septets(c)? {
            Septets::One(code) => written.push(code),
            Septets::Two(code) => written.extend([ESCAPE, code]),
        }
    }
    Some(written)
}

/// The text of septets, one in each byte. What the tables lack is read as the standard asks: an
/// unknown extension as the character of the default alphabet that has its code.
pub fn from_septets(septets: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = septets.iter().map(|byte| byte & 0x7f);
    while let Some(code) = rest.next() {
        if code != ESCAPE {
            text.push(DEFAULT[usize::from(code)]);
            continue;
        }
        let Some(code) = rest.next() else { break };
        let extended = EXTENSION.iter().find(|(_, known)| *known == code).map(|(c, _)| *c);
        text.push(match extended {
            Some(c) => c,
            None if code == ESCAPE => ' ',
            None => DEFAULT[usize::from(code)],
        });
    }
    text
}

/// Eight septets in seven octets, after `fill` bits that belong to a header before them.
pub fn pack(septets: &[u8], fill: u8) -> Vec<u8> {
    let fill = usize::from(fill % 7);
    let mut packed = vec![0; (fill + septets.len() * 7).div_ceil(8)];
    for (place, septet) in septets.iter().enumerate() {
        let bit = fill + place * 7;
        let wide = u16::from(septet & 0x7f) << (bit % 8);
        packed[bit / 8] |= wide as u8;
        if wide > 0xff {
            packed[bit / 8 + 1] |= (wide >> 8) as u8;
        }
    }
    packed
}

/// The other way: `count` septets after `fill` bits; fewer, if there are no more octets.
pub fn unpack(octets: &[u8], fill: u8, count: usize) -> Vec<u8> {
    let fill = usize::from(fill % 7);
    (0..count)
        .map_while(|place| {
            let bit = fill + place * 7;
            let low = u16::from(*octets.get(bit / 8)?);
            let high = u16::from(octets.get(bit / 8 + 1).copied().unwrap_or_default());
            let whole = bit % 8 <= 1 || bit / 8 + 1 < octets.len();
            whole.then_some((((high << 8 | low) >> (bit % 8)) & 0x7f) as u8)
        })
        .collect()
}

/// A text as UTF-16, big endian: what data coding 8 carries. (The name UCS-2 is older than the
/// characters that need two units; telephones have read UTF-16 for as long as they know emoji.)
pub fn to_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// The text of UTF-16, big endian; what is no text becomes the replacement character.
pub fn from_utf16(octets: &[u8]) -> String {
    let units = octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_character() {
        for code in (0..128).filter(|code| *code != ESCAPE) {
            let text = from_septets(&[code]);
            assert_eq!(to_septets(&text), Some(vec![code]), "{code:#x}");
        }
        for (c, code) in EXTENSION {
            assert_eq!(to_septets(&String::from(c)), Some(vec![ESCAPE, code]));
            assert_eq!(from_septets(&[ESCAPE, code]), String::from(c));
        }
        // The corners of the table in the standard.
        let corners = [('@', 0), ('Δ', 0x10), ('Ç', 0x09), ('¡', 0x40), ('¿', 0x60), ('à', 0x7f)];
        for (c, code) in corners {
            assert_eq!(septets(c), Some(Septets::One(code)), "{c}");
        }
        for c in ['ç', '`', '\t', '“', '\u{fffd}', '\0', '\u{1b}', 'á'] {
            assert_eq!(septets(c), None, "{c:?}");
        }
    }

    #[test]
    fn what_telephones_do_not_know_is_read_as_the_standard_asks() {
        assert_eq!(from_septets(&[ESCAPE, b'a']), "a");
        assert_eq!(from_septets(&[ESCAPE, ESCAPE, b'a']), " a");
        assert_eq!(from_septets(&[b'a', ESCAPE]), "a");
    }

    #[test]
    fn packing_is_that_of_the_standard() {
        // 3GPP TS 23.040: the well-known "hello" in octets.
        let hello = to_septets("hellohello").unwrap();
        assert_eq!(pack(&hello, 0), [0xe8, 0x32, 0x9b, 0xfd, 0x46, 0x97, 0xd9, 0xec, 0x37]);
    }

    proptest::proptest! {
        #[test]
        fn packed_septets_come_back(septets in proptest::collection::vec(0u8..128, 0..170),
                                    fill in 0u8..7) {
            let packed = pack(&septets, fill);
            proptest::prop_assert!(packed.len() <= (septets.len() * 7 + 6).div_ceil(8));
            proptest::prop_assert_eq!(unpack(&packed, fill, septets.len()), septets);
        }

        #[test]
        fn any_octets_are_some_text(octets in proptest::collection::vec(0u8..=255, 0..200)) {
            from_septets(&octets);
            from_utf16(&octets);
            unpack(&octets, 3, 200);
        }

        #[test]
        fn utf16_comes_back(text in ".{0,80}") {
            proptest::prop_assert_eq!(from_utf16(&to_utf16(&text)), text);
        }
    }
}
