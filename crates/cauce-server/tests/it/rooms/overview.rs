//! The overview: counts, what runs, and what needs a person, each with its cause.

use super::*;
use crate::sharing::Stream;

/// Waits until the overview says so.
fn until(cauce: &Cauce, what: &str, says: impl Fn(&Value) -> bool) -> Value {
    wait_for(PATIENCE, what, || {
        let overview = cauce.get("/v1/overview");
        says(&overview).then_some(overview)
    })
}

fn attention<'o>(overview: &'o Value, what: &str) -> Option<&'o Value> {
    let all = overview["attention"].as_array().unwrap();
    all.iter().find(|one| one["what"] == what)
}

#[test]
fn counts_and_campaigns_are_there_as_they_happen() {
    let sink = Sink::start(Script::default());
    let cauce = shop_of(600, &sink);
    cauce.ask("POST", "/v1/backups", "", b"");
    sink.slow(std::time::Duration::from_millis(50));
    let mut live = Stream::of(&cauce, &cauce.key, "/v1/overview/live", None);
    assert_eq!(live.next().unwrap().data["events"]["accepted"], 600);
    let run = cauce.start_campaign("monthly");
    let overview = until(&cauce, "a campaign under way", |overview| {
        overview["campaigns"][0]["progress"].as_f64().is_some_and(|share| share > 0.0)
    });
    assert_eq!(overview["campaigns"][0]["run"], run, "{overview}");
    // The provider's window has room for 224: the rest is due and waits.
    until(&cauce, "its queue", |overview| {
        overview["queues"].as_array().unwrap().iter().any(|queue| queue["class"] == "bulk")
    });
    sink.slow(std::time::Duration::ZERO);
    cauce.done(run, PATIENCE);
    let rate = |overview: &Value| {
        let seconds = overview["messages"]["per_second"].as_array().unwrap().clone();
        assert_eq!(seconds.len(), 60);
        seconds.iter().map(|second| second["count"].as_u64().unwrap()).sum::<u64>()
    };
    // The second that goes on is not shown: all may have left in it.
    let overview = until(&cauce, "its end", |overview| {
        overview["messages"]["sent"] == 600
            && overview["campaigns"] == json!([])
            && rate(overview) > 0
    });
    assert!(rate(&overview) <= 600, "{overview}");
    assert_eq!(overview["profiles"], 600);
    // Refusals have their reason: nobody is asked twice for what they withdrew.
    let facts = json!({ "name": "left", "user_id": "p1",
        "consents": [{ "topic": "news", "state": "withdrawn", "source": "form" }] });
    assert_eq!(cauce.report(&facts.to_string(), "?applied=true").status, 202);
    let run = cauce.start_campaign("second");
    cauce.done(run, PATIENCE);
    let overview = until(&cauce, "a refusal", |o| o["messages"]["sent"] == 1_199);
    let refused = overview["messages"]["refused"].as_object().unwrap();
    assert_eq!(refused.values().filter_map(Value::as_u64).sum::<u64>(), 1, "{refused:?}");
    assert!(refused.keys().any(|reason| reason.contains("consent")), "{refused:?}");
    let told = live.next().unwrap();
    assert_eq!(told.name, "overview");
}

#[test]
fn what_needs_a_person_is_said_with_the_way_out() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let cauce = Cauce::start("");
    cauce.apply(&shop(smtp(port)));
    let overview = cauce.get("/v1/overview");
    let backup = attention(&overview, "backups").expect("there is none");
    assert!(backup["words"].as_str().unwrap().contains("cauce backup"), "{backup}");
    assert!(attention(&overview, "provider mail").is_none(), "nothing was tried: {overview}");
    cauce.ask("POST", "/v1/backups", "", b"");
    for n in 0..4 {
        cauce.send(&json!({ "template": "receipt", "to": { "email": address(n) } }));
    }
    let overview = until(&cauce, "a provider that fails", |overview| {
        attention(overview, "provider mail").is_some()
    });
    assert!(attention(&overview, "backups").is_none(), "one was made: {overview}");
    let provider = attention(&overview, "provider mail").unwrap();
    assert_eq!(
        (&provider["state"], &provider["link"]),
        (&json!("bad"), &json!("/settings?tab=providers"))
    );
    assert!(provider["words"].as_str().unwrap().contains("not reached"), "{provider}");
    let paused = cauce.post("/v1/sending", &json!({ "paused": "we look into it" }));
    assert_eq!(paused.status, 204);
    let overview = until(&cauce, "the pause", |o| attention(o, "sending").is_some());
    let words = attention(&overview, "sending").unwrap()["words"].as_str().unwrap().to_owned();
    assert!(words.contains("we look into it"), "{words}");
    let resumed = cauce.post("/v1/sending", &json!({ "paused": null }));
    assert_eq!(resumed.status, 204);
    until(&cauce, "going on", |o| attention(o, "sending").is_none());
}
