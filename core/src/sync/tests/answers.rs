//! An invitation that was accepted, as the owner's machines learn of it.

use super::*;
use crate::sync::Machine;
use daymark_wire::{LogId, sync::News};

#[test]
fn an_accept_comes_with_the_whole_log_of_an_account_that_nobody_could_name() {
    let two = Two::new();
    let (owner, random) = (two.journal, &two.random);
    let invited = invite(&owner, random);
    let accepted = accept(&owner, &invited, &two.supporters_journal, random);
    let theirs = links(&two.supporters_journal);
    let waits = bond(&owner, invited.logs.clone(), None, random);
    let space = waits.space();
    let mut machines = Machines::new(Machine::new(owner), [Machine::new(waits)]);
    let request = start(&mut machines, random);
    assert_eq!(request.known.len(), 3, "the account, its journal, the bond");

    let shown = [theirs.clone(), accepted.links.to_vec()].concat();
    let step = machines.replied(reply(&request, shown), &OneWorker, random);
    let intakes = stored(&mut machines, step.unwrap(), random);
    let links: usize = intakes.iter().map(|intake| intake.links.len()).sum();
    assert_eq!(links, theirs.len() + 2);
    assert!(intakes.iter().all(|intake| intake.faults.is_empty()));

    let bond = machines.machine_mut(space).unwrap();
    assert!(bond.replica().newest_epoch().is_none(), "not agreed yet");
    let accepted = bond.replica().logs.as_bond().unwrap().logs.accepted();
    let agreed = accepted.unwrap().agree(&invited.invitation.secret());
    bond.bond_mut().unwrap().agreed = Some(agreed.unwrap());
    let request = start(&mut machines, random);
    let step = machines.replied(reply(&request, Vec::new()), &OneWorker, random);
    stored(&mut machines, step.unwrap(), random);
    let bond = machines.machine(space).unwrap();
    assert!(bond.replica().newest_epoch().is_some());
}

#[test]
fn somebody_with_whom_there_is_a_bond_already_is_known_to_the_next_one() {
    let two = Two::new();
    let (owner, random) = (two.journal, &two.random);
    let invited = invite(&owner, random);
    let accepted = accept(&owner, &invited, &two.supporters_journal, random);
    let waits = bond(&owner, invited.logs, None, random);
    let space = waits.space();
    let bonds = [Machine::new(two.owner), Machine::new(waits)];
    let mut machines = Machines::new(Machine::new(owner), bonds);
    let request = start(&mut machines, random);
    // The relay is told of the supporter's log by the other bond, and so does not show it.
    let step = machines.replied(reply(&request, accepted.links.to_vec()), &OneWorker, random);
    let intakes = stored(&mut machines, step.unwrap(), random);
    assert!(intakes.iter().all(|intake| intake.faults.is_empty()));
    let logs = &machines.machine(space).unwrap().replica().logs;
    assert!(logs.as_bond().unwrap().logs.accepted().is_some());
}

#[test]
fn l3_what_is_shown_of_accounts_is_kept_once_however_many_invitations_are_open() {
    let two = Two::new();
    let (owner, random) = (two.journal, &two.random);
    let open = [(); 2].map(|()| invite(&owner, random));
    let accepted = accept(&owner, &open[0], &two.supporters_journal, random);
    let bonds = open.map(|invited| bond(&owner, invited.logs, None, random));
    let spaces = bonds.each_ref().map(Replica::space);
    let mut machines = Machines::new(Machine::new(owner), bonds.map(Machine::new));
    let request = start(&mut machines, random);
    // Their log comes first, and there is more.
    let mut shown = reply(&request, links(&two.supporters_journal));
    for space in &mut shown.spaces {
        space.more = true;
    }
    let mut step = machines.replied(shown, &OneWorker, random).unwrap();
    while let Step::Work(of, _) = step {
        let event = Event::Stored { waiting: false };
        step = machines.handle(of, event, &OneWorker, random).unwrap();
    }
    let Step::Send(request) = step else {
        panic!("there is more: {step:?}");
    };
    let theirs = LogId::from(two.supporters_journal.logs.account().id());
    assert!(request.known.iter().any(|known| known.log == theirs));
    let logs_of = |machines: &Machines, space| {
        let replica = machines.machine(space).unwrap().replica();
        replica.logs.as_bond().unwrap().logs.clone()
    };
    for space in spaces {
        assert_eq!(logs_of(&machines, space).links_of_others().len(), 0);
    }
    let step = machines.replied(reply(&request, accepted.links.to_vec()), &OneWorker, random);
    stored(&mut machines, step.unwrap(), random);
    let accepted = spaces.map(|space| logs_of(&machines, space).other().is_some());
    assert_eq!(accepted, [true, false]);
}

#[test]
fn a2_what_somebody_wrote_is_kept_once_they_agreed_and_not_before() {
    let mut two = Two::new();
    let waits = vec![waiting(1, document(1), 0)];
    let sealed = seal(&mut two.supporter, waits, &two.random).unwrap();
    let random = &two.random;
    let space = two.owner.space();
    let agreed = two.owner.logs.as_bond_mut().unwrap().agreed.take();
    let mut machines = Machines::new(Machine::new(two.journal), [Machine::new(two.owner)]);
    let request = start(&mut machines, random);
    let shows = |request: &SyncRequest| {
        let mut reply = reply(request, Vec::new());
        for shown in &mut reply.spaces {
            if shown.space == space {
                shown.records.clone_from(&sealed.records);
            }
        }
        reply
    };
    let records = |intakes: &[Intake]| intakes.iter().map(|one| one.records.len()).sum::<usize>();
    let step = machines.replied(shows(&request), &OneWorker, random);
    let intakes = stored(&mut machines, step.unwrap(), random);
    assert_eq!(records(&intakes), 0, "nobody agreed yet");

    machines
        .machine_mut(space)
        .unwrap()
        .bond_mut()
        .unwrap()
        .agreed = agreed;
    let news = News {
        links: Vec::new(),
        space: None,
        records: Vec::new(),
    };
    let event = (space, Event::News(Box::new(news)));
    let mut step = machines.together(vec![event], &OneWorker, random).unwrap();
    while let Step::Work(of, _) = step {
        let event = Event::Stored { waiting: false };
        step = machines.handle(of, event, &OneWorker, random).unwrap();
    }
    let Step::Send(request) = step else {
        panic!("it is asked for again: {step:?}");
    };
    let step = machines.replied(shows(&request), &OneWorker, random);
    let intakes = stored(&mut machines, step.unwrap(), random);
    assert_eq!(records(&intakes), 1);
}
