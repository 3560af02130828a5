//! Offers: what may be shown to somebody in one place, which of them it is, and why not the others.
//!
//! Nothing is kept of a person for it. A cap counts events of the timeline ([`SHOWN`]) by the
//! aggregates that segments count with, so that it is exact, follows late events, and is merged,
//! erased and replayed as they are.

mod carried;
mod choose;
mod definition;
mod stand;

pub use carried::{CARRIED, carried, unfold};
pub use choose::{Candidate, Showings, Why, choose};
pub use definition::{Cap, Offer, OfferSource, PlacementSource, Rank};
pub use stand::Choice;

/// The event that says that an offer was shown: by whoever shows it, or by us where a message
/// carried it.
pub const SHOWN: &str = "offer_shown";
/// Its property that names the offer; among the values of a placement the name of what was chosen.
pub const OFFER: &str = "offer";
/// Where templates find what is offered: `offers.home.headline`.
pub const OFFERS: &str = "offers";
