//! Whether what we send is trusted, who would get it, and what it costs: senders examined,
//! complaints counted, audiences judged ahead, text messages priced.

pub mod ahead;
pub mod cost;
mod sample;
pub mod senders;
pub mod standing;

use crate::app::App;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// Its routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/senders/{name}/check", get(senders::check))
        .route("/v1/campaigns/audience", post(ahead::written))
        .route("/v1/campaigns/{name}/audience", get(ahead::published))
        .route("/v1/campaigns/{name}/cost", get(cost::campaign))
        .route("/v1/deliverability", get(standing::show))
        .route("/v1/deliverability/{domain}/{mailbox}/resume", post(standing::resume))
}
