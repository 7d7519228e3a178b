//! Imports: many entries, few transactions.

use crate::support::{Home, entry, home, unlock};
use daymark_client::vault::{NewEntry, WroteMany};
use daymark_core::journal::{Edit, Query, Step, Tag, Text};
use daymark_wire::DocumentId;

fn computed(number: usize) -> DocumentId {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&(number as u64).to_be_bytes());
    DocumentId::from_bytes(id)
}

fn numbered(number: usize) -> NewEntry {
    NewEntry {
        entry: entry(number),
        id: Some(computed(number)),
    }
}

#[tokio::test]
async fn the_same_file_twice_adds_nothing() {
    let Home { folder, vault } = home().await;
    let mut told = Vec::new();
    let first = vault
        .write_many((0..1200).map(numbered), |done| told.push(done))
        .await;
    let all = WroteMany {
        added: 1200,
        ..WroteMany::default()
    };
    assert_eq!(first.unwrap(), all);
    assert_eq!(told, [500, 1000, 1200]);
    let again = vault.write_many((0..1200).map(numbered), |_| ()).await;
    let none = WroteMany {
        already_there: 1200,
        ..WroteMany::default()
    };
    assert_eq!(again.unwrap(), none);
    assert_eq!(vault.count().await.unwrap(), 1200);
    assert_eq!(vault.unsent().await.unwrap(), 1200);
    vault.close().await;

    let vault = unlock(folder.path()).await;
    let views = vault.views().await.unwrap();
    assert_eq!(views.len(), 1200);
    assert_eq!(views.nth(1).unwrap().id, computed(1199));
}

#[tokio::test]
async fn one_bad_entry_does_not_stop_the_rest() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    let mut entries: Vec<_> = (0..5).map(numbered).collect();
    entries[3].entry.tags = (0..101)
        .map(|n| Tag::parse(&format!("t{n}")).unwrap())
        .collect();
    entries[4].id = entries[0].id;
    let written = vault.write_many(entries, |_| ()).await.unwrap();
    assert_eq!((written.added, written.already_there), (3, 1));
    assert_eq!(written.refused.len(), 1);
    assert_eq!(written.refused[0].0, 3);
    assert_eq!(vault.count().await.unwrap(), 3);
}

/// An entry that outgrows its pack moves to another, and its neighbours stay.
#[tokio::test]
async fn long_entries_and_short_ones_live_together() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    vault
        .write_many((0..100).map(numbered), |_| ())
        .await
        .unwrap();
    let long = "A long day. ".repeat(5_000);
    for number in [0, 50, 99] {
        let text = Step::Text(Text::parse(long.clone()).unwrap().into());
        assert!(
            vault
                .edit(computed(number), &Edit::from(text))
                .await
                .unwrap()
        );
        let draft = Edit::from(Step::Draft(true));
        assert!(vault.edit(computed(number), &draft).await.unwrap());
    }
    vault.write(&entry(100), None).await.unwrap();
    assert_eq!(vault.count().await.unwrap(), 101);
    let views = vault.views().await.unwrap();
    assert_eq!(views.len(), 101);
    for (view, number) in views.iter().zip((0..=100).rev()) {
        let expected = entry(number);
        assert_eq!(view.entry.title, expected.title);
        let grown = [0, 50, 99].contains(&number);
        assert_eq!(view.entry.draft, grown);
        assert_eq!(view.entry.text.as_str() == long, grown);
        assert_eq!(vault.read(view.id).await.unwrap(), **view);
    }
}

/// More packs than are looked through at once.
#[tokio::test]
async fn a_search_that_keeps_nothing_finds_what_the_lists_show() {
    const ENTRIES: usize = 2500;
    let Home {
        folder: _folder,
        vault,
    } = home().await;
    // Written in another order than that of their times.
    let entries = (0..ENTRIES).map(|number| numbered(number * 7 % ENTRIES));
    vault.write_many(entries, |_| ()).await.unwrap();
    for query in [
        Query::new(),
        Query::new().words("7"),
        Query::new().words("no such word"),
    ] {
        let all = vault.search(&query).await.unwrap();
        for limit in [0, 1, 40, usize::MAX] {
            let mut found = vault.look_for(&query, limit).await.unwrap();
            assert_eq!(found.views, all[..limit.min(all.len())]);
            assert_eq!(found.all, all.len());
            found.ids.sort_unstable();
            assert!(found.ids.into_iter().eq((0..ENTRIES).map(computed)));
        }
    }
}
