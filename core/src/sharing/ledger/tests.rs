use super::*;
use crate::{
    bonds::{InvitationSecret, Pin},
    journal::{Day, Reason},
    secret::Secret,
    sharing::{ContentDigest, CopyNumber, Parts},
};
use automerge::{ObjType, ROOT};
use daymark_wire::{
    DeviceId, Hash, SigningKey,
    logs::{EndReason, Role},
    record::ExpiryDay,
};
use jiff::Timestamp;
use zeroize::Zeroizing;

const ENTRY: DocumentId = DocumentId::from_bytes([0xe7; 16]);
const BOND_ID: SpaceId = SpaceId::from_bytes([0xb0; 16]);
const SHARE_ID: ShareId = ShareId::from_bytes([0x5a; 16]);

fn actor(byte: u8) -> Actor {
    Actor::new(DeviceId::from_bytes([byte; 16]), [byte; 8])
}

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_600_000_000 + second).unwrap()
}

fn document(byte: u8) -> DocumentId {
    DocumentId::from_bytes([byte; 16])
}

fn published(number: u8) -> Published {
    let mut copy = CopyNumber::FIRST;
    for _ in 1..number {
        copy = copy.next().unwrap();
    }
    Published {
        number: copy,
        digest: ContentDigest::from_bytes([number; 32]),
        expires: ExpiryDay(u32::from(number)),
        made: [Made::ByPerson, Made::ByItself, Made::TakenBack][usize::from(number % 3)],
    }
}

fn person(name: &str) -> Person {
    Person::parse(name).unwrap()
}

fn alias(name: &str, alias: &str) -> LedgerItem {
    LedgerItem::Alias(person(name), Some(Alias::parse(alias).unwrap()))
}

/// A bond with something in every field.
fn bond() -> BondEntry {
    let secret = Secret::new(Zeroizing::new([0x5e; 32]));
    let root = SigningKey::from_seed(&Zeroizing::new([9; 32])).verifying_key();
    BondEntry {
        role: Role::Owner,
        name: person("a supporter"),
        secret: Some(InvitationSecret::from_secret(secret)),
        accept: Some(Hash::from_bytes([0xac; 32])),
        since: Some(time(3)),
        pin: Some(Pin {
            root,
            verified: Some("12345 ".repeat(12).parse().unwrap()),
        }),
        muted: true,
        hidden: [document(3), document(4)].into(),
        forget: [document(5)].into(),
        looked_at: [Hash::from_bytes([0x10; 32])].into(),
        closed: Some(Closed {
            why: EndReason::Lapsed,
            at: time(6),
        }),
        ended: Some(time(7)),
    }
}

/// A share with something in every field.
fn share() -> ShareEntry {
    ShareEntry {
        entry: ENTRY,
        bond: BOND_ID,
        parts: Some(
            "title, answer:\"What helped, even a little?\", day"
                .parse()
                .unwrap(),
        ),
        why: Some(Reason::parse("so that we can talk about it").unwrap()),
        since: time(0),
        until: Some("2026-12-31".parse().unwrap()),
        keep_updated: true,
        said: time(8),
        copies: [(document(1), published(1)), (document(2), published(2))].into(),
        forgotten: [(document(3), published(1))].into(),
        ended: Some(time(9)),
    }
}

fn new_share() -> ShareEntry {
    ShareEntry::new(ENTRY, BOND_ID, Parts::default(), time(0))
}

fn page(items: &[LedgerItem]) -> LedgerPage {
    let mut page = LedgerPage::start().unwrap();
    page.write(actor(1), items).unwrap().unwrap();
    page
}

fn write(page: &mut LedgerPage, device: u8, item: LedgerItem) {
    page.write(actor(device), &[item]).unwrap().unwrap();
}

/// Both as they are after each heard of the other.
fn merge(mut one: LedgerPage, mut other: LedgerPage) -> LedgerPage {
    one.document.merge(&mut other.document).unwrap();
    other.document.merge(&mut one.document).unwrap();
    assert_eq!(one.bonds(), other.bonds());
    assert_eq!(one.shares(), other.shares());
    assert_eq!(one.people(), other.people());
    one
}

#[test]
fn what_is_written_reads_the_same_and_survives_saving() {
    let items = [
        LedgerItem::Bond(BOND_ID, bond()),
        LedgerItem::Share(SHARE_ID, share()),
        alias("Anna / Lena", "A."),
    ];
    let page = page(&items);
    let loaded = LedgerPage::from_automerge(Automerge::load(&page.save()).unwrap());
    for page in [page, loaded] {
        assert_eq!(page.bonds(), [(BOND_ID, bond())].into());
        assert_eq!(page.bond(BOND_ID), Some(bond()));
        assert_eq!(page.shares(), [(SHARE_ID, share())].into());
        assert_eq!(page.share(SHARE_ID), Some(share()));
        assert_eq!(page.aliases().replace("With Anna / Lena"), "With A.");
    }
}

