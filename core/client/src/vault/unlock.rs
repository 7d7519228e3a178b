//! Opening a vault: locked, and then with its passphrase. A locked vault offers nothing else (threat E4).

use super::{
    Inner, KeptKey, Live, Vault, VaultError,
    folder::Folder,
    schema::{self, Standing},
    sealer::{KeyMark, Sealer},
    secrets,
    store::{self, Store},
};
use crate::system::{Clock, SystemBytes, SystemClock};
use daymark_core::{
    keys::{PassphraseWrap, VaultKey},
    random::{FreshBytes, Random},
};
use sqlx::{Sqlite, SqliteConnection, Transaction};
use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};
use zeroize::Zeroizing;

/// A vault whose key is not at hand.
pub struct LockedVault {
    folder: Folder,
    /// The connection that looked at the format, for the first who unlocks.
    store: Mutex<Option<Store>>,
    fresh: fn() -> Box<dyn FreshBytes>,
    clock: Arc<dyn Clock>,
}

/// The number of the format as a whole, beside the schema's: what is sealed with what, and how.
pub(super) const FORMAT: &[u8] = &[1];

impl Vault {
    /// Finds the vault in a folder and, where it was made by an older version, brings it up to this one.
    ///
    /// # Errors
    /// [`VaultError::NoVault`], [`VaultError::Forbidden`], [`VaultError::Newer`], [`VaultError::Damaged`],
    /// [`VaultError::Busy`].
    pub async fn open(folder: &Path) -> Result<LockedVault, VaultError> {
        let folder = Folder::new(folder)?;
        if !folder.holds_a_vault()? {
            return Err(VaultError::NoVault);
        }
        let store = Store::open(&folder.database());
        let mut reading = store.read().await?;
        let standing = schema::standing(&mut reading).await?;
        read_wrap(&mut reading).await?;
        drop(reading);
        if standing == Standing::Older {
            let _lock = folder.lock()?;
            store.migrate().await?;
        }
        Ok(LockedVault {
            folder,
            store: Mutex::new(Some(store)),
            fresh: || Box::new(SystemBytes::new()),
            clock: Arc::new(SystemClock),
        })
    }
}

impl LockedVault {
    /// Takes fresh random bytes from elsewhere than the operating system.
    #[must_use]
    pub fn with_fresh_bytes(mut self, fresh: fn() -> Box<dyn FreshBytes>) -> Self {
        self.fresh = fresh;
        self
    }

    /// Asks another clock than the operating system's what time it is.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Unlocks it: one Argon2id, about 0.2 s, whether the passphrase is right or not (threat I4).
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`], and what reading gives.
    pub async fn unlock(&self, passphrase: &str) -> Result<Vault, VaultError> {
        let store = self.store();
        let passphrase = Zeroizing::new(passphrase.to_owned());
        let mut reading = store.read().await?;
        let wrap = read_wrap(&mut reading).await?;
        let mark = read_mark(&mut reading).await?;
        drop(reading);
        let key = store::heavy(move || Ok(wrap.open(&passphrase)?)).await?;
        let mut reading = store.read().await?;
        check_mark(&mut reading, mark).await?;
        self.with_key(key, mark, store, reading).await
    }

    /// Unlocks it with the key at hand.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`] when it is another vault's, or was renewed.
    pub async fn unlock_with_key(&self, key: VaultKey) -> Result<Vault, VaultError> {
        let store = self.store();
        let mut reading = store.read().await?;
        let mark = read_mark(&mut reading).await?;
        let unlocked = self.with_key(key, mark, store, reading).await;
        unlocked.map_err(|error| match error {
            VaultError::Damaged { .. } => VaultError::WrongPassphrase,
            other => other,
        })
    }

    /// Unlocks it with a key that was kept, if that may be used at this time (milliseconds since 1970).
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`] when it is another vault's, was renewed, or its time is over: forget
    /// it and ask for the passphrase.
    pub async fn unlock_with_kept(&self, kept: &KeptKey, now_ms: u64) -> Result<Vault, VaultError> {
        let key = kept.key_at(now_ms).ok_or(VaultError::WrongPassphrase)?;
        self.unlock_with_key(key.clone()).await
    }

    async fn with_key(
        &self,
        key: VaultKey,
        mark: KeyMark,
        store: Store,
        mut reading: Transaction<'static, Sqlite>,
    ) -> Result<Vault, VaultError> {
        // Nothing is sealed with this one: the device's secret, which hedges, is still to be read.
        let random = Arc::new(Random::first((self.fresh)())?);
        let sealer = Sealer::new(key.clone(), mark, random);
        let device_secret = secrets::device_secret(&mut reading, &sealer).await?;
        let identity = secrets::identity(&mut reading, &sealer).await?;
        drop(reading);
        let random = Arc::new(Random::new(device_secret, (self.fresh)()));
        let sealer = Sealer::new(key, mark, Arc::clone(&random));
        let live = Arc::new(Live::new(Arc::clone(&random)));
        let vault = Vault {
            inner: Arc::new(Inner {
                folder: self.folder.clone(),
                store,
                sealer: RwLock::new(Arc::new(sealer)),
                random,
                identity,
                actors: Mutex::default(),
                seen: Mutex::default(),
                views: tokio::sync::Mutex::default(),
                live,
                clock: Arc::clone(&self.clock),
            }),
        };
        vault.wipe_what_has_passed().await;
        Ok(vault)
    }

    fn store(&self) -> Store {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let store = store.take();
        store.unwrap_or_else(|| Store::open(&self.folder.database()))
    }
}

impl fmt::Debug for LockedVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockedVault")
            .field("folder", &self.folder())
            .finish_non_exhaustive()
    }
}

pub(super) async fn read_wrap(
    connection: &mut SqliteConnection,
) -> Result<PassphraseWrap, VaultError> {
    let damaged = VaultError::Damaged { what: "its format" };
    if read_meta(connection, "format").await? != FORMAT {
        return Err(VaultError::Newer);
    }
    let wrap = read_meta(connection, "wrap").await?;
    let wrap: PassphraseWrap = minicbor::decode(&wrap).map_err(|_| damaged)?;
    if wrap.is_known() {
        Ok(wrap)
    } else {
        Err(VaultError::Newer)
    }
}

async fn read_mark(connection: &mut SqliteConnection) -> Result<KeyMark, VaultError> {
    KeyMark::read(&read_meta(connection, "key").await?)
}

async fn read_meta(
    connection: &mut SqliteConnection,
    name: &'static str,
) -> Result<Vec<u8>, VaultError> {
    let value = sqlx::query_scalar("SELECT value FROM meta WHERE name = ?")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    value.ok_or(VaultError::Damaged { what: "its format" })
}

/// Whether the vault's rows are still sealed under this key.
///
/// # Errors
/// [`VaultError::Locked`].
pub(super) async fn check_mark(
    connection: &mut SqliteConnection,
    mark: KeyMark,
) -> Result<(), VaultError> {
    if read_mark(connection).await? == mark {
        Ok(())
    } else {
        Err(VaultError::Locked)
    }
}
