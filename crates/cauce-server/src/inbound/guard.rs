//! Watches how providers of mailboxes answer. When one suddenly calls many of its own addresses
//! unknown, which large ones have done by mistake, suppressions of its addresses are held. The same
//! for push services and the tokens of an app: there the mistake is mostly ours, a key or a
//! project.
//!
//! Not: in the partitions. Each sees a small part of a provider's answers, and none may look at
//! another; so the shares are counted here, over all of them, and what follows is an input to each.

use crate::app::{App, Refusal};
use cauce_core::decide::home;
use cauce_core::ids::TraceId;
use cauce_core::input::Body;
use cauce_core::profile::Alias;
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The span whose answers are weighed.
const WINDOW: Duration = Duration::HOUR;
/// Fewer addresses than these are no mass.
const GONE_MIN: usize = 20;

/// What is beyond belief.
#[derive(Debug)]
struct Belief {
    /// The file in the data directory.
    file: &'static str,
    /// What is gone in a window, in parts per thousand of the answers, beyond which the guard goes
    /// up; and how many times the usual share that must be.
    share_per_mille: u64,
    times_usual: u64,
    /// The usual share where nothing is known yet, per thousand.
    usual_per_mille: u64,
}

/// A healthy list has below 10 per thousand.
const MAIL: Belief =
    Belief { file: "mail-guard.json", share_per_mille: 50, times_usual: 20, usual_per_mille: 2 };

/// Apps are uninstalled all the time, and nobody says so but the next push: after a pause of months
/// several in a hundred are gone. A wrong key or project refuses all.
const TOKENS: Belief =
    Belief { file: "push-guard.json", share_per_mille: 200, times_usual: 5, usual_per_mille: 30 };
/// Limit: addresses that are remembered per provider, to be taken back; of more the oldest are not.
const REMEMBERED_MAX: usize = 100_000;
/// Limit: providers that are told apart; the others are not watched.
const KEEPERS_MAX: usize = 10_000;
/// How often it is looked at.
const EVERY: std::time::Duration = std::time::Duration::from_secs(2);

/// How one provider answers.
#[derive(Default, Serialize, Deserialize)]
struct Keeper {
    /// Answers before the window, halved as they grow, so that old ones weigh less: all, and those
    /// that an address is gone.
    usual: (u64, u64),
    /// Since when the guard is up.
    up: Option<Timestamp>,
    #[serde(skip)]
    taken: VecDeque<Timestamp>,
    #[serde(skip)]
    gone: VecDeque<(Timestamp, Alias)>,
}

/// Beyond so many answers the usual is halved.
const USUAL_MAX: u64 = 1 << 20;

impl Keeper {
    /// What left the window becomes the usual, unless the guard is up.
    fn age(&mut self, now: Timestamp) {
        let from = now.minus(WINDOW);
        let mut left = (0, 0);
        while self.taken.front().is_some_and(|at| *at < from) {
            self.taken.pop_front();
            left.0 += 1;
        }
        while self.gone.front().is_some_and(|(at, _)| *at < from) {
            self.gone.pop_front();
            left = (left.0 + 1, left.1 + 1);
        }
        if self.up.is_none() {
            self.usual = (self.usual.0 + left.0, self.usual.1 + left.1);
            if self.usual.0 > USUAL_MAX {
                self.usual = (self.usual.0 / 2, self.usual.1 / 2);
            }
        }
    }

    /// Whether what is seen in the window is beyond belief.
    fn is_beyond(&self, belief: &Belief) -> bool {
        let gone = self.gone.len() as u64;
        let all = gone + self.taken.len() as u64;
        // A few hundred answers that are as they should be stand behind what nobody has seen yet.
        let usual = (self.usual.0 + 1_000, self.usual.1 + belief.usual_per_mille);
        self.gone.len() >= GONE_MIN
            && gone * 1_000 > all * belief.share_per_mille
            && u128::from(gone) * u128::from(usual.0)
                > u128::from(all) * u128::from(usual.1) * u128::from(belief.times_usual)
    }
}

/// How all of them answer.
pub struct Answers {
    belief: &'static Belief,
    keepers: Mutex<BTreeMap<String, Keeper>>,
}

impl Answers {
    /// Of providers of mailboxes.
    pub fn of_mail() -> Answers {
        Answers { belief: &MAIL, keepers: Mutex::default() }
    }

    /// Of push services, by app.
    pub fn of_tokens() -> Answers {
        Answers { belief: &TOKENS, keepers: Mutex::default() }
    }

