//! Drives campaigns: starts scheduled ones, pulls their walks while there is room, notes when they
//! are done.

use crate::app::{App, Refusal};
use crate::control::{Catalogs, Control, Entry, Execution, Steer};
use cauce_core::campaign::{CampaignId, Definition, Part, Stand};
use cauce_core::diagnostic::{Diagnostic, Severity};
use cauce_core::ids::{Partition, TraceId};
use cauce_core::input::{Body, CampaignStep, Input};
use cauce_core::limits;
use cauce_core::message::Channel;
use cauce_core::message::ledger::Term;
use cauce_core::message::life::campaign_path;
use cauce_core::publish::{self, Kind};
use cauce_core::segment::{self, Waits};
use cauce_core::sender::launch::Launch;
use cauce_core::sender::{Weight, bulk};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration as Span, Timestamp};
use cauce_engine::node::Wait;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Profiles that one slice of a walk plans.
const WALK_SLICE: u32 = 250;

/// One execution over all partitions, each term counted by itself.
#[derive(Clone, Debug, Default, serde::Serialize, utoipa::ToSchema)]
pub struct Balance {
    /// Members of the frozen audience.
    pub target: u64,
    /// Members that the walk has come past: each has a message.
    pub planned: u64,
    /// Messages that came with an absorbed profile.
    pub moved_in: u64,
    /// Messages that went with an absorbed profile.
    pub moved_out: u64,
    /// Accepted by a provider.
    pub sent: u64,
    /// Refused by policy.
    pub refused: u64,
    /// Refused by a provider for good, or not renderable.
    pub failed: u64,
    /// May have left.
    pub unknown: u64,
    /// Still waiting.
    pub pending: u64,
    /// Refusals by reason.
    pub refusals: BTreeMap<String, u64>,
    /// Whether planned + moved in − moved out is the sum of the other terms.
    pub balances: bool,
    /// Whether every partition has frozen its part.
    pub frozen: bool,
    /// Whether nothing is left to do anywhere.
    pub done: bool,
}

/// Everything about one execution in every partition.
pub async fn parts(app: &App, id: CampaignId) -> Vec<Option<Arc<Part>>> {
    let mut asked = Vec::new();
    for partition in 0..app.node.partitions() {
        asked.push(app.ask(partition, move |p| match p.rows().get(&Key::Campaign(id)) {
            Some(Row::Campaign(part)) => Some(part),
            _ => None,
        }));
    }
    let mut parts = Vec::new();
    for answer in asked {
        parts.push(answer.await.flatten());
    }
    parts
}

/// Adds the parts up.
pub fn balance(parts: &[Option<Arc<Part>>]) -> Balance {
    let mut sum = Balance { frozen: true, done: true, balances: true, ..Balance::default() };
    for part in parts {
        let Some(part) = part else {
            sum.frozen = false;
            sum.done = false;
            continue;
        };
        sum.target += part.target;
        sum.planned += part.walked;
        sum.moved_in += part.moved_in;
        sum.moved_out += part.moved_out;
        sum.sent += part.term(Term::Sent);
        sum.refused += part.term(Term::Refused);
        sum.failed += part.term(Term::Failed);
        sum.unknown += part.term(Term::Unknown);
        sum.pending += part.term(Term::Pending);
        for (reason, count) in &part.refusals {
            *sum.refusals.entry(reason.clone()).or_default() += count;
        }
        sum.balances &= part.balances();
        sum.done &= part.is_done();
    }
    let terms = sum.sent + sum.refused + sum.failed + sum.unknown + sum.pending;
    sum.balances &= sum.planned + sum.moved_in == terms + sum.moved_out;
    sum
}

/// Of the segments that are named, what a partition has not built.
pub fn unbuilt(p: &cauce_engine::partition::Partition<Catalogs>, named: &[String]) -> Vec<Waits> {
    let rows = p.rows();
    let meta = match rows.get(&Key::Meta) {
        Some(Row::Meta(meta)) => meta,
        _ => Arc::default(),
    };
    let builds = match rows.get(&Key::Builds) {
        Some(Row::Builds(builds)) => builds,
        _ => Arc::default(),
    };
    let catalog = cauce_core::decide::Plans::plan(p.plans(), meta.plan);
    segment::waits(&catalog, &builds, meta.next_number, named)
}

