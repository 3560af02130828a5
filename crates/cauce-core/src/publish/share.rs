//! What others may know of a profile, as people write it: sharing, experiments, destinations.
//! Decisions never look at any of it.

use super::intake::{Push, StoreSnapshots};
use super::{Body, Kind, Name};
use crate::diagnostic::{Diagnostic, nearest};
use crate::ids::{ProfileId, hash64};
use crate::limits;
use crate::prelude::*;
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// The only name that a sharing definition may have.
pub const SHARING: &str = "sharing";

/// What look-ups may read, as it is written. What is not named stays here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SharingSource {
    /// Segments that servers may read; every segment if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<BTreeSet<String>>,
    /// Attributes that servers may read.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub attributes: BTreeSet<String>,
    /// Segments that a browser may read of the person it belongs to.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub browser_segments: BTreeSet<String>,
    /// Attributes that a browser may read of the person it belongs to.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub browser_attributes: BTreeSet<String>,
    /// Placements of which servers may ask what they show; every placement if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placements: Option<BTreeSet<String>>,
    /// Placements of which a browser may ask what they show the person it belongs to.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub browser_placements: BTreeSet<String>,
    /// Uses that a person has to allow, each of them: of nobody else anything is shared.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub purposes: BTreeSet<String>,
}

/// Stable arms for the people of an audience, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExperimentSource {
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Arms and how much each weighs.
    pub arms: BTreeMap<String, u32>,
    /// Who takes part; everybody if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The arm that everybody else sees, and everybody once it is not active.
    pub outside: String,
    /// Whether it goes on.
    #[serde(default = "yes")]
    pub active: bool,
}

fn yes() -> bool {
    true
}

impl ExperimentSource {
    /// The arm of a profile that takes part: a hash of the profile and the experiment's name, so
    /// that it is the same everywhere and after every restart.
    pub fn arm(&self, name: &str, profile: ProfileId) -> &str {
        let total: u64 = self.arms.values().map(|weight| u64::from(*weight)).sum();
        let draw = hash64(&[b"experiment", name.as_bytes(), &profile.0.to_be_bytes()]);
        let mut place = draw % total.max(1);
        for (arm, weight) in &self.arms {
            match place.checked_sub(u64::from(*weight)) {
                Some(rest) => place = rest,
                None => return arm,
            }
        }
        &self.outside
    }

    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if self.arms.len() < 2 || self.arms.values().all(|weight| *weight == 0) {
            let message = "an experiment has at least two arms, and one that weighs something";
            let fault = Diagnostic::error(format!("{path}.arms"), "bad-arms", message);
            faults.push(fault.hint("write `arms: { control: 50, blue: 50 }`"));
        }
        if !self.arms.contains_key(&self.outside) {
            let message = format!("`{}` is none of the arms", self.outside);
            let fault = Diagnostic::error(format!("{path}.outside"), "unknown-arm", message);
            faults.push(fault.hint("name the arm that people outside of the experiment see"));
        }
        faults
    }
}

/// Somebody who is told of memberships, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DestinationSource {
    /// Of which segments.
    pub segments: BTreeSet<String>,
    /// The namespace by which people are named.
    #[serde(default = "user_id")]
    pub by: String,
    /// Told of every change by requests…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<ChangesWebhook>,
    /// …or of everybody, as files in a folder of the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<Folder>,
    /// …or of an S3-compatible store…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<StoreSnapshots>,
    /// …or told of every change in a NATS stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nats: Option<Push>,
}

fn user_id() -> String {
    "user_id".to_owned()
}

/// Requests with changes in batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChangesWebhook {
    /// The address.
    pub url: String,
    /// Where the signing key (`whsec_…`) is: `file:NAME` (of the secrets folder) or
    /// `env:CAUCE_NAME`.
    pub signing_key: String,
    /// Changes in one request at most.
    #[serde(default = "batch")]
    pub batch: u32,
    /// How long it is tried in vain before it is disabled.
    #[serde(default = "give_up_after", with = "span")]
    pub give_up_after: Duration,
}

