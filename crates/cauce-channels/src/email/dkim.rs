//! DKIM signatures (RFC 6376, RFC 8301, RFC 8463): relaxed/relaxed, RSA-SHA256 and
//! Ed25519-SHA256.

use super::address;
use crate::Error;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauce_core::time::Timestamp;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, pem::PemObject};

/// The headers that are signed once more than they occur, so that nobody can add another one under
/// the signature.
const OVERSIGNED: [&str; 12] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "Cc",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
    "Content-Type",
    "MIME-Version",
];

/// The headers that are signed as often as they occur. Those who pass a message on may add them
/// where there are none, and that breaks nothing. Who asks for reports must have signed where they
/// go (RFC 9477 3.1.4).
const SIGNED: [&str; 5] =
    ["List-Id", "Auto-Submitted", "Content-Transfer-Encoding", "CFBL-Address", "CFBL-Feedback-ID"];

/// Limit: receivers must support 2048 bits, and fewer are refused by some (RFC 8301).
const RSA_BITS_MIN: usize = 2048;

/// A private key.
pub struct Key(Private);

enum Private {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// Reads a PEM file: PKCS#8 for both kinds, PKCS#1 for RSA too.
    pub fn from_pem(pem: &str) -> Result<Key, Error> {
        let no = |why: String| Error::Key { subject: "dkim".to_owned(), why };
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| no(format!("no private key in PEM form: {error}")))?;
        let rsa = match &der {
            PrivateKeyDer::Pkcs8(pkcs8) => {
                if let Ok(key) = Ed25519KeyPair::from_pkcs8(pkcs8.secret_pkcs8_der()) {
                    return Ok(Key(Private::Ed25519(key)));
                }
                RsaKeyPair::from_pkcs8(pkcs8.secret_pkcs8_der())
            }
            PrivateKeyDer::Pkcs1(pkcs1) => RsaKeyPair::from_der(pkcs1.secret_pkcs1_der()),
            _ => return Err(no("neither RSA nor Ed25519".to_owned())),
        };
        let rsa = rsa.map_err(|error| no(format!("neither RSA nor Ed25519: {error}")))?;
        let bits = rsa.public_modulus_len() * 8;
        if bits < RSA_BITS_MIN {
            return Err(no(format!("RSA with {bits} bits, {RSA_BITS_MIN} at least")));
        }
        Ok(Key(Private::Rsa(rsa)))
    }

    /// Makes an RSA key of 2048 bits: what every receiver understands.
    pub fn generate_rsa() -> Result<Key, Error> {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).map_err(generation)?;
        Ok(Key(Private::Rsa(key)))
    }

    /// Makes an Ed25519 key: short and fast, not understood everywhere.
    pub fn generate_ed25519() -> Result<Key, Error> {
        Ok(Key(Private::Ed25519(Ed25519KeyPair::generate().map_err(generation)?)))
    }

    /// The private key as PKCS#8 in PEM form, to be kept secret.
    pub fn to_pem(&self) -> Result<String, Error> {
        use aws_lc_rs::encoding::Pkcs8V1Der;
        let der = match &self.0 {
            Private::Rsa(key) => {
                let der: Pkcs8V1Der<'_> = key.as_der().map_err(generation)?;
                der.as_ref().to_vec()
            }
            Private::Ed25519(key) => key.to_pkcs8v1().map_err(generation)?.as_ref().to_vec(),
        };
        let mut lines = Vec::new();
        super::encode::base64_lines(&der, &mut lines);
        let text = String::from_utf8_lossy(&lines).replace('\r', "");
        Ok(format!("-----BEGIN PRIVATE KEY-----\n{text}-----END PRIVATE KEY-----\n"))
    }

    /// The name of the algorithm.
    pub fn algorithm(&self) -> &'static str {
        match &self.0 {
            Private::Rsa(_) => "rsa-sha256",
            Private::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn public(&self) -> Result<Vec<u8>, Error> {
        Ok(match &self.0 {
            Private::Rsa(key) => {
                let der: PublicKeyX509Der<'_> = key.public_key().as_der().map_err(generation)?;
                der.as_ref().to_vec()
            }
            Private::Ed25519(key) => key.public_key().as_ref().to_vec(),
        })
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(match &self.0 {
            Private::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map_err(generation)?;
                signature
            }
            // RFC 8463: PureEdDSA over the digest, not over the headers.
            Private::Ed25519(key) => key
                .try_sign(digest(&SHA256, message).as_ref())
                .map_err(generation)?
                .as_ref()
                .to_vec(),
        })
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}, ***)", self.algorithm())
    }
}

