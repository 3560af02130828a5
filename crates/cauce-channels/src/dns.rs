//! Questions to the domain name system: what exists, what does not, and what nobody could say.
//!
//! The three are kept apart, because they mean different things to mail: a domain that does not
//! exist will not exist tomorrow, a name server that is ill may be well in five minutes.

use crate::Error;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Who is asked, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The name servers; those of the system if empty.
    pub servers: Vec<SocketAddr>,
    /// How long one server may take for one answer.
    pub timeout: Duration,
    /// How often a question is asked again.
    pub attempts: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { servers: Vec::new(), timeout: Duration::from_secs(5), attempts: 2 }
    }
}

/// What the domain name system answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// These records, one at least.
    Found(Vec<T>),
    /// The name exists, without a record of this kind.
    Empty,
    /// The name does not exist.
    Absent,
    /// Nobody could say; asking later may help.
    Trouble(String),
}

impl<T> Answer<T> {
    fn of(records: Vec<T>) -> Answer<T> {
        if records.is_empty() { Answer::Empty } else { Answer::Found(records) }
    }
}

/// A mail server of a domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exchange {
    /// The lower, the sooner.
    pub preference: u16,
    /// Its name without the last dot; empty for the root, which means *none* (RFC 7505).
    pub host: String,
}

/// Asks name servers and remembers their answers for as long as they allow.
#[derive(Clone)]
pub struct Resolver {
    inner: TokioResolver,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

/// Limit: answers remembered; when it is full, the least used goes.
const REMEMBERED_MAX: u64 = 50_000;

impl Resolver {
    /// A resolver. To be made within the runtime that it is used in.
    pub fn new(options: &Options) -> Result<Resolver, Error> {
        let no = |error: NetError| Error::Option { option: "dns", why: error.to_string() };
        let mut builder = if options.servers.is_empty() {
            TokioResolver::builder_tokio().map_err(no)?
        } else {
            let servers = options.servers.iter().map(|server| {
                let [mut udp, mut tcp] = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                udp.port = server.port();
                tcp.port = server.port();
                NameServerConfig::new(server.ip(), true, vec![udp, tcp])
            });
            let config = ResolverConfig::from_name_servers(servers.collect());
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        set(builder.options_mut(), options);
        Ok(Resolver { inner: builder.build().map_err(no)? })
    }

    /// Forgets every answer: somebody has just published something and wants to see it.
    pub fn forget(&self) {
        self.inner.clear_cache();
    }

    /// The mail servers of a domain, in the order of the answer.
    pub async fn exchanges(&self, domain: &str) -> Answer<Exchange> {
        let pick = |data: &RData| match data {
            RData::MX(mx) => Some(Exchange { preference: mx.preference, host: bare(&mx.exchange) }),
            _ => None,
        };
        self.ask(domain, RecordType::MX, pick).await
    }

    /// The addresses of a host: IPv6 first, because a host that has it usually means it.
    pub async fn addresses(&self, host: &str) -> Answer<IpAddr> {
        let sixth = self.ask(host, RecordType::AAAA, |data| match data {
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        });
        let fourth = self.ask(host, RecordType::A, |data| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            _ => None,
        });
        match tokio::join!(sixth, fourth) {
            (Answer::Found(mut all), Answer::Found(more)) => {
                all.extend(more);
                Answer::Found(all)
            }
            (Answer::Found(all), _) | (_, Answer::Found(all)) => Answer::Found(all),
            (Answer::Trouble(why), _) | (_, Answer::Trouble(why)) => Answer::Trouble(why),
            (Answer::Absent, _) | (_, Answer::Absent) => Answer::Absent,
            (Answer::Empty, Answer::Empty) => Answer::Empty,
        }
    }

    /// The texts at a name, the strings of each joined.
    pub async fn texts(&self, name: &str) -> Answer<String> {
        let pick = |data: &RData| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.ask(name, RecordType::TXT, pick).await
    }

    /// The names of an address.
    pub async fn names(&self, address: IpAddr) -> Answer<String> {
        let pick = |data: &RData| match data {
            RData::PTR(name) => Some(bare(&name.0)),
            _ => None,
        };
        self.ask(&reverse(address), RecordType::PTR, pick).await
    }

    async fn ask<T>(
        &self,
        name: &str,
        kind: RecordType,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Answer<T> {
        // The dot at the end keeps a search list of this machine out of it.
        let full = format!("{}.", name.trim_end_matches('.'));
        let Ok(name) = Name::from_ascii(&full) else {
            // A name that cannot be written cannot exist.
            return Answer::Absent;
        };
        match self.inner.lookup(name, kind).await {
            Ok(found) => {
                let answers = found.answers().iter();
                Answer::of(answers.filter_map(|record| pick(&record.data)).collect())
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => match none.response_code {
                ResponseCode::NXDomain => Answer::Absent,
                ResponseCode::NoError => Answer::Empty,
                code => Answer::Trouble(format!("the name servers answered `{code}` for `{full}`")),
            },
            Err(error) => Answer::Trouble(format!("`{full}` could not be looked up: {error}")),
        }
    }
}

fn set(own: &mut ResolverOpts, options: &Options) {
    own.timeout = options.timeout;
    own.attempts = options.attempts;
    own.cache_size = REMEMBERED_MAX;
    // What this machine says of itself in a file is not what the world is told.
    own.use_hosts_file = ResolveHosts::Never;
    // Limit: an hour without asking again, although a record may say a week.
    own.positive_max_ttl = Some(Duration::from_secs(3_600));
    own.negative_max_ttl = Some(Duration::from_secs(300));
}

fn bare(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

/// The name under which the names of an address are kept.
pub fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let mut name = String::with_capacity(72);
            for octet in address.octets().iter().rev() {
                name.push_str(&format!("{:x}.{:x}.", octet & 15, octet >> 4));
            }
            name + "ip6.arpa"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reverse;

    #[test]
    fn addresses_are_turned_around() {
        let check = |address: &str, name: &str| {
            assert_eq!(reverse(address.parse().unwrap()), name);
        };
        check("192.0.2.7", "7.2.0.192.in-addr.arpa");
        let zeros = "0.".repeat(23);
        check("2001:db8::7", &format!("7.{zeros}8.b.d.0.1.0.0.2.ip6.arpa"));
    }
}
