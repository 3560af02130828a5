//! The canonical dump: one format for snapshot, backup, export and comparison.
//!
//! Two stores with equal content make equal dumps, whatever engine holds them. All numbers are
//! little-endian:
//!
//! ```text
//! "CAUCEDMP" version:u16 (1)
//! section:  0x01 name-length:u16 name
//!   pair:     0x02 key-length:u32 value-length:u32 key value
//!   end:      0x03 pairs:u64 hash:u128
//! footer:   0x04 sections:u32 (name-length:u16 name hash:u128)* hash:u128
//! ```
//!
//! Keys ascend strictly within a section, names of sections are unique. The hash of a section is
//! xxh3-128 over its pairs as written, without the leading byte; the last hash is xxh3-128 over
//! the footer before it. A dump without a footer is incomplete.

use std::io::{self, Read, Write};

use xxhash_rust::xxh3::Xxh3;

use crate::Error;

const MAGIC: &[u8; 8] = b"CAUCEDMP";
const VERSION: u16 = 1;
const SECTION: u8 = 1;
const PAIR: u8 = 2;
const END: u8 = 3;
const FOOTER: u8 = 4;
/// Name of the thing in errors; the caller knows the file.
const ON: &str = "dump";

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Writes a dump. Sections and pairs come in the caller's order; the order of keys is checked.
pub struct Writer<W: Write> {
    out: W,
    open: Option<Section>,
    done: Vec<(String, u128)>,
}

struct Section {
    name: String,
    pairs: u64,
    hash: Xxh3,
    last: Option<Vec<u8>>,
}

impl Section {
    fn new(name: String) -> Self {
        Self { name, pairs: 0, hash: Xxh3::new(), last: None }
    }

    /// Counts and hashes a pair; false if the key does not ascend.
    fn add(&mut self, key: &[u8], value: &[u8]) -> bool {
        if self.last.as_deref().is_some_and(|last| last >= key) {
            return false;
        }
        self.hash.update(&lengths(key.len() as u32, value.len() as u32));
        self.hash.update(key);
        self.hash.update(value);
        self.pairs += 1;
        let last = self.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(key);
        true
    }
}

impl<W: Write> Writer<W> {
    /// Writes the head.
    ///
    /// # Errors
    /// `Full`, `Io`.
    pub fn new(mut out: W) -> Result<Self, Error> {
        write(&mut out, MAGIC)?;
        write(&mut out, &VERSION.to_le_bytes())?;
        Ok(Self { out, open: None, done: Vec::new() })
    }

    /// Ends the section before and begins one.
    ///
    /// # Errors
    /// `Full`, `Io`; `Io` with `InvalidInput` if the name was used or is longer than 65,535.
    pub fn begin(&mut self, name: &str) -> Result<(), Error> {
        self.end()?;
        if self.done.iter().any(|(other, _)| other == name) {
            return Err(invalid(format!("section `{name}` comes twice")));
        }
        write(&mut self.out, &[SECTION])?;
        write_name(&mut self.out, name)?;
        self.open = Some(Section::new(name.to_owned()));
        Ok(())
    }

    /// Writes a pair into the current section.
    ///
    /// # Errors
    /// `Full`, `Io`; `Io` with `InvalidInput` if no section is open, the key does not ascend, or
    /// either is longer than 4 GiB.
    pub fn pair(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        let section = self.open.as_mut().ok_or_else(|| invalid("no section is open".into()))?;
        let too_long = |_| invalid(format!("pair too long in `{}`", section.name));
        let key_bytes = u32::try_from(key.len()).map_err(too_long)?;
        let value_bytes = u32::try_from(value.len()).map_err(too_long)?;
        if !section.add(key, value) {
            return Err(invalid(format!("keys of `{}` do not ascend", section.name)));
        }
        write(&mut self.out, &[PAIR])?;
        write(&mut self.out, &lengths(key_bytes, value_bytes))?;
        write(&mut self.out, key)?;
        write(&mut self.out, value)
    }

    /// Writes the footer and returns the hash of each section. Making the file durable is the
    /// caller's.
    ///
    /// # Errors
    /// `Full`, `Io`.
    pub fn finish(mut self) -> Result<Vec<(String, u128)>, Error> {
        self.end()?;
        let footer = footer(&self.done)?;
        write(&mut self.out, &footer)?;
        let hash = xxhash_rust::xxh3::xxh3_128(&footer);
        write(&mut self.out, &hash.to_le_bytes())?;
        self.out.flush().map_err(|error| Error::io(ON, error))?;
        Ok(self.done)
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(section) = self.open.take() else { return Ok(()) };
        let hash = section.hash.digest128();
        write(&mut self.out, &[END])?;
        write(&mut self.out, &section.pairs.to_le_bytes())?;
        write(&mut self.out, &hash.to_le_bytes())?;
        self.done.push((section.name, hash));
        Ok(())
    }
}

