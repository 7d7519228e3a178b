//! A journal and its bonds lie in one vault, and do not get in each other's way.

use super::*;
use daymark_core::{account::Logs, bonds::AccountLog, sync::SpaceLogs};

#[tokio::test]
async fn what_is_in_a_bond_is_not_the_journals() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    supporter.vault.reply(share, "words").await.unwrap();
    couple.carry(supporter, owner).await;
    let journal = owner.vault.journal();
    let mut reading = owner.vault.reading().await.unwrap();
    assert!(reading.every_key_of(journal).await.unwrap().is_empty());
    assert_eq!(reading.every_key_of(couple.bond).await.unwrap().len(), 2);
    assert_eq!(reading.epochs_of(journal).await.unwrap().len(), 1);
    assert!(reading.unacknowledged(journal).await.unwrap().is_empty());
    assert_eq!(reading.own_chain().await.unwrap(), None);
    assert!(reading.own_chain_of(couple.bond).await.unwrap().is_some());
    assert!(reading.records_to_merge(9).await.unwrap().is_empty());
    drop(reading);
    let replica = owner.vault.load_replica().await.unwrap();
    assert_eq!(replica.logs.account().id(), owner.vault.account());
    assert_eq!(owner.vault.views().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_chain_that_begins_anew_takes_nothing_of_another_space_along() {
    let couple = Couple::agreed().await;
    let owner = &couple.owner;
    let entry = owner.write("A day", "words").await;
    let preview = couple.preview(entry).await.unwrap();
    owner
        .vault
        .share(&preview, &Default::default())
        .await
        .unwrap();
    let sealed = owner.seal(couple.bond).await;
    assert_eq!(sealed.len(), 1);
    let random = owner.vault.random();
    let new = OwnChain::first(owner.vault.device(), random).unwrap();
    let mut writing = owner.vault.writing().await.unwrap();
    let before = writing.own_chain_of(couple.bond).await.unwrap();
    writing
        .renew_own_chain(owner.vault.journal(), &new)
        .await
        .unwrap();
    assert_eq!(writing.own_chain_of(couple.bond).await.unwrap(), before);
    assert!(!writing.has_waiting_in(couple.bond).await.unwrap());
    writing.renew_own_chain(couple.bond, &new).await.unwrap();
    assert!(writing.has_waiting_in(couple.bond).await.unwrap());
    assert!(
        writing.has_waiting().await.unwrap(),
        "the journal's as well"
    );
}

#[tokio::test]
async fn a_new_key_of_the_vault_opens_what_bonds_hold() {
    let couple = Couple::agreed().await;
    let entry = couple.owner.write("A day", "words").await;
    couple.share(entry).await;
    for side in [&couple.owner, &couple.supporter] {
        side.vault.renew_key("pass").await.unwrap();
    }
    assert_eq!(couple.supporter.vault.shared().await.unwrap().len(), 1);
    assert_eq!(couple.owner.vault.who_sees(None).await.unwrap().len(), 1);
}

/// Bodies of the bond that are missing with nothing to explain it.
async fn holes(side: &Side, bond: SpaceId) -> usize {
    let mut reading = side.vault.reading().await.unwrap();
    let own = AccountLog::of_own(&Logs::fold(&reading.journal_links().await.unwrap()).unwrap());
    let mut all = reading.bonds_now().await.unwrap();
    let logs = SpaceLogs::from(all.remove(&bond).unwrap().into_side(own));
    reading.holes(&logs).await.unwrap().len()
}

#[tokio::test]
async fn r5_a_missing_body_that_a_later_link_explains_is_no_hole() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let preview = couple.preview(entry).await.unwrap();
    owner
        .vault
        .share(&preview, &Default::default())
        .await
        .unwrap();
    let records = owner.seal(couple.bond).await;
    owner.acknowledged(couple.bond, &records).await;
    owner.vault.take_in_bonds().await.unwrap();
    let stubs = records.into_iter().map(Record::into_stub).collect();
    supporter.receive(couple.bond, owner, stubs).await;
    assert_eq!(holes(supporter, couple.bond).await, 1);
    owner.vault.unshare(entry, None).await.unwrap();
    assert_eq!(couple.forget(owner, supporter).await, 1);
    assert_eq!(holes(supporter, couple.bond).await, 0);
}
