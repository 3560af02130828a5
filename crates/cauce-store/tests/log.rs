//! One suite for the log, on a real folder and on the faulty disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cauce_store::disk::{Disk, FaultyDisk, OsDisk};
use cauce_store::log::{BODY_BYTES_MAX, Options};
use cauce_store::{Entry, Error, FileLog, Log};

fn options(segment_bytes: u64) -> Options {
    Options { segment_bytes, ..Options::new(7) }
}

fn open(disk: &Arc<dyn Disk>, segment_bytes: u64) -> FileLog {
    FileLog::open(Arc::clone(disk), options(segment_bytes)).unwrap()
}

/// Runs a test on both disks.
fn on_both(test: impl Fn(Arc<dyn Disk>)) {
    let folder = tempfile::tempdir().unwrap();
    test(Arc::new(OsDisk::open(folder.path()).unwrap()));
    test(Arc::new(FaultyDisk::new(1)));
}

fn add(log: &FileLog, partition: u16, bodies: &[&str]) -> u64 {
    let bodies: Vec<&[u8]> = bodies.iter().map(|body| body.as_bytes()).collect();
    log.append(partition, &bodies).unwrap()
}

fn show(entries: &[Entry]) -> Vec<String> {
    let show = |entry: &Entry| {
        let body = if entry.erased { "-" } else { std::str::from_utf8(&entry.body).unwrap() };
        format!("{}:{}.{}={body}", entry.partition, entry.incarnation, entry.offset)
    };
    entries.iter().map(show).collect()
}

fn scan(log: &FileLog, from: &dyn Fn(u16) -> u64) -> Vec<String> {
    let mut all = Vec::new();
    let mut visit = |entry| {
        all.push(entry);
        Ok(())
    };
    log.scan(from, &mut visit).unwrap();
    show(&all)
}

#[test]
fn entries_come_back_in_order_and_survive_reopening() {
    on_both(|disk| {
        let log = open(&disk, 1 << 20);
        assert_eq!(add(&log, 3, &["a", "b"]), 0);
        assert_eq!(add(&log, 0, &["c"]), 0);
        assert_eq!(add(&log, 3, &["", "d"]), 2);
        assert_eq!(log.end(3), 0);
        assert!(log.pending_bytes() > 0);
        let all = ["3:0.0=a", "3:0.1=b", "0:0.0=c", "3:0.2=", "3:0.3=d"];
        assert_eq!(show(&log.sync().unwrap()), all);
        assert_eq!(log.pending_bytes(), 0);
        assert_eq!((log.end(3), log.end(0), log.end(9)), (4, 1, 0));
        assert!(log.sync().unwrap().is_empty());
        drop(log);
        let log = open(&disk, 1 << 20);
        assert_eq!(log.torn_bytes(), 0);
        assert_eq!(scan(&log, &|_| 0), all);
        assert_eq!(scan(&log, &|partition| if partition == 3 { 3 } else { 1 }), ["3:0.3=d"]);
        assert_eq!(add(&log, 3, &["e"]), 4);
        log.sync().unwrap();
        assert_eq!(show(&log.read(3, 3, 100).unwrap()), ["3:0.3=d", "3:0.4=e"]);
    });
}

#[test]
fn reading_is_bounded_and_crosses_segments() {
    on_both(|disk| {
        let log = open(&disk, 300);
        for n in 0..50 {
            add(&log, n % 3, &[&format!("body {n:02}")]);
            log.sync().unwrap();
        }
        assert!(disk.list().unwrap().len() > 5);
        for reopened in [false, true] {
            let again = reopened.then(|| open(&disk, 300));
            let log = again.as_ref().unwrap_or(&log);
            let all = log.read(1, 0, 1 << 20).unwrap();
            assert_eq!(all.len(), 17);
            for from in 0..17 {
                let some = log.read(1, from, 20).unwrap();
                assert_eq!(some, all[from as usize..(from as usize + 2).min(17)]);
                assert_eq!(log.read(1, from, 0).unwrap().len(), 1);
            }
            assert!(log.read(1, 17, 99).unwrap().is_empty());
            assert!(matches!(log.read(1, 18, 99), Err(Error::Lost { found: 17, .. })));
            assert_eq!(scan(log, &|_| 0).len(), 50);
        }
    });
}

#[test]
fn cutting_keeps_what_is_needed_and_all_ends() {
    on_both(|disk| {
        let log = open(&disk, 200);
        add(&log, 8, &["only once"]);
        for n in 0..40 {
            add(&log, 2, &[&format!("{n:020}")]);
            log.sync().unwrap();
        }
        let files = disk.list().unwrap().len();
        log.cut(&|partition| if partition == 2 { 40 } else { 0 }, 0).unwrap();
        assert_eq!(disk.list().unwrap().len(), files);
        let below = |partition| if partition == 2 { 25 } else { 1 };
        let bytes = log.bytes_on_disk();
        log.cut(&below, bytes).unwrap();
        assert_eq!(log.bytes_on_disk(), bytes, "so much is to be kept");
        log.cut(&below, bytes - 600).unwrap();
        let kept = log.bytes_on_disk();
        assert!((bytes - 600..bytes).contains(&kept), "{kept} of {bytes}");
        log.cut(&below, 0).unwrap();
        assert!(log.bytes_on_disk() < kept);
        assert!(disk.list().unwrap().len() < files);
        let start = log.start(2);
        drop(log);
        let log = open(&disk, 200);
        assert_eq!(log.start(2), start);
        assert!((20..=25).contains(&start), "{start}");
        assert_eq!((log.start(8), log.end(8), log.end(2)), (1, 1, 40));
        assert!(matches!(log.read(2, start - 1, 9), Err(Error::Lost { .. })));
        assert!(matches!(log.read(8, 0, 9), Err(Error::Lost { expected: 0, found: 1, .. })));
        assert_eq!(log.read(2, start, 1 << 20).unwrap().len() as u64, 40 - start);
        assert_eq!(scan(&log, &|_| 0).len() as u64, 40 - start);
        log.cut(&|_| u64::MAX, 0).unwrap();
        drop(log);
        let log = open(&disk, 200);
        assert_eq!((log.start(2), log.end(2)), (40, 40));
        add(&log, 8, &["again"]);
        assert_eq!(show(&log.sync().unwrap()), ["8:0.1=again"]);
        assert_eq!(show(&log.read(8, 1, 9).unwrap()), ["8:0.1=again"]);
    });
}

