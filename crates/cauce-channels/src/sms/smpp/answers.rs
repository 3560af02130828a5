//! What the statuses of SMPP mean, in the words that the judge of all channels reads.
//!
//! Source: SMPP v3.4, issue 1.2 (12 October 1999), 5.1.3; read in November 2026. What a status
//! means for the number is our reading: one says that it is none, and some that this message or
//! this telephone cannot be served now. Those say nothing of the carrier: `ESME_RX_T_APPN` and
//! `ESME_RDELIVERYFAILURE` are what its servers hand on from the network behind it.

use cauce_core::delivery::{Enhanced, Outcome, Stage};
use cauce_core::publish::Meaning;
use std::collections::BTreeMap;

/// All is well.
pub const OK: u32 = 0x00;
/// The command is not known.
pub const INVALID_COMMAND: u32 = 0x03;
/// The session must not do that.
pub const WRONG_STATE: u32 = 0x04;
/// Somebody is bound with this name.
pub const ALREADY_BOUND: u32 = 0x05;
/// The password is wrong.
pub const INVALID_PASSWORD: u32 = 0x0e;
/// The queue is full.
pub const QUEUE_FULL: u32 = 0x14;
/// We cannot take what we were told, for now.
pub const NOT_NOW: u32 = 0x64;

/// What a status asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    /// Slower: the connection halves its rate.
    Slower,
    /// Not now.
    Later,
    /// Not now, for this number or this message; the next one may go.
    NumberLater,
    /// There is no such number.
    NoSuchNumber,
    /// The sender's name or number is not ours to use, or is none.
    Sender,
    /// This content is not taken.
    Content,
    /// What we asked for is set up wrongly, here or there.
    Options,
    /// No, without a reason.
    No,
    /// It is about the session: no message can go before somebody mends it.
    Session,
}

/// Every status with a name of its own.
const STATUSES: [(u32, &str, Sense); 44] = [
    (0x01, "ESME_RINVMSGLEN", Sense::Content),
    (0x02, "ESME_RINVCMDLEN", Sense::Options),
    (0x03, "ESME_RINVCMDID", Sense::Options),
    (0x04, "ESME_RINVBNDSTS", Sense::Session),
    (0x05, "ESME_RALYBND", Sense::Session),
    (0x06, "ESME_RINVPRTFLG", Sense::Options),
    (0x07, "ESME_RINVREGDLVFLG", Sense::Options),
    (0x08, "ESME_RSYSERR", Sense::Later),
    (0x0a, "ESME_RINVSRCADR", Sense::Sender),
    (0x0b, "ESME_RINVDSTADR", Sense::NoSuchNumber),
    (0x0c, "ESME_RINVMSGID", Sense::Options),
    (0x0d, "ESME_RBINDFAIL", Sense::Session),
    (0x0e, "ESME_RINVPASWD", Sense::Session),
    (0x0f, "ESME_RINVSYSID", Sense::Session),
    (0x11, "ESME_RCANCELFAIL", Sense::No),
    (0x13, "ESME_RREPLACEFAIL", Sense::No),
    (0x14, "ESME_RMSGQFUL", Sense::Slower),
    (0x15, "ESME_RINVSERTYP", Sense::Options),
    (0x33, "ESME_RINVNUMDESTS", Sense::Options),
    (0x34, "ESME_RINVDLNAME", Sense::Options),
    (0x40, "ESME_RINVDESTFLAG", Sense::Options),
    (0x42, "ESME_RINVSUBREP", Sense::Options),
    (0x43, "ESME_RINVESMCLASS", Sense::Options),
    (0x44, "ESME_RCNTSUBDL", Sense::Options),
    (0x45, "ESME_RSUBMITFAIL", Sense::No),
    (0x48, "ESME_RINVSRCTON", Sense::Sender),
    (0x49, "ESME_RINVSRCNPI", Sense::Sender),
    (0x50, "ESME_RINVDSTTON", Sense::Options),
    (0x51, "ESME_RINVDSTNPI", Sense::Options),
    (0x53, "ESME_RINVSYSTYP", Sense::Session),
    (0x54, "ESME_RINVREPFLAG", Sense::Options),
    (0x55, "ESME_RINVNUMMSGS", Sense::Options),
    (0x58, "ESME_RTHROTTLED", Sense::Slower),
    (0x61, "ESME_RINVSCHED", Sense::Options),
    (0x62, "ESME_RINVEXPIRY", Sense::Options),
    (0x63, "ESME_RINVDFTMSGID", Sense::Options),
    (0x64, "ESME_RX_T_APPN", Sense::NumberLater),
    (0x65, "ESME_RX_P_APPN", Sense::No),
    (0x66, "ESME_RX_R_APPN", Sense::No),
    (0x67, "ESME_RQUERYFAIL", Sense::No),
    (0xc0, "ESME_RINVOPTPARSTREAM", Sense::Options),
    (0xc2, "ESME_RINVPARLEN", Sense::Options),
    (0xfe, "ESME_RDELIVERYFAILURE", Sense::NumberLater),
    (0xff, "ESME_RUNKNOWNERR", Sense::Later),
];

