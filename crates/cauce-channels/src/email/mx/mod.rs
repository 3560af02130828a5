//! Straight to the servers of each reader's domain, without a relay in between (RFC 5321 §5.1).
//!
//! One call is one attempt: it may ask several servers of the domain, because they are one
//! destination; whether there is a second attempt is decided elsewhere.

mod group;
mod pace;
mod reach;
mod road;
mod strand;
mod sts;

pub use group::{Facts, Group};
pub use strand::Standing;
pub use sts::{Mode, Policy};

use super::compose::Composed;
use super::pool::{Posting, Revoked};
use super::smtp::{self, Begun, Connection, NotOpened, Security};
use crate::dns::{Answer, Resolver};
use crate::egress::{Egress, Tls};
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use reach::Reach;
use road::Road;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use strand::{Idle, Strand, Turned};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How much TLS has to give. A group of servers, or a domain's own policy (MTA-STS), may ask for
/// more than this and never gets less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encryption {
    /// Where the server offers it, whoever it is; readable where it does not.
    Opportunistic,
    /// Always; whoever it is.
    Required,
    /// Always, and the server proves its name.
    Verified,
}

/// How mail goes straight to its readers' servers.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port of mail servers: 25, but in tests.
    pub port: u16,
    /// The port under which policies are fetched: 443, but in tests.
    pub policy_port: u16,
    /// How much TLS has to give.
    pub encryption: Encryption,
    /// TLS that checks certificates.
    pub checking: Tls,
    /// TLS that takes any certificate: on the open internet most are for some other name, and
    /// readable is the only alternative.
    pub taking_any: Tls,
    /// What we say in EHLO: our host's name, which should lead back to our address.
    pub helo_name: String,
    /// How long things may take.
    pub timeouts: smtp::Timeouts,
    /// Who runs which servers, and what they take.
    pub table: Arc<Facts>,
    /// Messages that may be under way at once, to all groups together.
    pub window: usize,
}

/// How long a server whose TLS failed is talked to without it (KumoMTA, `remember_broken_tls`:
/// three days).
const BROKEN_TLS: Duration = Duration::from_secs(3 * 86_400);
/// Limit: servers remembered for their TLS; when it is full, the oldest goes, and is tried again.
const BROKEN_MAX: usize = 10_000;
/// Limit: groups with a state of their own; beyond it those without work are forgotten first.
const STRANDS_MAX: usize = 20_000;
/// How often idle connections are looked after.
const SWEEP: Duration = Duration::from_secs(1);

/// Who hears whose servers take the mail of a domain: the domain, and the mailbox provider if it is
/// one that is told apart.
pub type Learned = Arc<dyn Fn(&str, Option<&str>) + Send + Sync>;

/// The way straight to the readers' servers.
#[derive(Debug)]
pub struct Direct {
    shared: Arc<Shared>,
    /// Ends with it.
    _sweeper: JoinSet<()>,
}

struct Shared {
    options: Options,
    egress: Egress,
    resolver: Resolver,
    revoked: Revoked,
    learned: Learned,
    strands: Mutex<BTreeMap<String, Arc<Strand>>>,
    broken: Mutex<BTreeMap<String, Instant>>,
    policies: sts::Policies,
    reach: Mutex<Reach>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

/// What asking one server came to.
enum Asked {
    /// The message came to its end.
    Ended(Outcome),
    /// The next server may be asked.
    Next(Outcome),
}

/// What one server has to give, and how it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Terms {
    security: Security,
    verified: bool,
}

impl Direct {
    /// A way out. To be made within the runtime; no connection is opened before there is work.
    pub fn new(
        options: Options,
        (egress, resolver): (Egress, Resolver),
        revoked: Revoked,
        learned: Learned,
    ) -> Direct {
        let shared = Arc::new(Shared {
            options,
            egress,
            resolver,
            revoked,
            learned,
            strands: Mutex::default(),
            broken: Mutex::default(),
            policies: sts::Policies::default(),
            reach: Mutex::default(),
        });
        let mut sweeper = JoinSet::new();
        sweeper.spawn(sweep(Arc::downgrade(&shared)));
        Direct { shared, _sweeper: sweeper }
    }

