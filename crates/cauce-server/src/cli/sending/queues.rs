//! `cauce queues` and `cauce dead-letters`: what waits, by whom it may leave, and what came back.

use crate::cli::Server;
use crate::cli::client::{Client, quote};
use crate::cli::talk::say;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum LettersCommand {
    /// Lists messages that ended because nobody carried them.
    List {
        /// Those that ended with this code: gave-up-transient, configuration, expired…
        #[arg(long)]
        code: Option<String>,
        /// Go on here.
        #[arg(long)]
        cursor: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Tries them again, each as if it were new: consent, caps and everything else is asked again.
    Replay(Chosen),
    /// Gives them up: what became of them stands, and they cannot be tried again.
    Drop(Chosen),
}

/// Which messages are meant.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
pub struct Chosen {
    /// These, by their ids in the list.
    #[arg(group = "which")]
    ids: Vec<String>,
    /// Those that ended with this code.
    #[arg(long, group = "which")]
    code: Option<String>,
    /// All of them.
    #[arg(long, group = "which")]
    all: bool,
    #[command(flatten)]
    server: Server,
}

pub async fn queues(server: &Server, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut client = Client::new(server)?;
    let mut answer = client.call("GET", "/v1/queues", None).await?;
    // What waits in the queues may wait for this.
    let standing = client.call("GET", "/v1/deliverability", None).await?;
    answer["paused"] = standing["paused"].clone();
    say(&answer, as_json, shown)
}

pub async fn letters(command: &LettersCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    match command {
        LettersCommand::List { code, cursor, server } => {
            let asked = [("code", code), ("cursor", cursor)];
            let asked = asked.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
            let asked: Vec<String> =
                asked.map(|(name, value)| format!("{name}={}", quote(value))).collect();
            let path = format!("/v1/dead-letters?{}", asked.join("&"));
            let answer = Client::new(server)?.call("GET", &path, None).await?;
            say(&answer, as_json, listed)
        }
        LettersCommand::Replay(chosen) => {
            let answer = steered(chosen, "/v1/dead-letters/replay").await?;
            say(&answer, as_json, |answer| {
                format!("{} messages wait in their queues again", answer["replayed"])
            })
        }
        LettersCommand::Drop(chosen) => {
            let answer = steered(chosen, "/v1/dead-letters/drop").await?;
            say(&answer, as_json, |answer| format!("{} messages are given up", answer["dropped"]))
        }
    }
}

async fn steered(chosen: &Chosen, path: &str) -> anyhow::Result<Value> {
    let wanted = json!({ "ids": chosen.ids, "code": chosen.code, "all": chosen.all });
    Client::new(&chosen.server)?.call("POST", path, Some(&wanted)).await
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn shown(answer: &Value) -> String {
    let mut lines = super::complaints::paused(answer);
    for provider in answer["providers"].as_array().into_iter().flatten() {
        let (name, state) = (text(&provider["name"]), text(&provider["state"]));
        let until = match provider["until"].as_str() {
            Some(until) => format!(", asked again {until}"),
            None => String::new(),
        };
        let (flying, window) = (&provider["in_flight"], &provider["window"]);
        lines.push(format!("provider  {name}: {state}{until}, {flying} of {window} under way"));
        for (counter, carried) in provider["carried"].as_object().into_iter().flatten() {
            lines.push(format!("          {counter}: {carried}"));
        }
    }
    for queue in answer["queues"].as_array().into_iter().flatten() {
        let more = if queue["at_least"] == true { "at least " } else { "" };
        let closed = if queue["closed"] == true { ", closed" } else { "" };
        let expires = match queue["expires"].as_str() {
            Some(expires) => format!(", the first expires {expires}"),
            None => String::new(),
        };
        let (path, class) = (text(&queue["path"]), text(&queue["class"]));
        let (waiting, age) = (&queue["waiting"], &queue["age_seconds"]);
        lines.push(format!(
            "queue     {path} ({class}): {more}{waiting} wait, the oldest for {age} s\
             {expires}{closed}"
        ));
    }
    if lines.is_empty() {
        return "nothing waits".to_owned();
    }
    lines.join("\n")
}

fn listed(answer: &Value) -> String {
    let items = answer["items"].as_array().into_iter().flatten();
    let line = |item: &Value| {
        let (id, code, template) =
            (text(&item["id"]), text(&item["code"]), text(&item["template"]));
        format!("{id}  {code}  {template}: {}", text(&item["text"]))
    };
    let mut lines: Vec<String> = items.map(line).collect();
    if let Some(next) = answer["next"].as_str() {
        lines.push(format!("more: --cursor {next}"));
    }
    if lines.is_empty() {
        return "there are no dead letters".to_owned();
    }
    lines.join("\n")
}
