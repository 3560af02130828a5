//! Stories of people: a command, `----`, what happened since the last command.
//!
//! ```text
//! define KIND KEY {json}             event NAME ns:value… prop=value… attr.name=value
//! request TEMPLATE ns:value key=K         [consent=[-]topic[@channel]] [at=-2h] [historical]
//! unsubscribe m1 [topic]             report m1 delivered|bounced|full|blocked|followed|…
//! guard KEEPER up|down               hold-back|confirm-held|undo-held ns:value
//! weigh                              resume-marketing DOMAIN MAILBOX
//! hosted DOMAIN MAILBOX
//! suppress ns:value [reason]          campaign NAME start|pause|resume|cancel
//! lift ns:value
//! remove KIND KEY                    builds stop|go          sending pause|go
//! tick 1h                            provider accept|drop|take-and-drop|refuse-now|… or slow
//! hold ns:value, release             crash, kill, restart
//! confirm m1 topic                   erase ns:value          text FROM TO words
//! upload LIST ns:value k=v… [expires=1h] [off] [as=-2h]
//! seal LIST [as=-2h]                 show list LIST
//! replay [live] [rename a=b] [cast a=number] [remove a]      give-up
//! show profile ns:value | messages | campaign NAME | segment NAME | quarantine | audit
//! ```

mod driving;

use crate::audit::{self, Audit, Rowset};
use crate::machine::{Machine, Shape, Stepped};
use crate::people;
use crate::provider::Fate;
use crate::story;
use crate::words;
use crate::world::{self, BEGIN, World};
use cauce_core::campaign::CampaignId;
use cauce_core::decide::{Plans, home};
use cauce_core::decision::Effect;
use cauce_core::identity;
use cauce_core::ids::{MessageId, Partition as Number, RunId};
use cauce_core::input::{Body, Report};
use cauce_core::journey::Waiting;
use cauce_core::list::{Listed, Member, Stamp, Upload};
use cauce_core::message::ledger::{Message, Source};
use cauce_core::offer;
use cauce_core::policy::Suppression;
use cauce_core::profile::{Alias, ConsentState, Head, Status};
use cauce_core::publish::{self, Kind};
use cauce_core::route::path::first;
use cauce_core::schema::Fix;
use cauce_core::state::{Key, Row};
use cauce_core::time::{Duration, Timestamp};
use cauce_core::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Plays a file; gives it back with what happens today in its lower halves.
#[must_use]
pub fn play(text: &str) -> String {
    let mut player = Player::new();
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() || line.starts_with('#') {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let mut command = vec![line];
        while let Some(line) = lines.next_if(|line| *line != "----" && !line.is_empty()) {
            command.push(line);
        }
        lines.next_if(|line| *line == "----");
        while lines.next_if(|line| !line.is_empty()).is_some() {}
        let happened = player.play(&command.join("\n"));
        out.push_str(&command.join("\n"));
        out.push_str("\n----\n");
        out.push_str(&happened);
        while lines.next_if(|line| line.is_empty()).is_some() {}
        if lines.peek().is_some() {
            out.push('\n');
        }
    }
    out
}

/// What can be told of messages and runs.
#[derive(Default)]
struct View {
    messages: BTreeMap<MessageId, String>,
    runs: BTreeMap<RunId, String>,
}

struct Player {
    machine: Machine,
    fate: Fate,
    fates: BTreeMap<String, Fate>,
    slow: bool,
    held: BTreeSet<Number>,
    labels: BTreeMap<String, String>,
    campaigns: BTreeMap<String, CampaignId>,
    /// Nothing is built for the time being.
    unbuilt: bool,
    before: View,
    events: u128,
}

impl Player {
    fn new() -> Player {
        let world = World::default();
        let mut written = world::basics();
        written.push((Kind::Policy, "policy", world::calm_policy()));
        world.publish(&written);
        let shape = Shape { partitions: 4, window: 64, segment_bytes: 1 << 20, crashes: 0 };
        let mut player = Player {
            machine: Machine::new(shape, Arc::new(world), 1, true),
            fate: Fate::Accept,
            fates: BTreeMap::new(),
            slow: false,
            held: BTreeSet::new(),
            labels: BTreeMap::new(),
            campaigns: BTreeMap::new(),
            unbuilt: false,
            before: View::default(),
            events: 0,
        };
        // The first plan is there before the story begins.
        let _ = player.publish().and_then(|()| player.run());
        player.machine.told.clear();
        player
    }

