//! Several openings and several programs with one vault; programs that die, and disks that fail (threat L2).

use crate::support::{Home, child, entry, given_folder, home, said, say, unlock};
use daymark_client::vault::{NewEntry, Vault, VaultError};
use daymark_core::journal::{Edit, Query, Step, Tag};
use daymark_wire::DocumentId;
use std::collections::BTreeSet;

#[tokio::test]
async fn two_openings_see_what_the_other_writes() {
    let Home { folder, vault: one } = home().await;
    let two = unlock(folder.path()).await;
    assert!(
        one.changed_elsewhere().await.unwrap(),
        "asked for the first time"
    );
    assert!(!one.changed_elsewhere().await.unwrap());

    one.write(&entry(1), None).await.unwrap();
    assert!(!one.changed_elsewhere().await.unwrap(), "its own");
    assert_eq!(two.list(&Query::new(), 9).await.unwrap().len(), 1);
    let id = two.write(&entry(2), None).await.unwrap();
    assert!(one.changed_elsewhere().await.unwrap());
    assert!(!one.changed_elsewhere().await.unwrap());
    assert_eq!(one.read(id).await.unwrap().entry, entry(2));
    assert_eq!(one.views().await.unwrap().len(), 2);
}

#[tokio::test]
async fn edits_of_one_entry_by_two_openings_at_once_both_stay() {
    let Home { folder, vault: one } = home().await;
    let two = unlock(folder.path()).await;
    let id = one.write(&entry(1), None).await.unwrap();
    let tag = |name: String| Edit::from(Step::AddTag(Tag::parse(&name).unwrap()));
    for round in 0..10 {
        let (ones, twos) = (tag(format!("one {round}")), tag(format!("two {round}")));
        let (a, b) = tokio::join!(one.edit(id, &ones), two.edit(id, &twos));
        assert!(a.unwrap() && b.unwrap());
    }
    for vault in [&one, &two] {
        assert_eq!(vault.read(id).await.unwrap().entry.tags.len(), 21);
    }
    assert_eq!(one.unsent().await.unwrap(), 21);
}

#[tokio::test]
async fn two_programs_write_at_once() {
    let Home { folder, vault } = home().await;
    let mut other = child("processes::a_child_adds", folder.path(), "")
        .spawn()
        .unwrap();
    let mut lines = said(&mut other);
    let mut ids = BTreeSet::from([lines.next().unwrap()]);
    for number in 0..30 {
        ids.insert(vault.write(&entry(number), None).await.unwrap().to_string());
    }
    ids.extend(lines.by_ref().take(20));
    other.kill().unwrap();
    ids.extend(lines);
    other.wait().unwrap();
    assert_all_there(&vault, &ids).await;
}

#[tokio::test]
async fn l2_what_was_acknowledged_survives_kill_minus_nine() {
    let Home { folder, vault } = home().await;
    vault.close().await;
    let mut ids = BTreeSet::new();
    for after in [1, 7, 25] {
        let mut doomed = child("processes::a_child_adds", folder.path(), "")
            .spawn()
            .unwrap();
        let mut lines = said(&mut doomed);
        ids.extend(lines.by_ref().take(after));
        doomed.kill().unwrap();
        ids.extend(lines);
        doomed.wait().unwrap();
        let vault = unlock(folder.path()).await;
        assert_all_there(&vault, &ids).await;
        vault.close().await;
    }
}

#[tokio::test]
async fn l2_an_import_killed_half_way_goes_on_where_it_was() {
    let Home { folder, vault } = home().await;
    vault.close().await;
    let mut doomed = child("processes::a_child_imports", folder.path(), "")
        .spawn()
        .unwrap();
    let mut lines = said(&mut doomed);
    let told: usize = lines.next().unwrap().parse().unwrap();
    doomed.kill().unwrap();
    let told = lines.last().map_or(told, |last| last.parse().unwrap());
    doomed.wait().unwrap();

    let vault = unlock(folder.path()).await;
    let there = vault.count().await.unwrap();
    assert!(
        there >= told && there.is_multiple_of(500),
        "{there} of {told}"
    );
    let written = vault
        .write_many((0..IMPORTED).map(numbered), |_| ())
        .await
        .unwrap();
    assert_eq!(
        (written.added, written.already_there),
        (IMPORTED - there, there)
    );
    assert_eq!(vault.unsent().await.unwrap(), IMPORTED as u64);
    assert_eq!(vault.views().await.unwrap().len(), IMPORTED);
}

