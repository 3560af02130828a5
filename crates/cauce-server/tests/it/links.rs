//! Links of messages, as mail programs, scanners and people use them.

use crate::world::*;
use serde_json::{Value, json};

/// Targets that rewriting likes to damage.
const ODD: [&str; 8] = [
    "https://shop.example/a?x=1&y=%20%2B+&z=a%26b",
    "https://shop.example/caf%C3%A9/na\u{ef}ve?q=\u{fc}",
    "https://shop.example/#frag?not=query&x",
    "https://user:pass@shop.example:8443/p;v=1,2/(x)!*'~",
    "https://shop.example/?u=https://other.example/?a=1%26b=2",
    "http://shop.example",
    "https://shop.example/%zz%00%0d%0aX-Evil:1",
    "https://shop.example/a//b/../c/./?=&&==#",
];

/// An HTML attribute.
fn quoted(url: &str) -> String {
    url.replace('&', "&amp;").replace('"', "&quot;")
}

/// One person's message of a campaign whose template has the odd links.
fn one(sink: &Sink) -> (Cauce, Mail) {
    let cauce = Cauce::start("public-url = \"https://mail.shop.example\"");
    let mut definitions = shop(smtp(sink.port));
    let mut html = String::from("<p>Links</p>");
    for url in ODD {
        html.push_str(&format!("<a href=\"{}\">x</a>\n", quoted(url)));
    }
    html.push_str("<a href=\"{{ links.preferences }}\">p</a>");
    definitions["definitions"]["templates"]["letter"]["html"] = html.into();
    definitions["definitions"]["topics"]["offers"] = json!({ "title": "Offers" });
    // Told at once, and not judged by how soon after the sending a test looks.
    definitions["definitions"]["policy"] = json!({ "policy": { "click-settle": "0s" } });
    cauce.apply(&definitions);
    people(&cauce, 1);
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let mail = sink.mails().remove(0);
    (cauce, mail)
}

/// The same with another letter in its middle.
fn turned(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let middle = 3 + (bytes.len() - 3) / 2;
    bytes[middle] = if bytes[middle] == b'x' { b'y' } else { b'x' };
    String::from_utf8(bytes).unwrap()
}

fn hrefs(html: &str) -> Vec<String> {
    let ends = html.split("href=\"").skip(1);
    ends.filter_map(|rest| rest.split('"').next()).map(|url| url.replace("&amp;", "&")).collect()
}

fn path(url: &str) -> String {
    format!("/{}", url.splitn(4, '/').nth(3).unwrap())
}

fn named(cauce: &Cauce, name: &str) -> Vec<Value> {
    let profile = cauce.get("/v1/profiles/user_id/p0");
    let events = profile["timeline"].as_array().unwrap().clone();
    events.into_iter().filter(|event| event["name"] == name).collect()
}

#[test]
fn clicks_lead_where_the_author_said_and_nowhere_else() {
    let sink = Sink::start(Script::default());
    let (cauce, mail) = one(&sink);
    let links = hrefs(&mail.readable());
    assert_eq!(links.len(), ODD.len() + 1, "{links:?}");
    for (link, target) in links.iter().zip(ODD) {
        let link = path(link);
        assert!(link.starts_with("/c/"), "{link}");
        let answer = cauce.open("GET", &link, "text/plain", b"");
        assert_eq!(answer.status, 302, "{target}: {answer:?}");
        assert_eq!(answer.header("location"), Some(target), "{link}");
        let mut parts = link.rsplitn(2, '/');
        let (encoded, rest) = (parts.next().unwrap(), parts.next().unwrap());
        for forged in [
            format!("{rest}/aHR0cHM6Ly9ldmlsLmV4YW1wbGU"),
            format!("{}/{encoded}", turned(rest)),
            format!("{rest}/{}", turned(encoded)),
            rest.to_owned(),
        ] {
            let answer = cauce.open("GET", &forged, "text/plain", b"");
            assert_eq!(answer.status, 404, "{forged}: {answer:?}");
            assert_eq!(answer.header("location"), None, "{forged}");
        }
    }
    let clicked = wait_for(PATIENCE, "the clicks on the timeline", || {
        // All at once and by nobody who says a name: no person's.
        let clicked = named(&cauce, "message_fetched");
        (clicked.len() == ODD.len()).then_some(clicked)
    });
    let mut urls: Vec<_> = clicked.iter().map(|e| e["properties"]["url"].clone()).collect();
    let mut wanted: Vec<_> = ODD.iter().map(|url| Value::from(*url)).collect();
    urls.sort_by_key(Value::to_string);
    wanted.sort_by_key(Value::to_string);
    assert_eq!(urls, wanted);
}

