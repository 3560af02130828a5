//! Ways out for e-mail that are asked by HTTP: SES, SendGrid, Mailgun, Postmark.

use crate::diagnostic::Diagnostic;
use crate::message::Channel;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// Amazon SES (version 2 of its API).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ses {
    /// The region: `eu-central-1`.
    pub region: String,
    /// The access key's id: as it is, or where it is.
    pub access_key: String,
    /// Where the secret access key is: `file:NAME` or `env:CAUCE_NAME`.
    pub secret_key: String,
    /// Where the session token is, for credentials that are lent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
    /// The configuration set that publishes events; without it no report names our message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_set: Option<String>,
    /// Another address than Amazon's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// How events come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports: Option<SnsReports>,
}

/// Events by Amazon SNS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SnsReports {
    /// The topics that may report (`arn:aws:sns:…`): anybody can sign with a topic of their own.
    pub topics: Vec<String>,
    /// Where certificates and confirmations are asked for instead of Amazon's own address; what
    /// they name has to be Amazon's all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

/// SendGrid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SendGrid {
    /// Where the API key is: `file:NAME` or `env:CAUCE_NAME`.
    pub key: String,
    /// Where the account's data are.
    #[serde(default)]
    pub region: Region,
    /// The pool of addresses that it is sent from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_pool: Option<String>,
    /// The unsubscribe group of all but transactional messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe_group: Option<u32>,
    /// Another address than SendGrid's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// How events come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports: Option<SendGridReports>,
}

/// SendGrid's event webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SendGridReports {
    /// The verification key of the signed event webhook: a public key, so it may stand here.
    pub verification_key: String,
}

/// Mailgun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mailgun {
    /// Where the API key or the domain's sending key is: `file:NAME` or `env:CAUCE_NAME`.
    pub key: String,
    /// The domain that sends, as Mailgun knows it.
    pub domain: String,
    /// Where the account's data are.
    #[serde(default)]
    pub region: Region,
    /// Whether Mailgun takes everything and delivers nothing.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub test_mode: bool,
    /// Another address than Mailgun's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// How events come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports: Option<MailgunReports>,
}

/// Mailgun's webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MailgunReports {
    /// Where the HTTP webhook signing key is: `file:NAME` or `env:CAUCE_NAME`.
    pub signing_key: String,
}

/// Postmark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Postmark {
    /// Where the server's token is: `file:NAME` or `env:CAUCE_NAME`.
    pub token: String,
    /// The message stream of transactional messages; Postmark's `outbound` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The message stream of all others; that of transactional ones if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcast_stream: Option<String>,
    /// Another address than Postmark's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// How events come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports: Option<PostmarkReports>,
}

/// Postmark's webhooks: they carry no signature, so a name and a password are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PostmarkReports {
    /// The name in the webhook's address.
    pub username: String,
    /// Where the password is: `file:NAME` or `env:CAUCE_NAME`.
    pub password: String,
}

/// Where a provider keeps an account's data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Region {
    /// Where it keeps them by itself.
    #[default]
    Global,
    /// In the European Union.
    Eu,
}

/// What is said of a way, whichever provider it leads to.
pub(super) struct Checked<'p> {
    /// Where it is in the document.
    pub path: &'p str,
    /// What was found.
    pub found: Vec<Diagnostic>,
}

impl Checked<'_> {
    /// A fault at a field of the way.
    pub(super) fn fault(&mut self, field: &str, code: &str, message: String, hint: &str) {
        let fault = Diagnostic::error(format!("{}.{field}", self.path), code, message);
        self.found.push(fault.hint(hint));
    }

    /// A secret says where it is, and is never there itself.
    pub(super) fn place(&mut self, field: &str, place: &str) {
        if !is_place(place) {
            let message = "it does not say where the secret is".to_owned();
            let hint = "write `vault:NAME`, `file:NAME` or `env:CAUCE_NAME`";
            self.fault(field, "bad-secret", message, hint);
        }
    }

    pub(super) fn address(&mut self, field: &str, url: &str) {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['@', ' ', '?', '#'])) {
            let hint = "write `https://host`, without a name, a password or a query";
            self.fault(field, "bad-url", format!("`{url}` is no web address"), hint);
        }
    }

    fn endpoint(&mut self, endpoint: Option<&String>) {
        if let Some(url) = endpoint {
            self.address("endpoint", url);
        }
    }

    fn email_only(&mut self, channel: Channel) {
        if channel != Channel::Email {
            let message = format!("it carries e-mail, and the channel is {channel}");
            let fault = Diagnostic::error(self.path, "channel-differs", message);
            self.found.push(fault.hint("write `channel: email`"));
        }
    }
}

