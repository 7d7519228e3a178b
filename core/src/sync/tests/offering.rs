//! What a machine sends to a relay that lost links, what of expired records, and what after the end.

use super::*;
use crate::sync::{Effect, Fault, Machine};
use daymark_wire::{
    Have, LogId, Seq,
    logs::{AccountState, BondContent, LogKind},
    sync::{KnownLength, PushOutcome},
};

fn start(replica: Replica, random: &Random) -> Machine {
    let mut machine = Machine::new(replica);
    let append = Vec::new();
    let event = Event::Started { append };
    machine.handle(event, &OneWorker, random).unwrap();
    machine
}

fn nothing(machine: &mut Machine) -> SyncReply {
    reply(&machine.request(), Vec::new())
}

fn store(machine: &mut Machine, reply: SyncReply, random: &Random) -> Intake {
    let event = Event::Replied(Box::new(reply));
    match machine.handle(event, &OneWorker, random).unwrap() {
        Effect::Work(Work::Store(intake)) => *intake,
        effect => panic!("{effect:?}"),
    }
}

#[test]
fn lost_links_of_a_bond_come_after_the_account_links_that_they_rest_on() {
    let two = Two::new();
    let random = &two.random;
    for (replica, role) in [(two.owner, 0), (two.supporter, 1)] {
        let mut machine = start(replica, random);
        machine.request();
        let logs = &machine.replica().logs;
        let lost: Vec<LogId> = vec![logs.account().id().into(), logs.space().into()];
        let reply = SyncReply {
            behind: lost
                .into_iter()
                .map(|log| KnownLength { log, length: 0 })
                .collect(),
            ..nothing(&mut machine)
        };
        store(&mut machine, reply, random);
        let stored = Event::Stored { waiting: false };
        machine.handle(stored, &OneWorker, random).unwrap();
        let brought = machine.request().append;
        let kinds: Vec<LogKind> = brought.iter().map(|link| link.kind).collect();
        // Invite, accept and the first epoch; the other person's links are theirs to bring.
        let bond = [LogKind::Bond; 3];
        assert_eq!(kinds, [vec![LogKind::Account], bond.to_vec()].concat());
        let accept = brought[2].open::<BondContent>().unwrap();
        let rests_on = accept.claimed().rests_on[role];
        let account: &AccountState = machine.replica().logs.account();
        assert!(account.has_had(rests_on));
    }
}

#[test]
fn what_expired_before_a_relay_took_it_is_offered_without_its_body() {
    let mut two = Two::new();
    let tomorrow = vec![waiting(1, document(1), TODAY.0 + 1)];
    let sealed = seal(&mut two.owner, tomorrow, &two.random).unwrap();
    let random = &two.random;
    let mut machine = start(two.owner, random);
    machine.bond_mut().unwrap().now += 24 * 60 * 60;
    machine.request();
    let reply = nothing(&mut machine);
    store(&mut machine, reply, random);
    let stored = Event::Stored { waiting: false };
    let effect = machine.handle(stored, &OneWorker, random).unwrap();
    assert!(matches!(effect, Effect::Work(Work::Offer { .. })));
    let offered = Event::Offered(sealed.records);
    machine.handle(offered, &OneWorker, random).unwrap();
    let pushed = &machine.request().spaces[0].push;
    assert_eq!(pushed.len(), 1);
    assert_eq!(pushed[0].body(), None);
}

#[test]
fn what_was_sealed_before_the_end_is_not_sent_after_it() {
    let mut two = Two::new();
    wish(&mut two.supporter, end());
    let leave = next_link(&two.supporter, &two.random).unwrap();
    let random = &two.random;
    let mut machine = start(two.owner, random);
    let nothing_new = nothing(&mut machine);
    store(&mut machine, nothing_new, random);
    let stored = || Event::Stored { waiting: true };
    let effect = machine.handle(stored(), &OneWorker, random).unwrap();
    assert!(matches!(effect, Effect::Work(Work::Seal)));
    let waits = vec![waiting(1, document(1), 0)];
    let sealed = machine
        .seal(waits, &BTreeMap::new(), false, random)
        .unwrap();
    let event = Event::Sealed(sealed.records);
    machine.handle(event, &OneWorker, random).unwrap();

    // The relay does not take it, shows that the supporter left, and lost a link.
    let mut reply = reply(&machine.request(), vec![leave]);
    reply.spaces[0].push = PushOutcome::HeadsNotCurrent;
    reply.behind = vec![KnownLength {
        log: machine.replica().space().into(),
        length: 3,
    }];
    store(&mut machine, reply, random);
    let effect = machine.handle(stored(), &OneWorker, random).unwrap();
    assert!(matches!(effect, Effect::Send));
    let request = machine.request();
    assert_eq!((request.append.len(), request.spaces[0].push.len()), (1, 0));
}

