//! Receipts: what became of a message, as servers write it: a line of text after appendix B of the
//! specification, or optional parameters, or both, or some of each.

use super::pdu::{ShortMessage, esm, tag};
use super::text;
use cauce_core::input::ReportKind;
use std::collections::BTreeSet;

/// How a message stands, in the words of the specification (5.2.28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// On its way.
    EnRoute,
    /// On the phone.
    Delivered,
    /// Its time has passed.
    Expired,
    /// Somebody took it back.
    Deleted,
    /// It cannot be delivered.
    Undeliverable,
    /// Somebody took it for the phone.
    Accepted,
    /// Nobody knows.
    Unknown,
    /// It was turned away.
    Rejected,
}

impl State {
    fn by_number(number: u8) -> Option<State> {
        Some(match number {
            1 => State::EnRoute,
            2 => State::Delivered,
            3 => State::Expired,
            4 => State::Deleted,
            5 => State::Undeliverable,
            6 => State::Accepted,
            7 => State::Unknown,
            8 => State::Rejected,
            _ => return None,
        })
    }

    /// By the word of the text, of which seven letters are usual and fewer or more occur.
    fn by_word(word: &str) -> Option<State> {
        let upper = word.to_ascii_uppercase();
        let begins = |start: &str| upper.starts_with(start);
        Some(match () {
            () if begins("ENROU") || begins("BUFFER") => State::EnRoute,
            () if begins("DELIV") => State::Delivered,
            () if begins("EXPIR") => State::Expired,
            () if begins("DELET") || begins("CANCEL") => State::Deleted,
            () if begins("UNDEL") || begins("FAIL") => State::Undeliverable,
            () if begins("ACCEP") || begins("ACKED") => State::Accepted,
            () if begins("UNKNO") => State::Unknown,
            () if begins("REJEC") => State::Rejected,
            () => return None,
        })
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::EnRoute => "ENROUTE",
            State::Delivered => "DELIVRD",
            State::Expired => "EXPIRED",
            State::Deleted => "DELETED",
            State::Undeliverable => "UNDELIV",
            State::Accepted => "ACCEPTD",
            State::Unknown => "UNKNOWN",
            State::Rejected => "REJECTD",
        }
    }
}

/// In which form a provider writes its names for messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdForm {
    /// The same in the answer to a submission and in a receipt, but for case and leading zeros.
    #[default]
    Same,
    /// Hexadecimal in the answer, decimal in the text of a receipt.
    AnswerHex,
    /// Decimal in the answer, hexadecimal in the text of a receipt.
    ReceiptHex,
}

impl IdForm {
    /// The name in the answer to a submission, in the one form that is compared.
    pub fn of_answer(self, id: &str) -> String {
        match self {
            IdForm::AnswerHex => from_hex(id).unwrap_or_else(|| plain(id)),
            IdForm::Same | IdForm::ReceiptHex => plain(id),
        }
    }

    /// The name in the text of a receipt, in the one form that is compared.
    fn of_receipt(self, id: &str) -> String {
        match self {
            IdForm::ReceiptHex => from_hex(id).unwrap_or_else(|| plain(id)),
            IdForm::Same | IdForm::AnswerHex => plain(id),
        }
    }
}

fn from_hex(id: &str) -> Option<String> {
    let id = id.trim();
    let digits = id.strip_prefix("0x").or_else(|| id.strip_prefix("0X")).unwrap_or(id);
    u128::from_str_radix(digits, 16).ok().map(|number| number.to_string())
}

/// Lower case, without leading zeros, without white space.
fn plain(id: &str) -> String {
    let id: String = id.split_whitespace().collect::<Vec<_>>().concat().to_ascii_lowercase();
    let short = id.trim_start_matches('0');
    match (short.is_empty(), id.is_empty()) {
        (true, false) => "0".to_owned(),
        (true, true) | (false, _) => short.to_owned(),
    }
}

/// What a provider says later of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's name for it, in the form that is compared.
    pub id: String,
    /// How it stands.
    pub state: State,
    /// The network's code of the error, as it was written; of the text or of the parameter.
    pub error: Option<String>,
    /// When it was done, as it was written: 10 or 12 digits of the server's own clock. It is shown
    /// and not believed: nobody says in which zone that clock lives.
    pub done: Option<String>,
}

impl Receipt {
    /// What became of the message, if that is an end: on its way, taken by somebody else's system
    /// and "unknown" are none. `gone` are the provider's codes for a number that there is not; its
    /// states alone never say that.
    pub fn report(&self, gone: &BTreeSet<String>) -> Option<ReportKind> {
        match self.state {
            State::Delivered => Some(ReportKind::Delivered),
            State::Expired | State::Deleted | State::Undeliverable | State::Rejected => {
                let error = self.error.as_deref().unwrap_or_default();
                let shown = if error.is_empty() { "" } else { " err:" };
                let text = format!("{}{shown}{error}", self.state.as_str());
                Some(ReportKind::Bounced { text, hard: gone.contains(error) })
            }
            State::EnRoute | State::Accepted | State::Unknown => None,
        }
    }
}

