//! Offers: by the API, as flags, in messages; caps, fallbacks, and who may ask.

use super::flags::script;
use super::*;

const DAY_MS: i64 = 86_400_000;

/// A shop with three offers for its front page, and one for a page that browsers do not ask for.
fn offering() -> Value {
    let mut all = shared();
    let definitions = &mut all["definitions"];
    definitions["topics"] = json!({ "profiling": { "title": "P", "about": "use" } });
    definitions["offers"] = json!({
        "for-gold": { "title": "Gold", "eligible": "in segment \"gold\"", "rank": 10,
            "cap": { "times": 2, "within": "7d" }, "content": { "headline": "Gold!", "off": 30 } },
        "likely": { "title": "Likely", "rank": "propensity", "content": { "headline": "You!" } },
        "anybody": { "title": "Anybody", "rank": 1, "content": { "headline": "Hey!" } },
        "later": { "title": "Later", "from": "2999-01-01", "content": { "headline": "Later" } },
    });
    definitions["placements"] = json!({
        "hero": { "offers": ["anybody", "likely", "for-gold", "later"],
                  "fallback": { "headline": "Welcome" } },
        "secret": { "offers": ["for-gold"], "fallback": { "headline": "Hello" } },
        "personal": { "offers": ["anybody"], "fallback": { "headline": "No" },
                      "purposes": ["profiling"] },
    });
    definitions["sharing"]["sharing"]["browser-placements"] = json!(["hero", "personal"]);
    all
}

fn ask(cauce: &Cauce, key: &str, placement: &str, who: &str) -> Answer {
    let path = format!("/v1/offers/{placement}?alias=user_id:{who}");
    with(cauce, key, ("GET", &path), &[], &Value::Null)
}

/// Which offer, and its headline.
fn chosen(cauce: &Cauce, key: &str, placement: &str, who: &str) -> (Value, Value) {
    let answer = ask(cauce, key, placement, who);
    assert_eq!(answer.status, 200, "{answer:?}");
    let said = answer.json();
    (said["offer"].clone(), said["content"]["headline"].clone())
}

/// Says that an offer was shown, so long ago.
fn show(cauce: &Cauce, who: &str, offer: &str, ago_ms: i64) {
    let at = i64::try_from(
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis(),
    );
    let at = cauce_core::time::Timestamp(at.unwrap() - ago_ms).to_string();
    let event = json!({ "name": "offer_shown", "user_id": who, "occurred_at": at,
        "properties": { "offer": offer, "placement": "hero" } });
    let answer = cauce.report(&event.to_string(), "?applied=true");
    assert_eq!(answer.status, 202, "{answer:?}");
}

fn propensity(cauce: &Cauce, who: &str, value: Value) {
    let event = json!({ "name": "scored", "user_id": who, "attributes": { "propensity": value } });
    assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
}

#[test]
fn the_highest_that_fits_is_shown_until_its_cap() {
    let mut cauce = Cauce::start("");
    cauce.apply(&offering());
    person(&cauce, "ana", "gold");
    person(&cauce, "bo", "free");
    propensity(&cauce, "ana", json!(5.5));
    let lookup = key(&cauce, "lookup");
    let hero = |cauce: &Cauce, who: &str| chosen(cauce, &lookup, "hero", who);
    let is = |offer: &str, headline: &str| (json!(offer), json!(headline));
    assert_eq!(hero(&cauce, "ana"), is("for-gold", "Gold!"));
    // He lacks the attribute, which is less than any number.
    assert_eq!(hero(&cauce, "bo"), is("anybody", "Hey!"));
    let said = ask(&cauce, &lookup, "hero", "bo").json();
    let texts: Vec<&str> = said["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    let expected = [
        "chosen",
        "outranked by `anybody`: none against 1",
        "not eligible",
        "not yet: from 2999-01-01T00:00:00Z",
    ];
    assert_eq!(texts, expected);
    // Asking counts as nothing; what is shown does, by the time at which it was.
    show(&cauce, "ana", "for-gold", DAY_MS);
    show(&cauce, "ana", "for-gold", 8 * DAY_MS);
    assert_eq!(hero(&cauce, "ana"), is("for-gold", "Gold!"));
    show(&cauce, "ana", "for-gold", 2 * DAY_MS);
    assert_eq!(hero(&cauce, "ana"), is("likely", "You!"));
    let said = ask(&cauce, &lookup, "hero", "ana").json();
    let worn = &said["reasons"][2];
    assert_eq!((&worn["offer"], &worn["why"]), (&json!("for-gold"), &json!("capped")), "{said}");
    let text = worn["text"].as_str().unwrap();
    assert!(text.starts_with("capped: shown 2 times since "), "{text}");
    assert!(text.ends_with(", at most 2 within 7d"), "{text}");
    assert_eq!(chosen(&cauce, &lookup, "secret", "ana"), (Value::Null, json!("Hello")));
    propensity(&cauce, "ana", json!(0));
    assert_eq!(hero(&cauce, "ana"), is("anybody", "Hey!"));
    cauce.kill();
    cauce.again();
    assert_eq!(hero(&cauce, "ana"), is("anybody", "Hey!"));
    // A cap that nobody has counted yet counts what was shown before it was there.
    let mut more = offering();
    more["definitions"]["offers"]["for-gold"]["cap"]["times"] = json!(3);
    more["definitions"]["offers"]["anybody"]["cap"] = json!({ "times": 1, "within": "30d" });
    show(&cauce, "ana", "anybody", DAY_MS);
    cauce.apply(&more);
    assert_eq!(hero(&cauce, "ana"), is("for-gold", "Gold!"));
    show(&cauce, "ana", "for-gold", 0);
    assert_eq!(hero(&cauce, "ana"), is("likely", "You!"));
}

