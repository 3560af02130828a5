//! A push, rendered, and what each service's payload looks like: so that its size is known before
//! anything is sent.
//!
//! Sources (read November 2026): Apple, *Generating a remote notification*; Firebase, *FCM HTTP v1
//! message*; RFC 8291 section 4 for what fits into one record of a web push.

use crate::device::{Platform, Target, Way};
use crate::ids::MessageId;
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Largest payload that Apple takes, in bytes; VoIP, which we do not send, may have 5,120.
pub const APNS_BYTES_MAX: usize = 4_096;
/// Largest payload that FCM takes for one token, in bytes: notification and data together.
pub const FCM_BYTES_MAX: usize = 4_096;
/// Largest plain text of a web push: a record of 4,096 bytes less its header (86), the tag of the
/// cipher (16) and the delimiter (1).
pub const WEB_BYTES_MAX: usize = 3_993;
/// Longest collapse key that every service takes: Apple's bound is 64 bytes; a web push topic has
/// 32 characters, and a longer key is hashed for it.
pub const COLLAPSE_BYTES_MAX: usize = 64;
/// Longest time that a service keeps a push for a device that is away: FCM's 28 days.
pub const TTL_MAX: Duration = Duration(28 * Duration::DAY.0);
/// How long a service keeps a push if the template does not say: a day.
pub const TTL: Duration = Duration::DAY;
/// Buttons of one push: browsers show two, Android three.
pub const BUTTONS_MAX: usize = 3;

/// How soon a device should show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// At once, and the device is woken for it.
    #[default]
    High,
    /// When the device is awake anyway.
    Normal,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What the app is told.
    pub action: String,
    /// What is on it.
    pub title: String,
    /// Where it leads; empty for the app to decide.
    pub link: String,
}

/// A push, rendered, for all devices of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The message.
    pub message: MessageId,
    /// Where it goes.
    pub targets: Vec<Target>,
    /// The first line.
    pub title: String,
    /// The text.
    pub body: String,
    /// A picture.
    pub image: Option<String>,
    /// Where a tap leads: a page, or a place in the app.
    pub link: Option<String>,
    /// Further choices.
    pub buttons: Vec<Button>,
    /// What the app gets besides.
    pub data: BTreeMap<String, String>,
    /// The number on the app's icon.
    pub badge: Option<u32>,
    /// The sound; absent: none.
    pub sound: Option<String>,
    /// Apple's name for a set of buttons, or Android's channel of alerts.
    pub category: Option<String>,
    /// Nothing is shown: the app is woken.
    pub silent: bool,
    /// A later push of the same key replaces this one.
    pub collapse_key: Option<String>,
    /// When it was made.
    pub at: Timestamp,
    /// Pointless from then on.
    pub expires: Timestamp,
    /// How soon it should be shown.
    pub priority: Priority,
    /// What the app shows to report that it was opened.
    pub opened: String,
}

/// The names of our own in a payload. What a template's `data` says under one of them would be
/// lost.
pub const OWN: [&str; 7] = ["aps", "cauce", "link", "image", "buttons", "title", "body"];

/// Names in `data` that FCM refuses, and beginnings of such names.
pub const FCM_RESERVED: [&str; 3] = ["from", "message_type", "collapse_key"];
/// See [`FCM_RESERVED`].
pub const FCM_RESERVED_BEGINNINGS: [&str; 3] = ["google.", "gcm.", "google"];

impl Push {
    /// Apple's payload.
    pub fn apns(&self) -> Value {
        let mut aps = Map::new();
        if self.silent {
            aps.insert("content-available".to_owned(), json!(1));
        } else {
            let mut alert = Map::new();
            if !self.title.is_empty() {
                alert.insert("title".to_owned(), json!(self.title));
            }
            alert.insert("body".to_owned(), json!(self.body));
            aps.insert("alert".to_owned(), Value::Object(alert));
            aps.extend(self.sound.as_ref().map(|sound| ("sound".to_owned(), json!(sound))));
            aps.extend(self.category.as_ref().map(|name| ("category".to_owned(), json!(name))));
            if self.image.is_some() {
                // The app's extension fetches the picture.
                aps.insert("mutable-content".to_owned(), json!(1));
            }
        }
        aps.extend(self.badge.map(|badge| ("badge".to_owned(), json!(badge))));
        let mut payload = self.custom();
        payload.insert("aps".to_owned(), Value::Object(aps));
        Value::Object(payload)
    }

