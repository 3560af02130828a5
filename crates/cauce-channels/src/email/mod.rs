//! E-mail: composing, signing, sending.

pub mod address;
pub mod compose;
pub mod dkim;
mod encode;
pub mod pool;
pub mod returned;
pub mod smtp;