/// Every file may grow to 1 MiB only: the write-ahead log soon cannot.
#[tokio::test]
async fn l2_a_failing_write_leaves_no_torn_state() {
    let Home { folder, vault } = home().await;
    vault.close().await;
    let limit = "trap '' XFSZ; ulimit -f 2048;";
    let mut limited = child(
        "processes::a_child_adds_until_it_fails",
        folder.path(),
        limit,
    )
    .spawn()
    .unwrap();
    let ids: BTreeSet<_> = said(&mut limited).collect();
    assert!(limited.wait().unwrap().success());
    assert!(!ids.is_empty());
    let vault = unlock(folder.path()).await;
    assert_all_there(&vault, &ids).await;
    vault.write(&entry(0), None).await.unwrap();
}

/// A disk of 3 MiB. Needs a system that lets one mount such a disk for oneself.
#[tokio::test]
async fn l2_a_full_disk_leaves_no_torn_state() {
    let Home { folder, vault } = home().await;
    vault.close().await;
    let home = folder.path().display();
    let script = format!(
        "if [ -z \"$INSIDE\" ]; then INSIDE=1 exec unshare -rm sh -c 'mkdir \"$DAYMARK_TEST_FOLDER\"/disk && \
         mount -t tmpfs -o size=3m none \"$DAYMARK_TEST_FOLDER\"/disk && \
         cp {home}/vault.sqlite {home}/disk/ && DAYMARK_TEST_FOLDER={home}/disk \
         exec \"$0\" --exact --ignored --nocapture --quiet \"$1\"' \"$0\" \"$1\"; fi;"
    );
    let possible = std::process::Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "none", "/tmp"])
        .output();
    if !possible.is_ok_and(|tried| tried.status.success()) {
        eprintln!("left out: no disk can be mounted here");
        return;
    }
    let mut full = child("processes::a_child_fills_the_disk", folder.path(), &script)
        .spawn()
        .unwrap();
    let lines: Vec<_> = said(&mut full).collect();
    assert!(full.wait().unwrap().success());
    assert_eq!(lines.last().map(String::as_str), Some("whole"));
}

#[tokio::test]
#[ignore = "another process of the tests above"]
async fn a_child_adds() {
    let vault = unlock(&given_folder()).await;
    for number in 0.. {
        say(vault.write(&entry(number % 5000), None).await.unwrap());
    }
}

#[tokio::test]
#[ignore = "another process of the tests above"]
async fn a_child_imports() {
    let vault = unlock(&given_folder()).await;
    vault
        .write_many((0..IMPORTED).map(numbered), say)
        .await
        .unwrap();
}

#[tokio::test]
#[ignore = "another process of the tests above"]
async fn a_child_adds_until_it_fails() {
    let vault = unlock(&given_folder()).await;
    let (ids, error) = add_until_it_fails(&vault).await;
    assert!(
        matches!(error, VaultError::Disk(_) | VaultError::DiskFull),
        "{error:?}"
    );
    assert_all_there(&vault, &ids).await;
    for id in ids {
        say(id);
    }
}

#[tokio::test]
#[ignore = "another process of the tests above"]
async fn a_child_fills_the_disk() {
    let vault = unlock(&given_folder()).await;
    let (ids, error) = add_until_it_fails(&vault).await;
    assert!(matches!(error, VaultError::DiskFull), "{error:?}");
    assert_all_there(&vault, &ids).await;
    vault.close().await;
    let vault = unlock(&given_folder()).await;
    assert_all_there(&vault, &ids).await;
    say("whole");
}

async fn add_until_it_fails(vault: &Vault) -> (BTreeSet<String>, VaultError) {
    let mut ids = BTreeSet::new();
    for number in 0..5000 {
        match vault.write(&entry(number), None).await {
            Ok(id) => ids.insert(id.to_string()),
            Err(error) => return (ids, error),
        };
    }
    panic!("nothing failed");
}

const IMPORTED: usize = 4000;

fn numbered(number: usize) -> NewEntry {
    let mut id = [1; 16];
    id[..8].copy_from_slice(&(number as u64).to_be_bytes());
    NewEntry {
        entry: entry(number),
        id: Some(DocumentId::from_bytes(id)),
    }
}

/// Every one of these entries is there, and whatever else is there is whole: document, view, change.
async fn assert_all_there(vault: &Vault, ids: &BTreeSet<String>) {
    let views = vault.views().await.unwrap();
    let listed: BTreeSet<_> = views.iter().map(|view| view.id.to_string()).collect();
    assert!(ids.is_subset(&listed), "{} of {}", listed.len(), ids.len());
    assert_eq!(listed.len(), views.len());
    assert_eq!(vault.count().await.unwrap(), views.len());
    assert_eq!(vault.unsent().await.unwrap(), views.len() as u64);
    for view in views.iter() {
        assert_eq!(vault.read(view.id).await.unwrap(), **view);
        let nothing = Edit::from(Step::Title(view.entry.title.clone().into()));
        assert!(!vault.edit(view.id, &nothing).await.unwrap());
    }
}
