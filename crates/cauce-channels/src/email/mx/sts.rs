//! MTA-STS (RFC 8461): a domain says over HTTPS which servers take its mail, and that they prove
//! who they are.
//!
//! Not: DANE (RFC 7672). It needs answers whose signatures are checked (DNSSEC), which few
//! resolvers that people have give; it is declared absent rather than done half.

use crate::dns::{Answer, Resolver};
use crate::egress::{Egress, Tls};
use crate::fetch::{Place, fetch};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Limit: a policy's bytes (RFC 8461 §3.3 suggests 64 kB).
const POLICY_BYTES_MAX: usize = 64 * 1024;
/// How long a policy may take to come (RFC 8461 §3.3 suggests one minute).
const FETCH_WITHIN: Duration = Duration::from_secs(60);
/// How long a policy that could not be had is not asked for again (RFC 8461 §3.3).
const AGAIN_AFTER: Duration = Duration::from_secs(300);
/// Limit: domains remembered; when it is full, the one that ends first goes.
const REMEMBERED_MAX: usize = 10_000;
/// Limit: a year, as the standard has it.
const MAX_AGE_S: u64 = 31_557_600;

/// Whether a policy is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Servers that do not prove who they are get nothing.
    Enforce,
    /// They do, and somebody wants to hear about it.
    Testing,
    /// There is no policy any more.
    None,
}

/// What a domain says of its servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether it is meant.
    pub mode: Mode,
    /// Names of servers; `*.` in front stands for one label.
    pub servers: Vec<String>,
    /// How long it holds.
    pub max_age: Duration,
}

impl Policy {
    /// Reads a policy; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Policy, String> {
        let mut version = false;
        let mut mode = None;
        let mut max_age = None;
        let mut servers = Vec::new();
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.trim() {
                "version" => version = value == "STSv1",
                // Of a field that occurs twice the first counts (§3.2).
                "mode" if mode.is_none() => {
                    mode = Some(match value {
                        "enforce" => Mode::Enforce,
                        "testing" => Mode::Testing,
                        "none" => Mode::None,
                        _ => return Err(format!("the mode `{value}` is not known")),
                    });
                }
                "max_age" if max_age.is_none() => {
                    let age = value.parse::<u64>().ok().filter(|age| *age <= MAX_AGE_S);
                    max_age = Some(age.ok_or_else(|| format!("max_age `{value}` is no age"))?);
                }
                "mx" => servers.push(value.trim_end_matches('.').to_ascii_lowercase()),
                _ => {}
            }
        }
        let (true, Some(mode), Some(max_age)) = (version, mode, max_age) else {
            return Err("version, mode or max_age is missing".to_owned());
        };
        if servers.is_empty() && mode != Mode::None {
            return Err("it names no server".to_owned());
        }
        Ok(Policy { mode, servers, max_age: Duration::from_secs(max_age) })
    }

    /// Whether a server is one that the policy names.
    pub fn names(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.servers.iter().any(|server| match server.strip_prefix("*.") {
            Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
            None => *server == host,
        })
    }
}

/// The id that a TXT record announces (§3.1): exactly one record may begin with the version.
fn announced(texts: &[String]) -> Option<String> {
    let mut ours = texts.iter().filter(|text| text.split(';').next() == Some("v=STSv1"));
    let text = ours.next()?;
    if ours.next().is_some() {
        return None;
    }
    let id = text.split(';').find_map(|field| field.trim().strip_prefix("id="))?;
    let fine = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    fine.then(|| id.to_owned())
}

#[derive(Clone, Debug)]
struct Kept {
    id: String,
    policy: Policy,
    ends: Instant,
}

/// Policies that were fetched, and those that could not be.
#[derive(Debug, Default)]
pub(super) struct Policies {
    kept: Mutex<BTreeMap<String, Kept>>,
    failed: Mutex<BTreeMap<(String, String), Instant>>,
}

