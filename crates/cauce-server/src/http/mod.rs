//! The HTTP edge: accepts, admits, appends. The only room that names a status code or a JSON field
//! of the API.

pub mod access;
mod auth;
pub mod backups;
pub mod console;
pub mod error;
mod inbox;
pub mod links;
pub mod openapi;
mod ops;
pub mod people;
mod push;
pub mod queues;
pub mod rate;
pub mod reports;
pub mod schemas;
pub mod sending;
pub mod shapes;
pub mod share;
mod ui;
pub mod v1;
pub mod who;

use crate::app::App;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use std::net::SocketAddr;
use std::sync::Arc;

/// What handlers get.
pub type Shared = State<Arc<App>>;

/// The largest body of a request: a batch of events.
const BODY_BYTES_MAX: usize = 8 << 20;

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    let segment = Router::new()
        .route("/v1/batch", post(v1::segment::batch))
        .route("/v1/projects/{key}/settings", get(v1::segment::settings))
        .route("/v1/import", post(v1::segment::import))
        .route("/v1/{call}", post(v1::segment::call));
    let pages = Router::new()
        .route("/healthz", get(ops::health))
        .route("/readyz", get(ops::ready))
        .route("/metrics", get(ops::metrics))
        .route("/openapi.json", get(ops::openapi))
        .route("/errors/{code}", get(error::explain))
        .route("/inbox", get(inbox::list))
        .route("/inbox/{id}", get(inbox::show))
        .route("/inbox/{id}/html", get(inbox::html))
        .route("/style.css", get(inbox::style));
    let public = Router::new()
        .route("/c/{token}/{target}", get(links::click))
        .route("/s/{token}", get(links::short))
        .route("/o/{token}", get(links::open))
        .route("/u/{token}", get(links::confirm).post(links::unsubscribe))
        .route("/v1/push/opened", post(push::opened))
        .route("/v1/push/key", get(push::key))
        .route("/confirm/{token}", get(links::ask_confirmation).post(links::confirm_consent))
        .route("/preferences/{token}", get(links::preferences).post(links::set_preferences))
        .layer(middleware::from_fn_with_state(app.clone(), rate::pages));
    pages
        .merge(public)
        .merge(api())
        .merge(console::routes())
        .merge(profiles())
        .merge(who::routes())
        .merge(reports::routes())
        .merge(queues::routes())
        .merge(sending::routes())
        .merge(members())
        .merge(shared())
        .merge(segment)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .fallback(ui::page)
        .layer(middleware::from_fn_with_state(app.clone(), access::guard))
        // Before the guard: a page reads a no as well.
        .layer(middleware::from_fn_with_state(app.clone(), share::origins::allow))
        .layer(middleware::from_fn_with_state(app.clone(), count))
        .with_state(app)
}

/// What is reported, asked for and steered.
fn api() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/events", post(v1::events::accept))
        .route("/v1/messages", post(v1::messages::create).get(v1::messages::list))
        .route("/v1/messages/export", get(v1::messages::export))
        .route("/v1/messages/{id}", get(v1::messages::show))
        .route("/v1/segments", get(v1::segments::list))
        .route("/v1/segments/{name}", get(v1::segments::show))
        .route("/v1/segments/{name}/members", get(v1::segments::members))
        .route("/v1/definitions", get(v1::definitions::list))
        .route("/v1/definitions/check", post(v1::definitions::check))
        .route("/v1/definitions/plan", post(v1::definitions::plan))
        .route("/v1/definitions/apply", post(v1::definitions::apply))
        .route("/v1/definitions/{kind}/{name}/revisions", get(v1::definitions::revisions))
        .route("/v1/templates/{name}/variables", get(v1::definitions::variables))
        .route("/v1/campaigns", get(v1::campaigns::list))
        .route("/v1/campaigns/{name}/start", get(v1::campaigns::ahead).post(v1::campaigns::start))
        .route("/v1/campaigns/runs/{id}", get(v1::campaigns::show))
        .route("/v1/campaigns/runs/{id}/{to}", post(v1::campaigns::steer))
        .route("/v1/explain/{id}", get(v1::explain::show))
        .route(
            "/v1/suppressions",
            get(v1::suppressions::bulk::list)
                .post(v1::suppressions::set)
                .delete(v1::suppressions::lift),
        )
        .route("/v1/devices/refused", get(people::refused::list))
        .route("/v1/devices/refused/{keeper}/{to}", post(people::refused::decide))
        .route("/v1/suppressions/import", post(v1::suppressions::bulk::import))
        .route("/v1/suppressions/held", get(v1::suppressions::held::list))
        .route("/v1/suppressions/held/{keeper}/{to}", post(v1::suppressions::held::release))
        .route("/v1/keys", get(v1::keys::list).post(v1::keys::make))
        .route("/v1/keys/{prefix}", axum::routing::delete(v1::keys::revoke))
        .route("/v1/sending", get(ops::sending).post(ops::steer_sending))
        .route("/v1/quarantine", get(schemas::quarantine::list))
        .route("/v1/quarantine/replay", post(schemas::quarantine::replay))
        .route("/v1/quarantine/drop", post(schemas::quarantine::drop))
        .route("/v1/quarantine/{id}", get(schemas::quarantine::show))
        .route("/v1/schemas", get(schemas::show::list))
        .route("/v1/schemas/attributes", get(schemas::show::attributes))
        .route("/v1/schemas/events/{name}", get(schemas::show::event))
        .route("/v1/complete", get(schemas::complete::complete))
        .route("/v1/backups", get(backups::list).post(backups::make))
        .route("/v1/retention", post(ops::retain))
        .route("/v1/clock", get(ops::clock).post(ops::set_clock))
        .route("/v1/clock/confirm", post(ops::confirm_clock))
}

