//! Who somebody is, who may look, and what events look like, at the terminal.

pub mod devices;
pub mod erase;
pub mod lists;
pub mod members;
pub mod schemas;
pub mod segments;
pub mod suppressions;
