//! What the reports of all carriers of text messages begin with: whose they are, by which secret
//! they are proven, and what an end means.

use super::super::error::{Code, Problem};
use super::definition;
use crate::app::App;
use cauce_core::delivery::Enhanced;
use cauce_core::input::ReportKind;
use cauce_core::publish::ProviderSource;

/// What the definition of a carrier says; `of` picks the vendor's own part.
pub(super) fn carrier<T>(
    app: &App,
    name: &str,
    vendor: &str,
    of: impl FnOnce(ProviderSource) -> Option<T>,
) -> Result<T, Problem> {
    definition(app, name).and_then(of).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("no provider `{name}` is one of {vendor}"))
    })
}

/// The secret that signs reports.
pub(super) fn signing(app: &App, place: &str) -> Result<String, Problem> {
    let secret = app.secrets.read(place).map_err(|_| {
        Problem::new(Code::Unavailable, "the secret that signs reports cannot be read")
    })?;
    Ok(secret.trim().to_owned())
}

/// The answer to who cannot prove a report.
pub(super) fn unproven(hint: &str) -> Problem {
    Problem::new(Code::Unauthorized, "the signature does not hold").hint(hint)
}

/// What an end without an arrival means, by the vendor's own code for its reason.
pub(super) fn failed(
    status: &str,
    code: &str,
    meaning: impl FnOnce(u64) -> Option<Enhanced>,
) -> ReportKind {
    let text = format!("{status} {code}").trim_end().to_owned();
    match code.parse().ok().and_then(meaning) {
        Some(Enhanced::OPTED_OUT) => ReportKind::OptedOut { text },
        Some(Enhanced(5, 1, 1)) => ReportKind::Bounced { text, hard: true },
        Some(_) | None => ReportKind::Bounced { text, hard: false },
    }
}
