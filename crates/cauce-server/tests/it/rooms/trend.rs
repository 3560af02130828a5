//! Members of a segment over time: samples, exact at their instants.

use super::*;

fn points(trend: &Value) -> Vec<(String, u64)> {
    let points = trend["points"].as_array().unwrap();
    let point = |p: &Value| (p["at"].as_str().unwrap().to_owned(), p["members"].as_u64().unwrap());
    points.iter().map(point).collect()
}

/// Waits until there are so many samples.
fn samples(cauce: &Cauce, query: &str, count: usize) -> Value {
    wait_for(PATIENCE, "a sample", || {
        let trend = cauce.get(&format!("/v1/segments/everybody/trend{query}"));
        (points(&trend).len() == count).then_some(trend)
    })
}

#[test]
fn members_are_sampled_by_minute_and_day() {
    let mut cauce = stopped_clock("2026-01-05T10:00:30Z");
    cauce.apply(&shop(catch_all()));
    report(&cauce, "signed_up", "ana", json!({}));
    set_clock(&cauce, "2026-01-05T10:01:00Z");
    samples(&cauce, "", 1);
    report(&cauce, "signed_up", "bob", json!({}));
    set_clock(&cauce, "2026-01-05T10:02:00Z");
    let trend = samples(&cauce, "", 2);
    let said = |points: &[(&str, u64)]| {
        points.iter().map(|(at, n)| ((*at).to_owned(), *n)).collect::<Vec<_>>()
    };
    let expected = [("2026-01-05T10:01:00Z", 1), ("2026-01-05T10:02:00Z", 2)];
    assert_eq!(points(&trend), said(&expected));
    assert_eq!((&trend["members"], &trend["since"]), (&json!(2), &json!("2026-01-05T10:01:00Z")));
    cauce.kill();
    cauce.again();
    set_clock(&cauce, "2026-01-06T09:00:00Z");
    let trend = samples(&cauce, "", 3);
    assert_eq!(points(&trend)[..2], said(&expected), "over a restart");
    let days = samples(&cauce, "?every=day", 1);
    // The day before began without the segment.
    assert_eq!(points(&days), said(&[("2026-01-06T09:00:00Z", 2)]));
    let missing = cauce.ask("GET", "/v1/segments/nobody/trend", "", b"");
    assert_eq!(missing.status, 404, "{missing:?}");
}

#[test]
fn the_list_draws_a_line_for_each() {
    let cauce = stopped_clock("2026-01-05T10:00:30Z");
    cauce.apply(&shop(catch_all()));
    report(&cauce, "signed_up", "ana", json!({}));
    let line = || {
        let all = cauce.get("/v1/segments?trend=true");
        all["segments"][0]["trend"].clone()
    };
    let drawn = |every: &str, members: &Value| {
        wait_for(PATIENCE, "the line", || {
            let line = line();
            (line["every"] == every && line["members"] == *members).then_some(line)
        })
    };
    for (minute, user) in [(1, "bob"), (2, "eva"), (3, "leo")] {
        set_clock(&cauce, &format!("2026-01-05T10:0{minute}:00Z"));
        let members: Vec<u64> = (1..=minute).collect();
        let line = drawn("minute", &json!(members));
        assert_eq!(line["since"], "2026-01-05T10:01:00Z", "{line}");
        report(&cauce, "signed_up", user, json!({}));
    }
    // The first day was sampled as the process began, without the segment; two more make a line.
    set_clock(&cauce, "2026-01-06T10:00:00Z");
    drawn("minute", &json!([1, 2, 3, 4]));
    set_clock(&cauce, "2026-01-07T10:00:00Z");
    let line = drawn("day", &json!([4, 4]));
    assert_eq!(line["until"], "2026-01-07T10:00:00Z", "{line}");
    assert!(cauce.get("/v1/segments")["segments"][0].get("trend").is_none());
}
