//! Stored records become documents, on every core, a batch at a time.

use super::{OnProgress, Progress, SyncError, cores::Cores};
use crate::vault::{
    DocumentVersion, KEPT_OPEN, Merged as SavedMerge, Reading, RecordRow, RecordState, Vault,
    Writing,
};
use daymark_core::{
    journal::Page,
    merge::{
        ChangeRecord, Job, Keyring, MergeError, Merged, Settled, SpaceContent, What, merge,
        open_space_record,
    },
    sync::{Fault, KnownKey, Replica, Workers},
};
use daymark_wire::{DocumentId, Record, Verified, record::Place};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Records merged in one transaction: few commits, and not too much to hold at once.
const MERGED_AT_ONCE: usize = 256;

/// What merging came to.
#[derive(Debug, Default)]
pub(super) struct MergedNow {
    pub(super) records: usize,
    pub(super) faults: BTreeSet<Fault>,
}

/// A document's records, each with its row in the vault.
type Stored = Vec<(RecordRow, Record)>;

/// Merges everything that was received and not merged yet, a batch in each transaction.
pub(super) async fn merge_received(
    vault: &Vault,
    replica: &Replica,
    progress: OnProgress<'_>,
) -> Result<MergedNow, SyncError> {
    let mut now = MergedNow::default();
    loop {
        let mut reading = vault.reading().await?;
        let planned = plan_batch(&mut reading, replica, &mut now).await?;
        drop(reading);
        let Some(planned) = planned else {
            return Ok(now);
        };
        let batch = merge_batch(vault, planned, &mut now).await?;
        let mut writing = vault.writing().await?;
        batch.put(&mut writing).await?;
        writing.commit().await?;
        progress(Progress::Merged {
            done: now.records,
            of: now.records,
        });
    }
}

/// Merges what was received within a change, so that an edit made elsewhere costs one commit here.
pub(super) async fn merge_within(
    vault: &Vault,
    writing: &mut Writing,
    replica: &Replica,
) -> Result<MergedNow, SyncError> {
    let mut now = MergedNow::default();
    while let Some(planned) = plan_batch(writing, replica, &mut now).await? {
        let batch = merge_batch(vault, planned, &mut now).await?;
        let wakes_others = batch.has_keys();
        batch.put(writing).await?;
        if !wakes_others && now.records < MERGED_AT_ONCE {
            break;
        }
    }
    Ok(now)
}

/// Documents to merge, loaded, with the keys to open their records.
struct PlannedBatch {
    space: Option<SavedMerge>,
    documents: Vec<(Plan, Job)>,
    keys: Keys,
}

/// Documents merged, to be saved.
struct MergedBatch {
    documents: Vec<SavedMerge>,
    other_keys: Vec<(DocumentId, KnownKey)>,
}

impl MergedBatch {
    /// Whether it brings keys, for which other records may have waited.
    fn has_keys(&self) -> bool {
        !self.other_keys.is_empty() || self.documents.iter().any(|one| !one.keys.is_empty())
    }

    async fn put(self, writing: &mut Writing) -> Result<(), SyncError> {
        writing.put_merged(self.documents).await?;
        Ok(writing.put_learned_keys(&self.other_keys).await?)
    }
}

async fn plan_batch(
    reading: &mut Reading,
    replica: &Replica,
    now: &mut MergedNow,
) -> Result<Option<PlannedBatch>, SyncError> {
    let mut received = reading.records_to_merge(MERGED_AT_ONCE).await?;
    if received.is_empty() {
        return Ok(None);
    }
    now.records += received.values().map(Vec::len).sum::<usize>();
    let of_the_space = received.remove(&DocumentId::ZERO).unwrap_or_default();
    let documents: Vec<_> = received.keys().copied().collect();
    let mut keys = Keys::load(reading, &documents).await?;
    let space = take_space_records(of_the_space, replica, &mut keys, &mut now.faults);
    keys.learn(&received, replica);
    let documents = plan(reading, received).await?;
    Ok(Some(PlannedBatch {
        space,
        documents,
        keys,
    }))
}

