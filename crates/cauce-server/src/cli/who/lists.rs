//! Lists of people from outside: brought by a file, and looked at.

use crate::cli::Server;
use crate::cli::client::text;
use crate::cli::client::{Client, problem, quote};
use crate::cli::import::progress::{Meter, Progress, fingerprint};
use crate::cli::import::read::Rows;
use crate::cli::import::row::Rejected;
use crate::cli::import::send::Sender;
use crate::cli::import::{Rejects, mapping::Mapping};
use crate::cli::talk::say;
use anyhow::Context;
use cauce_core::time::Timestamp;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What may be asked for.
#[derive(Debug, clap::Subcommand)]
pub enum ListsCommand {
    /// Shows all lists with the number of people on them.
    List(Server),
    /// Shows one list, and who uses it.
    Show {
        /// Its name.
        name: String,
        #[command(flatten)]
        server: Server,
    },
    /// Puts the people of a file on a list: CSV or NDJSON, as it is or as `.zst` or `.gz`.
    Upload(Box<Upload>),
}

/// A file of rows, and what to do with them.
#[derive(Debug, clap::Args)]
pub struct Upload {
    /// The file: a column or field with the name of each, `expires` and `remove` if there are, and
    /// what is said of them.
    file: PathBuf,
    /// The list.
    #[arg(long)]
    name: String,
    /// The kind of name that its rows have; a list that does not exist is made for it (that takes
    /// a key that may do everything).
    #[arg(long)]
    namespace: Option<String>,
    /// When rows expire that do not say it: `30d`, or an RFC 3339 time.
    #[arg(long)]
    expires: Option<String>,
    /// The file is all of the list: whoever it does not name leaves, once it is whole.
    #[arg(long, conflicts_with = "remove")]
    replace: bool,
    /// The people of the file are taken off.
    #[arg(long)]
    remove: bool,
    /// As of when the file is true (RFC 3339); now if absent. Of two uploads the later one holds.
    #[arg(long)]
    as_of: Option<String>,
    /// Where rows go that could not be taken; `FILE.rejected.ndjson` here if absent.
    #[arg(long)]
    reject: Option<PathBuf>,
    /// Goes on where an earlier upload of this file ended early.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    server: Server,
}

/// Runs one of them.
pub async fn run(command: ListsCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        ListsCommand::List(server) => {
            let answer = Client::new(&server)?.call("GET", "/v1/lists", None).await?;
            say(&answer, json, |answer| {
                let lists = answer["items"].as_array().into_iter().flatten();
                let lists: Vec<String> = lists.map(shown).collect();
                if lists.is_empty() { "there are no lists".to_owned() } else { lists.join("\n") }
            })
        }
        ListsCommand::Show { name, server } => {
            let mut client = Client::new(&server)?;
            let path = format!("/v1/lists/{}", quote(&name));
            let mut answer = client.call("GET", &path, None).await?;
            let used = client.call("GET", &format!("{path}/dependents"), None).await?;
            answer["dependents"] = used["items"].clone();
            say(&answer, json, |answer| format!("{}\n{}", shown(answer), used_by(answer)))
        }
        ListsCommand::Upload(upload) => upload_file(*upload, json).await,
    }
}

fn shown(list: &Value) -> String {
    let expires = list["expires"].as_str().map(|span| format!(", for {span}"));
    let changing = if list["settled"] == false { "  being replaced" } else { "" };
    format!(
        "{:>10}  {:<24} {}{}{changing}",
        list["members"].to_string(),
        text(&list["name"]),
        text(&list["namespace"]),
        expires.unwrap_or_default(),
    )
}

/// Who uses something, in words.
pub fn used_by(answer: &Value) -> String {
    let items = answer["dependents"].as_array().into_iter().flatten();
    let line = |item: &Value| {
        format!("  {} {} ({})", text(&item["kind"]), text(&item["name"]), text(&item["how"]))
    };
    let lines: Vec<String> = items.map(line).collect();
    if lines.is_empty() {
        return "nothing uses it".to_owned();
    }
    format!("used by\n{}", lines.join("\n"))
}

/// A list that does not exist, made for the rows that are coming.
async fn ensure(client: &mut Client, upload: &Upload) -> anyhow::Result<()> {
    let Some(namespace) = &upload.namespace else { return Ok(()) };
    let path = format!("/v1/lists/{}", quote(&upload.name));
    let answer = client.ask("GET", &path, "application/json", bytes::Bytes::new()).await?;
    match answer.status {
        // A key that may only upload may not look either: the rows themselves say what is wrong.
        403 => Ok(()),
        200 => {
            let known = text(&answer.body["namespace"]);
            anyhow::ensure!(
                known == *namespace,
                "the rows of list `{}` are named by `{known}`, not by `{namespace}`",
                upload.name
            );
            Ok(())
        }
        404 => {
            let list = json!({ "namespace": namespace });
            let definitions = json!({ "lists": { upload.name.as_str(): list } });
            let request = json!({ "definitions": definitions, "prune": false });
            client.call("POST", "/v1/definitions/apply", Some(&request)).await?;
            eprintln!("list `{}` is new", upload.name);
            Ok(())
        }
        status => anyhow::bail!("{}", problem(&answer.body, status)),
    }
}

