//! Sharing between two real vaults through a real relay: what goes, what comes back, what is taken back.

use crate::support::couple::{Couple, received, share, standing};
use daymark_client::sharing::Standing;
use daymark_tests::world::{Device, Fault};
use daymark_wire::logs::Role;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

#[tokio::test]
async fn what_is_shared_is_read_and_the_reply_comes_back() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("a walk by the harbour").await;
    owner.write("nobody else's").await;
    let shares = share(owner, entry, &[couple.bond]).await;
    let sent = owner.sync().await;
    assert!(sent.faults.is_empty(), "{:?}", sent.faults);
    assert_eq!(owner.vault.unsent().await.unwrap(), 0);
    supporter.sync().await;
    assert_eq!(received(supporter).await, ["a walk by the harbour"]);
    assert!(
        supporter.texts().await.is_empty(),
        "nothing of it is theirs"
    );

    supporter.vault.reply(shares[0], "thank you").await.unwrap();
    let sent = supporter.sync().await;
    assert!(sent.faults.is_empty(), "{:?}", sent.faults);
    assert_eq!(supporter.vault.unsent().await.unwrap(), 0);
    owner.sync().await;
    let replies = owner.vault.replies().await.unwrap();
    assert_eq!(replies.len(), 1);
    assert_eq!(replies[0].text.as_str(), "thank you");
    assert_eq!(replies[0].entry, Some(entry));
}

#[tokio::test]
async fn what_is_shared_again_takes_the_place_of_what_was() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("a first word").await;
    let shares = share(owner, entry, &[couple.bond]).await;
    owner.sync().await;
    supporter.sync().await;
    owner.edit(entry, "a better word").await;
    assert!(owner.vault.share_again(shares[0]).await.unwrap());
    owner.sync().await;
    supporter.sync().await;
    assert_eq!(received(supporter).await, ["a better word"]);
    let who = owner.vault.who_sees(Some(entry)).await.unwrap();
    assert_eq!(who.len(), 1);
    assert_eq!((who[0].waiting, who[0].differs), (false, Some(false)));
}

#[tokio::test]
async fn what_is_taken_back_is_gone_at_the_relay_and_at_the_supporter() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("for a while").await;
    share(owner, entry, &[couple.bond]).await;
    owner.sync().await;
    supporter.sync().await;
    assert_eq!(received(supporter).await, ["for a while"]);
    assert_eq!(couple.bodies_at_relay().await, 1);
    owner.vault.unshare(entry, None).await.unwrap();
    owner.sync().await;
    assert_eq!(couple.bodies_at_relay().await, 0);
    supporter.sync().await;
    assert!(received(supporter).await.is_empty());
    assert!(owner.vault.who_sees(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_ends_it_while_offline_ends_it_with_the_next_sync() {
    for by in [Role::Owner, Role::Supporter] {
        let couple = Couple::agreed().await;
        let (owner, supporter) = (&couple.owner, &couple.supporter);
        let entry = owner.write("a word").await;
        share(owner, entry, &[couple.bond]).await;
        owner.sync().await;
        supporter.sync().await;
        let (ends, other) = match by {
            Role::Owner => (owner, supporter),
            Role::Supporter => (supporter, owner),
        };
        match by {
            Role::Owner => ends.vault.end_bond(couple.bond).await.unwrap(),
            Role::Supporter => ends.vault.leave_bond(couple.bond).await.unwrap(),
        }
        assert_eq!(standing(other, couple.bond).await, Standing::Active);
        ends.sync().await;
        other.sync().await;
        for device in [owner, supporter] {
            assert_eq!(standing(device, couple.bond).await, Standing::Ended { by });
            assert_eq!(device.vault.unsent().await.unwrap(), 0);
        }
        assert!(received(supporter).await.is_empty());
        assert_eq!(couple.bodies_at_relay().await, 0);
    }
}

/// How many documents of bonds a vault holds.
async fn versions(device: &Device) -> i64 {
    let file = device.vault.folder().join("vault.sqlite");
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut vault = options.connect().await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM versions");
    count.fetch_one(&mut vault).await.unwrap()
}

#[tokio::test]
async fn b5_a_reply_that_its_writer_takes_back_is_wiped_on_both_sides_and_at_the_relay() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("a walk by the harbour").await;
    let shares = share(owner, entry, &[couple.bond]).await;
    owner.sync().await;
    supporter.sync().await;
    supporter.vault.reply(shares[0], "thank you").await.unwrap();
    supporter.sync().await;
    owner.sync().await;
    assert_eq!(couple.bodies_at_relay().await, 2);
    let own = supporter.vault.own_replies().await.unwrap();
    let never_left = supporter.vault.take_back_reply(own[0].id).await.unwrap();
    assert!(!never_left);
    assert_eq!(supporter.vault.own_replies().await.unwrap(), []);
    let told = supporter.sync().await;
    assert!(told.faults.is_empty(), "{:?}", told.faults);
    owner.sync().await;
    assert_eq!(couple.bodies_at_relay().await, 1, "the copy");
    for device in [owner, supporter] {
        assert_eq!(versions(device).await, 1);
        let status = device.vault.status().await.unwrap();
        assert!(
            status.faults.is_empty() && status.bonds.is_empty(),
            "{status:?}"
        );
    }
}

/// Whether a relay has what it was sent is not known where its answer did not come.
#[tokio::test]
async fn b5_a_reply_that_may_have_left_is_forgotten_when_it_is_taken_back() {
    for (fault, at_relay) in [(Fault::LoseAnswer(2), 2), (Fault::LoseQuestion(2), 1)] {
        let couple = Couple::agreed().await;
        let (owner, supporter) = (&couple.owner, &couple.supporter);
        let entry = owner.write("a walk by the harbour").await;
        let shares = share(owner, entry, &[couple.bond]).await;
        owner.sync().await;
        supporter.sync().await;
        let reply = supporter.vault.reply(shares[0], "thank you").await.unwrap();
        couple.world.line().set(fault);
        supporter.vault.sync(&|_| ()).await.unwrap_err();
        assert_eq!(couple.bodies_at_relay().await, at_relay, "{fault:?}");
        assert!(!supporter.vault.take_back_reply(reply).await.unwrap());
        let told = supporter.sync().await;
        assert!(told.faults.is_empty(), "{:?}", told.faults);
        assert_eq!(couple.bodies_at_relay().await, 1, "the copy");
        owner.sync().await;
        assert_eq!(owner.vault.replies().await.unwrap(), []);
        let status = supporter.vault.status().await.unwrap();
        assert!(status.bonds.is_empty(), "{status:?}");
    }
}
