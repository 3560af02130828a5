//! The working set: rows that were touched, decoded, over the store. The log is the point of
//! durability, so the store may lag; a checkpoint writes what changed.

use crate::absent::Absent;
use crate::hot::{Hot, Slot};
use crate::tables::{self, TABLES};
use crate::{Error, codec};
use cauce_core::ids::{MessageId, Number, Partition, ProfileId};
use cauce_core::profile::{Head, SegmentNumber, Status};
use cauce_core::state::{Key, Row, Rows};
use cauce_store::State;
use roaring::RoaringBitmap;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Limit: rows of a queue that one partition keeps in memory whole.
const QUEUE_ROWS_MAX: usize = 50_000;

/// What is called with every key and value of a table.
pub type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> Result<(), Error> + 'v;

/// The rows of one partition.
pub struct Working {
    partition: Partition,
    state: Arc<dyn State>,
    hot: RefCell<Vec<Hot>>,
    /// Tables of which every row is in memory; the disk need not be asked.
    complete: Vec<bool>,
    failed: RefCell<Option<Error>>,
    members: BTreeMap<SegmentNumber, RoaringBitmap>,
    members_dirty: BTreeSet<SegmentNumber>,
    attempting: BTreeSet<MessageId>,
    generation: u32,
    /// The last generation that is on disk.
    written: u32,
    /// Keys that this generation changed, each once.
    changed: Vec<Key>,
    /// Profiles from this number on have no rows on disk.
    unstored_from: Number,
    /// What is known not to exist, without asking the disk.
    absent: Absent,
}

/// One bit of a segment's bitmap that a commit has turned, whatever the cause: the bitmaps of
/// before and these are the bitmaps of after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Who.
    pub profile: ProfileId,
    /// Under which number.
    pub number: Number,
    /// Which segment.
    pub segment: SegmentNumber,
    /// Whether it is in it now.
    pub inside: bool,
    /// The profile that has absorbed it, if that is why.
    pub merged_into: Option<ProfileId>,
}

/// What a checkpoint writes: rows as they are at one position.
pub struct Snapshot {
    /// The generation that is closed by it.
    pub generation: u32,
    /// Changed rows.
    pub rows: Vec<(Key, Option<Row>)>,
    /// Changed bitmaps of members.
    pub members: Vec<(SegmentNumber, RoaringBitmap)>,
}

impl Working {
    /// Opens a partition's rows in a store.
    pub fn open(partition: Partition, state: Arc<dyn State>) -> Result<Working, Error> {
        let mut working = Working {
            partition,
            state,
            hot: RefCell::new(TABLES.iter().map(|table| Hot::of(table.name)).collect()),
            complete: vec![false; TABLES.len()],
            failed: RefCell::new(None),
            members: BTreeMap::new(),
            members_dirty: BTreeSet::new(),
            attempting: BTreeSet::new(),
            generation: 1,
            written: 0,
            changed: Vec::new(),
            unstored_from: 0,
            absent: Absent::default(),
        };
        for table in 0..TABLES.len() {
            working.complete[table] = working.load(table)?;
        }
        working.check()?;
        working.absent = Absent::over(partition, &*working.state, &working.complete)?;
        working.load_members()?;
        let low = Key::Attempting(MessageId(0));
        let high = Key::Attempting(MessageId(u128::MAX));
        for (key, _) in working.range(&low, &high, usize::MAX) {
            if let Key::Attempting(id) = key {
                working.attempting.insert(id);
            }
        }
        if let Some(Row::Meta(meta)) = working.get(&Key::Meta) {
            working.unstored_from = meta.next_number;
        }
        working.check()?;
        Ok(working)
    }

