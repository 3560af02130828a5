//! From a domain to the servers that take its mail, in the order in which they are tried.

use super::group::{Facts, Group};
use super::refused_here;
use crate::dns::{Answer, Exchange, Resolver};
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::ids::MessageId;
use std::net::IpAddr;
use std::sync::Arc;

/// Limit: servers of one domain that one attempt asks. A domain with more has them for its own
/// balance, not so that every one of them is asked in vain.
pub(super) const HOSTS_MAX: usize = 5;

/// Where the mail of a domain goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Road {
    /// The servers, best first.
    pub(super) hosts: Vec<String>,
    /// How many of them are equally good: a connection to any of these is as good as another.
    pub(super) equals: usize,
    /// Who runs them.
    pub(super) group: Arc<Group>,
}

/// Finds the servers of a domain; what cannot be found is the outcome of whatever was to be sent.
///
/// The chance that spreads messages over equal servers is a hash of the message, so that a second
/// look gives the same order.
pub(super) async fn find(
    resolver: &Resolver,
    table: &Facts,
    domain: &str,
    message: MessageId,
) -> Result<Road, Outcome> {
    if let Some(address) = literal(domain) {
        let hosts = vec![address.to_string()];
        return Ok(Road { equals: 1, group: table.group(&hosts[0]), hosts });
    }
    let (hosts, equals) = match resolver.exchanges(domain).await {
        Answer::Found(exchanges) => order(domain, exchanges, message)?,
        // The domain itself is its mail server then (RFC 5321 §5.1), if it has an address.
        Answer::Empty => match resolver.addresses(domain).await {
            Answer::Found(_) => (vec![domain.to_owned()], 1),
            Answer::Empty | Answer::Absent => {
                let text = format!("`{domain}` has neither a mail server nor an address");
                return Err(refused_here(Stage::Recipient, 550, Enhanced(5, 1, 2), text));
            }
            Answer::Trouble(why) => return Err(trouble(why)),
        },
        Answer::Absent => {
            let text = format!("the domain `{domain}` does not exist");
            return Err(refused_here(Stage::Recipient, 550, Enhanced(5, 1, 2), text));
        }
        Answer::Trouble(why) => return Err(trouble(why)),
    };
    let group = table.group(&hosts[0]);
    Ok(Road { hosts, equals, group })
}

/// The name servers could not say; that is no word about the address.
pub(super) fn trouble(why: String) -> Outcome {
    refused_here(Stage::Connect, 451, Enhanced(4, 4, 3), why)
}

/// `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
pub(super) fn literal(domain: &str) -> Option<IpAddr> {
    let inner = domain.strip_prefix('[')?.strip_suffix(']')?;
    let bare = inner.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:"));
    bare.map_or(inner, |tag| &inner[tag.len()..]).parse().ok()
}

/// By preference, equal ones in an order of this message; and how many are as good as the first.
fn order(
    domain: &str,
    mut exchanges: Vec<Exchange>,
    message: MessageId,
) -> Result<(Vec<String>, usize), Outcome> {
    // A null MX beside others is an error of the zone; the others count (RFC 7505 §3).
    exchanges.retain(|exchange| !exchange.host.is_empty());
    if exchanges.is_empty() {
        let text = format!("`{domain}` takes no mail (null MX)");
        return Err(refused_here(Stage::Recipient, 556, Enhanced(5, 1, 10), text));
    }
    exchanges.sort();
    exchanges.dedup_by(|a, b| a.host == b.host);
    let id = message.0;
    let draw = |exchange: &Exchange| {
        // FNV-1a over the message and the name: cheap, and different for every pair.
        let bytes = id.to_be_bytes().into_iter().chain(exchange.host.bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    exchanges.sort_by_cached_key(|exchange| (exchange.preference, draw(exchange)));
    let best = exchanges[0].preference;
    let equals = exchanges.iter().take_while(|exchange| exchange.preference == best).count();
    let hosts: Vec<String> =
        exchanges.into_iter().take(HOSTS_MAX).map(|exchange| exchange.host).collect();
    Ok((hosts, equals.min(HOSTS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn exchanges(all: &[(u16, &str)]) -> Vec<Exchange> {
        all.iter()
            .map(|(preference, host)| Exchange {
                preference: *preference,
                host: (*host).to_owned(),
            })
            .collect()
    }

    #[test]
    fn the_lowest_comes_first_and_equals_share() {
        let all = exchanges(&[(20, "c.example"), (10, "b.example"), (10, "a.example")]);
        let mut firsts: BTreeMap<String, usize> = BTreeMap::new();
        for id in 0..1_000 {
            let (hosts, equals) = order("example", all.clone(), MessageId(id)).unwrap();
            assert_eq!((hosts[2].as_str(), equals), ("c.example", 2));
            *firsts.entry(hosts[0].clone()).or_default() += 1;
        }
        assert!(firsts.values().all(|count| (400..=600).contains(count)), "{firsts:?}");
    }

    #[test]
    fn a_null_exchange_is_a_no_for_good() {
        let check = |all: &[(u16, &str)], good: bool| {
            let answer = order("example", exchanges(all), MessageId(1));
            match answer {
                Ok(_) => assert!(good, "{all:?}"),
                Err(Outcome::Refused { code, enhanced, .. }) => {
                    assert!(!good);
                    assert_eq!((code, enhanced), (556, Some(Enhanced(5, 1, 10))));
                }
                Err(other) => panic!("{other:?}"),
            }
        };
        check(&[(0, "")], false);
        check(&[(0, ""), (10, "a.example")], true);
    }

    #[test]
    fn literals_are_addresses() {
        let check = |text: &str, address: Option<&str>| {
            assert_eq!(literal(text).map(|a| a.to_string()).as_deref(), address, "{text}");
        };
        check("[192.0.2.1]", Some("192.0.2.1"));
        check("[IPv6:2001:db8::1]", Some("2001:db8::1"));
        check("192.0.2.1", None);
        check("[x]", None);
    }
}
