//! Who keeps a mailbox, as far as its address says: the only table of it, a dated file.
//!
//! A company's own domain that a large provider hosts is in no table: who hosts it is a question to
//! the DNS, which decisions cannot ask. Whoever sends straight asks it anyway, and what it learns
//! becomes an input: [`Hosts`].

use crate::ids::hash64;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// One line for each domain, behind the sources.
const TABLE: &str = include_str!("mailboxes.txt");

/// The mailbox providers that are told apart where something depends on it: those of whom rules for
/// whoever writes to many are known (`bulk-senders.json`). All the rest is `other`.
///
/// Invariant: rows name them by their place, so that new ones come before the last, and none goes.
pub const MAILBOXES: [&str; 5] = ["google", "microsoft", "yahoo", "apple", OTHER];

/// Everybody who is not told apart.
pub const OTHER: &str = "other";

/// The domain of an address, in small letters.
pub fn domain(address: &str) -> String {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.trim_end_matches('.').to_ascii_lowercase()
}

/// Limit: hosted domains that are known; those that come later stay [`OTHER`].
pub const HOSTS_MAX: usize = 10_000;

/// Who hosts the mailboxes of domains that the table does not name, as far as that was learned.
///
/// By a hash of the domain: one that a family has names it, and who is erased must not stand here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hosts {
    of: BTreeMap<u64, u8>,
}

/// What stands for a domain among [`Hosts`].
pub fn hosted(domain: &str) -> u64 {
    hash64(&[b"hosted", domain.as_bytes()])
}

impl Hosts {
    /// The mailbox provider of a domain: by the table, else who hosts it; one of [`MAILBOXES`].
    pub fn mailbox(&self, domain: &str) -> &'static str {
        match mailbox(domain) {
            OTHER if !self.of.is_empty() => self.word(hosted(domain)),
            named => named,
        }
    }

    /// The mailbox provider that hosts what a hash stands for.
    pub fn word(&self, domain: u64) -> &'static str {
        let place = self.of.get(&domain);
        place.and_then(|place| MAILBOXES.get(usize::from(*place))).copied().unwrap_or(OTHER)
    }

    /// Whether it would be news that a mailbox provider hosts a domain, and there is room for it;
    /// [`OTHER`] is nobody who is told apart.
    pub fn is_news(&self, domain: u64, mailbox: &str) -> bool {
        let known = self.word(domain);
        known != mailbox && (known != OTHER || self.of.len() < HOSTS_MAX)
    }

    /// Learns who hosts a domain. Whether that was news.
    pub fn learn(&mut self, domain: u64, mailbox: &str) -> bool {
        let place = MAILBOXES.iter().position(|known| *known == mailbox);
        let Some(place) = place.and_then(|place| u8::try_from(place).ok()) else { return false };
        let news = self.is_news(domain, mailbox);
        match mailbox {
            _ if !news => {}
            OTHER => drop(self.of.remove(&domain)),
            _ => drop(self.of.insert(domain, place)),
        }
        news
    }
}

/// The mailbox provider of a domain, by the table alone: one of [`MAILBOXES`].
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
    fn a_domain_is_whose_servers_take_its_mail() {
        let mut hosts = Hosts::default();
        let company = hosted("company.example");
        assert_eq!(hosts.mailbox("company.example"), "other");
        assert!(hosts.learn(company, "google") && !hosts.learn(company, "google"));
        assert_eq!(hosts.mailbox("company.example"), "google");
        // What the table says of a domain stands.
        hosts.learn(hosted("gmail.com"), "microsoft");
        assert_eq!(hosts.mailbox("gmail.com"), "google");
        // It moved, and then to somebody who is not told apart.
        assert!(hosts.learn(company, "microsoft"));
        assert_eq!(hosts.mailbox("company.example"), "microsoft");
        assert!(hosts.learn(company, OTHER) && !hosts.learn(company, "nobody"));
        assert_eq!(hosts.mailbox("company.example"), "other");
        for n in 0..2 * HOSTS_MAX as u64 {
            hosts.learn(n, "apple");
        }
        assert_eq!(hosts.of.len(), HOSTS_MAX);
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
