//! Whether what we send is trusted.

pub mod doctor;
