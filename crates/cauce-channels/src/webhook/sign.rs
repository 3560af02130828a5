//! Standard Webhooks signatures: HMAC-SHA256 over id, time and the exact body.

use crate::Error;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A secret shared with a receiver.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Reads `whsec_` and base64, 24 to 64 bytes as the standard asks.
    pub fn parse(text: &str) -> Result<SigningKey, Error> {
        let no = |why: &str| Error::Key { subject: "webhook".to_owned(), why: why.to_owned() };
        let encoded =
            text.strip_prefix("whsec_").ok_or_else(|| no("it does not begin with `whsec_`"))?;
        let bytes = STANDARD.decode(encoded).map_err(|_| no("it is not base64"))?;
        if !(24..=64).contains(&bytes.len()) {
            return Err(no("it does not have 24 to 64 bytes"));
        }
        Ok(SigningKey(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// Whether one of the signatures in a header is by this key, over an id, a time in seconds and
    /// the exact body.
    pub fn verifies(&self, id: &str, seconds: &str, body: &[u8], header: &str) -> bool {
        let text = [id.as_bytes(), b".", seconds.as_bytes(), b".", body].concat();
        header.split(' ').filter_map(|one| one.strip_prefix("v1,")).any(|one| {
            let signature = STANDARD.decode(one);
            signature.is_ok_and(|signature| hmac::verify(&self.0, &text, &signature).is_ok())
        })
    }

    /// One signature, as the header has it.
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(format!("{id}.{seconds}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// The value of `webhook-signature`: one signature per key, so that keys can be changed without a
/// gap.
pub(super) fn signatures(keys: &[SigningKey], id: &str, seconds: i64, body: &[u8]) -> String {
    keys.iter().map(|key| key.sign(id, seconds, body)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // The vector of the standard's own documentation.
        let key = SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let check = signatures(&[key.clone(), key], id, 1_614_265_330, body);
        let one = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(check, format!("{one} {one}"));
    }

    #[test]
    fn bad_keys_are_refused_without_showing_them() {
        for bad in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%"] {
            assert!(SigningKey::parse(bad).is_err(), "{bad}");
        }
    }
}