    fn play(&mut self, command: &str) -> String {
        let (first, rest) = command.split_once([' ', '\n']).unwrap_or((command, ""));
        let answer = self.command(first, rest).unwrap_or_else(|fault| format!("{fault}\n"));
        let mut happened = self.changes();
        happened.push_str(&answer);
        if let Some(violation) = self.machine.violations.first() {
            happened.push_str(&format!("VIOLATION {violation}\n"));
        }
        if happened.is_empty() { "(nothing)\n".to_owned() } else { happened }
    }

    fn command(&mut self, first: &str, rest: &str) -> Result<String, String> {
        let words: Vec<&str> = rest.split_whitespace().collect();
        let word = |n: usize| words.get(n).copied().unwrap_or_default();
        let done = |stepped: Stepped| stepped.map_err(|_| "the machine is down".to_owned());
        match first {
            "define" => self.define(rest)?,
            "remove" => done(self.remove(word(0), word(1))?)?,
            "sending" => {
                let reason = (word(0) == "pause").then(|| "somebody said so".to_owned());
                done(self.everywhere(&Body::Pause { reason }))?;
            }
            "builds" => {
                self.unbuilt = word(0) == "stop";
                done(self.run())?;
            }
            "event" | "request" | "unsubscribe" | "confirm" | "text" | "erase" => {
                for body in self.said(first, &words)? {
                    done(self.put(body))?;
                }
            }
            "upload" | "seal" => done(self.lists(first, &words)?)?,
            "replay" | "give-up" => done(self.replay(first == "replay", &fix(&words)?))?,
            "report" => {
                let kind = words::report_kind(word(1))?;
                let (message, at) = (self.message(word(0))?, self.machine.now);
                done(self.put(Body::Report(Report { message, at, kind })))?;
            }
            "suppress" | "lift" => {
                let at = self.machine.now;
                let reason = words.get(1).copied().unwrap_or("manual").to_owned();
                let set = || Suppression { reason, evidence: "desk".into(), at };
                let suppression = (first == "suppress").then(set);
                done(self.put(Body::Suppress { address: named(word(0))?, suppression }))?;
            }
            "weigh" => done(self.weigh())?,
            "resume-marketing" => done(self.everywhere(&words::resumed(&words)))?,
            "hosted" => done(self.everywhere(&words::hosted(&words)))?,
            "guard" => done(self.guard(word(0), word(1) == "up"))?,
            "hold-back" => {
                let since = self.machine.now.minus(Duration::HOUR);
                done(self.put(Body::HoldBack { address: named(word(0))?, since }))?;
            }
            "confirm-held" | "undo-held" => {
                let confirm = first == "confirm-held";
                done(self.put(Body::Release { address: named(word(0))?, confirm }))?;
            }
            "campaign" => done(self.campaign(word(0), word(1)))?,
            "tick" => {
                let span: Duration = word(0).parse().map_err(|_| "how long?".to_owned())?;
                done(self.pass(span))?;
            }
            "provider" => done(self.provider(&words)?)?,
            "revive" => done(self.revive(word(0))?)?,
            "hold" => {
                self.held.insert(home(&named(word(0))?, self.machine.shape.partitions));
            }
            "release" => {
                self.held.clear();
                done(self.run())?;
            }
            "crash" | "kill" => {
                self.machine.crash(first == "crash");
            }
            "restart" => {
                self.machine.start();
                done(self.run())?;
            }
            "show" => return self.show(&words),
            other => return Err(format!("`{other}` is no command")),
        }
        Ok(String::new())
    }

    // --- commands ----------------------------------------------------------------------------

