//! A device in a test: a vault with a name, and what a person does with it.

use super::SetClock;
use daymark_client::{
    NewAccount, begin,
    connection::{Invite, RelayAddress},
    pairing::join,
    sync::SyncReport,
    vault::{LockedVault, Vault},
};
use daymark_core::{
    journal::{Edit, Entry, Query, Step, Text, View, When, Zone},
    keys::{RecoveryPhrase, VaultKey},
};
use daymark_wire::DocumentId;
use std::{path::Path, sync::Arc};

/// Every vault's passphrase in tests.
pub const PASSPHRASE: &str = "a quiet harbour at dawn";

/// One device.
#[derive(Debug)]
pub struct Device {
    /// What the person calls it.
    pub name: String,
    /// Its vault, unlocked.
    pub vault: Vault,
    /// The 24 words, on the device that founded the account.
    pub phrase: Option<RecoveryPhrase>,
}

impl Device {
    /// Founds an account.
    pub async fn found(
        folder: &Path,
        name: &str,
        relay: Option<(RelayAddress, Option<Invite>)>,
    ) -> Self {
        let account = NewAccount {
            device_name: name.parse().expect("a name"),
            relay,
        };
        let begun = begin(folder, PASSPHRASE, account)
            .await
            .expect("a new account");
        let phrase = begun.phrase().clone();
        let vault = begun.finish().await.expect("its vault");
        Self {
            name: name.to_owned(),
            vault,
            phrase: Some(phrase),
        }
    }

    /// Opens a vault that is there.
    pub async fn open(folder: &Path, name: &str) -> Self {
        let vault = locked(folder).await.unlock(PASSPHRASE).await;
        Self {
            name: name.to_owned(),
            vault: vault.expect("its passphrase"),
            phrase: None,
        }
    }

    /// The same vault, closed and opened again, as a program does that is started anew.
    #[must_use]
    pub async fn reopen(self) -> Self {
        let (folder, key) = (self.vault.folder().to_owned(), self.vault.key());
        self.vault.close().await;
        let vault = locked(&folder).await.unlock_with_key(key).await;
        Self {
            vault: vault.expect("its key"),
            ..self
        }
    }

    /// The same by another clock.
    #[must_use]
    pub async fn by_clock(self, clock: &SetClock) -> Self {
        let (folder, key) = (self.vault.folder().to_owned(), self.vault.key());
        self.vault.close().await;
        let locked = locked(&folder).await.with_clock(Arc::new(clock.clone()));
        let vault = locked.unlock_with_key(key).await;
        Self {
            vault: vault.expect("its key"),
            ..self
        }
    }

    /// A second opening of the same vault, as another program has it.
    pub async fn open_again(&self) -> Self {
        Self::open_with_key(self.vault.folder(), &self.name, self.vault.key()).await
    }

    /// Opens a vault without its passphrase.
    pub async fn open_with_key(folder: &Path, name: &str, key: VaultKey) -> Self {
        let vault = locked(folder).await.unlock_with_key(key).await;
        Self {
            name: name.to_owned(),
            vault: vault.expect("its key"),
            phrase: None,
        }
    }

    /// Lets another device in: both sides at once, the person says yes.
    pub async fn pair(&self, folder: &Path, name: &str) -> Self {
        let (link_shown, link) = tokio::sync::oneshot::channel::<String>();
        let show = move |link: &str| link_shown.send(link.to_owned()).expect("someone reads it");
        let trusted = self.vault.pair(show, async |_| true);
        let newcomer = async {
            let link = link.await.expect("a link");
            join(folder, PASSPHRASE, &link, name, |_| ()).await
        };
        let (paired, joined) = tokio::join!(trusted, newcomer);
        paired.expect("the trusted device let it in");
        let device = Self {
            name: name.to_owned(),
            vault: joined.expect("it joined"),
            phrase: None,
        };
        device.sync().await;
        device
    }

    /// Writes a note.
    pub async fn write(&self, text: &str) -> DocumentId {
        self.vault.write(&note(text), None).await.expect("written")
    }

    /// Gives an entry a new text, as the person leaves it.
    pub async fn edit(&self, id: DocumentId, text: &str) {
        let text = Text::parse(text).expect("a text");
        let edit = Edit::from(Step::Text(text.into()));
        self.vault.edit(id, &edit).await.expect("edited");
    }

    /// An entry's text.
    pub async fn text(&self, id: DocumentId) -> String {
        self.vault
            .read(id)
            .await
            .expect("an entry")
            .entry
            .text
            .as_str()
            .to_owned()
    }

    /// Every text, newest entry first.
    pub async fn texts(&self) -> Vec<String> {
        let views = self.views().await;
        views
            .iter()
            .map(|view| view.entry.text.as_str().to_owned())
            .collect()
    }

    /// Every view, newest first.
    pub async fn views(&self) -> Vec<Arc<View>> {
        self.vault
            .list(&Query::new(), usize::MAX)
            .await
            .expect("a list")
    }

    /// A sync that must work.
    pub async fn sync(&self) -> SyncReport {
        // Boxed: a story holds dozens, and its thread has two megabytes.
        Box::pin(self.vault.sync(&|_| ())).await.expect("a sync")
    }
}

async fn locked(folder: &Path) -> LockedVault {
    Vault::open(folder).await.expect("a vault")
}

/// A note at a fixed time.
pub fn note(text: &str) -> Entry {
    entry_at(text, 1_700_000_000_000)
}

/// A note at a time in milliseconds since 1970.
pub fn entry_at(text: &str, milliseconds: i64) -> Entry {
    let when = When::from_milliseconds(milliseconds, Zone::utc()).expect("a time");
    Entry {
        text: Text::parse(text).expect("a text"),
        ..Entry::new(when)
    }
}