#[test]
fn an_incarnation_is_durable_and_refuses_pending_entries() {
    on_both(|disk| {
        let log = open(&disk, 1 << 20);
        assert_eq!(log.incarnation(), 0);
        add(&log, 1, &["old"]);
        assert!(matches!(log.start_incarnation(), Err(Error::Io { .. })));
        log.sync().unwrap();
        assert_eq!(log.start_incarnation().unwrap(), 1);
        drop(log);
        let log = open(&disk, 1 << 20);
        assert_eq!(log.incarnation(), 1);
        add(&log, 1, &["new"]);
        log.sync().unwrap();
        assert_eq!(scan(&log, &|_| 0), ["1:0.0=old", "1:1.1=new"]);
    });
}

#[test]
fn erasing_takes_the_body_and_leaves_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(OsDisk::open(folder.path()).unwrap());
    let log = open(&disk, 400);
    for n in 0..20 {
        add(&log, n % 2, &[&format!("secret-{n:03}"), "public"]);
        log.sync().unwrap();
    }
    add(&log, 0, &["pending"]);
    let secret = |entry: &Entry| entry.body.starts_with(b"secret") && entry.partition == 1;
    assert_eq!(log.erase(&secret).unwrap(), 10);
    assert_eq!(log.erase(&secret).unwrap(), 0);
    log.sync().unwrap();
    let mut bytes = Vec::new();
    for name in disk.list().unwrap() {
        bytes.extend(std::fs::read(folder.path().join(name)).unwrap());
    }
    let found = |text: &[u8]| bytes.windows(text.len()).filter(|part| *part == text).count();
    assert_eq!(found(b"secret-"), 10);
    assert_eq!(found(b"secret-001"), 0);
    let read = log.read(1, 0, 1 << 20).unwrap();
    assert_eq!(show(&read[..3]), ["1:0.0=-", "1:0.1=public", "1:0.2=-"]);
    assert_eq!(read.len(), 20);
    assert_eq!(show(&log.read(0, 20, 99).unwrap()), ["0:0.20=pending"]);
    drop(log);
    let log = open(&disk, 400);
    assert_eq!(show(&log.read(1, 17, 1).unwrap()), ["1:0.17=public"]);
    assert_eq!(log.read(1, 0, 1 << 20).unwrap().iter().filter(|e| e.erased).count(), 10);
}

#[test]
fn one_folder_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = OsDisk::open(folder.path()).unwrap();
    let second = OsDisk::open(folder.path());
    assert_eq!(second.err().map(|error| error.kind()), Some(std::io::ErrorKind::WouldBlock));
    drop(first);
    OsDisk::open(folder.path()).unwrap();
}

#[test]
fn too_long_a_body_is_refused_and_takes_no_offset() {
    let log = open(&(Arc::new(FaultyDisk::new(1)) as Arc<dyn Disk>), 1 << 20);
    let long = vec![0; BODY_BYTES_MAX + 1];
    assert!(matches!(log.append(0, &[b"x", &long]), Err(Error::Io { .. })));
    assert_eq!(add(&log, 0, &["y"]), 0);
}

#[test]
fn appends_go_on_while_groups_are_written() {
    on_both(|disk| {
        let log = open(&disk, 20_000);
        let running = AtomicBool::new(true);
        let durable = std::thread::scope(|scope| {
            let committer = scope.spawn(|| {
                let mut durable = Vec::new();
                while running.load(Ordering::Acquire) {
                    durable.extend(log.sync().unwrap());
                }
                durable.extend(log.sync().unwrap());
                durable
            });
            let writers: Vec<_> = (0..3u16)
                .map(|partition| {
                    let log = &log;
                    scope.spawn(move || {
                        for n in 0..1000u64 {
                            let first = log.append(partition, &[&n.to_be_bytes()]).unwrap();
                            assert_eq!(first, n);
                        }
                    })
                })
                .collect();
            writers.into_iter().for_each(|writer| writer.join().unwrap());
            running.store(false, Ordering::Release);
            committer.join().unwrap()
        });
        assert_eq!(durable.len(), 3000);
        let mut next = [0u64; 3];
        for entry in &durable {
            let next = &mut next[usize::from(entry.partition)];
            assert_eq!((entry.offset, entry.body.as_slice()), (*next, &next.to_be_bytes()[..]));
            *next += 1;
        }
        let again = open(&disk, 20_000);
        let mut visited = Vec::new();
        let mut visit = |entry| {
            visited.push(entry);
            Ok(())
        };
        again.scan(&|_| 0, &mut visit).unwrap();
        assert_eq!(visited, durable);
    });
}
