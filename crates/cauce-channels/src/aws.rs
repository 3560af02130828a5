//! Signing requests as Amazon's services and those that are compatible with them want it (AWS
//! Signature, version 4).

use aws_lc_rs::{digest, hmac};
use cauce_core::time::Timestamp;

/// Who asks.
#[derive(Clone)]
pub struct Credentials {
    /// The public half.
    pub access_key: String,
    /// The secret half.
    pub secret_key: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// What is signed of a request.
#[derive(Debug)]
pub(crate) struct Signed<'r> {
    pub method: &'r str,
    /// The path, encoded.
    pub path: &'r str,
    /// The query, encoded, each with its name.
    pub query: Vec<(String, String)>,
    /// Headers by their names in small letters.
    pub headers: Vec<(&'r str, String)>,
    /// The hash of the body, in hex.
    pub body: &'r str,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of a body, in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Letters that Amazon wants as they are; `/` only in paths.
pub(crate) fn encode(text: &str, path: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            b'/' if path => encoded.push('/'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A query as it is written.
pub(crate) fn written(query: &[(String, String)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// A time as these signatures write it: `20130524T000000Z`.
pub(crate) fn stamp(at: Timestamp) -> String {
    let text = Timestamp(at.0.div_euclid(1_000) * 1_000).to_string();
    text.chars().filter(|letter| !matches!(letter, '-' | ':')).collect()
}

/// The header `authorization` for a service in a region; `at` as [`stamp`] makes it.
pub(crate) fn authorization(
    credentials: &Credentials,
    (service, region): (&str, &str),
    at: &str,
    request: &mut Signed<'_>,
) -> String {
    request.query.sort();
    request.headers.sort();
    let headers: String =
        request.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{names}\n{}",
        request.method,
        request.path,
        written(&request.query),
        request.body
    );
    let day = at.get(..8).unwrap_or(at);
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let mut key = format!("AWS4{}", credentials.secret_key).into_bytes();
    for part in [day, region, service, "aws4_request", &text] {
        let with = hmac::Key::new(hmac::HMAC_SHA256, &key);
        key = hmac::sign(&with, part.as_bytes()).as_ref().to_vec();
    }
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={}",
        credentials.access_key,
        hex(&key)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the specification.
    fn check(mut request: Signed<'_>, expected: &str) {
        let credentials = Credentials {
            access_key: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
        };
        let at = "20130524T000000Z";
        request.headers.push(("host", "examplebucket.s3.amazonaws.com".into()));
        request.headers.push(("x-amz-content-sha256", request.body.to_owned()));
        request.headers.push(("x-amz-date", at.into()));
        let made = authorization(&credentials, ("s3", "us-east-1"), at, &mut request);
        assert!(made.ends_with(&format!("Signature={expected}")), "{made}");
    }

    #[test]
    fn times_are_written_without_marks() {
        assert_eq!(stamp(Timestamp(1_369_353_600_123)), "20130524T000000Z");
    }

    #[test]
    fn signatures_are_those_of_the_specification() {
        let empty = sha256(b"");
        let get = |path, query: &[(&str, &str)]| Signed {
            method: "GET",
            path,
            query: query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            headers: Vec::new(),
            body: &empty,
        };
        let mut ranged = get("/test.txt", &[]);
        ranged.headers.push(("range", "bytes=0-9".into()));
        check(ranged, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
        let list = get("/", &[("prefix", "J"), ("max-keys", "2")]);
        check(list, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
        let body = sha256(b"Welcome to Amazon S3.");
        let path = format!("/{}", encode("test$file.text", true));
        let put = Signed {
            method: "PUT",
            path: &path,
            query: Vec::new(),
            headers: vec![
                ("date", "Fri, 24 May 2013 00:00:00 GMT".into()),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY".into()),
            ],
            body: &body,
        };
        check(put, "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    }
}
