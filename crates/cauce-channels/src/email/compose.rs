//! From a rendered e-mail to the bytes that travel: headers, MIME, signatures.
//!
//! Everything derives from the e-mail itself, so that a second attempt sends the same bytes.

use super::dkim::{self, Signer};
use super::encode::{self, Encoding};
use super::{address, address::Address, attach};
use bytes::Bytes;
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use cauce_core::message::{Attachment, Email, Mailbox};
use cauce_core::time::Timestamp;

/// A message ready for the wire, with its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// Which message it is.
    pub message: MessageId,
    /// Envelope sender; its domain in ASCII. Empty for the null sender.
    pub sender: String,
    /// Envelope recipient; its domain in ASCII.
    pub recipient: String,
    /// Whether only a server with SMTPUTF8 can take it.
    pub international: bool,
    /// Headers and body, CRLF throughout, dots not yet stuffed.
    pub bytes: Bytes,
}

/// Limit: a word in a header that we do not encode; with its name it stays below 998.
const RAW_WORD_MAX: usize = 900;

/// Headers that are ours to write; an e-mail that brings one of them is refused, because two of
/// them are worse than none.
const RESERVED: [&str; 20] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "auto-submitted",
    "dkim-signature",
    "return-path",
    "received",
    "resent-from",
];

/// Composes a message and signs it with every signer.
///
/// An e-mail that cannot be written safely (a malformed address, a header of ours among its own)
/// is `Unrenderable`; line ends in text that belongs in a header are made blanks.
pub fn compose(email: &Email, signers: &[Signer]) -> Result<Composed, Outcome> {
    let addresses = Addresses::parse(email)?;
    attach::check(email)?;
    let attached: usize = email.attachments.iter().map(|one| one.bytes.len() * 3 / 2 + 512).sum();
    let mut head = Vec::with_capacity(1024);
    headers(email, &addresses, &mut head)?;
    let mut body = Vec::with_capacity(
        (email.text.len() + email.html.as_ref().map_or(0, String::len)) * 5 / 4 + attached + 512,
    );
    parts(email, &mut head, &mut body);
    let mut bytes = Vec::with_capacity(head.len() + body.len() + 1200 * signers.len() + 2);
    dkim::sign(&head, &body, signers, email.date, &mut bytes)
        .map_err(|error| unrenderable(error.to_string()))?;
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    Ok(Composed {
        message: email.message,
        international: addresses.international(),
        sender: addresses.return_path.map_or_else(String::new, |address| address.wire),
        recipient: addresses.to.wire,
        bytes: Bytes::from(bytes),
    })
}

fn unrenderable(text: String) -> Outcome {
    Outcome::Unrenderable { text }
}

struct Addresses {
    from: Address,
    to: Address,
    reply_to: Option<Address>,
    heard_at: Option<Address>,
    /// None is the null sender.
    return_path: Option<Address>,
}

impl Addresses {
    fn parse(email: &Email) -> Result<Addresses, Outcome> {
        let read = |text: &str| address::parse(text).map_err(unrenderable);
        Ok(Addresses {
            from: read(&email.from.address)?,
            to: read(&email.to.address)?,
            reply_to: email.reply_to.as_ref().map(|mailbox| read(&mailbox.address)).transpose()?,
            heard_at: email.heard_at.as_deref().map(read).transpose()?,
            return_path: match email.return_path.as_str() {
                "" => None,
                path => Some(read(path)?),
            },
        })
    }

    fn international(&self) -> bool {
        self.from.international
            || self.to.international
            || self.reply_to.as_ref().is_some_and(|address| address.international)
            || self.return_path.as_ref().is_some_and(|address| address.international)
    }
}

/// Where answers go: to whom they are for, and to us, who only hear that there was one.
fn reply_to(email: &Email, addresses: &Addresses, head: &mut Vec<u8>) {
    let own = match (&email.reply_to, &addresses.reply_to) {
        (Some(reply_to), Some(address)) => Some((reply_to, address)),
        // Without it, the address that hears would be the only one.
        _ => addresses.heard_at.as_ref().map(|_| (&email.from, &addresses.from)),
    };
    let Some((whom, address)) = own else { return };
    let Some(heard) = &addresses.heard_at else { return mailbox(head, "Reply-To", whom, address) };
    mailbox(head, "Reply-To", whom, address);
    // On a line of its own, as a second mailbox of the same field.
    head.truncate(head.len() - 2);
    head.extend_from_slice(b",\r\n <");
    head.extend_from_slice(heard.wire.as_bytes());
    head.extend_from_slice(b">\r\n");
}

