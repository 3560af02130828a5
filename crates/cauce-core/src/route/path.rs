//! The name of a ready queue: `<route>[/<group>][/campaign-N | /~journeys][/!a,b]`.
//!
//! What a message may leave by is in the name of its queue, so that the allocator grants without a
//! look at messages, and nothing that may not go by a provider stands in the way of what may.

use crate::campaign::CampaignId;
use crate::prelude::*;
use core::fmt;

/// What the queue of journeys has in its name; no domain and no calling code looks so.
const JOURNEYS: &str = "~journeys";

/// A ready queue, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Queue<'p> {
    /// The route, or the provider where a channel has no route.
    pub route: &'p str,
    /// Where its messages go: a mailbox provider, a country. Absent where nothing depends on it.
    pub group: Option<&'p str>,
    /// The execution of a campaign: it can be throttled and paused by itself.
    pub campaign: Option<CampaignId>,
    /// Messages of journeys: sooner than campaigns, and nobody sits and waits for them.
    pub journeys: bool,
    /// Providers that have just refused its messages for reasons of their own.
    pub without: Vec<&'p str>,
}

impl<'p> Queue<'p> {
    /// Takes a name apart. Total: every text is the name of some queue.
    pub fn parse(path: &'p str) -> Queue<'p> {
        let mut parts = path.split('/');
        let mut queue = Queue { route: parts.next().unwrap_or(path), ..Queue::default() };
        for part in parts {
            let execution = part.strip_prefix("campaign-").and_then(|n| n.parse().ok());
            if let Some(refused) = part.strip_prefix('!') {
                queue.without = refused.split(',').collect();
            } else if part == JOURNEYS {
                queue.journeys = true;
            } else if execution.is_some() {
                queue.campaign = execution;
            } else {
                queue.group = Some(part);
            }
        }
        queue
    }

    /// Whether its messages can wait for others that people wait for.
    pub fn is_bulk(&self) -> bool {
        self.campaign.is_some() || self.journeys
    }
}

impl fmt::Display for Queue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.route)?;
        if let Some(group) = self.group {
            write!(f, "/{group}")?;
        }
        if let Some(id) = self.campaign {
            write!(f, "/campaign-{id}")?;
        }
        if self.journeys {
            write!(f, "/{JOURNEYS}")?;
        }
        if !self.without.is_empty() {
            write!(f, "/!{}", self.without.join(","))?;
        }
        Ok(())
    }
}

/// What a path begins with: its route, or its provider where a channel has no route.
pub fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_and_put_together() {
        for text in [
            "smtp",
            "smtp/campaign-7",
            "mail/google",
            "mail/google/campaign-7",
            "mail/google/campaign-7/!a,b",
            "texts/34/!a",
            "mail/google/~journeys/!a",
            "smtp/~journeys",
            "mail/campaign-x.example",
        ] {
            assert_eq!(Queue::parse(text).to_string(), text);
        }
        let queue = Queue::parse("mail/google/campaign-7/!a,b");
        assert_eq!((queue.route, queue.group, queue.campaign), ("mail", Some("google"), Some(7)));
        assert_eq!(queue.without, ["a", "b"]);
        assert_eq!(Queue::parse("mail/campaign-x.example").group, Some("campaign-x.example"));
        assert!(!Queue::parse("mail/google/!a").is_bulk());
        assert!(Queue::parse("mail/google/~journeys").is_bulk());
    }
}