/// What keeps a partition from freezing its part of an audience.
pub(crate) async fn waits(app: &App, partition: Partition, definition: &Definition) -> Vec<Waits> {
    let named: Vec<String> = definition.segments().cloned().collect();
    app.ask(partition, move |p| unbuilt(p, &named)).await.unwrap_or_default()
}

/// What an execution that is not frozen everywhere waits for, in words.
pub async fn waits_for(
    app: &App,
    execution: &Execution,
    parts: &[Option<Arc<Part>>],
) -> Option<String> {
    if execution.stand != Steer::Resume {
        return None;
    }
    let definition = definition(app, execution)?;
    let mut all = Vec::new();
    for (partition, _) in parts.iter().enumerate().filter(|(_, part)| part.is_none()) {
        all.extend(waits(app, partition as Partition, &definition).await);
    }
    segment::in_words(all)
}

/// The trace of all that an execution causes.
pub fn trace(id: CampaignId) -> TraceId {
    TraceId(cauce_core::ids::hash128(&[b"campaign", &id.to_be_bytes()]))
}

fn append(app: &App, partition: Partition, id: CampaignId, step: CampaignStep) {
    let body = Body::Campaign { id, step };
    let input = Input { at: app.node.now(), trace: trace(id), body };
    if let Err(error) = app.node.append(partition, &input, Wait::None) {
        tracing::error!(%error, campaign = id, "a step could not be appended");
    }
}

/// Tells partitions where an execution stands that have not heard of it: the process may have ended
/// between writing it down and telling them.
pub async fn say_again(app: &App, execution: &Execution) -> Result<(), Refusal> {
    let (stand, step) = match execution.stand {
        Steer::Pause => (Stand::Paused, CampaignStep::Pause),
        Steer::Resume => (Stand::Running, CampaignStep::Resume),
        Steer::Cancel => (Stand::Cancelled, CampaignStep::Cancel),
        Steer::Done => return Ok(()),
    };
    let parts = parts(app, execution.id).await;
    for (partition, part) in parts.iter().enumerate() {
        if part.as_ref().is_some_and(|part| part.stand != stand) {
            let body = Body::Campaign { id: execution.id, step: step.clone() };
            app.append_applied(partition as Partition, body, trace(execution.id)).await?;
        }
    }
    Ok(())
}

/// Why a campaign may not start, and what its people should know of if it does: what the large
/// mailbox providers ask, and what the last examination of its sender found. A sender that nobody
/// examined lately is not held back: an installation without a way to the DNS must be able to send.
#[derive(Debug, Default)]
pub struct Launching {
    /// Why it may not.
    pub barred: Option<String>,
    /// What they should know of.
    pub warnings: Vec<String>,
}

