//! J3: after the end, unsharing or expiry, with a relay that deletes nothing and shows old pictures.

use super::{Scene, names};
use daymark_client::sharing::{CopyNumber, HowToShare, Parts, ShareError, ShareId, Standing};
use daymark_core::journal::Day;
use daymark_tests::{
    hostile::{Answer, Asked, Hoard, Row, Script, SeenKeys, rows},
    world::{Files, SetClock},
};
use daymark_wire::{
    DeviceId, RecordKind,
    logs::{EndReason, LogKind, Role},
    sync::{SpaceReply, SyncReply},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};

/// Shows one device of a space what it was shown at some moment, and takes what it is brought from nobody.
struct Frozen {
    device: DeviceId,
    shown: SpaceReply,
}

impl Script for Frozen {
    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked.device == self.device {
            reply.links.retain(|link| link.kind != LogKind::Bond);
            for space in &mut reply.spaces {
                if space.space == self.shown.space {
                    *space = self.shown.clone();
                }
            }
        }
        Answer::reply(reply)
    }
}

/// The sealed bytes by which a share could be found on a disk: rows of the bond, and bodies of its records.
async fn on_disk(scene: &Scene) -> Vec<Vec<u8>> {
    let of_bond = |row: &Row| ["versions", "keys", "epochs"].contains(&row.table);
    let own = scene.supporter().vault.journal();
    let records = Hoard::of_vault(&scene.supporter().vault).await;
    let bodies = records.of_space(scene.bond());
    let bodies = bodies.records().filter_map(|record| record.body());
    let mut all: Vec<Vec<u8>> = bodies.map(<[u8]>::to_vec).collect();
    let file = rows(&scene.supporter().vault).await.into_iter();
    all.extend(file.filter(of_bond).map(|row| row.sealed));
    assert_ne!(own, scene.bond());
    all
}

/// How many of them lie somewhere in the vault's folder.
fn found(scene: &Scene, sealed: &[Vec<u8>]) -> usize {
    let files = Files::of(scene.supporter().vault.folder());
    let lies = |bytes: &&Vec<u8>| files.iter().any(|(_, file)| super::holds(file, bytes));
    sealed.iter().filter(lies).count()
}

#[tokio::test]
async fn j3_after_the_end_nothing_new_is_sealed_and_the_client_wipes_what_it_had() {
    let scene = Scene::set().await;
    let (entry, share) = scene.shared("quxseen").await;
    let supporter = &scene.supporter().vault;
    supporter.reply(share, "quxreplied").await.unwrap();
    scene.in_step().await;
    scene.owner().sync().await;
    let keys = SeenKeys::of(supporter).await;
    let sealed = on_disk(&scene).await;
    assert_eq!(
        found(&scene, &sealed),
        sealed.len(),
        "the search finds them"
    );

    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.owner().edit(entry, "quxafterwards").await;
    let later = scene.owner().write("quxlater").await;
    let (parts, bonds) = (Parts::default(), [scene.bond()]);
    let refused = scene.owner().vault.preview(later, &parts, &bonds).await;
    let refused = refused.unwrap_err();
    assert!(matches!(
        refused,
        ShareError::NotActive(Standing::Ended { by: Role::Owner })
    ));
    let before = Hoard::of_everything(&scene.relay).await;
    scene.in_step().await;

    // A relay that kept every body and wrap it should have deleted, and all keys that were ever there.
    let everything = Hoard::of_everything(&scene.relay).await;
    let in_bond = |hoard: &Hoard| hoard.clone().of_space(scene.bond()).records().count();
    assert_eq!(in_bond(&everything), in_bond(&before), "no record since");
    let opened = keys.clone().open(&everything);
    for word in ["quxafterwards", "quxlater"] {
        assert!(!opened.holds(word.as_bytes()), "{word}");
    }
    // What is not protected, and said so: what was seen is seen, and was deleted, not shredded.
    assert!(opened.holds(b"quxseen"));

    // The client keeps nothing: not what it showed, not a key, not a sealed byte.
    assert_eq!(scene.received().await, Vec::<String>::new());
    let left = SeenKeys::of(supporter).await;
    let vault = Hoard::of_vault(supporter).await.of_space(scene.bond());
    assert!(vault.records().all(|record| record.body().is_none()));
    assert_eq!(left.open(&vault).records.len(), 0);
    let kept = rows(supporter).await.into_iter();
    let kept: BTreeSet<_> = kept.map(|row| row.sealed).collect();
    let gone: Vec<_> = sealed
        .into_iter()
        .filter(|one| !kept.contains(one))
        .collect();
    // Two bodies, two versions, their two keys, the epoch.
    assert!(gone.len() >= 7, "{}", gone.len());
    assert_eq!(found(&scene, &gone), 0);
    // Their own words stay theirs, as a draft in their journal.
    let mut in_rows = rows(supporter).await.into_iter();
    assert!(in_rows.all(|row| !super::holds(&row.content, b"quxseen")));
}

