//! Straight to the servers of each reader's domain.

use crate::app::App;
use crate::config::Config;
use crate::loops::carrying::{Carry, Coming, Turn, misplaced};
use crate::render::Content;
use anyhow::Context;
use cauce_channels::dns::{self, Resolver};
use cauce_channels::egress::{Tls, TlsOptions};
use cauce_channels::email::compose::compose;
use cauce_channels::email::mx::{self, Encryption, Facts};
use cauce_channels::email::pool::Posting;
use cauce_channels::email::smtp;
use cauce_core::publish::Direct;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What mail needs that goes straight to its readers' servers, and what asking about senders needs.
pub(crate) struct Means {
    /// Name servers, or why there are none to ask: then nothing of it can be had, and everything
    /// else goes on.
    pub(crate) resolver: Result<Resolver, String>,
    /// The addresses from which mail leaves, as far as the configuration says.
    pub(crate) egress_addresses: Vec<IpAddr>,
    port: u16,
    policy_port: u16,
}

impl Means {
    /// From the configuration; to be made within the runtime.
    pub(crate) fn new(config: &Config) -> Means {
        let servers = config.dns.iter().filter_map(|server| server.parse().ok()).collect();
        let options = dns::Options { servers, ..dns::Options::default() };
        Means {
            resolver: Resolver::new(&options).map_err(|error| error.to_string()),
            egress_addresses: config.egress_addresses.clone(),
            port: config.mail_port,
            policy_port: config.mail_policy_port,
        }
    }
}

/// How long a message may wait that nobody gave a time.
const WHOLE: Duration = Duration::from_millis(cauce_core::input::START_WITHIN.0 as u64);

struct Straight {
    direct: mx::Direct,
}

impl Carry for Straight {
    fn carry<'a>(&'a self, content: &'a Content) -> Coming<'a> {
        let urgent = matches!(content, Content::Email(email, _) if email.transactional);
        self.carry_among(content, Turn { start_before: Instant::now() + WHOLE, urgent })
    }

    fn carry_among<'a>(&'a self, content: &'a Content, turn: Turn) -> Coming<'a> {
        Box::pin(async move {
            let Content::Email(email, signers) = content else { return misplaced("e-mail") };
            match compose(email, signers) {
                Ok(message) => {
                    let Turn { start_before, urgent } = turn;
                    self.direct.send(&Posting { message, start_before, urgent }).await
                }
                Err(outcome) => outcome,
            }
        })
    }
}

/// Makes the way out.
pub(super) fn carry(app: &App, source: &Direct, window: usize) -> anyhow::Result<Arc<dyn Carry>> {
    Ok(Arc::new(Straight { direct: way(app, source, window)? }))
}

fn way(app: &App, source: &Direct, window: usize) -> anyhow::Result<mx::Direct> {
    let resolver = app.direct.resolver.clone().map_err(|why| anyhow::anyhow!("{why}"))?;
    let encryption = match source.tls.as_str() {
        "required" => Encryption::Required,
        "verified" => Encryption::Verified,
        _ => Encryption::Opportunistic,
    };
    let options = mx::Options {
        port: app.direct.port,
        policy_port: app.direct.policy_port,
        encryption,
        checking: app.tls.clone(),
        taking_any: Tls::new(&TlsOptions { authorities: None, verify: false })?,
        helo_name: source.helo_name.clone().unwrap_or_else(|| app.helo_name.clone()),
        timeouts: smtp::Timeouts::default(),
        table: Arc::new(Facts::shipped().context("the table of mailbox providers")?),
        window,
    };
    let allocator = app.allocator.clone();
    let revoked = Arc::new(move |message| allocator.is_revoked(message));
    let hosts = app.watch.hosts.clone();
    let learned = Arc::new(move |domain: &str, mailbox: Option<&str>| hosts.hear(domain, mailbox));
    let _inside = app.runtime.enter();
    Ok(mx::Direct::new(options, (app.egress.clone(), resolver), revoked, learned))
}
