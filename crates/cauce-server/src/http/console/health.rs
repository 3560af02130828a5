//! How each part of the server is, in a marketer's words, and what to do where it is not well.

use super::overview::Said;
use crate::app::App;
use crate::equip::trouble_of;
use crate::loops::campaigns::trouble_of as trouble_of_campaign;
use crate::share::{snapshot, webhooks};
use cauce_core::allocate::Standing as Breaker;
use cauce_core::publish::Kind;
use cauce_core::sender::bulk::Standing;
use cauce_core::time::{Duration, Timestamp};
use serde::Serialize;
use std::path::Path;

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = HealthState)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, and somebody should look.
    Warn,
    /// It does not work.
    Bad,
}

/// How one part is.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// Which part: `events`, `sending`, `provider mail`…
    what: String,
    /// How well it is.
    state: State,
    /// In words.
    words: String,
    /// What to do, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    todo: Option<String>,
    /// Where in the console.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// What needs a person.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Attention {
    /// Which part.
    what: String,
    /// How bad.
    state: State,
    /// What is wrong, and what to do.
    words: String,
    /// The page of the console that is about it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

/// Of what is mended outside of the console: at the machine, or by a command.
const NOWHERE: &str = "";

/// The editor of a definition.
fn editor(folder: &str, name: &str) -> String {
    let name = percent(name);
    format!("/definitions/{folder}/{name}")
}

