//! Whose servers take the mail of which domains: what sending straight learns by the way is said to
//! every partition, so that limits, warm-up and pauses of a mailbox provider hold for the domains
//! that it hosts.

use crate::app::App;
use cauce_core::delivery::mailboxes::{HOSTS_MAX, Hosts, OTHER, hosted, mailbox};
use cauce_core::input::Body;
use cauce_core::state::{Key, Row, Rows};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often news is passed on: many domains become one input.
const EVERY: Duration = Duration::from_secs(2);
/// Limit: news that waits; what comes on top is learned with the next message.
const NEWS_MAX: usize = 2_000;

/// See the module.
#[derive(Default)]
pub struct Learner(Mutex<State>);

#[derive(Default)]
struct State {
    /// What the partitions know.
    known: Arc<Hosts>,
    /// What they do not know yet.
    news: BTreeMap<u64, String>,
}

impl Learner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message goes to the servers of a domain, and a mailbox provider has them, or nobody who is
    /// told apart.
    pub fn hear(&self, domain: &str, by: Option<&str>) {
        // What the table names is known.
        if mailbox(domain) != OTHER {
            return;
        }
        let (domain, by) = (hosted(domain), by.unwrap_or(OTHER));
        let mut state = self.state();
        if !state.known.is_news(domain, by) {
            state.news.remove(&domain);
        } else if state.news.len() < NEWS_MAX {
            state.news.insert(domain, by.to_owned());
        }
    }

    fn news(&self) -> Vec<(u64, String)> {
        self.state().news.iter().map(|(domain, by)| (*domain, by.clone())).collect()
    }

    /// The partitions know it.
    fn said(&self, news: &[(u64, String)]) {
        let mut state = self.state();
        let state = &mut *state;
        for (domain, by) in news {
            Arc::make_mut(&mut state.known).learn(*domain, by);
            state.news.remove(domain);
        }
    }

    fn begin(&self, known: Arc<Hosts>) {
        self.state().known = known;
    }
}

/// What one partition knows; all know the same.
pub async fn known(app: &App, partition: cauce_core::ids::Partition) -> Arc<Hosts> {
    let asked = app.ask(partition, |p| match p.rows().get(&Key::Hosts) {
        Some(Row::Hosts(hosts)) => hosts,
        _ => Arc::default(),
    });
    asked.await.unwrap_or_default()
}

/// Passes news on until the process stops.
pub async fn drive(app: Arc<App>) {
    let learner = app.watch.hosts.clone();
    learner.begin(known(&app, 0).await);
    loop {
        let news = learner.news();
        if !news.is_empty() {
            tracing::debug!(domains = news.len(), most = HOSTS_MAX, "hosted domains are learned");
            match app.everywhere(&Body::Hosted { of: news.clone() }).await {
                Ok(_) => learner.said(&news),
                Err(error) => tracing::warn!(%error, "who hosts domains could not be said"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_said_once_and_a_move_again() {
        let learner = Learner::default();
        learner.hear("gmail.com", Some("google"));
        learner.hear("shop.example", None);
        assert_eq!(learner.news(), []);
        learner.hear("company.example", Some("google"));
        learner.hear("company.example", Some("google"));
        let news = learner.news();
        assert_eq!(news, [(hosted("company.example"), "google".to_owned())]);
        learner.said(&news);
        learner.hear("company.example", Some("google"));
        assert_eq!(learner.news(), []);
        learner.hear("company.example", None);
        assert_eq!(learner.news(), [(hosted("company.example"), OTHER.to_owned())]);
        // It came back before anybody was told.
        learner.hear("company.example", Some("google"));
        assert_eq!(learner.news(), []);
    }

    #[test]
    fn what_no_partition_has_room_for_is_no_news() {
        let learner = Learner::default();
        let mut full = Hosts::default();
        for n in 0..HOSTS_MAX as u64 {
            full.learn(n, "google");
        }
        learner.begin(Arc::new(full));
        learner.hear("company.example", Some("google"));
        assert_eq!(learner.news(), []);
    }
}
