//! Where a source's files are: a folder below the configured one, or a bucket.

use super::fits;
use crate::app::App;
use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use cauce_channels::s3::{self, Bucket, Client, Credentials, Object};
use cauce_core::publish::{IntakeSource, Store};
use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Limit: files of one look.
const FILES_MAX: usize = 100_000;
/// Limit: bytes of an object.
const OBJECT_BYTES_MAX: u64 = 64 << 30;
/// What names end with that somebody has not finished.
const UNFINISHED: [&str; 6] =
    [".part", ".partial", ".tmp", ".unfinished", ".filepart", ".crdownload"];
/// The folder of rejected rows, below the one of the files.
const REJECTED: &str = "rejected";

/// Where the files are.
pub enum Place {
    /// A folder.
    Folder {
        /// Below which it has to be.
        root: PathBuf,
        /// Its path from there.
        path: String,
    },
    /// A bucket.
    Store {
        /// Who asks it.
        client: Box<Client>,
        /// What the keys begin with.
        prefix: String,
    },
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// What names its content: another one is another file.
    pub version: String,
    /// Its bytes.
    pub bytes: u64,
}

/// A client of a store.
///
/// # Errors
/// A secret that is not to be had, or an endpoint that is none.
pub fn client(app: &App, store: &Store) -> anyhow::Result<Client> {
    let credentials = Credentials {
        access_key: app.secrets.read(&store.access_key)?,
        secret_key: app.secrets.read(&store.secret_key)?,
    };
    let bucket = Bucket {
        endpoint: store.endpoint.clone(),
        region: store.region.clone(),
        name: store.bucket.clone(),
        path_style: store.path_style,
        credentials,
    };
    Ok(Client::new(app.egress.clone(), app.tls.clone(), bucket)?)
}

/// What names the content of a file of a folder.
fn version(about: &Metadata) -> String {
    format!("{}-{}-{}.{:09}", about.ino(), about.len(), about.mtime(), about.mtime_nsec())
}

fn object_version(object: &Object) -> String {
    format!("{}-{}", object.etag, object.bytes)
}

fn is_wanted(name: &str, pattern: &str) -> bool {
    !name.starts_with('.')
        && !UNFINISHED.iter().any(|end| name.ends_with(end))
        && fits(pattern, name)
}

/// The folder, which links do not lead out of.
fn inside(root: &Path, path: &str) -> anyhow::Result<PathBuf> {
    let root = root.canonicalize().with_context(|| format!("`{}`", root.display()))?;
    let shown = root.join(path);
    let real = shown.canonicalize().with_context(|| format!("`{}`", shown.display()))?;
    ensure!(real.starts_with(&root), "`{}` leads out of `{}`", shown.display(), root.display());
    ensure!(real.is_dir(), "`{}` is no folder", shown.display());
    Ok(real)
}

/// Opens a file itself: a link in its place is refused by the system.
fn open(file: &Path) -> std::io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(file)
}

impl Place {
    /// The place of a source.
    ///
    /// # Errors
    /// What it needs of this machine and is not there.
    pub fn new(app: &App, source: &IntakeSource) -> anyhow::Result<Place> {
        if let Some(path) = &source.folder {
            let root = app.sources_dir.clone();
            let root = root.context("this server has no `sources-dir`")?;
            return Ok(Place::Folder { root, path: path.clone() });
        }
        let store = source.store.as_ref().context("a source of files has a folder or a store")?;
        let client = Box::new(client(app, store)?);
        Ok(Place::Store { client, prefix: store.prefix.clone() })
    }

    /// Whether a file may still be written while it is seen.
    pub fn is_written_in_place(&self) -> bool {
        matches!(self, Place::Folder { .. })
    }

