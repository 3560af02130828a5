//! A world with faults: random lives of one machine, checked against rules written down a second
//! time, and stories of people that are played and compared.

pub mod audit;
pub mod life;
pub mod machine;
pub mod oracle;
pub mod people;
pub mod provider;
pub mod rng;
pub mod same;
pub mod scenario;
pub mod story;
pub mod tally;
pub mod watch;
mod words;
pub mod world;
