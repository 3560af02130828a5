//! Measures the log on a real folder: buffered appends, and groups made durable.
//!
//! `cargo run --release -p cauce-store --example append [folder]`

use std::sync::Arc;
use std::time::{Duration, Instant};

use cauce_store::disk::OsDisk;
use cauce_store::log::Options;
use cauce_store::{FileLog, Log};

const BODY_BYTES: usize = 200;
const PARTITIONS: u16 = 64;
const TIME: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let parent = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(parent)?;
    let log = FileLog::open(Arc::new(OsDisk::open(folder.path())?), Options::new(1))?;
    let body = [7u8; BODY_BYTES];

    let mut appends = Duration::ZERO;
    let mut count = 0u64;
    for _ in 0..20 {
        let from = Instant::now();
        for n in 0..100_000u64 {
            log.append((n % u64::from(PARTITIONS)) as u16, &[&body])?;
        }
        appends += from.elapsed();
        count += 100_000;
        log.sync()?;
    }
    println!("buffered appends: {:.0} entries/s", count as f64 / appends.as_secs_f64());

    for group in [1u64, 64, 512, 4096] {
        let from = Instant::now();
        let mut times = Vec::new();
        while from.elapsed() < TIME {
            for n in 0..group {
                log.append((n % u64::from(PARTITIONS)) as u16, &[&body])?;
            }
            let from = Instant::now();
            log.sync()?;
            times.push(from.elapsed());
        }
        let rate = group as f64 * times.len() as f64 / from.elapsed().as_secs_f64();
        times.sort();
        let at = |part: usize| times[(times.len() - 1) * part / 1000].as_secs_f64() * 1e3;
        println!(
            "groups of {group}: {rate:.0} entries/s, sync p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            at(500),
            at(990),
            at(1000)
        );
    }

    let bytes = log.bytes_on_disk() as f64 / 1e6;
    let from = Instant::now();
    let mut entries = 0u64;
    log.scan(&|_| 0, &mut |_| {
        entries += 1;
        Ok(())
    })?;
    let seconds = from.elapsed().as_secs_f64();
    println!("scan: {entries} entries, {bytes:.0} MB in {seconds:.2} s");
    drop(log);
    let from = Instant::now();
    FileLog::open(Arc::new(OsDisk::open(folder.path())?), Options::new(1))?;
    println!("open and verify: {:.2} s", from.elapsed().as_secs_f64());
    Ok(())
}
