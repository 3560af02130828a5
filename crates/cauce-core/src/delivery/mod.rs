//! What a provider's answer means, and what happens next.

mod classify;
mod outcome;
mod retry;

pub use classify::{Cause, Token, Verdict, classify, is_carried, is_providers_own, token};
pub use outcome::{Answer, DeviceEnd, Enhanced, Outcome, Stage, summary};
pub use retry::again;
