//! The registry: a profile keeps its devices, and the home of each token knows which profile holds
//! it. A token moves to whoever named it last; two profiles never become one by it.

use super::{
    Device, DeviceRow, Devices, Environment, Quarantine, Registration, Release, Said, Stamp, Word,
};
use crate::decide::Decider;
use crate::event::Event;
use crate::identity::Found;
use crate::ids::{DeviceId, Number, Partition, ProfileId};
use crate::input::Hop;
use crate::limits;
use crate::prelude::*;
use crate::state::{Holder, Key, Row, Rows};

impl<R: Rows> Decider<'_, R> {
    /// The devices of a profile that lives here.
    pub fn devices(&self, number: Number) -> Arc<Devices> {
        self.work.devices(&Key::Devices(number)).unwrap_or_default()
    }

    pub(super) fn put_devices(&mut self, number: Number, devices: Devices) {
        let before = self.devices(number);
        self.compared_devices(number, &before, &devices);
        let key = Key::Devices(number);
        if devices.is_empty() {
            self.work.delete(key);
        } else {
            self.work.put(key, Row::Devices(Arc::new(devices)));
        }
    }

    fn device_home(&self, device: DeviceId) -> Partition {
        super::home(device, self.place.partitions)
    }

    /// Lays over what an event says of a device. Says whether it is news.
    pub fn device_said(&mut self, number: Number, said: &Said, event: &Event) -> bool {
        let stamp = Stamp { at: event.occurred_at, event: event.id };
        match said {
            Said::Registered(registration) => {
                self.register(number, registration, stamp, &event.name)
            }
            Said::Removed(device) => {
                let known = self.devices(number);
                let ours = known.get(device).is_some_and(|known| known.seen < stamp);
                if ours {
                    self.drop_device(number, *device);
                }
                self.release_device(number, *device, stamp, Release::Removed);
                ours
            }
        }
    }

    fn register(
        &mut self,
        number: Number,
        registration: &Registration,
        seen: Stamp,
        source: &str,
    ) -> bool {
        let Some(holder) = self.holder_here(number) else { return false };
        let device = registration.target.device;
        let before = self.devices(number);
        let known = before.get(&device);
        if known.is_some_and(|known| known.seen >= seen) {
            return false;
        }
        // An app says its token with every call, and all else is as it was. A registration is
        // written down each time: nothing says it again should an older removal come after it.
        let soon = |known: &Device| seen.at.since(known.seen.at) < limits::DEVICE_SEEN_EVERY;
        let passing = source != super::REGISTERED;
        if passing && known.is_some_and(|known| soon(known) && says_the_same(known, registration)) {
            return false;
        }
        let mut after = Devices::clone(&before);
        let mut target = registration.target.clone();
        let mut app_version = registration.app_version.clone();
        let mut locale = registration.locale.clone();
        if let Some(known) = known {
            // What a call does not say is as it was said before.
            keep_if_empty(&mut target.app, &known.target.app);
            keep_if_empty(&mut app_version, &known.app_version);
            keep_if_empty(&mut locale, &known.locale);
            if source != super::REGISTERED && target.environment == Environment::default() {
                target.environment = known.target.environment;
            }
        }
        let permission = match known {
            // A call's context says nothing of what the person allowed.
            Some(known) if source != super::REGISTERED => known.permission,
            Some(_) | None => registration.permission,
        };
        let registered = known.map_or(seen.at, |known| known.registered);
        let source = source.to_owned();
        let quarantine = None;
        let new = Device {
            target,
            app_version,
            locale,
            permission,
            registered,
            seen,
            source,
            quarantine,
        };
        let news = known.is_none_or(|known| known.is_live() != new.is_live());
        if known.is_none() {
            self.work.count("devices.registered", 1);
        }
        after.insert(device, new);
        let gone = bound(&mut after);
        let kept = !gone.contains(&device);
        self.put_devices(number, after);
        for gone in gone {
            let text = format!(
                "{gone} was seen longest ago: a profile has at most {} devices",
                limits::DEVICES_MAX
            );
            self.note("too-many-devices", Some(holder.rank.id), text);
            if let Some(known) = before.get(&gone) {
                self.release_device(number, gone, known.seen, Release::Removed);
            }
        }
        if kept {
            self.claim(device, holder, seen);
        }
        news
    }

    fn holder_here(&self, number: Number) -> Option<Holder> {
        let head = self.head(number)?;
        Some(Holder { partition: self.here(), rank: head.rank })
    }

    pub(super) fn drop_device(&mut self, number: Number, device: DeviceId) {
        let mut devices = Devices::clone(&self.devices(number));
        if devices.remove(&device).is_some() {
            self.put_devices(number, devices);
            self.work.count("devices.removed", 1);
        }
    }

    fn claim(&mut self, device: DeviceId, from: Holder, stamp: Stamp) {
        self.send(self.device_home(device), Hop::DeviceClaim { device, from, stamp });
    }

    pub(super) fn release_device(
        &mut self,
        number: Number,
        device: DeviceId,
        stamp: Stamp,
        why: Release,
    ) {
        let Some(head) = self.head(number) else { return };
        let hop = Hop::DeviceReleased { device, from: head.id(), stamp, why };
        self.send(self.device_home(device), hop);
    }

    /// At a token's home: a profile says that it is its own. The later word wins.
    pub fn device_claimed(&mut self, device: DeviceId, from: Holder, stamp: Stamp) {
        let key = Key::Device(device);
        let Some(row) = self.work.device(&key) else {
            let row = DeviceRow { holder: Some(from), stamp };
            self.work.put(key, Row::Device(row));
            return self.ask_holder(device, from);
        };
        let same = row.holder.is_some_and(|holder| holder.rank == from.rank);
        // Of two profiles that became one: the word is the same, and the lower rank has it now.
        let absorbed =
            stamp == row.stamp && row.holder.is_some_and(|holder| from.rank <= holder.rank);
        if stamp > row.stamp || absorbed {
            if let Some(old) = row.holder.filter(|_| !same && !absorbed) {
                let to = old.rank.id;
                self.send(old.partition, Hop::DeviceLost { to, device, stamp, hops: 0 });
                self.work.count("devices.moved", 1);
            }
            let row = DeviceRow { holder: Some(from), stamp };
            self.work.put(key, Row::Device(row));
            if !same {
                self.ask_holder(device, from);
            }
        } else if !same && stamp < row.stamp {
            let (to, stamp) = (from.rank.id, row.stamp);
            self.send(from.partition, Hop::DeviceLost { to, device, stamp, hops: 0 });
        }
    }

    /// A claim may come after its profile was absorbed by another one that has let go of the device
    /// meanwhile, or was erased with it: whoever it is by now says so.
    fn ask_holder(&mut self, device: DeviceId, from: Holder) {
        let (to, holder) = (from.rank.id, from.rank.id);
        self.send(from.partition, Hop::DeviceHeld { to, holder, device, hops: 0 });
    }

    /// A token's home believes that this profile holds a device.
    pub fn device_held(&mut self, to: ProfileId, holder: ProfileId, device: DeviceId, hops: u8) {
        let known = match self.find(to) {
            Found::Here(number, head) => {
                let seen = self.devices(number).get(&device).map(|known| known.seen);
                seen.map(|seen| (Holder { partition: self.here(), rank: head.rank }, seen))
            }
            Found::Moved(next) => {
                let to = next.rank.id;
                let on = |hops| Hop::DeviceHeld { to, holder, device, hops };
                return self.forward(next, hops, on);
            }
            Found::Erased(_) => None,
            Found::Nobody => return,
        };
        match known {
            Some((own, _)) if own.rank.id == holder => {}
            Some((own, seen)) => self.claim(device, own, seen),
            // Should the device still be on its way here, it is claimed when it comes.
            None => self.forget_held(holder, device),
        }
    }

    /// Whatever a token's home believes, this profile does not hold it.
    fn forget_held(&mut self, from: ProfileId, device: DeviceId) {
        let (stamp, why) = (Stamp::default(), Release::Erased);
        let hop = Hop::DeviceReleased { device, from, stamp, why };
        self.send(self.device_home(device), hop);
    }

    /// At a token's home: a profile lets go of it.
    pub fn device_released(
        &mut self,
        device: DeviceId,
        from: ProfileId,
        stamp: Stamp,
        why: Release,
    ) {
        let key = Key::Device(device);
        let row = self.work.device(&key);
        let holder = row.and_then(|row| row.holder);
        let own = holder.is_none_or(|holder| holder.rank.id == from);
        let last = row.map(|row| row.stamp).unwrap_or_default();
        match why {
            // That nobody has it any more is remembered, by whoever has let go of it first.
            Release::Erased if stamp == Stamp::default() && holder.is_none() => {}
            // Of the profile that it was absorbed from, by the same word.
            Release::Erased if row.is_some() && (own || stamp == last) => self.work.delete(key),
            Release::Erased => {}
            Release::Removed if stamp > last || (stamp == last && own) => {
                if let Some(old) = holder.filter(|_| !own) {
                    let to = old.rank.id;
                    self.send(old.partition, Hop::DeviceLost { to, device, stamp, hops: 0 });
                }
                self.work.put(key, Row::Device(DeviceRow { holder: None, stamp }));
            }
            Release::Removed => {}
        }
    }

    /// A token's home says that a device is no longer this profile's.
    pub fn device_lost(&mut self, to: ProfileId, device: DeviceId, stamp: Stamp, hops: u8) {
        match self.find(to) {
            Found::Here(number, own) => {
                let Some(seen) = self.devices(number).get(&device).map(|known| known.seen) else {
                    return;
                };
                if seen == stamp {
                    // The word that took it from a profile that was absorbed since is the very one
                    // that gave it to this one.
                    return;
                }
                if seen > stamp {
                    // It was said again since: its home has not heard of it yet.
                    if let Some(holder) = self.holder_here(number) {
                        self.claim(device, holder, seen);
                    }
                    return;
                }
                self.drop_device(number, device);
                self.reach_changed(number);
                if hops > 0 {
                    // On its way here the home's question whether it is held may have overtaken
                    // this word, and was answered with yes.
                    self.forget_held(own.id(), device);
                }
            }
            Found::Moved(holder) => {
                let to = holder.rank.id;
                self.forward(holder, hops, |hops| Hop::DeviceLost { to, device, stamp, hops });
            }
            Found::Erased(_) | Found::Nobody => {}
        }
    }

    /// A provider said something about a device's token: it is gone, or in the wrong place.
    pub fn device_judged(&mut self, to: ProfileId, device: DeviceId, word: Word, hops: u8) {
        let (number, profile) = match self.find(to) {
            Found::Here(number, head) => (number, head.id()),
            Found::Moved(holder) => {
                let to = holder.rank.id;
                self.forward(holder, hops, |hops| Hop::DeviceJudged { to, device, word, hops });
                return;
            }
            Found::Erased(_) | Found::Nobody => return,
        };
        let mut devices = Devices::clone(&self.devices(number));
        let Some(known) = devices.get_mut(&device) else { return };
        match word {
            // Registered again after the provider saw it go: it lives.
            Word::Gone(since) if known.seen.at > since => return,
            Word::Gone(_) if known.quarantine.as_ref().is_some_and(Quarantine::is_gone) => return,
            Word::Gone(_) => {
                // Not: removed at once. Where a key or a project is wrong, all of them are refused.
                known.quarantine = Some(Quarantine::gone(self.now, "its service has it no more"));
                self.wake_for_gone(number, &devices);
                self.put_devices(number, devices);
                self.work.count("devices.refused", 1);
                let text = format!("{device} is not pushed to any more, and goes in time");
                self.note("device-refused", Some(profile), text);
            }
            Word::Misplaced { at, .. } if known.seen.at > at => return,
            Word::Misplaced { at, why } => {
                known.quarantine = Some(Quarantine { at, why });
                self.put_devices(number, devices);
                self.work.count("devices.quarantined", 1);
                let text = format!("{device} waits until it is registered again");
                self.note("device-quarantined", Some(profile), text);
            }
        }
        self.reach_changed(number);
    }

    /// The devices of a profile that is absorbed go before the rest of it.
    pub(crate) fn ship_devices(&mut self, number: Number, from: ProfileId, to: Holder) {
        let devices = self.devices(number);
        if devices.is_empty() {
            return;
        }
        self.work.delete(Key::Devices(number));
        let devices = Devices::clone(&devices);
        self.send(to.partition, Hop::DevicesOf { to, from, devices, hops: 0 });
    }

    /// The devices of an absorbed profile: of one that both have, the later word counts. What
    /// follows from them follows with the rest of the profile.
    pub(crate) fn absorb_devices(&mut self, to: Holder, from: ProfileId, came: Devices, hops: u8) {
        let number = match self.find(to.rank.id) {
            Found::Here(number, _) => number,
            Found::Moved(to) => {
                self.forward(to, hops, |hops| Hop::DevicesOf { to, from, devices: came, hops });
                return;
            }
            Found::Erased(_) => {
                for (device, known) in came {
                    let (stamp, why) = (known.seen, Release::Erased);
                    let hop = Hop::DeviceReleased { device, from, stamp, why };
                    self.send(self.device_home(device), hop);
                }
                return;
            }
            Found::Nobody => {
                self.quarantine("absorb", format!("{} is not here", to.rank.id));
                return;
            }
        };
        let Some(holder) = self.holder_here(number) else { return };
        let mut after = Devices::clone(&self.devices(number));
        let names: Vec<DeviceId> = came.keys().copied().collect();
        for (device, known) in came {
            if after.get(&device).is_none_or(|own| own.seen < known.seen) {
                after.insert(device, known);
            }
        }
        let before = after.clone();
        for gone in bound(&mut after) {
            if let Some(known) = before.get(&gone) {
                // Only who holds it can let go of it.
                self.claim(gone, holder, known.seen);
                self.release_device(number, gone, known.seen, Release::Removed);
            }
        }
        let claims = names.into_iter().filter_map(|name| Some((name, after.get(&name)?.seen)));
        let claims: Vec<_> = claims.collect();
        self.wake_for_gone(number, &after);
        self.put_devices(number, after);
        for (device, stamp) in claims {
            self.claim(device, holder, stamp);
        }
    }

    /// Takes the devices of somebody who is erased out of the partition, and their tokens out of
    /// their homes.
    pub(crate) fn erase_devices(&mut self, number: Number) {
        let devices = self.devices(number);
        if devices.is_empty() {
            return;
        }
        self.work.delete(Key::Devices(number));
        for (device, known) in devices.iter() {
            self.release_device(number, *device, known.seen, Release::Erased);
        }
    }
}