    fn keepers(&self) -> MutexGuard<'_, BTreeMap<String, Keeper>> {
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A provider took a message, or said that an address is gone. Told by the partitions' threads.
    pub fn note(&self, at: Timestamp, keeper: &str, gone: Option<&Alias>) {
        let mut keepers = self.keepers();
        if !keepers.contains_key(keeper) {
            if keepers.len() >= KEEPERS_MAX {
                return;
            }
            keepers.insert(keeper.to_owned(), Keeper::default());
        }
        let Some(known) = keepers.get_mut(keeper) else { return };
        match gone {
            Some(address) => known.gone.push_back((at, address.clone())),
            None => known.taken.push_back(at),
        }
        if known.gone.len() > REMEMBERED_MAX {
            known.gone.pop_front();
        }
        if known.taken.len() > REMEMBERED_MAX * 4 {
            known.taken.pop_front();
        }
    }

    /// Providers whose guard has to go up now, with what is to be taken back.
    fn risen(&self, now: Timestamp) -> Vec<(String, Vec<Alias>)> {
        let mut risen = Vec::new();
        for (name, keeper) in self.keepers().iter_mut() {
            keeper.age(now);
            if keeper.up.is_none() && keeper.is_beyond(self.belief) {
                keeper.up = Some(now);
                let gone = keeper.gone.iter().map(|(_, address)| address.clone()).collect();
                risen.push((name.clone(), gone));
            }
        }
        risen
    }

    /// Providers whose guard is up, and since when.
    pub fn up(&self) -> Vec<(String, Timestamp)> {
        let keepers = self.keepers();
        let up = keepers.iter().filter_map(|(name, keeper)| Some((name.clone(), keeper.up?)));
        up.collect()
    }

    /// The guard of a provider is down: it begins anew, with what is usual.
    fn lowered(&self, keeper: &str) {
        if let Some(known) = self.keepers().get_mut(keeper) {
            known.up = None;
            known.gone.clear();
            known.taken.clear();
        }
    }

    /// What was usual before the last stop.
    pub fn load(&self, data: &Path) {
        let read = std::fs::read(data.join(self.belief.file)).ok();
        let known = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if let Some(known) = known {
            *self.keepers() = known;
        }
    }

    fn save(&self, data: &Path) {
        let text = serde_json::to_vec(&*self.keepers()).expect("counts are plain data");
        if let Err(error) = crate::boot::write_private(&data.join(self.belief.file), &text) {
            tracing::warn!(%error, "how providers of mailboxes answer could not be kept");
        }
    }
}

/// Looks again and again until the process stops.
pub async fn drive(app: Arc<App>) {
    let mut looks = 0_u32;
    loop {
        for (keeper, gone) in app.observer.answers.risen(app.node.now()) {
            if let Err(error) = rise(&app, &keeper, gone).await {
                tracing::error!(%error, keeper, "the guard against mass bounces could not go up");
                // Said again, and tried again.
                app.observer.answers.retry(&keeper);
            }
        }
        for (keeper, refused) in app.observer.tokens.risen(app.node.now()) {
            tracing::warn!(keeper, devices = refused.len(), "refused tokens are kept");
            let body = Body::Guard { keeper: keeper.clone(), up: true };
            if let Err(error) = app.everywhere(&body).await {
                tracing::error!(%error, keeper, "the guard of devices could not go up");
                app.observer.tokens.retry(&keeper);
            }
            app.observer.tokens.save(&app.data);
        }
        alert(&app);
        looks += 1;
        if looks.is_multiple_of(30) {
            app.observer.answers.save(&app.data);
            app.observer.tokens.save(&app.data);
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopping.cancelled() => break,
        }
    }
    app.observer.answers.save(&app.data);
    app.observer.tokens.save(&app.data);
}

impl Answers {
    fn retry(&self, keeper: &str) {
        if let Some(known) = self.keepers().get_mut(keeper) {
            known.up = None;
        }
    }
}

