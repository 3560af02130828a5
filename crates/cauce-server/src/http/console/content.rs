//! A message as it was sent, and the inbox of the built-in provider.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use super::super::inbox::{
    around, because, bytes_of, from_of, header_of, part, subject_of, text_of,
};
use super::super::v1::messages::{find, parse};
use super::super::v1::profiles::Located;
use super::templates::{Finding, fill};
use super::{number, rows};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use cauce_channels::catch_all::{Caught, What};
use cauce_core::ids::ProfileId;
use cauce_core::message::ledger::Message;
use cauce_core::profile::Status;
use cauce_core::publish::{Body, Kind, Template as Source};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A header.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MessageHeader)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value, decoded.
    pub value: String,
}

/// Where the content of a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ContentOrigin)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The very bytes that left, which are kept.
    Kept,
    /// The template of that revision, filled again with what is known now.
    RenderedAgain,
}

/// The content of a message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MessageContent)]
pub struct Content {
    /// The message.
    id: String,
    /// Whether this is what left, or what would leave now.
    origin: Origin,
    /// The same in words.
    words: String,
    /// The template and its revision.
    template: String,
    /// Its revision.
    revision: u32,
    /// To which address, if one was granted.
    to: Option<String>,
    /// The subject.
    subject: Option<String>,
    /// The HTML part.
    html: Option<String>,
    /// The plain part, or the body of a request.
    text: Option<String>,
    /// The headers, where the bytes are kept.
    headers: Vec<Header>,
    /// What keeps it from being rendered again.
    diagnostics: Vec<Finding>,
}

/// A message as it was sent: the bytes where they are kept, otherwise rendered again.
#[utoipa::path(get, path = "/v1/messages/{id}/content", tag = "messages",
    params(("id" = String, Path)),
    responses((status = 200, body = Content), (status = 404, body = Problem),
        (status = 410, body = Problem)))]
pub async fn show(
    _: Full,
    State(app): Shared,
    Path(id): Path<String>,
) -> Result<Json<Content>, Problem> {
    let message = find(&app, parse(&id)?).await?;
    let message =
        message.ok_or_else(|| Problem::new(Code::NotFound, format!("there is no message {id}")))?;
    let (template, revision) = message.template.clone();
    let to = message.attempts.last().map(|attempt| attempt.address.clone());
    if let Some(caught) = app.inbox.get(message.id) {
        return Ok(Json(Content {
            id,
            origin: Origin::Kept,
            words: "This is what left.".to_owned(),
            template,
            revision,
            to: Some(caught.recipient.clone()),
            subject: Some(subject_of(&caught)).filter(|_| has_subject(&caught)),
            html: part(&caught, "text/html"),
            text: text_of(&caught),
            headers: headers(&caught),
            diagnostics: Vec::new(),
        }));
    }
    let source = source(&app, &template, revision).ok_or_else(|| {
        let detail = format!("the template `{template}` is not known in revision {revision}");
        Problem::new(Code::Gone, detail).hint("what was written down of the message is kept")
    })?;
    let place = locate(&app, &message).await;
    let words = match place {
        Some(_) => {
            "The bytes that left are not kept. This is the same template, filled again with what \
             is known of the person now; links are not those that were sent."
        }
        None => {
            "The person is gone, and what was known of them with them. This is the template as \
             nobody in particular would get it."
        }
    };
    let context = message.context.clone();
    let filled = fill(&app, source, (place.as_ref(), None), context).await?;
    Ok(Json(Content {
        id,
        origin: Origin::RenderedAgain,
        words: words.to_owned(),
        template,
        revision,
        to,
        subject: filled.subject,
        html: filled.html,
        text: filled.text,
        headers: Vec::new(),
        diagnostics: filled.diagnostics,
    }))
}

/// A revision of a template; the one in force for a message that was never granted.
fn source(app: &App, name: &str, revision: u32) -> Option<Source> {
    let control = app.control();
    let known = control.book.revisions.get(&(Kind::Template, name.to_owned()))?;
    let exact = known.iter().find(|known| known.number == revision);
    match &exact.or_else(|| known.last().filter(|_| revision == 0))?.body {
        Body::Template(source) => Some(source.clone()),
        _ => None,
    }
}

/// Where the person of a message lives now.
async fn locate(app: &App, message: &Message) -> Option<Located> {
    let mut holder = (message.profile.birthplace(), message.profile);
    for _ in 0..cauce_core::limits::HOPS_MAX {
        let (partition, id): (u16, ProfileId) = holder;
        if partition >= app.node.partitions() {
            return None;
        }
        let found = app.ask(partition, move |p| {
            let Some(Row::Number(number)) = p.rows().get(&Key::Profile(id)) else { return None };
            match p.rows().get(&Key::Head(number)) {
                Some(Row::Head(head)) => Some((number, head)),
                _ => None,
            }
        });
        let (number, head) = found.await.flatten()?;
        match head.status {
            Status::Live => return Some(Located { partition, number, head }),
            Status::Redirect(next) => holder = (next.partition, next.rank.id),
            Status::Erased(_) => return None,
        }
    }
    None
}

/// A text message has no subject; what stands for one in a list is the begin of its text.
fn has_subject(caught: &Caught) -> bool {
    !matches!(caught.what, What::Text(_))
}

