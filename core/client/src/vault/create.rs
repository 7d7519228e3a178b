//! Making a vault: beside its place, whole, and only then under its name. A crash leaves none or all of it, and
//! what it left is swept away by the next that is made there.

use super::{
    Live, Reading, SecretName, Vault, VaultError, Writing,
    folder::{Folder, SyncLock},
    pages::page_id,
    schema,
    sealer::{KeyMark, Sealer},
    secrets::Identity,
    store, unlock,
};
use crate::{
    connection::{Invite, RelayAddress},
    system::{Clock, SystemClock},
};
use daymark_core::{
    account::{Founded, Logs},
    journal::{Actor, DeviceName, Page},
    keys::{AccountKeys, DeviceKey, EpochSecret, PassphraseWrap, VaultKey, WrappingKey},
    random::{Purpose, Random},
};
use daymark_wire::EpochId;
use sqlx::{Connection, SqliteConnection};
use std::{path::Path, sync::Arc};
use zeroize::Zeroizing;

/// What a vault holds when it is made: of an account just founded, or one that this device was let into.
#[derive(Debug)]
pub struct FirstContents {
    /// The device's signing key.
    pub device: DeviceKey,
    /// The device's wrapping key.
    pub wrapping: WrappingKey,
    /// What all devices of the account share.
    pub account_keys: AccountKeys,
    /// Epoch secrets that the device could open.
    pub epochs: Vec<(EpochId, EpochSecret)>,
    /// The account log and the journal log.
    pub logs: Logs,
    /// What the person calls the device, where they said it.
    pub name: Option<DeviceName>,
    /// The relay, where one is known, and the invite to it.
    pub relay: Option<(RelayAddress, Option<Invite>)>,
}

impl From<Founded> for FirstContents {
    /// Of an account just founded: without a name and a relay, and the phrase is let go.
    fn from(founded: Founded) -> Self {
        Self {
            device: founded.device,
            wrapping: founded.wrapping,
            account_keys: founded.account_keys,
            epochs: vec![founded.epoch],
            logs: founded.logs,
            name: None,
            relay: None,
        }
    }
}

impl Vault {
    /// Makes a vault and leaves it unlocked. `random` should be the source that made the contents: its
    /// device secret is kept. Takes one Argon2id, about 0.2 s.
    ///
    /// # Errors
    /// [`VaultError::Exists`], [`VaultError::Busy`] when another program makes one here just now,
    /// [`VaultError::DiskFull`], [`VaultError::Disk`]: no vault was made.
    pub async fn create(
        folder: &Path,
        passphrase: &str,
        contents: FirstContents,
        random: Random,
    ) -> Result<Self, VaultError> {
        let unfinished = UnfinishedVault::make(folder, passphrase, contents, random).await?;
        unfinished.finish().await
    }
}

/// A vault that is whole and durable, and has no name yet: let go of, it is gone. Nobody else makes one in its
/// place meanwhile.
#[derive(Debug)]
pub(crate) struct UnfinishedVault {
    folder: Folder,
    lock: Arc<SyncLock>,
    key: VaultKey,
}

impl UnfinishedVault {
    /// Makes it, beside its place. Takes one Argon2id, about 0.2 s.
    ///
    /// # Errors
    /// As [`Vault::create`].
    pub(crate) async fn make(
        folder: &Path,
        passphrase: &str,
        contents: FirstContents,
        random: Random,
    ) -> Result<Self, VaultError> {
        let folder = Folder::new(folder)?;
        let passphrase = Zeroizing::new(passphrase.to_owned());
        let random = Arc::new(random);
        let (lock, key, wrap) = {
            let (folder, random) = (folder.clone(), Arc::clone(&random));
            store::heavy(move || {
                let lock = begin(&folder)?;
                let key = VaultKey::generate(&random)?;
                let wrap = PassphraseWrap::new(&key, &passphrase, &random)?;
                Ok((lock, key, wrap))
            })
            .await?
        };
        let mark = KeyMark::draw(&random)?;
        let sealer = Arc::new(Sealer::new(key.clone(), mark, Arc::clone(&random)));
        let unfinished = Self {
            folder,
            lock: Arc::new(lock),
            key,
        };
        fill(&unfinished.folder, &wrap, sealer, contents, &random).await?;
        Ok(unfinished)
    }

