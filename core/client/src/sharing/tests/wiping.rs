//! What ends leaves nothing behind.

use super::*;
use crate::sharing::HowToShare;
use daymark_core::bonds;
use daymark_wire::logs::{EndReason, Role};

const TABLES: [&str; 5] = ["versions", "keys", "epochs", "outbox", "bodies"];

impl Side {
    async fn holds_nothing(&self, bond: SpaceId) -> bool {
        let mut rows = 0;
        for table in TABLES {
            rows += self.rows(table, bond).await;
        }
        rows == 0
    }
}

#[tokio::test]
async fn b5_who_leaves_keeps_nothing_at_once_and_says_so_with_the_next_sync() {
    let couple = Couple::agreed().await;
    let supporter = &couple.supporter;
    let entry = couple.owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    supporter.vault.reply(share, "on its way").await.unwrap();
    assert!(!supporter.holds_nothing(couple.bond).await);
    supporter.vault.leave_bond(couple.bond).await.unwrap();
    assert!(supporter.holds_nothing(couple.bond).await);
    assert!(supporter.vault.shared().await.unwrap().is_empty());
    let by = Role::Supporter;
    assert_eq!(
        supporter.standing(couple.bond).await,
        Standing::Ended { by }
    );
    let wishes = supporter.wishes(couple.bond).await;
    assert_eq!(wishes.end, Some(EndReason::Chosen));
    let wal = supporter.folder.path().join("vault.sqlite-wal");
    assert_eq!(
        std::fs::metadata(wal).unwrap().len(),
        0,
        "not in the log either"
    );
}

#[tokio::test]
async fn b5_after_an_end_both_sides_destroy_keys_and_records() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let share = couple.share(entry).await;
    supporter.vault.reply(share, "words").await.unwrap();
    couple.carry(supporter, owner).await;
    let again = owner.write("Another day", "words").await;
    let preview = couple.preview(again).await.unwrap();
    owner
        .vault
        .share(&preview, &HowToShare::default())
        .await
        .unwrap();
    owner.vault.end_bond(couple.bond).await.unwrap();
    assert_eq!(owner.seal(couple.bond).await, [], "nothing leaves any more");
    assert!(owner.vault.who_sees(None).await.unwrap().is_empty());
    assert!(owner.vault.replies().await.unwrap().is_empty());
    let refused = couple.preview(again).await.unwrap_err();
    assert!(matches!(refused, ShareError::NotActive(_)));

    let bonds = owner.bonds().await;
    let logs = bonds.all.get(&couple.bond).unwrap().logs.as_ref().unwrap();
    let device = owner.vault.device_key();
    let end = bonds::end(logs, &bonds.own, EndReason::Chosen, device).unwrap();
    couple.add(owner, supporter, end).await;
    for side in [owner, supporter] {
        side.vault.take_in_bonds().await.unwrap();
        assert!(side.holds_nothing(couple.bond).await);
        let by = Role::Owner;
        assert_eq!(side.standing(couple.bond).await, Standing::Ended { by });
        assert_eq!(side.wishes(couple.bond).await, Default::default());
    }
    assert!(supporter.vault.shared().await.unwrap().is_empty());
    assert!(!supporter.links(couple.bond.into()).await.is_empty());
}

#[tokio::test]
async fn what_has_passed_its_last_day_is_gone() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    let until = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let how = HowToShare {
        until: Some(until.into()),
        ..HowToShare::default()
    };
    let preview = couple.preview(entry).await.unwrap();
    owner.vault.share(&preview, &how).await.unwrap();
    couple.carry(owner, supporter).await;
    let shared = supporter.vault.shared().await.unwrap();
    assert_eq!(shared[0].until, how.until, "the whole last day");
    for side in [owner, supporter] {
        // The day passes.
        let mut writing = side.vault.writing().await.unwrap();
        writing.expire_all(couple.bond).await;
        writing.commit().await.unwrap();
        side.vault.take_in_bonds().await.unwrap();
        assert_eq!(side.rows("versions", couple.bond).await, 0);
        assert_eq!(side.rows("keys", couple.bond).await, 0);
        assert_eq!(side.rows("bodies", couple.bond).await, 0);
    }
    assert!(supporter.vault.shared().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_leaves_while_another_program_reads_has_left_all_the_same() {
    let couple = Couple::agreed().await;
    let supporter = &couple.supporter;
    let reading = supporter.vault.reading().await.unwrap();
    supporter.vault.leave_bond(couple.bond).await.unwrap();
    drop(reading);
    let by = Role::Supporter;
    assert_eq!(
        supporter.standing(couple.bond).await,
        Standing::Ended { by }
    );
}

impl Side {
    /// Whether the folder holds this content in the clear of the vault's own key: in its tables, or in the log of what
    /// was written to them.
    fn has_in_a_file(&self, sealed: &[u8]) -> bool {
        ["vault.sqlite", "vault.sqlite-wal"].iter().any(|file| {
            let content = std::fs::read(self.folder.path().join(file)).unwrap();
            content.windows(sealed.len()).any(|part| part == sealed)
        })
    }
}

#[tokio::test]
async fn b5_who_reads_on_keeps_nobody_from_taking_back_and_what_is_left_is_cleaned_by_the_next() {
    let couple = Couple::agreed().await;
    let (owner, supporter) = (&couple.owner, &couple.supporter);
    let entry = owner.write("A day", "words").await;
    couple.share(entry).await;
    let mut reading = supporter.vault.reading().await.unwrap();
    let copy = reading.any_sealed_version(couple.bond).await;
    assert!(supporter.has_in_a_file(&copy));
    owner.vault.unshare(entry, None).await.unwrap();
    // Another program goes on reading what it saw before.
    assert_eq!(couple.forget(owner, supporter).await, 1);
    assert_eq!(supporter.rows("versions", couple.bond).await, 0);
    assert!(supporter.has_in_a_file(&copy), "it is still being read");
    drop(reading);
    assert!(supporter.vault.shared().await.unwrap().is_empty());
    assert!(!supporter.has_in_a_file(&copy), "whoever looks next cleans");
}