/// Whether a text says where a secret is.
pub(super) fn is_place(text: &str) -> bool {
    super::is_secret(text)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// `arn:aws:sns:region:account:name`, whatever the partition of Amazon.
fn is_topic(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    matches!(parts[..], ["arn", partition, "sns", region, account, name]
        if partition.starts_with("aws") && is_word(region) && is_word(name)
            && account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()))
}

impl Ses {
    /// Where the API is.
    pub fn reached(&self) -> String {
        self.endpoint.clone().unwrap_or_else(|| format!("Amazon SES in {}", self.region))
    }

    /// Where its secrets are.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let id = Some(self.access_key.as_str()).filter(|key| is_place(key));
        let all = [id, Some(self.secret_key.as_str()), self.session_token.as_deref()];
        all.into_iter().flatten().collect()
    }

    pub(super) fn faults(&self, channel: Channel, path: &str) -> Vec<Diagnostic> {
        let mut checked = Checked { path, found: Vec::new() };
        checked.email_only(channel);
        if !is_word(&self.region) || !self.region.contains('-') {
            let message = format!("`{}` is no region", self.region);
            checked.fault("region", "bad-region", message, "such as `eu-central-1`");
        }
        if self.access_key.is_empty() {
            let message = "there is no access key".to_owned();
            checked.fault("access-key", "no-key", message, "its id, or where that is");
        }
        checked.place("secret-key", &self.secret_key);
        if let Some(token) = &self.session_token {
            checked.place("session-token", token);
        }
        checked.endpoint(self.endpoint.as_ref());
        let Some(reports) = &self.reports else { return checked.found };
        if reports.topics.is_empty() {
            let message = "no topic may report".to_owned();
            checked.fault("reports.topics", "no-topics", message, "name the topic's ARN");
        }
        for topic in reports.topics.iter().filter(|topic| !is_topic(topic)) {
            let hint = "such as `arn:aws:sns:eu-central-1:123456789012:cauce`";
            let message = format!("`{topic}` is no topic of SNS");
            checked.fault("reports.topics", "bad-topic", message, hint);
        }
        if let Some(url) = &reports.endpoint {
            checked.address("reports.endpoint", url);
        }
        if self.configuration_set.is_none() {
            let message = "reports name our message only through a configuration set";
            let at = format!("{path}.configuration-set");
            let warning = Diagnostic::warning(at, "no-configuration-set", message);
            checked.found.push(warning.hint("name the one whose events go to the topic"));
        }
        checked.found
    }
}

impl SendGrid {
    /// Where the API is.
    pub fn url(&self) -> String {
        let own = match self.region {
            Region::Global => "https://api.sendgrid.com",
            Region::Eu => "https://api.eu.sendgrid.com",
        };
        self.endpoint.clone().unwrap_or_else(|| own.to_owned())
    }

    pub(super) fn faults(&self, channel: Channel, path: &str) -> Vec<Diagnostic> {
        let mut checked = Checked { path, found: Vec::new() };
        checked.email_only(channel);
        checked.place("key", &self.key);
        checked.endpoint(self.endpoint.as_ref());
        if let Some(reports) = &self.reports {
            let key = &reports.verification_key;
            if key.len() < 80
                || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
            {
                let message = "it is no verification key of the signed event webhook".to_owned();
                let hint = "copy it from Mail Settings, Signed Event Webhook: it begins with `MF`";
                checked.fault("reports.verification-key", "bad-key", message, hint);
            }
        }
        checked.found
    }
}

impl Mailgun {
    /// Where the API is.
    pub fn url(&self) -> String {
        let own = match self.region {
            Region::Global => "https://api.mailgun.net",
            Region::Eu => "https://api.eu.mailgun.net",
        };
        self.endpoint.clone().unwrap_or_else(|| own.to_owned())
    }

    /// Where its secrets are.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let reports = self.reports.as_ref().map(|reports| reports.signing_key.as_str());
        [Some(self.key.as_str()), reports].into_iter().flatten().collect()
    }

    pub(super) fn faults(&self, channel: Channel, path: &str) -> Vec<Diagnostic> {
        let mut checked = Checked { path, found: Vec::new() };
        checked.email_only(channel);
        checked.place("key", &self.key);
        checked.endpoint(self.endpoint.as_ref());
        if !is_word(&self.domain) || !self.domain.contains('.') {
            let message = format!("`{}` is no domain", self.domain);
            checked.fault("domain", "bad-domain", message, "such as `mg.shop.example`");
        }
        if let Some(reports) = &self.reports {
            checked.place("reports.signing-key", &reports.signing_key);
        }
        checked.found
    }
}

