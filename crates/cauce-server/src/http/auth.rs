//! Who asks: a key as Bearer token, or as the name of Basic, as the Segment SDKs send it; or a
//! member by the cookie of a session.

use super::access::cookies;
use super::access::table::{self, Need};
use super::error::{Code, Problem};
use super::rate::too_often;
use crate::access::audit::Note;
use crate::access::members::Member;
use crate::access::sessions::Session;
use crate::access::{Kind, Role, Who};
use crate::app::App;
use crate::control::{Key, Scope};
use crate::tokens::{PERSON, Person};
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, header, request::Parts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Somebody who may report events.
pub struct Writer(pub Caller);

/// Somebody who may do what the table says of the route; the name is written into the audit.
pub struct Full(pub String, pub Caller);

/// Somebody who may upload lists; their name.
pub struct Uploader(pub String);

/// Somebody who may read what is shared: their key says by its public beginning whose it is.
pub struct Lookup(pub Caller);

/// Somebody who looks up: a server with a key, or the browser of one person.
pub enum Reader {
    /// A server: anybody's shared state.
    Server,
    /// A browser: its person's, as far as browsers may know it.
    Browser(Box<Person>),
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// What a key of the scope opens.
    Key(Scope),
    /// What a member of the role may.
    Member(Role),
}

/// Who asks, known by key or session.
#[derive(Clone)]
pub struct Caller {
    /// For the audit.
    pub who: Who,
    /// What they may do.
    pub rights: Rights,
    /// The public beginning of the key; empty for a member.
    pub prefix: String,
    note: Arc<Mutex<Note>>,
}

impl Caller {
    fn new(who: Who, rights: Rights, prefix: String) -> Caller {
        Caller { who, rights, prefix, note: Arc::default() }
    }

    /// Says more of a change for its row in the audit: of which thing, where the address does not
    /// say it. Neither a secret nor what says who a person is belongs there.
    pub fn note_of(&self, of: impl Into<String>, detail: impl Into<String>) {
        *self.held() = Note { of: Some(of.into()), detail: detail.into() };
    }

    /// The same where the address says of which thing.
    pub fn note(&self, detail: impl Into<String>) {
        self.held().detail = detail.into();
    }

    /// What was said.
    pub fn said(&self) -> Note {
        self.held().clone()
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Note> {
        self.note.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says no to who may not do what is needed.
    pub fn check(&self, need: Need) -> Result<(), Problem> {
        match self.rights {
            Rights::Member(role) if table::role_may(role, need) => Ok(()),
            Rights::Member(role) => {
                let detail = match need {
                    Need::LookupKey => "this needs a key; a member has none".to_owned(),
                    _ => format!("the role `{}` may not do this", role.as_str()),
                };
                let least = if need == Need::Own { "an owner" } else { "an editor or owner" };
                let hint = match need {
                    Need::LookupKey => "make one with the scope `lookup`".to_owned(),
                    _ => format!("ask {least} to do it, or for another role"),
                };
                Err(Problem::new(Code::Forbidden, detail).hint(hint))
            }
            Rights::Key(scope) => match table::scope(need) {
                Some(wanted) if scope.allows(wanted) => Ok(()),
                Some(wanted) => {
                    let detail = format!("this key may only {}", scope.words());
                    let wanted = serde_json::to_string(&wanted).unwrap_or_default();
                    let hint = format!("use a key with the scope {}", wanted.replace('"', "`"));
                    Err(Problem::new(Code::Forbidden, detail).hint(hint))
                }
                None => Err(Problem::new(Code::Forbidden, "a key is nobody who signs in")),
            },
        }
    }
}

fn secret(parts: &Parts) -> Option<String> {
    // As OpenFeature's providers may send it.
    let named = parts.headers.get("x-api-key").and_then(|value| value.to_str().ok());
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        return named.map(str::to_owned);
    };
    let value = value.to_str().ok()?;
    if let Some(token) = value.strip_prefix("Bearer ") {
        return Some(token.trim().to_owned());
    }
    let decoded = BASE64.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    Some(text.split(':').next().unwrap_or_default().to_owned())
}

/// Who asks. A key comes before a cookie: a page of somebody else can make a browser send the
/// cookie, and not the key.
pub fn identify(app: &App, parts: &Parts) -> Result<Caller, Problem> {
    if let Some(secret) = secret(parts) {
        let key = known_key(app, &secret)?;
        let who = Who { kind: Kind::Key, name: key.name };
        return Ok(Caller::new(who, Rights::Key(key.scope), key.prefix));
    }
    if let Some(token) = cookies::session(app, &parts.headers) {
        let (member, _) = signed_in(app, &token)?;
        if !app.limits.keys.take(member.email.clone(), Instant::now()) {
            app.metrics.limited.fetch_add(1, Ordering::Relaxed);
            return Err(too_often(&format!("`{}`", member.email)));
        }
        if !parts.method.is_safe() {
            cookies::check_origin(app, &parts.headers)?;
            cookies::check_csrf(&token, &parts.headers)?;
        }
        let who = Who::member(&member.email);
        return Ok(Caller::new(who, Rights::Member(member.role), String::new()));
    }
    Err(Problem::new(Code::Unauthorized, "the request has no key")
        .hint("send `Authorization: Bearer …`; `cauce keys make` makes one"))
}

/// The member whose session a token opens.
pub fn signed_in(app: &App, token: &str) -> Result<(Member, Session), Problem> {
    let over = || {
        Problem::new(Code::Unauthorized, "nobody is signed in here, or not any more")
            .hint("sign in again")
    };
    let session = app.access.sessions.find(token, app.node.now()).ok_or_else(over)?;
    let member = app.control().members.get(&session.email).cloned();
    let member = member.filter(|member| member.epoch == session.epoch && !member.disabled);
    Ok((member.ok_or_else(over)?, session))
}

/// Who opened something that goes on, such as a stream: asked again whether they still may.
pub struct Opened {
    rights: Rights,
    prefix: String,
    token: Option<String>,
}

impl Opened {
    /// By whoever asks with these headers.
    pub fn new(app: &App, caller: &Caller, headers: &HeaderMap) -> Opened {
        let token = cookies::session(app, headers);
        Opened { rights: caller.rights, prefix: caller.prefix.clone(), token }
    }

