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
    /// A carrier's or provider's report; signed together with how many parts the message has, or
    /// with the provider's name.
    Report,
    /// The token of a short link.
    Short,
    /// The address that hears of answers.
    Answer,
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
            Purpose::Short => b's',
            Purpose::Answer => b'a',
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

    /// Bits for the short link of one attempt to a target: nobody guesses them, and another attempt
    /// has others.
    pub fn short(&self, message: MessageId, attempt: u32, target: &str) -> u64 {
        let mac = self.mac(Purpose::Short, message, &format!("{attempt} {target}"));
        let mut bits = [0; 8];
        bits.copy_from_slice(&mac[..8]);
        u64::from_be_bytes(bits)
    }

    /// What a carrier of text messages is told of a message, and tells again: its name and how many
    /// parts it has. Letters, digits, `-` and `_`, at most 44.
    pub fn reference(&self, message: MessageId, parts: u16) -> String {
        let parts = parts.to_string();
        format!("{}-{parts}", self.make(Purpose::Report, message, &parts))
    }

    /// The message and the number of its parts, if the signature holds.
    pub fn read_reference(&self, reference: &str) -> Option<(MessageId, u16)> {
        let (token, parts) = reference.rsplit_once('-')?;
        let message = self.read(Purpose::Report, token, parts)?;
        Some((message, parts.parse().ok()?))
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

    /// The envelope sender: the address to which what becomes of a message returns.
    pub fn return_path(&self, message: MessageId, domain: &str) -> String {
        format!("b-{}@{domain}", self.local(Purpose::Return, message))
    }

    /// The address whose mail unsubscribes.
    pub fn unsubscribe_address(&self, message: MessageId, domain: &str) -> String {
        format!("u-{}@{domain}", self.local(Purpose::Unsubscribe, message))
    }

    /// The address at which answers to a message are heard of.
    pub fn answer_address(&self, message: MessageId, domain: &str) -> String {
        format!("a-{}@{domain}", self.local(Purpose::Answer, message))
    }

    /// A signed name as part of an address: small letters and digits, since some servers fold case.
    fn local(&self, purpose: Purpose, message: MessageId) -> String {
        let mac = self.mac(purpose, message, "");
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        let id = message.to_string();
        format!("{}.{hex}", id.trim_start_matches("msg_"))
    }

    /// The message that a part of an address names, if the signature holds.
    pub fn read_local(&self, purpose: Purpose, text: &str) -> Option<MessageId> {
        let (id, _) = text.split_once('.')?;
        let message: MessageId = format!("msg_{id}").parse().ok()?;
        let expected = self.local(purpose, message);
        let same = subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), text.as_bytes());
        bool::from(same).then_some(message)
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
        let reference = tokens.reference(message, 3);
        assert_eq!(tokens.read_reference(&reference), Some((message, 3)));
        assert!(reference.len() <= 44, "{reference}");
        assert_eq!(tokens.read_reference(&reference.replace("-3", "-1")), None);
        let path = tokens.return_path(message, "rp.example");
        let local = path.split('@').next().unwrap();
        assert!(local.len() <= 64, "{path}");
        let named = &local[2..];
        assert_eq!(tokens.read_local(Purpose::Return, named), Some(message));
        assert_eq!(tokens.read_local(Purpose::Unsubscribe, named), None);
        assert_eq!(Tokens::new(b"other").read_local(Purpose::Return, named), None);
        for at in 0..named.len() {
            let mut forged = named.to_owned();
            let letter = if named.as_bytes()[at] == b'1' { "2" } else { "1" };
            forged.replace_range(at..=at, letter);
            assert_eq!(tokens.read_local(Purpose::Return, &forged), None, "{forged}");
        }
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
