//! Logs that somebody makes long: they end somewhere, and what was taken can be read again.

use super::super::{BondLogs, NewEpoch, Pause, Seen, Standing, begin_epoch, end};
use super::Pair;
use crate::account::LogFault;
use daymark_wire::{
    ChainId, DeviceId, Have, Incarnation, LogId, Seq, limits,
    logs::{AccountContent, Author, EndReason, LogError, TravelLink},
};

#[test]
fn k18_a_supporters_account_log_is_taken_up_to_its_end_and_then_from_root_alone() {
    let mut pair = Pair::new();
    let home = pair.supporter.account.home().unwrap().clone();
    let content = AccountContent::Move { home };
    let device = Author::Device(pair.supporter.device().id());
    while pair.supporter.account.length() < limits::MAX_ACCOUNT_LINKS {
        pair.supporter.say(device, content.clone());
    }
    pair.both_take(&[]);
    let length = |pair: &Pair| pair.logs.other().unwrap().length();
    assert_eq!(length(&pair), limits::MAX_ACCOUNT_LINKS);

    let before = pair.supporter.links.len();
    pair.supporter.say(Author::Root, content.clone());
    pair.both_take(&[]);
    assert_eq!(length(&pair), limits::MAX_ACCOUNT_LINKS + 1, "root goes on");
    pair.supporter.say(device, content);
    let links = &pair.supporter.links[before..];
    let taken = pair.logs.take(links, &pair.owner.account);
    let log = LogId::from(pair.supporter.id());
    let why = LogError::Full;
    assert_eq!(taken.fault, Some(LogFault::Broken { log, why }));
    assert_eq!(length(&pair), limits::MAX_ACCOUNT_LINKS + 1);

    // As it is stored, with more of others beside it than are kept of nobody.
    let theirs = pair.logs.links_beyond(log, 0).to_vec();
    let others: Vec<TravelLink> = (10..30)
        .flat_map(|seed| super::Person::new(seed).links)
        .collect();
    let stored = [others, pair.logs.bond_links().to_vec(), theirs].concat();
    let folded = BondLogs::fold(&stored, &pair.owner.account);
    assert_eq!(folded.as_ref(), Ok(&pair.logs));
}

#[test]
fn a_bond_log_that_is_full_pauses_its_bond_and_takes_the_end() {
    let mut pair = Pair::new();
    let mut have = Have::default();
    for number in 0..limits::MAX_CHAINS {
        let mut id = [7; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        let chain = ChainId {
            device: DeviceId::from_bytes(id),
            incarnation: Incarnation::from_bytes([1; 8]),
        };
        have.set(chain, Seq(u64::MAX));
    }
    let begin = |pair: &Pair| {
        let says = NewEpoch {
            have: have.clone(),
            ..NewEpoch::default()
        };
        let by = &pair.owner;
        let (logs, agreed) = (&pair.logs, &pair.agreed);
        begin_epoch(logs, agreed, &by.account, says, by.device(), &by.random)
    };
    let standing = |pair: &Pair| {
        let seen = Seen {
            agreed: true,
            new_root: false,
            forked: false,
            now: super::NOW,
        };
        Standing::of(pair.logs.state(), seen)
    };
    while !pair.logs.state().is_full() {
        assert_eq!(standing(&pair), Standing::Active);
        let epoch = begin(&pair).unwrap().link;
        let taken = pair.logs.take(&[epoch], &pair.owner.account);
        assert_eq!(taken.fault, None);
    }
    assert_eq!(standing(&pair), Standing::Paused(Pause::FullLog));
    assert!(begin(&pair).is_err());
    let (own, device) = (&pair.owner.account, pair.owner.device());
    let end = end(&pair.logs, own, EndReason::Chosen, device).unwrap();
    let taken = pair.logs.take(&[end], &pair.owner.account);
    assert_eq!(taken.fault, None);
    assert!(matches!(standing(&pair), Standing::Ended { .. }));
}
