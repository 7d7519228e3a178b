//! Bonds belong to people, not to devices: each device of either side has them.

use crate::support::couple::{Couple, agree, received, share, standing};
use daymark_client::sharing::Standing;
use daymark_tests::world::{SetClock, World};

#[tokio::test]
async fn a_second_device_of_the_supporter_reads_what_was_shared_before() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let kept = owner.write("shared before").await;
    let other = owner.write("taken back").await;
    share(owner, kept, &[couple.bond]).await;
    share(owner, other, &[couple.bond]).await;
    owner.sync().await;
    supporter.sync().await;
    // The keys of what is kept lie wrapped again under the epoch that forgets.
    owner.vault.unshare(other, None).await.unwrap();
    owner.sync().await;
    supporter.sync().await;
    let tablet = couple.world.pair(supporter, "tablet").await;
    let synced = tablet.sync().await;
    assert!(synced.faults.is_empty(), "{:?}", synced.faults);
    assert_eq!(standing(&tablet, couple.bond).await, Standing::Active);
    assert_eq!(received(&tablet).await, ["shared before"]);
    let entry = owner.write("shared later").await;
    share(owner, entry, &[couple.bond]).await;
    owner.sync().await;
    tablet.sync().await;
    assert_eq!(received(&tablet).await.len(), 2);
}

#[tokio::test]
async fn what_came_in_one_go_stands_in_the_order_in_which_it_was_shared_on_every_device() {
    const TEXTS: [&str; 5] = ["fifth", "fourth", "third", "second", "first"];
    let mut couple = Couple::agreed().await;
    for text in TEXTS.iter().rev() {
        let entry = couple.owner.write(text).await;
        share(&couple.owner, entry, &[couple.bond]).await;
    }
    couple.owner.sync().await;
    couple.supporter.sync().await;
    assert_eq!(received(&couple.supporter).await, TEXTS);
    let tablet = couple.world.pair(&couple.supporter, "tablet").await;
    assert_eq!(received(&tablet).await, TEXTS);
    couple.supporter = couple.supporter.by_clock(&SetClock::default()).await;
    assert_eq!(received(&couple.supporter).await, TEXTS, "opened again");
}

#[tokio::test]
async fn another_device_of_the_owner_goes_on_where_one_stopped() {
    let couple = Couple::agreed().await;
    let (phone, supporter) = (&couple.owner, &couple.supporter);
    let entry = phone.write("from the phone").await;
    share(phone, entry, &[couple.bond]).await;
    phone.sync().await;
    let laptop = couple.world.pair(phone, "laptop").await;
    let synced = laptop.sync().await;
    assert!(synced.faults.is_empty(), "{:?}", synced.faults);
    let who = laptop.vault.who_sees(Some(entry)).await.unwrap();
    assert_eq!(who.len(), 1);
    laptop.edit(entry, "from the laptop").await;
    assert!(laptop.vault.share_again(who[0].share).await.unwrap());
    let synced = laptop.sync().await;
    assert!(synced.faults.is_empty(), "{:?}", synced.faults);
    supporter.sync().await;
    assert_eq!(received(supporter).await, ["from the laptop"]);
    phone.sync().await;
    let who = phone.vault.who_sees(Some(entry)).await.unwrap();
    assert_eq!(who[0].differs, Some(false));
}

#[tokio::test]
async fn a_bond_that_one_device_made_is_known_to_the_other_with_its_next_sync() {
    let couple = Couple::agreed_in(World::new().await).await;
    let laptop = couple.world.pair(&couple.owner, "laptop").await;
    let other = couple.world.offline_device("another supporter").await;
    let bond = agree(&couple.owner, &other, "another supporter").await;
    let synced = laptop.sync().await;
    assert!(synced.faults.is_empty(), "{:?}", synced.faults);
    assert_eq!(standing(&laptop, bond).await, Standing::Active);
    let entry = laptop.write("from the laptop").await;
    share(&laptop, entry, &[bond]).await;
    laptop.sync().await;
    other.sync().await;
    assert_eq!(received(&other).await, ["from the laptop"]);
    couple.supporter.sync().await;
    assert!(received(&couple.supporter).await.is_empty());
}
