//! Devices whose tokens were refused, at the terminal: how many, taken back, or let go.

use crate::cli::Server;
use crate::cli::client::{Client, quote, text};
use crate::cli::talk::say;
use clap::Subcommand;
use serde_json::Value;
use std::process::ExitCode;

/// What to do with refused devices.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows devices that are not pushed to because their service refused their token.
    Refused(Server),
    /// Pushes to them again: a key, a topic or a project was wrong, and is mended.
    Undo {
        /// Service and app, as `refused` shows them: `apns:com.shop.app`.
        keeper: String,
        /// Only what was refused since then: `2026-11-30T08:00:00Z`.
        #[arg(long)]
        since: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Lets those go whose token is gone, and ends the guard.
    Confirm {
        /// Service and app, as `refused` shows them.
        keeper: String,
        /// Only what was refused since then.
        #[arg(long)]
        since: Option<String>,
        #[command(flatten)]
        server: Server,
    },
}

/// Runs one of them.
pub async fn run(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    let (server, keeper, since, to) = match command {
        Command::Refused(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/devices/refused", None).await?;
            return say(&answer, json, refused);
        }
        Command::Undo { keeper, since, server } => (server, keeper, since, "undo"),
        Command::Confirm { keeper, since, server } => (server, keeper, since, "confirm"),
    };
    let since = since.map(|since| format!("?since={}", quote(&since))).unwrap_or_default();
    let path = format!("/v1/devices/refused/{}/{to}{since}", quote(&keeper));
    let answer = Client::new(&server)?.call("POST", &path, None).await?;
    say(&answer, json, |answer| match answer["pushed_to_again"].as_bool() {
        Some(true) => format!("{} devices are pushed to again", answer["devices"]),
        _ => format!("{} devices are gone", answer["devices"]),
    })
}

fn refused(answer: &Value) -> String {
    let mut lines = Vec::new();
    for one in answer["items"].as_array().into_iter().flatten() {
        let keeper = text(&one["keeper"]);
        let since = one["guarded_since"].as_str();
        let guarded = since.map(|since| format!(", kept by the guard since {since}"));
        lines.push(format!(
            "{keeper}: {} devices ({} gone, {} elsewhere){}",
            one["refused"],
            one["gone"],
            one["misplaced"],
            guarded.unwrap_or_default()
        ));
        if let Some(why) = one["latest"]["why"].as_str() {
            lines.push(format!("  lately: {why}"));
        }
    }
    match lines.is_empty() {
        true => "no device's token is refused".to_owned(),
        false => {
            lines.push(format!("What is gone goes after {} days.", answer["kept_days"]));
            lines.join("\n")
        }
    }
}
