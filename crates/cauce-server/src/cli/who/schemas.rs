//! `cauce schemas` and `cauce quarantine`: what comes in, what is locked, and what waits.

use crate::cli::Server;
use crate::cli::client::{Client, quote};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum SchemasCommand {
    /// Lists events and attributes: what was learned, what is locked, who uses it.
    List(Server),
    /// Shows one: properties with their types, how often they are there, and who uses them.
    Show(What),
    /// Writes the definition that says what was learned, for a person to review and to apply.
    Lock {
        #[command(flatten)]
        what: What,
        /// The directory of definitions.
        #[arg(long, default_value = ".")]
        directory: PathBuf,
        /// Also refuse what is not named in it.
        #[arg(long)]
        closed: bool,
        /// Write over a file that is there.
        #[arg(long)]
        force: bool,
    },
}

/// An event, or attributes.
#[derive(Debug, Args)]
pub struct What {
    /// The event's name.
    #[arg(required_unless_present = "attributes")]
    event: Option<String>,
    /// Attributes instead of an event.
    #[arg(long, conflicts_with = "event")]
    attributes: bool,
    #[command(flatten)]
    server: Server,
}

impl What {
    fn path(&self) -> String {
        match &self.event {
            Some(event) => format!("/v1/schemas/events/{}", quote(event)),
            None => "/v1/schemas/attributes".to_owned(),
        }
    }

    async fn get(&self) -> anyhow::Result<Value> {
        Client::new(&self.server)?.call("GET", &self.path(), None).await
    }
}

#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// Lists events that wait, with every fault.
    List {
        /// Events of this name.
        #[arg(long)]
        event: Option<String>,
        /// Events with such a fault: wrong-type, missing, unknown, ambiguous.
        #[arg(long)]
        reason: Option<String>,
        /// Go on here.
        #[arg(long)]
        cursor: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Shows one event that waits.
    Show {
        /// Its name in the list.
        id: String,
        #[command(flatten)]
        server: Server,
    },
    /// Tries events again after a fix: those that fit now count, each once.
    Replay {
        #[command(flatten)]
        chosen: Chosen,
        /// A new name for a property before it is tried: `properties.amount=total`.
        #[arg(long)]
        rename: Vec<String>,
        /// A type for a property: `properties.total=number`.
        #[arg(long)]
        cast: Vec<String>,
        /// A property that is left out.
        #[arg(long)]
        remove: Vec<String>,
        /// They may start journeys and send, as they would have when they came.
        #[arg(long)]
        live: bool,
    },
    /// Gives events up for good.
    Drop {
        #[command(flatten)]
        chosen: Chosen,
        /// Why.
        #[arg(long)]
        why: String,
    },
}

/// Which events are meant.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(true))]
pub struct Chosen {
    /// These, by their names in the list.
    #[arg(group = "which")]
    ids: Vec<String>,
    /// Events of this name.
    #[arg(long, group = "which")]
    event: Option<String>,
    /// Events with such a fault.
    #[arg(long, group = "which")]
    reason: Option<String>,
    /// Everything that waits.
    #[arg(long, group = "which")]
    all: bool,
    #[command(flatten)]
    server: Server,
}

impl Chosen {
    fn request(&self) -> Value {
        json!({ "ids": self.ids, "event": self.event, "reason": self.reason, "all": self.all })
    }
}

