//! What the process is made of, once it runs. `boot.rs` is the only place that makes one.

use crate::access::audit::{Line, Row};
use crate::access::members::{Change, No};
use crate::access::{Access, Who};
use crate::control::{Catalogs, Control, Entry, Execution, Key, Scope, Steer};
use crate::loops::allocator::Allocator;
use crate::loops::campaigns;
use crate::loops::delivery::{Carrier, Ended};
use crate::loops::observer::Observer;
use crate::metrics::Metrics;
use crate::render::{Rendering, Site};
use crate::secrets::Secrets;
use crate::share::Shown;
use crate::share::feed::Feed;
use cauce_channels::catch_all::CatchAll;
use cauce_channels::egress::{Egress, Tls};
use cauce_core::campaign::CampaignId;
use cauce_core::ids::{Partition as Number, TraceId};
use cauce_core::input::{Body, CampaignStep, Input};
use cauce_core::publish::{self, Book, Kind, Name, Plan, Removal, Verdict};
use cauce_engine::node::{Node, Wait};
use cauce_engine::partition::Partition;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

/// A flag that the process is stopping, which tasks can wait for.
#[derive(Clone, Default)]
pub struct Stopping {
    sender: Arc<tokio::sync::watch::Sender<bool>>,
}

impl Stopping {
    /// Says that it is time.
    pub fn cancel(&self) {
        self.sender.send_replace(true);
    }

    /// Whether it is time.
    pub fn is_cancelled(&self) -> bool {
        *self.sender.borrow()
    }

    /// Waits until it is.
    pub async fn cancelled(&self) {
        let mut receiver = self.sender.subscribe();
        // The sender lives as long as this flag.
        let _ = receiver.wait_for(|stop| *stop).await;
    }
}

/// The running process.
pub struct App {
    /// All partitions.
    pub node: Node<Catalogs>,
    /// Catalogs by plan.
    pub catalogs: Arc<Catalogs>,
    pub(crate) control: RwLock<Control>,
    /// Held while the control log is written: one writer.
    pub(crate) steering: tokio::sync::Mutex<()>,
    pub(crate) rendering: RwLock<Arc<Rendering>>,
    pub(crate) carriers: RwLock<Arc<HashMap<String, Arc<Carrier>>>>,
    /// The definitions from which `carriers` were made.
    pub(crate) carried: Mutex<BTreeMap<String, publish::ProviderSource>>,
    /// Paths whose throttle is set.
    pub(crate) throttled: Mutex<HashSet<String>>,
    pub(crate) shown: RwLock<Arc<Shown>>,
    /// Room for look-ups that wait for a partition.
    pub(crate) lookups: tokio::sync::Semaphore,
    /// Estimates under way, and uploads so far.
    pub(crate) who: crate::http::who::Room,
    /// Who moves in and out of segments.
    pub feed: Arc<Feed>,
    /// Held while a snapshot is made: one at a time.
    pub(crate) snapshots: tokio::sync::Mutex<()>,
    /// Room for readers of the feed.
    pub(crate) streams: Arc<tokio::sync::Semaphore>,
    /// How long a reader of the feed may read nothing.
    pub(crate) stream_patience: std::time::Duration,
    /// Pages of other origins that may look up.
    pub(crate) cors_origins: Vec<String>,
    /// Public address and tokens.
    pub site: Arc<Site>,
    /// Budgets.
    pub allocator: Arc<Allocator>,
    /// What was decided.
    pub observer: Arc<Observer>,
    /// Ends of attempts.
    pub ended: UnboundedSender<Ended>,
    /// What providers say by themselves.
    pub heard: UnboundedSender<crate::loops::outside::heard::Heard>,
    /// The development inbox.
    pub inbox: Arc<CatchAll>,
    /// The only way out.
    pub egress: Egress,
    /// How TLS is used on the way out.
    pub tls: Tls,
    /// What mail needs that goes straight to its readers' servers.
    pub(crate) direct: crate::equip::direct::Means,
    /// What is counted.
    pub metrics: Metrics,
    /// The process is stopping.
    pub stopping: Stopping,
    /// The name in EHLO.
    pub helo_name: String,
    /// Who is signed in, and what signing in needs.
    pub access: Access,
    /// How often one may ask.
    pub limits: crate::http::rate::Limits,
    /// The secrets that the server keeps itself.
    pub vault: Arc<crate::secrets::Vault>,
    /// What definitions may name and not hold.
    pub secrets: Secrets,
    /// Where everything is kept.
    pub data: std::path::PathBuf,
    /// Below which folder sources find their files.
    pub sources_dir: Option<std::path::PathBuf>,
    /// How sources stand.
    pub sources: crate::sources::Board,
    /// Days for which backups are kept.
    pub backups_keep_days: u32,
    /// Held while the last bytes of erased people are taken out of files: one sweep at a time.
    pub sweeping: tokio::sync::Mutex<()>,
    /// Whether development pages are served.
    pub development: bool,
    /// The machine's clock, where no test controls it.
    pub wall_clock: Option<Arc<crate::loops::clock::WallClock>>,
    /// The clock, where a test controls it.
    pub test_clock: Option<Arc<crate::boot::TestClock>>,
    /// What is remembered of those who report.
    pub(crate) reports: crate::http::reports::Memory,
    /// What is remembered for those who watch.
    pub watch: crate::watch::Watch,
    /// What mails came in, by what they were.
    pub mail_counts: crate::inbound::Counts,
    /// Where mail comes in, if it does.
    pub mail_address: Option<std::net::SocketAddr>,
    /// The runtime, for threads that are not its own.
    pub runtime: tokio::runtime::Handle,
}