/// Reads a receipt; `None` if the message is none, or does not say of what and how.
pub fn read(message: &ShortMessage, form: IdForm) -> Option<Receipt> {
    let kind = message.esm_class & esm::KIND;
    let content = text::latin1(message.content());
    let fields = Fields::read(&content);
    let tagged = message.text_tag(tag::RECEIPTED_MESSAGE_ID);
    let said = kind == esm::RECEIPT || kind == esm::INTERMEDIATE || tagged.is_some();
    // Some servers forget to say that it is a receipt. A text of a person does not begin so.
    let like_one = fields.id.is_some() && fields.state.is_some() && begins_with_id(&content);
    if !(said || like_one) {
        return None;
    }
    let by_tag = message.tag(tag::MESSAGE_STATE).and_then(|value| value.first().copied());
    let state = by_tag.and_then(State::by_number).or(fields.state)?;
    // The parameter repeats the answer to the submission; the text may have another form.
    let by_tag = tagged.map(|id| form.of_answer(&id)).filter(|id| !id.is_empty());
    let by_text = fields.id.as_deref().map(|id| form.of_receipt(id));
    let id = by_tag.or(by_text).filter(|id| !id.is_empty())?;
    let network = message.tag(tag::NETWORK_ERROR_CODE).and_then(network_error);
    Some(Receipt { id, state, error: fields.error.or(network), done: fields.done })
}

fn begins_with_id(content: &str) -> bool {
    let start = content.trim_start().as_bytes();
    start.len() > 3 && start[..3].eq_ignore_ascii_case(b"id:")
}

