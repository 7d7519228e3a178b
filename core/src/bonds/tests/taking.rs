//! Taking links as a relay shows them: in whatever order, again, with gaps, forked.

use super::super::{AccountLog, BondLogs, NewEpoch, begin_epoch, end};
use super::{Pair, Person, offer};
use crate::account::LogFault;
use daymark_wire::{
    LogId,
    logs::{EndReason, LogError, Role, TravelLink},
};

#[test]
fn links_are_taken_in_any_order_between_the_logs_and_once() {
    let pair = Pair::new();
    let (owner, invited) = (&pair.owner.account, &pair.invited);
    let mut shown = pair.accepted.links.to_vec();
    shown.extend(pair.supporter.links.clone());
    let mut logs = invited.logs.clone();
    let taken = logs.take(&shown, owner);
    assert_eq!((taken.new.len(), taken.fault), (3, None));
    assert_eq!(logs, pair.logs);
    let again = logs.take(&shown, owner);
    assert_eq!((again.new, again.fault), (vec![], None));
}

#[test]
fn a_supporters_log_that_comes_in_parts_is_known_once_the_accept_is_there() {
    let mut pair = Pair::new();
    pair.supporter.replace_account_key();
    let (owner, supporter) = (&pair.owner, &pair.supporter);
    let invited = owner.invite();
    let accepted = supporter.accept(&offer(owner, &invited).unwrap()).unwrap();
    let mut logs = invited.logs;
    for part in supporter.links.chunks(1) {
        let taken = logs.take(part, &owner.account);
        assert_eq!((taken.new, taken.fault), (vec![], None));
        assert_eq!(logs.other(), None);
    }
    let known = logs.known();
    assert_eq!(known.len(), 2);
    assert_eq!(known[0].head, supporter.account.head());
    let taken = logs.take(&accepted.links, &owner.account);
    assert_eq!((taken.new.len(), taken.fault), (4, None));
    assert_eq!(taken.new[1].2, supporter.links[1]);
    assert_eq!(logs.other(), Some(&supporter.account));
}

#[test]
fn links_of_other_logs_are_passed_over() {
    let mut pair = Pair::new();
    let other = Person::new(7);
    let elsewhere = other.invite();
    let mut shown = [&other.links, &pair.owner.links]
        .map(Vec::as_slice)
        .concat();
    shown.push(elsewhere.link);
    shown.extend(pair.owner.founded.logs.journal_links().to_vec());
    let taken = pair.logs.take(&shown, &pair.owner.account);
    assert_eq!((taken.new, taken.fault), (vec![], None));
}

#[test]
fn links_to_offer_again_come_after_the_account_links_that_they_rest_on() {
    let mut pair = Pair::new();
    pair.owner.replace_account_key();
    let end = end(
        &pair.logs,
        &pair.owner.account,
        EndReason::Chosen,
        pair.owner.device(),
    );
    let end = end.unwrap();
    pair.both_take(std::slice::from_ref(&end));
    let [genesis, new_key] = pair.owner.links.clone().try_into().unwrap();
    let bond = pair.logs.bond_links().to_vec();
    let own = AccountLog::fold(pair.owner.id().into(), &pair.owner.links);
    let own = own.unwrap().unwrap();
    // Only the end was said when the owner had a new key.
    let before = [vec![genesis.clone()], bond[..3].to_vec()].concat();
    let all = [before, vec![new_key.clone(), end.clone()]].concat();
    assert_eq!(pair.logs.links_in_order(&own, 0, 0), all);
    assert_eq!(pair.logs.links_in_order(&own, 1, 3), [new_key, end.clone()]);
    assert_eq!(pair.logs.links_in_order(&own, 2, 3), [end]);
}

#[test]
fn what_is_stored_folds_to_the_same_on_both_sides() {
    let pair = Pair::new();
    let links = |logs: &BondLogs| {
        let other: LogId = logs.other().unwrap().id().into();
        [
            logs.links_beyond(logs.space().into(), 0),
            logs.links_beyond(other, 0),
        ]
        .concat()
    };
    let ours = BondLogs::fold(&links(&pair.logs), &pair.owner.account).unwrap();
    assert_eq!((&ours, ours.role()), (&pair.logs, Role::Owner));
    let stored = links(&pair.accepted.logs);
    let theirs = BondLogs::fold(&stored, &pair.supporter.account).unwrap();
    assert_eq!(
        (&theirs, theirs.role()),
        (&pair.accepted.logs, Role::Supporter)
    );

    // Also where the owner's log was longer when they invited.
    let mut owner = Person::new(8);
    owner.replace_account_key();
    let invited = owner.invite();
    let stored = [&[invited.link], owner.links.as_slice()].concat();
    assert!(BondLogs::fold(&stored, &pair.supporter.account).is_ok());

    let log = LogId::from(pair.supporter.id());
    let none = BondLogs::fold(&[], &pair.supporter.account);
    let why = LogError::OutOfPlace("there is no bond");
    assert_eq!(none, Err(LogFault::Broken { log, why }));
    let log = LogId::from(pair.owner.id());
    let without = BondLogs::fold(pair.accepted.logs.bond_links(), &pair.supporter.account);
    assert_eq!(without, Err(LogFault::Missing { log }));
}

