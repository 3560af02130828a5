//! A row of an upload on its way: at the home of its alias, at the profile, and on when two
//! profiles become one.

use super::definition::Unknown;
use super::{Entry, ListState, ListStates, Listed, Lists, Upload};
use crate::apply::Touched;
use crate::decide::{Decider, home};
use crate::decision::Cause;
use crate::decision::caused;
use crate::identity::Found;
use crate::ids::{EventId, Number, ProfileId, hash128};
use crate::input::{Hop, channel_namespace};
use crate::limits;
use crate::message::Channel;
use crate::prelude::*;
use crate::profile::{Alias, Attribute, Head};
use crate::state::{Holder, Key, Row, Rows};
use crate::time::Timestamp;
use crate::value::Value;

impl<R: Rows> Decider<'_, R> {
    /// A row at the home of its alias.
    pub fn listed(&mut self, row: &Listed, hops: u8) {
        if let Some(erased) = self.erased(&row.alias)
            && row.stamp.upload.at < erased.at
        {
            self.refuse_listed(row, erased.at);
            return;
        }
        let known = self.work.alias(&Key::Alias(row.alias.clone())).unwrap_or_default();
        match known.holder {
            Some(holder) if holder.partition != self.here() => {
                let (to, row) = (Some(holder.rank.id), Box::new(row.clone()));
                self.send(holder.partition, Hop::Listed { to, row, hops });
            }
            Some(holder) => self.listed_for(holder.rank.id, row, hops),
            None => {
                let Some(list) = self.catalog.lists.get(&row.list).cloned() else {
                    return self.no_such_list(row);
                };
                if row.member.is_none() || list.unknown == Unknown::Skip || self.is_late(row) {
                    self.note(
                        "listed-unknown",
                        None,
                        format!("{}: nobody has that name", row.list),
                    );
                    self.work.count("lists.unknown", 1);
                    return;
                }
                let number = self.create(&row.alias, &known);
                self.set_address(number, row);
                self.keep_listed(number, row);
            }
        }
    }

    /// A row for a profile that lives, or lived, here.
    pub fn listed_for(&mut self, to: ProfileId, row: &Listed, hops: u8) {
        match self.find(to) {
            Found::Here(number, _) => self.keep_listed(number, row),
            Found::Moved(holder) => {
                let (to, row) = (Some(holder.rank.id), Box::new(row.clone()));
                self.forward(holder, hops, |hops| Hop::Listed { to, row, hops });
            }
            Found::Erased(at) if row.stamp.upload.at < at => self.refuse_listed(row, at),
            // The name is free again: its home knows who has it.
            Found::Erased(_) if hops < limits::HOPS_MAX => {
                let (to, row) = (home(&row.alias, self.place.partitions), Box::new(row.clone()));
                self.send(to, Hop::Listed { to: None, row, hops: hops + 1 });
            }
            Found::Erased(_) => {
                self.quarantine("hop", format!("came back {hops} times to an erased profile"));
            }
            Found::Nobody => self.note("unknown-profile", Some(to), "the profile is not here"),
        }
    }

    /// Says that a row was not taken, without its content.
    fn refuse_listed(&mut self, row: &Listed, at: Timestamp) {
        let text = format!("{}: a row is older than its person's erasure at {at}", row.list);
        self.note("erased", None, text);
        self.work.count("lists.erased", 1);
    }

    fn no_such_list(&mut self, row: &Listed) {
        self.note("unknown-list", None, format!("there is no list `{}`", row.list));
    }

    /// Whether a later upload has replaced the list.
    fn is_late(&self, row: &Listed) -> bool {
        let states = self.work.list_states();
        states.get(&row.list).is_some_and(|state| row.stamp.upload < state.floor)
    }

    /// Whoever a list of addresses brought can be written to, where consent allows it.
    fn set_address(&mut self, number: Number, row: &Listed) {
        let name = &row.alias.namespace;
        let channels = [Channel::Email, Channel::Sms];
        if !channels.into_iter().filter_map(channel_namespace).any(|known| known == name) {
            return;
        }
        let upload = row.stamp.upload;
        let place = [&upload.id.to_be_bytes()[..], &row.stamp.row.to_be_bytes()].concat();
        let attribute = Attribute {
            value: Value::from(row.alias.value.as_str()),
            at: upload.at.min(self.now),
            event: EventId(hash128(&[b"list", row.list.as_bytes(), &place])),
        };
        let (at, event) = (attribute.at, attribute.event);
        let fact = BTreeMap::from([(name.clone(), attribute.value.clone())]);
        let change = self.change_head(number, |head| caused::set(head, name, attribute));
        self.all_caused(number, change.flatten().into_iter().collect());
        let origin = self.origin_of(number, core::slice::from_ref(&row.alias), &[]);
        self.side_sets(number, origin, &fact, (at, event));
    }

    /// Makes a row part of the profile that lives here.
    fn keep_listed(&mut self, number: Number, row: &Listed) {
        let Some(head) = self.head(number) else { return };
        let new = self.is_new(number);
        let mut touched = Touched { new, ..Touched::default() };
        if !self.catalog.lists.contains_key(&row.list) {
            self.no_such_list(row);
        } else if self.is_late(row) {
            let text = format!("{}: a later upload has replaced the list", row.list);
            self.note("listed-late", Some(head.id()), text);
            self.work.count("lists.late", 1);
        } else {
            touched.lists = self.lay_row(number, &head, row);
        }
        if new {
            let channels = [Channel::Email, Channel::Sms];
            let named = channels.into_iter().filter_map(channel_namespace).map(str::to_owned);
            touched.attributes.extend(named.filter(|name| head.attribute(name).is_some()));
        }
        if !touched.is_empty() {
            self.settle(number, touched, Cause::Event, None);
        }
    }

    /// Lays a row over what is known. Says which lists say something else by it: the bound may have
    /// taken a row of another one.
    fn lay_row(&mut self, number: Number, head: &Head, row: &Listed) -> BTreeSet<String> {
        let before = self.work.lists(&Key::Lists(number)).unwrap_or_default();
        let known = before.get(&row.list).and_then(|entries| entries.get(&row.alias));
        if known.is_some_and(|known| known.stamp >= row.stamp) {
            self.work.count("lists.repeated", 1);
            return BTreeSet::new();
        }
        let mut after = Lists::clone(&before);
        let entry = Entry {
            stamp: row.stamp,
            source: row.source.clone(),
            origin: head.id(),
            member: row.member.clone(),
        };
        after.entry(row.list.clone()).or_default().insert(row.alias.clone(), entry);
        end_expired(&mut after, self.now);
        if bound(&mut after) > 0 {
            let text = format!("a profile has at most {} rows of lists", limits::LIST_ENTRIES_MAX);
            self.note("too-many-lists", Some(head.id()), text);
        }
        let named = before.keys().chain(after.keys());
        let moved = named.filter(|name| before.get(*name) != after.get(*name)).cloned().collect();
        self.put_lists(number, &before, after);
        moved
    }

    /// Writes a profile's lists and keeps the counts of members. Says whether anything changed.
    pub(super) fn put_lists(&mut self, number: Number, before: &Lists, after: Lists) -> bool {
        if *before == after {
            return false;
        }
        self.lists_moved = true;
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let mut states = self.work.list_states();
        let mut counted = false;
        for name in names {
            let (was, is) = (has_member(before, name), has_member(&after, name));
            if was != is {
                let state = Arc::make_mut(&mut states).entry(name.clone()).or_insert_with(fresh);
                let members = state.members;
                state.members = if is { members + 1 } else { members.saturating_sub(1) };
                counted = true;
            }
        }
        if counted {
            self.put_list_states(states);
        }
        let key = Key::Lists(number);
        if after.is_empty() {
            self.work.delete(key);
        } else {
            self.work.put(key, Row::Lists(Arc::new(after)));
        }
        true
    }

    pub(super) fn put_list_states(&mut self, states: Arc<ListStates>) {
        self.work.put(Key::ListStates, Row::ListStates(states));
    }

    /// Takes a profile's lists out of the partition: it moves, or it is forgotten.
    pub(crate) fn take_lists(&mut self, number: Number) -> Arc<Lists> {
        let before = self.work.lists(&Key::Lists(number)).unwrap_or_default();
        self.put_lists(number, &before, Lists::new());
        before
    }

    /// When the first row of a profile expires.
    pub(crate) fn lists_until(&self, number: Number) -> Option<Timestamp> {
        if self.work.list_states().is_empty() {
            return None;
        }
        let lists = self.work.lists(&Key::Lists(number))?;
        let entries = lists.values().flat_map(|entries| entries.values());
        entries.filter_map(|entry| entry.member.as_ref()?.expires).min()
    }

    /// Takes off whoever's time is over. Says of which lists.
    pub(crate) fn expire_lists(&mut self, number: Number) -> BTreeSet<String> {
        if self.lists_until(number).is_none_or(|until| self.now < until) {
            return BTreeSet::new();
        }
        let before = self.work.lists(&Key::Lists(number)).unwrap_or_default();
        let mut after = Lists::clone(&before);
        let ended = end_expired(&mut after, self.now);
        self.put_lists(number, &before, after);
        self.work.count("lists.expired", ended.len() as u64);
        ended
    }

    /// The lists of a profile that is absorbed go before the rest of it.
    pub(crate) fn ship_lists(&mut self, number: Number, to: Holder) {
        let lists = self.take_lists(number);
        let entries = lists.iter().flat_map(|(list, entries)| {
            entries.iter().map(move |(alias, entry)| (list.clone(), alias.clone(), entry.clone()))
        });
        let rows: Vec<(String, Alias, Entry)> = entries.collect();
        for chunk in rows.chunks(limits::ABSORB_CHUNK_LISTED) {
            self.send(to.partition, Hop::ListsOf { to, rows: chunk.to_vec(), hops: 0 });
        }
    }

    /// The lists of an absorbed profile; what follows from them follows with the rest of it.
    pub(crate) fn absorb_lists(&mut self, to: Holder, rows: Vec<(String, Alias, Entry)>, hops: u8) {
        let number = match self.find(to.rank.id) {
            Found::Here(number, _) => number,
            Found::Moved(to) => {
                self.forward(to, hops, |hops| Hop::ListsOf { to, rows, hops });
                return;
            }
            Found::Erased(_) => return, // it goes the same way
            Found::Nobody => {
                self.quarantine("absorb", format!("{} is not here", to.rank.id));
                return;
            }
        };
        let before = self.work.lists(&Key::Lists(number)).unwrap_or_default();
        let mut after = Lists::clone(&before);
        let states = self.work.list_states();
        for (list, alias, entry) in rows {
            let floor = states.get(&list).map_or_else(Upload::default, |state| state.floor);
            let entries = after.entry(list).or_default();
            let newer = entries.get(&alias).is_none_or(|known| known.stamp < entry.stamp);
            if newer && entry.stamp.upload >= floor {
                entries.insert(alias, entry);
            }
        }
        after.retain(|_, entries| !entries.is_empty());
        end_expired(&mut after, self.now);
        bound(&mut after);
        if self.put_lists(number, &before, after) {
            self.arm(number);
        }
    }
}