/// Why something that was asked of the process could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The definitions have faults.
    #[error("the definitions have faults")]
    Faulty(Verdict),
    /// What was named does not exist.
    #[error("{0}")]
    Missing(String),
    /// It cannot be done in this state.
    #[error("{0}")]
    Conflict(String),
    /// What it was written from is not in force any more.
    #[error("{0}")]
    Outdated(String),
    /// The engine said no.
    #[error(transparent)]
    Engine(#[from] cauce_engine::Error),
    /// The process is ending.
    #[error("the process is stopping")]
    Stopping,
}

/// What a change of definitions rests on.
#[derive(Clone, Debug, Default)]
pub struct Rests {
    /// Kinds that whoever asks may not change.
    pub closed: &'static [Kind],
    /// The revisions that it was written from; 0 for what was not there.
    pub expected: BTreeMap<Name, u32>,
}

impl Rests {
    /// Refuses what was written from another revision than the one in force: publishing it would
    /// take back, unseen, what somebody else published meanwhile.
    fn check(&self, book: &Book) -> Result<(), Refusal> {
        for ((kind, name), from) in &self.expected {
            let now = book.get(*kind, name).map_or(0, |revision| revision.number);
            let text = match (*from, now) {
                (from, now) if from == now => continue,
                (0, now) => format!("somebody made `{kind}/{name}` meanwhile: revision {now}"),
                (_, 0) => format!("`{kind}/{name}` was removed meanwhile"),
                (from, now) => format!(
                    "`{kind}/{name}` is at revision {now} by now, and this was written from \
                     revision {from}"
                ),
            };
            return Err(Refusal::Outdated(text));
        }
        Ok(())
    }
}

impl From<No> for Refusal {
    fn from(no: No) -> Refusal {
        match no {
            No::Missing(text) => Refusal::Missing(text),
            No::Conflict(text) => Refusal::Conflict(text),
        }
    }
}

