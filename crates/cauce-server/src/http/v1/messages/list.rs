//! Messages of everybody or of one person, newest first, by what they are and what became of them.

use super::super::super::Shared;
use super::super::super::auth::Full;
use super::super::super::console::{bad_cursor, rows};
use super::super::super::error::{Code, Problem, stopping};
use super::super::profiles;
use super::shape::Shown;
use super::walk::{self, Found, Place, Range};
use super::{of_profile, shown};
use crate::app::App;
use crate::control::Steer;
use axum::Json;
use axum::extract::{Query, State};
use cauce_core::ids::MessageId;
use cauce_core::message::Channel;
use cauce_core::message::ledger::{Message, Source, State as Stands};
use cauce_core::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Limit: messages that one answer looks at, over all partitions; its cursor goes on from there.
const LOOKED_MAX: usize = 20_000;
/// Messages that one answer looks at in each partition at least, so that it comes forward.
const LOOKED_MIN: usize = 64;
/// What a clock that is set back a little may take from the start of a run.
const MARGIN: Duration = Duration(2_000);

/// Which messages to list. Several hold together.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// Only of this person: `namespace:value`, or a name in any namespace that is known.
    to: Option<String>,
    /// Only of this campaign.
    campaign: Option<String>,
    /// Only of this run of a campaign.
    run: Option<u64>,
    /// Only of this journey.
    journey: Option<String>,
    /// Only by this template.
    template: Option<String>,
    /// Only by this channel: `email`, `sms`, `push` or `webhook`.
    channel: Option<String>,
    /// Only about this topic.
    topic: Option<String>,
    /// Only those that stand so: `queued`, `attempting`, `accepted`, `refused`, `failed`,
    /// `unknown`; or that are in this term of the balance: `sent`, `pending`.
    state: Option<String>,
    /// Only those with this code of a refusal, a failure, or of why they were put off:
    /// `no-consent`, `frequency-capped`, `gave-up-transient`…
    reason: Option<String>,
    /// Only those in this ready queue.
    queue: Option<String>,
    /// Only those that were made then (RFC 3339) or later.
    #[param(value_type = Option<String>)]
    since: Option<Timestamp>,
    /// Only those that were made before.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
    /// `next` of the answer before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

/// Messages, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MessageList)]
pub struct Listed {
    /// The messages.
    messages: Vec<Shown>,
    /// Where to go on; absent at the end. It may be there although nothing was found: an answer
    /// looks at so many and no more.
    next: Option<String>,
    /// Messages that this answer looked at.
    looked_at: usize,
    /// Everything that was made later than this was looked at; absent if all was.
    #[schema(value_type = Option<String>)]
    back_to: Option<Timestamp>,
}

/// Messages, newest first: of everybody, or of one person. Where few of many fit, an answer may be
/// empty and say where to go on.
#[utoipa::path(get, path = "/v1/messages", tag = "messages", params(Which),
    responses((status = 200, body = Listed), (status = 400, body = Problem),
              (status = 404, body = Problem)))]
pub async fn list(
    _: Full,
    State(app): Shared,
    Query(which): Query<Which>,
) -> Result<Json<Listed>, Problem> {
    let filter = Filter::new(&which)?;
    let limit = rows(which.limit);
    if let Some(to) = &which.to {
        return of_person(&app, to, &filter, which.limit).await;
    }
    let (since, until) = window(&app, &which);
    let before = match which.cursor.as_deref() {
        Some(text) => cursor(text)?.min((until, MessageId(0))),
        None => (until, MessageId(0)),
    };
    let partitions = app.node.partitions();
    let looked_max = (LOOKED_MAX / usize::from(partitions)).max(LOOKED_MIN);
    let range = Range { before, since, found_max: limit, looked_max };
    let filter = Arc::new(filter);
    let asked = (0..partitions).map(|partition| {
        let filter = filter.clone();
        app.ask(partition, move |p| walk::back(p.rows(), range, |message| filter.fits(message)))
    });
    let asked: Vec<_> = asked.collect();
    let found: Option<Vec<Found>> =
        futures_util::future::join_all(asked).await.into_iter().collect();
    Ok(Json(page(found.ok_or_else(stopping)?, limit)))
}

/// What all partitions found, as far as all of them have looked.
fn page(found: Vec<Found>, limit: usize) -> Listed {
    let horizon = found.iter().filter_map(|found| found.horizon).max();
    let looked_at = found.iter().map(|found| found.looked_at).sum();
    let mut messages: Vec<_> = found.into_iter().flat_map(|found| found.messages).collect();
    messages.retain(|message| horizon.is_none_or(|horizon| walk::place(message) >= horizon));
    messages.sort_unstable_by_key(|message| std::cmp::Reverse(walk::place(message)));
    let next = match messages.len() > limit {
        true => messages.get(limit - 1).map(|last| walk::place(last)),
        false => horizon,
    };
    messages.truncate(limit);
    Listed {
        messages: messages.iter().map(|message| shown(message)).collect(),
        next: next.map(|(at, id)| format!("{}.{id}", at.0)),
        looked_at,
        back_to: next.map(|(at, _)| at),
    }
}

