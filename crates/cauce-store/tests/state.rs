//! One suite for the state, on fjall and in memory.

use std::collections::BTreeMap;

use cauce_store::state::{Compression, Fault, KEY_BYTES_MAX, Options};
use cauce_store::{Batch, Error, FjallState, MemoryState, State, dump};
use proptest::prelude::*;

const TABLES: [&str; 3] = ["head", "timeline", "position"];

fn fjall(folder: &tempfile::TempDir) -> FjallState {
    FjallState::open(folder.path(), &TABLES, &Options::small()).unwrap()
}

/// Runs a test on both back ends.
fn on_both(test: impl Fn(&dyn State)) {
    let folder = tempfile::tempdir().unwrap();
    test(&fjall(&folder));
    test(&MemoryState::new(TABLES.len(), 1));
}

fn batch(rows: &[(u8, &str, Option<&str>)]) -> Batch {
    let mut batch = Batch::new();
    for (table, key, value) in rows {
        match value {
            Some(value) => batch.put(*table, *key, *value),
            None => batch.delete(*table, *key),
        }
    }
    batch
}

fn list(state: &dyn State, table: u8, from: &str, to: Option<&str>, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut visit = |key: &[u8], value: &[u8]| {
        found.push(String::from_utf8_lossy(&[key, b"=", value].concat()).into_owned());
        found.len() < most
    };
    state.range(table, from.as_bytes(), to.map(str::as_bytes), &mut visit).unwrap();
    found
}

#[test]
fn rows_are_read_in_order_and_tables_are_apart() {
    on_both(|state| {
        state
            .write(batch(&[(0, "b", Some("2")), (0, "a", Some("1")), (1, "a", Some("x"))]))
            .unwrap();
        state.write(batch(&[(0, "c", Some("")), (0, "a", None), (0, "a", Some("3"))])).unwrap();
        assert_eq!(state.get(0, b"a").unwrap().as_deref(), Some(&b"3"[..]));
        assert_eq!(state.get(0, b"c").unwrap().as_deref(), Some(&b""[..]));
        assert_eq!(state.get(2, b"a").unwrap(), None);
        assert_eq!(list(state, 0, "", None, 9), ["a=3", "b=2", "c="]);
        assert_eq!(list(state, 0, "aa", Some("c"), 9), ["b=2"]);
        assert_eq!(list(state, 0, "b", Some("b"), 9), [""; 0]);
        assert_eq!(list(state, 0, "c", Some("a"), 9), [""; 0]);
        assert_eq!(list(state, 0, "", None, 2), ["a=3", "b=2"]);
        assert_eq!(list(state, 1, "", None, 9), ["a=x"]);
        state.write(batch(&[(0, "b", None), (0, "z", None)])).unwrap();
        assert_eq!(list(state, 0, "", None, 9), ["a=3", "c="]);
        state.write(Batch::new()).unwrap();
        state.sync().unwrap();
    });
}

/// As `list`, from the end.
fn list_back(state: &dyn State, table: u8, from: &str, to: &str, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut visit = |key: &[u8], value: &[u8]| {
        found.push(String::from_utf8_lossy(&[key, b"=", value].concat()).into_owned());
        found.len() < most
    };
    state.range_back(table, from.as_bytes(), to.as_bytes(), &mut visit).unwrap();
    found
}

#[test]
fn rows_are_read_from_the_end_as_well() {
    on_both(|state| {
        state
            .write(batch(&[(0, "b", Some("2")), (0, "a", Some("1")), (1, "b", Some("x"))]))
            .unwrap();
        state.write(batch(&[(0, "c", Some("3")), (0, "d", Some("4"))])).unwrap();
        state.write(batch(&[(0, "c", None)])).unwrap();
        assert_eq!(list_back(state, 0, "", "z", 9), ["d=4", "b=2", "a=1"]);
        assert_eq!(list_back(state, 0, "b", "d", 9), ["b=2"], "from is in it, to is not");
        assert_eq!(list_back(state, 0, "", "z", 2), ["d=4", "b=2"]);
        assert_eq!(list_back(state, 0, "b", "b", 9), [""; 0]);
        assert_eq!(list_back(state, 0, "c", "a", 9), [""; 0]);
        assert_eq!(list_back(state, 1, "", "z", 9), ["b=x"]);
        assert!(state.range_back(9, b"", b"z", &mut |_, _| true).is_err());
    });
}

