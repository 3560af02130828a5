//! What the process remembers for those who watch it: a little, bounded, and gone with it, but for
//! the trends of segments, what examinations of senders found, and what requests caused. Nothing is
//! computed here while nobody looks.

pub mod caused;
pub mod complaints;
pub mod examined;
pub mod hosts;
pub mod pace;
pub mod recent;
pub mod traces;
pub mod trend;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Everything that is remembered.
pub struct Watch {
    /// The events that were accepted last.
    pub recent: Arc<recent::Recent>,
    /// What requests caused.
    pub traces: Arc<traces::Traces>,
    /// How fast things happen.
    pub pace: pace::Pace,
    /// How many people were in each segment.
    pub trends: trend::Trends,
    /// What mailbox providers' readers think of us.
    pub complaints: Arc<complaints::Complaints>,
    /// Whose servers take the mail of which domains.
    pub hosts: Arc<hosts::Learner>,
    /// What examinations of senders found.
    pub examined: examined::Examinations,
    /// The overview as it was computed last, for all who look within a moment.
    pub overview: tokio::sync::Mutex<Option<(Instant, Arc<str>)>>,
    /// Room for test messages: who tries one out waits for another.
    pub tests: tokio::sync::Semaphore,
    /// When the process began.
    pub started: Instant,
}

/// Limit: test messages under way at once.
const TESTS_MAX: usize = 4;

impl Watch {
    /// Begins to remember; the trends go on.
    pub fn begin(data: &Path) -> anyhow::Result<Watch> {
        let (recent, traces) = (Arc::default(), Arc::new(traces::Traces::open(data)?));
        let trends = trend::Trends::open(data);
        let (complaints, hosts) = (Arc::default(), Arc::default());
        let examined = examined::Examinations::open(data);
        let overview = tokio::sync::Mutex::default();
        let (pace, started) = (pace::Pace::default(), Instant::now());
        let tests = tokio::sync::Semaphore::new(TESTS_MAX);
        let watch = Watch {
            recent,
            traces,
            pace,
            trends,
            complaints,
            hosts,
            examined,
            overview,
            tests,
            started,
        };
        Ok(watch)
    }
}