/// What statuses mean at one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Where a provider means something else, or has statuses of its own (0x400 to 0x4ff).
    pub meanings: BTreeMap<u32, Meaning>,
}

impl Answers {
    fn sense(&self, status: u32) -> Option<Sense> {
        if let Some(meaning) = self.meanings.get(&status) {
            return Some(match meaning {
                // What may have been taken is not sent again.
                Meaning::Permanent | Meaning::Blocked | Meaning::Unknown => Sense::No,
                Meaning::Configuration => Sense::Options,
                Meaning::InvalidRecipient => Sense::NoSuchNumber,
                Meaning::Throttled => Sense::Slower,
                Meaning::Temporary => Sense::Later,
            });
        }
        STATUSES.iter().find(|(known, ..)| *known == status).map(|(_, _, sense)| *sense)
    }

    /// Whether a status asks us to be slower.
    pub fn is_throttle(&self, status: u32) -> bool {
        self.sense(status) == Some(Sense::Slower)
    }

    /// Whether the next try of the same may be answered better without anybody mending anything.
    pub fn is_temporary(&self, status: u32) -> bool {
        matches!(self.sense(status), Some(Sense::Slower | Sense::Later | Sense::NumberLater))
    }

    /// Whether a status is about the session: the bind stops.
    pub fn is_session(&self, status: u32) -> bool {
        self.sense(status) == Some(Sense::Session)
    }

    /// A refusal, in the words of RFC 3463. SMPP has no reply code of three digits: it is 0.
    pub fn refused(&self, status: u32, about: &str) -> Outcome {
        let (stage, enhanced) = match self.sense(status) {
            Some(Sense::Slower) => (Stage::Content, Some(Enhanced(4, 4, 5))),
            Some(Sense::Later) => (Stage::Content, Some(Enhanced(4, 3, 0))),
            Some(Sense::NumberLater) => (Stage::Recipient, Some(Enhanced(4, 3, 0))),
            Some(Sense::NoSuchNumber) => (Stage::Recipient, Some(Enhanced(5, 1, 1))),
            Some(Sense::Sender) => (Stage::Sender, Some(Enhanced(5, 1, 7))),
            Some(Sense::Content) => (Stage::Content, Some(Enhanced(5, 6, 0))),
            Some(Sense::Options) => (Stage::Content, Some(Enhanced(5, 5, 4))),
            Some(Sense::No) => (Stage::Content, Some(Enhanced(5, 0, 0))),
            Some(Sense::Session) => (Stage::Auth, Some(Enhanced(4, 7, 8))),
            // Nobody knows what it means: not for good, until somebody says so.
            None => (Stage::Content, Some(Enhanced(4, 0, 0))),
        };
        let name = name(status);
        let text = if about.is_empty() { name } else { format!("{name}: {about}") };
        Outcome::Refused { stage, code: 0, enhanced, text, retry_after_s: None }
    }
}

/// A status as people look for it: number and name.
pub fn name(status: u32) -> String {
    match STATUSES.iter().find(|(known, ..)| *known == status) {
        Some((_, name, _)) => format!("0x{status:02x} {name}"),
        None => format!("0x{status:02x}"),
    }
}

