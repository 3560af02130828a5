//! What providers say by themselves over connections of ours: receipts, and texts of people. It is
//! durable before the provider is answered, so that what is lost here is said again.

use crate::app::App;
use crate::http::reports::inbound;
use cauce_channels::sms::smpp::{Said, Text};
use cauce_core::decide::name_home;
use cauce_core::ids::TraceId;
use cauce_core::input::{Body, Input, ProviderReport};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Something that a provider says.
pub struct Heard {
    /// Its definition.
    pub provider: Arc<str>,
    /// Codes of receipts that say that there is no such number.
    pub gone: Arc<BTreeSet<String>>,
    /// What it says.
    pub said: Said,
    /// Where it is told whether that is durable.
    pub durable: oneshot::Sender<bool>,
}

/// For so long the same words of one person are one message, if the provider repeats them.
const SAME_MS: i64 = 2 * 60 * 1_000;

/// Takes in what is said, as much at once as the sessions let through; ends when the process stops:
/// what is not answered then is said again after the next start.
pub async fn hear(app: Arc<App>, mut inbox: UnboundedReceiver<Heard>) {
    let mut under_way = JoinSet::new();
    loop {
        let heard = tokio::select! {
            heard = inbox.recv() => heard,
            Some(_) = under_way.join_next(), if !under_way.is_empty() => continue,
            () = app.stopping.cancelled() => return,
        };
        let Some(Heard { provider, gone, said, durable }) = heard else { return };
        let app = Arc::clone(&app);
        under_way.spawn(async move {
            let _ = durable.send(take(&app, &provider, &gone, said).await);
        });
    }
}

/// Whether it is durable, or nothing that has to be.
async fn take(app: &App, provider: &str, gone: &BTreeSet<String>, said: Said) -> bool {
    let receipt = match said {
        Said::Text(text) => return take_text(app, provider, &text).await,
        Said::Receipt(receipt) => receipt,
    };
    // On its way, or nobody knows: nothing that a message's end could be.
    let Some(kind) = receipt.report(gone) else { return true };
    let at = app.node.now();
    let to = name_home(provider, &receipt.id, app.node.partitions());
    let report = ProviderReport { provider: provider.to_owned(), id: receipt.id, at, kind };
    let input = Input { at, trace: TraceId::default(), body: Body::ProviderReport(report) };
    let appended = app.append_durable(to, &input).await;
    if let Err(error) = &appended {
        tracing::warn!(provider, %error, "a receipt is not durable; the provider will repeat it");
    }
    appended.is_ok()
}

async fn take_text(app: &App, provider: &str, text: &Text) -> bool {
    if text.from.is_empty() {
        return true; // nobody whom we could know
    }
    // SMPP names no message. After a crash a provider repeats what we had not answered: within
    // this span the words are the name.
    let id = format!("{:016x}-{}", text.digest, app.node.now().0 / SAME_MS);
    let told = inbound::Told {
        provider,
        id: &id,
        from: &text.from,
        to: &text.to,
        text: &text.text,
        answered: None,
    };
    let taken = inbound::take(app, told).await;
    if taken.is_err() {
        tracing::warn!(provider, "a text is not durable; the provider will repeat it");
    }
    taken.is_ok()
}
