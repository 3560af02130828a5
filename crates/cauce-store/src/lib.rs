//! Durable bytes. Knows no domain word.
//!
//! - [`log`]: one append-only log per node, many partitions in it, one group commit for all.
//! - [`state`]: ordered keys in numbered tables with atomic batches.
//! - [`dump`]: the canonical dump, one format for snapshot, backup, export and comparison.
//! - [`disk`]: the few file operations that the log needs, real and faulty.
//!
//! The log is the point of durability: the state may lag behind it, never the other way round.

pub mod disk;
pub mod dump;
mod error;
pub mod log;
pub mod state;

pub use error::Error;
pub use log::{Entry, FileLog, Log};
pub use state::{Batch, FjallState, MemoryState, State};
