//! Two people who stay in touch: what one shares and the other replies is there by itself, without a sync.

use crate::support::couple::{Couple, agree, in_a_week, person, received, share, standing};
use daymark_client::sharing::Standing;
use daymark_tests::world::{Watching, World};
use daymark_wire::logs::Role;
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

#[tokio::test]
async fn what_is_shared_and_replied_is_there_by_itself() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let mut at_owner = Watching::connected(owner).await;
    let mut at_supporter = Watching::connected(supporter).await;
    let posts = couple.world.line().exchanges().len();

    let entry = owner.write("a walk by the harbour").await;
    let shares = share(owner, entry, &[couple.bond]).await;
    while received(supporter).await != ["a walk by the harbour"] {
        at_supporter.event().await;
    }
    supporter.vault.reply(shares[0], "thank you").await.unwrap();
    while owner.vault.replies().await.unwrap().is_empty() {
        at_owner.event().await;
    }
    owner.edit(entry, "a long walk by the harbour").await;
    assert!(owner.vault.share_again(shares[0]).await.unwrap());
    while received(supporter).await != ["a long walk by the harbour"] {
        at_supporter.event().await;
    }
    owner.vault.unshare(entry, None).await.unwrap();
    while !received(supporter).await.is_empty() {
        at_supporter.event().await;
    }
    at_owner.until_sent().await;
    at_owner.stop().await;
    at_supporter.stop().await;
    assert_eq!(couple.world.line().exchanges().len(), posts, "no sync");
    assert_eq!(couple.bodies_at_relay().await, 1, "the reply");
    for device in [owner, supporter] {
        let status = device.vault.status().await.unwrap();
        assert!(status.faults.is_empty(), "{:?}", status.faults);
    }
}

#[tokio::test]
async fn an_answer_and_an_end_are_news_on_both_sides() {
    let world = World::new().await;
    let owner = world.first_device("owner").await;
    let supporter = world.first_device("supporter").await;
    let mut at_owner = Watching::connected(&owner).await;
    let name = person("a supporter");
    let invited = owner.vault.invite(&name, None, in_a_week()).await.unwrap();
    let text = invited.to_string();
    // Asked until the live connection has brought it to the relay.
    let considered = loop {
        match supporter.vault.consider(&text).await {
            Ok(considered) => break considered,
            Err(error) => assert_eq!(error.code(), "no-invitation"),
        }
    };
    considered.accept(&person("the owner")).await.unwrap();
    let bond = invited.bond();
    while standing(&owner, bond).await != Standing::Active {
        at_owner.event().await;
    }
    let mut at_supporter = Watching::connected(&supporter).await;
    owner.vault.end_bond(bond).await.unwrap();
    let ended = Standing::Ended { by: Role::Owner };
    while standing(&supporter, bond).await != ended {
        at_supporter.event().await;
    }
    at_owner.stop().await;
    at_supporter.stop().await;
}

#[tokio::test]
async fn a_bond_of_another_device_is_known_to_one_that_watches() {
    let couple = Couple::agreed_in(World::new().await).await;
    let laptop = couple.world.pair(&couple.owner, "laptop").await;
    let mut at_laptop = Watching::connected(&laptop).await;
    let other = couple.world.offline_device("another supporter").await;
    let bond = agree(&couple.owner, &other, "another supporter").await;
    let knows = async || {
        let known = laptop.vault.supporters().await.unwrap();
        let mut active = known.iter().filter(|one| one.bond == bond);
        active.any(|one| one.standing == Standing::Active)
    };
    while !knows().await {
        at_laptop.event().await;
    }
    // Their account says something before anything is shared.
    let tablet = couple.world.pair(&other, "tablet").await;
    let entry = laptop.write("from the laptop").await;
    share(&laptop, entry, &[bond]).await;
    at_laptop.until_sent().await;
    tablet.sync().await;
    assert_eq!(received(&tablet).await, ["from the laptop"]);
    at_laptop.stop().await;
    let status = laptop.vault.status().await.unwrap();
    assert!(status.faults.is_empty(), "{:?}", status.faults);
}

#[tokio::test]
async fn who_reads_on_in_another_program_ends_no_connection() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("taken back").await;
    share(owner, entry, &[couple.bond]).await;
    owner.sync().await;
    let mut watching = Watching::connected(supporter).await;
    assert_eq!(received(supporter).await, ["taken back"]);
    let file = supporter.vault.folder().join("vault.sqlite");
    let options = SqliteConnectOptions::new().filename(file);
    let mut other = options.connect().await.unwrap();
    for statement in ["BEGIN", "SELECT count(*) FROM versions"] {
        sqlx::query(statement).execute(&mut other).await.unwrap();
    }
    owner.vault.unshare(entry, None).await.unwrap();
    owner.sync().await;
    while !received(supporter).await.is_empty() {
        watching.event().await;
    }
    let entry = owner.write("shared afterwards").await;
    share(owner, entry, &[couple.bond]).await;
    owner.sync().await;
    while received(supporter).await != ["shared afterwards"] {
        watching.event().await;
    }
    other.close().await.unwrap();
    watching.stop().await;
}
