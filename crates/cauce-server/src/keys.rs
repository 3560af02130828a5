//! API keys: random, shown once, stored as a hash.

use crate::control::{Key, Scope};
use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cauce_core::time::Timestamp;
use std::collections::BTreeMap;

/// Characters of a key that are public: enough to find it.
pub const PREFIX: usize = 10;

/// Random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn hash(secret: &str) -> String {
    let digest = digest::digest(&digest::SHA256, secret.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A new key: its secret, and what is stored of it.
pub fn make(name: &str, scope: Scope, at: Timestamp) -> (String, Key) {
    let kind = match scope {
        Scope::Write => "cw",
        Scope::Lookup => "cl",
        Scope::Admin => "ca",
        Scope::Lists => "cu",
    };
    let secret = format!("{kind}_{}", BASE64.encode(random::<32>()));
    let key = stored(&secret, name, scope, at);
    (secret, key)
}

/// What is stored of a key.
pub fn stored(secret: &str, name: &str, scope: Scope, at: Timestamp) -> Key {
    let prefix = secret.chars().take(PREFIX).collect();
    Key { prefix, name: name.to_owned(), scope, hash: hash(secret), at }
}

/// The stored key that a secret belongs to, compared in constant time.
pub fn find<'k>(keys: &'k BTreeMap<String, Key>, secret: &str) -> Option<&'k Key> {
    let prefix: String = secret.chars().take(PREFIX).collect();
    let key = keys.get(&prefix)?;
    let same = subtle::ConstantTimeEq::ct_eq(hash(secret).as_bytes(), key.hash.as_bytes());
    bool::from(same).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_opens() {
        let (secret, key) = make("shop", Scope::Write, Timestamp(0));
        let keys = BTreeMap::from([(key.prefix.clone(), key)]);
        assert!(find(&keys, &secret).is_some());
        assert!(find(&keys, &secret[..secret.len() - 1]).is_none());
        assert!(find(&keys, &format!("{secret}x")).is_none());
        assert!(find(&keys, "").is_none());
    }
}
