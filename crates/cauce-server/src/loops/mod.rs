//! The loops: what the process does by itself, each a task or thread with a name and an end.

pub mod allocator;
pub mod campaigns;
pub mod carrying;
pub mod clock;
pub mod delivery;
pub mod erasures;
pub mod learner;
pub mod observer;
pub mod outside;
pub mod publishing;
pub mod retention;
pub mod sessions;
