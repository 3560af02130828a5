//! What would become of a campaign's message to one person if it were granted now: by the code that
//! grants, on rows that are then thrown away.

use super::decider;
use crate::campaign::CampaignId;
use crate::catalog::Catalog;
use crate::decision::{Effect, HandOver, Permit};
use crate::ids::Number;
use crate::message::ledger::Source;
use crate::policy::{Reason, permit};
use crate::prelude::*;
use crate::profile::Status;
use crate::state::Rows;
use crate::time::Timestamp;

/// The execution that such a message would belong to: none has this number, which is a position of
/// the control log.
const NONE: CampaignId = CampaignId::MAX;

/// What would become of one message.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// What the last word on it would be.
    pub permit: Permit,
    /// What whoever fills it would be given, now or later; none where it is refused for good.
    pub hand_over: Option<Box<HandOver>>,
}

/// What would become of a campaign's message by this template to a profile. None if nobody has the
/// number.
pub fn foresee<R: Rows>(
    rows: &R,
    catalog: &Arc<Catalog>,
    number: Number,
    template: &str,
    now: Timestamp,
) -> Option<Foreseen> {
    let mut decider = decider(rows, catalog, now);
    let head = decider.head(number)?;
    if let Status::Redirect(_) = head.status {
        // The absorbing profile is in the audience by itself, or is not.
        return Some(Foreseen { permit: Permit::No(Reason::Merged), hand_over: None });
    }
    let id = decider.derive_message();
    let source = Source::Campaign { id: NONE, campaign: String::new() };
    let message = decider.draft(id, number, head.id(), template, source, BTreeMap::new());
    let message = Arc::new(message);
    let permit = decider.judge(&message);
    let address = match &permit {
        Permit::Yes { address } => Some(address.clone()),
        Permit::Later { .. } => {
            let devices = decider.devices(number);
            let known = (&*head, &*devices);
            permit::address(&catalog.namespaces, known, (message.channel, message.class)).ok()
        }
        Permit::No(_) => None,
    };
    if let Some(address) = address {
        decider.hand_over(message, address, None, now);
    }
    let handed = decider.effects.into_iter().find_map(|effect| match effect {
        Effect::HandOver(hand_over) => Some(hand_over),
        _ => None,
    });
    Some(Foreseen { permit, hand_over: handed })
}