#[test]
fn the_pixel_counts_and_a_forged_one_does_not() {
    let sink = Sink::start(Script::default());
    let (cauce, mail) = one(&sink);
    let html = mail.readable();
    let pixel = path(html.split("src=\"").nth(1).unwrap().split('"').next().unwrap());
    assert!(pixel.starts_with("/o/") && pixel.ends_with(".gif"), "{pixel}");
    let forged = pixel.replacen("/o/", "/o/A", 1);
    for address in [&forged, &pixel, &pixel] {
        let answer = cauce.open("GET", address, "text/plain", b"");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("image/gif"));
        assert!(answer.header("cache-control").unwrap().contains("no-store"));
    }
    wait_for(PATIENCE, "the opens on the timeline", || {
        (named(&cauce, "message_fetched").len() == 2).then_some(())
    });
    assert!(named(&cauce, "message_opened").is_empty());
}

#[test]
fn people_are_told_from_machines() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let sink = Sink::start(Script::default());
    let cauce = Cauce::start("public-url = \"https://mail.shop.example\"");
    let mut definitions = shop(smtp(sink.port));
    definitions["definitions"]["templates"]["letter"]["html"] =
        json!("<body><a href=\"https://a.example/1\">1</a><a href=\"https://a.example/2\">2</a>");
    definitions["definitions"]["policy"] =
        json!({ "policy": { "click-settle": "3s", "hidden-link": true } });
    cauce.apply(&definitions);
    people(&cauce, 1);
    let run = cauce.start_campaign("monthly");
    cauce.done(run, PATIENCE);
    let html = sink.mails().remove(0).readable();
    let links = hrefs(&html);
    assert_eq!(links.len(), 3, "{html}");
    assert!(html.contains("display:none"), "{html}");
    let fetch = |method: &str, url: &str, agent: &str| {
        let headers = [("user-agent", agent)];
        http::ask(cauce.port, method, &path(url), &headers, b"").unwrap().status
    };
    let pixel = html.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    // A proxy that fetches everything, a robot, and one that only looks whether the link is there.
    assert_eq!(fetch("GET", pixel, "Mozilla/5.0"), 200);
    assert_eq!(fetch("GET", &links[0], "SomeScanner/1.0"), 302);
    assert_eq!(fetch("HEAD", &links[1], FIREFOX), 302);
    // The link that nobody sees leads nowhere.
    assert_eq!(fetch("GET", &links[2], FIREFOX), 204);
    // A person, later.
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    assert_eq!(fetch("GET", pixel, FIREFOX), 200);
    assert_eq!(fetch("GET", &links[0], FIREFOX), 302);
    wait_for(PATIENCE, "the click of a person", || {
        (named(&cauce, "message_clicked").len() == 1).then_some(())
    });
    assert_eq!(named(&cauce, "message_opened").len(), 1);
    // A burst with the name of a browser: the first click is taken back before it is told.
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    assert_eq!(fetch("GET", &links[1], FIREFOX), 302);
    assert_eq!(fetch("GET", &links[0], FIREFOX), 302);
    let fetched = wait_for(PATIENCE, "all that machines did", || {
        let fetched = named(&cauce, "message_fetched");
        (fetched.len() == 5).then_some(fetched)
    });
    let mut why: Vec<_> =
        fetched.iter().map(|event| event["properties"]["why"].as_str().unwrap()).collect();
    why.sort_unstable();
    assert_eq!(why, ["agent", "agent", "burst", "burst", "hidden-link"]);
    assert_eq!(named(&cauce, "message_clicked").len(), 1);
    let overview = cauce.get("/v1/overview");
    let counts = &overview["messages"];
    assert_eq!((&counts["opened"], &counts["clicked"]), (&json!(1), &json!(1)), "{counts}");
    assert_eq!(counts["opened_by_machines"], 1, "{counts}");
    assert_eq!(counts["clicked_by_machines"], 4, "{counts}");
    let by = &cauce.run(run)["engagement"];
    assert_eq!(by["clicked"], json!({ "human": 1, "machine": 1, "unknown": 0 }), "{by}");
    assert_eq!(by["opened"], json!({ "human": 1, "machine": 1, "unknown": 0 }), "{by}");
}

