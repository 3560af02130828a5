//! What the log makes of crashes, full disks, failing disks and damaged files.

use std::collections::BTreeMap;
use std::sync::Arc;

use cauce_store::disk::{Disk, FaultyDisk, OsDisk};
use cauce_store::log::Options;
use cauce_store::{Entry, Error, FileLog, Log};
use proptest::prelude::*;

const PARTITIONS: u16 = 3;

fn open(disk: &FaultyDisk) -> Result<FileLog, Error> {
    FileLog::open(Arc::new(disk.clone()), Options { segment_bytes: 2_000, ..Options::new(99) })
}

fn segments(disk: &FaultyDisk) -> Vec<String> {
    disk.list().unwrap()
}

/// Writes groups of entries, each synced; returns the log's disk.
fn filled(groups: u64) -> FaultyDisk {
    let disk = FaultyDisk::new(5);
    let log = FileLog::open(Arc::new(disk.clone()), Options::new(99)).unwrap();
    for n in 0..groups {
        log.append(0, &[format!("first {n}").as_bytes(), b"second"]).unwrap();
        log.append(1, &[b"third"]).unwrap();
        log.sync().unwrap();
    }
    disk
}

#[test]
fn damage_before_the_last_group_is_never_taken_for_a_torn_end() {
    let name = segments(&filled(3)).remove(0);
    let length = filled(3).content(&name).unwrap().len();
    // Three groups after the head of 36 bytes.
    let group = (length - 36) / 3;
    assert_eq!(36 + 3 * group, length);
    for at in 0..length {
        for xor in [1, 0x80] {
            let disk = filled(3);
            disk.damage(&name, at, xor);
            let opened = open(&disk);
            if at < 36 + 2 * group {
                let Err(Error::Corrupt { on, at: found, .. }) = opened else {
                    panic!("byte {at} was not found")
                };
                assert_eq!(on, name);
                assert!(found <= at as u64);
            } else {
                let log = opened.unwrap();
                assert!(log.torn_bytes() > 0);
                assert!((4..=6).contains(&log.end(0)));
            }
        }
    }
}

#[test]
fn damage_in_a_sealed_segment_names_file_and_byte() {
    let disk = filled(3);
    drop(open(&disk).unwrap());
    let name = segments(&disk).remove(0);
    let length = disk.content(&name).unwrap().len();
    disk.damage(&name, length - 1, 1);
    let Err(Error::Corrupt { on, at, .. }) = open(&disk) else { panic!("not found") };
    assert_eq!((on, at), (name, length as u64 - 37));
}

#[test]
fn every_cut_of_the_last_group_leaves_the_others() {
    let disk = filled(3);
    let name = segments(&disk).remove(0);
    let content = disk.content(&name).unwrap();
    for length in content.len() - (content.len() - 36) / 3..content.len() {
        let disk = FaultyDisk::new(1);
        disk.create(&name).unwrap().append(&content[..length]).unwrap();
        let log = open(&disk).unwrap();
        assert!((4..=6).contains(&log.end(0)));
        assert_eq!(log.end(1), 2);
        let next = log.append(1, &[b"again"]).unwrap();
        assert_eq!(next, 2);
        log.sync().unwrap();
        drop(log);
        assert_eq!(open(&disk).unwrap().read(1, 2, 99).unwrap()[0].body, b"again");
    }
}

#[test]
fn a_missing_segment_is_a_loss_that_names_the_partition() {
    let disk = FaultyDisk::new(1);
    let log = open(&disk).unwrap();
    for _ in 0..20 {
        log.append(7, &[&[1; 300]]).unwrap();
        log.sync().unwrap();
    }
    drop(log);
    let names = segments(&disk);
    assert!(names.len() >= 3);
    disk.remove(&names[1]).unwrap();
    let opened = open(&disk);
    let Err(Error::Lost { partition: 7, expected, found, .. }) = opened else { panic!() };
    assert!(expected < found);
}

#[test]
fn a_full_disk_loses_nothing_and_goes_on() {
    let disk = FaultyDisk::new(1);
    let log = open(&disk).unwrap();
    log.append(0, &[b"before"]).unwrap();
    assert_eq!(log.sync().unwrap().len(), 1);
    for room in 0..120 {
        let before = log.end(0);
        disk.set_capacity(disk.used_bytes() + room);
        log.append(0, &[&[7; 100]]).unwrap();
        assert!(matches!(log.sync(), Err(Error::Full { .. })));
        assert_eq!(log.end(0), before);
        log.append(0, &[b"meanwhile"]).unwrap();
        assert!(matches!(log.sync(), Err(Error::Full { .. })));
        disk.set_capacity(u64::MAX);
        let entries = log.sync().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1].offset, before + 1);
        assert_eq!(log.pending_bytes(), 0);
    }
    drop(log);
    disk.crash();
    assert_eq!(open(&disk).unwrap().end(0), 241);
}

