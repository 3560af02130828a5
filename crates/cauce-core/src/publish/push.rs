//! A push as people write it, and what is wrong with one.

use super::Template;
use crate::device::{Choice, Way};
use crate::diagnostic::Diagnostic;
use crate::ids::MessageId;
use crate::message::Channel;
use crate::message::content::push::{
    BUTTONS_MAX, Button, COLLAPSE_BYTES_MAX, FCM_RESERVED, FCM_RESERVED_BEGINNINGS, OWN, Priority,
    Push, TTL_MAX,
};
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// A push as it is written; every text may have holes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PushSource {
    /// The first line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// The address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Where a tap leads: `https://…`, or a place in the app such as `shop://orders/7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Further choices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<ButtonSource>,
    /// What the app gets besides.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// The number on the app's icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<String>,
    /// The sound: `default`, or the name of one of the app's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
    /// Apple's name for a set of buttons, or Android's channel of alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Nothing is shown: the app is woken, and gets `data`.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub silent: bool,
    /// A later push of the same key replaces this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<String>,
    /// How long a service keeps it for a device that is away; a day if absent, `0s` for not at all.
    #[serde(with = "super::source::optional_span", skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Duration>,
    /// How soon it should be shown: `high` or `normal`.
    #[serde(skip_serializing_if = "is_default")]
    pub priority: Priority,
    /// To `all` devices that are live, or to the one that was seen `latest`.
    #[serde(skip_serializing_if = "is_default")]
    pub devices: Choice,
}

/// A button as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ButtonSource {
    /// What the app is told.
    pub action: String,
    /// What is on it.
    pub title: String,
    /// Where it leads, if the app does not decide.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl PushSource {
    /// Its texts by the name of their part.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let title = (!self.title.is_empty()).then_some(("title", self.title.as_str()));
        let body = (!self.body.is_empty()).then_some(("body", self.body.as_str()));
        let options = [
            ("image", &self.image),
            ("link", &self.link),
            ("badge", &self.badge),
            ("sound", &self.sound),
            ("category", &self.category),
            ("collapse-key", &self.collapse_key),
        ];
        let options = options.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
        let buttons = self.buttons.iter().flat_map(|button| {
            [("buttons", button.title.as_str()), ("buttons", button.link.as_str())]
        });
        let data = self.data.values().map(|text| ("data", text.as_str()));
        title.into_iter().chain(body).chain(options).chain(buttons).chain(data)
    }
}

/// What is wrong with the push of a template, or with its absence.
pub(super) fn check(path: &str, template: &Template) -> Vec<Diagnostic> {
    let at = format!("{path}.push");
    let Some(push) = &template.push else {
        if template.channel != Channel::Push {
            return Vec::new();
        }
        let fault = Diagnostic::error(at, "no-content", "the template has no push");
        return vec![fault.hint("add `push` with a `title` and a `body`")];
    };
    let mut found = Vec::new();
    if template.channel != Channel::Push {
        let message = format!("a template for {} pushes nothing", template.channel);
        let fault = Diagnostic::error(at.clone(), "push-unused", message);
        found.push(fault.hint("write `channel: push`, or leave `push` out"));
    }
    if template.html.is_some() || template.text.is_some() || !template.subject.is_empty() {
        let message = "a push has no `subject`, `html` or `text`";
        let fault = Diagnostic::error(path, "not-of-push", message);
        found.push(fault.hint("say `title` and `body` below `push`"));
    }
    found.extend(shown(&at, push));
    found.extend(push.data.keys().filter_map(|name| reserved(&at, name)));
    found.extend(bounds(&at, push));
    found
}

/// What an alert needs, and a silent push must not have.
fn shown(at: &str, push: &PushSource) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let has_text = !push.title.is_empty() || !push.body.is_empty();
    if push.silent && (has_text || push.sound.is_some() || !push.buttons.is_empty()) {
        let message = "a silent push shows nothing: no title, body, sound or buttons";
        let fault = Diagnostic::error(format!("{at}.silent"), "silent-shows", message);
        found.push(fault.hint("leave them out, or leave `silent` out"));
    }
    if !push.silent && push.body.is_empty() {
        let fault =
            Diagnostic::error(format!("{at}.body"), "no-content", "there is nothing to read");
        found.push(fault.hint("add `body`, or say `silent: true`"));
    }
    let mut actions = BTreeSet::new();
    for (place, button) in push.buttons.iter().enumerate() {
        let place = format!("{at}.buttons.{place}");
        if button.action.is_empty() || !actions.insert(&button.action) {
            let message = "every button has an action of its own";
            let fault = Diagnostic::error(format!("{place}.action"), "bad-action", message);
            found.push(fault.hint("name what the app is told: `action: track`"));
        }
        if button.title.is_empty() {
            let message = "there is nothing on the button";
            let fault = Diagnostic::error(format!("{place}.title"), "missing", message);
            found.push(fault.hint("add a `title`"));
        }
    }
    if push.buttons.len() > BUTTONS_MAX {
        let message = format!("has {} buttons, at most {BUTTONS_MAX}", push.buttons.len());
        let fault = Diagnostic::error(format!("{at}.buttons"), "too-many", message);
        found.push(fault.hint("browsers show the first two"));
    }
    found
}

