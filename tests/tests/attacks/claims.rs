//! K7, L3: what a relay only claims of a device's records: that another stands there, that it did not take them,
//! that it refuses what nobody brought.

use crate::stage::Stage;
use daymark_tests::hostile::{Answer, Asked, Script};
use daymark_wire::{
    DeviceId, Have, Seq,
    record::Place,
    sync::{AppendOutcome, PushOutcome, RecordRefusal, SpaceReply, SyncReply},
};

/// The chains of the device that asks, as if the relay had nothing of them.
fn own_chains(asked: &Asked) -> Have {
    let spaces = asked.request.spaces.iter();
    let have = spaces.flat_map(|space| space.have.iter());
    have.filter(|(chain, _)| chain.device == asked.device)
        .map(|(chain, _)| (chain, Seq(0)))
        .collect()
}

/// Takes all that one device brings but the last, at whose place it says that another record stands; and says
/// each time that it has nothing.
struct ClaimsForks(DeviceId);

impl Script for ClaimsForks {
    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked.device == self.0 {
            for (space, brought) in reply.spaces.iter_mut().zip(&asked.request.spaces) {
                space.behind = own_chains(asked);
                if let Some(last) = brought.push.last() {
                    space.push = PushOutcome::Refused {
                        place: last.place(),
                        why: RecordRefusal::Forked,
                    };
                }
            }
        }
        Answer::reply(reply)
    }
}

#[tokio::test]
async fn k7_forks_that_are_claimed_again_and_again_make_no_chain() {
    let stage = Stage::set().await;
    for n in 0..4 {
        stage.reader.write(&format!("number {n}")).await;
    }
    stage.reader.sync().await;
    let reader = stage.reader.vault.device();
    let known = || own_chains(&stage.relay.exchanges_of(reader).pop().unwrap().asked).len();
    stage.reader.sync().await;
    let before = (stage.held().await, known());
    stage.relay.play(ClaimsForks(reader));
    for _ in 0..10 {
        assert_eq!(stage.names().await, ["not-taken"]);
    }
    assert_eq!((stage.held().await, known()), before);
    stage.heals().await;
    assert_eq!(stage.writer.texts().await.len(), 5);
}

/// Keeps what one device brings, says that it does not, and does not show it.
struct KeepsAndDenies(DeviceId, RecordRefusal);

impl Script for KeepsAndDenies {
    fn sync(&mut self, asked: &Asked, mut reply: SyncReply) -> Answer {
        if asked.device == self.0 {
            for (space, brought) in reply.spaces.iter_mut().zip(&asked.request.spaces) {
                space.records.clear();
                if let Some(first) = brought.push.first() {
                    space.push = PushOutcome::Refused {
                        place: first.place(),
                        why: self.1,
                    };
                }
            }
        }
        Answer::reply(reply)
    }
}

#[tokio::test]
async fn l3_a_relay_that_keeps_records_and_denies_it_does_not_use_up_a_devices_chains() {
    for why in [
        RecordRefusal::OldEpoch,
        RecordRefusal::Forgotten,
        RecordRefusal::Forked,
    ] {
        let stage = Stage::set().await;
        let reader = stage.reader.vault.device();
        stage.reader.write("what is kept and denied").await;
        stage.relay.play(KeepsAndDenies(reader, why));
        for _ in 0..20 {
            assert_eq!(stage.names().await, ["not-taken"], "{why:?}");
            assert_eq!(stage.reader.vault.unsent().await.unwrap(), 1);
        }
        stage.heals().await;
        assert_eq!(stage.reader.vault.unsent().await.unwrap(), 0);
        assert_eq!(stage.writer.texts().await.len(), 2);
    }
}

/// Takes nothing of one device, and says of every request that a record was refused which it did not bring.
struct RefusesOthers {
    device: DeviceId,
    own: bool,
}

impl Script for RefusesOthers {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let [space] = asked.request.spaces.as_slice() else {
            return None;
        };
        let mut chains = space.have.iter();
        let (chain, _) = chains.find(|(chain, _)| (chain.device == self.device) == self.own)?;
        let place = Place {
            chain,
            seq: Seq(77),
        };
        let why = RecordRefusal::Forked;
        (asked.device == self.device).then(|| {
            Answer::reply(SyncReply {
                generation: daymark_wire::Generation::ZERO,
                append: AppendOutcome::Nothing,
                links: Vec::new(),
                behind: Vec::new(),
                spaces: vec![SpaceReply {
                    push: PushOutcome::Refused { place, why },
                    ..SpaceReply::empty(space.space)
                }],
            })
        })
    }
}

#[tokio::test]
async fn l3_a_refusal_of_what_was_not_brought_changes_nothing_and_is_named() {
    for own in [true, false] {
        let stage = Stage::set().await;
        let device = stage.reader.vault.device();
        stage.reader.sync().await;
        let before = stage.held().await;
        stage.relay.play(RefusesOthers { device, own });
        // Its history is another: the last record is offered again, to see that it stands.
        assert_eq!(stage.names().await, ["not-taken"]);
        assert_eq!(stage.held().await, before);
        stage.reader.write("what waits").await;
        assert_eq!(stage.names().await, ["not-taken"]);
        assert_eq!(stage.reader.vault.unsent().await.unwrap(), 1);
        stage.heals().await;
        assert_eq!(stage.writer.texts().await.len(), 2);
    }
}
