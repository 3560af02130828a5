//! Bytes on disk and in backups: they were ours once, and come back damaged, or from elsewhere.

use crate::choose;
use cauce_engine::{codec, tables};
use cauce_store::disk::{Disk, FaultyDisk};
use cauce_store::dump::{Reader, Writer};
use cauce_store::{FileLog, Log, log};
use std::sync::Arc;

/// 0 a row, 1 an input, 2 a key, 3 a dump, 4 a damaged dump, 5 a log, 6 a damaged log.
const KINDS: usize = 7;

/// Bytes are refused, or what is read of them is written and read as the same again.
pub fn run(bytes: &[u8]) {
    let (kind, bytes) = choose(bytes, KINDS);
    match kind {
        0 => {
            if let Ok(row) = codec::row(bytes) {
                let again = codec::row(&codec::encode(&row)).expect("what is written is read");
                assert_eq!(codec::encode(&again), codec::encode(&row));
            }
        }
        1 => {
            if let Ok(input) = codec::input(bytes) {
                let again = codec::input(&codec::encode(&input)).expect("what is written is read");
                assert_eq!(codec::encode(&again), codec::encode(&input));
            }
        }
        2 => key(bytes),
        3 => {
            // What is foreign is refused, at its latest at its end.
            let _ = read(bytes);
        }
        4 => damaged_dump(bytes),
        5 => foreign_log(bytes),
        _ => damaged_log(bytes),
    }
}

fn key(bytes: &[u8]) {
    let Some((table, bytes)) = bytes.split_first() else { return };
    if let Some(key) = tables::read(*table, bytes) {
        let spelled = tables::spell(3, &key);
        assert_eq!(tables::read(*table, &spelled), Some(key), "another key in table {table}");
        // Invariant: a key has one spelling, or erasure would miss the others.
        assert_eq!(spelled[4..], bytes[4..], "table {table}");
    }
}

type Section = (String, Vec<(Vec<u8>, Vec<u8>)>);

fn read(bytes: &[u8]) -> Result<Vec<Section>, cauce_store::Error> {
    let mut reader = Reader::new(bytes)?;
    let mut sections = Vec::new();
    while let Some(name) = reader.section()? {
        let mut pairs = Vec::new();
        while let Some(pair) = reader.pair()? {
            pairs.push((pair.0.clone(), pair.1.clone()));
        }
        sections.push((name, pairs));
    }
    reader.finish()?;
    Ok(sections)
}

/// A dump of pairs made of the bytes; one bit of it is changed, or its end is missing.
fn damaged_dump(bytes: &[u8]) {
    let Some(([high, low, bit], content)) = bytes.split_first_chunk::<3>() else { return };
    let mut dump = Vec::new();
    let mut writer = Writer::new(&mut dump).expect("memory takes it");
    let mut last: Option<Vec<u8>> = None;
    writer.begin("t").expect("a name");
    for piece in content.chunks(9) {
        let (key, value) = piece.split_at(piece.len().min(3));
        // Keys ascend.
        if last.as_deref().is_none_or(|last| last < key) {
            writer.pair(key, value).expect("a pair");
            last = Some(key.to_vec());
        }
    }
    writer.finish().expect("an end");
    let whole = read(&dump).expect("what is written is read");
    assert_eq!(whole[0].0, "t");
    let at = (usize::from(*high) << 8 | usize::from(*low)) % dump.len();
    assert!(read(&dump[..at]).is_err(), "a dump of {} bytes is cut at {at}", dump.len());
    dump[at] ^= 1 << (bit % 8);
    assert!(read(&dump).is_err(), "bit {} of byte {at} of {} has changed", bit % 8, dump.len());
}

fn open(disk: &FaultyDisk) -> Result<FileLog, cauce_store::Error> {
    FileLog::open(Arc::new(disk.clone()), log::Options::new(9))
}

fn foreign_log(bytes: &[u8]) {
    let disk = FaultyDisk::new(1);
    // The name of a segment, as the log itself spells it.
    drop(open(&disk).expect("an empty disk is an empty log"));
    let names = disk.list().expect("memory is listed");
    let name = names.first().expect("a log has a first segment");
    let mut content = disk.content(name).expect("it is there");
    let (from_start, bytes) = choose(bytes, 2);
    if from_start == 0 {
        content.clear();
    }
    let file = disk.create(name).expect("memory takes it");
    content.extend(bytes);
    file.append(&content).expect("memory takes it");
    if let Ok(log) = open(&disk) {
        entries(&log);
    }
}

/// Every entry that the log says it has.
fn entries(log: &FileLog) -> Vec<(u16, u64, Vec<u8>)> {
    let mut found = Vec::new();
    log.scan(&|_| 0, &mut |entry| {
        assert!(entry.offset < log.end(entry.partition), "an entry behind the end");
        found.push((entry.partition, entry.offset, entry.body));
        Ok(())
    })
    .expect("what was opened is read");
    found
}

/// A log of entries made of the bytes, one byte of which is changed: it is refused, or it has a
/// beginning of them, and nothing else.
fn damaged_log(bytes: &[u8]) {
    let Some(([high, low, xor], content)) = bytes.split_first_chunk::<3>() else { return };
    let disk = FaultyDisk::new(1);
    let log = open(&disk).expect("an empty disk is an empty log");
    for (place, piece) in content.chunks(7).enumerate() {
        let partition = u16::from(piece[0] % 3);
        log.append(partition, &[piece]).expect("room");
        if piece[0] & 8 != 0 || place == 0 {
            log.sync().expect("a sync");
        }
    }
    log.sync().expect("a sync");
    let whole = entries(&log);
    drop(log);
    let name = disk.list().expect("memory is listed").remove(0);
    let length = disk.content(&name).expect("it is there").len();
    let at = (usize::from(*high) << 8 | usize::from(*low)) % length;
    disk.damage(&name, at, *xor);
    if let Ok(log) = open(&disk) {
        let found = entries(&log);
        assert!(whole.starts_with(&found), "byte {at} of {length} changed by {xor}");
        assert!(*xor != 0 || found == whole, "an undamaged log has lost something");
    }
}
