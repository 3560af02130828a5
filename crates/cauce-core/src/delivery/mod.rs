//! What a provider's answer means, and what happens next.

mod classify;
pub mod domains;
mod outcome;
mod retry;
mod words;

pub use classify::{Cause, Said, Verdict, cause, classify};
pub use outcome::{Enhanced, Outcome, Stage};
pub use retry::again;
