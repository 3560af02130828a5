//! A relay through Postfix, as Debian packages it.
//!
//! `CAUCE_POSTFIX` names a folder into which the package was unpacked (`dpkg -x`); the test needs
//! root, because Postfix does. Without either the tests say that they did not run; with
//! `CAUCE_OUTSIDE=1` that is a failure, unless `CAUCE_WITHOUT=postfix` leaves them out.

use super::smuggles_nothing;
use super::world::postfix::{Postfix, ready};
use super::{Relay, delivers_what_we_composed, letters_beyond_ascii_travel_where_they_can};

#[tokio::test]
async fn postfix_delivers_what_we_composed_and_nothing_more() {
    let Some(postfix) = Postfix::start() else { return };
    ready(postfix.lenient).await;
    ready(postfix.strict).await;
    let inbox = postfix.inbox();
    let at = |port| Relay { name: "Postfix", port, inbox: &inbox };
    delivers_what_we_composed(at(postfix.strict)).await;
    let total = smuggles_nothing(at(postfix.lenient), 500).await;
    smuggles_nothing(at(postfix.strict), total).await;
}

#[tokio::test]
async fn postfix_takes_letters_beyond_ascii_where_it_can() {
    for offered in [true, false] {
        let lines = if offered { "" } else { "smtputf8_enable = no\n" };
        let Some(postfix) = Postfix::start_with(lines, &[]) else { return };
        ready(postfix.strict).await;
        let inbox = postfix.inbox();
        let relay = Relay { name: "Postfix", port: postfix.strict, inbox: &inbox };
        letters_beyond_ascii_travel_where_they_can(relay, offered).await;
    }
}
