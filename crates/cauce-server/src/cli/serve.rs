//! Running the server.

use super::{Configured, definitions};
use crate::access::members::Change;
use crate::access::{Role, Who};
use crate::boot::{self, Running};
use crate::config::Config;
use crate::http;
use anyhow::Context;
use cauce_core::publish::{Body, Name};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn load(configured: &Configured) -> anyhow::Result<(Config, Vec<(String, String)>)> {
    let usual = PathBuf::from("cauce.toml");
    let file = configured.config.clone().or_else(|| usual.is_file().then_some(usual));
    Config::load(file.as_deref(), std::env::vars())
}

/// Every fault, then the risks.
pub fn check_config(configured: &Configured, json: bool) -> anyhow::Result<ExitCode> {
    let (config, _) = match load(configured) {
        Err(error) if json => {
            let said = serde_json::json!({ "clean": false, "fault": format!("{error:#}") });
            writeln!(std::io::stdout(), "{said}")?;
            return Ok(ExitCode::FAILURE);
        }
        loaded => loaded?,
    };
    let risks = config.risks();
    if json {
        let said = serde_json::json!({ "clean": true, "warnings": risks });
        writeln!(std::io::stdout(), "{said}")?;
        return Ok(ExitCode::SUCCESS);
    }
    for risk in &risks {
        writeln!(std::io::stdout(), "warning: {risk}")?;
    }
    let count = risks.len();
    writeln!(std::io::stdout(), "the configuration has no faults and {count} warnings")?;
    Ok(ExitCode::SUCCESS)
}