    /// Sends one message and says what became of it.
    pub async fn send(&self, posting: &Posting) -> Outcome {
        self.shared.send(posting).await
    }

    /// How the groups stand that have work or are slowed down.
    pub fn standing(&self) -> Vec<Standing> {
        let strands: Vec<_> = lock(&self.shared.strands).values().cloned().collect();
        strands.iter().map(|strand| strand.standing()).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused_here(stage: Stage, code: u16, enhanced: Enhanced, text: String) -> Outcome {
    Outcome::Refused { stage, code, enhanced: Some(enhanced), text, retry_after_s: None }
}

fn ours(text: &str) -> String {
    format!("no server of several domains could be reached; here: {text}")
}

fn not_started(text: &str) -> Outcome {
    Outcome::NotStarted { text: text.to_owned() }
}

/// Closes what was idle for too long, and forgets groups that have nothing.
async fn sweep(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(shared) = shared.upgrade() else { return };
        let strands: Vec<_> = lock(&shared.strands).values().cloned().collect();
        for strand in strands {
            for idle in strand.expired() {
                idle.connection.quit().await;
            }
        }
        lock(&shared.strands).retain(|_, strand| !strand.is_forgettable());
    }
}

impl Shared {
    async fn send(&self, posting: &Posting) -> Outcome {
        if let Some(outcome) = self.barred(posting) {
            return outcome;
        }
        let message = &posting.message;
        let domain = message.recipient.rsplit_once('@').map_or("", |(_, domain)| domain);
        let domain = domain.to_ascii_lowercase();
        let (table, resolver) = (&self.options.table, &self.resolver);
        let road = match road::find(resolver, table, &domain, message.message).await {
            Ok(road) => road,
            Err(outcome) => return self.not_found(&domain, outcome),
        };
        (self.learned)(&domain, road.group.mailbox.as_deref());
        let policy = self.policy(&domain).await;
        let strand = match self.strand(&road) {
            Some(strand) => strand,
            None => return not_started("too many destinations at once"),
        };
        let (window, urgent) = (self.options.window, posting.urgent);
        let _slot = match Strand::enter(&strand, window, urgent, posting.start_before).await {
            Ok(slot) => slot,
            Err(Turned::Busy(after)) => return busy(&road.group.name, after),
            Err(Turned::Late) => return not_started("every connection to its group was in use"),
        };
        let outcome = self.ask_all(&strand, &road, policy.as_ref(), posting).await;
        match outcome {
            // By who runs the servers: those of many domains may be one machine.
            Outcome::Unreachable { text } => self.not_reached(&road.group.name, text),
            outcome => outcome,
        }
    }

    /// Nobody could say where a domain's servers are: what that means.
    fn not_found(&self, domain: &str, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Refused { stage: Stage::Connect, text, .. }
                if lock(&self.reach).missed(domain, Instant::now()) =>
            {
                Outcome::Unreachable { text: ours(&text) }
            }
            outcome => outcome,
        }
    }

    /// None of a domain's servers could be reached: its own trouble, as if it had said "later",
    /// unless nobody at all can be reached.
    fn not_reached(&self, group: &str, text: String) -> Outcome {
        match lock(&self.reach).missed(group, Instant::now()) {
            true => Outcome::Unreachable { text: ours(&text) },
            false => refused_here(Stage::Connect, 451, Enhanced(4, 4, 1), text),
        }
    }

    /// Why a message may not go, if so.
    fn barred(&self, posting: &Posting) -> Option<Outcome> {
        if Instant::now() >= posting.start_before {
            Some(not_started("its time had passed"))
        } else if (self.revoked)(posting.message.message) {
            Some(not_started("it was revoked"))
        } else {
            None
        }
    }

    async fn policy(&self, domain: &str) -> Option<Policy> {
        if domain.starts_with('[') {
            return None;
        }
        let means = sts::Means {
            resolver: &self.resolver,
            egress: &self.egress,
            tls: &self.options.checking,
            port: self.options.policy_port,
        };
        self.policies.get(&means, domain).await
    }

