//! K7, K8, K16: two records at one place, older views, and frozen ones.

use crate::stage::{Stage, opened, record};
use daymark_client::{
    Fault,
    vault::{ForkProof, Vault},
};
use daymark_tests::{
    hostile::{Altering, Answer, Asked, Script, StolenDevice},
    world::Device,
};
use daymark_wire::{
    DeviceId, Have, LogId, Record,
    sync::{AppendOutcome, KnownLength, PushOutcome, RecordRefusal, SpaceReply, SyncReply},
};
use std::{path::Path, slice};

/// A copy of a vault as a backup program makes it.
async fn copy(device: &Device, to: &Path) -> Device {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(device.vault.folder()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    Device::open_with_key(to, &device.name, device.vault.key()).await
}

/// Shows one device one record, and nothing else.
fn show(asked: &Asked, reply: &mut SyncReply, to: DeviceId, record: &Record) {
    if asked.device == to {
        for space in &mut reply.spaces {
            space.records = vec![record.clone()];
        }
    }
}

#[tokio::test]
async fn k7_two_signed_records_at_one_place_freeze_the_chain_for_whoever_sees_both() {
    let stage = Stage::set().await;
    // A thief with the writer's key signs another record at the place of the writer's next one.
    let mut thief = StolenDevice::of(&stage.writer.vault).await;
    let kept = stage
        .relay
        .database()
        .await
        .records_of(stage.writer.vault.device())
        .await;
    thief.go_on_after(&record(kept.last().unwrap()));
    let forged = thief.seal(stage.entry, b"what the thief makes of the entry");
    let (entry, honest) = stage.sent("what the writer wrote there").await;
    assert_eq!(forged.place(), record(&honest).place());
    stage.reader.sync().await;
    assert_eq!(
        stage.reader.text(entry).await,
        "what the writer wrote there"
    );
    let before = stage.held().await.without_chains();
    let (reader, writer) = (stage.reader.vault.device(), stage.writer.vault.device());
    let shown = forged.clone();
    stage
        .relay
        .alter(move |asked, reply| show(asked, reply, reader, &shown));
    let frozen = Fault::ForkedChain {
        chain: forged.place().chain,
    };
    assert_eq!(stage.faults().await, slice::from_ref(&frozen));
    assert_eq!(stage.held().await.without_chains(), before);
    // The proof is kept: two headers, signed by one device, at one place.
    let (known, key) = (record(&honest), thief.device.verifying_key());
    let proof = ForkProof {
        known: known.into_stub(),
        shown: forged.clone().into_stub(),
    };
    let kept = stage.reader.vault.forks().await.unwrap();
    assert_eq!(kept, slice::from_ref(&proof));
    for signed in [proof.known.header(), proof.shown.header()] {
        assert!(signed.clone().verify(&key).is_ok());
    }
    // It stays frozen and named; nothing of it is taken any more, also of the true branch.
    stage.sent("what the writer adds to a frozen chain").await;
    stage.relay.behave();
    assert_eq!(stage.faults().await, slice::from_ref(&frozen));
    assert_eq!(stage.held().await.without_chains(), before);

    // Its owner, once it is shown the other branch, goes on in a new chain, says everything again, and is
    // told why.
    thief.go_on_after(&forged);
    let beyond = thief.seal(stage.entry, b"and more");
    thief.go_on_after(&beyond);
    let beyond = thief.seal(stage.entry, b"and yet more");
    stage
        .relay
        .alter(move |asked, reply| show(asked, reply, writer, &beyond));
    let report = stage.writer.sync().await;
    assert!(
        report.faults.contains(&Fault::VaultExistsTwice),
        "{:?}",
        report.faults
    );
    stage.relay.behave();
    stage.writer.sync().await;
    let faults = stage.reader.sync().await.faults;
    assert_eq!(faults, [frozen].into());
    assert_eq!(stage.reader.texts().await, stage.writer.texts().await);
    assert_eq!(stage.reader.texts().await.len(), 3);
    assert_eq!(stage.reader.vault.forks().await.unwrap(), [proof], "one");
    stage.nothing_leaked();
}

/// A relay that takes what one device pushes, and says so, and keeps it from the real one.
struct Swallows(DeviceId);

impl Script for Swallows {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let pushed = asked
            .request
            .spaces
            .iter()
            .any(|space| !space.push.is_empty());
        let generation = daymark_wire::Generation::ZERO;
        (asked.device == self.0 && pushed).then(|| {
            let spaces = asked.request.spaces.iter().map(|space| SpaceReply {
                push: PushOutcome::Accepted,
                ..SpaceReply::empty(space.space)
            });
            Answer::reply(SyncReply {
                generation,
                append: AppendOutcome::Nothing,
                links: Vec::new(),
                behind: Vec::new(),
                spaces: spaces.collect(),
            })
        })
    }
}

