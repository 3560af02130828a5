//! From a rendered text message to the submissions that carry it.

use super::pdu::{Address, ShortMessage, esm, tag};
use super::text::Writing;
use cauce_core::message::content::sms::{Encoding, Sms};
use cauce_core::sms::{Limits, split};
use cauce_core::time::Timestamp;

/// How the parts of one message are joined again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Joining {
    /// By a header in the text with a reference of 8 bits.
    #[default]
    Header,
    /// By a header in the text with a reference of 16 bits, which leaves room for one septet less.
    LongHeader,
    /// By optional parameters, from which the server makes the header.
    Parameters,
    /// Not at all: the server gets the whole text and cuts it itself.
    Payload,
}

/// How long a message may be tried, as it is told to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validity {
    /// As a span from now.
    #[default]
    Relative,
    /// As an instant in UTC.
    Absolute,
    /// Not at all: as the provider likes.
    Silent,
}

/// Type of number and numbering plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Type of number.
    pub ton: u8,
    /// Numbering plan.
    pub npi: u8,
}

/// How a provider wants addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plans {
    /// A number with its country.
    pub number: Plan,
    /// A sender of letters.
    pub letters: Plan,
    /// A short code.
    pub short_code: Plan,
}

impl Default for Plans {
    /// What the specification says (5.2.5, 5.2.6): international and E.164; alphanumeric; for a
    /// short code network-specific.
    fn default() -> Plans {
        Plans {
            number: Plan { ton: 1, npi: 1 },
            letters: Plan { ton: 5, npi: 0 },
            short_code: Plan { ton: 3, npi: 0 },
        }
    }
}

impl Plans {
    /// An address as the provider wants it: digits without a plus sign, or letters.
    fn address(&self, text: &str) -> Address {
        let (plan, text) = match text.strip_prefix('+') {
            Some(digits) => (self.number, digits),
            None if text.chars().all(|c| c.is_ascii_digit()) => (self.short_code, text),
            None => (self.letters, text),
        };
        Address { ton: plan.ton, npi: plan.npi, text: text.to_owned() }
    }
}

/// How messages are written for one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Its alphabet.
    pub writing: Writing,
    /// How parts are joined.
    pub joining: Joining,
    /// How long a message may be tried.
    pub validity: Validity,
    /// How it wants addresses.
    pub plans: Plans,
    /// What the provider sells messages as; most leave it empty.
    pub service_type: String,
    /// Whether receipts can be heard.
    pub receipts: bool,
}

/// Limit: parts of one message; the number of parts has one octet in every form.
const PARTS_MAX: usize = 255;
/// Limit: the text of one payload.
const PAYLOAD_BYTES_MAX: usize = 64_000;
/// Limit: what an ordinary text field holds in the air.
const OCTETS_MAX: usize = 140;

/// The submissions of a message, in order; at least one. `reference` joins them.
pub fn compose(
    form: &Form,
    sms: &Sms,
    reference: u16,
    now: Timestamp,
) -> Result<Vec<ShortMessage>, String> {
    let base = ShortMessage {
        service_type: form.service_type.clone(),
        from: form.plans.address(&sms.from),
        to: form.plans.address(&sms.to),
        validity: validity(form.validity, now, sms.expires),
        registered_delivery: u8::from(sms.receipt && form.receipts),
        ..ShortMessage::default()
    };
    let encoding = form.writing.encoding(&sms.text, sms.encoding);
    if form.joining == Joining::Payload {
        return payload(form, sms, encoding, base).map(|message| vec![message]);
    }
    let texts = texts(form, sms, encoding);
    let total = match texts.len() {
        0 => return Err("the text is empty".to_owned()),
        total if total > PARTS_MAX => return Err(format!("the text has {total} parts")),
        total => total as u8,
    };
    let mut parts = Vec::with_capacity(texts.len());
    for (number, text) in (1..=total).zip(&texts) {
        let (data_coding, bytes) = form.writing.write(text, encoding);
        let mut part = ShortMessage { data_coding, ..base.clone() };
        if total > 1 {
            join(form.joining, &mut part, reference, (number, total));
        }
        part.text.extend(bytes);
        parts.push(part);
    }
    Ok(parts)
}

