//! What the law asks for, against the real process: to be forgotten to the last byte, to say yes
//! with one's own mailbox, to know what was said and when.

mod bytes;
mod consent;
mod erasure;
mod names;
mod retention;
mod trails;
