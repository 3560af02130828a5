//! What the last examination of each sender found. It is what name servers said once, and no state:
//! whoever loses the file has nobody held back, and asks again.

use cauce_core::sender::Finding;
use cauce_core::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file in the data directory.
const FILE: &str = "examined.json";
/// How long an examination is believed.
const BELIEVED: Duration = Duration(7 * Duration::DAY.0);

/// What an examination found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// When.
    pub at: Timestamp,
    /// What.
    pub findings: Vec<Finding>,
}

/// The last one of each sender.
pub struct Examinations {
    file: PathBuf,
    of: Mutex<BTreeMap<String, Examined>>,
}

impl Examinations {
    /// Reads what was kept.
    pub fn open(data: &Path) -> Examinations {
        let file = data.join(FILE);
        let of = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::error!(%error, "what was found of senders cannot be read; ask again");
                BTreeMap::new()
            }),
            Err(_) => BTreeMap::new(),
        };
        Examinations { file, of: Mutex::new(of) }
    }

    fn of(&self) -> MutexGuard<'_, BTreeMap<String, Examined>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what an examination of a sender found.
    pub fn keep(&self, sender: &str, examined: Examined) {
        let mut of = self.of();
        of.insert(sender.to_owned(), examined);
        let text = serde_json::to_vec(&*of).expect("findings are plain data");
        if let Err(error) = crate::boot::write_private(&self.file, &text) {
            tracing::error!(%error, "what was found of a sender cannot be written");
        }
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<String, Examined> {
        self.of().clone()
    }

    /// That of a sender, if it is not too old to be believed.
    pub fn believed(&self, sender: &str, now: Timestamp) -> Option<Examined> {
        self.of().get(sender).filter(|one| now.since(one.at) < BELIEVED).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_examination_is_believed_for_a_week_and_over_a_restart() {
        let data = tempfile::tempdir().unwrap();
        let at = Timestamp(1_795_000_000_000);
        let one = Examined { at, findings: Vec::new() };
        Examinations::open(data.path()).keep("shop", one.clone());
        let again = Examinations::open(data.path());
        assert_eq!(again.believed("shop", at.plus(Duration::DAY)), Some(one));
        assert_eq!(again.believed("shop", at.plus(BELIEVED)), None);
        assert_eq!(again.believed("else", at), None);
    }
}
