//! The way to every third-party messaging provider: a request to somebody's server.

use super::auth::Auth;
use super::reports::{Inbound, Reports};
use crate::diagnostic::Diagnostic;
use crate::message::Channel;
use crate::prelude::*;
use crate::template;
use serde::{Deserialize, Serialize};

/// Somebody's server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Webhook {
    /// Its address; may have holes.
    pub url: String,
    /// The method.
    #[serde(default = "post")]
    pub method: String,
    /// Headers; values may have holes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body of a request that carries a text message; may have holes. A request of the channel
    /// `webhook` has its template instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where the signing key (`whsec_…`) is: `file:NAME` (of the secrets folder) or
    /// `env:CAUCE_NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_key: Option<String>,
    /// Where the signing key is that comes next or was the last: while keys change, requests have a
    /// signature by either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_signing_key: Option<String>,
    /// How a request proves who asks, besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// JSON pointer to the provider's name for the message in its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_pointer: Option<String>,
    /// The header of the answer that holds it, if none of its body does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_header: Option<String>,
    /// JSON pointer to the number of parts that the provider counts a text message as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts_pointer: Option<String>,
    /// JSON pointer to a value of the answer that must equal `success-value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_pointer: Option<String>,
    /// The value that means success: a text, a number or a truth, as the answer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_value: Option<serde_json::Value>,
    /// What a no means, the first that fits; a no that none fits is judged by its status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// Where a no says when to come back, if not in `retry-after`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// How the provider reports back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports: Option<Reports>,
    /// How it brings the text messages that people write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound: Option<Inbound>,
}

/// What one of a provider's answers means: where it looks, and all that is said has to fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Refusal {
    /// JSON pointer (RFC 6901) to a value of the answer…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// …or the name of a header of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Any of these values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<serde_json::Value>,
    /// Any of these statuses; whichever if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// What it means.
    pub means: Meaning,
}

/// A place in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// A value of its body.
    Pointer(String),
    /// A header.
    Header(String),
}

impl Refusal {
    /// Where it looks, if it looks anywhere.
    pub fn place(&self) -> Option<Where> {
        let pointer = self.pointer.clone().map(Where::Pointer);
        pointer.or_else(|| self.header.clone().map(Where::Header))
    }
}

/// What a provider's no means for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// No for good: it is not tried again.
    Permanent,
    /// There is no such recipient: not tried again. A request goes to a person: nothing is
    /// suppressed.
    InvalidRecipient,
    /// Not to us, or not this: not tried again, and the address is not to blame.
    Blocked,
    /// Our account or our key: it is tried again, once somebody has mended that.
    Configuration,
    /// Too fast: it is tried again.
    Throttled,
    /// Not now: it is tried again.
    Temporary,
    /// It may have been taken: what follows depends on the message.
    Unknown,
}

/// Where a no says when to come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RetryAfter {
    /// JSON pointer to a number of the answer…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// …or the header that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What the number counts.
    #[serde(default)]
    pub unit: Unit,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Seconds from now.
    #[default]
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// Seconds since 1970.
    Epoch,
}

fn post() -> String {
    "POST".to_owned()
}

