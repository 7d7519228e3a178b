//! The links that a bond's device appends, as its machine brings them.

use super::*;
use crate::sync::{Effect, Machine};

/// Answers the machine's request, and gives the links of the next one; none when it is done.
fn after(machine: &mut Machine, append: AppendOutcome, random: &Random) -> Option<Vec<TravelLink>> {
    let reply = SyncReply {
        append,
        ..reply(&machine.request(), Vec::new())
    };
    let mut event = Event::Replied(Box::new(reply));
    loop {
        event = match machine.handle(event, &OneWorker, random).unwrap() {
            Effect::Send => return Some(machine.request().append),
            Effect::Work(Work::Store(_)) => Event::Stored { waiting: false },
            Effect::Work(Work::KeepLink(_)) => Event::LinkKept,
            Effect::Work(_) => Event::NothingSealed,
            Effect::Finished(_) => return None,
        };
    }
}

fn start(replica: Replica, random: &Random) -> Machine {
    let mut machine = Machine::new(replica);
    let append = Vec::new();
    let event = Event::Started { append };
    machine.handle(event, &OneWorker, random).unwrap();
    machine.request();
    machine
}

#[test]
fn a_link_that_was_not_taken_is_brought_as_it_was_whatever_is_wanted_meanwhile() {
    let mut two = Two::new();
    wish(&mut two.owner, forget(document(1)));
    let random = &two.random;
    let mut machine = start(two.owner, random);
    let signed = after(&mut machine, AppendOutcome::Nothing, random).unwrap();
    assert_eq!(signed.len(), 1);
    machine.bond_mut().unwrap().wishes = end();
    let again = after(&mut machine, AppendOutcome::NotNext, random).unwrap();
    assert_eq!(again, signed, "two links for one place are two histories");
    let ends = after(&mut machine, AppendOutcome::Appended, random).unwrap();
    assert_ne!(ends, signed);
    assert_eq!(after(&mut machine, AppendOutcome::Appended, random), None);
    assert!(machine.replica().logs.is_over());
}

/// As a program does that is started anew, with what was stored.
fn restarted(machine: Machine, random: &Random) -> Machine {
    start(machine.into_replica(), random)
}

#[test]
fn l13_a_link_that_was_signed_is_brought_as_it_was_after_a_restart() {
    let mut two = Two::new();
    wish(&mut two.owner, forget(document(1)));
    let random = &two.random;
    let mut machine = start(two.owner, random);
    let signed = after(&mut machine, AppendOutcome::Nothing, random);
    assert_eq!(signed.as_ref().map(Vec::len), Some(1));
    let mut machine = restarted(machine, random);
    machine.bond_mut().unwrap().wishes = end();
    assert_eq!(after(&mut machine, AppendOutcome::Nothing, random), signed);
    let ends = after(&mut machine, AppendOutcome::Appended, random);
    assert_ne!(ends, signed);
    assert_eq!(after(&mut machine, AppendOutcome::Appended, random), None);
    assert_eq!(machine.replica().signed, None, "it stands");
}

#[test]
fn l13_a_link_that_was_signed_is_let_go_of_when_another_stands_at_its_place() {
    let mut two = Two::new();
    wish(&mut two.owner, forget(document(1)));
    wish(&mut two.supporter, forget(document(2)));
    let other = next_link(&two.supporter, &two.random).unwrap();
    let random = &two.random;
    let mut machine = start(two.owner, random);
    let signed = after(&mut machine, AppendOutcome::Nothing, random).unwrap();
    let mut machine = restarted(machine, random);
    let came = SyncReply {
        append: AppendOutcome::NotNext,
        ..reply(&machine.request(), vec![other])
    };
    let event = Event::Replied(Box::new(came));
    let effect = machine.handle(event, &OneWorker, random).unwrap();
    assert!(matches!(effect, Effect::Work(Work::Store(_))));
    assert_eq!(machine.replica().signed, None);
    let stored = Event::Stored { waiting: false };
    let effect = machine.handle(stored, &OneWorker, random).unwrap();
    assert!(matches!(effect, Effect::Work(Work::KeepLink(link)) if *link != signed[0]));
}

