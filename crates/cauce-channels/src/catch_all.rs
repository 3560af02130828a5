//! The built-in provider for development: takes every message and keeps the last ones in memory,
//! for an inbox page.

use crate::email::compose::Composed;
use bytes::Bytes;
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use cauce_core::message::Channel;
use cauce_core::message::content::push::Push;
use cauce_core::message::content::sms::Sms;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One message as it would have left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// Counts from one in the order of arrival; never used again.
    pub number: u64,
    /// Which message.
    pub message: MessageId,
    /// To whom: an address, a number, or devices.
    pub recipient: String,
    /// What it says.
    pub what: What,
}

/// What a kept message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An e-mail.
    Letter {
        /// Envelope sender.
        sender: String,
        /// Headers and body.
        bytes: Bytes,
    },
    /// A text message.
    Text(Box<Sms>),
    /// A push to devices.
    Push(Box<Push>),
}

impl What {
    /// By which channel it came.
    pub fn channel(&self) -> Channel {
        match self {
            What::Letter { .. } => Channel::Email,
            What::Text(_) => Channel::Sms,
            What::Push(_) => Channel::Push,
        }
    }

    /// About how much memory it takes; what is counted is what its author can make large.
    fn size(&self) -> usize {
        match self {
            What::Letter { bytes, .. } => bytes.len(),
            What::Text(sms) => sms.text.len() * 2,
            What::Push(push) => {
                let data = push.data.iter().map(|(name, value)| name.len() + value.len());
                push.title.len() + push.body.len() + data.sum::<usize>()
            }
        }
    }
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
    /// See [`place`].
    by_channel: [u64; 4],
}

/// Where a channel is counted.
fn place(channel: Channel) -> usize {
    match channel {
        Channel::Email => 0,
        Channel::Sms => 1,
        Channel::Push => 2,
        Channel::Webhook => 3,
    }
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

    /// Takes an e-mail.
    pub fn accept(&self, message: &Composed) -> Outcome {
        let (sender, bytes) = (message.sender.clone(), message.bytes.clone());
        self.keep(message.message, message.recipient.clone(), What::Letter { sender, bytes })
    }

    /// Takes a text message.
    pub fn accept_text(&self, sms: &Sms) -> Outcome {
        self.keep(sms.message, sms.to.clone(), What::Text(Box::new(sms.clone())))
    }

    /// Takes a push, for all of its devices at once. Tokens are secrets between an app and its
    /// service: the inbox has none of them.
    pub fn accept_push(&self, push: &Push) -> Outcome {
        let mut push = push.clone();
        for target in &mut push.targets {
            target.token.clear();
            target.keys = None;
        }
        let devices = push.targets.iter();
        let devices = devices.map(|to| format!("{} {}", to.platform.as_str(), to.device));
        let recipient = devices.collect::<Vec<_>>().join(", ");
        self.keep(push.message, recipient, What::Push(Box::new(push)))
    }

    fn keep(&self, message: MessageId, recipient: String, what: What) -> Outcome {
        let mut kept = self.kept();
        kept.taken += 1;
        kept.by_channel[place(what.channel())] += 1;
        let number = kept.taken;
        kept.bytes += what.size();
        kept.messages.push_back(Caught { number, message, recipient, what });
        while kept.messages.len() > 1
            && (kept.messages.len() > self.messages_max || kept.bytes > self.bytes_max)
        {
            let oldest = kept.messages.pop_front();
            kept.bytes -= oldest.map_or(0, |caught| caught.what.size());
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

    /// How many of a channel were taken, kept or not.
    pub fn taken_by(&self, channel: Channel) -> u64 {
        self.kept().by_channel[place(channel)]
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
    use cauce_core::device::{Environment, Platform, Target, WebKeys};
    use cauce_core::ids::DeviceId;
    use cauce_core::publish::PushSource;

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

    #[test]
    fn a_push_is_kept_without_what_opens_a_device() {
        let target = |token: &str| Target {
            device: DeviceId(7),
            platform: Platform::Web,
            token: token.to_owned(),
            keys: Some(WebKeys { p256dh: "public".into(), auth: "secret".into() }),
            app: "shop.example".into(),
            environment: Environment::Production,
        };
        let source =
            PushSource { title: "Hello".into(), body: "There".into(), ..Default::default() };
        let push = Push {
            message: MessageId(1),
            targets: vec![target("https://push.example/secret")],
            ..cauce_core::publish::bare(&source)
        };
        let inbox = CatchAll::new(3, 10_000);
        assert!(matches!(inbox.accept_push(&push), Outcome::Accepted { .. }));
        let kept = inbox.get(MessageId(1)).unwrap();
        assert_eq!(kept.recipient, format!("web {}", DeviceId(7)));
        assert!(!format!("{kept:?}").contains("secret"), "{kept:?}");
        assert_eq!(inbox.taken_by(Channel::Push), 1);
        assert_eq!(inbox.taken_by(Channel::Email), 0);
    }
}
