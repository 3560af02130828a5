//! Who runs a mail server, and how much it takes at once: read from a dated table.
//!
//! A limit belongs to whoever runs the servers and not to the domain of the address: a company's
//! domain that Google hosts counts as Google.

use crate::Error;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The mail servers of one operator, as far as we treat them as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name: an operator of the table, else the domain that the servers are in.
    pub name: String,
    /// The mailbox provider whose rules hold behind its servers, if it is one that is told apart.
    pub mailbox: Option<String>,
    /// Limit: connections at the same time; what is more waits.
    pub connections: usize,
    /// Limit: messages over one connection.
    pub messages_per_connection: usize,
    /// Limit: messages a second; what is more waits.
    pub per_second: u32,
    /// How long a connection stays open without work.
    pub idle: Duration,
    /// Whether it takes mail under TLS only.
    pub tls: bool,
}

/// An answer that asks us to slow down.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SlowDown {
    /// Pieces that occur in this order, in small letters.
    pieces: Vec<String>,
    /// Whose words they are; anybody's if absent.
    group: Option<String>,
    /// How long to keep away.
    wait: Duration,
}

/// The table.
#[derive(Clone, Debug)]
pub struct Facts {
    /// When its facts were collected.
    pub as_of: String,
    by_suffix: BTreeMap<String, Arc<Group>>,
    usual: Group,
    slow_down: Vec<SlowDown>,
}

impl Facts {
    /// The table that ships.
    pub fn shipped() -> Result<Facts, Error> {
        Facts::parse(include_str!("exchanges.json"))
    }

    /// Reads a table.
    pub fn parse(text: &str) -> Result<Facts, Error> {
        let no = |why: String| Error::Option { option: "exchanges", why };
        let json: Value = serde_json::from_str(text).map_err(|error| no(error.to_string()))?;
        let number = |place: &Value, name: &str, usual: u64| {
            place.get(name).and_then(Value::as_u64).unwrap_or(usual)
        };
        let group = |place: &Value, usual: &Group| Group {
            name: place["name"].as_str().unwrap_or_default().to_owned(),
            mailbox: place["mailbox"].as_str().map(str::to_owned),
            connections: number(place, "connections", usual.connections as u64) as usize,
            messages_per_connection: number(
                place,
                "messages-per-connection",
                usual.messages_per_connection as u64,
            ) as usize,
            per_second: number(place, "per-second", u64::from(usual.per_second)) as u32,
            idle: Duration::from_secs(number(place, "idle-s", usual.idle.as_secs())),
            tls: place["tls"].as_bool().unwrap_or(usual.tls),
        };
        let usual = group(&json["default"], &usual());
        let mut by_suffix = BTreeMap::new();
        for place in json["groups"].as_array().into_iter().flatten() {
            let one = Arc::new(group(place, &usual));
            for suffix in place["suffixes"].as_array().into_iter().flatten() {
                let suffix = suffix.as_str().unwrap_or_default().trim_start_matches('.');
                by_suffix.insert(suffix.to_owned(), Arc::clone(&one));
            }
        }
        let groups = by_suffix.values().map(|group| &**group).chain([&usual]);
        for one in groups {
            if one.connections * one.messages_per_connection * one.per_second as usize == 0 {
                return Err(no(format!("a limit of `{}` is zero", one.name)));
            }
        }
        let slow_down = json["slow-down"].as_array().into_iter().flatten().map(|place| SlowDown {
            pieces: place["text"].as_str().unwrap_or_default().split('*').map(lower).collect(),
            group: place["group"].as_str().map(str::to_owned),
            wait: Duration::from_secs(number(place, "wait-s", 1_800)),
        });
        let slow_down = slow_down.collect();
        let as_of = json["as-of"].as_str().unwrap_or_default().to_owned();
        Ok(Self { as_of, by_suffix, usual, slow_down })
    }

