//! Backups: those that lie in the data directory, and another one.

use super::Shared;
use super::auth::Full;
use super::error::{Code, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = BackupMade)]
pub struct Made {
    /// When: everything until then is in it.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// The file, on the server.
    file: String,
    /// Its size.
    bytes: u64,
}

/// Those that lie in the data directory.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = BackupList)]
pub struct List {
    /// Newest first.
    backups: Vec<Made>,
}

/// How the name of a whole backup ends.
const MADE: &str = "cauce";

/// How the name of one ends that is being written.
const UNFINISHED: &str = "unfinished";

/// A backup that is being written, beside those that are whole: it is gone again unless it was
/// finished, whatever ended it.
pub struct Unfinished {
    file: PathBuf,
    whole: PathBuf,
    is_done: bool,
}

impl Unfinished {
    /// Begins a backup that will be at this path. What another one has begun there stays.
    pub fn create(whole: &Path) -> std::io::Result<(Unfinished, File)> {
        let (file, whole) = (whole.with_extension(UNFINISHED), whole.to_owned());
        let mut options = OpenOptions::new();
        let out = options.write(true).create_new(true).mode(0o600).open(&file)?;
        Ok((Unfinished { file, whole, is_done: false }, out))
    }

    /// It is written to its end: from now on, also after a loss of power, it is a backup. Its size.
    pub fn finish(mut self) -> std::io::Result<u64> {
        let file = File::open(&self.file)?;
        file.sync_all()?;
        std::fs::rename(&self.file, &self.whole)?;
        self.is_done = true;
        let folder = self.whole.parent().unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_done {
            // If it cannot be, the next start tries again.
            let _ = std::fs::remove_file(&self.file);
        }
    }
}

/// Takes away what a crash left of backups that were being written.
pub fn tidy(data: &Path) {
    let Ok(entries) = std::fs::read_dir(data.join("backups")) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|end| end == UNFINISHED) {
            match std::fs::remove_file(&path) {
                Ok(()) => tracing::warn!(file = %path.display(), "an unfinished backup is gone"),
                Err(error) => tracing::error!(%error, "an unfinished backup cannot be removed"),
            }
        }
    }
}

/// The backups in a data directory, newest first. Each is named by the instant at which it was
/// made.
pub fn all(data: &Path) -> Vec<Made> {
    let Ok(entries) = std::fs::read_dir(data.join("backups")) else { return Vec::new() };
    let made = |entry: std::fs::DirEntry| {
        let path = entry.path();
        if path.extension()? != MADE {
            return None;
        }
        let at = Timestamp(path.file_stem()?.to_str()?.parse().ok()?);
        let bytes = entry.metadata().ok()?.len();
        Some(Made { at, file: path.display().to_string(), bytes })
    };
    let mut all: Vec<Made> = entries.flatten().filter_map(made).collect();
    all.sort_by_key(|made| std::cmp::Reverse(made.at));
    all
}

/// The backups that lie in the data directory, newest first.
#[utoipa::path(get, path = "/v1/backups", tag = "operation",
    responses((status = 200, body = List)))]
pub async fn list(_: Full, State(app): Shared) -> Json<List> {
    Json(List { backups: all(&app.data) })
}

/// Writes a backup into the data directory while everything goes on.
#[utoipa::path(post, path = "/v1/backups", tag = "operation",
    responses((status = 201, body = Made)))]
pub async fn make(admin: Full, State(app): Shared) -> Result<(StatusCode, Json<Made>), Problem> {
    let failed = |error: anyhow::Error| Problem::new(Code::Internal, format!("{error:#}"));
    let folder = app.data.join("backups");
    std::fs::create_dir_all(&folder).map_err(|error| failed(error.into()))?;
    let at = app.node.now();
    let file = folder.join(format!("{}.{MADE}", at.0));
    let bytes = crate::boot::backup(&app, &file).await.map_err(failed)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    admin.1.note_of(name, format!("{bytes} bytes"));
    Ok((StatusCode::CREATED, Json(Made { at, file: file.display().to_string(), bytes })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_the_first_and_what_is_no_backup_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(all(folder.path()), []);
        let backups = folder.path().join("backups");
        std::fs::create_dir(&backups).unwrap();
        for (name, text) in [("5.cauce", "a"), ("70.cauce", "abc"), ("notes.txt", "x")] {
            std::fs::write(backups.join(name), text).unwrap();
        }
        let found: Vec<_> = all(folder.path()).iter().map(|one| (one.at.0, one.bytes)).collect();
        assert_eq!(found, [(70, 3), (5, 1)]);
    }

    #[test]
    fn one_that_failed_is_none() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let backups = folder.path().join("backups");
        std::fs::create_dir(&backups).unwrap();
        let names = || {
            let entries = std::fs::read_dir(&backups).unwrap().map(|entry| entry.unwrap());
            let mut names: Vec<_> =
                entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let begun = |ms: &str| {
            let begun = Unfinished::create(&backups.join(format!("{ms}.cauce")));
            let (unfinished, mut out) = begun.unwrap();
            out.write_all(b"half").unwrap();
            unfinished
        };
        // An error, or a client that hangs up.
        let failed = begun("90");
        assert_eq!((all(folder.path()), names()), (Vec::new(), vec!["90.unfinished".to_owned()]));
        // A second one in the same instant: what the first has written stays.
        assert!(Unfinished::create(&backups.join("90.cauce")).is_err());
        assert_eq!(names(), ["90.unfinished"]);
        drop(failed);
        assert_eq!(names(), Vec::<String>::new());
        // A crash.
        std::mem::forget(begun("91"));
        assert_eq!(begun("92").finish().unwrap(), 4);
        assert_eq!(names(), ["91.unfinished", "92.cauce"]);
        assert_eq!(all(folder.path())[0].at, Timestamp(92));
        tidy(folder.path());
        assert_eq!(names(), ["92.cauce"]);
    }
}
