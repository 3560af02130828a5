//! CloudEvents over HTTP, as the SDK of their project sends them in each of the three modes.

use crate::sharing::flags::script;
use crate::world::*;
use serde_json::{Value, json};

#[test]
fn the_sdk_of_cloud_events_is_understood_in_every_mode() {
    let cauce = Cauce::start("");
    let address = format!("http://127.0.0.1:{}", cauce.port);
    let node = ("CAUCE_NODE", "node");
    let probe = ["-e", "require('cloudevents')"];
    let arguments = [address.as_str(), &cauce.key];
    let Some(said) = script("cloudevents", node, probe, "cloud_events.js", &arguments) else {
        return;
    };
    let said = said.as_array().unwrap();
    let statuses: Vec<_> = said.iter().map(|one| one["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [202, 202, 202, 202, 202, 422, 202], "{said:?}");
    let accepted: Vec<_> = said.iter().map(|one| one["body"]["accepted"].clone()).collect();
    assert_eq!(accepted, [json!(1), json!(1), json!(1), json!(1), json!(2), Value::Null, json!(1)]);
    assert!(said[5].to_string().contains("about nobody"), "{}", said[5]);
    let orders = |who: &str, expected: usize| {
        wait_for(PATIENCE, "all orders", || {
            let profile = cauce.ask("GET", &format!("/v1/profiles/{who}"), "application/json", b"");
            let shown = (profile.status == 200).then(|| profile.json())?;
            let rows = shown["timeline"].as_array()?.clone();
            (rows.len() >= expected).then_some((shown, rows))
        })
    };
    // What was said twice, with the same source, is one event; by another source it is another.
    let (_, rows) = orders("user_id/ana", 3);
    assert_eq!(rows.len(), 3, "{rows:?}");
    let (_, rows) = orders("user_id/bo", 3);
    assert_eq!(rows.len(), 3, "{rows:?}");
    // Its address is a name of the person, and an attribute, as in any other way of reporting.
    let (shown, _) = orders("email/ana@example.com", 3);
    assert_eq!(shown["attributes"]["email"]["value"], "ana@example.com", "{shown}");
}
