//! What comes back by mail: to the listener of the real process, as mail servers, feedback loops
//! and people's programs send it.

mod exim;
#[allow(dead_code)] // the tests of the channels take more of it
#[path = "../../../../cauce-channels/tests/world/exim.rs"]
mod exim_server;
mod folder;
mod postfix;
mod tls;

use crate::world::*;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// A port that nothing listens at.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A process with a listener, and one letter to each of so many people.
struct Letters {
    cauce: Cauce,
    listener: u16,
    mails: Vec<Mail>,
}

impl Letters {
    fn sent(sink: &Sink, count: usize) -> Letters {
        let listener = free_port();
        let cauce = Cauce::start(&format!("mail-listen = \"127.0.0.1:{listener}\""));
        cauce.apply(&shop(smtp(sink.port)));
        people(&cauce, count);
        let run = cauce.start_campaign("monthly");
        cauce.done(run, PATIENCE);
        Letters { cauce, listener, mails: sink.mails() }
    }

    /// Where bounces of the letter to person `n` return.
    fn return_path(&self, n: usize) -> String {
        let mail = self.mails.iter().find(|mail| mail.to == address(n)).unwrap();
        let header = mail.header("cfbl-address").unwrap();
        header.split(';').next().unwrap().to_owned()
    }

    /// Brings a mail; the answer to its content, or to what was refused before it.
    fn bring(&self, from: &str, to: &str, content: &str) -> String {
        bring(self.listener, from, to, content)
    }

    fn suppressed(&self, n: usize) -> Option<String> {
        suppressed(&self.cauce, n)
    }

    /// Waits until person `n` is not written to.
    fn wait_suppressed(&self, n: usize) -> String {
        let what = format!("the suppression of {}", address(n));
        wait_for(PATIENCE, &what, || self.suppressed(n))
    }

    /// The kinds of reports of the letter to person `n`.
    fn reports(&self, n: usize) -> Vec<Value> {
        let id = self.cauce.messages(&address(n))[0]["id"].as_str().unwrap().to_owned();
        let message = self.cauce.get(&format!("/v1/messages/{id}"));
        message["reports"].as_array().unwrap().clone()
    }
}

/// Why person `n` is not written to.
fn suppressed(cauce: &Cauce, n: usize) -> Option<String> {
    let listed = cauce.get("/v1/suppressions?limit=1000");
    let items = listed["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["address"] == address(n).as_str())?;
    Some(found["reason"].as_str().unwrap().to_owned())
}

fn bring(port: u16, from: &str, to: &str, content: &str) -> String {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut read = BufReader::new(stream.try_clone().unwrap());
    let mut write = stream;
    let mut reply = || {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            read.read_line(&mut line).unwrap();
            all.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return all;
            }
        }
    };
    assert!(reply().starts_with("220 "));
    let commands =
        ["EHLO test".to_owned(), format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>")];
    for command in commands {
        write.write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let said = reply();
        if !said.starts_with('2') {
            return said;
        }
    }
    write.write_all(b"DATA\r\n").unwrap();
    assert!(reply().starts_with("354 "));
    let content = content.replace('\n', "\r\n").replace("\r\n.", "\r\n..");
    write.write_all(format!("{content}\r\n.\r\n").as_bytes()).unwrap();
    reply()
}

/// A report of RFC 3464 about person `n`.
fn report(n: usize, action: &str, status: &str, said: &str) -> String {
    let to = address(n);
    format!(
        "From: MAILER-DAEMON@mx.example\nTo: <>\nSubject: Undelivered Mail\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"x\"\n\n\
         --x\nContent-Type: text/plain\n\nIt is about <{to}>.\n\
         --x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\n\
         Diagnostic-Code: smtp; {said}\n--x--\n"
    )
}

/// A feedback report whose recipient was taken out (RFC 6590).
fn complaint(kind: &str) -> String {
    format!(
        "From: fbl@isp.example\nSubject: FW: News\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=\"x\"\n\n\
         --x\nContent-Type: text/plain\n\nThis is an email abuse report.\n\
         --x\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nVersion: 1\n\
         User-Agent: Loop/1\nOriginal-Rcpt-To: redacted@isp.example\n--x--\n"
    )
}

