//! Passwords: argon2id, off the async threads, a bounded number at once.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

/// Memory of one check, in KiB; with `PASSES` and `PARALLELISM` this is the first choice of OWASP's
/// Password Storage Cheat Sheet for argon2id (19 MiB, 2 passes, 1 lane), the algorithm that
/// RFC 9106 recommends. RFC 9106's own second choice (64 MiB, 3 passes, 4 lanes) would let a few
/// sign-ins at once take a quarter of a gigabyte from a server whose first duty is to send.
const MEMORY_KIB: u32 = 19 * 1_024;
/// Passes over it.
const PASSES: u32 = 2;
/// Degree of parallelism.
const PARALLELISM: u32 = 1;
/// Bytes of a salt, as RFC 9106 recommends.
const SALT_BYTES: usize = 16;
/// Bytes of a hash, as RFC 9106 recommends.
const HASH_BYTES: usize = 32;

/// The shortest password, in characters. There are no other rules: they make passwords that people
/// cannot remember and programs can guess (NIST SP 800-63B).
pub const CHARACTERS_MIN: usize = 12;
/// Limit: bytes of a password; a longer one is refused before it is looked at.
const BYTES_MAX: usize = 1_024;
/// Limit: checks at once, for their memory. Others wait.
const CHECKS_MAX: usize = 2;
/// Limit: checks that wait; one more is refused, to be tried again.
const WAITING_MAX: usize = 32;

/// What is stored of a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hash {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Degree of parallelism.
    pub parallelism: u32,
    /// The salt, in Base64.
    pub salt: String,
    /// The hash (argon2id, version 1.3), in Base64.
    pub hash: String,
}

/// Too many wait for their password to be checked.
#[derive(Debug)]
pub struct Busy;

/// Room for checking passwords.
pub struct Passwords {
    room: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords {
            room: Arc::new(Semaphore::new(CHECKS_MAX)),
            waiting: Semaphore::new(WAITING_MAX),
        }
    }
}

impl Passwords {
    /// Whether a password is the one that a hash was made of. Without a hash it takes as long, and
    /// the answer is no: who guesses does not learn who is a member.
    pub async fn is(&self, password: String, hash: Option<Hash>) -> Result<bool, Busy> {
        self.work(move || verify(&password, hash.as_ref())).await
    }

    /// What is stored of a password.
    pub async fn make(&self, password: String) -> Result<Hash, Busy> {
        self.work(move || make(&password)).await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Busy)?;
        let room = self.room.clone().acquire_owned().await.map_err(|_| Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            // Until the work ends: whoever asked may have hung up long before.
            let _room = room;
            work()
        });
        done.await.map_err(|_| Busy)
    }
}

/// Whether a password may be chosen.
pub fn check(password: &str) -> Result<(), String> {
    if password.len() > BYTES_MAX {
        return Err(format!("a password has at most {BYTES_MAX} bytes"));
    }
    match password.nfkc().count() {
        count if count < CHARACTERS_MIN => Err(format!(
            "a password has at least {CHARACTERS_MIN} characters, this one has {count}"
        )),
        _ => Ok(()),
    }
}

/// The hash of a password, by the parameters and the salt of `stored`.
fn compute(password: &str, stored: &Hash) -> Option<[u8; HASH_BYTES]> {
    let (memory, passes, at_once) = (stored.memory_kib, stored.passes, stored.parallelism);
    let params = Params::new(memory, passes, at_once, Some(HASH_BYTES)).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = BASE64.decode(&stored.salt).ok()?;
    // Keyboards disagree about how an `é` is written down.
    let password: String = password.nfkc().collect();
    let mut hash = [0; HASH_BYTES];
    argon2.hash_password_into(password.as_bytes(), &salt, &mut hash).ok()?;
    Some(hash)
}

fn unset() -> Hash {
    Hash {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        parallelism: PARALLELISM,
        salt: BASE64.encode([0; SALT_BYTES]),
        hash: BASE64.encode([0; HASH_BYTES]),
    }
}

fn make(password: &str) -> Hash {
    let salt = BASE64.encode(crate::keys::random::<SALT_BYTES>());
    let mut stored = Hash { salt, ..unset() };
    let hash = compute(password, &stored).expect("our own parameters are within argon2's bounds");
    stored.hash = BASE64.encode(hash);
    stored
}

fn verify(password: &str, stored: Option<&Hash>) -> bool {
    if password.len() > BYTES_MAX {
        return false;
    }
    let none = unset();
    let hash = stored.unwrap_or(&none);
    let computed = compute(password, hash);
    let wanted = BASE64.decode(&hash.hash).unwrap_or_default();
    let same = computed
        .is_some_and(|computed| subtle::ConstantTimeEq::ct_eq(&computed[..], &wanted[..]).into());
    same && stored.is_some()
}

#[cfg(test)]
impl Hash {
    /// One that no password opens, made without work.
    pub fn fake() -> Hash {
        unset()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_opens() {
        let stored = make("correct horse battery é");
        assert!(verify("correct horse battery é", Some(&stored)));
        assert!(verify("correct horse battery e\u{301}", Some(&stored)), "written otherwise");
        assert!(!verify("correct horse battery e", Some(&stored)));
        assert!(!verify("", Some(&stored)));
        assert!(!verify(&"x".repeat(BYTES_MAX + 1), Some(&stored)));
        assert!(!verify("correct horse battery é", None));
        assert!(!verify("", Some(&Hash::fake())));
        assert_ne!(make("same same same").hash, make("same same same").hash, "salted");
        let broken = Hash { memory_kib: 0, ..stored };
        assert!(!verify("correct horse battery é", Some(&broken)));
    }

    #[test]
    fn the_algorithm_is_argon2id_as_others_compute_it() {
        // A test vector of the reference implementation: argon2id 1.3, 64 MiB, 2 passes, 1 lane.
        let stored = Hash {
            memory_kib: 1 << 16,
            passes: 2,
            parallelism: 1,
            salt: BASE64.encode("somesalt"),
            hash: String::new(),
        };
        let hash = compute("password", &stored).unwrap();
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    }

    #[test]
    fn length_is_the_only_rule() {
        assert!(check("aaaaaaaaaaaa").is_ok());
        assert!(check("ñandúñandú🦀🦀").is_ok());
        assert!(check("aaaaaaaaaaa").unwrap_err().contains("has 11"));
        assert!(check(&"e\u{301}".repeat(11)).is_err(), "counted as people count");
        assert!(check(&"a".repeat(BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn who_waits_too_long_is_refused() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let passwords = Passwords::default();
            let held = passwords.room.clone().acquire_many_owned(2).await.unwrap();
            let fails = Hash { memory_kib: 0, ..Hash::fake() };
            let ask = || passwords.is(String::new(), Some(fails.clone()));
            let asked: Vec<_> = (0..WAITING_MAX).map(|_| Box::pin(ask())).collect();
            let all = futures_util::future::join_all(asked);
            let one_more = async {
                tokio::task::yield_now().await;
                let refused = ask().await.is_err();
                drop(held);
                refused
            };
            // Checks that fail at once would do: it is the waiting that is looked at.
            let (answers, refused) = tokio::join!(all, one_more);
            assert!(refused, "one more than may wait");
            assert!(answers.into_iter().all(|answer| answer.is_ok_and(|is| !is)));
        });
    }
}
