//! Which fault met which step, how often. An empty cell is a place where nobody looked.

use std::collections::BTreeMap;
use std::fmt;

/// A step of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An input goes into the log's buffer.
    Append,
    /// The buffer becomes durable.
    Sync,
    /// A durable entry is decided.
    Take,
    /// A hop goes from a partition's queue into the log.
    Ship,
    /// Changed rows are written to the state.
    Checkpoint,
    /// The state becomes durable.
    StateSync,
    /// The log is cut: before and after each of its steps.
    Cut,
    /// The clock is looked at.
    Tick,
    /// Messages are granted.
    Grant,
    /// The provider is spoken to.
    Begin,
    /// Ends of attempts are appended.
    End,
    /// Hops that arrived are acknowledged.
    Ack,
    /// The log's tail is taken again at a start.
    Replay,
    /// What a crash left open is taken up.
    Resume,
}

impl Step {
    /// All of them, in the order of the table.
    pub const ALL: [Step; 14] = [
        Step::Append,
        Step::Sync,
        Step::Take,
        Step::Ship,
        Step::Checkpoint,
        Step::StateSync,
        Step::Cut,
        Step::Tick,
        Step::Grant,
        Step::Begin,
        Step::End,
        Step::Ack,
        Step::Replay,
        Step::Resume,
    ];
}

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The process is killed just before.
    KillBefore,
    /// The process is killed just after.
    KillAfter,
    /// The power fails just before: unsynced bytes are lost, kept, torn or scattered.
    PowerBefore,
    /// The power fails just after.
    PowerAfter,
    /// The power fails in the middle.
    PowerWithin,
    /// … and with it goes a whole write that was not synced.
    Dropped,
    /// … and of a write that was not synced a part is kept.
    Torn,
    /// … and a later part of what was not synced is kept, an earlier one not.
    Reordered,
    /// No space is left.
    Full,
    /// The disk refuses.
    Io,
    /// The decision panics.
    Panic,
    /// The clock was set back before.
    ClockBack,
    /// The clock was set forward before.
    ClockForward,
    /// It happens twice.
    Twice,
    /// It happens later than something that came after it.
    Late,
    /// A former owner does it.
    Zombie,
    /// The provider takes the message and the connection drops.
    Vanished,
    /// The provider refuses for now.
    RefusedNow,
    /// The provider refuses for good.
    RefusedForGood,
    /// The attempt never begins.
    NotStarted,
    /// A backup older than the log is restored.
    Restored,
}

impl Fault {
    /// All of them, in the order of the table.
    pub const ALL: [Fault; 21] = [
        Fault::KillBefore,
        Fault::KillAfter,
        Fault::PowerBefore,
        Fault::PowerAfter,
        Fault::PowerWithin,
        Fault::Dropped,
        Fault::Torn,
        Fault::Reordered,
        Fault::Full,
        Fault::Io,
        Fault::Panic,
        Fault::ClockBack,
        Fault::ClockForward,
        Fault::Twice,
        Fault::Late,
        Fault::Zombie,
        Fault::Vanished,
        Fault::RefusedNow,
        Fault::RefusedForGood,
        Fault::NotStarted,
        Fault::Restored,
    ];

    /// Whether the fault can meet the step at all.
    #[must_use]
    pub fn meets(self, step: Step) -> bool {
        use Step::{
            Append, Begin, Checkpoint, Cut, End, Grant, Replay, Resume, Ship, Sync, Take, Tick,
        };
        match self {
            Fault::KillBefore | Fault::KillAfter | Fault::PowerBefore | Fault::PowerAfter => true,
            // Elsewhere nothing is written that is not synced within the step.
            Fault::PowerWithin => matches!(step, Sync | Cut | Replay),
            Fault::Dropped | Fault::Torn | Fault::Reordered => matches!(step, Sync),
            Fault::Full => matches!(step, Sync | Checkpoint),
            Fault::Io => matches!(step, Sync | Checkpoint | Cut),
            Fault::Panic => matches!(step, Take),
            Fault::ClockBack | Fault::ClockForward => {
                matches!(step, Append | Tick | Grant | Begin | End | Resume)
            }
            Fault::Twice => matches!(step, Append | End | Ship),
            Fault::Late => matches!(step, Append),
            Fault::Zombie => matches!(step, Tick | Grant),
            Fault::Vanished | Fault::RefusedNow | Fault::RefusedForGood | Fault::NotStarted => {
                matches!(step, Begin)
            }
            Fault::Restored => matches!(step, Replay),
        }
    }
}

/// Counts of fault × step.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The cells that are not empty.
    pub cells: BTreeMap<(Fault, Step), u64>,
    /// Steps, inputs and whatever else was counted, by name.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// A fault met a step.
    pub fn met(&mut self, fault: Fault, step: Step) {
        debug_assert!(fault.meets(step), "{fault:?} {step:?}");
        *self.cells.entry((fault, step)).or_default() += 1;
    }

    /// Something happened.
    pub fn count(&mut self, what: &'static str, n: u64) {
        *self.counts.entry(what).or_default() += n;
    }

    /// Adds another life's counts.
    pub fn add(&mut self, other: &Tally) {
        for (cell, n) in &other.cells {
            *self.cells.entry(*cell).or_default() += n;
        }
        for (what, n) in &other.counts {
            *self.counts.entry(what).or_default() += n;
        }
    }

    /// Cells that nobody has fallen into.
    #[must_use]
    pub fn empty(&self) -> Vec<(Fault, Step)> {
        let cells = Fault::ALL.iter().flat_map(|f| Step::ALL.iter().map(move |s| (*f, *s)));
        cells.filter(|(f, s)| f.meets(*s) && !self.cells.contains_key(&(*f, *s))).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:15}", "")?;
        for step in Step::ALL {
            write!(f, "{:>11}", format!("{step:?}"))?;
        }
        writeln!(f)?;
        for fault in Fault::ALL {
            write!(f, "{:15}", format!("{fault:?}"))?;
            for step in Step::ALL {
                let count = self.cells.get(&(fault, step)).copied().unwrap_or_default();
                let shown = if fault.meets(step) { count.to_string() } else { "–".to_owned() };
                write!(f, "{shown:>11}")?;
            }
            writeln!(f)?;
        }
        for (what, n) in &self.counts {
            writeln!(f, "{what}: {n}")?;
        }
        Ok(())
    }
}
