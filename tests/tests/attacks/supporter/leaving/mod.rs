//! What must never leave: taken back, ended, deleted or marked before it did.

mod elsewhere;
mod taken_back;
mod words;

use super::{LosesAnswers, LosesPushes, Scene, TakesNoLinks, kept_up_to_date, standing, texts};
use daymark_client::sharing::{HowToShare, SpaceId};
use daymark_core::journal::{Edit, Step};
use daymark_tests::{
    hostile::{Hoard, SeenKeys},
    world::Device,
};
use daymark_wire::{DocumentId, Record, RecordKind};

/// What a device brought of the bond, in its exchanges from this one on.
fn brought(scene: &Scene, device: &Device, from: usize) -> Vec<Record> {
    let exchanges = scene.relay.exchanges_of(device.vault.device());
    let requests = exchanges[from..].iter().map(|one| &one.asked.request);
    let spaces = requests.flat_map(|request| &request.spaces);
    let of_bond = spaces.filter(|space| space.space == scene.bond());
    of_bond.flat_map(|space| &space.push).cloned().collect()
}

/// How many bodies of versions were among that.
fn bodies_brought(scene: &Scene, device: &Device, from: usize) -> usize {
    let brought = brought(scene, device, from).into_iter();
    let versions = brought.filter(|record| record.claimed().kind == RecordKind::Version);
    versions.filter(|record| record.body().is_some()).count()
}

/// How many bodies of one document.
fn bodies_brought_of(document: DocumentId, scene: &Scene, device: &Device, from: usize) -> usize {
    let brought = brought(scene, device, from).into_iter();
    let of_document = brought.filter(|record| record.claimed().document == document);
    of_document.filter(|record| record.body().is_some()).count()
}

fn asked_so_far(scene: &Scene, device: &Device) -> usize {
    scene.relay.exchanges_of(device.vault.device()).len()
}

fn sensitive(sensitive: bool) -> Edit {
    Edit::from(Step::Sensitive(sensitive))
}

/// The document of the only version that a vault holds sealed in a bond beyond those known before.
async fn newest_version(device: &Device, bond: SpaceId) -> DocumentId {
    let hoard = Hoard::of_vault(&device.vault).await.of_space(bond);
    let own = device.vault.device();
    let mut versions: Vec<_> = hoard
        .records()
        .filter(|record| record.claimed().kind == RecordKind::Version)
        .filter(|record| record.claimed().chain.device == own)
        .map(|record| (record.claimed().seq, record.claimed().document))
        .collect();
    versions.sort();
    versions.last().unwrap().1
}

impl Scene {
    /// The owner shares an entry; it is sealed, and the line breaks. Gives the copy's document.
    async fn sealed_only(&self, entry: DocumentId, how: &HowToShare) -> DocumentId {
        self.share_as(entry, how).await;
        self.relay.play(LosesPushes { bond: self.bond() });
        self.owner().vault.sync(&|_| ()).await.unwrap_err();
        newest_version(self.owner(), self.bond()).await
    }

    /// The supporter's keys open nothing that passed and holds this word.
    async fn never_left(&self, word: &str) {
        let keys = SeenKeys::of(&self.supporter().vault).await;
        let opened = keys.open(&Hoard::of_everything(&self.relay).await);
        assert!(
            !opened.holds(word.as_bytes()),
            "the supporter's keys open {word}, who has {:?}",
            self.received().await
        );
    }
}
