//! `cauce preview` and `cauce campaign cost`: what would leave, in how many parts, at what price.

use crate::cli::Server;
use crate::cli::client::Client;
use crate::cli::talk::say;
use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What to look at.
#[derive(Debug, Args)]
pub struct Options {
    /// The template.
    template: String,
    /// For whom: `email=ana@example.com`, `user_id=7`; nobody in particular if absent.
    #[arg(long = "for")]
    who: Option<String>,
    /// The number that a text message would go to, for its price and the rules of its country.
    #[arg(long)]
    to: Option<String>,
    /// What the template may use as `event` (JSON).
    #[arg(long)]
    payload: Option<String>,
    #[command(flatten)]
    server: Server,
}

pub async fn preview(options: &Options, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut asked = json!({ "template": options.template });
    if let Some(who) = &options.who {
        let (namespace, value) = who.split_once('=').context("write `email=ana@example.com`")?;
        asked["profile"] = json!({ "namespace": namespace, "value": value });
    }
    if let Some(to) = &options.to {
        asked["to"] = to.as_str().into();
    }
    if let Some(payload) = &options.payload {
        asked["event"] = serde_json::from_str(payload).context("--payload is no JSON")?;
    }
    let mut client = Client::new(&options.server)?;
    let answer = client.call("POST", "/v1/templates/preview", Some(&asked)).await?;
    say(&answer, as_json, shown)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn shown(answer: &Value) -> String {
    let mut lines = Vec::new();
    for name in ["subject", "text"] {
        lines.extend(answer[name].as_str().map(str::to_owned));
    }
    let own = &answer["cost"];
    if own.is_object() {
        let number = |name: &str| own[name].as_u64().unwrap_or_default();
        lines.push(format!(
            "\n{} of at most {} parts, {} ({} of {} units of the last one are free)",
            number("parts"),
            number("parts_max"),
            text(own, "encoding"),
            number("free"),
            number("units_per_part")
        ));
        if let Some(letter) = own["forced_by"].as_str() {
            lines.push(format!("`{letter}` makes it ucs2, which holds less than half as much"));
        }
        for offer in own["offers"].as_array().into_iter().flatten() {
            lines.push(match offer["total"].as_number() {
                Some(total) => format!(
                    "by {}: {} parts x {} = {total} {}",
                    text(offer, "provider"),
                    number("parts"),
                    offer["per_part"],
                    text(offer, "currency")
                ),
                None => format!("by {}: no price is known (`prices`)", text(offer, "provider")),
            });
        }
    }
    for finding in answer["diagnostics"].as_array().into_iter().flatten() {
        let (severity, message) = (text(finding, "severity"), text(finding, "message"));
        let hint = finding["hint"].as_str().map(|hint| format!(" ({hint})")).unwrap_or_default();
        lines.push(format!("{severity}: {message}{hint}"));
    }
    lines.join("\n")
}

/// What a campaign costs, for people.
pub fn cost(answer: &Value) -> String {
    let number = |name: &str| answer[name].as_u64().unwrap_or_default();
    let about = if answer["exact"] == true { "" } else { "about " };
    let mut lines = vec![format!(
        "{about}{} messages of {} people, {} parts",
        number("messages"),
        number("audience"),
        number("parts")
    )];
    for money in answer["totals"].as_array().into_iter().flatten() {
        lines.push(format!("{about}{} {}", money["total"], text(money, "currency")));
    }
    if number("unpriced") > 0 {
        lines.push(format!("{} without a known price (`prices`)", number("unpriced")));
    }
    for unsent in answer["unsent"].as_array().into_iter().flatten() {
        let people = unsent["people"].as_u64().unwrap_or_default();
        lines.push(format!("{people} get nothing: {}", text(unsent, "reason")));
    }
    if answer["exact"] != true {
        lines.push(format!("from a sample of {}", number("looked_at")));
    }
    lines.join("\n")
}
