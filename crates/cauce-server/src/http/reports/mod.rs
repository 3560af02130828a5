//! What providers report: one file for each vendor, which verifies who says so by the secret of the
//! provider's definition, and reads what it means. What was understood is durable before it is
//! answered; who says it twice changes nothing.

pub(crate) mod inbound;
mod texts;
mod twilio;
mod vonage;

mod certificate;
mod mailgun;
mod postmark;
mod recipe;
pub(crate) mod said;
mod sendgrid;
mod sns;

use super::Shared;
use super::error::{Code, Problem};
use super::v1::{reserved_room, trace};
use crate::app::App;
use crate::secrets::Absent;
use crate::tokens::Purpose;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use cauce_channels::http::{Call, Client, Options};
use cauce_core::delivery::Outcome;
use cauce_core::input::{Body, Input, Report};
use cauce_core::publish::{self, Basic, Kind, Proof, ProviderSource, SnsReports};
use futures_util::future::join_all;
use recipe::Came;
use said::{Refused, Said};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The routes of all vendors: `/reports/{vendor}/{provider}`.
pub fn routes() -> Router<Arc<App>> {
    let single = Router::new()
        .route("/reports/twilio/{provider}/inbound", post(twilio::received))
        .route("/reports/twilio/{provider}/{reference}", post(twilio::status))
        .route("/reports/vonage/{provider}", get(vonage::status).post(vonage::status))
        .route("/reports/vonage/{provider}/inbound", get(vonage::received).post(vonage::received))
        .route("/reports/ses/{provider}", post(ses))
        .route("/reports/mailgun/{provider}", post(of_mailgun))
        .route("/reports/postmark/{provider}", post(of_postmark))
        .layer(DefaultBodyLimit::max(SINGLE_BYTES_MAX));
    // These bring many events at once, and prove their bytes before anything is read out of them.
    Router::new()
        .route("/reports/sendgrid/{provider}", post(of_sendgrid))
        .route("/reports/webhook/{provider}", post(by_recipe).get(by_address))
        .route("/reports/webhook/{provider}/inbound", post(brought).get(brought))
        .route("/reports/webhook/{provider}/{token}", post(by_link).get(by_link))
        .merge(single)
}

/// Limit: a request that reports one thing. What proves it stands inside, so that it is read before
/// anybody knows who sent it, and a document in memory is many times what it is on the wire. An
/// envelope of SNS has at most 256 KiB (its quotas, November 2026); the others are smaller.
const SINGLE_BYTES_MAX: usize = 512 << 10;

/// What is remembered of those who report.
#[derive(Default)]
pub(crate) struct Memory {
    seen: mailgun::Seen,
    // Certificates of SNS, by their addresses.
    certificates: Mutex<BTreeMap<String, String>>,
}

/// Limit: certificates that are remembered; Amazon has one for each region at a time.
const CERTIFICATES_MAX: usize = 64;

/// How long Amazon may take for a certificate or a confirmation.
const PATIENCE: Duration = Duration::from_secs(10);

/// The definition of a provider in force.
pub(crate) fn definition(app: &App, name: &str) -> Option<ProviderSource> {
    match &app.book().get(Kind::Provider, name)?.body {
        publish::Body::Provider(provider) => Some(provider.clone()),
        _ => None,
    }
}

/// Takes reports in: they are durable when it answers.
pub(crate) async fn take(app: &App, reports: Vec<Report>) -> Result<(), Problem> {
    reserved_room(app)?;
    let trace = trace();
    // An id that somebody made up may name a partition that there is not.
    let ours = |report: &Report| report.message.birthplace() < app.node.partitions();
    let all = reports.into_iter().filter(ours).map(|report| {
        let (partition, at) = (report.message.birthplace(), app.node.now());
        let input = Input { at, trace, body: Body::Report(report) };
        async move { app.append_durable(partition, &input).await }
    });
    for done in join_all(all).await {
        done?;
    }
    Ok(())
}

/// What a definition says of its reports; the same for a name that there is not, one of another
/// vendor, and one without reports.
fn defined<T>(
    app: &App,
    name: &str,
    of: impl FnOnce(ProviderSource) -> Option<T>,
) -> Result<T, Problem> {
    definition(app, name).and_then(of).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("no provider `{name}` reports here"))
            .hint("say `reports` in its definition")
    })
}

fn secret(app: &App, place: &str) -> Result<String, Refused> {
    app.secrets.read(place).map_err(|absent| match absent {
        Absent::Place(why) | Absent::Unreadable(why) => Refused::Later(why),
    })
}

