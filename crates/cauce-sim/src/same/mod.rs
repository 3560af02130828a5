//! The same inputs in other orders and on other numbers of partitions: they must end alike.

pub mod cluster;
pub mod equal;
pub mod interleavings;
pub mod shuffles;
