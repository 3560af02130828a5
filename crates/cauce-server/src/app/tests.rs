//! What a request begins, when its client hangs up.

use super::*;
use crate::boot::{self, Running};
use crate::config::Config;
use serde_json::{Value, json};
use std::time::Duration;

/// A process in this process, with the built-in provider and a campaign to everybody.
async fn running(data: &std::path::Path) -> Running {
    let config = Config {
        data: data.join("data"),
        partitions: 2,
        threads: 1,
        development: true,
        ..Config::default()
    };
    let running = boot::start(&config, &|_| {}).await.unwrap();
    running.app.apply(&shop(), &cauce_core::publish::Removal::Nothing, "test").await.unwrap();
    running
}

fn shop() -> BTreeMap<Name, publish::Body> {
    let documents = [
        (Kind::Provider, "mail", json!({ "channel": "email", "catch-all": {} })),
        (Kind::Topic, "news", json!({ "title": "News" })),
        (Kind::Sender, "shop", json!({ "from": { "name": "Shop", "address": "a@b.example" } })),
        (Kind::Template, "letter", json!({ "topic": "news", "subject": "N", "text": "News" })),
        (Kind::Segment, "all", json!({ "rule": "count(signed_up) >= 1" })),
        (Kind::Campaign, "monthly", json!({ "audience": ["all"], "template": "letter" })),
    ];
    let read = |(kind, name, document): (Kind, &str, Value)| {
        ((kind, name.to_owned()), publish::Body::read(kind, document).unwrap())
    };
    documents.into_iter().map(read).collect()
}

/// Begins something and hangs up at its first pause, as a client that goes away does.
async fn hang_up<T>(asked: impl Future<Output = T>) {
    let mut asked = Box::pin(asked);
    let once = std::future::poll_fn(|context| {
        std::task::Poll::Ready(asked.as_mut().poll(context).is_pending())
    });
    assert!(once.await, "it was over before anybody hung up");
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: never");
}

/// Nobody knows yet who sends a report when it is read: it is small.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_of_one_thing_is_small() {
    let folder = tempfile::tempdir().unwrap();
    let running = running(folder.path()).await;
    let status = async |path: &str, bytes: usize| {
        let request = axum::http::Request::post(path).header("content-type", "application/json");
        let request = request.body(axum::body::Body::from(vec![b'['; bytes])).unwrap();
        let router = crate::http::router(running.app.clone());
        tower_service(router, request).await.status().as_u16()
    };
    for vendor in
        ["twilio/mail/inbound", "vonage/mail", "ses/mail", "mailgun/mail", "postmark/mail"]
    {
        let path = format!("/reports/{vendor}");
        // There is none of the kind; what is too large is not even read.
        assert_eq!(status(&path, 400 << 10).await, 404, "{vendor}");
        assert_eq!(status(&path, 600 << 10).await, 413, "{vendor}");
    }
    for vendor in ["sendgrid/mail", "webhook/mail", "webhook/mail/x"] {
        assert_eq!(status(&format!("/reports/{vendor}"), 600 << 10).await, 404, "{vendor}");
    }
}