#[test]
fn what_comes_back_is_judged_by_its_reason_and_is_durable() {
    let sink = Sink::start(Script::default());
    let mut letters = Letters::sent(&sink, 9);
    let paths: Vec<String> = (0..9).map(|n| letters.return_path(n)).collect();
    let path = |n: usize| paths[n].clone();
    let taken = |said: String| assert!(said.starts_with("250 "), "{said}");

    let gone = report(0, "failed", "5.1.1", "550 5.1.1 user unknown");
    taken(letters.bring("", &path(0), &gone));
    let blocked = report(1, "failed", "5.7.1", "550 5.7.1 blocked using rbl.example");
    taken(letters.bring("", &path(1), &blocked));
    taken(letters.bring("", &path(2), &report(2, "delayed", "4.4.1", "connection timed out")));
    taken(letters.bring("fbl@isp.example", &path(3), &complaint("abuse")));
    taken(letters.bring("fbl@isp.example", &path(4), &complaint("not-spam")));
    let full = report(5, "failed", "5.2.2", "552 5.2.2 mailbox full");
    taken(letters.bring("", &path(5), &full));
    // Not a report by anybody who may make one.
    let gone = report(6, "failed", "5.1.1", "550 5.1.1 user unknown");
    taken(letters.bring("eve@evil.example", &path(6), &gone));
    let away = "From: p7@example.com\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBye";
    taken(letters.bring("", &path(7), away));
    // A loop that writes to an address that was agreed on, and quotes the message without its
    // recipient (RFC 6590).
    let mail = letters.mails.iter().find(|mail| mail.to == address(8)).unwrap();
    let quoted = format!(
        "{}--x\nContent-Type: message/rfc822\n\nFrom: hello@shop.example\nTo: redacted\n\
         List-Unsubscribe: {}\n\nHello\n--x--\n",
        complaint("abuse").trim_end().trim_end_matches("--x--"),
        mail.header("list-unsubscribe").unwrap()
    );
    taken(letters.bring("scomp@isp.example", "fbl@rp.shop.example", &quoted));
    let nobodys = complaint("abuse");
    taken(letters.bring("scomp@isp.example", "abuse@rp.shop.example", &nobodys));

    // The first two were answered when they were durable: a crash loses none.
    letters.cauce.kill();
    letters.cauce.again();
    assert_eq!(letters.wait_suppressed(0), "hard-bounce");
    assert_eq!(letters.wait_suppressed(3), "complaint");
    assert_eq!(letters.wait_suppressed(8), "complaint");
    for n in [1, 2, 4, 5, 6, 7] {
        assert_eq!(letters.suppressed(n), None, "{n}");
    }
    let shown = |n: usize| letters.reports(n).first().map(Value::to_string).unwrap_or_default();
    assert!(shown(1).contains("blocked"), "{}", shown(1));
    assert!(shown(2).contains("delayed"), "{}", shown(2));
    assert!(shown(5).contains("quota"), "{}", shown(5));
    assert!(shown(4).is_empty() && shown(6).is_empty());
    assert!(shown(7).contains("auto-reply"), "{}", shown(7));
    // Said twice, it is known once.
    let again = letters.return_path(1);
    taken(letters.bring("", &again, &blocked));
    assert_eq!(letters.reports(1).len(), 1);
}