    /// Brings a queue into memory whole, if it is not too long; says whether all of a table is in
    /// memory now. A queue on disk is a heap of deleted rows before the first that lives, and its
    /// head is what is asked for.
    fn load(&mut self, table: usize) -> Result<bool, Error> {
        let most = if Hot::stays(TABLES[table].name) { QUEUE_ROWS_MAX } else { 0 };
        let (from, to) = (tables::prefix(self.partition), tables::prefix_end(self.partition));
        let mut found = Vec::new();
        let visit = &mut |key: &[u8], value: &[u8]| {
            found.push((key.to_vec(), value.to_vec()));
            found.len() <= most
        };
        self.state
            .range(table as u8, &from, Some(&to), visit)
            .map_err(Error::on(self.partition))?;
        if found.len() > most {
            return Ok(false);
        }
        for (key, value) in found {
            let Some(key) = tables::read(table as u8, &key) else {
                let what = format!("key of {}", TABLES[table].name);
                return Err(Error::Unreadable { what, cause: format!("{key:02x?}") });
            };
            let slot = Slot { row: self.decode(&value), dirty: 0, touched: 0 };
            self.hot.get_mut()[table].insert(key, slot);
        }
        Ok(true)
    }

    fn load_members(&mut self) -> Result<(), Error> {
        let from = members_key(self.partition, 0);
        let to = members_key(self.partition, SegmentNumber::MAX);
        let mut read = Vec::new();
        let visit = &mut |key: &[u8], value: &[u8]| {
            read.push((key.to_vec(), value.to_vec()));
            true
        };
        let state = self.state.clone();
        state.range(tables::ENGINE, &from, Some(&to), visit).map_err(Error::on(self.partition))?;
        for (key, value) in read {
            let unreadable = |cause: String| Error::Unreadable { what: "bitmap".to_owned(), cause };
            let number = key.last_chunk::<4>().map(|bytes| SegmentNumber::from_be_bytes(*bytes));
            let number = number.ok_or_else(|| unreadable("short key".to_owned()))?;
            let bitmap = RoaringBitmap::deserialize_from(&value[..])
                .map_err(|cause| unreadable(cause.to_string()))?;
            self.members.insert(number, bitmap);
        }
        Ok(())
    }