#[tokio::test]
async fn j3_a_relay_that_shows_everything_again_after_the_end_moves_nobody() {
    let scene = Scene::set().await;
    scene.shared("quxseen").await;
    let hostile = scene.hostile().await;
    let shown = hostile.fetch(scene.relay.address(), scene.bond()).await;
    assert!(!shown.spaces[0].records.is_empty());
    let everything = Hoard::of_everything(&scene.relay).await;
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.in_step().await;
    let (bond, links) = (
        scene.bond(),
        everything.links().cloned().collect::<Vec<_>>(),
    );
    scene.relay.alter(move |_, reply| {
        reply.links.extend(links.iter().cloned());
        for space in &mut reply.spaces {
            if space.space == bond {
                *space = shown.spaces[0].clone();
            }
        }
    });
    let supporter = &scene.supporter().vault;
    let keys = SeenKeys::of(supporter).await;
    for device in [scene.supporter(), scene.owner()] {
        device.sync().await;
    }
    assert_eq!(scene.received().await, Vec::<String>::new());
    let vault = Hoard::of_vault(supporter).await.of_space(bond);
    let now = SeenKeys::of(supporter).await.and(keys);
    assert_eq!(
        now.open(&vault).records.len(),
        0,
        "no epoch of it is opened again"
    );
    assert_eq!(supporter.supporters().await.unwrap()[0].counts.shared, 0);
    let ended = scene.owner().vault.supporters().await.unwrap();
    let ended = ended.iter().find(|one| one.bond == bond).unwrap();
    assert_eq!(ended.standing, Standing::Ended { by: Role::Owner });
    scene.relay.behave();
    scene.in_step().await;
}

#[tokio::test]
async fn j3_a_frozen_relay_shows_a_supporter_what_they_had_and_nothing_newer() {
    let scene = Scene::set().await;
    scene.shared("quxseen").await;
    let shown = scene.hostile().await;
    let shown = shown.fetch(scene.relay.address(), scene.bond()).await;
    let (device, shown) = (scene.supporter().vault.device(), shown.spaces[0].clone());
    let before = SeenKeys::of(&scene.supporter().vault).await;
    scene.relay.play(Frozen { device, shown });
    let (entry, _) = {
        let entry = scene.owner().write("quxnotyet").await;
        (entry, scene.share(entry).await)
    };
    scene.owner().vault.unshare(entry, None).await.unwrap();
    scene.owner().sync().await;
    scene.owner().vault.end_bond(scene.bond()).await.unwrap();
    scene.owner().write("quxafterwards").await;
    scene.owner().sync().await;
    scene.supporter().sync().await;
    // They do not hear of the end, and go on with what they had: said, not prevented.
    assert_eq!(scene.received().await, ["quxseen"]);
    let keys = SeenKeys::of(&scene.supporter().vault).await.and(before);
    let opened = keys.open(&Hoard::of_everything(&scene.relay).await);
    for word in ["quxnotyet", "quxafterwards"] {
        assert!(!opened.holds(word.as_bytes()), "{word}");
    }
    scene.relay.behave();
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
}

#[tokio::test]
async fn j3_what_is_taken_back_leaves_the_supporters_disk_also_when_the_relay_shows_it_again() {
    let scene = Scene::set().await;
    let (entry, _) = scene.shared("quxtakenback").await;
    let sealed = on_disk(&scene).await;
    let hostile = scene.hostile().await;
    let shown = hostile.fetch(scene.relay.address(), scene.bond()).await;
    let records = shown.spaces[0].records.clone();
    let copy = records
        .iter()
        .find(|record| record.claimed().kind == RecordKind::Version);
    let copy = copy.unwrap().body().unwrap().to_vec();
    assert!(found(&scene, std::slice::from_ref(&copy)) == 1);
    scene.owner().vault.unshare(entry, None).await.unwrap();
    scene.in_step().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    assert_eq!(found(&scene, std::slice::from_ref(&copy)), 0);
    let opened = SeenKeys::of(&scene.supporter().vault).await;
    let opened = opened.open(&Hoard::of_vault(&scene.supporter().vault).await);
    assert!(!opened.holds(b"quxtakenback"));
    assert!(!sealed.is_empty());
    // The relay kept it and shows it again.
    let bond = scene.bond();
    scene.relay.alter(move |_, reply| {
        for space in &mut reply.spaces {
            if space.space == bond {
                space.records.clone_from(&records);
            }
        }
    });
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    assert_eq!(found(&scene, std::slice::from_ref(&copy)), 0);
    scene.heals().await;
}

