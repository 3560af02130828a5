//! Counters of the process in the Prometheus text format. What is counted about people and messages
//! is counted where it is decided, in the partitions' rows, and read from there.

use cauce_core::delivery::Outcome;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counters of the edges.
#[derive(Default)]
pub struct Metrics {
    /// Requests answered, by class of status.
    pub requests: [AtomicU64; 6],
    /// Events admitted.
    pub events_admitted: AtomicU64,
    /// Events refused with their faults.
    pub events_refused: AtomicU64,
    /// Requests turned away because the lag was too large.
    pub overloads: AtomicU64,
    /// Requests turned away because somebody asked too often.
    pub limited: AtomicU64,
    /// How far forgetting events has come: the partition, from 1; 0 if none is forgotten.
    pub retaining: AtomicU64,
    outcomes: [AtomicU64; 8],
    // Limit: providers of the definitions in force, and a dozen words.
    reports: Mutex<BTreeMap<(String, &'static str), u64>>,
}

const OUTCOMES: [&str; 8] = [
    "accepted",
    "refused",
    "unreachable",
    "unknown",
    "not-started",
    "unrenderable",
    "held",
    "busy",
];

impl Metrics {
    /// Counts what an attempt came to.
    pub fn outcome(&self, outcome: &Outcome) {
        let place = match outcome {
            Outcome::Accepted { .. } => 0,
            Outcome::Refused { .. } => 1,
            Outcome::Unreachable { .. } => 2,
            Outcome::Unknown { .. } => 3,
            Outcome::NotStarted { .. } => 4,
            Outcome::Unrenderable { .. } => 5,
            Outcome::Held { .. } => 6,
            Outcome::Busy { .. } => 7,
            Outcome::Devices(ends) => {
                ends.iter().for_each(|end| self.outcome(&end.answer.outcome()));
                return;
            }
        };
        self.outcomes[place].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts what a provider reported, by what became of it.
    pub fn reported(&self, provider: &str, word: &'static str) {
        let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
        *reports.entry((provider.to_owned(), word)).or_default() += 1;
    }

    /// Counts an answer.
    pub fn answered(&self, status: u16) {
        self.requests[usize::from(status / 100).min(5)].fetch_add(1, Ordering::Relaxed);
    }

    /// Everything in the text format; `counters` come from the partitions' rows.
    pub fn text(&self, gauges: &[(&str, &str, f64)], counters: &BTreeMap<String, u64>) -> String {
        let mut out = String::new();
        let load = |value: &AtomicU64| value.load(Ordering::Relaxed);
        let mut family = |name: &str, help: &str, kind: &str, rows: &[(String, f64)]| {
            // Invariant: writing to a string cannot fail.
            let _ = writeln!(out, "# HELP cauce_{name} {help}\n# TYPE cauce_{name} {kind}");
            for (labels, value) in rows {
                let _ = writeln!(out, "cauce_{name}{labels} {value}");
            }
        };
        let class = |(class, count): (usize, &AtomicU64)| {
            (format!("{{class=\"{class}xx\"}}"), load(count) as f64)
        };
        let requests: Vec<_> = self.requests.iter().enumerate().skip(1).map(class).collect();
        family("http_requests_total", "Requests answered.", "counter", &requests);
        for (name, help, counter) in [
            ("events_admitted_total", "Events admitted.", &self.events_admitted),
            ("events_refused_total", "Events refused with their faults.", &self.events_refused),
            ("overloads_total", "Requests turned away by backpressure.", &self.overloads),
            ("limited_total", "Requests turned away because one asked too often.", &self.limited),
        ] {
            family(name, help, "counter", &[(String::new(), load(counter) as f64)]);
        }
        let outcomes: Vec<_> = OUTCOMES
            .iter()
            .zip(&self.outcomes)
            .map(|(name, count)| (format!("{{outcome=\"{name}\"}}"), load(count) as f64))
            .collect();
        family("attempts_total", "Attempts by what they came to.", "counter", &outcomes);
        let reports: Vec<_> = {
            let reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
            let row = |((provider, word), count): (&(String, &str), &u64)| {
                let provider = escape(provider);
                (format!("{{provider=\"{provider}\",what=\"{word}\"}}"), *count as f64)
            };
            reports.iter().map(row).collect()
        };
        family("reports_total", "What providers reported.", "counter", &reports);
        let decided: Vec<_> = counters
            .iter()
            .map(|(name, count)| (format!("{{name=\"{}\"}}", escape(name)), *count as f64))
            .collect();
        family("decided_total", "What was decided, by name.", "counter", &decided);
        for (name, help, value) in gauges {
            family(name, help, "gauge", &[(String::new(), *value)]);
        }
        out
    }
}

fn escape(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
