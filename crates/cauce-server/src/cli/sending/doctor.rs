//! Examines senders: what stands in the DNS, and what is to be published.

use super::super::Server;
use super::super::client::{Client, quote, text};
use super::super::talk::say;
use clap::Args;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What is examined.
#[derive(Debug, Args)]
pub struct Examination {
    /// Only this sender.
    #[arg(long)]
    sender: Option<String>,
    /// An address from which mail would leave, instead of those of the configuration; may be said
    /// several times. What is found for it is only shown: no campaign is held back or let go by it.
    #[arg(long)]
    ip: Vec<std::net::IpAddr>,
    #[command(flatten)]
    server: Server,
}

/// Examines; fails if anything was found that large providers refuse mail for.
pub async fn run(wanted: Examination, json: bool) -> anyhow::Result<ExitCode> {
    let mut client = Client::new(&wanted.server)?;
    let names = match wanted.sender {
        Some(name) => vec![name],
        None => {
            let all = client.call("GET", "/v1/definitions", None).await?;
            let senders = all["definitions"]["senders"].as_object();
            senders.into_iter().flat_map(|all| all.keys().cloned()).collect()
        }
    };
    let addresses: Vec<String> = wanted.ip.iter().map(ToString::to_string).collect();
    let query = match addresses.is_empty() {
        true => String::new(),
        false => format!("?ip={}", addresses.join(",")),
    };
    let mut all = Vec::new();
    for name in names {
        let path = format!("/v1/senders/{}/check{query}", quote(&name));
        all.push(client.call("GET", &path, None).await?);
    }
    let ill = all.iter().any(|one| {
        let mut findings = one["findings"].as_array().into_iter().flatten();
        findings.any(|finding| finding["weight"] == "error")
    });
    say(&json!({ "senders": all }), json, |answer| {
        let all: Vec<String> =
            answer["senders"].as_array().into_iter().flatten().map(sender).collect();
        if all.is_empty() { "no senders".to_owned() } else { all.join("\n\n") }
    })?;
    Ok(if ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn sender(one: &Value) -> String {
    let mut lines = vec![format!("sender {} ({})", text(&one["sender"]), text(&one["domain"]))];
    for finding in one["findings"].as_array().into_iter().flatten() {
        let mark = match finding["weight"].as_str() {
            Some("fine") => "ok     ",
            Some("unknown") => "?      ",
            Some("warning") => "warning",
            _ => "ERROR  ",
        };
        lines.push(format!("  {mark} {}: {}", text(&finding["about"]), text(&finding["text"])));
        if let Some(hint) = finding["hint"].as_str() {
            lines.push(format!("          {hint}"));
        }
    }
    let zone = one["zone"].as_str().unwrap_or_default();
    if !zone.is_empty() {
        lines.push("  publish:".to_owned());
        lines.extend(zone.lines().map(|line| format!("    {line}")));
    }
    lines.join("\n")
}
