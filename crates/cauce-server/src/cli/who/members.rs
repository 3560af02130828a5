//! Members and the audit at the terminal.

use crate::cli::Server;
use crate::cli::client::text;
use crate::cli::client::{Client, quote};
use crate::cli::talk::say;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::process::ExitCode;

/// What to do with members.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Invites somebody; the link is printed once, works once and lasts a week.
    Add {
        /// The e-mail address.
        email: String,
        /// What they may do.
        #[arg(long, default_value = "viewer", value_parser = ["owner", "editor", "viewer"])]
        role: String,
        /// The name; the address if absent.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Lists members.
    List(Server),
    /// Gives a member another role; they sign in again.
    Role {
        /// Whose.
        email: String,
        /// The role from now on.
        #[arg(value_parser = ["owner", "editor", "viewer"])]
        role: String,
        #[command(flatten)]
        server: Server,
    },
    /// Signs a member out everywhere and does not let them in again.
    Disable {
        /// Who.
        email: String,
        /// Let them in again.
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Removes a member.
    Remove {
        /// Who.
        email: String,
        #[command(flatten)]
        server: Server,
    },
    /// Makes a new invitation for who lost a link or a password; what they had is worth nothing.
    Reset {
        /// Who.
        email: String,
        #[command(flatten)]
        server: Server,
    },
}

/// What to look for in the audit.
#[derive(Debug, Args)]
pub struct Look {
    /// Part of the name of who did it.
    #[arg(long)]
    who: Option<String>,
    /// What was done, or its beginning: `campaign`, `key.make`.
    #[arg(long)]
    what: Option<String>,
    /// Of which thing, exactly.
    #[arg(long, conflicts_with = "person")]
    of: Option<String>,
    /// About which person: `email=ana@example.com`.
    #[arg(long)]
    person: Option<String>,
    /// How many rows, newest first.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    server: Server,
}

/// The link of an invitation, whole.
fn link(server: &Server, answer: &Value) -> String {
    format!("{}{}", server.server.trim_end_matches('/'), text(&answer["invitation"]))
}

fn line(member: &Value) -> String {
    format!(
        "{:<32} {:<7} {:<9} {}",
        text(&member["email"]),
        text(&member["role"]),
        text(&member["state"]),
        text(&member["name"])
    )
}

/// Runs one.
pub async fn run(command: Command, json: bool) -> anyhow::Result<ExitCode> {
    let path = |email: &str| format!("/v1/members/{}", quote(email));
    match command {
        Command::Add { email, role, name, server } => {
            let request = json!({ "email": email, "role": role, "name": name });
            let answer = Client::new(&server)?.call("POST", "/v1/members", Some(&request)).await?;
            say(&answer, json, |answer| link(&server, answer))
        }
        Command::Reset { email, server } => {
            let path = format!("{}/invitation", path(&email));
            let answer = Client::new(&server)?.call("POST", &path, None).await?;
            say(&answer, json, |answer| link(&server, answer))
        }
        Command::List(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/members", None).await?;
            say(&answer, json, |answer| {
                let lines: Vec<_> =
                    answer["items"].as_array().into_iter().flatten().map(line).collect();
                match lines.is_empty() {
                    true => "there are no members; `cauce members add --role owner EMAIL` invites \
                             the first"
                        .to_owned(),
                    false => lines.join("\n"),
                }
            })
        }
        Command::Role { email, role, server } => {
            let request = json!({ "role": role });
            let mut client = Client::new(&server)?;
            let answer = client.call("PATCH", &path(&email), Some(&request)).await?;
            say(&answer, json, line)
        }
        Command::Disable { email, undo, server } => {
            let request = json!({ "disabled": !undo });
            let mut client = Client::new(&server)?;
            let answer = client.call("PATCH", &path(&email), Some(&request)).await?;
            say(&answer, json, line)
        }
        Command::Remove { email, server } => {
            Client::new(&server)?.call("DELETE", &path(&email), None).await?;
            let answer = json!({ "email": email, "removed": true });
            say(&answer, json, |_| format!("{email} is no member any more"))
        }
    }
}

/// Shows the audit.
pub async fn audit(look: Look, json: bool) -> anyhow::Result<ExitCode> {
    let mut client = Client::new(&look.server)?;
    let person = look.person.as_deref().map(crate::cli::talk::alias).transpose()?;
    let person = person.map(|(namespace, value)| format!("{namespace}:{value}"));
    let wanted = [("who", look.who), ("what", look.what), ("of", look.of), ("person", person)];
    let wanted = wanted.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let query: String = wanted.map(|(name, value)| format!("&{name}={}", quote(&value))).collect();
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let limit = (look.limit - rows.len()).min(500);
        let path = format!("/v1/audit?limit={limit}{query}{cursor}");
        let mut answer = client.call("GET", &path, None).await?;
        if let Value::Array(items) = answer["items"].take() {
            rows.extend(items);
        }
        match answer["next"].as_str() {
            Some(next) if rows.len() < look.limit => cursor = format!("&cursor={}", quote(next)),
            _ => break,
        }
    }
    say(&json!({ "items": rows }), json, |answer| {
        let rows = answer["items"].as_array().into_iter().flatten().map(row);
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() { "nothing".to_owned() } else { rows.join("\n") }
    })
}

fn row(row: &Value) -> String {
    let who = format!("{} {}", text(&row["who"]["kind"]), text(&row["who"]["name"]));
    let (what, of, detail) = (text(&row["what"]), text(&row["of"]), text(&row["detail"]));
    let ended = match row["outcome"].as_str() {
        Some("done") | None => String::new(),
        Some(other) => format!("  ({other})"),
    };
    let detail = if detail.is_empty() { detail } else { format!("  {detail}") };
    format!("{}  {who:<28} {what:<18} {of}{detail}{ended}", text(&row["at"]))
}
