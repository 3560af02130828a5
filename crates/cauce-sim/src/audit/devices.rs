//! Devices at rest: a token has one holder, and its home knows who.

use crate::audit::Rowset;
use cauce_core::device;
use cauce_core::limits;
use cauce_core::profile::{Head, Status};
use cauce_core::state::{Key, Row};
use cauce_core::time::{Duration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What differs between what profiles hold and what the homes of tokens say.
#[must_use]
pub fn differences(world: &[Rowset]) -> Vec<String> {
    let mut found = Vec::new();
    for rows in world {
        for (key, row) in rows.iter() {
            match (key, row) {
                (Key::Devices(number), Row::Devices(devices)) => {
                    let Some(Row::Head(head)) = rows.get(&Key::Head(*number)) else {
                        found.push(format!("devices of {number}, who is nobody"));
                        continue;
                    };
                    for known in devices.keys() {
                        let home = usize::from(device::home(*known, world.len() as u16));
                        let at_home = world[home].get(&Key::Device(*known));
                        let holder = match at_home {
                            Some(Row::Device(row)) => row.holder.map(|holder| holder.rank.id),
                            _ => None,
                        };
                        if holder != Some(head.id()) {
                            found.push(format!(
                                "{known} is {}'s, its home says {holder:?}",
                                head.id()
                            ));
                        }
                    }
                }
                (Key::Device(known), Row::Device(row)) => {
                    let Some(holder) = row.holder else { continue };
                    let there = &world[usize::from(holder.partition)];
                    let number = match there.get(&Key::Profile(holder.rank.id)) {
                        Some(Row::Number(number)) => *number,
                        _ => continue,
                    };
                    let holds = matches!(there.get(&Key::Devices(number)),
                        Some(Row::Devices(devices)) if devices.contains_key(known));
                    if !holds {
                        found
                            .push(format!("{known} is held by {}, who has it not", holder.rank.id));
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Devices that their service has no more and that no timer takes away in their time.
#[must_use]
pub fn kept_for_ever(rows: &Rowset) -> Vec<String> {
    let now = match rows.get(&Key::Meta) {
        Some(Row::Meta(meta)) => meta.now,
        _ => return Vec::new(),
    };
    let mut timers: BTreeMap<u32, BTreeSet<Timestamp>> = BTreeMap::new();
    for key in rows.keys() {
        if let Key::Timer(at, number) = key {
            timers.entry(*number).or_default().insert(*at);
        }
    }
    let mut found = Vec::new();
    for (key, row) in rows {
        let (Key::Devices(number), Row::Devices(devices)) = (key, row) else { continue };
        let timers = timers.remove(number).unwrap_or_default();
        for (device, known) in devices.iter() {
            let Some(refused) = known.quarantine.as_ref().filter(|q| q.is_gone()) else { continue };
            let due = refused.at.plus(limits::DEVICE_GONE_KEPT);
            let rings = match due > now {
                true => timers.contains(&due),
                // While a guard is up it is looked at daily.
                false => timers.iter().any(|at| *at <= now.plus(Duration::DAY)),
            };
            if !rings {
                found.push(format!("{device} is due at {due}, and nothing rings for it"));
            }
        }
    }
    found
}

/// The devices of a profile, as a story tells them.
#[must_use]
pub fn shown(world: &[Rowset], head: &Head) -> Vec<String> {
    let mut lines = Vec::new();
    for rows in world.iter().filter(|_| head.status == Status::Live) {
        let Some(Row::Number(number)) = rows.get(&Key::Profile(head.id())) else { continue };
        let Some(Row::Devices(devices)) = rows.get(&Key::Devices(*number)) else { continue };
        lines.extend(devices.values().map(|device| {
            let target = &device.target;
            let live = if device.is_live() { "" } else { ", not pushed to" };
            format!("{} {}{live}", target.platform, target.token)
        }));
    }
    lines.sort();
    lines
}
