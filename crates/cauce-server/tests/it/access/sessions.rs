//! Signing in, staying so, and not any more.

use super::*;
use std::time::{Duration, Instant};

const NOON: &str = "2026-03-01T12:00:00Z";

#[test]
fn the_first_owner_joins_by_an_invitation_that_works_once() {
    let mut cauce = Cauce::start("");
    let mut ana = Browser::of(&cauce);
    let nobody = ana.ask("GET", "/v1/session", &Value::Null);
    assert_eq!((nobody.status, &nobody.json()["setup"]), (401, &json!(true)), "{nobody:?}");
    let token = invite(&cauce, " Ana@Example.com ", "owner");
    let nobody = ana.ask("GET", "/v1/session", &Value::Null);
    assert_eq!((nobody.status, nobody.json().get("setup")), (401, None), "{nobody:?}");

    let join = |token: &str, password: &str| {
        let wanted = json!({ "token": token, "password": password });
        ana.ask("POST", "/v1/session/join", &wanted)
    };
    let short = join(&token, "too short");
    assert_eq!(short.status, 422, "{short:?}");
    assert!(short.text.contains("12 characters"), "{short:?}");
    for other in ["", "x", &"A".repeat(43), "' OR 1=1 --"] {
        assert_eq!(join(other, PASSWORD).status, 404, "{other}");
    }
    let joined = join(&token, PASSWORD);
    assert_eq!(joined.status, 200, "{joined:?}");
    let expected =
        json!({ "email": "ana@example.com", "name": "ana@example.com", "role": "owner" });
    assert_eq!(joined.json()["member"], expected);
    assert_eq!(join(&token, PASSWORD).status, 404, "used up");
    ana.keep(&joined);
    assert!(ana.is_signed_in());

    // Nothing on the disk opens anything.
    let secret = ana.cookie.split('=').nth(1).unwrap().to_owned();
    assert_eq!(secret.len(), 43);
    let sessions = std::fs::read_to_string(cauce.data().join("sessions.json")).unwrap();
    assert!(sessions.contains("ana@example.com") && !sessions.contains(&secret));
    cauce.kill();
    cauce.again();
    assert!(ana.is_signed_in(), "a session lives through a crash");
    assert_eq!(ana.ask("DELETE", "/v1/session", &Value::Null).status, 204);
    cauce.kill();
    cauce.again();
    assert!(!ana.is_signed_in(), "and so does its end");
    assert_eq!(ana.sign_in("ANA@example.com", PASSWORD).status, 200);
    assert!(!cauce.said().contains(PASSWORD) && !cauce.said().contains(&token));
}

#[test]
fn the_cookie_is_for_this_server_and_no_script() {
    let check = |more: &str, name: &str, secure: bool| {
        let cauce = Cauce::start(more);
        let token = invite(&cauce, "ana@example.com", "owner");
        let wanted = json!({ "token": token, "password": PASSWORD });
        let answer = Browser::of(&cauce).ask("POST", "/v1/session/join", &wanted);
        let set = answer.header("set-cookie").unwrap().to_owned();
        assert!(set.starts_with(&format!("{name}=")), "{set}");
        let parts: Vec<_> = set.split("; ").skip(1).collect();
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"] {
            assert!(parts.contains(&part), "{part}: {set}");
        }
        assert_eq!(parts.contains(&"Secure"), secure, "{set}");
        assert!(!set.contains("Domain"), "{set}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let mut ana = Browser::of(&cauce);
        ana.keep(&answer);
        assert!(ana.is_signed_in());
        let out = ana.ask("DELETE", "/v1/session", &Value::Null);
        assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"), "{out:?}");
    };
    check("", "cauce", false);
    check("public-url = \"https://cauce.example\"", "__Host-cauce", true);
}

