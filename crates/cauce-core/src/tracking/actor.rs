//! Whether a person opened or clicked, or a machine for its own ends: mail proxies fetch every
//! image, and scanners follow every link.
//!
//! Sources, November 2026: what programs call themselves is learned from the patterns of npm
//! `isbot` 5.2.3 and `crawler-user-agents` 1.60.0, written anew and much shorter; the proxies of
//! Apple, Google, Yahoo and Microsoft name themselves as below; the spans are those that senders
//! use against scanners.

use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// Who it was. The order is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A person.
    Human,
    /// A program, for its own ends.
    Machine,
    /// Nothing tells.
    Unknown,
}

impl Actor {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Actor::Human => "human",
            Actor::Machine => "machine",
            Actor::Unknown => "unknown",
        }
    }
}

/// What a program that fetches says it is. The order is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agent {
    /// A browser or a mail program.
    Browser,
    /// A proxy that fetches when a person looks.
    Proxy,
    /// A proxy that fetches whether a person looks or not.
    Prefetcher,
    /// A robot: a scanner, a crawler, a library.
    Robot,
    /// It does not say, or as good as nothing.
    Nameless,
}

/// Why it is thought so. The order is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Nothing speaks against a person.
    Ordinary,
    /// What the program calls itself.
    Agent,
    /// It followed a link that nobody sees.
    HiddenLink,
    /// Several links within two seconds.
    Burst,
    /// Right after the message was taken.
    TooSoon,
}

impl Why {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Ordinary => "ordinary",
            Why::Agent => "agent",
            Why::HiddenLink => "hidden-link",
            Why::Burst => "burst",
            Why::TooSoon => "too-soon",
        }
    }
}

/// That somebody, or something, fetched the pixel or followed a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fetch {
    /// The target of the link; absent for the pixel.
    pub url: Option<String>,
    /// What fetched.
    pub agent: Agent,
    /// The link that nobody sees.
    pub hidden: bool,
    /// Who it was, as far as is known by now.
    pub actor: Actor,
    /// Why it is thought so.
    pub why: Why,
}

impl Fetch {
    /// As it comes in: not judged yet.
    pub fn new(url: Option<String>, agent: Agent) -> Fetch {
        let hidden = url.as_deref() == Some(HIDDEN);
        Fetch { url, agent, hidden, actor: Actor::Unknown, why: Why::Ordinary }
    }
}

/// The target of the link that nobody sees: who follows it lands where every message may lead.
pub const HIDDEN: &str = "about:cauce";

/// Several different links within so long are not a person's.
pub const BURST: Duration = Duration(2_000);
/// A click so soon after the message was taken, before anybody opened it, is a scanner's.
pub const CLICK_SOON: Duration = Duration(10_000);
/// The pixel so soon after the message was taken is a proxy's.
pub const OPEN_SOON: Duration = Duration(2_000);

/// Proxies that fetch when a person looks, in small letters.
const PROXIES: [&str; 2] = ["googleimageproxy", "ggpht.com"];
/// Proxies that fetch on their own, or of which it is not known, in small letters.
const PREFETCHERS: [&str; 3] = ["yahoomailproxy", "yahoocachesystem", "bingpreview"];

/// Words in names of robots, in small letters: kinds of programs, libraries, makers, and the
/// address of a page or person that only robots give. Of the names in `crawler-user-agents` 96 %
/// are told by them; of 6,936 names of browsers in `fake-useragent` 2.2 one is not a browser's.
const ROBOTS: [&str; 86] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "scan",
    "scrap",
    "preview",
    "fetch",
    "monitor",
    "check",
    "probe",
    "survey",
    "archiv",
    "index",
    "validat",
    "analy",
    "headless",
    "phantom",
    "selenium",
    "puppeteer",
    "playwright",
    "lighthouse",
    "pagespeed",
    "curl",
    "wget",
    "python",
    "java/",
    "java ",
    "perl",
    "ruby",
    "php",
    "node-fetch",
    "axios",
    "undici",
    "got (",
    "go-http",
    "golang",
    "okhttp",
    "httpclient",
    "http client",
    "http-client",
    "http_",
    "libwww",
    "lwp",
    "urllib",
    "aiohttp",
    "guzzle",
    "rest-client",
    "restsharp",
    "winhttp",
    "powershell",
    "postman",
    "insomnia",
    "facebookexternalhit",
    "whatsapp",
    "slack",
    "skypeuri",
    "embedly",
    "mediapartners",
    "google-",
    "apis-google",
    "feed",
    "rss",
    "proofpoint",
    "mimecast",
    "barracuda",
    "symantec",
    "messagelabs",
    "trendmicro",
    "zscaler",
    "fireeye",
    "forcepoint",
    "sophos",
    "safelinks",
    "cloudmark",
    "ironport",
    "virustotal",
    "http:",
    "https:",
    "www.",
    "mailto:",
    "proxy",
    "pingdom",
    "ips-agent",
    "brandverity",
    "siteimprove",
];

/// What a `User-Agent` says.
pub fn agent(user_agent: Option<&str>) -> Agent {
    let said = user_agent.unwrap_or_default().trim();
    if said.is_empty() {
        return Agent::Nameless;
    }
    let lower = said.to_lowercase();
    let among = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if among(&PROXIES) {
        return Agent::Proxy;
    }
    // Apple's Mail Privacy Protection says this and no more.
    if lower == "mozilla/5.0" || among(&PREFETCHERS) {
        return Agent::Prefetcher;
    }
    // Phones of Cubot and the like are people's.
    if among(&ROBOTS) && !lower.contains("cubot") {
        return Agent::Robot;
    }
    let browser = lower.starts_with("mozilla/")
        || lower.starts_with("opera/")
        || lower.contains("outlook")
        || lower.contains("thunderbird")
        || lower.contains("mail");
    if browser { Agent::Browser } else { Agent::Robot }
}

