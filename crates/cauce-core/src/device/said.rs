//! What events say of devices: the two of our own, and what travels in the context of others.

use super::{DeviceId, Environment, Permission, Platform, Target, WebKeys, id};
use crate::diagnostic::Diagnostic;
use crate::event::{Event, Properties};
use crate::limits;
use crate::prelude::*;
use crate::value::Value;

/// The event that registers a device.
pub const REGISTERED: &str = "device_registered";

/// The event that takes a device from its person: they signed out, or turned pushes off.
pub const REMOVED: &str = "device_removed";

/// The property in which a device travels along with another call. It is taken out before anything
/// else looks at the event.
pub const CARRIED: &str = "$device";

/// What is said of a device when it is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// What it is, and how it is reached.
    pub target: Target,
    /// The app's version.
    pub app_version: String,
    /// The language it is set to.
    pub locale: String,
    /// What the person allowed.
    pub permission: Permission,
}

/// What an event says of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is this person's.
    Registered(Box<Registration>),
    /// It is no longer.
    Removed(DeviceId),
}

/// Reads what an event says of a device, and the event as it is kept: without the token, which is
/// a secret between the app and its provider.
pub fn said(event: &Event) -> Option<(Said, Event)> {
    let fields = fields(&event.name, &event.properties);
    let said = match (event.name.as_str(), event.properties.contains_key(CARRIED)) {
        (REMOVED, _) => Said::Removed(named(fields, "").ok()?),
        (REGISTERED, _) | (_, true) => Said::Registered(Box::new(registration(fields, "").ok()?)),
        (_, false) => return None,
    };
    let mut kept = event.clone();
    kept.properties.remove(CARRIED);
    if matches!(event.name.as_str(), REGISTERED | REMOVED) {
        for secret in ["token", "endpoint", "p256dh", "auth", "subscription"] {
            kept.properties.remove(secret);
        }
        let device = match &said {
            Said::Registered(registration) => registration.target.device,
            Said::Removed(device) => *device,
        };
        kept.properties.insert("device".to_owned(), Value::String(device.to_string()));
    }
    Some((said, kept))
}

/// Where the device of an event is described: in what travels along, unless it is an event of our
/// own that says more itself.
fn fields<'p>(name: &str, properties: &'p Properties) -> &'p Properties {
    let own = matches!(name, REGISTERED | REMOVED)
        && ["platform", "device"].iter().any(|field| properties.contains_key(*field));
    match properties.get(CARRIED) {
        Some(Value::Object(carried)) if !own => carried,
        _ => properties,
    }
}

/// Everything that is wrong with an event of our own.
pub fn read(name: &str, properties: &Properties) -> Result<(), Vec<Diagnostic>> {
    let fields = fields(name, properties);
    match name {
        REGISTERED => registration(fields, "properties.").map(|_| ()),
        REMOVED => named(fields, "properties.").map(|_| ()),
        _ => Ok(()),
    }
}

/// What a call of Segment's libraries says of the device that it comes from, if that can be pushed
/// to: `context.device.token` and `context.device.type`, with the app and the language beside it.
pub fn carried(context: &serde_json::Map<String, serde_json::Value>) -> Option<Value> {
    let text = |object: &str, name: &str| context.get(object)?.get(name)?.as_str();
    let token = text("device", "token").filter(|token| !token.is_empty())?;
    let kind = text("device", "type")?.to_ascii_lowercase();
    let platform = match kind.as_str() {
        "ios" | "iphone" | "ipad" | "ipados" | "iphone os" => Platform::Ios,
        "android" => Platform::Android,
        _ => return None,
    };
    let mut fields = BTreeMap::from([
        ("platform".to_owned(), Value::from(platform.as_str())),
        ("token".to_owned(), Value::from(token)),
    ]);
    let locale = context.get("locale").and_then(serde_json::Value::as_str);
    let beside = [
        ("app", text("app", "namespace")),
        ("app_version", text("app", "version")),
        ("locale", locale),
    ];
    for (name, text) in beside {
        fields.extend(text.map(|text| (name.to_owned(), Value::from(text))));
    }
    // What cannot be a device is no reason to refuse the call that it came with.
    registration(&fields, "").ok().map(|_| Value::Object(fields))
}

