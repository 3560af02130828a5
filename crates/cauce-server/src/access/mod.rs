//! Who may do what: members with roles, their passwords and sessions, and the audit of every
//! change.

pub mod audit;
pub mod members;
pub mod passwords;
pub mod sessions;

use crate::http::rate::Rates;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// What a member may do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Read.
    Viewer,
    /// Read, and change what is said to whom.
    Editor,
    /// Everything.
    Owner,
}

impl Role {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Owner => "owner",
        }
    }
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AuditWho)]
pub struct Who {
    /// Which kind of who.
    pub kind: Kind,
    /// A member's e-mail address, a key's name, or a word for a part of the system.
    pub name: String,
}

/// Which kind of who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AuditWhoKind)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Somebody who signed in.
    Member,
    /// A program with a key.
    Key,
    /// Cauce by itself: a schedule, or the command line on the server.
    System,
}

impl Who {
    /// Cauce by itself.
    pub fn system(name: &str) -> Who {
        Who { kind: Kind::System, name: name.to_owned() }
    }

    /// A member.
    pub fn member(email: &str) -> Who {
        Who { kind: Kind::Member, name: email.to_owned() }
    }
}

/// Characters of a token: 256 bits in Base64 without padding.
pub const TOKEN_CHARACTERS: usize = 43;

/// A new token: 256 random bits as text for an address or a cookie.
pub fn token() -> String {
    BASE64.encode(crate::keys::random::<32>())
}

/// What is stored of a token. A random token of 256 bits needs no slow hash.
pub fn hash(token: &str) -> String {
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether some text can be a token at all.
pub fn is_token(text: &str) -> bool {
    text.len() == TOKEN_CHARACTERS && BASE64.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// How often somebody may try to sign in as one member: this many at once, ...
const TRIES_PER_MEMBER: u32 = 10;
/// ... and one more after so many seconds.
const TRY_AGAIN_MEMBER_S: u32 = 20;
/// The same for one address, behind which an office may be.
const TRIES_PER_ADDRESS: u32 = 30;
/// As above.
const TRY_AGAIN_ADDRESS_S: u32 = 5;

/// What signing in needs for as long as the process lives.
pub struct Access {
    /// Who is signed in.
    pub sessions: Arc<sessions::Sessions>,
    /// Room for checking passwords.
    pub passwords: passwords::Passwords,
    /// Tries by member, as a hash of what was typed: memory stays bounded whatever that is.
    pub by_member: Rates<u64>,
    /// Tries by address.
    pub by_address: Rates<std::net::IpAddr>,
    /// The sign-in link of `cauce dev`: hash of its token, and whose it is. Worth nothing once it
    /// was used.
    entry: Mutex<Option<(String, String)>>,
}

impl Access {
    /// With the sessions of a data directory.
    pub fn open(data: &std::path::Path) -> anyhow::Result<Access> {
        Ok(Access {
            sessions: Arc::new(sessions::Sessions::open(data)?),
            passwords: passwords::Passwords::default(),
            by_member: Rates::bursts(TRIES_PER_MEMBER, TRY_AGAIN_MEMBER_S),
            by_address: Rates::bursts(TRIES_PER_ADDRESS, TRY_AGAIN_ADDRESS_S),
            entry: Mutex::default(),
        })
    }

    /// A token that signs a member in once; the one before is worth nothing any more.
    pub fn make_entry(&self, email: &str) -> String {
        let token = token();
        let mut entry = self.entry.lock().unwrap_or_else(PoisonError::into_inner);
        *entry = Some((hash(&token), email.to_owned()));
        token
    }

    /// Whom a token signs in; it does so once.
    pub fn take_entry(&self, token: &str) -> Option<String> {
        let mut entry = self.entry.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, _) = entry.as_ref()?;
        let same = subtle::ConstantTimeEq::ct_eq(known.as_bytes(), hash(token).as_bytes());
        if !bool::from(same) {
            return None;
        }
        entry.take().map(|(_, email)| email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_link_works_once() {
        let folder = tempfile::tempdir().unwrap();
        let access = Access::open(folder.path()).unwrap();
        assert_eq!(access.take_entry(""), None);
        let token = access.make_entry("ana@example.com");
        assert_eq!(access.take_entry(&super::token()), None);
        assert_eq!(access.take_entry(&token).as_deref(), Some("ana@example.com"));
        assert_eq!(access.take_entry(&token), None, "used");
        let first = access.make_entry("ana@example.com");
        access.make_entry("ana@example.com");
        assert_eq!(access.take_entry(&first), None, "replaced");
    }

    #[test]
    fn tokens_are_told_from_other_text() {
        assert!(is_token(&token()));
        for other in ["", "a", &"a".repeat(42), &"a".repeat(44), &"ä".repeat(43), &"=".repeat(43)]
        {
            assert!(!is_token(other), "{other}");
        }
    }
}
