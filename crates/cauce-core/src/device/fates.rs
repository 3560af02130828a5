//! What became of one message at each of its devices. It follows from the ledger: an attempt says
//! which devices it was for, and how it ended at each.

use super::Word;
use crate::delivery::{Answer, Cause, Outcome, Verdict, classify};
use crate::ids::DeviceId;
use crate::message::Channel;
use crate::message::ledger::{Attempt, Message};
use crate::prelude::*;
use crate::time::Timestamp;

/// How a message stands with one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its service took it: nothing is ever sent there again.
    Took,
    /// It may have been taken.
    Unknown,
    /// It was refused for good.
    Ended(Cause),
    /// It was refused for now.
    Again(Cause, Option<u32>),
    /// It was not begun.
    NotStarted,
    /// It was not begun for a fault of ours.
    Held,
}

/// The devices of an attempt, as its address names them.
pub fn devices(attempt: &Attempt) -> impl Iterator<Item = DeviceId> {
    attempt.address.split(' ').filter_map(|name| name.parse().ok())
}

/// The address of an attempt that is for these devices.
pub fn address(devices: impl IntoIterator<Item = DeviceId>) -> String {
    let names: Vec<String> = devices.into_iter().map(|device| device.to_string()).collect();
    names.join(" ")
}

/// How a message stands with every device that it was for.
pub fn of(message: &Message) -> BTreeMap<DeviceId, Fate> {
    let mut fates = BTreeMap::new();
    for attempt in &message.attempts {
        let Some((_, outcome)) = &attempt.ended else { continue };
        match outcome {
            Outcome::Devices(ends) => {
                fates.extend(ends.iter().map(|end| (end.device, fate(&end.answer.outcome()))));
            }
            whole => fates.extend(devices(attempt).map(|device| (device, fate(whole)))),
        }
    }
    fates
}

fn fate(outcome: &Outcome) -> Fate {
    match classify(outcome) {
        Verdict::Accepted => Fate::Took,
        Verdict::Unknown => Fate::Unknown,
        Verdict::Failed { cause, .. } => Fate::Ended(cause),
        Verdict::Retry { cause, after_s } => Fate::Again(cause, after_s),
        Verdict::NotStarted | Verdict::Busy { .. } => Fate::NotStarted,
        Verdict::Held => Fate::Held,
    }
}

/// The devices that a message still has to go to: none of those that took it, or may have.
pub fn left(message: &Message) -> Vec<DeviceId> {
    let fates = of(message);
    let open: Vec<DeviceId> = fates
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Again(..) | Fate::NotStarted | Fate::Held))
        .map(|(device, _)| *device)
        .collect();
    let unknown = fates.iter().filter(|(_, fate)| **fate == Fate::Unknown);
    // That it is sent once more was decided when it became unknown everywhere.
    let all_lost = open.is_empty() && !fates.values().any(|fate| *fate == Fate::Took);
    if all_lost { unknown.map(|(device, _)| *device).collect() } else { open }
}

/// Whether it may have left for any device: what was lost once may have arrived, whatever became of
/// the next try.
pub fn may_have_left(message: &Message) -> bool {
    message.channel == Channel::Push
        && (message.lost().is_some() || of(message).values().any(|fate| *fate == Fate::Took))
}

/// Whether anything was tried at any device.
pub fn has_begun(message: &Message) -> bool {
    of(message).values().any(|fate| !matches!(fate, Fate::NotStarted | Fate::Held))
}

/// What all ends so far mean for the message: it goes on while a device is open, and then it is
/// sent if any device has it.
pub fn verdict(message: &Message) -> Verdict {
    let fates = of(message);
    if fates.is_empty() {
        // The names of its devices were wiped while it was on the wire.
        let last = message.attempts.iter().rev().find_map(|attempt| attempt.ended.as_ref());
        return last.map_or(Verdict::NotStarted, |(_, outcome)| classify(outcome));
    }
    let again = fates.values().filter_map(|fate| match fate {
        Fate::Again(cause, after_s) => Some((*cause, *after_s)),
        _ => None,
    });
    // The longest wish: one wait for all that are open.
    let again = again.max_by_key(|(_, after_s)| *after_s);
    if let Some((cause, after_s)) = again {
        return Verdict::Retry { cause, after_s };
    }
    let any = |wanted: Fate| fates.values().any(|fate| *fate == wanted);
    if any(Fate::Held) {
        return Verdict::Held;
    }
    if any(Fate::NotStarted) {
        return Verdict::NotStarted;
    }
    end(message).unwrap_or(Verdict::Failed { cause: Cause::Undetermined, suppress: false })
}

/// What a message came to at which nothing more is tried; nothing if no device said anything for
/// good.
pub fn end(message: &Message) -> Option<Verdict> {
    let fates = of(message);
    let any = |wanted: Fate| fates.values().any(|fate| *fate == wanted);
    if any(Fate::Took) {
        return Some(Verdict::Accepted);
    }
    if message.lost().is_some() {
        return Some(Verdict::Unknown);
    }
    let cause = fates.values().find_map(|fate| match fate {
        Fate::Ended(cause) => Some(*cause),
        _ => None,
    });
    cause.map(|cause| Verdict::Failed { cause, suppress: false })
}