#[test]
fn who_complains_still_gets_what_they_ask_for_and_who_is_gone_does_not() {
    let sink = Sink::start(Script::default());
    let mut letters = Letters::sent(&sink, 4);
    let abuse = complaint("abuse");
    assert!(letters.bring("fbl@isp.example", &letters.return_path(0), &abuse).starts_with("250 "));
    let gone = report(1, "failed", "5.1.1", "550 5.1.1 user unknown");
    assert!(letters.bring("", &letters.return_path(1), &gone).starts_with("250 "));
    assert_eq!(letters.wait_suppressed(0), "complaint");
    assert_eq!(letters.wait_suppressed(1), "hard-bounce");
    let only = json!({ "address": address(2), "reason": "by phone", "stops": "marketing" });
    assert_eq!(letters.cauce.post("/v1/suppressions", &only).status, 204);
    letters.cauce.kill();
    letters.cauce.again();

    let cauce = &letters.cauce;
    let shown = cauce.done(cauce.start_campaign("second"), PATIENCE);
    assert_eq!(term(&shown, "sent"), 1, "{shown}");
    assert_eq!(shown["balance"]["refusals"], json!({ "suppressed": 3 }), "{shown}");
    let ended = |n: usize, key: &str| {
        let asked = json!({ "template": "code", "to": { "email": address(n) },
            "payload": { "code": n }, "idempotency_key": key });
        assert_eq!(cauce.post("/v1/messages", &asked).status, 202);
        wait_for(PATIENCE, key, || {
            let last = cauce.messages(&address(n))[0].clone();
            let over = ["accepted", "refused"].contains(&last["state"]["state"].as_str()?);
            (last["template"]["name"] == "code" && over).then_some(last)
        })
    };
    for n in [0, 2, 3] {
        let code = ended(n, &format!("code {n}"));
        assert_eq!(code["state"]["state"], "accepted", "{code}");
    }
    let refused = ended(1, "code 1");
    assert_eq!(refused["state"]["state"], "refused", "{refused}");
    assert!(refused["why"].as_str().unwrap().contains("for everything"), "{refused}");
    let why = |n: usize| {
        let profile = cauce.get(&format!("/v1/profiles/email/{}", address(n)));
        profile["suppressions"][0]["why"].clone()
    };
    assert_eq!((&why(0)["stops"], &why(1)["stops"]), (&json!("marketing"), &json!("everything")));
    assert_eq!(why(2)["reason"], "manual-marketing", "{}", why(2));
    // Somebody says that nothing at all goes there.
    let all = json!({ "address": address(0), "reason": "by letter" });
    assert_eq!(cauce.post("/v1/suppressions", &all).status, 204);
    assert_eq!(ended(0, "code again")["state"]["state"], "refused");
}

#[test]
fn a_forged_address_is_refused_and_counted() {
    let sink = Sink::start(Script::default());
    let letters = Letters::sent(&sink, 2);
    let gone = report(0, "failed", "5.1.1", "550 5.1.1 user unknown");
    let path = letters.return_path(0);
    let (local, domain) = path.split_once('@').unwrap();
    let other = letters.return_path(1);
    // The name of one message with the signature of another; and one letter off.
    let mixed = format!(
        "{}.{}",
        local.split('.').next().unwrap(),
        other.split('@').next().unwrap().split('.').nth(1).unwrap()
    );
    let last = if local.ends_with('0') { "1" } else { "0" };
    let turned = format!("{}{last}", &local[..local.len() - 1]);
    let stolen = format!("u-{}", &local[2..]);
    for forged in [&mixed, &turned, &stolen, "hello", "b-", "b-."] {
        let said = letters.bring("", &format!("{forged}@{domain}"), &gone);
        assert!(said.starts_with("550 5.1.1"), "{forged}: {said}");
    }
    // Servers may change the case of what they answer to.
    let loud = path.to_uppercase();
    assert!(letters.bring("", &loud, &gone).starts_with("250 "));
    assert_eq!(letters.wait_suppressed(0), "hard-bounce");
    assert_eq!(letters.suppressed(1), None);
    let metrics = letters.cauce.ask("GET", "/metrics", "text/plain", b"").text;
    assert!(metrics.contains("mail stranger\"} 6"), "{metrics}");
    assert!(metrics.contains("mail bounce\"} 1"), "{metrics}");
}

#[test]
fn a_mail_unsubscribes_as_the_link_does() {
    let sink = Sink::start(Script::default());
    let letters = Letters::sent(&sink, 2);
    let mail = letters.mails.iter().find(|mail| mail.to == address(0)).unwrap();
    let header = mail.header("list-unsubscribe").unwrap();
    let to = header.split("mailto:").nth(1).unwrap().split(['>', '?']).next().unwrap();
    // A report that went astray is no wish.
    let astray = report(0, "failed", "5.1.1", "550 5.1.1 user unknown");
    assert!(letters.bring("", to, &astray).starts_with("250 "));
    let wish = "From: p0@example.com\nSubject: unsubscribe\n\nNo more, please.\n";
    assert!(letters.bring("p0@example.com", to, wish).starts_with("250 "));
    let run = letters.cauce.start_campaign("second");
    let shown = letters.cauce.done(run, PATIENCE);
    assert_eq!(term(&shown, "sent"), 1, "{shown}");
    assert_eq!(shown["balance"]["refusals"]["consent-withdrawn"], 1, "{shown}");
    assert_eq!(sink.to(&address(1)).len(), 2);
    assert_eq!(letters.suppressed(0), None);
}

