//! A test message through a provider, by the same code that sends: marked, and counted nowhere.

pub mod trying;

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem, stopping};
use super::super::v1::{inflate, json};
use crate::app::App;
use crate::render::{Content, Unrendered};
use crate::{equip, keys};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use cauce_channels::email::compose::{Composed, compose};
use cauce_channels::email::smtp::{Begun, Connection};
use cauce_core::decide::home;
use cauce_core::decision::HandOver;
use cauce_core::delivery::{Outcome, Stage};
use cauce_core::diagnostic::{Diagnostic, nearest};
use cauce_core::ids::{MessageId, ProfileId, TraceId};
use cauce_core::input::channel_namespace;
use cauce_core::message::content::sms::Sms;
use cauce_core::message::{Channel, Class, Email, Mailbox};
use cauce_core::publish::{Body, Kind, ProviderSource, SenderSource, Smtp};
use cauce_core::value::Value;
use cauce_core::{phone, query, sms};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a test may take, all together.
const PATIENCE: Duration = Duration::from_secs(45);

/// A test.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ProviderTest)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The address.
    to: String,
    /// Who writes (e-mail); the only sender if absent.
    #[serde(default)]
    sender: Option<String>,
    /// The template that makes the request (webhook); the only one of the channel if absent. With
    /// one an e-mail is what that makes of nobody in particular, and a few plain words without.
    #[serde(default)]
    template: Option<String>,
    /// What the template may use: `profile` and `event`, each an object. `event.to` is the address
    /// if nothing else is said.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Object>)]
    values: BTreeMap<String, Value>,
}

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderTestOutcome)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// The provider took responsibility.
    Accepted,
    /// The provider said no.
    Refused,
    /// The provider was not reached.
    Unreachable,
    /// It may have left.
    Unknown,
    /// It could not be made, or may not be sent: nothing left.
    NotSent,
}

/// What a test came to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderTestResult)]
pub struct Tested {
    /// How it ended.
    outcome: Ended,
    /// The same in words.
    words: String,
    /// What to do, if there is something to do.
    hint: Option<String>,
    /// The provider's answer as it was given.
    answer: Option<String>,
    /// The id under which it was sent; `GET /v1/inbox/{id}` has it where the provider is built in.
    message: String,
    /// How long it took.
    took_ms: u64,
}

fn find<'b, T>(
    book: &'b cauce_core::publish::Book,
    (kind, name): (Kind, &str),
    of: impl Fn(&'b Body) -> Option<T>,
) -> Result<T, Problem> {
    let found = book.get(kind, name).and_then(|revision| of(&revision.body));
    found.ok_or_else(|| {
        let problem = Problem::new(Code::NotFound, format!("there is no {kind} `{name}`"));
        let known: Vec<&str> = book.list(kind).map(|(known, _)| known).collect();
        match nearest(name, known) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        }
    })
}

/// A fault of what was asked for.
fn fault(path: &str, code: &str, message: impl Into<String>, hint: &str) -> Problem {
    let fault = Diagnostic::error(path, code, message).hint(hint);
    Problem::new(Code::Invalid, "the test has faults").fields(vec![fault])
}

