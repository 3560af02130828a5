//! The audit: who changed what. What somebody asks for is written down before it is done, and what
//! became of it afterwards, so that no crash leaves a change without its row.

use super::Who;
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Limit: rows in memory; older ones are read from the control log.
const KEPT: usize = 20_000;
/// Limit: characters of what a row says in words.
const CHARACTERS_MAX: usize = 500;

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was asked for; whether it was done is not known (yet): it is being done, or the process
    /// was ended in the middle of it.
    Begun,
    /// It was done.
    Done,
    /// It was refused, and nothing has changed.
    Refused,
    /// It failed, and may be done in part.
    Failed,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Row {
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// What, as a word: `campaign.start`.
    pub what: String,
    /// Of which thing. A person is a hash here, for a person may be erased and the row stays.
    pub of: String,
    /// More, in words.
    pub detail: String,
    /// What became of it.
    pub outcome: Outcome,
}

impl Row {
    /// Something that was done already.
    pub fn done(at: Timestamp, who: Who, what: &str, of: &str, detail: &str) -> Row {
        let (what, of, detail) = (what.to_owned(), clip(of), clip(detail));
        Row { at, who, what, of, detail, outcome: Outcome::Done }
    }
}

/// Text that a row has room for.
pub fn clip(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a change says of itself while it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Of which thing, where the address of the request does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// More, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// One line of the audit, as the control log has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "audit", rename_all = "kebab-case")]
pub enum Line {
    /// A row.
    Row(Row),
    /// What became of it.
    Ended {
        /// The row's offset.
        row: u64,
        /// What became of it.
        outcome: Outcome,
        /// What it said.
        note: Note,
    },
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name of who did it.
    pub who: Option<String>,
    /// What was done, or its beginning: `campaign`.
    pub what: Option<String>,
    /// Of which thing.
    pub of: Option<String>,
}

impl Filter {
    fn takes(&self, row: &Row) -> bool {
        let holds =
            |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
        row.outcome != Outcome::Refused
            && holds(&self.who, &|who| row.who.name.contains(who))
            && holds(&self.what, &|what| row.what.starts_with(what))
            && holds(&self.of, &|of| row.of == of)
    }
}

/// The newest rows by their offset in the control log.
#[derive(Debug)]
pub struct Audit {
    rows: BTreeMap<u64, Row>,
    most: usize,
    /// Rows below it are in the control log only.
    first: u64,
}

impl Default for Audit {
    fn default() -> Audit {
        Audit { rows: BTreeMap::new(), most: KEPT, first: 0 }
    }
}

impl Audit {
    /// Takes in a line at its offset.
    pub fn apply(&mut self, offset: u64, line: &Line) {
        match line {
            Line::Row(row) => self.add(offset, row.clone()),
            Line::Ended { row, outcome, note } => {
                let Some(row) = self.rows.get_mut(row) else { return };
                row.outcome = *outcome;
                if let Some(of) = &note.of {
                    row.of = clip(of);
                }
                row.detail = clip(&note.detail);
            }
        }
    }

    /// Adds a row.
    pub fn add(&mut self, offset: u64, row: Row) {
        self.rows.insert(offset, row);
        if self.rows.len() > self.most
            && let Some((gone, _)) = self.rows.pop_first()
        {
            self.first = gone + 1;
        }
    }

    /// Keeps fewer rows, as after many more changes.
    #[cfg(test)]
    pub fn shrink(&mut self, most: usize) {
        self.most = most;
        while self.rows.len() > most
            && let Some((gone, _)) = self.rows.pop_first()
        {
            self.first = gone + 1;
        }
    }

    /// The newest rows below an offset that a filter takes; and whether older ones are elsewhere.
    pub fn list(&self, filter: &Filter, before: u64, limit: usize) -> (Vec<(u64, Row)>, bool) {
        let rows = self.rows.range(..before).rev().filter(|(_, row)| filter.takes(row));
        let rows: Vec<_> = rows.take(limit).map(|(at, row)| (*at, row.clone())).collect();
        let elsewhere = rows.len() < limit && self.first > 0;
        (rows, elsewhere)
    }
}

/// Looks for old rows: it is told the whole control log, and keeps what is asked for.
pub struct Search {
    filter: Filter,
    before: u64,
    limit: usize,
    /// Rows that may still change by how they ended.
    open: BTreeMap<u64, Row>,
    found: BTreeMap<u64, Row>,
}

/// Limit: rows that a search holds before it knows how they ended; requests at one time are fewer.
const OPEN_MAX: usize = 4_096;

impl Search {
    /// For the newest rows below an offset.
    pub fn new(filter: Filter, before: u64, limit: usize) -> Search {
        Search { filter, before, limit, open: BTreeMap::new(), found: BTreeMap::new() }
    }

    /// Takes in a row or how one ended.
    pub fn apply(&mut self, offset: u64, line: &Line) {
        match line {
            Line::Row(row) if offset < self.before => {
                self.open.insert(offset, row.clone());
                if self.open.len() > OPEN_MAX
                    && let Some((at, row)) = self.open.pop_first()
                {
                    self.settle(at, row);
                }
            }
            Line::Row(_) => {}
            Line::Ended { row: at, outcome, note } => {
                let Some(mut row) = self.open.remove(at) else { return };
                row.outcome = *outcome;
                if let Some(of) = &note.of {
                    row.of = clip(of);
                }
                row.detail = clip(&note.detail);
                self.settle(*at, row);
            }
        }
    }

    fn settle(&mut self, at: u64, row: Row) {
        if self.filter.takes(&row) {
            self.found.insert(at, row);
            if self.found.len() > self.limit {
                self.found.pop_first();
            }
        }
    }

    /// What was found, newest first.
    pub fn done(mut self) -> Vec<(u64, Row)> {
        for (at, row) in std::mem::take(&mut self.open) {
            self.settle(at, row);
        }
        self.found.into_iter().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: u64) -> Row {
        let who =
            Who::member(if n.is_multiple_of(2) { "ana@example.com" } else { "bo@example.com" });
        let what = if n.is_multiple_of(3) { "campaign.start" } else { "key.make" };
        let of = format!("thing-{n}");
        Row { outcome: Outcome::Begun, ..Row::done(Timestamp(n as i64), who, what, &of, "") }
    }

    /// Rows at even offsets, each with its end behind it; every fifth is refused.
    fn lines(count: u64) -> Vec<Line> {
        let each = |n: u64| {
            let outcome = if n.is_multiple_of(5) { Outcome::Refused } else { Outcome::Done };
            let note = Note { of: None, detail: format!("d{n}") };
            [Line::Row(row(n)), Line::Ended { row: 2 * n, outcome, note }]
        };
        (0..count).flat_map(each).collect()
    }

    #[test]
    fn rows_in_memory_and_old_ones_are_the_same() {
        let mut all = Audit::default();
        let mut few = Audit { most: 10, ..Audit::default() };
        for (offset, line) in lines(500).iter().enumerate() {
            all.apply(offset as u64, line);
            few.apply(offset as u64, line);
        }
        assert_eq!(few.rows.len(), 10);
        let ana = Filter { who: Some("ana".into()), what: Some("campaign".into()), of: None };
        for filter in [Filter::default(), ana] {
            for before in [u64::MAX, 997, 400, 30, 0] {
                let (expected, _) = all.list(&filter, before, 7);
                let mut search = Search::new(filter.clone(), before, 7);
                for (offset, line) in lines(500).iter().enumerate() {
                    search.apply(offset as u64, line);
                }
                assert_eq!(search.done(), expected, "{filter:?} {before}");
                assert!(expected.iter().all(|(_, row)| row.outcome == Outcome::Done));
            }
        }
        assert!(few.list(&Filter::default(), u64::MAX, 11).1, "older ones are elsewhere");
        assert!(!all.list(&Filter::default(), 5, 11).1);
    }

    #[test]
    fn what_never_ended_is_shown_as_begun() {
        let mut audit = Audit::default();
        audit.apply(3, &Line::Row(row(1)));
        let (rows, _) = audit.list(&Filter::default(), u64::MAX, 9);
        assert_eq!(rows[0].1.outcome, Outcome::Begun);
    }

    #[test]
    fn text_is_clipped_between_characters() {
        assert_eq!(clip("a"), "a");
        assert_eq!(clip(&"ñ".repeat(501)), format!("{}…", "ñ".repeat(500)));
    }
}