#[test]
fn a_mass_of_bounces_is_held_and_undone() {
    let sink = Sink::start(Script::default());
    let letters = Letters::sent(&sink, 60);
    for n in 0..40 {
        let gone = report(n, "failed", "5.1.1", "550 5.1.1 user unknown");
        let said = letters.bring("", &letters.return_path(n), &gone);
        assert!(said.starts_with("250 "), "{said}");
    }
    let cauce = &letters.cauce;
    let held = wait_for(PATIENCE, "the guard", || {
        let held = cauce.get("/v1/suppressions/held");
        (held["count"] == 40).then_some(held)
    });
    assert_eq!(held["keepers"][0]["keeper"], "example.com", "{held}");
    assert_eq!((0..60).filter_map(|n| letters.suppressed(n)).count(), 0);
    wait_for(PATIENCE, "the overview says so", || {
        let said = cauce.get("/v1/overview")["attention"].to_string();
        said.contains("suppressions are held").then_some(())
    });
    // What comes meanwhile is held as well.
    let gone = report(50, "failed", "5.1.1", "550 5.1.1 user unknown");
    assert!(letters.bring("", &letters.return_path(50), &gone).starts_with("250 "));
    wait_for(PATIENCE, "one more that is held", || {
        (cauce.get("/v1/suppressions/held")["count"] == 41).then_some(())
    });
    let done = cauce.post("/v1/suppressions/held/example.com/undo", &Value::Null);
    assert_eq!((done.status, &done.json()["released"]), (200, &Value::from(41)), "{done:?}");
    assert_eq!(cauce.get("/v1/suppressions/held")["count"], 0);
    let run = cauce.start_campaign("second");
    assert_eq!(term(&cauce.done(run, PATIENCE), "sent"), 60);
}

#[test]
fn a_persons_answer_is_heard_of_and_a_machines_is_told_apart() {
    let sink = Sink::start(Script::default());
    let listener = free_port();
    let cauce = Cauce::start(&format!("mail-listen = \"127.0.0.1:{listener}\""));
    let mut all = shop(smtp(sink.port));
    all["definitions"]["senders"]["shop"] = serde_json::json!({
        "from": { "name": "Shop", "address": "hello@shop.example" },
        "reply-to": { "name": "Team", "address": "team@shop.example" }, "hear-answers": true });
    all["definitions"]["segments"]["talkers"] =
        serde_json::json!({ "rule": "messages(answered, template \"letter\", last 30d) >= 1" });
    cauce.apply(&all);
    people(&cauce, 3);
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let letters = Letters { cauce, listener, mails: sink.mails() };
    let heard = |n: usize| {
        let mail = letters.mails.iter().find(|mail| mail.to == address(n)).unwrap();
        let to = mail.header("reply-to").unwrap();
        let (team, ours) = to.split_once(',').unwrap();
        assert_eq!(team, "Team <team@shop.example>");
        ours.trim().trim_matches(['<', '>']).to_owned()
    };
    let taken = |said: String| assert!(said.starts_with("250 "), "{said}");
    let answer = "From: Ana <p0@example.com>\nSubject: Re: News\n\nYes, please.\n";
    taken(letters.bring("p0@example.com", &heard(0), answer));
    let away =
        "From: p1@example.com\nSubject: Re: News\nAuto-Submitted: auto-replied\n\nI am away.\n";
    taken(letters.bring("p1@example.com", &heard(1), away));
    let nobody = "From: p2@example.com\nSubject: Re: News\n\nYour mail was received.\n";
    taken(letters.bring("", &heard(2), nobody));
    wait_for(PATIENCE, "who answered", || {
        (letters.cauce.get("/v1/segments/talkers")["members"] == 1).then_some(())
    });
    for (n, wanted) in [(0, "answered"), (1, "auto-reply"), (2, "auto-reply")] {
        let reports = serde_json::Value::from(letters.reports(n)).to_string();
        assert!(reports.contains(wanted), "{n}: {reports}");
    }
    // A report that says it did not arrive comes to the other address, or is none.
    let gone = report(2, "failed", "5.1.1", "550 5.1.1 user unknown");
    taken(letters.bring("", &heard(2), &gone));
    let mut forged = heard(0);
    forged.replace_range(4..5, if forged.as_bytes()[4] == b'1' { "2" } else { "1" });
    assert!(letters.bring("p0@example.com", &forged, answer).starts_with("550 "));
    assert_eq!(letters.suppressed(2), None);
}
