//! Snapshots: everybody in some segments at one position, as files that others read. A version is a
//! folder that appears whole; its manifest says what is in it, where it stands, and is signed.

pub mod files;
pub mod upload;

use super::Shown;
use crate::app::App;
use crate::loops::campaigns::unbuilt;
use anyhow::Context;
use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use cauce_core::ids::{Partition, ProfileId};
use cauce_core::profile::{Alias, SegmentNumber};
use cauce_core::publish::{DestinationSource, Folder, Format};
use cauce_core::segment;
use cauce_core::state::{Key, Row as Stored, Rows};
use cauce_core::time::Timestamp;
use files::Row;
use roaring::{RoaringBitmap, RoaringTreemap};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Profiles whose names are asked for in one visit of a partition.
const NAMES: usize = 2_000;

/// What is remembered of a destination in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The last version.
    pub version: u64,
    /// When it was made.
    pub made_at: Option<Timestamp>,
    /// Why the last attempt failed, if it did.
    pub last_failure: Option<String>,
}

/// One file of a version.
#[derive(Debug, Serialize)]
struct Written {
    file: String,
    format: Format,
    rows: usize,
    bytes: usize,
    sha256: String,
}

/// One segment of a version.
#[derive(Debug, Serialize)]
struct Part {
    members: u64,
    files: Vec<Written>,
    /// Who came and who went since the version before; absent in the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<Vec<Written>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<Vec<Written>>,
}

/// Where one partition stood.
#[derive(Debug, Serialize)]
struct Position {
    partition: Partition,
    /// Changes of entries below this one are in the snapshot.
    next: u64,
}

/// What a version is.
#[derive(Debug, Serialize)]
struct Manifest<'m> {
    format: u32,
    destination: &'m str,
    version: u64,
    /// The version that the deltas are against.
    previous: Option<u64>,
    made_at: Timestamp,
    by: &'m str,
    /// Read the stream of changes from here on to go on from this version.
    resume: String,
    positions: Vec<Position>,
    segments: BTreeMap<String, Part>,
    /// Whose bit is whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Written>,
    /// Ed25519, base64.
    public_key: String,
}

/// What was taken of all partitions.
struct Taken {
    resume: String,
    positions: Vec<Position>,
    members: BTreeMap<SegmentNumber, RoaringTreemap>,
    people: BTreeMap<u64, (ProfileId, Option<String>)>,
}

fn bit(partition: Partition, number: u32) -> u64 {
    u64::from(partition) << 32 | u64::from(number)
}

async fn take(
    app: &App,
    named: &BTreeMap<String, SegmentNumber>,
    by: &str,
) -> anyhow::Result<Taken> {
    let catalog = app.catalog();
    let written = |number: &SegmentNumber| {
        let known = catalog.segments.iter().find(|segment| segment.number == *number);
        known.map(|segment| segment.name.clone())
    };
    let names: Vec<String> = named.values().filter_map(written).collect();
    let segments: Vec<SegmentNumber> = named.values().copied().collect();
    let mut waits = Vec::new();
    // Before the first visit: what a visit does not see comes behind it.
    let resume = app.feed.end().to_string();
    let mut taken =
        Taken { resume, positions: Vec::new(), members: BTreeMap::new(), people: BTreeMap::new() };
    for partition in 0..app.node.partitions() {
        let (wanted, names) = (segments.clone(), names.clone());
        let visit = app.ask(partition, move |p| {
            let members: Vec<RoaringBitmap> =
                wanted.iter().map(|segment| p.rows().members(*segment)).collect();
            (p.progress().next, members, unbuilt(p, &names))
        });
        let (next, members, open) = visit.await.context("the server is stopping")?;
        // Half of a segment would look like all of it: the version waits.
        waits.extend(open);
        if !waits.is_empty() {
            continue;
        }
        taken.positions.push(Position { partition, next });
        let everybody: RoaringBitmap =
            members.iter().fold(RoaringBitmap::new(), |all, some| all | some);
        for (segment, members) in segments.iter().zip(&members) {
            let all = taken.members.entry(*segment).or_default();
            all.extend(members.iter().map(|number| bit(partition, number)));
        }
        taken.name(app, partition, &everybody, by).await?;
    }
    match segment::in_words(waits) {
        Some(why) => anyhow::bail!("the next version {}", why.replace("~shared/", "")),
        None => Ok(taken),
    }
}

impl Taken {
    /// Looks up who profiles of a partition are. Who was erased has no name any more, and who was
    /// absorbed is called by another one.
    async fn name(
        &mut self,
        app: &App,
        partition: Partition,
        numbers: &RoaringBitmap,
        by: &str,
    ) -> anyhow::Result<()> {
        let numbers: Vec<u32> = numbers.iter().collect();
        for numbers in numbers.chunks(NAMES) {
            let (numbers, by) = (numbers.to_vec(), by.to_owned());
            let visit = app.ask(partition, move |p| {
                let person = |number: u32| match p.rows().get(&Key::Head(number)) {
                    Some(Stored::Head(head)) => {
                        let own = |alias: &&Alias| alias.namespace == by;
                        let alias = head.aliases.iter().find(own);
                        let alias = alias.map(|alias| alias.value.clone());
                        Some((bit(partition, number), (head.id(), alias)))
                    }
                    _ => None,
                };
                numbers.into_iter().filter_map(person).collect::<Vec<_>>()
            });
            let named = visit.await.context("the server is stopping")?;
            self.people.extend(named);
        }
        Ok(())
    }

