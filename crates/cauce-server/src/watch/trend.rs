//! How many people were in each segment, by minute for a day and by day for a year: samples, exact
//! at their instants, beside the rows because nothing is decided by them. A file keeps them over a
//! restart; between two samples nothing is known, and while the process was down nothing is there.

use crate::app::App;
use anyhow::Context;
use cauce_core::profile::SegmentNumber;
use cauce_core::publish::HIDDEN;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Limit: samples by minute; the oldest are dropped.
pub const MINUTES_MAX: usize = 1_440;
/// Limit: samples by day; the oldest are dropped.
pub const DAYS_MAX: usize = 366;
/// Days of which a line over days is drawn; before there are so many, it is one over minutes.
const DAYS_DRAWN_MIN: usize = 3;
/// Lines after which the file is written anew.
const LINES_MAX: usize = 2 * (MINUTES_MAX + DAYS_MAX);
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// How close the samples lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TrendEvery)]
#[serde(rename_all = "kebab-case")]
pub enum Every {
    /// By minute, for a day.
    Minute,
    /// By day (UTC), for a year.
    Day,
}

/// What changed since the sample before: members by segment; none where the segment is gone.
type Changed = BTreeMap<SegmentNumber, Option<u64>>;

/// One sample, as a line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sample {
    every: Every,
    at: Timestamp,
    changed: Changed,
}

/// Samples of one closeness. Only what changed is kept of each; what went before stands in `base`.
#[derive(Debug, Default)]
struct Samples {
    base: BTreeMap<SegmentNumber, u64>,
    last: BTreeMap<SegmentNumber, u64>,
    kept: VecDeque<(Timestamp, Changed)>,
}

fn put(counts: &mut BTreeMap<SegmentNumber, u64>, changed: &Changed) {
    for (segment, count) in changed {
        match count {
            Some(count) => counts.insert(*segment, *count),
            None => counts.remove(segment),
        };
    }
}

impl Samples {
    fn changed(&self, now: &BTreeMap<SegmentNumber, u64>) -> Changed {
        let new = now.iter().filter(|(segment, count)| self.last.get(segment) != Some(count));
        let gone = self.last.keys().filter(|segment| !now.contains_key(segment));
        let new = new.map(|(segment, count)| (*segment, Some(*count)));
        new.chain(gone.map(|segment| (*segment, None))).collect()
    }

    fn add(&mut self, at: Timestamp, changed: Changed, max: usize) {
        put(&mut self.last, &changed);
        self.kept.push_back((at, changed));
        while self.kept.len() > max {
            let Some((_, oldest)) = self.kept.pop_front() else { return };
            put(&mut self.base, &oldest);
        }
    }

    fn of(&self, segment: SegmentNumber) -> Vec<(Timestamp, u64)> {
        let mut count = self.base.get(&segment).copied();
        let known = self.kept.iter().filter_map(|(at, changed)| {
            if let Some(now) = changed.get(&segment) {
                count = *now;
            }
            Some((*at, count?))
        });
        known.collect()
    }
}

#[derive(Debug, Default)]
struct All {
    minutes: Samples,
    days: Samples,
    lines: usize,
}

impl All {
    fn of(&mut self, every: Every) -> (&mut Samples, usize) {
        match every {
            Every::Minute => (&mut self.minutes, MINUTES_MAX),
            Every::Day => (&mut self.days, DAYS_MAX),
        }
    }

    fn add(&mut self, sample: Sample) {
        let (samples, max) = self.of(sample.every);
        samples.add(sample.at, sample.changed, max);
        self.lines += 1;
    }

    /// All that is kept, as a file begins with: the base is part of the first sample.
    fn lines(&self) -> String {
        let mut text = String::new();
        for (every, samples) in [(Every::Day, &self.days), (Every::Minute, &self.minutes)] {
            let mut before: Changed =
                samples.base.iter().map(|(segment, count)| (*segment, Some(*count))).collect();
            for (at, changed) in &samples.kept {
                let mut all = std::mem::take(&mut before);
                all.extend(changed.clone());
                text.push_str(&line(&Sample { every, at: *at, changed: all }));
            }
        }
        text
    }
}

fn line(sample: &Sample) -> String {
    format!("{}\n", serde_json::to_string(sample).expect("a sample is plain data"))
}

/// See the module.
#[derive(Debug)]
pub struct Trends {
    file: PathBuf,
    all: Mutex<All>,
}