/// Kind of network and number: `3/34`.
fn network_error(value: &[u8]) -> Option<String> {
    match value {
        [kind, high, low] => Some(format!("{kind}/{}", u16::from_be_bytes([*high, *low]))),
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Fields {
    id: Option<String>,
    state: Option<State>,
    error: Option<String>,
    done: Option<String>,
}

/// The names of the fields, as servers write them, the longer ones first.
const NAMES: [&str; 8] =
    ["submit date:", "done date:", "dlvrd:", "stat:", "text:", "sub:", "err:", "id:"];

impl Fields {
    fn read(content: &str) -> Fields {
        let mut fields = Fields::default();
        let lower = content.to_ascii_lowercase();
        let mut at = 0;
        while at < lower.len() {
            let name = NAMES.iter().find(|name| {
                let within = at > 0 && lower.as_bytes()[at - 1].is_ascii_alphanumeric();
                !within && lower.is_char_boundary(at) && lower[at..].starts_with(**name)
            });
            let Some(name) = name else {
                at += 1;
                continue;
            };
            if *name == "text:" {
                break; // what follows is the message's own
            }
            let start = at + name.len();
            let value: &str = content[start..].trim_start_matches(' ');
            let start = content.len() - value.len();
            let end = value.find([' ', '\t', '\r', '\n', ';']).unwrap_or(value.len());
            let value = &value[..end];
            // An empty field: what follows is the next one's name.
            let next = NAMES.iter().any(|n| value.to_ascii_lowercase().starts_with(*n));
            if next || value.is_empty() {
                at = start;
                continue;
            }
            fields.put(name, value);
            at = start + end;
        }
        fields
    }

    /// The first of a name counts.
    fn put(&mut self, name: &str, value: &str) {
        // Limit: what a receipt says in one field.
        let short = || Some(value.chars().take(64).collect::<String>());
        match name {
            "id:" if self.id.is_none() => self.id = short(),
            "stat:" if self.state.is_none() => self.state = State::by_word(value),
            "err:" if self.error.is_none() => self.error = short(),
            "done date:" if self.done.is_none() && is_date(value) => self.done = short(),
            _ => {}
        }
    }
}

/// YYMMDDhhmm, with or without seconds.
fn is_date(value: &str) -> bool {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !matches!(value.len(), 10 | 12) {
        return false;
    }
    let number = |at: usize| value[at..at + 2].parse::<u8>().unwrap_or(u8::MAX);
    (1..=12).contains(&number(2)) && (1..=31).contains(&number(4)) && number(6) < 24
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn receipt(text: &str) -> ShortMessage {
        ShortMessage { esm_class: esm::RECEIPT, text: text.into(), ..ShortMessage::default() }
    }

    fn check(text: &str, expected: Option<(&str, State, Option<&str>)>) {
        let read = read(&receipt(text), IdForm::Same);
        let shown = read.as_ref().map(|r| (r.id.as_str(), r.state, r.error.as_deref()));
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn texts_of_the_wild_are_read() {
        use State::*;
        check(
            "id:0123456789 sub:001 dlvrd:001 submit date:2611291810 done date:2611291811 \
             stat:DELIVRD err:000 text:id:77 stat:REJECTD",
            Some(("123456789", Delivered, Some("000"))),
        );
        check("id:00ABCDEF stat:UNDELIV err:0x1B", Some(("abcdef", Undeliverable, Some("0x1B"))));
        check("ID:7 STAT:Expired", Some(("7", Expired, None)));
        check(
            "id:9f-2 sub: dlvrd: done date:261129181155 stat:REJECTD err:",
            Some(("9f-2", Rejected, None)),
        );
        check("stat:ACCEPTD id: 00 ", Some(("0", Accepted, None)));
        check("id:5 stat:ENROUTE", Some(("5", EnRoute, None)));
        check("id:5 stat:DELIVERED text:", Some(("5", Delivered, None)));
        check("id:5 stat:NONSENSE", None);
        check("stat:DELIVRD", None);
        check("valid:5 stat:DELIVRD", None);
        check("", None);
    }

    #[test]
    fn dates_of_both_lengths_are_kept_and_others_are_not() {
        let done = |date: &str| {
            let text = format!("id:1 submit date:2600000000 done date:{date} stat:DELIVRD");
            read(&receipt(&text), IdForm::Same).unwrap().done
        };
        for date in ["2611291810", "261129181059"] {
            assert_eq!(done(date).as_deref(), Some(date));
        }
        for date in ["26112918", "2613291810", "26112918105", "261129x810", "2611322410"] {
            assert_eq!(done(date), None, "{date}");
        }
    }

    #[test]
    fn parameters_go_before_the_text_and_do_without_it() {
        let mut message = receipt("id:1 stat:UNDELIV err:9");
        message.tags = vec![
            (tag::RECEIPTED_MESSAGE_ID, b"0A2B\0".to_vec()),
            (tag::MESSAGE_STATE, vec![2]),
            (tag::NETWORK_ERROR_CODE, vec![3, 0, 34]),
        ];
        let both = read(&message, IdForm::Same).unwrap();
        assert_eq!((both.id.as_str(), both.state), ("a2b", State::Delivered));
        assert_eq!(both.error.as_deref(), Some("9"));
        message.text.clear();
        message.esm_class = 0;
        let bare = read(&message, IdForm::Same).unwrap();
        assert_eq!(bare.error.as_deref(), Some("3/34"));
        // The parameter is in the answer's form, whatever the text's is.
        assert_eq!(read(&message, IdForm::AnswerHex).unwrap().id, "2603");
    }

    #[test]
    fn what_is_no_receipt_is_a_text() {
        let plain = |text: &str| ShortMessage { text: text.into(), ..ShortMessage::default() };
        assert!(read(&plain("STOP"), IdForm::Same).is_none());
        assert!(read(&plain("my id:5 stat:DELIVRD"), IdForm::Same).is_none());
        assert!(read(&plain("id:5 stat:DELIVRD err:000"), IdForm::Same).is_some());
    }

    #[test]
    fn only_ends_are_reported_and_only_some_codes_are_about_the_number() {
        let gone = BTreeSet::from(["001".to_owned()]);
        let report = |text: &str| read(&receipt(text), IdForm::Same).unwrap().report(&gone);
        assert_eq!(report("id:1 stat:DELIVRD err:000"), Some(ReportKind::Delivered));
        let bounced = |text: &str, hard| Some(ReportKind::Bounced { text: text.into(), hard });
        assert_eq!(report("id:1 stat:UNDELIV err:001"), bounced("UNDELIV err:001", true));
        assert_eq!(report("id:1 stat:EXPIRED err:11"), bounced("EXPIRED err:11", false));
        assert_eq!(report("id:1 stat:REJECTD"), bounced("REJECTD", false));
        for word in ["ENROUTE", "ACCEPTD", "UNKNOWN"] {
            assert_eq!(report(&format!("id:1 stat:{word}")), None);
        }
    }

    #[test]
    fn names_meet_in_one_form() {
        let check = |form: IdForm, answer: &str, receipt: &str| {
            assert_eq!(form.of_answer(answer), form.of_receipt(receipt), "{answer} {receipt}");
        };
        check(IdForm::Same, "0000123", "123");
        check(IdForm::Same, "aBcD", "00ABCD");
        check(IdForm::Same, "000", "0");
        check(IdForm::AnswerHex, "1A2B", "0000006699");
        check(IdForm::AnswerHex, "0x1a2b", "6699");
        check(IdForm::ReceiptHex, "6699", "1A2B");
        check(IdForm::AnswerHex, "not-hex", "NOT-HEX");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let message =
                ShortMessage { esm_class: 4, text: bytes, ..ShortMessage::default() };
            let _ = read(&message, IdForm::AnswerHex);
        }

        #[test]
        fn fields_in_any_order_are_found(
            order in Just(vec!["id:42", "stat:DELIVRD", "err:007", "sub:001"]).prop_shuffle(),
        ) {
            let found = read(&receipt(&order.join(" ")), IdForm::Same).unwrap();
            prop_assert_eq!(found.id.as_str(), "42");
            prop_assert_eq!(found.error.as_deref(), Some("007"));
        }
    }
}