#[test]
fn impossible_batches_are_refused_whole() {
    on_both(|state| {
        let long = "k".repeat(KEY_BYTES_MAX + 1);
        for bad in [(9, "a"), (0, ""), (0, long.as_str())] {
            let refused = state.write(batch(&[(0, "good", Some("1")), (bad.0, bad.1, Some("2"))]));
            assert!(matches!(refused, Err(Error::Io { .. })));
        }
        assert!(matches!(state.get(9, b"a"), Err(Error::Io { .. })));
        assert!(state.range(9, b"", None, &mut |_, _| true).is_err());
        assert_eq!(list(state, 0, "", None, 9), [""; 0]);
        let longest = "k".repeat(KEY_BYTES_MAX);
        state.write(batch(&[(0, &longest, Some("1"))])).unwrap();
        assert_eq!(state.get(0, longest.as_bytes()).unwrap().as_deref(), Some(&b"1"[..]));
    });
}

#[test]
fn a_reader_sees_a_batch_whole_or_not_at_all() {
    on_both(|state| {
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for n in 0..300u32 {
                    let value = n.to_string();
                    let rows = [(0, "a", Some(value.as_str())), (0, "b", Some(value.as_str()))];
                    state.write(batch(&rows)).unwrap();
                }
            });
            while !writer.is_finished() {
                let rows = list(state, 0, "", None, 9);
                if let [a, b] = rows.as_slice() {
                    assert_eq!(a[2..], b[2..]);
                } else {
                    assert!(rows.is_empty());
                }
            }
        });
    });
}

#[test]
fn fjall_comes_back_after_closing_and_takes_new_tables() {
    let folder = tempfile::tempdir().unwrap();
    let state = fjall(&folder);
    state.write(batch(&[(0, "a", Some("1")), (2, "p", Some("9"))])).unwrap();
    let again = FjallState::open(folder.path(), &TABLES, &Options::small());
    assert!(matches!(again, Err(Error::Io { .. })), "one database is open once");
    drop(state);
    let more = [TABLES[0], TABLES[1], TABLES[2], "more"];
    let options = Options { compression: Compression::All, ..Options::small() };
    let state = FjallState::open(folder.path(), &more, &options).unwrap();
    assert_eq!(list(&state, 0, "", None, 9), ["a=1"]);
    assert_eq!(list(&state, 2, "", None, 9), ["p=9"]);
    state.write(batch(&[(3, "n", Some("1"))])).unwrap();
    assert!(state.bytes_on_disk() > 0);
}

/// Copies a folder as it stands on the disk, as if the process had been killed.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_written_batch_survives_the_death_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let state = fjall(&folder);
    for n in 0..100 {
        let key = format!("{n:03}");
        state.write(batch(&[(0, &key, Some("v")), (1, &key, Some("w"))])).unwrap();
    }
    let dead = tempfile::tempdir().unwrap();
    copy(folder.path(), dead.path());
    let state = fjall(&dead);
    assert_eq!(list(&state, 0, "", None, 1000).len(), 100);
    assert_eq!(list(&state, 1, "", None, 1000).len(), 100);
}

fn find(folder: &std::path::Path, text: &[u8]) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let count = |path: std::path::PathBuf| match path.is_dir() {
        true => find(&path, text),
        false => {
            let bytes = std::fs::read(path).unwrap();
            // Splitting by the first byte is what makes this quick over long stretches of zeros.
            let starts = bytes.split(|byte| *byte == text[0]).skip(1);
            starts.filter(|rest| rest.starts_with(&text[1..])).count()
        }
    };
    entries.map(count).sum()
}

#[test]
fn compaction_makes_deleted_bytes_vanish_from_the_files() {
    let folder = tempfile::tempdir().unwrap();
    // Without compression, so that a search of the bytes means something.
    let options = Options { compression: Compression::None, ..Options::small() };
    let state = FjallState::open(folder.path(), &TABLES, &options).unwrap();
    for n in 0..200 {
        let key = format!("key{n:03}");
        let value = format!("secret{n:03}");
        state.write(batch(&[(0, &key, Some(&value)), (1, &key, Some(&value))])).unwrap();
    }
    state.sync().unwrap();
    for n in 100..200 {
        let key = format!("key{n:03}");
        state.write(batch(&[(0, &key, None), (1, &key, Some("replaced"))])).unwrap();
    }
    assert!(find(folder.path(), b"secret1") > 0);
    state.compact().unwrap();
    assert_eq!(find(folder.path(), b"secret1"), 0);
    assert!(find(folder.path(), b"secret0") > 0);
    assert_eq!(list(&state, 0, "", None, 999).len(), 100);
    assert_eq!(list(&state, 1, "", None, 999).len(), 200);
    assert_eq!(state.get(0, b"key050").unwrap().as_deref(), Some(&b"secret050"[..]));
    drop(state);
    let state = FjallState::open(folder.path(), &TABLES, &options).unwrap();
    assert_eq!(list(&state, 1, "", None, 999).len(), 200);
}