/// Reads and verifies a dump: every error in it is found before [`Reader::section`] returns
/// nothing.
pub struct Reader<R: Read> {
    from: R,
    at: u64,
    open: Option<Section>,
    done: Vec<(String, u128)>,
    complete: bool,
}

impl<R: Read> Reader<R> {
    /// Reads the head.
    ///
    /// # Errors
    /// `Corrupt`, `Io`.
    pub fn new(from: R) -> Result<Self, Error> {
        let mut reader = Self { from, at: 0, open: None, done: Vec::new(), complete: false };
        if reader.array::<8>()? != *MAGIC {
            return Err(Error::corrupt(ON, 0, "this is not a dump"));
        }
        let version = u16::from_le_bytes(reader.array()?);
        if version != VERSION {
            return Err(Error::corrupt(ON, 8, format!("version {version} is unknown")));
        }
        Ok(reader)
    }

    /// Name of the next section, after skipping (and verifying) what is left of the current one;
    /// nothing at the verified end.
    ///
    /// # Errors
    /// `Corrupt`, `Io`.
    pub fn section(&mut self) -> Result<Option<String>, Error> {
        if self.complete {
            return Ok(None);
        }
        while self.pair()?.is_some() {}
        let at = self.at;
        match self.array::<1>()?[0] {
            SECTION => {
                let name = self.name()?;
                if self.done.iter().any(|(other, _)| *other == name) {
                    return Err(Error::corrupt(ON, at, format!("section `{name}` comes twice")));
                }
                self.open = Some(Section::new(name.clone()));
                Ok(Some(name))
            }
            FOOTER => {
                self.footer(at)?;
                self.complete = true;
                Ok(None)
            }
            other => Err(Error::corrupt(ON, at, format!("mark {other} is unexpected"))),
        }
    }

    /// Next pair of the current section; nothing at its verified end.
    ///
    /// # Errors
    /// `Corrupt`, `Io`.
    pub fn pair(&mut self) -> Result<Option<Pair>, Error> {
        let Some(mut section) = self.open.take() else { return Ok(None) };
        let at = self.at;
        match self.array::<1>()?[0] {
            PAIR => {
                let key_bytes = u32::from_le_bytes(self.array()?);
                let value_bytes = u32::from_le_bytes(self.array()?);
                let key = self.bytes(u64::from(key_bytes))?;
                let value = self.bytes(u64::from(value_bytes))?;
                if !section.add(&key, &value) {
                    return Err(Error::corrupt(ON, at, "keys do not ascend"));
                }
                self.open = Some(section);
                Ok(Some((key, value)))
            }
            END => {
                let pairs = u64::from_le_bytes(self.array()?);
                let hash = u128::from_le_bytes(self.array()?);
                if pairs != section.pairs || hash != section.hash.digest128() {
                    let why = format!("hash of section `{}` does not fit", section.name);
                    return Err(Error::corrupt(ON, at, why));
                }
                self.done.push((section.name, hash));
                Ok(None)
            }
            other => Err(Error::corrupt(ON, at, format!("mark {other} is unexpected"))),
        }
    }

    /// Reads and verifies the rest; returns the hash of each section.
    ///
    /// # Errors
    /// `Corrupt`, `Io`.
    pub fn finish(mut self) -> Result<Vec<(String, u128)>, Error> {
        while self.section()?.is_some() {}
        Ok(self.done)
    }

    fn footer(&mut self, at: u64) -> Result<(), Error> {
        // What must stand here is known, so nothing is trusted that is read.
        let expected = footer(&self.done)?;
        let found = self.bytes(expected.len() as u64 - 1)?;
        let hash = u128::from_le_bytes(self.array()?);
        if found != expected[1..] || hash != xxhash_rust::xxh3::xxh3_128(&expected) {
            return Err(Error::corrupt(ON, at, "the footer does not fit the sections"));
        }
        Ok(())
    }

