//! Signing in and out, joining by an invitation, choosing a password.

use super::cookies;
use crate::access::members::{Change, Member};
use crate::access::passwords::{self, Busy};
use crate::access::{Role, Who, is_token};
use crate::app::{App, Refusal};
use crate::http::Shared;
use crate::http::auth::{Full, signed_in};
use crate::http::error::{Code, Problem};
use crate::http::rate::asker;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauce_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Who signs in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The member's address.
    email: String,
    /// The password.
    password: String,
}

/// Who joins.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    /// The last part of the invitation's link.
    token: String,
    /// The password from now on: at least 12 characters.
    password: String,
}

/// A password in place of another.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    /// The password until now.
    old: String,
    /// The password from now on: at least 12 characters.
    new: String,
}

impl From<Busy> for Problem {
    fn from(_: Busy) -> Problem {
        Problem::new(Code::Overloaded, "too many sign in at once")
            .hint("try again after `Retry-After` seconds")
    }
}

/// An address as members have it, if it is one.
pub fn email(app: &App, text: &str) -> Result<String, Problem> {
    // Not: whatever definitions make of the namespace; an address of a member is always one.
    let known = app.catalog().namespaces.canonical("email", text);
    known.map(|alias| alias.value).map_err(|why| {
        Problem::new(Code::Invalid, format!("email: `{text}`: {why}"))
            .hint("an address such as `ana@example.com`")
    })
}

/// Who is signed in.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SignedIn)]
pub struct Oneself {
    /// The address.
    email: String,
    /// The name.
    name: String,
    /// What they may do.
    role: Role,
}

/// A session, as pages are told. The cookie that comes with it is the browser's.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Session)]
pub struct Shown {
    /// Who is signed in.
    member: Oneself,
    /// What every change says in the header `X-CSRF-Token`.
    csrf: String,
    /// When the session ends.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
}

fn shown(member: &Member, token: &str, expires: Timestamp) -> Shown {
    let (email, name, role) = (member.email.clone(), member.name.clone(), member.role);
    Shown { member: Oneself { email, name, role }, csrf: cookies::csrf(token), expires }
}

/// Begins a session of a member and answers with its cookie.
async fn begin(app: &Arc<App>, email: &str, what: &str) -> Result<Response, Problem> {
    let member = app.control().members.get(email).cloned().filter(|member| !member.disabled);
    let Some(member) = member else { return Err(wrong()) };
    let now = app.node.now();
    let (token, session) = app.access.sessions.begin(&member.email, member.epoch, now);
    keep(app).await?;
    app.note_done(Who::member(&member.email), what, &member.email, "").await?;
    let mut response = Json(shown(&member, &token, session.expires())).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookies::set(app, &token));
    Ok(unkept(response))
}

/// An answer that no cache keeps.
fn unkept(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

async fn keep(app: &Arc<App>) -> Result<(), Problem> {
    let (sessions, now) = (app.access.sessions.clone(), app.node.now());
    let kept = tokio::task::spawn_blocking(move || sessions.keep(now)).await;
    match kept {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Problem::new(Code::Unavailable, format!("{error:#}"))),
        Err(_) => Err(Problem::from(Refusal::Stopping)),
    }
}

fn wrong() -> Problem {
    Problem::new(Code::Unauthorized, "e-mail and password do not belong together")
        .hint("an owner makes a new invitation with `cauce members reset`")
}

/// The part of an address that one household or office has: of IPv6 the network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
    }
}

fn too_many(app: &App, seconds: u32) -> Problem {
    app.metrics.limited.fetch_add(1, Ordering::Relaxed);
    Problem::new(Code::Overloaded, "too many tries to sign in")
        .hint("try again after `Retry-After` seconds")
        .after(seconds)
}

/// Refuses one try too many of an address.
fn check_address(app: &App, headers: &HeaderMap, extensions: &Extensions) -> Result<(), Problem> {
    let rates = &app.access.by_address;
    match asker(app, headers, extensions).map(network) {
        Some(address) if !rates.take(address, Instant::now()) => Err(too_many(app, rates.wait_s())),
        _ => Ok(()),
    }
}