#[tokio::test]
async fn k7_a_cloned_vault_and_a_relay_that_hides_one_from_the_other_end_in_one_state() {
    let stage = Stage::set().await;
    let clone = copy(&stage.writer, &stage.relay.vault_folder("clone")).await;
    stage.relay.play(Swallows(stage.writer.vault.device()));
    // Both write at the same places; the relay tells each that it took theirs.
    stage.writer.write("by the one").await;
    clone.write("by the other").await;
    stage.writer.sync().await;
    clone.sync().await;
    stage.relay.behave();
    for _ in 0..3 {
        for device in [&stage.writer, &clone, &stage.reader] {
            device.sync().await;
        }
    }
    let mut told = Vec::new();
    for device in [&stage.writer, &clone, &stage.reader] {
        let mut texts = device.texts().await;
        texts.sort();
        told.push(texts);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    assert_eq!(told[0].len(), 3, "{told:?}");
    stage.nothing_leaked();
}

#[tokio::test]
async fn k8_an_older_view_is_named_rolled_back_loses_nothing_and_heals() {
    let stage = Stage::set().await;
    let (reader, log) = (
        stage.reader.vault.device(),
        LogId::from(stage.reader.vault.account()),
    );
    stage.reader.write("from the reader").await;
    stage.reader.sync().await;
    let before = stage.held().await;
    let space = stage.reader.vault.journal();
    stage.relay.alter(move |asked, reply| {
        if asked.device == reader {
            reply.links.clear();
            reply.behind = vec![KnownLength { log, length: 1 }];
            for space in &mut reply.spaces {
                let have = asked.request.spaces[0].have.iter();
                space.behind = have
                    .map(|(chain, _)| (chain, daymark_wire::Seq(0)))
                    .collect::<Have>();
                space.records.clear();
            }
        }
    });
    let faults = stage.faults().await;
    assert_eq!(
        faults
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>(),
        [
            Fault::RolledBack { log },
            Fault::RolledBack { log: space.into() }
        ]
        .into()
    );
    assert_eq!(stage.held().await, before);
    stage.reader.write("written while the view is old").await;
    stage.heals().await;
    assert_eq!(stage.writer.texts().await.len(), 3);
}

#[tokio::test]
async fn k8_another_history_of_the_log_is_named_forked_view() {
    let stage = Stage::set().await;
    // A thief with the writer's key makes another link at the place of the reader's own entrance.
    let thief = StolenDevice::of(&stage.writer.vault).await;
    let logs = thief.logs();
    let account = logs.links_beyond(logs.account().id().into(), 0);
    let genesis: daymark_wire::logs::AccountLink = account[0].open().unwrap();
    let add: daymark_wire::logs::AccountLink = account[1].open().unwrap();
    let other = daymark_wire::logs::LinkBody {
        content: daymark_wire::logs::AccountContent::Revoke {
            device: stage.reader.vault.device(),
        },
        ..add.claimed().clone()
    };
    assert_eq!(other.previous, genesis.hash());
    let other = daymark_wire::Signed::sign(other, thief.device.signing()).to_travel(None);
    let before = stage.held().await;
    stage
        .relay
        .alter(move |_, reply| reply.links = vec![other.clone()]);
    let log = LogId::from(stage.reader.vault.account());
    assert_eq!(stage.faults().await, [Fault::ForkedView { log }]);
    assert_eq!(stage.held().await, before);
    stage.heals().await;
}

#[tokio::test]
async fn k16_a_frozen_view_is_exposed_by_the_first_record_that_names_more() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let log = LogId::from(stage.reader.vault.account());
    // The relay freezes the reader, and a third device is let in.
    stage.relay.alter(move |asked, reply| {
        if asked.device == reader {
            reply.links.clear();
            for space in &mut reply.spaces {
                space.records.clear();
            }
        }
    });
    let folder = stage.relay.vault_folder("third");
    let third = stage.writer.pair(&folder, "a third").await;
    let before = stage.held().await;
    assert_eq!(stage.faults().await, [], "until then it cannot know");
    stage.writer.write("after the third was let in").await;
    stage.writer.sync().await;
    stage.relay.alter(move |asked, reply| {
        if asked.device == reader {
            reply.links.clear();
        }
    });
    let faults = stage.faults().await;
    assert!(faults.contains(&Fault::RolledBack { log }), "{faults:?}");
    assert_eq!(stage.held().await, before);
    stage.heals().await;
    assert_eq!(stage.reader.vault.status().await.unwrap().devices.len(), 3);
    assert_eq!(third.sync().await.faults, [].into());
}