fn consent(cauce: &Cauce, topic: &str) -> Option<String> {
    let profile = cauce.get("/v1/profiles/user_id/p0");
    let all = profile["consents"].as_array().unwrap().clone();
    let of_topic = all.iter().find(|consent| consent["fact"]["topic"] == topic)?;
    Some(of_topic["fact"]["state"].as_str().unwrap().to_owned())
}

#[test]
fn looking_never_unsubscribes_and_posting_always_does() {
    let sink = Sink::start(Script::default());
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n\
                     One-Click\r\n--x--\r\n";
    let bodies = [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=x", multipart),
        ("text/plain", ""),
    ];
    let (cauce, mail) = one(&sink);
    let post = mail.header("list-unsubscribe-post");
    assert_eq!(post.as_deref(), Some("List-Unsubscribe=One-Click"));
    let address = mail.unsubscribe();
    for (kind, body) in bodies {
        let regrant = json!({ "name": "came_back", "user_id": "p0", "consents":
            [{ "topic": "news", "state": "granted", "source": "form" }] });
        cauce.report(&regrant.to_string(), "?applied=true");
        for method in ["GET", "HEAD", "OPTIONS"] {
            cauce.open(method, &address, "text/plain", b"");
        }
        let looked = cauce.open("GET", &address, "text/plain", b"");
        assert_eq!(looked.status, 200);
        assert!(looked.text.contains("method=\"post\""), "{looked:?}");
        assert_eq!(consent(&cauce, "news").as_deref(), Some("granted"), "looking acted");
        let answer = cauce.open("POST", &address, kind, body.as_bytes());
        assert_eq!(answer.status, 200, "{kind}: {answer:?}");
        assert_eq!(answer.header("location"), None);
        assert_eq!(answer.header("set-cookie"), None);
        assert_eq!(consent(&cauce, "news").as_deref(), Some("withdrawn"), "{kind}");
    }
    let forged = turned(&address);
    for method in ["GET", "POST"] {
        assert_eq!(cauce.open(method, &forged, "text/plain", b"").status, 404);
    }
    by_curl(&cauce, &address);
}

/// The same by somebody else's client.
fn by_curl(cauce: &Cauce, address: &str) {
    let program = "curl";
    let asked = std::process::Command::new(program).arg("--version").output().ok();
    let lacking = "curl is not installed";
    if counterpart::found(program, "one-click by curl", lacking, asked).is_none() {
        return;
    }
    let url = format!("http://127.0.0.1:{}{address}", cauce.port);
    for form in ["--data", "--form"] {
        let regrant = json!({ "name": "came_back", "user_id": "p0", "consents":
            [{ "topic": "news", "state": "granted", "source": "form" }] });
        cauce.report(&regrant.to_string(), "?applied=true");
        let mut curl = std::process::Command::new(program);
        curl.args(["--silent", "--fail", "--output", "/dev/null", form]);
        let ended = curl.args(["List-Unsubscribe=One-Click", &url]).status().unwrap();
        assert!(ended.success(), "{form}");
        assert_eq!(consent(cauce, "news").as_deref(), Some("withdrawn"), "{form}");
    }
}

