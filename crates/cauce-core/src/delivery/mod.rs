//! What a provider's answer means, and what happens next.

mod classify;
mod outcome;
mod retry;

pub use classify::{Cause, Verdict, classify, is_carried, is_providers_own};
pub use outcome::{Enhanced, Outcome, Stage};
pub use retry::again;
