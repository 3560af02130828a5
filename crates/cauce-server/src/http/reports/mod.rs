//! What providers report: one file for each vendor, which verifies who says so by the secret of the
//! provider's definition, and reads what it means. What was understood is durable before it is
//! answered; who says it twice changes nothing.
#![allow(dead_code)] // FRAME: until the first vendor reports; the merger takes this line out

use super::error::Problem;
use super::v1::{reserved_room, trace};
use crate::app::App;
use axum::Router;
use cauce_core::input::{Body, Input, Report};
use cauce_core::publish::{self, Kind, ProviderSource};
use futures_util::future::join_all;
use std::sync::Arc;

/// The routes of all vendors: `/reports/{vendor}/{provider}`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
}

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
