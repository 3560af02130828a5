//! How requests to somebody's server prove who asks.

use super::api::{Checked, is_place};
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// Ways to prove who asks; a header, a signature and a certificate may come together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Auth {
    /// A header that holds a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<KeyHeader>,
    /// A name and a password (RFC 7617).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic: Option<Basic>,
    /// A token that is asked for with client credentials (RFC 6749 §4.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth2: Option<OAuth2>,
    /// A signature over the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hmac: Option<Hmac>,
    /// A certificate of ours in the TLS handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
}

/// A header that holds a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyHeader {
    /// Its name.
    #[serde(default = "authorization")]
    pub name: String,
    /// What stands before the key: `AccessKey `.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Where the key is: `file:NAME` or `env:CAUCE_NAME`.
    pub key: String,
}

fn authorization() -> String {
    "authorization".to_owned()
}

/// A name and a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Basic {
    /// The name: as it is, or where it is.
    pub username: String,
    /// Where the password is: `file:NAME` or `env:CAUCE_NAME`.
    pub password: String,
}

/// Client credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OAuth2 {
    /// Where tokens are.
    pub token_url: String,
    /// The client: as it is, or where it is.
    pub client_id: String,
    /// Where the client's secret is: `file:NAME` or `env:CAUCE_NAME`.
    pub client_secret: String,
    /// What is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// For whom, where the server asks that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Where the credentials stand in the request for a token.
    #[serde(default)]
    pub credentials: Credentials,
}

/// Where client credentials stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// In the header `authorization` (RFC 6749 §2.3.1).
    #[default]
    Header,
    /// Among the fields of the form.
    Body,
}

/// A signature over the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hmac {
    /// Where the key is: `file:NAME` or `env:CAUCE_NAME`.
    pub key: String,
    /// How the key is written.
    #[serde(default)]
    pub key_encoding: Encoding,
    /// The hash.
    #[serde(default)]
    pub algorithm: Hash,
    /// How the signature is written.
    #[serde(default = "hex")]
    pub encoding: Encoding,
    /// What is signed: `{id}`, `{timestamp}`, `{method}`, `{path}`, `{body}`.
    #[serde(default = "body")]
    pub signed: String,
    /// The header that holds it.
    pub header: String,
    /// The header's value: `{signature}`, and what may be signed except `{body}`.
    #[serde(default = "signature")]
    pub value: String,
}

fn hex() -> Encoding {
    Encoding::Hex
}
fn body() -> String {
    "{body}".to_owned()
}
fn signature() -> String {
    "{signature}".to_owned()
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// As they are.
    #[default]
    Text,
    /// In hexadecimal digits.
    Hex,
    /// In base64.
    Base64,
}

/// A hash function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hash {
    /// SHA-1: for providers that have nothing better.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// A certificate of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Certificate {
    /// Where the certificate and its chain are (PEM).
    pub certificate: String,
    /// Where its private key is (PEM).
    pub key: String,
}

/// What may be signed of a request.
const SIGNED: [&str; 5] = ["id", "timestamp", "method", "path", "body"];

/// The names in braces of a pattern.
fn holes(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest))
}

fn is_header(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

impl Auth {
    /// Where its secrets are.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let mut places: Vec<&str> = Vec::new();
        places.extend(self.header.iter().map(|header| header.key.as_str()));
        if let Some(basic) = &self.basic {
            places.extend([basic.username.as_str(), basic.password.as_str()]);
        }
        if let Some(oauth) = &self.oauth2 {
            places.extend([oauth.client_id.as_str(), oauth.client_secret.as_str()]);
        }
        places.extend(self.hmac.iter().map(|hmac| hmac.key.as_str()));
        if let Some(own) = &self.certificate {
            places.extend([own.certificate.as_str(), own.key.as_str()]);
        }
        places.retain(|place| is_place(place));
        places
    }

    /// The headers that it writes, in small letters.
    pub(super) fn written(&self) -> Vec<String> {
        let header = self.header.as_ref().map(|header| header.name.to_ascii_lowercase());
        let basic = self.basic.as_ref().map(|_| authorization());
        let oauth = self.oauth2.as_ref().map(|_| authorization());
        let hmac = self.hmac.as_ref().map(|hmac| hmac.header.to_ascii_lowercase());
        [header, basic, oauth, hmac].into_iter().flatten().collect()
    }

    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut checked = Checked { path, found: Vec::new() };
        let named = self.written();
        if let Some(header) = &self.header {
            checked.place("header.key", &header.key);
        }
        if let Some(basic) = &self.basic {
            checked.place("basic.password", &basic.password);
        }
        if let Some(oauth) = &self.oauth2 {
            checked.place("oauth2.client-secret", &oauth.client_secret);
            checked.address("oauth2.token-url", &oauth.token_url);
        }
        if let Some(hmac) = &self.hmac {
            hmac.faults(&mut checked);
        }
        if let Some(own) = &self.certificate {
            checked.place("certificate.certificate", &own.certificate);
            checked.place("certificate.key", &own.key);
        }
        for (place, name) in named.iter().enumerate() {
            if !is_header(name) {
                let message = format!("`{name}` is no name of a header");
                checked.found.push(Diagnostic::error(path, "bad-header", message));
            }
            if named[..place].contains(name) {
                let message = format!("two ways write the header `{name}`");
                let fault = Diagnostic::error(path, "header-twice", message);
                checked.found.push(fault.hint("say one of them"));
            }
        }
        if *self == Auth::default() {
            let message = "it says no way to prove who asks";
            let fault = Diagnostic::error(path, "no-way", message);
            let hint = "say one of header, basic, oauth2, hmac, certificate, or leave `auth` out";
            checked.found.push(fault.hint(hint));
        }
        checked.found
    }
}

