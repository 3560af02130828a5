//! Segments: their counts, who uses one, and how many a rule would have.

use super::lists::used_by;
use crate::cli::Server;
use crate::cli::client::text;
use crate::cli::client::{Client, quote};
use crate::cli::talk::say;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What may be asked for.
#[derive(Debug, clap::Subcommand)]
pub enum SegmentsCommand {
    /// Shows one segment, and who uses it.
    Show {
        /// Its name.
        name: String,
        #[command(flatten)]
        server: Server,
    },
    /// Says how many people a rule holds for, from a sample and with its error.
    Estimate {
        /// The rule in its text form.
        rule: String,
        /// Count everybody.
        #[arg(long)]
        exact: bool,
        #[command(flatten)]
        server: Server,
    },
}

/// Runs one of them; without one, lists all segments.
pub async fn run(
    command: Option<SegmentsCommand>,
    server: Server,
    json: bool,
) -> anyhow::Result<ExitCode> {
    match command {
        None => {
            let answer = Client::new(&server)?.call("GET", "/v1/segments", None).await?;
            say(&answer, json, all)
        }
        Some(SegmentsCommand::Show { name, server }) => {
            let mut client = Client::new(&server)?;
            let path = format!("/v1/segments/{}", quote(&name));
            let mut answer = client.call("GET", &path, None).await?;
            let used = client.call("GET", &format!("{path}/dependents"), None).await?;
            answer["dependents"] = used["items"].clone();
            say(&answer, json, |answer| format!("{}\n{}", one(answer), used_by(answer)))
        }
        Some(SegmentsCommand::Estimate { rule, exact, server }) => {
            let request = json!({ "rule": rule, "exact": exact });
            let path = "/v1/segments/estimate";
            let answer = Client::new(&server)?.call("POST", path, Some(&request)).await?;
            let failed = answer["count"].is_null();
            say(&answer, json, |answer| estimated(answer, &rule))?;
            Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
    }
}

fn one(segment: &Value) -> String {
    let built = segment["built"].as_f64().unwrap_or(1.0);
    let building =
        if built < 1.0 { format!("  building, {:.0} %", built * 100.0) } else { String::new() };
    format!(
        "{:>10}  {:<24} {}{building}",
        segment["members"].to_string(),
        text(&segment["name"]),
        text(&segment["rule"])
    )
}

fn all(answer: &Value) -> String {
    let rows: Vec<_> = answer["segments"].as_array().into_iter().flatten().map(one).collect();
    if rows.is_empty() { "there are no segments".to_owned() } else { rows.join("\n") }
}

fn estimated(answer: &Value, rule: &str) -> String {
    let mut lines = Vec::new();
    for fault in answer["diagnostics"].as_array().into_iter().flatten() {
        let hint = fault["hint"].as_str().map(|hint| format!(" ({hint})")).unwrap_or_default();
        let word = text(&fault["severity"]);
        if let Some(at) = fault["column"].as_u64().and_then(|column| usize::try_from(column).ok()) {
            lines.push(format!("  {rule}\n  {}^", " ".repeat(at.saturating_sub(1))));
        }
        lines.push(format!("{word}: {}{hint}", text(&fault["message"])));
    }
    if let Some(count) = answer["count"].as_u64() {
        let of = &answer["of"];
        lines.push(match answer["exact"].as_bool() {
            Some(true) => format!("{count} of {of} people"),
            _ => format!(
                "about {count} of {of} people ({} to {}, from a sample of {})",
                answer["low"], answer["high"], answer["sampled"]
            ),
        });
        let people = answer["people"].as_array().into_iter().flatten();
        let named =
            people.map(|who| format!("  {}={}", text(&who["namespace"]), text(&who["value"])));
        lines.extend(named);
    }
    lines.join("\n")
}
