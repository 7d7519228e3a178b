//! What the last syncs showed, kept for people to read.

use super::{Reading, VaultError, Writing, sealer::Table};
use daymark_core::sync::Fault;
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

/// What is kept one of. The text stands in the table, in the clear, and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusName {
    /// The named states that hold now (rule R6).
    Faults,
    /// When something was last sent and received, and what went wrong since.
    LastSync,
    /// The epoch under which every document key of this vault is known to lie wrapped.
    KeysWrapped,
}

impl StatusName {
    const fn text(self) -> &'static str {
        match self {
            Self::Faults => "faults",
            Self::LastSync => "last sync",
            Self::KeysWrapped => "keys wrapped",
        }
    }
}

impl Writing {
    /// Keeps a status in the place of the one before.
    pub(crate) async fn set_status<T: Encode<()>>(
        &mut self,
        name: StatusName,
        status: &T,
    ) -> Result<(), VaultError> {
        let content = daymark_wire::cbor::to_vec(status);
        let row = name.text().as_bytes();
        let sealed = self.sealer.seal(Table::Status, row, &content)?;
        sqlx::query(
            "INSERT INTO status (name, sealed) VALUES (?, ?) \
             ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(name.text())
        .bind(sealed)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Drops a status.
    pub(super) async fn drop_status(&mut self, name: StatusName) -> Result<(), VaultError> {
        sqlx::query("DELETE FROM status WHERE name = ?")
            .bind(name.text())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

impl Reading {
    /// A status; none before it was first set.
    pub(crate) async fn status<T: for<'b> Decode<'b, ()>>(
        &mut self,
        name: StatusName,
    ) -> Result<Option<T>, VaultError> {
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT sealed FROM status WHERE name = ?")
                .bind(name.text())
                .fetch_optional(self.connection())
                .await?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let row = name.text().as_bytes();
        let content = self.sealer.open(Table::Status, row, &sealed)?;
        let status = minicbor::decode(&content);
        status
            .map(Some)
            .map_err(|_| VaultError::Damaged { what: "its status" })
    }

    /// The named states that hold, as of the last sync.
    pub(crate) async fn faults(&mut self) -> Result<BTreeSet<Fault>, VaultError> {
        let faults: Option<Vec<Fault>> = self.status(StatusName::Faults).await?;
        Ok(faults.unwrap_or_default().into_iter().collect())
    }
}
