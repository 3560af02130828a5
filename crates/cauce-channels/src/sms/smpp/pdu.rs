//! SMPP 3.4 on the wire: what a command looks like in bytes, both ways.
//!
//! Source: Short Message Peer to Peer Protocol Specification v3.4, issue 1.2 (12 October 1999),
//! chapters 3 to 5. It is read as servers write it: texts that lack their final zero and fields
//! that are missing at the end of an answer are taken; lengths that do not fit are not.

use bytes::{BufMut, BytesMut};

/// The length of a header.
pub const HEADER_BYTES: usize = 16;
/// Limit: one command with everything in it. The largest that the protocol needs is a payload of
/// 64 KiB; more is a stream that is out of step.
pub const PDU_BYTES_MAX: usize = 64 * 1024 + 1024;
/// The highest sequence number; behind it follows 1.
pub const SEQUENCE_MAX: u32 = 0x7fff_ffff;
/// What makes a command's number that of its answer.
const ANSWER: u32 = 0x8000_0000;

/// Numbers of commands; an answer has the highest bit set.
pub mod command {
    /// Nobody could make sense of a command.
    pub const GENERIC_NACK: u32 = 0x8000_0000;
    /// Only what we are told.
    pub const BIND_RECEIVER: u32 = 0x01;
    /// Only what we send.
    pub const BIND_TRANSMITTER: u32 = 0x02;
    /// A message of ours.
    pub const SUBMIT_SM: u32 = 0x04;
    /// A message or a receipt for us.
    pub const DELIVER_SM: u32 = 0x05;
    /// The end of a session.
    pub const UNBIND: u32 = 0x06;
    /// Both ways.
    pub const BIND_TRANSCEIVER: u32 = 0x09;
    /// The server asks to be bound to.
    pub const OUTBIND: u32 = 0x0b;
    /// Is the other side there?
    pub const ENQUIRE_LINK: u32 = 0x15;
    /// A phone can be reached again.
    pub const ALERT_NOTIFICATION: u32 = 0x102;
    /// A message without the fields that are seldom used.
    pub const DATA_SM: u32 = 0x103;
}

/// Numbers of optional parameters.
pub mod tag {
    /// The name of the message that a receipt is about.
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
    /// What joins the parts of one message.
    pub const SAR_MSG_REF_NUM: u16 = 0x020c;
    /// Of how many parts a message is.
    pub const SAR_TOTAL_SEGMENTS: u16 = 0x020e;
    /// Which part this is, from 1.
    pub const SAR_SEGMENT_SEQNUM: u16 = 0x020f;
    /// The version of the other side.
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
    /// The network's own code of an error: kind of network, number.
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    /// A text that is too long for the ordinary field.
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    /// How a message stands.
    pub const MESSAGE_STATE: u16 = 0x0427;
}

/// Bits of `esm_class`.
pub mod esm {
    /// Which bits tell the kind of message.
    pub const KIND: u8 = 0x3c;
    /// A receipt of the server.
    pub const RECEIPT: u8 = 0x04;
    /// A notice on the way there.
    pub const INTERMEDIATE: u8 = 0x20;
    /// The text begins with a header.
    pub const HEADER: u8 = 0x40;
}

/// Bytes that are no SMPP: nothing behind them can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// One command or answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdu {
    /// Its number.
    pub command: u32,
    /// What an answer says; 0 in a command.
    pub status: u32,
    /// What ties an answer to its command.
    pub sequence: u32,
    /// The rest.
    pub body: Body,
}

/// Optional parameters in their order: number and value.
pub type Tags = Vec<(u16, Vec<u8>)>;

/// What a command says, by its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing: unbind, enquire_link, their answers, generic_nack.
    Empty,
    /// A bind.
    Bind(Bind),
    /// The answer to a bind: the other side's name.
    Bound {
        /// Its name.
        system_id: String,
        /// Optional parameters.
        tags: Tags,
    },
    /// submit_sm, deliver_sm and data_sm.
    Message(Box<ShortMessage>),
    /// Their answers.
    Named {
        /// The server's name for the message; empty in a refusal.
        id: String,
        /// Optional parameters.
        tags: Tags,
    },
    /// The server asks to be bound to.
    Outbind {
        /// Who it says it is.
        system_id: String,
        /// Its password.
        password: String,
    },
    /// A phone can be reached again.
    Alert {
        /// The phone.
        from: Address,
        /// To whom that is told.
        to: Address,
    },
    /// A command that we do not know, as it came.
    Other(Vec<u8>),
}