/// What an attempt's end says of its devices' tokens.
pub fn words(outcome: &Outcome, granted: Timestamp) -> Vec<(DeviceId, Word)> {
    let Outcome::Devices(ends) = outcome else { return Vec::new() };
    let judged = ends.iter().filter_map(|end| {
        let Answer::Refused { code, enhanced, text, .. } = &end.answer else { return None };
        let word = match crate::delivery::token(*enhanced)? {
            crate::delivery::Token::Gone => Word::Gone(end.since.unwrap_or(granted)),
            crate::delivery::Token::Misplaced => {
                Word::Misplaced { at: granted, why: format!("{code} {text}") }
            }
        };
        Some((end.device, word))
    });
    judged.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{DeviceEnd, Enhanced, Stage};
    use crate::ids::{MessageId, ProfileId, TraceId};
    use crate::message::Class;
    use crate::message::ledger::{Source, State};

    /// A message of attempts: each names its devices, and what came of it: a letter for each
    /// device, or a word for all.
    fn message(attempts: &[(&str, &str)]) -> Message {
        let ended = |(nth, (of, came)): (usize, &(&str, &str))| {
            let names = of.bytes().map(|byte| DeviceId(u128::from(byte)));
            let text = String::new;
            let outcome = match *came {
                "lost" => Outcome::Unknown { text: text() },
                "never" => Outcome::NotStarted { text: text() },
                "faulty" => Outcome::Unrenderable { text: text() },
                letters => {
                    let ends = names.clone().zip(letters.chars()).map(|(device, letter)| {
                        let refused = |code, enhanced, after| Answer::Refused {
                            stage: Stage::Recipient,
                            code,
                            enhanced: Some(enhanced),
                            text: text(),
                            retry_after_s: after,
                        };
                        let answer = match letter {
                            't' => Answer::Accepted { id: None },
                            'u' => Answer::Unknown { text: text() },
                            'g' => refused(410, Enhanced(5, 1, 1), None),
                            'm' => refused(400, Enhanced(5, 1, 3), None),
                            'b' => refused(503, Enhanced(4, 3, 0), Some(30)),
                            'n' => Answer::Unreachable { text: text() },
                            other => panic!("{other}"),
                        };
                        DeviceEnd { device, answer, since: None }
                    });
                    Outcome::Devices(ends.collect())
                }
            };
            Attempt {
                number: nth as u32 + 1,
                granted: Timestamp(1_000),
                address: address(names.clone()),
                provider: None,
                ended: Some((Timestamp(2_000), outcome)),
            }
        };
        Message {
            id: MessageId(1),
            profile: ProfileId(1),
            number: 0,
            channel: Channel::Push,
            class: Class::Bulk,
            template: (String::new(), 1),
            topic: None,
            source: Source::Api { key: None },
            context: BTreeMap::new(),
            path: String::new(),
            created: Timestamp(0),
            expires: Timestamp::MAX,
            state: State::Queued { due: Timestamp(0), put_off: None },
            attempts: attempts.iter().enumerate().map(ended).collect(),
            reports: Vec::new(),
            trace: TraceId::default(),
        }
    }

    fn check(attempts: &[(&str, &str)], expected: &str, expected_left: &str) {
        let message = message(attempts);
        let said = match verdict(&message) {
            Verdict::Retry { after_s, .. } => format!("again {}", after_s.unwrap_or(0)),
            Verdict::Failed { cause, .. } => format!("failed {}", cause.as_str()),
            other => format!("{other:?}").to_lowercase(),
        };
        let left: String =
            left(&message).into_iter().map(|device| char::from(device.0 as u8)).collect();
        assert_eq!((said.as_str(), left.as_str()), (expected, expected_left), "{attempts:?}");
    }

    #[test]
    fn a_message_goes_on_for_devices_that_are_open_and_for_no_others() {
        check(&[("abc", "ttt")], "accepted", "");
        check(&[("abc", "tbg")], "again 30", "b");
        check(&[("abc", "tnb")], "again 30", "bc");
        check(&[("abc", "tbg"), ("b", "t")], "accepted", "");
        check(&[("abc", "tbg"), ("b", "lost")], "accepted", "");
        check(&[("abc", "tbg"), ("b", "never")], "notstarted", "b");
        check(&[("ab", "gm")], "failed invalid-recipient", "");
        check(&[("ab", "faulty")], "failed content", "");
        check(&[("ab", "ub")], "again 30", "b");
        check(&[("ab", "ub"), ("b", "g")], "unknown", "a");
        // Lost everywhere: whether it is sent once more is not decided here.
        check(&[("ab", "lost")], "unknown", "ab");
        check(&[("ab", "lost"), ("ab", "tg")], "accepted", "");
    }

    #[test]
    fn a_token_is_judged_by_what_its_service_says_of_it() {
        let ends = |letters: &str| message(&[("ab", letters)]).attempts[0].ended.clone().unwrap().1;
        let granted = Timestamp(1_000);
        let of = |letters: &str| words(&ends(letters), granted);
        assert_eq!(of("tb"), []);
        assert_eq!(of("gt"), [(DeviceId(97), Word::Gone(granted))]);
        assert!(
            matches!(&of("tm")[..], [(DeviceId(98), Word::Misplaced { at, .. })] if *at == granted)
        );
        let mut dated = ends("gt");
        let Outcome::Devices(all) = &mut dated else { panic!() };
        all[0].since = Some(Timestamp(5));
        assert_eq!(words(&dated, granted), [(DeviceId(97), Word::Gone(Timestamp(5)))]);
        assert_eq!(words(&Outcome::Unknown { text: String::new() }, granted), []);
    }
}
