//! What the composer writes, read again.

use super::*;
use proptest::prelude::*;

fn email() -> Email {
    Email {
        message: MessageId(7),
        from: Mailbox { name: "Tienda R\u{ed}o".into(), address: "hola@r\u{ed}o.example".into() },
        reply_to: Some(Mailbox { name: "Help, please".into(), address: "h@example.com".into() }),
        heard_at: None,
        to: Mailbox { name: "Ana".into(), address: "Ana@example.net".into() },
        return_path: "b-1@rp.example.com".into(),
        subject: "Your order".into(),
        html: Some("<p>Hi</p>\n".into()),
        text: "Hi\n".into(),
        unsubscribe_url: Some("https://u.example.com/u/abc".into()),
        unsubscribe_mailto: Some("u-abc@example.com".into()),
        headers: vec![("List-Id".into(), "Fr\u{fc}h <news.example.com>".into())],
        domain: "example.com".into(),
        date: Timestamp(1_795_537_800_000),
        transactional: false,
        attachments: vec![],
    }
}

fn text_of(email: &Email) -> String {
    let composed = compose(email, &[]).unwrap();
    String::from_utf8(composed.bytes.to_vec()).unwrap()
}

#[test]
fn the_whole_message_is_as_written_here() {
    let check = "Date: Tue, 24 Nov 2026 16:30:00 +0000\r\n\
        From: =?utf-8?Q?Tienda_R=C3=ADo?= <hola@xn--ro-nja.example>\r\n\
        To: Ana <Ana@example.net>\r\n\
        Reply-To: \"Help, please\" <h@example.com>\r\n\
        Subject: Your order\r\n\
        Message-ID: <msg_00000000000000000000000007@example.com>\r\n\
        List-Unsubscribe: <https://u.example.com/u/abc>,\r\n <mailto:u-abc@example.com>\r\n\
        List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
        List-Id: =?utf-8?B?RnLDvGg=?=\r\n <news.example.com>\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative;\r\n boundary=\"=_msg_00000000000000000000000007\"\r\n\
        \r\n\
        --=_msg_00000000000000000000000007\r\n\
        Content-Type: text/plain; charset=us-ascii\r\n\
        Content-Transfer-Encoding: 7bit\r\n\r\nHi\r\n\
        --=_msg_00000000000000000000000007\r\n\
        Content-Type: text/html; charset=us-ascii\r\n\
        Content-Transfer-Encoding: 7bit\r\n\r\n<p>Hi</p>\r\n\
        --=_msg_00000000000000000000000007--\r\n";
    let written = text_of(&email());
    assert_eq!(written, check);
    assert_eq!(text_of(&email()), written, "a second attempt sends the same bytes");
}

#[test]
fn html_that_says_nothing_in_words_has_no_plain_part_beside_it() {
    let mut email = email();
    email.text = String::new();
    let alone = text_of(&email);
    assert!(alone.contains("\r\nContent-Type: text/html; charset=us-ascii\r\n"), "{alone}");
    assert!(alone.ends_with("\r\n\r\n<p>Hi</p>\r\n"), "{alone}");
    assert!(!alone.contains("text/plain") && !alone.contains("multipart"), "{alone}");
    email.html = Some("<img src=\"cid:a\">".into());
    email.attachments = vec![Attachment {
        name: "a.png".into(),
        kind: "image/png".into(),
        inline_id: Some("a".into()),
        bytes: vec![1],
    }];
    let shown = text_of(&email);
    assert!(shown.contains("multipart/related; type=\"text/html\""), "{shown}");
    assert!(!shown.contains("text/plain") && !shown.contains("alternative"), "{shown}");
}

#[test]
fn answers_go_to_whom_they_are_for_and_to_where_they_are_heard_of() {
    let mut email = email();
    email.heard_at = Some("a-1.ab@rp.example.com".into());
    let text = text_of(&email);
    let wanted = "\r\nReply-To: \"Help, please\" <h@example.com>,\r\n <a-1.ab@rp.example.com>\r\n";
    assert!(text.contains(wanted), "{text}");
    email.reply_to = None;
    let text = text_of(&email);
    let wanted = "<hola@xn--ro-nja.example>,\r\n <a-1.ab@rp.example.com>\r\n";
    assert!(text.contains(wanted), "who writes comes first: {text}");
    email.heard_at = Some("a>b@c.example".into());
    assert!(matches!(compose(&email, &[]), Err(Outcome::Unrenderable { .. })));
}

#[test]
fn transactional_messages_carry_no_list_headers() {
    let mut email = email();
    email.transactional = true;
    email.html = None;
    let text = text_of(&email);
    assert!(text.contains("\r\nAuto-Submitted: auto-generated\r\n"));
    assert!(!text.contains("List-Unsubscribe"));
    assert!(text.contains("\r\nContent-Type: text/plain; charset=us-ascii\r\n"));
}

