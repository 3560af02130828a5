//! Transfer encodings and encoded words (RFC 2045, RFC 2047).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Limit: encoded lines have 76 characters at most (RFC 2045 §6.7).
const LINE_MAX: usize = 76;

/// Limit: what one encoded word holds after encoding, so that word, charset and the longest name
/// of a header we write stay within 76 columns.
const WORD_MAX: usize = 52;

/// How a part travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Seven,
    /// Quoted-printable.
    Quoted,
    /// Base64.
    Base64,
}

impl Encoding {
    /// The value of Content-Transfer-Encoding.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Encoding::Seven => "7bit",
            Encoding::Quoted => "quoted-printable",
            Encoding::Base64 => "base64",
        }
    }
}

/// Chooses by content: what is plain and short-lined travels as it is, what is mostly ASCII as
/// quoted-printable, everything else as base64, which is then shorter.
pub(super) fn choose(text: &str) -> Encoding {
    let bytes = text.as_bytes();
    let mut high = 0usize;
    let mut unsafe_line = false;
    let mut line_start = 0;
    for (place, &byte) in bytes.iter().enumerate() {
        if PLAIN[byte as usize] {
            continue;
        }
        match byte {
            b'\n' => {
                unsafe_line |= is_unsafe_line(&bytes[line_start..place]);
                line_start = place + 1;
            }
            b'\r' => unsafe_line |= bytes.get(place + 1) != Some(&b'\n'),
            // Relays may rewrite tabs, and `=_` could be taken for our boundary.
            b'=' => unsafe_line |= bytes.get(place + 1) == Some(&b'_'),
            0x80.. => high += 1,
            _ => unsafe_line = true,
        }
    }
    unsafe_line |= is_unsafe_line(&bytes[line_start..]);
    if high * 5 > bytes.len() {
        Encoding::Base64
    } else if high > 0 || unsafe_line {
        Encoding::Quoted
    } else {
        Encoding::Seven
    }
}

/// Whether relays are known to change such a line: too long, blanks at its end, or `From ` at its
/// start, which mailbox files quote.
fn is_unsafe_line(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.len() > LINE_MAX || line.last() == Some(&b' ') || line.starts_with(b"From ")
}

/// Writes a part's text with CRLF line ends only, and a CRLF at the end.
pub(super) fn body(text: &str, encoding: Encoding, out: &mut Vec<u8>) {
    match encoding {
        Encoding::Seven => seven(text.as_bytes(), out),
        Encoding::Quoted => quoted(text.as_bytes(), out),
        Encoding::Base64 => {
            let mut canonical = Vec::with_capacity(text.len() + 64);
            seven(text.as_bytes(), &mut canonical);
            base64_lines(&canonical, out);
        }
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
}

/// Copies with every line end made CRLF.
fn seven(bytes: &[u8], out: &mut Vec<u8>) {
    let mut start = 0;
    let mut place = 0;
    while place < bytes.len() {
        let byte = bytes[place];
        if byte != b'\n' && byte != b'\r' {
            place += 1;
            continue;
        }
        out.extend_from_slice(&bytes[start..place]);
        out.extend_from_slice(b"\r\n");
        place += if byte == b'\r' && bytes.get(place + 1) == Some(&b'\n') { 2 } else { 1 };
        start = place;
    }
    out.extend_from_slice(&bytes[start..]);
}

/// What quoted-printable and 7bit carry as it is, blanks aside from the end of a line.
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 32;
    while byte < 127 {
        table[byte] = byte != b'=' as usize;
        byte += 1;
    }
    table
};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn quoted(bytes: &[u8], out: &mut Vec<u8>) {
    // One column is kept for the `=` of a soft line break.
    const ROOM: usize = LINE_MAX - 1;
    out.reserve(bytes.len() + bytes.len() / 8);
    let mut column = 0;
    let mut place = 0;
    while place < bytes.len() {
        let byte = bytes[place];
        if byte == b'\n' || byte == b'\r' {
            out.extend_from_slice(b"\r\n");
            column = 0;
            place += if byte == b'\r' && bytes.get(place + 1) == Some(&b'\n') { 2 } else { 1 };
            continue;
        }
        if column == ROOM {
            soft_break(out, &mut column);
        }
        // A dot or `From ` at the start of a line invites software on the way to change it.
        let fragile = column == 0 && (byte == b'.' || bytes[place..].starts_with(b"From "));
        let length = if fragile { 0 } else { run(&bytes[place..], ROOM - column) };
        if length > 0 {
            out.extend_from_slice(&bytes[place..place + length]);
            column += length;
            place += length;
            continue;
        }
        if column + 3 > ROOM {
            soft_break(out, &mut column);
        }
        out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        column += 3;
        place += 1;
    }
}

fn soft_break(out: &mut Vec<u8>, column: &mut usize) {
    out.extend_from_slice(b"=\r\n");
    *column = 0;
}

/// How many of the next bytes may be written as they are, up to `room`: a blank only if more
/// follows on the same line.
fn run(bytes: &[u8], room: usize) -> usize {
    let window = &bytes[..room.min(bytes.len())];
    let length = window.iter().position(|b| !PLAIN[*b as usize]).unwrap_or(window.len());
    let at_end = matches!(bytes.get(length), None | Some(b'\n' | b'\r'));
    if at_end && length > 0 && bytes[length - 1] == b' ' { length - 1 } else { length }
}