    /// What the app gets besides the alert, each below its own name.
    fn custom(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        let data = self.data.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        fields.extend(data.map(|(name, value)| (name.clone(), json!(value))));
        fields.extend(self.link.as_ref().map(|link| ("link".to_owned(), json!(link))));
        fields.extend(self.image.as_ref().map(|image| ("image".to_owned(), json!(image))));
        if !self.buttons.is_empty() {
            fields.insert("buttons".to_owned(), json!(self.buttons));
        }
        fields.insert("cauce".to_owned(), json!(self.opened));
        fields
    }

    /// FCM's message for one token.
    pub fn fcm(&self, target: &Target) -> Value {
        let mut message = Map::new();
        message.insert("token".to_owned(), json!(target.token));
        message.insert("data".to_owned(), self.fcm_data());
        message.extend(self.fcm_shown().map(|shown| ("notification".to_owned(), shown)));
        match target.platform {
            Platform::Ios => {
                let headers = self.apns_headers(&target.app);
                let headers: Map<String, Value> = headers
                    .into_iter()
                    .filter(|(name, _)| *name != "apns-topic")
                    .map(|(name, value)| (name.to_owned(), json!(value)))
                    .collect();
                let mut aps = self.apns();
                let aps = aps.get_mut("aps").map(Value::take).unwrap_or_default();
                let apns = json!({ "headers": headers, "payload": { "aps": aps } });
                message.insert("apns".to_owned(), apns);
            }
            Platform::Android | Platform::Web => {
                message.insert("android".to_owned(), self.android());
            }
        }
        json!({ "message": message })
    }

    fn fcm_data(&self) -> Value {
        let data = self.custom().into_iter().map(|(name, value)| {
            // Every value is text.
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            (name, Value::String(text))
        });
        Value::Object(data.collect())
    }

    fn fcm_shown(&self) -> Option<Value> {
        if self.silent {
            return None;
        }
        let mut shown = Map::new();
        if !self.title.is_empty() {
            shown.insert("title".to_owned(), json!(self.title));
        }
        shown.insert("body".to_owned(), json!(self.body));
        shown.extend(self.image.as_ref().map(|image| ("image".to_owned(), json!(image))));
        Some(Value::Object(shown))
    }

    fn android(&self) -> Value {
        let mut android = Map::new();
        let priority = match (self.silent, self.priority) {
            (false, Priority::High) => "HIGH",
            (true, _) | (false, Priority::Normal) => "NORMAL",
        };
        android.insert("priority".to_owned(), json!(priority));
        android.insert("ttl".to_owned(), json!(format!("{}s", self.ttl_s())));
        let key = self.collapse_key.as_ref();
        android.extend(key.map(|key| ("collapse_key".to_owned(), json!(key))));
        if !self.silent {
            let mut shown = Map::new();
            shown.extend(self.sound.as_ref().map(|sound| ("sound".to_owned(), json!(sound))));
            shown.extend(key.map(|key| ("tag".to_owned(), json!(key))));
            let channel = self.category.as_ref();
            shown.extend(channel.map(|name| ("channel_id".to_owned(), json!(name))));
            let badge = self.badge;
            shown.extend(badge.map(|n| ("notification_count".to_owned(), json!(n))));
            android.insert("notification".to_owned(), Value::Object(shown));
        }
        Value::Object(android)
    }

