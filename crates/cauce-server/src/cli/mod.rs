//! The command line: one program for the server and for everybody who talks to it.

mod client;
mod definitions;
mod demo;
mod events;
pub(crate) mod import;
mod log;
mod secrets;
mod sending;
mod serve;
mod shown;
mod sources;
mod talk;
mod who;

pub use import::{Told, rehearse};

use anyhow::Context;
use clap::{Args, CommandFactory, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use who::{devices, erase, lists, members, schemas, segments, suppressions};

/// Orchestrates messages to people across channels.
#[derive(Debug, Parser)]
#[command(name = "cauce", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    /// Answers as JSON, for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// Where the server is, for commands that talk to one.
#[derive(Clone, Debug, Args)]
pub struct Server {
    /// The server's address.
    #[arg(long, env = "CAUCE_SERVER", default_value = "http://127.0.0.1:7070")]
    server: String,
    /// The key; found in the data directory of a server on this machine if absent.
    #[arg(long, env = "CAUCE_KEY", hide_env_values = true)]
    key: Option<String>,
}

/// Where the process finds its configuration.
#[derive(Clone, Debug, Args)]
pub struct Configured {
    /// The configuration file; `cauce.toml` if there is one.
    #[arg(long, env = "CAUCE_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server.
    Serve(Configured),
    /// Runs the server for development: a temporary data directory, the catch-all provider, an
    /// inbox.
    Dev {
        /// Definitions to publish.
        #[arg(long)]
        definitions: Option<PathBuf>,
        /// The port; any free one if absent.
        #[arg(long, default_value_t = 7070)]
        port: u16,
    },
    /// Runs a shop with a few thousand people whose behaviour goes on live.
    Demo(demo::Options),
    /// Prints what the pages say to people, as a policy may have it in another language.
    Pages {
        /// The language to begin with: `en` or `es`.
        #[arg(default_value = "en")]
        language: String,
    },
    /// Looks for faults in a directory of definitions. No server is needed; with `--server` the
    /// directory is checked together with what is in force there.
    Check {
        /// The directory.
        #[arg(default_value = ".")]
        directory: PathBuf,
        /// The server's address.
        #[arg(long, env = "CAUCE_SERVER")]
        server: Option<String>,
        /// The key; found in the data directory of a server on this machine if absent.
        #[arg(long, env = "CAUCE_KEY", hide_env_values = true)]
        key: Option<String>,
    },
    /// Shows what applying a directory of definitions would change.
    Plan {
        /// The directory.
        #[arg(default_value = ".")]
        directory: PathBuf,
        /// Also remove what the directory does not have.
        #[arg(long)]
        prune: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Publishes a directory of definitions: all of it or nothing.
    Apply {
        /// The directory.
        #[arg(default_value = ".")]
        directory: PathBuf,
        /// Also remove what the directory does not have.
        #[arg(long)]
        prune: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Removes definitions that nobody uses, and says first what that touches.
    Remove {
        /// Of which kind: `segment`, `template`…
        kind: String,
        /// Their names.
        #[arg(required = true)]
        names: Vec<String>,
        /// Does it; without this it is only said what it would touch.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Sends one transactional message.
    Send {
        /// The template.
        template: String,
        /// To whom: `email=ana@example.com`, `user_id=7`.
        #[arg(long, required = true)]
        to: Vec<String>,
        /// What the template may use as `event`, as JSON.
        #[arg(long, default_value = "{}")]
        payload: String,
        /// The same key within a day is the same message.
        #[arg(long)]
        idempotency_key: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Reports one event.
    Track {
        /// The event's name.
        name: String,
        /// Who it is about: `email=ana@example.com`, `user_id=7`.
        #[arg(long, required = true)]
        who: Vec<String>,
        /// What it says, as JSON.
        #[arg(long, default_value = "{}")]
        properties: String,
        /// Attributes that it sets, as JSON.
        #[arg(long, default_value = "{}")]
        attributes: String,
        /// Topics that the person allowed with it; `*` for all.
        #[arg(long)]
        consent: Vec<String>,
        /// Topics that the person withdrew with it; `*` for all.
        #[arg(long)]
        withdraw: Vec<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Shows events as they are accepted.
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// Explains a message, an event or a request, step by step.
    Explain {
        /// `msg_…`, `evt_…`, `trc_…`, or a reporter's message id.
        id: String,
        #[command(flatten)]
        server: Server,
    },
    /// Why a profile is in a segment or a journey or not, or got a campaign's or template's message
    /// or not.
    #[command(group = clap::ArgGroup::new("what").required(true))]
    Why {
        /// The profile: `email=ana@example.com`, `user_id=7`.
        who: String,
        /// The segment.
        #[arg(long, group = "what")]
        segment: Option<String>,
        /// The campaign's run.
        #[arg(long, group = "what")]
        campaign: Option<u64>,
        /// The journey.
        #[arg(long, group = "what")]
        journey: Option<String>,
        /// The template.
        #[arg(long, group = "what")]
        template: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Shows a profile.
    Profile {
        /// `email=ana@example.com`, `user_id=7`.
        who: String,
        #[command(flatten)]
        server: Server,
    },
    /// Shows which names are one profile and why, and what one more name would change.
    Identity {
        /// `email=ana@example.com`, `user_id=7`.
        who: String,
        /// What would happen if an event named this one too.
        #[arg(long)]
        with: Option<String>,
        /// What would be whose if the profile that this name led to were taken out again; an id
        /// (`id=pro_…`) does as well.
        #[arg(long, conflicts_with = "with")]
        without: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Takes a name from a person that was given by mistake.
    Rectify {
        /// `email=ana@example.com`, `user_id=7`.
        who: String,
        /// The name that is wrong: `email=ana@exmaple.com`.
        #[arg(long)]
        wrong: String,
        /// What it should have been.
        #[arg(long)]
        right: Option<String>,
        /// If somebody else has the right one, they are one person.
        #[arg(long, requires = "right")]
        merge: bool,
        /// An earlier try ended half done: the wrong name may be gone already.
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Shows what a person said about being written to, with the evidence.
    Consents {
        /// `email=ana@example.com`, `user_id=7`.
        who: String,
        /// What was in force then (RFC 3339).
        #[arg(long)]
        at: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Forgets a person: all that is known under any of their names.
    Erase {
        /// `email=ana@example.com`, `user_id=7`; none with `--sweep` alone.
        #[arg(required_unless_present = "sweep")]
        who: Option<String>,
        /// Take the last bytes of who was erased out of the files now, and not within a day.
        #[arg(long)]
        sweep: bool,
        /// Do not ask whether it is meant.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Lists a profile's messages, newest first, with what became of each and why.
    Messages {
        /// `email=ana@example.com`, `user_id=7`.
        who: String,
        #[command(flatten)]
        server: Server,
    },
    /// Lists segments with their live counts, shows who uses one, or estimates a rule.
    Segments {
        #[command(subcommand)]
        command: Option<segments::SegmentsCommand>,
        #[command(flatten)]
        server: Server,
    },
    /// Brings lists of people from outside, and shows them.
    #[command(subcommand)]
    Lists(lists::ListsCommand),
    /// Starts, watches and steers campaigns; says who would get one, and what it costs.
    #[command(subcommand)]
    Campaign(CampaignCommand),
    /// Shows how a template looks for somebody, and what a text message costs; nothing is sent.
    Preview(sending::preview::Options),
    /// Suppresses an address, or lifts its suppression.
    Suppress {
        /// The address.
        address: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
        /// Only marketing: transactional messages go on.
        #[arg(long, conflicts_with = "lift")]
        marketing: bool,
        /// Lift it.
        #[arg(long)]
        lift: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Lists, brings and releases addresses that must not be written to.
    #[command(subcommand)]
    Suppressions(suppressions::Command),
    /// Devices whose tokens were refused: shows them, takes them back, lets them go.
    #[command(subcommand)]
    Devices(devices::Command),
    /// Tries providers: the request before it leaves, and what its answer means.
    #[command(subcommand)]
    Providers(sending::providers::ProvidersCommand),
    /// Makes, lists and revokes API keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Shows what events and attributes look like, and locks it.
    #[command(subcommand)]
    Schemas(schemas::SchemasCommand),
    /// Shows events that do not fit their schema, tries them again, or gives them up.
    #[command(subcommand)]
    Quarantine(schemas::QuarantineCommand),
    /// Invites, lists and removes members, who sign in to the console.
    #[command(subcommand)]
    Members(members::Command),
    /// Keeps secrets in the server that definitions name: passwords, keys.
    #[command(subcommand)]
    Secrets(secrets::Command),
    /// Shows who changed what, newest first.
    Audit(members::Look),
    /// Imports a file of rows as events: CSV, NDJSON or Parquet, with a mapping.
    Import(import::Options),
    /// Shows where events come from that nobody reports, and looks for new files.
    #[command(subcommand)]
    Sources(sources::SourcesCommand),
    /// Examines senders: what stands in the DNS, and what is to be published.
    Doctor(sending::doctor::Examination),
    /// Looks into the log of a data directory, without a running server.
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Writes a backup on the server, while everything goes on.
    Backup(Server),
    /// Shows whether sending is paused, what keeps messages from leaving, and the ready queues;
    /// stops sending everywhere, or goes on.
    Sending {
        /// Stop, and why.
        #[arg(long, conflicts_with = "resume")]
        pause: Option<String>,
        /// Go on.
        #[arg(long)]
        resume: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Shows what waits to leave and for how long, and how its providers are.
    Queues(Server),
    /// Shows what mailbox providers' readers complain of, and lets marketing go on that was paused
    /// for it.
    #[command(subcommand)]
    Deliverability(sending::complaints::Command),
    /// Lists messages that nobody carried, and tries them again.
    #[command(subcommand)]
    DeadLetters(sending::queues::LettersCommand),
    /// Shows the time that the server goes by, or confirms that the machine's clock is right after
    /// it stepped.
    Clock {
        /// The machine's clock is right.
        #[arg(long)]
        confirm: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Makes a data directory from a backup. Sending is paused in it until somebody resumes.
    Restore {
        /// The backup.
        file: PathBuf,
        /// The data directory to make.
        #[arg(long)]
        data: PathBuf,
        /// The register of erasures (`erasures.json` of the data directory that was lost): who was
        /// erased since is erased again. Found beside the backup's folder if absent.
        #[arg(long)]
        erasures: Option<PathBuf>,
    },
    /// Checks or shows the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Prints the completion script of a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
enum CampaignCommand {
    /// Starts a campaign.
    Start {
        /// Its name.
        name: String,
        /// Stay and show its progress.
        #[arg(long)]
        watch: bool,
        /// Start it although something stands against it, for this reason: the audit keeps it.
        #[arg(long, value_name = "REASON")]
        despite: Option<String>,
        #[command(flatten)]
        server: Server,
    },
    /// Shows who would get a campaign if it started now, and why the others would not.
    Audience {
        /// Its name.
        name: String,
        /// Look at everybody, however long that takes; otherwise at a sample of large audiences.
        #[arg(long)]
        exact: bool,
        #[command(flatten)]
        server: Server,
    },
    /// Shows what a campaign of text messages would cost if it started now.
    Cost {
        /// Its name.
        name: String,
        #[command(flatten)]
        server: Server,
    },
    /// Lists runs with their balances.
    List(Server),
    /// Pauses a run.
    Pause(Run),
    /// Resumes a run.
    Resume(Run),
    /// Cancels a run for good.
    Cancel(Run),
}

#[derive(Debug, Args)]
struct Run {
    /// The run's number.
    run: u64,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Makes a key; the secret is printed once.
    Make {
        /// What it is for.
        name: String,
        /// What it may do: report events, read what is shared, upload lists, or everything.
        #[arg(long, default_value = "write", value_parser = ["write", "lookup", "lists", "admin"])]
        scope: String,
        #[command(flatten)]
        server: Server,
    },
    /// Lists keys.
    List(Server),
    /// Revokes a key.
    Revoke {
        /// Its public beginning.
        prefix: String,
        #[command(flatten)]
        server: Server,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Every fault, then what is legal but risky.
    Check(Configured),
    /// The values in force, and where they come from.
    Show(Configured),
    /// A file with every key, what it is for and its default.
    Sample,
}

/// Runs what was asked for. Exit codes: 0 done, 1 failed, 2 misused.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let json = cli.json;
    match cli.command {
        Command::Serve(configured) => runtime()?.block_on(serve::serve(&configured)),
        Command::Dev { definitions, port } => {
            runtime()?.block_on(serve::dev(definitions.as_deref(), port))
        }
        Command::Demo(options) => runtime()?.block_on(demo::run(&options)),
        Command::Import(options) => runtime()?.block_on(import::run(&options, json)),
        Command::Schemas(command) => runtime()?.block_on(schemas::schemas(command, json)),
        Command::Quarantine(command) => runtime()?.block_on(schemas::quarantine(command, json)),
        Command::Suppressions(command) => runtime()?.block_on(suppressions::run(command, json)),
        Command::Devices(command) => runtime()?.block_on(devices::run(command, json)),
        Command::Sources(command) => runtime()?.block_on(sources::run(command, json)),
        Command::Preview(options) => runtime()?.block_on(sending::preview::preview(&options, json)),
        Command::Queues(server) => runtime()?.block_on(sending::queues::queues(&server, json)),
        Command::DeadLetters(command) => {
            runtime()?.block_on(sending::queues::letters(&command, json))
        }
        Command::Deliverability(command) => {
            runtime()?.block_on(sending::complaints::run(command, json))
        }
        Command::Doctor(wanted) => runtime()?.block_on(sending::doctor::run(wanted, json)),
        Command::Providers(command) => runtime()?.block_on(sending::providers::run(command, json)),
        Command::Log(command) => log::run(&command, json),
        Command::Events(command) => runtime()?.block_on(events::run(&command, json)),
        Command::Config(ConfigCommand::Check(configured)) => serve::check_config(&configured, json),
        Command::Config(ConfigCommand::Show(configured)) => serve::show_config(&configured, json),
        Command::Config(ConfigCommand::Sample) => serve::sample_config(),
        Command::Restore { file, data, erasures } => {
            serve::restore(&file, &data, erasures.as_deref(), json)
        }
        Command::Pages { language } => definitions::pages(&language, json),
        Command::Check { directory, server: None, .. } => talk::check(&directory, json),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "cauce", &mut out);
            std::io::Write::write_all(&mut std::io::stdout(), &out)?;
            Ok(ExitCode::SUCCESS)
        }
        talking => runtime()?.block_on(talk::run(talking, json)),
    }
}