/// What to do about a bind that was refused.
pub fn way_out(status: u32) -> &'static str {
    match status {
        INVALID_PASSWORD => "the password is not the one that the provider expects",
        0x0f => "the provider does not know `system-id`, or not from this address",
        ALREADY_BOUND => {
            "the provider has a session with this `system-id`; end it there, or lower `connections`"
        }
        0x53 => "`system-type` is not the one that the provider expects",
        WRONG_STATE => "the provider does not allow this `bind`",
        _ => "ask the provider why it refuses the bind, with this status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::allocate::{Breaker, Standing};
    use cauce_core::delivery::{Answering, Verdict, classify, is_providers_own};
    use cauce_core::time::Timestamp;

    fn check(status: u32, expected: &str) {
        let shown = match classify(&Answers::default().refused(status, "")) {
            Verdict::Retry { cause, .. } => format!("retry {}", cause.as_str()),
            Verdict::Failed { cause, suppress: true } => format!("suppress {}", cause.as_str()),
            Verdict::Failed { cause, suppress: false } => format!("fail {}", cause.as_str()),
            other => format!("{other:?}"),
        };
        assert_eq!(shown, expected, "{}", name(status));
    }

    #[test]
    fn statuses_mean_what_the_specification_says() {
        check(0x58, "retry throttled");
        check(0x14, "retry throttled");
        check(0x08, "retry transient");
        check(0x64, "retry transient");
        check(0xfe, "retry transient");
        check(0x0b, "suppress invalid-recipient");
        check(0x0a, "fail configuration");
        check(0x48, "fail configuration");
        check(0x01, "fail content");
        check(0x43, "fail undetermined");
        check(0x45, "fail undetermined");
        check(0x65, "fail undetermined");
        check(0x66, "fail undetermined");
        check(0x0e, "retry configuration");
        check(0x05, "retry configuration");
        check(0x423, "retry undetermined");
        // Only one status speaks of the number.
        let penalises = |status: &u32| {
            let verdict = classify(&Answers::default().refused(*status, ""));
            matches!(verdict, Verdict::Failed { suppress: true, .. })
        };
        assert_eq!((0..0x500).filter(penalises).collect::<Vec<_>>(), [0x0b]);
    }

    #[test]
    fn what_is_said_of_one_message_is_no_word_about_the_carrier() {
        // What opens the breaker if the carrier says nothing else.
        let opens = |status: u32| {
            let mut breaker = Breaker::default();
            let outcome = Answers::default().refused(status, "");
            for n in 0..100 {
                breaker.ended(&outcome, Answering::Itself, false, Timestamp(n));
            }
            matches!(breaker.standing(Timestamp(100)), Standing::Open { .. })
        };
        let known = STATUSES.iter().map(|(status, ..)| *status);
        let open: Vec<u32> = known.filter(|status| opens(*status)).collect();
        assert_eq!(open, [0x04, 0x05, 0x08, 0x0d, 0x0e, 0x0f, 0x14, 0x53, 0x58, 0xff]);
        // A sender that is not ours there may be ours at another provider.
        let elsewhere =
            |status| is_providers_own(&Answers::default().refused(status, ""), Answering::Itself);
        assert!(elsewhere(0x0a) && elsewhere(0x48) && elsewhere(0x58));
        assert!(!elsewhere(0x64) && !elsewhere(0xfe) && !elsewhere(0x0b) && !elsewhere(0x45));
    }

    #[test]
    fn a_provider_may_mean_something_else() {
        let meanings = BTreeMap::from([
            (0x423, Meaning::InvalidRecipient),
            (0x45, Meaning::Throttled),
            (0x64, Meaning::Permanent),
        ]);
        let answers = Answers { meanings };
        assert!(answers.is_throttle(0x45) && !answers.is_temporary(0x64));
        let verdict = classify(&answers.refused(0x423, "no such number"));
        assert!(matches!(verdict, Verdict::Failed { suppress: true, .. }), "{verdict:?}");
        assert_eq!(name(0x58), "0x58 ESME_RTHROTTLED");
        assert_eq!(name(0x423), "0x423");
    }
}
