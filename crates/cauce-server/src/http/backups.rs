//! Backups: those that lie in the data directory, and another one.

use super::Shared;
use super::auth::Full;
use super::error::{Code, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::path::Path;

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

/// The backups in a data directory, newest first. Each is named by the instant at which it was
/// made.
pub fn all(data: &Path) -> Vec<Made> {
    let Ok(entries) = std::fs::read_dir(data.join("backups")) else { return Vec::new() };
    let made = |entry: std::fs::DirEntry| {
        let path = entry.path();
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
    let file = folder.join(format!("{}.cauce", at.0));
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
}
