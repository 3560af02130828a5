//! Where events come from that nobody reports, and stores that files come from and go to, as
//! people write them. Decisions never look at any of it.

use super::share::{Format, span};
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// Limit: messages that are asked for at once.
pub const PULL_MAX: u32 = 1_000;

/// A source of events as it is written: files of a folder or of a store, or a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IntakeSource {
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Files of a folder below the configured one…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// …or of an S3-compatible store…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<Store>,
    /// …or messages of a NATS stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nats: Option<Pull>,
    /// Which files, by name: `*` is any letters, `?` is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// How often it is looked for new files…
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe_span")]
    pub every: Option<Duration>,
    /// …or when…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// …and again every month, on the day and at the time of `at`.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub monthly: bool,
    /// How long a file of a folder stays as it is before it is taken to be complete.
    #[serde(default = "settle", with = "span")]
    pub settle: Duration,
    /// The events happen now: they start journeys and send. Without it they are history.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub live: bool,
    /// Which columns become what of an event: what a mapping file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<serde_json::Value>,
}

fn settle() -> Duration {
    Duration(30_000)
}

/// A bucket of an S3-compatible store, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Store {
    /// The store's address: scheme, host and port.
    pub endpoint: String,
    /// Its region.
    #[serde(default = "region")]
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// What the keys begin with; it ends with `/` or is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Whether the bucket is the beginning of the path and not of the host's name.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub path_style: bool,
    /// Where the access key is: `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`.
    pub access_key: String,
    /// Where the secret key is.
    pub secret_key: String,
}

fn region() -> String {
    "us-east-1".to_owned()
}

/// A NATS server and who asks it; each secret says where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nats {
    /// `nats://host:4222` or `tls://host:4222`.
    pub url: String,
    /// A token…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// …or a name (in the clear)…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// …with its password…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// …or a `.creds` file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<String>,
}

/// Messages that are taken out of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pull {
    /// The server.
    pub server: Nats,
    /// The stream.
    pub stream: String,
    /// Only messages at this subject; all of the stream if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The name under which the server remembers what was taken; `cauce-` and the source's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable: Option<String>,
    /// Where a message goes that is no event, with the reason; a stream has to keep it.
    pub reject_subject: String,
    /// Messages that are asked for at once.
    #[serde(default = "batch")]
    pub batch: u32,
}

fn batch() -> u32 {
    200
}

/// Membership changes that are published into a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Push {
    /// The server.
    pub server: Nats,
    /// The subject; `{segment}` in it is the segment's name. A stream has to keep it.
    pub subject: String,
    /// Changes that are published before any answer is awaited.
    #[serde(default = "batch")]
    pub batch: u32,
}

/// Snapshots in a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StoreSnapshots {
    /// Where.
    pub store: Store,
    /// How often.
    #[serde(with = "span")]
    pub every: Duration,
    /// Versions that are kept.
    #[serde(default = "super::share::keep")]
    pub keep: u32,
    /// `csv`, `parquet`, `roaring`.
    #[serde(default = "super::share::formats")]
    pub formats: BTreeSet<Format>,
}

/// Gathers faults below a path.
struct Found<'p> {
    path: &'p str,
    faults: Vec<Diagnostic>,
}

impl Found<'_> {
    fn add(&mut self, field: &str, code: &str, message: &str, hint: &str) {
        let found = Diagnostic::error(format!("{}{field}", self.path), code, message);
        self.faults.push(found.hint(hint));
    }

    fn secret(&mut self, field: &str, place: &str) {
        if !super::provider::is_secret(place) {
            let hint = "`vault:NAME`, `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`";
            self.add(field, "bad-secret", "it does not say where the secret is", hint);
        }
    }
}

/// What a bucket may be called, everywhere.
fn is_bucket(name: &str) -> bool {
    let fine =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    (3..=63).contains(&name.len()) && name.bytes().all(fine) && !name.contains("..")
}

impl Store {
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut found = Found { path, faults: Vec::new() };
        let host = self.endpoint.split_once("://").map(|(_, host)| host.trim_end_matches('/'));
        let scheme = ["https://", "http://"].iter().any(|start| self.endpoint.starts_with(start));
        if !scheme || host.is_none_or(|host| host.is_empty() || host.contains(['/', '@', '?'])) {
            let hint = "such as `https://s3.eu-central-1.amazonaws.com`";
            found.add(".endpoint", "bad-url", "it is no scheme, host and port", hint);
        }
        if !is_bucket(&self.bucket) {
            let hint = "3 to 63 small letters, digits, `-` and `.`";
            found.add(".bucket", "bad-bucket", "no bucket is called so", hint);
        }
        if self.region.is_empty() || self.region.contains(['/', ' ']) {
            found.add(".region", "bad-region", "no region is called so", "such as `eu-central-1`");
        }
        if !self.prefix.is_empty() && (!self.prefix.ends_with('/') || self.prefix.starts_with('/'))
        {
            let hint = "such as `orders/`, without a slash before it";
            found.add(".prefix", "bad-prefix", "the prefix does not end with `/`", hint);
        }
        found.secret(".access-key", &self.access_key);
        found.secret(".secret-key", &self.secret_key);
        found.faults
    }

    /// Where its secrets are.
    pub fn secrets(&self) -> [&String; 2] {
        [&self.access_key, &self.secret_key]
    }
}