impl App {
    /// The state of the control log.
    pub fn control(&self) -> RwLockReadGuard<'_, Control> {
        self.control.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What rendering needs of the plan in force.
    pub fn rendering(&self) -> Arc<Rendering> {
        self.rendering.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the plan in force shares.
    pub fn shown(&self) -> Arc<Shown> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The ways out by provider.
    pub fn carriers(&self) -> Arc<HashMap<String, Arc<Carrier>>> {
        self.carriers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn throttled(&self) -> MutexGuard<'_, HashSet<String>> {
        self.throttled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets a path's throttle, once: setting it again would refill its bucket.
    pub fn throttle_once(&self, path: &str, per_minute: Option<u32>) {
        if self.throttled().insert(path.to_owned()) {
            self.allocator.throttle(path, per_minute);
        }
    }

    /// Asks a partition something, on its thread. `None` if it is gone.
    pub fn ask<T: Send + 'static, Q>(
        &self,
        partition: Number,
        question: Q,
    ) -> impl Future<Output = Option<T>> + Send + use<T, Q>
    where
        Q: FnOnce(&Partition<Catalogs>) -> T + Send + 'static,
    {
        let (answer, receiver) = oneshot::channel();
        self.node.ask(partition, move |p| {
            // Who asked may have gone away meanwhile.
            let _ = answer.send(question(p));
        });
        async move { receiver.await.ok() }
    }

    /// Appends an input and waits until it is durable.
    pub async fn append_durable(
        &self,
        partition: Number,
        input: &Input,
    ) -> Result<cauce_core::ids::Position, Refusal> {
        let (tell, told) = oneshot::channel();
        let wait = Wait::Durable(Box::new(move |position| {
            let _ = tell.send(position);
        }));
        self.node.append(partition, input, wait)?;
        Ok(told.await.map_err(|_| Refusal::Stopping)??)
    }

    /// Appends an input and waits until all that it causes, over all hops, is applied.
    pub async fn append_applied(
        &self,
        partition: Number,
        body: Body,
        trace: TraceId,
    ) -> Result<cauce_core::ids::Position, Refusal> {
        let (tell, told) = oneshot::channel();
        let wait = Wait::Applied(Box::new(move |position| {
            let _ = tell.send(position);
        }));
        let input = Input { at: self.node.now(), trace, body };
        self.node.append(partition, &input, wait)?;
        Ok(told.await.map_err(|_| Refusal::Stopping)??)
    }

    /// Appends the same to every partition and waits until all have applied it.
    pub async fn everywhere(&self, body: &Body) -> Result<(), Refusal> {
        let all = (0..self.node.partitions())
            .map(|partition| self.append_applied(partition, body.clone(), TraceId::default()));
        for applied in futures_util::future::join_all(all).await {
            applied?;
        }
        Ok(())
    }

    /// Does work to its end although whoever asked for it may hang up: axum drops the future of a
    /// handler when its client is gone, and half of such a work would be worse than none. It ends
    /// by itself: all that it waits for is answered when the process stops.
    pub(crate) async fn whole<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.runtime.spawn(work).await.unwrap_or(Err(Refusal::Stopping))
    }

    /// Writes an entry of the control log; it is durable and in force when this returns.
    pub async fn record(self: &Arc<Self>, entry: Entry) -> Result<u64, Refusal> {
        let app = self.clone();
        self.whole(async move {
            let _one_writer = app.steering.lock().await;
            app.record_held(entry).await
        })
        .await
    }

    /// Writes a line of the audit; it is durable when this returns. Not in the order of the other
    /// entries: none of them depends on it, and so lines share a group commit.
    pub async fn note(self: &Arc<Self>, line: Line) -> Result<u64, Refusal> {
        let app = self.clone();
        self.whole(async move { app.record_held(Entry::Audit(line)).await }).await
    }

    /// A row of the audit about something that is done.
    pub async fn note_done(
        self: &Arc<Self>,
        who: Who,
        what: &str,
        of: &str,
        detail: &str,
    ) -> Result<(), Refusal> {
        let row = Row::done(self.node.now(), who, what, of, detail);
        self.note(Line::Row(row)).await.map(|_| ())
    }

    /// Changes who may sign in. What stands against it is asked under the lock under which it is
    /// written; `make` sees the state in which it will be in force.
    pub async fn change_member(
        self: &Arc<Self>,
        make: impl FnOnce(&Control) -> Result<Change, Refusal> + Send + 'static,
    ) -> Result<u64, Refusal> {
        let app = self.clone();
        self.whole(async move {
            let _one_writer = app.steering.lock().await;
            let change = {
                let control = app.control();
                let change = make(&control)?;
                control.members.check(&change)?;
                change
            };
            app.record_held(Entry::Member(change)).await
        })
        .await
    }

    async fn record_held(&self, entry: Entry) -> Result<u64, Refusal> {
        let position = crate::boot::append_control(self, &entry).await?;
        let mut control = self.control.write().unwrap_or_else(PoisonError::into_inner);
        control.apply(position, &entry);
        Ok(position)
    }

    /// What publishing would change, and what stands against it.
    pub fn plan(
        &self,
        wanted: &BTreeMap<Name, publish::Body>,
        removal: &Removal,
    ) -> (Vec<(Name, Option<publish::Body>)>, Verdict) {
        let control = self.control();
        let changes = control.book.changes(wanted, removal);
        let mut verdict = publish::check(&control.book, &changes);
        let learned = self.observer.learner.learned();
        verdict.diagnostics.extend(control.book.unlearned(&changes, &learned));
        let passed = campaigns::passed(&control.book, &changes, self.node.now());
        verdict.diagnostics.extend(passed);
        verdict.diagnostics.extend(crate::equip::absent(&self.secrets, &changes));
        let rooted = self.sources_dir.is_some();
        verdict.diagnostics.extend(crate::sources::faults(&changes));
        verdict.diagnostics.extend(crate::http::people::texts::faults(&changes));
        verdict.diagnostics.extend(crate::sources::absent(&self.secrets, rooted, &changes));
        (changes, verdict)
    }

