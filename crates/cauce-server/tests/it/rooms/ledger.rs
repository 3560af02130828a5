//! Messages of everybody, newest first, by what they are and what became of them.

use super::*;

fn ids(answer: &Value) -> Vec<String> {
    let all = answer["messages"].as_array().unwrap();
    all.iter().map(|message| message["id"].as_str().unwrap().to_owned()).collect()
}

fn created(answer: &Value) -> Vec<String> {
    let all = answer["messages"].as_array().unwrap();
    all.iter().map(|message| message["created"].as_str().unwrap().to_owned()).collect()
}

fn count(cauce: &Cauce, asked: &str) -> usize {
    ids(&cauce.get(&format!("/v1/messages?limit=500&{asked}"))).len()
}

/// Eight people of whom three take no news, a campaign to all of them, and six codes.
fn world() -> (Cauce, u64) {
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    for n in 0..8 {
        report(&cauce, "signed_up", &format!("p{n}"), json!({ "first_name": "Ana" }));
    }
    for n in 0..3 {
        let one = json!({ "namespace": "email", "address": address(n), "reason": "manual" });
        let answer = cauce.post("/v1/suppressions", &one);
        assert!(answer.status < 300, "{answer:?}");
    }
    let run = cauce.start_campaign("monthly");
    for n in 0..6 {
        let asked = json!({ "template": "code", "to": { "email": address(n) },
            "payload": { "code": n }, "idempotency_key": format!("k{n}") });
        assert_eq!(cauce.post("/v1/messages", &asked).status, 202);
    }
    cauce.done(run, PATIENCE);
    wait_for(PATIENCE, "all codes have ended", || {
        let ended = count(&cauce, "template=code&state=pending") == 0;
        (ended && count(&cauce, "template=code") == 6).then_some(())
    });
    (cauce, run)
}

#[test]
fn the_list_is_the_ledger_and_every_term_of_a_run_leads_to_its_messages() {
    let (cauce, run) = world();
    let all = cauce.get("/v1/messages?limit=500");
    let export = cauce.ask("GET", "/v1/messages/export", "", b"").text;
    assert_eq!(ids(&all).len(), export.lines().count());
    assert!(all["next"].is_null() && all["back_to"].is_null(), "{all}");
    // Fractions of a second have as many digits as they need: without the letter behind them their
    // order is that of the texts.
    let made = created(&all);
    let made: Vec<_> = made.iter().map(|at| at.trim_end_matches('Z')).collect();
    assert!(made.windows(2).all(|pair| pair[0] >= pair[1]), "newest first: {made:?}");
    // Page by page it is the same list.
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = cauce.get(&format!("/v1/messages?limit=3{cursor}"));
        assert!(ids(&page).len() <= 3);
        paged.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, ids(&all));
    // The balance of the run, term by term.
    let balance = cauce.get(&format!("/v1/campaigns/runs/{run}"))["balance"].clone();
    assert!(balance["refused"].as_u64().unwrap() >= 3 && balance["sent"].as_u64().unwrap() >= 1);
    for term in ["sent", "refused", "failed", "unknown", "pending"] {
        let listed = count(&cauce, &format!("run={run}&state={term}"));
        assert_eq!(json!(listed), balance[term], "{term}: {balance}");
    }
    for (reason, refused) in balance["refusals"].as_object().unwrap() {
        let listed = count(&cauce, &format!("run={run}&state=refused&reason={reason}"));
        assert_eq!(json!(listed), *refused, "{reason}");
    }
}

#[test]
fn filters_hold_together_and_what_is_no_filter_is_refused() {
    let (cauce, run) = world();
    let of_run = count(&cauce, &format!("run={run}"));
    assert_eq!(count(&cauce, "campaign=monthly"), of_run);
    assert_eq!(count(&cauce, "campaign=second"), 0);
    assert_eq!(count(&cauce, "run=999999"), 0);
    assert_eq!(count(&cauce, "template=code"), 6);
    assert_eq!(count(&cauce, "template=code&state=refused&reason=suppressed"), 3);
    assert_eq!(count(&cauce, "template=code&state=accepted"), 3);
    assert_eq!(count(&cauce, "template=code&channel=sms"), 0);
    assert_eq!(count(&cauce, "template=code&channel=email"), 6);
    assert_eq!(count(&cauce, "until=2001-01-01T00:00:00Z"), 0);
    assert_eq!(count(&cauce, "since=2001-01-01T00:00:00Z"), count(&cauce, ""));
    // The same words for one person.
    let own = cauce.get("/v1/messages?to=email:p0@example.com&template=code&state=refused");
    assert_eq!(ids(&own).len(), 1, "{own}");
    assert_eq!(count(&cauce, "to=email:p0@example.com&state=accepted"), 0);
    // A name says by itself of which kind it is, in any form in which it is written.
    for name in ["P0@Example.com", "p0", "%20p0%20"] {
        let named = cauce.get(&format!("/v1/messages?to={name}&template=code"));
        assert_eq!(ids(&named), ids(&own), "{name}");
    }
    let nobody = cauce.ask("GET", "/v1/messages?to=ana", "", b"");
    assert_eq!(nobody.status, 404, "{nobody:?}");
    assert!(nobody.text.contains("namespace:value"), "{nobody:?}");
    for (asked, words) in
        [("state=gone", "queued, attempting"), ("channel=pigeon", "pigeon"), ("cursor=x", "cursor")]
    {
        let answer = cauce.ask("GET", &format!("/v1/messages?{asked}"), "", b"");
        assert_eq!(answer.status, 400, "{asked}: {answer:?}");
        assert!(format!("{answer:?}").contains(words), "{asked}: {answer:?}");
    }
}