    /// The first failed read since the last look, if any: the decision that saw it is worthless.
    pub fn check(&self) -> Result<(), Error> {
        match self.failed.borrow_mut().take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Lays a decision's changes over the rows. Says who moved in or out of segments by it.
    pub fn commit(&mut self, changes: Vec<(Key, Option<Row>)>) -> Vec<Moved> {
        let mut moved = Vec::new();
        for (key, row) in changes {
            self.note(&key, row.as_ref(), &mut moved);
            if row.is_some() {
                self.absent.add(&key);
            }
            let slot = Slot { row, dirty: self.generation, touched: self.generation };
            let table = &mut self.hot.get_mut()[usize::from(tables::table(&key))];
            match table.get_mut(&key) {
                Some(old) => {
                    if old.dirty != self.generation {
                        self.changed.push(key);
                    }
                    *old = slot;
                }
                None => {
                    self.changed.push(key.clone());
                    table.insert(key, slot);
                }
            }
        }
        moved
    }

    /// Keeps what is derived from rows.
    fn note(&mut self, key: &Key, row: Option<&Row>, moved: &mut Vec<Moved>) {
        match (key, row) {
            (Key::Head(number), Some(Row::Head(new))) => {
                let old = self.get(key);
                let old = match &old {
                    Some(Row::Head(old)) if old.segments == new.segments => return,
                    Some(Row::Head(old)) => Some(old),
                    _ => None,
                };
                let was = |segment| {
                    old.and_then(|old| old.segments.get(&segment)).is_some_and(|s| s.inside)
                };
                let mut moves = Vec::new();
                for (segment, state) in &new.segments {
                    if state.inside != was(*segment) {
                        moves.push((*segment, state.inside));
                    }
                }
                for (segment, state) in old.map(|old| &old.segments).into_iter().flatten() {
                    if state.inside && !new.segments.contains_key(segment) {
                        moves.push((*segment, false));
                    }
                }
                for (segment, inside) in moves {
                    self.move_member(segment, *number, inside);
                    moved.push(one_move(new, *number, segment, inside));
                }
            }
            (Key::Attempting(id), Some(_)) => {
                self.attempting.insert(*id);
            }
            (Key::Attempting(id), None) => {
                self.attempting.remove(id);
            }
            _ => {}
        }
    }

    fn move_member(&mut self, segment: SegmentNumber, number: Number, inside: bool) {
        let bitmap = self.members.entry(segment).or_default();
        if inside {
            bitmap.insert(number);
        } else {
            bitmap.remove(number);
        }
        self.members_dirty.insert(segment);
    }

    /// Rows changed since the last snapshot.
    pub fn changed(&self) -> usize {
        self.changed.len()
    }

    /// Rows in memory.
    pub fn len(&self) -> usize {
        self.hot.borrow().iter().map(Hot::len).sum()
    }

    /// Whether no row is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Messages that may be on the wire.
    pub fn attempting(&self) -> &BTreeSet<MessageId> {
        &self.attempting
    }

    /// Live members of a segment.
    pub fn member_count(&self, segment: SegmentNumber) -> u64 {
        self.members.get(&segment).map_or(0, RoaringBitmap::len)
    }

    /// All bitmaps of members, by segment.
    pub fn bitmaps(&self) -> &BTreeMap<SegmentNumber, RoaringBitmap> {
        &self.members
    }

    /// Visits every row of a table in the order of its bytes, as it would be stored: what is on
    /// disk
    /// with what is in memory laid over it. Reads in chunks, so that a table of any size passes.
    pub fn visit(&self, table: u8, visit: &mut Visit<'_>) -> Result<(), Error> {
        const CHUNK: usize = 1_024;
        let hot = self.hot.borrow();
        let spelled = |(key, slot): (&Key, &Slot)| {
            (tables::spell(self.partition, key), slot.row.as_ref().map(codec::encode))
        };
        let mut above = hot[usize::from(table)].range(None).map(spelled).peekable();
        let mut from = tables::prefix(self.partition);
        let end = tables::prefix_end(self.partition);
        loop {
            let mut chunk = Vec::new();
            let collect = &mut |key: &[u8], value: &[u8]| {
                chunk.push((key.to_vec(), value.to_vec()));
                chunk.len() < CHUNK
            };
            let read = self.state.range(table, &from, Some(&end), collect);
            read.map_err(Error::on(self.partition))?;
            for (key, value) in &chunk {
                while let Some((key, value)) = above.next_if(|(hot, _)| hot < key) {
                    value.map_or(Ok(()), |value| visit(&key, &value))?;
                }
                match above.next_if(|(hot, _)| hot == key) {
                    Some((key, Some(value))) => visit(&key, &value)?,
                    Some((_, None)) => {}
                    None => visit(key, value)?,
                }
            }
            let Some((last, _)) = chunk.pop().filter(|_| chunk.len() + 1 >= CHUNK) else { break };
            from = last;
            from.push(0);
        }
        for (key, value) in above {
            value.map_or(Ok(()), |value| visit(&key, &value))?;
        }
        Ok(())
    }

    /// Closes a generation: what it changed, to be written by somebody else while the next one goes
    /// on.
    pub fn snapshot(&mut self) -> Snapshot {
        let generation = self.generation;
        let changed = core::mem::take(&mut self.changed);
        let mut rows = Vec::with_capacity(changed.len());
        for key in changed {
            let table = usize::from(tables::table(&key));
            if let Some(slot) = self.hot.get_mut()[table].get(&key) {
                rows.push((key, slot.row.clone()));
            }
        }
        if let Some(Row::Meta(meta)) = self.get(&Key::Meta) {
            self.unstored_from = meta.next_number;
        }
        let members = core::mem::take(&mut self.members_dirty)
            .into_iter()
            .map(|segment| (segment, self.members.get(&segment).cloned().unwrap_or_default()))
            .collect();
        self.generation += 1;
        Snapshot { generation, rows, members }
    }

    /// A snapshot is on disk: its rows are clean. Rows that only pass leave memory at once; of the
    /// others, those that were touched longest ago once there are more than `keep`.
    pub fn written(&mut self, generation: u32, keep: usize) {
        self.written = self.written.max(generation);
        let written = self.written;
        let hot = self.hot.get_mut();
        let mut total = 0;
        for ((table, rows), complete) in TABLES.iter().zip(&mut *hot).zip(&mut self.complete) {
            if Hot::passes(table.name) {
                let before = rows.len();
                rows.retain(|slot| slot.dirty > written);
                *complete &= rows.len() == before;
            } else if Hot::stays(table.name) && *complete {
                // What was removed is removed on disk too, and in nobody's way any more.
                rows.retain(|slot| slot.dirty > written || slot.row.is_some());
                *complete = rows.len() <= QUEUE_ROWS_MAX;
            }
            if !(*complete && Hot::stays(table.name)) {
                total += rows.len();
            }
        }
        if total <= keep {
            return;
        }
        // A fifth at a time, so that the search for what is old does not come with every snapshot.
        let surplus = total - keep + keep / 5;
        let mut ages: BTreeMap<u32, usize> = BTreeMap::new();
        let stays = |place: usize| self.complete[place] && Hot::stays(TABLES[place].name);
        for (_, rows) in hot.iter().enumerate().filter(|(place, _)| !stays(*place)) {
            rows.each(&mut |slot| {
                if slot.dirty <= written {
                    *ages.entry(slot.touched).or_default() += 1;
                }
            });
        }
        let mut gone = 0;
        let old = ages.into_iter().take_while(|(_, count)| {
            let wanted = gone < surplus;
            gone += count;
            wanted
        });
        let Some((newest, _)) = old.last() else { return };
        for (place, rows) in hot.iter_mut().enumerate() {
            if self.complete[place] && Hot::stays(TABLES[place].name) {
                continue;
            }
            let before = rows.len();
            rows.retain(|slot| slot.dirty > written || slot.touched > newest);
            self.complete[place] &= rows.len() == before;
        }
    }

    /// Rows from `from` to before `to`, the last first, at most `limit`. For whoever reads the
    /// newest: what is decided walks forward.
    pub fn range_back(&self, from: &Key, to: &Key, limit: usize) -> Vec<(Key, Row)> {
        let number = tables::table(from);
        let hot = self.hot.borrow();
        let mut above = hot[usize::from(number)].range(Some((from, to))).rev().peekable();
        let mut merged = Vec::new();
        let take = |merged: &mut Vec<(Key, Row)>, key: &Key, slot: &Slot| {
            if let Some(row) = &slot.row {
                merged.push((key.clone(), row.clone()));
            }
        };
        if !self.complete[usize::from(number)] {
            let (low, high) =
                (tables::spell(self.partition, from), tables::spell(self.partition, to));
            let visit = &mut |bytes: &[u8], value: &[u8]| {
                let Some(key) = tables::read(number, bytes) else {
                    let what = format!("key of {}", TABLES[usize::from(number)].name);
                    self.failed(Error::Unreadable { what, cause: format!("{bytes:02x?}") });
                    return false;
                };
                while let Some((key, slot)) = above.next_if(|(hot, _)| **hot > key) {
                    take(&mut merged, key, slot);
                }
                match above.next_if(|(hot, _)| **hot == key) {
                    Some((key, slot)) => take(&mut merged, key, slot),
                    None => merged.extend(self.decode(value).map(|row| (key, row))),
                }
                merged.len() < limit
            };
            if let Err(source) = self.state.range_back(number, &low, &high, visit) {
                self.failed(Error::Store { partition: self.partition, source });
            }
        }
        for (key, slot) in above {
            if merged.len() >= limit {
                break;
            }
            take(&mut merged, key, slot);
        }
        merged.truncate(limit);
        merged
    }

    /// Whether the row would belong to a profile that was made after the last snapshot.
    fn is_new(&self, key: &Key) -> bool {
        match key {
            Key::Head(number)
            | Key::Aggregates(number)
            | Key::Tallies(number)
            | Key::Lists(number)
            | Key::Devices(number)
            | Key::Run(number, _)
            | Key::Timeline(number, ..) => *number >= self.unstored_from,
            _ => false,
        }
    }

    fn failed(&self, error: Error) {
        self.failed.borrow_mut().get_or_insert(error);
    }

    fn decode(&self, bytes: &[u8]) -> Option<Row> {
        match codec::row(bytes) {
            Ok(row) => Some(row),
            Err(error) => {
                self.failed(error);
                None
            }
        }
    }
}

impl Rows for Working {
    fn get(&self, key: &Key) -> Option<Row> {
        let table = tables::table(key);
        if self.absent.lacks(key) {
            return None;
        }
        let mut hot = self.hot.borrow_mut();
        let rows = &mut hot[usize::from(table)];
        if let Some(slot) = rows.get_mut(key) {
            slot.touched = self.generation;
            return slot.row.clone();
        }
        if self.complete[usize::from(table)] || self.is_new(key) {
            return None;
        }
        match self.state.get(table, &tables::spell(self.partition, key)) {
            Ok(Some(bytes)) => {
                let row = self.decode(&bytes)?;
                let slot = Slot { row: Some(row.clone()), dirty: 0, touched: self.generation };
                rows.insert(key.clone(), slot);
                Some(row)
            }
            Ok(None) => None,
            Err(source) => {
                self.failed(Error::Store { partition: self.partition, source });
                None
            }
        }
    }