impl Trends {
    /// Reads what a data directory has of them. A line that cannot be read ends them: it was being
    /// written when the process ended.
    pub fn open(data: &Path) -> Trends {
        let file = data.join("trends.ndjson");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let mut all = All::default();
        let samples = text.lines().map_while(|line| serde_json::from_str(line).ok());
        samples.for_each(|sample: Sample| all.add(sample));
        // So that what is appended does not stand behind half a line.
        all.lines = LINES_MAX;
        Trends { file, all: Mutex::new(all) }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The samples of a segment, oldest first.
    pub fn of(&self, segment: SegmentNumber, every: Every) -> Vec<(Timestamp, u64)> {
        self.all().of(every).0.of(segment)
    }

    /// How close the samples lie of which there are enough to draw a line over a longer time.
    pub fn longest(&self) -> Every {
        let days = self.all().days.kept.len();
        if days >= DAYS_DRAWN_MIN { Every::Day } else { Every::Minute }
    }

    /// What is to be sampled now: the minute, and the day if it has none yet.
    fn due(&self, now: Timestamp) -> Vec<Every> {
        let mut all = self.all();
        let mut due = Vec::new();
        for (every, span) in [(Every::Minute, MINUTE_MS), (Every::Day, DAY_MS)] {
            let last = all.of(every).0.kept.back().map(|(at, _)| at.0.div_euclid(span));
            if last.is_none_or(|last| last < now.0.div_euclid(span)) {
                due.push(every);
            }
        }
        due
    }

    /// Puts a sample in, and behind the file.
    fn add(
        &self,
        every: Every,
        at: Timestamp,
        counts: &BTreeMap<SegmentNumber, u64>,
    ) -> anyhow::Result<()> {
        let mut all = self.all();
        let changed = all.of(every).0.changed(counts);
        let sample = Sample { every, at, changed };
        let text = line(&sample);
        all.add(sample);
        if all.lines > LINES_MAX {
            all.lines = all.minutes.kept.len() + all.days.kept.len();
            return crate::boot::write_private(&self.file, all.lines().as_bytes());
        }
        let file = std::fs::OpenOptions::new().append(true).open(&self.file);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write `{}`", self.file.display()))
    }
}

/// Some of many samples, evenly, the first and the last among them.
pub fn thinned(all: &[(Timestamp, u64)], most: usize) -> Vec<(Timestamp, u64)> {
    if all.len() <= most || most < 2 {
        return all.to_vec();
    }
    (0..most).filter_map(|turn| all.get(turn * (all.len() - 1) / (most - 1)).copied()).collect()
}

/// Members of every segment that people named, over all partitions.
pub async fn counts(app: &App) -> BTreeMap<SegmentNumber, u64> {
    let catalog = app.catalog();
    let named = catalog.segments.iter().filter(|segment| !segment.name.starts_with(HIDDEN));
    let numbers: Arc<Vec<SegmentNumber>> = Arc::new(named.map(|segment| segment.number).collect());
    let mut sum: BTreeMap<SegmentNumber, u64> = numbers.iter().map(|number| (*number, 0)).collect();
    let asked: Vec<_> = (0..app.node.partitions())
        .map(|partition| {
            let numbers = numbers.clone();
            app.ask(partition, move |p| {
                let rows = p.rows();
                numbers.iter().map(|number| rows.member_count(*number)).collect::<Vec<_>>()
            })
        })
        .collect();
    for counts in futures_util::future::join_all(asked).await.into_iter().flatten() {
        for (number, count) in numbers.iter().zip(counts) {
            *sum.entry(*number).or_default() += count;
        }
    }
    sum
}

/// The loop: a sample at the beginning of each minute.
pub async fn drive(app: Arc<App>) {
    while !app.stopping.is_cancelled() {
        let now = app.node.now();
        let due = app.watch.trends.due(now);
        if !due.is_empty() {
            let counts = counts(&app).await;
            for every in due {
                if let Err(error) = app.watch.trends.add(every, now, &counts) {
                    tracing::error!(error = format!("{error:#}"), "a sample is not kept");
                }
            }
        }
        let left = MINUTE_MS - app.node.now().0.rem_euclid(MINUTE_MS);
        let wait = match app.test_clock {
            // Somebody may set it at any time.
            Some(_) => Duration::from_millis(200),
            None => Duration::from_millis(left.unsigned_abs()),
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(all: &[(u32, u64)]) -> BTreeMap<SegmentNumber, u64> {
        all.iter().copied().collect()
    }

    fn minute(n: i64) -> Timestamp {
        Timestamp(n * MINUTE_MS)
    }

    #[test]
    fn a_line_keeps_its_ends() {
        let all: Vec<_> = (0..1_440).map(|n| (minute(n), n as u64)).collect();
        let some = thinned(&all, 48);
        assert_eq!((some.len(), some[0], some[47]), (48, all[0], all[1_439]));
        assert!(some.is_sorted());
        assert_eq!(thinned(&all[..3], 48), all[..3]);
        assert_eq!(thinned(&[], 48), []);
    }

    #[test]
    fn samples_survive_and_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let trends = Trends::open(folder.path());
        assert_eq!(trends.due(minute(5)), [Every::Minute, Every::Day]);
        trends.add(Every::Minute, minute(1), &counts(&[(1, 10)])).unwrap();
        trends.add(Every::Minute, minute(2), &counts(&[(1, 10), (2, 7)])).unwrap();
        trends.add(Every::Minute, minute(3), &counts(&[(1, 11)])).unwrap();
        trends.add(Every::Day, minute(3), &counts(&[(1, 11)])).unwrap();
        let check = |trends: &Trends| {
            let of = |n| trends.of(n, Every::Minute);
            assert_eq!(of(1), [(minute(1), 10), (minute(2), 10), (minute(3), 11)]);
            assert_eq!(of(2), [(minute(2), 7)], "it is gone in the third");
            assert_eq!(of(3), []);
            assert_eq!(trends.of(1, Every::Day), [(minute(3), 11)]);
            assert_eq!(trends.due(minute(3)), []);
            assert_eq!(trends.due(minute(4)), [Every::Minute]);
        };
        check(&trends);
        check(&Trends::open(folder.path()));
        // A line that was cut off takes nothing with it.
        let file = folder.path().join("trends.ndjson");
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str("{\"every\":\"minu");
        std::fs::write(&file, text).unwrap();
        let again = Trends::open(folder.path());
        check(&again);
        for n in 4..4 + 4 * MINUTES_MAX as i64 {
            again.add(Every::Minute, minute(n), &counts(&[(1, n as u64 / 100)])).unwrap();
        }
        let kept = again.of(1, Every::Minute);
        assert_eq!(kept.len(), MINUTES_MAX);
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LINES_MAX + 1, "{lines}");
        assert_eq!(Trends::open(folder.path()).of(1, Every::Minute), kept);
    }
}
