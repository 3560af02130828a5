//! What mails say, by their parts.

use super::*;

fn mail(from: &str, subject: &str, text: &str) -> Mail {
    let headers = [("from", from), ("subject", subject)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Mail { headers: Fields(headers), texts: vec![text.to_owned()], ..Mail::default() }
}

fn check(mail: &Mail, about: Option<&str>, expected: &str) {
    let shown = match read(mail, about) {
        Returned::Bounce(bounce) => {
            format!("{} {}", if bounce.hard { "hard" } else { "soft" }, bounce.cause.as_str())
        }
        Returned::Progress(progress) => progress.as_str().to_owned(),
        Returned::Complaint(kind) => format!("complaint {kind}"),
        Returned::AutoReply => "auto-reply".to_owned(),
        Returned::Reply => "reply".to_owned(),
    };
    assert_eq!(shown, expected, "{mail:?}");
}

#[test]
fn plain_bounces_are_read_by_their_words() {
    let daemon = "MAILER-DAEMON@mx.example";
    let bounce = |text: &str| mail(daemon, "failure notice", text);
    let qmail = "Hi. This is the qmail-send program.\n\n<ada@a.example>:\n192.0.2.1 does not like \
                 recipient.\nRemote host said: 550 5.1.1 user unknown\n\n--- Below this line is a \
                 copy of the message.\n\nmailbox full";
    check(&bounce(qmail), Some("ada@a.example"), "hard invalid-recipient");
    let two = "<ada@a.example>: host said: 552 5.2.2 mailbox full\n<bob@b.example>: host said: 550 \
               5.1.1 user unknown\n";
    check(&bounce(two), Some("ada@a.example"), "soft quota");
    check(&bounce(two), Some("BOB@b.example"), "hard invalid-recipient");
    let after = "<ada@a.example>: host said: 550 user unknown (in reply to end of DATA command)";
    check(&bounce(after), None, "soft filtered");
    check(&bounce("<ada@a.example>: connection timed out"), None, "soft transient");
    check(&bounce("it did not work"), None, "soft undetermined");
    check(&mail(daemon, "Delivery delayed", "<a@b.example>: timed out"), None, "delayed");
}

#[test]
fn what_is_no_bounce_is_none() {
    check(&mail("Ada <ada@a.example>", "Re: your offer", "I like it"), None, "reply");
    check(&mail("ada@a.example", "Re: Undelivered Mail", "550 5.1.1"), None, "reply");
    check(&mail("ada@a.example", "Abwesenheitsnotiz: Hallo", "bis Montag"), None, "auto-reply");
    // Answers to a mail of ours whose subject sounds like a bounce's.
    let away = "Automatic reply: Delivery status of order 12";
    check(&mail("ada@a.example", away, "this address does not exist"), None, "auto-reply");
    check(&mail("ada@a.example", "AW: Delivery status of order 12", "danke"), None, "reply");
    let mut automatic = mail("ada@a.example", "Hallo", "mailbox full");
    automatic.headers.0.push(("auto-submitted".into(), "auto-replied".into()));
    check(&automatic, None, "auto-reply");
    let jmrp = mail("staff@hotmail.com", "complaint about message from 192.0.2.1", "");
    check(&jmrp, None, "complaint abuse");
    let mut loops = mail("fbl@a.example", "FW: Hi", "This is an abuse report");
    loops.feedback_report = Some(Fields::read("Feedback-Type: Not-Spam\nVersion: 1\n"));
    check(&loops, None, "complaint not-spam");
    assert!(complains("abuse") && !complains("not-spam") && !complains("auth-failure"));
}

#[test]
fn a_report_is_about_its_recipients() {
    let block = |address: &str, action: &str, status: &str, said: &str| {
        Fields::read(&format!(
            "Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n\
             Diagnostic-Code: smtp; {said}\n"
        ))
    };
    let mut report = mail("postmaster@mx.example", "Delivery Status", "");
    report.statuses = vec![
        Fields::read("Reporting-MTA: dns; mx.example"),
        block("ada@a.example", "failed", "5.1.1", "550 5.1.1 no such user"),
        block("bob@b.example", "failed", "5.7.1", "550 5.7.1 rejected, see rbl.example"),
        block("eve@e.example", "delayed", "4.4.1", "connection timed out"),
    ];
    check(&report, Some("Ada@a.example"), "hard invalid-recipient");
    check(&report, Some("bob@b.example"), "soft blocked");
    check(&report, Some("eve@e.example"), "delayed");
    // It is not known which of them is meant: the mildest.
    check(&report, Some("other@a.example"), "delayed");
    report.statuses.truncate(2);
    check(&report, Some("other@a.example"), "hard invalid-recipient");
    // The class of the status and that of the answer: the milder one.
    report.statuses[1] = block("ada@a.example", "failed", "4.0.0", "550 no such user");
    check(&report, None, "soft invalid-recipient");
}

#[test]
fn codes_are_found_among_other_numbers() {
    let check = |text: &str, code: u16, status: Option<(u8, u16, u16)>| {
        let status = status.map(|(class, subject, detail)| Enhanced(class, subject, detail));
        assert_eq!(codes(text), (code, status), "{text}");
    };
    check("550 5.1.1 user unknown", 550, Some((5, 1, 1)));
    check("550-5.7.26 The MAIL FROM domain", 550, Some((5, 7, 26)));
    check("5.1.0 - Unknown address error 550-'5.2.2 <a@b>... Full'", 550, Some((5, 2, 2)));
    check("mx.example[192.0.2.25] said: 421 try later", 421, None);
    check("connect to 5.2.2.1: timed out after 550kB in 4500 ms", 0, None);
    check("sorry, no mailbox here (#5.1.1)", 0, Some((5, 1, 1)));
    check("version 5.1.1a of 550example", 0, None);
    check("", 0, None);
}
