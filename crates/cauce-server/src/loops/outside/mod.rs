//! What comes in and goes out by itself, beside messages.

pub mod heard;
pub mod share;
pub mod sources;
