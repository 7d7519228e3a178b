//! A bond's space as sync sees it, between two people who agreed.
//!
//! - `content`: what is sealed and taken, and whose body may be gone.
//! - `making`: the links that this side appends.
//! - `pauses`: when nothing is sealed.
//! - `answers`: an invitation that was accepted.
//! - `keys`: the account's keys, which the journal hands on.
//! - `offering`: what a machine sends a relay that lost links, and after the end.

mod answers;
mod content;
mod keys;
mod making;
mod offering;
mod pauses;

use super::{
    BondSide, Chains, Event, Intake, KnownKey, Machines, OneWorker, OwnChain, Replica, Sealed,
    SealingError, Step, Waiting, Wishes, Work,
};
use crate::{
    account::{Founded, found},
    bonds::{self, Acceptance, AccountLog, Agreed, BondLogs, Forks, Invited, Pin},
    keys::DeviceKey,
    random::{Random, tests::seeded},
};
use daymark_wire::{
    DocumentId, Generation, Record, limits,
    logs::{EndReason, Home, TravelLink},
    record::ExpiryDay,
    sync::{AppendOutcome, SpaceReply, SyncReply, SyncRequest},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const NOW: u64 = 1_900_000_000;
/// The day in which that is.
const TODAY: ExpiryDay = ExpiryDay(21_990);
const LATER: u32 = TODAY.0 + 100;
const GENERATION: Generation = Generation::from_bytes([1; 16]);

/// Both sides of an active bond, each as one device knows it.
pub(super) struct Two {
    pub(super) owner: Replica,
    pub(super) supporter: Replica,
    /// The owner's journal.
    pub(super) journal: Replica,
    pub(super) supporters_journal: Replica,
    pub(super) random: Random,
}

impl Two {
    pub(super) fn new() -> Self {
        let random = seeded(1);
        let home = Home {
            relay: DeviceKey::generate(&random).unwrap().verifying_key(),
            url: "https://relay.example.org".to_owned(),
        };
        let [owner, supporter] = [(); 2].map(|()| found(Some(home.clone()), &random).unwrap());
        let [owner, supporter] = [owner, supporter].map(|founded| journal(founded, &random));
        let invited = invite(&owner, &random);
        let secret = invited.invitation.secret();
        let accepted = accept(&owner, &invited, &supporter, &random);
        let mut logs = invited.logs;
        let shown = [links(&supporter), accepted.links.to_vec()].concat();
        assert_eq!(logs.take(&shown, owner.logs.account()).fault, None);
        let agreed = logs.accepted().unwrap().agree(&secret).unwrap();
        Self {
            owner: bond(&owner, logs, Some(agreed), &random),
            supporter: bond(&supporter, accepted.logs, Some(accepted.agreed), &random),
            journal: owner,
            supporters_journal: supporter,
            random,
        }
    }

    /// The owner wants it to end.
    pub(super) fn wish_owner_ends(&mut self) {
        wish(&mut self.owner, end());
    }

    /// Both are shown this link.
    fn show(&mut self, link: &TravelLink) {
        for replica in [&mut self.owner, &mut self.supporter] {
            let mut intake = Intake::default();
            replica.take_links(std::slice::from_ref(link), &mut intake);
            assert_eq!(intake.faults, BTreeSet::new());
        }
    }
}

fn journal(founded: Founded, random: &Random) -> Replica {
    Replica {
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
    }
}

/// A bond of the person whose journal this is, with the epochs opened that open.
pub(super) fn bond(
    of: &Replica,
    logs: BondLogs,
    agreed: Option<Agreed>,
    random: &Random,
) -> Replica {
    let side = BondSide {
        own: AccountLog::of_own(of.logs.as_journal().unwrap()),
        agreed,
        pin: Pin::agreed(&logs),
        logs,
        forks: Forks::default(),
        wishes: Wishes::default(),
        now: NOW,
    };
    let mut bond = Replica {
        logs: side.into(),
        device: Arc::clone(&of.device),
        wrapping: of.wrapping.clone(),
        account_keys: of.account_keys.clone(),
        epochs: BTreeMap::new(),
        chains: Chains::default(),
        own: OwnChain::first(of.device.id(), random).unwrap(),
        holes: BTreeMap::new(),
        forgotten: BTreeSet::new(),
        generation: Some(GENERATION),
        signed: None,
    };
    bond.take_links(&[], &mut Intake::default());
    bond
}

fn reply(request: &SyncRequest, links: Vec<TravelLink>) -> SyncReply {
    let spaces = request.spaces.iter();
    SyncReply {
        generation: GENERATION,
        append: AppendOutcome::Nothing,
        links,
        behind: Vec::new(),
        spaces: spaces.map(|space| SpaceReply::empty(space.space)).collect(),
    }
}

/// Does all work until there is something to send or nothing to do; gives what was to be stored.
fn stored(machines: &mut Machines, mut step: Step, random: &Random) -> Vec<Intake> {
    let mut intakes = Vec::new();
    while let Step::Work(space, work) = step {
        let event = match work {
            Work::Store(intake) => {
                intakes.push(*intake);
                Event::Stored { waiting: false }
            }
            _ => Event::NothingSealed,
        };
        step = machines.handle(space, event, &OneWorker, random).unwrap();
    }
    intakes
}

fn start(machines: &mut Machines, random: &Random) -> SyncRequest {
    match machines.start(Vec::new(), &OneWorker, random).unwrap() {
        Step::Send(request) => *request,
        step => panic!("{step:?}"),
    }
}

/// Every link of the account log.
pub(super) fn links(of: &Replica) -> Vec<TravelLink> {
    let logs = of.logs.as_journal().unwrap();
    logs.links_beyond(logs.account().id().into(), 0).to_vec()
}

pub(super) fn invite(owner: &Replica, random: &Random) -> Invited {
    let expires = NOW + limits::INVITATION_SECONDS;
    bonds::invite(owner.logs.account(), None, expires, &owner.device, random).unwrap()
}

pub(super) fn accept(
    owner: &Replica,
    invited: &Invited,
    supporter: &Replica,
    random: &Random,
) -> Acceptance {
    let shown = [links(owner), vec![invited.link.clone()]].concat();
    let offer = bonds::consider(invited.invitation.clone(), &shown).unwrap();
    let own = supporter.logs.account();
    offer
        .accept(own, NOW, None, &supporter.device, random)
        .unwrap()
}

fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

fn waiting(item: i64, of: DocumentId, expires: u32) -> Waiting {
    Waiting {
        item,
        document: of,
        content: vec![1; 10],
        expires: ExpiryDay(expires),
    }
}

fn seal(by: &mut Replica, waiting: Vec<Waiting>, random: &Random) -> Result<Sealed, SealingError> {
    let keys: BTreeMap<DocumentId, KnownKey> = BTreeMap::new();
    by.seal(waiting, &keys, false, random)
}

fn shown(to: &mut Replica, records: Vec<Record>) -> Intake {
    let mut intake = Intake::default();
    to.take_records(records, &mut intake, &OneWorker);
    intake
}

/// The link that this side would append now.
pub(super) fn next_link(by: &Replica, random: &Random) -> Option<TravelLink> {
    by.make(by.wants()?, Some(GENERATION), random)
}

/// What one of them wants.
fn wish(of: &mut Replica, wishes: Wishes) {
    of.logs.as_bond_mut().unwrap().wishes = wishes;
}

fn end() -> Wishes {
    Wishes {
        end: Some(EndReason::Chosen),
        forget: BTreeSet::new(),
    }
}

fn forget(document: DocumentId) -> Wishes {
    Wishes {
        end: None,
        forget: BTreeSet::from([document]),
    }
}
