//! Texts that people send us: parts are put together again, whatever their order, and what comes
//! twice is one.

use super::pdu::{Address, ShortMessage, esm, tag};
use super::text::Writing;
use cauce_core::ids::hash64;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a message waits for its missing parts. Then it is told as it is, with a mark where
/// something is missing: a word like STOP may stand in what came.
pub const PARTS_WITHIN: Duration = Duration::from_secs(5 * 60);
/// The mark of a part that never came.
const GAP: &str = "[…]";
/// How long the same words of the same person to the same number are the same message: a server
/// that missed our answer says it again. SMPP gives no other sign.
pub const SAME_WITHIN: Duration = Duration::from_secs(2 * 60);
/// Limit: messages that wait for parts; of more, the one that waits longest is told with its gaps.
const GATHERING_MAX: usize = 1_024;
/// Limit: messages that are remembered as said; of more, the oldest are forgotten.
const SAID_MAX: usize = 4_096;

/// A whole text of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Who wrote; with a plus sign if the provider says that it is a number with its country.
    pub from: String,
    /// To which of our numbers.
    pub to: String,
    /// What.
    pub text: String,
    /// The same for the same words between the same two.
    pub digest: u64,
}

/// What follows from one message of a provider.
pub enum Offered {
    /// It is whole, and to be told.
    Whole(Text),
    /// It was told before.
    Repeated,
    /// It waits for others: whether it could be told will be said here.
    Waits(oneshot::Receiver<bool>),
    /// It was the last of several: all of them are to be told, and those that wait be answered.
    Joined(Joined),
    /// It is no text (binary, a SIM's, an empty one).
    Nothing,
}

/// Parts that became one.
pub struct Joined {
    /// What they say.
    pub text: Text,
    place: Place,
    gathered: Gathered,
    last: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    from: String,
    to: String,
    reference: u16,
    total: u8,
}

struct Gathered {
    since: Instant,
    data_coding: u8,
    pieces: BTreeMap<u8, Vec<u8>>,
    waiting: Vec<oneshot::Sender<bool>>,
    /// A part was answered for before the whole was told: nobody says it again.
    answered: bool,
}

impl Gathered {
    /// Whether somebody waited too long for the whole, and has answered by itself.
    fn is_answered(&self) -> bool {
        self.answered || self.waiting.iter().any(oneshot::Sender::is_closed)
    }
}

/// Messages that wait for their parts, and what was told lately.
#[derive(Default)]
pub struct Assembly {
    writing: Writing,
    international: bool,
    gathering: BTreeMap<Place, Gathered>,
    said: VecDeque<(Instant, u64)>,
}

impl Assembly {
    /// Nothing waits. With `international` every number that writes to us has its country, whatever
    /// type the provider says that it is of.
    pub fn new(writing: Writing, international: bool) -> Assembly {
        Assembly { writing, international, ..Assembly::default() }
    }

    /// Takes a message that is no receipt.
    pub fn offer(&mut self, message: &ShortMessage, now: Instant) -> Offered {
        let (header, bytes) = split_header(message);
        let (from, to) = (sender(&message.from, self.international), shown(&message.to));
        let Some((reference, total, number)) = header.or_else(|| parameters(message)) else {
            let read = self.writing.read(message.data_coding, bytes);
            let Some(text) = read.filter(|text| !text.is_empty()) else {
                return Offered::Nothing;
            };
            let text = whole(from, to, text);
            return match self.was_said(text.digest, now) {
                true => Offered::Repeated,
                false => Offered::Whole(text),
            };
        };
        let place = Place { from, to, reference, total };
        let digest = digest_part(&place, number, bytes);
        if self.was_said(digest, now) {
            return Offered::Repeated;
        }
        let gathered = self.gathering.entry(place.clone()).or_insert_with(|| Gathered {
            since: now,
            data_coding: message.data_coding,
            pieces: BTreeMap::new(),
            waiting: Vec::new(),
            answered: false,
        });
        gathered.pieces.insert(number, bytes.to_vec());
        if gathered.pieces.len() < usize::from(total) {
            let (answer, answered) = oneshot::channel();
            gathered.waiting.push(answer);
            return Offered::Waits(answered);
        }
        let Some(gathered) = self.gathering.remove(&place) else { return Offered::Nothing };
        match self.join(&place, &gathered) {
            Some(text) => Offered::Joined(Joined { text, place, gathered, last: number }),
            None => Offered::Nothing,
        }
    }