#[test]
fn who_may_ask_is_told_the_choice() {
    let cauce = Cauce::start("cors-origins = [\"https://shop.example\"]");
    cauce.apply(&offering());
    person(&cauce, "ana", "gold");
    let lookup = key(&cauce, "lookup");
    let token = browser(&cauce, &lookup, json!({ "alias": "user_id:ana" }));
    let answer = ask(&cauce, &token, "hero", "ana");
    let said = answer.json();
    assert_eq!(said["offer"], "for-gold", "{said}");
    assert!(said.get("reasons").is_none(), "a page is told the choice alone: {said}");
    assert_eq!(ask(&cauce, &token, "hero", "bo").status, 403);
    assert_eq!(ask(&cauce, &token, "secret", "ana").status, 404);
    assert_eq!(ask(&cauce, &key(&cauce, "write"), "hero", "ana").status, 403);
    let unknown = ask(&cauce, &lookup, "heros", "ana");
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("did you mean `hero`?"), "{unknown:?}");
    assert_eq!(ask(&cauce, &lookup, "hero", "").status, 400, "no alias");
    // The same answer again is a 304, and a page of the shop may read it.
    let path = "/v1/offers/hero?alias=user_id:ana";
    let more =
        [("if-none-match", answer.header("etag").unwrap()), ("origin", "https://shop.example")];
    let again = with(&cauce, &token, ("GET", path), &more, &Value::Null);
    assert_eq!(again.status, 304);
    assert_eq!(again.header("access-control-allow-origin"), Some("https://shop.example"));
    let full = ask(&cauce, &lookup, "hero", "ana");
    let more = [("if-none-match", full.header("etag").unwrap())];
    assert_eq!(with(&cauce, &lookup, ("GET", path), &more, &Value::Null).status, 304);
    show(&cauce, "ana", "for-gold", DAY_MS);
    show(&cauce, "ana", "for-gold", 0);
    assert_eq!(with(&cauce, &lookup, ("GET", path), &more, &Value::Null).status, 200);
    // Nobody is known by it, or nobody who allows it.
    let nobody = ask(&cauce, &lookup, "hero", "nobody").json();
    assert_eq!((&nobody["profile"], &nobody["offer"]), (&Value::Null, &Value::Null));
    assert_eq!(nobody["content"], json!({ "headline": "Welcome" }));
    let no = ask(&cauce, &lookup, "personal", "ana").json();
    assert_eq!((&no["offer"], &no["forbidden"]), (&Value::Null, &json!("profiling")), "{no}");
    let yes = json!([{ "topic": "profiling", "state": "granted", "source": "test" }]);
    let event = json!({ "name": "said", "user_id": "ana", "consents": yes });
    assert_eq!(cauce.report(&event.to_string(), "?applied=true").status, 202);
    assert_eq!(chosen(&cauce, &lookup, "personal", "ana"), (json!("anybody"), json!("Hey!")));
    // Where others may be told nothing of her, she is nobody.
    let mut asked = offering();
    asked["definitions"]["topics"]["partners"] = json!({ "title": "Partners", "about": "use" });
    asked["definitions"]["sharing"]["sharing"]["purposes"] = json!(["partners"]);
    cauce.apply(&asked);
    let said = ask(&cauce, &lookup, "hero", "ana").json();
    assert_eq!((&said["profile"], &said["content"]["headline"]), (&Value::Null, &json!("Welcome")));
}

