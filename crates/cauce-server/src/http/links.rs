//! Links of messages: clicks, opens, one-click unsubscribe (RFC 8058), the preference page. Tokens
//! are signed; GET never unsubscribes, since scanners fetch every link.

use super::Shared;
use super::inbox::{escape, page};
use crate::app::App;
use crate::tokens::Purpose;
use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cauce_core::decide::Plans as _;
use cauce_core::ids::{MessageId, TraceId};
use cauce_core::input::{Body, Input, Report, ReportKind};
use cauce_core::message::Channel;
use cauce_core::message::ledger::Message;
use cauce_core::policy::consent;
use cauce_core::profile::{ConsentFact, ConsentState, Head};
use cauce_core::publish::{self, Kind};
use cauce_core::state::{Key, Row, Rows};
use cauce_engine::node::Wait;
use std::sync::Arc;

/// A transparent GIF of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\
\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

fn report(app: &App, message: MessageId, kind: ReportKind) {
    // Not: an answer that says no. The reader wants to get on, and one click less is no loss.
    if super::v1::reserved_room(app).is_err() {
        return;
    }
    let at = app.node.now();
    let body = Body::Report(Report { message, at, kind });
    let input = Input { at, trace: TraceId::default(), body };
    // Nobody waits for it, and the reader is sent on in any case.
    if let Err(error) = app.node.append(message.birthplace(), &input, Wait::None) {
        tracing::error!(%error, "a report could not be appended");
    }
}

fn unknown() -> Response {
    let text = "<p>This link is not known. It may have been cut off on its way.</p>";
    (StatusCode::NOT_FOUND, Html(page("Unknown link", text))).into_response()
}

/// The signature holds, and there is no such message: it left after the backup was made from which
/// this server was restored, or it was erased.
fn lost() -> Response {
    let text = "<p>We do not know this message any more, so <b>nothing was changed</b>.</p>\
                <p>Use the link in a newer message, or answer the message and ask to get no \
                more.</p>";
    (StatusCode::NOT_FOUND, Html(page("Nothing was changed", text))).into_response()
}

/// Follows a link. The target is inside the signature: a forged one leads nowhere.
pub async fn click(
    State(app): Shared,
    method: Method,
    Path((token, target)): Path<(String, String)>,
) -> Response {
    let target = BASE64.decode(&target).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let Some(target) = target else { return unknown() };
    let Some(message) = app.site.tokens.read(Purpose::Click, &token, &target) else {
        return unknown();
    };
    if message.birthplace() >= app.node.partitions() {
        return unknown();
    }
    if method == Method::GET {
        report(&app, message, ReportKind::Clicked { url: target.clone() });
    }
    let Ok(location) = header::HeaderValue::from_str(&target) else { return unknown() };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, header::HeaderValue::from_static("no-store")),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// The pixel.