/// An address with how it is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Type of number.
    pub ton: u8,
    /// Numbering plan.
    pub npi: u8,
    /// Digits or letters.
    pub text: String,
}

/// Who asks for a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Bind {
    /// The name that the provider gave.
    pub system_id: String,
    /// Its password.
    pub password: String,
    /// What kind of system we are, if the provider asks.
    pub system_type: String,
    /// The version that we speak.
    pub version: u8,
    /// Which addresses are served.
    pub range: Address,
}

impl std::fmt::Debug for Bind {
    /// Without the password, which a log would keep.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bind").field("system_id", &self.system_id).finish_non_exhaustive()
    }
}

/// A message in either direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShortMessage {
    /// What the provider sells it as.
    pub service_type: String,
    /// Who writes.
    pub from: Address,
    /// To whom.
    pub to: Address,
    /// Kind of message, and whether the text begins with a header.
    pub esm_class: u8,
    /// What the network does with it; ours are 0.
    pub protocol_id: u8,
    /// How urgent.
    pub priority: u8,
    /// Not before; empty: at once.
    pub schedule: String,
    /// Not after; empty: as the server likes.
    pub validity: String,
    /// Which receipts are asked for.
    pub registered_delivery: u8,
    /// Whether it takes the place of an earlier one.
    pub replace_if_present: u8,
    /// In which alphabet.
    pub data_coding: u8,
    /// A text that the server keeps ready; ours are 0.
    pub default_message: u8,
    /// The text, behind a header if `esm_class` says so.
    pub text: Vec<u8>,
    /// Optional parameters.
    pub tags: Tags,
}

impl ShortMessage {
    /// An optional parameter.
    pub fn tag(&self, tag: u16) -> Option<&[u8]> {
        find(&self.tags, tag)
    }

    /// An optional parameter that is a text.
    pub fn text_tag(&self, tag: u16) -> Option<String> {
        self.tag(tag).map(words).filter(|text| !text.is_empty())
    }

    /// The text, wherever it is.
    pub fn content(&self) -> &[u8] {
        match self.tag(tag::MESSAGE_PAYLOAD) {
            Some(payload) if self.text.is_empty() => payload,
            Some(_) | None => &self.text,
        }
    }
}

/// An optional parameter among others.
fn find(tags: &Tags, tag: u16) -> Option<&[u8]> {
    tags.iter().find(|(number, _)| *number == tag).map(|(_, value)| &value[..])
}

impl Pdu {
    /// A command.
    pub fn new(command: u32, sequence: u32, body: Body) -> Pdu {
        Pdu { command, status: 0, sequence, body }
    }

    /// The answer to a command.
    pub fn answer(command: u32, sequence: u32, status: u32, body: Body) -> Pdu {
        Pdu { command: command | ANSWER, status, sequence, body }
    }

    /// Whether it answers something.
    pub fn is_answer(&self) -> bool {
        self.command & ANSWER != 0
    }

    /// Which command an answer answers.
    pub fn answered(&self) -> u32 {
        self.command & !ANSWER
    }

