//! Links in the text of a message, and the short ones that stand in their place.
//!
//! A short link is a name in the table of names: its token leads to the message and the target,
//! for a while. Which tokens a message has is known at its birthplace, so that they go when the
//! message loses its content.

use crate::decide::Decider;
use crate::ids::{MessageId, Partition};
use crate::limits;
use crate::message::named::Named;
use crate::prelude::*;
use crate::state::{Key, Rows};
use core::ops::Range;
use serde::{Deserialize, Serialize};

/// A link of a text message, and what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Short {
    /// The last part of the short address.
    pub token: String,
    /// Where it leads.
    pub target: String,
}

/// Under what tokens are kept among the names of providers; no definition can be called so.
pub const LINK: &str = "~link";
/// Under what the tokens of one message are kept.
pub const LINKS_OF: &str = "~links-of";

/// Characters of a token.
pub const TOKEN_CHARS: usize = 10;
/// Bits of a token by which nobody guesses it. With the partition they fit into ten characters:
/// 62^10 is more than 2^59.
const SECRET_BITS: u32 = 49;
/// Bits of a token that say where its row is: partitions are at most 1,024.
const PARTITION_BITS: u32 = 10;
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token, from bits that nobody can guess.
pub fn token(secret: u64, partition: Partition) -> String {
    let secret = secret & ((1 << SECRET_BITS) - 1);
    let low = u64::from(partition) & ((1 << PARTITION_BITS) - 1);
    let mut left = secret << PARTITION_BITS | low;
    let mut letters = [b'0'; TOKEN_CHARS];
    for letter in letters.iter_mut().rev() {
        *letter = LETTERS[(left % 62) as usize];
        left /= 62;
    }
    letters.iter().map(|letter| char::from(*letter)).collect()
}

/// The partition whose rows know a token; nothing, if it cannot be one.
pub fn home(token: &str) -> Option<Partition> {
    if token.len() != TOKEN_CHARS {
        return None;
    }
    let mut value = 0u64;
    for byte in token.bytes() {
        let digit = LETTERS.iter().position(|letter| *letter == byte)? as u64;
        value = value * 62 + digit;
    }
    let known = 1u64 << (SECRET_BITS + PARTITION_BITS);
    (value < known).then_some((value & ((1 << PARTITION_BITS) - 1)) as Partition)
}

/// Where links stand in a text: from `http://` or `https://` to the next space, without what ends a
/// sentence or closes a bracket that was opened before the link.
pub fn links(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = next(text, from) {
        let end = text[start..].find(ends).map_or(text.len(), |at| start + at);
        let link = trimmed(&text[start..end]);
        let behind = link.split_once("://").map_or("", |(_, rest)| rest);
        if behind.chars().next().is_some_and(char::is_alphanumeric) {
            found.push(start..start + link.len());
        }
        from = end;
    }
    found
}

/// Where the next link begins.
fn next(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_at = |at: usize, word: &str| {
        let found = bytes.get(at..at + word.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    (from..bytes.len()).find(|at| is_at(*at, "https://") || is_at(*at, "http://"))
}

fn ends(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '«' | '»' | '“' | '”')
}

fn trimmed(link: &str) -> &str {
    let mut left = link;
    loop {
        let Some(last) = left.chars().next_back() else { return left };
        let opened = |open: char| left.matches(open).count() >= left.matches(last).count();
        let ends = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '…' | '’' | '‘' => true,
            ')' => !opened('('),
            ']' => !opened('['),
            '}' => !opened('{'),
            _ => false,
        };
        if !ends {
            return left;
        }
        left = &left[..left.len() - last.len_utf8()];
    }
}

/// A text whose links are others: `replace` says what stands in the place of each. Of more than
/// [`limits::SHORT_LINKS_MAX`] the last ones stay.
pub fn replace(text: &str, mut replace: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for place in links(text).into_iter().take(limits::SHORT_LINKS_MAX) {
        out.push_str(&text[from..place.start]);
        from = place.end;
        out.push_str(&replace(&text[place]));
    }
    out.push_str(&text[from..]);
    out
}

impl<R: Rows> Decider<'_, R> {
    /// At a message's birthplace: what its short links lead to. A token that another message has is
    /// left to it; who sends looks whether it got its own.
    pub fn shorten(&mut self, message: MessageId, links: &[Short]) {
        let row = self.work.message(&Key::Message(message));
        if row.is_some_and(|row| self.is_wiped(&row)) {
            return;
        }
        let until = self.now.plus(limits::SHORT_LINKS_KEPT);
        let whole = (LINKS_OF.to_owned(), message.to_string());
        let mut tokens = match self.work.named(&Key::Named(whole.0.clone(), whole.1.clone())) {
            Some(row) => match &*row {
                Named::Links { tokens, .. } => tokens.clone(),
                Named::Known { .. } | Named::Waiting { .. } | Named::Link { .. } => BTreeSet::new(),
            },
            None => BTreeSet::new(),
        };
        for Short { token, target } in links.iter().take(limits::SHORT_LINKS_MAX) {
            let name = (LINK.to_owned(), token.clone());
            let known = self.work.named(&Key::Named(name.0.clone(), name.1.clone()));
            let others = known.is_some_and(
                |row| !matches!(&*row, Named::Link { message: own, .. } if *own == message),
            );
            if others {
                self.work.count("links token-taken", 1);
                continue;
            }
            self.keep_name(&name, Named::Link { message, target: target.clone(), until });
            tokens.insert(token.clone());
        }
        self.keep_name(&whole, Named::Links { message, tokens, until });
        self.forget_names(limits::NAMES_FORGOTTEN + limits::SHORT_LINKS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_end_where_a_reader_thinks() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<&str> = links(text).into_iter().map(|place| &text[place]).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("Go to https://shop.example/a?b=1&c=2. Bye", &["https://shop.example/a?b=1&c=2"]);
        check(
            "(see http://a.example/x) or HTTPS://B.example!",
            &["http://a.example/x", "HTTPS://B.example"],
        );
        check(
            "https://a.example/wiki/Canal_(river), ok",
            &["https://a.example/wiki/Canal_(river)"],
        );
        check(
            "“https://a.example/ñ”\nhttps://b.example",
            &["https://a.example/ñ", "https://b.example"],
        );
        check("https:// http://. www.a.example a@b.example", &[]);
        check("", &[]);
    }

    #[test]
    fn only_links_are_replaced() {
        let short = |text: &str| replace(text, |target| format!("[{}]", target.len()));
        assert_eq!(short("a https://x.example/ñ, b"), "a [20], b");
        assert_eq!(short("no link"), "no link");
        let many = "http://a.example ".repeat(limits::SHORT_LINKS_MAX + 2);
        assert_eq!(short(&many).matches("http").count(), 2);
    }

    #[test]
    fn a_token_says_where_its_row_is() {
        for partition in [0, 1, 63, 1_023] {
            for secret in [0, 1, u64::MAX, 0x1234_5678_9abc_def0] {
                let token = token(secret, partition);
                assert_eq!((token.len(), home(&token)), (TOKEN_CHARS, Some(partition)), "{token}");
            }
        }
        let long = "0".repeat(11);
        for bad in ["", "abc", "zzzzzzzzzz", "abc/abcabc", "ñbcabcabca", &long] {
            assert_eq!(home(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_no_link_stays(text in "(https?://|[a-z.()\\PC ñ“]){0,40}") {
            proptest::prop_assert_eq!(replace(&text, str::to_owned), text.clone());
            let _ = home(&text);
        }
    }
}
