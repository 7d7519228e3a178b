//! A relay that never has enough: every loop ends, and what is written still waits (limits against L3-like
//! floods from the relay's side).

use crate::model::{Answer, Caller, Line, Stopped, Tampering, World};
use daymark_wire::{
    Generation, Have, Seq,
    sync::{AppendOutcome, KnownLength, PushOutcome, RecordRefusal, SyncReply, SyncRequest},
};

/// Requests of one sync that a lying relay can provoke at most. An honest sync with much to mend takes about
/// ten.
const MOST_REQUESTS: usize = 40;

/// One device with something to send meets a relay that always answers like this, and then an honest one.
fn meets(lie: impl FnMut(&SyncRequest, &mut SyncReply)) {
    let mut world = World::new(2);
    let entry = world[0].write("kept");
    world.settle();
    world[0].tag(entry, "waits");
    let mut tampering = Tampering::new(&mut world.relay, lie);
    for _ in 0..3 {
        let before = tampering.exchanges;
        let _ = world.devices[0].sync(&mut tampering);
        let requests = tampering.exchanges - before;
        assert!(requests <= MOST_REQUESTS, "{requests} requests");
    }
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].tags(entry).len(), 1, "nothing is lost");
}

#[test]
fn heads_that_are_never_current() {
    meets(|_, reply| reply.spaces[0].push = PushOutcome::HeadsNotCurrent);
}

#[test]
fn a_space_that_is_always_stale() {
    meets(|_, reply| reply.spaces[0].push = PushOutcome::Stale);
}

#[test]
fn a_relay_that_always_lacks_every_record() {
    meets(|request, reply| {
        let have = request.spaces[0].have.iter();
        reply.spaces[0].behind = have.map(|(chain, _)| (chain, Seq(0))).collect();
    });
}

#[test]
fn a_relay_that_lacks_one_record_less_each_time() {
    let mut lacking = 0;
    meets(move |request, reply| {
        lacking += 1;
        let have = request.spaces[0].have.iter();
        reply.spaces[0].behind = have.map(|(chain, _)| (chain, Seq(lacking / 2))).collect();
    });
}

#[test]
fn a_relay_that_always_lacks_every_link() {
    meets(|request, reply| {
        let known = request.known.iter();
        reply.behind = known
            .map(|known| KnownLength {
                log: known.log,
                length: 0,
            })
            .collect();
    });
}

#[test]
fn a_relay_that_wants_every_body_again() {
    meets(|request, reply| {
        let have = request.spaces[0].have.iter();
        reply.spaces[0].want = have
            .flat_map(|(chain, seq)| {
                (1..=seq.0).map(move |seq| daymark_wire::record::Place {
                    chain,
                    seq: Seq(seq),
                })
            })
            .collect();
    });
}

#[test]
fn a_relay_that_always_has_more_and_never_shows_it() {
    meets(|_, reply| reply.spaces[0].more = true);
}

#[test]
fn a_relay_whose_history_is_always_another() {
    let mut n = 0;
    meets(move |_, reply| {
        n += 1;
        reply.generation = Generation::from_bytes([n; 16]);
    });
}

#[test]
fn a_relay_that_takes_no_epoch_and_no_link() {
    meets(|_, reply| reply.append = AppendOutcome::NotNext);
}

#[test]
fn a_relay_that_refuses_every_record_for_every_reason() {
    for why in RecordRefusal::ALL {
        meets(move |request, reply| {
            if let Some(first) = request.spaces[0].push.first() {
                let place = first.place();
                reply.spaces[0].push = PushOutcome::Refused { place, why };
            }
        });
    }
}

#[test]
fn a_relay_that_refuses_a_record_that_was_not_sent() {
    meets(|request, reply| {
        if !request.spaces[0].push.is_empty() {
            let chain = request.spaces[0].push[0].place().chain;
            let place = daymark_wire::record::Place {
                chain,
                seq: Seq(99),
            };
            let why = RecordRefusal::OldEpoch;
            reply.spaces[0].push = PushOutcome::Refused { place, why };
        }
    });
}

#[test]
fn a_relay_that_says_it_took_what_it_did_not_is_found_out_and_offered_it_again() {
    struct Forgetful<'a>(&'a mut dyn Line);
    impl Line for Forgetful<'_> {
        fn exchange(&mut self, caller: Caller, mut request: SyncRequest) -> Answer {
            let pushed = request.spaces[0].push.len();
            request.spaces[0].push.clear();
            let answer = self.0.exchange(caller, request);
            let Answer::Reply(mut reply) = answer else {
                return answer;
            };
            if pushed > 0 {
                reply.spaces[0].push = PushOutcome::Accepted;
                reply.spaces[0].behind = Have::new();
            }
            Answer::Reply(reply)
        }
    }
    let mut world = World::new(2);
    let entry = world[0].write("kept");
    world.settle();
    world[0].tag(entry, "waits");
    world.devices[0]
        .sync(&mut Forgetful(&mut world.relay))
        .unwrap();
    assert!(world[0].disk.outbox.is_empty(), "it was believed");
    world.settle();
    world.assert_converged();
    assert_eq!(world[1].tags(entry).len(), 1);
    assert!(world[0].take_faults().contains("rolled-back"));
}

#[test]
fn a_relay_that_never_knows_the_account() {
    struct Stranger(usize);
    impl Line for Stranger {
        fn exchange(&mut self, _: Caller, _: SyncRequest) -> Answer {
            self.0 += 1;
            Answer::UnknownAccount
        }
    }
    let mut world = World::new(2);
    world[0].write("kept");
    let mut stranger = Stranger(0);
    world.devices[0].sync(&mut stranger).unwrap();
    assert_eq!(stranger.0, 2);
    assert_eq!(world[0].disk.outbox.len(), 1);
}

#[test]
fn a_relay_that_never_knows_the_device() {
    struct Stranger(Vec<SyncRequest>);
    impl Line for Stranger {
        fn exchange(&mut self, _: Caller, request: SyncRequest) -> Answer {
            self.0.push(request);
            Answer::Unauthorized
        }
    }
    let mut world = World::new(2);
    world[0].write("kept");
    let mut stranger = Stranger(Vec::new());
    let stopped = world.devices[0].sync(&mut stranger);
    assert_eq!(stopped, Err(Stopped::Unauthorized));
    let brought: Vec<usize> = stranger.0.iter().map(|asked| asked.append.len()).collect();
    assert_eq!(brought, [0, world.links(0).len()]);
    let pushed = stranger.0.iter().flat_map(|asked| &asked.spaces);
    assert!(pushed.into_iter().all(|space| space.push.is_empty()));
    assert_eq!(world[0].disk.outbox.len(), 1);
}

#[test]
fn faults_named_at_once_are_few() {
    let mut world = World::new(2);
    for n in 0..200 {
        world[0].write(&format!("entry {n}"));
    }
    world.sync(0);
    let alter = |_: &SyncRequest, reply: &mut SyncReply| reply.spaces[0].records.reverse();
    let mut tampering = Tampering::new(&mut world.relay, alter);
    world.devices[1].sync(&mut tampering).unwrap();
    assert!(world[1].disk.faults.len() <= 64);
    world.settle();
    world.assert_converged();
}
