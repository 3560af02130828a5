//! The feed: every move in or out of a segment, in one order, durable and bounded.
//!
//! It is a log of its own beside the log of inputs, and follows from it: rows are written back
//! only once what their entries moved is durable here, so whatever a crash takes from the feed is
//! decided again at the start and put in again (decision 11). Nobody is shown what is not durable.

use cauce_core::decision::{Cause, Effect};
use cauce_core::ids::{Partition, Position, ProfileId};
use cauce_core::input::Body;
use cauce_core::profile::SegmentNumber;
use cauce_core::time::Timestamp;
use cauce_engine::codec;
use cauce_engine::partition::Taken;
use cauce_store::disk::OsDisk;
use cauce_store::{Error, FileLog, Log, log};
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The feed is one partition of its own log.
const ALL: u16 = 0;
/// Numbers of segments that nobody wrote begin here.
const HIDDEN_FROM: SegmentNumber = 1 << 31;
/// How long moves are collected before they become durable together.
const GATHER: Duration = Duration::from_millis(10);
/// How long a disk that refuses is left alone.
const RETRY: Duration = Duration::from_millis(250);

/// One move in or out of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where it was decided…
    pub partition: Partition,
    /// …because of which entry…
    pub position: Position,
    /// …as which of its moves. The three name it for ever.
    pub ordinal: u32,
    /// Who.
    pub profile: ProfileId,
    /// Under which number in the partition.
    pub number: u32,
    /// Which segment.
    pub segment: SegmentNumber,
    /// Whether it is in it now.
    pub inside: bool,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// The profile that has absorbed it, if that is why.
    pub merged_into: Option<ProfileId>,
}

impl Change {
    /// Its name: the same at every telling.
    pub fn id(&self) -> String {
        let Position { incarnation, offset } = self.position;
        format!("{}.{incarnation}.{offset}.{}", self.partition, self.ordinal)
    }

    fn place(&self) -> (Position, u32) {
        (self.position, self.ordinal)
    }
}

/// A place in the feed: everything before it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Which feed: a restored server begins another one.
    pub feed: String,
    /// The next change.
    pub next: u64,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.feed, self.next)
    }
}

impl std::str::FromStr for Token {
    type Err = ();
    fn from_str(text: &str) -> Result<Token, ()> {
        let (feed, next) = text.split_once('-').ok_or(())?;
        let fine = !feed.is_empty() && feed.bytes().all(|byte| byte.is_ascii_hexdigit());
        let next = next.parse().map_err(|_| ())?;
        fine.then(|| Token { feed: feed.to_owned(), next }).ok_or(())
    }
}

/// Why the feed cannot be read from a place on.
#[derive(Debug)]
pub enum Unreadable {
    /// What was there is not kept any more, or belongs to another feed.
    Gone,
    /// The disk.
    Disk(String),
}

/// The feed of this server.
pub struct Feed {
    log: FileLog,
    id: String,
    keep_bytes: u64,
    /// The last move of each partition that the feed had at the start.
    reached: HashMap<Partition, (Position, u32)>,
    /// A move could not be put in: nothing is written back until the next start puts it in again.
    failed: AtomicBool,
    waiting: Mutex<bool>,
    wake: Condvar,
    end: tokio::sync::watch::Sender<u64>,
}

