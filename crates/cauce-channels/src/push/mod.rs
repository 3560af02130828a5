//! Pushes to phones and browsers: one message to the devices of one person, each by its own
//! service.

pub mod apns;
pub mod fcm;
mod http;
mod jwt;
pub mod web;

pub use apns::Apns;
pub use fcm::Fcm;
pub use web::Web;

use cauce_core::delivery::{Answer, DeviceEnd, Enhanced, Outcome, Stage};
use cauce_core::device::{Target, Way};
use cauce_core::ids::hash128;
use cauce_core::message::content::push::Push;
use cauce_core::time::Timestamp;
use http::{Reply, Silence};

/// Limit: what is kept of an answer's text.
const TEXT_MAX: usize = 512;

/// The services that one provider holds side by side.
#[derive(Debug, Default)]
pub struct Ways {
    /// Apple's.
    pub apns: Option<Apns>,
    /// Google's.
    pub fcm: Option<Fcm>,
    /// The browsers'.
    pub web: Option<Web>,
}

impl Ways {
    /// Sends a push to all its devices at once, and says what it came to at each.
    pub async fn send(&self, push: &Push) -> Outcome {
        let ends = push.targets.iter().map(|target| async move {
            let (answer, since) = self.send_to(push, target).await;
            DeviceEnd { device: target.device, answer, since }
        });
        Outcome::Devices(futures_util::future::join_all(ends).await)
    }

    async fn send_to(&self, push: &Push, target: &Target) -> (Answer, Option<Timestamp>) {
        let way = target.way();
        // Its service would refuse it, and others of the same person may take theirs.
        if let Some(text) = push.too_large(way) {
            return (Answer::Unrenderable { text }, None);
        }
        match (way, &self.apns, &self.fcm, &self.web) {
            (Way::Apns, Some(apns), _, _) => apns.send(push, target).await,
            (Way::Fcm, _, Some(fcm), _) => (fcm.send(push, target).await, None),
            (Way::Web, _, _, Some(web)) => (web.send(push, target).await, None),
            (way, ..) => {
                let text = format!("the provider has no `{}`", way.as_str());
                (Answer::Unrenderable { text }, None)
            }
        }
    }
}

/// What a service's word means: each service has a table of its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// The token is none any more.
    Gone,
    /// The token is not one of this app, project, environment or key.
    Misplaced,
    /// The message is not acceptable, whoever it is for.
    Content,
    /// The message is too large.
    TooLarge,
    /// Our key, our app or our project is not accepted: an operator has to mend it.
    Configuration,
    /// Our token of access is too old: another one is made, and it is asked once more.
    Expired,
    /// Too fast.
    Throttled,
    /// The service has trouble.
    Temporary,
}

impl Means {
    /// How far it had come, and the code that the judge of all channels reads.
    fn code(self) -> (Stage, Enhanced) {
        match self {
            Means::Gone => (Stage::Recipient, Enhanced(5, 1, 1)),
            Means::Misplaced => (Stage::Recipient, Enhanced(5, 1, 3)),
            Means::Content => (Stage::Content, Enhanced(5, 6, 0)),
            Means::TooLarge => (Stage::Content, Enhanced(5, 3, 4)),
            Means::Configuration | Means::Expired => (Stage::Auth, Enhanced(4, 7, 8)),
            Means::Throttled => (Stage::Content, Enhanced(4, 4, 5)),
            Means::Temporary => (Stage::Content, Enhanced(4, 3, 0)),
        }
    }

    /// The answer of a service that said this.
    fn answer(self, reply: &Reply, words: &str) -> Answer {
        let (stage, enhanced) = self.code();
        let retry_after_s = match self {
            Means::Throttled | Means::Temporary => reply.retry_after_s(),
            _ => None,
        };
        Answer::Refused {
            stage,
            code: reply.status,
            enhanced: Some(enhanced),
            text: shown(words),
            retry_after_s,
        }
    }
}

/// What a request without an answer means for a device.
fn silent(silence: Silence) -> Answer {
    match silence {
        Silence::Refused(text) => Answer::Unrenderable { text },
        Silence::Untaken(text) => Answer::Unreachable { text },
        Silence::NotBegun(text) => Answer::NotStarted { text },
        Silence::Lost(text) => Answer::Unknown { text },
    }
}

/// What only a gateway says, in place of a service that may have taken the push: nothing in it is
/// of the service's own.
fn from_between(reply: &Reply) -> Option<Answer> {
    let body = String::from_utf8_lossy(&reply.body);
    let text = shown(&format!("a gateway answered {}: {body}", reply.status));
    matches!(reply.status, 502 | 504).then_some(Answer::Unknown { text })
}

/// What an attempt at one device is called: the same for every try of one message, so that a
/// service which took the first and lost its answer can see it.
fn attempt_id(push: &Push, target: &Target) -> String {
    let bits = hash128(&[&push.message.0.to_be_bytes(), &target.device.0.to_be_bytes()]);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn shown(text: &str) -> String {
    text.chars().take(TEXT_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