/// The values in force.
pub fn show_config(configured: &Configured, json: bool) -> anyhow::Result<ExitCode> {
    let (config, origins) = load(configured)?;
    if json {
        writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&config)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let table = toml::Table::try_from(&config)?;
    for (key, value) in table {
        let origin = origins.iter().rev().find(|(name, _)| *name == key);
        let origin = origin.map_or("default", |(_, origin)| origin);
        writeln!(std::io::stdout(), "{key} = {value}  # {origin}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A configuration file that sets nothing.
pub fn sample_config() -> anyhow::Result<ExitCode> {
    write!(std::io::stdout(), "{}", crate::config::sample())?;
    Ok(ExitCode::SUCCESS)
}

/// Lines about what happens, for a person or, without a terminal, for a collector.
pub fn start_logging() {
    use std::io::IsTerminal as _;
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("CAUCE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start within one process keeps the first one's.
    let _ = if std::io::stderr().is_terminal() {
        builder.compact().try_init()
    } else {
        builder.json().try_init()
    };
}

/// Starts a server and says where it listens; leaves the first key where the command line finds it.
pub async fn start(
    config: &Config,
) -> anyhow::Result<(Running, std::net::SocketAddr, tokio::task::JoinHandle<()>)> {
    let replayed = |count: u64| {
        if count > 0 {
            tracing::info!(entries = count, "replaying the log");
        }
    };
    let running = boot::start(config, &replayed).await?;
    if let Some(key) = &running.first_key {
        boot::write_private(&config.data.join("admin-key"), key.as_bytes())?;
    }
    let (address, served) = http::serve(running.app.clone(), &config.listen).await?;
    let task = tokio::spawn(served);
    Ok((running, address, task))
}

/// Waits for the end that the operating system or a person asks for.
pub async fn asked_to_end() {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .expect("the process may listen to its signals");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Runs until it is asked to end.
pub async fn serve(configured: &Configured) -> anyhow::Result<ExitCode> {
    start_logging();
    let (config, _) = load(configured)?;
    for risk in config.risks() {
        tracing::warn!("{risk}");
    }
    let (running, address, served) = start(&config).await?;
    tracing::info!(%address, data = %config.data.display(), "listening");
    if running.first_key.is_some() {
        let file = config.data.join("admin-key");
        tracing::info!(file = %file.display(), "the first admin key was made");
    }
    asked_to_end().await;
    tracing::info!("ending: what is on its way may finish");
    running.stop().await;
    served.abort();
    Ok(ExitCode::SUCCESS)
}

/// Reads a directory of definitions for a process that is its own server.
pub fn wanted(directory: &Path) -> anyhow::Result<BTreeMap<Name, Body>> {
    let request = definitions::read(directory, false)?;
    let (wanted, faults) = definitions::bodies(&request);
    if faults.is_empty() {
        return Ok(wanted);
    }
    let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
    anyhow::bail!("the definitions have faults:\n  {}", faults.join("\n  "))
}

/// Publishes definitions in this process.
pub async fn publish(running: &Running, wanted: &BTreeMap<Name, Body>) -> anyhow::Result<u64> {
    match running.app.apply(wanted, &cauce_core::publish::Removal::Nothing, "command line").await {
        Ok(plan) => Ok(plan),
        Err(crate::app::Refusal::Faulty(verdict)) => {
            let faults: Vec<_> = verdict.diagnostics.iter().map(ToString::to_string).collect();
            anyhow::bail!("the definitions have faults:\n  {}", faults.join("\n  "))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Who the owner of a server for development or demonstration is.
const LOCAL_OWNER: &str = "owner@example.com";

/// Makes an owner, and a link with which a browser on this machine is signed in as that, once.
pub async fn entry(running: &Running, address: std::net::SocketAddr) -> anyhow::Result<String> {
    let app = &running.app;
    if app.control().members.get(LOCAL_OWNER).is_none() {
        let change = Change::Added {
            email: LOCAL_OWNER.to_owned(),
            name: "Owner".to_owned(),
            role: Role::Owner,
            at: app.node.now(),
            invitation: None,
        };
        app.change_member(move |_| Ok(change)).await?;
        let who = Who::system("command line");
        app.note_done(who, "member.add", LOCAL_OWNER, Role::Owner.as_str()).await?;
    }
    Ok(format!("http://{address}/enter/{}", app.access.make_entry(LOCAL_OWNER)))
}

/// A folder that is nobody's yet and is gone with this. Not: one named by the number of the
/// process. One that was killed leaves its own, numbers come again, and what was in there would be
/// taken for this server's.
pub fn forgotten(name: &str) -> anyhow::Result<tempfile::TempDir> {
    let made = tempfile::Builder::new().prefix(&format!("cauce-{name}-")).tempdir();
    made.context("there is no room for a temporary folder")
}

/// Runs for development.
pub async fn dev(directory: Option<&Path>, port: u16) -> anyhow::Result<ExitCode> {
    start_logging();
    let folder = forgotten("dev")?;
    let config = Config {
        data: folder.path().to_owned(),
        listen: format!("127.0.0.1:{port}"),
        public_url: format!("http://127.0.0.1:{port}"),
        egress_private: true,
        development: true,
        ..Config::default()
    };
    let (running, address, served) = start(&config).await?;
    if let Some(directory) = directory {
        publish(&running, &wanted(directory)?).await.context("nothing was published")?;
    }
    let key = running.first_key.clone().unwrap_or_default();
    let said = format!(
        "Cauce for development. Everything is forgotten when it ends.\n\n  \
         sign in {}  (once)\n  inbox   http://{address}/inbox\n  key     {key}\n\n  \
         export CAUCE_SERVER=http://{address} CAUCE_KEY={key}\n\n",
        entry(&running, address).await?
    );
    // At once, and whether anybody reads it to its end or not: a server outlives a closed pipe.
    let _ = std::io::stdout().write_all(said.as_bytes());
    asked_to_end().await;
    running.stop().await;
    served.abort();
    drop(folder);
    Ok(ExitCode::SUCCESS)
}

/// Makes a data directory from a backup.
pub fn restore(
    file: &Path,
    data: &Path,
    erasures: Option<&Path>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let config = Config { data: data.to_owned(), ..Config::default() };
    // A backup lies in `backups` of its data directory, the register in the directory itself.
    let lost = file.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    let beside = crate::loops::erasures::register_file(lost);
    let erasures = erasures.or(beside.is_file().then_some(&*beside));
    let boot::Restored { partitions, links, again } = boot::restore(file, &config, erasures)?;
    if json {
        let due = again.due.iter();
        let due = due.map(|(name, at)| serde_json::json!({ "campaign": name, "at": at }));
        let running = again.running.iter();
        let running = running.map(|(name, id)| serde_json::json!({ "campaign": name, "run": id }));
        let said = serde_json::json!({ "data": data, "partitions": partitions, "paused": true,
                                       "links": links, "erasures": erasures,
                                       "due": due.collect::<Vec<_>>(),
                                       "running": running.collect::<Vec<_>>(),
                                       "journeys": again.waiting.journeys,
                                       "requested": again.waiting.requested });
        writeln!(std::io::stdout(), "{said}")?;
        return Ok(ExitCode::SUCCESS);
    }
    match erasures {
        Some(register) => {
            println!("Who was erased since, by `{}`, is erased again at the", register.display());
            println!("first start, before anything is served.");
        }
        None => {
            println!("No register of erasures was found (`erasures.json` of the data directory");
            println!("that was lost): who was erased after the backup was made is back.");
        }
    }
    println!("`{}` has {partitions} partitions again. Sending is paused:", data.display());
    println!("what left after the backup was made would leave once more.");
    for (name, at) in &again.due {
        println!("  `{name}` was due at {at}, after the backup: it starts again with the server.");
    }
    for (name, id) in &again.running {
        println!("  `{name}` was under way in the backup: its run {id} goes on.");
    }
    for (name, count) in &again.waiting.journeys {
        println!("  Journey `{name}`: {count} waiting or due.");
    }
    if again.waiting.requested > 0 {
        println!("  Asked for by API: {} waiting.", again.waiting.requested);
    }
    if again.is_empty() {
        println!("Nothing waited in the backup, and nothing has come due since.");
    }
    println!("Start the server: nothing leaves. Look at the campaigns (`cauce campaign list`),");
    println!("cancel what is over (`cauce campaign cancel RUN`), then `cauce sending --resume`.");
    if !links {
        println!("The backup has no secret of links: put the file `secret` of the old directory");
        println!("there, or nobody can unsubscribe by a message that was sent before.");
    }
    Ok(ExitCode::SUCCESS)
}
