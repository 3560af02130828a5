//! Which destinations could not be reached, and whether that is theirs or ours.

use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// So many different groups of servers in vain, and no server reached in between: then it is our
/// own network, or our own name servers. Of a real list far fewer than one in a hundred are dead,
/// so that chance does not come to this.
const OURS_FROM: usize = 5;
/// How long a destination that could not be reached is held against us.
const REMEMBERED: Duration = Duration::from_secs(120);
/// How long it is remembered that it could not be reached at all.
const KNOWN: Duration = Duration::from_secs(24 * 3_600);
/// How long a server that does not answer is left alone the first time; twice as long each time.
const AWAY_FIRST: Duration = Duration::from_secs(30);
/// The longest time (RFC 5321 4.5.4.1 wants half an hour between tries at a host that is down).
const AWAY_MAX: Duration = Duration::from_secs(1_800);
/// Limit: servers that are remembered as down; when it is full, all are asked again.
const DOWN_MAX: usize = 20_000;

#[derive(Clone, Copy, Debug)]
struct Down {
    until: Instant,
    wait: Duration,
}

/// See the module. It has no clock: the instant is an argument.
#[derive(Debug, Default)]
pub(super) struct Reach {
    missed: BTreeMap<String, Instant>,
    /// Who was missed before. Late tries of a campaign are made of these, all at once: they say
    /// nothing of our network.
    known: BTreeMap<String, Instant>,
    down: BTreeMap<String, Down>,
}

impl Reach {
    /// A server answered, whatever it said.
    pub(super) fn reached(&mut self, host: &str) {
        if self.is_ours() {
            // While we had no network every server seemed to be down.
            self.down.clear();
            self.known.clear();
        }
        self.missed.clear();
        self.down.remove(host);
    }

    /// No server of a group could be reached, or nobody could say which those of a domain are.
    /// Whether that is our own trouble.
    pub(super) fn missed(&mut self, whose: &str, now: Instant) -> bool {
        self.missed.retain(|_, at| now.duration_since(*at) < REMEMBERED);
        self.known.retain(|_, at| now.duration_since(*at) < KNOWN);
        if self.known.len() >= DOWN_MAX {
            self.known.clear();
        }
        let known = self.known.insert(whose.to_owned(), now).is_some();
        if let Some(at) = self.missed.get_mut(whose) {
            *at = now;
        } else if !known && self.missed.len() < OURS_FROM {
            self.missed.insert(whose.to_owned(), now);
        }
        self.is_ours()
    }

    fn is_ours(&self) -> bool {
        self.missed.len() >= OURS_FROM
    }

    /// A server could not be reached: it is left alone for a while.
    pub(super) fn down(&mut self, host: &str, now: Instant) {
        if self.down.len() >= DOWN_MAX {
            self.down.clear();
        }
        let before = self.down.get(host).copied();
        let wait = match before {
            // Others were under way to it at the same time.
            Some(known) if known.until > now => return,
            Some(known) => (known.wait * 2).min(AWAY_MAX),
            None => AWAY_FIRST,
        };
        self.down.insert(host.to_owned(), Down { until: now + wait, wait });
    }

    /// How long a server is to be left alone yet, if it is.
    pub(super) fn away(&self, host: &str, now: Instant) -> Option<Duration> {
        if self.is_ours() {
            return None; // whether we are back is asked of everybody
        }
        let known = self.down.get(host)?;
        Some(known.until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_domains_in_vain_are_our_own_network_and_one_is_not() {
        let now = Instant::now();
        let mut reach = Reach::default();
        assert!((0..100).all(|_| !reach.missed("dead.example", now)), "one, however often");
        for n in 0..3 {
            assert!(!reach.missed(&format!("{n}.example"), now));
        }
        reach.reached("mx.alive.example");
        assert!(!reach.missed("4.example", now), "somebody answers");
        for n in 5..8 {
            assert!(!reach.missed(&format!("{n}.example"), now));
        }
        assert!(reach.missed("8.example", now));
        assert!(reach.missed("dead.example", now), "as long as nobody answers");
        let later = now + REMEMBERED;
        assert!(!reach.missed("9.example", later), "what was long ago says nothing");
        // Late tries: all that is dead, and nothing that is alive.
        let tries = (5..9).map(|n| format!("{n}.example"));
        assert!(tries.into_iter().all(|whose| !reach.missed(&whose, later)), "it was dead before");
    }

    #[test]
    fn a_server_that_is_down_is_left_alone_for_longer_each_time() {
        let mut now = Instant::now();
        let mut reach = Reach::default();
        assert_eq!(reach.away("mx.example", now), None);
        let mut waits = Vec::new();
        for _ in 0..8 {
            (0..10).for_each(|_| reach.down("mx.example", now));
            let wait = reach.away("mx.example", now).unwrap();
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(reach.away("mx.example", now), None);
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_800, 1_800]);
        reach.reached("mx.example");
        reach.down("mx.example", now);
        assert_eq!(reach.away("mx.example", now), Some(AWAY_FIRST));
    }

    #[test]
    fn after_an_outage_of_ours_nobody_is_left_alone() {
        let now = Instant::now();
        let mut reach = Reach::default();
        for n in 0..OURS_FROM {
            reach.down(&format!("mx.{n}.example"), now);
            reach.missed(&format!("{n}.example"), now);
        }
        assert_eq!(reach.away("mx.1.example", now), None, "asked whether we are back");
        reach.reached("mx.alive.example");
        assert_eq!(reach.away("mx.1.example", now), None);
    }
}
