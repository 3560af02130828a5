//! Somebody asks for a message to one person: from the home of the request's key to the profile.

use super::ledger::{Source, State};
use crate::apply::Touched;
use crate::decide::{Decider, home};
use crate::decision::Cause;
use crate::erasure::When;
use crate::identity::Found;
use crate::ids::{MessageId, Number, ProfileId};
use crate::input::{Hop, Request};
use crate::limits;
use crate::prelude::*;
use crate::state::{Key, RequestRow, Row, Rows};

impl<R: Rows> Decider<'_, R> {
    /// At the home of its idempotency key: somebody asks for a message.
    pub fn requested(&mut self, request: &Request) {
        let id = self.derive_message();
        if let Some(key) = &request.idempotency_key {
            let row_key = Key::Request(key.clone());
            if let Some(row) = self.work.request(&row_key)
                && self.now.since(row.at) < limits::IDEMPOTENCY_WINDOW
            {
                let code = if row.body == request.body_hash { "repeated" } else { "conflict" };
                self.note(code, None, format!("the key `{key}` stands for {}", row.message));
                return;
            }
            self.forget_key(key);
            let row = RequestRow { body: request.body_hash, message: id, at: self.now };
            self.work.put(Key::RequestUntil(row.until(), key.clone()), Row::Mark);
            self.work.put(row_key, Row::Request(Arc::new(row)));
            self.forget_keys(limits::KEYS_FORGOTTEN);
        }
        self.work.count("requests.taken", 1);
        self.request_for(id, None, request, 0);
    }

    /// Forgets idempotency keys whose time is over, at most so many.
    pub fn forget_keys(&mut self, limit: usize) {
        for (mark, _) in self.work.range(&Key::requests_until(self.now), limit) {
            let Key::RequestUntil(_, key) = mark else { continue };
            self.forget_key(&key);
        }
    }

    /// Removes an idempotency key's row, and its mark with it.
    pub(crate) fn forget_key(&mut self, key: &str) {
        let row_key = Key::Request(key.to_owned());
        let Some(row) = self.work.request(&row_key) else { return };
        self.work.delete(row_key);
        let mark = Key::RequestUntil(row.until(), key.to_owned());
        // One from before there were marks has none.
        if self.work.has(&mark) {
            self.work.delete(mark);
        }
    }

    /// A request on its way: to the home of its alias, to the profile, and then into the ledger.
    pub fn request_for(
        &mut self,
        id: MessageId,
        to: Option<ProfileId>,
        request: &Request,
        hops: u8,
    ) {
        let forward = |to| {
            let request = Box::new(request.clone());
            move |hops| Hop::Request { message: id, to, request, hops }
        };
        let Some(to) = to else {
            let Some(strongest) = request.to.first() else { return };
            let at = home(strongest, self.place.partitions);
            if at != self.here() {
                self.work.put(Key::Location(id), Row::Location(at));
                self.send(at, forward(None)(hops + 1));
                return;
            }
            let row = self.work.alias(&Key::Alias(strongest.clone())).unwrap_or_default();
            match row.holder {
                Some(holder) if holder.partition != self.here() => {
                    self.locate(id, holder.partition);
                    self.send(holder.partition, forward(Some(holder.rank.id))(hops + 1));
                }
                Some(holder) => self.request_for(id, Some(holder.rank.id), request, hops),
                None => {
                    let number = self.create(strongest, &row);
                    self.link(number, &request.to, self.asked_now());
                    if self.is_new(number) {
                        let touched = Touched { new: true, ..Touched::default() };
                        self.settle(number, touched, Cause::Event, None);
                    }
                    self.requested_here(id, number, request);
                }
            }
            return;
        };
        match self.find(to) {
            Found::Here(number, _) => {
                self.link(number, &request.to, self.asked_now());
                self.requested_here(id, number, request);
            }
            Found::Moved(holder) => {
                self.locate(id, holder.partition);
                self.forward(holder, hops, forward(Some(holder.rank.id)));
            }
            // Somebody asks for a message to who was erased: to a new profile, from their home.
            // By the same road as the words that free the alias, so behind them.
            Found::Erased(_) if hops < limits::HOPS_MAX && !request.to.is_empty() => {
                let at = home(&request.to[0], self.place.partitions);
                self.locate(id, at);
                self.send(at, forward(None)(hops + 1));
            }
            Found::Erased(_) => {
                self.quarantine("hop", format!("came back {hops} times to an erased profile"));
            }
            Found::Nobody => self.note("unknown-profile", Some(to), "the profile is not here"),
        }
    }

    /// A request is about now.
    fn asked_now(&self) -> When {
        When { occurred_at: self.now, historical: false }
    }

    /// Tells the partition that a message was born in where it lives.
    fn locate(&mut self, id: MessageId, partition: crate::ids::Partition) {
        if id.birthplace() == self.here() {
            self.work.put(Key::Location(id), Row::Location(partition));
        } else {
            self.send(id.birthplace(), Hop::MessageAt { message: id, partition });
        }
    }

    fn requested_here(&mut self, id: MessageId, number: Number, request: &Request) {
        let Some(head) = self.head(number) else { return };
        let source = Source::Api { key: request.idempotency_key.clone() };
        let context = request.payload.clone();
        let mut message = self.draft(id, number, head.id(), &request.template, source, context);
        if let Some(due) = request.send_at.filter(|at| *at > self.now) {
            message.expires = message.expires.plus(due.since(self.now));
            message.state = State::Queued { due, put_off: None };
        }
        if let Some(expires) = request.expire_at {
            message.expires = expires;
        }
        if id.birthplace() != self.here() {
            let partition = self.here();
            self.send(id.birthplace(), Hop::MessageAt { message: id, partition });
        } else if self.work.has(&Key::Location(id)) {
            self.work.delete(Key::Location(id));
        }
        self.enqueue(message);
    }
}