    fn strand(&self, road: &Road) -> Option<Arc<Strand>> {
        let mut strands = lock(&self.strands);
        if let Some(strand) = strands.get(&road.group.name) {
            return Some(Arc::clone(strand));
        }
        if strands.len() >= STRANDS_MAX {
            strands.retain(|_, strand| !strand.is_forgettable());
        }
        (strands.len() < STRANDS_MAX).then(|| {
            let strand = Arc::new(Strand::new(Arc::clone(&road.group)));
            strands.insert(road.group.name.clone(), Arc::clone(&strand));
            strand
        })
    }

    /// Asks one server after the other until one has an answer that the next would not better.
    async fn ask_all(
        &self,
        strand: &Strand,
        road: &Road,
        policy: Option<&Policy>,
        posting: &Posting,
    ) -> Outcome {
        let enforced = policy.filter(|policy| policy.mode == Mode::Enforce);
        let mut last = None;
        // A connection that is open is as good as any of the servers that are equally good.
        let verified = enforced.is_some() || self.options.encryption == Encryption::Verified;
        let mut equals: Vec<String> = road.hosts[..road.equals].to_vec();
        equals.retain(|host| enforced.is_none_or(|policy| policy.names(host)));
        while let Some(idle) = strand.reuse(&equals, verified) {
            match self.ask_again(strand, idle, posting).await {
                Some(Asked::Ended(outcome)) => return outcome,
                Some(Asked::Next(outcome)) => {
                    last = Some(outcome);
                    break;
                }
                // It had ended meanwhile; that says nothing about the message.
                None => {}
            }
        }
        for host in &road.hosts {
            if let Some(outcome) = self.barred(posting) {
                return last.unwrap_or(outcome);
            }
            if enforced.is_some_and(|policy| !policy.names(host)) {
                let text = format!("`{host}` is not among the servers of the domain's policy");
                last = Some(refused_here(Stage::Connect, 451, Enhanced(4, 7, 5), text));
                continue;
            }
            // Somebody waits for a code: whoever was down may be back.
            let away = match posting.urgent {
                true => None,
                false => lock(&self.reach).away(host, Instant::now()),
            };
            if let Some(away) = away {
                last.get_or_insert_with(|| left_alone(host, away));
                continue;
            }
            let terms = self.terms(host, &strand.group, enforced.is_some());
            match self.ask_fresh(strand, host, terms, posting).await {
                Asked::Ended(outcome) => return outcome,
                Asked::Next(outcome) => last = Some(outcome),
            }
        }
        last.unwrap_or_else(|| not_started("its domain has no server"))
    }

    fn terms(&self, host: &str, group: &Group, enforced: bool) -> Terms {
        if enforced || self.options.encryption == Encryption::Verified {
            return Terms { security: Security::Required, verified: true };
        }
        if group.tls || self.options.encryption == Encryption::Required {
            return Terms { security: Security::Required, verified: false };
        }
        let broken = lock(&self.broken).get(host).is_some_and(|at| at.elapsed() < BROKEN_TLS);
        let security = if broken { Security::Plain } else { Security::Opportunistic };
        Terms { security, verified: false }
    }

    async fn ask_again(&self, strand: &Strand, mut idle: Idle, posting: &Posting) -> Option<Asked> {
        // What a server says unasked is goodbye.
        let ended = tokio::time::timeout(Duration::ZERO, idle.connection.closed()).await.is_ok();
        if ended {
            return None;
        }
        let host = idle.host.clone();
        match self.carry(strand, idle, posting).await {
            Carried::Lost(_) => None,
            Carried::Asked(asked) => {
                lock(&self.reach).reached(&host);
                Some(asked)
            }
        }
    }