/// What each part says. The parts of the message are kept where they fit: a person saw them.
fn texts(form: &Form, sms: &Sms, encoding: Encoding) -> Vec<String> {
    let long = form.joining == Joining::LongHeader && sms.parts.len() > 1;
    if encoding == sms.encoding && !long && !sms.parts.is_empty() {
        return sms.parts.clone();
    }
    let limits = match long {
        true => Limits::long_reference(encoding),
        false => Limits::short_reference(encoding),
    };
    split(&sms.text, encoding, limits)
}

fn join(joining: Joining, part: &mut ShortMessage, reference: u16, place: (u8, u8)) {
    let (number, total) = place;
    let [high, low] = reference.to_be_bytes();
    match joining {
        // 3GPP TS 23.040, 9.2.3.24.1: length, kind, length, reference, parts, part.
        Joining::Header => part.text.extend([5, 0, 3, low, total, number]),
        // 9.2.3.24.8.
        Joining::LongHeader => part.text.extend([6, 8, 4, high, low, total, number]),
        Joining::Parameters => {
            part.tags.push((tag::SAR_MSG_REF_NUM, vec![high, low]));
            part.tags.push((tag::SAR_TOTAL_SEGMENTS, vec![total]));
            part.tags.push((tag::SAR_SEGMENT_SEQNUM, vec![number]));
        }
        Joining::Payload => {}
    }
    if matches!(joining, Joining::Header | Joining::LongHeader) {
        part.esm_class |= esm::HEADER;
    }
}

fn payload(
    form: &Form,
    sms: &Sms,
    encoding: Encoding,
    base: ShortMessage,
) -> Result<ShortMessage, String> {
    let (data_coding, bytes) = form.writing.write(&sms.text, encoding);
    if bytes.is_empty() {
        return Err("the text is empty".to_owned());
    }
    if bytes.len() > PAYLOAD_BYTES_MAX {
        return Err(format!("the text has {} bytes", bytes.len()));
    }
    let mut message = ShortMessage { data_coding, ..base };
    // What fits into one message needs no parameter, which some servers do not take.
    if bytes.len() <= OCTETS_MAX {
        message.text = bytes;
    } else {
        message.tags.push((tag::MESSAGE_PAYLOAD, bytes));
    }
    Ok(message)
}

/// Limit: the longest span that is told; months and years differ in length, so days are used.
const DAYS_MAX: i64 = 30;