async fn merge_batch(
    vault: &Vault,
    mut planned: PlannedBatch,
    now: &mut MergedNow,
) -> Result<MergedBatch, SyncError> {
    let merged = merge_all(vault, planned.documents, &mut planned.keys, &mut now.faults).await?;
    Ok(MergedBatch {
        documents: planned.space.into_iter().chain(merged).collect(),
        other_keys: planned.keys.of_other_documents(),
    })
}

/// The keys at hand, and those learned in this batch.
struct Keys {
    ring: Keyring,
    learned: BTreeMap<DocumentId, Vec<KnownKey>>,
}

impl Keys {
    async fn load(reading: &mut Reading, documents: &[DocumentId]) -> Result<Self, SyncError> {
        let mut ring = Keyring::default();
        for (document, known) in reading.keys_of(documents).await? {
            ring.insert(document, known.key);
        }
        Ok(Self {
            ring,
            learned: BTreeMap::new(),
        })
    }

    /// What a `keys` record gave for documents that are not in this batch.
    fn of_other_documents(&mut self) -> Vec<(DocumentId, KnownKey)> {
        let learned = std::mem::take(&mut self.learned);
        let each = |(document, keys): (DocumentId, Vec<KnownKey>)| {
            keys.into_iter().map(move |key| (document, key))
        };
        learned.into_iter().flat_map(each).collect()
    }

    fn learn(&mut self, received: &BTreeMap<DocumentId, Stored>, replica: &Replica) {
        for (_, record) in received.values().flatten() {
            let learned = self.ring.learn(record.claimed(), &replica.epochs);
            if let Some(learned) = learned {
                let key = KnownKey {
                    epoch: learned.epoch,
                    key: learned.key,
                };
                self.learned.entry(learned.document).or_default().push(key);
            }
        }
    }
}

/// What is remembered of a document while its job is done.
struct Plan {
    document: DocumentId,
    what: What,
    rows: HashMap<Place, RecordRow>,
    version: Option<DocumentVersion>,
    hidden: bool,
}

async fn plan(
    reading: &mut Reading,
    received: BTreeMap<DocumentId, Stored>,
) -> Result<Vec<(Plan, Job)>, SyncError> {
    let documents: Vec<_> = received.keys().copied().collect();
    let mut loaded = reading.load_documents(&documents).await?;
    let pages = reading.page_ids().await?;
    let plan = |(document, records): (DocumentId, Stored)| {
        let current = loaded.remove(&document);
        let page = pages.get(&document).copied();
        let plan = Plan {
            document,
            what: what(page),
            rows: records
                .iter()
                .map(|(row, record)| (record.place(), *row))
                .collect(),
            version: current.as_ref().map(|loaded| loaded.version),
            hidden: page.is_none() && current.as_ref().is_some_and(|loaded| !loaded.is_shown()),
        };
        let job = Job {
            document,
            what: plan.what,
            base: current.map(|loaded| loaded.base),
            records: records
                .into_iter()
                .filter_map(|(_, record)| change(record))
                .collect(),
            own: Vec::new(),
        };
        (plan, job)
    };
    Ok(received.into_iter().map(plan).collect())
}

fn what(page: Option<Page>) -> What {
    page.map_or(What::Entry, What::Page)
}

/// A record as core merges it: its signature was checked before it was stored.
fn change(record: Record) -> Option<ChangeRecord> {
    let (header, body) = record.into_parts();
    Some(ChangeRecord {
        header: Verified::from_own_storage(header),
        body: body?,
    })
}

async fn merge_all(
    vault: &Vault,
    planned: Vec<(Plan, Job)>,
    keys: &mut Keys,
    faults: &mut BTreeSet<Fault>,
) -> Result<Vec<SavedMerge>, SyncError> {
    let ring = std::mem::take(&mut keys.ring);
    let stay_open = planned.len() <= KEPT_OPEN;
    let (results, ring) = tokio::task::spawn_blocking(move || {
        let results = Cores.map(planned, |(plan, job)| {
            let merged = merge(job, &ring);
            (plan, if stay_open { merged } else { closed(merged) })
        });
        (results, ring)
    })
    .await
    .map_err(|_| SyncError::Failed)?;
    let mut saved = Vec::with_capacity(results.len());
    for (mut plan, result) in results {
        let merged = match result {
            Ok(merged) => merged,
            Err(MergeError::NeedsRebuild) => rebuild(vault, &mut plan, &ring).await?,
            Err(MergeError::Page(_)) => return Err(SyncError::Failed),
        };
        let learned = keys.learned.remove(&plan.document).unwrap_or_default();
        saved.push(to_save(merged, &plan, learned, faults));
    }
    Ok(saved)
}