fn keep_if_empty(new: &mut String, old: &str) {
    if new.is_empty() {
        old.clone_into(new);
    }
}

/// Whether a registration says nothing that is not known; what it does not say does not differ.
fn says_the_same(known: &Device, said: &Registration) -> bool {
    let same = |new: &str, old: &str| new.is_empty() || new == old;
    known.quarantine.is_none()
        && known.target.keys == said.target.keys
        && same(&said.target.app, &known.target.app)
        && same(&said.app_version, &known.app_version)
        && same(&said.locale, &known.locale)
        && [Environment::default(), known.target.environment].contains(&said.target.environment)
}

/// Takes out those that were seen longest ago, beyond the bound; first those that are not pushed
/// to.
fn bound(devices: &mut Devices) -> Vec<DeviceId> {
    let excess = devices.len().saturating_sub(limits::DEVICES_MAX);
    if excess == 0 {
        return Vec::new();
    }
    let place =
        |(id, device): (&DeviceId, &Device)| (device.quarantine.is_none(), device.seen, *id);
    let mut order: Vec<_> = devices.iter().map(place).collect();
    order.sort_unstable();
    let gone: Vec<DeviceId> = order.into_iter().take(excess).map(|(.., id)| id).collect();
    devices.retain(|id, _| !gone.contains(id));
    gone
}