    /// What people say, do and ask for.
    fn said(&mut self, first: &str, words: &[&str]) -> Result<Vec<Body>, String> {
        let word = |n: usize| words.get(n).copied().unwrap_or_default();
        let consent = |own: &Self, topic: &str, state: ConsentState| {
            let facts = vec![people::fact(topic, state)];
            Ok::<_, String>(Body::Consent { message: own.message(word(0))?, facts })
        };
        let one = match first {
            "event" => self.event(words)?,
            "request" => words::request(words),
            "unsubscribe" => {
                let topic = if words.len() > 1 { word(1) } else { "*" };
                consent(self, topic, ConsentState::Withdrawn)?
            }
            "confirm" => consent(self, word(1), ConsentState::Granted)?,
            "erase" => {
                let wish = people::wish(self.machine.now);
                Body::Erase { alias: named(word(0))?, wish }
            }
            _ => {
                self.events += 1;
                let book = self.machine.world.book();
                return words::texted(&book, words, self.events, self.machine.now);
            }
        };
        Ok(vec![one])
    }

    /// What the provider does from here on; one of several, if it is named.
    fn provider(&mut self, words: &[&str]) -> Result<Stepped, String> {
        let fate: Fate = words.first().copied().unwrap_or_default().parse()?;
        match words.get(1) {
            Some(name) => drop(self.fates.insert((*name).to_owned(), fate)),
            None => self.fate = fate,
        }
        self.slow = words.first() == Some(&"slow");
        Ok(self.run())
    }

    /// Tries a dead letter again.
    fn revive(&mut self, label: &str) -> Result<Stepped, String> {
        let body = Body::Revive { messages: vec![self.message(label)?] };
        for number in 0..self.machine.shape.partitions {
            if self.machine.append(number, self.machine.now, body.clone()).is_err() {
                return Ok(Err(crate::machine::Down));
            }
        }
        Ok(self.run())
    }

    fn define(&mut self, rest: &str) -> Result<(), String> {
        let mut parts = rest.splitn(3, char::is_whitespace);
        let (kind, key) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let kind: Kind = kind.parse()?;
        let document = serde_json::from_str(parts.next().unwrap_or_default());
        let document = document.map_err(|error| error.to_string())?;
        let body = publish::Body::read(kind, document)?;
        let changes = vec![((kind, key.to_owned()), Some(body))];
        let verdict = publish::check(&self.machine.world.book(), &changes);
        let error = |fault: &&cauce_core::diagnostic::Diagnostic| {
            fault.severity == cauce_core::diagnostic::Severity::Error
        };
        if let Some(fault) = verdict.diagnostics.iter().find(error) {
            return Err(format!("{}: {}", fault.path, fault.message));
        }
        self.machine.world.publish_bodies(changes);
        self.publish().and_then(|()| self.run()).map_err(|_| "down".to_owned())
    }

    fn publish(&mut self) -> Stepped {
        let plan = self.machine.world.book().plan;
        for number in 0..self.machine.shape.partitions {
            self.machine.append(number, self.machine.now, Body::Publish { plan })?;
        }
        Ok(())
    }

    fn guard(&mut self, keeper: &str, up: bool) -> Stepped {
        self.everywhere(&Body::Guard { keeper: keeper.to_owned(), up })
    }

    fn everywhere(&mut self, body: &Body) -> Stepped {
        for number in 0..self.machine.shape.partitions {
            self.machine.append(number, self.machine.now, body.clone())?;
        }
        self.run()
    }

    /// What the process does after complaints.
    fn weigh(&mut self) -> Stepped {
        for body in words::weighed(&self.rows(), self.machine.now) {
            self.everywhere(&body)?;
        }
        self.run()
    }

    fn event(&mut self, words: &[&str]) -> Result<Body, String> {
        self.events += 1;
        let name = words.first().ok_or("which event?")?;
        let (mut aliases, mut rest) = (Vec::new(), Vec::new());
        for word in &words[1..] {
            match named(word) {
                Ok(alias) => aliases.push(alias),
                Err(_) => rest.push(*word),
            }
        }
        let mut event = people::event(self.events, name, aliases, self.machine.now);
        for word in rest {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            match key {
                "historical" => event.historical = true,
                "id" => event.id = cauce_core::ids::EventId(value.parse().unwrap_or_default()),
                "at" => event.occurred_at = words::moved(event.occurred_at, value)?,
                "consent" => event.consents.push(words::consent(value)?),
                _ => {
                    let value = match value.parse::<i64>() {
                        Ok(number) => Value::from(number),
                        Err(_) => Value::from(value),
                    };
                    match key.strip_prefix("attr.") {
                        Some(attribute) => event.attributes.insert(attribute.to_owned(), value),
                        None => event.properties.insert(key.to_owned(), value),
                    };
                }
            }
        }
        if event.aliases.is_empty() {
            return Err("whose event?".to_owned());
        }
        self.namespaces().sort(&mut event.aliases);
        Ok(Body::Event(Box::new(event)))
    }