    /// A whole text is durable, or is not: then what it consisted of waits once more.
    pub fn told(&mut self, text: &Text, durable: bool, now: Instant) {
        if durable {
            self.remember(text.digest, now);
        }
    }

    /// The same for parts that became one.
    pub fn told_joined(&mut self, joined: Joined, durable: bool, now: Instant) {
        let Joined { text, place, mut gathered, last } = joined;
        gathered.answered = gathered.is_answered();
        for answer in gathered.waiting.drain(..) {
            // Whoever waited too long has answered by itself.
            let _ = answer.send(durable);
        }
        if durable {
            for (number, piece) in &gathered.pieces {
                self.remember(digest_part(&place, *number, piece), now);
            }
            self.remember(text.digest, now);
        } else {
            // The server sends this part again; others may have been answered before.
            gathered.pieces.remove(&last);
            self.gathering.insert(place, gathered);
        }
    }

    /// The next message that has waited too long for its parts, with its gaps.
    pub fn overdue(&mut self, now: Instant) -> Option<Joined> {
        let full = self.gathering.len() > GATHERING_MAX;
        let (place, _) = self
            .gathering
            .iter()
            .filter(|(_, g)| full || now.saturating_duration_since(g.since) >= PARTS_WITHIN)
            .min_by_key(|(_, gathered)| gathered.since)?;
        self.with_gaps(place.clone())
    }

    /// The next message of which the provider believes that we have a part, with its gaps: nobody
    /// will wait for the rest of it here any more.
    pub fn left(&mut self) -> Option<Joined> {
        let (place, _) = self.gathering.iter().find(|(_, gathered)| gathered.is_answered())?;
        self.with_gaps(place.clone())
    }

    fn with_gaps(&mut self, place: Place) -> Option<Joined> {
        let gathered = self.gathering.remove(&place)?;
        let text = self.join(&place, &gathered)?;
        Some(Joined { text, place, gathered, last: 0 })
    }

    fn join(&self, place: &Place, gathered: &Gathered) -> Option<Text> {
        let missing = (1..=place.total).any(|number| !gathered.pieces.contains_key(&number));
        let text = if missing {
            let mut text = String::new();
            for number in 1..=place.total {
                match gathered.pieces.get(&number) {
                    Some(piece) => text += &self.writing.read(gathered.data_coding, piece)?,
                    None if text.ends_with(GAP) => {}
                    None => text += GAP,
                }
            }
            text
        } else {
            // In one piece: a sender may have cut a character in two.
            let bytes: Vec<u8> = gathered.pieces.values().flatten().copied().collect();
            self.writing.read(gathered.data_coding, &bytes)?
        };
        Some(whole(place.from.clone(), place.to.clone(), text))
    }

    fn was_said(&mut self, digest: u64, now: Instant) -> bool {
        while let Some((at, _)) = self.said.front()
            && now.saturating_duration_since(*at) > SAME_WITHIN
        {
            self.said.pop_front();
        }
        self.said.iter().any(|(_, said)| *said == digest)
    }

    fn remember(&mut self, digest: u64, now: Instant) {
        if self.said.len() >= SAID_MAX {
            self.said.pop_front();
        }
        self.said.push_back((now, digest));
    }
}

fn whole(from: String, to: String, text: String) -> Text {
    let digest = hash64(&[b"text", from.as_bytes(), to.as_bytes(), text.as_bytes()]);
    Text { from, to, text, digest }
}

fn digest_part(place: &Place, number: u8, bytes: &[u8]) -> u64 {
    let [high, low] = place.reference.to_be_bytes();
    let place_in = [high, low, place.total, number];
    hash64(&[b"part", place.from.as_bytes(), place.to.as_bytes(), &place_in, bytes])
}

/// An address as people write it.
fn shown(address: &Address) -> String {
    let international = address.ton == 1 && !address.text.starts_with('+');
    let plus = if international { "+" } else { "" };
    format!("{plus}{}", address.text)
}

/// Who writes to us, as people write it.
fn sender(address: &Address, international: bool) -> String {
    if !(international && is_untyped(address)) {
        return shown(address);
    }
    // The prefix that is dialled in most of the world stands for the plus.
    format!("+{}", address.text.strip_prefix("00").unwrap_or(&address.text))
}

/// Whether an address is the number of a telephone whose country the provider does not name: it is
/// taken for one of the country that the namespace says, and may be somebody else's there.
pub fn is_untyped(address: &Address) -> bool {
    // Limit: numbers with a country have more digits than this; codes have fewer.
    let long = address.text.len() >= 7;
    // 1 says the country, 3, 5 and 6 are codes and letters (SMPP v3.4, 5.2.5).
    long && matches!(address.ton, 0 | 2 | 4) && address.text.bytes().all(|b| b.is_ascii_digit())
}

