//! How a request proves who asks: keys in headers, signatures, tokens.

use super::oauth::Tokens;
use crate::Error;
use crate::http::{Call, Client};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_core::delivery::Outcome;
use cauce_core::publish::{Encoding, Hash};
use std::fmt::Write as _;

/// Everything that a request has to prove.
#[derive(Debug, Default)]
pub struct Auth {
    /// Headers that hold a secret.
    pub headers: Vec<SecretHeader>,
    /// Tokens that are asked for.
    pub tokens: Option<Tokens>,
    /// A signature.
    pub signature: Option<Signature>,
}

/// A header that is shown to nobody.
#[derive(Clone)]
pub struct SecretHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl std::fmt::Debug for SecretHeader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretHeader").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SecretHeader {
    /// A name and a password (RFC 7617).
    pub fn basic(username: &str, password: &str) -> SecretHeader {
        let value = format!("Basic {}", STANDARD.encode(format!("{username}:{password}")));
        SecretHeader { name: "authorization".to_owned(), value }
    }
}

/// A signature in a header.
#[derive(Debug)]
pub struct Signature {
    /// The key.
    pub key: Key,
    /// How the signature is written.
    pub encoding: Encoding,
    /// What is signed, with holes.
    pub signed: String,
    /// The header.
    pub header: String,
    /// Its value, with holes.
    pub value: String,
}

/// A shared secret for signatures of either direction.
pub struct Key(hmac::Key);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

impl Key {
    /// Reads a key as it is written.
    ///
    /// # Errors
    /// One that is written otherwise, or empty.
    pub fn read(text: &str, encoding: Encoding, hash: Hash) -> Result<Key, Error> {
        let no = |why: &str| Error::Key { subject: "signature".to_owned(), why: why.to_owned() };
        let bytes = decode(text.trim(), encoding).ok_or_else(|| no("it is written otherwise"))?;
        if bytes.is_empty() {
            return Err(no("it is empty"));
        }
        let algorithm = match hash {
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        Ok(Key(hmac::Key::new(algorithm, &bytes)))
    }

    /// The signature of bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        hmac::sign(&self.0, bytes).as_ref().to_vec()
    }

    /// Whether a signature is that of bytes, in the same time whatever differs.
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.0, bytes, signature).is_ok()
    }
}

/// Bytes as text.
pub fn encode(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Hex | Encoding::Text => bytes.iter().fold(String::new(), |mut text, byte| {
            // Invariant: writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }),
    }
}

/// Bytes of a text, if it is written so.
pub fn decode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Text => Some(text.as_bytes().to_vec()),
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Hex => {
            let digits: Option<Vec<u8>> =
                text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
            let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
            Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
        }
    }
}

/// Fills the holes of a pattern; a hole without a value stays as it is.
pub fn fill(pattern: &str, values: &[(&str, &[u8])]) -> Vec<u8> {
    let mut filled = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        filled.extend_from_slice(&rest.as_bytes()[..open]);
        rest = &rest[open..];
        let end = rest.find('}').map(|end| end + 1).unwrap_or(rest.len());
        let (hole, after) = rest.split_at(end);
        let name = hole.trim_start_matches('{').trim_end_matches('}');
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.extend_from_slice(value),
            None => filled.extend_from_slice(hole.as_bytes()),
        }
        rest = after;
    }
    filled.extend_from_slice(rest.as_bytes());
    filled
}

/// Path and query of an address.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find(['/', '?']).map_or("/", |at| &rest[at..])
}

impl Auth {
    /// Adds to a request what it has to prove; `id` and `seconds` name the request and its time.
    ///
    /// # Errors
    /// No token, which says nothing about the message.
    pub async fn prove(
        &self,
        client: &Client,
        call: &mut Call,
        (id, seconds): (&str, i64),
    ) -> Result<(), Outcome> {
        let token = match &self.tokens {
            Some(tokens) => Some(tokens.token(client).await?),
            None => None,
        };
        self.add(call, token.as_deref(), (id, seconds));
        Ok(())
    }