pub async fn open(State(app): Shared, method: Method, Path(token): Path<String>) -> Response {
    let token = token.trim_end_matches(".gif");
    if let Some(message) = app.site.tokens.read(Purpose::Open, token, "")
        && message.birthplace() < app.node.partitions()
        && method == Method::GET
    {
        report(&app, message, ReportKind::Opened);
    }
    let headers =
        [(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store, private")];
    (headers, PIXEL).into_response()
}

fn read(app: &App, token: &str) -> Option<MessageId> {
    let message = app.site.tokens.read(Purpose::Unsubscribe, token, "")?;
    (message.birthplace() < app.node.partitions()).then_some(message)
}

/// What a person sees who follows the unsubscribe address: a button, since GET must not act.
pub async fn confirm(State(app): Shared, Path(token): Path<String>) -> Response {
    if read(&app, &token).is_none() {
        return unknown();
    }
    let body = format!(
        "<p>Stop getting messages like this one?</p>\
         <form method=\"post\" action=\"/u/{0}\"><button>Unsubscribe</button></form>\
         <p><a href=\"/preferences/{0}\">Choose what to get instead</a></p>",
        escape(&token)
    );
    Html(page("Unsubscribe", &body)).into_response()
}

/// The facts about a topic: in general, and for the channel by which the person came, since what
/// was said about a channel before binds as well.
fn facts(topic: &str, channel: Channel, state: ConsentState, source: &str) -> [ConsentFact; 2] {
    [None, Some(channel)].map(|channel| ConsentFact {
        topic: topic.to_owned(),
        channel,
        state,
        source: source.to_owned(),
        wording: None,
        ip: None,
    })
}

/// Unsubscribes (RFC 8058 §3.1): no cookie, no login, no redirect; any body. When this is answered
/// with 2xx, nothing more leaves to that person on that topic.
pub async fn unsubscribe(
    State(app): Shared,
    Path(token): Path<String>,
    _headers: HeaderMap,
) -> Response {
    let Some(message) = read(&app, &token) else { return unknown() };
    if let Err(problem) = super::v1::reserved_room(&app) {
        return problem.into_response();
    }
    let Some(row) = super::v1::messages::find(&app, message).await else { return lost() };
    let topic = row.topic.as_deref().unwrap_or("*");
    let facts = facts(topic, row.channel, ConsentState::Withdrawn, "unsubscribe link").into();
    let body = Body::Consent { message, facts };
    match app.append_applied(message.birthplace(), body, TraceId::default()).await {
        Ok(_) => {
            let text = "<p>Done. You will get no more messages of this kind.</p>";
            Html(page("Unsubscribed", text)).into_response()
        }
        Err(refusal) => super::error::Problem::from(refusal).into_response(),
    }
}

/// The profile that a message went to, as it is now.
async fn profile(app: &App, row: &Message) -> Option<Arc<Head>> {
    let mut id = row.profile;
    let mut partition = id.birthplace();
    for _ in 0..cauce_core::limits::HOPS_MAX {
        let head = app.ask(partition, move |p| {
            let Some(Row::Number(number)) = p.rows().get(&Key::Profile(id)) else { return None };
            match p.rows().get(&Key::Head(number)) {
                Some(Row::Head(head)) => Some(head),
                _ => None,
            }
        });
        let head: Arc<Head> = head.await??;
        let cauce_core::profile::Status::Redirect(holder) = &head.status else {
            return Some(head);
        };
        id = holder.rank.id;
        partition = holder.partition;
    }
    None
}

fn topics(app: &App) -> Vec<(String, publish::TopicSource)> {
    let book = app.book();
    book.list(Kind::Topic)
        .filter_map(|(name, revision)| match &revision.body {
            publish::Body::Topic(topic) => Some((name.to_owned(), topic.clone())),
            _ => None,
        })
        .collect()
}

/// The preference page: topics with a box each.
pub async fn preferences(State(app): Shared, Path(token): Path<String>) -> Response {
    let Some(message) = read(&app, &token) else { return unknown() };
    let Some(row) = super::v1::messages::find(&app, message).await else { return lost() };
    let Some(head) = profile(&app, &row).await else { return lost() };
    let catalog = app.catalogs.plan(app.control().book.plan);
    let allowed = |topic: &str| {
        let (policy, topics) = (&catalog.policy, &catalog.topics);
        consent(policy, topics, &head, topic, row.channel).is_ok()
    };
    let mut rows = String::new();
    for (name, topic) in topics(&app) {
        let checked = if allowed(&name) { " checked" } else { "" };
        rows.push_str(&format!(
            "<label class=\"choice\"><input type=\"checkbox\" name=\"topic\" \
                value=\"{0}\"{checked}>\
             <span><b>{1}</b><br>{2}</span></label>",
            escape(&name),
            escape(&topic.title),
            escape(&topic.description)
        ));
    }
    let token = escape(&token);
    let body = format!(
        "<form method=\"post\" action=\"/preferences/{token}\">{rows}<button>Save</button></form>\
         <form method=\"post\" action=\"/preferences/{token}\">\
         <input type=\"hidden\" name=\"none\" value=\"1\"><button class=\"quiet\">Stop \
             everything</button></form>"
    );
    Html(page("What would you like to get?", &body)).into_response()
}

/// Saves what was chosen; holds when this is answered.
pub async fn set_preferences(
    State(app): Shared,
    Path(token): Path<String>,
    RawForm(form): RawForm,
) -> Response {
    let Some(message) = read(&app, &token) else { return unknown() };
    if let Err(problem) = super::v1::reserved_room(&app) {
        return problem.into_response();
    }
    let fields: Vec<(String, String)> = fields(&form);
    let none = fields.iter().any(|(name, _)| name == "none");
    let chosen = |topic: &str| fields.iter().any(|(name, value)| name == "topic" && value == topic);
    let Some(row) = super::v1::messages::find(&app, message).await else { return lost() };
    let said = |topic: &str, state| facts(topic, row.channel, state, "preference page");
    let facts = if none {
        said("*", ConsentState::Withdrawn).into()
    } else {
        let state = |topic: &str| match chosen(topic) {
            true => ConsentState::Granted,
            false => ConsentState::Withdrawn,
        };
        topics(&app).iter().flat_map(|(name, _)| said(name, state(name))).collect()
    };
    let body = Body::Consent { message, facts };
    match app.append_applied(message.birthplace(), body, TraceId::default()).await {
        Ok(_) => {
            let back = format!(
                "<p>Saved. It holds from now on.</p><p><a href=\"/preferences/{}\">Change it \
                    again</a></p>",
                escape(&token)
            );
            Html(page("Saved", &back)).into_response()
        }
        Err(refusal) => super::error::Problem::from(refusal).into_response(),
    }
}

/// The fields of a form (`application/x-www-form-urlencoded`), in their order.
pub fn fields(form: &[u8]) -> Vec<(String, String)> {
    let decode = |text: &[u8]| {
        let mut out = Vec::new();
        let mut bytes = text.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'+' => out.push(b' '),
                b'%' => {
                    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
                    let (high, low) = (digit(bytes.next()), digit(bytes.next()));
                    out.extend(high.zip(low).map(|(high, low)| (high << 4 | low) as u8));
                }
                byte => out.push(*byte),
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    };
    form.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let value = pair.get(at + 1..).unwrap_or_default();
            (decode(&pair[..at]), decode(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read() {
        let check = |form: &str, expected: &[(&str, &str)]| {
            let read = fields(form.as_bytes());
            let read: Vec<_> = read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            assert_eq!(read, expected, "{form}");
        };
        check(
            "topic=news&topic=a+b%C3%b1&none",
            &[("topic", "news"), ("topic", "a bñ"), ("none", "")],
        );
        check("&=&a==b&%", &[("", ""), ("a", "=b"), ("", "")]);
        // Two digits or nothing; a sign is none.
        check("a=%+fx&b=%4", &[("a", "x"), ("b", "")]);
    }
}
