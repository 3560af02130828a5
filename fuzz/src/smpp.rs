//! What SMPP servers say: commands, receipts, texts of people.

use cauce_channels::sms::smpp::pdu::{Body, HEADER_BYTES, PDU_BYTES_MAX, ShortMessage, esm, parse};
use cauce_channels::sms::smpp::{Alphabet, Assembly, IdForm, Offered, Writing, read_receipt};
use std::time::Instant;

/// The first byte chooses: a stream of commands, or the text of a receipt or of a person.
pub fn run(bytes: &[u8]) {
    let (choice, rest) = crate::choose(bytes, 3);
    match choice {
        0 => stream(rest),
        1 => receipt(rest),
        _ => parts(rest),
    }
}

/// A command is read once it is whole, never earlier, whatever comes behind it; what was understood
/// is written and read once more as it was.
fn stream(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some((pdu, length))) = parse(rest) {
        assert!((HEADER_BYTES..=rest.len().min(PDU_BYTES_MAX)).contains(&length), "{length}");
        let alone = parse(&rest[..length]);
        assert_eq!(alone, Ok(Some((pdu.clone(), length))), "what follows has changed it");
        for end in [0, 3, HEADER_BYTES - 1, length - 1] {
            assert!(!matches!(parse(&rest[..end.min(length - 1)]), Ok(Some(_))), "{end} bytes");
        }
        let mut again = Default::default();
        pdu.write(&mut again);
        match parse(&again) {
            Ok(Some((twice, _))) => assert_eq!(twice, pdu),
            other => panic!("our own bytes: {other:?}"),
        }
        if let Body::Message(message) = &pdu.body {
            heard(message);
        }
        rest = &rest[length..];
    }
}

fn receipt(bytes: &[u8]) {
    let message =
        ShortMessage { esm_class: esm::RECEIPT, text: bytes.to_vec(), ..ShortMessage::default() };
    heard(&message);
}

fn heard(message: &ShortMessage) {
    for form in [IdForm::Same, IdForm::AnswerHex, IdForm::ReceiptHex] {
        let Some(receipt) = read_receipt(message, form) else { continue };
        assert!(!receipt.id.is_empty() && !receipt.id.contains(char::is_whitespace));
        assert!(receipt.done.is_none_or(|done| matches!(done.len(), 10 | 12)));
        // A name in the form that is compared stays as it is.
        assert_eq!(IdForm::Same.of_answer(&receipt.id), receipt.id);
    }
    for alphabet in [Alphabet::Gsm, Alphabet::Latin1, Alphabet::Ia5] {
        let writing = Writing { alphabet, declared: false };
        let read = writing.read(message.data_coding, message.content());
        assert!(read.is_none_or(|text| text.len() <= 3 * message.content().len()));
    }
}

/// Parts in any order: nothing is told twice, and what waits is told once its time is over.
fn parts(bytes: &[u8]) {
    let mut assembly = Assembly::new(Writing::default(), false);
    let now = Instant::now().into();
    for piece in bytes.chunks(12) {
        let message = ShortMessage {
            esm_class: esm::HEADER,
            data_coding: piece[0] & 0x0b,
            text: piece[1..].to_vec(),
            ..ShortMessage::default()
        };
        match assembly.offer(&message, now) {
            Offered::Whole(text) => assembly.told(&text, true, now),
            Offered::Joined(joined) => assembly.told_joined(joined, true, now),
            Offered::Repeated | Offered::Waits(_) | Offered::Nothing => continue,
        }
        let again = assembly.offer(&message, now);
        assert!(matches!(again, Offered::Repeated), "it was told twice");
    }
    let late = now + cauce_channels::sms::smpp::PARTS_WITHIN;
    while let Some(joined) = assembly.overdue(late) {
        assembly.told_joined(joined, true, late);
    }
}