/// Sends a test message through a provider, now and to this address only. It needs no consent, and
/// an address that is suppressed gets none.
#[utoipa::path(post, path = "/v1/providers/{name}/test", tag = "operation",
    params(("name" = String, Path)), request_body = Asked,
    responses((status = 200, body = Tested), (status = 404, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn test(
    admin: Full,
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Tested>, Problem> {
    let asked: Asked = serde_json::from_value(json(&inflate(&headers, body)?)?)
        .map_err(|error| Problem::new(Code::Invalid, error.to_string()))?;
    let _room = app.watch.tests.try_acquire().map_err(|_| {
        Problem::new(Code::Overloaded, "other tests are under way").hint("wait for them")
    })?;
    let book = app.book();
    let provider = find(&book, (Kind::Provider, &name), |body| match body {
        Body::Provider(provider) => Some(provider.clone()),
        _ => None,
    })?;
    let message = MessageId(u128::from_be_bytes(keys::random()));
    let begun = std::time::Instant::now();
    let outcome = match suppressed(&app, provider.channel, &asked.to).await? {
        Some(why) => Err(why),
        None => {
            let sent = send(&app, &name, &provider, &asked, message);
            let late = |_| Outcome::Unknown { text: "it took too long".to_owned() };
            Ok(tokio::time::timeout(PATIENCE, sent).await.unwrap_or_else(|_| Ok(late(())))?)
        }
    };
    tracing::info!(provider = name, by = admin.0, message.id = %message, "a test was sent");
    let (outcome, words, hint, answer) = match outcome {
        Ok(outcome) => said(&outcome),
        Err(why) => (Ended::NotSent, why, None, None),
    };
    Ok(Json(Tested {
        outcome,
        words,
        hint: hint.map(str::to_owned),
        answer,
        message: message.to_string(),
        took_ms: begun.elapsed().as_millis() as u64,
    }))
}

/// Why an address must not be written to, if it must not.
async fn suppressed(app: &App, channel: Channel, to: &str) -> Result<Option<String>, Problem> {
    let Some(namespace) = channel_namespace(channel) else { return Ok(None) };
    let address = app.catalog().namespaces.canonical(namespace, to).map_err(|why| {
        fault("to", "bad-address", format!("`{to}`: {why}"), "give an address of the channel")
    })?;
    let at = home(&address, app.node.partitions());
    let known = app.ask(at, move |p| query::suppression(p.rows(), &address));
    let known = known.await.ok_or_else(stopping)?;
    Ok(known.map(|(reason, at)| {
        format!(
            "Nothing was sent: the address is suppressed since {at} ({reason}), also for tests."
        )
    }))
}

/// What is sent, or what keeps it from being made.
type Made = Result<Content, Outcome>;

async fn send(
    app: &App,
    name: &str,
    provider: &ProviderSource,
    asked: &Asked,
    message: MessageId,
) -> Result<Outcome, Problem> {
    Ok(match content(app, name, provider, asked, message)? {
        Ok(content) => leave(app, name, provider, content).await,
        Err(outcome) => outcome,
    })
}

/// The marked message of a provider's channel.
fn content(
    app: &App,
    name: &str,
    provider: &ProviderSource,
    asked: &Asked,
    message: MessageId,
) -> Result<Made, Problem> {
    match (provider.channel, &asked.template) {
        (Channel::Email, None) => email(app, name, asked, message),
        // By recipe the request is what is looked at, with a template of one's own or without.
        (Channel::Sms, Some(_)) if provider.webhook.is_some() => {
            request(app, name, provider.channel, asked, message)
        }
        (Channel::Sms, _) => {
            let text = text_message(app, name, asked, message)?;
            let made = app.rendering().tried(&app.site, name, text, app.node.now());
            Ok(made.map_err(|why| match why {
                Unrendered::Faulty(text) => Outcome::Unrenderable { text },
                Unrendered::Held(text) => Outcome::Held { text },
            }))
        }
        (Channel::Push, _) => {
            let text = "a push goes to a person's devices: register one, and send a transactional \
                        message to its person";
            Ok(Err(Outcome::Unrenderable { text: text.to_owned() }))
        }
        _ => request(app, name, provider.channel, asked, message),
    }
}

/// Sends it in the way of the provider, once.
async fn leave(app: &App, name: &str, provider: &ProviderSource, content: Content) -> Outcome {
    if let (Some(source), Content::Sms(text)) = (&provider.smpp, &content) {
        return equip::smpp::apart(app, source, text).await;
    }
    if provider.catch_all.is_some() {
        return equip::keep(&app.inbox, &content);
    }
    let Some(server) = &provider.smtp else {
        return match equip::asked(app, name, provider) {
            Ok(asked) => asked.carry(&content).await,
            Err(error) => Outcome::Held { text: format!("{error:#}") },
        };
    };
    let Content::Email(email, signers) = content else {
        return Outcome::Unrenderable { text: "the template is for another channel".to_owned() };
    };
    match compose(&email, &signers) {
        Ok(composed) => mail(app, server, &composed).await,
        Err(outcome) => outcome,
    }
}

/// The marked text message; nothing reports of it, since no ledger knows it.
fn text_message(
    app: &App,
    provider: &str,
    asked: &Asked,
    message: MessageId,
) -> Result<Sms, Problem> {
    let (name, sender) = sender(app, Channel::Sms, asked.sender.as_deref())?;
    let Some(texts) = sender.sms else {
        let hint = "name one with `sms: { from: … }`";
        return Err(fault("sender", "no-sender", format!("`{name}` writes no texts"), hint));
    };
    let canonical = app.catalog().namespaces.canonical("phone", &asked.to);
    let to = canonical.ok().map(|alias| alias.value).filter(|to| phone::is_e164(to));
    let to = to.ok_or_else(|| {
        fault("to", "bad-address", "the number does not say its country", "begin it with a +")
    })?;
    let text = format!("[Test] Cauce through {provider}, from {name}. It counts nowhere.");
    let encoding = sms::encoding_of(&text);
    Ok(Sms {
        message,
        from: texts.name_for(&to).to_owned(),
        to,
        parts: sms::split(&text, encoding, sms::Limits::short_reference(encoding)),
        text,
        encoding,
        expires: app.node.now().plus(cauce_core::time::Duration::HOUR),
        receipt: false,
        reference: app.site.tokens.reference(message, 1),
        extras: texts.extras,
    })
}

fn sender(
    app: &App,
    channel: Channel,
    asked: Option<&str>,
) -> Result<(String, SenderSource), Problem> {
    let book = app.book();
    let of = |body: &Body| match body {
        Body::Sender(sender) => {
            let able = match channel {
                Channel::Sms => sender.sms.is_some(),
                Channel::Email | Channel::Push | Channel::Webhook => {
                    !sender.from.address.is_empty()
                }
            };
            able.then(|| sender.clone())
        }
        _ => None,
    };
    if let Some(name) = asked {
        return Ok((name.to_owned(), find(&book, (Kind::Sender, name), of)?));
    }
    let all: Vec<_> = book
        .list(Kind::Sender)
        .filter_map(|(name, revision)| Some((name.to_owned(), of(&revision.body)?)))
        .collect();
    match <[_; 1]>::try_from(all) {
        Ok([one]) => Ok(one),
        Err(all) if all.is_empty() => {
            let hint = "publish one below `senders/`";
            Err(fault("sender", "no-sender", "there is no sender", hint))
        }
        Err(all) => {
            let names: Vec<_> = all.into_iter().map(|(name, _)| name).collect();
            let hint = format!("name one of {}", names.join(", "));
            Err(fault("sender", "several-senders", "there are several senders", &hint))
        }
    }
}

/// The marked message; or what keeps it from being made.
fn email(app: &App, provider: &str, asked: &Asked, message: MessageId) -> Result<Made, Problem> {
    let (name, sender) = sender(app, Channel::Email, asked.sender.as_deref())?;
    let signers = match equip::signers(app, &name, &sender) {
        Ok(signers) => signers,
        Err(text) => return Ok(Err(Outcome::Held { text })),
    };
    let domain = sender.from.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let domain = domain.to_owned();
    let bounces = sender.return_path_domain.as_deref().unwrap_or(&domain);
    let now = app.node.now();
    let email = Email {
        message,
        return_path: app.site.tokens.return_path(message, bounces),
        reply_to: sender.reply_to.clone(),
        heard_at: None,
        to: Mailbox { name: String::new(), address: asked.to.trim().to_owned() },
        subject: format!("[Test] Cauce through {provider}"),
        html: None,
        text: format!(
            "This is a test message of Cauce.\n\nIt was asked for at {now}, through the provider \
             `{provider}`, from the sender `{name}`. Nobody else got it, and it counts nowhere.\n"
        ),
        unsubscribe_url: None,
        unsubscribe_mailto: None,
        headers: vec![("X-Cauce-Test".to_owned(), "yes".to_owned())],
        from: sender.from,
        domain,
        date: now,
        transactional: true,
        attachments: Vec::new(),
    };
    Ok(Ok(Content::Email(Box::new(email), signers)))
}

/// One message over a connection of its own, so that what others send is not in its way.
async fn mail(app: &App, server: &Smtp, composed: &Composed) -> Outcome {
    let options = match equip::mail_server(app, server) {
        Ok(options) => options,
        Err(error) => return Outcome::Held { text: format!("{error:#}") },
    };
    let mut connection = match Connection::open(&app.egress, &options).await {
        Ok(connection) => connection,
        Err(outcome) => return outcome,
    };
    let nothing = || Outcome::Unknown { text: "the server said nothing".to_owned() };
    let outcome = match connection.exchange(None, Some(composed)).await.next {
        Some(Begun::Granted) => {
            connection.exchange(Some(composed), None).await.body.unwrap_or_else(nothing)
        }
        Some(Begun::Ended(outcome) | Begun::Lost(outcome)) => outcome,
        None => nothing(),
    };
    connection.quit().await;
    outcome
}

/// What a template makes of nobody in particular.
fn request(
    app: &App,
    provider: &str,
    channel: Channel,
    asked: &Asked,
    message: MessageId,
) -> Result<Made, Problem> {
    let book = app.book();
    let of = |body: &Body| match body {
        Body::Template(template) if template.channel == channel => Some(()),
        _ => None,
    };
    let template = match &asked.template {
        Some(name) => {
            find(&book, (Kind::Template, name), of)?;
            name.clone()
        }
        None => {
            let all = book.list(Kind::Template);
            let all = all.filter(|(_, revision)| of(&revision.body).is_some());
            let names: Vec<_> = all.map(|(name, _)| name.to_owned()).collect();
            let hint = match names.is_empty() {
                true => format!("publish one with `channel: {channel}`"),
                false => format!("name one of {}", names.join(", ")),
            };
            let [one] = <[String; 1]>::try_from(names)
                .map_err(|_| fault("template", "which-template", "no template is named", &hint))?;
            one
        }
    };
    let now = app.node.now();
    let mut values = asked.values.clone();
    for name in ["profile", "event"] {
        values.entry(name.to_owned()).or_insert_with(|| Value::Object(BTreeMap::new()));
    }
    if let Some(Value::Object(event)) = values.get_mut("event") {
        event.entry("to".to_owned()).or_insert_with(|| Value::String(asked.to.clone()));
    }
    let hand_over = HandOver {
        message,
        attempt: 1,
        profile: ProfileId(0),
        channel,
        class: Class::Transactional,
        path: provider.to_owned(),
        provider: provider.to_owned(),
        address: asked.to.clone(),
        template: (template, 0),
        values,
        topic: None,
        campaign: None,
        targets: Vec::new(),
        start_before: now,
        expires: now,
        trace: TraceId::default(),
    };
    Ok(match app.rendering().render(&app.site, &hand_over, now).map(|made| made.content) {
        Ok(Content::Request(mut request)) => {
            request.headers.push(("x-cauce-test".to_owned(), "yes".to_owned()));
            Ok(Content::Request(request))
        }
        Ok(Content::Email(mut email, signers)) => {
            email.headers.push(("X-Cauce-Test".to_owned(), "yes".to_owned()));
            email.subject = format!("[Test] {}", email.subject);
            Ok(Content::Email(email, signers))
        }
        Ok(_) => {
            Err(Outcome::Unrenderable { text: "the template is for another channel".to_owned() })
        }
        Err(Unrendered::Faulty(text)) => Err(Outcome::Unrenderable { text }),
        Err(Unrendered::Held(text)) => Err(Outcome::Held { text }),
    })
}

/// An outcome in words: how it ended, what that means, what to do, what was answered.
fn said(outcome: &Outcome) -> (Ended, String, Option<&'static str>, Option<String>) {
    match outcome {
        Outcome::Accepted { text, .. } => {
            let words = "The provider took the message. Whether it is delivered, the mailbox says.";
            (Ended::Accepted, words.to_owned(), None, Some(text.clone()))
        }
        Outcome::Refused { stage, code, text, .. } => {
            let (when, hint) = match stage {
                Stage::Connect => ("when it was greeted", "look at host, port and TLS"),
                Stage::Auth => ("the user name and password", "look at both of them"),
                Stage::Sender => ("the sender", "let the provider allow the sender's domain"),
                Stage::Recipient => ("the address", "look whether the address exists"),
                Stage::Content => ("the message", "read its answer"),
            };
            let words = format!("The provider said no ({code}): it refused {when}.");
            (Ended::Refused, words, Some(hint), Some(text.clone()))
        }
        Outcome::Unreachable { text } => {
            let hint = "look at host and port, and whether a firewall stands between";
            let words = format!("The provider was not reached: {text}.");
            (Ended::Unreachable, words, Some(hint), None)
        }
        Outcome::Unknown { text } => {
            let words = format!("It may have left, and no answer came: {text}.");
            (Ended::Unknown, words, Some("look whether it arrived"), None)
        }
        Outcome::NotStarted { text }
        | Outcome::Unrenderable { text }
        | Outcome::Busy { text, .. }
        | Outcome::Held { text } => {
            (Ended::NotSent, format!("Nothing was sent: {text}."), None, None)
        }
        Outcome::Devices(ends) => {
            let words = cauce_core::delivery::summary(ends);
            (Ended::Accepted, words, None, None)
        }
    }
}