    async fn ask_fresh(
        &self,
        strand: &Strand,
        host: &str,
        terms: Terms,
        posting: &Posting,
    ) -> Asked {
        if let Some(old) = strand.make_room() {
            old.connection.quit().await;
        }
        let connection = match self.open(host, terms).await {
            Ok(connection) => connection,
            Err(outcome) => return self.refused(strand, outcome),
        };
        let idle = Idle::new(connection, host, terms.verified, 0);
        match self.carry(strand, idle, posting).await {
            Carried::Lost(outcome) => self.refused(strand, outcome),
            Carried::Asked(asked) => asked,
        }
    }

    async fn open(&self, host: &str, terms: Terms) -> Result<Connection, Outcome> {
        let addresses = match host.parse() {
            Ok(address) => vec![address],
            Err(_) => match self.resolver.addresses(host).await {
                Answer::Found(addresses) => addresses,
                // Not: for good. A server without an address is a slip in a zone that is mended
                // within the hour, and the reader's address is not at fault.
                Answer::Empty | Answer::Absent => {
                    let text = format!("the mail server `{host}` has no address");
                    return Err(refused_here(Stage::Connect, 451, Enhanced(4, 4, 4), text));
                }
                Answer::Trouble(why) => return Err(road::trouble(why)),
            },
        };
        let opened = self.open_among(host, &addresses, terms).await;
        let mut reach = lock(&self.reach);
        match &opened {
            Err(Outcome::Unreachable { .. }) => reach.down(host, Instant::now()),
            // Whatever it said, somebody is there.
            Ok(_) | Err(_) => reach.reached(host),
        }
        drop(reach);
        opened
    }

    async fn open_among(
        &self,
        host: &str,
        addresses: &[std::net::IpAddr],
        terms: Terms,
    ) -> Result<Connection, Outcome> {
        let mut options = self.server(host, terms);
        match Connection::open_among(&self.egress, addresses, &options).await {
            Ok(connection) => Ok(connection),
            Err(NotOpened { tls_failed: true, outcome })
                if terms.security == Security::Opportunistic =>
            {
                tracing::info!(host, ?outcome, "TLS failed; it goes without for some days");
                self.remember_broken(host);
                options.security = Security::Plain;
                let again = Connection::open_among(&self.egress, addresses, &options).await;
                again.map_err(|fault| fault.outcome)
            }
            // Somebody is there, who is not who he should be: his trouble, and that of this policy.
            Err(NotOpened { tls_failed: true, outcome: Outcome::Unreachable { text } }) => {
                Err(refused_here(Stage::Connect, 451, Enhanced(4, 7, 5), text))
            }
            Err(fault) => Err(fault.outcome),
        }
    }

    fn server(&self, host: &str, terms: Terms) -> smtp::Options {
        let own = &self.options;
        let tls = if terms.verified { &own.checking } else { &own.taking_any };
        smtp::Options {
            host: host.to_owned(),
            port: own.port,
            security: terms.security,
            tls: tls.clone(),
            auth: None,
            helo_name: own.helo_name.clone(),
            timeouts: own.timeouts,
        }
    }

    fn remember_broken(&self, host: &str) {
        let mut broken = lock(&self.broken);
        broken.retain(|_, at| at.elapsed() < BROKEN_TLS);
        if broken.len() >= BROKEN_MAX {
            let oldest = broken.iter().min_by_key(|(_, at)| **at).map(|(host, _)| host.clone());
            oldest.and_then(|oldest| broken.remove(&oldest));
        }
        broken.insert(host.to_owned(), Instant::now());
    }

