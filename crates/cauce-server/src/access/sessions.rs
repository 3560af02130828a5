//! Who is signed in: hashes of random tokens, in a file beside the log. A backup does not have it,
//! so that no old backup brings a session back that was ended.

use super::hash;
use anyhow::Context;
use cauce_core::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A session ends when it was not used for so long.
pub const IDLE: Duration = Duration(24 * Duration::HOUR.0);
/// A session ends after so long in any case.
pub const LASTS: Duration = Duration(7 * Duration::DAY.0);
/// Limit: sessions of a member; one more ends the oldest.
const PER_MEMBER_MAX: usize = 20;

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose.
    pub email: String,
    /// The member's epoch when it began: it is over when the member has a later one.
    pub epoch: u64,
    /// When it began.
    pub opened: Timestamp,
    /// When it was last used. On disk it is some minutes old, since nobody wants a write for each
    /// request: after a crash a session may end that much earlier.
    pub used: Timestamp,
}

impl Session {
    /// When it ends in any case.
    pub fn expires(&self) -> Timestamp {
        self.opened.plus(LASTS)
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires() || now.since(self.used) >= IDLE
    }
}

#[derive(Default)]
struct Open {
    /// By the hash of the token.
    all: BTreeMap<String, Session>,
    /// Something is not on disk yet.
    changed: bool,
}

/// All sessions.
pub struct Sessions {
    file: PathBuf,
    open: Mutex<Open>,
    /// Held while the file is written, so that an older one never replaces a newer one.
    writing: Mutex<()>,
}

impl Sessions {
    /// The sessions of a data directory.
    pub fn open(data: &Path) -> anyhow::Result<Sessions> {
        let file = data.join("sessions.json");
        let all = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!("`{}` is damaged; remove it, and members sign in again", file.display())
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read `{}`", file.display()));
            }
        };
        let open = Mutex::new(Open { all, changed: false });
        Ok(Sessions { file, open, writing: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new session; the token that opens it. It is not on disk before `keep`.
    pub fn begin(&self, email: &str, epoch: u64, now: Timestamp) -> (String, Session) {
        let token = super::token();
        let session = Session { email: email.to_owned(), epoch, opened: now, used: now };
        let mut open = self.held();
        open.all.retain(|_, session| !session.is_over(now));
        let mut own: Vec<_> = open
            .all
            .iter()
            .filter(|(_, session)| session.email == email)
            .map(|(hash, session)| (session.opened, hash.clone()))
            .collect();
        own.sort_unstable();
        let many = (own.len() + 1).saturating_sub(PER_MEMBER_MAX);
        for (_, oldest) in own.into_iter().take(many) {
            open.all.remove(&oldest);
        }
        open.all.insert(hash(&token), session.clone());
        open.changed = true;
        (token, session)
    }

    /// The session that a token opens, which is used now.
    pub fn find(&self, token: &str, now: Timestamp) -> Option<Session> {
        let mut open = self.held();
        let Open { all, changed } = &mut *open;
        // Found by a hash of 256 random bits: how long the search takes says nothing of the token.
        let session = all.get_mut(&hash(token)).filter(|session| !session.is_over(now))?;
        if now > session.used {
            session.used = now;
            *changed = true;
        }
        Some(session.clone())
    }

    /// The session that a token opens, without counting as a use of it: a page that is left open
    /// keeps nobody signed in.
    pub fn look(&self, token: &str, now: Timestamp) -> Option<Session> {
        let open = self.held();
        open.all.get(&hash(token)).filter(|session| !session.is_over(now)).cloned()
    }

    /// Ends a session.
    pub fn end(&self, token: &str) {
        let mut open = self.held();
        open.changed |= open.all.remove(&hash(token)).is_some();
    }

    /// Writes what changed. What is over is forgotten.
    pub fn keep(&self, now: Timestamp) -> anyhow::Result<()> {
        let _one_writer = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = {
            let mut open = self.held();
            let before = open.all.len();
            open.all.retain(|_, session| !session.is_over(now));
            if !open.changed && open.all.len() == before {
                return Ok(());
            }
            open.changed = false;
            serde_json::to_vec(&open.all)?
        };
        let written = crate::boot::write_private(&self.file, &bytes);
        if written.is_err() {
            self.held().changed = true;
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_unused_and_in_any_case() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(folder.path()).unwrap();
        let (token, _) = sessions.begin("a", 1, Timestamp(0));
        let look = |at: i64| sessions.find(&token, Timestamp(at)).is_some();
        assert!(look(IDLE.0 - 1));
        assert!(look(2 * IDLE.0 - 2), "its use counts");
        assert!(!look(3 * IDLE.0));
        let (token, _) = sessions.begin("a", 1, Timestamp(0));
        let step = IDLE.0 / 2;
        let ends =
            (0..).map(|n| n * step).find(|at| sessions.find(&token, Timestamp(*at)).is_none());
        assert_eq!(ends, Some(LASTS.0));
    }

    #[test]
    fn sessions_live_through_a_restart_and_tokens_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(folder.path()).unwrap();
        let (token, session) = sessions.begin("a", 7, Timestamp(0));
        let (ended, _) = sessions.begin("a", 7, Timestamp(0));
        sessions.end(&ended);
        sessions.keep(Timestamp(0)).unwrap();
        let text = std::fs::read_to_string(folder.path().join("sessions.json")).unwrap();
        assert!(!text.contains(&token));
        let again = Sessions::open(folder.path()).unwrap();
        assert_eq!(again.find(&token, Timestamp(0)), Some(session));
        assert_eq!(again.find(&ended, Timestamp(0)), None);
        assert_eq!(again.find(&hash(&token), Timestamp(0)), None);
    }

    #[test]
    fn a_member_has_a_bounded_number() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(folder.path()).unwrap();
        let (other, _) = sessions.begin("b", 1, Timestamp(0));
        let tokens: Vec<_> = (0..30).map(|n| sessions.begin("a", 1, Timestamp(n)).0).collect();
        let alive = tokens.iter().filter(|t| sessions.find(t, Timestamp(30)).is_some()).count();
        assert_eq!(alive, PER_MEMBER_MAX);
        assert!(sessions.find(&tokens[29], Timestamp(30)).is_some(), "the newest");
        assert!(sessions.find(&other, Timestamp(30)).is_some(), "another's");
    }
}
