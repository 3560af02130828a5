//! A year of a real shop (UCI *Online Retail*, 541,909 rows) through the real process, against an
//! oracle that shares nothing with it: pandas reads the file and counts everything anew.
//!
//! - `the_whole_file`: the file as it is, imported by the command line, killed on the way, resumed,
//!   and imported again; members of all segments at the end.
//! - `ten_instants`, `shuffled_and_repeated`: the year in ten parts under a controlled clock, two
//!   instants exactly on the end of a window; with late orders, aliases that turn out to be one
//!   person, and retention between them. At each instant: members of all segments, and of the same
//!   segments published anew. The second run shuffles rows, says a third of them twice and each
//!   part again with the next, and publishes anew only at the end, so that nothing heals the live
//!   state on the way.
//! - `the_year_lived`: live events by day, two journeys and a monthly campaign into aiosmtpd, which
//!   takes, refuses, puts off and drops letters by a hash of the address, and whose record equals
//!   the ledger letter by letter and try by try; who was refused is suppressed from then on, and
//!   gets nothing; each term of every campaign counted again from
//!   its rows, its audience from the oracle; then the log of the stopped server, decided again,
//!   reaches the same hashes, from nothing and from a copy made in the middle of the year.
//!
//! `CAUCE_PYTHON` and the shared data are needed; without them the tests say that they did not run.

mod retail_world;

use retail_world::record::{Record, addresses};
use retail_world::{Server, Sink, definitions, log, oracle, outside};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

const SEGMENTS: [&str; 4] = ["big-spenders", "lapsed-regulars", "one-order", "buyers"];
const INBOX: &str = "channel: email\ncatch-all: {}\n";
/// Customers whose year is lived: all of the shop. `CAUCE_LIVED` says a smaller number.
const LIVED: &str = "4372";

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The first difference of two sets, if any.
fn difference(found: &BTreeSet<String>, wanted: &BTreeSet<String>) -> Option<String> {
    let more: Vec<_> = found.difference(wanted).take(5).collect();
    let less: Vec<_> = wanted.difference(found).take(5).collect();
    (!more.is_empty() || !less.is_empty()).then(|| {
        format!(
            "{} found, {} wanted; not wanted {more:?}, not found {less:?}",
            found.len(),
            wanted.len()
        )
    })
}

/// Compares the members of segments, whose names end with `suffix`, with what the oracle counted.
fn compare(server: &Server, suffix: &str, wanted: &Value, what: &str) {
    for segment in SEGMENTS {
        let wanted = &wanted[segment];
        for by in ["user_id", "anonymous_id"] {
            let path = format!("/v1/segments/{segment}{suffix}/members?limit=10000&by={by}");
            let answer = server.get(&path);
            assert_eq!(answer["count"], wanted["count"], "{what}: {segment}{suffix}");
            // A profile without such an alias is named by its id.
            let named = |name: &String| !name.starts_with("pro_");
            let found = texts(&answer["members"]).into_iter().filter(named).collect();
            if let Some(difference) = difference(&found, &texts(&wanted[by])) {
                panic!("{what}: {segment}{suffix} by {by}: {difference}");
            }
        }
    }
}