async fn of_person(
    app: &App,
    to: &str,
    filter: &Filter,
    limit: Option<usize>,
) -> Result<Json<Listed>, Problem> {
    let place = match to.split_once(':') {
        Some((namespace, value)) => {
            profiles::locate(app, &profiles::alias(app, namespace, value)?).await?
        }
        None => profiles::called(app, to).await?,
    };
    let limit = limit.unwrap_or(100).min(1_000);
    let messages = of_profile(app, &place, limit, |message| filter.fits(message)).await;
    let messages: Vec<_> = messages.iter().map(|message| shown(message)).collect();
    let looked_at = messages.len();
    Ok(Json(Listed { messages, next: None, looked_at, back_to: None }))
}

fn cursor(text: &str) -> Result<Place, Problem> {
    let read = || {
        let (at, id) = text.split_once('.')?;
        Some((Timestamp(at.parse().ok()?), id.parse().ok()?))
    };
    read().ok_or_else(|| bad_cursor(text))
}

/// From when to when a message that is asked for can have been made: a run makes none before its
/// start or after its end, so that of an old ledger only its days are looked at.
fn window(app: &App, which: &Which) -> (Timestamp, Timestamp) {
    let mut since = which.since.unwrap_or(Timestamp(i64::MIN));
    let mut until = which.until.unwrap_or(Timestamp::MAX);
    if which.run.is_none() && which.campaign.is_none() {
        return (since, until);
    }
    let control = app.control();
    let runs = control.executions.values().filter(|run| {
        which.run.is_none_or(|id| run.id == id)
            && which.campaign.as_ref().is_none_or(|name| run.campaign == *name)
    });
    let mut all: Option<(Timestamp, Timestamp)> = None;
    for run in runs {
        let end = match run.stand {
            Steer::Done => run.since.plus(MARGIN),
            Steer::Pause | Steer::Resume | Steer::Cancel => Timestamp::MAX,
        };
        let start = run.started.minus(MARGIN);
        let known = all.get_or_insert((start, end));
        *known = (known.0.min(start), known.1.max(end));
    }
    // No run: nothing is looked at.
    let (start, end) = all.unwrap_or((Timestamp::MAX, Timestamp::MAX));
    (since, until) = (since.max(start), until.min(end));
    (since, until)
}

/// What is wanted of a message.
#[derive(Clone, Debug)]
struct Filter {
    which: Which,
    channel: Option<Channel>,
}

/// What a state can be asked for by.
const STATES: [&str; 8] =
    ["queued", "attempting", "accepted", "refused", "failed", "unknown", "sent", "pending"];

impl Filter {
    fn new(which: &Which) -> Result<Filter, Problem> {
        let bad = |why: String| Problem::new(Code::Malformed, why);
        let channel = which.channel.as_deref().map(str::parse).transpose().map_err(bad)?;
        if let Some(state) = which.state.as_deref().filter(|state| !STATES.contains(state)) {
            let problem = bad(format!("state: no message is `{state}`"));
            return Err(problem.hint(format!("one of {}", STATES.join(", "))));
        }
        Ok(Filter { which: which.clone(), channel })
    }

    fn fits(&self, message: &Message) -> bool {
        let which = &self.which;
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        let (campaign, run, journey) = match &message.source {
            Source::Campaign { id, campaign } => (Some(campaign.as_str()), Some(*id), None),
            Source::Journey { journey, .. } => (None, None, Some(journey.as_str())),
            Source::Api { .. } => (None, None, None),
        };
        let (state, reason) = standing(&message.state);
        is(&which.campaign, campaign)
            && which.run.is_none_or(|wanted| run == Some(wanted))
            && is(&which.journey, journey)
            && is(&which.template, Some(&message.template.0))
            && self.channel.is_none_or(|wanted| wanted == message.channel)
            && is(&which.topic, message.topic.as_deref())
            && (is(&which.state, Some(state))
                || is(&which.state, Some(message.state.term().as_str())))
            && is(&which.reason, reason)
            && is(&which.queue, Some(&message.path))
            && which.since.is_none_or(|since| message.created >= since)
            && which.until.is_none_or(|until| message.created < until)
    }
}

/// The word for a state, and the code of why.
fn standing(state: &Stands) -> (&'static str, Option<&str>) {
    match state {
        Stands::Queued { put_off, .. } => ("queued", put_off.as_ref().map(|why| why.code())),
        Stands::Attempting { .. } => ("attempting", None),
        Stands::Accepted { .. } => ("accepted", None),
        Stands::Refused { reason, .. } => ("refused", Some(reason.code())),
        Stands::Failed { code, .. } => ("failed", Some(code)),
        Stands::Unknown { .. } => ("unknown", None),
    }
}