#[test]
fn a_reserve_is_left_free_and_keeps_no_log_shut() {
    let disk = filled(3);
    let options = || Options { reserve_bytes: 5_000, ..Options::new(99) };
    disk.set_capacity(disk.used_bytes() + 5_000);
    let log = FileLog::open(Arc::new(disk.clone()), options()).unwrap();
    let before = log.end(0);
    log.append(0, &[&[7; 100]]).unwrap();
    let used = disk.used_bytes();
    assert!(matches!(log.sync(), Err(Error::Full { .. })));
    assert_eq!((log.end(0), disk.used_bytes()), (before, used), "nothing was tried");
    disk.set_capacity(used + 5_200);
    assert_eq!(log.sync().unwrap().len(), 1);
    assert_eq!(log.end(0), before + 1);
    let folder = tempfile::tempdir().unwrap();
    let real = OsDisk::open(folder.path()).unwrap();
    assert!(real.free_bytes() < u64::MAX, "a real disk says how much is free");
    let all = Options { reserve_bytes: 1 << 60, ..Options::new(1) };
    let log = FileLog::open(Arc::new(real), all).unwrap();
    log.append(0, &[b"x"]).unwrap();
    assert!(matches!(log.sync(), Err(Error::Full { .. })));
}

#[test]
fn a_full_disk_does_not_keep_the_log_shut() {
    let disk = filled(3);
    // Room for the head of a new segment only.
    disk.set_capacity(disk.used_bytes() + 60);
    let log = open(&disk).unwrap();
    assert_eq!((log.end(0), log.end(1)), (6, 3));
    log.cut(&|_| u64::MAX, 0).unwrap();
    log.append(0, &[b"more"]).unwrap();
    log.sync().unwrap();
}

#[test]
fn after_a_failed_sync_nothing_is_promised_until_it_is_opened_again() {
    let disk = FaultyDisk::new(1);
    let log = open(&disk).unwrap();
    log.append(0, &[b"a"]).unwrap();
    disk.fail_operation(2);
    assert!(matches!(log.sync(), Err(Error::Io { .. })));
    assert!(matches!(log.sync(), Err(Error::Io { .. })));
    assert!(matches!(log.append(0, &[b"b"]), Err(Error::Io { .. })));
    assert!(matches!(log.start_incarnation(), Err(Error::Io { .. })));
    assert!(matches!(log.erase(&|_| true), Err(Error::Io { .. })));
    assert_eq!(log.end(0), 0);
    drop(log);
    // The system still shows the entry, though it is not on the disk.
    let end = open(&disk).unwrap().end(0);
    assert_eq!(end, 1);
    disk.crash();
    assert_eq!(open(&disk).unwrap().end(0), 1);
}

#[test]
fn a_body_that_looks_like_a_later_entry_does_not_forge_damage() {
    // The head of a genuine entry of group 9 of another log with another salt.
    let other = FaultyDisk::new(1);
    let log = FileLog::open(Arc::new(other.clone()), Options::new(1)).unwrap();
    for _ in 0..9 {
        log.append(0, &[b"x"]).unwrap();
        log.sync().unwrap();
    }
    let genuine = other.content(&segments(&other)[0]).unwrap();
    let disk = FaultyDisk::new(1);
    let log = FileLog::open(Arc::new(disk.clone()), Options::new(2)).unwrap();
    log.append(0, &[&genuine]).unwrap();
    log.sync().unwrap();
    disk.damage(&segments(&disk)[0], 40, 1);
    assert_eq!(open(&disk).unwrap().end(0), 0);
}

#[derive(Clone, Debug)]
enum Step {
    Append(u16, usize, usize),
    Sync,
    Crash,
    Kill,
    FailOperation(u64),
    Room(u64),
    Cut(u64),
    Erase(u8),
    Incarnation,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (0..PARTITIONS, 0usize..4, 0usize..900).prop_map(|(p, n, b)| Step::Append(p, n, b)),
        8 => Just(Step::Sync),
        2 => Just(Step::Crash),
        1 => Just(Step::Kill),
        3 => (1u64..12).prop_map(Step::FailOperation),
        1 => (0u64..3000).prop_map(Step::Room),
        1 => (0u64..3).prop_map(Step::Cut),
        1 => (0u8..8).prop_map(Step::Erase),
        1 => Just(Step::Incarnation),
    ]
}

