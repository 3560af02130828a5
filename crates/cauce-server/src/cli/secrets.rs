//! Secrets that the server keeps: set from a pipe or a file, never from the command line, which
//! others on the machine can read.

use super::Server;
use super::client::{Client, quote, text};
use super::talk::say;
use anyhow::Context;
use clap::Subcommand;
use serde_json::{Value, json};
use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do with secrets.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Keeps a secret, which definitions then name as `vault:NAME`. It is read from the standard
    /// input; one line end behind it is left out.
    Set {
        /// Its name.
        name: String,
        /// Read it from this file.
        #[arg(long)]
        file: Option<PathBuf>,
        #[command(flatten)]
        server: Server,
    },
    /// Lists secrets, without what they hold.
    List(Server),
    /// Forgets a secret that no definition names.
    Remove {
        /// Its name.
        name: String,
        #[command(flatten)]
        server: Server,
    },
}

fn read(file: Option<PathBuf>) -> anyhow::Result<String> {
    let read = match file {
        Some(file) => std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read `{}`", file.display()))?,
        None => {
            let mut input = std::io::stdin().lock();
            if input.is_terminal() {
                eprintln!("Type or paste the secret, then Enter and Ctrl-D. It will be seen here.");
            }
            let mut read = String::new();
            input.read_to_string(&mut read).context("the secret is no text")?;
            read
        }
    };
    let secret = read.strip_suffix('\n').unwrap_or(&read);
    Ok(secret.strip_suffix('\r').unwrap_or(secret).to_owned())
}

fn line(secret: &Value) -> String {
    let used = secret["used_by"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
    let used = if used.is_empty() { "used by nothing".to_owned() } else { used.join(", ") };
    let opens = match secret["opens"].as_bool() {
        Some(true) => "",
        _ => "  cannot be opened with this key: set it again",
    };
    format!("{:<24} {}  {used}{opens}", text(&secret["name"]), text(&secret["at"]))
}

/// Runs one.
pub async fn run(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    let path = |name: &str| format!("/v1/secrets/{}", quote(name));
    match command {
        Command::Set { name, file, server } => {
            let request = json!({ "value": read(file)? });
            Client::new(&server)?.call("PUT", &path(&name), Some(&request)).await?;
            let answer = json!({ "name": name, "kept": true });
            say(&answer, json, |_| format!("kept; definitions write `vault:{name}`"))
        }
        Command::List(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/secrets", None).await?;
            say(&answer, json, |answer| {
                let all = answer["secrets"].as_array().into_iter().flatten();
                let lines: Vec<_> = all.map(line).collect();
                match lines.is_empty() {
                    true => "no secrets; `cauce secrets set NAME` keeps one".to_owned(),
                    false => lines.join("\n"),
                }
            })
        }
        Command::Remove { name, server } => {
            Client::new(&server)?.call("DELETE", &path(&name), None).await?;
            let answer = json!({ "name": name, "removed": true });
            say(&answer, json, |_| format!("{name} is forgotten"))
        }
    }
}