    /// Looks up who was in a version and is not in this one.
    async fn name_the_gone(
        &mut self,
        app: &App,
        before: impl Iterator<Item = RoaringTreemap>,
        by: &str,
    ) -> anyhow::Result<()> {
        let mut gone = before.fold(RoaringTreemap::new(), |all, some| all | some);
        gone -= self.people.keys().copied().collect::<RoaringTreemap>();
        for (partition, numbers) in gone.bitmaps() {
            if let Ok(partition) = Partition::try_from(partition) {
                self.name(app, partition, numbers, by).await?;
            }
        }
        Ok(())
    }
}

impl Taken {
    fn rows(&self, bits: &RoaringTreemap) -> Vec<Row> {
        let row = |id: u64| {
            // Who has left since the version before may have gone altogether: the bit remains.
            let (profile, alias) = self.people.get(&id).cloned().unwrap_or_default();
            Row { id, profile, alias }
        };
        bits.iter().map(row).collect()
    }
}

fn own(data: &Path, destination: &str) -> PathBuf {
    data.join("destinations").join(destination)
}

/// What is remembered of a destination.
pub fn standing(data: &Path, destination: &str) -> Standing {
    let text = std::fs::read(own(data, destination).join("standing.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Remembers.
///
/// # Errors
/// The disk.
pub fn keep(data: &Path, destination: &str, standing: &Standing) -> anyhow::Result<()> {
    let folder = own(data, destination);
    std::fs::create_dir_all(&folder)?;
    let new = folder.join("standing.new");
    files::write(&new, &serde_json::to_vec_pretty(standing)?)?;
    std::fs::rename(new, folder.join("standing.json"))?;
    Ok(())
}

/// The members of the last version, if there is one.
fn before(data: &Path, destination: &str, segment: &str, version: u64) -> Option<RoaringTreemap> {
    let file = own(data, destination).join(format!("{segment}.{version}.roaring"));
    RoaringTreemap::deserialize_from(&std::fs::read(file).ok()?[..]).ok()
}

/// The key that manifests are signed with: it follows from the installation's secret.
pub fn signing_key(app: &App) -> anyhow::Result<Ed25519KeyPair> {
    let seed = app.site.tokens.derive("snapshot manifests");
    Ed25519KeyPair::from_seed_unchecked(&seed).ok().context("a seed of 32 bytes is a key")
}

/// The key with which anybody verifies a manifest, in base64.
pub fn public_key(app: &App) -> String {
    signing_key(app).map(|key| BASE64.encode(key.public_key())).unwrap_or_default()
}

/// Makes the next version of a destination; its number.
///
/// # Errors
/// A folder that is not there or has no room; the version before stays as it is.
pub async fn make(
    app: &App,
    name: &str,
    source: &DestinationSource,
    folder: &Folder,
) -> anyhow::Result<u64> {
    let _one = app.snapshots.lock().await;
    let version = Version::take(app, name, source, folder).await?;
    tokio::task::spawn_blocking(move || version.write()).await?
}

fn numbers(shown: &Shown, source: &DestinationSource) -> BTreeMap<String, SegmentNumber> {
    let named = |name: &String| shown.numbers.get(name).map(|number| (name.clone(), *number));
    source.segments.iter().filter_map(named).collect()
}

/// A version that is about to be written.
struct Version {
    data: PathBuf,
    name: String,
    by: String,
    folder: Folder,
    segments: BTreeMap<String, SegmentNumber>,
    taken: Taken,
    /// Who is in any of the segments; `taken` also names who was.
    everybody: RoaringTreemap,
    made_at: Timestamp,
    key: Ed25519KeyPair,
}

impl Version {
    /// Looks at everybody.
    async fn take(
        app: &App,
        name: &str,
        source: &DestinationSource,
        folder: &Folder,
    ) -> anyhow::Result<Version> {
        let shown = app.shown();
        let segments = numbers(&shown, source);
        let mut taken = take(app, &segments, &source.by).await?;
        let everybody: RoaringTreemap = taken.people.keys().copied().collect();
        let last = standing(&app.data, name).version;
        let known = segments.keys().filter_map(|one| before(&app.data, name, one, last));
        taken.name_the_gone(app, known, &source.by).await?;
        Ok(Version {
            data: app.data.clone(),
            name: name.to_owned(),
            by: source.by.clone(),
            folder: folder.clone(),
            segments,
            taken,
            everybody,
            made_at: app.node.now(),
            key: signing_key(app)?,
        })
    }

    /// Everything under another name, the manifest last; then the name, then what is remembered.
    fn write(&self) -> anyhow::Result<u64> {
        let root = PathBuf::from(&self.folder.path);
        anyhow::ensure!(root.is_dir(), "`{}` is no folder; make it first", root.display());
        let all = root.join(&self.name);
        std::fs::create_dir_all(&all)?;
        let last = standing(&self.data, &self.name).version;
        let there = versions(&all);
        let version = last.max(there.last().copied().unwrap_or(0)) + 1;
        let place = all.join(format!("{version:08}"));
        let unfinished = all.join(format!("{version:08}.unfinished"));
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        std::fs::create_dir(&unfinished)?;
        self.lay_out(&unfinished, version, last)?;
        std::fs::File::open(&unfinished)?.sync_all()?;
        std::fs::rename(&unfinished, &place)?;
        let latest = all.join("latest.unfinished");
        files::write(&latest, format!("{version:08}\n").as_bytes())?;
        std::fs::rename(latest, all.join("latest"))?;
        std::fs::File::open(&all)?.sync_all()?;
        self.remember(version)?;
        for old in there.iter().filter(|old| *old + u64::from(self.folder.keep) <= version) {
            std::fs::remove_dir_all(all.join(format!("{old:08}")))?;
        }
        Ok(version)
    }

    /// All files of a version, the manifest last.
    fn lay_out(&self, place: &Path, version: u64, last: u64) -> anyhow::Result<()> {
        let manifest = self.fill(place, version, last)?;
        let text = serde_json::to_vec_pretty(&manifest)?;
        let signature = BASE64.encode(self.key.sign(&text));
        files::write(&place.join("manifest.json.sig"), signature.as_bytes())?;
        files::write(&place.join("manifest.json"), &text)
    }

    fn fill(&self, place: &Path, version: u64, last: u64) -> anyhow::Result<Manifest<'_>> {
        let mut segments = BTreeMap::new();
        for (segment, number) in &self.segments {
            let empty = RoaringTreemap::new();
            let now = self.taken.members.get(number).unwrap_or(&empty);
            let before = before(&self.data, &self.name, segment, last);
            let delta = |what: &str, bits: Option<RoaringTreemap>| {
                let bits = bits.map(|bits| self.files(place, &format!("{segment}.{what}"), &bits));
                bits.transpose()
            };
            let part = Part {
                members: now.len(),
                files: self.files(place, segment, now)?,
                added: delta("added", before.as_ref().map(|before| now - before))?,
                removed: delta("removed", before.as_ref().map(|before| before - now))?,
            };
            segments.insert(segment.clone(), part);
        }
        // A bitmap says nothing without the table of whose bit is whose.
        let ids = self.folder.formats.contains(&Format::Roaring);
        // A segment may be called so as well; no name has a dot.
        let named = if segments.contains_key("ids") { "ids.map" } else { "ids" };
        let ids = ids.then(|| self.file(place, named, Format::Csv, &self.everybody)).transpose()?;
        let known = segments.values().any(|part: &Part| part.added.is_some());
        Ok(Manifest {
            format: 1,
            destination: &self.name,
            version,
            previous: known.then_some(last),
            made_at: self.made_at,
            by: &self.by,
            resume: self.taken.resume.clone(),
            positions: self
                .taken
                .positions
                .iter()
                .map(|one| Position { partition: one.partition, next: one.next })
                .collect(),
            segments,
            ids,
            public_key: BASE64.encode(self.key.public_key()),
        })
    }

    fn files(&self, to: &Path, name: &str, bits: &RoaringTreemap) -> anyhow::Result<Vec<Written>> {
        let formats = self.folder.formats.iter();
        formats.map(|format| self.file(to, name, *format, bits)).collect()
    }

    fn file(
        &self,
        place: &Path,
        name: &str,
        format: Format,
        bits: &RoaringTreemap,
    ) -> anyhow::Result<Written> {
        let rows = self.taken.rows(bits);
        let bytes = files::encode(format, &rows)?;
        let file = format!("{name}.{}", files::extension(format));
        files::write(&place.join(&file), &bytes)?;
        let sum = digest::digest(&digest::SHA256, &bytes);
        let sha256 = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Written { file, format, rows: rows.len(), bytes: bytes.len(), sha256 })
    }

    /// Keeps the bitmaps that the next version is compared with, then says that this one is done.
    fn remember(&self, version: u64) -> anyhow::Result<()> {
        let folder = own(&self.data, &self.name);
        std::fs::create_dir_all(&folder)?;
        let old: Vec<_> = std::fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
        for (segment, number) in &self.segments {
            let mut bytes = Vec::new();
            let empty = RoaringTreemap::new();
            let bits = self.taken.members.get(number).unwrap_or(&empty);
            bits.serialize_into(&mut bytes)?;
            files::write(&folder.join(format!("{segment}.{version}.roaring")), &bytes)?;
        }
        let made_at = Some(self.made_at);
        keep(&self.data, &self.name, &Standing { version, made_at, last_failure: None })?;
        for old in old.iter().filter(|old| old.extension().is_some_and(|e| e == "roaring")) {
            // What stays is overwritten or swept the next time.
            let _ = std::fs::remove_file(old);
        }
        Ok(())
    }
}

/// The versions of a folder, oldest first.
fn versions(folder: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut found: Vec<u64> = entries.filter_map(number).collect();
    found.sort_unstable();
    found
}
