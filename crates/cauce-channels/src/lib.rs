//! The outside world, outbound: the only crate that dials out.
//!
//! It reports an [`Outcome`](cauce_core::delivery::Outcome) for everything remote and decides
//! nothing about retries or policy. [`egress`] is the only file that opens a connection.

mod aws;
pub mod catch_all;
pub mod dns;
pub mod egress;
pub mod email;
mod fetch;
pub mod http;
pub mod nats;
pub mod push;
pub mod s3;
#[cfg(any(test, feature = "sink"))]
pub mod sink;
pub mod sms;
pub mod webhook;

/// What we did wrong ourselves: options that cannot work, keys that are none. Whatever the remote
/// side does is an outcome, not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A private key could not be read.
    #[error("the private key of `{subject}` cannot be used: {why}")]
    Key {
        /// Whose key.
        subject: String,
        /// What is wrong with it.
        why: String,
    },
    /// A certificate authority file could not be read.
    #[error("the certificate authorities cannot be used: {why}")]
    Authorities {
        /// What is wrong.
        why: String,
    },
    /// An option that cannot work.
    #[error("the option `{option}` cannot work: {why}")]
    Option {
        /// Which.
        option: &'static str,
        /// Why not.
        why: String,
    },
}
