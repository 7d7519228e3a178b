//! Opening epochs and beginning them.

use super::super::{
    BegunEpoch, BondError, NewEpoch, begin_epoch, has_wraps, inviting::next_link, needs_epoch,
    open_epoch, open_newest,
};
use super::{Pair, Person};
use crate::keys::EpochSecret;
use daymark_wire::{
    DocumentId, Hash, Have, cbor,
    hash::Domain,
    logs::{BondContent, EpochContent, Role, TravelLink},
    wrapping::{Recipient, Wraps},
};

impl Pair {
    fn begin(&self, says: NewEpoch) -> Result<BegunEpoch, BondError> {
        let owner = &self.owner;
        begin_epoch(
            &self.logs,
            &self.agreed,
            &owner.account,
            says,
            owner.device(),
            &owner.random,
        )
    }

    fn owner_needs_epoch(&self) -> bool {
        let keys = &self.owner.founded.account_keys;
        needs_epoch(&self.logs, &self.agreed, &self.owner.account, keys)
    }

    fn supporter_needs_epoch(&self) -> bool {
        let theirs = &self.accepted;
        let keys = &self.supporter.founded.account_keys;
        needs_epoch(&theirs.logs, &theirs.agreed, &self.supporter.account, keys)
    }

    fn owner_opens(&self) -> Result<EpochSecret, BondError> {
        let keys = &self.owner.founded.account_keys;
        let opened = open_newest(&self.logs, &self.agreed, self.owner.id(), keys)?;
        Ok(opened.1)
    }

    /// An epoch by the supporter that promises one secret and wraps another for the owner.
    fn broken_epoch(&self) -> TravelLink {
        let (owner, supporter) = (&self.owner, &self.supporter);
        let random = &supporter.random;
        let [promised, given] = [(); 2].map(|()| EpochSecret::generate(random).unwrap());
        let space = self.logs.space();
        let wrap = |secret: &EpochSecret, person: &Person| {
            let to = Recipient::Account(person.id());
            let key = person.account.account_key();
            secret.wrap_for(space, to, key, random).unwrap()
        };
        let wraps = vec![wrap(&given, owner), wrap(&promised, supporter)];
        let blob = cbor::to_vec(&Wraps {
            wraps,
            shared: Vec::new(),
        });
        let content = BondContent::Epoch(EpochContent {
            number: 2,
            commitment: promised.commitment(),
            wraps: Hash::of(Domain::Blob, &[&blob]),
            recipients: [owner.id(), supporter.id()]
                .map(Recipient::Account)
                .to_vec(),
            have: Have::new(),
            forgets: Vec::new(),
            made_for: None,
        });
        let logs = &self.accepted.logs;
        next_link(logs, &supporter.account, content, supporter.device()).to_travel(Some(blob))
    }
}

#[test]
fn l7_an_epoch_is_needed_when_a_key_changed_on_either_side_and_then_no_more() {
    let mut pair = Pair::new();
    assert!(!pair.owner_needs_epoch() && !pair.supporter_needs_epoch());
    let first = pair.logs.state().newest_epoch().unwrap().clone();
    pair.supporter.replace_account_key();
    pair.both_take(&[]);
    assert!(pair.owner_needs_epoch() && pair.supporter_needs_epoch());

    let begun = pair.begin(NewEpoch::default()).unwrap();
    pair.both_take(&[begun.link]);
    assert!(!pair.owner_needs_epoch() && !pair.supporter_needs_epoch());
    assert_eq!(pair.owner_opens(), Ok(begun.epoch.1));
    let theirs = &pair.accepted;
    let keys = &pair.supporter.founded.account_keys;
    let us = pair.supporter.id();
    let opened = open_newest(&theirs.logs, &theirs.agreed, us, keys).unwrap();
    assert_eq!(opened.0, begun.epoch.0);
    // The older one opens with the older key, which is kept.
    let older = open_epoch(&theirs.logs, &theirs.agreed, &first, us, keys).unwrap();
    assert_eq!(older, theirs.epoch);
    let mut newest_only = keys.clone();
    newest_only.wrapping.truncate(1);
    let closed = open_epoch(&theirs.logs, &theirs.agreed, &first, us, &newest_only);
    assert_eq!(closed, Err(BondError::LockedOut));
}

#[test]
fn a_device_without_the_account_key_that_stands_begins_nothing() {
    let mut pair = Pair::new();
    pair.owner.replace_account_key();
    pair.both_take(&[]);
    assert!(pair.owner_needs_epoch());
    pair.owner.founded.account_keys.wrapping.remove(0);
    assert!(!pair.owner_needs_epoch());
}

#[test]
fn k17_an_epoch_that_does_not_open_is_replaced_and_one_whose_wraps_are_missing_is_waited_for() {
    let mut pair = Pair::new();
    let broken = pair.broken_epoch();
    let mut kept_back = broken.clone();
    kept_back.blob = None;
    pair.both_take(&[kept_back]);
    let newest = pair.logs.state().newest_epoch().unwrap().clone();
    assert!(!has_wraps(&pair.logs, &newest));
    assert_eq!(pair.owner_opens(), Err(BondError::LockedOut));
    assert!(
        !pair.owner_needs_epoch(),
        "the relay is asked for it instead"
    );
    let asked = pair.logs.known_before_newest_epoch();
    assert_eq!(asked.last().unwrap().head.length, newest.position - 1);

    pair.both_take(&[broken]);
    assert!(has_wraps(&pair.logs, &newest));
    assert_eq!(pair.owner_opens(), Err(BondError::LockedOut));
    assert!(pair.owner_needs_epoch());
    assert!(!pair.supporter_needs_epoch(), "it opens for its author");

    let mended = pair.begin(NewEpoch::default()).unwrap();
    pair.both_take(&[mended.link]);
    assert_eq!(pair.owner_opens(), Ok(mended.epoch.1));
    assert!(!pair.owner_needs_epoch());
}

#[test]
fn b5_an_epoch_forgets_and_says_which_side_does() {
    let mut pair = Pair::new();
    let document = DocumentId::from_bytes([5; 16]);
    let begun = pair.begin(NewEpoch {
        forgets: vec![document],
        ..NewEpoch::default()
    });
    pair.both_take(&[begun.unwrap().link]);
    let epochs = pair.accepted.logs.state().epochs();
    let said: Vec<_> = epochs
        .iter()
        .map(|epoch| (epoch.bond.unwrap().by, epoch.forgets.clone()))
        .collect();
    assert_eq!(
        said,
        [(Role::Supporter, vec![]), (Role::Owner, vec![document])]
    );
}

#[test]
fn a_bond_that_ended_begins_no_epoch() {
    let mut pair = Pair::new();
    let broken = pair.broken_epoch();
    pair.both_take(&[broken]);
    assert!(pair.owner_needs_epoch());
    let (account, device) = (&pair.owner.account, pair.owner.device());
    let why = daymark_wire::logs::EndReason::Chosen;
    let ended = super::super::end(&pair.logs, account, why, device).unwrap();
    pair.both_take(&[ended]);
    pair.supporter.replace_account_key();
    pair.both_take(&[]);
    assert!(!pair.owner_needs_epoch() && !pair.supporter_needs_epoch());
    assert!(matches!(
        pair.begin(NewEpoch::default()),
        Err(BondError::Log(_))
    ));
}