/// Base64 in lines of 76 characters.
pub(super) fn base64_lines(bytes: &[u8], out: &mut Vec<u8>) {
    let mut line = [0; LINE_MAX];
    for chunk in bytes.chunks(LINE_MAX / 4 * 3) {
        let length = STANDARD.encode_slice(chunk, &mut line).expect("57 bytes become 76");
        out.extend_from_slice(&line[..length]);
        out.extend_from_slice(b"\r\n");
    }
}

/// Text with what could end a header removed: NUL goes, other controls become blanks.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| *c != '\0')
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Writes the value of an unstructured header after `column` columns, folded: as it is where it
/// is ASCII with words of at most `word_max`, else as encoded words.
pub(super) fn unstructured(value: &str, column: usize, word_max: usize, out: &mut Vec<u8>) {
    let plain = value.is_ascii()
        && !value.contains("=?")
        && value.split(' ').all(|word| word.len() <= word_max);
    if plain { fold(value, column, out) } else { encoded_words(value, out) }
}

/// Folds ASCII text at blanks; what follows a fold begins with the blank itself.
fn fold(value: &str, mut column: usize, out: &mut Vec<u8>) {
    let bytes = value.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        // One piece is a run of blanks and the word after it.
        let blanks = bytes[start..].iter().take_while(|b| **b == b' ').count();
        let word = bytes[start + blanks..].iter().take_while(|b| **b != b' ').count();
        let piece = &bytes[start..start + blanks + word];
        if blanks > 0 && column + piece.len() > LINE_MAX {
            out.extend_from_slice(b"\r\n");
            column = 0;
        }
        out.extend_from_slice(piece);
        column += piece.len();
        start += piece.len();
    }
}

/// Writes encoded words, one to a line; none of them splits a character.
pub(super) fn encoded_words(value: &str, out: &mut Vec<u8>) {
    let high = value.bytes().filter(|b| *b >= 0x80).count();
    let base64 = high * 4 > value.len();
    let mut rest = value;
    let mut first = true;
    while !rest.is_empty() {
        if !first {
            out.extend_from_slice(b"\r\n ");
        }
        first = false;
        let length = if base64 { fitting_base64(rest) } else { fitting_q(rest) };
        let (word, tail) = rest.split_at(length);
        rest = tail;
        if base64 {
            out.extend_from_slice(b"=?utf-8?B?");
            out.extend_from_slice(STANDARD.encode(word).as_bytes());
        } else {
            out.extend_from_slice(b"=?utf-8?Q?");
            for byte in word.bytes() {
                q(byte, out);
            }
        }
        out.extend_from_slice(b"?=");
    }
}

fn is_q_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!*+-/".contains(&byte)
}

fn q(byte: u8, out: &mut Vec<u8>) {
    if byte == b' ' {
        out.push(b'_');
    } else if is_q_safe(byte) {
        out.push(byte);
    } else {
        out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
}

fn fitting_base64(text: &str) -> usize {
    text.floor_char_boundary((WORD_MAX / 4 * 3).min(text.len()))
}

fn fitting_q(text: &str) -> usize {
    let mut width = 0;
    for (place, c) in text.char_indices() {
        let mut buffer = [0; 4];
        width += c
            .encode_utf8(&mut buffer)
            .bytes()
            .map(|b| if b == b' ' || is_q_safe(b) { 1 } else { 3 })
            .sum::<usize>();
        if width > WORD_MAX {
            return place;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, encoding: Encoding, written: &str) {
        assert_eq!(choose(text), encoding, "{text:?}");
        let mut out = Vec::new();
        body(text, encoding, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), written);
    }

    #[test]
    fn the_encoding_fits_the_content() {
        check("a\nb\r\n.\r\n", Encoding::Seven, "a\r\nb\r\n.\r\n");
        check("From me", Encoding::Quoted, "=46rom me\r\n");
        check("blank \nx", Encoding::Quoted, "blank=20\r\nx\r\n");
        check("a\rb", Encoding::Quoted, "a\r\nb\r\n");
        check("x=_y", Encoding::Quoted, "x=3D_y\r\n");
        check("caf\u{e9} au lait", Encoding::Quoted, "caf=C3=A9 au lait\r\n");
        check("\u{4f60}\u{597d}", Encoding::Base64, "5L2g5aW9\r\n");
        check("", Encoding::Seven, "\r\n");
        let long = "x".repeat(150);
        let written = format!("{0}=\r\n{0}\r\n", "x".repeat(75));
        check(&long, Encoding::Quoted, &written);
    }

    #[test]
    fn encoded_words_stay_short_and_whole() {
        for text in ["\u{1f600}".repeat(40), "\u{e9}a".repeat(70), "a  ".repeat(60)] {
            let mut out = Vec::new();
            encoded_words(&text, &mut out);
            let written = String::from_utf8(out).unwrap();
            for line in written.split("\r\n ") {
                assert!(line.len() <= 64 && line.starts_with("=?utf-8?"), "{line}");
            }
        }
    }

    #[test]
    fn folding_keeps_every_blank() {
        let text = "word  ".repeat(40);
        let mut out = Vec::new();
        unstructured(text.trim(), 9, 70, &mut out);
        let written = String::from_utf8(out).unwrap();
        assert!(written.split("\r\n").all(|line| line.len() <= 76 && !line.trim().is_empty()));
        assert_eq!(written.replace("\r\n", ""), text.trim());
    }
}