    /// Publishes definitions: all of them or none, per person never half of a plan.
    pub async fn apply(
        self: &Arc<Self>,
        wanted: &BTreeMap<Name, publish::Body>,
        removal: &Removal,
        by: &str,
    ) -> Result<u64, Refusal> {
        self.apply_but(Rests::default(), wanted, removal, by).await
    }

    /// The same, refused if what it rests on does not hold.
    pub async fn apply_but(
        self: &Arc<Self>,
        rests: Rests,
        wanted: &BTreeMap<Name, publish::Body>,
        removal: &Removal,
        by: &str,
    ) -> Result<u64, Refusal> {
        let (app, wanted, by) = (self.clone(), wanted.clone(), by.to_owned());
        let removal = removal.clone();
        self.whole(async move { app.apply_whole(&rests, &wanted, &removal, by).await }).await
    }

    /// A secret is another one now: whatever was made with the old one is made anew.
    pub async fn equip_anew(&self, place: &str) {
        let _one_writer = self.steering.lock().await;
        let book = self.control().book.clone();
        let mut carried = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
        carried.retain(|_, provider| !provider.secrets().contains(&place));
        drop(carried);
        crate::equip::equip(self, &book);
    }

    async fn apply_whole(
        &self,
        rests: &Rests,
        wanted: &BTreeMap<Name, publish::Body>,
        removal: &Removal,
        by: String,
    ) -> Result<u64, Refusal> {
        let _one_writer = self.steering.lock().await;
        rests.check(&self.control().book)?;
        let (changes, verdict) = self.plan(wanted, removal);
        if let Some(((kind, name), _)) =
            changes.iter().find(|((kind, _), _)| rests.closed.contains(kind))
        {
            let text = format!("`{kind}/{name}` would change, which only an owner changes");
            return Err(Refusal::Conflict(text));
        }
        if !verdict.is_clean() {
            return Err(Refusal::Faulty(verdict));
        }
        let number = self.control().book.plan;
        if changes.is_empty() {
            // Publishing again is how an operator says that something was mended.
            if self.observer.has_said() {
                let book = self.control().book.clone();
                crate::equip::equip(self, &book);
            }
            return Ok(number);
        }
        let changes = changes
            .into_iter()
            .map(|(name, body)| {
                let text = body
                    .map(|body| serde_json::to_string(&body).expect("definitions came from JSON"));
                (name, text)
            })
            .collect();
        let plan = Plan { number: number + 1, at: self.node.now(), by, changes };
        self.record_held(Entry::Published(plan)).await?;
        let book = self.control().book.clone();
        self.catalogs.add(book.catalog());
        crate::equip::equip(self, &book);
        self.everywhere(&Body::Publish { plan: book.plan }).await?;
        Ok(book.plan)
    }

    /// Starts a campaign: its audience is frozen in every partition.
    pub async fn start_campaign(
        self: &Arc<Self>,
        campaign: &str,
        by: &str,
    ) -> Result<CampaignId, Refusal> {
        self.start_campaign_despite(campaign, by, None).await
    }

    /// The same, for a reason, where something stands against it.
    pub async fn start_campaign_despite(
        self: &Arc<Self>,
        campaign: &str,
        by: &str,
        despite: Option<String>,
    ) -> Result<CampaignId, Refusal> {
        let (app, campaign, by) = (self.clone(), campaign.to_owned(), by.to_owned());
        self.whole(async move { app.start_whole(campaign, by, despite).await }).await
    }

