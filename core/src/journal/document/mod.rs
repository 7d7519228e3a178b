//! One entry as an Automerge document: made, edited, read, saved.
//!
//! Each call makes at most one change, committed with time 0 and no message. Another device's changes
//! do not come in here: they pass the gate, which hands back the merged document.

mod writer;

use crate::journal::{Actor, ChangeBytes, Edit, Entry, JournalError, Step, View, fields};
use automerge::{
    Automerge,
    transaction::{CommitOptions, Transactable},
};
use daymark_wire::{
    DocumentId,
    limits::{MAX_OPERATIONS_PER_CHANGE, MAX_OPERATIONS_PER_DOCUMENT},
};
use std::fmt;
use writer::Writer;

/// An entry's document with its history.
#[derive(Clone)]
pub struct EntryDocument {
    /// Boxed: it is large, and is handed on from room to room.
    document: Box<Automerge>,
}

/// Shows nothing: what a person wrote lies in it, also what they took out again.
impl fmt::Debug for EntryDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntryDocument([redacted])")
    }
}

impl EntryDocument {
    /// A new document that holds `entry`, and its first change.
    ///
    /// # Errors
    /// What [`Entry::check`] refuses; [`JournalError::TooMuchAtOnce`]; [`JournalError::Document`].
    pub fn create(actor: Actor, entry: &Entry) -> Result<(Self, ChangeBytes), JournalError> {
        let mut new = Self {
            document: Box::new(Automerge::new()),
        };
        let nothing = Entry::new(entry.at.clone());
        let mut steps = vec![Step::At(entry.at.clone())];
        steps.extend_from_slice(Edit::between(&nothing, entry).steps());
        entry.check()?;
        let change = new.edit(actor, &steps.into_iter().collect())?;
        Ok((new, change.ok_or(JournalError::Document)?))
    }

    /// A document that was loaded, or came back from the gate.
    #[must_use]
    pub fn from_automerge(document: Automerge) -> Self {
        Self {
            document: Box::new(document),
        }
    }

    /// The document itself, for the gate.
    #[must_use]
    pub fn automerge(&self) -> &Automerge {
        &self.document
    }

    /// The document itself, without a copy, for the gate.
    #[must_use]
    pub fn into_automerge(self) -> Automerge {
        *self.document
    }

    /// Makes all steps as one change; `None` when everything reads like that already.
    ///
    /// On an error the document is as it was.
    ///
    /// # Errors
    /// What [`Entry::check`] refuses in the entry that would result; [`JournalError::TooMuchAtOnce`],
    /// [`JournalError::Full`], [`JournalError::Document`].
    pub fn edit(&mut self, actor: Actor, edit: &Edit) -> Result<Option<ChangeBytes>, JournalError> {
        check_result(self, edit)?;
        let before = operations(&self.document);
        self.document.set_actor(actor.to_automerge());
        let mut transaction = self.document.transaction();
        // Leaving here drops the transaction, which takes back what was written so far.
        Writer::new(&mut transaction)
            .write(edit)
            .map_err(|_| JournalError::Document)?;
        let new = u64::try_from(transaction.pending_ops()).unwrap_or(u64::MAX);
        check_operations(before, new)?;
        let options = CommitOptions::default().with_time(0);
        let (hash, _) = transaction.commit_with(options);
        hash.map(|hash| ChangeBytes::of(&self.document, &hash))
            .transpose()
    }

    /// The entry as it reads now.
    #[must_use]
    pub fn entry(&self) -> Entry {
        fields::read(&self.document)
    }

    /// The entry as it reads now, with what a list needs.
    #[must_use]
    pub fn view(&self, id: DocumentId) -> View {
        View::new(id, self.entry())
    }

    /// The whole document with its history, uncompressed.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.document.save_nocompress()
    }
}

/// Refuses an edit whose result is longer than one document holds. A merge can be too long already:
/// then an edit that makes it no longer is let through.
fn check_result(document: &EntryDocument, edit: &Edit) -> Result<(), JournalError> {
    if !edit.steps().iter().any(Step::may_grow) {
        return Ok(());
    }
    let mut entry = document.entry();
    let before = entry.check();
    edit.apply_to(&mut entry);
    match (before, entry.check()) {
        (
            Err(JournalError::TextTooLong { bytes: before, .. }),
            Err(JournalError::TextTooLong { bytes: after, .. }),
        ) if after <= before => Ok(()),
        (_, result) => result,
    }
}

/// Operations of all changes, deletions counted.
fn operations(document: &Automerge) -> u64 {
    let changes = document.get_changes_meta(&[]);
    changes
        .iter()
        .map(|change| {
            change
                .max_op
                .saturating_sub(change.start_op)
                .saturating_add(1)
        })
        .sum()
}

fn check_operations(before: u64, new: u64) -> Result<(), JournalError> {
    if new > MAX_OPERATIONS_PER_CHANGE {
        return Err(JournalError::TooMuchAtOnce {
            operations: new,
            limit: MAX_OPERATIONS_PER_CHANGE,
        });
    }
    if before.saturating_add(new) > MAX_OPERATIONS_PER_DOCUMENT {
        return Err(JournalError::Full);
    }
    Ok(())
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
