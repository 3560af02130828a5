//! The push services, as software that we did not write sees what we send: h2 speaks HTTP/2,
//! Google's discovery document says what a message is, http-ece decrypts, cryptography checks
//! every signature.
//!
//! `CAUCE_PYTHON` names a Python that has what `tests/outside/requirements.txt` lists. Without it
//! these tests say that they did not run; with `CAUCE_OUTSIDE=1` that is a failure.

mod testing;
#[path = "../world/mod.rs"]
mod world;

use cauce_channels::push::{Apns, Fcm, Means, Ways, Web, apns, fcm, web};
use cauce_core::delivery::{Answer, Cause, DeviceEnd, Outcome, Token, Verdict, classify, token};
use cauce_core::device::{Environment, Platform, Target, WebKeys, id};
use cauce_core::ids::MessageId;
use cauce_core::message::content::push::{Button, Priority, Push};
use cauce_core::time::{Duration, Timestamp};
use rcgen::KeyPair;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use world::*;

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outside");
/// An instant of 2026, in milliseconds.
const NOW: i64 = 1_795_000_000_000;

/// The Python to use, or nothing after saying so.
fn python(test: &str) -> Option<String> {
    let python = std::env::var("CAUCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe = "import h2, httpx, http_ece, cryptography, googleapiclient.discovery_cache";
    let status = Command::new(&python).args(["-c", probe]).stderr(Stdio::null()).status();
    if status.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    let text = format!("not run: {test}: `{python}` lacks what {SCRIPTS}/requirements.txt lists");
    assert!(std::env::var("CAUCE_OUTSIDE").as_deref() != Ok("1"), "{text}");
    println!("{text}");
    None
}

/// A script that serves until it is dropped.
struct Server {
    child: Child,
    lines: Receiver<String>,
    port: u16,
}

impl Server {
    fn start(python: &str, script: &str, arguments: &[&str]) -> Server {
        let mut child = Command::new(python)
            .arg(format!("{SCRIPTS}/{script}"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        // Read as it is said: a pipe that is full would stop the script.
        std::thread::spawn(move || {
            said.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok())
        });
        let first = lines.recv().expect("the script says something");
        let port = first.trim().parse().expect("the script says its port");
        Server { child, lines, port }
    }

    fn next(&self) -> Value {
        let line = self.lines.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn target(platform: Platform, token: &str) -> Target {
    Target {
        device: id(platform, token),
        platform,
        token: token.to_owned(),
        keys: None,
        app: "com.example.shop".to_owned(),
        environment: Environment::Production,
    }
}

fn push(targets: Vec<Target>) -> Push {
    Push {
        message: MessageId(7),
        targets,
        title: "Tu pedido".into(),
        body: "Sale hoy \u{1f4e6}".into(),
        image: Some("https://shop.example/kettle.png".into()),
        link: Some("shop://orders/7".into()),
        buttons: vec![Button { action: "track".into(), title: "Seguir".into(), link: "".into() }],
        data: BTreeMap::from([("order".into(), "7".into())]),
        badge: Some(3),
        sound: Some("default".into()),
        category: Some("orders".into()),
        silent: false,
        collapse_key: Some("order-7".into()),
        at: Timestamp(NOW),
        expires: Timestamp(NOW).plus(Duration::HOUR),
        priority: Priority::High,
        opened: "token-of-the-message".into(),
    }
}

fn ends(outcome: Outcome) -> Vec<DeviceEnd> {
    match outcome {
        Outcome::Devices(ends) => ends,
        other => panic!("{other:?}"),
    }
}

/// What the core makes of an answer: the message, and the token.
fn judged(answer: &Answer) -> (Verdict, Option<Token>) {
    let enhanced = match answer {
        Answer::Refused { enhanced, .. } => *enhanced,
        _ => None,
    };
    (classify(&answer.outcome()), token(enhanced))
}

/// What each meaning must come to.
fn wanted(means: Means) -> (&'static str, Option<Token>) {
    match means {
        Means::Gone => ("failed invalid-recipient", Some(Token::Gone)),
        Means::Misplaced => ("failed invalid-recipient", Some(Token::Misplaced)),
        Means::Content | Means::TooLarge => ("failed content", None),
        Means::Configuration | Means::Expired => ("retry configuration", None),
        Means::Throttled => ("retry throttled", None),
        Means::Temporary => ("retry transient", None),
    }
}

fn check_meaning(word: &str, answer: &Answer, means: Means) {
    let (verdict, token) = judged(answer);
    let said = match verdict {
        Verdict::Retry { cause, .. } => format!("retry {}", cause.as_str()),
        Verdict::Failed { cause, .. } => format!("failed {}", cause.as_str()),
        other => format!("{other:?}"),
    };
    assert_eq!((said.as_str(), token), wanted(means), "{word}: {answer:?}");
}

/// Files of a test: keys and certificates.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// The status that Apple gives a reason with.
fn status_of(reason: &str, means: Means) -> u16 {
    match (reason, means) {
        ("BadPath", _) => 404,
        ("MethodNotAllowed", _) => 405,
        ("Shutdown" | "ServiceUnavailable", _) => 503,
        ("InternalServerError", _) => 500,
        ("BadCertificate" | "BadCertificateEnvironment" | "Forbidden", _) => 403,
        (_, Means::Expired) => 403,
        ("InvalidProviderToken" | "MissingProviderToken", _) => 403,
        (_, Means::Gone) => 410,
        (_, Means::TooLarge) => 413,
        (_, Means::Throttled) => 429,
        _ => 400,
    }
}

struct Apple {
    server: Server,
    client: Apns,
}

/// Apple's stand-in, checked by httpx before anything of ours speaks to it.
fn apple(python: &str, files: &Files, answers: &Value) -> Apple {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = files.write("cert.pem", &cert.pem());
    let key = files.write("key.pem", &signing_key.serialize_pem());
    let team = KeyPair::generate().unwrap();
    let public = files.write("team.pem", &team.public_key_pem());
    let private = files.write("team-key.pem", &team.serialize_pem());
    let mut answers = answers.clone();
    answers["f2"] = json!([{ "status": 410, "reason": "Unregistered", "timestamp": 1 }]);
    let arguments = [&certificate, &key, &public, &answers.to_string()];
    let server = Server::start(python, "push_apns.py", &arguments.map(String::as_str));
    let port = server.port.to_string();
    let checked = Command::new(python)
        .arg(format!("{SCRIPTS}/push_apns_check.py"))
        .args([&port, &certificate, &private])
        .status()
        .unwrap();
    assert!(checked.success(), "httpx does not take the stand-in for a server of HTTP/2");
    assert_eq!(server.next()["faults"], json!([]), "httpx's request is in order");
    let faults = server.next()["faults"].to_string();
    assert!(faults.contains("claims") && faults.contains("priority"), "{faults}");
    let base = format!("https://127.0.0.1:{port}");
    let options = apns::Options {
        team: "TEAM123456".into(),
        key_id: "ABCDE12345".into(),
        key: team.serialize_pem(),
        topic: None,
        production: base.clone(),
        sandbox: base,
        tls: tls(Some(&cert.pem())),
    };
    Apple { server, client: Apns::new(open_egress(), options).unwrap() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reason_of_apple_means_what_the_table_says() {
    let Some(python) = python("apns reasons") else { return };
    let files = Files::new();
    let device = |nth: usize| format!("{:064x}", nth + 0x1000);
    let mut answers = json!({});
    for (nth, (reason, means)) in apns::REASONS.iter().enumerate() {
        answers[device(nth)] = json!([{ "status": status_of(reason, *means), "reason": reason,
                                        "timestamp": 1_700_000_000_000i64, "retry-after": 7 }]);
    }
    answers["aa"] = json!([{ "status": 410 }]);
    answers["ab"] = json!([{ "status": 502 }]);
    let apple = apple(&python, &files, &answers);
    for (nth, (reason, means)) in apns::REASONS.iter().enumerate() {
        let target = target(Platform::Ios, &device(nth));
        let (answer, since) = apple.client.send(&push(vec![]), &target).await;
        check_meaning(reason, &answer, *means);
        let gone = Timestamp(1_700_000_000_000);
        assert_eq!(since, (*means == Means::Gone).then_some(gone), "{reason}");
        if *means == Means::Throttled {
            assert!(matches!(answer, Answer::Refused { retry_after_s: Some(7), .. }));
        }
        assert_eq!(apple.server.next()["faults"], json!([]), "{reason}");
    }
    let (answer, since) = apple.client.send(&push(vec![]), &target(Platform::Ios, "aa")).await;
    check_meaning("410 without a word", &answer, Means::Gone);
    assert_eq!(since, None);
    // A gateway's answer is none: Apple may have taken it.
    let (answer, _) = apple.client.send(&push(vec![]), &target(Platform::Ios, "ab")).await;
    assert!(matches!(answer, Answer::Unknown { .. }), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn apple_is_told_everything_and_its_token_is_used_again() {
    let Some(python) = python("apns requests") else { return };
    let files = Files::new();
    let expired = json!({ "status": 403, "reason": "ExpiredProviderToken" });
    let answers = json!({
        "e1": [expired, { "status": 200 }], "e2": [expired, { "status": 200 }],
        "aa01": [{ "goaway": "unseen" }, { "status": 200 }],
        "aa02": [{ "goaway": "silent" }], "aa03": [{ "reset": "refused" }],
    });
    let apple = apple(&python, &files, &answers);
    let send = async |apple: &Apple, device: &str, after: Duration| {
        let mut push = push(vec![]);
        push.at = push.at.plus(after);
        apple.client.send(&push, &target(Platform::Ios, device)).await.0
    };
    let minutes = |n| Duration::MINUTE.times(n);
    let answer = send(&apple, "01", minutes(0)).await;
    assert!(matches!(answer, Answer::Accepted { id: Some(_) }), "{answer:?}");
    let first = apple.server.next();
    assert_eq!(first["faults"], json!([]));
    let headers = &first["headers"];
    assert_eq!(headers["apns-topic"], "com.example.shop");
    assert_eq!(headers["apns-push-type"], "alert");
    assert_eq!(headers["apns-priority"], "10");
    assert_eq!(headers["apns-collapse-id"], "order-7");
    assert_eq!(headers["apns-expiration"], (NOW / 1_000 + 3_600).to_string());
    let body: Value = serde_json::from_str(first["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["aps"]["alert"]["body"], "Sale hoy \u{1f4e6}");
    assert_eq!((&body["cauce"], &body["order"]), (&json!("token-of-the-message"), &json!("7")));
    let mut tokens = BTreeSet::from([first["token"].to_string()]);
    // Within its time the token is the same, though Apple calls it too old: another one would be
    // too many.
    let answer = send(&apple, "e1", minutes(10)).await;
    check_meaning("a young token is refused", &answer, Means::Expired);
    tokens.insert(apple.server.next()["token"].to_string());
    assert_eq!(tokens.len(), 1);
    // Old enough, it is made anew, once, and the device is asked again with the same name.
    let answer = send(&apple, "e2", minutes(21)).await;
    assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
    let (once, again) = (apple.server.next(), apple.server.next());
    assert_eq!(once["headers"]["apns-id"], again["headers"]["apns-id"]);
    tokens.insert(again["token"].to_string());
    assert_eq!(tokens.len(), 2);
    for (after, count) in [(minutes(70), 2), (minutes(72), 3)] {
        send(&apple, "02", after).await;
        tokens.insert(apple.server.next()["token"].to_string());
        assert_eq!(tokens.len(), count, "{after}");
    }
    // What Apple did not look at may be sent again; what it may have taken is unknown.
    let answer = send(&apple, "aa01", minutes(73)).await;
    assert!(matches!(answer, Answer::Unreachable { .. }), "{answer:?}");
    let before = apple.server.next()["connection"].clone();
    let mut answer = send(&apple, "aa01", minutes(73)).await;
    for _ in 0..5 {
        if !matches!(answer, Answer::Unreachable { .. }) {
            break;
        }
        // The old connection was about to close: it was not asked.
        answer = send(&apple, "aa01", minutes(73)).await;
    }
    assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
    assert_ne!(apple.server.next()["connection"], before, "a new connection after GOAWAY");
    let answer = send(&apple, "aa02", minutes(73)).await;
    assert!(matches!(answer, Answer::Unknown { .. }), "{answer:?}");
    let answer = send(&apple, "aa03", minutes(73)).await;
    assert!(matches!(answer, Answer::Unreachable { .. }), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_devices_share_one_connection_within_its_streams() {
    let Some(python) = python("apns streams") else { return };
    let files = Files::new();
    let apple = apple(&python, &files, &json!({}));
    let targets: Vec<Target> =
        (0..300).map(|n| target(Platform::Ios, &format!("{n:04x}"))).collect();
    let ways = Ways { apns: Some(apple.client), fcm: None, web: None };
    let ends = ends(ways.send(&push(targets)).await);
    let other = ends.iter().find(|end| !matches!(end.answer, Answer::Accepted { .. }));
    assert_eq!(other, None);
    let asked: Vec<Value> = (0..300).map(|_| apple.server.next()).collect();
    let connections: BTreeSet<_> = asked.iter().map(|a| a["connection"].to_string()).collect();
    assert_eq!(connections.len(), 1);
    let ids: BTreeSet<_> = asked.iter().map(|a| a["headers"]["apns-id"].to_string()).collect();
    assert_eq!(ids.len(), 300, "each device has a name of its own");
    assert!(asked.iter().all(|asked| asked["faults"] == json!([])), "{:?}", asked[0]);
}

struct Google {
    server: Server,
    client: Fcm,
}

fn google(python: &str, files: &Files, answers: &Value) -> Google {
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let public = files.write("account.pem", &key.public_key_pem());
    let server = Server::start(python, "push_fcm.py", &[&public, &answers.to_string()]);
    let base = format!("http://127.0.0.1:{}", server.port);
    let account = json!({
        "type": "service_account", "project_id": "shop-1", "private_key_id": "key-1",
        "private_key": key.serialize_pem(), "client_email": "push@shop-1.example",
        "token_uri": format!("{base}/token"),
    });
    let options = fcm::Options { account: account.to_string(), base, tls: tls(None) };
    Google { server, client: Fcm::new(open_egress(), options).unwrap() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_google_means_what_the_table_says() {
    let Some(python) = python("fcm codes") else { return };
    let files = Files::new();
    let detail = |code: &str| {
        json!({ "errorCode": code,
        "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError" })
    };
    let violation = json!({ "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{ "field": "message.token", "description": "not a token" }] });
    let status = |code: &str| match code {
        "UNREGISTERED" => 404,
        "SENDER_ID_MISMATCH" => 403,
        "THIRD_PARTY_AUTH_ERROR" => 401,
        "QUOTA_EXCEEDED" => 429,
        "UNAVAILABLE" => 503,
        "INTERNAL" => 500,
        _ => 400,
    };
    let error = |status: u16, details: Value| {
        json!([{ "status": status, "error": { "code": status, "message": "no", "status": "X",
                                              "details": details } }])
    };
    let mut answers = json!({
        "about-token": error(400, json!([detail("INVALID_ARGUMENT"), violation])),
        "no-project": error(404, json!([])),
        "quota-wait": [{ "status": 429, "retry-after": 120,
                         "error": { "details": [detail("QUOTA_EXCEEDED")] } }],
        "between": [{ "status": 504, "error": {} }],
        "its-own": error(504, json!([detail("UNAVAILABLE")])),
        "busy": [{ "status": 503, "retry-after": 9, "error": {} }],
        "taken-back": [{ "status": 401, "error": {} }, { "status": 200 }],
        "never": [{ "status": 401, "error": {} }],
    });
    for (code, _) in fcm::CODES {
        answers[format!("t:{code}")] = error(status(code), json!([detail(code)]));
    }
    let google = google(&python, &files, &answers);
    let send = async |device: &str| {
        google.client.send(&push(vec![]), &target(Platform::Android, device)).await
    };
    for (code, means) in fcm::CODES {
        let answer = send(&format!("t:{code}")).await;
        check_meaning(code, &answer, *means);
        let wait = match answer {
            Answer::Refused { retry_after_s, .. } => retry_after_s,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait, (*means == Means::Throttled).then_some(60), "{code}");
    }
    check_meaning("the token", &send("about-token").await, Means::Gone);
    check_meaning("the project", &send("no-project").await, Means::Configuration);
    let answer = send("quota-wait").await;
    assert!(matches!(answer, Answer::Refused { retry_after_s: Some(120), .. }), "{answer:?}");
    let answer = send("busy").await;
    assert!(matches!(answer, Answer::Refused { retry_after_s: Some(9), .. }), "{answer:?}");
    let answer = send("between").await;
    assert!(matches!(answer, Answer::Unknown { .. }), "{answer:?}");
    check_meaning("a code of its own", &send("its-own").await, Means::Temporary);
    assert!(matches!(send("taken-back").await, Answer::Accepted { .. }));
    check_meaning("401 again", &send("never").await, Means::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_what_googles_document_says_and_one_token_serves_all() {
    let Some(python) = python("fcm requests") else { return };
    let files = Files::new();
    let google = google(&python, &files, &json!({}));
    let targets: Vec<Target> =
        (0..40).map(|n| target(Platform::Android, &format!("a:{n}"))).collect();
    let ways = Ways { apns: None, fcm: Some(google.client), web: None };
    let ended = ends(ways.send(&push(targets)).await);
    assert!(ended.iter().all(|end| matches!(end.answer, Answer::Accepted { .. })), "{ended:?}");
    let mut silent = push(vec![target(Platform::Android, "s:1"), target(Platform::Ios, "i:1")]);
    silent.silent = true;
    silent.buttons.clear();
    silent.at = silent.at.plus(Duration::MINUTE.times(50));
    ends(ways.send(&silent).await);
    let mut shown = push(vec![target(Platform::Ios, "i:2")]);
    // Five minutes before its end, and no later, another token of access is fetched.
    shown.at = shown.at.plus(Duration::MINUTE.times(55));
    ends(ways.send(&shown).await);
    let lines: Vec<Value> = (0..45).map(|_| google.server.next()).collect();
    for line in &lines {
        assert_eq!(line["faults"], json!([]), "{line}");
    }
    let tokens: Vec<_> = lines.iter().filter(|line| line.get("token").is_some()).collect();
    assert_eq!(tokens.len(), 2, "one for all, and one when it was old");
    let of = |device: &str| lines.iter().find(|line| line["device"] == device).unwrap();
    let message = &of("a:0")["request"]["message"];
    assert_eq!(message["notification"]["title"], "Tu pedido");
    assert_eq!(message["data"]["order"], "7");
    assert_eq!(message["android"]["ttl"], "3600s");
    assert!(of("s:1")["request"]["message"].get("notification").is_none());
    let apns = &of("i:2")["request"]["message"]["apns"];
    assert_eq!(apns["headers"]["apns-collapse-id"], "order-7");
    assert_eq!(apns["payload"]["aps"]["badge"], 3);
}

fn browser(line: &Value) -> Target {
    let endpoint = line["endpoint"].as_str().unwrap();
    let text = |name: &str| line["keys"][name].as_str().unwrap().to_owned();
    let keys = Some(WebKeys { p256dh: text("p256dh"), auth: text("auth") });
    Target { keys, ..target(Platform::Web, endpoint) }
}

/// What a browser's push service may answer, and what it means.
fn browser_answers() -> Vec<(Value, Option<Means>)> {
    vec![
        (json!(201), None),
        (json!(200), None),
        (json!(202), None),
        (json!(404), Some(Means::Gone)),
        (json!(410), Some(Means::Gone)),
        (json!(400), Some(Means::Misplaced)),
        (json!(401), Some(Means::Configuration)),
        (json!(403), Some(Means::Misplaced)),
        (json!(413), Some(Means::TooLarge)),
        (json!([429, ["retry-after", "30"]]), Some(Means::Throttled)),
        (json!([503, ["retry-after", "5"]]), Some(Means::Temporary)),
        (json!(500), Some(Means::Temporary)),
    ]
}

struct Browsers {
    server: Server,
    targets: Vec<Target>,
    key: KeyPair,
}

/// Browsers whose push service answers so.
fn browsers(python: &str, statuses: &[Value]) -> Browsers {
    let listed = Value::Array(statuses.to_vec()).to_string();
    let server = Server::start(python, "push_web.py", &[&listed]);
    let targets = statuses.iter().map(|_| browser(&server.next())).collect();
    Browsers { server, targets, key: KeyPair::generate().unwrap() }
}

fn web_to(key: &KeyPair, hosts: &[&str]) -> Ways {
    let options = web::Options {
        key: key.serialize_pem(),
        subject: "mailto:ops@shop.example".into(),
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        tls: tls(None),
    };
    Ways { apns: None, fcm: None, web: Some(Web::new(open_egress(), options).unwrap()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_decrypt_what_is_pushed_and_their_answers_mean_what_they_say() {
    let Some(python) = python("web push") else { return };
    let answers = browser_answers();
    let statuses: Vec<Value> = answers.iter().map(|(status, _)| status.clone()).collect();
    let all = browsers(&python, &statuses);
    let ended = ends(web_to(&all.key, &[]).send(&push(all.targets.clone())).await);
    for ((status, means), end) in answers.iter().zip(&ended) {
        match means {
            None => assert!(matches!(end.answer, Answer::Accepted { .. }), "{status}"),
            Some(means) => check_meaning(&status.to_string(), &end.answer, *means),
        }
    }
    let wait = |nth: usize| match &ended[nth].answer {
        Answer::Refused { retry_after_s, .. } => *retry_after_s,
        other => panic!("{other:?}"),
    };
    assert_eq!((wait(9), wait(10)), (Some(30), Some(5)));
    let lines: Vec<Value> = answers.iter().map(|_| all.server.next()).collect();
    let public = web::public_key(&all.key.serialize_pem()).unwrap();
    for line in &lines {
        assert_eq!(line["plain"], push(vec![]).web().to_string());
        assert_eq!(line["scheme"], "vapid");
        assert_eq!(line["key"], public.as_str());
        let claims = &line["claims"];
        assert_eq!(claims["aud"], format!("http://127.0.0.1:{}", all.server.port));
        assert_eq!(claims["sub"], "mailto:ops@shop.example");
        let life = claims["exp"].as_i64().unwrap() - NOW / 1_000;
        assert!((1..=86_400).contains(&life), "{life}");
        let headers = &line["headers"];
        assert_eq!((&headers["ttl"], &headers["urgency"]), (&json!("3600"), &json!("high")));
        assert_eq!(headers["topic"], "order-7");
        assert_eq!(headers["content-encoding"], "aes128gcm");
        assert_eq!(headers["content-type"], "application/octet-stream");
    }
    let signed: BTreeSet<_> =
        lines.iter().map(|line| line["headers"]["authorization"].to_string()).collect();
    assert_eq!(signed.len(), 1, "one signature serves an origin");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_or_has_no_allowed_host_never_leaves() {
    let Some(python) = python("web push bounds") else { return };
    let all = browsers(&python, &[json!(201)]);
    let ways = web_to(&all.key, &[]);
    // The largest that fits, and a byte more, which never leaves.
    let mut large = push(all.targets.clone());
    let room = 3_993 - large.web().to_string().len();
    large.body.push_str(&"x".repeat(room));
    let answer = &ends(ways.send(&large).await)[0].answer;
    assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
    let line = all.server.next();
    assert_eq!((line["plain"].as_str().unwrap().len(), &line["bytes"]), (3_993, &json!(4_096)));
    large.body.push('x');
    let answer = &ends(ways.send(&large).await)[0].answer;
    assert!(matches!(answer, Answer::Unrenderable { text } if text.contains("3994")), "{answer:?}");
    // A provider that names its hosts asks no others.
    let narrow = web_to(&all.key, &["*.push.example"]);
    let answer = &ends(narrow.send(&push(all.targets.clone())).await)[0].answer;
    assert!(matches!(answer, Answer::Unrenderable { text } if text.contains("hosts")));
    let verdict = classify(&answer.outcome());
    assert_eq!(verdict, Verdict::Failed { cause: Cause::Content, suppress: false });
}
