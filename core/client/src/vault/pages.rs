//! Pages: documents of which there is one each. Their ids are computed, and they are in no list.

use super::{Reading, Vault, VaultError, Writing, documents::DocumentWrite, store};
use daymark_core::{
    formats::SourceId,
    journal::{Actor, ChangeBytes, DeviceName, DevicesPage, Page},
    keys::AccountSecret,
    merge::Base,
};
use daymark_wire::{DeviceId, DocumentId};
use std::collections::BTreeMap;

impl Vault {
    /// What the person calls each device. A name may come from a later version: escape it for a terminal.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn device_names(&self) -> Result<BTreeMap<DeviceId, DeviceName>, VaultError> {
        let id = self.page_id(Page::Devices).await?;
        let mut loaded = self.reading().await?.load_documents(&[id]).await?;
        let Some(loaded) = loaded.remove(&id) else {
            return Ok(BTreeMap::new());
        };
        let page = loaded.base.open();
        let page = page.map_err(|_| VaultError::DocumentDamaged(id))?;
        Ok(DevicesPage::from_automerge(page).names())
    }

    /// Names a device, for all devices to see; false when it has that name.
    ///
    /// # Errors
    /// [`VaultError`]; nothing was written then.
    pub async fn set_device_name(
        &self,
        device: DeviceId,
        name: &DeviceName,
    ) -> Result<bool, VaultError> {
        let id = self.page_id(Page::Devices).await?;
        let actor = self.actor(id)?;
        let mut writing = self.writing().await?;
        let is_new = writing.name_device(id, actor, device, name).await?;
        if is_new {
            writing.commit().await?;
        }
        Ok(is_new)
    }

    /// What gives imported documents their ids.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn import_ids(&self) -> Result<ImportIds, VaultError> {
        Ok(ImportIds(
            self.reading().await?.account_keys().await?.secret,
        ))
    }

    /// The document of a page.
    pub(crate) async fn page_id(&self, page: Page) -> Result<DocumentId, VaultError> {
        let keys = self.reading().await?.account_keys().await?;
        Ok(page_id(&keys.secret, page))
    }
}

impl Reading {
    /// The documents of all pages: whatever is none of them is an entry.
    pub(crate) async fn page_ids(&mut self) -> Result<BTreeMap<DocumentId, Page>, VaultError> {
        let keys = self.account_keys().await?;
        let each = Page::ALL.into_iter();
        Ok(each
            .map(|page| (page_id(&keys.secret, page), page))
            .collect())
    }
}

impl Writing {
    /// Names a device on the page of devices; false when it has that name.
    pub(super) async fn name_device(
        &mut self,
        page: DocumentId,
        actor: Actor,
        device: DeviceId,
        name: &DeviceName,
    ) -> Result<bool, VaultError> {
        let base = self.load_document(page).await?.map(|loaded| loaded.base);
        let name = name.clone();
        let named = store::heavy(move || set_name(page, base, actor, device, &name)).await?;
        let Some((document, change)) = named else {
            return Ok(false);
        };
        self.put_documents(vec![document], &BTreeMap::new()).await?;
        self.put_changes(&[(page, change)]).await?;
        Ok(true)
    }
}

/// No page can be forgotten, so its number is zero (rule R8).
pub(crate) fn page_id(secret: &AccountSecret, page: Page) -> DocumentId {
    secret.document_id(&format!("page:{}", page.name()), 0)
}

/// Computes the ids of imported documents (rule R8): the same for the same source on every device of the
/// account, so that an import twice, or on two devices, adds nothing twice.
#[derive(Debug)]
pub struct ImportIds(AccountSecret);

impl ImportIds {
    /// The id of what came from this source.
    #[must_use]
    pub fn of(&self, source: &SourceId) -> DocumentId {
        self.0
            .document_id(&format!("import:{}", source.as_str()), 0)
    }
}

fn set_name(
    id: DocumentId,
    base: Option<Base>,
    actor: Actor,
    device: DeviceId,
    name: &DeviceName,
) -> Result<Option<(DocumentWrite, ChangeBytes)>, VaultError> {
    let mut page = match base {
        None => DevicesPage::start()?,
        Some(base) => {
            let page = base.open().map_err(|_| VaultError::DocumentDamaged(id))?;
            DevicesPage::from_automerge(page)
        }
    };
    let Some(change) = page.set_name(actor, device, name)? else {
        return Ok(None);
    };
    let write = DocumentWrite {
        id,
        saved: page.save(),
        view: None,
        open: None,
    };
    Ok(Some((write, change)))
}
