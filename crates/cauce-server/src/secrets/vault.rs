//! Secrets that the server keeps itself, sealed: a copy of the data directory or of a backup is
//! worth nothing without the key, which is read from elsewhere.
//!
//! Each secret is sealed by itself with AES-256-GCM (NIST SP 800-38D) under its name, so that no
//! sealed value can be passed off as another one's.

use super::Absent;
use anyhow::Context;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file of the sealed secrets, in the data directory.
pub const VAULT: &str = "vault.json";
/// Limit: bytes of one secret; a private key has a tenth of it.
pub const SECRET_BYTES_MAX: usize = 32 * 1024;
/// Limit: secrets of one installation.
pub const SECRETS_MAX: usize = 1_000;
/// Limit: bytes of a name.
const NAME_BYTES_MAX: usize = 64;
/// The variable that has the key, 32 bytes in base64, where no file does.
const KEY_VARIABLE: &str = "CAUCE_VAULT_KEY";
/// What is sealed under a name begins with it, so that another version can seal otherwise.
const VERSION: &str = "cauce vault 1 ";

/// One secret, as it lies on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sealed {
    /// When it was set.
    at: Timestamp,
    /// The nonce, in base64.
    nonce: String,
    /// What is sealed, in base64.
    sealed: String,
}

/// See the module.
#[derive(Debug)]
pub struct Vault {
    file: PathBuf,
    key_file: PathBuf,
    sealed: Mutex<BTreeMap<String, Sealed>>,
}

/// What is said of a secret: everything but the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its name.
    pub name: String,
    /// When it was set.
    pub at: Timestamp,
    /// Whether it can be opened with the key that there is.
    pub opens: bool,
}

impl Vault {
    /// Opens the vault of a data directory; the key is asked for when something is sealed or read.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn open(data: &Path, key_file: &Path) -> anyhow::Result<Vault> {
        let file = data.join(VAULT);
        let sealed = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("`{}` is damaged", file.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error).context("the vault cannot be read"),
        };
        let sealed = Mutex::new(sealed);
        Ok(Vault { file, key_file: key_file.to_owned(), sealed })
    }

    fn sealed(&self) -> MutexGuard<'_, BTreeMap<String, Sealed>> {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every secret by its name, without the secret.
    pub fn list(&self) -> Vec<Told> {
        let key = self.key().ok();
        let told = |(name, sealed): (&String, &Sealed)| {
            let opens = key.as_ref().is_some_and(|key| unseal(key, name, sealed).is_ok());
            Told { name: name.clone(), at: sealed.at, opens }
        };
        self.sealed().iter().map(told).collect()
    }

    /// Seals a secret under a name, durably; the one that was there before is gone.
    ///
    /// # Errors
    /// Bad names, too much of anything, no key, no disk.
    pub fn set(&self, name: &str, secret: &str, at: Timestamp) -> anyhow::Result<()> {
        check_name(name)?;
        anyhow::ensure!(!secret.is_empty(), "a secret has at least one character");
        anyhow::ensure!(
            secret.len() <= SECRET_BYTES_MAX,
            "a secret has at most {SECRET_BYTES_MAX} bytes"
        );
        let key = self.key_or_new()?;
        let mut text = secret.as_bytes().to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(about(name)), &mut text)
            .context("it could not be sealed")?;
        let nonce = BASE64.encode(nonce.as_ref());
        let row = Sealed { at, nonce, sealed: BASE64.encode(text) };
        let mut sealed = self.sealed();
        let mut changed = sealed.clone();
        changed.insert(name.to_owned(), row);
        anyhow::ensure!(changed.len() <= SECRETS_MAX, "there are {SECRETS_MAX} secrets already");
        self.keep(&changed)?;
        *sealed = changed;
        Ok(())
    }

    /// Forgets a secret; says whether there was one.
    ///
    /// # Errors
    /// No disk.
    pub fn remove(&self, name: &str) -> anyhow::Result<bool> {
        let mut sealed = self.sealed();
        let mut changed = sealed.clone();
        if changed.remove(name).is_none() {
            return Ok(false);
        }
        self.keep(&changed)?;
        *sealed = changed;
        Ok(true)
    }

    /// Whether a secret of this name is there.
    pub fn has(&self, name: &str) -> bool {
        self.sealed().contains_key(name)
    }

    /// Reads a secret.
    pub(super) fn read(&self, name: &str) -> Result<String, Absent> {
        check_name(name).map_err(|why| Absent::Place(why.to_string()))?;
        let Some(sealed) = self.sealed().get(name).cloned() else {
            let text = format!("the vault has no `{name}`: `cauce secrets set {name}`");
            return Err(Absent::Unreadable(text));
        };
        let key = self.key().map_err(|why| Absent::Unreadable(format!("{why:#}")))?;
        unseal(&key, name, &sealed).map_err(|why| Absent::Unreadable(why.to_string()))
    }

    fn keep(&self, sealed: &BTreeMap<String, Sealed>) -> anyhow::Result<()> {
        crate::boot::write_private(&self.file, &serde_json::to_vec_pretty(sealed)?)
            .context("the vault is not durable")
    }

    /// The key: of the variable, or of the file.
    fn key(&self) -> anyhow::Result<RandomizedNonceKey> {
        let text = match std::env::var(KEY_VARIABLE) {
            Ok(text) => text,
            Err(_) => std::fs::read_to_string(&self.key_file).with_context(|| {
                let file = self.key_file.display();
                format!("the key of the vault is neither in `{file}` nor in {KEY_VARIABLE}")
            })?,
        };
        let bytes = BASE64.decode(text.trim()).ok().filter(|bytes| bytes.len() == 32);
        let bytes = bytes.context("the key of the vault is not 32 bytes in base64")?;
        RandomizedNonceKey::new(&AES_256_GCM, &bytes).context("the key of the vault is none")
    }

    /// The key, which is made with the first secret. Not with a later one: what is sealed could
    /// not be opened any more.
    fn key_or_new(&self) -> anyhow::Result<RandomizedNonceKey> {
        let is_new = self.sealed().is_empty()
            && std::env::var_os(KEY_VARIABLE).is_none()
            && !self.key_file.exists();
        if is_new {
            if let Some(folder) = self.key_file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let key: [u8; 32] = crate::keys::random();
            crate::boot::write_private(&self.key_file, BASE64.encode(key).as_bytes())?;
        }
        self.key()
    }
}

