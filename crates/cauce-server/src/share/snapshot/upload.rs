//! Snapshots in a bucket: all files, then the manifest, then the word that it is the latest. Who
//! begins at the manifest never sees half a version.

use super::{Version, own, standing};
use crate::app::App;
use crate::sources::places::client;
use anyhow::Context;
use bytes::Bytes;
use cauce_channels::s3::{Client, Fault};
use cauce_core::publish::{DestinationSource, Folder, StoreSnapshots};
use std::path::{Path, PathBuf};

/// Limit: old versions that are removed with each new one.
const REMOVED: u64 = 3;

/// Makes the next version of a destination in a bucket; its number.
///
/// # Errors
/// A store that does not answer or says no; the version before stays as it is, and the next attempt
/// has the same number.
pub async fn make(
    app: &App,
    name: &str,
    source: &DestinationSource,
    bucket: &StoreSnapshots,
) -> anyhow::Result<u64> {
    let _one = app.snapshots.lock().await;
    let client = client(app, &bucket.store)?;
    let all = format!("{}{name}/", bucket.store.prefix);
    let there = latest(app, &client, &all).await?;
    let place = own(&app.data, name).join("outgoing");
    let folder = Folder {
        path: place.display().to_string(),
        every: bucket.every,
        keep: bucket.keep,
        formats: bucket.formats.clone(),
    };
    let made = Version::take(app, name, source, &folder).await?;
    let last = standing(&app.data, name).version;
    let number = last.max(there) + 1;
    let to = place.clone();
    let made = tokio::task::spawn_blocking(move || -> anyhow::Result<Version> {
        clear(&to)?;
        std::fs::create_dir_all(&to)?;
        made.lay_out(&to, number, last)?;
        Ok(made)
    })
    .await??;
    let sent = upload(app, &client, &all, &place, number).await;
    // It is about people: nothing of it stays here.
    clear(&place)?;
    sent?;
    tokio::task::spawn_blocking(move || made.remember(number)).await??;
    let oldest = number.saturating_sub(u64::from(bucket.keep));
    for old in (1..=oldest).rev().take(REMOVED as usize) {
        if let Err(error) = remove(app, &client, &format!("{all}{old:08}/")).await {
            tracing::warn!(destination = name, version = old, %error, "not removed");
        }
    }
    Ok(number)
}

/// Removes what versions left here whose upload was cut off: by a crash, or because their
/// definition went away. While none is made.
///
/// # Errors
/// The disk.
pub fn clear_left(data: &Path) -> anyhow::Result<()> {
    let there = std::fs::read_dir(data.join("destinations")).into_iter().flatten().flatten();
    for one in there {
        clear(&one.path().join("outgoing"))?;
    }
    Ok(())
}

fn clear(place: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(place) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("`{}` cannot be removed", place.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The number of the latest version in the bucket, or 0.
async fn latest(app: &App, client: &Client, all: &str) -> anyhow::Result<u64> {
    let key = format!("{all}latest");
    let there = client.list(&key, app.node.now()).await?;
    let Some(object) = there.into_iter().find(|object| object.key == key) else { return Ok(0) };
    let mut text = Vec::new();
    client.get(&object, &mut text, app.node.now()).await?;
    let text = String::from_utf8_lossy(&text);
    text.trim().parse().with_context(|| format!("`{key}` says no number"))
}

async fn upload(
    app: &App,
    client: &Client,
    all: &str,
    place: &Path,
    number: u64,
) -> anyhow::Result<()> {
    const MANIFEST: &str = "manifest.json";
    let mut files: Vec<PathBuf> = std::fs::read_dir(place)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort_by_key(|file| file.ends_with(MANIFEST));
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = Bytes::from(tokio::task::spawn_blocking(move || std::fs::read(file)).await??);
        let key = format!("{all}{number:08}/{name}");
        client.put(&key, bytes, app.node.now()).await?;
    }
    let text = Bytes::from(format!("{number:08}\n"));
    client.put(&format!("{all}latest"), text, app.node.now()).await?;
    Ok(())
}

/// Removes a version, its manifest first.
async fn remove(app: &App, client: &Client, prefix: &str) -> Result<(), Fault> {
    let mut objects = client.list(prefix, app.node.now()).await?;
    objects.sort_by_key(|object| !object.key.ends_with("manifest.json"));
    for object in objects {
        client.delete(&object.key, app.node.now()).await?;
    }
    Ok(())
}