#[test]
fn planned_faults_hit_the_write_they_were_planned_for() {
    let state = MemoryState::new(1, 1);
    state.fail_write(3, Fault::Io);
    state.fail_write(2, Fault::Full);
    let one = || batch(&[(0, "a", Some("1"))]);
    state.write(one()).unwrap();
    assert!(matches!(state.write(batch(&[(0, "b", Some("1"))])), Err(Error::Full { .. })));
    assert!(matches!(state.write(one()), Err(Error::Io { .. })));
    state.write(one()).unwrap();
    assert_eq!(list(&state, 0, "", None, 9), ["a=1"]);
}

fn dump_of(state: &dyn State) -> Vec<(String, u128)> {
    let mut writer = dump::Writer::new(Vec::new()).unwrap();
    for (table, name) in TABLES.iter().enumerate() {
        writer.begin(name).unwrap();
        let mut visit = |key: &[u8], value: &[u8]| {
            writer.pair(key, value).unwrap();
            true
        };
        state.range(table as u8, b"", None, &mut visit).unwrap();
    }
    writer.finish().unwrap()
}

type Rows = Vec<(u8, u8, Option<u8>)>;

fn rows() -> impl Strategy<Value = Rows> {
    proptest::collection::vec((0u8..3, 0u8..20, proptest::option::of(any::<u8>())), 0..8)
}

fn build(rows: &Rows) -> Batch {
    let mut batch = Batch::new();
    for (table, key, value) in rows {
        match value {
            Some(value) => batch.put(*table, [*key], [*value]),
            None => batch.delete(*table, [*key]),
        }
    }
    batch
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn both_back_ends_hold_what_the_model_holds(
        batches in proptest::collection::vec((rows(), any::<bool>()), 1..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let memory = MemoryState::new(TABLES.len(), 1);
        let mut disk = fjall(&folder);
        let mut model: BTreeMap<(u8, Vec<u8>), Vec<u8>> = BTreeMap::new();
        for (n, (rows, sync)) in batches.iter().enumerate() {
            disk.write(build(rows)).unwrap();
            memory.write(build(rows)).unwrap();
            for (table, key, value) in rows {
                match value {
                    Some(value) => model.insert((*table, vec![*key]), vec![*value]),
                    None => model.remove(&(*table, vec![*key])),
                };
            }
            if *sync {
                disk.sync().unwrap();
            }
            if n % 16 == 15 {
                drop(disk);
                disk = fjall(&folder);
            }
        }
        for state in [&disk as &dyn State, &memory] {
            let mut found = BTreeMap::new();
            for table in 0..3u8 {
                state.range(table, b"", None, &mut |key, value| {
                    found.insert((table, key.to_vec()), value.to_vec());
                    true
                }).unwrap();
            }
            prop_assert_eq!(&found, &model);
        }
        prop_assert_eq!(dump_of(&disk), dump_of(&memory));
    }
}

proptest! {
    #[test]
    fn a_crash_keeps_what_was_synced_and_whole_batches_after_it(
        seed in any::<u64>(),
        synced in proptest::collection::vec(rows(), 0..10),
        unsynced in proptest::collection::vec(rows(), 0..10),
    ) {
        let state = MemoryState::new(TABLES.len(), seed);
        let write = |batches: &[Rows]| batches.iter().for_each(|b| state.write(build(b)).unwrap());
        write(&synced);
        state.sync().unwrap();
        write(&unsynced);
        let kept = state.crash();
        prop_assert!(kept <= unsynced.len());
        let expected = MemoryState::new(TABLES.len(), 0);
        for rows in synced.iter().chain(&unsynced[..kept]) {
            expected.write(build(rows)).unwrap();
        }
        prop_assert_eq!(dump_of(&state), dump_of(&expected));
        // What came back is on the disk: a second crash takes none of it.
        state.crash();
        prop_assert_eq!(dump_of(&state), dump_of(&expected));
    }
}