struct Reader<'p> {
    properties: &'p Properties,
    at: &'p str,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn fault(&mut self, name: &str, code: &str, message: impl Into<String>, hint: &str) {
        let fault = Diagnostic::error(format!("{}{name}", self.at), code, message.into());
        self.found.push(fault.hint(hint));
    }

    /// A text of at most so many bytes; empty if it is absent.
    fn text(&mut self, name: &str, bytes_max: usize) -> String {
        match self.properties.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) if text.len() > bytes_max => {
                let message = format!("is longer than {bytes_max} bytes");
                self.fault(name, "too-long", message, "give it as the platform gave it");
                String::new()
            }
            Some(Value::String(text)) if text.chars().any(char::is_control) => {
                self.fault(name, "bad-text", "has control characters", "leave them out");
                String::new()
            }
            Some(Value::String(text)) => text.clone(),
            Some(other) => {
                let message = format!("expected text, found {}", other.type_name());
                self.fault(name, "wrong-type", message, "put it in quotes");
                String::new()
            }
        }
    }

    /// One of these words; the first if it is absent.
    fn word<T: Copy + Default>(&mut self, name: &str, words: &[(&str, T)]) -> T {
        let text = self.text(name, limits::DEVICE_TEXT_BYTES_MAX);
        if text.is_empty() {
            return T::default();
        }
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = known.join(", ");
        self.fault(name, "unknown-word", format!("`{text}` is not known"), &hint);
        T::default()
    }

    fn platform(&mut self) -> Option<Platform> {
        let text = self.text("platform", limits::DEVICE_TEXT_BYTES_MAX);
        match text.parse() {
            Ok(platform) => Some(platform),
            Err(_) if text.is_empty() => {
                self.fault("platform", "missing", "a device has a platform", "ios, android or web");
                None
            }
            Err(message) => {
                self.fault("platform", "unknown-word", message, "ios, android or web");
                None
            }
        }
    }

    /// A browser's subscription: as `PushSubscription.toJSON()` gives it, or its three values.
    fn subscription(&mut self) -> (String, WebKeys) {
        let inner = match self.properties.get("subscription") {
            Some(Value::Object(fields)) => {
                let mut flat = BTreeMap::new();
                flat.extend(fields.get("endpoint").map(|v| ("endpoint".to_owned(), v.clone())));
                if let Some(Value::Object(keys)) = fields.get("keys") {
                    flat.extend(keys.clone());
                }
                Some(flat)
            }
            _ => None,
        };
        let properties = inner.as_ref().unwrap_or(self.properties);
        let mut reader = Reader { properties, at: self.at, found: Vec::new() };
        let max = limits::DEVICE_TOKEN_BYTES_MAX;
        let endpoint = reader.text("endpoint", max);
        let keys = WebKeys {
            p256dh: reader.text("p256dh", max).trim_end_matches('=').to_owned(),
            auth: reader.text("auth", max).trim_end_matches('=').to_owned(),
        };
        reader.check_subscription(&endpoint, &keys);
        self.found.append(&mut reader.found);
        (endpoint, keys)
    }

    fn check_subscription(&mut self, endpoint: &str, keys: &WebKeys) {
        let hint = "give what `PushSubscription.toJSON()` gives, as `subscription`";
        if endpoint.is_empty() {
            return self.fault("endpoint", "missing", "a browser has an endpoint", hint);
        }
        if !is_endpoint(endpoint) {
            let message = "the endpoint does not begin with `https://`";
            self.fault("endpoint", "bad-endpoint", message, hint);
        }
        // 65 bytes, of which the first is 4: an uncompressed point.
        if keys.p256dh.len() != 87 || !is_base64url(&keys.p256dh) || !keys.p256dh.starts_with('B') {
            let message = "is no public key on P-256: 65 bytes in base64url";
            self.fault("p256dh", "bad-key", message, hint);
        }
        if keys.auth.len() != 22 || !is_base64url(&keys.auth) {
            self.fault("auth", "bad-key", "is no secret of 16 bytes in base64url", hint);
        }
    }

    fn token(&mut self, platform: Platform) -> String {
        let token = self.text("token", limits::DEVICE_TOKEN_BYTES_MAX);
        if token.is_empty() {
            let message = "a device of an app has a token";
            self.fault("token", "missing", message, "give it as the platform gave it to the app");
        } else if token.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'/') {
            let hint = "give Apple's in hexadecimal, and Google's as it is";
            self.fault("token", "bad-token", "a token has letters, digits, `-`, `_` and `:`", hint);
        }
        // Apple's are the same in capitals.
        let hex = token.bytes().all(|byte| byte.is_ascii_hexdigit());
        if platform == Platform::Ios && hex { token.to_ascii_lowercase() } else { token }
    }
}