#[test]
fn preferences_are_a_plain_form() {
    let sink = Sink::start(Script::default());
    let (cauce, mail) = one(&sink);
    let page = path(hrefs(&mail.readable()).last().unwrap());
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert_eq!(shown.status, 200);
    assert!(!shown.text.contains("<script"), "{shown:?}");
    assert!(shown.text.contains("name=\"topic\" value=\"news\" checked"), "{shown:?}");
    assert!(shown.text.contains("name=\"topic\" value=\"offers\">"), "{shown:?}");
    let form = "application/x-www-form-urlencoded";
    let saved = cauce.open("POST", &page, form, b"topic=offers");
    assert_eq!(saved.status, 200, "{saved:?}");
    assert_eq!(consent(&cauce, "news").as_deref(), Some("withdrawn"));
    assert_eq!(consent(&cauce, "offers").as_deref(), Some("granted"));
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert!(shown.text.contains("name=\"topic\" value=\"offers\" checked"), "{shown:?}");
    cauce.open("POST", &page, form, b"none=1");
    assert_eq!(consent(&cauce, "*").as_deref(), Some("withdrawn"));
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert!(!shown.text.contains("checked"), "{shown:?}");
    // Who comes back to one topic gets that topic.
    cauce.open("POST", &page, form, b"topic=news");
    let second = cauce.start_campaign("second");
    let done = cauce.done(second, PATIENCE);
    assert_eq!(term(&done, "sent"), 1, "{done}");
}

#[test]
fn what_was_said_about_the_channel_is_shown_and_changed() {
    let sink = Sink::start(Script::default());
    let (cauce, mail) = one(&sink);
    let page = path(hrefs(&mail.readable()).last().unwrap());
    let no = json!({ "name": "said_no", "user_id": "p0", "consents":
        [{ "topic": "news", "channel": "email", "state": "withdrawn", "source": "phone" }] });
    cauce.report(&no.to_string(), "?applied=true");
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert!(shown.text.contains("name=\"topic\" value=\"news\">"), "{shown:?}");
    let form = "application/x-www-form-urlencoded";
    cauce.open("POST", &page, form, b"topic=news");
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert!(shown.text.contains("name=\"topic\" value=\"news\" checked"), "{shown:?}");
    let second = cauce.start_campaign("second");
    let done = cauce.done(second, PATIENCE);
    assert_eq!(term(&done, "sent"), 1, "what the page shows is what holds: {done}");
    cauce.open("POST", &page, form, b"none=1");
    let yes = json!({ "name": "said_yes", "user_id": "p0", "consents":
        [{ "topic": "news", "channel": "email", "state": "granted", "source": "phone" }] });
    cauce.report(&yes.to_string(), "?applied=true");
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert!(shown.text.contains("name=\"topic\" value=\"news\" checked"), "{shown:?}");
}

/// A topic that was about letters is about a use now. A no that was said by a channel is a no to
/// the use, and a yes on the page takes it back.
#[test]
fn a_yes_on_the_page_takes_back_what_was_said_by_a_channel() {
    let sink = Sink::start(Script::default());
    let (cauce, mail) = one(&sink);
    let page = path(hrefs(&mail.readable()).last().unwrap());
    let form = "application/x-www-form-urlencoded";
    cauce.open("POST", &page, form, b"topic=news");
    cauce.apply(&json!({ "definitions": { "topics": {
        "offers": { "title": "Offers", "about": "use" } } } }));
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert!(shown.text.contains("name=\"topic\" value=\"offers\">"), "{shown:?}");
    let saved = cauce.open("POST", &page, form, b"topic=news&topic=offers");
    assert_eq!(saved.status, 200, "{saved:?}");
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert!(shown.text.contains("name=\"topic\" value=\"offers\" checked"), "{shown:?}");
    cauce.open("POST", &page, form, b"topic=news");
    let shown = cauce.open("GET", &page, "text/plain", b"");
    assert!(shown.text.contains("name=\"topic\" value=\"offers\">"), "{shown:?}");
}