/// A list of which nothing is known yet: nobody has to be swept.
pub(super) fn fresh() -> ListState {
    ListState { floor: Upload::default(), swept: Number::MAX, members: 0 }
}

fn has_member(lists: &Lists, name: &str) -> bool {
    lists.get(name).is_some_and(|entries| entries.values().any(|entry| entry.member.is_some()))
}

/// Takes what is said out of entries whose time is over; that they were said stays, or an older row
/// would come back. Says of which lists.
fn end_expired(lists: &mut Lists, now: Timestamp) -> BTreeSet<String> {
    let mut ended = BTreeSet::new();
    for (list, entries) in lists {
        for entry in entries.values_mut().filter(|entry| entry.member.is_some()) {
            if entry.at(now).is_none() {
                entry.member = None;
                ended.insert(list.clone());
            }
        }
    }
    ended
}

/// Forgets what is beyond the bound: first rows that say nothing any more, of these the oldest.
/// Says how many that still said something are gone.
fn bound(lists: &mut Lists) -> usize {
    let count = lists.values().map(BTreeMap::len).sum::<usize>();
    let excess = count.saturating_sub(limits::LIST_ENTRIES_MAX);
    if excess == 0 {
        return 0;
    }
    let mut order: Vec<_> = lists
        .iter()
        .flat_map(|(list, entries)| {
            entries.iter().map(move |(alias, entry)| {
                (entry.member.is_some(), entry.stamp, list.clone(), alias.clone())
            })
        })
        .collect();
    order.sort();
    order.truncate(excess);
    for (_, _, list, alias) in &order {
        if let Some(entries) = lists.get_mut(list) {
            entries.remove(alias);
        }
    }
    lists.retain(|_, entries| !entries.is_empty());
    order.iter().filter(|(said, ..)| *said).count()
}
