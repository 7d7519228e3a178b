//! J4: two supporters of one owner put together everything that each of them received.

use super::{HostileSupporter, Scene, holds};
use daymark_client::sharing::{HowToShare, Parts};
use daymark_tests::hostile::{Hoard, SeenKeys};
use daymark_wire::{Header, logs::LogKind};
use std::collections::BTreeSet;

/// What one supporter's vault and connection came to hold.
struct Received {
    /// Every reply of the relay, as it came.
    replies: Vec<Vec<u8>>,
    /// Every id that tells one thing from another: documents, keys, epochs, chains, shares, the bond.
    ids: BTreeSet<Vec<u8>>,
    /// All that opened.
    opened: Vec<Vec<u8>>,
    /// How many records.
    records: usize,
}

async fn received(scene: &Scene, which: usize) -> Received {
    let device = &scene.circle.supporters[which];
    let (vault, bond) = (&device.vault, scene.circle.bonds[which]);
    let exchanges = scene.relay.exchanges_of(vault.device()).into_iter();
    let keys = SeenKeys::of(vault).await;
    let records = Hoard::of_vault(vault).await.of_space(bond);
    let opened = keys.open(&records);
    let mut ids = BTreeSet::from([bond.as_bytes().to_vec()]);
    for record in records.records() {
        let header: &Header = record.claimed();
        ids.extend([
            header.document.as_bytes().to_vec(),
            header.key.as_bytes().to_vec(),
            header.epoch.as_bytes().to_vec(),
            header.chain.incarnation.as_bytes().to_vec(),
            record.hash().as_bytes().to_vec(),
        ]);
    }
    let shared = vault.shared().await.unwrap();
    ids.extend(shared.iter().map(|one| one.share.as_bytes().to_vec()));
    // Of records of the space itself these are zero.
    ids.retain(|id| id.iter().any(|byte| *byte != 0));
    Received {
        replies: exchanges.map(|exchange| exchange.body).collect(),
        ids,
        records: opened.records.len(),
        opened: opened.records.into_iter().map(|one| one.content).collect(),
    }
}

impl Received {
    fn knows(&self, bytes: &[u8]) -> bool {
        let mut all = self.replies.iter().chain(&self.opened);
        all.any(|place| holds(place, bytes))
    }
}

#[tokio::test]
async fn j4_two_supporters_who_compare_everything_find_no_trace_of_each_other() {
    let scene = Scene::set().await;
    let owner = scene.owner();
    // Both get the same entry at the same moment; each gets one alone, too, and replies.
    let entry = owner.write("quxforboth").await;
    let (parts, how) = (Parts::default(), HowToShare::default());
    let preview = owner
        .vault
        .preview(entry, &parts, &scene.circle.bonds)
        .await;
    owner.vault.share(&preview.unwrap(), &how).await.unwrap();
    for (bond, text) in scene
        .circle
        .bonds
        .iter()
        .zip(["quxforone", "quxfortheother"])
    {
        let alone = owner.write(text).await;
        let preview = owner.vault.preview(alone, &parts, &[*bond]).await;
        owner.vault.share(&preview.unwrap(), &how).await.unwrap();
    }
    owner.sync().await;
    for supporter in &scene.circle.supporters {
        supporter.sync().await;
        let shared = supporter.vault.shared().await.unwrap();
        assert_eq!(shared.len(), 2);
        supporter
            .vault
            .reply(shared[0].share, "thank you")
            .await
            .unwrap();
        supporter.sync().await;
    }
    owner.sync().await;
    owner.vault.unshare(entry, None).await.unwrap();
    owner.sync().await;
    for supporter in &scene.circle.supporters {
        supporter.sync().await;
    }

    let [one, other] = [received(&scene, 0).await, received(&scene, 1).await];
    assert!(
        one.records >= 2 && other.records >= 2,
        "they opened what they have"
    );
    let both: Vec<_> = one.ids.intersection(&other.ids).collect();
    assert!(both.is_empty(), "{both:?}");
    assert!(one.knows(b"quxforone") && !one.knows(b"quxfortheother"));
    for (who, whom) in [(&one, 1), (&other, 0)] {
        let stranger = &scene.circle.supporters[whom].vault;
        for secret in [
            stranger.account().as_bytes().as_slice(),
            stranger.device().as_bytes(),
            scene.circle.bonds[whom].as_bytes(),
            scene.circle.supporters[whom].name.as_bytes(),
            // The same entry was shared with both: nothing says so.
            entry.as_bytes(),
        ] {
            assert!(!who.knows(secret), "{}", hex::encode(secret));
        }
        let others_ids = [&one, &other][whom].ids.iter();
        for id in others_ids {
            assert!(!who.knows(id), "{}", hex::encode(id));
        }
    }
}

#[tokio::test]
async fn j4_the_owners_account_log_tells_of_no_bond() {
    let scene = Scene::set().await;
    scene.shared("for the first supporter").await;
    let owner = scene.owner().vault.account();
    let log = |link: &&daymark_wire::logs::TravelLink| link.kind == LogKind::Account;
    let known = Hoard::of_vault(&scene.supporter().vault).await;
    let links: Vec<_> = known.links().filter(log).collect();
    assert!(links.len() >= 2, "their own, and the owner's");
    for link in &links {
        for bond in scene.circle.bonds {
            assert!(!holds(&link.bytes, bond.as_bytes()));
        }
        let stranger = scene.circle.supporters[1].vault.account();
        assert!(!holds(&link.bytes, stranger.as_bytes()));
    }
    // The other bond changes nothing that the first supporter's log heads say of the owner's.
    let hostile = HostileSupporter::of(&scene.supporter().vault, scene.bond()).await;
    let before = hostile
        .side()
        .logs
        .other()
        .map(|account| (account.id(), account.head()));
    assert_eq!(before.unwrap().0, owner);
    scene
        .owner()
        .vault
        .end_bond(scene.circle.bonds[1])
        .await
        .unwrap();
    scene.owner().sync().await;
    scene.in_step().await;
    let hostile = HostileSupporter::of(&scene.supporter().vault, scene.bond()).await;
    let after = hostile
        .side()
        .logs
        .other()
        .map(|account| (account.id(), account.head()));
    assert_eq!(after, before);
}