fn about(name: &str) -> String {
    format!("{VERSION}{name}")
}

fn unseal(key: &RandomizedNonceKey, name: &str, sealed: &Sealed) -> anyhow::Result<String> {
    let other_key = || format!("`{name}` was sealed with another key, or is damaged: set it again");
    let nonce = BASE64.decode(&sealed.nonce).with_context(other_key)?;
    let nonce = <[u8; NONCE_LEN]>::try_from(nonce).ok().with_context(other_key)?;
    let mut bytes = BASE64.decode(&sealed.sealed).with_context(other_key)?;
    let aad = Aad::from(about(name));
    let nonce = Nonce::assume_unique_for_key(nonce);
    let text = key.open_in_place(nonce, aad, &mut bytes).ok().with_context(other_key)?;
    String::from_utf8(text.to_vec()).ok().with_context(other_key)
}

/// Letters, digits, `.`, `-` and `_`: it stands in definitions, addresses and commands.
fn check_name(name: &str) -> anyhow::Result<()> {
    let good =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
    let fits = (1..=NAME_BYTES_MAX).contains(&name.len()) && name.chars().all(good);
    anyhow::ensure!(
        fits && !name.starts_with('.'),
        "`{name}` is no name of a secret: lower-case letters, digits, `-`, `_` and `.`, \
         at most {NAME_BYTES_MAX}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(read: Result<String, Absent>) -> String {
        match read {
            Ok(secret) => secret,
            Err(Absent::Place(_)) => "(wrong place)".to_owned(),
            Err(Absent::Unreadable(_)) => "(not there)".to_owned(),
        }
    }

    #[test]
    fn a_secret_comes_back_and_lies_nowhere_in_plain() {
        let around = tempfile::tempdir().unwrap();
        let (data, key) = (around.path().join("data"), around.path().join("keys/vault"));
        std::fs::create_dir_all(&data).unwrap();
        let open = || Vault::open(&data, &key).unwrap();
        let vault = open();
        assert_eq!(said(vault.read("mail")), "(not there)");
        assert!(!key.exists(), "no key before the first secret");
        vault.set("mail", "hush-hush", Timestamp(7)).unwrap();
        vault.set("sms.token", "other", Timestamp(8)).unwrap();
        assert_eq!(said(open().read("mail")), "hush-hush");
        vault.set("mail", "newer", Timestamp(9)).unwrap();
        assert_eq!(said(open().read("mail")), "newer");
        let told = open().list().into_iter().map(|told| (told.name, told.at.0, told.opens));
        let expected = [("mail".to_owned(), 9, true), ("sms.token".to_owned(), 8, true)];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        let bytes = std::fs::read_to_string(data.join("vault.json")).unwrap();
        assert!(!bytes.contains("newer") && !bytes.contains(&BASE64.encode("newer")), "{bytes}");
        assert!(vault.remove("mail").unwrap() && !vault.remove("mail").unwrap());
        assert_eq!(said(open().read("mail")), "(not there)");
    }

    #[test]
    fn what_is_sealed_opens_under_its_name_and_key_only() {
        let around = tempfile::tempdir().unwrap();
        let key = around.path().join("vault.key");
        let vault = Vault::open(around.path(), &key).unwrap();
        vault.set("a", "first", Timestamp(1)).unwrap();
        vault.set("b", "second", Timestamp(1)).unwrap();
        // Somebody who may write the file puts one secret in another's place.
        let swapped = vault.sealed()["a"].clone();
        vault.sealed().insert("b".to_owned(), swapped);
        assert_eq!(said(vault.read("b")), "(not there)");
        assert_eq!(said(vault.read("a")), "first");
        std::fs::remove_file(&key).unwrap();
        assert_eq!(said(vault.read("a")), "(not there)");
        // A new key would make the old secrets worth nothing without anybody having said so.
        assert!(vault.set("c", "third", Timestamp(2)).is_err() && !key.exists());
        std::fs::write(&key, BASE64.encode([7u8; 32])).unwrap();
        assert_eq!(said(vault.read("a")), "(not there)");
        assert!(vault.list().iter().all(|told| !told.opens));
        for name in ["", "A", "a/b", "..", &"x".repeat(65)] {
            assert_eq!(said(vault.read(name)), "(wrong place)", "{name}");
            assert!(vault.set(name, "x", Timestamp(1)).is_err(), "{name}");
        }
        let large = "x".repeat(SECRET_BYTES_MAX + 1);
        assert!(vault.set("d", "", Timestamp(1)).is_err());
        assert!(vault.set("d", &large, Timestamp(1)).is_err());
    }
}
