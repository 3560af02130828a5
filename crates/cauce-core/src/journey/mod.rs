//! One profile's walk: what starts it, the steps, what ends it.

pub mod advance;
mod definition;
mod names;
mod run;
pub mod walked;

pub use definition::{
    Audience, Definition, Entry, Journey, Node, Policy, StepSource, WaitFor, check,
};
pub use names::{Written, sets, written};
pub use run::{Run, Waiting};