#[test]
fn a_wrong_pair_says_nothing_of_who_is_a_member() {
    let cauce = Cauce::start("");
    let owner = member(&cauce, "ana@example.com", "owner");
    invite(&cauce, "invited@example.com", "viewer");
    member(&cauce, "disabled@example.com", "viewer");
    let no = json!({ "disabled": true });
    assert_eq!(owner.ask("PATCH", "/v1/members/disabled@example.com", &no).status, 200);
    let timed = |email: &str, password: &str| {
        let started = Instant::now();
        let answer = Browser::of(&cauce).sign_in(email, password);
        assert_eq!(answer.status, 401, "{email}: {answer:?}");
        (started.elapsed(), answer.text)
    };
    let (_, known) = timed("ana@example.com", "another password");
    let pairs = [
        ("nobody@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("disabled@example.com", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
    ];
    for (email, password) in pairs {
        assert_eq!(timed(email, password).1, known, "{email}");
    }
    // Whoever is unknown costs a whole check too. The fastest of some, since machines are busy.
    let fastest = |email: &str| (0..4).map(|_| timed(email, "another password").0).min().unwrap();
    let (known, unknown) = (fastest("ana@example.com"), fastest("stranger@example.com"));
    assert!(unknown * 4 > known, "{unknown:?} for a stranger, {known:?} for a member");
}

#[test]
fn who_guesses_has_to_wait() {
    let cauce = Cauce::start("forwarded-for = true");
    member(&cauce, "ana@example.com", "owner");
    let guess = |email: &str, from: &str| {
        let pair = json!({ "email": email, "password": "a wrong password" });
        let headers = [("x-forwarded-for", from)];
        Browser::of(&cauce).ask_with("POST", "/v1/session", &headers, &pair)
    };
    // A guess comes back every so many seconds; on a busy machine some have by the end.
    let guessed = |most: u64, seconds: u64, guess: &dyn Fn(u64) -> Answer| {
        let started = Instant::now();
        for n in 0.. {
            let answer = guess(n);
            if answer.status == 401 {
                let back = started.elapsed().as_secs() / seconds;
                assert!(n <= most + back, "{n} guesses in {:?}", started.elapsed());
                continue;
            }
            assert!(answer.status == 429 && n >= most, "after {n}: {answer:?}");
            let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=seconds).contains(&wait), "{answer:?}");
            return;
        }
    };
    // Of one member: from wherever they come, however they write it.
    guessed(10, 20, &|n| {
        let email = if n < 10 { "ana@example.com" } else { "Ana@example.com " };
        guess(email, &format!("192.0.2.{n}"))
    });
    let right = json!({ "email": "ana@example.com", "password": PASSWORD });
    let waits = Browser::of(&cauce).ask_with("POST", "/v1/session", &[], &right);
    assert_eq!(waits.status, 429, "even with the password: {waits:?}");
    // Of one address: whomever they try.
    let from = "2001:db8::7";
    guessed(30, 5, &|n| guess(&format!("p{n}@example.com"), from));
    assert_eq!(guess("other@example.com", "2001:db8::8").status, 429, "of the same network");
    assert_eq!(guess("other@example.com", "2001:db8:1::8").status, 401, "another network");
}