impl Hmac {
    fn faults(&self, checked: &mut Checked<'_>) {
        checked.place("hmac.key", &self.key);
        let known = "{id}, {timestamp}, {method}, {path}, {body}";
        for name in holes(&self.signed).filter(|name| !SIGNED.contains(name)) {
            let message = format!("`{{{name}}}` is nothing that is signed");
            checked.fault("hmac.signed", "bad-pattern", message, known);
        }
        if !holes(&self.signed).any(|name| name == "body") {
            let message = "a signature that leaves out the body proves nothing of it".to_owned();
            checked.fault("hmac.signed", "no-body", message, "put `{body}` into it");
        }
        if self.encoding == Encoding::Text {
            let message = "a signature is bytes that no header carries".to_owned();
            checked.fault("hmac.encoding", "bad-encoding", message, "`hex` or `base64`");
        }
        for name in holes(&self.value) {
            if name == "body" || !(name == "signature" || SIGNED.contains(&name)) {
                let message = format!("`{{{name}}}` cannot stand in a header");
                checked.fault("hmac.value", "bad-pattern", message, "{signature}, {timestamp}");
            }
        }
        if !holes(&self.value).any(|name| name == "signature") {
            let message = "the header has no signature".to_owned();
            checked.fault("hmac.value", "no-signature", message, "put `{signature}` into it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(document: serde_json::Value, expected: &[&str]) {
        let auth: Auth = serde_json::from_value(document).unwrap();
        let found = auth.faults("a");
        let found = found.iter().map(|fault| format!("{} {}", fault.path, fault.code));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{auth:?}");
    }

    #[test]
    fn every_way_is_checked() {
        let place = "env:CAUCE_X";
        check(json!({ "header": { "name": "X-Key", "key": place } }), &[]);
        check(
            json!({ "header": { "name": "X-Key", "key": place },
                    "hmac": { "key": place, "header": "X-Sign", "signed": "{timestamp}.{body}",
                              "value": "t={timestamp},v1={signature}" },
                    "certificate": { "certificate": "file:c.pem", "key": "file:k.pem" } }),
            &[],
        );
        check(json!({}), &["a no-way"]);
        check(json!({ "header": { "key": "hush" } }), &["a.header.key bad-secret"]);
        check(
            json!({ "basic": { "username": "AC1", "password": place },
                    "oauth2": { "token-url": "login.example", "client-id": "c",
                                "client-secret": place } }),
            &["a.oauth2.token-url bad-url", "a header-twice"],
        );
        check(
            json!({ "hmac": { "key": place, "header": "X Sign", "signed": "{time}",
                              "value": "{body}", "encoding": "text" } }),
            &[
                "a.hmac.signed bad-pattern",
                "a.hmac.signed no-body",
                "a.hmac.encoding bad-encoding",
                "a.hmac.value bad-pattern",
                "a.hmac.value no-signature",
                "a bad-header",
            ],
        );
    }

    #[test]
    fn what_is_no_place_is_no_secret() {
        let auth: Auth = serde_json::from_value(json!({
            "basic": { "username": "AC1", "password": "env:CAUCE_T" } }))
        .unwrap();
        assert_eq!(auth.secrets(), ["env:CAUCE_T"]);
    }
}
