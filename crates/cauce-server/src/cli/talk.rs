//! Commands that talk to a running server.

use super::client::{Client, diagnostic, quote, text};
use super::{CampaignCommand, Command, KeysCommand, Run, definitions, shown};
use anyhow::Context;
use cauce_core::publish::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Runs one of them.
pub async fn run(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check { directory, server, key } => {
            let server = super::Server { server: server.unwrap_or_default(), key };
            let request = definitions::read(&directory, false)?;
            let answer =
                Client::new(&server)?.call("POST", "/v1/definitions/check", Some(&request)).await?;
            show_check(&answer, json)
        }
        Command::Plan { directory, prune, server } => {
            let request = definitions::read(&directory, prune)?;
            let answer =
                Client::new(&server)?.call("POST", "/v1/definitions/plan", Some(&request)).await?;
            show_plan(&answer, json)
        }
        Command::Apply { directory, prune, server } => {
            apply(&mut Client::new(&server)?, &directory, prune, json).await
        }
        Command::Remove { kind, names, yes, server } => {
            let kind: Kind = kind.parse().map_err(|why: String| anyhow::anyhow!(why))?;
            let request = json!({ "remove": { kind.folder(): names } });
            let mut client = Client::new(&server)?;
            let plan = client.call("POST", "/v1/definitions/plan", Some(&request)).await?;
            if !yes || plan["clean"] != true {
                return show_plan(&plan, json);
            }
            let answer = client.call("POST", "/v1/definitions/apply", Some(&request)).await?;
            say(&answer, json, |answer| changes(answer).join("\n"))
        }
        Command::Send { template, to, payload, idempotency_key, server } => {
            let payload = object(&payload, "--payload")?;
            let request = json!({ "template": template, "to": aliases(&to)?, "payload": payload,
                                  "idempotency_key": idempotency_key });
            let answer = Client::new(&server)?.call("POST", "/v1/messages", Some(&request)).await?;
            say(&answer, json, |answer| {
                let again = if answer["repeated"] == true { " (asked for before)" } else { "" };
                format!("{}{again}", text(&answer["id"]))
            })
        }
        Command::Track { name, who, properties, attributes, consent, withdraw, server } => {
            let properties = object(&properties, "--properties")?;
            let attributes = object(&attributes, "--attributes")?;
            let request = json!({ "name": name, "aliases": aliases(&who)?,
                                  "properties": properties, "attributes": attributes,
                                  "consents": consents(&consent, &withdraw) });
            let path = "/v1/events?applied=true";
            let answer = Client::new(&server)?.call("POST", path, Some(&request)).await?;
            say(&answer, json, |answer| text(&answer["trace"]))
        }
        Command::Identity { .. }
        | Command::Rectify { .. }
        | Command::Consents { .. }
        | Command::Erase { .. } => person(command, json).await,
        other => look(other, json).await,
    }
}

