//! The words of the ledger as the API's description has them: each an enum beside the core's, so
//! that a word that the core learns does not compile before it is described here.

use cauce_core::delivery as core_delivery;
use cauce_core::message as core_message;
use cauce_core::tracking::actor as core_actor;

macro_rules! mirrored {
    ($(#[$doc:meta])* $name:ident as $called:ident of $core:path { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        #[schema(as = $called)]
        #[serde(rename_all = "kebab-case")]
        #[allow(missing_docs)]
        pub enum $name { $($variant),+ }

        impl From<$core> for $name {
            fn from(word: $core) -> $name {
                match word { $(<$core>::$variant => $name::$variant),+ }
            }
        }
    };
}

mirrored!(
    /// By what a message travels: `webhook` is a request to somebody's server.
    Channel as Channel of core_message::Channel { Email, Sms, Push, Webhook }
);

mirrored!(
    /// Whose wish a message is: `transactional` ones were asked for by the person (receipts,
    /// passwords), `triggered` ones are a journey's, `bulk` ones a campaign's. In this order they
    /// leave where room is short.
    Class as MessageClass of core_message::Class { Transactional, Triggered, Bulk }
);

mirrored!(
    /// The term of the balance that a message counts in: planned = sent + refused + failed +
    /// unknown + pending. `sent` was accepted by a provider; `refused` by our policy; `failed` was
    /// refused by a provider for good, or could not be made; `unknown` may have left; `pending`
    /// still waits.
    Term as MessageTerm of core_message::ledger::Term { Sent, Refused, Failed, Unknown, Pending }
);

mirrored!(
    /// How far a conversation with a provider had come. `content` is the body; over HTTP the whole
    /// request.
    Stage as DeliveryStage of core_delivery::Stage { Connect, Auth, Sender, Recipient, Content }
);

mirrored!(
    /// Why a message came back.
    Cause as BounceCause of core_delivery::Cause {
        InvalidRecipient, InvalidDomain, Inactive, Quota, Filtered, Throttled, Blocked, Content,
        Configuration, Transient, Expired, Undetermined, OptedOut,
    }
);

mirrored!(
    /// Who opened or followed: a person, a program for its own ends, or nothing tells.
    Actor as TrackedActor of core_actor::Actor { Human, Machine, Unknown }
);

mirrored!(
    /// What a program that fetches says it is: a `proxy` fetches when a person looks, a
    /// `prefetcher` whether or not.
    Agent as TrackedAgent of core_actor::Agent { Browser, Proxy, Prefetcher, Robot, Nameless }
);

mirrored!(
    /// Why somebody is thought to be a person or a program. `ordinary`: nothing speaks against a
    /// person.
    Judged as TrackedWhy of core_actor::Why { Ordinary, Agent, HiddenLink, Burst, TooSoon }
);