/// Of many documents none stays open: together they would fill the memory until all are saved.
fn closed(merged: Result<Merged, MergeError>) -> Result<Merged, MergeError> {
    merged.map(|mut merged| {
        if let Some(changed) = &mut merged.changed {
            changed.open = None;
        }
        merged
    })
}

/// Makes a document again from everything that is stored of it (rule G3).
async fn rebuild(vault: &Vault, plan: &mut Plan, ring: &Keyring) -> Result<Merged, SyncError> {
    let document = plan.document;
    let mut reading = vault.reading().await?;
    let stored = reading.records_of(document).await?;
    let waiting = reading.outbox_waiting(&BTreeSet::new(), usize::MAX).await?;
    drop(reading);
    plan.rows
        .extend(stored.iter().map(|(row, record)| (record.place(), *row)));
    vault.renew_actor(document);
    let job = Job {
        document,
        what: plan.what,
        base: None,
        records: stored
            .into_iter()
            .filter_map(|(_, record)| change(record))
            .collect(),
        own: waiting
            .into_iter()
            .filter(|change| change.document == document)
            .map(|change| (vault.device(), change.content))
            .collect(),
    };
    merge(job, ring).map_err(|_| SyncError::Failed)
}

fn to_save(
    merged: Merged,
    plan: &Plan,
    keys: Vec<KnownKey>,
    faults: &mut BTreeSet<Fault>,
) -> SavedMerge {
    let mut records = Vec::with_capacity(merged.settled.len());
    for (place, settled) in merged.settled {
        let state = match settled {
            Settled::Merged => RecordState::Merged,
            Settled::Waiting => RecordState::Waiting,
            Settled::Quarantined(_) => {
                faults.insert(Fault::Quarantined { place });
                RecordState::Quarantined
            }
        };
        if let Some(row) = plan.rows.get(&place) {
            records.push((*row, state));
        }
    }
    let (saved, view, open) = merged.changed.map_or((None, None, None), |changed| {
        (Some(changed.saved), changed.view, changed.open)
    });
    SavedMerge {
        document: merged.document,
        from: plan.version,
        saved,
        view: view.filter(|_| !plan.hidden),
        open: open.filter(|_| !plan.hidden),
        keys,
        records,
    }
}

/// Records of the space itself: keys are learned, checkpoints compared.
fn take_space_records(
    records: Stored,
    replica: &Replica,
    keys: &mut Keys,
    faults: &mut BTreeSet<Fault>,
) -> Option<SavedMerge> {
    if records.is_empty() {
        return None;
    }
    let mut settled = Vec::with_capacity(records.len());
    for (row, record) in records {
        let (epoch, place) = (record.claimed().epoch, record.place());
        let Some(record) = change(record) else {
            continue;
        };
        let state = match open_space_record(&record.header, &record.body, &replica.epochs) {
            Ok(SpaceContent::Keys(rewrapped)) => {
                for learned in keys.ring.learn_all(&rewrapped, epoch, &replica.epochs).new {
                    let key = KnownKey {
                        epoch: learned.epoch,
                        key: learned.key,
                    };
                    keys.learned.entry(learned.document).or_default().push(key);
                }
                RecordState::Merged
            }
            Ok(SpaceContent::Checkpoint(checkpoint)) => {
                faults.extend(replica.compare(&checkpoint));
                RecordState::Merged
            }
            Err(_) if !replica.epochs.contains_key(&epoch) => RecordState::Waiting,
            Err(_) => {
                faults.insert(Fault::Quarantined { place });
                RecordState::Quarantined
            }
        };
        settled.push((row, state));
    }
    Some(SavedMerge {
        document: DocumentId::ZERO,
        from: None,
        saved: None,
        view: None,
        open: None,
        keys: Vec::new(),
        records: settled,
    })
}
