//! What the machine is told, and what it asks for.

use crate::sync::{Intake, OwnChain};
use daymark_wire::{
    ChainId, EpochId, Record, Seq,
    logs::TravelLink,
    record::Place,
    sync::{AppendOutcome, News, RecordRefusal, SyncReply},
};

/// What happened. News that arrives while a reply is awaited is kept until that was handled.
#[derive(Debug)]
pub enum Event {
    /// Begin. `append` holds links of this device's own making (a new device let in, a move).
    Started {
        /// Links to append.
        append: Vec<TravelLink>,
    },
    /// The relay does not know the account: register it.
    UnknownAccount {
        /// The operator's invite, if there is one.
        invite: Option<String>,
    },
    /// The relay knows the account, but not this device: its logs may be older than the link that let this
    /// device in. That link is brought to it.
    UnknownDevice,
    /// The relay answered [`Effect::Send`].
    Replied(Box<SyncReply>),
    /// Another device brought something; the relay pushed it over the live socket.
    News(Box<News>),
    /// [`Work::Store`] is on disk; or, while nothing is under way, something new waits.
    Stored {
        /// Whether changes wait in the outbox.
        waiting: bool,
    },
    /// [`Work::KeepLink`] is on disk.
    LinkKept,
    /// [`Work::Renew`] is on disk.
    Renewed,
    /// [`Work::Seal`] or [`Work::WrapKeys`] was carried out with [`super::Machine::seal`] or
    /// [`super::Machine::wrap_keys`] and its result is on disk; these are its records.
    Sealed(Vec<Record>),
    /// There was nothing to seal or wrap, or nothing to do it with.
    NothingSealed,
    /// The stored records that [`Work::Offer`] or [`Work::OfferPlaces`] asked for, each chain's in order.
    Offered(Vec<Record>),
}

/// What a machine comes to.
#[derive(Debug)]
pub enum Effect {
    /// Send [`super::Machine::request`]; come back with [`Event::Replied`].
    Send,
    /// Do this; come back with the event that it names.
    Work(Work),
    /// Nothing more to do now.
    Finished(Outcome),
}

/// What the caller should do with what it has on disk.
#[derive(Debug)]
pub enum Work {
    /// Store everything in one transaction; come back with [`Event::Stored`].
    Store(Box<Intake>),
    /// Store this link of the space's log, in the place of the one before; come back with [`Event::LinkKept`]. It is
    /// loaded again as [`crate::sync::Replica::signed`].
    KeepLink(Box<TravelLink>),
    /// This device's chain ends and goes on as `own`. In one transaction: store `own`; drop the records
    /// that are signed but not acknowledged; put their changes back in the outbox; and, before these, every
    /// change in acknowledged records of the ended chain beyond `after` (there are some only where the
    /// chain was forked, and others may never take what it held). No key held so far of a document whose
    /// changes then wait seals anything more ([`crate::sync::KnownKey::epoch`] zero): what introduced it may stand
    /// nowhere but here. Come back with [`Event::Renewed`].
    Renew {
        /// The new chain.
        own: OwnChain,
        /// The last place of the ended chain that needs not be said again.
        after: Seq,
    },
    /// Load what waits, seal it with [`super::Machine::seal`], store the result; come back with
    /// [`Event::Sealed`] or [`Event::NothingSealed`].
    Seal,
    /// Load every document key that is not known to lie wrapped under `epoch`, wrap them with
    /// [`super::Machine::wrap_keys`], store the result; come back with [`Event::Sealed`] or
    /// [`Event::NothingSealed`]. Once acknowledged, the records are taken in like received ones.
    WrapKeys {
        /// The newest epoch.
        epoch: EpochId,
    },
    /// Load stored records of this chain beyond a place, up to as many as one request can push; come back
    /// with [`Event::Offered`].
    Offer {
        /// Which chain.
        chain: ChainId,
        /// The last place that the relay has.
        after: Seq,
    },
    /// Load the stored records at these places, as far as their bodies are here; come back with
    /// [`Event::Offered`].
    OfferPlaces(Vec<Place>),
}

/// How a sync ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Requests answered.
    pub round_trips: u32,
    /// Records received and new.
    pub received: usize,
    /// Records that the relay took.
    pub sent: usize,
    /// What became of the links that were brought.
    pub append: AppendOutcome,
    /// The account's quota is used up: what could not be sent waits.
    pub quota_exceeded: bool,
    /// The relay refuses what this device sends, again and again.
    pub refused: Option<RecordRefusal>,
    /// What was brought was not taken, again and again, whatever the relay says why: it waits.
    pub given_up: bool,
}
