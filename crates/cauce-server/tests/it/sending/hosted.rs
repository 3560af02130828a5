//! A company's own domain at a large host: what sending straight learns holds for what is decided
//! before a message leaves.

use super::direct;
use crate::world::zone::Zone;
use crate::world::*;
use serde_json::{Value, json};

/// A company at Microsoft 365, and one with a server of its own; both servers are the sink.
const ZONE: &str = "host-record=company-test.mail.protection.outlook.com,127.0.0.1\n\
                    mx-host=company.test,company-test.mail.protection.outlook.com,10\n\
                    host-record=mx.readers.test,127.0.0.1\n\
                    mx-host=readers.test,mx.readers.test,10\n";

/// Letters of today by mailbox provider.
fn counted(cauce: &Cauce) -> Value {
    let shown = cauce.get("/v1/deliverability");
    let today = shown["today"].as_array().cloned().unwrap_or_default();
    today.iter().map(|one| (one["mailbox"].as_str().unwrap(), one["accepted"].clone())).collect()
}

#[test]
fn a_hosted_domain_counts_as_its_host_once_mail_went_there() {
    let Some(zone) = Zone::start(ZONE) else { return };
    let sink = Sink::start(Script::default());
    let mut cauce = Cauce::start(&format!("{}\nmail-port = {}", zone.config(), sink.port));
    cauce.apply(&shop(direct()));
    let lines: String = ["ana@company.test", "bob@company.test", "cid@readers.test"]
        .iter()
        .map(|to| {
            let event = json!({ "id": to, "name": "signed_up", "user_id": to, "email": to,
                "consents": [{ "topic": "news", "state": "granted", "source": "form" }] });
            format!("{event}\n")
        })
        .collect();
    assert_eq!(cauce.report(&lines, "?applied=true").status, 202);
    let start = |cauce: &Cauce, name: &str| {
        let despite = json!({ "despite": "a test" });
        let answer = cauce.post(&format!("/v1/campaigns/{name}/start"), &despite);
        assert_eq!(answer.status, 201, "{answer:?}");
        let run = answer.json()["run"].as_u64().unwrap();
        let shown = cauce.done(run, PATIENCE);
        assert_eq!(term(&shown, "sent"), 3, "{shown}");
    };
    // Nobody has written there: the first letters are those of anybody.
    start(&cauce, "monthly");
    assert_eq!(counted(&cauce), json!({ "other": 3 }));
    // What somebody asks for is in the group of its host as well.
    let code = json!({ "template": "code", "to": { "email": "ana@company.test" } });
    wait_for(PATIENCE, "that it was learned", || {
        let message = cauce.message_in(&cauce.send(&code), "accepted");
        (message["path"] == "mail/microsoft").then_some(())
    });
    // It is state: no message has to go there again.
    cauce.kill();
    cauce.again();
    start(&cauce, "second");
    assert_eq!(counted(&cauce), json!({ "other": 4, "microsoft": 2 }));
}
