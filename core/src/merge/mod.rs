//! Merging: stored records become documents and views (the last step of an entry's way on the other device).
//!
//! Bodies are opened with the document's keys, go through the gate, and come out as one saved document and
//! its view. Documents are independent of each other, so the caller spreads [`merge`] over its cores.

mod keyring;
mod space;

pub use keyring::{Keyring, LearnedKey, LearnedKeys};
pub use space::{SpaceContent, open_space_record};

use crate::{
    gate::{self, LoadFailed, Offered, Outcome, Refusal},
    journal::{EntryDocument, JournalError, Page, View},
    seal::{self, BodyKey},
};
use automerge::Automerge;
use daymark_wire::{DeviceId, DocumentId, Header, Verified, record::Place};
use thiserror::Error;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An entry.
    Entry,
    /// A page, which starts from its fixed first change.
    Page(Page),
}

/// A `change` record with its body, verified when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// The header.
    pub header: Verified<Header>,
    /// The sealed body.
    pub body: Vec<u8>,
}

impl ChangeRecord {
    const fn place(&self) -> Place {
        self.header.get().place()
    }
}

/// A document as this device has it.
#[derive(Debug, Clone)]
pub enum Base {
    /// As it was saved.
    Saved(Vec<u8>),
    /// An entry as the gate or an edit left it, with all that was saved.
    Open(EntryDocument),
}

impl Base {
    /// The document itself.
    ///
    /// # Errors
    /// [`LoadFailed`] if what was saved is not a whole document.
    pub fn open(self) -> Result<Automerge, LoadFailed> {
        match self {
            Self::Saved(saved) => gate::load(&saved),
            Self::Open(document) => Ok(document.into_automerge()),
        }
    }
}

/// One document and what came for it.
#[derive(Debug, Clone)]
pub struct Job {
    /// Which document.
    pub document: DocumentId,
    /// What it is.
    pub what: What,
    /// As the vault has it; none when it is new here.
    pub base: Option<Base>,
    /// Records to merge, in any order.
    pub records: Vec<ChangeRecord>,
    /// This device's own changes that are in no record yet. Only for a rebuild.
    pub own: Vec<(DeviceId, Vec<u8>)>,
}

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Part of the document, now or before.
    Merged,
    /// A change that it rests on, or its key, has not come yet. Tried again when more comes.
    Waiting,
    /// Kept apart for good.
    Quarantined(Quarantine),
}

/// Why a record is kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Quarantine {
    /// Its body does not open with the key that its header names, or the key that it introduces does not.
    #[error("it does not open")]
    CannotOpen,
    /// The gate refused it.
    #[error(transparent)]
    Gate(#[from] Refusal),
}

/// What came of one job.
#[derive(Debug, Clone)]
pub struct Merged {
    /// Which document.
    pub document: DocumentId,
    /// What is to be saved, if anything changed.
    pub changed: Option<Changed>,
    /// Every record of the job.
    pub settled: Vec<(Place, Settled)>,
}

/// A document's new state.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The saved document, uncompressed.
    pub saved: Vec<u8>,
    /// Its view; none for a page.
    pub view: Option<View>,
    /// The entry itself; none for a page.
    pub open: Option<EntryDocument>,
}

/// A job that cannot be done as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MergeError {
    /// The saved document does not load: do the job again without it, with every record and own change of
    /// this document (rule G3: records are the truth, the saved document is a cache).
    #[error("the saved document does not load")]
    NeedsRebuild,
    /// A page's own first change does not load.
    #[error(transparent)]
    Page(#[from] JournalError),
}

/// Merges one document's records into it.
///
/// # Errors
/// [`MergeError`]; nothing of the job was done.
pub fn merge(job: Job, keys: &Keyring) -> Result<Merged, MergeError> {
    let base = base(job.base, job.what)?;
    let mut settled = Vec::with_capacity(job.records.len());
    let mut offered = Vec::with_capacity(job.records.len());
    let mut places = Vec::with_capacity(job.records.len());
    for (author, bytes) in job.own {
        offered.push(Offered { author, bytes });
        places.push(None);
    }
    for record in job.records {
        let place = record.place();
        match open(&record, keys) {
            Ok(bytes) => {
                offered.push(Offered {
                    author: place.chain.device,
                    bytes,
                });
                places.push(Some(place));
            }
            Err(outcome) => settled.push((place, outcome)),
        }
    }
    let admission = gate::admit(&base, offered);
    for (place, item) in places.into_iter().zip(admission.settled) {
        let Some(place) = place else { continue };
        let outcome = match item.outcome {
            Outcome::Applied | Outcome::AlreadyKnown => Settled::Merged,
            Outcome::Waiting(_) => Settled::Waiting,
            Outcome::Refused(why) => Settled::Quarantined(Quarantine::Gate(why)),
        };
        settled.push((place, outcome));
    }
    let changed = admission.admitted.map(|admitted| {
        let open = match job.what {
            What::Entry => Some(EntryDocument::from_automerge(admitted.document)),
            What::Page(_) => None,
        };
        Changed {
            saved: admitted.saved,
            view: open.as_ref().map(|entry| entry.view(job.document)),
            open,
        }
    });
    Ok(Merged {
        document: job.document,
        changed,
        settled,
    })
}

fn base(base: Option<Base>, what: What) -> Result<Automerge, MergeError> {
    match (base, what) {
        (Some(base), _) => base.open().map_err(|_| MergeError::NeedsRebuild),
        (None, What::Entry) => Ok(Automerge::new()),
        (None, What::Page(page)) => Ok(page.start()?),
    }
}

fn open(record: &ChangeRecord, keys: &Keyring) -> Result<Vec<u8>, Settled> {
    let header = record.header.get();
    let Some(key) = keys.get(header.document, header.key) else {
        return Err(if keys.is_broken(record.place()) {
            Settled::Quarantined(Quarantine::CannotOpen)
        } else {
            Settled::Waiting
        });
    };
    seal::open(&record.header, &record.body, BodyKey::Document(key))
        .map_err(|_| Settled::Quarantined(Quarantine::CannotOpen))
}
