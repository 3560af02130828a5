//! The built-in provider for development: takes every message and keeps the last ones in memory,
//! for an inbox page.

use crate::email::compose::Composed;
use bytes::Bytes;
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One message as it would have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// Counts from one in the order of arrival; never used again.
    pub number: u64,
    /// Which message.
    pub message: MessageId,
    /// Envelope sender.
    pub sender: String,
    /// Envelope recipient.
    pub recipient: String,
    /// Headers and body.
    pub bytes: Bytes,
}

/// The inbox.
#[derive(Debug)]
pub struct CatchAll {
    messages_max: usize,
    bytes_max: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    messages: VecDeque<Caught>,
    bytes: usize,
    taken: u64,
}

impl CatchAll {
    /// An inbox with two limits; when either is passed, the oldest messages are dropped. The
    /// newest is always kept.
    pub fn new(messages_max: usize, bytes_max: usize) -> CatchAll {
        CatchAll { messages_max, bytes_max, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message.
    pub fn accept(&self, message: &Composed) -> Outcome {
        let mut kept = self.kept();
        kept.taken += 1;
        let number = kept.taken;
        kept.bytes += message.bytes.len();
        kept.messages.push_back(Caught {
            number,
            message: message.message,
            sender: message.sender.clone(),
            recipient: message.recipient.clone(),
            bytes: message.bytes.clone(),
        });
        while kept.messages.len() > 1
            && (kept.messages.len() > self.messages_max || kept.bytes > self.bytes_max)
        {
            let oldest = kept.messages.pop_front();
            kept.bytes -= oldest.map_or(0, |caught| caught.bytes.len());
        }
        Outcome::Accepted {
            id: Some(number.to_string()),
            text: "kept in the development inbox".to_owned(),
        }
    }

    /// At most `limit` messages older than number `before` (the newest if absent), newest first.
    pub fn list(&self, before: Option<u64>, limit: usize) -> Vec<Caught> {
        let before = before.unwrap_or(u64::MAX);
        let kept = self.kept();
        let older = kept.messages.iter().rev().filter(|caught| caught.number < before);
        older.take(limit).cloned().collect()
    }

    /// One message.
    pub fn get(&self, message: MessageId) -> Option<Caught> {
        self.kept().messages.iter().rev().find(|caught| caught.message == message).cloned()
    }

    /// How many messages were taken, kept or not.
    pub fn taken(&self) -> u64 {
        self.kept().taken
    }

    /// Forgets every message.
    pub fn clear(&self) {
        let mut kept = self.kept();
        kept.messages.clear();
        kept.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_numbers_stay() {
        let inbox = CatchAll::new(3, 100);
        let put = |id: u128, size: usize| {
            inbox.accept(&Composed {
                message: MessageId(id),
                sender: String::new(),
                recipient: "a@example.com".into(),
                international: false,
                bytes: vec![b'x'; size].into(),
            })
        };
        let check = |numbers: &[u64]| {
            let found: Vec<u64> = inbox.list(None, 9).iter().map(|c| c.number).collect();
            assert_eq!(found, numbers);
        };
        (1..=5).for_each(|id| drop(put(id, 10)));
        check(&[5, 4, 3]);
        assert!(inbox.get(MessageId(2)).is_none());
        assert_eq!(inbox.get(MessageId(4)).unwrap().number, 4);
        assert_eq!(inbox.list(Some(5), 1)[0].number, 4);
        put(6, 85);
        check(&[6, 5]);
        put(7, 500);
        check(&[7]);
        assert_eq!(inbox.taken(), 7);
        inbox.clear();
        check(&[]);
    }
}
