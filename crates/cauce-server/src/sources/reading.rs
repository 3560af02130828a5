//! From a file to events, piece by piece, as `cauce import` makes them.

use crate::cli::import::event::{self, Groups, Ready, Verdict};
use crate::cli::import::mapping::Mapping;
use crate::cli::import::read::Rows;
use crate::cli::import::row::Rejected;
use cauce_core::limits;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// Limit: events of a piece.
const EVENTS: usize = 500;
/// Limit: rejected rows of a piece; each may have a mebibyte.
const REJECTED: usize = 20;
/// Limit: rows of a piece, most of which may be skipped.
const ROWS: u64 = 20_000;
/// Limit: groups that are in memory.
const GROUPS_MAX: usize = 500_000;
/// Limit: rows of a file whose rows are grouped; each is remembered where equal ones count once.
const GROUPED_ROWS_MAX: u64 = 20_000_000;

/// A part of a file.
#[derive(Debug, Default)]
pub struct Piece {
    /// Events in the API's shape.
    pub events: Vec<Ready>,
    /// Rows that are none.
    pub rejected: Vec<Rejected>,
    /// Rows that nobody wants, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Rows read.
    pub rows: u64,
    /// Rows that are equal to another of their group.
    pub identical: u64,
    /// Rows (of groups: events) of which nothing is left to do once this is taken; absent where a
    /// crash has to begin before it.
    pub done: Option<u64>,
}

impl Piece {
    fn is_full(&self) -> bool {
        self.events.len() >= EVENTS || self.rejected.len() >= REJECTED || self.rows >= ROWS
    }

    fn event(&mut self, ready: Ready) {
        let bytes = ready.event.to_string().len();
        if bytes > limits::EVENT_BYTES_MAX {
            let reason = "an event has at most 32 KB".to_owned();
            let row = serde_json::json!({ "id": ready.id });
            self.rejected.push(Rejected { line: ready.line, reason, row });
        } else {
            self.events.push(ready);
        }
    }
}

/// Reads an open file from what is done on. `tell` takes each piece, and says whether to go on.
///
/// # Errors
/// The file as a whole cannot be read, or does not fit the mapping.
pub fn read(
    name: &Path,
    opened: File,
    mapping: &Mapping,
    done: u64,
    tell: &mut dyn FnMut(Piece) -> bool,
) -> anyhow::Result<()> {
    let rows = Rows::of_file(name, opened, &|file| Box::new(file), mapping)?;
    match mapping.group_by.is_empty() {
        true => one_by_one(rows, mapping, done, tell),
        false => grouped(rows, mapping, done, tell),
    }
}

fn one_by_one(
    mut rows: Rows,
    mapping: &Mapping,
    done: u64,
    tell: &mut dyn FnMut(Piece) -> bool,
) -> anyhow::Result<()> {
    let mut place = 0;
    let mut piece = Piece::default();
    while let Some(row) = rows.next()? {
        place += 1;
        if place <= done {
            continue;
        }
        piece.rows += 1;
        let made = row.and_then(|row| match event::judge(mapping, &row) {
            Verdict::Event(name) => event::single(mapping, &row, &name).map(Ok),
            Verdict::Skip(reason) => Ok(Err(reason)),
        });
        match made {
            Ok(Ok(ready)) => piece.event(ready),
            Ok(Err(reason)) => *piece.skipped.entry(reason).or_default() += 1,
            Err(rejected) => piece.rejected.push(rejected),
        }
        if piece.is_full() {
            piece.done = Some(place);
            if !tell(std::mem::take(&mut piece)) {
                return Ok(());
            }
        }
    }
    piece.done = Some(place);
    tell(piece);
    Ok(())
}

fn grouped(
    mut rows: Rows,
    mapping: &Mapping,
    done: u64,
    tell: &mut dyn FnMut(Piece) -> bool,
) -> anyhow::Result<()> {
    // What was said of rows before is written down already.
    let again = done > 0;
    let mut groups = Groups::new(mapping);
    let mut piece = Piece::default();
    let mut all = 0;
    while let Some(row) = rows.next()? {
        all += 1;
        piece.rows += 1;
        let added = row.and_then(|row| match event::judge(mapping, &row) {
            Verdict::Event(name) => groups.add(row, name).map(|()| None),
            Verdict::Skip(reason) => Ok(Some(reason)),
        });
        match added {
            Ok(None) => {}
            Ok(Some(reason)) => *piece.skipped.entry(reason).or_default() += 1,
            Err(rejected) if !again => piece.rejected.push(rejected),
            Err(_) => {}
        }
        let fits = groups.count() <= GROUPS_MAX && all <= GROUPED_ROWS_MAX;
        anyhow::ensure!(fits, "has more than {GROUPS_MAX} groups or 20 million rows; split it");
        if piece.is_full() && !tell(std::mem::take(&mut piece)) {
            return Ok(());
        }
    }
    piece.identical = groups.identical;
    let (events, rejected) = groups.finish();
    for rejected in rejected.into_iter().filter(|_| !again) {
        piece.rejected.push(rejected);
        if piece.is_full() && !tell(std::mem::take(&mut piece)) {
            return Ok(());
        }
    }
    let mut place = done;
    for ready in events.into_iter().skip(usize::try_from(done)?) {
        place += 1;
        piece.event(ready);
        if piece.is_full() {
            piece.done = Some(place);
            if !tell(std::mem::take(&mut piece)) {
                return Ok(());
            }
        }
    }
    piece.done = Some(place);
    tell(piece);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(mapping: &str, text: &str, done: u64) -> (Vec<String>, Vec<String>, u64, Option<u64>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.csv");
        std::fs::write(&file, text).unwrap();
        let mapping = Mapping::parse(mapping).unwrap();
        let (mut ids, mut said, mut rows, mut last) = (Vec::new(), Vec::new(), 0, None);
        read(Path::new("x.csv"), File::open(&file).unwrap(), &mapping, done, &mut |piece| {
            ids.extend(piece.events.iter().map(|ready| ready.id.clone()));
            said.extend(piece.rejected.iter().map(|r| format!("{} {}", r.line, r.reason)));
            rows += piece.rows;
            last = piece.done.or(last);
            true
        })
        .unwrap();
        (ids, said, rows, last)
    }

    #[test]
    fn what_is_done_is_not_told_again() {
        let single = "rules: [{event: e}]\naliases: {user_id: u}\noccurred-at: t\nzone: UTC\n";
        let mut text = "u,t,g\n".to_owned();
        for n in 0..1_200 {
            let time = if n == 7 { "soon" } else { "2026-01-02 03:04" };
            text.push_str(&format!("u{n},{time},g{}\n", n / 2));
        }
        let (ids, said, rows, last) = play(single, &text, 0);
        assert_eq!((ids.len(), said.len(), rows, last), (1_199, 1, 1_200, Some(1_200)));
        let (rest, said, rows, last) = play(single, &text, 500);
        assert_eq!((said.len(), rows, last), (0, 700, Some(1_200)));
        assert_eq!(rest, ids[499..]);
        let grouped = format!("{single}group-by: [g]\n");
        let (ids, said, rows, last) = play(&grouped, &text, 0);
        assert_eq!((ids.len(), said.len(), rows, last), (599, 2, 1_200, Some(599)));
        let (rest, said, rows, last) = play(&grouped, &text, 300);
        assert_eq!((said.len(), rows, last), (0, 1_200, Some(599)));
        assert_eq!(rest, ids[300..]);
    }
}