/// What is known of a message when something is fetched.
#[derive(Clone, Debug, Default)]
pub struct Known<'m> {
    /// When its provider took it.
    pub accepted: Option<Timestamp>,
    /// When which links were followed before, and when the pixel was fetched (no link).
    pub before: Vec<(Timestamp, &'m Fetch)>,
    /// Whether nothing would tell that it was opened: text messages have no pixel, and are read as
    /// they come.
    pub without_pixel: bool,
}

/// Who fetched, and why that is thought.
pub fn judge(known: &Known<'_>, at: Timestamp, fetch: &Fetch) -> (Actor, Why) {
    if fetch.hidden {
        return (Actor::Machine, Why::HiddenLink);
    }
    match fetch.agent {
        Agent::Robot | Agent::Prefetcher => return (Actor::Machine, Why::Agent),
        Agent::Browser | Agent::Proxy | Agent::Nameless => {}
    }
    if fetch.url.is_some()
        && known.before.iter().any(|(then, other)| bursts(fetch, at, other, *then))
    {
        return (Actor::Machine, Why::Burst);
    }
    let since = known.accepted.map(|accepted| at.since(accepted));
    let opened =
        known.before.iter().any(|(_, other)| other.url.is_none() && other.actor != Actor::Machine);
    let soon = match fetch.url {
        Some(_) if known.without_pixel => since.is_some_and(|since| since < OPEN_SOON),
        Some(_) => since.is_some_and(|since| since < CLICK_SOON) && !opened,
        None => since.is_some_and(|since| since < OPEN_SOON),
    };
    if soon {
        return (Actor::Machine, Why::TooSoon);
    }
    match fetch.agent {
        Agent::Nameless => (Actor::Unknown, Why::Agent),
        Agent::Browser | Agent::Proxy | Agent::Robot | Agent::Prefetcher => {
            (Actor::Human, Why::Ordinary)
        }
    }
}

/// Whether two clicks are of one burst: then both are a machine's, the earlier one as well.
pub fn bursts(fetch: &Fetch, at: Timestamp, other: &Fetch, then: Timestamp) -> bool {
    let apart = Duration((at.0 - then.0).abs());
    other.url.is_some() && other.url != fetch.url && apart < BURST
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    #[test]
    fn programs_say_what_they_are() {
        let check = |said: &str, expected: Agent| assert_eq!(agent(Some(said)), expected, "{said}");
        check(FIREFOX, Agent::Browser);
        check("Mozilla/5.0", Agent::Prefetcher);
        check(
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com \
             GoogleImageProxy)",
            Agent::Proxy,
        );
        check(
            "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
            Agent::Prefetcher,
        );
        check(
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            Agent::Robot,
        );
        check("curl/8.5.0", Agent::Robot);
        check("Mozilla/5.0 (Linux; Android 10; CUBOT X19) AppleWebKit/537.36", Agent::Browser);
        check("Microsoft Office/16.0 (Microsoft Outlook 16.0.5)", Agent::Browser);
        check("", Agent::Nameless);
        assert_eq!(agent(None), Agent::Nameless);
    }

    #[test]
    fn machines_are_told_from_people_by_what_they_do() {
        let fetch = |url: Option<&str>| Fetch::new(url.map(str::to_owned), agent(Some(FIREFOX)));
        let at = |ms: i64| Timestamp(1_000_000 + ms);
        let accepted = Some(at(0));
        let opened = Fetch { actor: Actor::Human, ..fetch(None) };
        let check = |before: &[(i64, &Fetch)], ms: i64, fetch: &Fetch, expected: (Actor, Why)| {
            let before = before.iter().map(|(ms, fetch)| (at(*ms), *fetch)).collect();
            let known = Known { accepted, before, without_pixel: false };
            assert_eq!(judge(&known, at(ms), fetch), expected, "{ms} {fetch:?}");
        };
        let human = (Actor::Human, Why::Ordinary);
        check(&[], 60_000, &fetch(None), human);
        check(&[], 500, &fetch(None), (Actor::Machine, Why::TooSoon));
        check(&[], 60_000, &fetch(Some("https://a")), human);
        check(&[], 5_000, &fetch(Some("https://a")), (Actor::Machine, Why::TooSoon));
        check(&[(3_000, &opened)], 5_000, &fetch(Some("https://a")), human);
        let other = fetch(Some("https://b"));
        check(&[(60_000, &other)], 61_000, &fetch(Some("https://a")), (Actor::Machine, Why::Burst));
        check(&[(60_000, &other)], 63_000, &fetch(Some("https://a")), human);
        // A text message is read as it comes, and no pixel says so.
        let text = |ms: i64| {
            let known = Known { accepted, before: Vec::new(), without_pixel: true };
            judge(&known, at(ms), &fetch(Some("https://a")))
        };
        assert_eq!((text(5_000), text(1_000)), (human, (Actor::Machine, Why::TooSoon)));
        // A double click is one person.
        check(&[(60_000, &other)], 60_100, &fetch(Some("https://b")), human);
        check(&[], 60_000, &fetch(Some(HIDDEN)), (Actor::Machine, Why::HiddenLink));
        let nameless = Fetch { agent: Agent::Nameless, ..fetch(None) };
        check(&[], 60_000, &nameless, (Actor::Unknown, Why::Agent));
        let proxy = Fetch { agent: Agent::Proxy, ..fetch(None) };
        check(&[], 60_000, &proxy, human);
    }
}
