//! Who keeps a mailbox, as far as its address says: the only table of it, a dated file.
//!
//! From the address alone, so that the same message is always in the same group. A company's own
//! domain that a large provider hosts is nobody's here: who hosts it is a question to the DNS,
//! which decisions cannot ask.

use crate::prelude::*;

/// One line for each domain, behind the sources.
const TABLE: &str = include_str!("mailboxes.txt");

/// The mailbox providers that are told apart where something depends on it: those of whom rules for
/// whoever writes to many are known (`bulk-senders.json`). All the rest is `other`.
pub const MAILBOXES: [&str; 5] = ["google", "microsoft", "yahoo", "apple", OTHER];

/// Everybody who is not told apart.
pub const OTHER: &str = "other";

/// The domain of an address, in small letters.
pub fn domain(address: &str) -> String {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.trim_end_matches('.').to_ascii_lowercase()
}

/// The mailbox provider of a domain: one of [`MAILBOXES`].
pub fn mailbox(domain: &str) -> &'static str {
    let named = named(domain).filter(|name| MAILBOXES.contains(name));
    named.unwrap_or(OTHER)
}

/// Who keeps the mailbox of an address, or its domain.
pub fn keeper(address: &str) -> String {
    let domain = match address.contains('@') {
        true => domain(address),
        false => address.trim_end_matches('.').to_ascii_lowercase(),
    };
    named(&domain).map_or(domain, str::to_owned)
}

/// The keeper of a domain, if the table names one.
fn named(domain: &str) -> Option<&'static str> {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'.';
    // Nothing else is in the table, and a comment of it is no line.
    if domain.is_empty() || !domain.bytes().all(plain) {
        return None;
    }
    let found = line(&domain).or_else(|| {
        let (brand, _) = domain.split_once('.').filter(|(_, end)| is_national(end))?;
        line(&format!("{brand}.*"))
    });
    found.filter(|name| *name != "-")
}

/// What stands behind a word that begins a line.
fn line(word: &str) -> Option<&'static str> {
    let begin = format!("\n{word} ");
    let at = TABLE.find(&begin)? + begin.len();
    TABLE.get(at..)?.lines().next()
}

/// `es`, `co.uk`, `com.br`.
fn is_national(end: &str) -> bool {
    let country = |text: &str| text.len() == 2 && text.bytes().all(|c| c.is_ascii_lowercase());
    match end.split_once('.') {
        None => country(end),
        Some((second, top)) => matches!(second, "co" | "com" | "net") && country(top),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sender::bulk::Rules;

    #[test]
    fn mailboxes_are_known_by_their_domain() {
        for (address, expected) in [
            ("ada@GMAIL.com", "google"),
            ("ada@hotmail.es", "microsoft"),
            ("ada@live.co.uk", "microsoft"),
            ("ada@windowslive.com", "microsoft"),
            ("ada@yahoo.com.br", "yahoo"),
            ("ada@yahoo.co.jp", "other"),
            ("ada@me.com", "apple"),
            ("ada@hotmail.shop.example", "other"),
            ("ada@outlook.agency", "other"),
            ("ada@live.agency", "other"),
            ("ada@gmail.com.", "google"),
            ("ada@gmx.de", "other"),
            ("ada@notgmail.com", "other"),
            ("ada@# as", "other"),
            ("ada@outlook.*", "other"),
            ("ada@", "other"),
            ("nobody", "other"),
        ] {
            assert_eq!(mailbox(&domain(address)), expected, "{address}");
        }
    }

    #[test]
    fn domains_of_one_keeper_are_one() {
        assert_eq!(keeper("a@GMail.com"), keeper("b@googlemail.com"));
        assert_eq!(keeper("a@hotmail.co.uk"), keeper("hotmail.com"));
        assert_eq!(keeper("a@web.de"), "united-internet");
        assert_eq!(keeper("a@b.Example."), "b.example");
        assert_eq!(keeper("a@yahoo.co.jp"), "yahoo.co.jp");
        assert_ne!(keeper("a@notgmail.com"), keeper("a@gmail.com"));
    }

    #[test]
    fn the_table_is_well_formed_and_dated() {
        let (head, rest): (Vec<&str>, Vec<&str>) =
            TABLE.lines().partition(|line| line.starts_with('#'));
        assert!(head[0].contains("As of 2026-"));
        let mut seen = BTreeSet::new();
        for line in rest {
            let words: Vec<&str> = line.split(' ').collect();
            assert!(words.len() == 2 && seen.insert(words[0]), "{line}");
        }
    }

    #[test]
    fn those_with_rules_of_their_own_are_told_apart() {
        let rules = Rules::shipped();
        let mut named: Vec<&str> = rules.mailboxes.iter().map(|one| one.name.as_str()).collect();
        let mut known = MAILBOXES.to_vec();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known);
        for name in MAILBOXES.iter().filter(|name| **name != "other") {
            assert!(TABLE.lines().any(|line| line.ends_with(&format!(" {name}"))), "{name}");
        }
    }
}