/// YYMMDDhhmmsstnnp (SMPP v3.4, 7.1.1).
fn validity(validity: Validity, now: Timestamp, expires: Timestamp) -> String {
    let left = (expires.0.saturating_sub(now.0) / 1_000).clamp(60, DAYS_MAX * 86_400);
    match validity {
        Validity::Silent => String::new(),
        Validity::Relative => {
            let (days, rest) = (left / 86_400, left % 86_400);
            let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
            format!("0000{days:02}{hours:02}{minutes:02}{seconds:02}000R")
        }
        Validity::Absolute => {
            let end = now.0 / 1_000 + left;
            let (year, month, day) = date(end.div_euclid(86_400));
            let rest = end.rem_euclid(86_400);
            let (hours, minutes, seconds) = (rest / 3_600, rest / 60 % 60, rest % 60);
            let year = year.rem_euclid(100);
            format!("{year:02}{month:02}{day:02}{hours:02}{minutes:02}{seconds:02}000+")
        }
    }
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar: years begin in
/// March, so that the leap day is the last of its year, and repeat every 146,097 days.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::super::text::{Alphabet, coding};
    use super::*;
    use cauce_core::ids::MessageId;
    use cauce_core::sms::encoding_of;
    use std::collections::BTreeMap;

    pub fn sms(text: &str) -> Sms {
        let encoding = encoding_of(text);
        Sms {
            message: MessageId(1),
            from: "CAUCE".into(),
            to: "+34600000001".into(),
            text: text.into(),
            encoding,
            parts: split(text, encoding, Limits::short_reference(encoding)),
            expires: Timestamp(86_400_000),
            receipt: true,
            reference: "r".into(),
            extras: BTreeMap::new(),
        }
    }

    fn composed(form: &Form, text: &str) -> Vec<ShortMessage> {
        compose(form, &sms(text), 0x1234, Timestamp(0)).unwrap()
    }

    #[test]
    fn one_part_is_bare_and_several_are_joined() {
        let form = Form { receipts: true, ..Form::default() };
        let one = composed(&form, "hola");
        assert_eq!((one.len(), one[0].esm_class, one[0].registered_delivery), (1, 0, 1));
        assert_eq!(one[0].validity, "000001000000000R");
        let address = |ton, npi, text: &str| Address { ton, npi, text: text.into() };
        assert_eq!(one[0].from, address(5, 0, "CAUCE"));
        assert_eq!(one[0].to, address(1, 1, "34600000001"));
        let text = "x".repeat(307);
        let parts = composed(&form, &text);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0].text[..7], [5, 0, 3, 0x34, 3, 1, b'x']);
        assert_eq!(parts.iter().map(|p| p.text.len()).collect::<Vec<_>>(), [159, 159, 7]);
        assert!(parts.iter().all(|part| part.esm_class == esm::HEADER));
        let long = composed(&Form { joining: Joining::LongHeader, ..form.clone() }, &text);
        assert_eq!(long[2].text[..7], [6, 8, 4, 0x12, 0x34, 3, 3]);
        assert_eq!(long.iter().map(|p| p.text.len()).collect::<Vec<_>>(), [159, 159, 10]);
        let named = composed(&Form { joining: Joining::Parameters, ..form.clone() }, &text);
        assert_eq!(named[1].tag(tag::SAR_MSG_REF_NUM), Some(&[0x12, 0x34][..]));
        assert_eq!((named[1].esm_class, named[1].text.len()), (0, 153));
        let whole = composed(&Form { joining: Joining::Payload, ..form }, &text);
        assert_eq!((whole.len(), whole[0].text.len()), (1, 0));
        assert_eq!(whole[0].content(), text.as_bytes());
    }

    #[test]
    fn wider_alphabets_cut_anew() {
        let writing = Writing { alphabet: Alphabet::Ia5, declared: false };
        let form = Form { writing, ..Form::default() };
        // GSM 03.38 has ñ, ASCII has not: 100 of them are two parts of UTF-16 and were one.
        let parts = composed(&form, &"ñ".repeat(100));
        assert_eq!(parts.len(), 2);
        assert!(parts.iter().all(|p| p.data_coding == coding::UCS2 && p.text.len() <= 140));
        let emoji = composed(&Form::default(), &"😀".repeat(36));
        assert_eq!(emoji.iter().map(|p| p.text.len()).collect::<Vec<_>>(), [6 + 132, 6 + 12]);
        assert!(compose(&Form::default(), &sms(""), 0, Timestamp(0)).is_err());
    }

    #[test]
    fn validity_is_told_as_the_provider_wants_it() {
        let check = |how: Validity, now_s: i64, left_s: i64, expected: &str| {
            let (now, end) = (now_s * 1_000, (now_s + left_s) * 1_000);
            assert_eq!(validity(how, Timestamp(now), Timestamp(end)), expected);
        };
        check(Validity::Silent, 0, 60, "");
        check(Validity::Relative, 9, 90_061, "000001010101000R");
        check(Validity::Relative, 9, -5, "000000000100000R");
        check(Validity::Relative, 9, 1_000 * 86_400, "000030000000000R");
        check(Validity::Absolute, 1_795_975_200, 3_600, "261129190000000+");
        check(Validity::Absolute, 1_709_164_800, 86_400, "240301000000000+");
        check(Validity::Absolute, 1_709_164_800, 86_399, "240229235959000+");
    }
}
