//! The ledger passes the gate like any other page, and is the same on every device.

use crate::given::{aliases, parts};
use daymark_core::{
    bonds::InvitationSecret,
    gate::{self, Offered, Outcome},
    journal::{Actor, Alias, ChangeBytes, Page, Person},
    secret::Secret,
    sharing::{BondEntry, LedgerItem, LedgerPage, ShareEntry, ShareId},
};
use daymark_wire::{DeviceId, DocumentId, SpaceId, logs::Role};
use jiff::Timestamp;
use zeroize::Zeroizing;

const ENTRY: DocumentId = DocumentId::from_bytes([0xe7; 16]);
const BOND: SpaceId = SpaceId::from_bytes([0xb0; 16]);

fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 16])
}

fn write(page: &mut LedgerPage, number: u8, items: &[LedgerItem]) -> ChangeBytes {
    let actor = Actor::new(device(number), [number; 8]);
    page.write(actor, items).unwrap().unwrap()
}

fn bond() -> LedgerItem {
    let secret = Secret::new(Zeroizing::new([0x5e; 32]));
    let name = Person::parse("a supporter").unwrap();
    LedgerItem::Bond(
        BOND,
        BondEntry::new(
            Role::Owner,
            name,
            Some(InvitationSecret::from_secret(secret)),
        ),
    )
}

fn share(number: u8) -> LedgerItem {
    let since = Timestamp::from_millisecond(1_600_000_000_123).unwrap();
    let share = ShareEntry::new(ENTRY, BOND, parts("title, day"), since);
    LedgerItem::Share(ShareId::from_bytes([number; 16]), share)
}

fn alias(name: &str, alias: &str) -> LedgerItem {
    let alias = Alias::parse(alias).unwrap();
    LedgerItem::Alias(Person::parse(name).unwrap(), Some(alias))
}

/// What another device makes of these changes, in the order in which they come.
fn admitted(page: &LedgerPage, changes: &[(u8, &ChangeBytes)]) -> LedgerPage {
    let offered = changes.iter().map(|(number, change)| Offered {
        author: device(*number),
        bytes: change.as_bytes().to_vec(),
    });
    let admission = gate::admit(page.automerge(), offered.collect());
    for settled in &admission.settled {
        assert_eq!(settled.outcome, Outcome::Applied);
    }
    let admitted = admission.admitted.unwrap();
    let loaded = gate::load(&admitted.saved).unwrap();
    assert_eq!(loaded.get_heads(), admitted.document.get_heads());
    LedgerPage::from_automerge(loaded)
}

#[test]
fn changes_of_the_ledger_pass_the_gate_in_any_order() {
    let mut one = LedgerPage::start().unwrap();
    let mut other = LedgerPage::start().unwrap();
    let first = write(&mut one, 1, &[bond(), share(1), alias("Anna", "A.")]);
    let forgotten = LedgerItem::Alias(Person::parse("Anna").unwrap(), None);
    let second = write(&mut one, 1, &[share(2), forgotten, alias("Ben", "B.")]);
    let third = write(&mut other, 2, &[share(3), alias("Zoë", "Z.")]);

    let on_one = admitted(&one, &[(2, &third)]);
    let on_other = admitted(&other, &[(1, &second), (1, &first)]);
    let afresh = admitted(
        &LedgerPage::start().unwrap(),
        &[(2, &third), (1, &second), (1, &first)],
    );
    for page in [&on_one, &on_other, &afresh] {
        assert_eq!(page.shares_of(ENTRY).len(), 3);
        assert_eq!(page.bonds(), one.bonds());
        assert_eq!(page.people(), on_one.people());
        let expected = aliases(&[("Ben", "B."), ("Zoë", "Z.")]);
        let text = "Anna, Ben and Zoë";
        assert_eq!(page.aliases().replace(text), expected.replace(text));
    }
}

#[test]
fn k4_no_device_makes_the_first_change_of_the_ledger() {
    let offered = Offered {
        author: device(1),
        bytes: Page::Ledger.first_change().to_vec(),
    };
    let admission = gate::admit(&automerge::Automerge::new(), vec![offered]);
    assert!(matches!(admission.settled[0].outcome, Outcome::Refused(_)));
}
