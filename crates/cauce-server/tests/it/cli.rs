//! The command line, as a stranger meets it.

mod import;

use crate::world::*;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Output, Stdio};

/// Runs the program in an empty folder.
fn run(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), arguments)
}

fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    cauce::command().args(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn help_names_every_command() {
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let text = out(&help);
    let commands = [
        "serve",
        "dev",
        "demo",
        "check",
        "plan",
        "apply",
        "send",
        "track",
        "explain",
        "why",
        "profile",
        "segments",
        "campaign",
        "suppress",
        "keys",
        "members",
        "secrets",
        "audit",
        "log",
        "config",
        "completions",
    ];
    for command in commands {
        assert!(text.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
        let own = run(&[command, "--help"]);
        assert_eq!(own.status.code(), Some(0), "{command}: {}", err(&own));
    }
    let version = run(&["--version"]);
    assert!(out(&version).starts_with("cauce 0."), "{version:?}");
    let nothing = run(&[]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(err(&nothing).contains("Usage"), "{nothing:?}");
}

#[test]
fn a_typo_gets_a_suggestion() {
    for (typo, meant) in [("segmnets", "segments"), ("campain", "campaign"), ("aply", "apply")] {
        let output = run(&[typo]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(err(&output).contains(meant), "{typo}: {}", err(&output));
    }
    let output = run(&["serve", "--confg", "x"]);
    assert!(err(&output).contains("--config"), "{}", err(&output));
}

#[test]
fn without_a_server_the_error_says_so() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = format!("http://127.0.0.1:{port}");
    let commands: [&[&str]; 6] = [
        &["segments"],
        &["campaign", "list"],
        &["keys", "list"],
        &["profile", "user_id=7"],
        &["track", "x", "--who", "user_id=7"],
        &["explain", "msg_1"],
    ];
    for command in commands {
        let output = run(&[command, &["--server", &server]].concat());
        assert_eq!(output.status.code(), Some(1), "{command:?}: {output:?}");
        let said = err(&output);
        assert!(said.starts_with("error: cannot reach"), "{command:?}: {said}");
        assert!(said.contains(&server) && said.contains("is it running?"), "{said}");
        assert!(!said.contains("panicked") && said.lines().count() <= 3, "{said}");
        assert_eq!(out(&output), "", "errors do not go to stdout");
    }
    let output = run(&["segments", "--server", "nonsense"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("http://"), "{}", err(&output));
    let output = run(&["serve", "--config", "absent.toml"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(err(&output).contains("absent.toml"), "{}", err(&output));
}

#[test]
fn answers_are_for_people_and_with_json_for_programs() {
    let sink = Sink::start(Script::default());
    let cauce = shop_of(3, &sink);
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let ask = |arguments: &[&str]| {
        run(&[arguments, &["--server", &server, "--key", &cauce.key]].concat())
    };
    let sent = ask(&["send", "code", "--to", "email=a@example.com", "--idempotency-key", "k"]);
    assert_eq!(sent.status.code(), Some(0), "{sent:?}");
    let id = out(&sent).trim().to_owned();
    assert!(id.starts_with("msg_"), "{id}");
    cauce.message_in(&id, "accepted");
    let started = ask(&["campaign", "start", "monthly", "--watch"]);
    assert_eq!(started.status.code(), Some(0), "{started:?}");
    assert!(out(&started).contains("sent 3"), "{}", out(&started));
    let commands: [&[&str]; 8] = [
        &["segments"],
        &["campaign", "list"],
        &["keys", "list"],
        &["profile", "user_id=p1"],
        &["explain", &id],
        &["why", "user_id=p1", "--segment", "everybody"],
        &["track", "seen", "--who", "user_id=p1"],
        &["send", "code", "--to", "email=a@example.com", "--idempotency-key", "k"],
    ];
    for command in commands {
        let people = ask(command);
        assert_eq!(people.status.code(), Some(0), "{command:?}: {people:?}");
        assert!(!out(&people).trim().is_empty(), "{command:?}");
        let programs = ask(&[&["--json"], command].concat());
        let parsed: Result<Value, _> = serde_json::from_slice(&programs.stdout);
        assert!(parsed.is_ok_and(|value| value.is_object()), "{command:?}: {programs:?}");
    }
    let wrong = run(&["segments", "--server", &server, "--key", "ca_wrong"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(err(&wrong).contains("the key is not known"), "{}", err(&wrong));
    let missing = ask(&["why", "user_id=p1", "--segment", "evrybody"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(err(&missing).contains("did you mean `everybody`"), "{}", err(&missing));
    let faulty = ask(&["send", "cod", "--to", "email=a@example.com"]);
    assert!(err(&faulty).contains("did you mean `code`"), "{}", err(&faulty));
}

#[test]
fn a_folder_of_definitions_is_checked_planned_and_applied() {
    let cauce = Cauce::start("");
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let shop = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop");
    let ask = |command: &str, folder: &str| {
        run(&[command, folder, "--server", &server, "--key", &cauce.key])
    };
    for command in ["check", "plan", "apply"] {
        let output = ask(command, shop);
        assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
    }
    assert!(out(&ask("plan", shop)).contains("nothing changes"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("segments")).unwrap();
    let file = folder.path().join("segments/bad.yaml");
    std::fs::write(&file, "rule: count(signed_up) >>= 1\n").unwrap();
    for command in ["check", "plan", "apply"] {
        let output = ask(command, folder.path().to_str().unwrap());
        assert_eq!(output.status.code(), Some(1), "{command}: {output:?}");
        let said = format!("{}{}", out(&output), err(&output));
        assert!(said.contains("bad"), "{command} names the definition: {said}");
    }
    std::fs::write(&file, "rule: [\n").unwrap();
    let output = ask("check", folder.path().to_str().unwrap());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(err(&output).contains("bad.yaml"), "{}", err(&output));
}

#[test]
fn a_reader_may_stop_early() {
    let cauce = Cauce::start("");
    let segments: serde_json::Map<String, Value> = (0..400)
        .map(|n| (format!("segment-{n}"), json!({ "rule": format!("count(event_{n}) >= 1") })))
        .collect();
    cauce.apply(&json!({ "definitions": { "segments": segments } }));
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let pipelines = [
        format!("{} segments --server {server} --key {} | head -1", cauce::PROGRAM, cauce.key),
        format!(
            "{} --json segments --server {server} --key {} | head -c 1",
            cauce::PROGRAM,
            cauce.key
        ),
        format!("{} completions bash | head -1", cauce::PROGRAM),
        format!("{} config show | head -1", cauce::PROGRAM),
        format!("{} --help | head -1", cauce::PROGRAM),
    ];
    for pipeline in pipelines {
        let script = format!("set -o pipefail; {pipeline} > /dev/null");
        let mut bash = std::process::Command::new("bash");
        let output = bash.args(["-c", &script]).output().unwrap();
        assert_eq!(err(&output), "", "{pipeline}");
        assert!(output.status.success(), "{pipeline}: {output:?}");
    }
}

#[test]
fn the_log_can_be_read_when_the_server_has_ended() {
    let mut cauce = Cauce::start("");
    for n in 0..20 {
        let event = json!({ "name": "seen", "user_id": format!("u{n}") }).to_string();
        assert_eq!(cauce.report(&event, "").status, 202);
    }
    let data = cauce.data().display().to_string();
    let busy = run(&["log", "dump", "--data", &data]);
    assert_eq!(busy.status.code(), Some(1), "{busy:?}");
    assert!(err(&busy).contains("is the server running?"), "{}", err(&busy));
    assert_eq!(cauce.end(), Some(0));
    let dump = out(&run(&["log", "dump", "--data", &data]));
    let entries: Vec<Value> =
        dump.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(entries.iter().filter(|entry| entry.to_string().contains("seen")).count() >= 20);
    let replayed = run(&["log", "replay", "--data", &data]);
    assert_eq!(replayed.status.code(), Some(0), "{replayed:?}");
    let again = run(&["log", "replay", "--data", &data]);
    assert_eq!(out(&replayed), out(&again), "the same log, the same decisions");
    let first = out(&replayed).lines().next().unwrap().to_owned();
    let same = first.rsplit("; ").next().unwrap().split(' ').next().unwrap();
    assert!(same.parse::<u32>().unwrap() > 5, "partitions decide as they did then: {first}");
    for command in ["replay", "hashes"] {
        let output = run(&["--json", "log", command, "--data", &data]);
        let said: Value = serde_json::from_slice(&output.stdout).expect(command);
        assert!(said["tables"].as_array().unwrap().len() > 5, "{said}");
    }
    let absent = run(&["log", "dump", "--data", "absent"]);
    assert!(err(&absent).contains("`absent` has no log"), "{}", err(&absent));
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let text = out(&output);
        assert!(text.contains("cauce") && text.contains("campaign"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("cauce.bash");
    std::fs::write(&script, run(&["completions", "bash"]).stdout).unwrap();
    let parsed = std::process::Command::new("bash").arg("-n").arg(&script).status().unwrap();
    assert!(parsed.success());
}

#[test]
fn the_configuration_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("cauce.toml"), text).unwrap();
    write("partitions = 3\nlisten = \"x\"\n");
    let output = run_in(folder.path(), &["config", "check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("partitions: 3") && err(&output).contains("listen"));
    write("partitons = 8\n");
    let output = run_in(folder.path(), &["config", "check"]);
    assert!(err(&output).contains("partitons"), "{}", err(&output));
    write("partitions = 8\n");
    let output = run_in(folder.path(), &["config", "check"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = run_in(folder.path(), &["--json", "config", "check"]);
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert!(said["clean"] == true && said["warnings"].is_array(), "{said}");
    let shown = run_in(folder.path(), &["--json", "config", "show"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["partitions"], 8);
}

#[test]
fn a_folder_is_checked_without_a_server() {
    for example in ["shop", "retail"] {
        let folder = format!("{}/../../examples/{example}", env!("CARGO_MANIFEST_DIR"));
        let output = run(&["check", &folder]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(out(&output).contains("no faults"), "{output:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("campaigns")).unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("campaigns/a.yaml"), text).unwrap();
    write("audience: [nobody]\ntemplate: t\n");
    let output = run(&["--json", "check", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(said["diagnostics"].to_string().contains("unknown-segment"), "{said}");
    write("audiense: [nobody]\ntemplate: t\n");
    let output = run(&["check", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(out(&output).contains("audiense"), "{output:?}");
}

#[test]
fn sending_is_shown_before_anybody_resumes_it() {
    let sink = Sink::start(Script::default());
    let cauce = shop_of(1, &sink);
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let ask = |arguments: &[&str]| {
        run(&[arguments, &["--server", &server, "--key", &cauce.key]].concat())
    };
    let paused = ask(&["sending", "--pause", "a holiday"]);
    assert!(out(&paused).contains("a holiday"), "{paused:?}");
    let shown = ask(&["sending"]);
    assert!(out(&shown).contains("paused: a holiday"), "{shown:?}");
    assert_eq!(cauce.get("/v1/sending")["paused"], "a holiday", "looking resumes nothing");
    assert_eq!(ask(&["sending", "--pause", "x", "--resume"]).status.code(), Some(2));
    let resumed = ask(&["--json", "sending", "--resume"]);
    let said: Value = serde_json::from_slice(&resumed.stdout).unwrap();
    assert_eq!(said["paused"], Value::Null, "{said}");
    let said = ask(&["--json", "suppress", "x@example.com"]);
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(said["suppressed"], true);
    assert_eq!(ask(&["keys", "make", "k", "--scope", "all"]).status.code(), Some(2));
}

#[test]
fn an_event_can_state_consent() {
    let cauce = Cauce::start("");
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let track = |arguments: &[&str]| {
        let usual =
            ["track", "seen", "--who", "user_id=7", "--server", &server, "--key", &cauce.key];
        let output = run(&[&usual, arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        cauce.get("/v1/profiles/user_id/7")["consents"].to_string()
    };
    let said = track(&["--consent", "news", "--consent", "offers"]);
    assert_eq!(said.matches("granted").count(), 2, "{said}");
    let said = track(&["--withdraw", "news"]);
    assert!(said.contains("withdrawn") && said.matches("granted").count() == 1, "{said}");
}

#[test]
fn the_operators_key_is_not_sent_elsewhere() {
    use std::io::{Read as _, Write as _};
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("cauce-data")).unwrap();
    std::fs::write(folder.path().join("cauce-data/admin-key"), "ca_hush").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 4_096];
        let count = stream.read(&mut bytes).unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(answer).unwrap();
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    });
    let server = format!("http://127.0.0.1:{port}");
    run_in(folder.path(), &["keys", "list", "--server", &server]);
    assert!(heard.join().unwrap().contains("ca_hush"), "on this machine it is found");
}

#[test]
fn why_says_what_keeps_a_person_out_of_a_journey() {
    let sink = Sink::start(Script::default());
    let cauce = shop_of(1, &sink);
    let hello = json!({ "entry": { "event": "hi", "where": "event.loud = true" }, "policy": "once",
                        "steps": [{ "id": "say", "message": "letter" },
                                  { "id": "rest", "wait": "1d" }] });
    cauce.apply(&json!({ "definitions": { "journeys": { "hello": hello } } }));
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let why = |what: &str, name: &str| {
        let whom = ["why", "user_id=p0", what, name, "--server", &server, "--key", &cauce.key];
        let output = run(&whom);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        out(&output)
    };
    let hi = |loud: bool| {
        let event = json!({ "name": "hi", "user_id": "p0", "properties": { "loud": loud } });
        assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    };
    let has = |text: String, part: &str| assert!(text.contains(part), "{part}: {text}");
    has(why("--journey", "hello"), "was never in it: starts with the event `hi`, of which none");
    has(why("--template", "letter"), "no message by it was made; it is used by journey `hello`");
    hi(false);
    has(why("--journey", "hello"), "its condition does not hold");
    hi(true);
    has(why("--journey", "hello"), "in it since");
    has(why("--journey", "hello"), "at `rest`, which waits until");
    wait_for(PATIENCE, "the letter", || (sink.arrived() == 1).then_some(()));
    let told = || out(&run(&["messages", "user_id=p0", "--server", &server, "--key", &cauce.key]));
    wait_for(PATIENCE, "the ledger knows", || told().contains("accepted").then_some(()));
    has(why("--journey", "hello"), "accepted");
    has(why("--template", "letter"), "the newest message by it was made at");
    let missing =
        run(&["why", "user_id=p0", "--journey", "helo", "--server", &server, "--key", &cauce.key]);
    assert!(err(&missing).contains("did you mean `hello`"), "{}", err(&missing));
}
