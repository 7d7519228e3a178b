//! What the owner takes back is gone, whatever a supporter says or brings meanwhile.

mod arrived;
mod race;
mod restored;
mod untaken;

use super::{
    LosesPushes, Scene, kept_up_to_date, later_bond,
    people::{copies_of, share_in},
};
use daymark_client::sharing::HowToShare;
use daymark_core::sharing::Version;
use daymark_tests::hostile::HostileSupporter;
use daymark_wire::{DocumentId, Record};
use std::sync::Arc;

/// The owner takes an entry back: after a few syncs nothing of it is left at the relay.
async fn unshares(scene: &Scene, hostile: &HostileSupporter, entry: DocumentId) {
    unshares_within(3, scene, hostile, entry).await;
}

/// The same after so many syncs.
async fn unshares_within(
    syncs: usize,
    scene: &Scene,
    hostile: &HostileSupporter,
    entry: DocumentId,
) {
    scene.owner().vault.unshare(entry, None).await.unwrap();
    for _ in 0..syncs {
        scene.owner().vault.sync(&|_| ()).await.unwrap();
    }
    assert_eq!(
        scene.copies_at_the_relay(hostile).await,
        [],
        "copies left at the relay after unsharing; the owner is told {:?}",
        scene.names().await
    );
}

/// A record in each of so many chains, each going on for the one before.
fn in_chains(hostile: &mut HostileSupporter, count: u16, version: &Version) -> Vec<Record> {
    let random = Arc::clone(&hostile.hand.random);
    let mut records = Vec::new();
    for n in 0..count {
        let document = DocumentId::from_bytes(u128::from(n + 1).to_be_bytes());
        let record = hostile.say(document, version);
        let next = hostile.hand.replica.own;
        hostile.hand.replica.own = next.renewed(record.place().seq, &random).unwrap();
        records.push(record);
    }
    records
}
