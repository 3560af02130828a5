//! What a person may ask, and what is asked about them: who they are and why, what they said about
//! being written to, everything that is known, and to be forgotten.

pub mod consents;
pub mod devices;
pub mod erasures;
pub mod export;
pub mod identity;
pub mod parted;
pub mod rectify;
pub mod refused;
pub mod texts;