fn generation(_: aws_lc_rs::error::Unspecified) -> Error {
    Error::Key { subject: "dkim".to_owned(), why: "the cryptographic library failed".to_owned() }
}

/// Signs for a domain under a selector.
#[derive(Debug)]
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

impl Signer {
    /// A signer; the domain should be the sender's or above it.
    pub fn new(domain: &str, selector: &str, key: Key) -> Result<Signer, Error> {
        let option = |option| move |why: String| Error::Option { option, why };
        Ok(Signer {
            domain: address::domain(domain).map_err(option("dkim.domain"))?,
            selector: address::domain(selector).map_err(option("dkim.selector"))?,
            key,
        })
    }

    /// Where the public key has to be published.
    pub fn dns_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// What has to be published there, as one text. In a zone file it is cut into strings of at
    /// most 255 bytes, see [`Signer::dns_strings`].
    pub fn dns_record(&self) -> Result<String, Error> {
        let kind = match &self.key.0 {
            Private::Rsa(_) => "rsa",
            Private::Ed25519(_) => "ed25519",
        };
        Ok(format!("v=DKIM1; k={kind}; p={}", STANDARD.encode(self.key.public()?)))
    }

    /// The record cut for a zone file.
    pub fn dns_strings(&self) -> Result<Vec<String>, Error> {
        let record = self.dns_record()?;
        let pieces = record.as_bytes().chunks(255);
        Ok(pieces.map(|piece| String::from_utf8_lossy(piece).into_owned()).collect())
    }
}

/// Writes one signature header per signer. `head` are the headers without the empty line.
pub fn sign(
    head: &[u8],
    body: &[u8],
    signers: &[Signer],
    at: Timestamp,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    if signers.is_empty() {
        return Ok(());
    }
    let body_hash = STANDARD.encode(digest(&SHA256, &relaxed_body(body)));
    let mut names = String::new();
    let mut canonical = Vec::with_capacity(head.len() + 1024);
    signed_headers(head, &mut names, &mut canonical);
    let headers_end = canonical.len();
    for signer in signers {
        let start = out.len();
        let header = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n\ts={}; t={};\r\n\th={};\r\n\t\
             bh={body_hash};\r\n\tb=",
            signer.key.algorithm(),
            signer.domain,
            signer.selector,
            at.0.div_euclid(1000).max(0),
            names,
        );
        out.extend_from_slice(header.as_bytes());
        canonical.truncate(headers_end);
        relaxed_header(&out[start..], &mut canonical);
        canonical.truncate(canonical.len() - 2);
        let signature = STANDARD.encode(signer.key.sign(&canonical)?);
        for (place, chunk) in signature.as_bytes().chunks(70).enumerate() {
            if place > 0 {
                out.extend_from_slice(b"\r\n\t ");
            }
            out.extend_from_slice(chunk);
        }
        out.extend_from_slice(b"\r\n");
    }
    Ok(())
}

/// Writes the `h=` list and the canonical form of the headers in its order.
fn signed_headers(head: &[u8], names: &mut String, canonical: &mut Vec<u8>) {
    let lines = split(head);
    let mut column = 2;
    for (name, further) in OVERSIGNED.iter().map(|n| (n, 1)).chain(SIGNED.iter().map(|n| (n, 0))) {
        let found = lines.iter().rev().filter(|line| has_name(line, name));
        let mut count = further;
        for line in found {
            relaxed_header(line, canonical);
            count += 1;
        }
        for _ in 0..count {
            if column > 2 {
                names.push(':');
                if column + name.len() > 70 {
                    names.push_str("\r\n\t ");
                    column = 2;
                }
            }
            names.push_str(name);
            column += name.len() + 1;
        }
    }
}

