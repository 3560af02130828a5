//! Whether what we send is trusted.

pub mod doctor;
pub mod providers;
pub mod queues;
