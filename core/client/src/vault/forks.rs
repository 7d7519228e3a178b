//! Proofs that chains forked: of each such chain two records, both signed by its device, that cannot both stand
//! in it (threat K7). Who holds one can show it to anybody; nobody has to be believed.

use super::{Reading, Vault, VaultError, Writing, logs::number, records::read_signed};
use daymark_core::sync::StoredRecord;
use daymark_wire::{Record, SpaceId};
use sqlx::Row;

/// Two records of one chain, as stubs: headers and signatures. They stand at one place; or the second names
/// another record as the one before it than the first, which stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkProof {
    /// The one that this vault took.
    pub known: Record,
    /// The one that was shown beside it, and not taken.
    pub shown: Record,
}

impl Writing {
    /// Keeps the first proof of each chain: it never becomes more forked than that.
    pub(super) async fn put_forks(
        &mut self,
        space: SpaceId,
        forks: &[StoredRecord],
    ) -> Result<(), VaultError> {
        for shown in forks {
            let place = shown.place();
            let shown = shown.header.signed();
            sqlx::query(
                "INSERT INTO forks (chain, known_header, known_signature, header, signature) \
                 SELECT c.id, r.header, r.signature, ?, ? \
                 FROM chains c JOIN records r ON r.chain = c.id \
                 WHERE c.space = ? AND c.device = ? AND c.incarnation = ? AND r.seq <= ? \
                 ORDER BY r.seq DESC LIMIT 1 ON CONFLICT (chain) DO NOTHING",
            )
            .bind(shown.bytes())
            .bind(shown.signature().as_bytes().as_slice())
            .bind(space.as_bytes().as_slice())
            .bind(place.chain.device.as_bytes().as_slice())
            .bind(place.chain.incarnation.as_bytes().as_slice())
            .bind(number(place.seq.0)?)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }
}

impl Reading {
    async fn forks(&mut self) -> Result<Vec<ForkProof>, VaultError> {
        let rows = sqlx::query(
            "SELECT known_header, known_signature, header, signature FROM forks ORDER BY chain",
        )
        .fetch_all(self.connection())
        .await?;
        let proof = |row: &sqlx::sqlite::SqliteRow| {
            let known = read_signed(row.try_get(0)?, row.try_get(1)?)?;
            let shown = read_signed(row.try_get(2)?, row.try_get(3)?)?;
            Ok(ForkProof {
                known: Record::from_own_storage(known, None),
                shown: Record::from_own_storage(shown, None),
            })
        };
        rows.iter().map(proof).collect()
    }
}

impl Vault {
    /// The proof of each chain that is known to have forked.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn forks(&self) -> Result<Vec<ForkProof>, VaultError> {
        self.reading().await?.forks().await
    }
}
