//! The owner: previews, shares, shares again, takes back.

use super::*;
use crate::sharing::{HowToShare, Parts};
use daymark_core::{
    journal::{Alias, Edit, Step},
    sharing::LedgerItem,
};

#[tokio::test]
async fn a_supporter_reads_exactly_what_the_preview_showed() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner.vault, &couple.supporter.vault);
    let alias = Alias::parse("a friend").unwrap();
    owner
        .set_alias(&person("Anna"), Some(&alias))
        .await
        .unwrap();
    let entry = couple.owner.write("With Anna", "Annas tea.").await;
    let preview = couple.preview(entry).await.unwrap();
    assert_eq!(preview.longer_words, ["Annas".to_owned()].into());
    let why = "so that we can talk".parse().ok();
    let how = HowToShare {
        why,
        ..HowToShare::default()
    };
    let share = owner.share(&preview, &how).await.unwrap()[0];
    let who = owner.who_sees(Some(entry)).await.unwrap();
    assert!(who[0].waiting && who[0].share == share && who[0].why == how.why);
    // What is written after the preview does not go along.
    let later = Edit::from(Step::Text(Text::parse("Later.").unwrap().into()));
    owner.edit(entry, &later).await.unwrap();
    assert_eq!(couple.carry(&couple.owner, &couple.supporter).await, (1, 0));
    let shared = supporter.shared().await.unwrap();
    assert_eq!(shared[0].content, preview.content);
    assert_eq!(shared[0].content.title().unwrap().as_str(), "With a friend");
    assert_eq!(shared[0].content.digest(), preview.digest());
    let who = owner.who_sees(None).await.unwrap();
    assert_eq!((who[0].waiting, who[0].differs), (false, Some(true)));
}

#[tokio::test]
async fn what_is_sensitive_waits_until_they_are_verified() {
    let couple = Couple::agreed().await;
    let mut hard = entry("A hard day", "words");
    hard.sensitive = true;
    let id = couple.owner.vault.write(&hard, None).await.unwrap();
    let refused = couple.preview(id).await.unwrap_err();
    assert!(matches!(refused, ShareError::NotVerified { .. }));
    let number = couple.owner.vault.number(couple.bond).await.unwrap();
    let verified = couple.owner.vault.verify(couple.bond, &number).await;
    verified.unwrap();
    assert!(couple.preview(id).await.is_ok());
}

#[tokio::test]
async fn sharing_again_is_the_next_copy_and_the_older_one_is_forgotten_once_it_is_there() {
    let couple = Couple::agreed().await;
    let owner = &couple.owner;
    let entry = owner.write("A day", "first").await;
    let share = couple.share(entry).await;
    assert!(
        !owner.vault.share_again(share).await.unwrap(),
        "it reads so"
    );
    let second = Edit::from(Step::Text(Text::parse("second").unwrap().into()));
    owner.vault.edit(entry, &second).await.unwrap();
    assert!(owner.vault.share_again(share).await.unwrap());
    assert!(owner.wishes(couple.bond).await.forget.is_empty(), "not yet");
    assert_eq!(couple.carry(owner, &couple.supporter).await, (1, 0));
    let shared = couple.supporter.vault.shared().await.unwrap();
    let [one] = shared.as_slice() else {
        panic!("one share");
    };
    assert_eq!((one.share, one.number.get()), (share, 2));
    assert_eq!(one.content.text().unwrap().as_str(), "second");
    assert_eq!(owner.wishes(couple.bond).await.forget.len(), 1);
    assert_eq!(couple.supporter.rows("versions", couple.bond).await, 2);
    assert_eq!(couple.forget(owner, &couple.supporter).await, 1);
    assert!(owner.wishes(couple.bond).await.forget.is_empty());
    for side in [owner, &couple.supporter] {
        assert_eq!(side.rows("versions", couple.bond).await, 1);
        assert_eq!(side.rows("keys", couple.bond).await, 1);
    }
}

#[tokio::test]
async fn what_is_kept_up_to_date_goes_again_by_itself() {
    let couple = Couple::agreed().await;
    let owner = &couple.owner;
    let entry = owner.write("A day", "first").await;
    let how = HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    };
    let preview = couple.preview(entry).await.unwrap();
    owner.vault.share(&preview, &how).await.unwrap();
    couple.carry(owner, &couple.supporter).await;
    assert_eq!(owner.vault.take_in_bonds().await.unwrap().published, 0);
    let second = Edit::from(Step::Text(Text::parse("second").unwrap().into()));
    owner.vault.edit(entry, &second).await.unwrap();
    assert_eq!(owner.vault.take_in_bonds().await.unwrap().published, 1);
    assert_eq!(owner.vault.take_in_bonds().await.unwrap().published, 0);
    couple.carry(owner, &couple.supporter).await;
    let shared = couple.supporter.vault.shared().await.unwrap();
    assert_eq!(shared[0].content.text().unwrap().as_str(), "second");
}

