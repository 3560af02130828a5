//! Tokens that their services refused: kept for a while, not pushed to, so that a wrong certificate
//! or project does not cost all devices. Then they go; or somebody who has mended it takes them
//! back.

use super::{Device, Devices, Quarantine, Release, Target};
use crate::decide::Decider;
use crate::identity::Found;
use crate::ids::{DeviceId, Number, ProfileId};
use crate::limits;
use crate::prelude::*;
use crate::state::Rows;
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

/// What the reason begins with where a service said that the token is none any more.
const GONE: &str = "gone: ";

/// Between two looks whether the guard of an app is still up. They fall on whole days: whatever
/// else rings in between sets no other timer.
const GUARDED_AGAIN: Duration = Duration::DAY;

/// What a person decided of devices of one profile that wait in quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Whose.
    pub profile: ProfileId,
    /// Which; of those that wait for nothing by then, nothing follows.
    pub devices: Vec<DeviceId>,
    /// The refusals were a mistake of ours: they are pushed to again. Otherwise what is gone goes
    /// at once.
    pub undo: bool,
}

impl Quarantine {
    /// Of a token that is none any more.
    pub(crate) fn gone(at: Timestamp, why: &str) -> Quarantine {
        Quarantine { at, why: format!("{GONE}{why}") }
    }

    /// Whether the token is none any more, and the device goes in time.
    pub fn is_gone(&self) -> bool {
        self.why.starts_with(GONE)
    }
}

impl Target {
    /// Whose word counts about its token, as guards are named: the service and the app, which is
    /// one certificate, key or project. No provider of mailboxes has a name like this.
    pub fn keeper(&self) -> String {
        format!("{}:{}", self.way().as_str(), self.app)
    }
}

/// Whether a guard's name is that of a service and an app.
pub fn is_keeper(name: &str) -> bool {
    name.contains(':')
}

fn waits(device: &Device) -> Option<&Quarantine> {
    device.quarantine.as_ref().filter(|quarantine| quarantine.is_gone())
}

impl<R: Rows> Decider<'_, R> {
    /// Has the clock look when each of them goes.
    pub(super) fn wake_for_gone(&mut self, number: Number, devices: &Devices) {
        for quarantine in devices.values().filter_map(waits) {
            self.wake_number(number, self.goes_at(quarantine));
        }
    }

    fn goes_at(&self, quarantine: &Quarantine) -> Timestamp {
        quarantine.at.plus(limits::DEVICE_GONE_KEPT).max(self.now.plus(Duration::SECOND))
    }

    /// A profile's timer rang: devices whose token has been gone for long enough go, unless the
    /// word of their service is not believed at the moment.
    pub(crate) fn forget_gone(&mut self, number: Number) {
        let devices = self.devices(number);
        let mut gone = Vec::new();
        let mut guarded = false;
        let mut next: Option<Timestamp> = None;
        for (device, known) in devices.iter() {
            let Some(quarantine) = waits(known) else { continue };
            if self.now.since(quarantine.at) < limits::DEVICE_GONE_KEPT {
                next = next.into_iter().chain([self.goes_at(quarantine)]).min();
            } else if self.is_guard_up(&known.target.keeper()) {
                guarded = true;
            } else {
                gone.push(*device);
            }
        }
        // Each has a timer of its own, but where an earlier version set one for the first alone.
        if let Some(due) = next {
            self.wake_number(number, due);
        }
        if guarded {
            let day = self.now.0.div_euclid(GUARDED_AGAIN.0) + 1;
            self.wake_number(number, Timestamp(day * GUARDED_AGAIN.0));
        }
        self.gone_for_good(number, &gone);
    }

    fn gone_for_good(&mut self, number: Number, gone: &[DeviceId]) {
        let Some(profile) = self.head(number).map(|head| head.id()) else { return };
        let before = self.devices(number);
        for device in gone {
            let Some(known) = before.get(device) else { continue };
            self.drop_device(number, *device);
            self.release_device(number, *device, known.seen, Release::Removed);
            self.work.count("devices.gone", 1);
            self.note("device-gone", Some(profile), format!("{device} was uninstalled"));
        }
    }

    /// A person decided what is to become of devices that wait in quarantine.
    pub fn devices_decided(&mut self, decided: &Decided) {
        let Found::Here(number, _) = self.find(decided.profile) else { return };
        let mut devices = Devices::clone(&self.devices(number));
        if !decided.undo {
            let is_gone =
                |device: &&DeviceId| devices.get(*device).is_some_and(|d| waits(d).is_some());
            let gone: Vec<DeviceId> = decided.devices.iter().filter(is_gone).copied().collect();
            self.gone_for_good(number, &gone);
            self.reach_changed(number);
            return;
        }
        let mut freed = 0;
        for device in &decided.devices {
            if let Some(known) = devices.get_mut(device)
                && known.quarantine.take().is_some()
            {
                freed += 1;
            }
        }
        if freed == 0 {
            return;
        }
        self.put_devices(number, devices);
        self.work.count("devices.taken-back", freed);
        self.reach_changed(number);
    }
}
