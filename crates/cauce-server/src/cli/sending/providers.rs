//! The test bench of providers, at the command line.

use crate::cli::Server;
use crate::cli::client::{Client, quote, text};
use crate::cli::talk::say;
use anyhow::Context;
use serde_json::{Value, json};
use std::process::ExitCode;

/// What may be asked for.
#[derive(Debug, clap::Subcommand)]
pub enum ProvidersCommand {
    /// Shows what a provider would be asked, asks it, and shows what the answer means.
    Try(Box<Trial>),
}

/// One trial.
#[derive(Debug, clap::Args)]
pub struct Trial {
    /// The provider.
    name: String,
    /// The address.
    #[arg(long)]
    to: String,
    /// The template; needed unless there is one of the channel only, or for an e-mail of a few
    /// plain words.
    #[arg(long)]
    template: Option<String>,
    /// Who writes (e-mail).
    #[arg(long)]
    sender: Option<String>,
    /// What the template may use as `event`, as JSON.
    #[arg(long, default_value = "{}")]
    payload: String,
    /// What it may use as `profile`, as JSON.
    #[arg(long, default_value = "{}")]
    profile: String,
    /// Only show the request: nothing leaves.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    server: Server,
}

/// Runs one of them. A provider that said no is no failure of the command: that is what it shows.
pub async fn run(command: ProvidersCommand, json: bool) -> anyhow::Result<ExitCode> {
    let ProvidersCommand::Try(trial) = command;
    let read = |text: &str, what: &str| -> anyhow::Result<Value> {
        serde_json::from_str(text).with_context(|| format!("`--{what}` is no JSON"))
    };
    let values = json!({
        "event": read(&trial.payload, "payload")?,
        "profile": read(&trial.profile, "profile")?,
    });
    let mut asked = json!({ "to": trial.to, "values": values, "dry_run": trial.dry_run });
    if let Some(template) = &trial.template {
        asked["template"] = json!(template);
    }
    if let Some(sender) = &trial.sender {
        asked["sender"] = json!(sender);
    }
    let path = format!("/v1/providers/{}/try", quote(&trial.name));
    let answer = Client::new(&trial.server)?.call("POST", &path, Some(&asked)).await?;
    say(&answer, json, shown)
}

/// A trial as people read it: the request as it would be on the wire, then what came of it.
fn shown(trial: &Value) -> String {
    let mut lines = Vec::new();
    if let Some(request) = trial["request"].as_object() {
        lines.push(format!("{} {}", text(&request["method"]), text(&request["url"])));
        for header in request["headers"].as_array().into_iter().flatten() {
            lines.push(format!("{}: {}", text(&header["name"]), text(&header["value"])));
        }
        lines.push(String::new());
        lines.push(text(&request["body"]));
        lines.push(String::new());
    }
    lines.push(text(&trial["words"]));
    for (name, word) in [("means", "for a message"), ("hint", "hint"), ("answer", "it answered")] {
        if let Some(said) = trial[name].as_str().filter(|said| !said.is_empty()) {
            lines.push(format!("{word}: {said}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_shown_as_on_the_wire() {
        let trial = json!({ "request": { "method": "POST", "url": "https://a.example/",
                "headers": [{ "name": "authorization", "value": "Bearer ***" }], "body": "{}" },
            "words": "The provider took the message.", "means": "accepted", "hint": null,
            "answer": "ok" });
        let expected = "POST https://a.example/\nauthorization: Bearer ***\n\n{}\n\n\
            The provider took the message.\nfor a message: accepted\nit answered: ok";
        assert_eq!(shown(&trial), expected);
    }
}