/// Runs one about who somebody is, what they said, or to forget them.
async fn person(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Identity { who, with, without, server } => {
            let base = profile_path(&who)?;
            let asked = with.map(|with| ("with", with));
            let asked = asked.or(without.map(|without| ("without", without)));
            let query = match asked {
                Some((word, name)) => format!("?{word}={}", quote(&colon(&name)?)),
                None => String::new(),
            };
            let path = format!("{base}/identity{query}");
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, super::erase::identity)
        }
        Command::Rectify { who, wrong, right, merge, again, server } => {
            let right = right.map(|right| colon(&right)).transpose()?;
            let wrong = colon(&wrong)?;
            let one = json!({ "wrong": wrong, "right": right, "merge": merge, "again": again });
            let request = json!({ "aliases": [one] });
            let path = profile_path(&who)?;
            let answer = Client::new(&server)?.call("PATCH", &path, Some(&request)).await?;
            say(&answer, json, |_| match right {
                Some(right) => format!("{right} instead of {wrong}"),
                None => format!("{wrong} is no name of this person any more"),
            })
        }
        Command::Consents { who, at, server } => {
            let base = profile_path(&who)?;
            let query = at.map(|at| format!("?at={}", quote(&at))).unwrap_or_default();
            let path = format!("{base}/consents{query}");
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, super::erase::consents)
        }
        Command::Erase { who, sweep, yes, server } => {
            let who = who.map(|who| Ok::<_, anyhow::Error>((profile_path(&who)?, who)));
            let answer = super::erase::erase(&server, who.transpose()?, sweep, yes).await?;
            say(&answer, json, super::erase::erased)
        }
        // The others are not about one person; `run` has taken them.
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Runs one that looks at something, or steers it.
async fn look(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Explain { id, server } => {
            let path = format!("/v1/explain/{}", quote(&id));
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, shown::explanation)
        }
        Command::Why { who, segment, campaign, journey, template, server } => {
            let base = profile_path(&who)?;
            let named = [("segments", segment), ("journeys", journey), ("templates", template)];
            let named = named.into_iter().find_map(|(kind, name)| Some((kind, name?)));
            let path = match named {
                Some((kind, name)) => format!("{base}/{kind}/{}", quote(&name)),
                None => format!("{base}/campaigns/{}", campaign.unwrap_or_default()),
            };
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, why)
        }
        Command::Profile { who, server } => {
            let path = profile_path(&who)?;
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, shown::profile)
        }
        Command::Messages { who, server } => {
            let (namespace, value) = alias(&who)?;
            let path = format!("/v1/messages?to={}", quote(&format!("{namespace}:{value}")));
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, messages)
        }
        Command::Segments { command, server } => super::segments::run(command, server, json).await,
        Command::Lists(command) => super::lists::run(command, json).await,
        Command::Campaign(command) => campaign(command, json).await,
        Command::Suppress { address, reason, marketing, lift, server } => {
            let stops = if marketing { "marketing" } else { "everything" };
            let request = json!({ "address": address, "reason": reason, "stops": stops });
            let method = if lift { "DELETE" } else { "POST" };
            Client::new(&server)?.call(method, "/v1/suppressions", Some(&request)).await?;
            say(&json!({ "address": address, "suppressed": !lift }), json, |_| {
                match (lift, marketing) {
                    (true, _) => format!("{address} may be written to again"),
                    (false, false) => format!("nothing leaves to {address} any more"),
                    (false, true) => format!("no marketing leaves to {address} any more"),
                }
            })
        }
        Command::Backup(server) => {
            let answer = Client::new(&server)?.call("POST", "/v1/backups", None).await?;
            say(&answer, json, |answer| {
                format!("{} ({} bytes)", text(&answer["file"]), answer["bytes"])
            })
        }
        Command::Sending { pause, resume, server } => {
            let mut client = Client::new(&server)?;
            if resume || pause.is_some() {
                let request = json!({ "paused": pause });
                client.call("POST", "/v1/sending", Some(&request)).await?;
            }
            let answer = client.call("GET", "/v1/sending", None).await?;
            say(&answer, json, sending)
        }
        Command::Clock { confirm, server } => clock(confirm, &server, json).await,
        Command::Keys(command) => keys(command, json).await,
        Command::Members(command) => super::members::run(command, json).await,
        Command::Secrets(command) => super::secrets::run(command, json).await,
        Command::Audit(look) => super::members::audit(look, json).await,
        // The others do not talk; `run` of the parent has taken them.
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Checks a directory by itself: what it names and does not have is a fault.
pub fn check(directory: &Path, json: bool) -> anyhow::Result<ExitCode> {
    use cauce_core::publish::{self, Book};
    let request = definitions::read(directory, false)?;
    let (wanted, unreadable) = definitions::bodies(&request);
    let needed = json!(crate::http::v1::definitions::needed(&wanted));
    let changes: Vec<_> = wanted.into_iter().map(|(name, body)| (name, Some(body))).collect();
    let mut verdict = publish::check(&Book::default(), &changes);
    // What events look like nobody can say here; what their schemas say is in the files.
    let unlearned = Book::default().unlearned(&changes, &Default::default());
    verdict.diagnostics.extend(unlearned);
    verdict.diagnostics.splice(0..0, unreadable);
    verdict.diagnostics.extend(crate::sources::faults(&changes));
    verdict.diagnostics.extend(crate::http::people::texts::faults(&changes));
    let answer = json!({ "clean": verdict.is_clean(), "diagnostics": verdict.diagnostics,
                         "needed": needed });
    show_check(&answer, json)
}

fn consents(granted: &[String], withdrawn: &[String]) -> Vec<Value> {
    let fact = |topic: &String, state: &str| {
        json!({ "topic": topic, "state": state,
                                                     "source": "command line" })
    };
    let granted = granted.iter().map(|topic| fact(topic, "granted"));
    granted.chain(withdrawn.iter().map(|topic| fact(topic, "withdrawn"))).collect()
}

