//! Requests to somebody's server, signed as Standard Webhooks has it or as the recipe says. This is
//! the way to every third-party messaging provider.

mod auth;
mod client;
mod hook;
mod map;
mod oauth;
mod sign;

pub use crate::http::{ANSWER_BYTES_MAX, Options};
pub use auth::{Auth, Key, SecretHeader, Signature, decode, encode, fill};
pub use client::Client;
pub use hook::Hook;
pub use map::ResponseMap;
pub use oauth::{Source, Tokens};
pub use sign::SigningKey;
