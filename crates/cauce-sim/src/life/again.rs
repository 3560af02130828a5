//! Every segment once more under another name, built from history: it must have the members of the
//! one that lived all along, whatever this life did to it.

use super::Life;
use crate::audit::{self, CLOCK_STEPS};
use crate::machine::Stepped;
use crate::world::World;
use cauce_core::ids::Partition as Number;
use cauce_core::input::Body;
use cauce_core::profile::Status;
use cauce_core::publish::{Body as Definition, Kind};
use cauce_core::state::{Key, Row, Rows};
use cauce_core::time::Duration;
use cauce_engine::partition::Partition;

/// What the second of two is called.
const AGAIN: &str = "again-";
/// Later than an id is remembered by itself: then the timeline must know it.
const LONG_AFTER: Duration = Duration(26 * 3_600_000);
/// How many are said again.
const AGAIN_EVENTS: usize = 20;
/// Rounds within which everything that is due now is done.
const ROUNDS_MAX: usize = 500;

impl Life {
    /// In some lives a sender says again, long after, what it said.
    pub(super) fn say_again(&mut self) -> Stepped {
        if !self.machine.rng.per_mille(300) || self.said.is_empty() {
            return Ok(());
        }
        self.settle()?;
        self.machine.now = self.machine.now.plus(LONG_AFTER);
        for _ in 0..AGAIN_EVENTS {
            let (number, body) = self.machine.rng.pick(&self.said).clone();
            if matches!(body, Body::Event(_)) {
                self.append(number, self.machine.now, body)?;
            }
        }
        self.settle()
    }

    /// Publishes every segment again, and waits until they are built; no time passes meanwhile.
    pub(super) fn publish_again(&mut self) -> Stepped {
        // Whatever a clock that was set back has left in the future is over.
        self.machine.now = self.machine.now.plus(CLOCK_STEPS).plus(CLOCK_STEPS);
        let world = self.machine.world.clone();
        let plan = match world.book().plan {
            plan if world.book().list(Kind::Segment).any(|(key, _)| key.starts_with(AGAIN)) => plan,
            _ => world.publish_bodies(again(&world)),
        };
        self.publish(plan)?;
        for _ in 0..ROUNDS_MAX {
            self.settle()?;
            let mut idle = true;
            for number in 0..self.machine.shape.partitions {
                self.machine.tick(number)?;
                self.machine.build(number)?;
                idle &= self.is_idle(number);
            }
            if idle {
                return Ok(());
            }
        }
        self.machine.violated("segments are never built, or timers never done".to_owned());
        Ok(())
    }

    fn is_idle(&self, number: Number) -> bool {
        let partition = &self.machine.partitions[usize::from(number)];
        let is_due = partition.next_timer().is_some_and(|due| due <= self.machine.now);
        let building = match partition.rows().get(&Key::Builds) {
            Some(Row::Builds(builds)) => builds.segments.values().any(|b| b.1 != u32::MAX),
            _ => false,
        };
        !is_due && !building
    }

    /// Compares both of each pair, member for member.
    pub(super) fn compare_again(&mut self) {
        let (mut found, mut members) = (Vec::new(), 0);
        for partition in &self.machine.partitions {
            match compare(partition, &self.machine.world) {
                Ok((differences, inside)) => {
                    found.extend(differences);
                    members += inside;
                }
                Err(error) => found.push(format!("members: {error}")),
            }
        }
        self.machine.tally.count("members compared with a segment built again", members);
        found.into_iter().for_each(|what| self.machine.violated(what));
    }
}

fn again(world: &World) -> Vec<((Kind, String), Option<Definition>)> {
    let book = world.book();
    let twin = |(key, revision): (&str, &cauce_core::publish::Revision)| {
        ((Kind::Segment, format!("{AGAIN}{key}")), Some(revision.body.clone()))
    };
    book.list(Kind::Segment).map(twin).collect()
}

fn compare(
    partition: &Partition<World>,
    world: &World,
) -> Result<(Vec<String>, u64), cauce_engine::Error> {
    let (book, rows) = (world.book(), audit::rows_of(partition)?);
    let numbers = &book.segment_numbers;
    let pairs = numbers.iter().filter_map(|(key, number)| {
        let twin = numbers.get(&format!("{AGAIN}{key}"))?;
        Some((key, *number, *twin))
    });
    let pairs: Vec<_> = pairs.collect();
    let (mut found, mut members) = (Vec::new(), 0);
    for row in rows.values() {
        let Row::Head(head) = row else { continue };
        if head.status != Status::Live {
            continue;
        }
        for (key, number, twin) in &pairs {
            let inside = |number| head.segments.get(number).is_some_and(|state| state.inside);
            let (lived, built) = (inside(number), inside(twin));
            members += u64::from(built);
            if lived != built {
                let id = head.id();
                found.push(format!("{id} is in `{key}`: {lived}; built from history: {built}"));
            }
        }
    }
    Ok((found, members))
}