/// What joins a part with others: reference, parts, part.
type Part = (u16, u8, u8);

/// The header of a text, as far as it joins parts, and the rest. A header that does not fit is
/// text: nothing is lost.
fn split_header(message: &ShortMessage) -> (Option<Part>, &[u8]) {
    let content = message.content();
    if message.esm_class & esm::HEADER == 0 {
        return (None, content);
    }
    let Some((length, rest)) = content.split_first() else { return (None, content) };
    let Some((mut header, text)) = rest.split_at_checked(usize::from(*length)) else {
        return (None, content);
    };
    let mut part = None;
    while let [kind, length, rest @ ..] = header {
        let Some((value, rest)) = rest.split_at_checked(usize::from(*length)) else { break };
        header = rest;
        match (kind, value) {
            (0x00, [reference, total, number]) => {
                part = place(u16::from(*reference), *total, *number);
            }
            (0x08, [high, low, total, number]) => {
                part = place(u16::from_be_bytes([*high, *low]), *total, *number);
            }
            _ => {} // ports, languages and the like
        }
    }
    (part, text)
}

fn parameters(message: &ShortMessage) -> Option<Part> {
    let (Some([high, low]), Some([total]), Some([number])) = (
        message.tag(tag::SAR_MSG_REF_NUM),
        message.tag(tag::SAR_TOTAL_SEGMENTS),
        message.tag(tag::SAR_SEGMENT_SEQNUM),
    ) else {
        return None;
    };
    place(u16::from_be_bytes([*high, *low]), *total, *number)
}

