//! Templates as somebody would see them, messages as they were sent, and the inbox.

use super::*;

fn found<'p>(preview: &'p Value, code: &str) -> &'p Value {
    let all = preview["diagnostics"].as_array().unwrap();
    let found = all.iter().find(|finding| finding["code"] == code);
    found.unwrap_or_else(|| panic!("no {code}: {preview}"))
}

fn preview(cauce: &Cauce, asked: &Value) -> Value {
    let answer = cauce.post("/v1/templates/preview", asked);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn a_template_looks_as_it_would_for_somebody_and_nothing_leaves() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    report(&cauce, "signed_up", "ana", json!({ "first_name": "Ana <b>" }));
    let ana = json!({ "namespace": "email", "value": "ana@example.com" });
    let seen = preview(&cauce, &json!({ "template": "letter", "profile": ana }));
    assert_eq!((&seen["subject"], &seen["sendable"]), (&json!("News"), &json!(true)), "{seen}");
    let html = seen["html"].as_str().unwrap();
    assert!(html.contains("<p>Hello Ana &lt;b&gt;</p>"), "{html}");
    assert!(html.contains("https://shop.example/new?a=1"), "no link is rewritten: {html}");
    assert!(seen["text"].as_str().unwrap().contains("Hello Ana"), "{seen}");
    assert_eq!(seen["diagnostics"], json!([]), "{seen}");
    // Nobody in particular: the hole is named, with its place.
    let seen = preview(&cauce, &json!({ "name": "letter" }));
    let hole = found(&seen, "undefined-variable");
    assert!(hole["message"].as_str().unwrap().contains("profile.first_name"), "{hole}");
    assert_eq!(
        (&hole["part"], &hole["line"], &hole["severity"]),
        (&json!("html"), &json!(1), &json!("warning"))
    );
    assert_eq!(seen["sendable"], true, "a hole keeps nothing from leaving");
    let variable = |v: &&Value| v["path"] == "profile.first_name";
    assert_eq!(
        seen["variables"].as_array().unwrap().iter().find(variable).unwrap()["missing"],
        true
    );
    let with = json!({ "template": "code", "event": { "code": 4711 } });
    assert_eq!(preview(&cauce, &with)["subject"], "Your code 4711");
    let list = cauce.get("/v1/templates");
    let letter = list["items"].as_array().unwrap().iter().find(|t| t["name"] == "letter").unwrap();
    assert_eq!(letter["used_by"], json!(["campaign monthly", "campaign second"]));
    let shown = cauce.get("/v1/templates/letter");
    assert!(shown["definition"].as_str().unwrap().contains("subject: News"), "{shown}");
    assert_eq!(cauce.get("/v1/inbox")["arrived"], 0, "a preview sends nothing");
}

#[test]
fn a_draft_is_checked_before_it_is_published() {
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    let draft = |text: &str| json!({ "definition": { "subject": "S", "text": text } });
    let seen = preview(&cauce, &draft("one\ntwo {{ x | }}"));
    assert_eq!((&seen["sendable"], &seen["text"]), (&json!(false), &Value::Null), "{seen}");
    let first = &seen["diagnostics"][0];
    assert_eq!((&first["severity"], &first["line"]), (&json!("error"), &json!(2)), "{seen}");
    assert!(first["column"].as_u64().unwrap() >= 5, "{first}");
    // What would never end is ended.
    let endless = "{% for a in (1..99999) %}{% for b in (1..99999) %}x{% endfor %}{% endfor %}";
    let seen = preview(&cauce, &draft(endless));
    assert_eq!((&seen["sendable"], &seen["text"]), (&json!(false), &Value::Null), "{seen}");
    assert_eq!(seen["diagnostics"][0]["part"], "text");
    for (asked, status, words) in [
        (json!({}), 422, "nothing is named"),
        (json!({ "template": "lettr" }), 404, "did you mean `letter`?"),
        (json!({ "definition": { "subjekt": "x" } }), 422, "subjekt"),
        (
            json!({ "template": "letter", "profile": { "namespace": "email", "value": "a@b.c" } }),
            404,
            "nobody is known",
        ),
    ] {
        let answer = cauce.post("/v1/templates/preview", &asked);
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.text.contains(words), "{answer:?}");
    }
}