/// The answer to who was refused; the reason is for our own log, and says nothing to a forger but
/// that it did not work.
fn refused(app: &App, provider: &str, refused: Refused) -> Problem {
    let (code, word, why) = match refused {
        Refused::Proof(why) => (Code::Unauthorized, "unproven", why.to_owned()),
        Refused::Malformed(why) => (Code::Malformed, "malformed", why),
        Refused::Later(why) => (Code::Unavailable, "later", why),
    };
    app.metrics.reported(provider, word);
    tracing::warn!(provider, word, why, "a report was not taken");
    let text = match code {
        Code::Unauthorized => "the report does not prove who sends it".to_owned(),
        Code::Malformed => why,
        _ => "what proves a report cannot be had just now".to_owned(),
    };
    Problem::new(code, text)
}

async fn answer(
    app: &App,
    provider: &str,
    found: Result<Vec<Said>, Refused>,
) -> Result<Response, Problem> {
    let found = found.map_err(|why| refused(app, provider, why))?;
    said::take(app, provider, found).await?;
    Ok((StatusCode::OK, "taken\n").into_response())
}

/// Events of SES, by a topic of SNS.
async fn ses(
    State(app): Shared,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let reports = defined(&app, &name, |provider| provider.ses?.reports)?;
    answer(&app, &name, by_topic(&app, &name, &reports, &body).await).await
}

async fn by_topic(
    app: &App,
    name: &str,
    reports: &SnsReports,
    body: &[u8],
) -> Result<Vec<Said>, Refused> {
    let envelope = sns::Envelope::read(body)?;
    // Before anything is asked of anybody: whoever has an account there can sign.
    if !reports.topics.iter().any(|topic| topic == envelope.topic()) {
        return Err(Refused::Proof("the topic is none of the definition"));
    }
    let url = envelope.certificate_url()?;
    let pem = certificate(app, reports, url).await?;
    envelope.verify(&pem)?;
    match envelope.kind()? {
        // What SES says that it has set up a topic is no event, and no fault.
        sns::Kind::Notification => Ok(sns::event(envelope.message()).into_iter().collect()),
        sns::Kind::Subscription => {
            ask(app, reports, envelope.confirm_url()?).await?;
            tracing::info!(provider = name, topic = envelope.topic(), "a topic reports here");
            Ok(Vec::new())
        }
        sns::Kind::Unsubscription => {
            tracing::warn!(provider = name, topic = envelope.topic(), "a topic reports no more");
            Ok(Vec::new())
        }
    }
}

/// The certificate at an address of Amazon's.
async fn certificate(app: &App, reports: &SnsReports, url: &str) -> Result<String, Refused> {
    let kept = |known: &Mutex<BTreeMap<String, String>>| {
        known.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    };
    if let Some(pem) = kept(&app.reports.certificates) {
        return Ok(pem);
    }
    let pem = ask(app, reports, url).await?;
    let readable = certificate::rsa_key(&pem).is_some();
    let mut known = app.reports.certificates.lock().unwrap_or_else(PoisonError::into_inner);
    if readable && known.len() < CERTIFICATES_MAX {
        known.insert(url.to_owned(), pem.clone());
    }
    Ok(pem)
}

/// Asks an address that was found to be Amazon's; through another server where the definition says
/// so, which is then asked for the same path.
async fn ask(app: &App, reports: &SnsReports, url: &str) -> Result<String, Refused> {
    let url = match &reports.endpoint {
        Some(endpoint) => {
            let rest = url.strip_prefix("https://").unwrap_or(url);
            let path = rest.find('/').map_or("/", |at| &rest[at..]);
            format!("{}{path}", endpoint.trim_end_matches('/'))
        }
        None => url.to_owned(),
    };
    let options = Options {
        tls: app.tls.clone(),
        allow_http: reports.endpoint.as_ref().is_some_and(|own| own.starts_with("http://")),
        ports: reports.endpoint.is_none().then(|| vec![443]),
        timeout: PATIENCE,
        idle_timeout: PATIENCE,
        idle_per_server_max: 0,
    };
    let call = Call { method: "GET".to_owned(), url, headers: Vec::new(), body: Vec::new() };
    let later = |why: String| Refused::Later(format!("Amazon was not asked: {why}"));
    match Client::new(app.egress.clone(), options).call(&call).await {
        Ok(answer) if (200..300).contains(&answer.status) && answer.complete => {
            String::from_utf8(answer.body).map_err(|_| later("the answer is no text".to_owned()))
        }
        Ok(answer) => Err(later(format!("it answered {}", answer.status))),
        Err(Outcome::Unrenderable { text } | Outcome::Refused { text, .. }) => Err(later(text)),
        Err(other) => Err(later(format!("{other:?}"))),
    }
}

/// Events of SendGrid.
async fn of_sendgrid(
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let reports = defined(&app, &name, |provider| provider.sendgrid?.reports)?;
    let now = app.node.now();
    let found = sendgrid::verify(&reports.verification_key, &headers, &body, now)
        .and_then(|()| sendgrid::events(&body));
    answer(&app, &name, found).await
}