/// What an earlier upload left, if it is to go on; a fresh start if not.
fn begin(upload: &Upload, place: &std::path::Path, of: String) -> anyhow::Result<Progress> {
    let as_of = match &upload.as_of {
        Some(text) => text.parse().map_err(|why| anyhow::anyhow!("--as-of `{text}`: {why}"))?,
        None => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            Timestamp(now.map_or(0, |now| now.as_millis() as i64))
        }
    };
    let as_of = as_of.to_string();
    let fresh = Progress { of, as_of: Some(as_of), ..Progress::default() };
    let left = Progress::load(place)?;
    if !upload.resume {
        return Ok(fresh);
    }
    let left = left.with_context(|| {
        format!("there is nothing to resume: no `{}`; was it complete?", place.display())
    })?;
    anyhow::ensure!(
        left.of == fresh.of && left.as_of.is_some(),
        "`{}` is of another file or upload; leave `--resume` out to begin anew",
        place.display()
    );
    Ok(left)
}

/// What the address says of the upload.
fn address(upload: &Upload, progress: &Progress) -> String {
    let as_of = progress.as_of.clone().unwrap_or_default();
    // Another start of the same file is another upload: what it says is news.
    let name = format!("{} {as_of}", progress.of);
    let file = upload.file.file_name().unwrap_or_default().to_string_lossy();
    let mut address = format!(
        "?upload={}&as_of={}&source={}",
        quote(&name),
        quote(&as_of),
        quote(&format!("file {file}"))
    );
    if let Some(expires) = &upload.expires {
        address.push_str(&format!("&expires={}", quote(expires)));
    }
    if upload.remove {
        address.push_str("&remove=true");
    }
    address
}

struct Sending {
    sender: Sender,
    rejects: Rejects,
    meter: Meter,
    place: PathBuf,
    progress: Progress,
}

impl Sending {
    fn reject(&mut self, rejected: &Rejected) -> anyhow::Result<()> {
        self.progress.counts.rejected += 1;
        self.rejects.add(rejected)
    }

    async fn flush(&mut self, done: u64) -> anyhow::Result<()> {
        let sent = self.sender.flush().await?;
        self.progress.counts.accepted += sent.accepted;
        for rejected in &sent.rejected {
            self.reject(rejected)?;
        }
        self.progress.done = done;
        self.progress.reject_bytes = self.rejects.bytes;
        self.meter.show(&self.progress.counts);
        self.progress.save(&self.place)
    }

    async fn stream(&mut self, mut rows: Rows) -> anyhow::Result<()> {
        let done = self.progress.done;
        let mut read = 0;
        while let Some(row) = rows.next()? {
            read += 1;
            if read <= done {
                continue;
            }
            self.progress.counts.rows += 1;
            match row {
                Ok(row) => {
                    if self.sender.add_row(row.line, row.shown()) {
                        self.flush(read).await?;
                    }
                }
                Err(rejected) => self.reject(&rejected)?,
            }
        }
        self.flush(read).await
    }
}

/// Uploads. 0: everything; 1: something was rejected, or it ended early.
async fn upload_file(upload: Upload, json: bool) -> anyhow::Result<ExitCode> {
    let file = std::fs::File::open(&upload.file)
        .with_context(|| format!("cannot open `{}`", upload.file.display()))?;
    let terms = format!(
        "{} {:?} {:?} {} {} {:?}",
        upload.name, upload.namespace, upload.expires, upload.replace, upload.remove, upload.as_of
    );
    let of = fingerprint(&upload.file, terms.as_bytes(), true)?;
    let usual = || {
        let name = upload.file.file_name().unwrap_or_default().to_string_lossy();
        PathBuf::from(format!("{name}.rejected.ndjson"))
    };
    let reject = upload.reject.clone().unwrap_or_else(usual);
    let place = Progress::place(&reject);
    let progress = begin(&upload, &place, of)?;
    let meter = Meter::new(file.metadata()?.len());
    let rows = Rows::open(&upload.file, meter.watch(file), &Mapping::default())?;
    let rejects = Rejects::new(&reject, progress.reject_bytes)?;
    let mut client = Client::new(&upload.server)?;
    ensure(&mut client, &upload).await?;
    let list = format!("/v1/lists/{}", quote(&upload.name));
    let address = address(&upload, &progress);
    let sender = Sender::of_rows(Client::new(&upload.server)?, format!("{list}{address}"));
    let mut sending = Sending { sender, rejects, meter, place, progress };
    let done = sending.stream(rows).await;
    sending.meter.finish();
    done?;
    let counts = sending.progress.counts.clone();
    // A list without the people whose rows had faults is not what the file says.
    let whole = counts.rejected == 0;
    let mut shown = format!(
        "{} rows read, {} applied to list `{}`, {} rejected",
        counts.rows, counts.accepted, upload.name, counts.rejected
    );
    if upload.replace && whole {
        client.call("POST", &format!("{list}/seal{address}"), None).await?;
        shown.push_str("\nthe list is replaced");
    }
    if whole || !upload.replace {
        // Complete: nothing to resume.
        let _ = std::fs::remove_file(&sending.place);
    }
    let shown = if json { serde_json::to_string(&counts)? } else { shown };
    writeln!(std::io::stdout(), "{shown}")?;
    if !whole {
        eprintln!("what was rejected is in `{}`", reject.display());
        if upload.replace {
            eprintln!("the list is not replaced: mend the file and upload it again");
        }
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}
