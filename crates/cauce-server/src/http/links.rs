//! Links of messages: clicks, opens, one-click unsubscribe (RFC 8058), the preference page. Tokens
//! are signed; GET never unsubscribes, since scanners fetch every link.

use super::Shared;
use super::inbox::{escape, page_in};
use super::people::texts::Texts;
use crate::app::App;
use crate::tokens::Purpose;
use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use cauce_core::ids::{MessageId, TraceId};
use cauce_core::input::{Body, Input, Report, ReportKind};
use cauce_core::message::Channel;
use cauce_core::message::ledger::Message;
use cauce_core::policy::{allows, consent};
use cauce_core::profile::{ConsentFact, ConsentState, Head, Status};
use cauce_core::publish::{self, About, Kind};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::tracking::actor::{self, Fetch, agent};
use cauce_engine::node::Wait;
use std::sync::Arc;

/// A transparent GIF of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\
\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

pub(super) fn report(app: &App, message: MessageId, kind: ReportKind) {
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
    unknown_in(&Texts::plain())
}

fn unknown_in(texts: &Texts) -> Response {
    let text = format!("<p>{}</p>", texts.get("unknown"));
    let page = page_of(texts, "unknown-title", &text);
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

/// A page in its language; the title is a text's name.
fn page_of(texts: &Texts, title: &str, body: &str) -> String {
    page_in(&texts.language, texts.plain_text(title), body)
}

fn said(texts: &Texts, title: &str, body: &str) -> Response {
    Html(page_of(texts, title, body)).into_response()
}

/// Something that was done, as a screen reader announces it.
fn done(texts: &Texts, title: &str, text: &str) -> Response {
    said(texts, title, &format!("<p role=\"status\">{}</p>", texts.get(text)))
}

/// The signature holds, and there is no such message: it left after the backup was made from which
/// this server was restored, or its person was erased.
fn lost(texts: &Texts) -> Response {
    let text = format!("<p role=\"status\">{}</p>", texts.get("lost"));
    let page = page_of(texts, "lost-title", &text);
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

/// Follows a link. The target is inside the signature: a forged one leads nowhere.
pub async fn click(
    State(app): Shared,
    method: Method,
    Path((token, target)): Path<(String, String)>,
    headers: HeaderMap,
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
        let fetch = Fetch::new(Some(target.clone()), agent(said_agent(&headers)));
        report(&app, message, ReportKind::Fetched(fetch));
    }
    if target == actor::HIDDEN {
        return StatusCode::NO_CONTENT.into_response();
    }
    sent_on(&target)
}

fn sent_on(target: &str) -> Response {
    let Ok(location) = header::HeaderValue::from_str(target) else { return unknown() };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, header::HeaderValue::from_static("no-store")),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// Follows the short link of a text message.
pub async fn short(
    State(app): Shared,
    method: Method,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some((message, target)) = crate::loops::delivery::short::leads(&app, &token).await else {
        return unknown_in(&browser(&app, &headers));
    };
    // The links by which people say no are nobody's clicks, as in a letter.
    let own = target.strip_prefix(app.site.url.as_str()).is_some_and(|rest| rest.starts_with('/'));
    if method == Method::GET && !own {
        let fetch = Fetch::new(Some(target.clone()), agent(said_agent(&headers)));
        report(&app, message, ReportKind::Fetched(fetch));
    }
    sent_on(&target)
}

/// What fetches says that it is.
fn said_agent(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok())
}

