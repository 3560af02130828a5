//! From a want to the provider's acceptance.

use crate::*;
use cauce_channels::email::dkim::{Signer, sign};

/// Event to the provider's acceptance at a steady 5,000 events a second, one in fifty sends.
pub async fn latency(base: &Path) {
    let sink = Sink::start(Script { keep: false, ..Script::default() }).await.expect("a port");
    let base = folder(base, "latency");
    let alone = limits::of_a_way(&base).await;
    let running = start(&base, &definitions(smtp(sink.port()), plain_sender())).await;
    let app = running.app.clone();
    tokio::task::block_in_place(|| people_move_in(&app, 20_000));
    let before = sink.messages();
    let mut handed = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    let mut changes = Vec::new();
    let started = Instant::now();
    let seconds = 10u64;
    let mut asked = 0u64;
    for n in 0..5_000 * seconds {
        let due = started + Duration::from_micros(n * 200);
        let now_at = Instant::now();
        if due > now_at {
            tokio::time::sleep(due - now_at).await;
        }
        let sends = n % 50 == 0;
        let name = if sends { "asked" } else { "order_completed" };
        let event = event(person(n, 20_000), n, name, now(), false);
        app.node.append(home(&event), &input(event), Wait::None).expect("room");
        if sends {
            asked += 1;
            changes.push((due, asked));
        }
        // How long until the sink has as many as were asked for by then.
        let arrived = sink.messages() as u64 - before as u64;
        while let Some((due, nth)) = changes.first().copied() {
            if arrived < nth {
                break;
            }
            handed.record(due.elapsed().as_micros() as u64).expect("in range");
            changes.remove(0);
        }
    }
    let reached = (5_000 * seconds) as f64 / started.elapsed().as_secs_f64();
    // The last ones count as well, and most of all those that are late.
    let end = Instant::now() + Duration::from_secs(30);
    while let Some((due, nth)) = changes.first().copied() {
        assert!(Instant::now() < end, "{} messages never arrived", changes.len());
        if sink.messages() as u64 - (before as u64) < nth {
            tokio::time::sleep(Duration::from_micros(200)).await;
            continue;
        }
        handed.record(due.elapsed().as_micros() as u64).expect("in range");
        changes.remove(0);
    }
    println!(
        "latency: event → accepted by SMTP at 5,000 events/s ({reached:.0} reached): p50 {:.1} ms \
         (two entries made durable and one exchange, alone: {alone:.1} ms; ratio {:.1}), p99 {:.1} \
         ms, max {:.1} ms ({} of {asked} messages measured)",
        handed.value_at_quantile(0.5) as f64 / 1e3,
        handed.value_at_quantile(0.5) as f64 / 1e3 / alone,
        handed.value_at_quantile(0.99) as f64 / 1e3,
        handed.max() as f64 / 1e3,
        handed.len()
    );
    drop(app);
    running.stop().await;
}

/// RSA-2048 signatures alone, a second, over an empty message and on every core.
fn signing_alone() -> f64 {
    const EACH: u32 = 2_000;
    let signer = Signer::new("shop.example", "s1", Key::generate_rsa().expect("a key"));
    let signers = [signer.expect("a signer")];
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let mut out = Vec::new();
                    sign(b"From: a@shop.example\r\n", b"", &signers, now(), &mut out)
                        .expect("a signature");
                }
            });
        }
    });
    cores as f64 * f64::from(EACH) / started.elapsed().as_secs_f64()
}

/// A campaign into a local sink: unsigned, Ed25519, RSA-2048.
pub async fn campaign(base: &Path) {
    let people = 100_000;
    let alone = limits::of_a_campaign().await;
    let mut unsigned = f64::NAN;
    println!("campaign: handing over what is composed, and nothing else: {alone:.0} messages/s");
    for (name, algorithm) in
        [("unsigned", None), ("ed25519", Some("ed25519")), ("rsa-2048", Some("rsa"))]
    {
        let base = folder(base, &format!("campaign-{name}"));
        let sink = Sink::start(Script { keep: false, ..Script::default() }).await.expect("a port");
        let mut sender = plain_sender();
        if let Some(algorithm) = algorithm {
            let key = match algorithm {
                "rsa" => Key::generate_rsa(),
                _ => Key::generate_ed25519(),
            };
            let secrets = base.join("data/secrets");
            std::fs::create_dir_all(&secrets).expect("a folder");
            let file = secrets.join("key.pem");
            std::fs::write(&file, key.and_then(|key| key.to_pem()).expect("a key"))
                .expect("a file");
            sender["dkim"] = json!([{ "selector": "s1", "algorithm": algorithm,
                                      "key": format!("file:{}", file.display()) }]);
        }
        let running = start(&base, &definitions(smtp(sink.port()), sender)).await;
        let app = running.app.clone();
        let people = if algorithm == Some("rsa") { people / 5 } else { people };
        tokio::task::block_in_place(|| people_move_in(&app, people));
        let started = Instant::now();
        app.start_campaign("news", "bench").await.expect("a campaign");
        while (sink.messages() as u32) < people {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if started.elapsed() > Duration::from_secs(180) {
                println!("campaign {name}: only {} of {people} after 180 s", sink.messages());
                break;
            }
        }
        let rate = f64::from(people) / started.elapsed().as_secs_f64();
        if algorithm.is_none() {
            unsigned = rate;
        }
        println!(
            "campaign: {rate:.0} messages/s into a local sink, {name} ({people} messages); ratio \
             to handing over alone {:.2}",
            rate / alone
        );
        if algorithm == Some("rsa") {
            let alone = signing_alone();
            println!("  signing alone on all cores: {alone:.0}/s; ratio {:.2}", rate / alone);
            // What one message takes of all cores unsigned, and one signature alone, end to end.
            let both = 1.0 / (1.0 / unsigned + 1.0 / alone);
            println!("  signing, then the rest: {both:.0}/s; ratio {:.2}", rate / both);
        }
        drop(app);
        running.stop().await;
    }
}