fn batch() -> u32 {
    100
}

fn give_up_after() -> Duration {
    Duration(3 * Duration::DAY.0)
}

/// Limit: changes in one request.
pub const BATCH_MAX: u32 = 1_000;

/// Snapshots in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Folder {
    /// The folder; it must exist.
    pub path: String,
    /// How often.
    #[serde(with = "span")]
    pub every: Duration,
    /// Versions that are kept.
    #[serde(default = "keep")]
    pub keep: u32,
    /// `csv`, `parquet`, `roaring`.
    #[serde(default = "formats")]
    pub formats: BTreeSet<Format>,
}

pub(super) fn keep() -> u32 {
    10
}

pub(super) fn formats() -> BTreeSet<Format> {
    BTreeSet::from([Format::Csv])
}

/// How a snapshot is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Rows of text.
    Csv,
    /// Columns.
    Parquet,
    /// A bitmap, and a table that says whose bit is whose.
    Roaring,
}

impl DestinationSource {
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, code: &str, message: &str, hint: &str| {
            let found = Diagnostic::error(format!("{path}{field}"), code, message);
            faults.push(found.hint(hint));
        };
        if self.segments.is_empty() {
            let hint = "name at least one segment";
            fault(".segments", "no-segments", "nothing is shared with the destination", hint);
        }
        if self.by.is_empty() || self.by.len() > limits::NAME_BYTES_MAX {
            fault(".by", "bad-namespace", "`by` is no namespace of aliases", "such as `user_id`");
        }
        let ways = [
            self.webhook.is_some(),
            self.folder.is_some(),
            self.bucket.is_some(),
            self.nats.is_some(),
        ];
        if ways.iter().filter(|way| **way).count() != 1 {
            let message = "a destination is reached in exactly one way";
            let hint = "say one of `webhook`, `folder`, `bucket` or `nats`";
            fault("", "destination-unclear", message, hint);
        }
        if let Some(webhook) = &self.webhook {
            if !webhook.url.starts_with("https://") && !webhook.url.starts_with("http://") {
                let hint = "it begins with https://";
                fault(".webhook.url", "bad-url", "the address is no web address", hint);
            }
            if !(1..=BATCH_MAX).contains(&webhook.batch) {
                fault(".webhook.batch", "bad-batch", "not 1 to 1000 changes", "100 suits most");
            }
            if !super::provider::is_secret(&webhook.signing_key) {
                let message = "it does not say where the signing key is";
                let hint = "`vault:NAME`, `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`; \
                            the key itself begins with `whsec_`";
                fault(".webhook.signing-key", "bad-secret", message, hint);
            }
            if webhook.give_up_after < Duration::MINUTE {
                let message = "it would be disabled by the first hiccup";
                fault(".webhook.give-up-after", "too-short", message, "at least `1m`");
            }
        }
        if self.folder.as_ref().is_some_and(|folder| !folder.path.starts_with('/')) {
            let message = "the folder is not named from the root";
            fault(".folder.path", "bad-folder", message, "such as `/srv/audiences`");
        }
        for (at, every, keep, formats) in self.versions() {
            let mut fault = |field: &str, code: &str, message: &str, hint: &str| {
                fault(&format!(".{at}.{field}"), code, message, hint);
            };
            if every < Duration::MINUTE {
                fault("every", "too-often", "less than a minute", "at least `1m`");
            }
            if keep < 2 {
                let message = "the next version is written before the last one goes";
                fault("keep", "too-few", message, "keep at least 2");
            }
            if formats.is_empty() {
                let hint = "`csv`, `parquet` or `roaring`";
                fault("formats", "no-formats", "nothing would be written", hint);
            }
        }
        let store = self.bucket.iter();
        faults.extend(store.flat_map(|b| b.store.faults(&format!("{path}.bucket.store"))));
        faults.extend(self.nats.iter().flat_map(|push| push.faults(&format!("{path}.nats"))));
        faults
    }

    /// What is said of versions, and where.
    fn versions(&self) -> impl Iterator<Item = (&str, Duration, u32, &BTreeSet<Format>)> {
        let folder = self.folder.iter().map(|one| ("folder", one.every, one.keep, &one.formats));
        let bucket = self.bucket.iter().map(|one| ("bucket", one.every, one.keep, &one.formats));
        folder.chain(bucket)
    }

    /// Where its secrets are.
    pub fn secrets(&self) -> Vec<&String> {
        let hook = self.webhook.iter().map(|hook| &hook.signing_key);
        let store = self.bucket.iter().flat_map(|bucket| bucket.store.secrets());
        hook.chain(store).chain(self.nats.iter().flat_map(|push| push.server.secrets())).collect()
    }
}

