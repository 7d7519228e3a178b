//! A new account key of one's own comes with an epoch of the journal, and opens what was wrapped for it in bonds.

use super::*;
use crate::{
    account::begin_epoch,
    keys::{AccountKeys, WrappingKey},
    sync::{Fault, Machine},
};
use daymark_wire::{
    Have, LogId, Signed, Suite,
    logs::{AccountContent, AccountLink, Author, LinkBody},
    sync::News,
};

/// The owner's other device says that there is a new account key; gives the journal's epoch that brings it.
fn new_account_key(two: &Two) -> (TravelLink, TravelLink) {
    let key = WrappingKey::generate(&two.random).unwrap();
    let account = two.journal.logs.account();
    let body = LinkBody {
        suite: Suite::One,
        log: LogId::from(account.id()),
        position: account.length() + 1,
        previous: account.last(),
        author: Author::Device(two.journal.device.id()),
        rests_on: Vec::new(),
        content: AccountContent::AccountKey { key: key.public() },
    };
    let link: AccountLink = Signed::sign(body, two.journal.device.signing());
    let link = link.to_travel(None);
    let mut logs = two.journal.logs.as_journal().unwrap().clone();
    assert_eq!(logs.take(std::slice::from_ref(&link)).fault, None);
    let mut keys: AccountKeys = two.journal.account_keys.clone();
    keys.wrapping.insert(0, key);
    let device = &two.journal.device;
    let (epoch, _) = begin_epoch(&logs, &keys, Have::default(), None, device, &two.random).unwrap();
    (link, epoch)
}

/// The supporter begins two epochs one after the other, wrapped for the new key.
fn two_epochs(two: &mut Two, new_key: &TravelLink) -> Vec<TravelLink> {
    let supporter = &mut two.supporter;
    supporter.take_links(std::slice::from_ref(new_key), &mut Intake::default());
    let mut links = Vec::new();
    for n in [1, 2] {
        wish(supporter, forget(document(n)));
        let link = next_link(supporter, &two.random).unwrap();
        supporter.take_links(std::slice::from_ref(&link), &mut Intake::default());
        links.push(link);
    }
    links
}

fn news(machines: &mut Machines, links: Vec<TravelLink>, random: &Random) -> Vec<Intake> {
    let news = News {
        links,
        space: None,
        records: Vec::new(),
    };
    let step = machines.news(&news, &OneWorker, random).unwrap();
    stored(machines, step, random)
}

#[test]
fn epochs_of_a_bond_that_came_before_the_key_open_when_the_journal_hands_it_on() {
    let mut two = Two::new();
    let (new_key, epoch) = new_account_key(&two);
    let of_bond = two_epochs(&mut two, &new_key);
    let random = &two.random;
    let space = two.owner.space();
    let mut machines = Machines::new(Machine::new(two.journal), [Machine::new(two.owner)]);
    let request = start(&mut machines, random);
    let step = machines.replied(reply(&request, Vec::new()), &OneWorker, random);
    stored(&mut machines, step.unwrap(), random);

    let intakes = news(&mut machines, [vec![new_key], of_bond].concat(), random);
    let faults: BTreeSet<Fault> = intakes.into_iter().flat_map(|taken| taken.faults).collect();
    assert!(faults.contains(&Fault::LockedOut));
    let bond = machines.machine(space).unwrap().replica();
    assert_eq!(bond.epochs.len(), 1, "the first");

    let intakes = news(&mut machines, vec![epoch], random);
    let faults: BTreeSet<Fault> = intakes.into_iter().flat_map(|taken| taken.faults).collect();
    assert_eq!(faults, BTreeSet::new());
    let bond = machines.machine(space).unwrap().replica();
    assert_eq!(bond.epochs.len(), 3);
}

#[test]
fn a_bond_that_is_shown_its_epoch_beside_the_journals_is_never_locked_out() {
    let mut two = Two::new();
    let (new_key, epoch) = new_account_key(&two);
    let of_bond = two_epochs(&mut two, &new_key);
    let random = &two.random;
    let mut machines = Machines::new(Machine::new(two.journal), [Machine::new(two.owner)]);
    let request = start(&mut machines, random);
    let shown = [vec![new_key, epoch], of_bond].concat();
    let step = machines.replied(reply(&request, shown), &OneWorker, random);
    let intakes = stored(&mut machines, step.unwrap(), random);
    assert!(intakes.iter().all(|taken| taken.faults.is_empty()));
}

/// A crash may come between two machines' work: what a bond keeps never rests on more than the journal has kept.
#[test]
fn links_of_ones_own_account_are_stored_by_the_journal_before_a_bond_takes_them() {
    let mut two = Two::new();
    let (account, epoch) = new_account_key(&two);
    two.wish_owner_ends();
    let (journal, random) = (two.journal.space(), &two.random);
    let mut machines = Machines::new(Machine::new(two.journal), [Machine::new(two.owner)]);
    let request = start(&mut machines, random);
    let mut step = machines
        .replied(reply(&request, Vec::new()), &OneWorker, random)
        .unwrap();
    while let Step::Work(space, work) = step {
        let event = match work {
            Work::KeepLink(_) => Event::LinkKept,
            _ => Event::Stored { waiting: false },
        };
        step = machines.handle(space, event, &OneWorker, random).unwrap();
    }
    let Step::Send(request) = step else {
        panic!("{step:?}");
    };
    assert_eq!(
        request.spaces.len(),
        1,
        "the bond alone has something to say"
    );
    let shown = SyncReply {
        append: AppendOutcome::NotNext,
        ..reply(&request, vec![account, epoch])
    };
    let first = machines.replied(shown, &OneWorker, random).unwrap();
    assert!(matches!(first, Step::Work(space, Work::Store(_)) if space == journal));
}
