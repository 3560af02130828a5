//! Pages: the development inbox, and the frame that all pages share. No script, no third party.

use super::Shared;
use super::error::{Code, Problem};
use crate::app::App;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use cauce_channels::catch_all::{Caught, What};
use cauce_core::ids::MessageId;
use cauce_core::message::ledger::{Message, Source, State as Stand};
use serde::Deserialize;

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A page for the public: one narrow column.
pub fn page(title: &str, body: &str) -> String {
    page_in("en", title, body)
}

/// The same in another language. These pages are the brand's: they do not name us.
pub fn page_in(language: &str, title: &str, body: &str) -> String {
    let main = format!("<main class=\"narrow\"><h1>{}</h1>{body}</main>", escape(title));
    frame_in(language, title, &main)
}

fn frame(title: &str, body: &str) -> String {
    frame_in("en", &format!("{title} · Cauce"), body)
}

fn frame_in(language: &str, title: &str, body: &str) -> String {
    let script = language.split('-').next().unwrap_or_default();
    let from_the_right = ["ar", "fa", "he", "ur"].contains(&script);
    let direction = if from_the_right { " dir=\"rtl\"" } else { "" };
    format!(
        "<!doctype html><html lang=\"{language}\"{direction}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"></head><body>{body}</body></html>",
        escape(title)
    )
}

const STYLE: &str = include_str!("style.css");

/// The style of all pages.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "max-age=300")], STYLE)
}

/// Pages of ours load nothing from anywhere and run no script.
pub fn secured(mut response: Response) -> Response {
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; \
                  form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

fn development(app: &App) -> Result<(), Problem> {
    if app.development {
        return Ok(());
    }
    Err(Problem::new(Code::NotFound, "the inbox is a development page")
        .hint("start with `cauce dev`, or set `development = true`"))
}

/// What to list.
#[derive(Debug, Deserialize)]
pub struct Which {
    before: Option<u64>,
    to: Option<String>,
}

/// The bytes of an e-mail; of anything else none.
pub fn bytes_of(caught: &Caught) -> &[u8] {
    match &caught.what {
        What::Letter { bytes, .. } => bytes,
        What::Text(_) | What::Push(_) => &[],
    }
}

/// What stands for a message in a list: its subject, the begin of its text, its title.
pub fn subject_of(caught: &Caught) -> String {
    // Limit: characters of a text that a line of a list shows.
    let short = |text: &str| match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    match &caught.what {
        What::Letter { .. } => header_of(caught, "Subject"),
        What::Text(sms) => short(sms.text.lines().next().unwrap_or_default()),
        What::Push(push) if push.title.is_empty() => short(&push.body),
        What::Push(push) => short(&push.title),
    }
}

/// From whom a message is: a person and their address, a number or letters, an app.
pub fn from_of(caught: &Caught) -> String {
    match &caught.what {
        What::Letter { .. } => header_of(caught, "From"),
        What::Text(sms) => sms.from.clone(),
        What::Push(push) => {
            let mut apps: Vec<&str> = push.targets.iter().map(|to| to.app.as_str()).collect();
            apps.sort_unstable();
            apps.dedup();
            apps.retain(|app| !app.is_empty());
            apps.join(", ")
        }
    }
}

/// What a message says without its marks.
pub fn text_of(caught: &Caught) -> Option<String> {
    match &caught.what {
        What::Letter { .. } => part(caught, "text/plain"),
        What::Text(sms) => Some(sms.text.clone()),
        What::Push(push) => Some(push.body.clone()),
    }
}

/// What surrounds the text of a message that is no e-mail, each by its name.
pub fn around(caught: &Caught) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut say = |name: &str, value: &str| found.push((name.to_owned(), value.to_owned()));
    match &caught.what {
        What::Letter { .. } => {}
        What::Text(sms) => {
            say("To", &sms.to);
            say("From", &sms.from);
            say("Alphabet", sms.encoding.as_str());
            for (place, part) in sms.parts.iter().enumerate() {
                say(&format!("Part {} of {}", place + 1, sms.parts.len()), part);
            }
            sms.extras.iter().for_each(|(name, value)| say(name, value));
        }
        What::Push(push) => {
            for to in &push.targets {
                let device = format!("{} {} {}", to.platform.as_str(), to.device, to.app);
                say("Device", device.trim_end());
            }
            say("Title", &push.title);
            let rest = [("Link", &push.link), ("Image", &push.image), ("Sound", &push.sound)];
            for (name, value) in rest {
                value.iter().for_each(|value| say(name, value));
            }
            for button in &push.buttons {
                say("Button", &format!("{}: {} {}", button.action, button.title, button.link));
            }
            push.data.iter().for_each(|(name, value)| say(&format!("data.{name}"), value));
        }
    }
    found
}

