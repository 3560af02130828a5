//! Texts in bytes, as one provider wants them, and back.

use cauce_core::message::content::sms::Encoding;
use cauce_core::sms::alphabet::{from_septets, from_utf16, to_septets, to_utf16};

/// What a provider takes `data_coding` 0 for: its default alphabet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alphabet {
    /// GSM 03.38, one septet in an octet.
    #[default]
    Gsm,
    /// ISO 8859-1.
    Latin1,
    /// ASCII.
    Ia5,
}

/// Values of `data_coding` (SMPP v3.4, 5.2.19).
pub mod coding {
    /// The default alphabet of the server.
    pub const DEFAULT: u8 = 0x00;
    /// ASCII.
    pub const IA5: u8 = 0x01;
    /// Octets, whatever they say.
    pub const BINARY: [u8; 2] = [0x02, 0x04];
    /// ISO 8859-1.
    pub const LATIN1: u8 = 0x03;
    /// UTF-16, big endian.
    pub const UCS2: u8 = 0x08;
}

/// How texts are written for a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// Its default alphabet.
    pub alphabet: Alphabet,
    /// Whether another alphabet than GSM 03.38 is named by its own number instead of 0.
    pub declared: bool,
}

impl Writing {
    /// In which alphabet a text travels: the one that was chosen for it, unless the provider's
    /// default alphabet lacks a character of it.
    pub fn encoding(self, text: &str, chosen: Encoding) -> Encoding {
        match chosen {
            Encoding::Gsm7 if self.default(text).is_some() => Encoding::Gsm7,
            Encoding::Gsm7 | Encoding::Ucs2 => Encoding::Ucs2,
        }
    }

    /// A text in bytes, and what stands in `data_coding`.
    pub fn write(self, text: &str, encoding: Encoding) -> (u8, Vec<u8>) {
        let default = match encoding {
            Encoding::Gsm7 => self.default(text),
            Encoding::Ucs2 => None,
        };
        match (default, self.alphabet, self.declared) {
            (Some(bytes), Alphabet::Latin1, true) => (coding::LATIN1, bytes),
            (Some(bytes), Alphabet::Ia5, true) => (coding::IA5, bytes),
            (Some(bytes), ..) => (coding::DEFAULT, bytes),
            (None, ..) => (coding::UCS2, to_utf16(text)),
        }
    }

    fn default(self, text: &str) -> Option<Vec<u8>> {
        match self.alphabet {
            Alphabet::Gsm => to_septets(text),
            Alphabet::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect(),
            Alphabet::Ia5 => text.is_ascii().then(|| text.as_bytes().to_vec()),
        }
    }

    /// The text of bytes; nothing if they are no text.
    pub fn read(self, data_coding: u8, bytes: &[u8]) -> Option<String> {
        // The general coding groups of GSM 03.38 (4): the alphabet is in bits 2 and 3.
        let general = match data_coding {
            0x10..=0x3f | 0xf0..=0xff => Some((data_coding >> 2) & 0x03),
            0x00..=0x0f | 0x40..=0xef => None,
        };
        match (data_coding, general) {
            (coding::UCS2, _) | (_, Some(2)) => Some(from_utf16(bytes)),
            (_, Some(1)) => None,
            (_, Some(_)) => Some(from_septets(bytes)),
            (coding::LATIN1, _) => Some(latin1(bytes)),
            (coding::IA5, _) => Some(latin1(bytes)),
            (coding::DEFAULT, _) => Some(match self.alphabet {
                Alphabet::Gsm => from_septets(bytes),
                Alphabet::Latin1 | Alphabet::Ia5 => latin1(bytes),
            }),
            (number, _) if coding::BINARY.contains(&number) => None,
            // An alphabet that we do not have: better a text with odd letters than none.
            _ => Some(latin1(bytes)),
        }
    }
}

/// Bytes as ISO 8859-1.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(alphabet: Alphabet, declared: bool, text: &str, expected: (u8, &[u8])) {
        let writing = Writing { alphabet, declared };
        let encoding = writing.encoding(text, Encoding::Gsm7);
        let (coding, bytes) = writing.write(text, encoding);
        assert_eq!((coding, &bytes[..]), expected, "{text}");
        assert_eq!(writing.read(coding, &bytes).as_deref(), Some(text));
    }

    #[test]
    fn texts_are_written_as_the_provider_takes_them() {
        check(Alphabet::Gsm, false, "a@ñ€", (0, b"a\x00\x7d\x1b\x65"));
        check(Alphabet::Latin1, false, "a@ñ{", (0, b"a@\xf1{"));
        check(Alphabet::Latin1, true, "ñ", (3, b"\xf1"));
        check(Alphabet::Ia5, true, "a@", (1, b"a@"));
        // What the alphabet lacks makes all of it UTF-16.
        check(Alphabet::Latin1, false, "€", (8, b"\x20\xac"));
        check(Alphabet::Ia5, false, "ñ", (8, b"\x00\xf1"));
        check(Alphabet::Gsm, false, "ç", (8, b"\x00\xe7"));
        let chosen = <Writing as Default>::default().encoding("plain", Encoding::Ucs2);
        assert_eq!(<Writing as Default>::default().write("😀", chosen).1, b"\xd8\x3d\xde\x00");
    }

    #[test]
    fn alphabets_of_inbound_texts_are_known() {
        let read = |coding: u8, bytes: &[u8]| <Writing as Default>::default().read(coding, bytes);
        assert_eq!(read(0x18, b"\x00a").as_deref(), Some("a"));
        assert_eq!(read(0x10, b"\x00").as_deref(), Some("@"));
        assert_eq!(read(0xf1, b"a").as_deref(), Some("a"));
        assert_eq!(read(0x04, b"a"), None);
        assert_eq!(read(0xf5, b"a"), None);
        assert_eq!(read(0x06, b"\xe4").as_deref(), Some("ä"));
    }
}