fn say(text: &str) -> anyhow::Result<ExitCode> {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

/// Runs `cauce schemas …`.
pub async fn schemas(command: SchemasCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    match command {
        SchemasCommand::List(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/schemas", None).await?;
            if as_json {
                return say(&answer.to_string());
            }
            let row = |item: &Value| {
                let name = item["event"].as_str().unwrap_or("(attributes)");
                format!(
                    "{name:<32} {:<10} {:>10} seen  {:>3} properties  used in {}",
                    words(&item["state"]),
                    item["count"],
                    item["properties"],
                    item["used_in"]
                )
            };
            let mut lines: Vec<String> = list(&answer, "items").map(row).collect();
            lines.push(row(&answer["attributes"]));
            lines.extend(answer["bound"].as_str().map(str::to_owned));
            say(&lines.join("\n"))
        }
        SchemasCommand::Show(what) => {
            let answer = what.get().await?;
            say(&if as_json { answer.to_string() } else { shown(&answer) })
        }
        SchemasCommand::Lock { what, directory, closed, force } => {
            let answer = what.get().await?;
            let (file, text) = definition(&answer, what.event.as_deref(), closed)?;
            let file = write(&directory, &file, &text, force)?;
            if as_json {
                return say(&json!({ "file": file, "used_in": answer["used_in"] }).to_string());
            }
            let mut lines = vec![format!("wrote {file}: review it, then `cauce plan` and `apply`")];
            lines.extend(used_by(&answer));
            say(&lines.join("\n"))
        }
    }
}

fn used_by(answer: &Value) -> Vec<String> {
    let one = |by: &Value| {
        format!("  used by {} `{}`: {}", words(&by["kind"]), words(&by["name"]), words(&by["how"]))
    };
    list(answer, "used_in").map(one).collect()
}

fn shown(answer: &Value) -> String {
    let mut lines = vec![format!(
        "{}: {}, {} seen, {} looked at, from {} to {}",
        answer["event"].as_str().unwrap_or("attributes"),
        words(&answer["state"]),
        answer["count"],
        answer["looked_at"],
        words(&answer["first_seen"]),
        words(&answer["last_seen"])
    )];
    for property in list(answer, "properties") {
        let types: Vec<String> = list(property, "types")
            .map(|seen| format!("{} ×{}", words(&seen["type"]), seen["count"]))
            .collect();
        let present = property["present"].as_f64().unwrap_or_default() * 100.0;
        let written = match &property["written"] {
            Value::Null => String::new(),
            written => format!("  written: {written}"),
        };
        let path = words(&property["path"]);
        lines.push(format!("  {path:<28} {present:>3.0} %  {}{written}", types.join(", ")));
        lines.extend(used_by(property).into_iter().map(|user| format!("    {user}")));
    }
    for old in list(answer, "was") {
        lines.push(format!("  was {}: {} seen", words(&old["name"]), old["count"]));
    }
    lines.extend(used_by(answer));
    lines.extend(answer["bound"].as_str().map(str::to_owned));
    lines.join("\n")
}

/// The file's name and its text.
fn definition(
    answer: &Value,
    event: Option<&str>,
    closed: bool,
) -> anyhow::Result<(String, String)> {
    let mut document: Map<String, Value> = match &answer["suggested"] {
        Value::Object(document) => document.clone(),
        _ => bail!("the server knows no schema of it"),
    };
    let known = answer["definition"]["key"].as_str();
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    let key = match (known, event) {
        (Some(key), _) => key.to_owned(),
        (None, None) => "attributes".to_owned(),
        (None, Some(event)) => {
            event.to_lowercase().chars().map(|c| if fine(c) { c } else { '_' }).collect()
        }
    };
    if let Some(event) = event.filter(|event| *event != key || key == "attributes") {
        document.insert("event".to_owned(), json!(event));
    }
    document.insert("state".to_owned(), json!("locked"));
    if closed {
        document.insert("open".to_owned(), json!(false));
    }
    let text = serde_yaml_ng::to_string(&Value::Object(document))?;
    let note = "# Written from what was learned; review it before you apply it.\n";
    Ok((key, format!("{note}{text}")))
}

fn write(directory: &Path, key: &str, text: &str, force: bool) -> anyhow::Result<String> {
    let folder = directory.join("schemas");
    std::fs::create_dir_all(&folder).with_context(|| format!("`{}`", folder.display()))?;
    let file = folder.join(format!("{key}.yaml"));
    if file.exists() && !force {
        bail!("`{}` is there; `--force` writes over it", file.display());
    }
    std::fs::write(&file, text).with_context(|| format!("`{}`", file.display()))?;
    Ok(file.display().to_string())
}

fn waiting(item: &Value) -> String {
    let mut lines = vec![format!(
        "{}  {}  {}  since {}, tried again {} times",
        words(&item["id"]),
        words(&item["event"]["name"]),
        words(&item["event"]["id"]),
        words(&item["since"]),
        item["tries"]
    )];
    for fault in list(item, "faults") {
        lines.push(format!("    {}: {}", words(&fault["path"]), words(&fault["message"])));
    }
    lines.join("\n")
}

fn pairs(given: &[String], what: &str) -> anyhow::Result<Map<String, Value>> {
    let pair = |text: &String| {
        let (path, to) = text.split_once('=').with_context(|| {
            format!("--{what}: `{text}` says no new value: write `properties.total=…`")
        })?;
        Ok((path.to_owned(), json!(to)))
    };
    given.iter().map(pair).collect()
}

/// Runs `cauce quarantine …`.
pub async fn quarantine(command: QuarantineCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    match command {
        QuarantineCommand::List { event, reason, cursor, server } => {
            let asked = [("event", event), ("reason", reason), ("cursor", cursor)];
            let asked: Vec<String> = asked
                .into_iter()
                .filter_map(|(name, value)| Some(format!("{name}={}", quote(&value?))))
                .collect();
            let path = format!("/v1/quarantine?{}", asked.join("&"));
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            if as_json {
                return say(&answer.to_string());
            }
            let mut lines: Vec<String> = list(&answer, "items").map(waiting).collect();
            if let Some(next) = answer["next"].as_str() {
                lines.push(format!("more: --cursor {next}"));
            }
            for entry in list(&answer, "entries") {
                lines.push(format!("an entry could not be decided: {entry}"));
            }
            if lines.is_empty() {
                lines.push("nothing waits".to_owned());
            }
            say(&lines.join("\n"))
        }
        QuarantineCommand::Show { id, server } => {
            let path = format!("/v1/quarantine/{}", quote(&id));
            let answer = Client::new(&server)?.call("GET", &path, None).await?;
            say(&if as_json {
                answer.to_string()
            } else {
                format!("{}\n{}", waiting(&answer), serde_json::to_string_pretty(&answer["event"])?)
            })
        }
        QuarantineCommand::Replay { chosen, rename, cast, remove, live } => {
            let mut request = chosen.request();
            request["fix"] = json!({ "rename": pairs(&rename, "rename")?,
                                     "cast": pairs(&cast, "cast")?, "remove": remove,
                                     "live": live });
            let path = "/v1/quarantine/replay";
            let answer = Client::new(&chosen.server)?.call("POST", path, Some(&request)).await?;
            if as_json {
                return say(&answer.to_string());
            }
            say(&format!("{} replayed, {} wait on", answer["replayed"], answer["waiting"]))
        }
        QuarantineCommand::Drop { chosen, why } => {
            let mut request = chosen.request();
            request["why"] = json!(why);
            let path = "/v1/quarantine/drop";
            let answer = Client::new(&chosen.server)?.call("POST", path, Some(&request)).await?;
            if as_json {
                return say(&answer.to_string());
            }
            say(&format!("{} given up", answer["dropped"]))
        }
    }
}
