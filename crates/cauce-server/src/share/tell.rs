//! How a membership change is told to others: by names that they know.

use super::Shown;
use super::feed::{Change, Feed, Token, Unreadable};
use crate::app::App;
use cauce_core::decision::Cause;
use cauce_core::ids::{Partition, ProfileId};
use cauce_core::profile::{Alias, SegmentNumber};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bytes of the feed that are read at a time.
const READ_BYTES: usize = 256 << 10;

/// A change as others read it.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// Its name, the same at every telling.
    pub id: String,
    /// Who.
    pub profile: ProfileId,
    /// The name that the reader asked for, if the profile has one.
    pub alias: Option<String>,
    /// Which segment.
    pub segment: String,
    /// `entered` or `left`.
    pub change: &'static str,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// The profile that has absorbed it; of that one this says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ProfileId>,
}

/// Some changes of a feed, and the place behind all that was looked at for them.
pub struct Piece {
    /// What a reader wants of it, each with the place behind it.
    pub changes: Vec<(Token, Change)>,
    /// Behind the last that was looked at.
    pub next: Token,
}

/// Reads on from a place: at most `most` changes of the wanted segments that lie before `until`.
/// The file is read beside the runtime.
///
/// # Errors
/// See [`Unreadable`].
pub async fn read(
    feed: &Arc<Feed>,
    from: &Token,
    until: Option<u64>,
    wanted: &BTreeSet<SegmentNumber>,
    most: usize,
) -> Result<Piece, Unreadable> {
    let (feed, place) = (feed.clone(), from.clone());
    let read = tokio::task::spawn_blocking(move || feed.read(&place, READ_BYTES));
    let read = read.await.map_err(|error| Unreadable::Disk(error.to_string()))??;
    let mut piece = Piece { changes: Vec::new(), next: from.clone() };
    for (number, change) in read {
        if piece.changes.len() == most || until.is_some_and(|until| number >= until) {
            break;
        }
        piece.next.next = number + 1;
        if wanted.contains(&change.segment) {
            piece.changes.push((piece.next.clone(), change));
        }
    }
    Ok(piece)
}

/// Says changes by names that others know: one question for each partition among them.
pub async fn tell(
    app: &App,
    shown: &Shown,
    by: &str,
    changes: &[(Token, Change)],
) -> Vec<(Token, Told)> {
    let mut people: BTreeMap<Partition, BTreeSet<u32>> = BTreeMap::new();
    for (_, change) in changes {
        people.entry(change.partition).or_default().insert(change.number);
    }
    // All at once: one behind the other, each would wait behind what its partition is about.
    let asked = people.into_iter().map(|(partition, numbers)| {
        let by = by.to_owned();
        app.ask(partition, move |p| {
            let name = |number: u32| match p.rows().get(&Key::Head(number)) {
                Some(Row::Head(head)) => {
                    let own = |alias: &&Alias| alias.namespace == by;
                    head.aliases.iter().find(own).map(ToString::to_string)
                }
                _ => None,
            };
            let named = numbers.into_iter().filter_map(|n| Some(((partition, n), name(n)?)));
            named.collect::<Vec<_>>()
        })
    });
    let found = futures_util::future::join_all(asked).await;
    let names: BTreeMap<(Partition, u32), String> = found.into_iter().flatten().flatten().collect();
    let told = changes.iter().map(|(token, change)| {
        let told = Told {
            id: change.id(),
            profile: change.profile,
            alias: names.get(&(change.partition, change.number)).cloned(),
            segment: shown.names.get(&change.segment).cloned().unwrap_or_default(),
            change: if change.inside { "entered" } else { "left" },
            at: change.at,
            cause: change.cause,
            merged_into: change.merged_into,
        };
        (token.clone(), told)
    });
    told.collect()
}
