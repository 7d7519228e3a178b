//! Lists, searches, and how a person names an entry.

use crate::support::{Home, entry, home};
use daymark_client::vault::{EntryName, VaultError};
use daymark_core::journal::{Query, Tag, Title};
use daymark_wire::DocumentId;

#[tokio::test]
async fn lists_are_newest_first_whatever_the_order_of_writing() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    for number in [2, 0, 3, 1] {
        vault.write(&entry(number), None).await.unwrap();
    }
    let titles = |views: Vec<std::sync::Arc<daymark_core::journal::View>>| {
        let titles = views.iter().map(|view| view.entry.title.clone());
        titles.collect::<Vec<_>>()
    };
    let day = |number| Title::parse(&format!("Day {number}")).unwrap();
    let listed = vault.list(&Query::new(), 3).await.unwrap();
    assert_eq!(titles(listed), [day(3), day(2), day(1)]);
    let even = Query::new().tag(&Tag::parse("even").unwrap());
    let found = vault.search(&even).await.unwrap();
    assert_eq!(titles(found), [day(2), day(0)]);
    assert_eq!(vault.count().await.unwrap(), 4);
    let oldest = vault.views().await.unwrap();
    assert_eq!(oldest.iter().next_back().unwrap().entry, entry(0));
}

#[tokio::test]
async fn an_entry_is_named_by_its_first_digits_or_its_place() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    let ids = [
        [0xab; 16],
        {
            let mut near = [0xab; 16];
            near[1] = 0xac;
            near
        },
        [0x0c; 16],
    ]
    .map(DocumentId::from_bytes);
    for (number, id) in ids.into_iter().enumerate() {
        vault.write(&entry(number), Some(id)).await.unwrap();
    }
    let name = |text: &str| text.parse::<EntryName>().unwrap();
    for (given, id) in [
        ("abab", ids[0]),
        ("ABAC", ids[1]),
        (" 0 ", ids[2]),
        ("0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", ids[2]),
        ("@1", ids[2]),
        ("@3", ids[0]),
    ] {
        assert_eq!(vault.find(&name(given)).await.unwrap(), id, "{given}");
    }
    assert_eq!(vault.find(&ids[1].into()).await.unwrap(), ids[1]);
    let ambiguous = vault.find(&name("aba")).await;
    assert!(
        matches!(ambiguous, Err(VaultError::Ambiguous { candidates }) if candidates == ids[..2])
    );
    for nothing in ["@4", "abad", "ff"] {
        assert!(matches!(
            vault.find(&name(nothing)).await,
            Err(VaultError::NotFound)
        ));
    }
    for no_name in ["", "@0", "@", "@-1", "xyz", "é", &"a".repeat(33)] {
        assert!(
            matches!(no_name.parse::<EntryName>(), Err(VaultError::NotFound)),
            "{no_name}"
        );
    }
}

#[tokio::test]
async fn views_follow_every_write_of_the_same_opening() {
    let Home {
        vault,
        folder: _kept,
    } = home().await;
    for number in 0..200 {
        vault.write(&entry(number), None).await.unwrap();
        if number % 50 == 0 {
            assert_eq!(vault.views().await.unwrap().len(), number + 1);
        }
    }
    let views = vault.views().await.unwrap();
    let numbers: Vec<_> = (0..200).rev().map(entry).collect();
    let listed: Vec<_> = views.iter().map(|view| view.entry.clone()).collect();
    assert_eq!(listed, numbers);
}
