//! Text messages that people write to us. What they mean is decided in the core; here they become
//! lines of the log, and are in force when the carrier is answered.

use super::super::error::{Code, Problem};
use super::super::v1::{reserved_room, trace};
use crate::app::App;
use cauce_core::decide::{home, key_home};
use cauce_core::input::{Body, Input};
use cauce_core::sms::Keyword;
use cauce_core::sms::inbound::{Received, read};

/// An inbound text message, as a carrier tells it.
pub(crate) struct Told<'t> {
    /// The definition that carries it.
    pub provider: &'t str,
    /// The carrier's own name for it.
    pub id: &'t str,
    /// Who wrote, with its plus.
    pub from: &'t str,
    /// To which of our numbers.
    pub to: &'t str,
    /// What.
    pub text: &'t str,
    /// The word that the carrier has heard and answered by itself.
    pub answered: Option<Keyword>,
}

/// Takes an inbound message in.
pub(crate) async fn take(app: &App, told: Told<'_>) -> Result<(), Problem> {
    reserved_room(app)?;
    if told.id.is_empty() || told.from.is_empty() {
        return Err(Problem::new(Code::Malformed, "an inbound message has an id and a sender"));
    }
    let Ok(from) = app.catalog().namespaces.canonical("phone", told.from) else {
        // Names in letters write too: banks, networks. Nobody is behind them whom we could know.
        tracing::info!(provider = told.provider, "an inbound message of a name in letters");
        return Ok(());
    };
    let meaning = {
        let book = app.book();
        let received = Received {
            provider: told.provider,
            id: told.id,
            from,
            to: told.to,
            text: told.text,
            answered: told.answered,
            at: app.node.now(),
        };
        read(&received, book.text_senders())
    };
    let trace = trace();
    let partitions = app.node.partitions();
    let alias = meaning.event.aliases.first();
    let partition = alias.map_or(0, |alias| home(alias, partitions));
    // In force when it is answered: nothing that is granted afterwards leaves.
    app.append_applied(partition, Body::Event(Box::new(meaning.event)), trace).await?;
    if let Some(request) = meaning.answer {
        let partition = request.idempotency_key.as_ref().map_or(0, |key| key_home(key, partitions));
        let body = Body::Request(Box::new(request));
        app.append_durable(partition, &Input { at: app.node.now(), trace, body }).await?;
    }
    Ok(())
}