impl Webhook {
    /// Where its secrets are.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let keys = [&self.signing_key, &self.other_signing_key];
        let mut places: Vec<&str> = keys.into_iter().filter_map(|key| key.as_deref()).collect();
        places.extend(self.auth.iter().flat_map(Auth::secrets));
        places.extend(self.reports.iter().flat_map(Reports::secrets));
        places.extend(self.inbound.iter().flat_map(Inbound::secrets));
        places
    }

    /// What is wrong with where its answers are looked into, and with who may ask and report.
    pub(super) fn faults(&self, channel: Channel, path: &str) -> Vec<Diagnostic> {
        let mut faults = self.answers(path);
        self.as_a_carrier(channel, path, &mut faults);
        for (part, text) in self.parts() {
            if let Err(found) = template::parse(text, &BTreeMap::new()) {
                faults.extend(found.into_iter().map(|f| f.below(&format!("{path}.{part}"))));
            }
        }
        if self.other_signing_key.is_some() && self.signing_key.is_none() {
            let message = "there is no `signing-key` beside it";
            let at = format!("{path}.other-signing-key");
            let fault = Diagnostic::error(at, "half-a-rule", message);
            faults.push(fault.hint("say the key that counts in `signing-key`"));
        }
        for refusal in &self.refusals {
            faults.extend(refusal.faults(&format!("{path}.refusals")));
        }
        if let Some(after) = &self.retry_after
            && after.pointer.is_some() == after.header.is_some()
        {
            let message = "it is said in exactly one place";
            let fault = Diagnostic::error(format!("{path}.retry-after"), "half-a-rule", message);
            faults.push(fault.hint("say `pointer` or `header`"));
        }
        if let Some(auth) = &self.auth {
            faults.extend(auth.faults(&format!("{path}.auth")));
            let written = auth.written();
            for name in self.headers.keys().filter(|name| written.contains(&name.to_lowercase())) {
                let message = format!("`auth` writes the header `{name}` too");
                let at = format!("{path}.headers.{name}");
                let fault = Diagnostic::error(at, "header-twice", message);
                faults.push(fault.hint("leave it out here"));
            }
        }
        if let Some(reports) = &self.reports {
            faults.extend(reports.faults(&format!("{path}.reports")));
        }
        if let Some(inbound) = &self.inbound {
            faults.extend(inbound.faults(&format!("{path}.inbound")));
        }
        faults
    }

    /// What carries text messages says how they are asked for; what does not, does not.
    fn as_a_carrier(&self, channel: Channel, path: &str, faults: &mut Vec<Diagnostic>) {
        let mut fault = |field: &str, code: &'static str, message: &str, hint: &str| {
            let fault = Diagnostic::error(format!("{path}.{field}"), code, message);
            faults.push(fault.hint(hint));
        };
        if channel == Channel::Sms {
            let body = self.body.as_deref().unwrap_or_default();
            if body.is_empty() && !matches!(self.method.as_str(), "GET") {
                let hint =
                    "such as `{\"to\": {{ sms.to | json }}, \"text\": {{ sms.text | json }}}`";
                fault("body", "no-body", "it does not say how a text message is asked for", hint);
            }
            let asked = [&self.url, body].map(|text| text.contains("sms.text"));
            if !body.is_empty() && asked == [false, false] {
                let hint = "`{{ sms.text | json }}`";
                fault("body", "no-text", "the request does not have the text", hint);
            }
            return;
        }
        let hint = "write `channel: sms`, or leave it out";
        let only = "is for text messages only";
        if self.body.is_some() {
            let hint = "the body of a request is the template's `text`; leave it out here";
            fault("body", "only-for-sms", &format!("`body` {only}"), hint);
        }
        if self.parts_pointer.is_some() {
            fault("parts-pointer", "only-for-sms", &format!("`parts-pointer` {only}"), hint);
        }
        if self.inbound.is_some() {
            fault("inbound", "only-for-sms", &format!("`inbound` {only}"), hint);
        }
    }

    /// Its parts that may have holes, by their names.
    fn parts(&self) -> impl Iterator<Item = (String, &str)> {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (format!("headers.{name}"), value.as_str()));
        let body = self.body.iter().map(|body| ("body".to_owned(), body.as_str()));
        core::iter::once(("url".to_owned(), self.url.as_str())).chain(headers).chain(body)
    }

    fn answers(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if self.success_pointer.is_some() != self.success_value.is_some() {
            let message = "`success-pointer` and `success-value` belong together";
            let fault = Diagnostic::error(path, "half-a-rule", message);
            faults.push(fault.hint("say both, or neither: then every 2xx is a yes"));
        }
        let after = self.retry_after.as_ref().and_then(|after| after.pointer.as_ref());
        let refusals = self.refusals.iter().map(|refusal| ("refusals", refusal.pointer.as_ref()));
        let own = [
            ("id-pointer", self.id_pointer.as_ref()),
            ("success-pointer", self.success_pointer.as_ref()),
            ("parts-pointer", self.parts_pointer.as_ref()),
            ("retry-after", after),
        ];
        for (name, pointer) in own.into_iter().chain(refusals) {
            let Some(pointer) = pointer else { continue };
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let message = format!("`{pointer}` is no JSON pointer (RFC 6901)");
                let fault = Diagnostic::error(format!("{path}.{name}"), "bad-pointer", message);
                faults.push(fault.hint(format!("write `/{}`", pointer.replace('.', "/"))));
            }
        }
        faults
    }
}

