//! What is stored and cannot be read any more: a page of the disk went bad, or somebody changed the file.
//!
//! Whoever reads leaves such a record out and notes it here. The writer lets go of what is damaged, and from
//! then on the place is a hole, which is asked for of every device and filled by any that has the record.

use crate::{short::Short, store::ChainRow};
use daymark_wire::{AccountId, Hash, record::Place};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Damaged records that wait for the writer. What is beyond is found again when it is read again.
const MAX_NOTED: usize = 1024;

/// One damaged record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damaged {
    pub(crate) row: ChainRow,
    pub(crate) place: Place,
    /// The hash of header and signature as they were found: what is other by now is left alone.
    pub(crate) head: Hash,
    pub(crate) part: Part,
}

/// What of a record is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The header or the signature: without them the body is of no use.
    Head,
    /// The body alone, which has this hash now.
    Body(Hash),
}

/// What was found and waits for the writer.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    noted: Mutex<Vec<(AccountId, Damaged)>>,
    found: Notify,
}

impl Damage {
    /// Notes what was found, and says so in the log.
    pub(crate) fn note(&self, account: AccountId, damaged: Vec<Damaged>) {
        if damaged.is_empty() {
            return;
        }
        let mut noted = self.noted();
        for found in damaged {
            if noted.len() >= MAX_NOTED || noted.contains(&(account, found)) {
                continue;
            }
            let Place { chain, seq } = found.place;
            tracing::error!(
                account = %Short::of(account.as_bytes()),
                device = %Short::of(chain.device.as_bytes()),
                seq = seq.0,
                row = found.row.0,
                what = found.part.name(),
                "a record is damaged; devices are asked for it"
            );
            noted.push((account, found));
        }
        drop(noted);
        self.found.notify_one();
    }

    /// Ready when something was noted.
    pub(crate) async fn found(&self) {
        self.found.notified().await;
    }

    /// What was noted, for the writer.
    pub(crate) fn take(&self) -> Vec<(AccountId, Damaged)> {
        std::mem::take(&mut self.noted())
    }

    fn noted(&self) -> MutexGuard<'_, Vec<(AccountId, Damaged)>> {
        // Each change is one step, so a poisoned lock guards a whole value.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Head => "header",
            Self::Body(_) => "body",
        }
    }
}
