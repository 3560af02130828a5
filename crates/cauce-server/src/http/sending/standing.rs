//! How mailbox providers take what we send: complaints by day, and who is paused for them.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::watch::trust::{Counts, Paused};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::sender::Weight;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was counted of one mailbox provider on one day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counted {
    /// The day (UTC).
    day: String,
    /// The mailbox provider.
    mailbox: String,
    #[serde(flatten)]
    counts: Counts,
    /// Among how many messages complaints are counted.
    among: u64,
    /// Complaints among a million of them.
    complaints_per_million: u64,
}

/// How everything stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Standings {
    /// When the limits were collected.
    rules_as_of: String,
    /// From how many complaints among a million somebody should look, by mailbox provider.
    alert_per_million: BTreeMap<String, u64>,
    /// From how many marketing stops.
    pause_per_million: BTreeMap<String, u64>,
    /// How each mailbox provider stands today: `fine`, `alert` or `pause`.
    #[schema(value_type = BTreeMap<String, String>)]
    today: BTreeMap<String, cauce_core::sender::bulk::Standing>,
    /// To whom marketing is paused.
    paused: BTreeMap<String, Paused>,
    /// Day by day, the newest first.
    days: Vec<Counted>,
    /// Senders by what their last examination found at worst.
    #[schema(value_type = BTreeMap<String, String>)]
    senders: BTreeMap<String, Weight>,
}

/// Complaints among delivered marketing by mailbox provider and day, and who is paused.
#[utoipa::path(get, path = "/v1/deliverability", tag = "deliverability",
    responses((status = 200, body = Standings)))]
pub async fn show(_: Full, State(app): Shared) -> Json<Standings> {
    let trust = &app.watch.trust;
    let limits = |of: fn(&cauce_core::sender::bulk::Mailbox) -> u64| {
        trust.rules.mailboxes.iter().map(|one| (one.name.clone(), of(one))).collect()
    };
    let mut days = Vec::new();
    for (day, all) in trust.days().into_iter().rev() {
        for (mailbox, counts) in all {
            let among = counts.among();
            let share = u128::from(counts.complaints) * 1_000_000 / u128::from(among.max(1));
            let complaints_per_million = u64::try_from(share).unwrap_or(u64::MAX);
            days.push(Counted { day: day.clone(), mailbox, counts, among, complaints_per_million });
        }
    }
    let standings = trust.standings(app.node.now()).into_iter();
    let worst = |findings: &[cauce_core::sender::Finding]| {
        findings.iter().map(|finding| finding.weight).max().unwrap_or(Weight::Unknown)
    };
    let senders = trust.examinations().into_iter();
    Json(Standings {
        rules_as_of: trust.rules.as_of.clone(),
        alert_per_million: limits(|one| one.alert_per_million),
        pause_per_million: limits(|one| one.pause_per_million),
        today: standings.map(|(name, (_, standing))| (name, standing)).collect(),
        paused: trust.paused(),
        days,
        senders: senders.map(|(name, one)| (name, worst(&one.findings))).collect(),
    })
}

/// Lets marketing to a mailbox provider go on that was paused for complaints.
#[utoipa::path(post, path = "/v1/deliverability/{mailbox}/resume", tag = "deliverability",
    params(("mailbox" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn resume(
    admin: Full,
    State(app): Shared,
    Path(mailbox): Path<String>,
) -> Result<StatusCode, Problem> {
    let names = app.watch.trust.rules.mailboxes.iter().map(|one| one.name.as_str());
    if !names.clone().any(|name| name == mailbox) {
        let detail = format!("there is no mailbox provider `{mailbox}`");
        let hint = names.collect::<Vec<_>>().join(", ");
        return Err(Problem::new(Code::NotFound, detail).hint(hint));
    }
    // One that is not paused goes on as it did.
    app.watch.trust.resume(&mailbox, app.node.now());
    admin.1.note(mailbox);
    Ok(StatusCode::NO_CONTENT)
}
