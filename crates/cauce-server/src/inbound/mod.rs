//! Mail that comes to us: what became of messages, who wants no more, who complains. A small SMTP
//! server for addresses with our signature in them, or a folder that another server fills. Off
//! unless it is configured; it never sends anything.

mod folder;
pub mod guard;
mod listener;
pub mod session;
pub(crate) mod taking;

pub use folder::drive as drive_folder;
pub use listener::{Mail, drive};

use crate::tokens::{Purpose, Tokens};
use session::Desk;
use std::sync::atomic::{AtomicU64, Ordering};

/// What came of the mails, by what they were: counted, and shown among the figures.
#[derive(Default)]
pub struct Counts([AtomicU64; Kind::ALL.len()]);

/// What a mail that came in was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message did not arrive.
    Bounce,
    /// A message is under way.
    Progress,
    /// Somebody complains.
    Complaint,
    /// A feedback report that is no complaint.
    Feedback,
    /// A machine answered.
    AutoReply,
    /// A person answered.
    Reply,
    /// Somebody wants no more.
    Unsubscribe,
    /// The signature holds and there is no such message any more, or it is too long ago.
    Expired,
    /// It was not believed: who sends it may not say such a thing.
    Disbelieved,
    /// A recipient without our signature.
    Stranger,
    /// A mail that goes in circles.
    Loop,
}

impl Kind {
    /// Every kind, in the order in which it is shown.
    pub const ALL: [Kind; 11] = [
        Kind::Bounce,
        Kind::Progress,
        Kind::Complaint,
        Kind::Feedback,
        Kind::AutoReply,
        Kind::Reply,
        Kind::Unsubscribe,
        Kind::Expired,
        Kind::Disbelieved,
        Kind::Stranger,
        Kind::Loop,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Bounce => "bounce",
            Kind::Progress => "progress",
            Kind::Complaint => "complaint",
            Kind::Feedback => "feedback",
            Kind::AutoReply => "auto-reply",
            Kind::Reply => "reply",
            Kind::Unsubscribe => "unsubscribe",
            Kind::Expired => "expired",
            Kind::Disbelieved => "disbelieved",
            Kind::Stranger => "stranger",
            Kind::Loop => "loop",
        }
    }
}

impl Counts {
    /// Counts.
    pub fn add(&self, kind: Kind, count: u64) {
        if let Some(counter) = self.0.get(kind as usize) {
            counter.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Every kind and how many there were.
    pub fn all(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        Kind::ALL
            .into_iter()
            .zip(&self.0)
            .map(|(kind, count)| (kind, count.load(Ordering::Relaxed)))
    }
}

/// Names under which whoever keeps a mail server is reached: those that RFC 5321 and RFC 2142 ask
/// for, and one for feedback loops.
const KEEPER: [&str; 3] = ["postmaster", "abuse", "fbl"];

/// What an address is for, if our signature is in it. The domain is not looked at: who can sign
/// gave the address out, under whatever domain the sender had then.
pub fn desk(tokens: &Tokens, address: &str) -> Option<Desk> {
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
    let local = local.to_ascii_lowercase();
    if KEEPER.contains(&local.as_str()) {
        return Some(Desk::Keeper);
    }
    match local.split_at_checked(2)? {
        ("b-", rest) => tokens.read_local(Purpose::Return, rest).map(Desk::Return),
        ("a-", rest) => tokens.read_local(Purpose::Answer, rest).map(Desk::Answer),
        ("u-", rest) => tokens.read_local(Purpose::Unsubscribe, rest).map(Desk::Unsubscribe),
        _ => None,
    }
}

/// The first address or link with our signature in a text.
pub fn desk_in(tokens: &Tokens, text: &str) -> Option<Desk> {
    let ends = |letter: char| !(letter.is_ascii_alphanumeric() || "-_.@".contains(letter));
    text.split(ends).find_map(|word| {
        let word = word.trim_matches('.');
        let local = word.split('@').next().unwrap_or_default();
        if let Some(found) = desk(tokens, local).filter(|found| *found != Desk::Keeper) {
            return Some(found);
        }
        // The address of one-click unsubscribing, as it stands in a header.
        let message = tokens.read(Purpose::Unsubscribe, word, "")?;
        Some(Desk::Return(message))
    })
}
