//! Signed names of messages in links, pixels and return paths. A token names a message, never a
//! profile; the target of a click is inside the signature, so a click needs no state and the
//! address is no open redirect.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cauce_core::ids::MessageId;

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
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Purpose::Open => b'o',
            Purpose::Click => b'c',
            Purpose::Unsubscribe => b'u',
            Purpose::Return => b'r',
            Purpose::Confirm => b'y',
        }
    }
}

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
}