/// Faults of what is shared, and the segments that it names, each with its place.
pub(super) fn check(
    key: &str,
    path: &str,
    body: &Body,
    world: &BTreeMap<Name, Body>,
) -> (Vec<Diagnostic>, Vec<(String, String)>) {
    let at = |field: &str, names: &mut dyn Iterator<Item = &String>| -> Vec<(String, String)> {
        names.map(|name| (format!("{path}.{field}"), name.clone())).collect()
    };
    match body {
        Body::Sharing(sharing) => {
            let mut needed = at("segments", &mut sharing.segments.iter().flatten());
            needed.extend(at("browser-segments", &mut sharing.browser_segments.iter()));
            let message = "there is one definition of what is shared";
            let misnamed = Diagnostic::error(path, "bad-name", message).hint("call it `sharing`");
            let mut found = if key == SHARING { Vec::new() } else { vec![misnamed] };
            for (field, names) in [
                ("attributes", &sharing.attributes),
                ("browser-attributes", &sharing.browser_attributes),
            ] {
                let at = format!("{path}.{field}");
                found.extend(names.iter().filter_map(|name| attribute(&at, name, world)));
            }
            (found, needed)
        }
        Body::Experiment(experiment) => {
            (experiment.faults(path), at("segment", &mut experiment.segment.iter()))
        }
        Body::Destination(destination) => {
            (destination.faults(path), at("segments", &mut destination.segments.iter()))
        }
        _ => (Vec::new(), Vec::new()),
    }
}

/// What is wrong with an attribute that is to be shared: nobody would miss it by a no.
fn attribute(path: &str, name: &str, world: &BTreeMap<Name, Body>) -> Option<Diagnostic> {
    let own = |kind: Kind, name: &str| world.get(&(kind, name.to_owned()));
    let bare = name.strip_prefix("computed.").unwrap_or(name);
    if own(Kind::Attribute, bare).is_some() || bare != name {
        let message = format!("`{name}` is a computed attribute, and those are not shared");
        let fault = Diagnostic::error(path, "computed-shared", message);
        return Some(fault.hint("share a segment that asks for it"));
    }
    if let Some(bare) = name.strip_prefix("profile.") {
        let message = format!("there is no attribute `{name}`");
        let fault = Diagnostic::error(path, "unknown-attribute", message);
        return Some(fault.hint(format!("say `{bare}`")));
    }
    let Some(Body::Schema(schema)) = own(Kind::Schema, "attributes") else { return None };
    let known = || schema.properties.keys().map(String::as_str);
    let first = |path: &str| path.split(['.', '[']).next() == Some(name);
    if schema.event.is_some() || known().any(first) {
        return None;
    }
    let near = nearest(name, known());
    if schema.open && near.is_none() {
        return None;
    }
    let message = format!("the schema `attributes` does not name `{name}`");
    // Others than those that are written down are fine where it is open; a typing error is not.
    let fault = match schema.open {
        true => Diagnostic::warning(path, "unknown-attribute", message),
        false => Diagnostic::error(path, "unknown-attribute", message),
    };
    Some(match near {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("write it down there first"),
    })
}

