//! The bytes of a segment. All numbers are little-endian.
//!
//! A segment is a file `log-<sequence, 16 hex digits>.seg`:
//!
//! ```text
//! head:   "CAUCELOG" version:u16 (1) incarnation:u16 sequence:u64 salt:u32 group:u32
//!         partitions:u32 (partition:u16 next-offset:u64)* crc32c:u32 over all before it
//! entry:  crc32c:u32 over the 28 bytes after it, begun with the salt
//!         body-crc32c:u32 body-length:u32 partition:u16 incarnation:u16 offset:u64 group:u32
//!         flags:u16 reserved:u16 (0)
//!         body
//! ```
//!
//! The head says with which offset each partition goes on, so that the end of a partition
//! outlives its entries and a missing segment shows as a gap.
//!
//! `group` counts the group commits of a process, wrapping; the head of a segment says the
//! first one in it, and the last entry of a group carries [`LAST`]. A group is written only
//! after the one before it is durable. So behind a bad byte, an entry of a later group proves
//! that the byte was once good: that is damage. Without such a proof it is the torn end of a
//! write that nobody was told is durable. The salt keeps the content of a body from looking
//! like such an entry.
//!
//! An erased entry has [`ERASED`], length 0 and the checksum of the body that it had.

use crate::Error;

/// Longest body in bytes.
pub const BODY_BYTES_MAX: usize = 64 << 20;
/// Length of the head of an entry.
pub(super) const HEAD_BYTES: usize = 32;
/// Flag of an entry that ends a group.
pub(super) const LAST: u16 = 1;
/// Flag of an entry whose body was erased.
pub(super) const ERASED: u16 = 2;

const MAGIC: &[u8; 8] = b"CAUCELOG";
const VERSION: u16 = 1;
const FIXED_BYTES: usize = 32;
const PARTITION_BYTES: usize = 10;

/// Head of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) body_crc: u32,
    pub(super) length: u32,
    pub(super) partition: u16,
    pub(super) incarnation: u16,
    pub(super) offset: u64,
    pub(super) group: u32,
    pub(super) flags: u16,
}

impl Head {
    pub(super) fn encode(&self, salt: u32) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[4..8].copy_from_slice(&self.body_crc.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.length.to_le_bytes());
        bytes[12..14].copy_from_slice(&self.partition.to_le_bytes());
        bytes[14..16].copy_from_slice(&self.incarnation.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.offset.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.group.to_le_bytes());
        bytes[28..30].copy_from_slice(&self.flags.to_le_bytes());
        let crc = crc32c::crc32c_append(salt, &bytes[4..]);
        bytes[..4].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Nothing if the checksum does not fit.
    pub(super) fn parse(bytes: &[u8], salt: u32) -> Option<Self> {
        let bytes = bytes.first_chunk()?;
        let crc = crc32c::crc32c_append(salt, &bytes[4..]);
        (u32::from_le_bytes(part(bytes, 0)) == crc).then(|| Self::decode(bytes))
    }

    /// Takes the checksum for granted.
    pub(super) fn decode(bytes: &[u8; HEAD_BYTES]) -> Self {
        let short = |at: usize| u16::from_le_bytes(part(bytes, at));
        let word = |at: usize| u32::from_le_bytes(part(bytes, at));
        Self {
            body_crc: word(4),
            length: word(8),
            partition: short(12),
            incarnation: short(14),
            offset: u64::from_le_bytes(part(bytes, 16)),
            group: word(24),
            flags: short(28),
        }
    }

    pub(super) fn is_last(&self) -> bool {
        self.flags & LAST != 0
    }

    pub(super) fn is_erased(&self) -> bool {
        self.flags & ERASED != 0
    }

    pub(super) fn fits(&self, body: &[u8]) -> bool {
        self.is_erased() || crc32c::crc32c(body) == self.body_crc
    }
}

/// Head of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) sequence: u64,
    pub(super) incarnation: u16,
    pub(super) salt: u32,
    /// Group that comes first in it.
    pub(super) group: u32,
    /// (partition, next offset), in order of partition.
    pub(super) next: Vec<(u16, u64)>,
}

impl Start {
    pub(super) fn name(sequence: u64) -> String {
        format!("log-{sequence:016x}.seg")
    }