#[tokio::test]
async fn b5_of_two_copies_of_one_number_neither_is_forgotten_before_both_are_known() {
    let couple = Couple::agreed().await;
    let owner = &couple.owner;
    let entry = owner.write("A day", "first").await;
    let share = couple.share(entry).await;
    let second = Edit::from(Step::Text(Text::parse("second").unwrap().into()));
    owner.vault.edit(entry, &second).await.unwrap();
    assert!(owner.vault.share_again(share).await.unwrap());
    couple.carry(owner, &couple.supporter).await;
    // Another device of the owner says in the ledger that it shared it again as well; its copy is still to come.
    let mut writing = owner.vault.writing().await.unwrap();
    let mut bonds = Bonds::load(&mut writing).await.unwrap();
    let mut known = bonds.ledger.share(share).unwrap();
    let (first, second): (Vec<_>, Vec<_>) = known
        .copies
        .iter()
        .partition(|(_, copy)| copy.number.get() == 1);
    let (first, published) = (*first[0].0, *second[0].1);
    let other = DocumentId::from_bytes([7; 16]);
    known.copies.insert(other, published);
    let items = [LedgerItem::Share(share, known)];
    let put = owner
        .vault
        .put_ledger(&mut writing, &mut bonds.ledger, &items);
    assert!(put.await.unwrap());
    writing.commit().await.unwrap();
    assert_eq!(owner.wishes(couple.bond).await.forget, [first].into());
}

#[tokio::test]
async fn what_has_no_number_left_is_passed_over_and_the_rest_goes_on() {
    let couple = Couple::agreed().await;
    let owner = &couple.owner;
    let how = HowToShare {
        keep_updated: true,
        ..HowToShare::default()
    };
    let (mut entries, mut shares) = (Vec::new(), Vec::new());
    for text in ["one", "other"] {
        let entry = owner.write("A day", text).await;
        let preview = couple.preview(entry).await.unwrap();
        shares.extend(owner.vault.share(&preview, &how).await.unwrap());
        entries.push(entry);
    }
    couple.carry(owner, &couple.supporter).await;
    let mut writing = owner.vault.writing().await.unwrap();
    let mut bonds = Bonds::load(&mut writing).await.unwrap();
    let mut share = bonds.ledger.share(shares[0]).unwrap();
    for copy in share.copies.values_mut() {
        copy.number = minicbor::decode(&[0x1a, 0xff, 0xff, 0xff, 0xff]).unwrap();
    }
    let items = [LedgerItem::Share(shares[0], share)];
    let put = owner
        .vault
        .put_ledger(&mut writing, &mut bonds.ledger, &items);
    assert!(put.await.unwrap());
    writing.commit().await.unwrap();
    let second = Edit::from(Step::Text(Text::parse("second").unwrap().into()));
    for entry in entries {
        owner.vault.edit(entry, &second).await.unwrap();
    }
    assert_eq!(owner.vault.take_in_bonds().await.unwrap().published, 1);
    let asked = owner.vault.share_again(shares[0]).await.unwrap_err();
    assert!(matches!(asked, ShareError::TooOften));
}

#[tokio::test]
async fn what_was_not_sent_yet_never_leaves_when_it_is_taken_back() {
    let couple = Couple::agreed().await;
    let owner = &couple.owner;
    let entry = owner.write("A day", "words").await;
    let preview = couple.preview(entry).await.unwrap();
    owner
        .vault
        .share(&preview, &HowToShare::default())
        .await
        .unwrap();
    assert_eq!(owner.vault.unshare(entry, None).await.unwrap(), 1);
    assert_eq!(owner.seal(couple.bond).await, []);
    // It is forgotten all the same: where this vault is an older one, brought back, a relay may have it.
    assert_eq!(owner.wishes(couple.bond).await.forget.len(), 1);
    assert!(owner.vault.who_sees(None).await.unwrap().is_empty());
    let again = owner.vault.unshare(entry, None).await.unwrap_err();
    assert!(matches!(again, ShareError::NotShared));
}

#[tokio::test]
async fn what_is_taken_back_is_forgotten_and_wiped_on_both_sides() {
    let couple = Couple::agreed().await;
    let owner = &couple.owner;
    let entry = owner.write("A day", "words").await;
    couple.share(entry).await;
    owner.vault.unshare(entry, Some(couple.bond)).await.unwrap();
    assert!(
        owner.vault.who_sees(None).await.unwrap().is_empty(),
        "at once"
    );
    assert_eq!(couple.forget(owner, &couple.supporter).await, 1);
    assert!(couple.supporter.vault.shared().await.unwrap().is_empty());
    for side in [owner, &couple.supporter] {
        assert_eq!(side.rows("versions", couple.bond).await, 0);
        assert_eq!(side.rows("keys", couple.bond).await, 0);
        assert_eq!(side.rows("bodies", couple.bond).await, 0);
    }
}

#[tokio::test]
async fn nobody_gets_it_twice_or_after_its_last_day() {
    let couple = Couple::agreed().await;
    let entry = couple.owner.write("A day", "words").await;
    let parts = Parts::default();
    let twice = [couple.bond, couple.bond];
    let preview = couple.owner.vault.preview(entry, &parts, &twice).await;
    assert_eq!(preview.unwrap().receivers.len(), 1, "nobody gets it twice");
    let unknown = [couple.bond, SpaceId::from_bytes([1; 16])];
    let refused = couple.owner.vault.preview(entry, &parts, &unknown).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, ShareError::UnknownSupporter { .. }));
    let preview = couple.preview(entry).await.unwrap();
    let how = HowToShare {
        until: "2021-03-04".parse().ok(),
        ..HowToShare::default()
    };
    let refused = couple.owner.vault.share(&preview, &how).await.unwrap_err();
    assert!(matches!(refused, ShareError::Passed));
    assert_eq!(couple.owner.rows("versions", couple.bond).await, 0);
}
