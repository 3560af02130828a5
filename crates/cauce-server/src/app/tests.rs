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
    running.app.apply(&shop(), false, "test").await.unwrap();
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
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: never");
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
    app.allocator.queued(0, &path, cauce_core::time::Timestamp(0));
    until("its path is open again", || {
        app.allocator.queues().iter().any(|(name, closed, ..)| *name == path && !closed)
    })
    .await;
    let before = app.control().book.plan;
    let mut more = shop();
    let topic = publish::Body::read(Kind::Topic, json!({ "title": "Offers" })).unwrap();
    more.insert((Kind::Topic, "offers".to_owned()), topic);
    hang_up(app.apply(&more, false, "test")).await;
    until("the plan is in force", || app.control().book.plan == before + 1).await;
    running.stop().await;
}