/// Publishes the segments under other names, and waits until they are built.
fn publish_anew(server: &Server, suffix: &str) {
    let names: Vec<String> = SEGMENTS.iter().map(|name| format!("{name}{suffix}")).collect();
    let mut segments = serde_json::Map::new();
    for (name, anew) in SEGMENTS.iter().zip(&names) {
        let rule = server.get(&format!("/v1/segments/{name}"))["rule"].clone();
        segments.insert(anew.clone(), json!({ "rule": rule }));
    }
    let request = json!({ "definitions": { "segments": segments } });
    server.post("/v1/definitions/apply", &request);
    let deadline = Instant::now() + Duration::from_secs(120);
    for name in &names {
        while server.get(&format!("/v1/segments/{name}"))["built"] != 1.0 {
            assert!(Instant::now() < deadline, "{name} is not built");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn the_whole_file() {
    let Some((file, python)) = outside("the_whole_file") else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let plan = oracle(&python, &["whole", file.to_str().unwrap(), out.to_str().unwrap()], out);
    let server = Server::start(&out.join("data"), plan["now"].as_str().unwrap());
    definitions(&out.join("definitions"), INBOX);
    server.apply(&out.join("definitions"));
    let done = kill_on_the_way(&server, &file, out);
    assert!(done > 0 && done < plan["events"].as_u64().unwrap(), "killed after {done} events");
    let counts = server.import(&file, &["--reject", "r", "--resume"]);
    let expected = json!({ "rows": plan["rows"], "accepted": plan["events"], "rejected": 0,
                           "identical": plan["identical"],
                           "skipped": { "nobody named": plan["nobody"] } });
    assert_eq!(counts, expected);
    assert_eq!(counts["rows"], 541_909);
    server.clock(&plan["now"]);
    let members = |name: &str| {
        texts(&server.get(&format!("/v1/segments/{name}/members?limit=10000"))["members"])
    };
    let check = || {
        for segment in SEGMENTS {
            let difference = difference(&members(segment), &texts(&plan["members"][segment]));
            assert_eq!(difference, None, "{segment}");
        }
    };
    check();
    // Again: nothing changes.
    assert_eq!(server.import(&file, &[])["accepted"], plan["events"]);
    server.clock(&plan["now"]);
    check();
    println!("members of {} segments after {} rows", SEGMENTS.len(), plan["rows"]);
}

/// Starts an import and kills it once something was acknowledged. Says how much.
fn kill_on_the_way(server: &Server, file: &Path, out: &Path) -> u64 {
    let map = format!("{}/../../examples/retail/import.yaml", env!("CARGO_MANIFEST_DIR"));
    let arguments = ["import", file.to_str().unwrap(), "--map", &map, "--reject", "r"];
    let mut child = server.spawn(&arguments);
    let state = out.join("r.state");
    while !state.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    child.wait().unwrap();
    let left: Value = serde_json::from_slice(&std::fs::read(state).unwrap()).unwrap();
    left["done"].as_u64().unwrap()
}

fn year_in_ten_parts(test: &str, variant: &str) {
    let Some((file, python)) = outside(test) else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let arguments = ["slices", file.to_str().unwrap(), out.to_str().unwrap(), variant];
    let plan = oracle(&python, &arguments, out);
    let instants = plan["instants"].as_array().unwrap();
    let server = Server::start(&out.join("data"), "2010-12-01T00:00:00Z");
    definitions(&out.join("definitions"), INBOX);
    server.apply(&out.join("definitions"));
    let mut rows = 0;
    for (step, instant) in instants.iter().enumerate() {
        let what = format!("{variant}, instant {step} ({})", instant["now"]);
        server.clock(&instant["now"]);
        let counts = server.import(&out.join(format!("{step}.csv.zst")), &[]);
        rows += counts["rows"].as_u64().unwrap();
        let extra = std::fs::read_to_string(out.join(format!("{step}.ndjson"))).unwrap();
        server.report(&extra, true);
        server.clock(&instant["now"]);
        if let Some(retention) = instant.get("retention") {
            server.post("/v1/retention", retention);
        }
        compare(&server, "", &instant["members"], &what);
        if variant == "ordered" || step + 1 == instants.len() {
            publish_anew(&server, &format!("-anew-{step}"));
            compare(&server, &format!("-anew-{step}"), &instant["members"], &what);
            compare(&server, "", &instant["members"], &what);
        }
        // What was published anew lives on like the first.
        if variant == "ordered" && step > 0 {
            compare(&server, "-anew-0", &instant["members"], &what);
        }
    }
    assert_eq!(rows, plan["rows"].as_u64().unwrap());
    assert_eq!(server.get("/v1/quarantine")["entries"], json!([]));
    println!("{variant}: {rows} rows, {} instants, {} segments", instants.len(), SEGMENTS.len());
}

#[test]
fn ten_instants() {
    year_in_ten_parts("ten_instants", "ordered");
}

#[test]
fn shuffled_and_repeated() {
    year_in_ten_parts("shuffled_and_repeated", "shuffled");
}

/// Waits until nothing that could be sent now waits or is on its way.
fn delivered(server: &Server, now: &Value) {
    let now = now.as_str().unwrap().replace("+00:00", "Z");
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let sending = server.get("/v1/sending");
        let due = |queue: &Value| queue["earliest"].as_str().is_some_and(|at| at <= &*now);
        let waiting = sending["queues"].as_array().unwrap().iter().any(due);
        if sending["in_flight"] == 0 && !waiting {
            return;
        }
        assert!(Instant::now() < deadline, "{now}: {sending}");
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Waits until there are so many campaigns, and all of them are as they should be.
fn campaigned(server: &Server, count: usize, fits: fn(&Value) -> bool) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let runs = server.get("/v1/campaigns")["runs"].as_array().unwrap().clone();
        if runs.len() == count && runs.iter().all(fits) {
            return runs;
        }
        assert!(Instant::now() < deadline && runs.len() <= count, "{count}: {runs:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Nothing of a campaign is left to be done.
fn done(run: &Value) -> bool {
    run["state"] == "done"
}

/// Everybody of a campaign has their message.
fn planned(run: &Value) -> bool {
    let balance = &run["balance"];
    balance["frozen"] == true && balance["planned"] == balance["target"]
}

#[test]
fn the_year_lived() {
    let Some((file, python)) = outside("the_year_lived") else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let lived = std::env::var("CAUCE_LIVED").unwrap_or_else(|_| LIVED.to_owned());
    let arguments = ["year", file.to_str().unwrap(), out.to_str().unwrap(), &lived];
    let plan = oracle(&python, &arguments, out);
    let days = plan["days"].as_array().unwrap();
    let record = out.join("record");
    let sink = Sink::start(&python, &record);
    let server = Server::start(&out.join("data"), "2010-12-01T00:00:00Z");
    let smtp = format!("smtp: {{ host: 127.0.0.1, port: {}, tls: none }}", sink.port);
    definitions(&out.join("definitions"), &format!("channel: email\n{smtp}\n"));
    server.apply(&out.join("definitions"));
    let mut targets = Vec::new();
    let mut backup = String::new();
    for (nth, day) in days.iter().enumerate() {
        if nth == days.len() / 2 {
            let answer = server.post("/v1/backups", &json!({}));
            backup = answer["file"].as_str().unwrap().to_owned();
        }
        server.clock(&day["now"]);
        delivered(&server, &day["now"]);
        if let Some(target) = day.get("target") {
            targets.push(target);
            campaigned(&server, targets.len(), planned);
            delivered(&server, &day["now"]);
            // What was put off comes again, and only then is the campaign done.
            let later = json!(day["now"].as_str().unwrap().replace("T09:00", "T09:10"));
            assert_ne!(later, day["now"], "campaigns start at nine");
            server.clock(&later);
            delivered(&server, &later);
            campaigned(&server, targets.len(), done);
        }
        let events = day["events"].as_array().unwrap();
        if !events.is_empty() {
            let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
            server.report(&lines, false);
            server.clock(&day["now"]);
        }
        delivered(&server, &day["now"]);
    }
    let runs = campaigned(&server, targets.len(), done);
    let ledger = ledger(&server);
    let record = Record::written(&record);
    check_record(&record, &ledger);
    check_suppressed(&record.gone(), &ledger);
    check_campaigns(&runs, &targets, &ledger);
    check_journeys(&server, &plan, &ledger);
    let data = server.stop();
    let stored = log(&data, &["hashes"]);
    let replayed = |arguments: &[&str]| {
        let said = log(&data, arguments);
        said.split_once('\n').unwrap().1.to_owned()
    };
    assert_eq!(stored, replayed(&["replay"]), "the log, decided again");
    let tail = replayed(&["replay", "--backup", &backup]);
    assert_eq!(stored, tail, "a copy of half the year and the tail of the log");
    println!("{lived} customers, {} instants, {} messages", days.len(), ledger.len());
}

/// The whole ledger.
fn ledger(server: &Server) -> Vec<Value> {
    let (status, lines) = server.ask("GET", "/v1/messages/export", "", "");
    assert_eq!(status, 200);
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The record of the mail server and the ledger say the same, term by term, and of every term
/// there was enough to say.
fn check_record(record: &Record, ledger: &[Value]) {
    let told = Record::told(ledger);
    for (what, written, told, term) in [
        ("taken", &record.taken, &told.taken, Some("sent")),
        ("refused", &record.refused, &told.refused, Some("failed")),
        ("dropped", &record.dropped, &told.dropped, Some("unknown")),
        ("deferred", &record.deferred, &told.deferred, None),
    ] {
        let of = |ends: &BTreeMap<(String, String), u32>| -> BTreeSet<String> {
            ends.iter().map(|((id, to), times)| format!("{id} to {to}: {times}")).collect()
        };
        let difference = difference(&of(told), &of(written));
        assert_eq!(difference, None, "{what}: the ledger, and the mail server's record");
        let times: u32 = written.values().sum();
        if let Some(term) = term {
            let rows = ledger.iter().filter(|message| message["term"] == term).count();
            assert_eq!(rows, times as usize, "{term} by the ledger, {what} by the mail server");
        }
        assert!(times >= 10, "{times} {what}: too few to compare");
        println!("{times} {what}, to {} addresses or of as many letters", written.len());
    }
    let twice: Vec<_> =
        record.taken.iter().chain(&record.dropped).filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "a letter came twice: {twice:?}");
    let both: Vec<_> =
        record.dropped.keys().filter(|letter| record.taken.contains_key(*letter)).collect();
    assert!(both.is_empty(), "a letter came again that may have been taken: {both:?}");
}

/// Whoever has no mailbox gets nothing from then on: what was granted before that was known may be
/// refused like the first; everything later is refused by us, as suppressed.
fn check_suppressed(gone: &BTreeSet<String>, ledger: &[Value]) {
    let addresses = addresses(ledger);
    let of = |message: &Value| addresses.get(message["profile"].as_str().unwrap()).cloned();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for message in ledger.iter().filter(|message| message["term"] == "failed") {
        let at = message["attempts"].as_array().unwrap().last().unwrap()["ended"]["at"].clone();
        let at = at.as_str().unwrap().to_owned();
        let first = known.entry(of(message).unwrap()).or_insert_with(|| at.clone());
        *first = at.min(first.clone());
    }
    assert_eq!(difference(&known.keys().cloned().collect(), gone), None, "failed and refused");
    let mut refused = 0;
    for message in ledger {
        let suppressed = message["state"]["reason"]["code"] == "suppressed";
        let since = of(message).and_then(|address| known.get(&address));
        let Some(since) = since else {
            assert!(!suppressed, "nobody refused it: {message}");
            continue;
        };
        let at = |value: &Value| value.as_str().unwrap().to_owned();
        for one in message["attempts"].as_array().unwrap() {
            assert!(at(&one["granted"]) <= *since, "written to after {since}: {message}");
        }
        let later = at(&message["created"]) > *since;
        assert!(suppressed || !later, "not suppressed since {since}: {message}");
        refused += usize::from(suppressed);
    }
    println!("{} addresses that are gone, {refused} letters that were kept from them", gone.len());
    assert!(refused >= 10, "{refused} letters were suppressed: too few to compare");
}

/// Each term of each campaign from its rows; its audience, and who of it may be written to, from
/// the oracle.
fn check_campaigns(runs: &[Value], targets: &[&Value], ledger: &[Value]) {
    let addresses = addresses(ledger);
    for term in ["failed", "unknown"] {
        let of = |run: &Value| run["balance"][term].as_u64().unwrap();
        assert!(runs.iter().map(of).sum::<u64>() > 0, "in no campaign was anything {term}");
    }
    // Newest first.
    for (run, target) in runs.iter().rev().zip(targets) {
        let target = target.as_object().unwrap();
        let balance = &run["balance"];
        let mine: Vec<&Value> = ledger
            .iter()
            .filter(|message| message["source"]["id"] == run["run"])
            .filter(|message| message["source"]["kind"] == "campaign")
            .collect();
        assert_eq!(balance["balances"], true, "{run}");
        assert_eq!(balance["target"], target.len(), "the oracle's audience: {run}");
        assert_eq!(balance["planned"], mine.len(), "{run}");
        for term in ["sent", "refused", "failed", "unknown", "pending"] {
            let rows = mine.iter().filter(|message| message["term"] == term).count();
            assert_eq!(balance[term], rows, "{term}: {run}");
        }
        let of = |said: &str| -> BTreeSet<String> {
            let of = target.iter().filter(|(_, found)| *found == said);
            of.map(|(who, _)| written(who)).collect()
        };
        let refused = |reason: &str| balance["refusals"][reason].as_u64().unwrap_or_default();
        // A suppression is about the address, and comes before what a person said.
        let gone: BTreeSet<String> = mine
            .iter()
            .filter(|message| message["state"]["reason"]["code"] == "suppressed")
            .map(|message| addresses[message["profile"].as_str().unwrap()].clone())
            .collect();
        assert_eq!(refused("suppressed"), gone.len() as u64, "{run}");
        let left = |said: &str| of(said).difference(&gone).count() as u64;
        assert_eq!(refused("no-consent"), of("never").len() as u64, "{run}");
        assert_eq!(refused("consent-withdrawn"), left("withdrawn"), "{run}");
        let granted = of("granted");
        let capped = refused("frequency-capped");
        let written_to = || mine.iter().filter(|message| message["term"] != "refused");
        let people: BTreeSet<String> = written_to().filter_map(|one| address(one)).collect();
        assert!(people.is_subset(&granted), "somebody who may not be written to: {run}");
        assert_eq!(people.len() as u64 + capped, left("granted"), "{run}");
        assert_eq!(people.len(), written_to().count(), "somebody twice: {run}");
    }
}

/// A customer's address.
fn written(who: &str) -> String {
    format!("c{who}@buyers.example")
}

/// To whom a message was tried.
fn address(message: &Value) -> Option<String> {
    let attempts = message["attempts"].as_array()?;
    Some(attempts.last()?["address"].as_str()?.to_owned())
}

/// Everybody who bought was thanked once (or refused for a reason), and every regular who lapsed,
/// and nobody else, was missed.
fn check_journeys(server: &Server, plan: &Value, ledger: &[Value]) {
    let profiles = |step: &str| -> Vec<String> {
        let of_step = ledger.iter().filter(|message| message["source"]["step"] == step);
        of_step.map(|message| message["profile"].as_str().unwrap().to_owned()).collect()
    };
    let known = |names: &Value| -> BTreeSet<String> {
        let profile = |who: &String| server.get(&format!("/v1/profiles/user_id/{who}"));
        texts(names).iter().map(|who| profile(who)["id"].as_str().unwrap().to_owned()).collect()
    };
    let thanks = profiles("thanks");
    let thanked: BTreeSet<String> = thanks.iter().cloned().collect();
    assert_eq!(thanked.len(), thanks.len(), "somebody was thanked twice");
    assert_eq!(difference(&thanked, &known(&plan["buyers"])), None, "thanked");
    let missed = profiles("miss-you").into_iter().collect();
    assert_eq!(difference(&missed, &known(&plan["lapsed"])), None, "missed");
}
