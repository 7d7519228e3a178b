//! Whatever a relay makes of its replies: no device is harmed for good, and with an honest one all heals
//! (threats A6, E1, F1, K8, K9).

use super::tale::{Happening, Tale, with_copies};
use crate::model::{Tampering, account};
use daymark_wire::{
    Generation, Record, Seq,
    record::Place,
    sync::{KnownLength, PushOutcome, RecordRefusal, SyncReply, SyncRequest},
};
use proptest::prelude::*;

/// One lie. Numbers choose what it is told about.
#[derive(Debug, Clone)]
enum Lie {
    DropRecord(usize),
    RepeatRecord(usize),
    SwapRecords(usize, usize),
    Truncate(usize),
    Strip(usize),
    /// A reply from before, whole.
    Replay(usize),
    /// Links, records or both of a reply from before.
    MixIn(usize),
    DropLinks,
    ReverseLinks,
    StripBlobs,
    ForeignLinks,
    Behind(u64),
    LinksBehind(u64),
    Want(u64),
    More,
    NoMore,
    NewGeneration(u8),
    NotCurrent,
    Stale,
    Refuse(usize, u8),
    Quota,
    NoSpaces,
}

fn lie() -> impl Strategy<Value = Lie> {
    let n = any::<usize>;
    prop_oneof![
        n().prop_map(Lie::DropRecord),
        n().prop_map(Lie::RepeatRecord),
        (n(), n()).prop_map(|(a, b)| Lie::SwapRecords(a, b)),
        n().prop_map(Lie::Truncate),
        n().prop_map(Lie::Strip),
        n().prop_map(Lie::Replay),
        n().prop_map(Lie::MixIn),
        Just(Lie::DropLinks),
        Just(Lie::ReverseLinks),
        Just(Lie::StripBlobs),
        Just(Lie::ForeignLinks),
        (0_u64..4).prop_map(Lie::Behind),
        (0_u64..4).prop_map(Lie::LinksBehind),
        (0_u64..4).prop_map(Lie::Want),
        Just(Lie::More),
        Just(Lie::NoMore),
        any::<u8>().prop_map(Lie::NewGeneration),
        Just(Lie::NotCurrent),
        Just(Lie::Stale),
        (n(), 0_u8..8).prop_map(|(n, why)| Lie::Refuse(n, why)),
        Just(Lie::Quota),
        Just(Lie::NoSpaces),
    ]
}

/// A relay that lies, and what it said so far.
#[derive(Default)]
struct Liar {
    said: Vec<SyncReply>,
}

impl Liar {
    fn tell(&mut self, lie: Option<&Lie>, request: &SyncRequest, reply: &mut SyncReply) {
        self.said.push(reply.clone());
        if let Some(lie) = lie {
            self.lie(lie, request, reply);
        }
    }

    fn lie(&self, lie: &Lie, request: &SyncRequest, reply: &mut SyncReply) {
        let Some(space) = reply.spaces.first_mut() else {
            return;
        };
        let asked = &request.spaces[0];
        let count = space.records.len().max(1);
        match lie {
            Lie::DropRecord(n) if !space.records.is_empty() => {
                space.records.remove(n % count);
            }
            Lie::RepeatRecord(n) if !space.records.is_empty() => {
                let record = space.records[n % count].clone();
                space.records.insert(0, record);
            }
            Lie::SwapRecords(a, b) if !space.records.is_empty() => {
                space.records.swap(a % count, b % count);
            }
            Lie::Truncate(n) => space.records.truncate(n % count),
            Lie::Strip(n) if !space.records.is_empty() => {
                let record = &mut space.records[n % count];
                *record = Record::clone(record).into_stub();
            }
            Lie::Replay(n) => *reply = self.said[n % self.said.len()].clone(),
            Lie::MixIn(n) => {
                let old = &self.said[n % self.said.len()];
                reply.links.extend(old.links.clone());
                let records = old.spaces.iter().flat_map(|space| space.records.clone());
                reply.spaces[0].records.extend(records);
            }
            Lie::DropLinks => reply.links.clear(),
            Lie::ReverseLinks => reply.links.reverse(),
            Lie::StripBlobs => {
                for link in &mut reply.links {
                    link.blob = None;
                }
            }
            Lie::ForeignLinks => {
                reply
                    .links
                    .extend(account(5)[0].logs.journal_links().to_vec());
            }
            Lie::Behind(seq) => {
                let have = asked.have.iter();
                space.behind = have.map(|(chain, _)| (chain, Seq(*seq))).collect();
            }
            Lie::LinksBehind(length) => {
                let behind = request.known.iter().map(|known| KnownLength {
                    log: known.log,
                    length: *length,
                });
                reply.behind = behind.collect();
            }
            Lie::Want(seq) => {
                let seq = Seq(*seq);
                let have = asked.have.iter();
                space.want = have.map(|(chain, _)| Place { chain, seq }).collect();
            }
            Lie::More => space.more = true,
            Lie::NoMore => space.more = false,
            Lie::NewGeneration(n) => reply.generation = Generation::from_bytes([*n; 16]),
            Lie::NotCurrent => space.push = PushOutcome::HeadsNotCurrent,
            Lie::Stale => space.push = PushOutcome::Stale,
            Lie::Refuse(n, why) if !asked.push.is_empty() => {
                let place = asked.push[n % asked.push.len()].place();
                let why = RecordRefusal::ALL[usize::from(*why) % RecordRefusal::ALL.len()];
                space.push = PushOutcome::Refused { place, why };
            }
            Lie::Quota => space.push = PushOutcome::QuotaExceeded,
            Lie::NoSpaces => reply.spaces.clear(),
            _ => {}
        }
    }
}

/// Something that happens, or a sync with a lying relay: one lie to each exchange.
#[derive(Debug, Clone)]
enum Event {
    Happens(Happening),
    LiedTo(usize, Vec<Option<Lie>>),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => with_copies().prop_map(Event::Happens),
        1 => (any::<usize>(), prop::collection::vec(prop::option::of(lie()), 1..6))
            .prop_map(|(n, lies)| Event::LiedTo(n, lies)),
    ]
}

proptest! {
    #![proptest_config(crate::laws::seeded(150))]

    #[test]
    fn f1_k8_whatever_a_relay_says_all_heals_with_an_honest_one(
        tale in prop::collection::vec(event(), 1..30)
    ) {
        let mut told = Tale::new(3);
        let mut liar = Liar::default();
        for event in &tale {
            match event {
                Event::Happens(happening) => told.happens(happening),
                Event::LiedTo(n, lies) => {
                    let n = n % told.world.devices.len();
                    let mut lies = lies.iter();
                    let tell = |request: &SyncRequest, reply: &mut SyncReply| {
                        liar.tell(lies.next().and_then(Option::as_ref), request, reply);
                    };
                    let mut line = Tampering::new(&mut told.world.relay, tell);
                    let _ = told.world.devices[n].sync(&mut line);
                }
            }
        }
        told.ends_well();
    }
}