#[test]
fn l13_a_link_that_no_honest_relay_takes_any_more_is_made_anew() {
    let mut two = Two::new();
    wish(&mut two.owner, forget(document(1)));
    let random = &two.random;
    let mut machine = start(two.owner, random);
    let signed = after(&mut machine, AppendOutcome::Nothing, random).unwrap();
    let sealed = seal(
        &mut two.supporter,
        vec![waiting(1, document(2), LATER)],
        random,
    )
    .unwrap();
    let space = machine.replica().space();
    let mut came = reply(&machine.request(), Vec::new());
    came.append = AppendOutcome::NotNext;
    came.spaces = vec![SpaceReply {
        records: sealed.records,
        ..SpaceReply::empty(space)
    }];
    let mut event = Event::Replied(Box::new(came));
    let anew = loop {
        event = match machine.handle(event, &OneWorker, random).unwrap() {
            Effect::Work(Work::Store(_)) => Event::Stored { waiting: false },
            Effect::Work(Work::KeepLink(link)) => break link,
            effect => panic!("{effect:?}"),
        };
    };
    assert_ne!(*anew, signed[0], "its author had not seen what came");
}

/// What the machine asks for after a relay that takes no more links of this device now, where content waits.
fn held_up(machine: &mut Machine, random: &Random) -> Effect {
    let answer = not_now(machine);
    let mut effect = machine.handle(answer, &OneWorker, random);
    if let Ok(Effect::Work(Work::Store(_))) = effect {
        let stored = Event::Stored { waiting: true };
        effect = machine.handle(stored, &OneWorker, random);
    }
    effect.unwrap()
}

fn not_now(machine: &mut Machine) -> Event {
    let reply = SyncReply {
        append: AppendOutcome::NotNow,
        ..reply(&machine.request(), Vec::new())
    };
    Event::Replied(Box::new(reply))
}

#[test]
fn l11_a_bond_goes_on_without_the_link_that_waits_for_the_next_minute() {
    let mut two = Two::new();
    wish(&mut two.owner, forget(document(1)));
    let random = &two.random;
    let mut machine = start(two.owner, random);
    let signed = after(&mut machine, AppendOutcome::Nothing, random);
    let effect = held_up(&mut machine, random);
    assert!(matches!(effect, Effect::Work(Work::Seal)), "{effect:?}");
    assert!(machine.is_held_up());
    let sealed = machine.handle(Event::NothingSealed, &OneWorker, random);
    assert!(matches!(sealed, Ok(Effect::Finished(outcome)) if !outcome.given_up));
    machine.go_on();
    let occasion = Event::Stored { waiting: false };
    let again = machine.handle(occasion, &OneWorker, random);
    assert!(matches!(again, Ok(Effect::Send)));
    assert_eq!(Some(machine.request().append), signed, "as it was signed");
}

#[test]
fn l11_whoever_ends_a_bond_sends_nothing_more_in_it_while_the_end_waits() {
    let mut two = Two::new();
    two.wish_owner_ends();
    let random = &two.random;
    let mut machine = start(two.owner, random);
    after(&mut machine, AppendOutcome::Nothing, random).unwrap();
    let effect = held_up(&mut machine, random);
    assert!(matches!(effect, Effect::Finished(_)), "{effect:?}");
}

#[test]
fn b3_what_was_noted_of_an_invitation_ends_nothing_behind_an_answer_before_the_ledger_says_so() {
    let mut two = Two::new();
    for (why, ends) in [(EndReason::Lapsed, false), (EndReason::Chosen, true)] {
        let wishes = Wishes {
            end: Some(why),
            ..Wishes::default()
        };
        wish(&mut two.owner, wishes);
        let link = next_link(&two.owner, &two.random);
        assert_eq!(link.is_some(), ends, "{why:?}");
    }
}
