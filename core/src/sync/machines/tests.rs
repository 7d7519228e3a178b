//! Two spaces that know nothing of each other share requests. What a bond is does not matter here, so another
//! account's journal stands in for one.

use super::*;
use crate::{
    account::found,
    random::tests::seeded,
    sync::{Chains, OneWorker, OwnChain, Replica, tests::Two},
};
use daymark_wire::{
    Generation,
    sync::{AppendOutcome, PushOutcome, SpaceReply, SyncReply},
};
use std::sync::Arc;

const GENERATION: Generation = Generation::from_bytes([1; 16]);

fn machine(random: &Random) -> Machine {
    let founded = found(None, random).unwrap();
    Machine::new(Replica {
        own: OwnChain::first(founded.device.id(), random).unwrap(),
        logs: founded.logs.into(),
        device: Arc::new(founded.device),
        wrapping: founded.wrapping,
        account_keys: founded.account_keys,
        epochs: BTreeMap::from([founded.epoch]),
        chains: Chains::default(),
        holes: BTreeMap::new(),
        forgotten: BTreeSet::new(),
        generation: Some(GENERATION),
        signed: None,
    })
}

fn two(random: &Random) -> Machines {
    Machines::new(machine(random), [machine(random)])
}

fn answer(request: &SyncRequest) -> SyncReply {
    let nothing = |space: &daymark_wire::sync::SpaceRequest| SpaceReply {
        push: if space.push.is_empty() {
            PushOutcome::Nothing
        } else {
            PushOutcome::Accepted
        },
        ..SpaceReply::empty(space.space)
    };
    SyncReply {
        generation: GENERATION,
        append: if request.append.is_empty() {
            AppendOutcome::Nothing
        } else {
            AppendOutcome::Appended
        },
        links: Vec::new(),
        behind: Vec::new(),
        spaces: request.spaces.iter().map(nothing).collect(),
    }
}

/// Does all work as if there were nothing on disk, and gives what is to be sent; none at the end.
fn until_sent(machines: &mut Machines, mut step: Step, random: &Random) -> Option<SyncRequest> {
    loop {
        let (space, work) = match step {
            Step::Send(request) => return Some(*request),
            Step::Finished(_) => return None,
            Step::Work(space, work) => (space, work),
        };
        let event = match work {
            Work::Store(_) => Event::Stored { waiting: false },
            Work::KeepLink(_) => Event::LinkKept,
            Work::Renew { .. } => Event::Renewed,
            Work::Seal | Work::WrapKeys { .. } => Event::NothingSealed,
            Work::Offer { .. } | Work::OfferPlaces(_) => Event::Offered(Vec::new()),
        };
        step = machines.handle(space, event, &OneWorker, random).unwrap();
    }
}

#[test]
fn with_nothing_new_all_spaces_take_one_round_trip() {
    let random = seeded(1);
    let mut machines = two(&random);
    let step = machines.start(Vec::new(), &OneWorker, &random).unwrap();
    let request = until_sent(&mut machines, step, &random).unwrap();
    let journal = machines.journal().replica().space();
    assert_eq!((request.spaces.len(), request.known.len()), (2, 4));
    assert_eq!(request.spaces[0].space, journal);
    let step = machines.replied(answer(&request), &OneWorker, &random);
    assert!(until_sent(&mut machines, step.unwrap(), &random).is_none());
    assert_eq!(machines.outcome().round_trips, 1);
}

#[test]
fn what_a_relay_lost_is_brought_together_and_by_each_for_itself_where_that_is_refused() {
    // Genesis, open and the first epoch of each.
    assert_eq!(brought_to_one_that_lost_all(true), [6]);
    assert_eq!(brought_to_one_that_lost_all(false), [6, 3, 3]);
}

/// How many links each request brings to a relay that takes them together, or not.
fn brought_to_one_that_lost_all(takes_all: bool) -> Vec<usize> {
    let random = seeded(2);
    let mut machines = two(&random);
    let step = machines.start(Vec::new(), &OneWorker, &random).unwrap();
    let request = until_sent(&mut machines, step, &random).unwrap();
    let lost_everything = SyncReply {
        behind: request
            .known
            .iter()
            .map(|known| daymark_wire::sync::KnownLength {
                log: known.log,
                length: 0,
            })
            .collect(),
        ..answer(&request)
    };
    let mut step = machines
        .replied(lost_everything.clone(), &OneWorker, &random)
        .unwrap();
    let mut brought = Vec::new();
    while let Some(request) = until_sent(&mut machines, step, &random) {
        brought.push(request.append.len());
        let refused = SyncReply {
            append: AppendOutcome::NotNext,
            ..lost_everything.clone()
        };
        let reply = if takes_all || request.append.len() < 6 {
            answer(&request)
        } else {
            refused
        };
        step = machines.replied(reply, &OneWorker, &random).unwrap();
    }
    brought
}

#[test]
fn an_unknown_account_is_registered_and_the_other_space_asked_again() {
    let random = seeded(3);
    let mut machines = two(&random);
    let step = machines.start(Vec::new(), &OneWorker, &random).unwrap();
    until_sent(&mut machines, step, &random).unwrap();
    let invite = Some("invite".to_owned());
    let step = machines.unknown_account(invite.clone(), &OneWorker, &random);
    let request = until_sent(&mut machines, step.unwrap(), &random).unwrap();
    assert_eq!(request.spaces.len(), 2);
    assert_eq!((request.append.len(), request.invite), (3, invite));
}

