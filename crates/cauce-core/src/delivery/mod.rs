//! What a provider's answer means, and what happens next.

mod classify;
mod outcome;
mod retry;

pub use classify::{Cause, Verdict, classify};
pub use outcome::{Enhanced, Outcome, Stage};
pub use retry::again;