impl Feed {
    /// Opens the feed in a folder, or begins one.
    pub fn open(folder: &Path, keep_mib: u64) -> anyhow::Result<Feed> {
        let files = folder.join("log");
        std::fs::create_dir_all(&files)?;
        let named = folder.join("id");
        let id = match std::fs::read_to_string(&named) {
            Ok(id) => id.trim().to_owned(),
            Err(_) => {
                let id = format!("{:016x}", u64::from_be_bytes(crate::keys::random()));
                crate::boot::write_private(&named, id.as_bytes())?;
                id
            }
        };
        let keep_bytes = keep_mib << 20;
        let options = log::Options {
            segment_bytes: (keep_bytes / 8).clamp(64 << 10, 16 << 20),
            // What the log keeps free is what this may use: rows cannot be written back without.
            reserve_bytes: 0,
            ..log::Options::new(u64::from_be_bytes(crate::keys::random()))
        };
        let log = FileLog::open(Arc::new(OsDisk::open(&files)?), options)?;
        let mut reached = HashMap::new();
        let mut next = log.start(ALL);
        while next < log.end(ALL) {
            for entry in log.read(ALL, next, 4 << 20)? {
                let change: Change = codec::decode(&entry.body, "membership change")?;
                reached.insert(change.partition, change.place());
                next = entry.offset + 1;
            }
        }
        let end = tokio::sync::watch::channel(log.end(ALL)).0;
        Ok(Feed {
            log,
            id,
            keep_bytes,
            reached,
            failed: AtomicBool::new(false),
            waiting: Mutex::new(false),
            wake: Condvar::new(),
            end,
        })
    }

    /// Takes in what an entry moved. On a partition's thread: never waits.
    pub fn take(&self, partition: Partition, taken: &Taken) {
        self.put(&changes(partition, taken));
    }

    /// Takes in what an entry moved that is decided again at the start, unless it is here already.
    pub fn take_again(&self, partition: Partition, taken: &Taken) {
        let mut missing = changes(partition, taken);
        if let Some(reached) = self.reached.get(&partition) {
            missing.retain(|change| change.place() > *reached);
        }
        self.put(&missing);
    }

