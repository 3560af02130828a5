//! E-mail: composing, signing, sending.

pub mod address;
pub mod api;
pub mod attach;
pub mod compose;
pub mod dkim;
mod encode;
pub mod inquiry;
pub mod mx;
pub mod pool;
pub mod returned;
pub mod smtp;