    /// Who runs a mail server.
    pub fn group(&self, host: &str) -> Arc<Group> {
        let mut rest = host;
        while let Some((_, parent)) = rest.split_once('.') {
            if let Some(known) = self.by_suffix.get(parent) {
                return Arc::clone(known);
            }
            rest = parent;
        }
        let name = cauce_core::sender::registrable_domain(host).unwrap_or(host).to_owned();
        Arc::new(Group { name, ..self.usual.clone() })
    }

    /// How long an answer asks us to keep away, if it does.
    pub fn slow_down(&self, group: &str, text: &str) -> Option<Duration> {
        let text = lower(text);
        let fits = |rule: &&SlowDown| {
            rule.group.as_ref().is_none_or(|own| own == group) && has_in_order(&text, &rule.pieces)
        };
        self.slow_down.iter().find(fits).map(|rule| rule.wait)
    }
}

/// What holds where a table says nothing.
fn usual() -> Group {
    Group {
        name: String::new(),
        mailbox: None,
        connections: 10,
        messages_per_connection: 100,
        per_second: 100,
        idle: Duration::from_secs(60),
        tls: false,
    }
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

fn has_in_order(text: &str, pieces: &[String]) -> bool {
    let mut rest = text;
    pieces.iter().all(|piece| match rest.find(piece.as_str()) {
        Some(place) => {
            rest = &rest[place + piece.len()..];
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_grouped_by_who_runs_them() {
        let table = Facts::shipped().unwrap();
        let check = |host: &str, name: &str, connections: usize, per_connection: usize| {
            let group = table.group(host);
            assert_eq!(
                (group.name.as_str(), group.connections, group.messages_per_connection),
                (name, connections, per_connection),
                "{host}"
            );
        };
        check("aspmx.l.google.com", "google", 5, 50);
        check("gmail-smtp-in.l.google.com", "google", 5, 50);
        check("mta5.am0.yahoodns.net", "yahoo", 10, 20);
        check("hotmail-com.olc.protection.outlook.com", "microsoft", 5, 50);
        check("shop-example.mail.protection.outlook.com", "microsoft-365", 5, 50);
        check("shop.n-v1.mx.microsoft", "microsoft-365", 5, 50);
        check("mx1.mail.icloud.com", "apple", 10, 5);
        check("mx2.mail.shop.co.uk", "shop.co.uk", 10, 100);
        for (host, mailbox) in [
            ("aspmx.l.google.com", Some("google")),
            ("alt1.aspmx.l.googlemail.com", Some("google")),
            ("shop-example.mail.protection.outlook.com", Some("microsoft")),
            ("shop.n-v1.mx.microsoft", Some("microsoft")),
            ("mta5.am0.yahoodns.net", Some("yahoo")),
            ("mx01.mail.icloud.com", Some("apple")),
            ("mx1.comcast.net", None),
            ("mx.shop.example", None),
        ] {
            assert_eq!(table.group(host).mailbox.as_deref(), mailbox, "{host}");
        }
        check("google.com", "google.com", 10, 100);
        check("notgoogle.com", "notgoogle.com", 10, 100);
        assert!(table.group("aspmx.l.google.com").tls);
        assert!(table.as_of.starts_with("2026-"));
    }

    #[test]
    fn words_that_ask_to_slow_down_are_heard() {
        let table = Facts::shipped().unwrap();
        let check = |group: &str, text: &str, minutes: Option<u64>| {
            let wait = table.slow_down(group, text).map(|wait| wait.as_secs() / 60);
            assert_eq!(wait, minutes, "{text}");
        };
        check("yahoo", "4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", Some(90));
        check("yahoo", "4.7.0 [TSS04] unexpected volume", Some(120));
        check("other", "4.7.0 [TSS04] unexpected volume", None);
        check("comcast", "imta RL000010 too fast", Some(5));
        check("google", "4.7.28 Our system has detected an unusual rate of mail", Some(30));
        check(
            "microsoft",
            "4.7.650 x has been temporarily rate limited due to IP reputation.",
            Some(90),
        );
        check("x", "450 4.2.0 Greylisted, come back in 5 minutes", None);
        check("x", "452 mailbox full", None);
    }
}
