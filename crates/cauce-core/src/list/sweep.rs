//! A list is replaced, or is no more: what older uploads said goes, in slices.

use super::keep::fresh;
use super::{ListStates, Lists, Upload};
use crate::apply::Touched;
use crate::decide::Decider;
use crate::decision::Cause;
use crate::ids::Number;
use crate::prelude::*;
use crate::profile::Status;
use crate::state::{Key, Row, Rows};

impl<R: Rows> Decider<'_, R> {
    /// An upload that replaces the list is whole: what was said before it holds no more. Whoever it
    /// names stays on the list without a moment off it, since its rows came first.
    pub fn list_sealed(&mut self, list: &str, upload: Upload) {
        if !self.catalog.lists.contains_key(list) {
            self.note("unknown-list", None, format!("there is no list `{list}`"));
            return;
        }
        let mut states = self.work.list_states();
        let known = Arc::make_mut(&mut states).entry(list.to_owned()).or_insert_with(fresh);
        if upload <= known.floor {
            return;
        }
        known.floor = upload;
        known.swept = 0;
        self.put_list_states(states);
    }

    /// Lists that a plan has no more are emptied; one that it has again begins anew.
    pub(crate) fn publish_lists(&mut self) {
        let mut states = self.work.list_states();
        let catalog = self.catalog.clone();
        let mut changed = false;
        for (name, state) in Arc::make_mut(&mut states) {
            let gone = !catalog.lists.contains_key(name);
            if gone == (state.floor == Upload::END) {
                continue;
            }
            changed = true;
            if gone {
                state.floor = Upload::END;
                state.swept = 0;
            } else {
                state.floor = Upload { at: self.now, id: 0 };
            }
        }
        if changed {
            self.put_list_states(states);
        }
    }

    /// The next slice, at most `count` profiles that are on any list.
    pub fn sweep_lists(&mut self, count: u32) {
        let before = self.work.list_states();
        let Some(low) = unswept(&before) else { return };
        let bounds = (Key::Lists(low), Key::Lists(Number::MAX));
        let rows = self.work.range(&bounds, count as usize);
        let mut next = low;
        for (key, row) in &rows {
            let (Key::Lists(number), Row::Lists(lists)) = (key, row) else { continue };
            next = number.saturating_add(1);
            self.sweep_profile(*number, lists, &before);
        }
        let whole = rows.len() < count as usize;
        // What was swept has changed the counts of members.
        let mut states = self.work.list_states();
        for state in Arc::make_mut(&mut states).values_mut() {
            if whole {
                state.swept = Number::MAX;
            } else if state.swept < next {
                state.swept = next;
            }
        }
        let gone = |state: &super::ListState| state.floor == Upload::END && whole;
        // A list that is no more and empty is forgotten.
        Arc::make_mut(&mut states).retain(|_, state| !gone(state));
        if states.is_empty() {
            self.work.delete(Key::ListStates);
        } else {
            self.put_list_states(states);
        }
    }

    fn sweep_profile(&mut self, number: Number, before: &Arc<Lists>, states: &ListStates) {
        let mut after = Lists::clone(before);
        let mut touched = Touched::default();
        for (list, entries) in &mut after {
            let Some(state) = states.get(list) else { continue };
            let count = entries.len();
            entries.retain(|_, entry| entry.stamp.upload >= state.floor);
            if entries.len() < count {
                touched.lists.insert(list.clone());
            }
        }
        after.retain(|_, entries| !entries.is_empty());
        if !self.put_lists(number, before, after) {
            return;
        }
        if self.head(number).is_some_and(|head| head.status == Status::Live) {
            self.settle(number, touched, Cause::Event, None);
        }
    }
}

/// The first profile that is not swept; none if all are.
pub fn unswept(states: &ListStates) -> Option<Number> {
    states.values().map(|state| state.swept).filter(|swept| *swept != Number::MAX).min()
}