#[test]
fn a_placement_is_a_flag() {
    let cauce = Cauce::start("");
    cauce.apply(&offering());
    person(&cauce, "ana", "gold");
    let lookup = key(&cauce, "lookup");
    let body = json!({ "context": { "targetingKey": "ana" } });
    let all = "/ofrep/v1/evaluate/flags";
    let one = |flag: &str| with(&cauce, &lookup, ("POST", &format!("{all}/{flag}")), &[], &body);
    let hero = one("placement.hero").json();
    let expected = json!({ "key": "placement.hero", "reason": "TARGETING_MATCH",
        "variant": "for-gold", "value": { "headline": "Gold!", "off": 30 },
        "metadata": { "known": true } });
    assert_eq!(hero, expected);
    let no = one("placement.personal").json();
    assert_eq!((&no["reason"], &no["variant"]), (&json!("DEFAULT"), &json!("fallback")), "{no}");
    let unknown = one("placement.herro");
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("did you mean `placement.hero`?"), "{unknown:?}");
    let flags = |key: &str| -> Vec<String> {
        let said = with(&cauce, key, ("POST", all), &[], &body).json();
        let keys = said["flags"].as_array().unwrap().iter();
        let keys = keys.map(|flag| flag["key"].as_str().unwrap().to_owned());
        keys.filter(|key| key.starts_with("placement.")).collect()
    };
    assert_eq!(flags(&lookup), ["placement.hero", "placement.personal", "placement.secret"]);
    let token = browser(&cauce, &lookup, json!({ "alias": "user_id:ana" }));
    assert_eq!(flags(&token), ["placement.hero", "placement.personal"]);
    let address = format!("http://127.0.0.1:{}", cauce.port);
    let arguments = [address.as_str(), &lookup, "user_id:ana"];
    let expected = json!({ "value": { "headline": "Gold!", "off": 30 }, "variant": "for-gold",
                           "reason": "TARGETING_MATCH" });
    let probe = ["-c", "import openfeature.contrib.provider.ofrep"];
    let program = ("CAUCE_PYTHON", "python3");
    if let Some(said) = script("openfeature-sdk", program, probe, "offers.py", &arguments) {
        assert_eq!(said, expected);
    }
    let probe = ["-e", "require('@openfeature/ofrep-provider')"];
    let program = ("CAUCE_NODE", "node");
    if let Some(said) = script("server-sdk", program, probe, "offers.js", &arguments) {
        assert_eq!(said, expected);
    }
}

#[test]
fn a_message_shows_an_offer_and_counts_as_showing_it() {
    let sink = Sink::start(Script::default());
    let mut cauce = Cauce::start("");
    let mut definitions = shop(smtp(sink.port));
    let all = &mut definitions["definitions"];
    all["offers"] = json!({
        "first": { "title": "First", "rank": 2, "cap": { "times": 1, "within": "7d" },
                   "content": { "headline": "Only once", "off": 30 } },
        "second": { "title": "Second", "content": { "headline": "Again" } },
    });
    all["placements"] = json!({ "letter-top": { "offers": ["first", "second"] } });
    all["segments"]["offered"] =
        json!({ "rule": "count(offer_shown where offer = \"first\", last 7d) >= 1" });
    all["templates"]["deal"] = json!({ "tracking": false,
        "subject": "{{ offers.letter-top.headline }}",
        "text": "{{ offers.letter-top.offer }}: {{ offers.letter-top.off | default: 'none' }} \
                 {{ event.offers | default: '' }}" });
    cauce.apply(&definitions);
    let wanted = json!({ "template": "deal", "to": { "email": "ana@example.com" } });
    let shown = |cauce: &Cauce, id: &str| {
        cauce.message_in(id, "accepted");
        let said = cauce.get(&format!("/v1/messages/{id}"));
        assert_eq!(said["context"], json!({}), "{said}");
        said["offers"].clone()
    };
    let first = cauce.send(&wanted);
    assert_eq!(shown(&cauce, &first), json!({ "letter-top": "first" }));
    let second = cauce.send(&wanted);
    assert_eq!(shown(&cauce, &second), json!({ "letter-top": "second" }));
    let letters = sink.to("ana@example.com");
    let subjects: Vec<_> = letters.iter().map(|mail| mail.header("subject").unwrap()).collect();
    assert_eq!(subjects, ["Only once", "Again"]);
    assert!(letters[0].text.contains("first: 30"), "{}", letters[0].text);
    assert!(letters[1].text.contains("second: none"), "{}", letters[1].text);
    // The segment counts by the same events, and so do those who show it elsewhere.
    assert_eq!(cauce.get("/v1/segments/offered/members")["count"], 1);
    let lookup = key(&cauce, "lookup");
    let path = "/v1/offers/letter-top?alias=email:ana@example.com";
    let said = with(&cauce, &lookup, ("GET", path), &[], &Value::Null).json();
    assert_eq!((&said["offer"], &said["reasons"][0]["why"]), (&json!("second"), &json!("capped")));
    cauce.kill();
    cauce.again();
    assert_eq!(shown(&cauce, &first), json!({ "letter-top": "first" }));
    // How the letter looks: by what would be chosen, and by what that one carried.
    let preview = json!({ "template": "deal",
        "profile": { "namespace": "email", "value": "ana@example.com" } });
    assert_eq!(cauce.post("/v1/templates/preview", &preview).json()["subject"], "Again");
    let preview = json!({ "template": "deal" });
    assert_eq!(cauce.post("/v1/templates/preview", &preview).json()["subject"], "");
    let cheat = json!({ "template": "deal", "to": { "email": "bo@example.com" },
                        "payload": { "$offers": { "letter-top": { "headline": "Free" } } } });
    let refused = cauce.post("/v1/messages", &cheat);
    assert_eq!(refused.status, 422, "{refused:?}");
    // What a template shows is there as long as it does.
    let removal = json!({ "remove": { "placements": ["letter-top"] } });
    let refused = cauce.post("/v1/definitions/apply", &removal);
    assert!(refused.status == 422 && refused.text.contains("unknown-placement"), "{refused:?}");
}