    /// A row of a list, or the end of an upload that replaces it.
    fn lists(&mut self, first: &str, words: &[&str]) -> Result<Stepped, String> {
        if first == "upload" {
            let body = self.upload(words)?;
            return Ok(self.put(body));
        }
        let upload = self.upload_of(words)?;
        let list = words.first().copied().unwrap_or_default().to_owned();
        let body = Body::ListSealed { list, upload };
        for number in 0..self.machine.shape.partitions {
            if let Err(down) = self.machine.append(number, self.machine.now, body.clone()) {
                return Ok(Err(down));
            }
        }
        Ok(self.run())
    }

    /// As of when an upload speaks.
    fn upload_of(&self, words: &[&str]) -> Result<Upload, String> {
        let mut at = self.machine.now;
        if let Some(ago) = words.iter().find_map(|word| word.strip_prefix("as=-")) {
            at = at.minus(ago.parse::<Duration>().map_err(|_| "as of when?")?);
        }
        Ok(Upload { at, id: 0 })
    }

    fn upload(&mut self, words: &[&str]) -> Result<Body, String> {
        self.events += 1;
        let list = words.first().copied().unwrap_or_default().to_owned();
        let upload = self.upload_of(words)?;
        let alias = words.iter().find_map(|word| named(word).ok()).ok_or("who?")?;
        let mut member = Member { payload: BTreeMap::new(), expires: None };
        for (name, value) in words[1..].iter().filter_map(|word| word.split_once('=')) {
            if name == "expires" {
                let span: Duration = value.parse().map_err(|_| "for how long?")?;
                member.expires = Some(upload.at.plus(span));
            } else if name != "as" {
                member.payload.insert(name.to_owned(), Value::from(value));
            }
        }
        let member = (!words.contains(&"off")).then_some(member);
        let stamp = Stamp { upload, row: self.events as u64 };
        let source = "story".to_owned();
        Ok(Body::Listed(Box::new(Listed { list, alias, stamp, source, member })))
    }

    fn namespaces(&self) -> identity::Namespaces {
        let plan = self.machine.world.book().plan;
        self.machine.world.plan(plan).namespaces.clone()
    }

    fn put(&mut self, body: Body) -> Stepped {
        let to = people::entry(&body, self.machine.shape.partitions);
        self.machine.append(to, self.machine.now, body)?;
        self.run()
    }

    /// Tries everything that waits again, or gives it up.
    fn replay(&mut self, again: bool, fix: &Fix) -> Stepped {
        for number in 0..self.machine.shape.partitions {
            let (low, high) = Key::unfit();
            let rows = self.machine.partitions[usize::from(number)].rows();
            let rows = cauce_core::state::Rows::range(rows, &low, &high, usize::MAX);
            let places = rows.into_iter().filter_map(|(key, _)| match key {
                Key::Unfit(position) => Some(position),
                _ => None,
            });
            let positions: Vec<_> = places.collect();
            if positions.is_empty() {
                continue;
            }
            let body = if again {
                Body::Replay { positions, fix: fix.clone() }
            } else {
                Body::GiveUp { positions, why: "nobody needs it".to_owned() }
            };
            // Said twice, done once.
            self.machine.append(number, self.machine.now, body.clone())?;
            self.machine.append(number, self.machine.now, body)?;
        }
        self.run()
    }