    /// Sequence of a segment's file; nothing for other files.
    pub(super) fn parse_name(name: &str) -> Option<u64> {
        let digits = name.strip_prefix("log-")?.strip_suffix(".seg")?;
        let sequence = u64::from_str_radix(digits, 16).ok()?;
        (Self::name(sequence) == name).then_some(sequence)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.incarnation.to_le_bytes());
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        bytes.extend_from_slice(&self.salt.to_le_bytes());
        bytes.extend_from_slice(&self.group.to_le_bytes());
        bytes.extend_from_slice(&(self.next.len() as u32).to_le_bytes());
        for (partition, offset) in &self.next {
            bytes.extend_from_slice(&partition.to_le_bytes());
            bytes.extend_from_slice(&offset.to_le_bytes());
        }
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Parses the beginning of a file; returns the length of the head as well.
    pub(super) fn parse(on: &str, bytes: &[u8]) -> Result<(Self, usize), Error> {
        let corrupt = |at: usize, why: &str| Error::corrupt(on, at as u64, why);
        let fixed = bytes.get(..FIXED_BYTES).ok_or_else(|| corrupt(0, "the head is too short"))?;
        if &fixed[..8] != MAGIC {
            return Err(corrupt(0, "this is not a segment of a log"));
        }
        if u16::from_le_bytes(part(fixed, 8)) != VERSION {
            return Err(corrupt(8, "the version is unknown"));
        }
        let partitions = u32::from_le_bytes(part(fixed, 28)) as usize;
        if partitions > usize::from(u16::MAX) + 1 {
            return Err(corrupt(28, "too many partitions"));
        }
        let end = FIXED_BYTES + partitions * PARTITION_BYTES;
        let head = bytes.get(..end + 4).ok_or_else(|| corrupt(28, "the head is too short"))?;
        if u32::from_le_bytes(part(head, end)) != crc32c::crc32c(&head[..end]) {
            return Err(corrupt(0, "the checksum of the head does not fit"));
        }
        let rows = head[FIXED_BYTES..end].chunks_exact(PARTITION_BYTES);
        let next =
            rows.map(|row| (u16::from_le_bytes(part(row, 0)), u64::from_le_bytes(part(row, 2))));
        let start = Self {
            sequence: u64::from_le_bytes(part(fixed, 12)),
            incarnation: u16::from_le_bytes(part(fixed, 10)),
            salt: u32::from_le_bytes(part(fixed, 20)),
            group: u32::from_le_bytes(part(fixed, 24)),
            next: next.collect(),
        };
        Ok((start, end + 4))
    }

    /// Offset with which a partition goes on in this segment.
    pub(super) fn next_of(&self, partition: u16) -> u64 {
        let found = self.next.binary_search_by_key(&partition, |(other, _)| *other);
        found.map_or(0, |place| self.next[place].1)
    }

    /// Length of a head that names so many partitions.
    pub(super) fn bytes(partitions: usize) -> usize {
        FIXED_BYTES + partitions * PARTITION_BYTES + 4
    }

    /// Longest head there can be.
    pub(super) const BYTES_MAX: usize = FIXED_BYTES + (u16::MAX as usize + 1) * PARTITION_BYTES + 4;
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[at..at + N]);
    part
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn heads_are_read_as_written() {
        let head = Head {
            body_crc: 1,
            length: 2,
            partition: 3,
            incarnation: 4,
            offset: 5,
            group: 6,
            flags: LAST | ERASED,
        };
        assert_eq!(Head::parse(&head.encode(1), 1), Some(head));
        assert_eq!(Head::parse(&head.encode(1), 2), None);
        let mut bytes = head.encode(1);
        bytes[31] ^= 1;
        assert_eq!(Head::parse(&bytes, 1), None);
        let next = vec![(0, 9), (65_535, 10)];
        let start = Start { sequence: 7, incarnation: 8, salt: 9, group: 10, next };
        let bytes = start.encode();
        assert_eq!(Start::parse("x", &bytes).unwrap(), (start, bytes.len()));
        assert_eq!(Start::parse_name(&Start::name(700)), Some(700));
        assert_eq!(Start::parse_name("log-1.seg"), None);
    }

    proptest! {
        #[test]
        fn foreign_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
            let _ = Start::parse("x", &bytes);
            bytes.splice(0..0, MAGIC.iter().copied().chain([1, 0]));
            let _ = Start::parse("x", &bytes);
        }
    }
}