fn has_name(line: &[u8], name: &str) -> bool {
    line.len() > name.len()
        && line[name.len()] == b':'
        && line[..name.len()].eq_ignore_ascii_case(name.as_bytes())
}

/// Headers with their folded lines.
fn split(head: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::with_capacity(16);
    let mut start = 0;
    for place in 0..head.len() {
        let next = head.get(place + 1);
        if head[place] == b'\n' && !matches!(next, Some(b' ' | b'\t')) {
            lines.push(&head[start..=place]);
            start = place + 1;
        }
    }
    lines
}

/// RFC 6376 §3.4.2.
fn relaxed_header(line: &[u8], out: &mut Vec<u8>) {
    let colon = line.iter().position(|b| *b == b':').unwrap_or(line.len());
    let name = line[..colon].trim_ascii_end();
    out.extend(name.iter().map(u8::to_ascii_lowercase));
    out.push(b':');
    let start = out.len();
    let mut blank = false;
    for &byte in line.get(colon + 1..).unwrap_or_default() {
        match byte {
            b' ' | b'\t' => blank = true,
            b'\r' | b'\n' => {}
            _ => {
                if blank && out.len() > start {
                    out.push(b' ');
                }
                blank = false;
                out.push(byte);
            }
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// RFC 6376 §3.4.4.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    let mut start = 0;
    let mut blank = false;
    for (place, &byte) in body.iter().enumerate() {
        match byte {
            b' ' | b'\t' => {
                if !blank {
                    out.extend_from_slice(&body[start..place]);
                }
                blank = true;
                start = place + 1;
            }
            b'\r' if body.get(place + 1) == Some(&b'\n') => {
                out.extend_from_slice(&body[start..place]);
                start = place;
                blank = false;
            }
            _ => {
                if blank {
                    out.push(b' ');
                    start = place;
                }
                blank = false;
            }
        }
    }
    if !blank {
        out.extend_from_slice(&body[start..]);
    }
    while out.ends_with(b"\r\n") {
        out.truncate(out.len() - 2);
    }
    if !out.is_empty() {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_relaxed() {
        let check = |body: &str, relaxed: &str| {
            assert_eq!(String::from_utf8(relaxed_body(body.as_bytes())).unwrap(), relaxed);
        };
        check(" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n");
        check("", "");
        check("\r\n\r\n", "");
        check("x", "x\r\n");
        check("x  ", "x\r\n");
        check("a\t\tb  \r\n  \r\nc", "a b\r\n\r\nc\r\n");
        check("\r\n a", "\r\n a\r\n");
    }

    #[test]
    fn headers_are_relaxed() {
        let mut out = Vec::new();
        relaxed_header(b"SubjecT \t:  a \r\n\t b  \r\n", &mut out);
        assert_eq!(out, b"subject:a b\r\n");
    }

    #[test]
    fn keys_come_back_from_pem() {
        for key in [Key::generate_rsa().unwrap(), Key::generate_ed25519().unwrap()] {
            let again = Key::from_pem(&key.to_pem().unwrap()).unwrap();
            assert_eq!(again.public().unwrap(), key.public().unwrap());
            assert_eq!(again.algorithm(), key.algorithm());
            let signer = Signer::new("example.com", "s1", again).unwrap();
            assert_eq!(signer.dns_name(), "s1._domainkey.example.com");
            assert!(signer.dns_strings().unwrap().iter().all(|piece| piece.len() <= 255));
        }
        assert!(Key::from_pem("nonsense").is_err());
    }

    #[test]
    fn headers_that_matter_are_signed_once_more_than_they_occur() {
        let signer = Signer::new("example.com", "e", Key::generate_ed25519().unwrap()).unwrap();
        let mut out = Vec::new();
        let head = b"From: a@example.com\r\nList-Id: <x>\r\n";
        sign(head, b"x\r\n", &[signer], Timestamp(5_000), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let bare = text.replace(['\r', '\n', '\t', ' '], "");
        assert!(bare.contains("h=From:From:To:Subject:"), "{text}");
        assert!(bare.contains(":MIME-Version:List-Id;bh="), "{text}");
        assert!(bare.contains(";t=5;") && text.lines().all(|line| line.len() <= 78), "{text}");
    }
}