    fn pass(&mut self, span: Duration) -> Stepped {
        let until = self.machine.now.plus(span);
        loop {
            self.run()?;
            let due = self.machine.partitions.iter().flat_map(|partition| {
                let paths = partition.paths().into_iter().map(|(_, due)| due);
                paths.chain(partition.next_timer())
            });
            match due.filter(|due| *due > self.machine.now).min().filter(|due| *due <= until) {
                Some(due) => self.machine.now = due,
                None => break,
            }
        }
        self.machine.now = until;
        self.run()
    }

    /// Everything that can happen now.
    fn run(&mut self) -> Stepped {
        loop {
            self.settle()?;
            let before = self.machine.log.as_ref().map_or(0, cauce_store::Log::pending_bytes);
            for number in 0..self.machine.shape.partitions {
                if self.held.contains(&number) {
                    continue;
                }
                self.machine.tick(number)?;
                if !self.unbuilt {
                    self.machine.build(number)?;
                }
                self.machine.grant(number)?;
                self.drive(number)?;
            }
            let waiting: Vec<MessageId> = self.machine.flights.keys().copied().collect();
            for message in waiting.into_iter().filter(|_| !self.slow) {
                let by = self.machine.flights.get(&message).map(|f| f.handed.provider());
                let fate = by.and_then(|by| self.fates.get(by)).copied().unwrap_or(self.fate);
                self.machine.begin(message, fate)?;
            }
            self.machine.end()?;
            let after = self.machine.log.as_ref().map_or(0, cauce_store::Log::pending_bytes);
            if before == after {
                return Ok(());
            }
        }
    }

    fn settle(&mut self) -> Stepped {
        loop {
            self.machine.sync()?;
            let mut taken = false;
            for number in 0..self.machine.shape.partitions {
                while !self.held.contains(&number) && self.machine.take(number)? {
                    taken = true;
                }
            }
            if !taken {
                return Ok(());
            }
        }
    }

    // --- answers -----------------------------------------------------------------------------

    fn rows(&self) -> Vec<Rowset> {
        self.machine.partitions.iter().filter_map(|p| audit::rows_of(p).ok()).collect()
    }

    fn label(&mut self, letter: char, name: String) -> String {
        let count = self.labels.values().filter(|label| label.starts_with(letter)).count();
        self.labels.entry(name).or_insert_with(|| format!("{letter}{}", count + 1)).clone()
    }

    fn message(&self, label: &str) -> Result<MessageId, String> {
        let known = self.before.messages.keys();
        let mut named =
            known.filter(|id| self.labels.get(&id.to_string()).is_some_and(|l| l == label));
        named.next().copied().ok_or_else(|| format!("there is no message {label}"))
    }

    /// What changed since the last command.
    fn changes(&mut self) -> String {
        if !self.machine.is_up() {
            return String::new();
        }
        let rows = self.rows();
        let told = std::mem::take(&mut self.machine.told);
        let mut out = Vec::new();
        for (_, effect) in &told {
            match effect {
                Effect::Membership(change) if is_told(&change.name) => {
                    let who = self.label('p', change.profile.to_string());
                    let word = if change.inside { "enters" } else { "leaves" };
                    let cause = format!("{:?}", change.cause).to_lowercase();
                    out.push(format!("{who} {word} {} ({cause})", change.name));
                }
                Effect::Note(note) => out.push(format!("note {}: {}", note.code, note.text)),
                Effect::Membership(_)
                | Effect::HandOver(_)
                | Effect::Revoke(_)
                | Effect::Hop { .. }
                | Effect::Queued { .. }
                | Effect::WakeAt(_)
                | Effect::Answered { .. }
                | Effect::Heard { .. }
                | Effect::Replied { .. }
                | Effect::For(_) => {}
            }
        }
        let view = self.view(&rows);
        for (id, shown) in &view.runs {
            if self.before.runs.get(id) != Some(shown) {
                out.push(shown.clone());
            }
        }
        for (id, _) in self.before.runs.iter().filter(|(id, _)| !view.runs.contains_key(id)) {
            out.push(format!("run {} ends", self.labels[&id.to_string()]));
        }
        for (id, shown) in &view.messages {
            if self.before.messages.get(id) != Some(shown) {
                out.push(shown.clone());
            }
        }
        self.before = view;
        let mut text: String = out.iter().map(|line| format!("{line}\n")).collect();
        for (id, label) in &self.labels {
            text = text.replace(id, label);
        }
        text
    }