fn place(reference: u16, total: u8, number: u8) -> Option<Part> {
    (total > 1 && (1..=total).contains(&number)).then_some((reference, total, number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn from_ana(text: &[u8]) -> ShortMessage {
        ShortMessage {
            from: Address { ton: 1, npi: 1, text: "34600000001".into() },
            to: Address { ton: 0, npi: 1, text: "21777".into() },
            text: text.to_vec(),
            ..ShortMessage::default()
        }
    }

    fn part(reference: u8, total: u8, number: u8, text: &str) -> ShortMessage {
        let header = [5, 0, 3, reference, total, number];
        let message = from_ana(&[&header[..], text.as_bytes()].concat());
        ShortMessage { esm_class: esm::HEADER, ..message }
    }

    /// What is told of a message, and that it was durable.
    fn tell(assembly: &mut Assembly, message: &ShortMessage, now: Instant) -> Option<String> {
        match assembly.offer(message, now) {
            Offered::Whole(text) => {
                assembly.told(&text, true, now);
                Some(text.text)
            }
            Offered::Joined(joined) => {
                let text = joined.text.text.clone();
                assembly.told_joined(joined, true, now);
                Some(text)
            }
            Offered::Repeated | Offered::Waits(_) | Offered::Nothing => None,
        }
    }

    #[test]
    fn a_text_is_told_once() {
        let mut assembly = Assembly::new(Writing::default(), false);
        let start = Instant::now();
        let Offered::Whole(text) = assembly.offer(&from_ana(b"STOP"), start) else { panic!() };
        assert_eq!((text.from.as_str(), text.to.as_str()), ("+34600000001", "21777"));
        // Not durable: the server says it again.
        assembly.told(&text, false, start);
        assert_eq!(tell(&mut assembly, &from_ana(b"STOP"), start).as_deref(), Some("STOP"));
        assert_eq!(tell(&mut assembly, &from_ana(b"STOP"), start), None);
        let later = start + SAME_WITHIN + Duration::from_secs(1);
        assert_eq!(tell(&mut assembly, &from_ana(b"STOP"), later).as_deref(), Some("STOP"));
    }

    #[test]
    fn a_number_has_its_country_where_the_provider_says_that_all_have() {
        let check = |(ton, text): (u8, &str), typed: &str, international: &str| {
            let from = Address { ton, npi: 1, text: text.into() };
            assert_eq!(sender(&from, false), typed, "{ton} {text}");
            assert_eq!(sender(&from, true), international, "{ton} {text}");
            let untyped = typed != international;
            assert_eq!(is_untyped(&from), untyped, "{ton} {text}");
        };
        check((1, "34600000001"), "+34600000001", "+34600000001");
        check((0, "34600000001"), "34600000001", "+34600000001");
        check((2, "0034600000001"), "0034600000001", "+34600000001");
        check((0, "+34600000001"), "+34600000001", "+34600000001");
        for code in [(0, "21777"), (3, "2177700"), (6, "2177700"), (5, "1234567"), (5, "BANK")] {
            check(code, code.1, code.1);
        }
    }

    #[test]
    fn parts_come_in_any_order_and_twice() {
        let mut assembly = Assembly::new(Writing::default(), false);
        let now = Instant::now();
        let mut tell = |message| tell(&mut assembly, &message, now);
        assert_eq!(tell(part(7, 3, 3, "c")), None);
        assert_eq!(tell(part(7, 3, 1, "a")), None);
        assert_eq!(tell(part(7, 3, 3, "c")), None);
        assert_eq!(tell(part(8, 3, 2, "other")), None);
        assert_eq!(tell(part(7, 3, 2, "b")).as_deref(), Some("abc"));
        assert_eq!(tell(part(7, 3, 2, "b")), None);
        assert_eq!(tell(part(7, 3, 1, "a")), None);
    }

    #[test]
    fn parameters_join_too_and_characters_may_be_cut() {
        let mut assembly = Assembly::new(Writing::default(), false);
        let now = Instant::now();
        let tags = |number: u8| {
            vec![
                (tag::SAR_MSG_REF_NUM, vec![1, 2]),
                (tag::SAR_TOTAL_SEGMENTS, vec![2]),
                (tag::SAR_SEGMENT_SEQNUM, vec![number]),
            ]
        };
        let half = |number, bytes: &[u8]| ShortMessage {
            data_coding: 8,
            tags: tags(number),
            ..from_ana(bytes)
        };
        assert_eq!(tell(&mut assembly, &half(2, b"\xde\x00"), now), None);
        let joined = tell(&mut assembly, &half(1, b"\xd8\x3d"), now);
        assert_eq!(joined.as_deref(), Some("😀"));
    }

    #[test]
    fn who_waits_is_answered_when_the_whole_is_durable() {
        let mut assembly = Assembly::new(Writing::default(), false);
        let now = Instant::now();
        let Offered::Waits(mut first) = assembly.offer(&part(1, 2, 1, "a"), now) else { panic!() };
        let Offered::Joined(joined) = assembly.offer(&part(1, 2, 2, "b"), now) else { panic!() };
        assert!(first.try_recv().is_err());
        assembly.told_joined(joined, false, now);
        assert_eq!(first.try_recv(), Ok(false));
        // The last one is sent again, and everything is there.
        assert_eq!(tell(&mut assembly, &part(1, 2, 2, "b"), now).as_deref(), Some("ab"));
    }

    #[test]
    fn what_was_answered_for_is_told_at_the_end() {
        let mut assembly = Assembly::new(Writing::default(), false);
        let now = Instant::now();
        let Offered::Waits(first) = assembly.offer(&part(1, 2, 1, "STOP"), now) else { panic!() };
        let Offered::Waits(_kept) = assembly.offer(&part(2, 2, 1, "x"), now) else { panic!() };
        // Nobody has answered for either: the provider says both again.
        assert!(assembly.left().is_none());
        drop(first);
        let left = assembly.left().unwrap();
        assert_eq!(left.text.text, "STOP[…]");
        // It could not be told: it is still there, and still ours to tell.
        assembly.told_joined(left, false, now);
        let left = assembly.left().unwrap();
        assembly.told_joined(left, true, now);
        assert!(assembly.left().is_none());
    }

    #[test]
    fn what_never_comes_leaves_a_gap() {
        let mut assembly = Assembly::new(Writing::default(), false);
        let now = Instant::now();
        for number in [1, 4] {
            assert_eq!(tell(&mut assembly, &part(1, 4, number, "STOP "), now), None);
        }
        assert!(assembly.overdue(now).is_none());
        let late = assembly.overdue(now + PARTS_WITHIN).unwrap();
        assert_eq!(late.text.text, "STOP […]STOP ");
        assembly.told_joined(late, true, now + PARTS_WITHIN);
        assert!(assembly.overdue(now + PARTS_WITHIN * 2).is_none());
    }

    proptest! {
        #[test]
        fn any_message_is_taken(
            text in proptest::collection::vec(any::<u8>(), 0..40),
            esm_class in any::<u8>(),
            data_coding in any::<u8>(),
        ) {
            let mut assembly = Assembly::new(Writing::default(), false);
            let message = ShortMessage { esm_class, data_coding, ..from_ana(&text) };
            let _ = assembly.offer(&message, Instant::now());
        }
    }
}