impl Refusal {
    fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if self.pointer.is_some() && self.header.is_some() {
            let message = "a refusal looks in one place";
            let fault = Diagnostic::error(path, "two-places", message);
            faults.push(fault.hint("say `pointer` or `header`"));
        }
        if self.place().is_some() == self.values.is_empty() {
            let message = match self.values.is_empty() {
                true => "a refusal without values fits no answer",
                false => "values of a refusal stand nowhere",
            };
            let fault = Diagnostic::error(path, "no-values", message);
            faults.push(fault.hint("`pointer` (or `header`) and `values` belong together"));
        }
        if self.place().is_none() && self.values.is_empty() && self.status.is_empty() {
            let message = "a refusal that asks for nothing fits every answer";
            let fault = Diagnostic::error(path, "no-condition", message);
            faults.push(fault.hint("say `status`, or `pointer` and `values`"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(change: serde_json::Value, expected: &[&str]) {
        check_as(Channel::Webhook, change, expected);
    }

    fn check_as(channel: Channel, change: serde_json::Value, expected: &[&str]) {
        let mut document = json!({ "url": "https://a.example/" });
        document.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let hook: Webhook = serde_json::from_value(document).unwrap();
        let found = hook.faults(channel, "w");
        let found = found.iter().map(|fault| format!("{} {}", fault.path, fault.code));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{hook:?}");
    }

    #[test]
    fn every_field_is_checked() {
        let no = json!({ "pointer": "/code", "values": [7], "means": "blocked" });
        check(json!({ "refusals": [no, { "status": [404], "means": "permanent" }] }), &[]);
        check(json!({ "refusals": [{ "means": "unknown" }] }), &["w.refusals no-condition"]);
        let without = json!({ "pointer": "/code", "means": "permanent" });
        check(json!({ "refusals": [without] }), &["w.refusals no-values"]);
        let nowhere = json!({ "values": [1], "status": [400], "means": "permanent" });
        check(json!({ "refusals": [nowhere] }), &["w.refusals no-values"]);
        let twice = json!({ "pointer": "a", "header": "b", "values": [1], "means": "permanent" });
        check(json!({ "refusals": [twice] }), &["w.refusals bad-pointer", "w.refusals two-places"]);
        check(json!({ "retry-after": {} }), &["w.retry-after half-a-rule"]);
        check(json!({ "retry-after": { "header": "x-reset", "unit": "epoch" } }), &[]);
        let other = json!({ "other-signing-key": "env:CAUCE_K" });
        check(other, &["w.other-signing-key half-a-rule"]);
        let key = json!({ "header": { "key": "env:CAUCE_K" } });
        let both = json!({ "auth": key, "headers": { "Authorization": "x" } });
        check(both, &["w.headers.Authorization header-twice"]);
    }

    #[test]
    fn a_carrier_of_text_messages_says_how_they_are_asked_for() {
        let body = r#"{"to":{{ sms.to | json }},"text":{{ sms.text | json }}}"#;
        check_as(Channel::Sms, json!({ "body": body, "parts-pointer": "/parts" }), &[]);
        check_as(Channel::Sms, json!({}), &["w.body no-body"]);
        check_as(Channel::Sms, json!({ "body": "{}" }), &["w.body no-text"]);
        let by_address =
            json!({ "method": "GET", "url": "https://a/?t={{ sms.text | url_encode }}" });
        check_as(Channel::Sms, by_address, &[]);
        check(json!({ "body": body }), &["w.body only-for-sms"]);
        let inbound = json!({ "proof": { "token": "env:CAUCE_T" }, "id": "/id", "from": "/from",
            "to": "/to", "text": "/text" });
        let both = json!({ "body": body, "inbound": inbound, "parts-pointer": "n" });
        check_as(Channel::Sms, both.clone(), &["w.parts-pointer bad-pointer"]);
        check(
            both,
            &[
                "w.parts-pointer bad-pointer",
                "w.body only-for-sms",
                "w.parts-pointer only-for-sms",
                "w.inbound only-for-sms",
            ],
        );
        let linked = json!({ "body": body, "inbound": { "proof": { "link": {} }, "id": "id",
            "from": "/from", "to": "/to", "text": "/text" } });
        check_as(Channel::Sms, linked, &["w.inbound.proof no-proof", "w.inbound.id bad-pointer"]);
    }
}