#[test]
fn a_page_of_somebody_else_changes_nothing() {
    let cauce = Cauce::start("");
    let ana = member(&cauce, "ana@example.com", "owner");
    let own = format!("http://127.0.0.1:{}", cauce.port);
    let key = json!({ "name": "x", "scope": "write" });
    let make = |headers: &[(&str, &str)]| ana.ask_with("POST", "/v1/keys", headers, &key).status;
    let csrf = ("x-csrf-token", ana.csrf.as_str());
    assert_eq!(make(&[]), 403, "no token");
    assert_eq!(make(&[("x-csrf-token", "")]), 403);
    assert_eq!(make(&[("x-csrf-token", &"0".repeat(64))]), 403, "a wrong token");
    assert_eq!(make(&[csrf, ("origin", "https://evil.example")]), 403);
    assert_eq!(make(&[csrf, ("origin", "null")]), 403);
    assert_eq!(make(&[csrf, ("sec-fetch-site", "cross-site")]), 403);
    assert_eq!(make(&[csrf, ("sec-fetch-site", "same-site"), ("origin", &own)]), 403);
    assert_eq!(make(&[csrf, ("sec-fetch-site", "same-origin"), ("origin", &own)]), 201);
    assert_eq!(make(&[csrf]), 201);
    // To sign somebody in as somebody else is a change too.
    let pair = json!({ "email": "ana@example.com", "password": PASSWORD });
    let evil = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(ana.ask_with("POST", "/v1/session", &evil, &pair).status, 403);
    let another = member(&cauce, "bo@example.com", "owner");
    assert_eq!(make(&[("x-csrf-token", &another.csrf)]), 403, "another's token");
    // Reading needs none, and a key needs none.
    assert_eq!(ana.ask_with("GET", "/v1/keys", &[], &Value::Null).status, 200);
    assert_eq!(cauce.post("/v1/keys", &key).status, 201);
    let count = cauce.get("/v1/keys")["keys"].as_array().unwrap().len();
    assert_eq!(count, 1 + 2 + 1, "the first key, and what was allowed");
}

#[test]
fn sessions_end_with_what_they_were_opened_by() {
    let cauce = Cauce::start("");
    let owner = member(&cauce, "ana@example.com", "owner");
    let path = "/v1/members/bo@example.com";
    let mut bo = member(&cauce, "bo@example.com", "editor");
    let mut elsewhere = Browser::of(&cauce);
    let change = |what: Value| {
        let answer = owner.ask("PATCH", path, &what);
        assert_eq!(answer.status, 200, "{answer:?}");
    };
    change(json!({ "name": "Bo" }));
    assert!(bo.is_signed_in(), "a name is no right");
    change(json!({ "role": "viewer" }));
    assert!(!bo.is_signed_in());
    assert_eq!(bo.sign_in("bo@example.com", PASSWORD).json()["member"]["role"], "viewer");
    change(json!({ "disabled": true }));
    assert!(!bo.is_signed_in());
    assert_eq!(bo.sign_in("bo@example.com", PASSWORD).status, 401);
    change(json!({ "disabled": false }));
    assert_eq!(bo.sign_in("bo@example.com", PASSWORD).status, 200);

    assert_eq!(elsewhere.sign_in("bo@example.com", PASSWORD).status, 200);
    let set = |old: &str, new: &str| {
        bo.ask("POST", "/v1/session/password", &json!({ "old": old, "new": new }))
    };
    assert_eq!(set("not the old one", "another long password").status, 403);
    assert_eq!(set(PASSWORD, "short").status, 422);
    assert!(bo.is_signed_in() && elsewhere.is_signed_in());
    let answer = set(PASSWORD, "another long password");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!bo.is_signed_in() && !elsewhere.is_signed_in(), "all that were");
    bo.keep(&answer);
    assert!(bo.is_signed_in(), "and the one that changed it has a new one");
    assert_eq!(elsewhere.sign_in("bo@example.com", PASSWORD).status, 401);

    let again = token(&owner.ask("POST", &format!("{path}/invitation"), &Value::Null));
    assert!(!bo.is_signed_in());
    assert_eq!(bo.sign_in("bo@example.com", "another long password").status, 401);
    let wanted = json!({ "token": again, "password": PASSWORD });
    let answer = bo.ask("POST", "/v1/session/join", &wanted);
    bo.keep(&answer);
    assert!(bo.is_signed_in());
    assert_eq!(owner.ask("DELETE", path, &Value::Null).status, 204);
    assert!(!bo.is_signed_in());
    // The address comes back as somebody new.
    member(&cauce, "bo@example.com", "viewer");
    assert!(!bo.is_signed_in());
    assert!(owner.is_signed_in());
}