fn headers(email: &Email, addresses: &Addresses, head: &mut Vec<u8>) -> Result<(), Outcome> {
    let domain = address::domain(&email.domain).map_err(unrenderable)?;
    line(head, &["Date: ", &date(email.date)]);
    mailbox(head, "From", &email.from, &addresses.from);
    mailbox(head, "To", &email.to, &addresses.to);
    reply_to(email, addresses, head);
    head.extend_from_slice(b"Subject: ");
    encode::unstructured(&encode::clean(&email.subject), 9, 70, head);
    head.extend_from_slice(b"\r\n");
    line(head, &["Message-ID: <", &email.message.to_string(), "@", &domain, ">"]);
    if email.transactional {
        line(head, &["Auto-Submitted: auto-generated"]);
    } else {
        unsubscribe(email, head)?;
    }
    for (name, value) in &email.headers {
        further(name, value, head)?;
    }
    line(head, &["MIME-Version: 1.0"]);
    Ok(())
}

fn line(head: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        head.extend_from_slice(piece.as_bytes());
    }
    head.extend_from_slice(b"\r\n");
}

/// `Name: "Display" <local@domain>`; the display name quoted or encoded as it needs.
fn mailbox(head: &mut Vec<u8>, header: &str, mailbox: &Mailbox, address: &Address) {
    head.extend_from_slice(header.as_bytes());
    head.extend_from_slice(b": ");
    let name = encode::clean(&mailbox.name);
    if name.is_empty() {
        line(head, &[&address.wire]);
        return;
    }
    phrase(&name, head);
    // Long addresses go on a line of their own.
    let start = head.iter().rposition(|b| *b == b'\n').map_or(0, |place| place + 1);
    let fits = head.len() - start + address.wire.len() + 3 <= 76;
    line(head, &[if fits { " <" } else { "\r\n <" }, &address.wire, ">"]);
}

/// A display name: atoms as they are, other short ASCII quoted, the rest as encoded words.
fn phrase(name: &str, head: &mut Vec<u8>) {
    let atoms =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b" !#$%&'*+-/^_`{|}~".contains(&b))
            && !name.contains("  ");
    if !name.is_ascii() || name.len() > 50 || name.contains("=?") {
        encode::encoded_words(name, head);
    } else if atoms {
        head.extend_from_slice(name.as_bytes());
    } else {
        head.push(b'"');
        for byte in name.bytes() {
            if byte == b'"' || byte == b'\\' {
                head.push(b'\\');
            }
            head.push(byte);
        }
        head.push(b'"');
    }
}

fn unsubscribe(email: &Email, head: &mut Vec<u8>) -> Result<(), Outcome> {
    for (name, value) in unsubscribe_headers(email)? {
        line(head, &[name, ": ", &value.replace(", ", ",\r\n ")]);
    }
    Ok(())
}

/// RFC 2369 and RFC 8058: the HTTPS address first, so that readers with one button use it.
pub(super) fn unsubscribe_headers(email: &Email) -> Result<Vec<(&'static str, String)>, Outcome> {
    let mut places = Vec::new();
    if let Some(url) = &email.unsubscribe_url {
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(unrenderable("the unsubscribe address is no URL".to_owned()));
        }
        places.push(uri(url)?);
    }
    if let Some(mailto) = &email.unsubscribe_mailto {
        let address = mailto.strip_prefix("mailto:").unwrap_or(mailto);
        places.push(format!("mailto:{}", uri(address)?));
    }
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let joined = places.iter().map(|place| format!("<{place}>")).collect::<Vec<_>>();
    let mut headers = vec![("List-Unsubscribe", joined.join(", "))];
    // RFC 8058 promises a POST over HTTPS; a plain address may be shown but not promised.
    if email.unsubscribe_url.as_ref().is_some_and(|url| url.starts_with("https://")) {
        headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    Ok(headers)
}

/// A URI that ends where the angle bracket says.
fn uri(text: &str) -> Result<String, Outcome> {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"<>\",\\".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            safe.push_str(&format!("%{byte:02X}"));
        }
    }
    if safe.len() > RAW_WORD_MAX {
        return Err(unrenderable(format!(
            "the unsubscribe address has {} bytes, {RAW_WORD_MAX} at most",
            safe.len()
        )));
    }
    Ok(safe)
}