#[test]
fn after_the_end_nothing_is_asked_and_nothing_that_is_gone_is_missed() {
    let mut two = Two::new();
    let waits = vec![waiting(1, document(1), 0)];
    let sealed = seal(&mut two.supporter, waits, &two.random).unwrap();
    let stubs = sealed.records.into_iter().map(Record::into_stub);
    shown(&mut two.owner, stubs.collect());
    assert_eq!(two.owner.holes.len(), 1);
    let chain = *two.owner.holes.keys().next().unwrap();
    wish(&mut two.supporter, end());
    let link = next_link(&two.supporter, &two.random).unwrap();
    two.show(&link);
    let random = &two.random;
    let mut machine = start(two.owner, random);
    assert_eq!(machine.request().spaces[0].want, []);
    let mut gone = Have::default();
    gone.set(chain.chain, Seq(0));
    let space = SpaceReply {
        behind: gone,
        push: PushOutcome::Nothing,
        ..SpaceReply::empty(machine.replica().space())
    };
    let reply = SyncReply {
        spaces: vec![space],
        ..nothing(&mut machine)
    };
    let faults = store(&mut machine, reply, random).faults;
    assert_eq!(faults, BTreeSet::<Fault>::new());
    let stored = Event::Stored { waiting: true };
    let effect = machine.handle(stored, &OneWorker, random).unwrap();
    assert!(matches!(effect, Effect::Finished(_)));
}

/// What a machine pushes at a relay that takes none of its links.
fn pushed(machine: &mut Machine, sealed: &[Record], random: &Random) -> Vec<Record> {
    loop {
        let request = machine.request();
        if !request.spaces[0].push.is_empty() {
            return request.spaces[0].push.clone();
        }
        let append = if request.append.is_empty() {
            AppendOutcome::Nothing
        } else {
            AppendOutcome::NotNext
        };
        let reply = SyncReply {
            append,
            ..reply(&request, Vec::new())
        };
        let mut event = Event::Replied(Box::new(reply));
        loop {
            event = match machine.handle(event, &OneWorker, random).unwrap() {
                Effect::Send => break,
                Effect::Work(Work::Store(_)) => Event::Stored { waiting: true },
                Effect::Work(Work::KeepLink(_)) => Event::LinkKept,
                Effect::Work(Work::Offer { .. }) => Event::Offered(sealed.to_vec()),
                Effect::Work(_) => Event::NothingSealed,
                Effect::Finished(_) => return Vec::new(),
            };
        }
    }
}

#[test]
fn j3_what_is_to_be_forgotten_leaves_as_a_stub_though_the_relay_takes_no_epoch() {
    let mut two = Two::new();
    let waits = [1, 2].map(|n| waiting(n.into(), document(n), 0));
    let sealed = seal(&mut two.owner, waits.into(), &two.random).unwrap();
    wish(&mut two.owner, forget(document(1)));
    let random = &two.random;
    let mut machine = start(two.owner, random);
    let pushed = pushed(&mut machine, &sealed.records, random);
    let bodies: Vec<bool> = pushed.iter().map(|one| one.body().is_some()).collect();
    assert_eq!(bodies, [false, true]);
    let waits = vec![waiting(3, document(1), 0)];
    let sealed = machine.seal(waits, &BTreeMap::new(), false, random);
    assert_eq!(sealed.unwrap().records, []);
}

#[test]
fn j3_nothing_is_sent_in_a_bond_that_is_to_end_though_the_relay_takes_no_end() {
    let mut two = Two::new();
    let waits = vec![waiting(1, document(1), 0)];
    let sealed = seal(&mut two.owner, waits, &two.random).unwrap();
    wish(&mut two.owner, end());
    let random = &two.random;
    let mut machine = start(two.owner, random);
    assert_eq!(pushed(&mut machine, &sealed.records, random), []);
    let waits = vec![waiting(2, document(2), 0)];
    let sealed = machine.seal(waits, &BTreeMap::new(), false, random);
    assert_eq!(sealed, Err(SealingError::NoEpoch));
}
