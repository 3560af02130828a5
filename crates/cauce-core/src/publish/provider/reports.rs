//! How somebody's server reports back: who may, and where in what it says the message is.

use super::api::{Checked, is_place};
use super::auth::{Basic, Encoding, Hash};
use super::webhook::{Refusal, Where};
use crate::diagnostic::Diagnostic;
use crate::phone::{Plan, is_e164, line};
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// Reports of a provider that is reached by recipe, at `/reports/{provider}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reports {
    /// How a report proves who sends it.
    pub proof: Proof,
    /// Where reports are, if one request may hold several: a JSON pointer in which `*` stands for
    /// every item of a list. The other pointers begin there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// Where our message id is: a JSON pointer, or `?name` for a parameter of the address. Not
    /// needed with the proof `link`, which names the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where it says what happened: a JSON pointer or `?name`.
    pub kind: String,
    /// What its words mean. A word that is not here is counted and no more.
    pub kinds: BTreeMap<String, Happened>,
    /// What a failure means by its code, the first that fits: such as an address that is gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// Where the reason of a failure is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where the time is: RFC 3339, or seconds or milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// How the provider asks whether the address is ours, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
}

/// How a provider brings the text messages that people write, at
/// `/reports/webhook/{provider}/inbound`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Inbound {
    /// How it proves who sends it; not `link`.
    pub proof: Proof,
    /// Where messages are, if one request may hold several: a JSON pointer in which `*` stands for
    /// every item of a list. The other places begin there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// Where its own name for the message is: a JSON pointer or `?name`.
    pub id: String,
    /// Where the number is that wrote.
    pub from: String,
    /// How that number is written.
    #[serde(default, skip_serializing_if = "Numbers::is_international")]
    pub numbers: Numbers,
    /// Where the number or name is to which it wrote.
    pub to: String,
    /// Where the text is.
    pub text: String,
}

/// How numbers come that write to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbers {
    /// With their country, with or without the plus: `34600112233`, as nearly all carriers write.
    #[default]
    International,
    /// What has no plus and no `00` is a number of the country where the workspace's people are.
    AsWritten,
}

impl Numbers {
    fn is_international(&self) -> bool {
        matches!(self, Numbers::International)
    }
}

impl Inbound {
    /// The number that wrote, with its plus where its country is known to be there.
    ///
    /// Digits alone would be another name than that to which we send, and who says STOP by them
    /// would go on getting texts.
    /// `at_home` is how numbers are written in the region of the policy, if it names one: where
    /// nobody can have the number that the digits are with their country, and somebody one at home,
    /// the carrier has left the country out.
    pub fn number(&self, written: &str, at_home: Option<&Plan>) -> String {
        let digits: String = written.chars().filter(|c| !" -./()\u{a0}".contains(*c)).collect();
        let whole = format!("+{digits}");
        let is_of_home = || {
            let there = at_home.map(|plan| plan.international(&digits));
            line(&whole).is_none() && there.is_some_and(|there| line(&there).is_some())
        };
        match self.numbers {
            Numbers::International if is_e164(&whole) && !is_of_home() => whole,
            Numbers::International | Numbers::AsWritten => written.to_owned(),
        }
    }

    /// Where its secrets are.
    pub(super) fn secrets(&self) -> Vec<&str> {
        self.proof.secrets()
    }

    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut checked = Checked { path, found: Vec::new() };
        if matches!(self.proof, Proof::Link(_)) {
            let message = "nobody knows a message of ours that is written to us".to_owned();
            checked.fault("proof", "no-proof", message, "a signature, `basic` or `token`");
        }
        self.proof.faults(&mut checked);
        let places = [
            ("each", self.each.as_ref()),
            ("id", Some(&self.id)),
            ("from", Some(&self.from)),
            ("to", Some(&self.to)),
            ("text", Some(&self.text)),
        ];
        places.into_iter().for_each(|(field, place)| checked.pointer(field, place));
        checked.found
    }
}

impl Proof {
    fn secrets(&self) -> Vec<&str> {
        let mut places: Vec<&str> = match self {
            Proof::StandardWebhooks(place) | Proof::Token(place) => vec![place],
            Proof::Hmac(signature) => vec![&signature.key],
            Proof::Basic(basic) => vec![&basic.username, &basic.password],
            Proof::Link(_) => Vec::new(),
        };
        places.retain(|place| is_place(place));
        places
    }

    fn faults(&self, checked: &mut Checked<'_>) {
        match self {
            Proof::StandardWebhooks(place) => checked.place("proof.standard-webhooks", place),
            Proof::Token(place) => checked.place("proof.token", place),
            Proof::Basic(basic) => checked.place("proof.basic.password", &basic.password),
            Proof::Hmac(signature) => signature.faults(checked),
            Proof::Link(_) => {}
        }
    }
}

