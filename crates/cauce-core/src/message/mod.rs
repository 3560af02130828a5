//! One thing to one profile on one channel, and its content once it is rendered.

mod asked;
pub mod attached;
mod attempt;
pub mod content;
mod dead;
mod leaving;
pub mod ledger;
pub mod life;
mod pushed;
mod reported;

pub use dead::is_dead_letter;
pub(crate) use leaving::By;
pub use reported::{
    Arrival, ENDS, ENGAGED, Guard, HARD, SOFT, Settling, Soft, Strikes, complained, counter, named,
};

use crate::ids::{MessageId, ProfileId};
use crate::prelude::*;
use crate::time::Timestamp;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// By what a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
    /// Mobile or web push.
    Push,
    /// A request to somebody's server: any third-party messaging provider.
    Webhook,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Push, Channel::Webhook];

    /// The word for it in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Push => "push",
            Channel::Webhook => "webhook",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = String;
    fn from_str(text: &str) -> Result<Channel, String> {
        [Channel::Email, Channel::Sms, Channel::Push, Channel::Webhook]
            .into_iter()
            .find(|channel| channel.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no channel: email, sms, push or webhook"))
    }
}

/// Which messages go first when a path is short of room. The order of the variants is the order of
/// service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Asked for by the person: receipts, passwords. Marketing consent does not apply.
    Transactional,
    /// Sent by a journey.
    Triggered,
    /// Sent by a campaign.
    Bulk,
}

/// A name and an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mailbox {
    /// Shown to the reader; may be empty.
    #[serde(default)]
    pub name: String,
    /// The address.
    pub address: String,
}

/// An e-mail, rendered: everything that composing needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The message; the Message-ID header derives from it and stays the same over attempts.
    pub message: MessageId,
    /// Who writes.
    pub from: Mailbox,
    /// Where answers go, if not to `from`.
    pub reply_to: Option<Mailbox>,
    /// The signed address to which answers go as well, so that they are heard of.
    #[serde(default)]
    pub heard_at: Option<String>,
    /// The reader.
    pub to: Mailbox,
    /// Envelope sender: the signed address to which bounces return.
    pub return_path: String,
    /// Decoded text; the composer encodes it.
    pub subject: String,
    /// The HTML part.
    pub html: Option<String>,
    /// The plain part; beside HTML that says nothing in words there is none, and this is empty.
    pub text: String,
    /// The HTTPS address for RFC 8058 one-click; absent for transactional messages.
    pub unsubscribe_url: Option<String>,
    /// The mail address that unsubscribes.
    pub unsubscribe_mailto: Option<String>,
    /// `List-Id` and such: further headers, each a name and decoded text.
    pub headers: Vec<(String, String)>,
    /// The domain of the Message-ID.
    pub domain: String,
    /// The Date header.
    pub date: Timestamp,
    /// Whether a person asked for it: `Auto-Submitted` instead of list headers.
    pub transactional: bool,
    /// Files, and pictures that the HTML shows.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// A file that travels with an e-mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name as the reader sees it.
    pub name: String,
    /// Its media type.
    pub kind: String,
    /// What the HTML calls it (`cid:logo`); a file that is not shown in the text has none.
    pub inline_id: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A request to somebody's server, rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The message; sent as the Standard Webhooks id.
    pub message: MessageId,
    /// Whom it is about.
    pub profile: ProfileId,
    /// `POST` or another method.
    pub method: String,
    /// The address.
    pub url: String,
    /// Headers, names as given.
    pub headers: Vec<(String, String)>,
    /// The exact bytes that are signed and sent.
    pub body: Vec<u8>,
    /// When the request was made, for the signature.
    pub at: Timestamp,
}
