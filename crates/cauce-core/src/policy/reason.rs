//! Why a message was refused, with the numbers that led there.

use crate::message::{Channel, Class};
use crate::prelude::*;
use crate::time::{Duration, Timestamp};
use core::cmp::Ordering;
use core::fmt;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

/// Why an address is suppressed whose reader called a message spam.
pub const COMPLAINT: &str = "complaint";
/// Why an address is suppressed whose reader left a list elsewhere, as imports say.
pub const UNSUBSCRIBED: &str = "unsubscribed";
/// Why an address is suppressed that a person or a program named, for everything.
pub const MANUAL: &str = "manual";
/// The same, for marketing alone.
pub const MANUAL_MARKETING: &str = "manual-marketing";

/// What says no to marketing, and nothing of whether anybody is there. A full mailbox is among
/// them: who has just asked for a password may have emptied it, and one more answer that it is full
/// costs nothing. Every other word stops everything, also one of an import that nobody here knows.
const OF_MARKETING: [&str; 4] = [COMPLAINT, UNSUBSCRIBED, MANUAL_MARKETING, crate::message::SOFT];

/// What a suppression stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stops {
    /// What nobody asked for: messages of journeys and campaigns.
    Marketing,
    /// Transactional messages as well: nobody is there, or nothing at all is to go there.
    Everything,
}

impl Stops {
    /// Whether a message of a class is among it.
    pub fn includes(self, class: Class) -> bool {
        match (self, class) {
            (Stops::Everything, _) | (Stops::Marketing, Class::Triggered | Class::Bulk) => true,
            (Stops::Marketing, Class::Transactional) => false,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stops::Marketing => "marketing",
            Stops::Everything => "everything",
        }
    }
}

/// Why an address must not be written to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Suppression {
    /// `hard-bounce`, `complaint`, `manual`…
    pub reason: String,
    /// The evidence: the answer as given, who said so.
    pub evidence: String,
    /// Since when.
    pub at: Timestamp,
}

impl Serialize for Suppression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What people read says what it stops; in a row that follows from the reason.
        let shown = serializer.is_human_readable();
        let mut fields = serializer.serialize_struct("Suppression", if shown { 4 } else { 3 })?;
        fields.serialize_field("reason", &self.reason)?;
        fields.serialize_field("evidence", &self.evidence)?;
        fields.serialize_field("at", &self.at)?;
        if shown {
            fields.serialize_field("stops", &self.stops())?;
        }
        fields.end()
    }
}

impl Suppression {
    /// What it stops: the reason decides.
    pub fn stops(&self) -> Stops {
        match OF_MARKETING.contains(&self.reason.as_str()) {
            true => Stops::Marketing,
            false => Stops::Everything,
        }
    }

    /// Whether it stays when another one is said: the one that stops more does, and of two alike
    /// the first; but for one that is not for ever, and for the word that nothing is known.
    pub fn stands_before(&self, other: &Suppression) -> bool {
        let weight = |one: &Suppression| match (one.reason.as_str(), one.stops()) {
            (crate::identity::UNDECIDED, _) => 0,
            (crate::message::SOFT, _) => 1,
            (_, Stops::Marketing) => 2,
            (_, Stops::Everything) => 3,
        };
        match weight(self).cmp(&weight(other)) {
            Ordering::Less => false,
            Ordering::Equal => self.at <= other.at,
            Ordering::Greater => true,
        }
    }
}