async fn clock(confirm: bool, server: &super::Server, json: bool) -> anyhow::Result<ExitCode> {
    let (method, path) = match confirm {
        true => ("POST", "/v1/clock/confirm"),
        false => ("GET", "/v1/clock"),
    };
    let answer = Client::new(server)?.call(method, path, None).await?;
    say(&answer, json, |answer| match answer["disbelieved"].as_str() {
        None => text(&answer["now"]),
        Some(said) => format!(
            "{}\nthe machine's clock stepped to {said}; nothing leaves until it is set right or \
             `--confirm`ed",
            text(&answer["now"])
        ),
    })
}

/// Whether sending goes on, and what waits.
fn sending(answer: &Value) -> String {
    let mut lines = vec![match answer["paused"].as_str() {
        Some(why) => format!("sending is paused: {why}; `--resume` goes on"),
        None => "sending goes on".to_owned(),
    }];
    for (about, trouble) in answer["troubles"].as_object().into_iter().flatten() {
        lines.push(format!("waits  {about}: {}", text(trouble)));
    }
    for queue in answer["queues"].as_array().into_iter().flatten() {
        if queue["partitions"] == 0 {
            continue;
        }
        let closed = if queue["closed"] == true { ", closed" } else { "" };
        let (path, earliest) = (text(&queue["path"]), text(&queue["earliest"]));
        lines.push(format!("queue  {path}: the earliest message is due {earliest}{closed}"));
    }
    lines.join("\n")
}

fn object(text: &str, flag: &str) -> anyhow::Result<Value> {
    serde_json::from_str(text).with_context(|| format!("{flag} is no JSON"))
}

/// Prints an answer, for a program or for a person.
pub fn say(
    answer: &Value,
    json: bool,
    words: impl FnOnce(&Value) -> String,
) -> anyhow::Result<ExitCode> {
    let shown = if json { answer.to_string() } else { words(answer) };
    writeln!(std::io::stdout(), "{shown}")?;
    Ok(ExitCode::SUCCESS)
}

/// `email=ana@example.com` as namespace and value.
pub fn alias(who: &str) -> anyhow::Result<(String, String)> {
    let (namespace, value) = who.split_once('=').with_context(|| {
        format!("`{who}` does not say who: write `email=ana@example.com` or `user_id=7`")
    })?;
    Ok((namespace.to_owned(), value.to_owned()))
}

/// The same as answers spell it: `email:ana@example.com`.
fn colon(who: &str) -> anyhow::Result<String> {
    let (namespace, value) = alias(who)?;
    Ok(format!("{namespace}:{value}"))
}

fn profile_path(who: &str) -> anyhow::Result<String> {
    let (namespace, value) = alias(who)?;
    Ok(format!("/v1/profiles/{}/{}", quote(&namespace), quote(&value)))
}

fn aliases(who: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    who.iter().map(|one| alias(one)).collect()
}

/// What templates need of their events.
fn needed(answer: &Value) -> Vec<String> {
    let templates = answer["needed"].as_object().into_iter().flatten();
    let line = |(template, paths): (&String, &Value)| {
        let paths: Vec<_> = paths.as_array().into_iter().flatten().map(text).collect();
        format!("template {template} needs {}", paths.join(", "))
    };
    templates.map(line).collect()
}

fn diagnostics(answer: &Value) -> Vec<String> {
    answer["diagnostics"].as_array().into_iter().flatten().map(diagnostic).collect()
}

