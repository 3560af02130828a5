//! The only room that may say no to a message. Judged when a message is granted, at the last
//! moment.

pub mod blocks;
pub mod complaints;
pub mod frequency;
pub mod permit;
pub mod quiet_hours;
mod reason;

pub use permit::{allows, consent, permit};
pub use reason::{COMPLAINT, MANUAL, MANUAL_MARKETING, Reason, Stops, Suppression, UNSUBSCRIBED};

use crate::phone;
use crate::prelude::*;
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// What a workspace allows, as published. One per workspace; every part has a harmless default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Policy {
    /// The zone of people whose zone is unknown (IANA name).
    pub default_zone: String,
    /// The region (ISO 3166-1) of telephone numbers that do not say their country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_region: Option<String>,
    /// To which numbers text messages go.
    pub numbers: Numbers,
    /// When nobody is written to, in the person's zone. Transactional messages are exempt.
    pub quiet_hours: Option<quiet_hours::QuietHours>,
    /// How many messages a person gets. Transactional messages neither count nor are stopped.
    pub frequency_caps: Vec<frequency::Cap>,
    /// People in a thousand that get no marketing at all: the global control group.
    pub holdout_per_mille: u16,
    /// Whether a message may be sent where the person said nothing about its topic. The topic may
    /// say otherwise.
    pub consent_required: bool,
    /// How long a marketing message may wait before it is pointless.
    #[serde(with = "crate::policy::span_text")]
    pub message_lifetime: Duration,
    /// How many bounces because a mailbox is full or closed suppress its address.
    pub soft_bounces: SoftBounces,
    /// How long a click waits until it counts as a person's: what scanners do shows within it.
    #[serde(with = "crate::policy::span_text")]
    pub click_settle: Duration,
    /// Whether messages get a link that nobody sees: who follows it is a machine.
    pub hidden_link: bool,
    /// The postal address that every marketing e-mail shows, where the law asks for one (15 U.S.C.
    /// 7704(a)(5), CAN-SPAM; many others). Absent: nobody looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_address: Option<String>,
    /// With which day a week begins, in rules such as `count(visited, this week)`.
    pub week_starts: WeekStart,
    /// How long events are kept, by their name; of others as long as the profile is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub retention: BTreeMap<String, Kept>,
    /// What pages say to people, by language and name: other languages, other words.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pages: Pages,
}

/// Texts of pages by language (`fr`, `pt-br`) and name.
pub type Pages = BTreeMap<String, BTreeMap<String, String>>;

/// Which telephone numbers are written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbers {
    /// All that have the form of one.
    Any,
    /// Those that somebody can have, and whose holder is not paid for being called.
    #[default]
    Assigned,
    /// Of those, mobiles and what may be one.
    Mobile,
}

impl Numbers {
    /// Why a number is not written to, if it is not. A number that does not say its country is
    /// judged when its message is made.
    pub fn judge(self, number: &str) -> Result<(), Reason> {
        if self == Numbers::Any || !phone::is_e164(number) {
            return Ok(());
        }
        let why = match (phone::line(number), self) {
            (None, _) => "is assigned to nobody",
            (Some(phone::Line::Premium), _) => "is one whose holder is paid for being called",
            (Some(phone::Line::Fixed), Numbers::Mobile) => "is a landline",
            (Some(phone::Line::Other), Numbers::Mobile) => "is no mobile",
            (Some(_), _) => return Ok(()),
        };
        Err(Reason::NumberUnfit { why: why.to_owned() })
    }
}

/// When bounces that are not for ever are as good as that: so many, over so long, and nothing
/// arrived since the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SoftBounces {
    /// So many at least; 0: never.
    pub count: u32,
    /// From the first to the last.
    #[serde(with = "crate::policy::span_text")]
    pub over: Duration,
}

impl Default for SoftBounces {
    fn default() -> SoftBounces {
        SoftBounces { count: 5, over: Duration::DAY.times(14) }
    }
}

/// With which day a week begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeekStart {
    /// As ISO 8601 has it.
    #[default]
    Monday,
    /// As in much of the Arab world.
    Saturday,
    /// As in the Americas.
    Sunday,
}

/// A span for which something is kept: `90d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kept(#[serde(with = "crate::policy::span_text")] pub Duration);

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            default_zone: "UTC".to_owned(),
            default_region: None,
            numbers: Numbers::default(),
            quiet_hours: None,
            frequency_caps: Vec::new(),
            holdout_per_mille: 0,
            consent_required: true,
            message_lifetime: Duration::DAY.times(3),
            soft_bounces: SoftBounces::default(),
            click_settle: Duration::MINUTE,
            hidden_link: false,
            postal_address: None,
            week_starts: WeekStart::Monday,
            retention: BTreeMap::new(),
            pages: BTreeMap::new(),
        }
    }
}

/// A span as text in files (`90d`), as a number in rows.
pub mod span_text {
    use crate::prelude::*;
    use crate::time::Duration;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes `90d`.
    pub fn serialize<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(span)
        } else {
            span.serialize(serializer)
        }
    }

    /// Reads `90d`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            Duration::deserialize(deserializer)
        }
    }
}
