//! Short links of a text message: kept before it leaves, so that whoever follows one finds it.

use crate::app::App;
use cauce_core::ids::{MessageId, TraceId};
use cauce_core::input::Body;
use cauce_core::message::named::Named;
use cauce_core::sms::links::{LINK, Short};
use cauce_core::state::{Key, Row, Rows};

/// Keeps what the links of a message lead to. An error says why it must not leave with them;
/// another attempt has other tokens.
pub async fn keep(app: &App, message: MessageId, links: Vec<Short>) -> Result<(), String> {
    let home = message.birthplace();
    let body = Body::Shorten { message, links: links.clone() };
    // Durable is not enough: whether a token is another message's is known once it is applied.
    app.append_applied(home, body, TraceId::default())
        .await
        .map_err(|refusal| format!("its short links could not be kept: {refusal:?}"))?;
    for Short { token, target } in links {
        if leads(app, &token).await != Some((message, target)) {
            return Err("a short link of it is another message's, or its person is gone".to_owned());
        }
    }
    Ok(())
}

/// Where a short link leads, and whose it is.
pub async fn leads(app: &App, token: &str) -> Option<(MessageId, String)> {
    let home = cauce_core::sms::links::home(token)?;
    if home >= app.node.partitions() {
        return None;
    }
    let (key, now) = (Key::Named(LINK.to_owned(), token.to_owned()), app.node.now());
    let found = app.ask(home, move |p| match p.rows().get(&key) {
        Some(Row::Named(row)) => match &*row {
            Named::Link { message, target, until } if *until > now => {
                Some((*message, target.clone()))
            }
            Named::Link { .. }
            | Named::Links { .. }
            | Named::Known { .. }
            | Named::Waiting { .. } => None,
        },
        _ => None,
    });
    found.await.flatten()
}
