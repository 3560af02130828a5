//! What lies still: segments built from history, timers, memory.

use crate::*;

/// A segment built from history while nothing else happens.
pub async fn segment(base: &Path, people: u32) {
    let per_person = 20u64;
    let base = folder(base, &format!("segment-{people}"));
    let catch_all = json!({ "channel": "email", "catch-all": {} });
    let mut wanted = definitions(catch_all, plain_sender());
    wanted.retain(|(kind, _), _| !matches!(kind, Kind::Segment | Kind::Campaign));
    let running = start(&base, &wanted).await;
    let app = running.app.clone();
    let loading = Instant::now();
    tokio::task::block_in_place(|| history(&app, people, per_person));
    let loaded = loading.elapsed().as_secs_f64();
    let body = publish::Body::read(Kind::Segment, json!({ "rule": rules()[1].1 })).expect("a rule");
    let wanted = BTreeMap::from([((Kind::Segment, "big".to_owned()), body)]);
    let started = Instant::now();
    app.apply(&wanted, &cauce_core::publish::Removal::Nothing, "bench").await.expect("a plan");
    segments_are_built(&app).await;
    while app.node.lag() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let events = f64::from(people) * per_person as f64;
    println!(
        "segment: built over {people} profiles and {events:.0} events in {seconds:.1} s ({:.0} \
            events/s)",
        events / seconds
    );
    let (scan, rows, bytes) = limits::of_a_scan(&app, "timeline").await;
    println!(
        "  reading the same {rows} rows ({} MB) and nothing else: {scan:.1} s; ratio {:.2}",
        bytes >> 20,
        scan / seconds
    );
    println!(
        "  loading them took {loaded:.1} s ({:.0} events/s); resident {} MB",
        events / loaded,
        resident_mb()
    );
    drop(app);
    running.stop().await;
}

/// Processor time and memory of an empty server, and of one with many pending timers.
pub async fn idle(base: &Path) {
    let base = folder(base, "idle");
    let catch_all = json!({ "channel": "email", "catch-all": {} });
    let running = start(&base, &definitions(catch_all, plain_sender())).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!(
        "idle, empty: {:.2} % of a core, {} MB",
        processor_share(Duration::from_secs(10)).await,
        resident_mb()
    );
    let app = running.app.clone();
    let people = 1_000_000u32;
    tokio::task::block_in_place(|| {
        for person in 0..people {
            while person % 256 == 0 && app.node.lag() > 20_000 {
                std::thread::sleep(Duration::from_micros(200));
            }
            // A rolling window: each profile has a timer in 30 to 90 days.
            let event = event(person, u64::from(person), "order_completed", now(), false);
            app.node.append(home(&event), &input(event), Wait::None).expect("room");
        }
        caught_up(&app);
    });
    tokio::time::sleep(Duration::from_secs(20)).await;
    let (share, resident) = (processor_share(Duration::from_secs(10)).await, resident_mb());
    let bytes = limits::of_memory(&app).await >> 20;
    println!(
        "idle, {people} profiles with a pending timer each: {share:.2} % of a core, {resident} MB; \
         their rows, encoded: {bytes} MB, ratio {:.1}",
        resident as f64 / bytes as f64
    );
    drop(app);
    running.stop().await;
}