    fn put(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let bodies: Vec<Vec<u8>> = changes.iter().map(codec::encode).collect();
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        if let Err(error) = self.log.append(ALL, &bodies) {
            // What is lost here is not lost: its entry is decided again at the next start.
            if !self.failed.swap(true, Ordering::SeqCst) {
                tracing::error!(%error, "membership changes cannot be kept; restart the server");
            }
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !*waiting {
            *waiting = true;
            self.wake.notify_one();
        }
    }

    /// Makes everything that was taken in durable, and shows it.
    ///
    /// # Errors
    /// The disk; nothing is lost by it.
    pub fn flush(&self) -> Result<(), Error> {
        if self.failed.load(Ordering::SeqCst) {
            let source = std::io::Error::other("a membership change could not be put in");
            return Err(Error::io("feed", source));
        }
        if self.log.pending_bytes() == 0 {
            return Ok(());
        }
        self.log.sync()?;
        let reached = self.log.end(ALL);
        // Two may flush at once; who comes later must not take back what was shown.
        self.end.send_if_modified(|end| {
            let more = reached > *end;
            *end = reached.max(*end);
            more
        });
        Ok(())
    }

    /// Makes moves durable as they come, until the process stops: the work of a thread.
    pub fn run(&self, stopping: &crate::app::Stopping) {
        let mut failing = false;
        while !stopping.is_cancelled() {
            let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let wait = self.wake.wait_timeout_while(waiting, RETRY, |waiting| !*waiting);
            let (mut waiting, timed_out) = wait.unwrap_or_else(PoisonError::into_inner);
            *waiting = false;
            drop(waiting);
            if timed_out.timed_out() && !failing {
                continue;
            }
            std::thread::sleep(GATHER);
            let flushed = self.flush().and_then(|()| self.cut());
            match (&flushed, failing) {
                (Err(error), false) => tracing::error!(%error, "the feed waits for its disk"),
                (Ok(()), true) => tracing::info!("the feed goes on"),
                _ => {}
            }
            failing = flushed.is_err();
        }
    }

    fn cut(&self) -> Result<(), Error> {
        if self.log.bytes_on_disk() <= self.keep_bytes {
            return Ok(());
        }
        self.log.cut(&|_| u64::MAX, self.keep_bytes / 2)
    }

    /// The place behind the last change.
    pub fn end(&self) -> Token {
        self.token(*self.end.borrow())
    }

    /// The place of the oldest change that is kept.
    pub fn start(&self) -> Token {
        self.token(self.log.start(ALL))
    }

    /// A place in this feed.
    pub fn token(&self, next: u64) -> Token {
        Token { feed: self.id.clone(), next }
    }

    /// Told whenever there is more.
    pub fn watch(&self) -> tokio::sync::watch::Receiver<u64> {
        self.end.subscribe()
    }

    /// When the oldest change that is kept was.
    pub fn oldest(&self) -> Option<Timestamp> {
        let first = self.log.read(ALL, self.log.start(ALL), 1).ok()?;
        let first: Change = codec::decode(&first.first()?.body, "membership change").ok()?;
        Some(first.at)
    }

    /// Changes from a place on, each with its number; none at the end. Reads the disk.
    ///
    /// # Errors
    /// See [`Unreadable`].
    pub fn read(&self, from: &Token, bytes_max: usize) -> Result<Vec<(u64, Change)>, Unreadable> {
        if from.feed != self.id {
            return Err(Unreadable::Gone);
        }
        let entries = self.log.read(ALL, from.next, bytes_max).map_err(|error| match error {
            Error::Lost { .. } => Unreadable::Gone,
            error => Unreadable::Disk(error.to_string()),
        })?;
        let decode = |entry: cauce_store::Entry| {
            let change = codec::decode(&entry.body, "membership change");
            let change = change.map_err(|error| Unreadable::Disk(error.to_string()))?;
            Ok((entry.offset, change))
        };
        entries.into_iter().map(decode).collect()
    }
}

/// What an entry moved, with the cause that the decision gave or that the entry is.
fn changes(partition: Partition, taken: &Taken) -> Vec<Change> {
    let moved = taken.moved.iter().enumerate();
    let moved = moved.filter(|(_, moved)| moved.segment < HIDDEN_FROM);
    moved
        .map(|(ordinal, moved)| {
            let said = taken.effects.iter().find_map(|effect| match effect {
                Effect::Membership(change)
                    if change.profile == moved.profile && change.segment == moved.segment =>
                {
                    Some((change.at, change.cause))
                }
                _ => None,
            });
            let (at, cause) = said.unwrap_or((taken.input.at, cause_of(&taken.input.body)));
            Change {
                partition,
                position: taken.position,
                ordinal: ordinal as u32,
                profile: moved.profile,
                number: moved.number,
                segment: moved.segment,
                inside: moved.inside,
                at,
                cause,
                merged_into: moved.merged_into,
            }
        })
        .collect()
}

/// Why an entry moves somebody where the decision told nobody of it.
fn cause_of(body: &Body) -> Cause {
    match body {
        Body::Tick { .. } => Cause::Time,
        Body::Publish { .. } | Body::Build { .. } | Body::Retain { .. } => Cause::Definition,
        Body::Hop { .. } => Cause::Merge,
        Body::Erase { .. } | Body::Scrub { .. } => Cause::Erasure,
        Body::Listed(_) | Body::ListSealed { .. } | Body::SweepLists { .. } => Cause::Event,
        Body::Event(event) if event.historical => Cause::History,
        Body::Event(_)
        | Body::Request(_)
        | Body::Grant { .. }
        | Body::GrantBy { .. }
        | Body::Revive { .. }
        | Body::Bury { .. }
        | Body::AttemptsEnded(_)
        | Body::Report(_)
        | Body::Consent { .. }
        | Body::Suppress { .. }
        | Body::Campaign { .. }
        | Body::Shipped { .. }
        | Body::Activated { .. }
        | Body::OwnerChanged { .. }
        | Body::Pause { .. }
        | Body::Replay { .. }
        | Body::ProviderReport(_)
        | Body::Guard { .. }
        | Body::HoldBack { .. }
        | Body::Release { .. }
        | Body::Marketing { .. }
        | Body::Block { .. }
        | Body::Hosted { .. }
        | Body::DevicesDecided(_)
        | Body::Shorten { .. }
        | Body::LetGo { .. }
        | Body::GiveUp { .. } => Cause::Event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cauce_core::ids::TraceId;
    use cauce_core::input::Input;
    use cauce_engine::working::Moved;

    fn taken(offset: u64, people: std::ops::Range<u32>) -> Taken {
        let moved = people.map(|number| Moved {
            profile: ProfileId(u128::from(number)),
            number,
            segment: if number == 13 { HIDDEN_FROM + 1 } else { 1 },
            inside: true,
            merged_into: None,
        });
        let body = Body::Build { count: 9 };
        Taken {
            position: Position { incarnation: 0, offset },
            input: Input { at: Timestamp(offset as i64), trace: TraceId::default(), body },
            effects: Vec::new(),
            caused: Vec::new(),
            moved: moved.collect(),
            next_due: None,
        }
    }

    fn ids(feed: &Feed, from: &Token) -> Vec<String> {
        let read = feed.read(from, 1 << 20).unwrap();
        read.iter().map(|(_, change)| change.id()).collect()
    }

    #[test]
    fn what_a_crash_took_is_put_in_again_and_nothing_twice() {
        let folder = tempfile::tempdir().unwrap();
        let feed = Feed::open(folder.path(), 1).unwrap();
        feed.take(3, &taken(10, 11..14));
        feed.flush().unwrap();
        let token = feed.end();
        feed.take(3, &taken(11, 1..3));
        assert_eq!(feed.end(), token, "what is not durable is not shown");
        assert!(ids(&feed, &token).is_empty());
        drop(feed);
        let feed = Feed::open(folder.path(), 1).unwrap();
        assert_eq!(feed.end(), token);
        // Replay begins below what the feed has, and repeats it.
        for (offset, people) in [(9, 0..0), (10, 11..14), (11, 1..3)] {
            feed.take_again(3, &taken(offset, people));
        }
        feed.take_again(4, &taken(2, 5..6));
        feed.flush().unwrap();
        assert_eq!(ids(&feed, &token), ["3.0.11.0", "3.0.11.1", "4.0.2.0"]);
        assert_eq!(
            ids(&feed, &feed.start()),
            ["3.0.10.0", "3.0.10.1", "3.0.11.0", "3.0.11.1", "4.0.2.0"]
        );
        let all = feed.read(&feed.start(), 1 << 20).unwrap();
        assert!(all.iter().all(|(_, change)| change.cause == Cause::Definition));
    }

    #[test]
    fn a_place_that_is_not_kept_any_more_is_said_to_be_gone() {
        let folder = tempfile::tempdir().unwrap();
        let feed = Feed::open(folder.path(), 0).unwrap();
        let first = feed.end();
        for offset in 0..3_000 {
            feed.take(0, &taken(offset, 0..1));
            if offset % 100 == 99 {
                feed.flush().unwrap();
            }
        }
        feed.cut().unwrap();
        assert!(matches!(feed.read(&first, 1_000), Err(Unreadable::Gone)));
        assert!(feed.oldest().is_some_and(|at| at > Timestamp(0)));
        assert!(!feed.read(&feed.start(), 1_000).unwrap().is_empty());
        let other = Token { feed: "abc".into(), next: feed.end().next };
        assert!(matches!(feed.read(&other, 1_000), Err(Unreadable::Gone)));
        let ahead = feed.token(feed.end().next + 1);
        assert!(matches!(feed.read(&ahead, 1_000), Err(Unreadable::Gone)));
    }

    #[test]
    fn tokens_round_trip_and_nothing_else_is_one() {
        let token = Token { feed: "00ff".into(), next: 7 };
        assert_eq!(token.to_string().parse(), Ok(token));
        for bad in ["", "-", "00ff", "00ff-", "-7", "xyz-7", "00ff-7a", "00ff--7"] {
            assert!(bad.parse::<Token>().is_err(), "{bad}");
        }
    }
}
