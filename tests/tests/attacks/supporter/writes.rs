//! J1: a supporter writes what is the owner's.

use super::Scene;
use daymark_client::Fault;
use daymark_core::sharing::{CopyNumber, SharedCopy, Version};
use daymark_tests::hostile::Asked;
use daymark_wire::{
    AccountId, DeviceId, DocumentId, Record, RecordKind, SpaceId,
    logs::{AccountContent, Author, BondContent, EndReason},
    sync::{AppendOutcome, PushOutcome, SyncReply},
};

/// Shows records in one space to everybody who asks for it, whatever the relay itself says of them.
fn shown_in(
    space: SpaceId,
    records: Vec<Record>,
) -> impl FnMut(&Asked, &mut SyncReply) + Send + 'static {
    move |_, reply| {
        for answer in &mut reply.spaces {
            if answer.space == space {
                answer.records.clone_from(&records);
            }
        }
    }
}

#[tokio::test]
async fn j1_a_supporter_cannot_write_into_the_owners_journal_or_name_also_with_the_relays_help() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("as the owner wrote it").await;
    let (owner, bond) = (&scene.owner().vault, scene.bond());
    let (journal, writer) = (owner.journal(), owner.device());
    let mut hostile = scene.hostile().await;
    let text = b"as the supporter would have it";
    let change = |kind: RecordKind, space: SpaceId, device: Option<DeviceId>| {
        move |header: &mut daymark_wire::Header| {
            header.kind = kind;
            header.space = space;
            header.document = entry;
            header.chain.device = device.unwrap_or(header.chain.device);
            if space == journal {
                header.heads.truncate(2);
            }
        }
    };
    use RecordKind::{Change, Version};
    let forged = [
        (journal, hostile.forge(text, change(Change, journal, None))),
        (
            journal,
            hostile.forge(text, change(Change, journal, Some(writer))),
        ),
        (bond, hostile.forge(text, change(Change, bond, None))),
        (
            bond,
            hostile.forge(text, change(Version, bond, Some(writer))),
        ),
    ];
    let before = scene.held().await;
    for (space, record) in forged {
        // An honest relay takes none of it.
        let brought = hostile.bring_to(scene.relay.address(), space, vec![record.clone()]);
        let brought = brought.await;
        assert_ne!(brought, PushOutcome::Accepted, "{record:?}");
        assert_eq!(scene.names().await, Vec::<&str>::new());
        // One that helps shows it to the owner.
        let place = record.place();
        scene.relay.alter(shown_in(space, vec![record]));
        let faults = scene.owner().sync().await.faults;
        assert_eq!(faults, [Fault::BadRecord { place }].into());
        assert_eq!(scene.held().await, before);
        scene.relay.behave();
        scene.owner().sync().await;
    }
    assert_eq!(scene.owner().text(entry).await, "as the owner wrote it");
    scene.heals().await;
}

#[tokio::test]
async fn j1_what_a_supporter_says_is_a_copy_of_the_owners_is_none() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("as the owner wrote it").await;
    let hostile_owner = scene.hostile_owner().await;
    let shown = hostile_owner
        .fetch(scene.relay.address(), scene.bond())
        .await;
    let of_owner = |record: &&Record| record.claimed().kind == RecordKind::Version;
    let document = shown.spaces[0].records.iter().find(of_owner).unwrap();
    let document = document.claimed().document;

    let other = scene
        .owner()
        .write("what the supporter would have it say")
        .await;
    let content = scene.preview(other).await.content;
    let number = CopyNumber::FIRST.next().unwrap();
    let forged = Version::SharedCopy(SharedCopy {
        share,
        number,
        content,
    });
    let mut hostile = scene.hostile().await;
    scene.owner().sync().await;
    let before = scene.held().await;
    // In the place of the owner's document, and in one of its own.
    let records = vec![
        hostile.say(document, &forged),
        hostile.say(DocumentId::from_bytes([5; 16]), &forged),
    ];
    let place = records[0].place();
    let brought = hostile.bring(scene.relay.address(), records).await;
    assert_eq!(brought, PushOutcome::Accepted, "a relay cannot read them");
    let faults = scene.owner().sync().await.faults;
    // Named once, however many there are.
    assert_eq!(faults, [Fault::Quarantined { place }].into());
    let again = scene.owner().sync().await.faults;
    assert_eq!(again, faults, "until the bond ends");
    assert_eq!(scene.held().await, before);
    assert_eq!(scene.owner().vault.replies().await.unwrap(), []);
    assert_eq!(scene.owner().text(entry).await, "as the owner wrote it");
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, ["as the owner wrote it"]);
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.owner().sync().await;
    assert_eq!(scene.names().await, Vec::<&str>::new());
}

#[tokio::test]
async fn j1_a_supporter_cannot_forget_what_is_the_owners() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("as the owner wrote it").await;
    let mut hostile = scene.hostile().await;
    hostile.catch_up(scene.relay.address()).await;
    let shown = hostile.fetch(scene.relay.address(), scene.bond()).await;
    let documents: Vec<_> = shown.spaces[0].records.iter().collect();
    let document = documents[0].claimed().document;
    let before = scene.who_sees().await;
    let mut forgets = vec![document, entry];
    forgets.sort_unstable();
    let epoch = hostile.epoch(forgets).link;
    let appended = hostile.append(scene.relay.address(), vec![epoch]).await;
    assert_eq!(
        appended,
        AppendOutcome::Appended,
        "an epoch is theirs to begin"
    );
    assert_eq!(scene.names().await, Vec::<&str>::new());
    assert_eq!(scene.who_sees().await, before);
    assert_eq!(scene.owner().text(entry).await, "as the owner wrote it");
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, ["as the owner wrote it"]);
    scene.heals().await;
}

#[tokio::test]
async fn j1_a_supporter_cannot_sign_the_owners_links_also_with_the_relays_help() {
    let scene = Scene::set().await;
    scene.shared("as the owner wrote it").await;
    let hostile = scene.hostile().await;
    let owner = &scene.owner().vault;
    let end = hostile.link(BondContent::End {
        why: EndReason::Chosen,
    });
    let revoke = AccountContent::Revoke {
        device: owner.device(),
    };
    let own_name = hostile.hand.device.id();
    let links = [
        end,
        hostile.account_link(revoke.clone(), Author::Device(own_name)),
        hostile.account_link(revoke.clone(), Author::Device(owner.device())),
        hostile.account_link(revoke, Author::Root),
    ];
    let before = scene.held().await;
    for link in links {
        let appended = hostile
            .append(scene.relay.address(), vec![link.clone()])
            .await;
        assert_ne!(appended, AppendOutcome::Appended);
        let log = match link.kind {
            daymark_wire::logs::LogKind::Bond => scene.bond().into(),
            _ => owner.account().into(),
        };
        scene
            .relay
            .alter(move |_, reply| reply.links.push(link.clone()));
        for device in [scene.owner(), scene.supporter()] {
            let faults = device.sync().await.faults;
            assert_eq!(faults, [Fault::BadLink { log }].into(), "{}", device.name);
        }
        assert_eq!(scene.held().await, before);
        scene.relay.behave();
        scene.in_step().await;
    }
    assert_ne!(owner.account(), AccountId::ZERO);
    scene.heals().await;
}