/// What must be true of the log.
struct World {
    disk: FaultyDisk,
    log: FileLog,
    /// All appended entries of each partition, durable or not.
    appended: BTreeMap<u16, Vec<(u16, Vec<u8>)>>,
    durable: BTreeMap<u16, u64>,
    /// Places whose bodies were erased.
    erased: std::collections::BTreeSet<(u16, u64)>,
    /// Erasures that failed in the middle may or may not show.
    perhaps_erased: std::collections::BTreeSet<(u16, u64)>,
    stamp: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let disk = FaultyDisk::new(seed);
        let log = open(&disk).unwrap();
        Self {
            disk,
            log,
            appended: BTreeMap::new(),
            durable: BTreeMap::new(),
            erased: Default::default(),
            perhaps_erased: Default::default(),
            stamp: 0,
        }
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Append(partition, count, bytes) => self.append(partition, count, bytes),
            Step::Sync => self.sync(),
            Step::Crash => {
                self.disk.crash();
                self.reopen();
            }
            Step::Kill => self.reopen(),
            Step::FailOperation(nth) => self.disk.fail_operation(nth),
            Step::Room(bytes) => {
                self.disk.set_capacity(self.disk.used_bytes() + bytes);
                self.sync();
                self.disk.set_capacity(u64::MAX);
            }
            Step::Cut(back) => {
                let durable = self.durable.clone();
                let below = |p| durable.get(&p).map_or(0, |end: &u64| end.saturating_sub(back));
                let _ = self.log.cut(&below, 0);
                for (partition, end) in &self.durable {
                    assert!(self.log.start(*partition) <= *end);
                }
            }
            Step::Erase(byte) => self.erase(byte),
            Step::Incarnation => {
                let before = self.log.incarnation();
                if let Ok(new) = self.log.start_incarnation() {
                    assert_eq!(new, before + 1);
                    assert_eq!(self.log.incarnation(), new);
                }
            }
        }
    }

    fn append(&mut self, partition: u16, count: usize, bytes: usize) {
        let bodies: Vec<Vec<u8>> = (0..count)
            .map(|_| {
                self.stamp += 1;
                let mut body = vec![(self.stamp % 8) as u8; bytes];
                body.extend_from_slice(&self.stamp.to_be_bytes());
                body
            })
            .collect();
        let slices: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        let incarnation = self.log.incarnation();
        let Ok(first) = self.log.append(partition, &slices) else { return self.reopen() };
        let all = self.appended.entry(partition).or_default();
        assert_eq!(first, all.len() as u64);
        all.extend(bodies.into_iter().map(|body| (incarnation, body)));
    }

    fn sync(&mut self) {
        let Ok(entries) = self.log.sync() else { return };
        for entry in entries {
            let end = self.durable.entry(entry.partition).or_default();
            assert_eq!(entry.offset, *end, "handed out in order, once");
            *end += 1;
            let (incarnation, body) = &self.appended[&entry.partition][entry.offset as usize];
            assert_eq!((entry.incarnation, &entry.body), (*incarnation, body));
        }
        for (partition, all) in &self.appended {
            assert_eq!(self.log.end(*partition), all.len() as u64);
        }
        assert_eq!(self.log.pending_bytes(), 0);
    }

    fn erase(&mut self, byte: u8) {
        let chosen = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let which = |entry: &Entry| {
            let hit = entry.body[0] == byte;
            if hit {
                chosen.borrow_mut().insert((entry.partition, entry.offset));
            }
            hit
        };
        match self.log.erase(&which) {
            Ok(count) => {
                assert_eq!(count, chosen.borrow().len() as u64);
                self.erased.append(&mut chosen.borrow_mut());
            }
            Err(_) => self.perhaps_erased.append(&mut chosen.borrow_mut()),
        }
    }

    /// The process ends and comes back; a fault during opening makes it try again.
    fn reopen(&mut self) {
        let mut tries = 0;
        self.log = loop {
            match open(&self.disk) {
                Ok(log) => break log,
                Err(Error::Io { .. }) if tries < 9 => tries += 1,
                Err(error) => panic!("{error}"),
            }
        };
        for (partition, all) in &mut self.appended {
            let end = self.log.end(*partition);
            let durable = self.durable.entry(*partition).or_default();
            assert!(end >= *durable, "partition {partition} lost what was synced");
            assert!(end <= all.len() as u64, "partition {partition} has more than was appended");
            all.truncate(end as usize);
            *durable = end;
        }
    }

    fn check(&self) {
        let mut scanned: BTreeMap<u16, Vec<Entry>> = BTreeMap::new();
        let mut visit = |entry: Entry| {
            scanned.entry(entry.partition).or_default().push(entry);
            Ok(())
        };
        self.log.scan(&|_| 0, &mut visit).unwrap();
        for (partition, all) in &self.appended {
            let start = self.log.start(*partition);
            let read = self.log.read(*partition, start, usize::MAX).unwrap();
            assert_eq!(Some(&read), scanned.get(partition).or(Some(&Vec::new())));
            assert_eq!(start + read.len() as u64, self.log.end(*partition));
            for (n, entry) in read.iter().enumerate() {
                let offset = start + n as u64;
                assert_eq!(entry.offset, offset);
                let (incarnation, body) = &all[offset as usize];
                assert_eq!(entry.incarnation, *incarnation);
                let place = (*partition, offset);
                if entry.erased {
                    assert!(self.erased.contains(&place) || self.perhaps_erased.contains(&place));
                    assert!(entry.body.is_empty());
                } else {
                    assert!(!self.erased.contains(&place), "an erased body came back");
                    assert_eq!(&entry.body, body);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn nothing_synced_is_ever_lost(
        seed in any::<u64>(),
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new(seed);
        for step in steps {
            world.run(step);
        }
        world.check();
        world.disk.crash();
        world.reopen();
        world.check();
        world.append(0, 1, 10);
        world.sync();
        world.check();
    }
}
