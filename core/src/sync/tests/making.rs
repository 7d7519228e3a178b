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

#[test]
fn an_invitation_that_was_accepted_after_all_does_not_lapse() {
    let mut two = Two::new();
    let lapses = Wishes {
        end: Some(EndReason::Lapsed),
        ..forget(document(1))
    };
    wish(&mut two.owner, lapses);
    let link = next_link(&two.owner, &two.random).unwrap();
    two.show(&link);
    let forgotten = two.owner.forgotten;
    assert_eq!(forgotten, BTreeSet::from([document(1)]));
}