#[tokio::test]
async fn k16_a_record_that_names_a_log_that_never_was_is_a_forked_view() {
    let stage = Stage::set().await;
    // A thief's record names heads of the thief's own invention.
    let (_, kept) = stage.sent("whose heads are bent").await;
    let honest = opened(&kept);
    let mut header = honest.claimed().clone();
    header.heads[0].hash = daymark_wire::logs::HeadHash::from_bytes([1; 16]);
    let thief = StolenDevice::of(&stage.writer.vault).await;
    let bent = daymark_wire::Signed::sign(header, thief.device.signing());
    let bent = Record::from_own_storage(bent, kept.body.clone());
    let before = stage.held().await;
    stage
        .relay
        .play(Altering(move |_: &Asked, reply: &mut SyncReply| {
            for space in &mut reply.spaces {
                space.records = vec![bent.clone()];
            }
        }));
    let log = LogId::from(stage.reader.vault.account());
    assert_eq!(stage.faults().await, [Fault::ForkedView { log }]);
    assert_eq!(stage.held().await, before);
    stage.heals().await;
    assert!(Vault::open(stage.reader.vault.folder()).await.is_ok());
}

#[tokio::test]
async fn k7_a_fork_that_the_relay_only_claims_loses_nothing_and_is_named() {
    let stage = Stage::set().await;
    let reader = stage.reader.vault.device();
    let chain_count = async || {
        let records = stage.relay.database().await.records_of(reader).await;
        let chains: std::collections::BTreeSet<_> = records.iter().map(|r| r.chain).collect();
        (records.len(), chains.len())
    };
    stage.reader.write("what the relay says is forked").await;
    stage.reader.sync().await;
    let before = chain_count().await;
    stage.relay.play(ClaimsForks(reader));
    for round in 0..6 {
        stage.reader.write(&format!("round {round}")).await;
        let names = stage.names().await;
        assert!(!names.is_empty(), "{names:?}");
    }
    stage.relay.behave();
    let texts = stage.reader.texts().await;
    stage.reader.sync().await;
    stage.writer.sync().await;
    // Nothing is said twice on a relay's word.
    let (records, chains) = chain_count().await;
    assert!(records <= before.0 + 6 + 1, "{records} records");
    assert_eq!(chains, before.1);
    assert_eq!(stage.reader.texts().await, texts);
    assert_eq!(stage.writer.texts().await.len(), texts.len());
    stage.nothing_leaked();
}

/// A relay that takes nothing of one device, and says that another record stands at its place.
struct ClaimsForks(DeviceId);

impl Script for ClaimsForks {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let pushed = asked
            .request
            .spaces
            .iter()
            .find_map(|space| space.push.first());
        let place = pushed.filter(|_| asked.device == self.0)?.place();
        let spaces = asked.request.spaces.iter().map(|space| SpaceReply {
            push: PushOutcome::Refused {
                place,
                why: RecordRefusal::Forked,
            },
            ..SpaceReply::empty(space.space)
        });
        Some(Answer::reply(SyncReply {
            generation: daymark_wire::Generation::ZERO,
            append: AppendOutcome::Nothing,
            links: Vec::new(),
            behind: Vec::new(),
            spaces: spaces.collect(),
        }))
    }
}

#[tokio::test]
async fn k7_a_record_without_its_body_is_still_the_proof_that_a_vault_exists_twice() {
    let stage = Stage::set().await;
    let clone = copy(&stage.writer, &stage.relay.vault_folder("clone")).await;
    // One signs, and nothing is taken; the other is at the same place first, and what it says there is lost.
    stage.writer.write("by the one").await;
    stage.relay.play(TakesNothing(stage.writer.vault.device()));
    assert!(stage.writer.vault.sync(&|_| ()).await.is_err());
    stage.relay.behave();
    clone.write("by the other").await;
    clone.sync().await;
    let lost = "UPDATE records SET body = NULL WHERE id = (SELECT max(id) FROM records)";
    assert_eq!(stage.relay.database().await.execute(lost).await, 1);
    let report = stage.writer.sync().await;
    assert!(
        report.faults.contains(&Fault::VaultExistsTwice),
        "{report:?}"
    );
    assert_eq!(stage.writer.vault.unsent().await.unwrap(), 0);
    stage.nothing_leaked();
}

/// A relay that takes nothing of one device.
struct TakesNothing(DeviceId);

impl Script for TakesNothing {
    fn instead(&mut self, asked: &Asked) -> Option<Answer> {
        let pushes = asked
            .request
            .spaces
            .iter()
            .any(|space| !space.push.is_empty());
        (asked.device == self.0 && pushes).then(|| {
            let spaces = asked.request.spaces.iter();
            Answer::reply(SyncReply {
                generation: daymark_wire::Generation::ZERO,
                append: AppendOutcome::Nothing,
                links: Vec::new(),
                behind: Vec::new(),
                spaces: spaces.map(|space| SpaceReply::empty(space.space)).collect(),
            })
        })
    }
}
