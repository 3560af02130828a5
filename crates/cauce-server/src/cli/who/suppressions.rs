//! Addresses that must not be written to, at the terminal: listed, brought, held.

use crate::cli::Server;
use crate::cli::client::{Client, quote, text};
use crate::cli::talk::say;
use anyhow::Context;
use clap::Subcommand;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to do with suppressions.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Shows what the guard against mass bounces holds.
    Held(Server),
    /// Puts in force what is held of a provider, and ends its guard.
    Confirm {
        /// The provider's name or domain, as `held` shows it.
        keeper: String,
        #[command(flatten)]
        server: Server,
    },
    /// Forgets what is held of a provider, and ends its guard.
    Undo {
        /// The provider's name or domain, as `held` shows it.
        keeper: String,
        #[command(flatten)]
        server: Server,
    },
    /// Writes all suppressions as CSV.
    Export {
        /// Only those for this reason.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Reads suppressions from a CSV file with the columns `address`, and if they are there
    /// `namespace`, `reason` and `evidence`.
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        server: Server,
    },
}

/// Addresses of one request.
const AT_ONCE: usize = 500;

/// Runs one of them.
pub async fn run(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        Command::Held(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/suppressions/held", None).await?;
            say(&answer, json, held)
        }
        Command::Confirm { keeper, server } => release(&server, &keeper, "confirm", json).await,
        Command::Undo { keeper, server } => release(&server, &keeper, "undo", json).await,
        Command::Export { reason, server } => export(&server, reason.as_deref()).await,
        Command::Import { file, server } => import(&server, &file, json).await,
    }
}

async fn release(server: &Server, keeper: &str, to: &str, json: bool) -> anyhow::Result<ExitCode> {
    let path = format!("/v1/suppressions/held/{}/{to}", quote(keeper));
    let answer = Client::new(server)?.call("POST", &path, None).await?;
    say(&answer, json, |answer| match answer["in_force"].as_bool() {
        Some(true) => format!("{} addresses are suppressed", answer["released"]),
        _ => format!("{} addresses may be written to", answer["released"]),
    })
}

fn held(answer: &Value) -> String {
    let keepers = answer["keepers"].as_array().into_iter().flatten();
    let mut lines: Vec<String> = keepers
        .map(|one| {
            let (keeper, since) = (text(&one["keeper"]), text(&one["since"]));
            format!("{keeper}: {} addresses, since {since}", one["held"])
        })
        .collect();
    for one in answer["items"].as_array().into_iter().flatten() {
        lines.push(format!("  {}  {}", text(&one["address"]), text(&one["evidence"])));
    }
    if lines.is_empty() { "nothing is held".to_owned() } else { lines.join("\n") }
}

async fn export(server: &Server, reason: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut client = Client::new(server)?;
    let mut out = csv::Writer::from_writer(std::io::stdout().lock());
    let columns = ["namespace", "address", "reason", "evidence", "at", "stops"];
    out.write_record(columns)?;
    let mut cursor: Option<String> = None;
    loop {
        let mut path = "/v1/suppressions?limit=1000".to_owned();
        if let Some(reason) = reason {
            path.push_str(&format!("&reason={}", quote(reason)));
        }
        if let Some(cursor) = &cursor {
            path.push_str(&format!("&cursor={cursor}"));
        }
        let answer = client.call("GET", &path, None).await?;
        for one in answer["items"].as_array().into_iter().flatten() {
            out.write_record(columns.map(|column| text(&one[column])))?;
        }
        cursor = answer["next"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

async fn import(server: &Server, file: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let mut client = Client::new(server)?;
    let mut read = csv::Reader::from_path(file)
        .with_context(|| format!("cannot read `{}`", file.display()))?;
    let names = read.headers()?.clone();
    anyhow::ensure!(
        names.iter().any(|name| name == "address"),
        "`{}` has no column `address`",
        file.display()
    );
    let (mut taken, mut rejected, mut line) = (0, 0, 1);
    let mut batch = Vec::new();
    let mut records = read.records();
    loop {
        let record = records.next().transpose()?;
        if let Some(record) = &record {
            let known = ["namespace", "address", "reason", "evidence"];
            let fields = names
                .iter()
                .zip(record)
                .filter(|(name, value)| known.contains(name) && !value.is_empty());
            let item: serde_json::Map<String, Value> =
                fields.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
            batch.push(Value::Object(item));
        }
        if batch.len() >= AT_ONCE || record.is_none() && !batch.is_empty() {
            let request = json!({ "items": batch });
            let answer = client.call("POST", "/v1/suppressions/import", Some(&request)).await?;
            taken += answer["taken"].as_u64().unwrap_or_default();
            for fault in answer["rejected"].as_array().into_iter().flatten() {
                rejected += 1;
                let at = line + 1 + fault["item"].as_u64().unwrap_or_default();
                writeln!(std::io::stderr(), "line {at}: {}", text(&fault["detail"]))?;
            }
            line += batch.len() as u64;
            batch.clear();
        }
        if record.is_none() {
            break;
        }
    }
    say(&json!({ "taken": taken, "rejected": rejected }), json, |answer| {
        format!("{} addresses are suppressed, {} were none", answer["taken"], answer["rejected"])
    })?;
    Ok(if rejected == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
