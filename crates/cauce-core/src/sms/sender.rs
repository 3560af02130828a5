//! Who may stand as the sender of a text message.

use super::alphabet::{Septets, septets};
use super::keywords::Keyword;
use crate::phone;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// How a sender writes text messages, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TextSender {
    /// Under which name: letters (`CAUCE`), a number (`+34600000001`) or a short code (`21777`).
    pub from: String,
    /// Under which name in some countries: by their region (ISO 3166-1), `US: \"21777\"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_country: BTreeMap<String, String>,
    /// Regions where a name in letters is registered or known to pass, whatever is said of them
    /// elsewhere: `[SG, IN]`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub letters_in: BTreeSet<String>,
    /// Parts of one message; a longer one is not sent.
    #[serde(default = "parts")]
    pub max_parts: u8,
    /// The transactional template that confirms a `STOP`; absent: nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// The transactional template that confirms a `START`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// The transactional template that answers `HELP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What countries ask for besides, of every message: `dlt-entity-id: \"1001…\"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<String, String>,
}

fn parts() -> u8 {
    6
}

impl TextSender {
    /// Under which name a number is written to.
    pub fn name_for(&self, number: &str) -> &str {
        let own = phone::region(number).and_then(|region| self.by_country.get(region));
        own.unwrap_or(&self.from)
    }

    /// Every name, and where it is written.
    pub fn names(&self) -> impl Iterator<Item = (String, &str)> {
        let own = self.by_country.iter();
        let own = own.map(|(region, from)| (format!("by-country.{region}"), from.as_str()));
        core::iter::once(("from".to_owned(), self.from.as_str())).chain(own)
    }

    /// Whether a number is one of this sender's. Carriers tell it with or without its plus.
    pub fn has(&self, number: &str) -> bool {
        let plain = |text: &str| text.trim_start_matches('+').to_owned();
        self.names().any(|(_, name)| plain(name) == plain(number))
    }

    /// The template that answers a word.
    pub fn answer(&self, word: Keyword) -> Option<&str> {
        match word {
            Keyword::Stop => self.stopped.as_deref(),
            Keyword::Start => self.started.as_deref(),
            Keyword::Help => self.help.as_deref(),
        }
    }

    /// The templates that answer words, and where each is written.
    pub fn answers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [("stopped", &self.stopped), ("started", &self.started), ("help", &self.help)];
        all.into_iter().filter_map(|(name, template)| Some((name, template.as_deref()?)))
    }
}

/// What a sender's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Letters: nobody can answer it.
    Letters,
    /// A telephone number in the form of E.164.
    Number,
    /// The short number of one country, three to eight digits.
    ShortCode,
}

impl Kind {
    /// Whether a reader can answer.
    pub fn takes_replies(self) -> bool {
        match self {
            Kind::Letters => false,
            Kind::Number | Kind::ShortCode => true,
        }
    }
}

/// Limit: characters of a name in letters, what an address field of seven bits has room for
/// (3GPP TS 23.040, 9.1.2.5).
const LETTERS_MAX: usize = 11;

/// What a sender's name is, or why nobody can send under it.
pub fn kind(from: &str) -> Result<Kind, String> {
    if from.is_empty() {
        return Err("a sender has a name".to_owned());
    }
    if let Some(digits) = from.strip_prefix('+') {
        return match phone::is_e164(from) {
            true => Ok(Kind::Number),
            false => Err(format!("`+{digits}` is no number with its country")),
        };
    }
    if from.chars().all(|c| c.is_ascii_digit()) {
        return match from.len() {
            3..=8 => Ok(Kind::ShortCode),
            _ => Err(format!("`{from}` is no short code; a whole number begins with a +")),
        };
    }
    let one = |c: &char| matches!(septets(*c), Some(Septets::One(_))) && !c.is_control();
    if let Some(c) = from.chars().find(|c| !one(c)) {
        return Err(format!("`{c}` is not in the alphabet of sender names (GSM 03.38)"));
    }
    if from.chars().count() > LETTERS_MAX {
        return Err(format!("`{from}` is longer than {LETTERS_MAX} characters"));
    }
    if !from.chars().any(char::is_alphabetic) {
        return Err(format!("`{from}` has no letter, and is no number either"));
    }
    if from.trim() != from {
        return Err(format!("`{from}` begins or ends with a space"));
    }
    Ok(Kind::Letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_networks_take() {
        let check = |from: &str, expected: Option<Kind>| {
            assert_eq!(kind(from).ok(), expected, "{from}: {:?}", kind(from));
        };
        check("CAUCE", Some(Kind::Letters));
        check("Cauce 24", Some(Kind::Letters));
        check("Ñandú", None);
        check("Ñandu", Some(Kind::Letters));
        check("ELEVEN-CHRS", Some(Kind::Letters));
        check("TWELVE-CHARS", None);
        check("A&B_C", Some(Kind::Letters));
        check("24/7", None);
        check("[Cauce]", None);
        check(" Cauce", None);
        check("", None);
        check("+34600112233", Some(Kind::Number));
        check("+0600112233", None);
        check("34600112233", None);
        check("21777", Some(Kind::ShortCode));
        check("12", None);
        assert!(!Kind::Letters.takes_replies() && Kind::ShortCode.takes_replies());
    }
}
