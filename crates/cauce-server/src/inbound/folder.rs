//! A Maildir that another mail server fills, instead of a listener: polled, and what was taken is
//! moved from `new` to `cur` with the mark of what was seen.

use super::session::Envelope;
use super::taking::{self, Answer};
use super::{Kind, desk_in};
use crate::app::App;
use cauce_channels::email::returned::{self, MAIL_BYTES_MAX};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// Limit: mails of one look; the next look takes more.
const AT_ONCE: usize = 1_000;

/// Looks again and again until the process stops.
pub async fn drive(app: Arc<App>, folder: PathBuf) {
    let mut mailbox = Mailbox { folder, stuck: BTreeMap::new() };
    loop {
        let trouble = match mailbox.look(&app).await {
            Ok(trouble) => trouble,
            Err(error) => Some(error.to_string()),
        };
        let trouble = trouble.map(|error| {
            let folder = mailbox.folder.display();
            format!("mail-dir: `{folder}` cannot be read or written: {error}")
        });
        app.observer.say("mail-dir", trouble);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// The folder, and what is remembered of it.
struct Mailbox {
    folder: PathBuf,
    /// Files that could not be read or moved; one that was taken already, with its mark, so that it
    /// is taken once and tried to be moved as long as it lies there.
    stuck: BTreeMap<OsString, Option<&'static str>>,
}

impl Mailbox {
    /// Takes what is new, the oldest name first. One file that makes trouble stops no other; the
    /// first trouble is told.
    async fn look(&mut self, app: &Arc<App>) -> Result<Option<String>> {
        let (folder, stuck) = (self.folder.clone(), self.stuck.clone());
        let files = aside(move || list(&folder, &stuck)).await?;
        let mut trouble = None;
        for name in files {
            if app.stopping.is_cancelled() {
                break;
            }
            let taken = match self.stuck.get(&name).copied().flatten() {
                Some(mark) => Ok(Some(mark)),
                None => self.take(app, &name).await,
            };
            let (mark, moved) = match taken {
                Ok(None) => break,
                Ok(Some(mark)) => (Some(mark), self.put_away(&name, mark).await),
                Err(error) => (None, Err(error)),
            };
            match moved {
                Ok(()) => drop(self.stuck.remove(&name)),
                // Somebody else has it.
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.stuck.remove(&name);
                }
                Err(error) => {
                    let shown = name.to_string_lossy().chars().take(80).collect::<String>();
                    trouble.get_or_insert_with(|| format!("`new/{shown}`: {error}"));
                    self.stuck.insert(name, mark);
                }
            }
        }
        Ok(trouble)
    }

    /// Takes one mail: the mark that it gets, or nothing while there is no room.
    async fn take(&self, app: &Arc<App>, name: &OsStr) -> Result<Option<&'static str>> {
        let (file, reader) = (self.folder.join("new").join(name), app.clone());
        let (envelope, raw) = aside(move || {
            let mut raw = Vec::new();
            std::fs::File::open(&file)?.take(MAIL_BYTES_MAX as u64).read_to_end(&mut raw)?;
            Ok((envelope(&reader, &raw), raw))
        })
        .await?;
        // What is not for us stays unread for whoever looks into the mailbox.
        if envelope.desks.is_empty() {
            app.mail_counts.add(Kind::Stranger, 1);
            return Ok(Some(":2,"));
        }
        let answer = taking::take(app, &envelope, &raw).await;
        Ok((answer != Answer::Later).then_some(":2,S"))
    }

    async fn put_away(&self, name: &OsStr, mark: &str) -> Result<()> {
        let mut seen = name.to_owned();
        seen.push(mark);
        let file = self.folder.join("new").join(name);
        let seen = self.folder.join("cur").join(seen);
        aside(move || std::fs::rename(&file, &seen)).await
    }
}

/// Does what may wait for a disk where waiting holds up nobody.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|cut| Err(Error::other(cut)))
}

/// The names of what is new, in their order; those that are stuck take no room from others.
fn list(folder: &Path, stuck: &BTreeMap<OsString, Option<&'static str>>) -> Result<Vec<OsString>> {
    let (mut files, mut fresh) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder.join("new"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let name = entry.file_name();
            fresh += usize::from(!stuck.contains_key(&name));
            files.push(name);
        }
        if fresh >= AT_ONCE {
            break;
        }
    }
    files.sort();
    Ok(files)
}

/// What an SMTP conversation would have said, as far as the mail still tells it.
fn envelope(app: &App, raw: &[u8]) -> Envelope {
    let mail = returned::read(raw);
    let sender = mail.headers.get("return-path").unwrap_or_default();
    let sender = sender.trim().trim_matches(['<', '>']).to_owned();
    let found = mail.clues().into_iter().find_map(|clue| desk_in(&app.site.tokens, clue));
    Envelope { sender, desks: found.into_iter().collect() }
}
