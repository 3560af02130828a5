//! What a mail does: it becomes an input, which is durable before the mail is answered for.

use super::session::{Desk, Envelope};
use super::{Kind, desk_in};
use crate::app::App;
use crate::http::{links, v1};
use cauce_channels::email::returned;
use cauce_core::ids::{MessageId, TraceId};
use cauce_core::input::{Body, Input, Report, ReportKind};
use cauce_core::message::ledger::Message;
use cauce_core::returned::{Bounce, Mail, Returned, complains, read};
use cauce_core::time::Duration;
use std::sync::Arc;

/// What is answered for a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is in the log, or it says nothing.
    Taken,
    /// There is no room for it now.
    Later,
    /// It goes in circles.
    Loop,
}

/// How long after a message was made what comes back is about it. Servers give up within a week;
/// people complain, and unsubscribe, for longer: that never ends.
const RETURN_WITHIN: Duration = Duration(90 * Duration::DAY.0);
/// Limit: servers that a mail has passed (RFC 5321, 6.3: at least 100; no bounce passes so many).
const RECEIVED_MAX: usize = 50;

/// Takes a mail for the desks that its envelope names.
pub async fn take(app: &Arc<App>, envelope: &Envelope, raw: &[u8]) -> Answer {
    let mail = returned::read(raw);
    if mail.headers.all("received").count() > RECEIVED_MAX {
        app.mail_counts.add(Kind::Loop, 1);
        return Answer::Loop;
    }
    if v1::reserved_room(app).is_err() {
        return Answer::Later;
    }
    for desk in &envelope.desks {
        let taken = match desk {
            Desk::Return(message) => came_back(app, *message, envelope, &mail).await,
            Desk::Unsubscribe(message) => unsubscribe(app, *message, envelope, &mail).await,
            Desk::Answer(message) => answered(app, *message, envelope, &mail).await,
            Desk::Keeper => to_keeper(app, envelope, &mail).await,
        };
        match taken {
            Ok(kind) => app.mail_counts.add(kind, 1),
            Err(refusal) => {
                tracing::warn!(%refusal, "a mail could not be taken");
                return Answer::Later;
            }
        }
    }
    Answer::Taken
}

type Taken = Result<Kind, crate::app::Refusal>;

async fn came_back(app: &App, id: MessageId, envelope: &Envelope, mail: &Mail) -> Taken {
    let Some(row) = v1::messages::find(app, id).await? else { return Ok(Kind::Expired) };
    let address = row.attempts.last().map(|attempt| attempt.address.as_str());
    let said = read(mail, address);
    let late = app.node.now().since(row.created) > RETURN_WITHIN;
    let (kind, report) = match said {
        Returned::Complaint(kind) if kind == "opt-out" => {
            return withdraw(app, &row, "feedback loop").await;
        }
        Returned::Complaint(kind) if complains(&kind) => (Kind::Complaint, ReportKind::Complained),
        Returned::Complaint(_) => return Ok(Kind::Feedback),
        Returned::Bounce(_) | Returned::Progress(_) if late => return Ok(Kind::Expired),
        Returned::Bounce(_) if !is_daemon(&envelope.sender) => return Ok(Kind::Disbelieved),
        Returned::Bounce(bounce) => (Kind::Bounce, bounced(bounce)),
        Returned::Progress(progress) => {
            let what = progress.as_str().to_owned();
            (Kind::Progress, ReportKind::Underway { what })
        }
        Returned::AutoReply => automatic(),
        Returned::Reply => by_a_person(envelope),
    };
    tell(app, id, kind, report).await
}

async fn tell(app: &App, id: MessageId, kind: Kind, report: ReportKind) -> Taken {
    let at = app.node.now();
    let body = Body::Report(Report { message: id, at, kind: report });
    let input = Input { at, trace: TraceId::default(), body };
    app.append_durable(id.birthplace(), &input).await?;
    Ok(kind)
}

/// A machine answered for the reader: a step of the message, and nothing that anybody waits for.
fn automatic() -> (Kind, ReportKind) {
    (Kind::AutoReply, ReportKind::Underway { what: "auto-reply".to_owned() })
}

/// What looks as if a person wrote it. Nobody's mail is no person's (RFC 3834, 2): programs answer
/// so, that nobody answers to them.
fn by_a_person(envelope: &Envelope) -> (Kind, ReportKind) {
    match envelope.sender.is_empty() {
        true => automatic(),
        false => (Kind::Reply, ReportKind::Answered),
    }
}

/// A mail to the address that hears of answers. What else comes there was not sent by who reads.
async fn answered(app: &App, id: MessageId, envelope: &Envelope, mail: &Mail) -> Taken {
    let Some(row) = v1::messages::find(app, id).await? else { return Ok(Kind::Expired) };
    let address = row.attempts.last().map(|attempt| attempt.address.as_str());
    let (kind, report) = match read(mail, address) {
        Returned::Reply => by_a_person(envelope),
        Returned::AutoReply => automatic(),
        Returned::Bounce(_) | Returned::Progress(_) | Returned::Complaint(_) => {
            return Ok(Kind::Disbelieved);
        }
    };
    tell(app, id, kind, report).await
}

/// A mail to whoever keeps this server: a complaint that quotes a message of ours is one about it.
/// Everything else is counted and let go.
async fn to_keeper(app: &App, envelope: &Envelope, mail: &Mail) -> Taken {
    let complaint = matches!(read(mail, None), Returned::Complaint(_));
    let found = mail.clues().into_iter().find_map(|clue| desk_in(&app.site.tokens, clue));
    match found {
        Some(Desk::Return(message) | Desk::Unsubscribe(message) | Desk::Answer(message))
            if complaint =>
        {
            came_back(app, message, envelope, mail).await
        }
        Some(Desk::Return(_) | Desk::Unsubscribe(_) | Desk::Answer(_) | Desk::Keeper) | None => {
            Ok(Kind::Stranger)
        }
    }
}

fn bounced(bounce: Bounce) -> ReportKind {
    let Bounce { cause, hard, status, text } = bounce;
    ReportKind::Returned { cause, hard, status, text }
}

/// Who may say that a message did not arrive: nobody, since a report has no sender (RFC 3464), or
/// a mail system that does not know that.
fn is_daemon(sender: &str) -> bool {
    let local = sender.split('@').next().unwrap_or_default().to_ascii_lowercase();
    local.is_empty()
        || ["daemon", "postmaster", "bounce", "mail-delivery", "noreply", "no-reply"]
            .iter()
            .any(|word| local.contains(word))
}

/// A mail to the address that unsubscribes. Nobody's mail does not: it is a report that went
/// astray, or a loop.
async fn unsubscribe(app: &App, id: MessageId, envelope: &Envelope, mail: &Mail) -> Taken {
    if envelope.sender.is_empty() && mail.headers.get("return-path").is_none() {
        return Ok(Kind::Disbelieved);
    }
    if !mail.statuses.is_empty() || mail.feedback_report.is_some() {
        return Ok(Kind::Disbelieved);
    }
    let Some(row) = v1::messages::find(app, id).await? else { return Ok(Kind::Expired) };
    withdraw(app, &row, "unsubscribe mail").await
}

/// As by the link: from here on nothing more leaves to that person on that topic.
async fn withdraw(app: &App, row: &Message, source: &str) -> Taken {
    let body = Body::Consent { message: row.id, facts: links::withdrawn(row, source) };
    app.append_applied(row.id.birthplace(), body, TraceId::default()).await?;
    Ok(Kind::Unsubscribe)
}