/// The headers of kept bytes, unfolded and decoded; what surrounds the text of other messages.
fn headers(caught: &Caught) -> Vec<Header> {
    if !matches!(caught.what, What::Letter { .. }) {
        return around(caught).into_iter().map(|(name, value)| Header { name, value }).collect();
    }
    let text = String::from_utf8_lossy(bytes_of(caught));
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let head = head.replace("\r\n\t", " ");
    let names = head.lines().filter_map(|line| line.split_once(':').map(|(name, _)| name));
    names.map(|name| Header { name: name.to_owned(), value: header_of(caught, name) }).collect()
}

/// What to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `next` of the answer before.
    cursor: Option<String>,
    /// At most so many.
    limit: Option<usize>,
    /// Only to addresses that have this in them.
    to: Option<String>,
}

/// A message of the inbox.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InboxItem)]
pub struct Item {
    /// Counts from one in the order of arrival.
    number: u64,
    /// The message.
    message: String,
    /// By which channel: `email`, `sms` or `push`.
    channel: String,
    /// To whom: an address, a number, or devices.
    to: String,
    /// From whom.
    from: String,
    /// The subject; the begin of a text message, the title of a push.
    subject: String,
    /// Why it was sent, in a few words.
    because: Option<String>,
    /// By which template.
    template: Option<String>,
    /// When it was granted.
    #[schema(value_type = Option<String>)]
    at: Option<Timestamp>,
}

/// The inbox, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Inbox {
    /// The messages.
    items: Vec<Item>,
    /// Where to go on.
    next: Option<String>,
    /// Messages that arrived since the start of the process, kept or not.
    arrived: u64,
}

/// A message of the inbox with its content.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InboxMessage)]
pub struct Opened {
    /// As in the list.
    #[serde(flatten)]
    item: Item,
    /// The HTML part.
    html: Option<String>,
    /// The plain part, the whole text, or the body of a push.
    text: Option<String>,
    /// The headers; of other messages what surrounds the text, such as devices.
    headers: Vec<Header>,
    /// The parts in which a text message leaves.
    parts: Vec<String>,
    /// The alphabet of a text message: `gsm7` or `ucs2`.
    alphabet: Option<String>,
    /// What an app gets with a push besides.
    data: BTreeMap<String, String>,
}

async fn item(app: &App, caught: &Caught) -> Item {
    let row: Option<Arc<Message>> = find(app, caught.message).await.ok().flatten();
    Item {
        number: caught.number,
        message: caught.message.to_string(),
        channel: caught.what.channel().to_string(),
        to: caught.recipient.clone(),
        from: from_of(caught),
        subject: subject_of(caught),
        because: row.as_deref().map(because),
        template: row.as_ref().map(|row| row.template.0.clone()),
        at: row.as_ref().and_then(|row| row.attempts.last()).map(|attempt| attempt.granted),
    }
}

/// Limit: kept messages that one request looks at for an address.
const LOOK_MAX: usize = 2_000;

/// What the built-in provider has taken, newest first.
#[utoipa::path(get, path = "/v1/inbox", tag = "messages", params(Which),
    responses((status = 200, body = Inbox), (status = 400, body = Problem)))]
pub async fn inbox(
    _: Full,
    State(app): Shared,
    Query(which): Query<Which>,
) -> Result<Json<Inbox>, Problem> {
    let before = number(which.cursor.as_deref())?;
    let wanted = rows(which.limit);
    let to = which.to.unwrap_or_default().to_lowercase();
    let looked = app.inbox.list(before, if to.is_empty() { wanted } else { LOOK_MAX });
    let full = looked.len() >= if to.is_empty() { wanted } else { LOOK_MAX };
    let mut last = looked.last().filter(|_| full).map(|caught| caught.number);
    let mut items = Vec::new();
    for caught in looked.iter().filter(|caught| caught.recipient.to_lowercase().contains(&to)) {
        if items.len() == wanted {
            last = items.last().map(|item: &Item| item.number);
            break;
        }
        items.push(item(&app, caught).await);
    }
    let next = last.map(|number| number.to_string());
    Ok(Json(Inbox { items, next, arrived: app.inbox.taken() }))
}

/// One message that the built-in provider has taken.
#[utoipa::path(get, path = "/v1/inbox/{id}", tag = "messages", params(("id" = String, Path)),
    responses((status = 200, body = Opened), (status = 404, body = Problem)))]
pub async fn open(
    _: Full,
    State(app): Shared,
    Path(id): Path<String>,
) -> Result<Json<Opened>, Problem> {
    let caught = app.inbox.get(parse(&id)?).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("{id} is not in the inbox"))
            .hint("only the last messages are kept; `GET /v1/messages/{id}` knows them all")
    })?;
    let (parts, alphabet, data) = match &caught.what {
        What::Letter { .. } => Default::default(),
        What::Text(sms) => {
            let alphabet = sms.encoding.as_str().to_owned();
            (sms.parts.clone(), Some(alphabet), BTreeMap::new())
        }
        What::Push(push) => (Vec::new(), None, push.data.clone()),
    };
    Ok(Json(Opened {
        item: item(&app, &caught).await,
        html: part(&caught, "text/html"),
        text: text_of(&caught),
        headers: headers(&caught),
        parts,
        alphabet,
        data,
    }))
}
