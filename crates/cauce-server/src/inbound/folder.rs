//! A Maildir that another mail server fills, instead of a listener: polled, and what was taken is
//! moved from `new` to `cur` with the mark of what was seen.

use super::session::Envelope;
use super::taking::{self, Answer};
use super::{Kind, desk_in};
use crate::app::App;
use cauce_channels::email::returned::{self, MAIL_BYTES_MAX};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// Limit: mails of one look; the next look takes more.
const AT_ONCE: usize = 1_000;

/// Looks again and again until the process stops.
pub async fn drive(app: Arc<App>, folder: PathBuf) {
    loop {
        let looked = look(&app, &folder).await;
        let trouble = looked.err().map(|error| {
            format!("mail-dir: `{}` cannot be read or written: {error}", folder.display())
        });
        app.observer.say("mail-dir", trouble);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// Takes what is new, the oldest name first.
async fn look(app: &Arc<App>, folder: &Path) -> std::io::Result<()> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder.join("new"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push(entry.file_name());
        }
        if files.len() >= AT_ONCE {
            break;
        }
    }
    files.sort();
    for name in files {
        if app.stopping.is_cancelled() {
            return Ok(());
        }
        let file = folder.join("new").join(&name);
        let mut raw = Vec::new();
        std::fs::File::open(&file)?.take(MAIL_BYTES_MAX as u64).read_to_end(&mut raw)?;
        let envelope = envelope(app, &raw);
        if envelope.desks.is_empty() {
            app.mail_counts.add(Kind::Stranger, 1);
        } else if taking::take(app, &envelope, &raw).await == Answer::Later {
            return Ok(());
        }
        // What is not for us stays unread for whoever looks into the mailbox.
        let mark = if envelope.desks.is_empty() { ":2," } else { ":2,S" };
        let mut seen = name;
        seen.push(mark);
        std::fs::rename(&file, folder.join("cur").join(seen))?;
    }
    Ok(())
}

/// What an SMTP conversation would have said, as far as the mail still tells it.
fn envelope(app: &App, raw: &[u8]) -> Envelope {
    let mail = returned::read(raw);
    let sender = mail.headers.get("return-path").unwrap_or_default();
    let sender = sender.trim().trim_matches(['<', '>']).to_owned();
    let found = mail.clues().into_iter().find_map(|clue| desk_in(&app.site.tokens, clue));
    Envelope { sender, desks: found.into_iter().collect() }
}
