//! What a provider's answer means, and what happens next.

mod classify;
pub mod mailboxes;
mod outcome;
mod retry;
mod words;

pub use classify::{
    Answering, Cause, Said, Token, Verdict, cause, classify, is_about_its_sender, is_begun,
    is_carried, is_lost, is_providers_own, token,
};
pub use outcome::{Answer, DeviceEnd, Enhanced, Outcome, Stage, summary};
pub use retry::{Refusal, again, spread};