    fn view(&mut self, rows: &[Rowset]) -> View {
        let mut view = View::default();
        let mut messages: Vec<&Message> = Vec::new();
        for (key, row) in rows.iter().flatten() {
            match (key, row) {
                (Key::Run(_, id), Row::Run(run)) => {
                    let label = self.label('r', id.to_string());
                    let until = match run.waiting {
                        Waiting::Until(at) => format!("waits until {}", since(at)),
                        Waiting::For { until } => {
                            format!("waits for an event until {}", since(until))
                        }
                    };
                    let keyed =
                        if run.key.is_empty() { String::new() } else { format!("[{}]", run.key) };
                    view.runs.insert(*id, format!("run {label} of {}{keyed} {until}", run.journey));
                }
                (Key::Message(_), Row::Message(message)) => messages.push(message),
                _ => {}
            }
        }
        messages.sort_by_key(|message| (message.created, message.id));
        for message in messages {
            let label = self.label('m', message.id.to_string());
            view.messages.insert(message.id, shown(&label, message));
        }
        view
    }

    fn show(&mut self, words: &[&str]) -> Result<String, String> {
        let rows = self.rows();
        let word = |n: usize| words.get(n).copied().unwrap_or_default();
        match word(0) {
            "profile" => {
                let alias = named(word(1))?;
                let head = find(&rows, &alias).ok_or("there is no such profile")?;
                Ok(self.profile(head))
            }
            "messages" => {
                let mut messages: Vec<_> = self.before.messages.values().cloned().collect();
                messages.sort();
                Ok(messages.iter().map(|message| format!("{message}\n")).collect())
            }
            "campaign" => {
                let id = self.campaigns.get(word(1)).copied().unwrap_or_default();
                let waits = self.waits(id).map(|why| format!("{why}\n")).unwrap_or_default();
                Ok(format!("{}{waits}", words::balance(&rows, id)))
            }
            "segment" => {
                let catalog = self.machine.world.plan(self.machine.world.book().plan);
                let segment = catalog.segment(word(1)).ok_or("there is no such segment")?;
                let inside = |head: &&Head| {
                    head.segments.get(&segment.number).is_some_and(|state| state.inside)
                };
                let heads = rows.iter().flat_map(|rows| rows.values()).filter_map(head_of);
                let names = heads.filter(inside).map(names_of);
                let mut names: Vec<String> = names.collect();
                names.sort();
                Ok(names.iter().map(|names| format!("{names}\n")).collect())
            }
            "list" => Ok(on_list(&rows, word(1))),
            "steps" => Ok(words::steps(&rows, self.message(word(1))?)),
            "complaints" => Ok(words::complaints(&rows)),
            "quarantine" => Ok(waiting(&rows)),
            "audit" => {
                let mut audit = Audit::new(&rows);
                audit.always();
                audit.erased_are_gone();
                audit.devices_are_held();
                Ok(audit.found.iter().map(|found| format!("{found}\n")).collect())
            }
            other => Err(format!("`{other}` cannot be shown")),
        }
    }