#[test]
fn a_letter_without_a_text_of_its_own_has_the_words_and_links_of_its_html() {
    let cauce = Cauce::start("");
    let mut all = shop(catch_all());
    let html = "\
        <style>p { color: red }</style><script>let a = 1</script><p>Your order</p><table>\
        {% for item in event.items %}<tr><td>\
        <a href=\"https://shop.example/{{ item }}?a=1&amp;b=2\">\
        {{ item }} &amp; more</a></td></tr>{% endfor %}</table>";
    let poster = "<img src=\"https://shop.example/poster.png\">";
    all["definitions"]["templates"]["order"] = json!({ "subject": "Order", "html": html });
    all["definitions"]["templates"]["poster"] =
        json!({ "subject": "Poster", "html": poster, "tracking": false });
    cauce.apply(&all);
    let items = json!({ "items": ["kettle", "cup"] });
    let left = |template: &str| {
        let order = json!({ "template": template, "to": { "email": "ana@example.com" },
            "payload": items });
        let id = cauce.send(&order);
        cauce.message_in(&id, "accepted");
        cauce.get(&format!("/v1/messages/{id}/content"))
    };
    let words = |shown: &Value| {
        shown["text"].as_str().map(|text| text.replace("\r\n", "\n").trim().to_owned())
    };
    let order = left("order");
    let text = words(&order).unwrap_or_else(|| panic!("no text: {order}"));
    for wanted in ["Your order", "kettle & more", "cup & more"] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
    for link in ["https://shop.example/kettle?a=1&b=2", "https://shop.example/cup?a=1&b=2"] {
        assert!(text.contains(link), "{link} in {text}");
    }
    assert!(!text.contains("color") && !text.contains("let a") && !text.contains('<'), "{text}");
    assert!(order["html"].as_str().unwrap().contains("/c/"), "of the HTML links are rewritten");
    let seen = preview(&cauce, &json!({ "template": "order", "event": items }));
    assert_eq!(words(&seen), Some(text), "what is previewed is what leaves");
    // Nothing is said in words: there is no plain part, and none is shown.
    let poster = left("poster");
    let kind = json!({ "name": "Content-Type", "value": "text/html; charset=us-ascii" });
    assert!(poster["headers"].as_array().unwrap().contains(&kind), "{poster}");
    assert_eq!(poster["text"], Value::Null, "{poster}");
    assert_eq!(preview(&cauce, &json!({ "template": "poster" }))["text"], Value::Null);
}

#[test]
fn a_message_is_shown_as_it_left_or_says_that_it_is_not() {
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("");
    cauce.apply(&shop(catch_all()));
    let code = |n: u32| {
        json!({ "template": "code", "to": { "email": "ana@example.com" },
                "payload": { "code": format!("ñ{n}") } })
    };
    let id = cauce.send(&code(1));
    cauce.message_in(&id, "accepted");
    let content = cauce.get(&format!("/v1/messages/{id}/content"));
    assert_eq!((&content["origin"], &content["subject"]), (&json!("kept"), &json!("Your code ñ1")));
    assert!(content["text"].as_str().unwrap().contains("ñ1"), "{content}");
    let names = content["headers"].as_array().unwrap();
    assert!(names.iter().any(|header| header["name"] == "Message-ID"), "{content}");
    let inbox = cauce.get("/v1/inbox?to=ANA@");
    assert_eq!((&inbox["items"][0]["message"], &inbox["arrived"]), (&json!(id), &json!(1)));
    assert_eq!(inbox["items"][0]["because"], "asked for by the API");
    let opened = cauce.get(&format!("/v1/inbox/{id}"));
    assert_eq!(opened["text"], content["text"]);
    assert_eq!(cauce.get("/v1/inbox?to=bob")["items"], json!([]));
    // Another provider keeps nothing.
    cauce.apply(&shop(smtp(sink.port)));
    let id = cauce.send(&code(2));
    cauce.message_in(&id, "accepted");
    let content = cauce.get(&format!("/v1/messages/{id}/content"));
    assert_eq!(content["origin"], "rendered-again", "{content}");
    assert_eq!(content["subject"], "Your code ñ2");
    assert!(content["words"].as_str().unwrap().contains("not kept"), "{content}");
    // As it was then, not as the template is now.
    let mut changed = shop(smtp(sink.port));
    changed["definitions"]["templates"]["code"]["subject"] = "Other".into();
    cauce.apply(&changed);
    assert_eq!(cauce.get(&format!("/v1/messages/{id}/content"))["subject"], "Your code ñ2");
    let answer = cauce.ask("DELETE", "/v1/profiles/email/ana@example.com", "", b"");
    assert_eq!(answer.status, 200, "{answer:?}");
    wait_for(PATIENCE, "the ledger without its content", || {
        let content = cauce.ask("GET", &format!("/v1/messages/{id}/content"), "", b"").text;
        (content.contains("The person is gone") && !content.contains("ñ2")).then_some(())
    });
}
