//! Whether what we send is trusted.

pub mod complaints;
pub mod doctor;
pub mod providers;
pub mod queues;