/// Whether a header is ours to write, or is none.
pub(super) fn is_own(name: &str) -> bool {
    let is_token = !name.is_empty()
        && name.len() <= 70
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    !is_token || RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

fn further(name: &str, value: &str, head: &mut Vec<u8>) -> Result<(), Outcome> {
    if is_own(name) {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(70).collect();
        return Err(unrenderable(format!("the header `{shown}` cannot be set")));
    }
    let value = encode::clean(value);
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    match value.rfind('<') {
        // Not: encoding what is inside angle brackets (RFC 2047 §5).
        Some(place) if !value.is_ascii() && value.ends_with('>') && value[place..].is_ascii() => {
            phrase(value[..place].trim(), head);
            head.extend_from_slice(b"\r\n ");
            head.extend_from_slice(&value.as_bytes()[place..]);
        }
        Some(_) | None => encode::unstructured(&value, name.len() + 2, RAW_WORD_MAX, head),
    }
    head.extend_from_slice(b"\r\n");
    Ok(())
}

/// The tree of parts: files around pictures around the two forms of the text.
fn parts(email: &Email, head: &mut Vec<u8>, body: &mut Vec<u8>) {
    let (pictures, files): (Vec<_>, Vec<_>) =
        email.attachments.iter().partition(|one| one.inline_id.is_some() && email.html.is_some());
    if files.is_empty() {
        with_pictures(email, &pictures, head, body);
        return;
    }
    let boundary = multipart(email, "mixed", "f", head);
    line(body, &["--", &boundary]);
    nested(body, |head, body| with_pictures(email, &pictures, head, body));
    for file in files {
        line(body, &["--", &boundary]);
        attach::write(file, None, body);
    }
    line(body, &["--", &boundary, "--"]);
}

fn with_pictures(email: &Email, pictures: &[&Attachment], head: &mut Vec<u8>, body: &mut Vec<u8>) {
    let Some(html) = &email.html else {
        part_headers("text/plain", encode::choose(&email.text), head);
        encode::body(&email.text, encode::choose(&email.text), body);
        return;
    };
    if pictures.is_empty() {
        alternative(email, html, head, body);
        return;
    }
    let html = attach::refer(email, html);
    let kind = match email.text.is_empty() {
        true => "related; type=\"text/html\"",
        false => "related; type=\"multipart/alternative\"",
    };
    let boundary = multipart(email, kind, "p", head);
    line(body, &["--", &boundary]);
    nested(body, |head, body| alternative(email, &html, head, body));
    for picture in pictures {
        let id = picture.inline_id.as_deref().unwrap_or_default();
        line(body, &["--", &boundary]);
        attach::write(picture, Some(&attach::content_id(email, id)), body);
    }
    line(body, &["--", &boundary, "--"]);
}

/// Both forms of the text, or the HTML alone: an empty plain part would be shown to whoever reads
/// plain text, and counts against the letter with filters.
fn alternative(email: &Email, html: &str, head: &mut Vec<u8>, body: &mut Vec<u8>) {
    if email.text.is_empty() {
        part_headers("text/html", encode::choose(html), head);
        encode::body(html, encode::choose(html), body);
        return;
    }
    let boundary = multipart(email, "alternative", "", head);
    for (kind, text) in [("text/plain", email.text.as_str()), ("text/html", html)] {
        let encoding = encode::choose(text);
        line(body, &["--", &boundary]);
        part_headers(kind, encoding, body);
        body.extend_from_slice(b"\r\n");
        encode::body(text, encoding, body);
    }
    line(body, &["--", &boundary, "--"]);
}

/// The header of a part that has parts, and its boundary.
///
/// `=_` occurs neither in quoted-printable nor in base64, and 7bit is not chosen for a text that
/// holds it: so the boundary occurs in no part. None begins with another one: each of the inner
/// ones ends in a letter of its own before the name of the message.
fn multipart(email: &Email, kind: &str, letter: &str, head: &mut Vec<u8>) -> String {
    let boundary = format!("=_{letter}{}", email.message);
    line(head, &["Content-Type: multipart/", kind, ";\r\n boundary=\"", &boundary, "\""]);
    boundary
}

/// A part within a part: its headers, an empty line, its body.
fn nested(body: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>)) {
    let (mut head, mut inner) = (Vec::new(), Vec::new());
    write(&mut head, &mut inner);
    body.extend_from_slice(&head);
    body.extend_from_slice(b"\r\n");
    body.extend_from_slice(&inner);
}

fn part_headers(kind: &str, encoding: Encoding, out: &mut Vec<u8>) {
    let charset = match encoding {
        Encoding::Seven => "us-ascii",
        Encoding::Quoted | Encoding::Base64 => "utf-8",
    };
    line(out, &["Content-Type: ", kind, "; charset=", charset]);
    line(out, &["Content-Transfer-Encoding: ", encoding.as_str()]);
}

/// RFC 5322 date in UTC.
fn date(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // Limit: four-digit years, which is what the format has room for.
    let seconds = at.0.div_euclid(1000).clamp(0, 253_402_300_799);
    let days = seconds / 86_400;
    let clock = seconds % 86_400;
    // Days are counted from 1 March of a year divisible by 400, so that leap days come last.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} +0000",
        DAYS[(days % 7) as usize],
        MONTHS[(month - 1) as usize],
        clock / 3600,
        clock / 60 % 60,
        clock % 60
    )
}

#[cfg(test)]
mod tests;
