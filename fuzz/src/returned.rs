//! Mail that comes in: any bytes, as a mail and as the SMTP conversation that brings one.

use cauce_channels::email::returned::{MAIL_BYTES_MAX, read};
use cauce_core::ids::MessageId;
use cauce_core::returned::{self, Mail, Returned, TEXT_BYTES_MAX};
use cauce_server::inbound::session::{Content, Desk, Session, Step};

/// Tries bytes.
pub fn run(bytes: &[u8]) {
    match super::choose(bytes, 2) {
        (0, rest) => mail(rest),
        (_, rest) => conversation(rest),
    }
}

fn mail(bytes: &[u8]) {
    let mail = quietly(bytes);
    for about in [None, Some("ada@a.example")] {
        if let Returned::Bounce(bounce) = returned::read(&mail, about) {
            assert!(bounce.text.len() <= TEXT_BYTES_MAX, "{}", bounce.text);
            let temporary = bounce.status.is_some_and(|status| status.0 != 5);
            assert!(!(bounce.hard && temporary), "{bounce:?}");
        }
    }
    assert!(mail.clues().len() < MAIL_BYTES_MAX);
    // What ends lines says nothing, as long as only one thing does.
    if !bytes.contains(&b'\r') {
        let old: Vec<u8> =
            bytes.iter().map(|byte| if *byte == b'\n' { b'\r' } else { *byte }).collect();
        assert_eq!(returned::read(&mail, None), returned::read(&quietly(&old), None));
    }
}

/// Reads a mail without the hook by which libFuzzer ends at every panic: the library's own are
/// caught where it is called.
fn quietly(bytes: &[u8]) -> Mail {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mail = read(bytes);
    std::panic::set_hook(hook);
    mail
}

fn conversation(bytes: &[u8]) {
    let desk = |address: &str| address.starts_with("b-").then_some(Desk::Return(MessageId(1)));
    let mut session = Session::new("mx.example", true);
    let mut rest = bytes;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len() - 1) + 1;
        let (line, behind) = rest.split_at(end);
        rest = behind;
        match session.line(line.strip_suffix(b"\r\n").unwrap_or(line), &desk) {
            Step::Say(said) | Step::Secure(said) => assert!(said.ends_with("\r\n"), "{said}"),
            Step::End(_) => return,
            Step::Content(_) => {
                let mut whole = Content::keeping(64);
                let mut pieces = Content::keeping(64);
                let end = whole.take(rest);
                let parts = rest[..end.unwrap_or(rest.len())].chunks(1);
                let ends = parts.filter(|part| pieces.take(part).is_some()).count();
                assert_eq!((ends, &whole.kept), (usize::from(end.is_some()), &pieces.kept));
                assert!(!session.taken().desks.is_empty());
                rest = &rest[end.unwrap_or(rest.len())..];
            }
        }
    }
}