/// What fetching needs.
pub(super) struct Means<'a> {
    pub(super) resolver: &'a Resolver,
    pub(super) egress: &'a Egress,
    /// Settings under which certificates are checked.
    pub(super) tls: &'a Tls,
    pub(super) port: u16,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Policies {
    /// The policy of a domain, if it has one. One that was fetched holds until its end, whatever
    /// an attacker does to the look-ups meanwhile; that is its purpose.
    pub(super) async fn get(&self, means: &Means<'_>, domain: &str) -> Option<Policy> {
        let known = lock(&self.kept).get(domain).filter(|kept| kept.ends > Instant::now()).cloned();
        let announced = match means.resolver.texts(&format!("_mta-sts.{domain}")).await {
            Answer::Found(texts) => announced(&texts),
            Answer::Empty | Answer::Absent | Answer::Trouble(_) => None,
        };
        let kept = known.as_ref().map(|kept| kept.policy.clone());
        let Some(id) = announced else { return kept };
        if known.is_some_and(|kept| kept.id == id) {
            return kept;
        }
        let place = (domain.to_owned(), id);
        let recently = |since: &Instant| since.elapsed() < AGAIN_AFTER;
        if lock(&self.failed).get(&place).is_some_and(recently) {
            return kept;
        }
        match policy_of(means, domain).await {
            Ok(policy) => {
                self.keep(place, policy.clone());
                Some(policy)
            }
            Err(why) => {
                tracing::warn!(domain, why, "the MTA-STS policy could not be had");
                self.fail(place);
                kept
            }
        }
    }

    fn keep(&self, (domain, id): (String, String), policy: Policy) {
        let ends = Instant::now() + policy.max_age;
        let mut kept = lock(&self.kept);
        if kept.len() >= REMEMBERED_MAX {
            let first = kept.iter().min_by_key(|(_, kept)| kept.ends);
            if let Some(first) = first.map(|(domain, _)| domain.clone()) {
                kept.remove(&first);
            }
        }
        kept.insert(domain, Kept { id, policy, ends });
    }

    fn fail(&self, place: (String, String)) {
        let mut failed = lock(&self.failed);
        failed.retain(|_, since| since.elapsed() < AGAIN_AFTER);
        // Limit: beyond it a domain is asked again too soon, which costs one request.
        if failed.len() < REMEMBERED_MAX {
            failed.insert(place, Instant::now());
        }
    }
}

async fn policy_of(means: &Means<'_>, domain: &str) -> Result<Policy, String> {
    let host = format!("mta-sts.{domain}");
    let addresses = match means.resolver.addresses(&host).await {
        Answer::Found(addresses) => addresses,
        Answer::Empty | Answer::Absent => return Err(format!("`{host}` has no address")),
        Answer::Trouble(why) => return Err(why),
    };
    let place = Place {
        host: &host,
        addresses: &addresses,
        port: means.port,
        path: "/.well-known/mta-sts.txt",
    };
    let got = fetch(means.egress, means.tls, place, POLICY_BYTES_MAX, FETCH_WITHIN).await?;
    if got.status != 200 {
        return Err(format!("`{host}` answered {}", got.status));
    }
    if got.kind != "text/plain" {
        return Err(format!("`{host}` sent `{}` and not text/plain", got.kind));
    }
    Policy::parse(&String::from_utf8_lossy(&got.body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\n\
                        mx: *.Example.net\r\nmax_age: 86400\r\n";

    #[test]
    fn policies_are_read_strictly() {
        let policy = Policy::parse(GOOD).unwrap();
        assert_eq!((policy.mode, policy.max_age.as_secs()), (Mode::Enforce, 86_400));
        for host in ["mx.example.com", "MX.example.com.", "a.example.net"] {
            assert!(policy.names(host), "{host}");
        }
        for host in ["example.net", "a.b.example.net", "xmx.example.com", "mx.example.com.evil"] {
            assert!(!policy.names(host), "{host}");
        }
        assert_eq!(Policy::parse(&GOOD.replace("\r\n", "\n")), Ok(policy));
        for (from, to) in [
            ("STSv1", "STSv2"),
            ("enforce", "perhaps"),
            ("86400", "-1"),
            ("86400", "31557601"),
            ("max_age", "age"),
            ("mx:", "host:"),
        ] {
            assert!(Policy::parse(&GOOD.replace(from, to)).is_err(), "{to}");
        }
        let none = Policy::parse("version: STSv1\nmode: none\nmax_age: 1\n").unwrap();
        assert_eq!(none.mode, Mode::None);
    }

    #[test]
    fn one_record_announces_one_id() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let check = |all: &[&str], id: Option<&str>| {
            assert_eq!(announced(&texts(all)).as_deref(), id, "{all:?}");
        };
        check(&["v=STSv1; id=20261129a;"], Some("20261129a"));
        check(&["x", "v=STSv1;id=1"], Some("1"));
        check(&["v=STSv1; id=1", "v=STSv1; id=2"], None);
        check(&["v=STSv1"], None);
        check(&["v=STSv12; id=1"], None);
        check(&["v=STSv1; id=a b"], None);
    }

    proptest! {
        #[test]
        fn no_policy_panics(text in "(version|mode|mx|max_age|x)?:? ?[ -~\r\n]{0,80}") {
            if let Ok(policy) = Policy::parse(&text) {
                let _ = policy.names("mx.example.com");
            }
        }
    }
}