#[test]
fn an_empty_page_has_nothing() {
    for page in [
        LedgerPage::start().unwrap(),
        LedgerPage::from_automerge(Automerge::new()),
    ] {
        assert!(page.bonds().is_empty() && page.shares().is_empty() && page.people().is_empty());
        assert_eq!((page.bond(BOND_ID), page.share(SHARE_ID)), (None, None));
    }
    let mut without_its_first_change = LedgerPage::from_automerge(Automerge::new());
    let refused = without_its_first_change.write(actor(1), &[alias("Anna", "A.")]);
    assert_eq!(refused, Err(JournalError::Document.into()));
}

#[test]
fn only_what_differs_is_written() {
    let items = [
        LedgerItem::Bond(BOND_ID, bond()),
        LedgerItem::Share(SHARE_ID, share()),
        alias("Anna", "A."),
    ];
    let mut page = page(&items);
    let before = page.save();
    assert_eq!(page.write(actor(1), &items), Ok(None));
    assert_eq!(page.write(actor(1), &[]), Ok(None));
    assert_eq!(page.save(), before);
}

#[test]
fn shares_are_found_by_entry_and_by_bond() {
    let (second, third) = (ShareId::from_bytes([2; 16]), ShareId::from_bytes([3; 16]));
    let other_bond = SpaceId::from_bytes([0xb1; 16]);
    let with_another = ShareEntry::new(ENTRY, other_bond, Parts::default(), time(1));
    let of_another = ShareEntry::new(document(8), BOND_ID, Parts::default(), time(2));
    let page = page(&[
        LedgerItem::Share(SHARE_ID, new_share()),
        LedgerItem::Share(second, with_another),
        LedgerItem::Share(third, of_another),
    ]);
    let of_entry: Vec<_> = page.shares_of(ENTRY).into_keys().collect();
    assert_eq!(of_entry, [second, SHARE_ID]);
    let with_bond: Vec<_> = page.shares_with(BOND_ID).into_keys().collect();
    assert_eq!(with_bond, [third, SHARE_ID]);
    assert!(page.shares_of(document(9)).is_empty());
}

#[test]
fn what_two_devices_write_at_once_both_stays() {
    let start = page(&[LedgerItem::Bond(BOND_ID, bond())]);
    let (mut one, mut other) = (start.clone(), start);
    write(&mut one, 1, LedgerItem::Share(SHARE_ID, new_share()));
    write(&mut one, 1, alias("Anna", "A."));
    let renamed = BondEntry {
        name: person("my friend"),
        ..bond()
    };
    write(&mut one, 1, LedgerItem::Bond(BOND_ID, renamed.clone()));
    let second = ShareId::from_bytes([2; 16]);
    write(&mut other, 2, LedgerItem::Share(second, new_share()));
    write(&mut other, 2, alias("Ben", "B."));
    let completed = BondEntry {
        secret: None,
        muted: false,
        ..bond()
    };
    write(&mut other, 2, LedgerItem::Bond(BOND_ID, completed.clone()));
    let merged = merge(one, other);
    assert_eq!(merged.shares().len(), 2);
    assert_eq!(merged.aliases().replace("Anna, Ben"), "A., B.");
    let both = BondEntry {
        name: renamed.name,
        ..completed
    };
    assert_eq!(merged.bond(BOND_ID), Some(both));
}

#[test]
fn of_one_key_written_at_once_one_value_stands_everywhere() {
    let start = page(&[LedgerItem::Bond(BOND_ID, bond())]);
    let (mut one, mut other) = (start.clone(), start);
    for (page, device, name) in [(&mut one, 1, "one name"), (&mut other, 2, "another name")] {
        let renamed = BondEntry {
            name: person(name),
            ..bond()
        };
        write(page, device, LedgerItem::Bond(BOND_ID, renamed));
    }
    let name = merge(one, other).bond(BOND_ID).unwrap().name;
    assert!(["one name", "another name"].contains(&name.as_str()));
}

#[test]
fn copies_published_at_once_are_all_known() {
    let first = ShareEntry {
        copies: [(document(1), published(1))].into(),
        ..new_share()
    };
    let start = page(&[LedgerItem::Share(SHARE_ID, first.clone())]);
    let (mut one, mut other) = (start.clone(), start);
    for (page, device) in [(&mut one, 2), (&mut other, 3)] {
        let again = ShareEntry {
            copies: [(document(device), published(2))].into(),
            ..first.clone()
        };
        write(page, device, LedgerItem::Share(SHARE_ID, again));
    }
    let merged = merge(one, other).share(SHARE_ID).unwrap();
    let known: Vec<_> = merged.copies.keys().copied().collect();
    assert_eq!(known, [document(2), document(3)]);
    assert_eq!(merged.next_number(), Some(published(3).number));
}