impl Checked<'_> {
    fn pointer(&mut self, field: &str, pointer: Option<&String>) {
        let Some(pointer) = pointer else { return };
        if !is_pointer(pointer) || field == "each" && pointer.starts_with('?') {
            let message = format!("`{pointer}` is no JSON pointer (RFC 6901)");
            let hint = format!("write `/{}`", pointer.replace('.', "/"));
            self.fault(field, "bad-pointer", message, &hint);
        }
    }
}

/// How a report proves who sends it: exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Proof {
    /// Standard Webhooks: where the secret (`whsec_…`) is.
    StandardWebhooks(String),
    /// A signature in a header.
    Hmac(Signature),
    /// A name and a password.
    Basic(Basic),
    /// A secret in the address (`/reports/NAME?token=…`): where it is.
    Token(String),
    /// The address that came with the message (`{{ links.report }}`), which only its provider
    /// knows.
    Link(Link),
}

/// Nothing more is to be said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Link {}

/// A signature in a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Signature {
    /// Where the key is: `file:NAME` or `env:CAUCE_NAME`.
    pub key: String,
    /// How the key is written.
    #[serde(default)]
    pub key_encoding: Encoding,
    /// The hash.
    #[serde(default)]
    pub algorithm: Hash,
    /// The header.
    pub header: String,
    /// What stands before the signature in it: `sha256=`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// How the signature is written.
    #[serde(default = "hex")]
    pub encoding: Encoding,
    /// What is signed: `{body}`, `{timestamp}`.
    #[serde(default = "body")]
    pub signed: String,
    /// The header of the time that is signed, in seconds since 1970; it must not be older than five
    /// minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp_header: Option<String>,
}

fn hex() -> Encoding {
    Encoding::Hex
}
fn body() -> String {
    "{body}".to_owned()
}

/// How a provider asks whether an address is ours: a GET whose answer is what it brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Challenge {
    /// The parameter that is answered: `hub.challenge`.
    pub parameter: String,
    /// The parameter that holds the secret: `hub.verify_token`.
    pub token_parameter: String,
    /// Where the secret is: `file:NAME` or `env:CAUCE_NAME`.
    pub token: String,
}

/// What a report's word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happened {
    /// It reached the person's mailbox, phone or account.
    Delivered,
    /// It came back, and that says nothing of the address.
    Failed,
    /// It came back since there is no such recipient. A request goes to a person: nothing is
    /// suppressed.
    InvalidRecipient,
    /// The person called it spam.
    Complained,
    /// The person opened it.
    Opened,
    /// The person wants no more of it.
    Unsubscribed,
    /// Nothing that is kept.
    Ignored,
}

/// Whether a text says where in a report something is.
fn is_pointer(text: &str) -> bool {
    text.starts_with('/') || text.len() > 1 && text.starts_with('?')
}

impl Reports {
    /// Where its secrets are.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let mut places = self.proof.secrets();
        places.extend(self.challenge.iter().map(|challenge| challenge.token.as_str()));
        places.retain(|place| is_place(place));
        places
    }

    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut checked = Checked { path, found: Vec::new() };
        self.proof.faults(&mut checked);
        match (&self.message, &self.proof) {
            (None, Proof::Link(_)) => {}
            (Some(_), Proof::Link(_)) => {
                let message = "the proof `link` names the message already".to_owned();
                checked.fault("message", "message-twice", message, "leave it out");
            }
            (None, _) => {
                let message = "it does not say where the message's id is".to_owned();
                let hint = "a JSON pointer such as `/reference`, or `?name` of the address";
                checked.fault("message", "no-message", message, hint);
            }
            (Some(_), _) => {}
        }
        let pointers = [
            ("each", self.each.as_ref()),
            ("message", self.message.as_ref()),
            ("kind", Some(&self.kind)),
            ("text", self.text.as_ref()),
            ("time", self.time.as_ref()),
        ];
        pointers.into_iter().for_each(|(field, pointer)| checked.pointer(field, pointer));
        if self.kinds.is_empty() {
            let message = "no word of a report means anything".to_owned();
            checked.fault("kinds", "no-kinds", message, "such as `delivered: delivered`");
        }
        let by_body = |refusal: &Refusal| {
            matches!(refusal.place(), Some(Where::Pointer(pointer)) if pointer.starts_with('/'))
                && refusal.status.is_empty()
        };
        if !self.refusals.iter().all(by_body) {
            let message = "a report has no headers and no status that could mean something";
            let hint = "say `pointer` and `values`";
            checked.fault("refusals", "bad-refusal", message.to_owned(), hint);
        }
        if let Some(challenge) = &self.challenge {
            checked.place("challenge.token", &challenge.token);
        }
        checked.found
    }
}

