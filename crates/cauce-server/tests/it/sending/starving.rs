//! A mailbox provider that swallows everything, and all the others whose mail goes the same way.

use super::direct;
use crate::world::zone::Zone;
use crate::world::*;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// Two mail servers on one port of two addresses. Everybody who connects to the second waits: the
/// system takes the connection, and nobody ever greets.
const MAIL: &str = "host-record=mx.readers.test,127.0.0.1\n\
                    mx-host=readers.test,mx.readers.test,10\n\
                    host-record=hole.holes.test,127.0.0.2\n\
                    mx-host=gmail.com,hole.holes.test,10\n\
                    host-record=pit.pits.test,127.0.0.2\n\
                    mx-host=pits.test,pit.pits.test,10\n";

fn sign_up(cauce: &Cauce, domain: &str, count: usize) {
    let lines: String = (0..count)
        .map(|n| {
            let event = json!({
                "id": format!("signed-up-{n}-{domain}"), "name": "signed_up",
                "user_id": format!("p{n}-{domain}"), "email": format!("p{n}@{domain}"),
                "attributes": { "first_name": format!("N{n}") },
                "consents": [{ "topic": "news", "state": "granted", "source": "form" }],
            });
            format!("{event}\n")
        })
        .collect();
    let answer = cauce.report(&lines, "?historical=true");
    assert_eq!(answer.status, 202, "{answer:?}");
}

#[test]
fn a_mailbox_provider_that_swallows_everything_starves_nobody() {
    let _alone = alone();
    let Some(zone) = Zone::start(MAIL) else { return };
    let sink = Sink::start(Script::default());
    let _hole = TcpListener::bind(("127.0.0.2", sink.port)).unwrap();
    let cauce = Cauce::start(&format!("{}\nmail-port = {}", zone.config(), sink.port));
    let mut provider = direct();
    provider["in-flight"] = 64.into();
    cauce.apply(&shop(provider));
    // One is known by its name, and one is a company's among all the others.
    for (domain, count) in [("gmail.com", 300), ("pits.test", 300), ("readers.test", 300)] {
        sign_up(&cauce, domain, count);
    }
    wait_for(PATIENCE, "everybody in the segment", || {
        (cauce.get("/v1/segments/everybody")["members"] == 900).then_some(())
    });
    // Nobody signs for it, and nothing is published: that is refused, but for a reason.
    let path = "/v1/campaigns/monthly/start";
    assert_eq!(cauce.post(path, &Value::Null).status, 409);
    let started = cauce.post(path, &json!({ "despite": "this zone is not the world" }));
    assert_eq!(started.status, 201, "{started:?}");
    let begun = Instant::now();
    let mut latest = Duration::ZERO;
    for n in 0..20 {
        let asked = Instant::now();
        let order =
            json!({ "template": "code", "to": { "email": format!("code{n}@readers.test") } });
        let id = cauce.send(&order);
        cauce.message_in(&id, "accepted");
        latest = latest.max(asked.elapsed());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(latest < Duration::from_secs(5), "a code took {latest:?}");
    wait_for(Duration::from_secs(25), "everybody who can be reached", || {
        (sink.arrived() >= 320).then_some(())
    });
    // Behind a swallowed message another one begins after 30 s at the soonest.
    assert!(begun.elapsed() < Duration::from_secs(28), "{:?}", begun.elapsed());
}
