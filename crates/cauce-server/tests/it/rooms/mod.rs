//! What the console's rooms show, against causes made on purpose.

mod events;