/// While the process stops, what is said of a message is not taken for said of none: whoever says
/// it, says it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_nobody_answers_is_not_a_no() {
    use crate::http::{reports, v1};
    let folder = tempfile::tempdir().unwrap();
    let running = running(folder.path()).await;
    let app = running.app.clone();
    let none = cauce_core::ids::MessageId(7);
    assert!(matches!(v1::messages::find(&app, none).await, Ok(None)));
    let said = || {
        let what = reports::said::What::Reported(cauce_core::input::ReportKind::Delivered);
        vec![reports::said::Said { message: Some(none), at: None, what }]
    };
    assert!(reports::said::take(&app, "mail", said()).await.is_ok());
    let node = app.clone();
    tokio::task::spawn_blocking(move || node.node.stop()).await.unwrap();
    let found = v1::messages::find(&app, none).await;
    assert!(matches!(found, Err(Refusal::Stopping)), "{found:?}");
    let refused = reports::said::take(&app, "mail", said()).await.unwrap_err();
    let response = axum::response::IntoResponse::into_response(refused);
    assert_eq!(response.status(), axum::http::StatusCode::SERVICE_UNAVAILABLE);
    let envelope = crate::inbound::session::Envelope {
        sender: String::new(),
        desks: vec![crate::inbound::session::Desk::Return(none)],
    };
    let answer = crate::inbound::taking::take(&app, &envelope, b"Subject: Failed\n\n").await;
    assert_eq!(answer, crate::inbound::taking::Answer::Later);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_the_audit_that_are_not_in_memory_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let running = running(folder.path()).await;
    let app = running.app.clone();
    for n in 0..20 {
        app.note_done(Who::member("ana"), "key.make", &format!("k{n}"), "").await.unwrap();
    }
    let read = async |query: &str| {
        let request = axum::http::Request::builder()
            .uri(format!("/v1/audit?what=key&limit=6{query}"))
            .header("authorization", format!("Bearer {}", running.first_key.clone().unwrap()));
        let request = request.body(axum::body::Body::empty()).unwrap();
        let router = crate::http::router(app.clone());
        let answer = tower_service(router, request).await;
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()
    };
    let pages = async || {
        let mut names = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = read(&cursor).await;
            names.extend(page["items"].as_array().unwrap().iter().map(|row| row["of"].clone()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return names,
            }
        }
    };
    let all = pages().await;
    assert_eq!(all.len(), 21, "and the first key: {all:?}");
    app.control.write().unwrap().audit.shrink(4);
    assert_eq!(pages().await, all);
    running.stop().await;
}

/// Asks a router without a socket.
async fn tower_service(
    router: axum::Router,
    request: axum::http::Request<axum::body::Body>,
) -> axum::response::Response {
    use hyper_util::service::TowerToHyperService;
    let service = TowerToHyperService::new(router);
    hyper::service::Service::call(&service, request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hangs_up_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let running = running(folder.path()).await;
    let app = running.app.clone();
    hang_up(app.start_campaign("monthly", "test")).await;
    until("the campaign is known", || app.control().executions.len() == 1).await;
    let id = *app.control().executions.keys().next().unwrap();
    let execution = app.control().executions[&id].clone();
    let path = campaigns::path(&app, &execution).unwrap();
    hang_up(app.steer_campaign(id, Steer::Pause, "test")).await;
    until("it is paused", || app.control().executions[&id].stand == Steer::Pause).await;
    hang_up(app.steer_campaign(id, Steer::Cancel, "test")).await;
    until("it is cancelled", || app.control().executions[&id].stand == Steer::Cancel).await;
    until("its path is open again", || {
        // Said again at every look: the partition takes the word back when it finds nothing there.
        app.allocator.queued(0, &path, cauce_core::time::Timestamp(0));
        app.allocator.queues().iter().any(|queue| queue.path == path && !queue.closed)
    })
    .await;
    let before = app.control().book.plan;
    let mut more = shop();
    let topic = publish::Body::read(Kind::Topic, json!({ "title": "Offers" })).unwrap();
    more.insert((Kind::Topic, "offers".to_owned()), topic);
    hang_up(app.apply(&more, &cauce_core::publish::Removal::Nothing, "test")).await;
    until("the plan is in force", || app.control().book.plan == before + 1).await;
    running.stop().await;
}

/// A campaign that was due and may not start is said to a person, and not tried again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduled_campaign_that_is_barred_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        data: folder.path().join("data"),
        partitions: 2,
        threads: 1,
        development: true,
        // Large mailbox providers ask for https.
        public_url: "http://shop.example".to_owned(),
        ..Config::default()
    };
    let running = boot::start(&config, &|_| {}).await.unwrap();
    let app = &running.app;
    let mut wanted = shop();
    // One that carries mail to others; nothing is sent by it.
    let smtp = json!({ "channel": "email", "smtp": { "host": "127.0.0.1", "port": 9,
                       "tls": "none" } });
    let smtp = publish::Body::read(Kind::Provider, smtp).unwrap();
    wanted.insert((Kind::Provider, "mail".to_owned()), smtp);
    let at = app.node.now().plus(cauce_core::time::Duration::SECOND).to_string();
    let timed = json!({ "audience": ["all"], "template": "letter", "at": at });
    let timed = publish::Body::read(Kind::Campaign, timed).unwrap();
    let name = (Kind::Campaign, "timed".to_owned());
    wanted.insert(name.clone(), timed);
    app.apply(&wanted, &cauce_core::publish::Removal::Nothing, "test").await.unwrap();
    let about = campaigns::trouble_of("timed");
    until("what stands against it", || app.observer.said(&about).is_some()).await;
    let why = app.observer.said(&about).unwrap();
    assert!(why.contains("`timed`") && why.contains("public-url"), "{why}");
    assert!(app.control().executions.is_empty());
    // Whoever takes it away has mended it.
    wanted.remove(&name);
    let others = cauce_core::publish::Removal::Others;
    app.apply(&wanted, &others, "test").await.unwrap();
    until("that nothing is to be mended", || app.observer.said(&about).is_none()).await;
    assert!(app.control().executions.is_empty());
    running.stop().await;
}

