//! Mail servers.

use crate::app::App;
use crate::loops::delivery::Carrier;
use cauce_channels::email::{pool, smtp};
use cauce_core::publish::Smtp;
use std::sync::Arc;
use std::time::Duration;

/// How a mail server is talked to.
pub(crate) fn mail_server(app: &App, server: &Smtp) -> anyhow::Result<smtp::Options> {
    let auth = match (&server.username, &server.password) {
        (Some(name), Some(place)) => Some(smtp::Auth {
            name: name.clone(),
            password: app.secrets.read(place)?,
            allow_plaintext: false,
        }),
        _ => None,
    };
    let security = match server.tls.as_str() {
        "none" => smtp::Security::Plain,
        "starttls-required" => smtp::Security::Required,
        "tls" => smtp::Security::Implicit,
        _ => smtp::Security::Opportunistic,
    };
    Ok(smtp::Options {
        host: server.host.clone(),
        port: server.port,
        security,
        tls: app.tls.clone(),
        auth,
        helo_name: app.helo_name.clone(),
        timeouts: smtp::Timeouts::default(),
    })
}

/// Makes the way out.
pub(super) fn smtp(app: &App, server: &Smtp, in_flight: usize) -> anyhow::Result<Carrier> {
    let options = pool::Options {
        server: mail_server(app, server)?,
        connections_max: server.connections,
        messages_per_connection_max: server.messages_per_connection as usize,
        // Twice the allocator's largest: room is given back a moment after an end was read, and the
        // window may change while connections go on.
        window: in_flight.max(cauce_core::limits::IN_FLIGHT_MAX as usize) * 2,
        idle_timeout: Duration::from_secs(30),
        reopen_delay: Duration::from_secs(1),
    };
    let allocator = app.allocator.clone();
    let revoked: pool::Revoked = Arc::new(move |message| allocator.is_revoked(message));
    let _inside = app.runtime.enter();
    let (pool, mut ends) = pool::Pool::start(options, app.egress.clone(), revoked)?;
    let ended = app.ended.clone();
    // Ends when the pool is dropped: its channel closes.
    app.runtime.spawn(async move {
        while let Some(end) = ends.recv().await {
            let _ = ended.send((end.message, end.outcome.clone()));
        }
    });
    Ok(Carrier::Smtp(pool))
}