/// The pixel.
pub async fn open(
    State(app): Shared,
    method: Method,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let token = token.trim_end_matches(".gif");
    if let Some(message) = app.site.tokens.read(Purpose::Open, token, "")
        && message.birthplace() < app.node.partitions()
        && method == Method::GET
    {
        let fetch = Fetch::new(None, agent(said_agent(&headers)));
        report(&app, message, ReportKind::Fetched(fetch));
    }
    let headers =
        [(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store, private")];
    (headers, PIXEL).into_response()
}

fn read(app: &App, token: &str) -> Option<MessageId> {
    let message = app.site.tokens.read(Purpose::Unsubscribe, token, "")?;
    (message.birthplace() < app.node.partitions()).then_some(message)
}

/// What the browser accepts.
fn accepted(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok())
}

/// The words for the person that a message went to.
async fn texts(app: &App, message: MessageId, headers: &HeaderMap) -> Texts {
    let own = person(app, message).await.and_then(|person| person.language);
    Texts::choose(app.catalog(), own.as_deref(), accepted(headers))
}

/// The words for somebody of whom nothing but the browser is known.
fn browser(app: &App, headers: &HeaderMap) -> Texts {
    Texts::choose(app.catalog(), None, accepted(headers))
}

/// What a person sees who follows the unsubscribe address: a button, since GET must not act.
pub async fn confirm(
    State(app): Shared,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(message) = read(&app, &token) else {
        return unknown_in(&browser(&app, &headers));
    };
    let texts = texts(&app, message, &headers).await;
    let body = format!(
        "<p>{1}</p>\
         <form method=\"post\" action=\"/u/{0}\"><button>{2}</button></form>\
         <p><a href=\"/preferences/{0}\">{3}</a></p>",
        escape(&token),
        texts.get("unsubscribe-question"),
        texts.get("unsubscribe"),
        texts.get("choose-instead")
    );
    said(&texts, "unsubscribe-title", &body)
}

/// The facts about a topic: in general, and for the channel by which the person came, since what
/// was said about a channel before binds as well.
pub(super) fn facts(
    topic: &str,
    channel: Channel,
    state: ConsentState,
    source: &str,
) -> [ConsentFact; 2] {
    [None, Some(channel)].map(|channel| ConsentFact {
        topic: topic.to_owned(),
        channel,
        state,
        source: source.to_owned(),
        wording: None,
        ip: None,
    })
}

/// What a person withdraws who wants no more of a message's kind.
pub fn withdrawn(row: &Message, source: &str) -> Vec<ConsentFact> {
    let topic = row.topic.as_deref().unwrap_or("*");
    facts(topic, row.channel, ConsentState::Withdrawn, source).into()
}

/// Unsubscribes (RFC 8058 §3.1): no cookie, no login, no redirect; any body. When this is answered
/// with 2xx, nothing more leaves to that person on that topic.
pub async fn unsubscribe(
    State(app): Shared,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(message) = read(&app, &token) else {
        return unknown_in(&browser(&app, &headers));
    };
    if let Err(problem) = super::v1::reserved_room(&app) {
        return problem.into_response();
    }
    let texts = texts(&app, message, &headers).await;
    let row = match super::v1::messages::find(&app, message).await {
        Ok(Some(row)) => row,
        Ok(None) => return lost(&texts),
        Err(refusal) => return super::error::Problem::from(refusal).into_response(),
    };
    let facts = withdrawn(&row, "unsubscribe link");
    let body = Body::Consent { message, facts };
    match app.append_applied(message.birthplace(), body, TraceId::default()).await {
        Ok(_) => done(&texts, "unsubscribed-title", "unsubscribed"),
        Err(refusal) => super::error::Problem::from(refusal).into_response(),
    }
}

/// What a message asks its reader to confirm.
async fn asked(
    app: &App,
    token: &str,
    headers: &HeaderMap,
) -> Result<(MessageId, ConsentFact), Box<Response>> {
    let unknown = || Box::new(unknown_in(&browser(app, headers)));
    let message = app.site.tokens.read(Purpose::Confirm, token, "").ok_or_else(unknown)?;
    let row = super::v1::messages::find(app, message).await;
    let row =
        row.map_err(|refusal| Box::new(super::error::Problem::from(refusal).into_response()))?;
    let row = row.ok_or_else(unknown)?;
    let (topic, channel) = cauce_core::consent::confirms(&row).ok_or_else(unknown)?;
    let [mut fact, _] = facts(&topic, row.channel, ConsentState::Granted, "confirmation link");
    fact.channel = channel;
    Ok((message, fact))
}

/// What a person sees who follows the link of a confirmation: a button, since scanners fetch links
/// and GET must not say yes for anybody.
pub async fn ask_confirmation(
    State(app): Shared,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (message, fact) = match asked(&app, &token, &headers).await {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let texts = texts(&app, message, &headers).await;
    let topics = topics(&app);
    let topic = topics.iter().find(|(name, _)| *name == fact.topic);
    let title = topic.map_or(fact.topic.as_str(), |(_, topic)| topic.title_in(&texts.language));
    let body = format!(
        "<p><b>{1}</b></p><p>{2}</p>\
         <form method=\"post\" action=\"/confirm/{0}\"><button>{3}</button></form>",
        escape(&token),
        escape(title),
        texts.get("confirm-question"),
        texts.get("confirm")
    );
    said(&texts, "confirm-title", &body)
}

/// The mailbox says yes: from here on messages about the topic may be sent.
pub async fn confirm_consent(
    State(app): Shared,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (message, fact) = match asked(&app, &token, &headers).await {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let texts = texts(&app, message, &headers).await;
    let body = Body::Consent { message, facts: vec![fact] };
    match app.append_applied(message.birthplace(), body, TraceId::default()).await {
        Ok(_) => done(&texts, "confirmed-title", "confirmed"),
        Err(refusal) => super::error::Problem::from(refusal).into_response(),
    }
}

/// What the pages of a message need to know of its person.
pub(super) struct Person {
    /// The message.
    row: Arc<Message>,
    /// The profile that it went to, as it is now.
    pub(super) head: Arc<Head>,
    /// The language that the profile says.
    language: Option<String>,
}

/// The person that a message went to.
pub(super) async fn person(app: &App, message: MessageId) -> Option<Person> {
    let row = super::v1::messages::find(app, message).await.ok().flatten()?;
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
        match &head.status {
            Status::Live => {
                let said = ["language", "locale"]
                    .into_iter()
                    .find_map(|name| head.attribute(name).and_then(|value| value.as_str()));
                let language = said.map(str::to_owned);
                return Some(Person { row, head, language });
            }
            Status::Redirect(holder) => {
                id = holder.rank.id;
                partition = holder.partition;
            }
            Status::Erased(_) => return None,
        }
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
pub async fn preferences(
    State(app): Shared,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let nobody = browser(&app, &headers);
    let Some(message) = read(&app, &token) else { return unknown_in(&nobody) };
    let Some(person) = person(&app, message).await else { return lost(&nobody) };
    let texts = Texts::choose(app.catalog(), person.language.as_deref(), accepted(&headers));
    let (head, channel) = (&person.head, person.row.channel);
    let catalog = app.catalog();
    let allowed = |name: &str, about: About| match about {
        About::Messages => consent(&catalog.policy, &catalog.topics, head, name, channel).is_ok(),
        About::Use => allows(&catalog.topics, head, name).is_ok(),
    };
    let (mut rows, mut uses) = (String::new(), String::new());
    for (name, topic) in topics(&app) {
        let rows = if topic.about == About::Use { &mut uses } else { &mut rows };
        let waits = [None, Some(channel)].into_iter().any(|channel| {
            let consent = head.consents.get(&(name.clone(), channel));
            consent.is_some_and(|consent| consent.fact.state == ConsentState::Pending)
        });
        let pending = if waits { format!(" ({})", texts.get("pending")) } else { String::new() };
        rows.push_str(&format!(
            "<label class=\"choice\"><input type=\"checkbox\" name=\"topic\" \
                value=\"{0}\"{1}>\
             <span><b>{2}</b>{pending}<br>{3}</span></label>",
            escape(&name),
            if allowed(&name, topic.about) { " checked" } else { "" },
            escape(topic.title_in(&texts.language)),
            escape(topic.description_in(&texts.language))
        ));
    }
    let token = escape(&token);
    if !uses.is_empty() {
        let legend = texts.get("uses-legend");
        uses = format!("<fieldset><legend>{legend}</legend>{uses}</fieldset>");
    }
    let body = format!(
        "<form method=\"post\" action=\"/preferences/{token}\">\
         <fieldset><legend>{0}</legend>{rows}</fieldset>{uses}<button>{1}</button></form>\
         <form method=\"post\" action=\"/preferences/{token}\">\
         <input type=\"hidden\" name=\"none\" value=\"1\"><button class=\"quiet\">{2}</button>\
         </form>",
        texts.get("preferences-legend"),
        texts.get("save"),
        texts.get("stop-all")
    );
    said(&texts, "preferences-title", &body)
}

/// Saves what was chosen; holds when this is answered.
pub async fn set_preferences(
    State(app): Shared,
    Path(token): Path<String>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let Some(message) = read(&app, &token) else {
        return unknown_in(&browser(&app, &headers));
    };
    if let Err(problem) = super::v1::reserved_room(&app) {
        return problem.into_response();
    }
    let texts = texts(&app, message, &headers).await;
    let fields: Vec<(String, String)> = fields(&form);
    let none = fields.iter().any(|(name, _)| name == "none");
    let chosen = |topic: &str| fields.iter().any(|(name, value)| name == "topic" && value == topic);
    let row = match super::v1::messages::find(&app, message).await {
        Ok(Some(row)) => row,
        Ok(None) => return lost(&texts),
        Err(refusal) => return super::error::Problem::from(refusal).into_response(),
    };
    let person = person(&app, message).await;
    let said_of = |topic: &str, state| facts(topic, row.channel, state, "preference page");
    let facts = if none {
        said_of("*", ConsentState::Withdrawn).into()
    } else {
        let state = |topic: &str| match chosen(topic) {
            true => ConsentState::Granted,
            false => ConsentState::Withdrawn,
        };
        // Said while the topic was about messages: a yes on the page takes these back as well.
        let nos = |name: &str| {
            let of = person.as_ref().map(|person| &person.head.consents);
            let withdrawn = |channel: &Channel| {
                let known = of.and_then(|of| of.get(&(name.to_owned(), Some(*channel))));
                known.is_some_and(|known| known.fact.state == ConsentState::Withdrawn)
            };
            Channel::ALL.into_iter().filter(withdrawn).collect::<Vec<_>>()
        };
        let said = |(name, topic): &(String, publish::TopicSource)| {
            let [always, by_channel] = said_of(name, state(name));
            // A use of data goes by no channel.
            let more = match topic.about {
                About::Messages => vec![by_channel],
                About::Use if chosen(name) => nos(name)
                    .into_iter()
                    .map(|channel| ConsentFact { channel: Some(channel), ..always.clone() })
                    .collect(),
                About::Use => Vec::new(),
            };
            core::iter::once(always).chain(more).collect::<Vec<_>>()
        };
        topics(&app).iter().flat_map(said).collect()
    };
    let body = Body::Consent { message, facts };
    match app.append_applied(message.birthplace(), body, TraceId::default()).await {
        Ok(_) => {
            let back = format!(
                "<p role=\"status\">{1}</p><p><a href=\"/preferences/{0}\">{2}</a></p>",
                escape(&token),
                texts.get("saved"),
                texts.get("change-again")
            );
            said(&texts, "saved-title", &back)
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
