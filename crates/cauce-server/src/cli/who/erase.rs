//! Who somebody is, what they said, and forgetting them, at the terminal.

use crate::cli::Server;
use crate::cli::client::{Client, text};
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::io::{IsTerminal as _, Write as _};

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Asks once more: there is no way back.
fn is_meant(who: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody can be asked here; say `--yes` if it is meant");
    }
    print!("Everything about {who} is forgotten for good. Type it again to go on: ");
    std::io::stdout().flush()?;
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed).context("nothing was typed")?;
    Ok(typed.trim() == who)
}

/// Erases a profile, sweeps, or both.
pub async fn erase(
    server: &Server,
    who: Option<(String, String)>,
    sweep: bool,
    yes: bool,
) -> anyhow::Result<Value> {
    let Some((path, who)) = who else {
        let swept = Client::new(server)?.call("POST", "/v1/erasures/sweep", None).await?;
        return Ok(json!({ "swept": swept }));
    };
    if !yes && !is_meant(&who)? {
        bail!("nothing was erased");
    }
    let query = if sweep { "?sweep=true" } else { "" };
    Client::new(server)?.call("DELETE", &format!("{path}{query}"), None).await
}

/// What came of it.
pub fn erased(answer: &Value) -> String {
    let mut lines = Vec::new();
    match answer["state"].as_str() {
        Some("erased") => lines.push(format!("{} is erased", text(&answer["profile"]))),
        Some("waits") => lines.push("an identity question is open; it is done then".to_owned()),
        Some(_) => lines.push("nobody has this name; it is remembered by its hash".to_owned()),
        None => {}
    }
    lines.extend(items(&answer["gone"]).map(|what| format!("gone:  {}", text(what))));
    lines.extend(items(&answer["stays"]).map(|what| format!("stays: {}", text(what))));
    if let Some(entries) = answer["swept"]["entries"].as_u64() {
        lines.push(format!("swept: {entries} entries of the log lost their body"));
    }
    if let Some(at) = answer["last_byte"]["at"].as_str() {
        lines.push(format!("the last byte is gone at {at}, backups included"));
    }
    lines.join("\n")
}

/// The names of a profile, and why they are one.
pub fn identity(answer: &Value) -> String {
    let mut lines = vec![text(&answer["profile"])];
    for alias in items(&answer["aliases"]) {
        let mut line = format!("name     {}", text(&alias["alias"]));
        for word in ["unique", "shared"] {
            if alias[word] == true {
                line.push_str(&format!(", {word}"));
            }
        }
        if let Some(why) = alias["suppressed"].as_str() {
            line.push_str(&format!(", suppressed: {why}"));
        }
        let watchers = items(&alias["watchers"]).count();
        if watchers > 0 {
            line.push_str(&format!(", {watchers} more use it"));
        }
        lines.push(line);
    }
    for refused in items(&answer["refused"]) {
        let mut line = format!("refused  {}", text(&refused["alias"]));
        for pair in items(&refused["by"]) {
            line.push_str(&format!(": {} and {} stay two", text(&pair[0]), text(&pair[1])));
        }
        lines.push(line);
    }
    lines.extend(items(&answer["pending"]).map(|alias| format!("open     {}", text(alias))));
    for merge in items(&answer["merges"]) {
        let (id, at) = (text(&merge["profile"]), text(&merge["at"]));
        lines.push(format!("merged   {id} at {at}: {}", text(&merge["why"])));
    }
    let what_if = &answer["what_if"];
    if let Some(told) = what_if["answer"].as_str() {
        lines.push(format!("with {}: {told}", text(&what_if["with"])));
    }
    if what_if["without"].is_string() {
        let since = what_if["since"].as_str().map(|since| format!(", since {since}"));
        let (without, since) = (text(&what_if["without"]), since.unwrap_or_default());
        lines.push(format!("without {without}, {}{since}", text(&what_if["profile"])));
        for word in ["away", "stays"] {
            lines.extend(half(word, &what_if[word]));
        }
        lines.extend(items(&what_if["unclear"]).map(|what| format!("  unclear  {}", text(what))));
    }
    lines.join("\n")
}

/// One of the two that a profile would become.
fn half(word: &str, half: &Value) -> Vec<String> {
    let fields = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let names: Vec<_> = items(&half["aliases"]).map(text).collect();
    let mut lines = vec![format!("  {word:<8} {}", names.join(", "))];
    for (name, attribute) in fields(&half["attributes"]) {
        if !attribute["value"].is_null() {
            lines.push(format!("    {name}: {}", attribute["value"]));
        }
    }
    for consent in items(&half["consents"]) {
        let (fact, at) = (&consent["fact"], text(&consent["at"]));
        lines.push(format!("    {} {} at {at}", text(&fact["topic"]), text(&fact["state"])));
    }
    let events = fields(&half["events"]);
    let events: Vec<_> = events.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if !events.is_empty() {
        lines.push(format!("    {}", events.join(", ")));
    }
    lines
}

/// What is in force, and what was said.
pub fn consents(answer: &Value) -> String {
    let line = |at: &Value, fact: &Value| {
        let channel = fact["channel"].as_str().unwrap_or("every channel");
        let mut line = format!(
            "{}  {:<9} {} ({channel}), {}",
            text(at),
            text(&fact["state"]),
            text(&fact["topic"]),
            text(&fact["source"])
        );
        for name in ["wording", "ip"] {
            if let Some(more) = fact[name].as_str() {
                line.push_str(&format!(", {name} “{more}”"));
            }
        }
        line
    };
    let mut lines = vec![format!("in force at {}", text(&answer["at"]))];
    lines.extend(items(&answer["in_force"]).map(|c| format!("  {}", line(&c["at"], &c["fact"]))));
    for one in items(&answer["uses"]) {
        let word = if one["allowed"] == true { "allowed" } else { "not allowed" };
        let why = one["why"].as_str().map(|why| format!(": {why}")).unwrap_or_default();
        lines.push(format!("use {}  {word}{why}", text(&one["purpose"])));
    }
    lines.push("said".to_owned());
    for said in items(&answer["evidence"]) {
        let imported = if said["imported"] == true { ", imported" } else { "" };
        lines.push(format!("  {}{imported}", line(&said["at"], &said["statement"])));
    }
    lines.join("\n")
}
