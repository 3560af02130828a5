//! A mailbox that another server fills, polled.

use super::{address, report, suppressed};
use crate::world::*;

#[test]
fn a_maildir_is_read_and_what_is_not_ours_stays_unread() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["new", "cur", "tmp"] {
        std::fs::create_dir(folder.path().join(part)).unwrap();
    }
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start(&format!("mail-dir = \"{}\"", folder.path().display()));
    cauce.apply(&shop(smtp(sink.port)));
    people(&cauce, 2);
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let mail = sink.mails().into_iter().find(|mail| mail.to == address(0)).unwrap();
    let header = mail.header("cfbl-address").unwrap();
    let path = header.split(';').next().unwrap();
    // The oldest of all cannot be moved: its name has no room for the mark. It stops no other.
    let long = folder.path().join("new").join(format!("0.{}", "x".repeat(251)));
    std::fs::write(&long, "Return-Path: <ada@a.example>\nSubject: Hi\n\nHow are you?\n").unwrap();
    let gone = report(0, "failed", "5.1.1", "550 5.1.1 user unknown");
    let ours = format!("Return-Path: <>\nDelivered-To: {path}\n{gone}");
    std::fs::write(folder.path().join("new/1.a.host"), ours).unwrap();
    let other = "Return-Path: <ada@a.example>\nSubject: Hi\n\nHow are you?\n";
    std::fs::write(folder.path().join("new/2.b.host"), other).unwrap();
    let reason = wait_for(PATIENCE, "the suppression", || suppressed(&cauce, 0));
    assert_eq!(reason, "hard-bounce");
    wait_for(PATIENCE, "nothing in `new` but what cannot be moved", || {
        (std::fs::read_dir(folder.path().join("new")).unwrap().count() == 1).then_some(())
    });
    assert!(long.is_file());
    assert!(folder.path().join("cur/1.a.host:2,S").is_file());
    assert!(folder.path().join("cur/2.b.host:2,").is_file());
    assert_eq!(suppressed(&cauce, 1), None);
}
