//! What a partition holds, in an order that does not depend on how it got there: hashes to compare,
//! backups to keep.
//!
//! A backup is, per partition, its tables and the log's entries that it had not taken. Partitions
//! may
//! be written one after the other while others go on: whatever one of them had heard from another
//! by then was caused by an entry that the backup holds as well, because the entries are read last.

pub mod again;

use crate::checkpoint::{Progress, forget, mark_key, progress_key, skip_key};
use crate::partition::Partition;
use crate::tables::{self, TABLES};
use crate::working::members_key;
use crate::{Error, codec, control};
use cauce_core::decide::Plans;
use cauce_core::ids;
use cauce_store::dump::{Reader, Writer};
use cauce_store::{Batch, Entry, Log, State};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::Arc;

/// Rows that a restore writes at a time.
const BATCH_ROWS: usize = 4_096;
/// Bytes of log that are read at a time.
const READ_BYTES: usize = 4 << 20;
/// The section of the entries that were not taken.
const LOG: &str = "log";
/// The section of the control log.
const CONTROL: &str = "control";
/// The section of what the process keeps beside log and store.
const KEPT: &str = "kept";
/// The section that names the log's incarnation.
const INCARNATION: &str = "incarnation";

/// The hash of every table of a partition, and of its members' bitmaps: equal for equal content.
pub fn dump<P: Plans>(partition: &Partition<P>) -> Result<Vec<(String, u128)>, Error> {
    let mut writer = Writer::new(std::io::sink()).map_err(Error::on(partition.number()))?;
    write_tables(partition, &mut writer)?;
    writer.finish().map_err(Error::on(partition.number()))
}

/// Writes the rows of one partition; sections are named `3/heads`.
pub fn write_tables<P: Plans, W: Write>(
    partition: &Partition<P>,
    writer: &mut Writer<W>,
) -> Result<(), Error> {
    let number = partition.number();
    for (table, about) in TABLES.iter().enumerate() {
        if [tables::ENGINE, tables::CONTROL_LOG].map(usize::from).contains(&table) {
            continue;
        }
        writer.begin(&format!("{number}/{}", about.name)).map_err(Error::on(number))?;
        partition.rows().visit(table as u8, &mut |key, value| {
            writer.pair(key, value).map_err(Error::on(number))
        })?;
    }
    writer.begin(&format!("{number}/members")).map_err(Error::on(number))?;
    for (segment, bitmap) in partition.rows().bitmaps() {
        // Empty or never filled: the same.
        if !bitmap.is_empty() {
            let mut bytes = Vec::with_capacity(bitmap.serialized_size());
            bitmap.serialize_into(&mut bytes).expect("writing to memory has no failing case");
            writer.pair(&members_key(number, *segment), &bytes).map_err(Error::on(number))?;
        }
    }
    writer.begin(&format!("{number}/position")).map_err(Error::on(number))?;
    let progress = codec::encode(&partition.progress());
    writer.pair(&progress_key(number), &progress).map_err(Error::on(number))
}

/// Writes the last part of a backup: what the partitions had not taken when their tables were
/// written (`next`, by partition), up to what is durable now.
pub fn write_log<W: Write>(
    next: &[u64],
    log: &dyn Log,
    writer: &mut Writer<W>,
) -> Result<(), Error> {
    let on = Error::on(ids::CONTROL);
    writer.begin(LOG).map_err(&on)?;
    for (number, next) in next.iter().enumerate() {
        let (number, mut next) = (number as ids::Partition, *next);
        loop {
            let entries = log.read(number, next, READ_BYTES).map_err(Error::on(number))?;
            let Some(last) = entries.last() else { break };
            next = last.offset + 1;
            for entry in &entries {
                let mut key = number.to_be_bytes().to_vec();
                key.extend(entry.offset.to_be_bytes());
                let mut value = entry.incarnation.to_be_bytes().to_vec();
                value.extend(&entry.body);
                writer.pair(&key, &value).map_err(&on)?;
            }
        }
    }
    Ok(())
}

/// Writes what a backup needs besides partitions: the whole control log, and which incarnation of
/// the log it comes from.
pub fn write_control<W: Write>(
    log: &dyn Log,
    state: &dyn State,
    writer: &mut Writer<W>,
) -> Result<(), Error> {
    let on = Error::on(ids::CONTROL);
    writer.begin(CONTROL).map_err(&on)?;
    control::visit(log, state, &mut |offset, body| {
        writer.pair(&offset.to_be_bytes(), body).map_err(&on)
    })?;
    writer.begin(INCARNATION).map_err(&on)?;
    writer.pair(b"incarnation", &log.incarnation().to_be_bytes()).map_err(&on)
}

/// Writes what the process keeps beside log and store, by name.
pub fn write_kept<W: Write>(
    kept: &BTreeMap<String, Vec<u8>>,
    writer: &mut Writer<W>,
) -> Result<(), Error> {
    let on = Error::on(ids::CONTROL);
    writer.begin(KEPT).map_err(&on)?;
    for (name, bytes) in kept {
        writer.pair(name.as_bytes(), bytes).map_err(&on)?;
    }
    Ok(())
}