pub(crate) mod span {
    use crate::prelude::*;
    use crate::time::Duration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(span: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(span)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn experiment() -> ExperimentSource {
        let text = r#"{ "arms": { "blue": 30, "control": 70 }, "outside": "control" }"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn arms_are_stable_and_weigh_what_they_say() {
        let experiment = experiment();
        let profile = |n: u32| ProfileId(u128::from(n) << 48);
        let blue = |name: &str| -> BTreeSet<u32> {
            (0..10_000).filter(|n| experiment.arm(name, profile(*n)) == "blue").collect()
        };
        let (button, colour) = (blue("button"), blue("colour"));
        for drawn in [&button, &colour] {
            assert!((2_800..3_200).contains(&drawn.len()), "{}", drawn.len());
        }
        // Two experiments draw apart: three in ten of three in ten are in both.
        let both = button.intersection(&colour).count();
        assert!((750..1_050).contains(&both), "{both}");
        // A vector: a change here moves people to other arms.
        let first: Vec<u32> = button.into_iter().take(5).collect();
        assert_eq!(first, [3, 8, 15, 17, 31]);
    }

    #[test]
    fn what_is_shared_is_there_to_be_shared() {
        let read = |kind, name: &str, text: &str| {
            let body = Body::read(kind, serde_json::from_str(text).unwrap()).unwrap();
            ((kind, name.to_owned()), body)
        };
        let schema = r#"{ "properties": { "plan": {}, "address.city": {} } }"#;
        let closed = r#"{ "open": false, "properties": { "plan": {} } }"#;
        let check = |schema: Option<&str>, shared: &str, expected: Option<&str>| {
            let mut world = BTreeMap::from([read(
                Kind::Attribute,
                "spent",
                r#"{ "value": "sum(order.total)" }"#,
            )]);
            world.extend(schema.map(|text| read(Kind::Schema, "attributes", text)));
            let sharing =
                read(Kind::Sharing, SHARING, &format!(r#"{{ "attributes": ["{shared}"] }}"#));
            let (found, _) = super::check(SHARING, "s", &sharing.1, &world);
            let said: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(said.len(), usize::from(expected.is_some()), "{shared}: {said:?}");
            assert!(expected.is_none_or(|wanted| said[0].contains(wanted)), "{shared}: {said:?}");
        };
        check(None, "plan", None);
        check(None, "spent", Some("share a segment that asks for it"));
        check(None, "computed.spent", Some("share a segment"));
        check(None, "profile.plan", Some("say `plan`"));
        check(Some(schema), "plan", None);
        check(Some(schema), "address", None);
        check(Some(schema), "colour", None);
        check(Some(schema), "plam", Some("did you mean `plan`?"));
        check(Some(closed), "colour", Some("write it down there first"));
    }

    #[test]
    fn faults_name_the_field_and_the_way_out() {
        let check = |faults: Vec<Diagnostic>, expected: &[&str]| {
            let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
            assert_eq!(said.len(), expected.len(), "{said:?}");
            for (said, expected) in said.iter().zip(expected) {
                assert!(said.contains(expected) && said.ends_with(')'), "{said}");
            }
        };
        check(experiment().faults("x"), &[]);
        let alone = ExperimentSource { arms: BTreeMap::new(), ..experiment() };
        check(alone.faults("x"), &["x.arms: ", "x.outside: `control`"]);
        let read = |text: &str| serde_json::from_str::<DestinationSource>(text).unwrap();
        let hook = r#"{ "segments": ["vip"], "webhook": { "url": "https://a.b/c",
            "signing-key": "env:KEY" } }"#;
        check(read(hook).faults("d"), &[]);
        check(read(r#"{ "segments": [] }"#).faults("d"), &["d.segments: ", "d: a destination"]);
        let bad = r#"{ "segments": ["vip"], "webhook": { "url": "ftp://a", "signing-key": "whsec_",
            "batch": 0, "give-up-after": "1s" } }"#;
        let places = ["d.webhook.url", "d.webhook.batch", "d.webhook.signing", "d.webhook.give-up"];
        check(read(bad).faults("d"), &places);
        let bad = r#"{ "segments": ["vip"], "folder": { "path": "a", "every": "1s", "keep": 0,
            "formats": [] } }"#;
        let places = ["d.folder.path", "d.folder.every", "d.folder.keep", "d.folder.formats"];
        check(read(bad).faults("d"), &places);
    }
}