    /// Whether their key is not revoked, or their session not over and their role still the same.
    pub fn goes_on(&self, app: &App) -> bool {
        match (self.rights, &self.token) {
            (Rights::Key(_), _) => app.control().keys.contains_key(&self.prefix),
            (Rights::Member(_), None) => false,
            (Rights::Member(role), Some(token)) => {
                let Some(session) = app.access.sessions.look(token, app.node.now()) else {
                    return false;
                };
                let control = app.control();
                let member = control.members.get(&session.email);
                member.is_some_and(|member| {
                    member.epoch == session.epoch && !member.disabled && member.role == role
                })
            }
        }
    }
}

/// The key of a secret, within the bounds of what it and wrong ones may ask.
pub fn known_key(app: &App, secret: &str) -> Result<Key, Problem> {
    match app.key(secret) {
        Some(key) if !app.limits.keys.take(key.prefix.clone(), Instant::now()) => {
            app.metrics.limited.fetch_add(1, Ordering::Relaxed);
            Err(too_often(&format!("the key `{}`", key.prefix)))
        }
        Some(key) => Ok(key),
        None if !app.limits.wrong_keys.take((), Instant::now()) => {
            Err(Problem::new(Code::Overloaded, "too many wrong keys"))
        }
        None => Err(Problem::new(Code::Unauthorized, "the key is not known")),
    }
}

/// Who asks, as the guard found out before the route was reached; else what the extractor asks for
/// by itself.
fn caller(app: &App, parts: &Parts, need: Need) -> Result<Caller, Problem> {
    if let Some(caller) = parts.extensions.get::<Caller>() {
        return Ok(caller.clone());
    }
    let caller = identify(app, parts)?;
    caller.check(need)?;
    Ok(caller)
}

impl FromRequestParts<Arc<App>> for Writer {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        caller(app, parts, Need::Report).map(Writer)
    }
}

impl FromRequestParts<Arc<App>> for Full {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = caller(app, parts, table::unlisted(parts.method.as_str()))?;
        Ok(Full(caller.who.name.clone(), caller))
    }
}

impl FromRequestParts<Arc<App>> for Uploader {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        caller(app, parts, Need::Lists).map(|caller| Uploader(caller.who.name))
    }
}

impl FromRequestParts<Arc<App>> for Lookup {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        caller(app, parts, Need::Shared).map(Lookup)
    }
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let secret = secret(parts);
        match secret.as_deref().filter(|secret| secret.starts_with(PERSON)) {
            Some(token) => browser(app, token).map(|person| Reader::Browser(Box::new(person))),
            None => caller(app, parts, Need::Shared).map(|_| Reader::Server),
        }
    }
}

/// Whom a browser's token reads, while its time and the key it came from last.
pub fn browser(app: &App, token: &str) -> Result<Person, Problem> {
    let no = |why: &str| {
        Problem::new(Code::Unauthorized, why)
            .hint("let the server of the page mint one with `POST /v1/browser-tokens`")
    };
    let Some(person) = app.site.tokens.read_person(token) else {
        return Err(match app.limits.wrong_keys.take((), Instant::now()) {
            false => Problem::new(Code::Overloaded, "too many wrong keys"),
            true => no("the browser token is not known"),
        });
    };
    if person.expires <= app.node.now() {
        return Err(no("the browser token has expired"));
    }
    if !app.control().keys.contains_key(&person.key) {
        return Err(no("the key that the browser token was minted with is revoked"));
    }
    Ok(person)
}