impl Nats {
    fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut found = Found { path, faults: Vec::new() };
        let host = self.url.strip_prefix("nats://").or_else(|| self.url.strip_prefix("tls://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['@', '/', '?'])) {
            let hint = "`nats://host:4222` or `tls://host:4222`; who asks has fields of its own";
            found.add(".url", "bad-url", "the address is no NATS server's", hint);
        }
        let ways = [self.token.is_some(), self.name.is_some(), self.credentials.is_some()];
        if ways.iter().filter(|way| **way).count() > 1 {
            let hint = "`token`, `name` with `password`, or `credentials`";
            found.add("", "login-unclear", "it says in several ways who asks", hint);
        }
        if self.name.is_some() != self.password.is_some() {
            let hint = "give both, or neither";
            found.add(".password", "login-unclear", "name and password belong together", hint);
        }
        for (field, place) in [
            (".token", &self.token),
            (".password", &self.password),
            (".credentials", &self.credentials),
        ] {
            place.iter().for_each(|place| found.secret(field, place));
        }
        found.faults
    }

    /// Where its secrets are.
    pub fn secrets(&self) -> impl Iterator<Item = &String> {
        [&self.token, &self.password, &self.credentials].into_iter().flatten()
    }
}

fn is_token(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !text.is_empty() && text.len() <= limits::NAME_BYTES_MAX && text.bytes().all(fine)
}

/// A subject of NATS, perhaps with wildcards.
fn is_subject(text: &str, wild: bool) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"*>".contains(&byte);
    let last = text.split('.').count() - 1;
    text.split('.').enumerate().all(|(place, token)| match token {
        "*" => wild,
        ">" => wild && place == last,
        token => !token.is_empty() && token.bytes().all(plain),
    })
}

impl Pull {
    fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = self.server.faults(&format!("{path}.server"));
        let mut found = Found { path, faults: Vec::new() };
        let hint = "letters, digits, `-` and `_`";
        if !is_token(&self.stream) {
            found.add(".stream", "bad-stream", "no stream is called so", hint);
        }
        if self.durable.as_ref().is_some_and(|name| !is_token(name)) {
            found.add(".durable", "bad-durable", "no consumer is called so", hint);
        }
        let hint = "names with dots between them, such as `shop.orders`";
        if self.subject.as_ref().is_some_and(|subject| !is_subject(subject, true)) {
            found.add(".subject", "bad-subject", "it is no subject", hint);
        }
        if !is_subject(&self.reject_subject, false) {
            found.add(".reject-subject", "bad-subject", "it is no subject without wildcards", hint);
        }
        if !(1..=PULL_MAX).contains(&self.batch) {
            found.add(".batch", "bad-batch", "not 1 to 1000 messages", "200 suits most");
        }
        faults.extend(found.faults);
        faults
    }
}

impl Push {
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = self.server.faults(&format!("{path}.server"));
        let mut found = Found { path, faults: Vec::new() };
        if !is_subject(&self.subject.replace("{segment}", "x"), false) {
            let hint = "such as `audience.{segment}`";
            found.add(".subject", "bad-subject", "it is no subject without wildcards", hint);
        }
        if !(1..=PULL_MAX).contains(&self.batch) {
            found.add(".batch", "bad-batch", "not 1 to 1000 changes", "200 suits most");
        }
        faults.extend(found.faults);
        faults
    }

    /// Where a change of a segment is published. Letters that a subject cannot have are `_`.
    pub fn subject_of(&self, segment: &str) -> String {
        let clean = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
        self.subject.replace("{segment}", &segment.chars().map(clean).collect::<String>())
    }
}

