//! How each part of the server is, in a marketer's words, and what to do where it is not well.

use super::super::backups;
use super::overview::Said;
use crate::app::App;
use crate::equip::trouble_of;
use crate::loops::campaigns::trouble_of as trouble_of_campaign;
use crate::share::{snapshot, webhooks};
use cauce_core::allocate::Standing as Breaker;
use cauce_core::publish::Kind;
use cauce_core::sender::bulk::{self, Standing};
use cauce_core::time::{Duration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

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
    /// What is so, by a stable word: for whoever says it in another language.
    code: String,
    /// The names and numbers in the words.
    #[schema(value_type = Object)]
    said: Value,
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
    /// What is so, by a stable word: for whoever says it in another language.
    code: String,
    /// The names and numbers in the words.
    #[schema(value_type = Object)]
    said: Value,
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

fn well(what: &str, code: &str, words: impl Into<String>) -> Health {
    let (what, code) = (what.to_owned(), code.to_owned());
    let (state, words, said) = (State::Ok, words.into(), json!({}));
    Health { what, state, words, todo: None, link: None, code, said }
}

/// Something that is not well, by its stable word, with what is in the words.
fn ill(what: &str, state: State, (code, said): (&str, Value), words: impl Into<String>) -> Health {
    Health { state, said, ..well(what, code, words) }
}

impl Health {
    /// What to do; `link` leads to a page that is about it, or is `NOWHERE`.
    fn todo(self, todo: &str, link: &str) -> Health {
        let link = Some(link).filter(|link| *link != NOWHERE).map(str::to_owned);
        Health { todo: Some(todo.to_owned()), link, ..self }
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
                code: health.code.clone(),
                said: health.said.clone(),
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
    all.extend(unfit(said));
    all.extend(letters(said));
    all.extend(returned(|about| app.observer.said(about)));
    all.extend(providers(app));
    all.extend(senders(app));
    all.extend(barred(app));
    all.extend(destinations(app));
    all.extend(sources(app));
    all.extend(failed_files(app, now));
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
        let said = ("campaign-barred", json!({ "why": why }));
        ill(&about, State::Bad, said, format!("{why}.")).todo(todo, "/campaigns")
    };
    barred.map(shown).collect()
}

/// Sources that do not go on.
fn sources(app: &App) -> Vec<Health> {
    let shown = app.shown();
    let known = shown.sources.keys();
    let troubled = known.filter_map(|name| Some((app.sources.standing(name).trouble?, name)));
    let ill = |(why, name): (String, &String)| {
        let said = ("source-stopped", json!({ "why": why }));
        let todo = "Mend what it names: it is tried again by itself, and what waits is taken then.";
        ill(&format!("source {name}"), State::Bad, said, format!("It cannot go on: {why}."))
            .todo(todo, &format!("/sources/{}", percent(name)))
    };
    troubled.map(ill).collect()
}

/// How long a file that failed needs somebody: who has not mended it by then has seen it.
const FAILED_SAID: Duration = Duration(7 * Duration::DAY.0);

/// Sources with files that could not be read: only where there are some.
fn failed_files(app: &App, now: Timestamp) -> Vec<Health> {
    let shown = app.shown();
    let counted = shown.sources.keys().map(|name| {
        let failures = app.sources.failures(&app.data, name);
        (failures.iter().filter(|at| now.since(**at) <= FAILED_SAID).count(), name)
    });
    let ill = |(count, name): (usize, &String)| {
        let words = match count {
            1 => "One of its files could not be read in the last seven days.".to_owned(),
            _ => format!("{count} of its files could not be read in the last seven days."),
        };
        let todo = "Put a whole file in its place, and have it taken again.";
        let said = ("source-files", json!({ "count": count }));
        ill(&format!("source {name}"), State::Warn, said, words)
            .todo(todo, &format!("/sources/{}?show=failed", percent(name)))
    };
    counted.filter(|(count, _)| *count > 0).map(ill).collect()
}

/// How mailbox providers take what we send, and where marketing goes on again.
const DELIVERABILITY: &str = "/sending?tab=deliverability";

/// Mailbox providers whose readers complain of what we send.
fn complaints(app: &App) -> Vec<Health> {
    let seen = app.watch.complaints.seen();
    let mut all = Vec::new();
    for ((domain, mailbox), one) in &seen.paused {
        let (complaints, among) = (one.counts.complaints, one.counts.among());
        let words = format!(
            "Marketing from {domain} to {mailbox} is paused since {}: {complaints} readers among \
             {among} called it spam.",
            one.since
        );
        let todo = "Find out which audience did not want it; then let it go on.";
        let said = json!({ "domain": domain, "mailbox": mailbox, "since": one.since,
                           "complaints": complaints, "among": among });
        let about = format!("complaints {domain} {mailbox}");
        let said = ("complaints-paused", said);
        all.push(ill(&about, State::Bad, said, words).todo(todo, DELIVERABILITY));
    }
    for ((domain, mailbox), one) in &app.watch.complaints.refused() {
        let words = format!(
            "Marketing from {domain} to {mailbox} is paused since {}: {mailbox} refused {} of {} \
             messages for what their sender is. It said: {}",
            one.since, one.refused, one.among, one.text
        );
        let todo = "`cauce doctor` says what the sender lacks; mend it, then let it go on.";
        let said = json!({ "domain": domain, "mailbox": mailbox, "since": one.since,
                           "refused": one.refused, "among": one.among, "text": one.text });
        let about = format!("blocked {domain} {mailbox}");
        let said = ("blocked-paused", said);
        all.push(ill(&about, State::Bad, said, words).todo(todo, DELIVERABILITY));
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
        let said = json!({ "domain": domain, "mailbox": mailbox, "complaints": counts.complaints,
                           "among": counts.among() });
        let about = format!("complaints {domain} {mailbox}");
        let said = ("complaints-many", said);
        all.push(ill(&about, State::Warn, said, words).todo(todo, DELIVERABILITY));
    }
    all
}

fn events(app: &App) -> Health {
    let stopped = app.observer.stopped();
    let troubles = app.observer.troubles();
    let ill = |state, said, words: String| ill("events", state, said, words);
    if let Some(why) = stopped.first() {
        let words = format!("A part of the data is stopped: {why}.");
        let todo = "An engineer has to look at the server's log and start the server again.";
        let said = ("events-stopped", json!({ "why": why }));
        return ill(State::Bad, said, words).todo(todo, NOWHERE);
    }
    if app.node.is_full() {
        let words = "The disk is full: nothing new is accepted.".to_owned();
        let said = ("events-full", json!({}));
        return ill(State::Bad, said, words).todo("Make room; it goes on by itself.", NOWHERE);
    }
    if let Some(why) = troubles.first() {
        let words = format!("Something fails and is tried again: {why}.");
        let said = ("events-failing", json!({ "why": why }));
        return ill(State::Bad, said, words).todo("An engineer has to look at the disk.", NOWHERE);
    }
    if !app.node.has_room() {
        let waiting = app.node.lag();
        let words = format!("{waiting} events wait to be decided; new ones are put off.");
        let said = ("events-waiting", json!({ "waiting": waiting }));
        let todo = "Wait for it to catch up, or report more slowly.";
        return ill(State::Warn, said, words).todo(todo, "/events");
    }
    well("events", "events-well", "Events are accepted and decided as they come.")
}

/// How late a timer may be before anybody minds.
const LATE_MS: i64 = 60_000;

fn timers(late_ms: i64) -> Health {
    if late_ms <= LATE_MS {
        let words = "Waits and segments that move with time are on time.";
        return well("timers", "timers-well", words);
    }
    let seconds = late_ms / 1_000;
    let words = format!("What was to happen by time is {seconds} seconds late.");
    let said = ("timers-late", json!({ "seconds": seconds }));
    ill("timers", State::Warn, said, words).todo("Look whether the server is overloaded.", NOWHERE)
}

fn clock(app: &App) -> Health {
    match app.wall_clock.as_ref().and_then(|wall| wall.disbelieved()) {
        None => well("clock", "clock-well", "The machine's clock is believed."),
        Some(shown) => {
            let words = format!("The machine's clock stepped to {shown}: nothing leaves.");
            let todo = "Set it right, or confirm it with `cauce clock --confirm`.";
            let said = ("clock-stepped", json!({ "shown": shown }));
            ill("clock", State::Bad, said, words).todo(todo, NOWHERE)
        }
    }
}

fn sending(said: &Said) -> Health {
    match &said.paused {
        None => well("sending", "sending-well", "Messages leave as they are due."),
        Some(why) => {
            let words = format!("Sending is paused everywhere: {why}.");
            let said = ("sending-paused", json!({ "why": why }));
            ill("sending", State::Bad, said, words)
                .todo("Resume it when the reason is gone.", "/sending")
        }
    }
}

fn quarantine(said: &Said) -> Health {
    match said.quarantined {
        0 => well("quarantine", "quarantine-well", "Every entry could be decided."),
        count => {
            let words = format!("{count} entries could not be decided and are in quarantine.");
            let said = ("quarantine-waits", json!({ "count": count }));
            // These are not the events that do not fit their schema, which can be replayed: an
            // entry of the log has its place there, and is decided at that place or not at all.
            let todo = "Nothing follows from them. Look at the reasons, report again what is \
                        missing, and tell us: it is a fault of Cauce.";
            ill("quarantine", State::Warn, said, words).todo(todo, "/events/quarantine")
        }
    }
}

/// Events that wait because they do not fit their schema: only where there are some.
fn unfit(said: &Said) -> Option<Health> {
    if said.unfit == 0 {
        return None;
    }
    let code = if said.more_unfit { "events-unfit-more" } else { "events-unfit" };
    let count = said.unfit;
    let least = if said.more_unfit { "At least " } else { "" };
    let words = match count {
        1 => "One event does not fit its schema, and waits.".to_owned(),
        _ => format!("{least}{count} events do not fit their schema, and wait."),
    };
    let todo = "Mend the schema or who sends them, and try them again: until then they count for \
                nobody.";
    let said = (code, json!({ "count": count }));
    Some(ill("schemas", State::Warn, said, words).todo(todo, "/events/quarantine"))
}

/// Messages that nobody carried: only where there are some.
fn letters(said: &Said) -> Option<Health> {
    let (count, more) = (said.letters, said.more_letters);
    if count == 0 {
        return None;
    }
    let code = if more { "letters-wait-more" } else { "letters-wait" };
    let least = if more { "At least " } else { "" };
    let words = match count {
        1 => "One message ended because nobody carried it.".to_owned(),
        _ => format!("{least}{count} messages ended because nobody carried them."),
    };
    let todo = "Mend what stopped them; then try them again, or give them up.";
    let said = (code, json!({ "count": count }));
    Some(ill("letters", State::Warn, said, words).todo(todo, "/sending?tab=letters"))
}

/// What comes back by mail: only where something is to be done.
fn returned(said: impl Fn(&str) -> Option<String>) -> Vec<Health> {
    let mut all = Vec::new();
    if let Some(why) = said("mass-bounces") {
        let todo = "Say whether they are true, here or with `cauce suppressions held`.";
        let said = ("bounces-held", json!({ "why": why }));
        all.push(ill("bounces", State::Bad, said, format!("{why}.")).todo(todo, DELIVERABILITY));
    }
    if let Some(why) = said("refused-tokens") {
        let todo = "Set key, topic and project of the provider right; then say whether they are \
                    true, here or with `cauce devices refused`.";
        let said = ("refused-tokens", json!({ "why": why }));
        all.push(ill("devices", State::Bad, said, format!("{why}.")).todo(todo, DELIVERABILITY));
    }
    if let Some(why) = said("mail-dir") {
        let todo = "Set the folder or its rights right; it goes on by itself.";
        let said = ("mail-folder", json!({ "why": why }));
        all.push(ill("mail", State::Bad, said, format!("{why}.")).todo(todo, NOWHERE));
    }
    all
}

/// Shares of the disk, in hundredths, below which somebody should look or nothing works soon.
const FREE_WARN: u64 = 10;
const FREE_BAD: u64 = 3;

fn disk(app: &App) -> Health {
    let Ok(known) = rustix::fs::statvfs(&app.data) else {
        return well("disk", "disk-well", "The disk has room.");
    };
    let free = known.f_bavail.saturating_mul(known.f_frsize) / 1_000_000_000;
    let share = known.f_bavail.saturating_mul(100) / known.f_blocks.max(1);
    let words = format!("{free} GB of the disk are free ({share} %).");
    let said = json!({ "free": free, "share": share });
    let state = match share {
        ..FREE_BAD => State::Bad,
        FREE_BAD..FREE_WARN => State::Warn,
        _ => return Health { said, ..well("disk", "disk-room", words) },
    };
    let todo = "Make room, or move the data to a larger disk.";
    ill("disk", state, ("disk-short", said), words).todo(todo, NOWHERE)
}

/// How old the newest backup may be.
const BACKUP_AGE_MAX: Duration = Duration(7 * Duration::DAY.0);

/// The backups that were made, and where another is.
const BACKUPS: &str = "/settings?tab=backups";

fn backups(app: &App, now: Timestamp) -> Health {
    let todo = "Make one here or with `cauce backup`, and keep it on another machine.";
    let newest = backups::all(&app.data).first().map(|one| one.at);
    match newest {
        None if app.development => {
            let words = "This is a server for development: it needs no backup.";
            well("backups", "backups-development", words)
        }
        None => {
            let said = ("backups-none", json!({}));
            ill("backups", State::Warn, said, "There is no backup yet.").todo(todo, BACKUPS)
        }
        Some(at) => {
            let words = format!("The newest backup was made {at}.");
            let said = json!({ "at": at });
            if now.since(at) <= BACKUP_AGE_MAX {
                return Health { said, ..well("backups", "backups-made", words) };
            }
            ill("backups", State::Warn, ("backups-old", said), words).todo(todo, BACKUPS)
        }
    }
}

/// How providers stand, and where a test is sent.
const PROVIDERS: &str = "/settings?tab=providers";

fn providers(app: &App) -> Vec<Health> {
    let book = app.book();
    let named = book.list(Kind::Provider).map(|(name, _)| provider(app, name));
    let mut all: Vec<Health> = named.collect();
    for queue in app.allocator.queues() {
        let defined = |name: &String| book.get(Kind::Provider, name).is_some();
        let provider = cauce_core::route::path::first(&queue.path);
        if !queue.partitions.is_empty() && !queue.providers.iter().any(defined) {
            let words = "Messages wait for it, and it is not defined.";
            let todo = "Define it again, or cancel what waits.";
            let (about, said) = (format!("provider {provider}"), ("provider-gone", json!({})));
            all.push(ill(&about, State::Bad, said, words).todo(todo, "/sending"));
        }
    }
    all
}

/// How one provider stands.
fn provider(app: &App, name: &str) -> Health {
    let about = format!("provider {name}");
    let ill = |said, words: String| ill(&about, State::Bad, said, words);
    if let Some(why) = app.observer.said(&trouble_of(Kind::Provider, name)) {
        let todo = "Mend it; messages wait meanwhile and nothing is lost.";
        let words = format!("It cannot be used: {why}.");
        let said = ("provider-unusable", json!({ "why": why }));
        return ill(said, words).todo(todo, &editor("providers", name));
    }
    let answers = app.watch.pace.answers();
    let last = answers.get(name).and_then(|known| known.last.as_ref()).map(|(_, why)| why);
    let breakers = app.allocator.providers(app.node.now());
    let standing = breakers.iter().find(|known| known.name == name);
    if let Some(Breaker::Open { until }) = standing.map(|known| known.breaker) {
        let why = last.map(|why| format!(": {why}")).unwrap_or_default();
        let words = format!("Nothing is given to it until {until}{why}.");
        let todo = "Ask the provider. Its messages go by other legs of their route, or wait.";
        let said = ("provider-stopped", json!({ "until": until, "why": last }));
        return ill(said, words).todo(todo, PROVIDERS);
    }
    if answers.get(name).is_none_or(|answers| !answers.is_failing()) {
        return well(&about, "provider-well", "It takes messages.");
    }
    let words = format!("It is not reached: {}.", last.map(String::as_str).unwrap_or_default());
    let todo = "Ask the provider, or send a test; messages are tried again by themselves.";
    ill(("provider-unreached", json!({ "why": last })), words).todo(todo, PROVIDERS)
}

fn senders(app: &App) -> Vec<Health> {
    let book = app.book();
    let all = book.list(Kind::Sender).filter_map(|(name, _)| {
        let why = app.observer.said(&trouble_of(Kind::Sender, name))?;
        let todo = "Put the key where it is looked for; its messages wait meanwhile.";
        let (about, link) = (format!("sender {name}"), editor("senders", name));
        let said = ("sender-key", json!({ "why": why }));
        Some(ill(&about, State::Bad, said, format!("{why}.")).todo(todo, &link))
    });
    all.collect()
}

/// Senders whose campaigns may not start, by what was found of them within a week.
fn barred(app: &App) -> Vec<Health> {
    let (book, now) = (app.book(), app.node.now());
    let found = book.list(Kind::Sender).filter_map(|(name, _)| {
        let examined = app.watch.examined.believed(name, now)?;
        let why = bulk::barring(&examined.findings).first()?.text.clone();
        let words = format!("No campaign of it may start: {why}.");
        let said = ("sender-barred", json!({ "why": why }));
        let todo = "Publish what it lacks; it is looked at again on that page.";
        let link = format!("{DELIVERABILITY}&sender={}", percent(name));
        Some(ill(&format!("sender {name}"), State::Bad, said, words).todo(todo, &link))
    });
    found.collect()
}

/// Who is told of changes, how each stands, and where one goes on again.
const DESTINATIONS: &str = "/settings?tab=destinations";

fn destinations(app: &App) -> Vec<Health> {
    let shown = app.shown();
    let all = shown.destinations.iter().map(|(name, source)| {
        let about = format!("destination {name}");
        let ill = |state, said, words: String| ill(&about, state, said, words);
        if source.folder.is_some() || source.bucket.is_some() {
            return match snapshot::standing(&app.data, name).last_failure {
                None => well(&about, "destination-snapshots", "Its snapshots are made."),
                Some(why) => {
                    let words = format!("Its last snapshot was not made: {why}.");
                    let said = ("destination-snapshot", json!({ "why": why }));
                    let todo = "Look at the folder or the bucket; it is tried again.";
                    ill(State::Warn, said, words).todo(todo, DESTINATIONS)
                }
            };
        }
        let ok = well(&about, "destination-well", "It is told of every change.");
        let Some(standing) = webhooks::load(&app.data, name) else { return ok };
        if let Some(why) = standing.disabled {
            let words = format!("It is told nothing any more: {why}.");
            let said = ("destination-disabled", json!({ "why": why }));
            return ill(State::Bad, said, words).todo("Mend it, then resume it.", DESTINATIONS);
        }
        let Some(since) = standing.failing_since else { return ok };
        let why = standing.last_failure.unwrap_or_default();
        let words = format!("It has not answered with yes since {since}: {why}.");
        let said = ("destination-failing", json!({ "since": since, "why": why }));
        let todo = "Ask its operator; it is tried again.";
        ill(State::Warn, said, words).todo(todo, DESTINATIONS)
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
        let full = ill("disk", State::Bad, ("disk-short", json!({})), "It is full.");
        assert_eq!(attention(&[full.todo("Make room.", NOWHERE)])[0].link, None);
    }

    #[test]
    fn what_is_to_be_done_does_not_hide_what_else_is() {
        let said = |about: &str| Some(format!("trouble with {about}"));
        let codes: Vec<_> = returned(said).into_iter().map(|one| one.code).collect();
        assert_eq!(codes, ["bounces-held", "refused-tokens", "mail-folder"]);
        let folder = |about: &str| (about == "mail-dir").then(|| "no rights".to_owned());
        assert_eq!(returned(folder).len(), 1);
        assert!(returned(|_| None).is_empty());
    }

    #[test]
    fn events_that_wait_for_their_schema_are_said() {
        let mut said = Said::default();
        assert!(unfit(&said).is_none());
        said.unfit = 60;
        let waits = unfit(&said).unwrap();
        assert_eq!(waits.words, "60 events do not fit their schema, and wait.");
        said.more_unfit = true;
        assert!(unfit(&said).unwrap().words.starts_with("At least 60 events"));
        // What could not be decided is another thing, and nothing is said of these there.
        assert!(!quarantine(&said).words.contains("quarantine"));
    }

    #[test]
    fn letters_are_said_while_there_are_some() {
        let mut said = Said::default();
        assert!(letters(&said).is_none());
        said.letters = 1;
        assert_eq!(letters(&said).unwrap().words, "One message ended because nobody carried it.");
        (said.letters, said.more_letters) = (100, true);
        let many = letters(&said).unwrap();
        assert_eq!((many.code.as_str(), many.state), ("letters-wait-more", State::Warn));
        assert!(many.words.starts_with("At least 100 messages"), "{}", many.words);
    }

    #[test]
    fn what_cannot_be_replayed_is_not_said_to_be() {
        let mut said = Said::default();
        said.quarantined = 2;
        let waits = quarantine(&said);
        assert!(!waits.todo.unwrap().contains("replay"), "an entry of the log has no replay");
    }
}
