//! J2, E4: a supporter reads what was not shared, or how it came to be.

use super::{Scene, names};
use daymark_client::vault::{Vault, VaultError};
use daymark_core::journal::{Edit, Step, Tag};
use daymark_tests::hostile::{Hoard, SeenKeys, rows};
use daymark_wire::sync::SpaceReply;

#[tokio::test]
async fn j2_a_supporter_opens_what_is_shared_with_them_and_nothing_else_that_the_relay_holds() {
    let scene = Scene::set().await;
    let owner = scene.owner();
    let entry = owner.write("quxfirstdraft").await;
    owner.sync().await;
    owner.edit(entry, "quxseconddraft").await;
    let tag = Edit::from(Step::AddTag(Tag::parse("quxtag").unwrap()));
    owner.vault.edit(entry, &tag).await.unwrap();
    owner.write("quxnotshared").await;
    owner.edit(entry, "quxshared").await;
    let share = scene.share(entry).await;
    scene.in_step().await;
    // Shared again: the copy before is forgotten.
    owner.edit(entry, "quxsharedagain").await;
    assert!(owner.vault.share_again(share).await.unwrap());
    // And one taken back.
    let (gone, _) = scene.shared("quxtakenback").await;
    owner.vault.unshare(gone, None).await.unwrap();
    owner.edit(gone, "quxafterwards").await;
    scene.in_step().await;

    let keys = SeenKeys::of(&scene.supporter().vault).await;
    let relay = Hoard::of_relay(&scene.relay).await;
    let vault = Hoard::of_vault(&scene.supporter().vault).await;
    let opened = keys.open(&relay.and(vault));
    let in_rows = rows(&scene.supporter().vault).await;
    let opens = |word: &str| {
        let in_rows = in_rows.iter();
        opened.holds(word.as_bytes())
            || in_rows
                .map(|row| &row.content)
                .any(|row| super::holds(row, word.as_bytes()))
    };
    assert!(opens("quxsharedagain"), "the search finds what is there");
    for word in [
        "quxfirstdraft",
        "quxseconddraft",
        "quxtag",
        "quxnotshared",
        "quxtakenback",
        "quxafterwards",
    ] {
        assert!(!opens(word), "{word}");
    }
    let account = owner.vault.account();
    let of_owner = opened.records.iter().filter(|record| {
        record.header.chain.device == owner.vault.device() && record.header.space != scene.bond()
    });
    assert_eq!(of_owner.count(), 0, "nothing of {account}'s journal opens");
    let in_bond = opened.records.iter();
    let in_bond = in_bond.filter(|record| record.header.space == scene.bond());
    let versions = in_bond.filter(|record| record.header.kind == daymark_wire::RecordKind::Version);
    assert_eq!(versions.count(), 1, "one copy, without those before it");
    assert_eq!(scene.received().await, ["quxsharedagain"]);
}

#[tokio::test]
async fn j2_a_supporter_who_asks_for_the_journal_or_another_bond_gets_what_nobody_gets() {
    let scene = Scene::set().await;
    scene.shared("for the first supporter").await;
    let hostile = scene.hostile().await;
    let journal = scene.owner().vault.journal();
    let unknown = daymark_wire::SpaceId::from_bytes([0x77; 16]);
    for space in [journal, scene.circle.bonds[1], unknown] {
        let shown = hostile.fetch(scene.relay.address(), space).await;
        assert_eq!(shown.spaces, [SpaceReply::empty(space)]);
    }
    // With the relay's help they get the journal as it lies there, and open nothing of it.
    let whole = Hoard::of_everything(&scene.relay).await.of_space(journal);
    assert!(whole.records().count() > 0);
    let keys = SeenKeys::of(&scene.supporter().vault).await;
    let opened = keys.open(&whole);
    assert_eq!(opened.records.len(), 0);
    // Nor does their client take it in.
    let records: Vec<_> = whole.records().cloned().collect();
    scene.relay.alter(move |_, reply| {
        for space in &mut reply.spaces {
            space.records.extend(records.iter().cloned());
        }
    });
    let report = scene.supporter().sync().await;
    assert!(names(&report).iter().all(|name| *name == "bad-record"));
    assert!(!report.faults.is_empty());
    assert_eq!(scene.supporter().texts().await, Vec::<String>::new());
    assert_eq!(scene.received().await, ["for the first supporter"]);
    scene.heals().await;
}

#[tokio::test]
async fn e4_a_locked_vault_shares_and_receives_nothing() {
    let scene = Scene::set().await;
    let entry = scene
        .owner()
        .write("written, and the vault is locked")
        .await;
    scene.share(entry).await;
    let folder = scene.owner().vault.folder().to_owned();
    let key = scene.owner().vault.key();
    scene.owner().vault.clone().close().await;
    let before = scene.relay.exchanges().len();
    let locked = Vault::open(&folder).await.unwrap();
    // All that can be asked of a locked vault is to be unlocked.
    let refused = locked.unlock("a guess").await;
    assert!(matches!(refused, Err(VaultError::WrongPassphrase)));
    let refused = locked.unlock_with_key(scene.supporter().vault.key()).await;
    assert!(matches!(refused, Err(VaultError::WrongPassphrase)));
    // Whoever has it open still, and closed it, cannot share either.
    assert!(scene.owner().vault.sync(&|_| ()).await.is_err());
    assert!(scene.owner().vault.who_sees(None).await.is_err());
    assert_eq!(
        scene.relay.exchanges().len(),
        before,
        "and nobody asks the relay"
    );
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, Vec::<String>::new());
    let owner = locked.unlock_with_key(key).await.unwrap();
    owner.sync(&|_| ()).await.unwrap();
    scene.supporter().sync().await;
    assert_eq!(scene.received().await, ["written, and the vault is locked"]);
}
