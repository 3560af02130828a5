//! Somebody who did more than one answer can look through: the newest is still the first, and every
//! event is still found.

use super::*;

#[test]
fn a_long_life_hides_nothing() {
    let mut cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    let viewed = |n: usize| {
        let (day, minute) = (1 + n / 1_440, n % 1_440);
        let at = format!("2026-01-{day:02}T{:02}:{:02}:00Z", minute / 60, minute % 60);
        let event = json!({ "id": format!("v{n}"), "name": "a_viewed", "user_id": "ana",
                            "occurred_at": at, "properties": { "n": n } });
        format!("{event}\n")
    };
    for part in 0..3 {
        let lines: String = (part * 7_000..(part + 1) * 7_000).map(viewed).collect();
        assert_eq!(cauce.report(&lines, "?historical=true&applied=true").status, 202);
    }
    let last = json!({ "id": "last", "name": "z_closed", "user_id": "ana",
                       "occurred_at": "2026-02-01T00:00:00Z", "properties": { "door": "green" } });
    assert_eq!(cauce.report(&last.to_string(), "?historical=true&applied=true").status, 202);
    // What the last requests brought is forgotten with the process.
    cauce.kill();
    cauce.again();

    let path = "/v1/profiles/user_id/ana/timeline";
    let first = cauce.get(&format!("{path}?limit=3"));
    let names = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        let of = |item: &Value| match item["properties"]["n"].as_u64() {
            Some(n) => n.to_string(),
            None => item["name"].as_str().unwrap().to_owned(),
        };
        items.iter().filter(|item| item["kind"] == "event").map(of).collect()
    };
    assert_eq!(names(&first), ["z_closed", "20999", "20998"], "{first}");
    let next = first["next"].as_str().unwrap();
    let second = cauce.get(&format!("{path}?limit=2&cursor={next}"));
    assert_eq!(names(&second), ["20997", "20996"], "{second}");
    // No page looks at more than it shows and one of each name.
    assert!(second["looked_at"].as_u64().unwrap() <= 6, "{second}");

    let item = &first["items"][0];
    let (id, at) = (item["event"].as_str().unwrap(), item["at"].as_str().unwrap());
    let of = format!("/v1/events/{id}?of=user_id:ana");
    // By its place at once; by its id alone behind 21,000 others.
    for place in [format!("{of}&name=z_closed&at={at}"), of] {
        let event = cauce.get(&place);
        assert_eq!(
            (&event["name"], &event["properties"]["door"]),
            (&json!("z_closed"), &json!("green")),
            "{event}"
        );
    }
    let wrong = format!("/v1/events/{id}?of=user_id:ana&name=a_viewed&at=yesterday");
    assert_eq!(cauce.ask("GET", &wrong, "", b"").status, 400);
}