/// One person: what is known, why, and being forgotten.
fn profiles() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/v1/profiles/{namespace}/{value}/devices",
            get(people::devices::list)
                .put(people::devices::register)
                .delete(people::devices::remove),
        )
        .route(
            "/v1/profiles/{namespace}/{value}",
            get(v1::profiles::show).delete(people::erasures::erase).patch(people::rectify::rectify),
        )
        .route("/v1/profiles/{namespace}/{value}/export", get(people::export::export))
        .route("/v1/profiles/{namespace}/{value}/segments/{segment}", get(v1::profiles::segment))
        .route("/v1/profiles/{namespace}/{value}/campaigns/{run}", get(v1::profiles::campaign))
        .route("/v1/profiles/{namespace}/{value}/journeys/{journey}", get(v1::why::journey))
        .route("/v1/profiles/{namespace}/{value}/templates/{template}", get(v1::why::template))
        .route("/v1/profiles/{namespace}/{value}/identity", get(people::identity::show))
        .route("/v1/profiles/{namespace}/{value}/consents", get(people::consents::show))
        .route("/v1/erasures", get(people::erasures::list))
        .route("/v1/erasures/sweep", post(people::erasures::sweep))
}

/// Who may sign in, and what they did.
fn members() -> Router<Arc<App>> {
    use access::{audit, members, secrets, session};
    Router::new()
        .route("/v1/session", get(session::show).post(session::sign_in).delete(session::sign_out))
        .route("/v1/session/join", post(session::join))
        .route("/v1/session/password", post(session::set_password))
        .route("/v1/members", get(members::list).post(members::add))
        .route("/v1/members/{email}", axum::routing::patch(members::change).delete(members::remove))
        .route("/v1/members/{email}/invitation", post(members::invite))
        .route("/v1/audit", get(audit::list))
        .route("/v1/secrets", get(secrets::list))
        .route("/v1/secrets/{name}", axum::routing::put(secrets::set).delete(secrets::remove))
        .route("/enter/{token}", get(session::enter))
}

/// What others may know.
fn shared() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/lookup", get(share::lookup::show))
        .route("/v1/lookup/live", get(share::live::stream))
        .route("/v1/offers/{placement}", get(share::offers::show))
        .route("/ofrep/v1/evaluate/flags", post(share::ofrep::many))
        .route("/ofrep/v1/evaluate/flags/{key}", post(share::ofrep::one))
        .route("/v1/browser-tokens", post(share::tokens::make))
        .route("/v1/membership-changes", get(share::changes::stream))
        .route("/v1/membership-changes/position", get(share::changes::position))
        .route("/v1/destinations", get(share::destinations::list))
        .route("/v1/destinations/{name}/resume", post(share::destinations::resume))
        .route("/v1/destinations/{name}/snapshots", post(share::destinations::make))
        .route("/v1/sources", get(share::sources::list))
        .route("/v1/sources/{name}", get(share::sources::show))
        .route("/v1/sources/{name}/files", get(share::sources::files))
        .route("/v1/sources/{name}/run", post(share::sources::run))
}

/// Counts every answer, and sets the headers that every answer has.
async fn count(State(app): Shared, request: Request, next: Next) -> Response {
    let mut response = error::as_problem(next.run(request).await).await;
    app.metrics.answered(response.status().as_u16());
    let headers = response.headers_mut();
    headers.insert("x-content-type-options", "nosniff".parse().expect("a header value"));
    headers.insert("referrer-policy", "no-referrer".parse().expect("a header value"));
    response
}

/// How long nothing of what was sent may be taken before a connection counts as gone (RFC 5482).
#[cfg(target_os = "linux")]
const GONE_AFTER_MS: u32 = 120_000;

/// Listens until the process stops; answers where, since port 0 is anybody's guess.
pub async fn serve(
    app: Arc<App>,
    listen: &str,
) -> anyhow::Result<(SocketAddr, impl Future<Output = ()> + Send + use<>)> {
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(|error| anyhow::anyhow!("cannot listen on {listen}: {error}"))?;
    let address = listener.local_addr()?;
    let stopping = app.stopping.clone();
    let router = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let served = async move {
        use axum::serve::ListenerExt as _;
        let listener = listener.tap_io(|stream| {
            // Without it small answers wait for acknowledgements.
            let _ = stream.set_nodelay(true);
            // A telephone that loses its network says no word of it, and its streams keep their
            // places until the kernel gives up: usually a quarter of an hour.
            #[cfg(target_os = "linux")]
            let _ = rustix::net::sockopt::set_tcp_user_timeout(&*stream, GONE_AFTER_MS);
        });
        let graceful = async move { stopping.cancelled().await };
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(graceful).await {
            tracing::error!(%error, "the HTTP server ended");
        }
    };
    Ok((address, served))
}
