//! Events as they are accepted, on the command line.

use super::Server;
use super::client::{Client, quote};
use serde_json::Value;
use std::io::Write as _;
use std::process::ExitCode;

/// What to do with events.
#[derive(Debug, clap::Subcommand)]
pub enum EventsCommand {
    /// Shows each event as it is accepted, until it is interrupted.
    Tail {
        /// Only events of this name.
        #[arg(long)]
        name: Option<String>,
        /// Only events about this person: `email:ana@example.com`, or a value in any namespace.
        #[arg(long)]
        alias: Option<String>,
        /// End after so many.
        #[arg(long)]
        count: Option<u64>,
        #[command(flatten)]
        server: Server,
    },
}

/// Runs one of them.
pub async fn run(command: &EventsCommand, json: bool) -> anyhow::Result<ExitCode> {
    let EventsCommand::Tail { name, alias, count, server } = command;
    let wanted = [("name", name), ("alias", alias)];
    let wanted = wanted.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
    let query: Vec<_> = wanted.map(|(key, value)| format!("{key}={}", quote(value))).collect();
    let path = format!("/v1/events/live?{}", query.join("&"));
    let mut left = count.unwrap_or(u64::MAX);
    let mut kind = String::new();
    let each = |line: &str| {
        match line.split_once(": ") {
            Some(("event", name)) => kind = name.to_owned(),
            Some(("data", data)) => {
                let data: Value = serde_json::from_str(data)?;
                let mut out = std::io::stdout().lock();
                match kind.as_str() {
                    "skipped" => {
                        eprintln!("{} events came faster than they were read", data["count"]);
                    }
                    _ if json => writeln!(out, "{data}")?,
                    _ => writeln!(out, "{}", shown(&data))?,
                }
                if kind == "accepted" {
                    left = left.saturating_sub(1);
                }
            }
            _ => {}
        }
        Ok(left > 0)
    };
    Client::new(server)?.follow(&path, each).await?;
    Ok(ExitCode::SUCCESS)
}

/// An event on one line.
fn shown(event: &Value) -> String {
    let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
    let name = &event["aliases"][0];
    let who = format!(
        "{}:{}",
        name["namespace"].as_str().unwrap_or_default(),
        name["value"].as_str().unwrap_or_default()
    );
    let past = if event["historical"] == true { " (of the past)" } else { "" };
    format!(
        "{} {} {who} {}{past} {}",
        text("received_at"),
        text("name"),
        event["properties"],
        text("trace")
    )
}