/// Writes a whole backup of partitions that are all at hand.
pub fn write_backup<P: Plans, W: Write>(
    partitions: &[Partition<P>],
    log: &dyn Log,
    out: W,
) -> Result<(), Error> {
    let on = Error::on(ids::CONTROL);
    let mut writer = Writer::new(out).map_err(&on)?;
    for partition in partitions {
        write_tables(partition, &mut writer)?;
    }
    let next: Vec<u64> = partitions.iter().map(|p| p.progress().next).collect();
    write_log(&next, log, &mut writer)?;
    writer.finish().map(drop).map_err(on)
}

/// What a backup holds besides rows.
#[derive(Debug, Default)]
pub struct Restored {
    /// Partitions in it.
    pub partitions: u16,
    /// Entries that they had not taken, by partition and offset.
    pub untaken: Vec<Entry>,
    /// What the process kept beside log and store, by name.
    pub kept: BTreeMap<String, Vec<u8>>,
    /// The control log's entries, in order.
    pub control: Vec<Vec<u8>>,
    /// The incarnation of the log it comes from.
    pub incarnation: u16,
}

/// Lays a backup's rows into an empty state. Follow it by [`rejoin`], unless the same log goes on.
pub fn restore(from: impl Read, state: &dyn State) -> Result<Restored, Error> {
    let on = Error::on(ids::CONTROL);
    let mut reader = Reader::new(from).map_err(&on)?;
    let mut restored = Restored::default();
    while let Some(section) = reader.section().map_err(&on)? {
        if section == LOG {
            while let Some((key, value)) = reader.pair().map_err(&on)? {
                restored.untaken.push(entry(&key, &value)?);
            }
            continue;
        }
        if section == KEPT {
            while let Some((name, bytes)) = reader.pair().map_err(&on)? {
                restored.kept.insert(String::from_utf8_lossy(&name).into_owned(), bytes);
            }
            continue;
        }
        if section == CONTROL || section == INCARNATION {
            while let Some((_, value)) = reader.pair().map_err(&on)? {
                match <[u8; 2]>::try_from(value.as_slice()) {
                    Ok(bytes) if section == INCARNATION => {
                        restored.incarnation = u16::from_be_bytes(bytes);
                    }
                    _ => restored.control.push(value),
                }
            }
            continue;
        }
        let (number, table) = place(&section)?;
        restored.partitions = restored.partitions.max(number + 1);
        let mut batch = Batch::new();
        while let Some((key, value)) = reader.pair().map_err(&on)? {
            batch.put(table, key, value);
            if batch.len() >= BATCH_ROWS {
                state.write(std::mem::take(&mut batch)).map_err(Error::on(number))?;
            }
        }
        state.write(batch).map_err(Error::on(number))?;
    }
    Ok(restored)
}

fn place(section: &str) -> Result<(ids::Partition, u8), Error> {
    let unknown = || Error::Backup(format!("section `{section}` is unknown"));
    let (number, name) = section.split_once('/').ok_or_else(unknown)?;
    let number = number.parse().map_err(|_| unknown())?;
    let table = match name {
        "members" | "position" => tables::ENGINE,
        _ => TABLES.iter().position(|table| table.name == name).ok_or_else(unknown)? as u8,
    };
    Ok((number, table))
}

fn entry(key: &[u8], value: &[u8]) -> Result<Entry, Error> {
    let parts = || {
        let (partition, rest) = key.split_first_chunk::<2>()?;
        let offset = rest.first_chunk::<8>()?;
        let (incarnation, body) = value.split_first_chunk::<2>()?;
        Some(Entry {
            partition: u16::from_be_bytes(*partition),
            incarnation: u16::from_be_bytes(*incarnation),
            offset: u64::from_be_bytes(*offset),
            erased: body.is_empty(),
            body: body.to_vec(),
        })
    };
    parts().ok_or_else(|| Error::Backup("an entry of its log is malformed".to_owned()))
}

/// Puts restored partitions before a log that knows nothing of them: takes what they had not taken,
/// at its own positions, and lets them go on at the log's end. The log must have begun an
/// incarnation that the backup has not seen, or positions would name two things.
pub fn rejoin<P: Plans>(
    restored: &Restored,
    state: &Arc<dyn State>,
    plans: &Arc<P>,
    log: &dyn Log,
) -> Result<(), Error> {
    let seen = restored.untaken.iter().map(|entry| entry.incarnation).max();
    if seen.is_some_and(|seen| seen >= log.incarnation()) {
        let text = "the log must begin a new incarnation before a backup is restored";
        return Err(Error::Backup(text.to_owned()));
    }
    for number in 0..restored.partitions {
        let on = Error::on(number);
        let open = Partition::open(number, restored.partitions, state.clone(), plans.clone());
        let mut partition = open?;
        for entry in restored.untaken.iter().filter(|entry| entry.partition == number) {
            partition.take(entry)?;
        }
        if let Some(checkpoint) = partition.checkpoint() {
            checkpoint.write(&**state)?;
        }
        let progress = Progress { next: log.end(number), hash: partition.progress().hash };
        let mut batch = Batch::new();
        batch.put(tables::ENGINE, progress_key(number), codec::encode(&progress));
        // Positions of the old log mean others now.
        for key in [skip_key, mark_key] {
            forget(&mut batch, &**state, (key(number, 0), key(number, u64::MAX)))?;
        }
        state.write(batch).map_err(&on)?;
    }
    state.sync().map_err(Error::on(ids::CONTROL))
}
