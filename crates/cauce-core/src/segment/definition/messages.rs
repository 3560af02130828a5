//! Which messages a rule counts.

use super::{Filter, Literal, Op, Path, Selection, Test, Window};
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// Which messages are counted, and what became of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Messages {
    /// What became of them.
    pub state: MessageState,
    /// What must be true of them, each at most once.
    #[serde(default)]
    pub filters: BTreeMap<MessageFilter, String>,
    /// When it happened.
    #[serde(default)]
    pub window: Window,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageState {
    /// A provider took it.
    Sent,
    /// The provider said that it arrived.
    Delivered,
    /// It was opened.
    Opened,
    /// A link in it was clicked.
    Clicked,
    /// Policy said no.
    Refused,
    /// It could not be made, or the provider said no for good.
    Failed,
    /// It came back.
    Bounced,
    /// It was reported as unwanted.
    Complained,
    /// Its reader wrote back.
    Answered,
}

/// What messages are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageFilter {
    /// The template's name.
    Template,
    /// The campaign's name.
    Campaign,
    /// The journey's name.
    Journey,
    /// `email`, `sms`…
    Channel,
    /// Why it was refused, or failed.
    Reason,
}

impl MessageState {
    /// Every state.
    pub const ALL: [MessageState; 9] = [
        MessageState::Sent,
        MessageState::Delivered,
        MessageState::Opened,
        MessageState::Clicked,
        MessageState::Refused,
        MessageState::Failed,
        MessageState::Bounced,
        MessageState::Complained,
        MessageState::Answered,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageState::Sent => "sent",
            MessageState::Delivered => "delivered",
            MessageState::Opened => "opened",
            MessageState::Clicked => "clicked",
            MessageState::Refused => "refused",
            MessageState::Failed => "failed",
            MessageState::Bounced => "bounced",
            MessageState::Complained => "complained",
            MessageState::Answered => "answered",
        }
    }

    /// The event that says so in a profile's timeline.
    pub fn event(self) -> String {
        format!("message_{}", self.as_str())
    }
}

impl MessageFilter {
    /// Every filter.
    pub const ALL: [MessageFilter; 5] = [
        MessageFilter::Template,
        MessageFilter::Campaign,
        MessageFilter::Journey,
        MessageFilter::Channel,
        MessageFilter::Reason,
    ];

    /// Whether it names what sent them: something that has to exist.
    pub fn is_source(self) -> bool {
        match self {
            MessageFilter::Template | MessageFilter::Campaign | MessageFilter::Journey => true,
            MessageFilter::Channel | MessageFilter::Reason => false,
        }
    }

    /// The word for it, which is also the property of the event.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageFilter::Template => "template",
            MessageFilter::Campaign => "campaign",
            MessageFilter::Journey => "journey",
            MessageFilter::Channel => "channel",
            MessageFilter::Reason => "reason",
        }
    }
}

impl Messages {
    /// The events that say so.
    pub(in crate::segment) fn selection(&self) -> Selection {
        let equals = |(filter, value): (&MessageFilter, &String)| Filter::Property {
            path: Path(vec![filter.as_str().to_owned()]),
            is: Test::Compare { op: Op::Equal, to: Literal::String(value.clone()) },
        };
        let mut filters: Vec<Filter> = self.filters.iter().map(equals).collect();
        let filter = match filters.len() {
            0 => None,
            1 => filters.pop(),
            _ => Some(Filter::And(filters)),
        };
        Selection { event: self.state.event(), filter, window: self.window }
    }
}
