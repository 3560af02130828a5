//! Companies that carry text messages by an API over HTTP.

use super::host_of;
use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// Twilio's Messages resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Twilio {
    /// The account (`AC…`).
    pub account: String,
    /// Where its auth token is: `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`. It logs in
    /// unless there is a key, and it signs what Twilio reports.
    pub token: String,
    /// An API key (`SK…`) that logs in instead of the account…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// …and where its secret is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The Messaging Service (`MG…`) that picks the sender instead of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The address of the API, if it is another one: a region, a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Vonage's SMS API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vonage {
    /// The key of the account.
    pub key: String,
    /// Where its secret is: `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`.
    pub secret: String,
    /// Where the signature secret is, by which reports prove whose they are; without it no report
    /// and no answer is heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// How the parameters of a report are signed: `sha256` or `sha512`.
    #[serde(default = "sha256")]
    pub signed_by: String,
    /// The address of the API, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

fn sha256() -> String {
    "sha256".to_owned()
}

impl Twilio {
    pub(super) fn reached(&self) -> String {
        self.url.as_deref().map_or_else(|| "https://api.twilio.com".to_owned(), host_of)
    }

    pub(super) fn secrets(&self) -> Vec<&str> {
        core::iter::once(self.token.as_str()).chain(self.secret.as_deref()).collect()
    }

    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let named = [
            ("account", Some(&self.account), "AC"),
            ("key", self.key.as_ref(), "SK"),
            ("service", self.service.as_ref(), "MG"),
        ];
        for (field, value, prefix) in named {
            let Some(value) = value else { continue };
            if !is_sid(value, prefix) {
                let message = format!("`{value}` is no identifier of Twilio's");
                let fault = Diagnostic::error(format!("{path}.{field}"), "bad-identifier", message);
                faults.push(fault.hint(format!("it is `{prefix}` and 32 digits or letters")));
            }
        }
        if self.key.is_some() != self.secret.is_some() {
            let message = "`key` and `secret` belong together";
            let fault = Diagnostic::error(path, "half-a-login", message);
            faults.push(fault.hint("say both, or neither: then the account logs in"));
        }
        faults.extend(bad_url(path, self.url.as_deref()));
        faults
    }
}

fn is_sid(value: &str, prefix: &str) -> bool {
    let rest = value.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

impl Vonage {
    pub(super) fn reached(&self) -> String {
        self.url.as_deref().map_or_else(|| "https://rest.nexmo.com".to_owned(), host_of)
    }

    pub(super) fn secrets(&self) -> Vec<&str> {
        core::iter::once(self.secret.as_str()).chain(self.signature.as_deref()).collect()
    }

    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if self.key.trim().is_empty() {
            let at = format!("{path}.key");
            faults.push(Diagnostic::error(at, "no-key", "the account's key is missing"));
        }
        if self.signature.is_none() {
            let message = "reports and answers are not heard: STOP would change nothing here";
            let fault =
                Diagnostic::warning(format!("{path}.signature"), "reports-unheard", message);
            faults.push(fault.hint("name the place of the signature secret"));
        }
        if !matches!(self.signed_by.as_str(), "sha256" | "sha512") {
            let message = format!("`{}` is no way to sign that can be trusted", self.signed_by);
            let fault = Diagnostic::error(format!("{path}.signed-by"), "bad-algorithm", message);
            faults.push(fault.hint("sha256 or sha512, as the account's settings say"));
        }
        faults.extend(bad_url(path, self.url.as_deref()));
        faults
    }
}

/// An address that no request could be sent to.
fn bad_url(path: &str, url: Option<&str>) -> Option<Diagnostic> {
    let url = url?;
    let whole = url.starts_with("https://") || url.starts_with("http://");
    if whole && !url.ends_with('/') && !url.contains(['{', '?', '#', '@']) {
        return None;
    }
    let message = format!("`{url}` is no address of an API");
    let fault = Diagnostic::error(format!("{path}.url"), "bad-url", message);
    Some(fault.hint("write `https://host` without a slash at its end, or leave it out"))
}