/// Events of Mailgun.
async fn of_mailgun(
    State(app): Shared,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let reports = defined(&app, &name, |provider| provider.mailgun?.reports)?;
    let now = app.node.now();
    let found = secret(&app, &reports.signing_key)
        .and_then(|key| mailgun::verify(&key, &body, &app.reports.seen, now))
        .map(|event| vec![mailgun::event(&event)]);
    answer(&app, &name, found).await
}

/// Events of Postmark.
async fn of_postmark(
    State(app): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let reports = defined(&app, &name, |provider| provider.postmark?.reports)?;
    let basic = Basic { username: reports.username, password: reports.password };
    let came = Came { headers: &headers, query: &[], body: &body, now: app.node.now() };
    let read = |place: &str| secret(&app, place);
    let found = recipe::basic_auth(&basic, &came, &read).and_then(|()| postmark::event(&body));
    answer(&app, &name, found.map(|said| vec![said])).await
}

/// Reports of a provider by recipe.
async fn by_recipe(
    State(app): Shared,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let query = super::links::fields(query.unwrap_or_default().as_bytes());
    let came = Came { headers: &headers, query: &query, body: &body, now: app.node.now() };
    heard(&app, &name, None, &came).await
}

/// Reports to the address that came with a message.
async fn by_link(
    State(app): Shared,
    Path((name, token)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let query = super::links::fields(query.unwrap_or_default().as_bytes());
    let came = Came { headers: &headers, query: &query, body: &body, now: app.node.now() };
    heard(&app, &name, Some(&token), &came).await
}

async fn heard(
    app: &App,
    name: &str,
    token: Option<&str>,
    came: &Came<'_>,
) -> Result<Response, Problem> {
    let reports = defined(app, name, |provider| provider.webhook?.reports)?;
    let read = |place: &str| secret(app, place);
    let found = match (&reports.proof, token) {
        (Proof::Link(_), Some(token)) => {
            let named = app.site.tokens.read(Purpose::Report, token, name);
            let named = named.ok_or(Refused::Proof("the address is not one of ours"));
            named.and_then(|message| {
                let about = |said| Said { message: Some(message), ..said };
                Ok(recipe::said(&reports, came)?.into_iter().map(about).collect())
            })
        }
        (Proof::Link(_), None) | (_, Some(_)) => {
            Err(Refused::Proof("the address is not one of ours"))
        }
        (proof, None) => {
            recipe::verify(proof, came, &read).and_then(|()| recipe::said(&reports, came))
        }
    };
    answer(app, name, found).await
}

/// A provider that asks whether the address is ours, or that reports by the address alone.
async fn by_address(
    State(app): Shared,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reports = defined(&app, &name, |provider| provider.webhook?.reports)?;
    let fields = super::links::fields(query.unwrap_or_default().as_bytes());
    let came = Came { headers: &headers, query: &fields, body: &[], now: app.node.now() };
    let challenge = reports.challenge.as_ref();
    if challenge.is_some_and(|asked| came.parameter(&asked.parameter).is_some()) {
        let read = |place: &str| secret(&app, place);
        let said = recipe::challenged(&reports, &came, &read);
        let said = said.map_err(|why| refused(&app, &name, why))?;
        let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        return Ok((kind, said).into_response());
    }
    heard(&app, &name, None, &came).await
}

/// Text messages that people wrote, by recipe: what they end is in force when this is answered.
async fn brought(
    State(app): Shared,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let inbound = definition(&app, &name).and_then(|provider| provider.webhook?.inbound);
    let inbound = inbound.ok_or_else(|| {
        Problem::new(Code::NotFound, format!("no provider `{name}` brings messages here"))
            .hint("say `inbound` in its definition")
    })?;
    let query = super::links::fields(query.unwrap_or_default().as_bytes());
    let came = Came { headers: &headers, query: &query, body: &body, now: app.node.now() };
    let read = |place: &str| secret(&app, place);
    // With `link` nobody would prove anything; a definition cannot say it.
    let proven = match &inbound.proof {
        Proof::Link(_) => Err(Refused::Proof("there is no proof")),
        proof => recipe::verify(proof, &came, &read),
    };
    let catalog = app.catalog();
    let at_home = catalog.namespaces.home_plan();
    let found = proven.and_then(|()| recipe::brought(&inbound, &came, at_home));
    let found = found.map_err(|why| refused(&app, &name, why))?;
    for one in &found.whole {
        let told = inbound::Told {
            provider: &name,
            id: &one.id,
            from: &one.from,
            to: &one.to,
            text: &one.text,
            answered: None,
        };
        inbound::take(&app, told).await?;
    }
    if let Some(why) = found.fault() {
        let problem = refused(&app, &name, Refused::Malformed(why));
        return Err(problem.hint("`id` and `from` of `inbound` are places in each message"));
    }
    Ok((StatusCode::OK, "taken\n").into_response())
}