#[tokio::test]
async fn j3_what_has_expired_is_shown_to_nobody_and_taken_from_nobody() {
    let scene = Scene::set().await;
    // One that the owner's client would no longer send, and the relay no longer keep.
    let share = ShareId::from_bytes([3; 16]);
    let entry = scene.owner().write("quxexpired").await;
    let content = scene.preview(entry).await.content;
    let number = CopyNumber::FIRST;
    let copy = daymark_core::sharing::SharedCopy {
        share,
        number,
        content,
    };
    let copy = daymark_core::sharing::Version::SharedCopy(copy).to_bytes();
    let document = daymark_wire::DocumentId::from_bytes([3; 16]);
    let mut owner = scene.hostile_owner().await;
    let day = daymark_wire::record::ExpiryDay(20_000);
    let expired = owner.seal(document, &copy, day);
    let brought = owner
        .bring(scene.relay.address(), vec![expired.clone()])
        .await;
    assert_ne!(brought, daymark_wire::sync::PushOutcome::Accepted);
    let bond = scene.bond();
    scene.relay.alter(move |_, reply| {
        for space in &mut reply.spaces {
            if space.space == bond {
                space.records = vec![expired.clone()];
            }
        }
    });
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    let in_rows = rows(&scene.supporter().vault).await;
    assert!(
        in_rows
            .iter()
            .all(|row| !super::holds(&row.content, b"quxexpired"))
    );
    scene.relay.behave();
}

#[tokio::test]
async fn j3_what_the_supporter_had_is_wiped_on_its_day_though_the_relay_shows_it_on() {
    let mut scene = Scene::set().await;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let until = Day::from(today.checked_add(2.days()).unwrap());
    let how = HowToShare {
        until: Some(until),
        ..HowToShare::default()
    };
    let entry = scene.owner().write("quxfortwodays").await;
    scene.share_as(entry, &how).await;
    scene.in_step().await;
    assert_eq!(scene.received().await, ["quxfortwodays"]);
    let hostile = scene.hostile().await;
    let shown = hostile.fetch(scene.relay.address(), scene.bond()).await;
    let shown = shown.spaces[0].clone();
    let bodies = shown.records.iter().filter_map(|record| record.body());
    let bodies: Vec<_> = bodies.map(<[u8]>::to_vec).collect();
    let device = scene.supporter().vault.device();
    scene.relay.play(Frozen { device, shown });
    let clock = SetClock::default();
    clock.put_ahead(4);
    let [supporter, other] = scene.circle.supporters;
    let supporter = supporter.by_clock(&clock).await;
    scene.circle.supporters = [supporter, other];
    assert_eq!(scene.received().await, Vec::<String>::new());
    assert_eq!(found(&scene, &bodies), 0);
    let in_rows = rows(&scene.supporter().vault).await;
    assert!(
        in_rows
            .iter()
            .all(|row| !super::holds(&row.content, b"quxfortwodays"))
    );
}

#[tokio::test]
async fn j3_who_left_or_was_left_gets_nothing_more_from_the_other_sides_client() {
    for by in [Role::Owner, Role::Supporter] {
        let scene = Scene::set().await;
        scene.shared("quxseen").await;
        let hostile = scene.hostile().await;
        match by {
            Role::Owner => scene.owner().vault.end_bond(scene.bond()).await.unwrap(),
            Role::Supporter => scene
                .supporter()
                .vault
                .leave_bond(scene.bond())
                .await
                .unwrap(),
        }
        match by {
            Role::Owner => scene.owner().sync().await,
            Role::Supporter => scene.supporter().sync().await,
        };
        // With the keys of before: the log may be read, and the rest is gone.
        let shown = hostile.fetch(scene.relay.address(), scene.bond()).await;
        let mut records = shown.spaces[0].records.iter();
        assert!(records.all(|record| record.body().is_none()));
        let end = hostile.link(daymark_wire::logs::BondContent::End {
            why: EndReason::Chosen,
        });
        let again = hostile.append(scene.relay.address(), vec![end]).await;
        assert_ne!(again, daymark_wire::sync::AppendOutcome::Appended);
        let reports = [scene.owner().sync().await, scene.supporter().sync().await];
        for report in &reports {
            assert_eq!(names(report), Vec::<&str>::new());
        }
        for (device, at) in [
            (scene.owner(), scene.bond()),
            (scene.supporter(), scene.bond()),
        ] {
            let known = device.vault.supporters().await.unwrap();
            let known: BTreeMap<_, _> = known.iter().map(|one| (one.bond, one.standing)).collect();
            assert_eq!(known[&at], Standing::Ended { by });
        }
    }
}
