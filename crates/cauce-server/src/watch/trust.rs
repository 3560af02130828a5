//! What mailbox providers think of us: complaints among delivered marketing by mailbox provider and
//! day, who is paused for them, and what the last examination of each sender found.
//!
//! Marketing only: what somebody asked for is neither counted nor held back. Kept in one small file
//! without a name or an address of anybody; what was counted in the last seconds before a crash is
//! lost, which moves a share by less than it is judged by.

use crate::app::App;
use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::ids::MessageId;
use cauce_core::message::Class;
use cauce_core::sender::bulk::{Rules, Standing};
use cauce_core::sender::{Finding, mailbox};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Limit: days that are kept.
const DAYS_MAX: usize = 60;
/// Limit: reports remembered, so that who says it twice counts once; when it is full, all are
/// forgotten.
const HEARD_MAX: usize = 200_000;
/// How often what was counted is written down.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// How long a paused message waits before it is asked for again.
const PAUSED_S: u32 = 1_800;
/// How long an examination is believed.
const EXAMINED_MS: i64 = 7 * 86_400_000;

/// What was counted of one mailbox provider on one day (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    /// Messages that a server took.
    pub accepted: u64,
    /// Messages that reached the mailbox, as far as somebody reports that.
    pub delivered: u64,
    /// Readers who called it spam.
    pub complaints: u64,
}

impl Counts {
    /// Among how many messages complaints are counted: those that reached the mailbox, where that
    /// is reported for most; else those that were taken.
    pub fn among(&self) -> u64 {
        if self.delivered * 2 >= self.accepted { self.delivered } else { self.accepted }
    }

    fn less(&self, other: &Counts) -> Counts {
        Counts {
            accepted: self.accepted.saturating_sub(other.accepted),
            delivered: self.delivered.saturating_sub(other.delivered),
            complaints: self.complaints.saturating_sub(other.complaints),
        }
    }
}

/// Why marketing to a mailbox provider stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Paused {
    /// Since when.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// What was counted by then.
    pub counts: Counts,
}

/// What an examination found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// When.
    pub at: Timestamp,
    /// What.
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Kept {
    days: BTreeMap<String, BTreeMap<String, Counts>>,
    paused: BTreeMap<String, Paused>,
    /// What somebody has seen who let it go on: counted again from there.
    forgiven: BTreeMap<String, (String, Counts)>,
    examined: BTreeMap<String, Examined>,
}

/// What was reported of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Said {
    /// It reached the mailbox.
    Delivered,
    /// The reader called it spam.
    Complained,
}