/// Why a message was refused or put off. Every variant can be read by a marketer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The profile has no address for the channel.
    NoAddress {
        /// The channel.
        channel: Channel,
    },
    /// The address is suppressed.
    Suppressed {
        /// Why.
        suppression: Suppression,
    },
    /// The person withdrew consent.
    ConsentWithdrawn {
        /// The topic that was withdrawn; `*` for all.
        topic: String,
        /// When.
        at: Timestamp,
        /// Where it was said.
        source: String,
    },
    /// The person never consented, and the topic asks for it.
    NoConsent {
        /// The topic.
        topic: String,
    },
    /// The person is in the global control group.
    Holdout {
        /// The group's size in a thousand.
        per_mille: u16,
    },
    /// It is night where the person is.
    QuietHours {
        /// The person's zone.
        zone: String,
        /// When it ends.
        until: Timestamp,
    },
    /// The person got enough.
    FrequencyCapped {
        /// Messages within the window.
        sent: u32,
        /// How many are allowed.
        cap: u32,
        /// The window.
        window: Duration,
    },
    /// It waited too long.
    Expired {
        /// When it expired.
        at: Timestamp,
    },
    /// The run that made it has ended, or its exit criteria are met.
    JourneyExited {
        /// The journey.
        journey: String,
    },
    /// The campaign was cancelled.
    CampaignCancelled,
    /// The person is planned twice in the campaign: two profiles became one.
    Merged,
    /// The profile does not exist.
    UnknownProfile,
    /// An identity question is open: another half of this person may have withdrawn consent.
    IdentityPending {
        /// Open questions.
        questions: u32,
    },
    /// Sending is paused for everything.
    Paused {
        /// Why.
        why: String,
    },
    /// The template does not exist any more.
    UnknownTemplate {
        /// The template.
        template: String,
    },
    /// Somebody said yes, and the mailbox has not confirmed it.
    ConsentPending {
        /// The topic.
        topic: String,
        /// Since when.
        since: Timestamp,
    },
    /// The person was erased.
    Erased {
        /// When.
        at: Timestamp,
    },
    /// No provider of the route takes messages for the moment.
    NoWayOut {
        /// The route, or the provider where a channel has no route.
        route: String,
    },
    /// There is no hour at which it is day in every place where the person may be.
    NoCommonHours {
        /// In how many zones their number may be.
        zones: u32,
    },
    /// Too many readers at a mailbox provider call what this domain sends spam: marketing to it is
    /// paused until a person lets it go on.
    Complaints {
        /// The domain of the From address.
        domain: String,
        /// The mailbox provider.
        mailbox: String,
        /// Complaints of the day on which it was paused.
        complaints: u64,
        /// Among so many messages.
        among: u64,
        /// Since when.
        since: Timestamp,
    },
    /// The number is none that is written to.
    NumberUnfit {
        /// What it is, or is not.
        why: String,
    },
    /// The name of the sender does not pass in the country that the message goes to.
    SenderNotThere {
        /// The name.
        name: String,
        /// The region (ISO 3166-1).
        region: String,
        /// What the country asks for instead.
        needs: String,
    },
    /// A mailbox provider refuses what this domain sends, for what it is: marketing to it is paused
    /// until a person lets it go on.
    Blocked {
        /// The domain of the From address.
        domain: String,
        /// The mailbox provider.
        mailbox: String,
        /// Refusals.
        refused: u64,
        /// Among so many answers.
        among: u64,
        /// What its server said.
        text: String,
        /// Since when.
        since: Timestamp,
    },
}