fn show_check(answer: &Value, json: bool) -> anyhow::Result<ExitCode> {
    let clean = answer["clean"] == true;
    say(answer, json, |answer| {
        let mut lines = needed(answer);
        lines.extend(diagnostics(answer));
        lines.push(if clean { "no faults".to_owned() } else { "there are faults".to_owned() });
        lines.join("\n")
    })?;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn change(change: &Value) -> String {
    let sign = match change["what"].as_str() {
        Some("add") => "+",
        Some("remove") => "-",
        _ => "~",
    };
    let mut lines = vec![format!("{sign} {} {}", text(&change["kind"]), text(&change["name"]))];
    if sign == "~" {
        for (key, after) in change["after"].as_object().into_iter().flatten() {
            let before = &change["before"][key];
            if before != after {
                lines.push(format!("    {key}: {before} → {after}"));
            }
        }
        for key in change["before"].as_object().into_iter().flatten().map(|(key, _)| key) {
            if change["after"].get(key).is_none() {
                lines.push(format!("    {key}: removed"));
            }
        }
    }
    lines.join("\n")
}

fn changes(answer: &Value) -> Vec<String> {
    answer["changes"].as_array().into_iter().flatten().map(change).collect()
}

fn show_plan(answer: &Value, json: bool) -> anyhow::Result<ExitCode> {
    let clean = answer["clean"] == true;
    say(answer, json, |answer| {
        let mut lines = changes(answer);
        if lines.is_empty() {
            lines.push("nothing changes".to_owned());
        }
        lines.extend(uses(answer));
        lines.extend(needed(answer));
        lines.extend(diagnostics(answer));
        lines.join("\n")
    })?;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What uses the definitions that would be removed.
fn uses(answer: &Value) -> Vec<String> {
    let words = |removed: &Value| {
        let (kind, name) = (text(&removed["kind"]), text(&removed["name"]));
        let one = removed.get("uses").filter(|uses| !uses.is_null())?;
        let least = if one["at_least"] == true { "at least " } else { "" };
        let what = match one["what"].as_str().unwrap_or_default() {
            "members" => "people in it",
            "listed" => "people on it",
            "walks" => "walks that go on",
            "runs" => "runs that go on",
            "messages" => "messages that wait",
            other => other,
        };
        Some(format!("{kind} {name}: {least}{} {what}", one["count"]))
    };
    answer["removes"].as_array().into_iter().flatten().filter_map(words).collect()
}

async fn apply(
    client: &mut Client,
    directory: &Path,
    prune: bool,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let request = definitions::read(directory, prune)?;
    let answer = client.call("POST", "/v1/definitions/apply", Some(&request)).await?;
    say(&answer, json, |answer| {
        let mut lines = changes(answer);
        lines.extend(diagnostics(answer));
        lines.push(format!("plan {} is in force", answer["plan"]));
        lines.join("\n")
    })
}

/// A tree of conditions as indented lines.
fn tree(node: &Value, depth: usize, lines: &mut Vec<String>) {
    let mark = if node["inside"] == true { "yes" } else { "no " };
    let mut line = format!("{}{mark}  {}", "  ".repeat(depth), text(&node["text"]));
    if let Some(detail) = node["detail"].as_str().filter(|detail| !detail.is_empty()) {
        line.push_str(&format!("  — {detail}"));
    }
    lines.push(line);
    for child in node["parts"].as_array().into_iter().flatten() {
        tree(child, depth + 1, lines);
    }
}

fn why(answer: &Value) -> String {
    let mut lines = Vec::new();
    if let Some(campaign) = answer.get("campaign") {
        let verdict = &answer["verdict"];
        lines.push(format!(
            "{} and campaign {} (run {})",
            text(&answer["profile"]),
            text(campaign),
            answer["run"]
        ));
        match verdict["why"].as_str() {
            Some(why) => lines.push(why.to_owned()),
            None => {
                let message = &verdict["message"];
                lines.push(format!(
                    "message {}: {}",
                    text(&message["id"]),
                    text(&message["state"]["state"])
                ));
                lines.extend(message["why"].as_str().map(|why| format!("because {why}")));
            }
        }
        for segment in answer["segments"].as_array().into_iter().flatten() {
            lines.push(format!(
                "wanted {} {}:",
                text(&segment["wanted"]),
                text(&segment["segment"])
            ));
            tree(&segment["why"], 1, &mut lines);
        }
        lines.push(text(&answer["policy_now"]));
    } else if let Some(verdict) = answer["verdict"].as_str() {
        lines.push(format!("{}: {verdict}", text(&answer["profile"])));
        for part in ["why", "exit"] {
            if answer[part].is_object() {
                lines.push(format!("{part}:"));
                tree(&answer[part], 1, &mut lines);
            }
        }
        let shown = messages(answer);
        lines.extend((!shown.is_empty()).then_some(shown));
        for one in answer["policy_now"].as_array().into_iter().flatten() {
            lines.push(format!("{}: {}", text(&one["template"]), text(&one["policy"])));
        }
    } else {
        let verb = if answer["inside"] == true { "is" } else { "is not" };
        lines.push(format!("{} {verb} in {}", text(&answer["profile"]), text(&answer["segment"])));
        tree(&answer["why"], 0, &mut lines);
    }
    lines.join("\n")
}

fn messages(answer: &Value) -> String {
    let rows = answer["messages"].as_array().into_iter().flatten().map(|message| {
        let why = message["why"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
        let (id, template) = (text(&message["id"]), text(&message["template"]["name"]));
        format!("{id}  {template:<20} {}{why}", text(&message["state"]["state"]))
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() { "no messages yet".to_owned() } else { rows.join("\n") }
}

fn balance(run: &Value) -> String {
    let b = &run["balance"];
    let mut line = format!(
        "run {}  {:<20} {:<9} target {} planned {} = sent {} + refused {} + failed {} + unknown \
            {} + pending {}",
        run["run"],
        text(&run["campaign"]),
        text(&run["state"]),
        b["target"],
        b["planned"],
        b["sent"],
        b["refused"],
        b["failed"],
        b["unknown"],
        b["pending"]
    );
    if b["balances"] != true {
        line.push_str("  DOES NOT BALANCE");
    }
    if let Some(why) = run["waits"].as_str() {
        line.push_str(&format!("\n    {why}"));
    }
    for (reason, count) in b["refusals"].as_object().into_iter().flatten() {
        line.push_str(&format!("\n    refused {count}: {reason}"));
    }
    line
}

async fn campaign(command: CampaignCommand, json: bool) -> anyhow::Result<ExitCode> {
    let steer = async |run: &Run, to: &str| {
        let path = format!("/v1/campaigns/runs/{}/{to}", run.run);
        let answer = Client::new(&run.server)?.call("POST", &path, None).await?;
        say(&answer, json, balance)
    };
    match command {
        CampaignCommand::Start { name, watch, despite, server } => {
            let mut client = Client::new(&server)?;
            let path = format!("/v1/campaigns/{}/start", quote(&name));
            let body = despite.map(|reason| json!({ "despite": reason }));
            let answer = client.call("POST", &path, body.as_ref()).await?;
            for warning in answer["warnings"].as_array().into_iter().flatten() {
                eprintln!("warning: {}", super::client::text(warning));
            }
            if watch {
                return self::watch(&mut client, answer["run"].as_u64().unwrap_or_default(), json)
                    .await;
            }
            say(&answer, json, balance)
        }
        CampaignCommand::Audience { name, exact, server } => {
            let path = format!("/v1/campaigns/{}/audience?exact={exact}", quote(&name));
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, super::sending::audience::shown)
        }
        CampaignCommand::Cost { name, server } => {
            let path = format!("/v1/campaigns/{}/cost", quote(&name));
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, super::sending::preview::cost)
        }
        CampaignCommand::List(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/campaigns", None).await?;
            say(&answer, json, |answer| {
                let runs = answer["runs"].as_array().into_iter().flatten().map(balance);
                let runs: Vec<_> = runs.collect();
                if runs.is_empty() {
                    "no campaign was started yet".to_owned()
                } else {
                    runs.join("\n")
                }
            })
        }
        CampaignCommand::Pause(run) => steer(&run, "pause").await,
        CampaignCommand::Resume(run) => steer(&run, "resume").await,
        CampaignCommand::Cancel(run) => steer(&run, "cancel").await,
    }
}

/// Shows a run's progress until it ends. Ctrl-C ends the watching, not the run.
async fn watch(client: &mut Client, run: u64, json: bool) -> anyhow::Result<ExitCode> {
    let path = format!("/v1/campaigns/runs/{run}");
    let bar = indicatif::ProgressBar::new(0);
    bar.set_style(indicatif::ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")?);
    loop {
        let answer = client.call("GET", &path, None).await?;
        let b = &answer["balance"];
        let n = |name: &str| b[name].as_u64().unwrap_or_default();
        bar.set_length(n("target"));
        bar.set_position(n("planned").saturating_sub(n("pending")));
        bar.set_message(match answer["waits"].as_str() {
            Some(why) => why.to_owned(),
            None => {
                let (sent, refused, failed) = (n("sent"), n("refused"), n("failed"));
                format!("{sent} sent, {refused} refused, {failed} failed")
            }
        });
        let over = matches!(answer["state"].as_str(), Some("done" | "cancelled"));
        if over {
            bar.finish_and_clear();
            return say(&answer, json, balance);
        }
        if !std::io::stderr().is_terminal() {
            eprintln!("{}", balance(&answer));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn keys(command: KeysCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        KeysCommand::Make { name, scope, server } => {
            let request = json!({ "name": name, "scope": scope });
            let answer = Client::new(&server)?.call("POST", "/v1/keys", Some(&request)).await?;
            say(&answer, json, |answer| text(&answer["key"]))
        }
        KeysCommand::List(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/keys", None).await?;
            say(&answer, json, |answer| {
                let keys = answer["keys"].as_array().into_iter().flatten();
                let line = |key: &Value| {
                    format!(
                        "{}…  {:<6} {}",
                        text(&key["prefix"]),
                        text(&key["scope"]),
                        text(&key["name"])
                    )
                };
                keys.map(line).collect::<Vec<_>>().join("\n")
            })
        }
        KeysCommand::Revoke { prefix, server } => {
            let path = format!("/v1/keys/{}", quote(prefix.trim_end_matches('…')));
            Client::new(&server)?.call("DELETE", &path, None).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