#[test]
fn sessions_end_by_themselves() {
    let cauce = Cauce::start_with("development = true", &[("CAUCE_TEST_CLOCK", NOON)]);
    let used = member(&cauce, "ana@example.com", "owner");
    let idle = member(&cauce, "bo@example.com", "viewer");
    let open = invite(&cauce, "cy@example.com", "viewer");
    let at = |day: u32, hour: u32| {
        let now = json!({ "now": format!("2026-03-{day:02}T{hour:02}:00:00Z") });
        assert_eq!(cauce.post("/v1/clock", &now).status, 204);
    };
    at(2, 11);
    assert!(used.is_signed_in());
    at(2, 12);
    assert!(!idle.is_signed_in(), "unused for a day");
    for (day, hour) in [(3, 10), (4, 9), (5, 8), (6, 7), (7, 6), (7, 20), (8, 11)] {
        at(day, hour);
        assert!(used.is_signed_in(), "day {day}");
    }
    at(8, 12);
    assert!(!used.is_signed_in(), "after a week in any case");
    let wanted = json!({ "token": open, "password": PASSWORD });
    let late = Browser::of(&cauce).ask("POST", "/v1/session/join", &wanted);
    assert_eq!(late.status, 404, "an invitation lasts a week: {late:?}");
}

#[test]
fn somebody_is_left_who_can_invite_others() {
    let cauce = Cauce::start("");
    let ana = member(&cauce, "ana@example.com", "owner");
    invite(&cauce, "bo@example.com", "owner");
    let path = "/v1/members/ana@example.com";
    let tries = [
        ("DELETE", Value::Null),
        ("PATCH", json!({ "role": "viewer" })),
        ("PATCH", json!({ "disabled": true })),
    ];
    for (method, body) in tries {
        let by_member = ana.ask(method, path, &body);
        assert_eq!(by_member.status, 409, "{by_member:?}");
        assert!(by_member.text.contains("last owner"), "{by_member:?}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let by_key = cauce.ask(method, path, "application/json", body.as_bytes());
        assert_eq!(by_key.status, 409, "{by_key:?}");
    }
    assert!(ana.is_signed_in());
    member(&cauce, "cy@example.com", "owner");
    assert_eq!(ana.ask("DELETE", path, &Value::Null).status, 204, "of two owners one may go");
}

#[test]
fn a_backup_brings_members_back_and_no_session() {
    let mut cauce = Cauce::start("");
    let mut ana = member(&cauce, "ana@example.com", "owner");
    let made = cauce.post("/v1/backups", &Value::Null);
    let backup = made.json()["file"].as_str().unwrap().to_owned();
    let folder = cauce.folder.path().join("restored");
    let restored =
        cauce::command().args(["restore", &backup, "--data"]).arg(&folder).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");
    cauce.kill();
    std::fs::rename(cauce.data(), cauce.folder.path().join("lost")).unwrap();
    std::fs::rename(&folder, cauce.data()).unwrap();
    cauce.again();
    assert!(!ana.is_signed_in());
    assert_eq!(ana.sign_in("ana@example.com", PASSWORD).status, 200);
    let rows = ana.ask("GET", "/v1/audit", &Value::Null).json();
    let what: Vec<_> =
        rows["items"].as_array().unwrap().iter().map(|row| row["what"].as_str().unwrap()).collect();
    for expected in ["restore", "member.join", "member.add"] {
        assert!(what.contains(&expected), "{what:?}");
    }
}

#[test]
fn members_and_the_audit_at_the_terminal() {
    let cauce = Cauce::start("");
    let server = format!("http://127.0.0.1:{}", cauce.port);
    let run = |arguments: &[&str]| {
        let mut command = cauce::command();
        command.args(arguments).env("CAUCE_SERVER", &server).env("CAUCE_KEY", &cauce.key);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.code(), said, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, link, _) = run(&["members", "add", "--role", "owner", "ana@example.com"]);
    assert_eq!(code, Some(0));
    let token = link.strip_prefix(&format!("{server}/join/")).unwrap();
    let wanted = json!({ "token": token, "password": PASSWORD });
    let mut ana = Browser::of(&cauce);
    ana.keep(&ana.ask("POST", "/v1/session/join", &wanted));
    let (code, _, why) = run(&["members", "role", "ana@example.com", "viewer"]);
    assert_eq!(code, Some(1));
    assert!(why.contains("last owner"), "{why}");
    run(&["members", "add", "bo@example.com", "--name", "Bo"]);
    assert_eq!(run(&["members", "role", "bo@example.com", "editor"]).0, Some(0));
    assert!(run(&["members", "disable", "bo@example.com"]).1.contains("disabled"));
    assert!(run(&["members", "disable", "--undo", "bo@example.com"]).1.contains("invited"));
    let (_, listed, _) = run(&["members", "list", "--json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["items"][1]["role"], "editor", "{listed}");
    let (_, link, _) = run(&["members", "reset", "ana@example.com", "--json"]);
    let link: Value = serde_json::from_str(&link).unwrap();
    assert!(link["invitation"].as_str().unwrap().starts_with("/join/"), "{link}");
    assert!(!ana.is_signed_in());
    assert_eq!(run(&["members", "remove", "bo@example.com"]).0, Some(0));
    let (_, shown, _) = run(&["audit", "--what", "member", "--json", "--limit", "3"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let rows = shown["items"].as_array().unwrap();
    let what: Vec<_> = rows.iter().map(|row| row["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["member.remove", "member.reset", "member.change"], "{shown}");
    let (_, shown, _) = run(&["audit", "--of", "bo@example.com"]);
    assert!(shown.lines().count() == 5 && shown.contains("role editor"), "{shown}");
}

#[test]
fn names_from_outside_stay_text() {
    let cauce = Cauce::start("");
    let owner = member(&cauce, "ana@example.com", "owner");
    let add = |email: &str, name: &str| {
        let wanted = json!({ "email": email, "name": name, "role": "viewer" });
        owner.ask("POST", "/v1/members", &wanted)
    };
    let hostile = "<img src=x onerror=alert(1)> {{ 7*7 }} \"; drop 🦀";
    assert_eq!(add("bo@example.com", hostile).status, 201);
    let shown = owner.ask("GET", "/v1/members", &Value::Null);
    assert_eq!(shown.header("content-type"), Some("application/json"));
    assert_eq!(shown.json()["items"][1]["name"], hostile);
    for name in ["", "a\nb", "a\u{0}b", "\u{202e}renwo", &"x".repeat(101)] {
        assert_eq!(add("cy@example.com", name).status, 422, "{name:?}");
    }
    for email in ["", "cy", "cy@", "@example.com", "c y@example.com", "cy@exa\nmple.com"] {
        assert_eq!(add(email, "Cy").status, 422, "{email:?}");
    }
    let twice = add("BO@example.com", "Bo");
    assert_eq!(twice.status, 409, "{twice:?}");
    // No key may sign as what nobody did.
    let key = json!({ "name": "schedule", "scope": "admin" });
    assert_eq!(owner.ask("POST", "/v1/keys", &key).status, 409);
    for path in ["/v1/members/%00", "/v1/members/..%2f..", "/v1/members/%ff"] {
        let answer = owner.ask("DELETE", path, &Value::Null);
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    for cookie in ["cauce=", "cauce=\u{7f}", "cauce=%00", "cauce", "=;=;;", &"x=1;".repeat(2_000)] {
        let browser = Browser { cookie: cookie.to_owned(), ..Browser::of(&cauce) };
        let answer = browser.ask("GET", "/v1/members", &Value::Null);
        assert!([400, 401].contains(&answer.status), "{cookie:?}: {answer:?}");
    }
}

#[test]
fn a_server_for_development_prints_a_link_that_works_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = cauce::command()
        .args(["dev", "--port", "0"])
        .current_dir(folder.path())
        .env("TMPDIR", folder.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let line = lines.find_map(|line| line.ok().filter(|line| line.contains("sign in"))).unwrap();
    let link = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let rest = link.strip_prefix("http://127.0.0.1:").unwrap();
    let (port, path) = rest.split_at(rest.find('/').unwrap());
    let mut browser = Browser { port: port.parse().unwrap(), ..Browser::default() };
    let answer = browser.ask("GET", path, &Value::Null);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{answer:?}");
    let set = answer.header("set-cookie").unwrap();
    browser.cookie = set.split(';').next().unwrap().to_owned();
    let shown = browser.ask("GET", "/v1/session", &Value::Null);
    assert_eq!(shown.json()["member"]["role"], "owner", "{shown:?}");
    let again = browser.ask("GET", path, &Value::Null);
    assert_eq!((again.status, again.header("set-cookie")), (404, None), "{again:?}");
    std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The lines of a stream that a browser opened.
fn stream(cauce: &Cauce, browser: &Browser, path: &str) -> std::io::BufReader<std::net::TcpStream> {
    use std::io::{BufRead as _, Write as _};
    let mut socket = std::net::TcpStream::connect(("127.0.0.1", cauce.port)).unwrap();
    socket.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nhost: x\r\ncookie: {}\r\n\r\n", browser.cookie);
    socket.write_all(request.as_bytes()).unwrap();
    let mut lines = std::io::BufReader::new(socket);
    let mut first = String::new();
    lines.read_line(&mut first).unwrap();
    assert!(first.contains(" 200 "), "{first}");
    lines
}

/// How somebody loses the right.
type Going<'g> = &'g dyn Fn(&Browser);

#[test]
fn a_stream_ends_with_the_right_to_read_it() {
    use std::io::BufRead as _;
    let cauce = Cauce::start("");
    let stays = member(&cauce, "stays@example.com", "editor");
    let mut control = stream(&cauce, &stays, "/v1/overview/live");
    let paths = ["/v1/events/live", "/v1/overview/live"];
    let gone: [(&str, Going<'_>); 4] = [
        ("removed", &|_| {
            assert_eq!(cauce.ask("DELETE", "/v1/members/removed@example.com", "", b"").status, 204);
        }),
        ("disabled", &|_| {
            let answer = cauce.ask(
                "PATCH",
                "/v1/members/disabled@example.com",
                "application/json",
                json!({ "disabled": true }).to_string().as_bytes(),
            );
            assert_eq!(answer.status, 200, "{answer:?}");
        }),
        ("changed", &|_| {
            let answer = cauce.ask(
                "PATCH",
                "/v1/members/changed@example.com",
                "application/json",
                json!({ "role": "viewer" }).to_string().as_bytes(),
            );
            assert_eq!(answer.status, 200, "{answer:?}");
        }),
        ("left", &|browser| {
            assert_eq!(browser.ask("DELETE", "/v1/session", &Value::Null).status, 204);
        }),
    ];
    for (name, go) in gone {
        let browser = member(&cauce, &format!("{name}@example.com"), "editor");
        let open: Vec<_> = paths.iter().map(|path| stream(&cauce, &browser, path)).collect();
        go(&browser);
        let gone = Instant::now();
        for mut lines in open {
            // To its end, though it says something each second as long as it goes on.
            let mut line = String::new();
            while lines.read_line(&mut line).unwrap_or_else(|error| panic!("{name}: {error}")) > 0 {
                assert!(gone.elapsed() < Duration::from_secs(20), "{name}: it goes on");
                line.clear();
            }
        }
    }
    // Who may read goes on reading: nothing ended by itself.
    let mut said = String::new();
    for _ in 0..8 {
        assert!(control.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }
    let answer = stays.ask("GET", "/v1/session", &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
}
