//! `cauce deliverability`: what readers complain of, and whose marketing goes on.

use crate::cli::Server;
use crate::cli::client::{Client, quote, text};
use crate::cli::talk::say;
use clap::Subcommand;
use serde_json::Value;
use std::process::ExitCode;

/// What to do about complaints.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows what was counted, and whose marketing is paused.
    Show(Server),
    /// Lets marketing go on that was paused for complaints.
    Resume {
        /// The domain of the From address, as `show` has it.
        domain: String,
        /// The mailbox provider: google, microsoft, yahoo, apple or other.
        mailbox: String,
        #[command(flatten)]
        server: Server,
    },
}

/// Runs one of them.
pub async fn run(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Show(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/deliverability", None).await?;
            say(&answer, json, shown)
        }
        Command::Resume { domain, mailbox, server } => {
            let path = format!("/v1/deliverability/{}/{}/resume", quote(&domain), quote(&mailbox));
            let answer = Client::new(&server)?.call("POST", &path, None).await?;
            say(&answer, json, |_| format!("marketing from {domain} to {mailbox} goes on"))
        }
    }
}

/// Who is paused, one line each; shown beside the queues as well.
pub fn paused(answer: &Value) -> Vec<String> {
    let all = answer["paused"].as_array().into_iter().flatten();
    let line = |one: &Value| {
        let (domain, mailbox) = (text(&one["domain"]), text(&one["mailbox"]));
        let why = one["refusal"].as_str().map_or_else(
            || format!("{} complaints among {} messages", one["complaints"], one["among"]),
            str::to_owned,
        );
        format!(
            "paused    marketing from {domain} to {mailbox} since {}: {why}; `cauce deliverability \
             resume {domain} {mailbox}` lets it go on",
            text(&one["since"]),
        )
    };
    all.map(line).collect()
}

fn shown(answer: &Value) -> String {
    let mut lines = paused(answer);
    for one in answer["today"].as_array().into_iter().flatten() {
        let (domain, mailbox) = (text(&one["domain"]), text(&one["mailbox"]));
        let standing = text(&one["standing"]);
        lines.push(format!("today     {domain} to {mailbox}: {standing}, {}", counted(one)));
    }
    for one in answer["days"].as_array().into_iter().flatten() {
        let (day, domain) = (text(&one["day"]), text(&one["domain"]));
        lines.push(format!("{day}  {domain} to {}: {}", text(&one["mailbox"]), counted(one)));
    }
    if lines.is_empty() {
        return "no marketing was sent by e-mail yet".to_owned();
    }
    lines.join("\n")
}

fn counted(one: &Value) -> String {
    format!(
        "{} complaints among {} messages ({} in a million)",
        one["complaints"], one["among"], one["complaints-per-million"]
    )
}
