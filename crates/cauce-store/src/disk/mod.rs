//! The few file operations that the log needs: one flat folder of files that grow at their end.
//!
//! [`OsDisk`] is a real folder; [`FaultyDisk`] lives in memory and loses what a real disk may
//! lose.

mod faulty;
mod os;

use std::io;

pub use faulty::{FaultyDisk, Losses};
pub use os::OsDisk;

/// Draws a number below `bound` (at least 1) from a seed (splitmix64).
pub(crate) fn draw(seed: &mut u64, bound: u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = *seed;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (word ^ (word >> 31)) % bound.max(1)
}

/// A flat folder of files.
pub trait Disk: Send + Sync {
    /// Makes a new empty file; an old one of that name is emptied. The name is durable only
    /// after [`Disk::sync_names`].
    fn create(&self, name: &str) -> io::Result<Box<dyn File>>;
    /// Opens an existing file.
    fn open(&self, name: &str) -> io::Result<Box<dyn File>>;
    /// Names of all files, in ascending order.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Renames a file over another.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes all creations, renames and removals durable.
    fn sync_names(&self) -> io::Result<()>;
    /// Bytes that still fit, as far as that is known.
    fn free_bytes(&self) -> u64;
}

/// A file that grows at its end.
pub trait File: Send + Sync {
    /// Writes all bytes at the end. After an error any prefix of them may be there.
    fn append(&self, bytes: &[u8]) -> io::Result<()>;
    /// Fills the buffer from a position; fewer bytes only at the end of the file.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Length in bytes.
    fn length(&self) -> io::Result<u64>;
    /// Cuts the file.
    fn truncate(&self, length: u64) -> io::Result<()>;
    /// Makes content and length durable.
    fn sync(&self) -> io::Result<()>;
}