/// A header of a composed message, decoded as far as an inbox needs it.
pub fn header_of(caught: &Caught, name: &str) -> String {
    let text = String::from_utf8_lossy(bytes_of(caught));
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let line = head.lines().find(|line| {
        line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && line[name.len()..].starts_with(':')
    });
    decode_words(line.map_or("", |line| line[name.len() + 1..].trim()))
}

/// Decodes encoded words (RFC 2047) that our own composer writes.
fn decode_words(text: &str) -> String {
    use base64::Engine as _;
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("=?utf-8?") {
        let before = &rest[..at];
        if !before.trim().is_empty() || out.is_empty() {
            out.push_str(before);
        }
        let word = &rest[at + 8..];
        let Some(end) = word.get(2..).and_then(|body| body.find("?=")) else { break };
        let (kind, body) = (&word[..1], &word[2..2 + end]);
        let bytes = match kind {
            "B" | "b" => base64::engine::general_purpose::STANDARD.decode(body).unwrap_or_default(),
            _ => quoted(&body.replace('_', " ")),
        };
        out.push_str(&String::from_utf8_lossy(&bytes));
        rest = &word[2 + end + 2..];
    }
    out.push_str(rest);
    out
}

/// Decodes quoted-printable.
fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'=' {
            let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
            match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(byte) => {
                    out.push(byte);
                    at += 3;
                }
                // A soft line end.
                None => at += if bytes.get(at + 1) == Some(&b'\r') { 3 } else { 2 },
            }
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

