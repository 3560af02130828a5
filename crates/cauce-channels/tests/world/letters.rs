//! Messages that are drawn: of every script, length and character that some part of the wire
//! format gives a meaning to.

use super::email;
use cauce_core::ids;
use cauce_core::message::{Email, Mailbox};

/// What messages are made of: scripts that join, stack and run leftwards, and every character
/// that some part of the wire format gives a meaning to.
const WORDS: [&str; 30] = [
    "hello",
    "order",
    "1234",
    "caf\u{e9}",
    "ni\u{f1}o",
    "\u{4f60}\u{597d}\u{4e16}\u{754c}",
    "\u{3053}\u{3093}\u{306b}\u{3061}\u{306f}",
    "\u{d55c}\u{ad6d}\u{c5b4}",
    "\u{645}\u{631}\u{62d}\u{628}\u{627}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{1f600}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "e\u{301}",
    "a=b",
    "=?utf-8?Q?x?=",
    "\"quoted\"",
    "back\\slash",
    "<b>",
    "comma,",
    "semi;colon",
    "(round)",
    "From",
    "https://e.example/a?b=c&d=e",
    "under_score",
    "100%",
    "\u{2026}",
    "\u{20ac}5",
    "_",
    "=",
    "\u{e2d}\u{e01}\u{e29}\u{e23}",
];

/// Draws that are the same for every run.
struct Draw(u64, u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.1 += 1;
        (ids::hash64(&[&self.0.to_le_bytes(), &self.1.to_le_bytes()]) % bound as u64) as usize
    }

    fn words(&mut self, max: usize) -> String {
        // A third of all texts is plain, so that 7bit is met too.
        let range = if self.0.is_multiple_of(3) { 3 } else { WORDS.len() };
        let count = 1 + self.below(max);
        (0..count).map(|_| WORDS[self.below(range)]).collect::<Vec<_>>().join(" ")
    }

    fn lines(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.below(12) {
            match self.below(9) {
                0 => text.push('.'),
                1 => text.push_str("..leading dots"),
                2 => text.push_str("From the start"),
                3 => text.push_str(&"long".repeat(300)),
                4 => text.push_str(&self.words(200)),
                5 => text.push_str("blank at the end "),
                6 => {}
                _ => text.push_str(&self.words(12)),
            }
            text.push_str(["\n", "\r\n", "\n\n"][self.below(3)]);
        }
        text
    }
}

/// The message of a number: the same in every run.
pub fn generated(number: u64) -> Email {
    let mut draw = Draw(number, 0);
    Email {
        from: Mailbox { name: draw.words(6), address: "hola@example.com".into() },
        to: Mailbox { name: draw.words(12), address: "ana@example.net".into() },
        subject: draw.words(25),
        text: draw.lines(),
        html: (!number.is_multiple_of(4)).then(|| format!("<p>{}</p>\n", draw.lines())),
        headers: vec![
            ("X-Campaign".into(), draw.words(8)),
            ("Feedback-ID".into(), "c1:w1:bulk:cauce".into()),
        ],
        ..email(u128::from(number))
    }
}
