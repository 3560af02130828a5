//! The rules of Cauce: what should happen to a person or a message.
//!
//! Pure: no clock, no I/O, no randomness, no `HashMap` order, no floating point in decisions. Time
//! is an argument; identifiers derive from the position in the log; every refusal is data.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod admit;
pub mod allocate;
mod apply;
pub mod campaign;
pub mod catalog;
pub mod consent;
pub mod decide;
pub mod decimal;
pub mod decision;
pub mod delivery;
pub mod device;
pub mod diagnostic;
pub mod erasure;
pub mod event;
pub mod identity;
pub mod ids;
pub mod input;
pub mod journey;
pub mod limits;
pub mod list;
pub mod message;
pub mod offer;
pub mod phone;
pub mod policy;
mod prelude;
pub mod profile;
pub mod publish;
pub mod query;
pub mod returned;
pub mod route;
pub mod schema;
pub mod segment;
pub mod sender;
pub mod sms;
pub mod state;
pub mod template;
pub mod time;
pub mod tracking;
pub mod value;
