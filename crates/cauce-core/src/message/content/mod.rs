//! Messages of the channels, rendered: everything that sending needs.

pub mod push;
pub mod sms;
