//! What is remembered of a destination that is told by webhook: how far it was told, and how it
//! answers. A file of its own for each, written before and after every request.

use super::feed::Token;
use anyhow::Context;
use cauce_core::ids::{MessageId, hash128};
use cauce_core::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The first wait after a request in vain; it doubles.
const WAIT_FIRST: Duration = Duration(1_000);
/// The longest wait between two requests.
const WAIT_LONGEST: Duration = Duration(15 * Duration::MINUTE.0);

/// How a destination stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Everything before it was told and answered with yes.
    pub next: Token,
    /// The request that is under way ends here: after a crash it is the same request again.
    pub under_way: Option<u64>,
    /// Changes told.
    pub told: u64,
    /// Requests in vain since the last one that was answered with yes.
    pub in_vain: u32,
    /// Since when none was answered with yes.
    pub failing_since: Option<Timestamp>,
    /// What the last request in vain came to.
    pub last_failure: Option<String>,
    /// Why it is told nothing any more, until somebody resumes it.
    pub disabled: Option<String>,
    /// Changes that it missed because the feed did not keep them.
    pub missed: Option<String>,
}

impl Standing {
    /// One that is told from a place on.
    pub fn new(next: Token) -> Standing {
        Standing {
            next,
            under_way: None,
            told: 0,
            in_vain: 0,
            failing_since: None,
            last_failure: None,
            disabled: None,
            missed: None,
        }
    }

    /// A request was answered with yes.
    pub fn accepted(&mut self, end: Token, count: usize) {
        self.next = end;
        self.under_way = None;
        self.told += count as u64;
        self.in_vain = 0;
        self.failing_since = None;
        self.last_failure = None;
    }

    /// A request was in vain: how long to wait, or nothing if that was the last one.
    pub fn failed(
        &mut self,
        why: String,
        is_final: bool,
        now: Timestamp,
        give_up_after: Duration,
    ) -> Option<Duration> {
        self.in_vain += 1;
        let since = *self.failing_since.get_or_insert(now);
        if is_final || now.since(since) >= give_up_after {
            self.disabled = Some(match is_final {
                true => format!("the receiver said that it is gone: {why}"),
                false => format!("no request was answered with 2xx since {since}: {why}"),
            });
        }
        self.last_failure = Some(why);
        if self.disabled.is_some() {
            return None;
        }
        let doubled = WAIT_FIRST.0.checked_shl(self.in_vain.min(20) - 1).unwrap_or(i64::MAX);
        Some(Duration(doubled.min(WAIT_LONGEST.0)))
    }

    /// Somebody says that it works again.
    pub fn resume(&mut self) {
        self.disabled = None;
        self.failing_since = None;
        self.in_vain = 0;
    }

    /// The name of the request that begins at the place: the same at every attempt.
    pub fn request(&self, destination: &str) -> MessageId {
        let next = self.next.next.to_be_bytes();
        MessageId(hash128(&[b"changes", destination.as_bytes(), self.next.feed.as_bytes(), &next]))
    }
}

/// Where the standing of a destination is kept.
pub fn file(data: &Path, destination: &str) -> PathBuf {
    data.join("destinations").join(format!("{destination}.json"))
}

/// What is remembered of a destination.
pub fn load(data: &Path, destination: &str) -> Option<Standing> {
    let text = std::fs::read(file(data, destination)).ok()?;
    serde_json::from_slice(&text)
        .map_err(|error| tracing::error!(destination, %error, "its standing cannot be read"))
        .ok()
}

/// Gives every new destination its place, before anything is decided under the plan that brings it;
/// forgets those that are gone.
pub fn begin<'d>(data: &Path, now: &Token, destinations: impl Iterator<Item = &'d str> + Clone) {
    for name in destinations.clone().filter(|name| !file(data, name).exists()) {
        if let Err(error) = store(data, name, &Standing::new(now.clone())) {
            tracing::error!(destination = name, error = format!("{error:#}"), "not kept");
        }
    }
    let known: Vec<PathBuf> = destinations.map(|name| file(data, name)).collect();
    let files = std::fs::read_dir(data.join("destinations")).into_iter().flatten().flatten();
    for old in files.map(|entry| entry.path()).filter(|path| !known.contains(path)) {
        // One that stays only means that a later one of its name begins where this one ended.
        let _ = std::fs::remove_file(old);
    }
}

/// Remembers, durably, by one rename.
pub fn store(data: &Path, destination: &str, standing: &Standing) -> anyhow::Result<()> {
    let file = file(data, destination);
    let folder = file.parent().context("a file has a folder")?;
    std::fs::create_dir_all(folder)?;
    let new = file.with_extension("new");
    crate::boot::write_private(&new, &serde_json::to_vec_pretty(standing)?)?;
    std::fs::rename(&new, &file)?;
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_longer_and_longer_and_then_says_why_it_stopped() {
        let token = Token { feed: "ab".into(), next: 7 };
        let mut standing = Standing::new(token.clone());
        let day = Duration::DAY;
        let mut fail = |at: i64| standing.failed("500".into(), false, Timestamp(at), day);
        assert_eq!([fail(0), fail(1), fail(3)], [1_000, 2_000, 4_000].map(|ms| Some(Duration(ms))));
        let longest = (0..20).map(&mut fail).last().flatten();
        assert_eq!(longest, Some(WAIT_LONGEST));
        assert_eq!(fail(day.0), None);
        let why = standing.disabled.clone().unwrap();
        assert!(why.contains("500") && why.contains("1970-01-01"), "{why}");
        standing.resume();
        assert_eq!((standing.disabled.is_none(), standing.next.clone()), (true, token.clone()));
        let name = standing.request("shop");
        assert_eq!(name, Standing::new(token).request("shop"));
        assert_ne!(name, standing.request("other"));
        assert!(standing.failed("410".into(), true, Timestamp(0), day).is_none());
    }
}