    /// Carries a message over an open connection, and keeps the connection if it can carry more.
    async fn carry(&self, strand: &Strand, mut idle: Idle, posting: &Posting) -> Carried {
        let message: &Composed = &posting.message;
        if let Err(wait) = strand.pace(posting.start_before).await {
            let outcome = paced(strand, wait);
            strand.keep(idle);
            return Carried::Asked(Asked::Ended(outcome));
        }
        let connection = &mut idle.connection;
        idle.carried += 1;
        connection.load(None, Some(message));
        let asked = match connection.begin().await {
            Some(Begun::Granted) => {
                if let Some(outcome) = self.barred(posting) {
                    // The server waits for this body. Only closing withdraws it: anything else we
                    // could send would be delivered.
                    return Carried::Asked(Asked::Ended(outcome));
                }
                connection.load(Some(message), None);
                let outcome = connection.finish().await;
                let lost = || Outcome::Unknown { text: "no answer to the body".to_owned() };
                let outcome = outcome.unwrap_or_else(lost);
                // Answers that nobody asked for end the connection.
                connection.begin().await;
                Asked::Ended(self.heard(strand, outcome))
            }
            Some(Begun::Ended(outcome)) => self.refused(strand, outcome),
            Some(Begun::Lost(outcome)) => return Carried::Lost(outcome),
            None => return Carried::Lost(not_started("nothing was asked")),
        };
        if idle.connection.is_open() {
            if idle.carried < strand.group.messages_per_connection {
                strand.keep(idle);
            } else {
                idle.connection.quit().await;
            }
        }
        Carried::Asked(asked)
    }

    /// Whether the next server may be asked after a no: not when the no is for good, and not when
    /// it asks us to slow down, because the next one would hear the same crowd.
    fn refused(&self, strand: &Strand, outcome: Outcome) -> Asked {
        let outcome = self.heard(strand, outcome);
        match &outcome {
            Outcome::Unreachable { .. } => Asked::Next(outcome),
            Outcome::Refused { retry_after_s: None, stage: Stage::Connect, .. } => {
                Asked::Next(outcome)
            }
            Outcome::Refused { retry_after_s: None, code: 400..=499, .. } => Asked::Next(outcome),
            _ => Asked::Ended(outcome),
        }
    }

    /// Listens for the wish to slow down: the group is slowed, and the answer says *throttled* and
    /// for how long, in the words of RFC 3463, which the judge of all channels reads.
    fn heard(&self, strand: &Strand, outcome: Outcome) -> Outcome {
        let Outcome::Refused { stage, code, enhanced, text, retry_after_s } = outcome else {
            return outcome;
        };
        let shown = enhanced.map_or_else(String::new, |enhanced| format!("{enhanced} "));
        let shown = if text.starts_with(&shown) { text.clone() } else { shown + &text };
        let wish = self.options.table.slow_down(&strand.group.name, &shown);
        match wish.filter(|_| code / 100 == 4) {
            None => Outcome::Refused { stage, code, enhanced, text, retry_after_s },
            Some(wait) => {
                strand.slow_down(wait);
                Outcome::Refused {
                    stage,
                    code,
                    enhanced: Some(Enhanced(4, 4, 5)),
                    text,
                    retry_after_s: Some(wait.as_secs() as u32),
                }
            }
        }
    }
}

/// What carrying over one connection came to.
enum Carried {
    /// The connection ended before the body; nothing of the message left.
    Lost(Outcome),
    /// The server answered.
    Asked(Asked),
}

/// A server did not answer a moment ago, and is not asked again yet: as if it had said so.
fn left_alone(host: &str, away: Duration) -> Outcome {
    let seconds = away.as_secs().max(1);
    Outcome::Refused {
        stage: Stage::Connect,
        code: 451,
        enhanced: Some(Enhanced(4, 4, 1)),
        text: format!("`{host}` could not be reached; it is asked again in {seconds} s"),
        retry_after_s: Some(seconds as u32),
    }
}

/// Enough others wait for its group, which has its part of the window.
fn busy(group: &str, after: Duration) -> Outcome {
    let after_ms = u32::try_from(after.as_millis()).unwrap_or(u32::MAX);
    Outcome::Busy { text: format!("enough others wait for `{group}`"), after_ms }
}

/// The pace of its group lets it go later than it may: as if the group had said so itself.
fn paced(strand: &Strand, wait: Duration) -> Outcome {
    let seconds = wait.as_secs().max(1);
    Outcome::Refused {
        stage: Stage::Connect,
        code: 451,
        enhanced: Some(Enhanced(4, 4, 5)),
        text: format!("`{}` asked for less; the next place is in {seconds} s", strand.group.name),
        retry_after_s: Some(seconds as u32),
    }
}
