//! A real folder.

use std::fs;
use std::io;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Disk, File};

/// Name of the file whose lock keeps a second process out.
const LOCK: &str = "lock";

/// A folder of the operating system, held exclusively by one process.
pub struct OsDisk {
    folder: PathBuf,
    // Held, not used: closing it gives the folder free.
    _lock: fs::File,
}

impl OsDisk {
    /// Makes the folder if needed and takes its lock.
    ///
    /// # Errors
    /// `WouldBlock` if another process holds the folder.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = fs::File::create(folder.join(LOCK))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::WouldBlock,
                "another process has opened this folder, stop it first",
            ),
            fs::TryLockError::Error(error) => error,
        })?;
        if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::File::open(parent)?.sync_all()?;
        }
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }
}

impl Disk for OsDisk {
    fn create(&self, name: &str) -> io::Result<Box<dyn File>> {
        let file = fs::File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(self.folder.join(name))?;
        Ok(Box::new(OsFile(file)))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn File>> {
        let file = fs::File::options().read(true).write(true).open(self.folder.join(name))?;
        Ok(Box::new(OsFile(file)))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && name != LOCK
                && entry.file_type()?.is_file()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.folder.join(from), self.folder.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.folder.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        fs::File::open(&self.folder)?.sync_all()
    }

    #[cfg(unix)]
    fn free_bytes(&self) -> u64 {
        let known = rustix::fs::statvfs(&self.folder);
        known.map_or(u64::MAX, |of| of.f_bavail.saturating_mul(of.f_frsize))
    }

    #[cfg(not(unix))]
    fn free_bytes(&self) -> u64 {
        u64::MAX
    }
}

struct OsFile(fs::File);

impl File for OsFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        // Seeking first, because the file may have been cut since the last append.
        let mut file = &self.0;
        file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match read_some(&self.0, at + done as u64, &mut buffer[done..]) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

#[cfg(unix)]
fn read_some(file: &fs::File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_some(file: &fs::File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}
