//! Sealing and opening rows (rule K5).

use super::{VaultError, opened::Opened};
use daymark_core::{
    keys::VaultKey,
    random::{NoRandomness, Purpose, Random},
};
use std::{fmt, sync::Arc};
use zeroize::Zeroizing;

/// Tables whose rows are sealed. The name is part of what a row is sealed with, so it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Secrets,
    Links,
    Epochs,
    Keys,
    Outbox,
    Packs,
    Documents,
    Bonds,
    Versions,
    Status,
}

impl Table {
    pub(super) const ALL: [Self; 10] = [
        Self::Secrets,
        Self::Links,
        Self::Epochs,
        Self::Keys,
        Self::Outbox,
        Self::Packs,
        Self::Documents,
        Self::Bonds,
        Self::Versions,
        Self::Status,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Links => "links",
            Self::Epochs => "epochs",
            Self::Keys => "keys",
            Self::Outbox => "outbox",
            Self::Packs => "packs",
            Self::Documents => "documents",
            Self::Bonds => "bonds",
            Self::Versions => "versions",
            Self::Status => "status",
        }
    }
}

/// Which vault key the rows are sealed under, in the clear: so that who unlocked the vault before its key
/// was renewed notices, and writes nothing that nobody could open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyMark([u8; 16]);

impl KeyMark {
    pub(super) fn draw(random: &Random) -> Result<Self, NoRandomness> {
        Ok(Self(random.bytes(Purpose::Id)?))
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, VaultError> {
        let mark = bytes.try_into().map(Self);
        mark.map_err(|_| VaultError::Damaged { what: "its format" })
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// A vault key in use.
pub(crate) struct Sealer {
    key: VaultKey,
    mark: KeyMark,
    random: Arc<Random>,
    opened: Opened,
}

impl Sealer {
    pub(super) fn new(key: VaultKey, mark: KeyMark, random: Arc<Random>) -> Self {
        Self {
            key,
            mark,
            random,
            opened: Opened::default(),
        }
    }

    /// Documents that were sealed with this key and are kept open: a vault whose key is renewed keeps none.
    pub(super) const fn opened(&self) -> &Opened {
        &self.opened
    }

    pub(super) const fn mark(&self) -> KeyMark {
        self.mark
    }

    pub(super) const fn key(&self) -> &VaultKey {
        &self.key
    }

    pub(super) fn seal(
        &self,
        table: Table,
        row: &[u8],
        content: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        Ok(self
            .key
            .seal_row(table.name(), row, content, &self.random)?)
    }

    /// Opens a row; what it held is wiped when dropped.
    pub(super) fn open(
        &self,
        table: Table,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        Ok(Zeroizing::new(self.key.open_row(
            table.name(),
            row,
            sealed,
        )?))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([redacted])")
    }
}
