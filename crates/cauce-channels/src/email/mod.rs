//! E-mail: composing, signing, sending.

pub mod address;
pub mod api;
pub mod compose;
pub mod dkim;
mod encode;
pub mod pool;
pub mod smtp;