#[test]
fn one_click_is_promised_only_over_https() {
    let mut email = email();
    email.unsubscribe_url = Some("http://127.0.0.1/u/a b<>,\u{e9}".into());
    let text = text_of(&email);
    assert!(text.contains("<http://127.0.0.1/u/a%20b%3C%3E%2C%C3%A9>"), "{text}");
    assert!(!text.contains("One-Click"));
    email.unsubscribe_url = Some("javascript:alert(1)".into());
    assert!(matches!(compose(&email, &[]), Err(Outcome::Unrenderable { .. })));
    email.unsubscribe_url = Some(format!("https://u/{}", "x".repeat(901)));
    assert!(matches!(compose(&email, &[]), Err(Outcome::Unrenderable { .. })));
}

#[test]
fn nothing_in_a_value_makes_a_header() {
    let mut email = email();
    email.subject = "a\r\nBcc: x@example.com\r\n\r\nbody\0".into();
    email.from.name = "b\r\nBcc: y@example.com".into();
    email.headers = vec![("X-Note".into(), "c\nBcc: z@example.com\u{2028}d\u{85}e".into())];
    email.unsubscribe_url = Some("https://u/\r\nBcc: q@example.com".into());
    let text = text_of(&email);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(!head.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{head}");
    assert_eq!(head.matches("\r\nFrom: ").count() + head.matches("\r\nSubject: ").count(), 2);
    for change in [
        |email: &mut Email| email.to.address = "a@b.c\r\nBcc: d@e.f".into(),
        |email: &mut Email| email.from.address = "a>@b.c".into(),
        |email: &mut Email| email.return_path = "a b@c.d".into(),
        |email: &mut Email| email.domain = "ex>ample.com".into(),
        |email: &mut Email| email.headers = vec![("Bcc".into(), "x".into())],
        |email: &mut Email| email.headers = vec![("From".into(), "x".into())],
        |email: &mut Email| email.headers = vec![("X: y\r\nZ".into(), "x".into())],
        |email: &mut Email| email.headers = vec![(String::new(), "x".into())],
    ] {
        let mut bad = self::email();
        change(&mut bad);
        assert!(matches!(compose(&bad, &[]), Err(Outcome::Unrenderable { .. })), "{bad:?}");
    }
}

#[test]
fn the_envelope_is_ascii_in_its_domains_and_knows_when_it_is_not_elsewhere() {
    let mut email = email();
    email.to.address = "J\u{f6}rg@stra\u{df}e.example".into();
    email.return_path = String::new();
    let composed = compose(&email, &[]).unwrap();
    assert_eq!(composed.recipient, "J\u{f6}rg@xn--strae-oqa.example");
    assert_eq!(composed.sender, "");
    assert!(composed.international);
    assert!(!compose(&self::email(), &[]).unwrap().international);
}

#[test]
fn dates_are_right_over_leap_years_and_ends_of_years() {
    let check = |at: &str, written: &str| {
        assert_eq!(date(at.parse().unwrap()), written);
    };
    check("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000");
    check("2000-02-29T23:59:59.999Z", "Tue, 29 Feb 2000 23:59:59 +0000");
    check("2024-12-31T12:00:00Z", "Tue, 31 Dec 2024 12:00:00 +0000");
    check("2100-03-01T00:00:01Z", "Mon, 01 Mar 2100 00:00:01 +0000");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn whatever_is_written_the_form_holds(
        subject in any::<String>(),
        name in ".{0,120}",
        text in "(?s).{0,600}",
        html in proptest::option::of("(?s)[a-z =.\r\n\t\u{4f60}]{0,600}"),
        value in any::<String>(),
    ) {
        let mut email = email();
        email.subject = subject;
        email.to.name = name.clone();
        email.from.name = name;
        email.text = text;
        email.html = html;
        email.headers = vec![("X-Note".into(), value)];
        let written = compose(&email, &[]).unwrap().bytes;
        prop_assert!(written.is_ascii() && !written.contains(&0));
        let written = std::str::from_utf8(&written).unwrap();
        prop_assert!(!written.replace("\r\n", "").contains(['\r', '\n']));
        prop_assert!(written.split("\r\n").all(|line| line.len() <= 998));
        let (head, body) = written.split_once("\r\n\r\n").unwrap();
        prop_assert!(head.split("\r\n").all(|line| !line.trim().is_empty()));
        prop_assert!(body.split("\r\n").all(|line| line.len() <= 76));
        let names: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        let expected = [
            "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "List-Unsubscribe",
            "List-Unsubscribe-Post", "X-Note", "MIME-Version", "Content-Type",
        ];
        prop_assert_eq!(&names[..11], &expected);
    }
}
