//! Replies of an SMTP server, read with bounds.

use cauce_core::delivery::Enhanced;

/// Limit: one line of a reply. RFC 5321 says 512; servers send more.
const LINE_MAX: usize = 4096;
/// Limit: lines of one reply.
const LINES_MAX: usize = 128;
/// Limit: what we keep of a reply's text outside EHLO.
pub(crate) const TEXT_MAX: usize = 1024;

/// One reply, possibly of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Three digits.
    pub code: u16,
    /// The text of every line, joined by line feeds.
    pub text: String,
}

impl Reply {
    /// Whether it says yes. Unknown codes count by their first digit (RFC 5321 §4.3.2).
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// Whether the server waits for more from us.
    pub fn is_intermediate(&self) -> bool {
        self.code / 100 == 3
    }

    /// The enhanced status code at the start of the text.
    pub fn enhanced(&self) -> Option<Enhanced> {
        let word = self.text.split([' ', '\n', '\t']).next()?;
        let mut parts = word.split('.');
        let mut number = || parts.next().filter(|p| p.len() <= 3)?.parse::<u16>().ok();
        let (class, subject, detail) = (number()?, number()?, number()?);
        if parts.next().is_some() || !matches!(class, 2 | 4 | 5) {
            return None;
        }
        Some(Enhanced(class as u8, subject, detail))
    }

    /// The text, printable and bounded.
    pub fn shown(&self) -> String {
        let end = self.text.floor_char_boundary(TEXT_MAX.min(self.text.len()));
        self.text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

/// Bytes that are no reply; the conversation cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Reads one reply from the front of what has arrived: it and its length, or nothing while it is
/// not complete.
pub fn parse(bytes: &[u8]) -> Result<Option<(Reply, usize)>, Malformed> {
    let mut text = String::new();
    let mut code = 0;
    let mut start = 0;
    for count in 0..LINES_MAX {
        let rest = &bytes[start..];
        let Some(end) = rest.iter().take(LINE_MAX).position(|b| *b == b'\n') else {
            return if rest.len() >= LINE_MAX { Err(Malformed) } else { Ok(None) };
        };
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        let (this, more, words) = parse_line(line)?;
        if count == 0 {
            code = this;
        } else if this != code {
            return Err(Malformed);
        } else {
            text.push('\n');
        }
        text.push_str(&String::from_utf8_lossy(words));
        start += end + 1;
        if !more {
            return Ok(Some((Reply { code, text }, start)));
        }
    }
    Err(Malformed)
}

fn parse_line(line: &[u8]) -> Result<(u16, bool, &[u8]), Malformed> {
    let (digits, rest) = line.split_at_checked(3).ok_or(Malformed)?;
    if !digits.iter().all(u8::is_ascii_digit) || !(b'2'..=b'5').contains(&digits[0]) {
        return Err(Malformed);
    }
    let code = digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    match rest.split_first() {
        None => Ok((code, false, &[])),
        Some((b' ', words)) => Ok((code, false, words)),
        Some((b'-', words)) => Ok((code, true, words)),
        Some(_) => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(bytes: &str, code: u16, text: &str, length: usize) {
        let reply = Reply { code, text: text.to_owned() };
        assert_eq!(parse(bytes.as_bytes()), Ok(Some((reply, length))), "{bytes:?}");
    }

    #[test]
    fn replies_are_read_one_at_a_time() {
        check("250 ok\r\n354 go\r\n", 250, "ok", 8);
        check("250-a\r\n250-B c\r\n250 d\r\n", 250, "a\nB c\nd", 23);
        check("250\r\n", 250, "", 5);
        check("299 x\n", 299, "x", 6);
        for part in ["", "2", "250 ok", "250-a\r\n", "250-a\r\n250 "] {
            assert_eq!(parse(part.as_bytes()), Ok(None), "{part:?}");
        }
        for bad in ["hello\r\n", "25\r\n", "950 x\r\n", "250xok\r\n", "250-a\r\n251 b\r\n"] {
            assert_eq!(parse(bad.as_bytes()), Err(Malformed), "{bad:?}");
        }
        assert_eq!(parse(&[b'2'; LINE_MAX]), Err(Malformed));
        assert_eq!(parse("250-x\r\n".repeat(LINES_MAX).as_bytes()), Err(Malformed));
    }

    #[test]
    fn enhanced_codes_are_found_only_where_they_are() {
        let of = |text: &str| Reply { code: 550, text: text.to_owned() }.enhanced();
        assert_eq!(of("5.1.1 no such person"), Some(Enhanced(5, 1, 1)));
        assert_eq!(of("5.7.515 denied"), Some(Enhanced(5, 7, 515)));
        for text in ["", "no", "5.1 x", "1.2.3 x", "5.1.1.1 x", "127.0.0.1 x", "5.1.9999 x"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(Some((reply, length))) = parse(&bytes) {
                prop_assert!(length <= bytes.len());
                let _ = (reply.enhanced(), reply.shown());
            }
        }

        #[test]
        fn near_replies_do_not_panic(text in "[245][0-9]{2}[- ]?[ -~é]{0,20}(\r\n|\n|\r)?(250 \
            x\r\n)?") {
            let _ = parse(text.as_bytes());
        }
    }
}