#[test]
fn l12_gaps_and_other_histories_are_named_and_nothing_of_them_is_taken() {
    let mut pair = Pair::new();
    let (before, owner) = (pair.logs.clone(), pair.owner.account.clone());
    let device = pair.owner.device();
    let begin = |pair: &Pair| {
        begin_epoch(
            &pair.logs,
            &pair.agreed,
            &owner,
            NewEpoch::default(),
            device,
            &pair.owner.random,
        )
        .unwrap()
        .link
    };
    let log = LogId::from(pair.logs.space());
    let position = pair.logs.state().length() + 1;
    let one = begin(&pair);
    let chosen = end(&pair.logs, &owner, EndReason::Chosen, device).unwrap();
    let after = {
        let mut ahead = pair.logs.clone();
        ahead.take(std::slice::from_ref(&one), &owner);
        end(&ahead, &owner, EndReason::Chosen, device).unwrap()
    };
    let gap = pair.logs.take(std::slice::from_ref(&after), &owner);
    assert_eq!(gap.fault, Some(LogFault::Missing { log }));
    assert_eq!(pair.logs, before);
    assert_eq!(pair.logs.take(&[one, after], &owner).new.len(), 2);
    let standing = pair.logs.clone();
    let forked = pair.logs.take(&[chosen], &owner);
    assert_eq!(forked.fault, Some(LogFault::Forked { log, position }));
    assert!(pair.logs.forked_by().is_some() && standing.forked_by().is_none());
    assert_eq!(pair.logs.state(), standing.state());
    assert_eq!(pair.logs.bond_links(), standing.bond_links());
}

#[test]
fn a_link_that_rests_on_an_account_link_not_shown_yet_waits_for_it() {
    let mut pair = Pair::new();
    pair.supporter.replace_account_key();
    let theirs = &mut pair.accepted.logs;
    let supporter = &pair.supporter;
    let epoch = begin_epoch(
        theirs,
        &pair.accepted.agreed,
        &supporter.account,
        NewEpoch::default(),
        supporter.device(),
        &supporter.random,
    );
    let epoch: TravelLink = epoch.unwrap().link;
    let early = pair
        .logs
        .take(std::slice::from_ref(&epoch), &pair.owner.account);
    let log = LogId::from(supporter.id());
    assert_eq!(early.fault, Some(LogFault::Missing { log }));
    let whole = [supporter.links.as_slice(), &[epoch]].concat();
    let taken = pair.logs.take(&whole, &pair.owner.account);
    assert_eq!((taken.new.len(), taken.fault), (2, None));
}

#[test]
fn the_relay_is_told_what_is_known_and_given_what_it_lacks() {
    let owner = Person::new(1);
    let invited = owner.invite();
    let bond = LogId::from(invited.logs.space());
    let known = invited.logs.known();
    assert_eq!(known.len(), 1, "nobody has accepted");
    assert_eq!((known[0].log, known[0].head.length), (bond, 1));

    let pair = Pair::new();
    let known = pair.logs.known();
    let other = LogId::from(pair.supporter.id());
    let bond = LogId::from(pair.logs.space());
    assert_eq!([known[0].log, known[1].log], [other, bond]);
    assert_eq!(known[0].head, pair.supporter.account.head());
    assert_eq!(known[1].head, pair.logs.state().head());
    assert_eq!(pair.logs.links_beyond(bond, 1), &pair.accepted.links[..]);
    assert_eq!(pair.logs.links_beyond(other, 0), &pair.supporter.links[..]);
    for (log, length) in [(bond, 3), (bond, 9), (LogId::ZERO, 0)] {
        assert!(pair.logs.links_beyond(log, length).is_empty());
    }
    let second = offer(&pair.owner, &pair.invited).unwrap();
    assert_eq!(second.owner(), Some(&pair.owner.account));
}
