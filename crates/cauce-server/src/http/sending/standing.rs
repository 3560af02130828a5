//! How mailbox providers' readers take what we send: complaints by sender's domain and day, and
//! whose marketing is paused for them.

use super::super::Shared;
use super::super::auth::Full;
use super::super::error::{Code, Problem};
use crate::watch::complaints;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cauce_core::delivery::mailboxes::MAILBOXES;
use cauce_core::limits::MAILBOX_DAYS_MAX;
use cauce_core::message::complained::day;
use cauce_core::policy::complaints::Pair;
use cauce_core::sender::Weight;
use cauce_core::sender::bulk::{Counts, Mailbox, Standing};
use cauce_core::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What was counted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counted {
    /// Messages that a server took.
    accepted: u64,
    /// Messages that reached the mailbox, as far as somebody reports that.
    delivered: u64,
    /// Readers who called it spam.
    complaints: u64,
    /// Among how many messages complaints are counted.
    among: u64,
    /// Complaints among a million of them.
    complaints_per_million: u64,
}

impl From<Counts> for Counted {
    fn from(counts: Counts) -> Counted {
        let Counts { accepted, delivered, complaints } = counts;
        let among = counts.among();
        let share = u128::from(complaints) * 1_000_000 / u128::from(among.max(1));
        let complaints_per_million = u64::try_from(share).unwrap_or(u64::MAX);
        Counted { accepted, delivered, complaints, among, complaints_per_million }
    }
}

/// Marketing of one domain to one mailbox provider on one day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct OfDay {
    /// The day (UTC).
    day: String,
    /// The domain of the From address.
    domain: String,
    /// The mailbox provider.
    mailbox: String,
    #[serde(flatten)]
    counted: Counted,
}

/// How today's marketing of one domain to one mailbox provider stands.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Today {
    /// The domain of the From address.
    domain: String,
    /// The mailbox provider.
    mailbox: String,
    /// `fine`, `alert` or `pause`; `pause` as well where it is paused since an earlier day.
    #[schema(value_type = String)]
    standing: Standing,
    /// What was counted since somebody let it go on.
    #[serde(flatten)]
    counted: Counted,
}

/// Marketing that is paused.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PausedFor {
    /// The domain of the From address.
    domain: String,
    /// The mailbox provider.
    mailbox: String,
    /// Since when.
    #[schema(value_type = String)]
    since: Timestamp,
    /// What was counted by then, if it is for complaints.
    #[serde(flatten)]
    counted: Counted,
    /// What the mailbox provider's server said, if it is because it refuses what the sender is.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
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
    /// How what was sent today stands.
    today: Vec<Today>,
    /// Whose marketing to whom is paused.
    paused: Vec<PausedFor>,
    /// Day by day, the newest first.
    days: Vec<OfDay>,
    /// Senders by what their last examination found at worst.
    #[schema(value_type = BTreeMap<String, String>)]
    senders: BTreeMap<String, Weight>,
}

/// How today stands: nothing leaves of what is paused, so that little or nothing was counted.
fn standing(counted: Standing, is_paused: bool) -> Standing {
    if is_paused { Standing::Pause } else { counted }
}

/// Complaints among delivered marketing by sender's domain, mailbox provider and day, and whose
/// marketing is paused for them.
#[utoipa::path(get, path = "/v1/deliverability", tag = "deliverability",
    responses((status = 200, body = Standings)))]
pub async fn show(_: Full, State(app): Shared) -> Json<Standings> {
    let rules = &app.watch.complaints.rules;
    let limits = |of: fn(&Mailbox) -> u64| {
        rules.mailboxes.iter().map(|one| (one.name.clone(), of(one))).collect()
    };
    let today = day(app.node.now());
    let all = complaints::days(&app, today.saturating_sub(MAILBOX_DAYS_MAX)).await;
    let (complained, blocked) =
        (complaints::all_paused(&app).await, complaints::all_blocked(&app).await);
    let is_paused = |pair: &Pair| complained.contains_key(pair) || blocked.contains_key(pair);
    let (mut days, mut standing_today) = (Vec::new(), Vec::new());
    for ((day, (domain, mailbox)), counted) in all.into_iter().rev() {
        if day == today {
            let fresh = counted.fresh();
            let pair = (domain.clone(), mailbox.clone());
            let standing = standing(rules.judge_counts(&mailbox, &fresh), is_paused(&pair));
            let (domain, mailbox) = pair;
            standing_today.push(Today { domain, mailbox, standing, counted: fresh.into() });
        }
        let (day, counted) = (complaints::date(day), counted.counts.into());
        days.push(OfDay { day, domain, mailbox, counted });
    }
    let mut paused = Vec::new();
    for ((domain, mailbox), one) in &complained {
        let (domain, mailbox) = (domain.clone(), mailbox.clone());
        let (since, counted) = (one.since, one.counts.into());
        paused.push(PausedFor { domain, mailbox, since, counted, refusal: None });
    }
    for ((domain, mailbox), one) in blocked {
        let counted = cauce_core::sender::bulk::Counts::default().into();
        let refusal =
            Some(format!("{} of {} messages were refused: {}", one.refused, one.among, one.text));
        paused.push(PausedFor { domain, mailbox, since: one.since, counted, refusal });
    }
    let worst = |findings: &[cauce_core::sender::Finding]| {
        findings.iter().map(|finding| finding.weight).max().unwrap_or(Weight::Unknown)
    };
    let senders = app.watch.examined.all().into_iter();
    Json(Standings {
        rules_as_of: rules.as_of.clone(),
        alert_per_million: limits(|one| one.alert_per_million),
        pause_per_million: limits(|one| one.pause_per_million),
        today: standing_today,
        paused,
        days,
        senders: senders.map(|(name, one)| (name, worst(&one.findings))).collect(),
    })
}

/// Lets marketing of a domain to a mailbox provider go on that was paused for complaints, or
/// because it was refused for what its sender is.
#[utoipa::path(post, path = "/v1/deliverability/{domain}/{mailbox}/resume", tag = "deliverability",
    params(("domain" = String, Path), ("mailbox" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub async fn resume(
    admin: Full,
    State(app): Shared,
    Path((domain, mailbox)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    if !MAILBOXES.contains(&mailbox.as_str()) {
        let detail = format!("there is no mailbox provider `{mailbox}`");
        return Err(Problem::new(Code::NotFound, detail).hint(MAILBOXES.join(", ")));
    }
    let domain = domain.to_ascii_lowercase();
    admin.1.note(format!("{domain} to {mailbox}"));
    let own = app.clone();
    // What is not paused goes on as it did.
    app.whole(async move { complaints::resume(&own, (domain, mailbox)).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_paused_is_not_fine_because_nothing_left_today() {
        for counted in [Standing::Fine, Standing::Alert, Standing::Pause] {
            assert_eq!(standing(counted, true), Standing::Pause);
            assert_eq!(standing(counted, false), counted);
        }
    }
}