/// See the module.
pub struct Trust {
    file: PathBuf,
    /// The figures.
    pub rules: Rules,
    kept: Mutex<(Kept, bool)>,
    /// Marketing under way: to which mailbox provider. The windows of the providers bound it.
    flying: Mutex<HashMap<MessageId, &'static str>>,
    reports: UnboundedSender<(MessageId, Said)>,
    heard: Mutex<Option<UnboundedReceiver<(MessageId, Said)>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

impl Trust {
    /// Reads what was kept.
    pub fn open(data: &Path) -> Trust {
        let file = data.join("trust.json");
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::error!(%error, "what was counted of complaints cannot be read");
                Kept::default()
            }),
            Err(_) => Kept::default(),
        };
        let (reports, heard) = unbounded_channel();
        Trust {
            file,
            rules: Rules::shipped(),
            kept: Mutex::new((kept, false)),
            flying: Mutex::default(),
            reports,
            heard: Mutex::new(Some(heard)),
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = locked(&self.kept);
        kept.1 = true;
        change(&mut kept.0)
    }

    /// A message is about to leave: why it may not, if it is marketing to a mailbox provider that
    /// is paused. As if that provider had asked for less, so that the message waits and nothing is
    /// held against the way out.
    pub fn bars(&self, message: MessageId, class: Class, address: &str) -> Option<Outcome> {
        if class == Class::Transactional {
            return None;
        }
        let mailbox = mailbox(address);
        let kept = locked(&self.kept);
        let Some(paused) = kept.0.paused.get(mailbox) else {
            drop(kept);
            locked(&self.flying).insert(message, mailbox);
            return None;
        };
        let text = format!(
            "marketing to {mailbox} is paused since {}: {} complaints among {} messages; nothing \
             was sent",
            paused.since,
            paused.counts.complaints,
            paused.counts.among()
        );
        Some(Outcome::Refused {
            stage: Stage::Recipient,
            code: 451,
            enhanced: Some(Enhanced(4, 4, 5)),
            text,
            retry_after_s: Some(PAUSED_S),
        })
    }

    /// An attempt came to its end.
    pub fn ended(&self, message: MessageId, outcome: &Outcome, at: Timestamp) {
        let Some(mailbox) = locked(&self.flying).remove(&message) else { return };
        if matches!(outcome, Outcome::Accepted { .. }) {
            self.count(mailbox, at, |counts| counts.accepted += 1);
        }
    }

    /// Something was reported of a message; whose it is, is looked up elsewhere.
    pub fn reported(&self, message: MessageId, said: Said) {
        // The reader is gone only when the process ends.
        let _ = self.reports.send((message, said));
    }

    fn count(&self, mailbox: &str, at: Timestamp, add: impl FnOnce(&mut Counts)) {
        self.change(|kept| {
            let today = kept.days.entry(day(at)).or_default();
            add(today.entry(mailbox.to_owned()).or_default());
            while kept.days.len() > DAYS_MAX {
                kept.days.pop_first();
            }
        });
    }

    /// Counts what was said of marketing to a mailbox provider, and pauses it where the share of
    /// complaints asks for that; true if it has just been paused.
    fn hear(&self, mailbox: &str, said: Said, at: Timestamp) -> bool {
        self.count(mailbox, at, |counts| match said {
            Said::Delivered => counts.delivered += 1,
            Said::Complained => counts.complaints += 1,
        });
        if said == Said::Delivered {
            return false;
        }
        self.change(|kept| {
            let counts = fresh(kept, mailbox, &day(at));
            let standing = self.rules.judge(mailbox, counts.among(), counts.complaints);
            if standing != Standing::Pause || kept.paused.contains_key(mailbox) {
                return false;
            }
            kept.paused.insert(mailbox.to_owned(), Paused { since: at, counts });
            true
        })
    }

    /// Lets marketing to a mailbox provider go on; what was counted today is forgiven. False if it
    /// was not paused.
    pub fn resume(&self, mailbox: &str, at: Timestamp) -> bool {
        self.change(|kept| {
            if kept.paused.remove(mailbox).is_none() {
                return false;
            }
            let day = day(at);
            let today = kept.days.get(&day).and_then(|all| all.get(mailbox));
            let seen = today.copied().unwrap_or_default();
            kept.forgiven.insert(mailbox.to_owned(), (day, seen));
            true
        })
    }

    /// Who is paused.
    pub fn paused(&self) -> BTreeMap<String, Paused> {
        locked(&self.kept).0.paused.clone()
    }

    /// What was counted, by day and mailbox provider.
    pub fn days(&self) -> BTreeMap<String, BTreeMap<String, Counts>> {
        locked(&self.kept).0.days.clone()
    }

    /// How each mailbox provider stands today.
    pub fn standings(&self, at: Timestamp) -> BTreeMap<String, (Counts, Standing)> {
        let kept = locked(&self.kept);
        let today = day(at);
        let names = kept.0.days.get(&today).into_iter().flat_map(|all| all.keys());
        let of = |name: &String| {
            let counts = fresh(&kept.0, name, &today);
            let standing = self.rules.judge(name, counts.among(), counts.complaints);
            (name.clone(), (counts, standing))
        };
        names.map(of).collect()
    }

    /// Keeps what an examination of a sender found.
    pub fn examined(&self, sender: &str, examined: Examined) {
        self.change(|kept| kept.examined.insert(sender.to_owned(), examined));
    }

    /// What the last examination of each sender found.
    pub fn examinations(&self) -> BTreeMap<String, Examined> {
        locked(&self.kept).0.examined.clone()
    }

    /// What the last examination of a sender found, if it is not too old to be believed.
    pub fn examination(&self, sender: &str, at: Timestamp) -> Option<Examined> {
        let kept = locked(&self.kept);
        kept.0.examined.get(sender).filter(|one| at.since(one.at).0 < EXAMINED_MS).cloned()
    }

    /// Writes down what has changed.
    fn write(&self) -> anyhow::Result<()> {
        let text = {
            let mut kept = locked(&self.kept);
            if !std::mem::take(&mut kept.1) {
                return Ok(());
            }
            serde_json::to_vec(&kept.0)?
        };
        let beside = self.file.with_extension("new");
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, &self.file)?;
        Ok(())
    }
}