impl IntakeSource {
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut found = Found { path, faults: Vec::new() };
        let ways = [self.folder.is_some(), self.store.is_some(), self.nats.is_some()];
        if ways.iter().filter(|way| **way).count() != 1 {
            let hint = "say one of `folder`, `store` or `nats`";
            found.add("", "source-unclear", "events come from exactly one place", hint);
        }
        if let Some(folder) = &self.folder {
            let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\\');
            if !folder.split('/').all(plain) {
                let message = "it is no folder below the one of sources";
                let hint = "such as `orders`: below the folder that `sources-dir` names";
                found.add(".folder", "bad-folder", message, hint);
            }
            if self.settle < Duration(1_000) {
                let message = "a file that is still written would be taken";
                found.add(".settle", "too-short", message, "at least `1s`");
            }
        }
        if self.nats.is_some() {
            self.stream_faults(&mut found);
        } else {
            self.file_faults(&mut found);
        }
        let mut faults = found.faults;
        faults.extend(self.store.iter().flat_map(|store| store.faults(&format!("{path}.store"))));
        faults.extend(self.nats.iter().flat_map(|pull| pull.faults(&format!("{path}.nats"))));
        faults
    }

    fn file_faults(&self, found: &mut Found<'_>) {
        match &self.pattern {
            None => found.add(
                ".pattern",
                "no-pattern",
                "it does not say which files",
                "such as `orders-*.csv.zst`",
            ),
            Some(pattern) if pattern.is_empty() || pattern.contains('/') => {
                let message = "it names no file of the folder itself";
                found.add(".pattern", "bad-pattern", message, "such as `orders-*.csv.zst`");
            }
            Some(_) => {}
        }
        if self.every.is_some() == self.at.is_some() {
            let hint = "`every: 5m`, or `at: 2027-01-01T03:00:00Z`, with `monthly: true` for again";
            found.add(".every", "schedule-unclear", "say when to look in exactly one way", hint);
        }
        if self.every.is_some_and(|every| every < Duration(5_000)) {
            found.add(".every", "too-often", "less than five seconds", "at least `5s`");
        }
        if self.monthly && self.at.is_none() {
            let message = "`monthly` says the day and time of `at`, which is missing";
            found.add(".monthly", "no-time", message, "give `at`");
        }
        if self.mapping.is_none() {
            let hint = "write what a mapping file of `cauce import` says below `mapping`";
            found.add(".mapping", "no-mapping", "it does not say what rows become", hint);
        }
    }

    fn stream_faults(&self, found: &mut Found<'_>) {
        let files = [
            (".pattern", self.pattern.is_some()),
            (".every", self.every.is_some()),
            (".at", self.at.is_some()),
            (".monthly", self.monthly),
        ];
        for (field, given) in files {
            if given {
                let message = "it belongs to files; messages are taken as they come";
                found.add(field, "no-files", message, "leave it out");
            }
        }
    }

    /// Where its secrets are.
    pub fn secrets(&self) -> Vec<&String> {
        let store = self.store.iter().flat_map(Store::secrets);
        store.chain(self.nats.iter().flat_map(|pull| pull.server.secrets())).collect()
    }
}

mod maybe_span {
    use crate::prelude::*;
    use crate::time::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(span: &Option<Duration>, s: S) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => s.collect_str(span),
            None => s.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
        let text = Option::<String>::deserialize(d)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let source: IntakeSource = serde_json::from_str(text).unwrap();
        let said: Vec<String> = source.faults("s").iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), expected.len(), "{said:?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.contains(expected) && said.ends_with(')'), "{said} / {expected}");
        }
        let again = serde_json::to_string(&source).unwrap();
        assert_eq!(serde_json::from_str::<IntakeSource>(&again).unwrap(), source);
    }

    #[test]
    fn faults_name_the_field_and_the_way_out() {
        check(r#"{ "folder": "a/b", "pattern": "*.csv", "every": "5m", "mapping": {} }"#, &[]);
        let store = r#"{ "endpoint": "https://s3.a.b", "bucket": "shop", "prefix": "in/",
            "access-key": "env:CAUCE_A", "secret-key": "file:s3" }"#;
        check(
            &format!(
                r#"{{ "store": {store}, "pattern": "*", "at": "2027-01-31T03:00:00Z",
                "monthly": true, "mapping": {{}} }}"#
            ),
            &[],
        );
        check("{}", &["s: events", "s.pattern", "s.every", "s.mapping"]);
        check(
            r#"{ "folder": "../a", "settle": "0s", "pattern": "a/b", "every": "1s",
                 "monthly": true, "mapping": {} }"#,
            &["s.folder", "s.settle", "s.pattern", "s.every", "s.monthly"],
        );
        let store = r#"{ "endpoint": "s3://a", "bucket": "A", "prefix": "in", "region": "",
            "access-key": "AKIA", "secret-key": "hush" }"#;
        check(
            &format!(r#"{{ "store": {store}, "pattern": "*", "every": "1m", "mapping": {{}} }}"#),
            &[".endpoint", ".bucket", ".region", ".prefix", ".access-key", ".secret-key"],
        );
        let nats = r#"{ "server": { "url": "nats://a" }, "stream": "EVENTS",
            "reject-subject": "events.bad" }"#;
        check(&format!(r#"{{ "nats": {nats} }}"#), &[]);
        let nats = r#"{ "server": { "url": "nats://u:p@a", "token": "x", "name": "u" },
            "stream": "a.b", "durable": "a b", "subject": "a..b", "reject-subject": "a.>",
            "batch": 0 }"#;
        let expected = [
            "s.every",
            "server.url",
            "server: ",
            "server.password",
            "server.token",
            "nats.stream",
            "nats.durable",
            "nats.subject",
            "nats.reject-subject",
            "nats.batch",
        ];
        check(&format!(r#"{{ "nats": {nats}, "every": "5m" }}"#), &expected);
    }

    #[test]
    fn a_subject_names_the_segment() {
        let text = r#"{ "server": { "url": "nats://a" }, "subject": "x.{segment}" }"#;
        let push: Push = serde_json::from_str(text).unwrap();
        assert_eq!(push.subject_of("a b.c>"), "x.a_b_c_");
        assert!(push.faults("p").is_empty());
        assert_eq!(Push { subject: "x.*".into(), ..push }.faults("p").len(), 1);
    }
}
