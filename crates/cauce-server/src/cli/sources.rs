//! Sources: what each took, and looking now.

use super::Server;
use super::client::text;
use super::client::{Client, quote};
use super::talk::say;
use clap::Subcommand;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What can be asked of sources.
#[derive(Debug, Subcommand)]
pub enum SourcesCommand {
    /// Lists sources with what they took.
    List(Server),
    /// Shows one source.
    Show {
        /// Its name.
        name: String,
        #[command(flatten)]
        server: Server,
    },
    /// Lists the files of a source, the last first, with what became of each.
    Files {
        /// Its name.
        name: String,
        #[command(flatten)]
        server: Server,
    },
    /// Looks for files now, besides the schedule.
    Run {
        /// Its name.
        name: String,
        /// Take this file again although it was taken, or failed.
        #[arg(long)]
        again: Option<String>,
        #[command(flatten)]
        server: Server,
    },
}

/// Runs one of them.
pub async fn run(command: SourcesCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        SourcesCommand::List(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/sources", None).await?;
            say(&answer, json, |answer| {
                let all = answer["sources"].as_array().into_iter().flatten();
                let lines: Vec<String> = all.map(source).collect();
                if lines.is_empty() { "no sources".to_owned() } else { lines.join("\n") }
            })
        }
        SourcesCommand::Show { name, server } => {
            let path = format!("/v1/sources/{}", quote(&name));
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, source)
        }
        SourcesCommand::Files { name, server } => {
            let path = format!("/v1/sources/{}/files", quote(&name));
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&answer, json, |answer| {
                let all = answer["files"].as_array().into_iter().flatten();
                let lines: Vec<String> = all.map(file).collect();
                if lines.is_empty() { "no files yet".to_owned() } else { lines.join("\n") }
            })
        }
        SourcesCommand::Run { name, again, server } => {
            let query = again.map(|file| format!("?again={}", quote(&file))).unwrap_or_default();
            let path = format!("/v1/sources/{}/run{query}", quote(&name));
            Client::new(&server)?.call("POST", &path, None).await?;
            say(&json!({ "source": name }), json, |_| format!("{name} looks for files now"))
        }
    }
}

fn source(one: &Value) -> String {
    let (files, standing) = (&one["files"], &one["standing"]);
    let mut lines = vec![match one["kind"] == "nats" {
        true => {
            let messages = &standing["messages"];
            let number = |field: &str| messages[field].as_u64().unwrap_or_default();
            format!(
                "{} (nats): {} messages, {} events accepted, {} rejected since the start",
                text(&one["name"]),
                number("rows"),
                number("accepted"),
                number("rejected")
            )
        }
        false => format!(
            "{} ({}): {} files taken, {} failed, {} waiting; {} events accepted, {} rows rejected",
            text(&one["name"]),
            text(&one["kind"]),
            files["taken"],
            files["failed"],
            standing["waiting"],
            files["accepted"],
            files["rejected"]
        ),
    }];
    let under_way = &standing["under_way"];
    if !under_way.is_null() {
        let rows = &under_way["counts"]["rows"];
        lines.push(format!("  taking {}: {rows} rows", text(&under_way["file"])));
    }
    for (field, word) in [("looked_at", "looked"), ("next_at", "next")] {
        if !standing[field].is_null() {
            lines.push(format!("  {word} {}", text(&standing[field])));
        }
    }
    if !standing["trouble"].is_null() {
        lines.push(format!("  trouble: {}", text(&standing["trouble"])));
    }
    lines.join("\n")
}

fn file(one: &Value) -> String {
    let counts = &one["counts"];
    let mut line = format!(
        "{}  {:<6}  {}: {} rows, {} events accepted, {} rejected",
        text(&one["at"]),
        text(&one["state"]),
        text(&one["name"]),
        counts["rows"],
        counts["accepted"],
        counts["rejected"]
    );
    for (field, word) in [("reason", "because"), ("rejected_in", "rejected rows are in")] {
        if !one[field].is_null() {
            line.push_str(&format!("\n    {word} {}", text(&one[field])));
        }
    }
    line
}