/// Refuses one try too many as a member, whether there is one or not; what it is counted under.
fn check_member(app: &App, email: &str) -> Result<u64, Problem> {
    let rates = &app.access.by_member;
    let typed = xxhash_rust::xxh3::xxh3_64(email.trim().to_lowercase().as_bytes());
    match rates.take(typed, Instant::now()) {
        true => Ok(typed),
        false => Err(too_many(app, rates.wait_s())),
    }
}

/// The body of a request that is JSON.
async fn body<T: serde::de::DeserializeOwned>(
    request: Request,
) -> Result<(HeaderMap, Extensions, T), Problem> {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 16 << 10)
        .await
        .map_err(|_| Problem::new(Code::TooLarge, "the request has more than 16 KiB"))?;
    // Not: what serde says of the place, which repeats what was typed.
    let read = serde_json::from_slice(&bytes).map_err(|_| {
        Problem::new(Code::Malformed, "the body is not what it should be")
            .hint("the API is described at /openapi.json")
    })?;
    Ok((parts.headers, parts.extensions, read))
}

/// Signs in: answers who it is, and with the session's cookie.
#[utoipa::path(post, path = "/v1/session", tag = "session", request_body = Pair,
    responses((status = 200, body = Shown), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 429, body = Problem)))]
pub async fn sign_in(State(app): Shared, request: Request) -> Result<Response, Problem> {
    let (headers, extensions, pair) = body::<Pair>(request).await?;
    cookies::check_origin(&app, &headers)?;
    check_address(&app, &headers, &extensions)?;
    let typed = check_member(&app, &pair.email)?;
    let member = email(&app, &pair.email).ok();
    let member = member.and_then(|email| app.control().members.get(&email).cloned());
    let may = member.filter(|member| !member.disabled && member.password.is_some());
    let hash = may.as_ref().and_then(|member| member.password.clone());
    let is = app.access.passwords.is(pair.password, hash).await?;
    match may.filter(|_| is) {
        Some(member) => {
            app.access.by_member.forgive(&typed);
            begin(&app, &member.email, "session.begin").await
        }
        None => Err(wrong()),
    }
}

/// Who is signed in; 401 if nobody is, with `setup` where nobody can.
#[utoipa::path(get, path = "/v1/session", tag = "session",
    responses((status = 200, body = Shown), (status = 401, body = Problem)))]
pub async fn show(State(app): Shared, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(token) = cookies::session(&app, &headers) else {
        let mut problem = Problem::new(Code::Unauthorized, "nobody is signed in here");
        problem.setup = app.control().members.is_empty();
        return Err(match problem.setup {
            true => {
                problem.hint("make the first owner with `cauce members add --role owner EMAIL`")
            }
            false => problem.hint("sign in"),
        });
    };
    let (member, session) = signed_in(&app, &token).map_err(|mut problem| {
        problem.setup = app.control().members.is_empty();
        problem
    })?;
    Ok(unkept(Json(shown(&member, &token, session.expires())).into_response()))
}

/// Signs out.
#[utoipa::path(delete, path = "/v1/session", tag = "session", responses((status = 204)))]
pub async fn sign_out(
    admin: Full,
    State(app): Shared,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(token) = cookies::session(&app, &headers) {
        app.access.sessions.end(&token);
        keep(&app).await?;
    }
    admin.1.note_of(admin.0.clone(), "");
    let mut response = unkept(StatusCode::NO_CONTENT.into_response());
    response.headers_mut().insert(header::SET_COOKIE, cookies::clear(&app));
    Ok(response)
}