/// A name as a part of an address.
fn percent(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let each = name.bytes().map(|byte| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    each.collect()
}

fn well(what: &str, words: impl Into<String>) -> Health {
    let what = what.to_owned();
    Health { what, state: State::Ok, words: words.into(), todo: None, link: None }
}

impl Health {
    /// `link` leads to a page that is about it, or is `NOWHERE`.
    fn ill(self, state: State, words: impl Into<String>, todo: &str, link: &str) -> Health {
        let link = Some(link).filter(|link| *link != NOWHERE).map(str::to_owned);
        Health { state, words: words.into(), todo: Some(todo.to_owned()), link, ..self }
    }
}

/// What of it needs a person, the worst first.
pub(super) fn attention(health: &[Health]) -> Vec<Attention> {
    let ill = health.iter().filter(|health| health.state != State::Ok);
    let mut all: Vec<Attention> = ill
        .map(|health| {
            let todo = health.todo.as_ref().map(|todo| format!(" {todo}")).unwrap_or_default();
            Attention {
                what: health.what.clone(),
                state: health.state,
                words: format!("{}{todo}", health.words),
                link: health.link.clone(),
            }
        })
        .collect();
    all.sort_by_key(|attention| attention.state != State::Bad);
    all
}

/// Looks at everything.
pub(super) fn look(app: &App, said: &Said, now: Timestamp, late_ms: i64) -> Vec<Health> {
    let mut all = vec![
        events(app),
        timers(late_ms),
        clock(app),
        sending(said),
        quarantine(said),
        disk(app),
        backups(app, now),
    ];
    all.extend(returned(app));
    all.extend(providers(app));
    all.extend(senders(app));
    all.extend(destinations(app));
    all.extend(complaints(app));
    all.extend(campaigns(app));
    all
}

/// Scheduled campaigns that may not start.
fn campaigns(app: &App) -> Vec<Health> {
    let names = app.book();
    let names = names.list(Kind::Campaign).map(|(name, _)| trouble_of_campaign(name));
    let barred = names.filter_map(|about| Some((app.observer.said(&about)?, about)));
    let todo = "Mend what it names: it starts within a minute then. Or take its time away.";
    let shown = |(why, about): (String, String)| {
        well(&about, "").ill(State::Bad, format!("{why}."), todo, "/campaigns")
    };
    barred.map(shown).collect()
}

/// Mailbox providers whose readers complain of what we send.
fn complaints(app: &App) -> Vec<Health> {
    let seen = app.watch.complaints.seen();
    let mut all = Vec::new();
    for ((domain, mailbox), one) in &seen.paused {
        let words = format!(
            "Marketing from {domain} to {mailbox} is paused since {}: {} readers among {} called \
             it spam.",
            one.since,
            one.counts.complaints,
            one.counts.among()
        );
        let todo = format!(
            "Find out which audience did not want it; then `cauce deliverability resume {domain} \
             {mailbox}`."
        );
        let about = format!("complaints {domain} {mailbox}");
        all.push(well(&about, "").ill(State::Bad, words, &todo, NOWHERE));
    }
    for ((domain, mailbox), one) in &app.watch.complaints.refused() {
        let words = format!(
            "Marketing from {domain} to {mailbox} is paused since {}: {mailbox} refused {} of {} \
             messages for what their sender is. It said: {}",
            one.since, one.refused, one.among, one.text
        );
        let todo = format!(
            "`cauce doctor` says what the sender lacks; mend it, then `cauce deliverability resume \
             {domain} {mailbox}`."
        );
        let about = format!("blocked {domain} {mailbox}");
        all.push(well(&about, "").ill(State::Bad, words, &todo, NOWHERE));
    }
    for ((domain, mailbox), (counts, standing)) in &seen.today {
        let pair = (domain.clone(), mailbox.clone());
        if *standing == Standing::Fine || seen.paused.contains_key(&pair) {
            continue;
        }
        let words = format!(
            "{} readers of {mailbox} among {} called what {domain} sent today spam.",
            counts.complaints,
            counts.among()
        );
        let todo = "Look at whom today's campaigns went to; at three in a thousand marketing is \
                    paused.";
        let about = format!("complaints {domain} {mailbox}");
        all.push(well(&about, "").ill(State::Warn, words, todo, "/campaigns"));
    }
    all
}

fn events(app: &App) -> Health {
    let ok = well("events", "Events are accepted and decided as they come.");
    let stopped = app.observer.stopped();
    let troubles = app.observer.troubles();
    if let Some(why) = stopped.first() {
        let words = format!("A part of the data is stopped: {why}.");
        let todo = "An engineer has to look at the server's log and start the server again.";
        return ok.ill(State::Bad, words, todo, NOWHERE);
    }
    if app.node.is_full() {
        let words = "The disk is full: nothing new is accepted.";
        return ok.ill(State::Bad, words, "Make room; it goes on by itself.", NOWHERE);
    }
    if let Some(why) = troubles.first() {
        let words = format!("Something fails and is tried again: {why}.");
        return ok.ill(State::Bad, words, "An engineer has to look at the disk.", NOWHERE);
    }
    if !app.node.has_room() {
        let words = format!("{} events wait to be decided; new ones are put off.", app.node.lag());
        let todo = "Wait for it to catch up, or report more slowly.";
        return ok.ill(State::Warn, words, todo, "/events");
    }
    ok
}

/// How late a timer may be before anybody minds.
const LATE_MS: i64 = 60_000;

fn timers(late_ms: i64) -> Health {
    let ok = well("timers", "Waits and segments that move with time are on time.");
    if late_ms <= LATE_MS {
        return ok;
    }
    let words = format!("What was to happen by time is {} seconds late.", late_ms / 1_000);
    ok.ill(State::Warn, words, "Look whether the server is overloaded.", NOWHERE)
}

fn clock(app: &App) -> Health {
    let ok = well("clock", "The machine's clock is believed.");
    match app.wall_clock.as_ref().and_then(|wall| wall.disbelieved()) {
        None => ok,
        Some(shown) => {
            let words = format!("The machine's clock stepped to {shown}: nothing leaves.");
            let todo = "Set it right, or confirm it with `cauce clock --confirm`.";
            ok.ill(State::Bad, words, todo, NOWHERE)
        }
    }
}

fn sending(said: &Said) -> Health {
    let ok = well("sending", "Messages leave as they are due.");
    match &said.paused {
        None => ok,
        Some(why) => {
            let words = format!("Sending is paused everywhere: {why}.");
            ok.ill(State::Bad, words, "Resume it when the reason is gone.", "/sending")
        }
    }
}

fn quarantine(said: &Said) -> Health {
    let ok = well("quarantine", "Nothing is in quarantine.");
    match said.quarantined {
        0 => ok,
        count => {
            let words = format!("{count} entries could not be decided and are in quarantine.");
            ok.ill(
                State::Warn,
                words,
                "Look at the reasons, and replay them.",
                "/events/quarantine",
            )
        }
    }
}

/// What comes back by mail: only where something is to be done.
fn returned(app: &App) -> Option<Health> {
    let mass = app.observer.said("mass-bounces");
    let folder = app.observer.said("mail-dir");
    let ok = well("bounces", "What comes back by mail is read.");
    if let Some(why) = mass {
        let todo = "Look at them with `cauce suppressions held`, then `confirm` or `undo` it.";
        return Some(ok.ill(State::Bad, format!("{why}."), todo, NOWHERE));
    }
    if let Some(why) = app.observer.said("refused-tokens") {
        let ok = well("devices", "Tokens of devices are taken.");
        let todo = "Look at key, topic and project of the provider, and at the devices with \
                    `cauce devices refused`; then `undo` or `confirm` it.";
        return Some(ok.ill(State::Bad, format!("{why}."), todo, NOWHERE));
    }
    let why = folder?;
    let todo = "Set the folder or its rights right; it goes on by itself.";
    Some(ok.ill(State::Bad, format!("{why}."), todo, NOWHERE))
}

/// Shares of the disk, in hundredths, below which somebody should look or nothing works soon.
const FREE_WARN: u64 = 10;
const FREE_BAD: u64 = 3;

fn disk(app: &App) -> Health {
    let ok = well("disk", "The disk has room.");
    let Ok(known) = rustix::fs::statvfs(&app.data) else { return ok };
    let free = known.f_bavail.saturating_mul(known.f_frsize);
    let share = known.f_bavail.saturating_mul(100) / known.f_blocks.max(1);
    let words = format!("{} GB of the disk are free ({share} %).", free / 1_000_000_000);
    let state = match share {
        ..FREE_BAD => State::Bad,
        FREE_BAD..FREE_WARN => State::Warn,
        _ => return Health { words, ..ok },
    };
    ok.ill(state, words, "Make room, or move the data to a larger disk.", NOWHERE)
}

/// How old the newest backup may be.
const BACKUP_AGE_MAX: Duration = Duration(7 * Duration::DAY.0);

fn newest_backup(data: &Path) -> Option<Timestamp> {
    let entries = std::fs::read_dir(data.join("backups")).ok()?;
    // A backup is named by the instant at which it was made.
    let made = |entry: std::fs::DirEntry| entry.path().file_stem()?.to_str()?.parse().ok();
    entries.flatten().filter_map(made).map(Timestamp).max()
}

fn backups(app: &App, now: Timestamp) -> Health {
    let todo = "Make one with `cauce backup`, and keep it on another machine.";
    let ok = well("backups", "This is a server for development: it needs no backup.");
    match newest_backup(&app.data) {
        None if app.development => ok,
        None => ok.ill(State::Warn, "There is no backup yet.", todo, NOWHERE),
        Some(at) if now.since(at) > BACKUP_AGE_MAX => {
            let words = format!("The newest backup was made {at}.");
            ok.ill(State::Warn, words, todo, NOWHERE)
        }
        Some(at) => Health { words: format!("The newest backup was made {at}."), ..ok },
    }
}

/// How providers stand, and where a test is sent.
const PROVIDERS: &str = "/settings?tab=providers";

fn providers(app: &App) -> Vec<Health> {
    let answers = app.watch.pace.answers();
    let breakers = app.allocator.providers(app.node.now());
    let book = app.book();
    let mut all: Vec<Health> = book
        .list(Kind::Provider)
        .map(|(name, _)| {
            let ok = well(&format!("provider {name}"), "It takes messages.");
            let link = PROVIDERS;
            if let Some(why) = app.observer.said(&trouble_of(Kind::Provider, name)) {
                let todo = "Mend it; messages wait meanwhile and nothing is lost.";
                let words = format!("It cannot be used: {why}.");
                return ok.ill(State::Bad, words, todo, &editor("providers", name));
            }
            let standing = breakers.iter().find(|known| known.name == name);
            if let Some(Breaker::Open { until }) = standing.map(|known| known.breaker) {
                let last = answers.get(name).and_then(|known| known.last.as_ref());
                let why = last.map(|(_, why)| format!(": {why}")).unwrap_or_default();
                let words = format!("Nothing is given to it until {until}{why}.");
                let todo =
                    "Ask the provider. Its messages go by other legs of their route, or wait.";
                return ok.ill(State::Bad, words, todo, link);
            }
            let Some(answers) = answers.get(name).filter(|answers| answers.is_failing()) else {
                return ok;
            };
            let last = answers.last.as_ref().map(|(_, why)| why.as_str()).unwrap_or_default();
            let words = format!("It is not reached: {last}.");
            let todo = "Ask the provider, or send a test; messages are tried again by themselves.";
            ok.ill(State::Bad, words, todo, link)
        })
        .collect();
    for queue in app.allocator.queues() {
        let defined = |name: &String| book.get(Kind::Provider, name).is_some();
        let provider = cauce_core::route::path::first(&queue.path);
        if !queue.partitions.is_empty() && !queue.providers.iter().any(defined) {
            let words = "Messages wait for it, and it is not defined.";
            let todo = "Define it again, or cancel what waits.";
            let ill = well(&format!("provider {provider}"), "");
            all.push(ill.ill(State::Bad, words, todo, "/sending"));
        }
    }
    all
}

fn senders(app: &App) -> Vec<Health> {
    let book = app.book();
    let ill = book.list(Kind::Sender).filter_map(|(name, _)| {
        let why = app.observer.said(&trouble_of(Kind::Sender, name))?;
        let todo = "Put the key where it is looked for; its messages wait meanwhile.";
        let link = editor("senders", name);
        Some(well(&format!("sender {name}"), "").ill(State::Bad, format!("{why}."), todo, &link))
    });
    ill.collect()
}

fn destinations(app: &App) -> Vec<Health> {
    let shown = app.shown();
    let all = shown.destinations.iter().map(|(name, source)| {
        let ok = well(&format!("destination {name}"), "It is told of every change.");
        let link = editor("destinations", name);
        if source.folder.is_some() {
            let ok = Health { words: "Its snapshots are made.".to_owned(), ..ok };
            return match snapshot::standing(&app.data, name).last_failure {
                None => ok,
                Some(why) => {
                    let words = format!("Its last snapshot was not made: {why}.");
                    ok.ill(State::Warn, words, "Look at the folder; it is tried again.", &link)
                }
            };
        }
        let Some(standing) = webhooks::load(&app.data, name) else { return ok };
        if let Some(why) = standing.disabled {
            let words = format!("It is told nothing any more: {why}.");
            return ok.ill(State::Bad, words, "Mend it, then resume it.", &link);
        }
        match standing.failing_since {
            Some(since) => {
                let why = standing.last_failure.unwrap_or_default();
                let words = format!("It has not answered with yes since {since}: {why}.");
                ok.ill(State::Warn, words, "Ask its operator; it is tried again.", &link)
            }
            None => ok,
        }
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_part_of_an_address() {
        assert_eq!(editor("senders", "shop-2"), "/definitions/senders/shop-2");
        assert_eq!(editor("senders", "a/b ?ñ"), "/definitions/senders/a%2Fb%20%3F%C3%B1");
    }

    #[test]
    fn what_has_no_page_has_no_link() {
        let ill = well("disk", "").ill(State::Bad, "It is full.", "Make room.", NOWHERE);
        assert_eq!(attention(&[ill])[0].link, None);
    }
}
