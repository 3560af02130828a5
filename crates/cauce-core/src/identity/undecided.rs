//! What stands in for a decision that failed: its entry is kept with the cause, and nobody waits
//! for ever for an answer that it would have given.

use crate::decide::{Decider, Place};
use crate::decision::Decision;
use crate::input::{Body, Hop, Input};
use crate::limits;
use crate::policy::Suppression;
use crate::prelude::*;
use crate::profile::{Alias, Head};
use crate::state::{Holder, Key, Quarantined, Row, Rows, Work};

/// Why nothing is sent to an address of which its home could not say whether it is suppressed. It
/// ends with the next event that names the address: its home is asked again.
pub const UNDECIDED: &str = "undecided";

/// Redirects that a look at the consequences of an answer pretends to have followed: it is tried
/// once, and may still follow as many.
const ONCE: u8 = limits::HOPS_MAX / 2;

/// The same for every cause: a replay, which passes the entry over, must write the same row.
const CAUSE: &str = "it could not be decided before";

/// Keeps an entry that is not decided, and answers in its place whoever asked something by it: the
/// alias stays apart, and is not written to, until somebody asks again.
pub fn undecided<R: Rows>(rows: &R, place: Place, input: &Input) -> Decision {
    let now = Work::new(rows).meta().now.max(input.at);
    // Without a catalog: whatever failed may have failed over it.
    let mut decider = Decider::asking(rows, place, now, input.trace, Arc::default());
    let mut cause = CAUSE.to_owned();
    if let Body::Hop { from, n, hop } = &input.body {
        // The sender must not wait for ever for what can never be decided. One that is sent again
        // was decided, or answered for, before: to count back would let in again what followed it.
        if decider.is_next(*from, *n)
            && let Some(said) = decider.answer_for(hop)
        {
            cause = format!("{cause}: {said}");
        }
    }
    let row = Quarantined { cause, at: input.at, kind: input.body.kind().to_owned() };
    let key = Key::Quarantine(place.origin.position);
    decider.work.put(key, Row::Quarantine(Arc::new(row)));
    decider.work.count("quarantined", 1);
    let Decider { work, effects, caused, .. } = decider;
    Decision { changes: work.into_changes(), effects, caused }
}

impl<R: Rows> Decider<'_, R> {
    /// Says what had to be said in place of a hop's own decision, if anybody waits for it.
    fn answer_for(&mut self, hop: &Hop) -> Option<String> {
        match hop {
            Hop::Link { alias, from, token, .. } | Hop::LinkOf { alias, from, token, .. } => {
                self.keep_apart(*from, *token, alias)
            }
            Hop::Merge { u, v, alias, token_v, token_u, .. } => {
                for (asker, token) in [(u, token_u), (v, token_v)] {
                    if let Some(token) = token {
                        self.keep_apart(*asker, *token, alias);
                    }
                }
                Some(format!("{alias} makes no two profiles one"))
            }
            Hop::Linked { to, token, alias, suppression, hops } => {
                let word = suppression.clone();
                self.heard((*to, *hops, hop), (*token, alias), word, true)
            }
            // What was withdrawn before an erasure was to hold again: not known to, so no message.
            Hop::LinkedAgain { to, token, alias, hops, .. } => {
                let word = self.not_known(alias);
                self.heard((*to, *hops, hop), (*token, alias), Some(word), true)
            }
            Hop::LinkRefused { to, token, alias, hops, .. } => {
                let word = self.not_known(alias);
                self.heard((*to, *hops, hop), (*token, alias), Some(word), false)
            }
            Hop::LinkErased { to, token, hops, .. } => {
                self.end_question((*to, *hops, hop), *token, |_| {})
            }
            Hop::AbsorbEnd { to, head, token, hops, .. } => {
                let gone = format!("{} was not taken in by {}", head.id(), to.rank.id);
                let told = |token| self.end_question((*to, *hops, hop), token, |_| {});
                let said = token.and_then(told);
                Some(said.map_or(gone.clone(), |said| format!("{gone}; {said}")))
            }
            _ => None,
        }
    }

    fn not_known(&self, alias: &Alias) -> Suppression {
        let position = self.place.origin.position;
        let (partition, offset) = (self.here(), position.offset);
        let evidence = format!(
            "what the home of {alias} knows could not be said (entry {partition}:{offset}, in \
             quarantine); the next event with it asks again"
        );
        Suppression { reason: UNDECIDED.to_owned(), evidence, at: self.now }
    }

    fn keep_apart(&mut self, to: Holder, token: u128, alias: &Alias) -> Option<String> {
        let suppression = Some(self.not_known(alias));
        let alias = alias.clone();
        let text = format!("{alias} is no name of {}", to.rank.id);
        self.send(to.partition, Hop::LinkRefused { to, token, alias, suppression, hops: 0 });
        Some(text)
    }

    /// An answer is written down, and no more. What else follows from it is decided as an entry of
    /// its own, once: it may be what failed.
    fn heard(
        &mut self,
        (to, hops, hop): (Holder, u8, &Hop),
        (token, alias): (u128, &Alias),
        word: Option<Suppression>,
        linked: bool,
    ) -> Option<String> {
        let said = self.end_question((to, hops, hop), token, |head| {
            if linked {
                head.aliases.insert(alias.clone());
                head.refused_aliases.remove(alias);
            } else if !head.aliases.contains(alias) {
                head.refused_aliases.insert(alias.clone());
            }
            if let Some(word) = &word {
                head.suppress(alias, word);
            }
        })?;
        if hops < ONCE {
            // The question is over, so this only looks at who can be reached.
            let (alias, hops) = (alias.clone(), ONCE);
            let look = Hop::LinkRefused { to, token, alias, suppression: word, hops };
            self.send(self.here(), look);
        }
        Some(said)
    }

    /// A question of a profile here has no answer any more. Entries that waited for the last one
    /// are given up: to let them in may be what failed.
    fn end_question(
        &mut self,
        (to, hops, hop): (Holder, u8, &Hop),
        token: u128,
        change: impl FnOnce(&mut Head),
    ) -> Option<String> {
        let id = to.rank.id;
        // What it waits for moved along with it.
        let number = self.reach(id, hops, hop)?;
        let (last, given_up) = self.change_head(number, |head| {
            change(head);
            head.pending.remove(&token);
            let last = head.pending.is_empty();
            (last, if last { core::mem::take(&mut head.held).len() } else { 0 })
        })?;
        // An erasure that waited for the answer takes its usual way, as an entry of its own.
        if last && let Some(wish) = self.take_wish(number) {
            self.send(self.here(), Hop::Erase { to: id, wish, hops: 0 });
        }
        Some(format!("{id} waits no longer; {given_up} entries into journeys were given up"))
    }
}