/// The guards of push services and of mailbox providers are lowered at their own doors, and only
/// those that there are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_comes_down_at_its_own_door() {
    use cauce_core::state::{Key, Row, Rows};
    let folder = tempfile::tempdir().unwrap();
    let running = running(folder.path()).await;
    let app = running.app.clone();
    let key = running.first_key.clone().unwrap();
    let asked = async |method: &str, path: &str| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {key}"));
        let request = request.body(axum::body::Body::empty()).unwrap();
        let answer = tower_service(crate::http::router(app.clone()), request).await;
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    let up = async |partition: u16, keeper: &'static str| {
        let row = app.ask(partition, |p| p.rows().get(&Key::Guard)).await.unwrap();
        matches!(row, Some(Row::Guard(guard)) if guard.since.contains_key(keeper))
    };
    for keeper in ["google", "apns:com.shop"] {
        app.everywhere(&Body::Guard { keeper: keeper.to_owned(), up: true }).await.unwrap();
    }
    let (devices, mails) = ("/v1/devices/refused", "/v1/suppressions/held");
    let (status, body) = asked("POST", &format!("{devices}/google/undo")).await;
    assert!(status == 404 && body.contains("/v1/suppressions/held"), "{status} {body}");
    let (status, body) = asked("POST", &format!("{mails}/apns:com.shop/undo")).await;
    assert!(status == 404 && body.contains("/v1/devices/refused"), "{status} {body}");
    for partition in 0..2 {
        assert!(up(partition, "google").await && up(partition, "apns:com.shop").await);
    }
    for (door, wrong, right) in
        [(mails, "gogle", "google"), (devices, "apns:com.shp", "apns:com.shop")]
    {
        assert_eq!(asked("POST", &format!("{door}/{wrong}/undo")).await.0, 404, "{wrong}");
        assert_eq!(asked("POST", &format!("{door}/{right}/undo")).await.0, 200, "{right}");
        // It is down by now: nothing of that name is up or waits.
        assert_eq!(asked("POST", &format!("{door}/{right}/undo")).await.0, 404, "{right}");
    }
    assert!(!up(1, "google").await && !up(1, "apns:com.shop").await);
    // A partition that says nothing is not one in which nothing waits.
    assert_eq!(asked("GET", devices).await.0, 200);
    let node = app.clone();
    tokio::task::spawn_blocking(move || node.node.stop()).await.unwrap();
    assert_eq!(asked("GET", devices).await.0, 503);
    assert_eq!(asked("POST", &format!("{devices}/apns:com.shop/undo")).await.0, 503);
}
