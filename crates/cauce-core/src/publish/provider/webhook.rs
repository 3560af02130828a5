//! The way to every third-party messaging provider: a request to somebody's server.

use crate::diagnostic::Diagnostic;
use crate::prelude::*;
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
    /// Where the signing key (`whsec_…`) is: `file:NAME` (of the secrets folder) or
    /// `env:CAUCE_NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_key: Option<String>,
    /// JSON pointer to the provider's name for the message in its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_pointer: Option<String>,
    /// JSON pointer to a value of the answer that must equal `success-value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_pointer: Option<String>,
    /// The value that means success: a text, a number or a truth, as the answer has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_value: Option<serde_json::Value>,
    /// What a no means, the first that fits; a no that none fits is judged by its status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
}

/// What one of a provider's answers means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Refusal {
    /// JSON pointer (RFC 6901) to a value of the answer.
    pub pointer: String,
    /// Any of these values.
    pub values: Vec<serde_json::Value>,
    /// What it means.
    pub means: Meaning,
}

/// What a provider's no means for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// No for good: it is not tried again.
    Permanent,
    /// There is no such recipient: not tried again, and the address is suppressed.
    InvalidRecipient,
    /// Too fast: it is tried again.
    Throttled,
    /// Not now: it is tried again.
    Temporary,
}

fn post() -> String {
    "POST".to_owned()
}

impl Webhook {
    /// What is wrong with where its answers are looked into.
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if self.success_pointer.is_some() != self.success_value.is_some() {
            let message = "`success-pointer` and `success-value` belong together";
            let fault = Diagnostic::error(path, "half-a-rule", message);
            faults.push(fault.hint("say both, or neither: then every 2xx is a yes"));
        }
        let own = [("id-pointer", &self.id_pointer), ("success-pointer", &self.success_pointer)];
        let own = own.into_iter().filter_map(|(name, pointer)| Some((name, pointer.as_ref()?)));
        let refusals = self.refusals.iter().map(|refusal| ("refusals", &refusal.pointer));
        for (name, pointer) in own.chain(refusals) {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                let message = format!("`{pointer}` is no JSON pointer (RFC 6901)");
                let fault = Diagnostic::error(format!("{path}.{name}"), "bad-pointer", message);
                faults.push(fault.hint(format!("write `/{}`", pointer.replace('.', "/"))));
            }
        }
        if self.refusals.iter().any(|refusal| refusal.values.is_empty()) {
            let message = "a refusal without values fits no answer";
            faults.push(Diagnostic::error(format!("{path}.refusals"), "no-values", message));
        }
        faults
    }
}
