//! How often somebody may ask: a bucket of tokens for each, refilled with time.

use super::error::{Code, Problem};
use crate::app::App;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hashbrown::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Limit: buckets that are remembered. Beyond it the full ones are forgotten, and if there are too
/// few of these, all: who asks too much is let through once more, and memory stays bounded.
const BUCKETS_MAX: usize = 65_536;
/// What a bucket holds, in seconds of its rate: people and their programs come in bursts.
const BURST_S: f64 = 10.0;

/// Buckets by who asks.
pub struct Rates<K> {
    /// Requests a second; 0 for any number.
    per_second: f64,
    /// What a bucket holds.
    most: f64,
    /// When each was looked at last, and what it held then.
    buckets: Mutex<HashMap<K, (Instant, f64)>>,
}

impl<K: Hash + Eq> Rates<K> {
    /// So many requests a second; 0 for any number.
    pub fn new(per_second: u32) -> Rates<K> {
        let per_second = f64::from(per_second);
        Rates { per_second, most: per_second * BURST_S, buckets: Mutex::default() }
    }

    /// So many at once, and then one more every so many seconds.
    pub fn bursts(most: u32, every_s: u32) -> Rates<K> {
        let per_second = 1.0 / f64::from(every_s.max(1));
        Rates { per_second, most: f64::from(most), buckets: Mutex::default() }
    }

    /// Gives back what was taken for nothing, and more: all that it missed.
    pub fn forgive(&self, who: &K) {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).remove(who);
    }

    /// Seconds after which one more may be asked for by who has asked for too much.
    pub fn wait_s(&self) -> u32 {
        if self.per_second > 0.0 { (1.0 / self.per_second).ceil() as u32 } else { 0 }
    }

    /// Whether somebody may ask now; takes a token if so.
    pub fn take(&self, who: K, now: Instant) -> bool {
        if self.per_second == 0.0 {
            return true;
        }
        let most = self.most;
        let held = |(at, left): (Instant, f64)| {
            (left + now.saturating_duration_since(at).as_secs_f64() * self.per_second).min(most)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&who) {
            buckets.retain(|_, bucket| held(*bucket) < most);
            if buckets.len() >= BUCKETS_MAX {
                buckets.clear();
            }
        }
        let left = buckets.get(&who).map_or(most, |bucket| held(*bucket));
        let may = left >= 1.0;
        buckets.insert(who, (now, if may { left - 1.0 } else { left }));
        may
    }
}

/// Where a request comes from: the address of the connection, or what the proxy before us says if
/// it is trusted.
pub fn asker(app: &App, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    if app.limits.forwarded_for {
        let said = headers.get("x-forwarded-for")?.to_str().ok()?;
        // The last one is the proxy's own word; those before it are anybody's.
        return said.rsplit(',').next()?.trim().parse().ok();
    }
    let ConnectInfo(address) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    // A proxy on this machine that says nothing of whom it serves: all would share one bucket.
    Some(address.ip()).filter(|address| !address.to_canonical().is_loopback())
}

/// Turns away who asks for public pages too often.
pub async fn pages(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match asker(&app, request.headers(), request.extensions()) {
        Some(address) if !app.limits.pages.take(address, Instant::now()) => {
            app.metrics.limited.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            too_often("this address").into_response()
        }
        _ => next.run(request).await,
    }
}

/// What who asks too often is told.
pub fn too_often(who: &str) -> Problem {
    Problem::new(Code::Overloaded, format!("{who} asks too often"))
        .hint("try again after `Retry-After` seconds; the operator sets how often is too often")
}

/// The rates of a process.
pub struct Limits {
    /// Public pages, by address.
    pub pages: Rates<IpAddr>,
    /// The API, by key.
    pub keys: Rates<String>,
    /// Keys that are none, all together.
    pub wrong_keys: Rates<()>,
    /// Whether a proxy says whom it serves.
    pub forwarded_for: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_and_then_the_rate_for_each() {
        let rates = Rates::new(2);
        let start = Instant::now();
        let ask = |who: u32, after_ms: u64, times: usize| {
            let now = start + Duration::from_millis(after_ms);
            (0..times).filter(|_| rates.take(who, now)).count()
        };
        assert_eq!(ask(1, 0, 50), 20);
        assert_eq!(ask(2, 0, 5), 5, "another's bucket");
        assert_eq!(ask(1, 1_000, 50), 2);
        assert_eq!(ask(1, 60_000, 50), 20, "never more than a burst");
        assert!((0..1_000).all(|_| Rates::new(0).take(1, start)), "0 is any number");
    }

    #[test]
    fn a_few_tries_and_then_one_after_a_while() {
        let rates = Rates::bursts(3, 20);
        let start = Instant::now();
        let ask = |after_s: u64| {
            let now = start + Duration::from_secs(after_s);
            (0..9).filter(|_| rates.take(1, now)).count()
        };
        assert_eq!((ask(0), ask(19), ask(20), ask(21)), (3, 0, 1, 0));
        assert_eq!(rates.wait_s(), 20);
        rates.forgive(&1);
        assert_eq!(ask(21), 3);
    }

    #[test]
    fn memory_is_bounded() {
        let rates = Rates::new(1);
        let now = Instant::now();
        for who in 0..3 * BUCKETS_MAX {
            rates.take(who, now);
        }
        assert!(rates.buckets.lock().unwrap().len() <= BUCKETS_MAX);
    }
}
