//! Documents that are kept open: never another state of a row than the one on disk.

use super::{OtherDevice, note, open_again, vault};
use crate::vault::{Merged, Vault, documents::DocumentWrite};
use daymark_core::{
    journal::{Edit, EntryDocument, Step, Text},
    merge::Base,
};
use daymark_wire::DocumentId;
use tempfile::TempDir;

impl Vault {
    async fn edit_text(&self, id: DocumentId, text: &str) {
        let text = Text::parse(text).unwrap();
        let edited = self.edit(id, &Edit::from(Step::Text(text.into()))).await;
        assert!(edited.unwrap());
    }

    async fn loaded(&self, id: DocumentId) -> Option<Base> {
        let mut reading = self.reading().await.unwrap();
        let mut loaded = reading.load_documents(&[id]).await.unwrap();
        loaded.remove(&id).map(|loaded| loaded.base)
    }
}

/// An entry that was edited, and so is kept open.
async fn edited() -> (TempDir, Vault, DocumentId) {
    let (folder, vault) = vault().await;
    let id = vault.write(&note("written"), None).await.unwrap();
    vault.edit_text(id, "edited").await;
    assert_eq!(vault.sealer().opened().len(), 1);
    (folder, vault, id)
}

#[tokio::test]
async fn what_was_edited_or_merged_is_not_opened_again() {
    let (_folder, vault, id) = edited().await;
    assert!(matches!(vault.loaded(id).await, Some(Base::Open(_))));
    assert!(
        matches!(vault.loaded(id).await, Some(Base::Saved(_))),
        "taken out"
    );
    let other = OtherDevice::of(&vault);
    let (document, saved, view, _) = other.entry("from elsewhere");
    let open = Base::Saved(saved.clone()).open().unwrap();
    let merged = Merged {
        document,
        from: None,
        saved: Some(saved),
        view: Some(view),
        open: Some(EntryDocument::from_automerge(open)),
        keys: Vec::new(),
        records: Vec::new(),
    };
    vault.save_merged(vec![merged]).await;
    assert!(matches!(vault.loaded(document).await, Some(Base::Open(_))));
}

#[tokio::test]
async fn what_another_opening_wrote_meanwhile_stays() {
    let (folder, vault, id) = edited().await;
    let second = open_again(&folder, vault.key()).await;
    let draft = Edit::from(Step::Draft(true));
    assert!(second.edit(id, &draft).await.unwrap());
    vault.edit_text(id, "edited again").await;
    let view = vault.read(id).await.unwrap();
    assert!(view.entry.draft);
    assert_eq!(view.entry.text.as_str(), "edited again");
}

#[tokio::test]
async fn what_a_change_held_that_was_taken_back_is_not_in_the_next() {
    let (_folder, vault, id) = edited().await;
    let before = vault.loaded(id).await.unwrap().open().unwrap();
    let mut document = EntryDocument::from_automerge(before);
    let actor = vault.actor(id).unwrap();
    document
        .edit(actor, &Edit::from(Step::Draft(true)))
        .unwrap();
    let mut writing = vault.writing().await.unwrap();
    let write = DocumentWrite {
        id,
        saved: document.save(),
        view: Some(document.view(id)),
        open: Some(document),
    };
    let places = writing.places(&[id]).await.unwrap();
    writing.put_documents(vec![write], &places).await.unwrap();
    drop(writing);

    vault.edit_text(id, "edited again").await;
    assert!(!vault.read(id).await.unwrap().entry.draft);
}

#[tokio::test]
async fn nothing_of_a_forgotten_document_is_kept_open() {
    let (_folder, vault, id) = edited().await;
    let mut writing = vault.writing().await.unwrap();
    writing.drop_documents(&[id]).await.unwrap();
    writing.commit().await.unwrap();
    assert_eq!(vault.sealer().opened().len(), 0);
    assert!(vault.loaded(id).await.is_none());
}

#[tokio::test]
async fn nothing_is_kept_open_under_another_key_or_when_the_vault_is_closed() {
    let (_folder, vault, id) = edited().await;
    vault.renew_key("pass").await.unwrap();
    assert_eq!(vault.sealer().opened().len(), 0);
    vault.edit_text(id, "edited again").await;
    assert_eq!(vault.sealer().opened().len(), 1);
    vault.clone().close().await;
    assert_eq!(vault.sealer().opened().len(), 0);
}

#[tokio::test]
async fn a_few_are_kept_open_and_no_more() {
    let (_folder, vault) = vault().await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let id = vault.write(&note("written"), None).await.unwrap();
        vault.edit_text(id, &format!("edited, {number}")).await;
        ids.push(id);
    }
    assert_eq!(vault.sealer().opened().len(), 4);
    assert!(matches!(vault.loaded(ids[0]).await, Some(Base::Saved(_))));
    assert!(matches!(vault.loaded(ids[5]).await, Some(Base::Open(_))));
}