    async fn start_whole(
        self: Arc<Self>,
        campaign: String,
        by: String,
        mut despite: Option<String>,
    ) -> Result<CampaignId, Refusal> {
        let revision = {
            let control = self.control();
            let known = control.book.get(Kind::Campaign, &campaign);
            let names = control.book.list(Kind::Campaign).map(|(key, _)| key.to_owned());
            let names: Vec<String> = names.collect();
            known.map(|revision| revision.number).ok_or_else(|| {
                let near =
                    cauce_core::diagnostic::nearest(&campaign, names.iter().map(String::as_str));
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Refusal::Missing(format!("there is no campaign `{campaign}`{hint}"))
            })?
        };
        let body = self.book().get(Kind::Campaign, &campaign).map(|one| one.body.clone());
        if let Some(publish::Body::Campaign(definition)) = body {
            campaigns::look_first(&self, &definition).await;
            let launching = campaigns::launching(&self, &definition);
            match (launching.barred, &despite) {
                (Some(why), None) => return Err(Refusal::Conflict(why)),
                (Some(why), Some(reason)) => {
                    tracing::warn!(campaign, why, reason, "a campaign starts all the same");
                }
                // Nothing stood against it.
                (None, _) => despite = None,
            }
            for warning in launching.warnings {
                tracing::warn!(campaign, warning, "a campaign starts");
            }
        }
        let at = self.node.now();
        let entry =
            Entry::CampaignStarted { campaign: campaign.clone(), revision, at, by, despite };
        let id = self.record(entry).await?;
        let step = CampaignStep::Freeze { name: campaign, revision };
        self.everywhere(&Body::Campaign { id, step }).await?;
        Ok(id)
    }

    /// Pauses, resumes or cancels. Pausing closes the allocator first: when this returns, nothing
    /// of it leaves any more that has not begun.
    pub async fn steer_campaign(
        self: &Arc<Self>,
        id: CampaignId,
        to: Steer,
        by: &str,
    ) -> Result<(), Refusal> {
        let (app, by) = (self.clone(), by.to_owned());
        self.whole(async move { app.steer_whole(id, to, by).await }).await
    }

    async fn steer_whole(
        self: Arc<Self>,
        id: CampaignId,
        to: Steer,
        by: String,
    ) -> Result<(), Refusal> {
        let execution: Execution = {
            let control = self.control();
            let known = control.executions.get(&id).cloned();
            known.ok_or_else(|| Refusal::Missing(format!("there is no campaign run {id}")))?
        };
        if matches!(execution.stand, Steer::Cancel | Steer::Done) {
            let word = if execution.stand == Steer::Done { "done" } else { "cancelled" };
            return Err(Refusal::Conflict(format!("the campaign run {id} is {word}")));
        }
        let path = campaigns::path(&self, &execution);
        if let (Some(path), Steer::Pause | Steer::Cancel) = (&path, to) {
            self.allocator.close(path);
        }
        let at = self.node.now();
        let recorded = self.record(Entry::CampaignSteered { id, to, at, by }).await;
        if let (Err(_), Some(path), Steer::Resume) = (&recorded, &path, execution.stand) {
            // It goes on as before: nothing was written down.
            self.allocator.open(path);
        }
        recorded?;
        let step = match to {
            Steer::Pause => CampaignStep::Pause,
            Steer::Resume => CampaignStep::Resume,
            Steer::Cancel => CampaignStep::Cancel,
            Steer::Done => return Ok(()),
        };
        self.everywhere(&Body::Campaign { id, step }).await?;
        if let (Some(path), Steer::Resume | Steer::Cancel) = (&path, to) {
            // After a cancel the path is opened so that what came late is refused and counted.
            self.allocator.open(path);
        }
        Ok(())
    }

    /// Makes a key; the secret is returned once and kept nowhere.
    pub async fn make_key(self: &Arc<Self>, name: &str, scope: Scope) -> Result<String, Refusal> {
        if crate::control::SYSTEM.contains(&name) {
            // The audit would say that nobody did what this key does.
            return Err(Refusal::Conflict(format!(
                "`{name}` is a word of the audit, not of a key"
            )));
        }
        let (secret, key) = crate::keys::make(name, scope, self.node.now());
        self.record(Entry::KeyMade(key)).await?;
        Ok(secret)
    }

    /// The key that a secret belongs to.
    pub fn key(&self, secret: &str) -> Option<Key> {
        crate::keys::find(&self.control().keys, secret).cloned()
    }

    /// What decisions look definitions up in, of the plan in force.
    pub fn catalog(&self) -> Arc<cauce_core::catalog::Catalog> {
        let plan = self.control().book.plan;
        cauce_core::decide::Plans::plan(&*self.catalogs, plan)
    }

    /// The definitions in force.
    pub fn book(&self) -> Book {
        self.control().book.clone()
    }
}

#[cfg(test)]
mod tests;