    /// The plain text for a browser: what our page's script shows.
    pub fn web(&self) -> Value {
        let mut payload = self.custom();
        let custom: Map<String, Value> = self
            .data
            .iter()
            .filter(|(name, _)| !OWN.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        for name in custom.keys() {
            payload.remove(name);
        }
        payload.insert("title".to_owned(), json!(self.title));
        payload.insert("body".to_owned(), json!(self.body));
        if !custom.is_empty() {
            payload.insert("data".to_owned(), Value::Object(custom));
        }
        payload.extend(self.badge.map(|badge| ("badge".to_owned(), json!(badge))));
        payload.extend(self.collapse_key.as_ref().map(|key| ("tag".to_owned(), json!(key))));
        if self.silent {
            payload.insert("silent".to_owned(), json!(true));
        }
        Value::Object(payload)
    }

    /// What Apple's service is told beside the payload: names of headers and values.
    pub fn apns_headers(&self, topic: &str) -> Vec<(&'static str, String)> {
        let expires = if self.ttl_s() == 0 { 0 } else { self.expires.0 / 1_000 };
        let (kind, priority) = match (self.silent, self.priority) {
            // Apple refuses a background push of any other priority.
            (true, _) => ("background", "5"),
            (false, Priority::High) => ("alert", "10"),
            (false, Priority::Normal) => ("alert", "5"),
        };
        let mut headers = vec![
            ("apns-topic", topic.to_owned()),
            ("apns-push-type", kind.to_owned()),
            ("apns-priority", priority.to_owned()),
            ("apns-expiration", expires.to_string()),
        ];
        headers.extend(self.collapse_key.as_ref().map(|key| ("apns-collapse-id", key.clone())));
        headers
    }

    /// Seconds for which a service may keep it.
    pub fn ttl_s(&self) -> i64 {
        (self.expires.since(self.at).0 / 1_000).clamp(0, TTL_MAX.0 / 1_000)
    }

    /// Bytes of its payload on a way, and the most that there may be.
    pub fn bytes(&self, way: Way) -> (usize, usize) {
        match way {
            Way::Apns => (self.apns().to_string().len(), APNS_BYTES_MAX),
            Way::Fcm => {
                let shown = self.fcm_shown().map_or(0, |shown| shown.to_string().len());
                (self.fcm_data().to_string().len() + shown, FCM_BYTES_MAX)
            }
            Way::Web => (self.web().to_string().len(), WEB_BYTES_MAX),
        }
    }

    /// Why its payload is too large for a way, if it is.
    pub fn too_large(&self, way: Way) -> Option<String> {
        let (bytes, max) = self.bytes(way);
        let name = way.as_str();
        (bytes > max)
            .then(|| format!("the payload for {name} has {bytes} bytes, at most {max} fit"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::device::{Environment, id};

    pub fn target(platform: Platform, token: &str) -> Target {
        Target {
            device: id(platform, token),
            platform,
            token: token.to_owned(),
            keys: None,
            app: "com.example.shop".to_owned(),
            environment: Environment::Production,
        }
    }

    fn push() -> Push {
        Push {
            message: MessageId(1),
            targets: Vec::new(),
            title: "Hola".into(),
            body: "Tu pedido".into(),
            image: None,
            link: Some("shop://orders/7".into()),
            buttons: Vec::new(),
            data: BTreeMap::from([("order".into(), "7".into()), ("aps".into(), "no".into())]),
            badge: Some(2),
            sound: Some("default".into()),
            category: None,
            silent: false,
            collapse_key: Some("order-7".into()),
            at: Timestamp(0),
            expires: Timestamp(3_600_000),
            priority: Priority::High,
            opened: "tok".into(),
        }
    }

    #[test]
    fn payloads_are_what_the_services_ask_for() {
        let mut push = push();
        assert_eq!(
            push.apns(),
            json!({ "aps": { "alert": { "title": "Hola", "body": "Tu pedido" }, "badge": 2,
                    "sound": "default" }, "cauce": "tok", "link": "shop://orders/7",
                    "order": "7" })
        );
        let android = target(Platform::Android, "a:b");
        assert_eq!(
            push.fcm(&android),
            json!({ "message": { "token": "a:b",
                "data": { "cauce": "tok", "link": "shop://orders/7", "order": "7" },
                "notification": { "title": "Hola", "body": "Tu pedido" },
                "android": { "priority": "HIGH", "ttl": "3600s", "collapse_key": "order-7",
                    "notification": { "sound": "default", "tag": "order-7",
                                      "notification_count": 2 } } } })
        );
        assert_eq!(
            push.web(),
            json!({ "title": "Hola", "body": "Tu pedido", "badge": 2, "tag": "order-7",
                    "cauce": "tok", "link": "shop://orders/7", "data": { "order": "7" } })
        );
        push.silent = true;
        push.badge = None;
        assert_eq!(push.apns()["aps"], json!({ "content-available": 1 }));
        assert!(push.fcm(&android)["message"].get("notification").is_none());
        let headers = push.apns_headers("com.example.shop");
        assert!(headers.contains(&("apns-push-type", "background".to_owned())), "{headers:?}");
        assert!(headers.contains(&("apns-priority", "5".to_owned())), "{headers:?}");
        assert!(headers.contains(&("apns-expiration", "3600".to_owned())), "{headers:?}");
    }

    #[test]
    fn the_largest_payload_fits_and_one_byte_more_does_not() {
        for (way, max) in [(Way::Apns, 4_096), (Way::Fcm, 4_096), (Way::Web, 3_993)] {
            let mut push = push();
            let (bytes, _) = push.bytes(way);
            push.body.push_str(&"x".repeat(max - bytes));
            assert_eq!((push.bytes(way), push.too_large(way)), ((max, max), None));
            push.body.push('x');
            assert!(push.too_large(way).is_some(), "{way:?}");
        }
    }
}