    /// The same without a token: its place is shown.
    pub fn show(&self, call: &mut Call, (id, seconds): (&str, i64)) {
        let token = self.tokens.as_ref().map(|_| "asked-for-when-it-is-sent");
        self.add(call, token, (id, seconds));
    }

    fn add(&self, call: &mut Call, token: Option<&str>, (id, seconds): (&str, i64)) {
        for header in &self.headers {
            call.headers.push((header.name.clone(), header.value.clone()));
        }
        if let Some(token) = token {
            call.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        if let Some(signature) = &self.signature {
            call.headers.push(signature.header(call, id, seconds));
        }
    }

    /// Names of the headers whose values are secrets, in small letters.
    pub fn hidden(&self) -> Vec<String> {
        let own = self.headers.iter().map(|header| header.name.to_ascii_lowercase());
        own.chain(["authorization".to_owned()]).collect()
    }
}

impl Signature {
    fn header(&self, call: &Call, id: &str, seconds: i64) -> (String, String) {
        let seconds = seconds.to_string();
        let mut values: Vec<(&str, &[u8])> = vec![
            ("id", id.as_bytes()),
            ("timestamp", seconds.as_bytes()),
            ("method", call.method.as_bytes()),
            ("path", path(&call.url).as_bytes()),
            ("body", &call.body),
        ];
        let signature = encode(&self.key.sign(&fill(&self.signed, &values)), self.encoding);
        values.retain(|(name, _)| *name != "body");
        values.push(("signature", signature.as_bytes()));
        let value = fill(&self.value, &values);
        (self.header.clone(), String::from_utf8_lossy(&value).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_once() {
        let check = |pattern: &str, expected: &str| {
            let values: [(&str, &[u8]); 2] = [("timestamp", b"17"), ("body", b"{timestamp}")];
            assert_eq!(fill(pattern, &values), expected.as_bytes(), "{pattern}");
        };
        check("{timestamp}.{body}", "17.{timestamp}");
        check("{other} {timestamp", "{other} 17");
        check("plain", "plain");
        check("", "");
    }

    #[test]
    fn keys_and_signatures_are_read_as_they_are_written() {
        // RFC 4231, case 2; RFC 2202, case 2.
        let key = Key::read("Jefe", Encoding::Text, Hash::Sha256).unwrap();
        let data = b"what do ya want for nothing?";
        let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(encode(&key.sign(data), Encoding::Hex), known);
        let hex = Key::read("4a656665", Encoding::Hex, Hash::Sha1).unwrap();
        let known = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
        assert_eq!(encode(&hex.sign(data), Encoding::Hex), known);
        assert!(hex.verifies(data, &decode(known, Encoding::Hex).unwrap()));
        assert!(!hex.verifies(data, b""));
        for (bad, encoding) in
            [("", Encoding::Text), ("4a6", Encoding::Hex), ("%", Encoding::Base64)]
        {
            assert!(Key::read(bad, encoding, Hash::Sha256).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_signature_is_over_what_leaves() {
        let signature = Signature {
            key: Key::read("hush", Encoding::Text, Hash::Sha256).unwrap(),
            encoding: Encoding::Base64,
            signed: "{method} {path}\n{timestamp}.{body}".into(),
            header: "x-sign".into(),
            value: "t={timestamp},v1={signature}".into(),
        };
        let call = Call {
            method: "POST".into(),
            url: "https://a.example/send?x=1".into(),
            headers: vec![],
            body: b"{signature}".to_vec(),
        };
        let (name, value) = signature.header(&call, "msg_1", 17);
        let made = signature.key.sign(b"POST /send?x=1\n17.{signature}");
        assert_eq!(
            (name.as_str(), value),
            ("x-sign", format!("t=17,v1={}", STANDARD.encode(made)))
        );
        assert_eq!((path("https://a.example"), path("https://a?b")), ("/", "?b"));
    }
}