/// What was counted on a day since somebody forgave.
fn fresh(kept: &Kept, mailbox: &str, day: &str) -> Counts {
    let all = kept.days.get(day).and_then(|all| all.get(mailbox)).copied().unwrap_or_default();
    match kept.forgiven.get(mailbox) {
        Some((forgiven, seen)) if forgiven == day => all.less(seen),
        _ => all,
    }
}

/// Looks up whose messages reports are about, counts them, and writes down what was counted.
pub async fn drive(app: Arc<App>) {
    let trust = &app.watch.trust;
    let Some(mut reports) = locked(&trust.heard).take() else { return };
    let mut heard = HashSet::new();
    let mut tick = tokio::time::interval(WRITE_EVERY);
    loop {
        let next = tokio::select! {
            next = reports.recv() => next,
            _ = tick.tick() => {
                if let Err(error) = trust.write() {
                    tracing::error!(%error, "what was counted of complaints cannot be written");
                }
                continue;
            }
            () = app.stopping.cancelled() => None,
        };
        let Some((message, said)) = next else { break };
        if heard.len() >= HEARD_MAX {
            heard.clear();
        }
        if !heard.insert((message, said)) {
            continue;
        }
        let row = crate::http::v1::messages::find(&app, message).await;
        let Ok(Some(row)) = row else { continue };
        let address = row.attempts.last().map(|attempt| attempt.address.as_str());
        let (Some(address), false) = (address, row.class == Class::Transactional) else { continue };
        let mailbox = mailbox(address);
        if trust.hear(mailbox, said, app.node.now()) {
            tracing::error!(mailbox, "marketing is paused: too many readers call it spam");
            let _ = trust.write();
        }
    }
    let _ = trust.write();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp(1_795_000_000_000 + hour * 3_600_000)
    }

    fn send(trust: &Trust, count: u128, address: &str) {
        for id in 0..count {
            assert_eq!(trust.bars(MessageId(id), Class::Bulk, address), None);
            let taken = Outcome::Accepted { id: None, text: String::new() };
            trust.ended(MessageId(id), &taken, at(0));
        }
    }

    #[test]
    fn complaints_pause_marketing_to_one_mailbox_provider_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let trust = Trust::open(folder.path());
        send(&trust, 2_000, "ada@gmail.com");
        for _ in 0..5 {
            assert!(!trust.hear("google", Said::Complained, at(0)));
        }
        assert_eq!(trust.standings(at(0))["google"].1, Standing::Alert);
        assert!(trust.hear("google", Said::Complained, at(0)), "six of 2,000");
        assert!(!trust.hear("google", Said::Complained, at(0)), "once");
        let bars = |class, address| trust.bars(MessageId(9), class, address).is_some();
        assert!(bars(Class::Bulk, "bob@gmail.com") && bars(Class::Triggered, "bob@gmail.com"));
        assert!(!bars(Class::Transactional, "bob@gmail.com"));
        assert!(!bars(Class::Bulk, "bob@hotmail.es"));
        let outcome = trust.bars(MessageId(9), Class::Bulk, "bob@gmail.com").unwrap();
        let verdict = cauce_core::delivery::classify(&outcome);
        let waits = cauce_core::delivery::Verdict::Retry {
            cause: cauce_core::delivery::Cause::Throttled,
            after_s: Some(PAUSED_S),
        };
        assert_eq!(verdict, waits);

        // It holds over a restart.
        trust.write().unwrap();
        let trust = Trust::open(folder.path());
        assert!(trust.bars(MessageId(9), Class::Bulk, "bob@gmail.com").is_some());
        // Somebody lets it go on: the same complaints are not held against it again.
        assert!(trust.resume("google", at(0)) && !trust.resume("google", at(0)));
        send(&trust, 2_000, "ada@gmail.com");
        assert!(!trust.hear("google", Said::Complained, at(0)));
        for _ in 0..4 {
            trust.hear("google", Said::Complained, at(0));
        }
        assert!(trust.hear("google", Said::Complained, at(0)));
    }

    #[test]
    fn the_share_is_among_what_arrived_where_that_is_known() {
        let check = |accepted, delivered, among| {
            assert_eq!(Counts { accepted, delivered, complaints: 0 }.among(), among);
        };
        check(100, 0, 100);
        check(100, 90, 90);
        check(100, 10, 100);
        check(0, 0, 0);
    }
}
