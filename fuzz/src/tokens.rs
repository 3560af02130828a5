//! Addresses that people click, forms that they send, and the links of the mail that held them.

use crate::{choose, text};
use cauce_core::ids::MessageId;
use cauce_core::tracking::{add_pixel, rewrite};
use cauce_server::http::links::fields;
use cauce_server::tokens::{Purpose, Tokens};

const PURPOSES: [Purpose; 4] =
    [Purpose::Open, Purpose::Click, Purpose::Unsubscribe, Purpose::Return];

/// 0–3 a token for a purpose, 4 a form, 5 links in HTML, 6 the name of a message.
const KINDS: usize = PURPOSES.len() + 3;

/// A token is worth something only as it was made; links lead where they led.
pub fn run(bytes: &[u8]) {
    let (kind, rest) = choose(bytes, KINDS);
    match kind {
        4 => form(rest),
        5 => links(&text(rest)),
        6 => name(&text(rest)),
        purpose => token(PURPOSES[purpose], rest),
    }
}

fn token(purpose: Purpose, bytes: &[u8]) {
    let tokens = Tokens::new(b"the installation's secret");
    let bytes = text(bytes);
    let (target, said) = bytes.split_once('\n').unwrap_or(("", &bytes));
    // Whatever is said, only what we would have made ourselves is good.
    if let Some(message) = tokens.read(purpose, said, target) {
        assert_eq!(tokens.make(purpose, message, target), said, "a token with two spellings");
    }
    let message = MessageId(u128::from_le_bytes(std::array::from_fn(|at| {
        said.as_bytes().get(at).copied().unwrap_or_default()
    })));
    let made = tokens.make(purpose, message, target);
    assert_eq!(tokens.read(purpose, &made, target), Some(message));
    for other in PURPOSES.into_iter().filter(|other| *other != purpose) {
        assert_eq!(tokens.read(other, &made, target), None, "good for {other:?} as well");
    }
    assert_eq!(tokens.read(purpose, &made, &format!("{target} ")), None, "good for any target");
    // One letter of it is another.
    let at = said.len() % made.len();
    let letter = said.bytes().last().unwrap_or_default();
    let mut forged = made.clone().into_bytes();
    forged[at] = letter;
    if let Ok(forged) = String::from_utf8(forged)
        && forged != made
    {
        assert_eq!(tokens.read(purpose, &forged, target), None, "{forged} for {made}");
    }
    let path = tokens.return_path(message, "rp.example");
    let local = path.split('@').next().unwrap_or_default();
    assert!(local.len() <= 64 && local == local.to_lowercase(), "{path}");
}

fn form(bytes: &[u8]) {
    let read = fields(bytes);
    assert!(read.len() <= bytes.iter().filter(|byte| **byte == b'&').count() + 1);
    let mut sent = String::new();
    for (name, value) in &read {
        let code = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        sent.push_str(&format!("&{}={}", code(name), code(value)));
    }
    assert_eq!(fields(sent.as_bytes()), read, "what is sent is not what is read: {sent}");
}

fn links(html: &str) {
    let mut targets = Vec::new();
    let same = rewrite(html, |target| {
        targets.push(target.to_owned());
        None
    });
    assert_eq!(same, html, "mail without tracking has changed");
    // Every link leads elsewhere, and nothing around the links has changed.
    let count = std::cell::Cell::new(0);
    let tracked = rewrite(html, |_| {
        count.set(count.get() + 1);
        Some(format!("https://t.example/{}?a=1&b=\"<'", count.get()))
    });
    let mut seen = Vec::new();
    let back = rewrite(&tracked, |target| {
        seen.push(target.to_owned());
        targets.get(seen.len() - 1).cloned()
    });
    let expected: Vec<String> =
        (1..=targets.len()).map(|n| format!("https://t.example/{n}?a=1&b=\"<'")).collect();
    assert_eq!(seen, expected, "{html:?} became {tracked:?}");
    // Where a value has no quotes, a space would end it; no address that we write has one.
    if targets.iter().any(|target| target.contains(char::is_whitespace)) {
        return;
    }
    let mut last = Vec::new();
    rewrite(&back, |target| {
        last.push(target.to_owned());
        None
    });
    assert_eq!(last, targets, "{html:?} became {back:?}");
    let pixel = add_pixel(html, "https://t.example/o?a&b");
    assert!(pixel.len() > html.len() && pixel.contains("https://t.example/o?a&amp;b"));
}

fn name(said: &str) {
    if let Ok(message) = said.parse::<MessageId>() {
        let shown = message.to_string();
        assert_eq!(shown.parse::<MessageId>().ok(), Some(message), "{said} became {shown}");
    }
}
