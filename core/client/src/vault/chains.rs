//! How far each chain is known, and this device's own chain.

use super::{Reading, SecretName, VaultError, Writing, logs::number};
use daymark_core::sync::{ChainHead, ChainState, Chains, OwnChain};
use daymark_wire::{ChainId, DeviceId, Hash, Incarnation, Seq, SpaceId, record::Replaces};
use minicbor::{Decode, Encode};
use sqlx::{Row, sqlite::SqliteRow};

impl Writing {
    /// Notes how far a chain is known, which never becomes less; gives the row by which its records name it.
    pub(super) async fn put_chain(
        &mut self,
        space: SpaceId,
        chain: ChainId,
        head: ChainHead,
    ) -> Result<i64, VaultError> {
        let id = sqlx::query_scalar(
            "INSERT INTO chains (space, device, incarnation, seq, hash, state) \
             VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (space, device, incarnation) DO UPDATE \
             SET hash = iif(excluded.seq > seq, excluded.hash, hash), \
                 seq = max(seq, excluded.seq) RETURNING id",
        )
        .bind(space.as_bytes().as_slice())
        .bind(chain.device.as_bytes().as_slice())
        .bind(chain.incarnation.as_bytes().as_slice())
        .bind(number(head.seq.0)?)
        .bind(head.hash.as_bytes().as_slice())
        .bind(state_number(head.state))
        .fetch_one(self.connection())
        .await?;
        Ok(id)
    }

    /// Freezes a chain: two records stand at one place of it.
    pub(super) async fn freeze_chain(
        &mut self,
        space: SpaceId,
        chain: ChainId,
    ) -> Result<(), VaultError> {
        sqlx::query(
            "UPDATE chains SET state = ? WHERE space = ? AND device = ? AND incarnation = ?",
        )
        .bind(state_number(ChainState::Frozen))
        .bind(space.as_bytes().as_slice())
        .bind(chain.device.as_bytes().as_slice())
        .bind(chain.incarnation.as_bytes().as_slice())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Keeps this device's own chain in a space.
    pub(super) async fn put_own_chain(
        &mut self,
        space: SpaceId,
        own: &OwnChain,
    ) -> Result<(), VaultError> {
        let content = daymark_wire::cbor::to_vec(&StoredOwnChain::from(own));
        self.set_secret(SecretName::OwnChain(space), &content).await
    }
}

impl Reading {
    /// Every chain of a space with its head.
    pub(crate) async fn chains(&mut self, space: SpaceId) -> Result<Chains, VaultError> {
        let rows =
            sqlx::query("SELECT device, incarnation, seq, hash, state FROM chains WHERE space = ?")
                .bind(space.as_bytes().as_slice())
                .fetch_all(self.connection())
                .await?;
        rows.iter()
            .map(|row| Ok((read_chain(row)?, read_head(row)?)))
            .collect()
    }

    /// This device's own chain in the journal.
    pub(crate) async fn own_chain(&mut self) -> Result<Option<OwnChain>, VaultError> {
        self.own_chain_of(self.journal).await
    }

    /// This device's own chain in a space; none before its first record.
    pub(crate) async fn own_chain_of(
        &mut self,
        space: SpaceId,
    ) -> Result<Option<OwnChain>, VaultError> {
        let Some(content) = self.secret(SecretName::OwnChain(space)).await? else {
            return Ok(None);
        };
        let stored: StoredOwnChain =
            minicbor::decode(&content).map_err(|_| VaultError::Damaged { what: "its chain" })?;
        Ok(Some(stored.into()))
    }
}

#[derive(Encode, Decode)]
struct StoredOwnChain {
    #[n(0)]
    chain: ChainId,
    #[n(1)]
    seq: Seq,
    #[n(2)]
    hash: Hash,
    #[n(3)]
    replaces: Option<Replaces>,
}

impl From<&OwnChain> for StoredOwnChain {
    fn from(own: &OwnChain) -> Self {
        Self {
            chain: own.chain,
            seq: own.seq,
            hash: own.hash,
            replaces: own.replaces,
        }
    }
}

impl From<StoredOwnChain> for OwnChain {
    fn from(stored: StoredOwnChain) -> Self {
        Self {
            chain: stored.chain,
            seq: stored.seq,
            hash: stored.hash,
            replaces: stored.replaces,
        }
    }
}

/// Reads the columns `device, incarnation` at the front of a row.
pub(super) fn read_chain(row: &SqliteRow) -> Result<ChainId, VaultError> {
    Ok(ChainId {
        device: DeviceId::try_from(row.try_get::<&[u8], _>("device")?)?,
        incarnation: Incarnation::try_from(row.try_get::<&[u8], _>("incarnation")?)?,
    })
}

fn read_head(row: &SqliteRow) -> Result<ChainHead, VaultError> {
    let damaged = VaultError::Damaged { what: "a chain" };
    let hash: &[u8] = row.try_get("hash")?;
    let Ok(hash) = hash.try_into().map(Hash::from_bytes) else {
        return Err(damaged);
    };
    let state = match row.try_get::<i64, _>("state")? {
        0 => ChainState::Live,
        1 => ChainState::Frozen,
        _ => return Err(damaged),
    };
    Ok(ChainHead {
        seq: read_seq(row, "seq")?,
        hash,
        state,
    })
}

pub(super) fn read_seq(row: &SqliteRow, column: &str) -> Result<Seq, VaultError> {
    let seq = u64::try_from(row.try_get::<i64, _>(column)?);
    seq.map(Seq)
        .map_err(|_| VaultError::Damaged { what: "a number" })
}

const fn state_number(state: ChainState) -> i64 {
    match state {
        ChainState::Live => 0,
        ChainState::Frozen => 1,
    }
}
