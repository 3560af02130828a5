//! Whether what we send is trusted, what waits, and what it costs.

pub mod audience;
pub mod complaints;
pub mod doctor;
pub mod preview;
pub mod providers;
pub mod queues;
