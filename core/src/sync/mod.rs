//! Sync: events in, effects out (PROTOCOL section 7). The caller does what an effect says and comes back
//! with the event it asked for; no IO happens here.
//!
//! - [`Machine`]: what to ask of one space, what to offer, when to seal, when it is done.
//! - [`Machines`]: all spaces in one request.
//! - [`Replica`]: what this device knows: logs, chains, epoch secrets.
//! - [`SpaceLogs`]: what a journal's logs and a bond's answer differently.
//! - `intake`: what a relay showed is verified here, before anything is stored.
//! - `sealing`: what waits in the outbox gets its place in this device's chain.
//!
//! Turning stored records into documents is [`crate::merge`]'s part.

mod chains;
mod content;
mod fault;
mod intake;
mod machine;
mod machines;
mod replica;
mod sealing;
mod space;
#[cfg(test)]
mod tests;

pub use chains::{ChainHead, ChainState, Chains, OwnChain};
pub use content::{Checkpoint, RewrappedKey, RewrappedKeys};
pub use fault::Fault;
pub use intake::{Intake, StoredRecord};
pub use machine::{Effect, Event, Machine, Outcome, PutOff, Work};
pub use machines::{Machines, Step};
pub use replica::{NewEpoch, Replica};
pub use sealing::{KnownKey, Sealed, SealedItem, SealingError, Waiting};
pub use space::{BondSide, SpaceLogs, Wishes};

/// Work that can be spread over cores: verifying signatures, merging documents. Core starts no threads,
/// so the caller says how.
pub trait Workers {
    /// Applies `f` to every item; the results are in the items' order.
    fn map<T: Send, R: Send>(&self, items: Vec<T>, f: impl Fn(T) -> R + Send + Sync) -> Vec<R>;
}

/// Does everything on the calling thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneWorker;

impl Workers for OneWorker {
    fn map<T: Send, R: Send>(&self, items: Vec<T>, f: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
        items.into_iter().map(f).collect()
    }
}
