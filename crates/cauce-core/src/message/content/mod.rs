//! Rendered forms, one per channel.

pub mod sms;
