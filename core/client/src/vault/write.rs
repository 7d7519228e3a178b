//! Writing entries: one at a time, or as many as an import brings.

use super::{Vault, VaultError, Writing, documents::DocumentWrite, store};
use daymark_core::{
    journal::{Actor, ChangeBytes, Entry, EntryDocument, JournalError},
    random::Purpose,
};
use daymark_wire::DocumentId;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Entries of one transaction of [`Vault::write_many`]: enough that a commit costs little for each, few
/// enough that another program never waits long, and that an interruption loses little.
const ENTRIES_PER_TRANSACTION: usize = 500;

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// What it says.
    pub entry: Entry,
    /// The id of its document: computed for an import, so that importing again adds nothing; none for a
    /// random one.
    pub id: Option<DocumentId>,
}

/// What became of many entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct WroteMany {
    /// How many were added.
    pub added: usize,
    /// How many were there already, and were left as they are.
    pub already_there: usize,
    /// Those that cannot be written, by their place in what was given, from zero.
    pub refused: Vec<(usize, JournalError)>,
}

impl Vault {
    /// Writes an entry. When this returns it is on disk: nothing else is needed, and no network was.
    ///
    /// # Errors
    /// [`VaultError::Journal`] for what no entry holds; [`VaultError::AlreadyThere`] for a given id; and what
    /// the disk gives. Nothing was written then.
    pub async fn write(
        &self,
        entry: &Entry,
        id: Option<DocumentId>,
    ) -> Result<DocumentId, VaultError> {
        let id = self.id_or_new(id)?;
        let actor = self.actor(id)?;
        let entry = entry.clone();
        let made = store::heavy(move || Ok(Made::new(id, actor, &entry)?)).await?;
        let mut writing = self.writing().await?;
        if !writing.places(&[id]).await?.is_empty() {
            return Err(VaultError::AlreadyThere(id));
        }
        writing.put_made(vec![made]).await?;
        writing.commit().await?;
        Ok(id)
    }

    /// Writes a new entry within a change that is made already.
    pub(crate) async fn write_within(
        &self,
        writing: &mut Writing,
        entry: &Entry,
    ) -> Result<DocumentId, VaultError> {
        let id = self.id_or_new(None)?;
        let made = Made::new(id, self.actor(id)?, entry)?;
        writing.put_made(vec![made]).await?;
        Ok(id)
    }

    /// Writes many entries, a few hundred in each transaction. One that cannot be written does not stop the
    /// others. `progress` is told after each transaction how many were looked at so far.
    ///
    /// # Errors
    /// What the disk gives. What `progress` was told of is on disk.
    pub async fn write_many(
        &self,
        entries: impl IntoIterator<Item = NewEntry, IntoIter: Send>,
        mut progress: impl FnMut(usize) + Send,
    ) -> Result<WroteMany, VaultError> {
        let mut entries = entries.into_iter();
        let mut written = WroteMany::default();
        let mut looked_at = 0;
        loop {
            let step: Vec<_> = entries.by_ref().take(ENTRIES_PER_TRANSACTION).collect();
            if step.is_empty() {
                return Ok(written);
            }
            let count = step.len();
            self.write_step(step, looked_at, &mut written).await?;
            looked_at += count;
            progress(looked_at);
        }
    }

    async fn write_step(
        &self,
        step: Vec<NewEntry>,
        first: usize,
        written: &mut WroteMany,
    ) -> Result<(), VaultError> {
        let mut plans = Vec::with_capacity(step.len());
        for new in step {
            let id = self.id_or_new(new.id)?;
            let actor = Actor::new(self.device(), self.random().bytes(Purpose::Id)?);
            plans.push((id, actor, new.entry));
        }
        let made = store::heavy(move || {
            let make = |(id, actor, entry)| Made::new(id, actor, &entry);
            Ok(plans.into_par_iter().map(make).collect::<Vec<_>>())
        })
        .await?;
        let mut fit = Vec::with_capacity(made.len());
        for (index, made) in made.into_iter().enumerate() {
            match made {
                Ok(made) => fit.push(made),
                Err(error) => written.refused.push((first + index, error)),
            }
        }
        let mut writing = self.writing().await?;
        let ids: Vec<_> = fit.iter().map(|made| made.document.id).collect();
        let mut taken: BTreeSet<_> = writing.places(&ids).await?.into_keys().collect();
        let before = fit.len();
        fit.retain(|made| taken.insert(made.document.id));
        let added = fit.len();
        writing.put_made(fit).await?;
        writing.commit().await?;
        written.added += added;
        written.already_there += before - added;
        Ok(())
    }

    fn id_or_new(&self, id: Option<DocumentId>) -> Result<DocumentId, VaultError> {
        match id {
            Some(id) => Ok(id),
            None => Ok(DocumentId::from_bytes(self.random().bytes(Purpose::Id)?)),
        }
    }
}

/// A new document, its view and its first change.
struct Made {
    document: DocumentWrite,
    change: ChangeBytes,
}

impl Made {
    fn new(id: DocumentId, actor: Actor, entry: &Entry) -> Result<Self, JournalError> {
        let (document, change) = EntryDocument::create(actor, entry)?;
        let write = DocumentWrite {
            id,
            saved: document.save(),
            view: Some(document.view(id)),
            open: None,
        };
        Ok(Self {
            document: write,
            change,
        })
    }
}

impl Writing {
    async fn put_made(&mut self, made: Vec<Made>) -> Result<(), VaultError> {
        let mut documents = Vec::with_capacity(made.len());
        let mut changes = Vec::with_capacity(made.len());
        for one in made {
            changes.push((one.document.id, one.change));
            documents.push(one.document);
        }
        self.put_documents(documents, &BTreeMap::new()).await?;
        self.put_changes(&changes).await
    }
}