/// What is known of a campaign's launch by definitions; nothing where no mail leaves.
fn launch<T>(app: &App, campaign: &Definition, then: impl FnOnce(&Launch<'_>) -> T) -> Option<T> {
    if campaign.channel != Channel::Email {
        return None;
    }
    let control = app.control();
    let known = control.book.get(Kind::Template, &campaign.template);
    let Some(publish::Body::Template(template)) = known.map(|one| &one.body) else { return None };
    let policy = match control.book.get(Kind::Policy, "policy").map(|one| &one.body) {
        Some(publish::Body::Policy(policy)) => policy.clone(),
        _ => cauce_core::policy::Policy::default(),
    };
    let world = |kind| control.book.list(kind).map(|(name, one)| (name, &one.body)).collect();
    Launch::of(world, template, &policy, Some(&app.site.url)).map(|launch| then(&launch))
}

/// How long name servers may take before a campaign starts without what they know.
const EXAMINED_WITHIN: Duration = Duration::from_secs(10);

/// Examines the sender of a campaign that is about to start, where mail goes straight to its
/// readers' servers and nobody has looked lately. Of a relay's mail nobody but the relay knows all.
pub async fn look_first(app: &App, campaign: &Definition) {
    let straight = launch(app, campaign, |launch| {
        let sender = launch.sender.map(|(name, _)| name.to_owned());
        sender.filter(|_| launch.straight)
    });
    let Some(sender) = straight.flatten() else { return };
    if app.watch.examined.believed(&sender, app.node.now()).is_some() {
        return;
    }
    let looked = crate::http::sending::senders::examined(app, &sender);
    // What cannot be found out holds nobody back; the warnings say that nobody looked.
    if tokio::time::timeout(EXAMINED_WITHIN, looked).await.is_err() {
        tracing::warn!(sender, "the sender of a campaign could not be examined in time");
    }
}

/// Looks at a campaign that is about to start.
pub fn launching(app: &App, campaign: &Definition) -> Launching {
    launch(app, campaign, |launch| weigh(app, launch)).unwrap_or_default()
}

fn weigh(app: &App, launch: &Launch<'_>) -> Launching {
    let mut all = Launching::default();
    for fault in launch.judge("campaign") {
        let hint = fault.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        let words = format!("{}{hint}", fault.message);
        match fault.severity {
            Severity::Error => all.barred = all.barred.or(Some(words)),
            Severity::Warning => all.warnings.push(words),
        }
    }
    let Some((name, _)) = launch.sender else { return all };
    let Some(examined) = app.watch.examined.believed(name, app.node.now()) else {
        all.warnings.push(format!(
            "nobody has looked within a week whether the sender `{name}` is in order: `cauce \
             doctor --sender {name}`"
        ));
        return all;
    };
    if let Some(first) = bulk::barring(&examined.findings).first() {
        let why = format!(
            "the sender `{name}` is not in order: {}; `cauce doctor --sender {name}` says what to \
             publish, and looks again",
            first.text
        );
        all.barred = all.barred.or(Some(why));
    }
    let poor = examined.findings.iter().filter(|one| one.weight >= Weight::Warning);
    all.warnings.extend(poor.map(|one| format!("{}: {}", one.about, one.text)));
    all
}

/// The definition that an execution runs.
pub fn definition(app: &App, execution: &Execution) -> Option<Definition> {
    let control = app.control();
    let name = (Kind::Campaign, execution.campaign.clone());
    let revisions = control.book.revisions.get(&name)?;
    let revision = revisions.iter().find(|revision| revision.number == execution.revision)?;
    match &revision.body {
        publish::Body::Campaign(definition) => Some(definition.clone()),
        _ => None,
    }
}

/// The ready queue of an execution.
pub fn path(app: &App, execution: &Execution) -> Option<String> {
    let definition = definition(app, execution)?;
    let plan = app.control().book.plan;
    let base = cauce_core::decide::Plans::plan(&*app.catalogs, plan).path(definition.channel);
    Some(campaign_path(&base, execution.id))
}

/// Says how fast an execution may go. Before anything of it can be granted, or what waits would go
/// as fast as its provider allows.
pub fn pace(app: &App, execution: &Execution) {
    let per_minute = definition(app, execution).and_then(|definition| definition.per_minute);
    if let (Some(path), Some(_)) = (path(app, execution), per_minute) {
        app.throttle_once(&path, per_minute);
    }
}

/// The loop.
pub async fn drive(app: Arc<App>) {
    let mut barred = Barred::default();
    while !app.stopping.is_cancelled() {
        if !app.node.is_clock_held() {
            barred.start_scheduled(&app).await;
        }
        let running: Vec<Execution> = {
            let control = app.control();
            let live = |e: &&Execution| matches!(e.stand, Steer::Resume | Steer::Cancel);
            control.executions.values().filter(live).cloned().collect()
        };
        let mut busy = false;
        for execution in running.iter().filter(|e| e.stand == Steer::Resume) {
            busy |= pull(&app, execution).await;
        }
        let rest = Duration::from_millis(if busy { 10 } else { 250 });
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// Freezes what is not frozen and pulls the next slices. Says whether more is to be done at once.
async fn pull(app: &Arc<App>, execution: &Execution) -> bool {
    let parts = parts(app, execution.id).await;
    let Some(definition) = definition(app, execution) else { return false };
    pace(app, execution);
    let mut busy = false;
    // Nothing is planned before all is frozen: what a merge moves in belongs to a part that counts.
    let mut each = (0..).zip(&parts);
    let frozen = each.all(|(number, part)| part.is_some() || app.allocator.is_stopped(number));
    for (partition, part) in parts.iter().enumerate() {
        let partition = partition as Partition;
        if app.allocator.is_stopped(partition) {
            // It takes nothing: saying it again would only fill its log.
            continue;
        }
        let Some(part) = part else {
            if !waits(app, partition, &definition).await.is_empty() {
                continue; // looked at again in a moment, without a line in the log for each
            }
            // Said again until it is there: a freeze that is repeated changes nothing.
            let (name, revision) = (execution.campaign.clone(), execution.revision);
            append(app, partition, execution.id, CampaignStep::Freeze { name, revision });
            busy = true;
            continue;
        };
        let open = part.term(Term::Pending) as u32;
        if frozen && part.walked < part.target && open + WALK_SLICE <= limits::CAMPAIGN_OPEN_MAX {
            busy = true;
            if app.node.batch_may_append() {
                append(app, partition, execution.id, CampaignStep::Walk { count: WALK_SLICE });
            }
        }
    }
    if balance(&parts).done {
        let entry = Entry::CampaignSteered {
            id: execution.id,
            to: Steer::Done,
            at: app.node.now(),
            by: "cauce".to_owned(),
        };
        if let Err(error) = app.record(entry).await {
            tracing::error!(%error, "the end of a campaign could not be written down");
        }
    }
    busy
}

/// The latest time at or before `now` at which a schedule says "start".
fn occurrence(definition: &Definition, now: Timestamp) -> Option<Timestamp> {
    let first = definition.at.filter(|at| *at <= now)?;
    if definition.monthly { last_of_month(first, now) } else { Some(first) }
}

/// The latest time at or before `now` of those that begin with the first and come every month.
pub fn last_of_month(first: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let zone = jiff::tz::TimeZone::UTC;
    let start = zone.to_datetime(first.to_jiff());
    // The 31st of a short month is its last day: counted from the first time, never drifting.
    (0..12_000)
        .map_while(|months| {
            let next = start.checked_add(jiff::Span::new().months(months)).ok()?;
            let at = Timestamp(zone.to_timestamp(next).ok()?.as_millisecond());
            (at <= now).then_some(at)
        })
        .last()
}

/// Scheduled campaigns whose time has come. A time that passed while the process was down is made
/// up for once, never in a burst. A time before the schedule was published starts nothing: who
/// publishes in the middle of the month, or renames a file, means the times to come.
fn due(control: &Control, now: Timestamp) -> Vec<String> {
    let wanted = control.book.list(Kind::Campaign).filter_map(|(key, revision)| {
        let publish::Body::Campaign(definition) = &revision.body else { return None };
        let at = occurrence(definition, now)?;
        if control.book.scheduled(key).is_none_or(|since| at < since) {
            return None;
        }
        let started = control
            .executions
            .values()
            .any(|execution| execution.campaign == key && execution.started >= at);
        (!started).then(|| key.to_owned())
    });
    wanted.collect()
}

/// Says of changed campaigns that their only time has passed, so that nobody waits for them.
pub fn passed(
    book: &publish::Book,
    changes: &[(publish::Name, Option<publish::Body>)],
    now: Timestamp,
) -> Vec<Diagnostic> {
    let passed = changes.iter().filter_map(|((_, key), body)| {
        let Some(publish::Body::Campaign(definition)) = body else { return None };
        let at = definition.at.filter(|at| *at < now && !definition.monthly)?;
        // A change of anything else of a campaign that had its time is nothing to warn of.
        let known = match book.get(Kind::Campaign, key).map(|revision| &revision.body) {
            Some(publish::Body::Campaign(known)) => known.at,
            _ => None,
        };
        if known == Some(at) {
            return None;
        }
        let message = format!("{at} has passed: it does not start by itself");
        let warning = Diagnostic::warning(format!("campaign/{key}.at"), "time-passed", message);
        Some(warning.hint(format!("`cauce campaign start {key}` starts it")))
    });
    passed.collect()
}

/// Scheduled campaigns that have begun or should have, by the time that is: after a restore they
/// may have left once already.
pub fn due_again(control: &Control, now: Timestamp) -> Vec<(String, Timestamp)> {
    let at = |key: &String| match &control.book.get(Kind::Campaign, key)?.body {
        publish::Body::Campaign(definition) => occurrence(definition, now),
        _ => None,
    };
    let due = due(control, now).into_iter();
    due.filter_map(|key| at(&key).map(|at| (key, at))).collect()
}

/// How long a scheduled campaign that may not start is left alone.
const BARRED_FOR: Span = Span(60_000);

/// What is said of a campaign that should have started: not with a stroke, as of definitions that
/// are equipped again and again.
pub fn trouble_of(campaign: &str) -> String {
    format!("campaign {campaign}")
}

/// Scheduled campaigns that could not be started: under which plan, and when to try again.
#[derive(Default)]
struct Barred {
    until: BTreeMap<String, (u64, Timestamp)>,
}

impl Barred {
    /// Starts what is due. What may not start is said once, to a person; it is tried again after a
    /// while, or when something is published.
    async fn start_scheduled(&mut self, app: &Arc<App>) {
        let now = app.node.now();
        let (due, plan) = {
            let control = app.control();
            (due(&control, now), control.book.plan)
        };
        self.until.retain(|campaign, _| {
            let wanted = due.contains(campaign);
            if !wanted {
                app.observer.say(&trouble_of(campaign), None);
            }
            wanted
        });
        for campaign in due {
            if self.until.get(&campaign).is_some_and(|(of, until)| *of == plan && now < *until) {
                continue;
            }
            match app.start_campaign(&campaign, "schedule").await {
                Ok(_) => {
                    self.until.remove(&campaign);
                    app.observer.say(&trouble_of(&campaign), None);
                }
                Err(error) => {
                    let text =
                        format!("the campaign `{campaign}` was due and cannot start: {error}");
                    app.observer.say(&trouble_of(&campaign), Some(text));
                    self.until.insert(campaign, (plan, now.plus(BARRED_FOR)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_never_drift() {
        let definition = Definition {
            audience: vec!["a".into()],
            exclude: vec![],
            template: "t".into(),
            channel: cauce_core::message::Channel::Email,
            at: Some("2026-01-31T09:00:00Z".parse().unwrap()),
            monthly: true,
            per_minute: None,
        };
        let at = |now: &str| occurrence(&definition, now.parse().unwrap()).map(|at| at.to_string());
        assert_eq!(at("2026-01-31T08:59:59Z"), None);
        assert_eq!(at("2026-02-28T09:00:00Z").as_deref(), Some("2026-02-28T09:00:00Z"));
        assert_eq!(at("2026-03-30T23:00:00Z").as_deref(), Some("2026-02-28T09:00:00Z"));
        assert_eq!(at("2026-03-31T09:00:00Z").as_deref(), Some("2026-03-31T09:00:00Z"));
    }

    /// When a plan was published, of which campaign, and with which schedule; `None` removes it.
    type Published<'t> = (&'t str, &'t str, Option<(&'t str, bool)>);

    /// What starts at a time, when plans were published at others.
    fn check(plans: &[Published<'_>], now: &str, expected: &[&str]) {
        let mut control = Control::default();
        for (number, (published, key, schedule)) in (1..).zip(plans) {
            let text = schedule.map(|(at, monthly)| {
                let document = serde_json::json!({ "audience": [format!("a{number}")],
                    "template": "t", "at": at, "monthly": monthly });
                serde_json::to_string(&publish::Body::read(Kind::Campaign, document).unwrap())
            });
            let plan = publish::Plan {
                number,
                at: published.parse().unwrap(),
                by: String::new(),
                changes: vec![((Kind::Campaign, (*key).to_owned()), text.map(Result::unwrap))],
            };
            control.apply(number, &Entry::Published(plan));
        }
        assert_eq!(due(&control, now.parse().unwrap()), expected, "{plans:?} at {now}");
    }

    #[test]
    fn only_times_after_the_schedule_was_published_start_anything() {
        let monthly = Some(("2026-01-05T09:00:00Z", true));
        let new = ("2026-06-20T12:00:00Z", "m", monthly);
        check(&[new], "2026-06-20T12:00:01Z", &[]);
        check(&[new], "2026-07-05T08:59:59Z", &[]);
        check(&[new], "2026-07-05T09:00:00Z", &["m"]);
        // Other words in it are no new schedule: what passed while the process was down is made up.
        let other = ("2026-07-06T12:00:00Z", "m", monthly);
        check(&[new, other], "2026-07-06T12:00:01Z", &["m"]);
        let moved = ("2026-07-06T12:00:00Z", "m", Some(("2026-01-06T09:00:00Z", true)));
        check(&[new, moved], "2026-07-06T12:00:01Z", &[]);
        let once = Some(("2026-06-01T09:00:00Z", false));
        let early = ("2026-05-01T00:00:00Z", "o", once);
        check(&[early], "2026-06-01T09:00:00Z", &["o"]);
        // Renamed, or away and back again: nobody gets it once more.
        let gone = ("2026-06-02T00:00:00Z", "o", None);
        check(&[early, gone, ("2026-06-03T00:00:00Z", "p", once)], "2026-06-03T00:00:01Z", &[]);
        check(&[early, gone, ("2026-06-03T00:00:00Z", "o", once)], "2026-06-03T00:00:01Z", &[]);
    }
}