fn alert(app: &App) {
    let names = |answers: &Answers| {
        let up = answers.up().into_iter();
        let names: Vec<String> = up.map(|(name, at)| format!("{name} since {at}")).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let trouble = names(&app.observer.answers).map(|names| {
        format!(
            "suppressions are held, because too many addresses are called unknown at once: {names}"
        )
    });
    app.observer.say("mass-bounces", trouble);
    let trouble = names(&app.observer.tokens).map(|names| {
        format!("devices are kept, because too many of their tokens are refused at once: {names}")
    });
    app.observer.say("refused-tokens", trouble);
}

/// Whether a guard is up, as somebody here or a partition knows it.
pub async fn is_up(app: &App, answers: &Answers, keeper: &str) -> Result<bool, Refusal> {
    if answers.up().iter().any(|(name, _)| name == keeper) {
        return Ok(true);
    }
    let asked = (0..app.node.partitions()).map(|partition| {
        let keeper = keeper.to_owned();
        app.ask(partition, move |p| match p.rows().get(&Key::Guard) {
            Some(Row::Guard(guard)) => guard.since.contains_key(&keeper),
            _ => false,
        })
    });
    let known = futures_util::future::join_all(asked).await;
    let known: Option<Vec<bool>> = known.into_iter().collect();
    Ok(known.ok_or(Refusal::Stopping)?.contains(&true))
}

async fn rise(app: &Arc<App>, keeper: &str, gone: Vec<Alias>) -> Result<(), Refusal> {
    tracing::warn!(keeper, addresses = gone.len(), "hard bounces are held");
    app.everywhere(&Body::Guard { keeper: keeper.to_owned(), up: true }).await?;
    let since = app.node.now().minus(WINDOW);
    for address in gone {
        let partition = home(&address, app.node.partitions());
        let body = Body::HoldBack { address, since };
        app.append_applied(partition, body, TraceId::default()).await?;
    }
    app.observer.answers.save(&app.data);
    Ok(())
}

/// The guard of an app's tokens comes down.
pub async fn lower_tokens(app: &Arc<App>, keeper: &str) -> Result<(), Refusal> {
    app.everywhere(&Body::Guard { keeper: keeper.to_owned(), up: false }).await?;
    app.observer.tokens.lowered(keeper);
    app.observer.tokens.save(&app.data);
    Ok(())
}

/// The guard of a provider comes down; what was held of it is put in force, or forgotten.
pub async fn lower(
    app: &Arc<App>,
    keeper: &str,
    held: Vec<Alias>,
    confirm: bool,
) -> Result<usize, Refusal> {
    app.everywhere(&Body::Guard { keeper: keeper.to_owned(), up: false }).await?;
    let count = held.len();
    for address in held {
        let partition = home(&address, app.node.partitions());
        let body = Body::Release { address, confirm };
        app.append_applied(partition, body, TraceId::default()).await?;
    }
    app.observer.answers.lowered(keeper);
    app.observer.answers.save(&app.data);
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: usize) -> Alias {
        Alias { namespace: "email".into(), value: format!("p{n}@a.example") }
    }

    fn answers(answers: &Answers, from: i64, taken: usize, gone: usize) {
        for n in 0..taken {
            answers.note(Timestamp(from + n as i64), "a.example", None);
        }
        for n in 0..gone {
            answers.note(Timestamp(from + n as i64), "a.example", Some(&address(n)));
        }
    }

    #[test]
    fn only_a_mass_that_is_unusual_raises_the_guard() {
        let hour = Duration::HOUR.0;
        let check = |before: (usize, usize), now: (usize, usize), expected: bool| {
            let all = Answers::of_mail();
            answers(&all, 0, before.0, before.1);
            assert!(before.1 < GONE_MIN || all.risen(Timestamp(hour / 2)).is_empty());
            answers(&all, 2 * hour, now.0, now.1);
            let risen = all.risen(Timestamp(2 * hour + hour / 2));
            assert_eq!(risen.len(), usize::from(expected), "{before:?} {now:?}");
            if expected {
                assert_eq!(risen[0].1.len(), now.1);
                // Once is enough.
                assert!(all.risen(Timestamp(2 * hour + hour / 2)).is_empty());
            }
        };
        check((5_000, 10), (900, 100), true);
        check((5_000, 10), (980, 20), false); // 2 %
        check((50, 0), (5, 15), false); // no mass
        check((5_000, 100), (900, 100), false); // 10 %, and 2 % are usual
        check((0, 0), (900, 100), true);
        check((0, 0), (0, 20), true);
    }

    #[test]
    fn apps_are_uninstalled_and_only_a_mass_of_refused_tokens_is_a_wrong_key() {
        let check = |taken: usize, refused: usize, expected: bool| {
            let all = Answers::of_tokens();
            answers(&all, 0, taken, refused);
            assert_eq!(
                all.risen(Timestamp(10_000)).len(),
                usize::from(expected),
                "{taken} {refused}"
            );
        };
        check(900, 100, false); // a tenth, after a long pause
        check(500, 100, false);
        check(0, 19, false); // no mass
        check(0, 20, true);
        check(1_000, 600, true);
    }

    #[test]
    fn it_is_remembered_and_comes_down() {
        let data = tempfile::tempdir().unwrap();
        let all = Answers::of_mail();
        answers(&all, 0, 100, 100);
        assert_eq!(all.risen(Timestamp(1_000)).len(), 1);
        all.save(data.path());
        let again = Answers::of_mail();
        again.load(data.path());
        assert_eq!(again.up(), [("a.example".to_owned(), Timestamp(1_000))]);
        again.lowered("a.example");
        assert!(again.up().is_empty() && again.risen(Timestamp(2_000)).is_empty());
    }
}