/// Chooses a password by an invitation, and signs in.
#[utoipa::path(post, path = "/v1/session/join", tag = "session", request_body = Joining,
    responses((status = 200, body = Shown), (status = 404, body = Problem),
              (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn join(State(app): Shared, request: Request) -> Result<Response, Problem> {
    let (headers, extensions, wanted) = body::<Joining>(request).await?;
    cookies::check_origin(&app, &headers)?;
    check_address(&app, &headers, &extensions)?;
    let gone = || {
        Problem::new(Code::NotFound, "the invitation is used up, over, or was never made")
            .hint("an owner makes a new one with `cauce members reset`")
    };
    let now = app.node.now();
    let known = app.control().members.invited(&wanted.token, now).map(|one| one.email.clone());
    let email = known.filter(|_| is_token(&wanted.token)).ok_or_else(gone)?;
    let password = new_password(&app, wanted.password).await?;
    let token = wanted.token;
    let joined = email.clone();
    let change = move |control: &crate::control::Control| {
        // Asked again under the lock: of two who come at once, one joins.
        let invited = control.members.invited(&token, now);
        let email = invited.map(|member| member.email.clone());
        let email = email.filter(|email| *email == joined);
        let email =
            email.ok_or_else(|| Refusal::Missing("the invitation is used up".to_owned()))?;
        Ok(Change::PasswordSet { email, password })
    };
    app.change_member(change).await?;
    begin(&app, &email, "member.join").await
}

async fn new_password(
    app: &App,
    password: String,
) -> Result<crate::access::passwords::Hash, Problem> {
    passwords::check(&password).map_err(|why| {
        let field = cauce_core::diagnostic::Diagnostic::error("password", "too-short", why);
        Problem::new(Code::Invalid, "this password cannot be chosen").fields(vec![field])
    })?;
    Ok(app.access.passwords.make(password).await?)
}

/// Chooses another password. All sessions of the member end; this one begins anew.
#[utoipa::path(post, path = "/v1/session/password", tag = "session", request_body = Passwords,
    responses((status = 200, body = Shown), (status = 401, body = Problem),
              (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn set_password(
    admin: Full,
    State(app): Shared,
    request: Request,
) -> Result<Response, Problem> {
    let (headers, extensions, wanted) = body::<Passwords>(request).await?;
    let email = admin.0;
    check_address(&app, &headers, &extensions)?;
    let typed = check_member(&app, &email)?;
    let hash = app.control().members.get(&email).and_then(|member| member.password.clone());
    let before = hash.clone();
    if !app.access.passwords.is(wanted.old, hash).await? {
        // Not 401: the session goes on.
        return Err(Problem::new(Code::Forbidden, "the old password is not this one"));
    }
    app.access.by_member.forgive(&typed);
    let password = new_password(&app, wanted.new).await?;
    let own = email.clone();
    let change = move |control: &crate::control::Control| {
        // Whoever was reset meanwhile has to take the new invitation.
        let is = control.members.get(&own).is_some_and(|member| member.password == before);
        match is {
            true => Ok(Change::PasswordSet { email: own, password }),
            false => Err(Refusal::Conflict("the password was changed meanwhile".to_owned())),
        }
    };
    app.change_member(change).await?;
    admin.1.note_of(email.clone(), "");
    begin(&app, &email, "session.begin").await
}

/// Signs in by the link that `cauce dev` and `cauce demo` print: once.
pub async fn enter(State(app): Shared, Path(token): Path<String>) -> Result<Response, Problem> {
    let Some(email) = app.access.take_entry(&token) else {
        return Err(Problem::new(Code::NotFound, "the link is used up")
            .hint("start again, or invite somebody with `cauce members add`"));
    };
    let begun = begin(&app, &email, "session.begin").await?;
    let mut response = unkept((StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response());
    if let Some(cookie) = begun.headers().get(header::SET_COOKIE) {
        response.headers_mut().insert(header::SET_COOKIE, cookie.clone());
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_is_one_address() {
        let check = |address: &str, expected: &str| {
            assert_eq!(network(address.parse().unwrap()).to_string(), expected);
        };
        check("192.0.2.1", "192.0.2.1");
        check("::ffff:192.0.2.1", "192.0.2.1");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
    }
}
