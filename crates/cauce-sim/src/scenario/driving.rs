//! Campaigns and plans in a story: started, driven, taken away.

use super::Player;
use crate::machine::Stepped;
use cauce_core::campaign::{CampaignId, Definition, Stand};
use cauce_core::decide::Plans;
use cauce_core::ids::Partition as Number;
use cauce_core::input::{Body, CampaignStep};
use cauce_core::publish::Kind;
use cauce_core::segment::{self, Waits};
use cauce_core::state::{Key, Row, Rows};
use std::sync::Arc;

impl Player {
    /// Takes a definition away.
    pub(super) fn remove(&mut self, kind: &str, key: &str) -> Result<Stepped, String> {
        let kind: Kind = kind.parse()?;
        self.machine.world.publish_bodies(vec![((kind, key.to_owned()), None)]);
        Ok(self.publish().and_then(|()| self.run()))
    }

    /// Starts a campaign, or steers the run of it that was started last.
    pub(super) fn campaign(&mut self, name: &str, word: &str) -> Stepped {
        let id = match self.campaigns.get(name) {
            Some(id) if word != "start" => *id,
            _ => {
                let id = self.campaigns.len() as CampaignId + 1;
                self.campaigns.insert(name.to_owned(), id);
                id
            }
        };
        let step = match word {
            "pause" => CampaignStep::Pause,
            "resume" => CampaignStep::Resume,
            "cancel" => CampaignStep::Cancel,
            _ => self.freeze(name),
        };
        for number in 0..self.machine.shape.partitions {
            let step = step.clone();
            self.machine.append(number, self.machine.now, Body::Campaign { id, step })?;
        }
        self.run()
    }

    fn freeze(&self, name: &str) -> CampaignStep {
        let book = self.machine.world.book();
        let revision = book.get(Kind::Campaign, name).map_or(0, |known| known.number);
        CampaignStep::Freeze { name: name.to_owned(), revision }
    }

    /// What the process does for campaigns in one partition: says a freeze again that had to wait,
    /// and pulls the walk.
    pub(super) fn drive(&mut self, number: Number) -> Stepped {
        for (name, id) in self.campaigns.clone() {
            let rows = self.machine.partitions[usize::from(number)].rows();
            let step = match rows.get(&Key::Campaign(id)) {
                Some(Row::Campaign(part))
                    if part.walked < part.target && part.stand == Stand::Running =>
                {
                    CampaignStep::Walk { count: 50 }
                }
                None if self.definition(id).is_some() && self.waits_in(number, id).is_empty() => {
                    self.freeze(&name)
                }
                _ => continue,
            };
            self.machine.append(number, self.machine.now, Body::Campaign { id, step })?;
        }
        Ok(())
    }

    /// What a campaign waits for.
    pub(super) fn waits(&self, id: CampaignId) -> Option<String> {
        let partitions = 0..self.machine.shape.partitions;
        segment::in_words(partitions.flat_map(|number| self.waits_in(number, id)))
    }

    fn waits_in(&self, number: Number, id: CampaignId) -> Vec<Waits> {
        let rows = self.machine.partitions[usize::from(number)].rows();
        let Some(definition) = self.definition(id) else { return Vec::new() };
        let (meta, builds) = match (rows.get(&Key::Meta), rows.get(&Key::Builds)) {
            (Some(Row::Meta(meta)), Some(Row::Builds(builds))) => (meta, builds),
            _ => return Vec::new(),
        };
        let catalog = self.machine.world.plan(meta.plan);
        segment::waits(&catalog, &builds, meta.next_number, definition.segments())
    }

    fn definition(&self, id: CampaignId) -> Option<Arc<Definition>> {
        let book = self.machine.world.book();
        let (name, _) = self.campaigns.iter().find(|(_, known)| **known == id)?;
        let revision = book.get(Kind::Campaign, name)?.number;
        let catalog = self.machine.world.plan(book.plan);
        catalog.campaigns.get(&(name.clone(), revision)).cloned()
    }
}