/// A part of a composed message by its type, decoded.
pub fn part(caught: &Caught, kind: &str) -> Option<String> {
    use base64::Engine as _;
    let text = String::from_utf8_lossy(bytes_of(caught)).into_owned();
    let at = text.to_ascii_lowercase().find(&format!("content-type: {kind}"))?;
    let tail = &text[at..];
    let split = tail.find("\r\n\r\n")?;
    let before = text[..at].rfind("\r\n--").unwrap_or(0);
    let head = text[before..at + split].to_ascii_lowercase();
    let body = &tail[split + 4..];
    let body = match body.find("\r\n--") {
        Some(end) => &body[..end],
        None => body,
    };
    let bytes = if head.contains("encoding: base64") {
        let joined: String = body.split_whitespace().collect();
        base64::engine::general_purpose::STANDARD.decode(joined).ok()?
    } else if head.contains("encoding: quoted-printable") {
        quoted(body)
    } else {
        body.as_bytes().to_vec()
    };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Why somebody got a message, in a few words.
pub fn because(message: &Message) -> String {
    match &message.source {
        Source::Journey { journey, step, .. } => format!("journey {journey}, step {step}"),
        Source::Campaign { campaign, id } => format!("campaign {campaign}, run {id}"),
        Source::Api { key: Some(key) } => format!("asked for by the API, key {key}"),
        Source::Api { key: None } => "asked for by the API".to_owned(),
    }
}

/// The development inbox, newest first. It looks again by itself every few seconds.
pub async fn list(State(app): Shared, Query(which): Query<Which>) -> Result<Response, Problem> {
    development(&app)?;
    let wanted = which.to.as_deref().unwrap_or_default().to_lowercase();
    let found: Vec<Caught> = app
        .inbox
        .list(which.before, if wanted.is_empty() { 50 } else { 20_000 })
        .into_iter()
        .filter(|caught| caught.recipient.to_lowercase().contains(&wanted))
        .take(50)
        .collect();
    let mut rows = String::new();
    for caught in &found {
        let row = super::v1::messages::find(&app, caught.message).await.ok().flatten();
        let why = row.as_deref().map(because).unwrap_or_default();
        let when = row.as_deref().and_then(|m| m.attempts.last()).map(|a| a.granted.to_string());
        rows.push_str(&format!(
            "<tr><td data-label=\"By\">{}</td><td data-label=\"To\">{}</td>\
             <td data-label=\"Subject\"><a href=\"/inbox/{}\">{}</a></td>\
             <td data-label=\"Why\">{}</td><td data-label=\"Granted\" class=\"time\">{}</td></tr>",
            caught.what.channel(),
            escape(&caught.recipient),
            caught.message,
            escape(&subject_of(caught)),
            escape(&why),
            escape(&when.unwrap_or_default()),
        ));
    }
    let total = app.inbox.taken();
    let body = if found.is_empty() && wanted.is_empty() {
        "<div class=\"empty\"><h2>Nothing has arrived yet</h2><p>Messages that Cauce sends \
            through the \
         catch-all provider arrive here instead of at people's mailboxes. Send one:</p>\
         <pre>cauce send TEMPLATE --to email=ana@example.com</pre></div>"
            .to_owned()
    } else if found.is_empty() {
        format!(
            "<div class=\"empty\"><p>Nothing to “{}” among the last messages.</p></div>",
            escape(&wanted)
        )
    } else {
        let older = found.last().filter(|_| found.len() == 50).map_or(String::new(), |last| {
            format!(
                "<p><a href=\"/inbox?before={}&amp;to={}\">Older</a></p>",
                last.number,
                escape(&wanted)
            )
        });
        format!(
            "<table><thead><tr><th>By</th><th>To</th><th>Subject</th><th>Why</th>\
             <th>Granted</th></tr></thead><tbody>{rows}</tbody></table>{older}"
        )
    };
    let header = format!(
        "<header><h1>Inbox</h1><p>{total} messages since the start; nothing left this machine.</p>\
         <form method=\"get\"><label>To <input name=\"to\" value=\"{}\" placeholder=\"part of an \
             address\"></label>\
         <button>Search</button></form></header>",
        escape(&wanted)
    );
    let mut response =
        Html(frame("Inbox", &format!("{header}<main>{body}</main>"))).into_response();
    if which.before.is_none() && wanted.is_empty() {
        response.headers_mut().insert("refresh", HeaderValue::from_static("5"));
    }
    Ok(secured(response))
}

fn find(app: &App, id: &str) -> Result<(MessageId, Caught), Problem> {
    development(app)?;
    let message = super::v1::messages::parse(id)?;
    let caught = app.inbox.get(message);
    let caught = caught.ok_or_else(|| {
        Problem::new(Code::NotFound, format!("{id} is not in the inbox any more"))
            .hint("only the last messages are kept; `cauce explain` knows them all")
    })?;
    Ok((message, caught))
}

/// One message with everything that explains it.
pub async fn show(State(app): Shared, Path(id): Path<String>) -> Result<Response, Problem> {
    let (message, caught) = find(&app, &id)?;
    let row = super::v1::messages::find(&app, message).await?;
    let text = text_of(&caught).unwrap_or_default();
    let content = if part(&caught, "text/html").is_some() {
        format!("<iframe sandbox title=\"The message\" src=\"/inbox/{id}/html\"></iframe>")
    } else {
        format!("<pre class=\"text\">{}</pre>", escape(&text))
    };
    let why = row.as_deref().map(|row| explanation(&app, row)).unwrap_or_default();
    let source = String::from_utf8_lossy(bytes_of(&caught));
    let head = source.split("\r\n\r\n").next().unwrap_or_default();
    let more = match &caught.what {
        What::Letter { .. } => format!(
            "<details><summary>Plain part</summary><pre>{}</pre></details>\
             <details><summary>Headers</summary><pre>{}</pre></details>",
            escape(&text),
            escape(head)
        ),
        What::Text(_) | What::Push(_) => {
            let rows: String = around(&caught)
                .iter()
                .map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>", escape(name), escape(value)))
                .collect();
            format!("<h2>What left</h2><dl>{rows}</dl>")
        }
    };
    let body = format!(
        "<header><p><a href=\"/inbox\">Inbox</a></p><h1>{}</h1><p>{} → {}</p></header>\
         <main class=\"two\"><section>{content}</section><section><h2>Why</h2>{why}{more}\
         </section></main>",
        escape(&subject_of(&caught)),
        escape(&from_of(&caught)),
        escape(&caught.recipient),
    );
    Ok(secured(Html(frame("Message", &body)).into_response()))
}

fn explanation(app: &App, row: &Message) -> String {
    let mut facts = vec![
        ("Message", row.id.to_string()),
        ("Profile", row.profile.to_string()),
        ("Because of", because(row)),
        ("Template", format!("{} (revision {})", row.template.0, row.template.1)),
        ("Topic", row.topic.clone().unwrap_or_else(|| "none: transactional".to_owned())),
        ("Wanted", row.created.to_string()),
    ];
    for attempt in &row.attempts {
        let ended = match &attempt.ended {
            Some((at, outcome)) => {
                format!("{} at {at}", super::v1::messages::name_of(outcome))
            }
            None => "open".to_owned(),
        };
        facts
            .push(("Attempt", format!("{}: granted {}, {ended}", attempt.number, attempt.granted)));
    }
    let stand = match &row.state {
        Stand::Queued { due, put_off } => {
            let why = put_off.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
            format!("waits until {due}{why}")
        }
        Stand::Attempting { .. } => "on its way".to_owned(),
        Stand::Accepted { at } => format!("accepted at {at}"),
        Stand::Refused { reason, .. } => format!("refused: {reason}"),
        Stand::Failed { code, text, .. } => format!("failed: {code}: {text}"),
        Stand::Unknown { text, .. } => format!("unknown: {text}"),
    };
    facts.push(("Stands", stand));
    for (at, report) in &row.reports {
        facts.push(("Reported", format!("{} at {at}", super::v1::messages::name_of(report))));
    }
    let rows: String = facts
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", escape(value)))
        .collect();
    let steps: String = app
        .observer
        .traces
        .steps(row.trace)
        .iter()
        .map(|step| {
            let effects: String =
                step.effects.iter().map(|effect| format!("<li>{}</li>", escape(effect))).collect();
            format!(
                "<li><b>{}</b> <span class=\"time\">{} · partition {}, entry \
                    {}</span><ul>{effects}</ul></li>",
                escape(&step.input),
                step.at,
                step.partition,
                step.offset
            )
        })
        .collect();
    let steps = if steps.is_empty() {
        String::new()
    } else {
        format!("<h3>What led here</h3><ol class=\"steps\">{steps}</ol>")
    };
    format!("<dl>{rows}</dl>{steps}")
}

/// The HTML part, for a sandboxed frame.
pub async fn html(State(app): Shared, Path(id): Path<String>) -> Result<Response, Problem> {
    let (_, caught) = find(&app, &id)?;
    let content = part(&caught, "text/html").unwrap_or_default();
    let mut response = Html(content).into_response();
    let policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; \
                  frame-ancestors 'self'";
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_decoded() {
        assert_eq!(decode_words("plain"), "plain");
        assert_eq!(decode_words("=?utf-8?Q?Se=C3=B1al_x?= =?utf-8?B?w7E=?="), "Señal xñ");
        assert_eq!(quoted("a=\r\nb=3D"), b"ab=");
    }
}
