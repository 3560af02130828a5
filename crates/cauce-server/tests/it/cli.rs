//! The command line, as a stranger meets it.

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
    let shown = run_in(folder.path(), &["--json", "config", "show"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["partitions"], 8);
}