impl Reason {
    /// The stable word for it: counted and listed under this name.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::NoAddress { .. } => "no-address",
            Reason::Suppressed { .. } => "suppressed",
            Reason::ConsentWithdrawn { .. } => "consent-withdrawn",
            Reason::NoConsent { .. } => "no-consent",
            Reason::Holdout { .. } => "holdout",
            Reason::QuietHours { .. } => "quiet-hours",
            Reason::FrequencyCapped { .. } => "frequency-capped",
            Reason::Expired { .. } => "expired",
            Reason::JourneyExited { .. } => "journey-exited",
            Reason::CampaignCancelled => "campaign-cancelled",
            Reason::Merged => "merged",
            Reason::UnknownProfile => "unknown-profile",
            Reason::IdentityPending { .. } => "identity-pending",
            Reason::Paused { .. } => "paused",
            Reason::UnknownTemplate { .. } => "unknown-template",
            Reason::ConsentPending { .. } => "consent-pending",
            Reason::Erased { .. } => "erased",
            Reason::NoWayOut { .. } => "no-way-out",
            Reason::NoCommonHours { .. } => "no-common-hours",
            Reason::Complaints { .. } => "complaints",
            Reason::NumberUnfit { .. } => "number-unfit",
            Reason::SenderNotThere { .. } => "sender-not-there",
            Reason::Blocked { .. } => "blocked",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoAddress { channel } => write!(f, "the profile has no address for {channel}"),
            Reason::Suppressed { suppression } => write!(
                f,
                "the address is suppressed for {} since {} ({}: {})",
                suppression.stops().as_str(),
                suppression.at,
                suppression.reason,
                suppression.evidence
            ),
            Reason::ConsentWithdrawn { topic, at, source } => {
                if let Some(sender) = topic.strip_prefix("sender:") {
                    return write!(f, "the sender {sender} was stopped at {at} ({source})");
                }
                let what = if topic == "*" { "every topic" } else { topic };
                write!(f, "consent for {what} was withdrawn at {at} ({source})")
            }
            Reason::NoConsent { topic } => write!(f, "no consent for {topic} was ever given"),
            Reason::Holdout { per_mille } => {
                write!(f, "in the global control group ({per_mille} in a thousand)")
            }
            Reason::QuietHours { zone, until } => write!(f, "quiet hours in {zone} until {until}"),
            Reason::FrequencyCapped { sent, cap, window } => {
                write!(f, "{sent} messages within {window}, {cap} are allowed")
            }
            Reason::Expired { at } => write!(f, "expired at {at}"),
            Reason::JourneyExited { journey } => {
                write!(f, "the profile left the journey {journey} before it was sent")
            }
            Reason::CampaignCancelled => f.write_str("the campaign was cancelled"),
            Reason::Merged => f.write_str("the person was already planned under another profile"),
            Reason::UnknownProfile => f.write_str("there is no such profile"),
            Reason::IdentityPending { questions } => {
                write!(f, "{questions} identity questions are open")
            }
            Reason::Paused { why } => write!(f, "sending is paused: {why}"),
            Reason::UnknownTemplate { template } => write!(f, "there is no template {template}"),
            Reason::ConsentPending { topic, since } => {
                write!(f, "consent for {topic}, given at {since}, is not confirmed yet")
            }
            Reason::Erased { at } => write!(f, "the person was erased at {at}"),
            Reason::NoWayOut { route } => {
                write!(f, "no provider of {route} takes messages for the moment")
            }
            Reason::NoCommonHours { zones } => write!(
                f,
                "the number may be in {zones} time zones, and at no hour it is outside the quiet \
                 hours of all of them; the attribute `timezone` would say where the person is"
            ),
            Reason::Complaints { domain, mailbox, complaints, among, since } => write!(
                f,
                "marketing from {domain} to {mailbox} is paused since {since}: {complaints} \
                 readers of {among} messages called them spam that day"
            ),
            Reason::Blocked { domain, mailbox, refused, among, text, since } => write!(
                f,
                "marketing from {domain} to {mailbox} is paused since {since}: it refused \
                 {refused} of {among} messages for what the sender is, and said: {text}"
            ),
            Reason::NumberUnfit { why } => {
                write!(f, "the number {why} (`numbers` of the policy)")
            }
            Reason::SenderNotThere { name, region, needs } => write!(
                f,
                "the sender {name} does not pass in {region}: that takes {needs} (`by-country` or \
                 `letters-in` of the sender)"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn because(reason: &str, at: i64) -> Suppression {
        Suppression { reason: reason.into(), evidence: "so".into(), at: Timestamp(at) }
    }

    #[test]
    fn the_reason_decides_what_is_stopped() {
        let check = |reason: &str, stops: Stops| {
            assert_eq!(because(reason, 0).stops(), stops, "{reason}");
        };
        for reason in ["complaint", "unsubscribed", "manual-marketing", "soft-bounces"] {
            check(reason, Stops::Marketing);
        }
        // Also what an import says in words that nobody here knows.
        for reason in ["hard-bounce", "manual", "import", "undecided", "shared-by-many", "Spam", ""]
        {
            check(reason, Stops::Everything);
        }
        let classes = [Class::Transactional, Class::Triggered, Class::Bulk];
        assert_eq!(classes.map(|class| Stops::Marketing.includes(class)), [false, true, true]);
        assert_eq!(classes.map(|class| Stops::Everything.includes(class)), [true, true, true]);
    }

    #[test]
    fn what_stops_more_stands_and_of_two_alike_the_first() {
        let order = ["undecided", "soft-bounces", "complaint", "hard-bounce"];
        for (weaker, stronger) in order.iter().zip(&order[1..]) {
            let (weaker, stronger) = (because(weaker, 1), because(stronger, 2));
            assert!(stronger.stands_before(&weaker), "{stronger:?}");
            assert!(!weaker.stands_before(&stronger), "{weaker:?}");
        }
        let (first, second) = (because("unsubscribed", 1), because("complaint", 2));
        assert!(first.stands_before(&second) && !second.stands_before(&first));
    }

    #[test]
    fn whoever_reads_it_reads_what_is_stopped() {
        let (suppression, by_hand) = (because("complaint", 0), because("manual", 0));
        let said = Reason::Suppressed { suppression: suppression.clone() }.to_string();
        assert!(said.starts_with("the address is suppressed for marketing since"), "{said}");
        let said = Reason::Suppressed { suppression: by_hand }.to_string();
        assert!(said.starts_with("the address is suppressed for everything since"), "{said}");
        let shown = serde_json::to_value(&suppression).unwrap();
        assert_eq!(shown["stops"], "marketing");
        assert_eq!(serde_json::from_value::<Suppression>(shown).unwrap(), suppression);
    }
}