    fn range(&self, from: &Key, to: &Key, limit: usize) -> Vec<(Key, Row)> {
        let number = tables::table(from);
        let hot = self.hot.borrow();
        let hot = &hot[usize::from(number)];
        let mut above = hot.range(Some((from, to))).peekable();
        let mut merged = Vec::new();
        let take = |merged: &mut Vec<(Key, Row)>, key: &Key, slot: &Slot| {
            if let Some(row) = &slot.row {
                merged.push((key.clone(), row.clone()));
            }
        };
        if !self.complete[usize::from(number)] {
            let (low, high) =
                (tables::spell(self.partition, from), tables::spell(self.partition, to));
            let visit = &mut |bytes: &[u8], value: &[u8]| {
                let Some(key) = tables::read(number, bytes) else {
                    let what = format!("key of {}", TABLES[usize::from(number)].name);
                    self.failed(Error::Unreadable { what, cause: format!("{bytes:02x?}") });
                    return false;
                };
                while let Some((key, slot)) = above.next_if(|(hot, _)| **hot < key) {
                    take(&mut merged, key, slot);
                }
                match above.next_if(|(hot, _)| **hot == key) {
                    Some((key, slot)) => take(&mut merged, key, slot),
                    None => merged.extend(self.decode(value).map(|row| (key, row))),
                }
                merged.len() < limit
            };
            if let Err(source) = self.state.range(number, &low, Some(&high), visit) {
                self.failed(Error::Store { partition: self.partition, source });
            }
        }
        for (key, slot) in above {
            if merged.len() >= limit {
                break;
            }
            take(&mut merged, key, slot);
        }
        merged.truncate(limit);
        merged
    }

    fn members(&self, segment: SegmentNumber) -> RoaringBitmap {
        self.members.get(&segment).cloned().unwrap_or_default()
    }
}

fn one_move(head: &Head, number: Number, segment: SegmentNumber, inside: bool) -> Moved {
    let merged_into = match head.status {
        Status::Live | Status::Erased(_) => None,
        Status::Redirect(holder) => Some(holder.rank.id),
    };
    Moved { profile: head.id(), number, segment, inside, merged_into }
}

/// The key of a segment's bitmap.
pub fn members_key(partition: Partition, segment: SegmentNumber) -> Vec<u8> {
    let mut key = tables::prefix(partition);
    key.push(b'm');
    key.extend(segment.to_be_bytes());
    key
}