#[test]
fn a_link_that_no_space_follows_is_named_by_the_journal() {
    let random = seeded(4);
    let mut machines = two(&random);
    let step = machines.start(Vec::new(), &OneWorker, &random).unwrap();
    let request = until_sent(&mut machines, step, &random).unwrap();
    let stranger = machine(&random);
    let log = stranger.replica().logs.account().id().into();
    let reply = SyncReply {
        links: stranger
            .replica()
            .logs
            .as_journal()
            .unwrap()
            .links_beyond(log, 0)
            .to_vec(),
        ..answer(&request)
    };
    let mut named = BTreeMap::new();
    let mut step = machines.replied(reply, &OneWorker, &random).unwrap();
    while let Step::Work(space, work) = step {
        if let Work::Store(intake) = &work {
            named.insert(space, intake.faults.len());
        }
        let event = Event::Stored { waiting: false };
        step = machines.handle(space, event, &OneWorker, &random).unwrap();
    }
    let journal = machines.journal().replica().space();
    assert_eq!(named.remove(&journal), Some(1));
    assert!(named.into_values().all(|faults| faults == 0));
}

#[test]
fn news_of_somebody_whose_bond_is_not_known_yet_is_set_aside() {
    let random = seeded(6);
    let mut machines = Machines::new(machine(&random), []);
    let step = machines.start(Vec::new(), &OneWorker, &random).unwrap();
    let request = until_sent(&mut machines, step, &random).unwrap();
    let mut step = machines.replied(answer(&request), &OneWorker, &random);
    while let Ok(Step::Work(space, _)) = step {
        let event = Event::Stored { waiting: false };
        step = machines.handle(space, event, &OneWorker, &random);
    }
    let stranger = machine(&random);
    let logs = stranger.replica().logs.as_journal().unwrap();
    let news = News {
        links: logs.links_beyond(logs.account().id().into(), 0).to_vec(),
        space: None,
        records: Vec::new(),
    };
    let step = machines.news(&news, &OneWorker, &random).unwrap();
    assert!(
        matches!(step, Step::Finished(_)),
        "nobody's fault: {step:?}"
    );
}

#[test]
fn why_something_was_not_taken_is_told_at_the_end_and_once() {
    let random = seeded(5);
    let mut machines = two(&random);
    let space = machines.journal().replica().space();
    let bond = *machines.bonds.keys().next().unwrap();
    let step = machines.start(Vec::new(), &OneWorker, &random).unwrap();
    let mut request = until_sent(&mut machines, step, &random).unwrap();
    request.spaces.retain(|asked| asked.space == space);
    let full = SpaceReply {
        push: PushOutcome::QuotaExceeded,
        ..SpaceReply::empty(bond)
    };
    let mut reply = answer(&request);
    reply.spaces.push(full);
    let mut step = machines.replied(reply, &OneWorker, &random).unwrap();
    let outcome = loop {
        match step {
            Step::Finished(outcome) => break outcome,
            Step::Work(space, _) => {
                let event = Event::Stored { waiting: false };
                step = machines.handle(space, event, &OneWorker, &random).unwrap();
            }
            Step::Send(_) => panic!("nothing more is said"),
        }
    };
    assert!(outcome.quota_exceeded && outcome.given_up);
    assert!(!machines.outcome().quota_exceeded);
    let event = Event::Stored { waiting: false };
    let step = machines.handle(space, event, &OneWorker, &random).unwrap();
    assert!(matches!(step, Step::Finished(outcome) if !outcome.quota_exceeded));
}

#[test]
fn a_journal_and_its_bond_take_one_round_trip_and_name_each_log_once() {
    let two = Two::new();
    let random = two.random;
    let (journal, bond) = (Machine::new(two.journal), Machine::new(two.owner));
    let mut machines = Machines::new(journal, [bond]);
    let step = machines.start(Vec::new(), &OneWorker, &random).unwrap();
    let request = until_sent(&mut machines, step, &random).unwrap();
    // The account, its journal, the other account, the bond.
    assert_eq!((request.spaces.len(), request.known.len()), (2, 4));
    let step = machines.replied(answer(&request), &OneWorker, &random);
    assert!(until_sent(&mut machines, step.unwrap(), &random).is_none());
    assert_eq!(machines.outcome().round_trips, 1);
}

#[test]
fn what_the_person_wants_of_a_bond_is_appended_in_the_next_request() {
    let mut two = Two::new();
    two.wish_owner_ends();
    let random = two.random;
    let (journal, bond) = (Machine::new(two.journal), Machine::new(two.owner));
    let space = bond.replica().space();
    let mut machines = Machines::new(journal, [bond]);
    let step = machines.start(Vec::new(), &OneWorker, &random).unwrap();
    let request = until_sent(&mut machines, step, &random).unwrap();
    let step = machines.replied(answer(&request), &OneWorker, &random);
    let request = until_sent(&mut machines, step.unwrap(), &random).unwrap();
    assert_eq!(request.append.len(), 1);
    let step = machines.replied(answer(&request), &OneWorker, &random);
    assert!(until_sent(&mut machines, step.unwrap(), &random).is_none());
    let bond = machines.machine(space).unwrap().replica();
    assert!(!bond.logs.takes_content() && bond.logs.is_over());
}