    /// The files of a pattern, by name.
    ///
    /// # Errors
    /// The place cannot be looked at.
    pub async fn list(&self, app: &App, pattern: &str) -> anyhow::Result<Vec<Listed>> {
        let mut found = match self {
            Place::Folder { root, path } => list_folder(&inside(root, path)?, pattern)?,
            Place::Store { client, prefix } => {
                let objects = client.list(prefix, app.node.now()).await?;
                let listed = objects.into_iter().filter_map(|object| {
                    let name = object.key.strip_prefix(prefix.as_str())?;
                    is_wanted(name, pattern).then(|| Listed {
                        name: name.to_owned(),
                        version: object_version(&object),
                        bytes: object.bytes,
                    })
                });
                listed.collect()
            }
        };
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Opens a file as it was listed; what is of a store is kept in a folder meanwhile.
    ///
    /// # Errors
    /// It is another one by now, or cannot be had.
    pub async fn open(&self, app: &App, listed: &Listed, spool: &Path) -> anyhow::Result<File> {
        match self {
            Place::Folder { root, path } => {
                let file = open(&inside(root, path)?.join(&listed.name))?;
                ensure!(self.is_same(&file, listed)?, "`{}` was replaced meanwhile", listed.name);
                Ok(file)
            }
            Place::Store { client, prefix } => {
                let whole = spool.join("whole");
                if !whole.exists() {
                    ensure!(
                        listed.bytes <= OBJECT_BYTES_MAX,
                        "`{}` is larger than 64 GiB",
                        listed.name
                    );
                    let etag = listed.version.rsplit_once('-').map_or("", |(etag, _)| etag);
                    let object = Object {
                        key: format!("{prefix}{}", listed.name),
                        etag: etag.to_owned(),
                        bytes: listed.bytes,
                    };
                    let part = spool.join("part");
                    let mut options = OpenOptions::new();
                    options.write(true).create(true).truncate(true).mode(0o600);
                    let mut file = options.open(&part)?;
                    client.get(&object, &mut file, app.node.now()).await?;
                    file.sync_all()?;
                    std::fs::rename(part, &whole)?;
                }
                Ok(File::open(whole)?)
            }
        }
    }

    /// Whether an open file is still what was listed. What was fetched does not change any more.
    ///
    /// # Errors
    /// The disk.
    pub fn is_same(&self, file: &File, listed: &Listed) -> anyhow::Result<bool> {
        let about = file.metadata()?;
        Ok(match self {
            Place::Folder { .. } => about.is_file() && version(&about) == listed.version,
            Place::Store { .. } => true,
        })
    }

    /// Puts rejected rows beside the files; where they are.
    ///
    /// # Errors
    /// They cannot be written there.
    pub async fn reject(&self, app: &App, name: &str, rows: &Path) -> anyhow::Result<String> {
        let shown = format!("{REJECTED}/{name}");
        match self {
            Place::Folder { root, path } => {
                let folder = inside(root, path)?.join(REJECTED);
                match std::fs::create_dir(&folder) {
                    Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                        return Err(error)
                            .with_context(|| format!("`{}` cannot be made", folder.display()));
                    }
                    Ok(()) | Err(_) => {}
                }
                let about = std::fs::symlink_metadata(&folder)?;
                ensure!(about.is_dir(), "`{}` is no folder", folder.display());
                write_whole(&folder, name, rows)
                    .with_context(|| format!("`{}` cannot be written", folder.display()))?;
            }
            Place::Store { client, prefix } => {
                let bytes = Bytes::from(std::fs::read(rows)?);
                client.put(&format!("{prefix}{shown}"), bytes, app.node.now()).await?;
            }
        }
        Ok(shown)
    }
}

/// Copies under another name first: nobody sees half of it, and no link is followed.
fn write_whole(folder: &Path, name: &str, from: &Path) -> std::io::Result<()> {
    let part = folder.join(format!(".{name}.part"));
    match std::fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    let mut to = options.write(true).create_new(true).mode(0o600).open(&part)?;
    std::io::copy(&mut File::open(from)?, &mut to)?;
    to.sync_all()?;
    std::fs::rename(part, folder.join(name))?;
    File::open(folder)?.sync_all()
}

fn list_folder(folder: &Path, pattern: &str) -> anyhow::Result<Vec<Listed>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // What is no text cannot be named in a pattern.
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !is_wanted(&name, pattern) {
            continue;
        }
        // Of the entry itself: links are not followed.
        let about = match entry.metadata() {
            Ok(about) => about,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        if about.is_file() {
            found.push(Listed { name, version: version(&about), bytes: about.len() });
        }
        if found.len() > FILES_MAX {
            bail!("more than {FILES_MAX} files fit; a narrower pattern, or another folder");
        }
    }
    Ok(found)
}

/// Whether a fault says that the same cannot work later either.
pub fn is_final(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<s3::Fault>(), Some(s3::Fault::Gone(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(root: &Path, path: &str, pattern: &str) -> Result<Vec<String>, String> {
        let folder = inside(root, path).map_err(|error| format!("{error:#}"))?;
        let mut names: Vec<String> =
            list_folder(&folder, pattern).unwrap().into_iter().map(|one| one.name).collect();
        names.sort();
        Ok(names)
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("root");
        let folder = root.join("orders");
        std::fs::create_dir_all(folder.join("deeper.csv")).unwrap();
        std::fs::write(around.path().join("secret.csv"), "x").unwrap();
        for name in ["b.csv", "a.csv", ".hidden.csv", "c.csv.part", "d.txt"] {
            std::fs::write(folder.join(name), "x").unwrap();
        }
        symlink("../../secret.csv", folder.join("link.csv")).unwrap();
        symlink("..", root.join("up")).unwrap();
        symlink("orders", root.join("same")).unwrap();
        assert_eq!(names(&root, "orders", "*.csv*").unwrap(), ["a.csv", "b.csv"]);
        assert_eq!(names(&root, "same", "*").unwrap(), ["a.csv", "b.csv", "d.txt"]);
        assert!(names(&root, "up", "*").unwrap_err().contains("leads out of"));
        assert!(names(&root, "none", "*").unwrap_err().contains("none"));
        assert!(names(&root, "orders/a.csv", "*").unwrap_err().contains("is no folder"));
        assert!(open(&folder.join("link.csv")).is_err());
        let file = open(&folder.join("a.csv")).unwrap();
        let was = version(&file.metadata().unwrap());
        std::fs::write(folder.join("a.csv"), "xy").unwrap();
        assert_ne!(version(&file.metadata().unwrap()), was);
        // A link where rejected rows would go is not written through.
        let rows = around.path().join("rows");
        std::fs::write(&rows, "r").unwrap();
        symlink("../../secret.csv", folder.join(".r.part")).unwrap();
        symlink("../../secret.csv", folder.join("r")).unwrap();
        write_whole(&folder, "r", &rows).unwrap();
        assert_eq!(std::fs::read(around.path().join("secret.csv")).unwrap(), b"x");
        assert_eq!(std::fs::read(folder.join("r")).unwrap(), b"r");
    }
}
