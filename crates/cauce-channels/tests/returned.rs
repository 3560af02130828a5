//! The reader of what comes back, on 416 real mails and the verdicts of two versions of Sisimai.
//! The table is in the output: `cargo test -p cauce-channels --test returned -- --nocapture`.

use cauce_channels::email::returned::read;
use cauce_core::delivery::Cause;
use cauce_core::returned::{self, Progress, Returned};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the mails lie, if they do.
fn data() -> Option<PathBuf> {
    let shared = std::env::var("CAUCE_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    Some(shared.join("data/bounces")).filter(|folder| folder.is_dir())
}

/// The mails of a file: one, or those of a mailbox.
fn mails(folder: &Path, file: &str) -> Vec<Vec<u8>> {
    let raw = std::fs::read(folder.join(file)).unwrap();
    if !file.starts_with("mailbox/") {
        return vec![raw];
    }
    let mut mails: Vec<Vec<u8>> = Vec::new();
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        match line.starts_with(b"From ") {
            true => mails.push(Vec::new()),
            false => mails.last_mut().unwrap().extend(line),
        }
    }
    mails
}

/// Reasons of Sisimai and causes of ours that mean the same to a sender.
fn group_of_reason(reason: &str) -> &'static str {
    match reason {
        "userunknown" | "hasmoved" | "hostunknown" | "notaccept" => "recipient",
        "mailboxfull" | "suspend" => "mailbox",
        "expired" | "networkerror" | "systemerror" | "systemfull" | "toomanyconn" | "speeding"
        | "onhold" | "mailererror" => "transient",
        "mesgtoobig" | "exceedlimit" | "contenterror" | "syntaxerror" => "content",
        "feedback" | "vacation" | "delivered" => "none",
        "undefined" => "undetermined",
        _ => "blocked",
    }
}

fn group_of(cause: Cause) -> &'static str {
    match cause {
        Cause::InvalidRecipient | Cause::InvalidDomain => "recipient",
        Cause::Quota | Cause::Inactive => "mailbox",
        Cause::Transient | Cause::Expired | Cause::Throttled => "transient",
        Cause::Content => "content",
        Cause::Blocked | Cause::Configuration | Cause::Filtered => "blocked",
        Cause::Undetermined | Cause::OptedOut => "undetermined",
    }
}

#[derive(Default)]
struct Score {
    lines: u32,
    hardness: u32,
    false_hard: u32,
    missed_hard: u32,
    groups: u32,
    table: BTreeMap<(&'static str, &'static str), u32>,
    faults: Vec<String>,
}

fn weigh(score: &mut Score, line: &serde_json::Value, said: &Returned) {
    let verdict = &line["v5"];
    let (bounce, reason) = (verdict["bounce"].as_str().unwrap(), verdict["reason"].as_str());
    let reason = reason.unwrap();
    let hard = matches!(said, Returned::Bounce(bounce) if bounce.hard);
    let ours = match said {
        Returned::Bounce(bounce) => group_of(bounce.cause),
        Returned::Progress(Progress::Delayed) => "transient",
        Returned::Progress(_) | Returned::Complaint(_) | Returned::AutoReply | Returned::Reply => {
            "none"
        }
    };
    let theirs = group_of_reason(reason);
    score.lines += 1;
    *score.table.entry((theirs, ours)).or_default() += 1;
    score.groups += u32::from(theirs == ours);
    let agree = hard == (bounce == "hard");
    score.hardness += u32::from(agree);
    score.false_hard += u32::from(hard && !agree);
    score.missed_hard += u32::from(!hard && !agree);
    if !agree || theirs != ours {
        let mark = if agree { "reason" } else { "HARD" };
        let (file, address) = (&line["file"], &line["recipient"]);
        score.faults.push(format!("{mark} {bounce} {reason} {file} {address}: {said:?}"));
    }
}

#[test]
fn real_bounces_are_judged_as_others_judge_them() {
    let Some(folder) = data() else {
        assert!(std::env::var_os("CAUCE_SHARED").is_none(), "the shared data has no mails");
        println!("returned: did not run, the shared data is absent");
        return;
    };
    let verdicts = std::fs::read_to_string(folder.join("verdicts.jsonl")).unwrap();
    let mut score = Score::default();
    for line in verdicts.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        if line["consensus"] != true {
            continue;
        }
        let mails = mails(&folder, line["file"].as_str().unwrap());
        let raw = &mails[line["message"].as_u64().unwrap() as usize - 1];
        let said = returned::read(&read(raw), line["recipient"].as_str());
        weigh(&mut score, &line, &said);
    }
    score.faults.sort();
    score.faults.iter().for_each(|fault| println!("{fault}"));
    println!("\n{:12} {:12} lines", "Sisimai", "Cauce");
    for ((theirs, ours), count) in &score.table {
        println!("{theirs:12} {ours:12} {count}");
    }
    let per_cent = |count: u32| f64::from(count) * 100.0 / f64::from(score.lines);
    println!(
        "returned: {} lines, hard or not {:.1} %, falsely hard {} ({:.1} %), missed {} ({:.1} %), \
         reason groups {:.1} %",
        score.lines,
        per_cent(score.hardness),
        score.false_hard,
        per_cent(score.false_hard),
        score.missed_hard,
        per_cent(score.missed_hard),
        per_cent(score.groups)
    );
    assert_eq!(score.lines, 392);
    assert!(per_cent(score.hardness) >= 97.0);
    assert!(per_cent(score.false_hard) <= 1.0);
    assert!(per_cent(score.groups) >= 88.0);
}

#[test]
fn every_file_is_read_and_line_ends_change_nothing() {
    let Some(folder) = data() else {
        assert!(std::env::var_os("CAUCE_SHARED").is_none(), "the shared data has no mails");
        println!("returned: did not run, the shared data is absent");
        return;
    };
    let mut files = 0;
    for part in ["maildir/bsd", "maildir/dos", "maildir/mac", "maildir/err", "maildir/not"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let name = format!("{part}/{}", entry.unwrap().file_name().to_str().unwrap());
            for raw in mails(&folder, &name) {
                let _ = returned::read(&read(&raw), None);
                files += 1;
            }
        }
    }
    assert_eq!(mails(&folder, "mailbox/mbox-0").len(), 37);
    for raw in mails(&folder, "mailbox/mbox-0") {
        let _ = returned::read(&read(&raw), None);
    }
    let mut pairs = 0;
    for entry in std::fs::read_dir(folder.join("maildir/dos")).unwrap() {
        let name = entry.unwrap().file_name();
        let name = name.to_str().unwrap();
        let said = |part: &str| {
            let raw = std::fs::read(folder.join(part).join(name)).unwrap();
            returned::read(&read(&raw), None)
        };
        assert_eq!(said("maildir/dos"), said("maildir/mac"), "{name}");
        pairs += 1;
    }
    println!("returned: {files} files read, {pairs} pairs of CRLF and CR alike");
    assert_eq!((files, pairs), (402, 42));
}
