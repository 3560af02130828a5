//! Text messages by the APIs of companies that carry them.

mod form;
pub mod smpp;
pub mod twilio;
pub mod vonage;

pub use form::encode as form;