    fn profile(&self, head: &Head) -> String {
        let mut lines = vec![names_of(head)];
        for (name, attribute) in head.attributes.iter().filter(|(name, _)| *name != "email") {
            lines.push(format!("{name} = {}", attribute.value));
        }
        for consent in head.consents.values() {
            lines.push(format!("{} {}", consent.fact.topic, consent.fact.state));
        }
        for (address, suppression) in &head.suppressions {
            lines.push(format!("{address} suppressed: {}", suppression.reason));
        }
        lines.extend(audit::devices::shown(&self.rows(), head));
        if !head.pending.is_empty() {
            lines.push(format!("{} identity questions open", head.pending.len()));
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// Segments of people, and those of whom others may be told.
fn is_told(name: &str) -> bool {
    !name.starts_with(publish::HIDDEN) || name.starts_with("~shared/")
}

/// Who is on a list, with what was said of them.
fn on_list(rows: &[Rowset], list: &str) -> String {
    let mut lines = Vec::new();
    for (key, row) in rows.iter().flatten() {
        let (Key::Lists(_), Row::Lists(lists)) = (key, row) else { continue };
        for (alias, entry) in lists.get(list).into_iter().flatten() {
            let Some(member) = &entry.member else { continue };
            let said = member.payload.iter().map(|(name, v)| format!(" {name}={v}"));
            let ends = member.expires.map(|at| format!(" until {}", since(at)));
            lines.push(format!(
                "{alias}{}{}\n",
                said.collect::<String>(),
                ends.unwrap_or_default()
            ));
        }
    }
    lines.sort();
    lines.concat()
}

/// What waits in quarantine, and why.
fn waiting(rows: &[Rowset]) -> String {
    let waiting = rows.iter().flat_map(|rows| rows.values());
    let waiting = waiting.filter_map(|row| match row {
        Row::Unfit(unfit) => Some(unfit),
        _ => None,
    });
    let mut lines: Vec<String> = waiting
        .map(|unfit| {
            let faults = unfit.faults.iter().map(ToString::to_string);
            let faults: Vec<_> = faults.collect();
            let (event, tries) = (&unfit.event, unfit.tries);
            format!("{} {}, tried {tries}: {}\n", event.id, event.name, faults.join("; "))
        })
        .collect();
    lines.sort();
    lines.concat()
}

/// What is mended before a replay.
fn fix(words: &[&str]) -> Result<Fix, String> {
    let mut fix = Fix::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut pair = || {
            let next = rest.next().copied().unwrap_or_default();
            let (path, to) = next.split_once('=').unwrap_or((next, ""));
            (path.to_owned(), to.to_owned())
        };
        match *word {
            "live" => fix.live = true,
            "rename" => {
                let (path, to) = pair();
                fix.rename.insert(path, to);
            }
            "cast" => {
                let (path, to) = pair();
                fix.cast.insert(path, to.parse()?);
            }
            "remove" => {
                fix.remove.insert(pair().0);
            }
            other => return Err(format!("`{other}` mends nothing")),
        }
    }
    Ok(fix)
}

fn shown(label: &str, message: &Message) -> String {
    let source = match &message.source {
        Source::Journey { journey, .. } => journey.clone(),
        Source::Campaign { campaign, .. } => campaign.clone(),
        Source::Api { .. } => "request".to_owned(),
    };
    let mut to = message.attempts.last().map_or(String::new(), |attempt| {
        let devices = cauce_core::device::fates::devices(attempt).count();
        if devices > 0 {
            format!(" to {devices} devices")
        } else {
            format!(" to {}", attempt.address)
        }
    });
    let by = message.attempts.last().map(|attempt| message.provider_of(attempt));
    if let Some(by) = by.filter(|by| *by != first(&message.path)) {
        to.push_str(&format!(" by {by}"));
    }
    for (placement, offer) in offer::carried(message) {
        let offer = offer.unwrap_or("nothing");
        to.push_str(&format!(" with {offer} in {placement}"));
    }
    let tries = match message.tries() {
        0 | 1 => String::new(),
        n => format!(" (attempt {n})"),
    };
    format!(
        "{label} `{}` of {source}{to} {}{tries}",
        message.template.0,
        story::state(&message.state)
    )
}

fn head_of(row: &Row) -> Option<&Head> {
    match row {
        Row::Head(head) if head.status == Status::Live => Some(head),
        _ => None,
    }
}

fn names_of(head: &Head) -> String {
    head.aliases.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn find<'r>(rows: &'r [Rowset], alias: &Alias) -> Option<&'r Head> {
    let mut heads = rows.iter().flat_map(|rows| rows.values()).filter_map(head_of);
    heads.find(|head| head.aliases.contains(alias))
}

fn since(at: Timestamp) -> String {
    format!("+{}", at.since(BEGIN))
}

/// A name as stories write it: `namespace:value`.
pub fn named(word: &str) -> Result<Alias, String> {
    let (namespace, value) = word.split_once(':').ok_or("an alias is `namespace:value`")?;
    if namespace.contains('=') {
        return Err("an alias is `namespace:value`".to_owned());
    }
    identity::canonical(namespace, value).map_err(str::to_owned)
}