impl Signature {
    fn faults(&self, checked: &mut Checked<'_>) {
        checked.place("proof.hmac.key", &self.key);
        if self.encoding == Encoding::Text {
            let message = "a signature is bytes that no header carries".to_owned();
            checked.fault("proof.hmac.encoding", "bad-encoding", message, "`hex` or `base64`");
        }
        if !self.signed.contains("{body}") {
            let message = "a signature that leaves out the body proves nothing of it".to_owned();
            checked.fault("proof.hmac.signed", "no-body", message, "put `{body}` into it");
        }
        if self.signed.contains("{timestamp}") != self.timestamp_header.is_some() {
            let message = "`{timestamp}` and `timestamp-header` belong together".to_owned();
            let hint = "say both, or neither";
            checked.fault("proof.hmac.timestamp-header", "half-a-rule", message, hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(change: Value, expected: &[&str]) {
        let mut document = json!({ "proof": { "token": "env:CAUCE_T" }, "message": "/id",
            "kind": "/status", "kinds": { "delivered": "delivered" } });
        for (name, value) in change.as_object().unwrap() {
            document[name] = value.clone();
        }
        let reports: Reports = serde_json::from_value(document).unwrap();
        let found = reports.faults("r");
        let found = found.iter().map(|fault| format!("{} {}", fault.path, fault.code));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{reports:?}");
    }

    #[test]
    fn every_field_is_checked() {
        check(json!({}), &[]);
        check(json!({ "message": "?message", "each": "/entry/*/statuses/*" }), &[]);
        check(json!({ "message": null }), &["r.message no-message"]);
        check(json!({ "proof": { "link": {} }, "message": null }), &[]);
        check(json!({ "proof": { "link": {} } }), &["r.message message-twice"]);
        check(json!({ "proof": { "token": "hush" } }), &["r.proof.token bad-secret"]);
        check(
            json!({ "kind": "status", "kinds": {} }),
            &["r.kind bad-pointer", "r.kinds no-kinds"],
        );
        check(json!({ "each": "?a", "time": "t" }), &["r.each bad-pointer", "r.time bad-pointer"]);
        check(
            json!({ "proof": { "hmac": { "key": "env:CAUCE_K", "header": "X-Sign",
                "encoding": "text", "signed": "{timestamp}" } } }),
            &[
                "r.proof.hmac.encoding bad-encoding",
                "r.proof.hmac.signed no-body",
                "r.proof.hmac.timestamp-header half-a-rule",
            ],
        );
        let by_status = json!([{ "status": [404], "means": "invalid-recipient" }]);
        check(json!({ "refusals": by_status }), &["r.refusals bad-refusal"]);
        let by_code = json!([{ "pointer": "/code", "values": [7], "means": "invalid-recipient" }]);
        check(json!({ "refusals": by_code }), &[]);
    }

    #[test]
    fn a_number_that_writes_is_the_one_that_is_written_to() {
        let inbound = |numbers: Option<&str>| -> Inbound {
            let mut document = json!({ "proof": { "token": "env:CAUCE_T" }, "id": "/id",
                "from": "/from", "to": "/to", "text": "/text" });
            if let Some(numbers) = numbers {
                document["numbers"] = json!(numbers);
            }
            serde_json::from_value(document).unwrap()
        };
        let usual = inbound(None);
        let written = serde_json::to_value(&usual).unwrap();
        assert!(written.get("numbers").is_none(), "what is usual is not written down: {written}");
        // In a form a plus is a space.
        for from in ["+34611000001", "34611000001", " 34611000001", "34 611-000.001"] {
            let number = usual.number(from, Plan::of("ES").as_ref());
            let namespaces = crate::identity::canonical("phone", &number).unwrap();
            assert_eq!(namespaces.value, "+34611000001", "{from}");
        }
        for same in ["0034611000001", "0611000001", "21777", "Bank", ""] {
            assert_eq!(usual.number(same, None), same);
            assert_eq!(inbound(Some("international")).number(same, None), same);
        }
        assert_eq!(inbound(Some("as-written")).number("611000001", None), "611000001");
        // Without its country, and nobody's with one: it is of the policy's region.
        for (region, same) in [("ES", "611000001"), ("US", "2125550100")] {
            assert_eq!(usual.number(same, Plan::of(region).as_ref()), same);
            assert_eq!(usual.number(same, None), format!("+{same}"));
        }
    }
}