impl Postmark {
    /// Where the API is.
    pub fn url(&self) -> String {
        self.endpoint.clone().unwrap_or_else(|| "https://api.postmarkapp.com".to_owned())
    }

    /// Where its secrets are.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let reports = self.reports.as_ref().map(|reports| reports.password.as_str());
        [Some(self.token.as_str()), reports].into_iter().flatten().collect()
    }

    pub(super) fn faults(&self, channel: Channel, path: &str) -> Vec<Diagnostic> {
        let mut checked = Checked { path, found: Vec::new() };
        checked.email_only(channel);
        checked.place("token", &self.token);
        checked.endpoint(self.endpoint.as_ref());
        let streams = [("stream", &self.stream), ("broadcast-stream", &self.broadcast_stream)];
        for (field, stream) in streams {
            if stream.as_ref().is_some_and(|stream| !is_word(stream)) {
                let message = "it is no message stream".to_owned();
                checked.fault(field, "bad-stream", message, "such as `outbound`, `broadcast`");
            }
        }
        if let Some(reports) = &self.reports {
            checked.place("reports.password", &reports.password);
            if reports.username.is_empty() || reports.username.contains(':') {
                let message = "a name has letters, and no colon".to_owned();
                checked.fault("reports.username", "bad-name", message, "such as `postmark`");
            }
        }
        checked.found
    }
}

#[cfg(test)]
mod tests {
    use super::super::ProviderSource;
    use crate::prelude::*;
    use serde_json::json;

    fn check(way: serde_json::Value, expected: &[&str]) {
        let mut document = json!({ "channel": "email" });
        document.as_object_mut().unwrap().extend(way.as_object().unwrap().clone());
        let source: ProviderSource = serde_json::from_value(document).unwrap();
        let found = source.faults("p");
        let found = found.iter().map(|fault| format!("{} {}", fault.path, fault.code));
        let found: Vec<_> = found.collect();
        assert_eq!(found, expected, "{source:?}");
        let places = source.secrets();
        assert!(places.iter().all(|place| super::is_place(place)) || !expected.is_empty());
    }

    #[test]
    fn every_field_is_checked() {
        let topic = "arn:aws:sns:eu-central-1:123456789012:cauce";
        check(
            json!({ "ses": { "region": "eu-central-1", "access-key": "AKIA1",
                "secret-key": "env:CAUCE_SES", "configuration-set": "events",
                "reports": { "topics": [topic] } } }),
            &[],
        );
        check(
            json!({ "ses": { "region": "europe", "access-key": "", "secret-key": "hush",
                "endpoint": "ftp://a", "reports": { "topics": ["cauce"], "endpoint": "b" } } }),
            &[
                "p.ses.region bad-region",
                "p.ses.access-key no-key",
                "p.ses.secret-key bad-secret",
                "p.ses.endpoint bad-url",
                "p.ses.reports.topics bad-topic",
                "p.ses.reports.endpoint bad-url",
                "p.ses.configuration-set no-configuration-set",
            ],
        );
        check(
            json!({ "sendgrid": { "key": "SG.hush", "endpoint": "https://u:p@a",
                "reports": { "verification-key": "short" } } }),
            &[
                "p.sendgrid.key bad-secret",
                "p.sendgrid.endpoint bad-url",
                "p.sendgrid.reports.verification-key bad-key",
            ],
        );
        check(
            json!({ "mailgun": { "key": "env:CAUCE_A", "domain": "shop",
                "reports": { "signing-key": "hush" } } }),
            &["p.mailgun.domain bad-domain", "p.mailgun.reports.signing-key bad-secret"],
        );
        check(
            json!({ "postmark": { "token": "file:t", "stream": "a b",
                "reports": { "username": "a:b", "password": "env:CAUCE_P" } } }),
            &["p.postmark.stream bad-stream", "p.postmark.reports.username bad-name"],
        );
        check(
            json!({ "channel": "webhook", "postmark": { "token": "file:t" } }),
            &["p.postmark channel-differs"],
        );
    }

    #[test]
    fn addresses_follow_the_region() {
        let read = |way: serde_json::Value| serde_json::from_value::<ProviderSource>(way).unwrap();
        let eu = read(json!({ "channel": "email",
            "sendgrid": { "key": "env:CAUCE_A", "region": "eu" } }));
        assert_eq!(eu.sendgrid.unwrap().url(), "https://api.eu.sendgrid.com");
        let own = read(json!({ "channel": "email", "mailgun": { "key": "env:CAUCE_A",
            "domain": "a.b", "endpoint": "http://127.0.0.1:1" } }));
        assert_eq!(own.mailgun.unwrap().url(), "http://127.0.0.1:1");
    }
}
