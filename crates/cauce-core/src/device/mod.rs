//! What a person can be pushed to: phones and browsers, each held by one profile at a time.

pub mod fates;
mod keep;
mod refused;
mod said;

pub use refused::{Decided, is_keeper};
pub use said::{CARRIED, REGISTERED, REMOVED, Registration, Said, carried, read, said};

use crate::decide::text_home;
use crate::ids::{DeviceId, EventId, Partition, hash128};
use crate::prelude::*;
use crate::state::Holder;
use crate::time::Timestamp;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// What a device runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// An app on Apple's systems.
    Ios,
    /// An app on Android.
    Android,
    /// A browser, or an app installed from one.
    Web,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Platform; 3] = [Platform::Ios, Platform::Android, Platform::Web];

    /// The word for it in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Platform::Ios => "ios",
            Platform::Android => "android",
            Platform::Web => "web",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Platform {
    type Err = String;
    fn from_str(text: &str) -> Result<Platform, String> {
        Platform::ALL
            .into_iter()
            .find(|platform| platform.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no platform: ios, android or web"))
    }
}

/// By whose service a device is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Apple's push service.
    Apns,
    /// Firebase Cloud Messaging.
    Fcm,
    /// The browser's own push service.
    Web,
}

impl Way {
    /// The word for it in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Way::Apns => "apns",
            Way::Fcm => "fcm",
            Way::Web => "web",
        }
    }
}

/// Which of Apple's two worlds a token belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Apps from a store.
    #[default]
    Production,
    /// Apps that a developer has built.
    Sandbox,
}

/// What the person allowed on the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// To be alerted; also where nothing is said: an app that gives its token means it.
    #[default]
    Granted,
    /// To find it quietly in a list (iOS).
    Provisional,
    /// Nothing.
    Denied,
}

/// What a payload for a browser is encrypted to (RFC 8291), as the browser gives it: base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WebKeys {
    /// Its public key on P-256, 65 bytes.
    pub p256dh: String,
    /// Its secret of 16 bytes.
    pub auth: String,
}

/// When something was said of a device, and by which event: the later word wins, in any order of
/// arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// When it happened.
    pub at: Timestamp,
    /// The event that said so.
    pub event: EventId,
}

/// Why nothing is pushed to a device until it is registered again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Quarantine {
    /// Since when.
    pub at: Timestamp,
    /// What the provider answered.
    pub why: String,
}

/// One device of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// What it is, and how it is reached.
    pub target: Target,
    /// The app's version.
    pub app_version: String,
    /// The language it is set to.
    pub locale: String,
    /// What the person allowed.
    pub permission: Permission,
    /// When this profile registered it first.
    pub registered: Timestamp,
    /// When it was last said to be this profile's, and by which event.
    pub seen: Stamp,
    /// In what it was said: `device_registered`, or the call whose context named it.
    pub source: String,
    /// Why nothing is pushed to it.
    pub quarantine: Option<Quarantine>,
}

/// What sending to a device needs of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// Which.
    pub device: DeviceId,
    /// What it runs.
    pub platform: Platform,
    /// Its token; of a browser the endpoint of its push service.
    pub token: String,
    /// What its payloads are encrypted to (web).
    pub keys: Option<WebKeys>,
    /// The app: a bundle id, a package, a site. Empty if nobody said.
    pub app: String,
    /// Which of Apple's worlds it belongs to.
    pub environment: Environment,
}

impl Target {
    /// By whose service it is reached. Apple's tokens are hexadecimal; the token of an app on iOS
    /// that has anything else in it is Firebase's.
    pub fn way(&self) -> Way {
        match self.platform {
            Platform::Web => Way::Web,
            Platform::Android => Way::Fcm,
            Platform::Ios if self.token.bytes().all(|byte| byte.is_ascii_hexdigit()) => Way::Apns,
            Platform::Ios => Way::Fcm,
        }
    }
}

impl Device {
    /// Whether something may be pushed to it.
    pub fn is_live(&self) -> bool {
        self.permission != Permission::Denied && self.quarantine.is_none()
    }
}

/// The devices of one profile.
pub type Devices = BTreeMap<DeviceId, Device>;

/// A device at the home of its token: one profile holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Whose it is; nobody's once it was removed.
    pub holder: Option<Holder>,
    /// The last word about that.
    pub stamp: Stamp,
}

/// Why a profile lets go of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Release {
    /// It was removed: an older word does not bring it back.
    Removed,
    /// Its person was erased, or, without a stamp, that profile has it no more: nothing of it is
    /// remembered.
    Erased,
}

/// What a provider's answer says of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    /// It is no token any more, since then or since before the attempt.
    Gone(Timestamp),
    /// It may be one, but not for this app, project or environment.
    Misplaced {
        /// When the attempt was granted.
        at: Timestamp,
        /// The answer.
        why: String,
    },
}

/// The name of a device: of the same token always the same.
pub fn id(platform: Platform, token: &str) -> DeviceId {
    DeviceId(hash128(&[b"device", platform.as_str().as_bytes(), token.as_bytes()]))
}

/// The partition that knows who holds a device.
pub fn home(device: DeviceId, partitions: u16) -> Partition {
    text_home(&[b"device", &device.0.to_be_bytes()], partitions)
}

/// To how many of a profile's devices a message goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// All that are live.
    #[default]
    All,
    /// The one that was seen last.
    Latest,
}

/// The devices that a new message goes to.
pub fn chosen(devices: &Devices, choice: Choice) -> Vec<&Device> {
    let live = devices.values().filter(|device| device.is_live());
    match choice {
        Choice::All => live.collect(),
        Choice::Latest => live.max_by_key(|device| device.seen).into_iter().collect(),
    }
}