    /// Gives it its name, and leaves it unlocked.
    ///
    /// # Errors
    /// [`VaultError::DiskFull`], [`VaultError::Disk`].
    pub(crate) async fn finish(self) -> Result<Vault, VaultError> {
        let (folder, lock, key) = (
            self.folder.clone(),
            Arc::clone(&self.lock),
            self.key.clone(),
        );
        store::heavy(move || folder.finish_database(&lock)).await?;
        let folder = self.folder.clone();
        drop(self);
        Vault::open(folder.path()).await?.unlock_with_key(key).await
    }
}

impl Drop for UnfinishedVault {
    /// What got its name is no longer here. What cannot be removed, the next vault made here removes.
    fn drop(&mut self) {
        let _ = self.folder.remove_unfinished(&self.lock);
    }
}

fn begin(folder: &Folder) -> Result<SyncLock, VaultError> {
    folder.make()?;
    let lock = folder.lock()?;
    if folder.holds_a_vault()? {
        return Err(VaultError::Exists);
    }
    folder.begin_database(&lock)?;
    Ok(lock)
}

async fn fill(
    folder: &Folder,
    wrap: &PassphraseWrap,
    sealer: Arc<Sealer>,
    contents: FirstContents,
    random: &Arc<Random>,
) -> Result<(), VaultError> {
    let mut connection = store::connect_new(&folder.unfinished()).await?;
    let migrated = schema::migrate(&mut connection).await;
    let closed = connection.close().await;
    migrated?;
    closed?;
    let store = store::Store::open(&folder.unfinished());
    let filled = fill_tables(&store, wrap, sealer, contents, random).await;
    // What holds the database lets go of it before anybody removes or renames it.
    store.close().await;
    filled
}

async fn fill_tables(
    store: &store::Store,
    wrap: &PassphraseWrap,
    sealer: Arc<Sealer>,
    contents: FirstContents,
    random: &Arc<Random>,
) -> Result<(), VaultError> {
    let mut transaction = store.write().await?;
    set_meta(&mut transaction, "format", unlock::FORMAT).await?;
    set_meta(&mut transaction, "wrap", &daymark_wire::cbor::to_vec(wrap)).await?;
    set_meta(&mut transaction, "key", sealer.mark().as_bytes()).await?;
    let reading = Reading::new(
        transaction,
        sealer,
        contents.logs.space(),
        SystemClock.now_ms(),
    );
    let mut writing = Writing::new(reading, Arc::new(Live::new(Arc::clone(random))));
    write_contents(&mut writing, contents, random).await?;
    writing.commit().await?;
    // The database alone gets its name: nothing may be left in the log beside it, as on a disk that is full.
    if store.truncate_log().await? {
        Ok(())
    } else {
        Err(VaultError::Busy)
    }
}

async fn write_contents(
    writing: &mut Writing,
    contents: FirstContents,
    random: &Random,
) -> Result<(), VaultError> {
    let identity = Identity {
        account: contents.logs.account().id(),
        journal: contents.logs.space(),
        device: Arc::new(contents.device),
    };
    let wrapping = contents.wrapping.seed().expose();
    for (name, content) in [
        (
            SecretName::Device,
            random.device_secret().expose().as_slice(),
        ),
        (SecretName::Identity, &identity.to_bytes()),
        (SecretName::Wrapping, wrapping),
        (SecretName::AccountKeys, &contents.account_keys.to_bytes()),
    ] {
        writing.set_secret(name, content).await?;
    }
    for known in contents.logs.known() {
        let links = contents.logs.links_beyond(known.log, 0);
        let numbered = (1..).zip(links.iter());
        writing
            .put_links(numbered.map(|(position, link)| (known.log, position, link)))
            .await?;
    }
    let devices = contents.logs.account().devices();
    writing
        .note_devices(devices.map(|(device, _)| device), SystemClock.now_ms())
        .await?;
    writing
        .put_epochs(identity.journal, &contents.epochs)
        .await?;
    if let Some((address, invite)) = &contents.relay {
        writing.put_relay(address, invite.as_ref()).await?;
    }
    if let Some(name) = &contents.name {
        let actor = Actor::new(identity.device.id(), random.bytes(Purpose::Id)?);
        let page = page_id(&contents.account_keys.secret, Page::Devices);
        writing
            .name_device(page, actor, identity.device.id(), name)
            .await?;
    }
    Ok(())
}

pub(super) async fn set_meta(
    connection: &mut SqliteConnection,
    name: &'static str,
    value: &[u8],
) -> Result<(), VaultError> {
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES (?, ?) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}
