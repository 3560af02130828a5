//! What SMTP servers say.

use cauce_channels::email::smtp::parse;

/// Where the client cuts what it shows.
const SHOWN_BYTES_MAX: usize = 1024;

/// A reply is read once it is complete, never earlier, whatever comes behind it, with bounds.
pub fn run(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some((reply, length))) = parse(rest) {
        assert!((1..=rest.len()).contains(&length), "{length} of {}", rest.len());
        assert!((200..600).contains(&reply.code), "{}", reply.code);
        assert!(rest[..length].ends_with(b"\n"), "a reply ends with its line");
        let alone = parse(&rest[..length]);
        assert_eq!(alone, Ok(Some((reply.clone(), length))), "what follows has changed it");
        // Bytes arrive in pieces. The ends of lines are where it could be taken for complete.
        for (at, byte) in rest[..length - 1].iter().enumerate() {
            if *byte == b'\n' || at < 8 || at + 8 > length {
                assert_eq!(parse(&rest[..at + 1]), Ok(None), "complete after {} bytes", at + 1);
            }
        }
        assert!(reply.text.len() <= 3 * length, "the text has grown");
        let shown = reply.shown();
        assert!(shown.len() <= SHOWN_BYTES_MAX && !shown.chars().any(char::is_control));
        if let Some(enhanced) = reply.enhanced() {
            assert!(matches!(enhanced.0, 2 | 4 | 5) && enhanced.1 < 1000 && enhanced.2 < 1000);
        }
        assert!(!(reply.is_positive() && reply.is_intermediate()));
        rest = &rest[length..];
    }
}