/// A name in `data` that some service or we ourselves use for something else.
fn reserved(at: &str, name: &str) -> Option<Diagnostic> {
    let lower = name.to_ascii_lowercase();
    let taken = OWN.contains(&name)
        || FCM_RESERVED.contains(&lower.as_str())
        || FCM_RESERVED_BEGINNINGS.iter().any(|begin| lower.starts_with(begin));
    taken.then(|| {
        let message = format!("`{name}` has a meaning of its own in a push");
        let fault = Diagnostic::error(format!("{at}.data.{name}"), "reserved-name", message);
        fault.hint(format!("choose another name, such as `app_{name}`"))
    })
}

/// Sizes and times beyond what services take, as far as they are known before values are.
fn bounds(at: &str, push: &PushSource) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if push.ttl.is_some_and(|ttl| ttl > TTL_MAX || ttl < Duration(0)) {
        let message = format!("no service keeps a push longer than {TTL_MAX}");
        let fault = Diagnostic::error(format!("{at}.ttl"), "too-long", message);
        found.push(fault.hint("say `28d` at most"));
    }
    let key = push.collapse_key.as_deref().map(without_holes).unwrap_or_default();
    if key.len() > COLLAPSE_BYTES_MAX {
        let message = format!("has {} bytes, Apple takes {COLLAPSE_BYTES_MAX}", key.len());
        let fault = Diagnostic::error(format!("{at}.collapse-key"), "too-long", message);
        found.push(fault.hint("a short name and an id are enough: `order-{{ event.order }}`"));
    }
    let bare = bare(push);
    for way in [Way::Apns, Way::Fcm, Way::Web] {
        if let Some(message) = bare.too_large(way) {
            let fault = Diagnostic::error(at, "too-large", format!("without values {message}"));
            found.push(fault.hint("shorten `body` or `data`; let the app fetch the rest"));
        }
    }
    found
}

/// The push with nothing in its holes: no payload of it is smaller.
pub fn bare(push: &PushSource) -> Push {
    let text = |text: &Option<String>| text.as_deref().map(without_holes);
    let buttons = push.buttons.iter().map(|button| Button {
        action: button.action.clone(),
        title: without_holes(&button.title),
        link: without_holes(&button.link),
    });
    let data = push.data.iter().map(|(name, text)| (name.clone(), without_holes(text)));
    Push {
        message: MessageId(0),
        targets: Vec::new(),
        title: without_holes(&push.title),
        body: without_holes(&push.body),
        image: text(&push.image),
        link: text(&push.link),
        buttons: buttons.collect(),
        data: data.collect(),
        badge: push.badge.as_ref().map(|_| 0),
        sound: text(&push.sound),
        category: text(&push.category),
        silent: push.silent,
        collapse_key: text(&push.collapse_key),
        at: Timestamp::default(),
        expires: Timestamp::default(),
        priority: push.priority,
        // What the app shows to say that it was opened: 28 bytes as base64url.
        opened: "x".repeat(38),
    }
}

/// A text without what is between `{{` and `}}` or `{%` and `%}`.
fn without_holes(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    loop {
        let begins = ["{{", "{%"].into_iter().filter_map(|mark| Some((rest.find(mark)?, mark)));
        let Some((begin, mark)) = begins.min() else {
            kept.push_str(rest);
            return kept;
        };
        kept.push_str(&rest[..begin]);
        let end = if mark == "{{" { "}}" } else { "%}" };
        match rest[begin..].find(end) {
            Some(length) => rest = &rest[begin + length + 2..],
            None => return kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: serde_json::Value, expected: &str) {
        let template: Template = serde_json::from_value(document).unwrap();
        let found = super::check("template/t", &template);
        let shown: Vec<String> =
            found.iter().map(|fault| format!("{} {}", fault.path, fault.code)).collect();
        assert_eq!(shown.join("; "), expected);
    }

    #[test]
    fn every_fault_of_a_push_is_named() {
        use serde_json::json;
        let push = |push: serde_json::Value| json!({ "channel": "push", "push": push });
        check(push(json!({ "title": "{{ event.a }}", "body": "b" })), "");
        check(push(json!({ "silent": true, "data": { "order": "7" } })), "");
        check(json!({ "channel": "push" }), "template/t.push no-content");
        check(push(json!({ "title": "t" })), "template/t.push.body no-content");
        check(push(json!({ "silent": true, "body": "b" })), "template/t.push.silent silent-shows");
        check(
            push(json!({ "body": "b", "data": { "from": "x", "google.a": "x", "aps": "x" } })),
            "template/t.push.data.aps reserved-name; template/t.push.data.from reserved-name; \
             template/t.push.data.google.a reserved-name",
        );
        check(push(json!({ "body": "b", "ttl": "29d" })), "template/t.push.ttl too-long");
        check(
            push(json!({ "body": "b", "buttons": [{ "action": "", "title": "t" }] })),
            "template/t.push.buttons.0.action bad-action",
        );
        check(
            push(json!({ "body": "b", "collapse-key": "k".repeat(65) })),
            "template/t.push.collapse-key too-long",
        );
        check(push(json!({ "body": "b".repeat(4_000) })), "template/t.push too-large");
        check(
            json!({ "channel": "email", "subject": "", "push": { "body": "b" } }),
            "template/t.push push-unused",
        );
        assert_eq!(without_holes("a{{ x }}b{% if y %}c{% endif %}d{{"), "abcd");
    }
}
