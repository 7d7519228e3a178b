//! The gate: the only door through which foreign bytes reach Automerge.
//!
//! In an entry's way it stands after everything cryptographic: a record was authenticated and opened, its
//! body holds Automerge changes of one device, and here they become part of a document, or do not.
//! Automerge 0.12 is not safe on hostile bytes (it panics, hangs, takes gigabytes, or takes changes that
//! leave a document which cannot be loaded again), and a stolen device can write any bytes it likes.
//!
//! ```text
//! bytes ─► chunk ─► walker ─► rows ─► ledger ──► apply ─► document + saved bytes
//!          header,  columns   each    sequence,  on a copy, quietly;
//!          hash     counted   alone   numbers    saved and loaded
//!            │         │        │        │          │
//!            └─────────┴── Refused ──────┤          └─► Refused, the document as it was
//!                                        └─► Waiting, AlreadyKnown
//! ```
//!
//! Rules G1 to G5 of the protocol. Pure: nothing here reads a clock or a file, and the one thing shared is
//! the panic hook that keeps Automerge's messages, which quote text, from being printed.

mod apply;
mod batch;
mod chunk;
mod columns;
mod ledger;
mod quiet;
mod reader;
mod record;
mod refusal;
mod rows;
mod runs;
mod tally;
#[cfg(test)]
mod testing;
mod walker;

pub use apply::load;
pub use refusal::{LoadFailed, Malformed, Refusal};

use automerge::{Automerge, ChangeHash};
use batch::Batch;
use daymark_wire::DeviceId;
use std::fmt;

/// The opened body of one `change` record: one or more raw, uncompressed change chunks, one after the
/// other, each after those of the same record that it depends on.
#[derive(Clone, PartialEq, Eq)]
pub struct Offered {
    /// The device whose chain the record is in. All its changes must be of that device.
    pub author: DeviceId,
    /// The chunks.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offered")
            .field("author", &self.author)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// What became of one record. All its changes share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Part of the new document.
    Applied,
    /// Every change of it was in the document before, or came earlier in the same batch.
    AlreadyKnown,
    /// It depends on this change, which is not there. Store it sealed and offer it again later.
    Waiting(ChangeHash),
    /// To be quarantined whole, with this reason.
    Refused(Refusal),
}

/// One record, handed back with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The record as it was offered.
    pub offered: Offered,
    /// What became of it.
    pub outcome: Outcome,
}

/// A document after a batch, as it was saved and loaded again.
#[derive(Clone)]
pub struct Admitted {
    /// The new document; its actor is that of the old one.
    pub document: Automerge,
    /// Its saved form, uncompressed, so that nobody needs to save it again.
    pub saved: Vec<u8>,
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted")
            .field("saved", &self.saved.len())
            .finish_non_exhaustive()
    }
}

/// What came of a batch.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The new document, if anything was applied; otherwise the old one still stands.
    pub admitted: Option<Admitted>,
    /// Every record, in the order in which they were offered.
    pub settled: Vec<Settled>,
}

/// Lets a batch of records into a document, in whatever order makes them fit.
///
/// `document` itself is never touched. A record is applied whole or not at all; one that is refused does
/// not hinder the others, except those that depend on it, which wait.
#[must_use]
pub fn admit(document: &Automerge, offered: Vec<Offered>) -> Admission {
    let mut batch = Batch::read(&offered);
    let mut admitted: Option<Admitted> = None;
    loop {
        let current = admitted.as_ref().map_or(document, |new| &new.document);
        let ready = batch.line_up(current);
        if ready.is_empty() {
            break;
        }
        let candidates = batch.candidates(&offered, &ready);
        match apply::apply(current, &candidates) {
            Ok(new) => {
                batch.settle(&ready, Outcome::Applied);
                admitted = Some(new);
                break;
            }
            Err(failed) => {
                let (works, rest) = ready.split_at(failed.culprit);
                batch.settle(works, Outcome::Applied);
                batch.settle(
                    rest.get(..1).unwrap_or(rest),
                    Outcome::Refused(failed.refusal),
                );
                admitted = failed.before.map(|before| *before).or(admitted);
            }
        }
    }
    Admission {
        admitted,
        settled: batch.hand_back(offered),
    }
}

/// Whether the change `next` rests on the last change of `before` and on nothing else.
///
/// Only then may it share a record with them: a record is applied whole, so one that spans another
/// device's change would wait for that change, and that change for it.
#[must_use]
pub fn goes_on(before: &[u8], next: &[u8]) -> bool {
    let last = chunk::split(before)
        .ok()
        .and_then(|chunks| chunks.last().map(|chunk| chunk.hash));
    let rests_on = match chunk::split(next).as_deref() {
        Ok([only]) => walker::walk(only.content).map(|walked| walked.dependencies),
        _ => return false,
    };
    matches!((last, rests_on), (Some(last), Ok(on)) if on == [last])
}

/// Checks a record as far as that goes without its document: chunks, checksums, counts, operations, actor.
/// What a device is about to seal can be checked with it, too.
///
/// # Errors
/// The [`Refusal`] with which [`admit`] would quarantine the record, whatever the document.
pub fn inspect(offered: &Offered) -> Result<(), Refusal> {
    record::prepare(offered).map(drop)
}
