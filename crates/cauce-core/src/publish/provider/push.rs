//! Ways out for pushes: the three services, side by side.

use crate::diagnostic::Diagnostic;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// The services by which a profile's devices are reached; those that are not said are not used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PushWays {
    /// Apple's: apps on iOS with a token of Apple's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apns: Option<Apns>,
    /// Google's: apps on Android, and those on iOS with a token of Google's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fcm: Option<Fcm>,
    /// The browsers' own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web: Option<WebPush>,
}

/// Apple Push Notification service, with a token key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Apns {
    /// The team that owns the key: ten letters and digits.
    pub team: String,
    /// The key's name: ten letters and digits.
    pub key_id: String,
    /// Where the key (the `.p8` file) is: `file:NAME` (of the secrets folder) or `env:CAUCE_NAME`.
    pub key: String,
    /// The app's bundle id, for devices of which nobody said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Another server than Apple's, for tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Another server than Apple's for apps that a developer built, for tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox_base: Option<String>,
}

/// Firebase Cloud Messaging, with a service account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fcm {
    /// Where the account's key file (JSON) is: `file:NAME` or `env:CAUCE_NAME`.
    pub account: String,
    /// Another server than Google's, for tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

/// Web Push with VAPID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WebPush {
    /// Where the private key (P-256, PEM) is: `file:NAME` or `env:CAUCE_NAME`.
    pub key: String,
    /// Whom the operator of a push service can write to: `mailto:…` or `https://…`.
    pub subject: String,
    /// Hosts of push services that may be asked, `*.example.com` for all below; all if absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

impl PushWays {
    /// The services that are said, for people.
    pub(super) fn reached(&self) -> String {
        let said = [
            ("apns", self.apns.is_some()),
            ("fcm", self.fcm.is_some()),
            ("web", self.web.is_some()),
        ];
        let said: Vec<&str> =
            said.into_iter().filter(|(_, said)| *said).map(|(name, _)| name).collect();
        said.join(", ")
    }

    /// Places of the secrets that it needs.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let apns = self.apns.as_ref().map(|apns| apns.key.as_str());
        let fcm = self.fcm.as_ref().map(|fcm| fcm.account.as_str());
        let web = self.web.as_ref().map(|web| web.key.as_str());
        apns.into_iter().chain(fcm).chain(web).collect()
    }

    /// What is wrong with it.
    pub(super) fn faults(&self, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if self.reached().is_empty() {
            let fault = Diagnostic::error(path, "no-service", "no service carries its pushes");
            faults.push(fault.hint("say at least one of `apns`, `fcm` and `web`"));
        }
        if let Some(apns) = &self.apns {
            for (name, value) in [("team", &apns.team), ("key-id", &apns.key_id)] {
                if value.len() != 10 || !value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    let message = format!("`{value}` is not ten letters and digits");
                    let at = format!("{path}.apns.{name}");
                    let fault = Diagnostic::error(at, "bad-name", message);
                    faults.push(fault.hint("copy it from Apple's page of keys"));
                }
            }
            faults.extend(base_fault(&format!("{path}.apns.base"), apns.base.as_deref()));
            let sandbox = apns.sandbox_base.as_deref();
            faults.extend(base_fault(&format!("{path}.apns.sandbox-base"), sandbox));
        }
        if let Some(fcm) = &self.fcm {
            faults.extend(base_fault(&format!("{path}.fcm.base"), fcm.base.as_deref()));
        }
        if let Some(web) = &self.web {
            if !["mailto:", "https://"].iter().any(|begin| web.subject.starts_with(begin)) {
                let message = format!("`{}` is nowhere to write to", web.subject);
                let at = format!("{path}.web.subject");
                let fault = Diagnostic::error(at, "bad-subject", message);
                faults.push(fault.hint("say `mailto:ops@example.com`"));
            }
            for (place, host) in web.hosts.iter().enumerate() {
                if host.contains(['/', ':', '@', ' ']) || host.is_empty() {
                    let message = format!("`{host}` is no host");
                    let at = format!("{path}.web.hosts.{place}");
                    let fault = Diagnostic::error(at, "bad-host", message);
                    faults
                        .push(fault.hint("say the host only: `updates.push.services.mozilla.com`"));
                }
            }
        }
        faults
    }
}

fn base_fault(path: &str, base: Option<&str>) -> Option<Diagnostic> {
    let base = base?;
    let fine = ["https://", "http://127.0.0.1:", "http://localhost:"];
    (!fine.iter().any(|begin| base.starts_with(begin))).then(|| {
        let message = format!("`{base}` is no server that can be trusted");
        let fault = Diagnostic::error(path, "bad-base", message);
        fault.hint("begin with `https://`; only a test on this machine does without")
    })
}
