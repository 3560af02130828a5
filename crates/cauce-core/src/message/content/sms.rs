//! A text message, rendered: everything that a carrier of text messages needs.

use crate::ids::MessageId;
use crate::prelude::*;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// In which alphabet a text message travels; it decides how much fits into a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// The default alphabet of GSM 03.38 and its extension table: seven bits a unit.
    Gsm7,
    /// UTF-16, big endian: sixteen bits a unit.
    Ucs2,
}

impl Encoding {
    /// The word for it in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Encoding::Gsm7 => "gsm7",
            Encoding::Ucs2 => "ucs2",
        }
    }
}

/// A text message, rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sms {
    /// The message.
    pub message: MessageId,
    /// Who writes: letters (`CAUCE`), a number (`+34600000001`) or a short code (`21777`).
    pub from: String,
    /// To whom: E.164 with its plus sign.
    pub to: String,
    /// The whole text, decoded.
    pub text: String,
    /// In which alphabet all of it travels.
    pub encoding: Encoding,
    /// The text of each part, if a part's header takes six octets (an 8-bit reference); one, if
    /// it fits without a header. Together they are `text`.
    pub parts: Vec<String>,
    /// What is pointless to deliver after: the validity period ends then.
    pub expires: Timestamp,
    /// Whether the carrier is asked to say later what became of it.
    pub receipt: bool,
    /// A signed name of the message for the carrier's reports: letters, digits, `-` and `_`.
    pub reference: String,
    /// What a country asks for besides: `dlt-template-id`, `dlt-entity-id`…
    pub extras: BTreeMap<String, String>,
}
