//! J3, K16, L13: two devices of one person, and what a relay keeps from one of them.

use super::{Open, Scene, TakesNoLinks, accept, later_bond, side_of, standing, texts};
use daymark_client::{pairing::join, sharing::Standing};
use daymark_tests::world::{PASSPHRASE, SetClock};
use daymark_wire::{
    LogId,
    logs::{AccountLink, BondContent, BondLink, EndReason, LogKind},
    sync::AppendOutcome,
};

#[tokio::test]
async fn j3_another_device_of_the_owner_knows_of_an_end_that_only_the_bonds_log_is_kept_from() {
    let (scene, second) = Scene::with_owners_phone().await;
    let bond = scene.bond();
    assert_eq!(standing(&second, bond).await, Standing::Active);
    // From now on the second device is shown the journal, and nothing of bonds.
    let frozen = second.vault.device();
    scene.relay.alter(move |asked, reply| {
        if asked.device == frozen {
            reply.links.retain(|link| link.kind != LogKind::Bond);
        }
    });
    scene.owner().vault.end_bond(bond).await.unwrap();
    scene.owner().sync().await;
    let entry = second.write("quxaftertheend").await;
    for _ in 0..2 {
        second.sync().await;
    }
    let stands = standing(&second, bond).await;
    let preview = second
        .vault
        .preview(entry, &Default::default(), &[bond])
        .await;
    assert!(
        preview.is_err() && stands != Standing::Active,
        "the journal came through, and this device would share on: {stands:?}"
    );
}

#[tokio::test]
async fn j3_another_device_of_the_supporter_knows_that_they_left() {
    let (scene, second) = Scene::with_supporters_phone().await;
    let bond = scene.bond();
    scene.shared("quxshared").await;
    second.sync().await;
    assert_eq!(texts(&second).await, ["quxshared"]);
    scene.relay.play(TakesNoLinks::new());
    scene.supporter().vault.leave_bond(bond).await.unwrap();
    scene.supporter().sync().await;
    for _ in 0..2 {
        second.sync().await;
    }
    assert_eq!(texts(&second).await, Vec::<String>::new());
}

#[tokio::test]
async fn l13_a_device_signs_no_lapse_of_an_invitation_that_its_journal_knows_was_accepted() {
    let (open, second) = Open::with_phone().await;
    let bond = open.invitation.bond();
    // The second device knows of the invitation, and is shown nothing more of it.
    let frozen = second.vault.device();
    open.relay.alter(move |asked, reply| {
        if asked.device == frozen {
            reply.links.retain(|link| !later_bond(link));
        }
    });
    accept(&open.meant, &open.invitation).await;
    for _ in 0..2 {
        open.owner.sync().await;
        second.sync().await;
    }
    assert_eq!(standing(&open.owner, bond).await, Standing::Active);
    assert!(
        side_of(&second, bond).await.unwrap().since.is_some(),
        "its journal says that they agreed"
    );
    let clock = SetClock::default();
    clock.put_ahead(2);
    let second = second.by_clock(&clock).await;
    for _ in 0..2 {
        let _ = second.vault.sync(&|_| ()).await;
    }
    // What it signed, the relay may show to everybody: two histories, each rightly signed.
    let exchanges = open.relay.exchanges_of(frozen);
    let mut links = exchanges.iter().flat_map(|one| &one.asked.request.append);
    let lapse = links
        .find(|link| {
            link.open::<BondContent>().is_ok_and(|link: BondLink| {
                let why = EndReason::Lapsed;
                link.claimed().content == BondContent::End { why }
            })
        })
        .cloned();
    let shown = lapse.clone();
    open.relay
        .alter(move |_, reply| reply.links.extend(shown.clone()));
    open.owner.sync().await;
    open.meant.sync().await;
    let stand = [
        standing(&open.owner, bond).await,
        standing(&open.meant, bond).await,
    ];
    assert!(
        lapse.is_none(),
        "it signed a lapse, and now they stand {stand:?}"
    );
}

#[tokio::test]
async fn k16_a_device_that_was_not_shown_a_bonds_log_does_not_say_that_nobody_answered() {
    let scene = Scene::set().await;
    let bond = scene.bond();
    let own = LogId::from(scene.owner().vault.account());
    scene.relay.alter(move |_, reply| {
        reply.links.retain(|link| match link.kind {
            LogKind::Journal => true,
            LogKind::Bond => false,
            LogKind::Account => link
                .open()
                .is_ok_and(|link: AccountLink| link.log_id() == own),
        });
    });
    let folder = scene.relay.vault_folder("second");
    let second = scene.owner().pair(&folder, "second").await;
    second.sync().await;
    let side = side_of(&second, bond).await.unwrap();
    assert!(
        side.since.is_none() || side.standing != Standing::Invited,
        "its journal says that they agreed, and it says {:?}",
        side.standing
    );
}

#[tokio::test]
async fn j5_an_epoch_that_knows_of_nothing_makes_no_device_doubt_the_relay() {
    let scene = Scene::set().await;
    scene.shared("a day like others").await;
    let hostile = scene.hostile().await;
    // Made for no generation: whether its author knew what was there is not asked.
    let epoch = hostile.epoch(Vec::new()).link;
    let appended = hostile.append(scene.relay.address(), vec![epoch]).await;
    // What its author knew is asked all the same.
    assert_eq!(appended, AppendOutcome::NotNext);
    scene.owner().sync().await;
    let folder = scene.relay.vault_folder("a phone");
    let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
    let show = move |link: &str| link_shown.send(link.to_owned()).unwrap();
    let trusted = scene.owner().vault.pair(show, async |_| true);
    let newcomer = async {
        let link = link.await.unwrap();
        join(&folder, PASSPHRASE, &link, "a phone", |_| ()).await
    };
    let (paired, joined) = tokio::join!(trusted, newcomer);
    paired.unwrap();
    let phone = joined.unwrap();
    let mut faults = std::collections::BTreeSet::new();
    for _ in 0..3 {
        faults.extend(phone.sync(&|_| ()).await.unwrap().faults);
    }
    assert_eq!(faults, [].into());
}
