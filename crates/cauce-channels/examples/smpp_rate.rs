//! How many submissions a second one SMPP session carries, into a local server that answers each
//! after 2 ms.
//!
//! `cargo run --release -p cauce-channels --example smpp_rate -- [seconds]`

use cauce_channels::egress::{Egress, Policy};
use cauce_channels::sms::smpp::answerer::{Answerer, Script};
use cauce_channels::sms::smpp::{Client, Listener, Options};
use cauce_core::delivery::Outcome;
use cauce_core::ids::MessageId;
use cauce_core::message::content::sms::{Encoding, Sms};
use cauce_core::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

type Failure = Box<dyn std::error::Error>;

/// How long the server takes for an answer.
const DELAY: Duration = Duration::from_millis(2);

fn main() -> Result<(), Failure> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(5), |text| text.parse())?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for window in [10, 100] {
        let (rate, most) = runtime.block_on(measure(window, Duration::from_secs(seconds)))?;
        println!(
            "window {window}: {rate}/s submitted and answered, {most} open at most; \
             the delay alone allows {}/s",
            window as u128 * 1_000 / DELAY.as_millis()
        );
    }
    Ok(())
}

async fn measure(window: usize, span: Duration) -> Result<(u64, usize), Failure> {
    let script = Script { delay: DELAY, keep: false, ..Script::default() };
    let server = Answerer::start(script).await?;
    let egress = Egress::new(Policy { allow_private: true, ..Policy::default() });
    let listener: Listener = Arc::new(|_| Box::pin(async { true }));
    let options = Options { window, ..Options::new("127.0.0.1", server.port(), "cauce", "secret") };
    let client = Arc::new(Client::start(options, egress, listener)?);
    let taken = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + span;
    let mut senders = tokio::task::JoinSet::new();
    // As many messages at once as the allocator lets go by default.
    for number in 0..256_u128 {
        let (client, taken) = (Arc::clone(&client), Arc::clone(&taken));
        senders.spawn(async move {
            let sms = sms(number);
            while Instant::now() < until {
                let outcome =
                    client.send(&sms, Timestamp(0), until + Duration::from_secs(30)).await;
                match outcome {
                    Outcome::Accepted { .. } => taken.fetch_add(1, Ordering::Relaxed),
                    other => return Err(format!("{other:?}")),
                };
            }
            Ok(())
        });
    }
    let started = Instant::now();
    while let Some(ended) = senders.join_next().await {
        ended??;
    }
    let rate = taken.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    let most = server.seen().open_max;
    Ok((rate as u64, most))
}

fn sms(number: u128) -> Sms {
    let text = format!("Your code is {number}. It is good for ten minutes.");
    Sms {
        message: MessageId(number),
        from: "CAUCE".into(),
        to: "+34600000001".into(),
        parts: vec![text.clone()],
        text,
        encoding: Encoding::Gsm7,
        expires: Timestamp(600_000),
        receipt: true,
        reference: String::new(),
        extras: BTreeMap::new(),
    }
}