fn is_endpoint(endpoint: &str) -> bool {
    // Not: any `http://`, which a push service never has. Only a test on this machine does.
    let local = ["http://127.0.0.1:", "http://localhost:"];
    endpoint.starts_with("https://") || local.iter().any(|begin| endpoint.starts_with(begin))
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A registration, or everything that is wrong with it.
fn registration(properties: &Properties, at: &str) -> Result<Registration, Vec<Diagnostic>> {
    let mut reader = Reader { properties, at, found: Vec::new() };
    let platform = reader.platform();
    let (token, keys) = match platform {
        Some(Platform::Web) => {
            let (endpoint, keys) = reader.subscription();
            (endpoint, Some(keys))
        }
        Some(platform) => (reader.token(platform), None),
        None => (String::new(), None),
    };
    let max = limits::DEVICE_TEXT_BYTES_MAX;
    let environments = [("production", Environment::Production), ("sandbox", Environment::Sandbox)];
    let permissions = [
        ("granted", Permission::Granted),
        ("provisional", Permission::Provisional),
        ("denied", Permission::Denied),
    ];
    let environment = reader.word("environment", &environments);
    let permission = reader.word("permission", &permissions);
    let (app, app_version) = (reader.text("app", max), reader.text("app_version", max));
    let locale = reader.text("locale", max);
    match platform {
        Some(platform) if reader.found.is_empty() => {
            let device = id(platform, &token);
            let target = Target { device, platform, token, keys, app, environment };
            Ok(Registration { target, app_version, locale, permission })
        }
        _ => Err(reader.found),
    }
}

/// The device that a removal names: by its own name, or by platform and token.
fn named(properties: &Properties, at: &str) -> Result<DeviceId, Vec<Diagnostic>> {
    let mut reader = Reader { properties, at, found: Vec::new() };
    if let Some(device) = properties.get("device") {
        if let Some(Ok(device)) = device.as_str().map(str::parse) {
            return Ok(device);
        }
        reader.fault("device", "bad-id", "expected `dev_` and 26 letters or digits", "copy it");
        return Err(reader.found);
    }
    let platform = reader.platform();
    let token = match platform {
        Some(Platform::Web) => {
            let endpoint = match properties.get("subscription") {
                Some(Value::Object(fields)) => fields.get("endpoint").and_then(Value::as_str),
                _ => properties.get("endpoint").and_then(Value::as_str),
            };
            if endpoint.is_none() {
                reader.fault(
                    "endpoint",
                    "missing",
                    "a browser has an endpoint",
                    "or name `device`",
                );
            }
            endpoint.unwrap_or_default().to_owned()
        }
        Some(platform) => reader.token(platform),
        None => String::new(),
    };
    match platform {
        Some(platform) if reader.found.is_empty() => Ok(id(platform, &token)),
        _ => Err(reader.found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, properties: &str, expected: &str) {
        let properties: Properties = serde_json::from_str(properties).unwrap();
        let shown = match read(name, &properties) {
            Ok(()) => "ok".to_owned(),
            Err(found) => found.iter().map(|f| f.path.clone()).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(shown, expected, "{properties:?}");
    }

    #[test]
    fn every_fault_of_a_registration_is_named() {
        let key = format!("B{}", "a".repeat(86));
        check(REGISTERED, r#"{"platform":"ios","token":"AB12"}"#, "ok");
        check(REGISTERED, "{}", "properties.platform");
        check(REGISTERED, r#"{"platform":"ios"}"#, "properties.token");
        check(REGISTERED, r#"{"platform":"ios","token":"a b"}"#, "properties.token");
        check(REGISTERED, r#"{"platform":"ios","token":5}"#, "properties.token properties.token");
        check(REGISTERED, r#"{"platform":"tv","token":"a"}"#, "properties.platform");
        check(
            REGISTERED,
            r#"{"platform":"android","token":"a","permission":"yes"}"#,
            "properties.permission",
        );
        let web = |endpoint: &str, auth: &str| {
            format!(
                r#"{{"platform":"web","subscription":{{"endpoint":"{endpoint}",
                    "keys":{{"p256dh":"{key}","auth":"{auth}"}}}}}}"#
            )
        };
        check(REGISTERED, &web("https://push.example/1", &"a".repeat(22)), "ok");
        check(REGISTERED, &web("http://127.0.0.1:9/1", &"a".repeat(22)), "ok");
        check(
            REGISTERED,
            &web("http://push.example/1", "x"),
            "properties.endpoint properties.auth",
        );
        check(REGISTERED, r#"{"platform":"web"}"#, "properties.endpoint");
        check(REMOVED, r#"{"platform":"ios","token":"ab12"}"#, "ok");
        check(REMOVED, r#"{"device":"dev_1"}"#, "properties.device");
        check("other", "{}", "ok");
    }

    #[test]
    fn what_is_kept_of_an_event_has_no_token() {
        let event = |name: &str, properties: &str| Event {
            id: crate::ids::EventId(1),
            name: name.to_owned(),
            aliases: Vec::new(),
            occurred_at: crate::time::Timestamp(0),
            received_at: crate::time::Timestamp(0),
            properties: serde_json::from_str(properties).unwrap(),
            attributes: BTreeMap::new(),
            consents: Vec::new(),
            historical: false,
        };
        let own = event(REGISTERED, r#"{"platform":"ios","token":"AB12","locale":"es"}"#);
        let (said, kept) = said(&own).unwrap();
        let Said::Registered(registration) = said else { panic!("{said:?}") };
        assert_eq!(registration.target.token, "ab12");
        assert_eq!(registration.target.device, id(Platform::Ios, "ab12"));
        assert_eq!(kept.properties.keys().collect::<Vec<_>>(), ["device", "locale", "platform"]);
        let context = serde_json::json!({
            "device": { "type": "ios", "token": "ab12" }, "app": { "version": "1.2" },
        });
        let carried = carried(context.as_object().unwrap()).unwrap();
        let mut call = event("track", r#"{"total":1}"#);
        call.properties.insert(CARRIED.to_owned(), carried);
        let (said, kept) = super::said(&call).unwrap();
        assert!(matches!(said, Said::Registered(r) if r.app_version == "1.2"));
        assert_eq!(kept.properties.keys().collect::<Vec<_>>(), ["total"]);
        let browser = serde_json::json!({ "device": { "type": "browser", "token": "ab12" } });
        assert!(super::carried(browser.as_object().unwrap()).is_none());
    }
}