/// K1, J3: each says something of a share that neither would have said with what the other says.
#[test]
fn of_terms_that_two_devices_give_at_once_nothing_holds_that_one_did_not_say() {
    let day = |text: &str| Some(text.parse::<Day>().unwrap());
    let terms = |parts: &str, until: Option<Day>, keep_updated: bool| ShareEntry {
        parts: Some(parts.parse().unwrap()),
        until,
        keep_updated,
        said: time(1),
        ..new_share()
    };
    let (soon, later) = (day("2026-12-01"), day("2026-12-31"));
    // The one's, the other's, and then: the last day, and whether it is kept up to date.
    let cases = [
        (
            terms("title", None, true),
            terms("title, text", None, false),
            (None, false),
        ),
        (
            terms("title", None, true),
            terms("title, text", None, true),
            (None, false),
        ),
        (
            terms("title", soon, true),
            terms("title", later, true),
            (soon, true),
        ),
        (
            terms("title", None, true),
            terms("title", later, true),
            (later, true),
        ),
        // Said once more, as it was.
        (
            terms("title", soon, true),
            terms("title", None, false),
            (soon, false),
        ),
    ];
    let start = page(&[LedgerItem::Share(SHARE_ID, terms("title", None, false))]);
    for (of_one, of_other, expected) in cases {
        let (mut one, mut other) = (start.clone(), start.clone());
        let said = [(2, of_one.clone()), (3, of_other.clone())];
        for (page, (device, share)) in [&mut one, &mut other].into_iter().zip(said) {
            let share = ShareEntry {
                said: time(i64::from(device)),
                ..share
            };
            write(page, device, LedgerItem::Share(SHARE_ID, share));
        }
        let mut merged = merge(one, other);
        let share = merged.share(SHARE_ID).unwrap();
        assert_eq!((share.until, share.keep_updated), expected);
        assert!([&of_one.parts, &of_other.parts].contains(&&share.parts));
        // What no person says changes nothing of it; what one says then stands alone.
        let copied = ShareEntry {
            copies: [(document(1), published(1))].into(),
            ..share
        };
        write(&mut merged, 2, LedgerItem::Share(SHARE_ID, copied.clone()));
        assert_eq!(merged.share(SHARE_ID), Some(copied.clone()));
        let anew = ShareEntry {
            until: None,
            keep_updated: true,
            said: time(9),
            ..copied
        };
        write(&mut merged, 3, LedgerItem::Share(SHARE_ID, anew.clone()));
        assert_eq!(merged.share(SHARE_ID), Some(anew));
    }
}

#[test]
fn b5_what_only_another_history_named_is_a_copy_as_before() {
    let share = ShareEntry {
        copies: [(document(1), published(2))].into(),
        forgotten: [(document(2), published(1)), (document(3), published(3))].into(),
        ..new_share()
    };
    assert_eq!(share.next_number(), Some(published(4).number));
    let here = share.with_forgotten(&[document(3)].into());
    let copies: Vec<_> = here.copies.into_keys().collect();
    assert_eq!(copies, [document(1), document(2)]);
}

#[test]
fn what_one_device_took_back_stays_taken_back() {
    let start = page(&[LedgerItem::Share(SHARE_ID, new_share())]);
    let (mut one, mut other) = (start.clone(), start);
    let ended = ShareEntry {
        ended: Some(time(5)),
        ..new_share()
    };
    write(&mut one, 1, LedgerItem::Share(SHARE_ID, ended));
    let again = ShareEntry {
        copies: [(document(2), published(2))].into(),
        keep_updated: true,
        ..new_share()
    };
    write(&mut other, 2, LedgerItem::Share(SHARE_ID, again.clone()));
    let mut merged = merge(one, other);
    // Not even who writes what they read before can open it again.
    assert_eq!(
        merged.write(actor(2), &[LedgerItem::Share(SHARE_ID, again)]),
        Ok(None)
    );
    let share = merged.share(SHARE_ID).unwrap();
    assert_eq!(share.ended, Some(time(5)));
    assert!(!share.is_open("2020-01-01".parse().unwrap()));
    assert_eq!(share.copies.len(), 1, "still to be forgotten");
}

