//! Signed names of messages in links, pixels and return paths. A token names a message, never a
//! profile; the target of a click is inside the signature, so a click needs no state and the
//! address is no open redirect. Tokens of browsers name one person, for a while.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cauce_core::ids::MessageId;
use cauce_core::profile::Alias;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a token is for; a token for one thing is worth nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The pixel.
    Open,
    /// A link; signed together with its target.
    Click,
    /// Unsubscribing and the preference page.
    Unsubscribe,
    /// The envelope sender.
    Return,
    /// Confirming a yes.
    Confirm,
    /// A provider's report about the message; signed together with the provider's name.
    Report,
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Purpose::Open => b'o',
            Purpose::Click => b'c',
            Purpose::Unsubscribe => b'u',
            Purpose::Return => b'r',
            Purpose::Confirm => b'y',
            Purpose::Report => b'p',
        }
    }
}

/// What a token of a browser says: whose it is, until when, and what may be read with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Whose it is.
    pub alias: Alias,
    /// Worth nothing from then on.
    pub expires: Timestamp,
    /// The public beginning of the key that it was minted with: it ends with that key.
    pub key: String,
    /// Segments it is limited to, of those that browsers may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<BTreeSet<String>>,
    /// Attributes it is limited to, of those that browsers may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<BTreeSet<String>>,
}

/// What a token of a browser begins with.
pub const PERSON: &str = "cb_";

/// Bytes of the signature that are kept: 96 bits, beyond guessing online.
const MAC_BYTES: usize = 12;

/// Makes and reads tokens.
pub struct Tokens {
    key: hmac::Key,
}

impl Tokens {
    /// From the installation's secret.
    pub fn new(secret: &[u8]) -> Tokens {
        Tokens { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// A key for something else, that says nothing of this one.
    pub fn derive(&self, what: &str) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        // Longer than any token's text before it, so that no token is a key.
        context.update(b"derived key: ");
        context.update(what.as_bytes());
        let tag = context.sign();
        let mut key = [0; 32];
        key.copy_from_slice(tag.as_ref());
        key
    }

    fn mac(&self, purpose: Purpose, message: MessageId, extra: &str) -> [u8; MAC_BYTES] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&[purpose.byte()]);
        context.update(&message.0.to_be_bytes());
        context.update(extra.as_bytes());
        let tag = context.sign();
        let mut kept = [0; MAC_BYTES];
        kept.copy_from_slice(&tag.as_ref()[..MAC_BYTES]);
        kept
    }

    /// A token for a message; `extra` is signed and has to be shown again.
    pub fn make(&self, purpose: Purpose, message: MessageId, extra: &str) -> String {
        let mut bytes = message.0.to_be_bytes().to_vec();
        bytes.extend(self.mac(purpose, message, extra));
        BASE64.encode(bytes)
    }

    /// The message that a token names, if the signature holds.
    pub fn read(&self, purpose: Purpose, token: &str, extra: &str) -> Option<MessageId> {
        let bytes = BASE64.decode(token).ok()?;
        let (id, mac) = bytes.split_first_chunk::<16>()?;
        let message = MessageId(u128::from_be_bytes(*id));
        let expected = self.mac(purpose, message, extra);
        let same = subtle::ConstantTimeEq::ct_eq(&expected[..], mac);
        bool::from(same).then_some(message)
    }

    fn person_mac(&self, claims: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        // No purpose of a message's token begins so.
        context.update(b"person ");
        context.update(claims);
        context.sign()
    }

    /// A token that reads one person.
    pub fn make_person(&self, person: &Person) -> String {
        let claims = serde_json::to_vec(person).expect("claims are plain data");
        let mac = BASE64.encode(self.person_mac(&claims));
        format!("{PERSON}{}.{mac}", BASE64.encode(claims))
    }

    /// What a browser's token says, if the signature holds. Its time may be over.
    pub fn read_person(&self, token: &str) -> Option<Person> {
        let (claims, mac) = token.strip_prefix(PERSON)?.split_once('.')?;
        let (claims, mac) = (BASE64.decode(claims).ok()?, BASE64.decode(mac).ok()?);
        let expected = self.person_mac(&claims);
        let same = subtle::ConstantTimeEq::ct_eq(expected.as_ref(), &mac[..]);
        bool::from(same).then(|| serde_json::from_slice(&claims).ok()).flatten()
    }

    /// The local part of the envelope sender: small letters and digits, since some servers fold
    /// case.
    pub fn return_path(&self, message: MessageId, domain: &str) -> String {
        let mac = self.mac(Purpose::Return, message, "");
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = message.to_string();
        format!("b-{}.{hex}@{domain}", id.trim_start_matches("msg_"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_for_one_purpose_and_one_target() {
        let tokens = Tokens::new(b"secret");
        let message = MessageId(42);
        let token = tokens.make(Purpose::Click, message, "https://a.b/?x=1");
        assert_eq!(tokens.read(Purpose::Click, &token, "https://a.b/?x=1"), Some(message));
        assert_eq!(tokens.read(Purpose::Click, &token, "https://evil/"), None);
        assert_eq!(tokens.read(Purpose::Open, &token, "https://a.b/?x=1"), None);
        assert_eq!(Tokens::new(b"other").read(Purpose::Click, &token, "https://a.b/?x=1"), None);
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(tokens.read(Purpose::Click, &forged, "https://a.b/?x=1"), None, "byte {at}");
        }
        let path = tokens.return_path(message, "rp.example");
        assert!(path.split('@').next().unwrap().len() <= 64, "{path}");
    }

    #[test]
    fn a_browsers_token_cannot_be_bent() {
        let tokens = Tokens::new(b"secret");
        let alias = Alias { namespace: "user_id".into(), value: "42".into() };
        let person = Person {
            alias,
            expires: Timestamp(9),
            key: "cl_abc".into(),
            segments: None,
            attributes: Some(BTreeSet::from(["plan".into()])),
        };
        let token = tokens.make_person(&person);
        assert_eq!(tokens.read_person(&token), Some(person.clone()));
        assert_eq!(Tokens::new(b"other").read_person(&token), None);
        let mac = token.split_once('.').unwrap().1;
        let other = Person { expires: Timestamp(i64::MAX), ..person };
        let claims = BASE64.encode(serde_json::to_vec(&other).unwrap());
        assert_eq!(tokens.read_person(&format!("cb_{claims}.{mac}")), None);
        for bad in ["", "cb_", "cb_.", "cb_a.b", &token[3..], &token[..token.len() - 1]] {
            assert_eq!(tokens.read_person(bad), None, "{bad}");
        }
    }
}
