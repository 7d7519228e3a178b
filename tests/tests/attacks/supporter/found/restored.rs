//! L1, J3: what the owner had taken back, or ended, when a relay lost it, and a supporter who comes first.

use daymark_client::sharing::{HowToShare, Parts, SpaceId};
use daymark_tests::{
    hostile::HostileSupporter,
    world::{Device, Files, World},
};
use daymark_wire::{DocumentId, RecordKind, sync::AppendOutcome};

/// The owner's copies that the relay still shows.
async fn copies(world: &World, owner: &Device, hostile: &HostileSupporter, bond: SpaceId) -> usize {
    let shown = hostile.fetch(world.relay_address(), bond).await;
    let device = owner.vault.device();
    let records = shown.spaces.iter().flat_map(|space| &space.records);
    let copies = records.filter(|record| {
        let header = record.claimed();
        let is_theirs = header.chain.device == device && header.kind == RecordKind::Version;
        is_theirs && record.body().is_some()
    });
    copies.count()
}

struct Lost {
    world: World,
    owner: Device,
    hostile: HostileSupporter,
    bond: SpaceId,
    entry: DocumentId,
    backup: Files,
}

impl Lost {
    async fn set() -> Self {
        let mut world = World::new().await;
        let owner = world.first_device("owner").await;
        let (supporter, bond) = world.join_circle(&owner, "a supporter").await;
        let entry = owner.write("a day like others").await;
        let preview = owner.vault.preview(entry, &Parts::default(), &[bond]).await;
        let how = HowToShare::default();
        owner.vault.share(&preview.unwrap(), &how).await.unwrap();
        owner.sync().await;
        supporter.sync().await;
        let backup = world.relay.back_up().await;
        let hostile = HostileSupporter::of(&supporter.vault, bond).await;
        Self {
            world,
            owner,
            hostile,
            bond,
            entry,
            backup,
        }
    }

    /// The relay is restored, and the supporter is the first who comes.
    async fn restore(&mut self) {
        self.world.relay.restore(&self.backup).await;
        let relay = self.world.relay_address();
        self.hostile.catch_up(relay.clone()).await;
        let epoch = self.hostile.epoch(Vec::new()).link;
        let appended = self.hostile.append(relay, vec![epoch.clone()]).await;
        assert_eq!(appended, AppendOutcome::Appended);
        self.hostile.hand.replica.logs.take(&[epoch]);
        for _ in 0..3 {
            let _ = self.owner.vault.sync(&|_| ()).await;
        }
    }
}

#[tokio::test]
#[ignore = "open: a link of a bond that a restored relay lost holds on no other history yet (rule L9)"]
async fn j3_an_end_that_a_relay_lost_holds_though_a_supporter_comes_first() {
    let mut lost = Lost::set().await;
    lost.owner.vault.end_bond(lost.bond).await.unwrap();
    lost.owner.sync().await;
    lost.restore().await;
    let left = copies(&lost.world, &lost.owner, &lost.hostile, lost.bond).await;
    assert_eq!(left, 0, "copies that any device of the supporter gets");
}

#[tokio::test]
#[ignore = "open: a link of a bond that a restored relay lost holds on no other history yet (rule L9)"]
async fn j3_what_was_taken_back_before_a_relay_lost_it_is_gone_there_once_it_is_ended() {
    let mut lost = Lost::set().await;
    lost.owner.vault.unshare(lost.entry, None).await.unwrap();
    lost.owner.sync().await;
    lost.restore().await;
    lost.owner.vault.end_bond(lost.bond).await.unwrap();
    for _ in 0..3 {
        let _ = lost.owner.vault.sync(&|_| ()).await;
    }
    let left = copies(&lost.world, &lost.owner, &lost.hostile, lost.bond).await;
    assert_eq!(left, 0, "copies that any device of the supporter gets");
}