#[test]
fn a_bond_that_one_device_ended_stays_ended() {
    let going_on = BondEntry {
        ended: None,
        ..bond()
    };
    let start = page(&[LedgerItem::Bond(BOND_ID, going_on.clone())]);
    let (mut one, mut other) = (start.clone(), start);
    write(&mut one, 1, LedgerItem::Bond(BOND_ID, bond()));
    let renamed = BondEntry {
        name: person("my friend"),
        ..going_on
    };
    write(&mut other, 2, LedgerItem::Bond(BOND_ID, renamed.clone()));
    let mut merged = merge(one, other);
    let refused = merged.write(actor(2), &[LedgerItem::Bond(BOND_ID, renamed.clone())]);
    assert_eq!(refused, Ok(None));
    let both = BondEntry {
        ended: bond().ended,
        ..renamed
    };
    assert_eq!(merged.bond(BOND_ID), Some(both));
}

#[test]
fn what_a_later_version_wrote_is_passed_over_and_kept() {
    let mut page = page(&[
        LedgerItem::Bond(BOND_ID, bond()),
        LedgerItem::Share(SHARE_ID, new_share()),
    ]);
    let later = [
        (format!("share/{SHARE_ID}/colour"), "green"),
        (format!("share/{SHARE_ID}/terms"), "as nobody says them yet"),
        (format!("bond/{BOND_ID}/muted"), "on Sundays"),
        (format!("bond/{}/role", "7".repeat(32)), "gardener"),
        ("share/of a later sort".to_owned(), "x"),
        ("share/x/y".to_owned(), "x"),
        ("garden/anything".to_owned(), "x"),
    ];
    let map = Page::Ledger.map(&page.document).unwrap();
    let mut transaction = page.document.transaction();
    for (key, value) in &later {
        transaction.put(&map, key, *value).unwrap();
    }
    let nested = transaction.put_object(&map, "alias/Anna", ObjType::Map);
    transaction.put(nested.unwrap(), "x", 1).unwrap();
    transaction.put(&map, "alias/Ben", 7).unwrap();
    transaction.put(ROOT, "beside", 7).unwrap();
    transaction.commit();

    assert_eq!((page.bonds().len(), page.shares().len()), (1, 1));
    assert!(page.people().is_empty());
    let mut share = page.share(SHARE_ID).unwrap();
    assert_eq!(share.parts, None, "not guessed");
    share.ended = Some(time(3));
    let bond = BondEntry {
        name: person("my friend"),
        ..page.bond(BOND_ID).unwrap()
    };
    assert!(!bond.muted);
    write(&mut page, 1, LedgerItem::Share(SHARE_ID, share));
    write(&mut page, 1, LedgerItem::Bond(BOND_ID, bond));
    for (key, value) in later {
        let (kept, _) = page.document.get(&map, &key).unwrap().unwrap();
        assert_eq!(kept.as_str(), Some(value), "{key}");
    }
}

#[test]
fn a_name_has_one_alias_in_whatever_case_it_is_given() {
    let mut page = page(&[alias("Anna", "A."), alias("Ben", "B.")]);
    write(&mut page, 1, alias("ANNA", "my sister"));
    assert_eq!(page.people().len(), 2);
    assert_eq!(page.aliases().replace("Anna"), "my sister");
    write(&mut page, 1, LedgerItem::Alias(person("anna"), None));
    assert_eq!(page.aliases().replace("Anna, Ben"), "Anna, B.");
    let before = page.save();
    let refused = page.write(actor(1), &[alias("Zoë", "Z."), alias("Ben", "old ben")]);
    assert_eq!(refused, Err(SharingError::AliasSaysName));
    assert_eq!(page.save(), before);
}

#[test]
fn a_share_lasts_to_the_end_of_its_last_day() {
    let day = |text: &str| text.parse::<Day>().unwrap();
    let until = |text: &str| ShareEntry {
        until: Some(day(text)),
        ..new_share()
    };
    assert_eq!(new_share().expires(), ExpiryDay(0));
    assert!(new_share().is_open(day("9999-12-31")));
    assert_eq!(until("1970-01-01").expires(), ExpiryDay(1));
    assert_eq!(until("2026-12-31").expires(), ExpiryDay(20_819));
    assert_eq!(until("1950-01-01").expires(), ExpiryDay(1));
    assert!(until("2026-12-31").is_open(day("2026-12-31")));
    assert!(!until("2026-12-31").is_open(day("2027-01-01")));
    assert_eq!(new_share().next_number(), Some(CopyNumber::FIRST));
}

#[test]
fn debug_shows_no_secret() {
    insta::assert_debug_snapshot!((bond(), share()));
    let page = page(&[LedgerItem::Bond(BOND_ID, bond()), alias("Anna", "A.")]);
    assert_eq!(format!("{page:?}"), "LedgerPage([redacted])");
}
