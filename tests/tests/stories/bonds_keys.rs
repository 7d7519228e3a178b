//! What opens what was shared before a device was there: each epoch's author wraps the documents' keys again (rule F2).

use crate::support::couple::{Couple, received, share, standing};
use daymark_client::sharing::Standing;
use daymark_tests::world::{Device, Fault};
use daymark_wire::logs::Role;

/// The relay lets go of the wraps of every epoch of the bond but the newest, which is all that a device can count on.
async fn drop_older_wraps(couple: &mut Couple) {
    const OF_THE_BOND: &str = "UPDATE links SET blob = NULL WHERE blob IS NOT NULL \
         AND log = (SELECT id FROM logs WHERE log = ?1) AND position < \
         (SELECT max(position) FROM links WHERE blob IS NOT NULL \
          AND log = (SELECT id FROM logs WHERE log = ?1))";
    couple.world.relay.stop().await;
    let mut database = couple.world.relay.database().await;
    let dropped = sqlx::query(OF_THE_BOND)
        .bind(couple.bond.as_bytes().as_slice())
        .execute(&mut database);
    assert!(dropped.await.unwrap().rows_affected() > 0);
    sqlx::Connection::close(database).await.unwrap();
    couple.world.relay.start().await;
}

async fn replies(device: &Device) -> Vec<String> {
    let replies = device.vault.replies().await.unwrap();
    let texts = replies.iter().map(|reply| reply.text.as_str().to_owned());
    texts.collect()
}

#[tokio::test]
async fn a_device_that_comes_after_several_epochs_opens_what_was_said_before_them_and_goes_on() {
    for role in [Role::Owner, Role::Supporter] {
        let mut couple = Couple::agreed().await;
        let (owner, supporter) = (&couple.owner, &couple.supporter);
        let kept = owner.write("kept").await;
        let share_id = share(owner, kept, &[couple.bond]).await[0];
        let mut taken_back = Vec::new();
        for text in ["one", "two", "three"] {
            let entry = owner.write(text).await;
            share(owner, entry, &[couple.bond]).await;
            taken_back.push(entry);
        }
        owner.sync().await;
        supporter.sync().await;
        supporter.vault.reply(share_id, "at once").await.unwrap();
        supporter.sync().await;
        for entry in taken_back {
            owner.sync().await;
            owner.vault.unshare(entry, None).await.unwrap();
            owner.sync().await;
            supporter.sync().await;
        }
        drop_older_wraps(&mut couple).await;
        let (owner, supporter) = (&couple.owner, &couple.supporter);
        let trusted = match role {
            Role::Owner => owner,
            Role::Supporter => supporter,
        };
        let tablet = couple.world.pair(trusted, "tablet").await;
        let synced = tablet.sync().await;
        assert_eq!(synced.faults, [].into(), "{role:?}");
        assert_eq!(standing(&tablet, couple.bond).await, Standing::Active);
        match role {
            Role::Owner => {
                assert_eq!(replies(&tablet).await, ["at once"]);
                tablet.edit(kept, "from the tablet").await;
                assert!(tablet.vault.share_again(share_id).await.unwrap());
                assert_eq!(tablet.sync().await.faults, [].into());
                supporter.sync().await;
                assert_eq!(received(supporter).await, ["from the tablet"]);
            }
            Role::Supporter => {
                assert_eq!(received(&tablet).await, ["kept"]);
                tablet
                    .vault
                    .reply(share_id, "from the tablet")
                    .await
                    .unwrap();
                assert_eq!(tablet.sync().await.faults, [].into());
                owner.sync().await;
                let mut texts = replies(owner).await;
                texts.sort();
                assert_eq!(texts, ["at once", "from the tablet"]);
            }
        }
        for device in [owner, supporter] {
            let report = device.sync().await;
            assert_eq!(report.faults, [].into(), "{}", device.name);
        }
    }
}

#[tokio::test]
async fn k18_keys_that_an_epochs_author_never_wrapped_again_the_other_side_wraps() {
    let mut couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let kept = owner.write("kept").await;
    let taken_back = owner.write("taken back").await;
    for entry in [kept, taken_back] {
        share(owner, entry, &[couple.bond]).await;
    }
    owner.sync().await;
    supporter.sync().await;
    owner.vault.unshare(taken_back, None).await.unwrap();
    // The first asks, the second brings the epoch, the third its keys: that one is lost, and the device with it.
    couple.world.line().set(Fault::LoseQuestion(3));
    owner.vault.sync(&|_| ()).await.unwrap_err();
    assert_eq!(couple.bodies_at_relay().await, 1, "it is forgotten");
    // The first shows the epoch; whether its author wraps the keys is seen with the next.
    for _ in 0..2 {
        assert_eq!(supporter.sync().await.faults, [].into());
    }
    drop_older_wraps(&mut couple).await;
    let tablet = couple.world.pair(&couple.supporter, "tablet").await;
    assert_eq!(tablet.sync().await.faults, [].into());
    assert_eq!(received(&tablet).await, ["kept"]);
}