    /// Writes it behind what is there.
    pub fn write(&self, out: &mut BytesMut) {
        let start = out.len();
        out.put_u32(0);
        out.put_u32(self.command);
        out.put_u32(self.status);
        out.put_u32(self.sequence);
        write_body(out, self.answered(), &self.body);
        // Limit: what we compose is far below the largest command.
        let length = (out.len() - start) as u32;
        out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
}

fn write_body(out: &mut BytesMut, command: u32, body: &Body) {
    match body {
        Body::Empty => {}
        Body::Bind(bind) => {
            put_text(out, &bind.system_id);
            put_text(out, &bind.password);
            put_text(out, &bind.system_type);
            out.put_u8(bind.version);
            put_address(out, &bind.range);
        }
        Body::Bound { system_id, tags } => {
            put_text(out, system_id);
            put_tags(out, tags);
        }
        Body::Message(message) => put_message(out, command, message),
        Body::Named { id, tags } => {
            put_text(out, id);
            put_tags(out, tags);
        }
        Body::Outbind { system_id, password } => {
            put_text(out, system_id);
            put_text(out, password);
        }
        Body::Alert { from, to } => {
            put_address(out, from);
            put_address(out, to);
        }
        Body::Other(bytes) => out.put_slice(bytes),
    }
}

fn put_message(out: &mut BytesMut, command: u32, message: &ShortMessage) {
    put_text(out, &message.service_type);
    put_address(out, &message.from);
    put_address(out, &message.to);
    out.put_u8(message.esm_class);
    if command == command::DATA_SM {
        out.put_u8(message.registered_delivery);
        out.put_u8(message.data_coding);
        return put_tags(out, &message.tags);
    }
    out.put_u8(message.protocol_id);
    out.put_u8(message.priority);
    put_text(out, &message.schedule);
    put_text(out, &message.validity);
    out.put_u8(message.registered_delivery);
    out.put_u8(message.replace_if_present);
    out.put_u8(message.data_coding);
    out.put_u8(message.default_message);
    // Limit: a text that is longer goes into the payload; `compose` sees to that.
    let text = &message.text[..message.text.len().min(usize::from(u8::MAX))];
    out.put_u8(text.len() as u8);
    out.put_slice(text);
    put_tags(out, &message.tags);
}

/// A text with its final zero. One within would end it early, so it is left out; what is not
/// Latin-1 has no place in the protocol and becomes `?`.
fn put_text(out: &mut BytesMut, text: &str) {
    for letter in text.chars().filter(|letter| *letter != '\0') {
        out.put_u8(u8::try_from(u32::from(letter)).unwrap_or(b'?'));
    }
    out.put_u8(0);
}

fn put_address(out: &mut BytesMut, address: &Address) {
    out.put_u8(address.ton);
    out.put_u8(address.npi);
    put_text(out, &address.text);
}

fn put_tags(out: &mut BytesMut, tags: &Tags) {
    for (tag, value) in tags {
        let value = &value[..value.len().min(usize::from(u16::MAX))];
        out.put_u16(*tag);
        out.put_u16(value.len() as u16);
        out.put_slice(value);
    }
}

/// Reads the first command of a stream and how many bytes it took; `None` if it is not whole yet.
pub fn parse(bytes: &[u8]) -> Result<Option<(Pdu, usize)>, Malformed> {
    let mut head = Reader(bytes);
    let Some(length) = head.u32().map(|length| length as usize) else { return Ok(None) };
    if length < HEADER_BYTES {
        return Err(Malformed("a command is shorter than its header"));
    }
    if length > PDU_BYTES_MAX {
        return Err(Malformed("a command is longer than any may be"));
    }
    let Some(whole) = bytes.get(..length) else { return Ok(None) };
    let mut head = Reader(&whole[4..]);
    let (Some(command), Some(status), Some(sequence)) = (head.u32(), head.u32(), head.u32()) else {
        return Err(Malformed("a command is shorter than its header"));
    };
    let body = read_body(command, head.0)?;
    Ok(Some((Pdu { command, status, sequence, body }, length)))
}

fn read_body(command: u32, bytes: &[u8]) -> Result<Body, Malformed> {
    use self::command as c;
    const BIND_RECEIVER_RESP: u32 = c::BIND_RECEIVER | ANSWER;
    const BIND_TRANSMITTER_RESP: u32 = c::BIND_TRANSMITTER | ANSWER;
    const BIND_TRANSCEIVER_RESP: u32 = c::BIND_TRANSCEIVER | ANSWER;
    const SUBMIT_SM_RESP: u32 = c::SUBMIT_SM | ANSWER;
    const DELIVER_SM_RESP: u32 = c::DELIVER_SM | ANSWER;
    const DATA_SM_RESP: u32 = c::DATA_SM | ANSWER;
    const UNBIND_RESP: u32 = c::UNBIND | ANSWER;
    const ENQUIRE_LINK_RESP: u32 = c::ENQUIRE_LINK | ANSWER;
    let mut reader = Reader(bytes);
    let r = &mut reader;
    Ok(match command {
        // What stands behind is of no use and costs nothing.
        c::GENERIC_NACK | c::UNBIND | UNBIND_RESP | c::ENQUIRE_LINK | ENQUIRE_LINK_RESP => {
            Body::Empty
        }
        c::BIND_RECEIVER | c::BIND_TRANSMITTER | c::BIND_TRANSCEIVER => Body::Bind(Bind {
            system_id: r.text(),
            password: r.text(),
            system_type: r.text(),
            version: r.u8().unwrap_or_default(),
            range: r.address().unwrap_or_default(),
        }),
        // A refusal has no body in some servers and a whole one in others.
        BIND_RECEIVER_RESP | BIND_TRANSMITTER_RESP | BIND_TRANSCEIVER_RESP => {
            Body::Bound { system_id: r.text(), tags: r.tags()? }
        }
        SUBMIT_SM_RESP | DELIVER_SM_RESP | DATA_SM_RESP => {
            Body::Named { id: r.text(), tags: r.tags()? }
        }
        c::SUBMIT_SM | c::DELIVER_SM => Body::Message(Box::new(r.message()?)),
        c::DATA_SM => Body::Message(Box::new(r.data()?)),
        c::OUTBIND => Body::Outbind { system_id: r.text(), password: r.text() },
        c::ALERT_NOTIFICATION => Body::Alert {
            from: r.address().unwrap_or_default(),
            to: r.address().unwrap_or_default(),
        },
        _ => Body::Other(bytes.to_vec()),
    })
}

/// Bytes as Latin-1, up to the first zero.
fn words(bytes: &[u8]) -> String {
    bytes.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

const SHORT: Malformed = Malformed("a message is shorter than its fields");

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn bytes(&mut self, length: usize) -> Option<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    /// A text up to its zero, or up to the end.
    fn text(&mut self) -> String {
        let end = self.0.iter().position(|byte| *byte == 0);
        let (text, rest) = match end {
            Some(end) => (&self.0[..end], &self.0[end + 1..]),
            None => (self.0, &[][..]),
        };
        self.0 = rest;
        words(text)
    }

    fn address(&mut self) -> Option<Address> {
        Some(Address { ton: self.u8()?, npi: self.u8()?, text: self.text() })
    }

    fn tags(&mut self) -> Result<Tags, Malformed> {
        let mut tags = Tags::new();
        while !self.0.is_empty() {
            let (Some(tag), Some(length)) = (self.u16(), self.u16()) else {
                // One zero too many behind a text is common and harmless.
                if self.0.iter().all(|byte| *byte == 0) {
                    break;
                }
                return Err(Malformed("an optional parameter is cut off"));
            };
            let Some(value) = self.bytes(usize::from(length)) else {
                return Err(Malformed("an optional parameter is cut off"));
            };
            tags.push((tag, value.to_vec()));
        }
        Ok(tags)
    }

    fn message(&mut self) -> Result<ShortMessage, Malformed> {
        let mut message = ShortMessage {
            service_type: self.text(),
            from: self.address().ok_or(SHORT)?,
            to: self.address().ok_or(SHORT)?,
            esm_class: self.u8().ok_or(SHORT)?,
            protocol_id: self.u8().ok_or(SHORT)?,
            priority: self.u8().ok_or(SHORT)?,
            schedule: self.text(),
            validity: self.text(),
            registered_delivery: self.u8().ok_or(SHORT)?,
            replace_if_present: self.u8().ok_or(SHORT)?,
            data_coding: self.u8().ok_or(SHORT)?,
            default_message: self.u8().ok_or(SHORT)?,
            text: Vec::new(),
            tags: Tags::new(),
        };
        let length = self.u8().ok_or(SHORT)?;
        let text = self.bytes(usize::from(length));
        message.text = text.ok_or(Malformed("a text is shorter than it says"))?.to_vec();
        message.tags = self.tags()?;
        Ok(message)
    }

    fn data(&mut self) -> Result<ShortMessage, Malformed> {
        Ok(ShortMessage {
            service_type: self.text(),
            from: self.address().ok_or(SHORT)?,
            to: self.address().ok_or(SHORT)?,
            esm_class: self.u8().ok_or(SHORT)?,
            registered_delivery: self.u8().ok_or(SHORT)?,
            data_coding: self.u8().ok_or(SHORT)?,
            tags: self.tags()?,
            ..ShortMessage::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(pdu: &Pdu) -> BytesMut {
        let mut bytes = BytesMut::new();
        pdu.write(&mut bytes);
        assert_eq!(parse(&bytes), Ok(Some((pdu.clone(), bytes.len()))));
        for end in 0..bytes.len() {
            assert_eq!(parse(&bytes[..end]), Ok(None), "whole after {end} bytes");
        }
        bytes
    }

    #[test]
    fn commands_read_as_they_were_written() {
        let address = |text: &str| Address { ton: 1, npi: 1, text: text.into() };
        let message = ShortMessage {
            from: Address { ton: 5, npi: 0, text: "CAUCE".into() },
            to: address("34600000001"),
            esm_class: esm::HEADER,
            validity: "000001000000000R".into(),
            registered_delivery: 1,
            text: b"\x05\x00\x03\x01\x02\x01hola".to_vec(),
            tags: vec![(tag::SAR_MSG_REF_NUM, vec![0, 7])],
            ..ShortMessage::default()
        };
        let sent = Body::Message(Box::new(message.clone()));
        let bytes = check(&Pdu::new(command::SUBMIT_SM, 9, sent));
        // By hand, after the tables of the specification.
        assert_eq!(&bytes[..16], b"\0\0\0\x51\0\0\0\x04\0\0\0\0\0\0\0\x09");
        assert_eq!(&bytes[16..33], b"\0\x05\0CAUCE\0\x01\x01346000");
        let data = ShortMessage {
            protocol_id: 0,
            validity: String::new(),
            text: Vec::new(),
            ..message.clone()
        };
        check(&Pdu::new(command::DATA_SM, 1, Body::Message(Box::new(data))));
        let bind = Bind {
            system_id: "cauce".into(),
            password: "secret".into(),
            system_type: "".into(),
            version: 0x34,
            range: Address::default(),
        };
        assert!(!format!("{bind:?}").contains("secret"));
        check(&Pdu::new(command::BIND_TRANSCEIVER, 1, Body::Bind(bind)));
        let named = Body::Named { id: "1a".into(), tags: vec![] };
        check(&Pdu::answer(command::SUBMIT_SM, SEQUENCE_MAX, 0x58, named));
        check(&Pdu::answer(0, 3, 3, Body::Empty));
        check(&Pdu::new(command::ENQUIRE_LINK, 3, Body::Empty));
        check(&Pdu::new(0x21, 3, Body::Other(vec![1, 2, 3])));
        let alert = Body::Alert { from: address("1"), to: address("2") };
        check(&Pdu::new(command::ALERT_NOTIFICATION, 3, alert));
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let refused = |bytes: &[u8]| assert!(parse(bytes).is_err(), "{bytes:?}");
        refused(&[0, 0, 0, 0]);
        refused(&[0, 0, 0, 15]);
        refused(&[0, 2, 0, 0]);
        refused(&[255, 255, 255, 255]);
        let whole = |command: u32, body: &[u8]| {
            let mut bytes = BytesMut::new();
            Pdu::new(command, 1, Body::Other(body.to_vec())).write(&mut bytes);
            bytes
        };
        refused(&whole(command::DELIVER_SM, b"\0\x01\x01"));
        let head = b"\0\x01\x011\0\x01\x012\0\0\0\0\0\0\0\0\0\0";
        assert!(parse(&whole(command::DELIVER_SM, &[head, &b"\x02ab"[..]].concat())).is_ok());
        refused(&whole(command::DELIVER_SM, &[head, &b"\x03ab"[..]].concat()));
        // The value of the optional parameter is one byte short.
        let cut = [head, &b"\x02ab\x00\x1e\x00\x02x"[..]].concat();
        refused(&whole(command::DELIVER_SM, &cut));
        // One zero too many is no parameter.
        assert!(parse(&whole(command::DELIVER_SM, &[head, &b"\x02ab\0"[..]].concat())).is_ok());
    }

    #[test]
    fn answers_may_lack_what_they_do_not_need() {
        let named = |bytes: &[u8]| match parse(bytes) {
            Ok(Some((Pdu { body: Body::Named { id, .. }, .. }, _))) => id,
            other => panic!("{other:?}"),
        };
        assert_eq!(named(b"\0\0\0\x10\x80\0\0\x04\0\0\0\x58\0\0\0\x01"), "");
        assert_eq!(named(b"\0\0\0\x12\x80\0\0\x04\0\0\0\0\0\0\0\x01ab"), "ab");
        assert_eq!(named(b"\0\0\0\x13\x80\0\0\x04\0\0\0\0\0\0\0\x01ab\0"), "ab");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn any_body_is_read_or_refused(
            command in prop_oneof![0u32..0x20, 0x100u32..0x110, 0x8000_0000u32..0x8000_0020],
            body in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let mut bytes = BytesMut::new();
            Pdu::new(command, 1, Body::Other(body)).write(&mut bytes);
            if let Ok(read) = parse(&bytes) {
                let (pdu, length) = read.expect("it is whole");
                prop_assert_eq!(length, bytes.len());
                // What was understood is written and read once more as it was.
                let mut again = BytesMut::new();
                pdu.write(&mut again);
                let twice = parse(&again).expect("our own bytes").expect("whole");
                prop_assert_eq!(twice.0, pdu);
            }
        }
    }
}
