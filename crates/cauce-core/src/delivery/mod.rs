//! What a provider's answer means, and what happens next.

mod outcome;

pub use outcome::{Enhanced, Outcome, Stage};