    fn name(&mut self) -> Result<String, Error> {
        let at = self.at;
        let length = u16::from_le_bytes(self.array()?);
        let bytes = self.bytes(u64::from(length))?;
        String::from_utf8(bytes).map_err(|_| Error::corrupt(ON, at, "a name is not UTF-8"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        self.from.read_exact(&mut array).map_err(|error| self.sort(error))?;
        self.at += N as u64;
        Ok(array)
    }

    fn bytes(&mut self, length: u64) -> Result<Vec<u8>, Error> {
        // Grows with what is really there: a damaged length must not take the memory.
        let mut bytes = Vec::new();
        let read = (&mut self.from).take(length).read_to_end(&mut bytes);
        let read = read.map_err(|error| self.sort(error))?;
        if (read as u64) < length {
            return Err(self.sort(io::ErrorKind::UnexpectedEof.into()));
        }
        self.at += length;
        Ok(bytes)
    }

    fn sort(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Error::corrupt(ON, self.at, "the dump ends too early"),
            _ => Error::io(ON, error),
        }
    }
}

fn footer(sections: &[(String, u128)]) -> Result<Vec<u8>, Error> {
    let mut footer = vec![FOOTER];
    footer.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    for (name, hash) in sections {
        write_name(&mut footer, name)?;
        footer.extend_from_slice(&hash.to_le_bytes());
    }
    Ok(footer)
}

fn write_name(out: &mut impl Write, name: &str) -> Result<(), Error> {
    let length = u16::try_from(name.len()).map_err(|_| invalid("name too long".into()))?;
    write(out, &length.to_le_bytes())?;
    write(out, name.as_bytes())
}

fn lengths(key: u32, value: u32) -> [u8; 8] {
    let mut lengths = [0; 8];
    lengths[..4].copy_from_slice(&key.to_le_bytes());
    lengths[4..].copy_from_slice(&value.to_le_bytes());
    lengths
}

fn write(out: &mut impl Write, bytes: &[u8]) -> Result<(), Error> {
    out.write_all(bytes).map_err(|error| Error::io(ON, error))
}

fn invalid(why: String) -> Error {
    Error::io(ON, io::Error::new(io::ErrorKind::InvalidInput, why))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> (Vec<u8>, Vec<(String, u128)>) {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes).unwrap();
        writer.begin("first").unwrap();
        writer.pair(b"a", b"1").unwrap();
        writer.pair(b"b", b"").unwrap();
        writer.begin("empty").unwrap();
        writer.begin("last").unwrap();
        writer.pair(b"", b"x").unwrap();
        let hashes = writer.finish().unwrap();
        (bytes, hashes)
    }

    #[test]
    fn what_is_written_is_read() {
        let (bytes, hashes) = sample();
        let mut reader = Reader::new(bytes.as_slice()).unwrap();
        assert_eq!(reader.section().unwrap().as_deref(), Some("first"));
        assert_eq!(reader.pair().unwrap(), Some((b"a".to_vec(), b"1".to_vec())));
        assert_eq!(reader.section().unwrap().as_deref(), Some("empty"));
        assert_eq!(reader.pair().unwrap(), None);
        assert_eq!(reader.section().unwrap().as_deref(), Some("last"));
        assert_eq!(reader.pair().unwrap(), Some((b"".to_vec(), b"x".to_vec())));
        assert_eq!(reader.pair().unwrap(), None);
        assert_eq!(reader.section().unwrap(), None);
        assert_eq!(reader.section().unwrap(), None);
        assert_eq!(reader.finish().unwrap(), hashes);
    }

    #[test]
    fn hashes_tell_where_dumps_differ() {
        let (_, hashes) = sample();
        let mut writer = Writer::new(Vec::new()).unwrap();
        writer.begin("first").unwrap();
        // The same bytes, cut between key and value elsewhere.
        writer.pair(b"a", b"1b").unwrap();
        writer.begin("empty").unwrap();
        let other = writer.finish().unwrap();
        assert_ne!(other[0], hashes[0]);
        assert_eq!(other[1], hashes[1]);
    }

    #[test]
    fn misuse_is_refused() {
        let mut writer = Writer::new(Vec::new()).unwrap();
        assert!(writer.pair(b"a", b"").is_err());
        writer.begin("one").unwrap();
        writer.pair(b"b", b"").unwrap();
        assert!(writer.pair(b"b", b"").is_err());
        assert!(writer.pair(b"a", b"").is_err());
        assert!(writer.begin("one").is_err());
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let (bytes, _) = sample();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                let read = Reader::new(bad.as_slice()).and_then(Reader::finish);
                assert!(read.is_err(), "byte {at} bit {bit}");
            }
            let read = Reader::new(&bytes[..at]).and_then(Reader::finish);
            assert!(matches!(read, Err(Error::Corrupt { .. })), "cut at {at}");
        }
    }

    proptest! {
        #[test]
        fn foreign_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Reader::new(bytes.as_slice()).and_then(Reader::finish);
            bytes.splice(0..0, MAGIC.iter().copied().chain([1, 0, 1, 0, 0]));
            let _ = Reader::new(bytes.as_slice()).and_then(Reader::finish);
        }
    }
}
