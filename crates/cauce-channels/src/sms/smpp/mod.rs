//! SMPP 3.4: the protocol that operators and aggregators of text messages speak.
//!
//! [`client`] keeps the sessions that were agreed; [`session`] speaks over one of them; the rest
//! reads and writes what they say. Nothing here decides what an answer means for a message.

#[cfg(any(test, feature = "sink"))]
pub mod answerer;
mod answers;
mod client;
mod compose;
mod inbound;
mod pace;
pub mod pdu;
mod receipt;
mod reference;
mod session;
mod text;

pub use answers::Answers;
pub use client::{Binds, Client, Listener, Options, Role, Said, Standing};
pub use compose::{Form, Joining, Plan, Plans, Validity};
pub use inbound::{Assembly, Offered, PARTS_WITHIN, Text};
pub use receipt::{IdForm, Receipt, State, read as read_receipt};
pub use text::{Alphabet, Writing};
