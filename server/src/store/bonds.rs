//! Bonds: who is in one, what in it has had its day, and what goes when it is over.

use super::{AccountRow, LogRow, StoreError, Writing, forgets, loading, number};
use crate::{accounts::Bond, store::ChainRow};
use daymark_wire::{DocumentId, Seq, SpaceId, invitation::Decline, record::ExpiryDay};

impl Writing {
    /// A bond as this transaction sees it.
    pub(crate) async fn bond(&mut self, id: SpaceId) -> Result<Option<Bond>, StoreError> {
        loading::bond(&mut self.connection, id).await
    }

    /// A new bond, whose log is there.
    pub(crate) async fn insert_bond(
        &mut self,
        log: LogRow,
        owner: AccountRow,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO bonds (log, owner) VALUES (?, ?)")
            .bind(log.0)
            .bind(owner.0)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Somebody accepted.
    pub(crate) async fn set_supporter(
        &mut self,
        bond: LogRow,
        supporter: AccountRow,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE bonds SET supporter = ? WHERE log = ?")
            .bind(supporter.0)
            .bind(bond.0)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Somebody said no.
    pub(crate) async fn set_declined(
        &mut self,
        bond: LogRow,
        declined: &Decline,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE bonds SET declined = ? WHERE log = ?")
            .bind(declined.as_bytes().as_slice())
            .bind(bond.0)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Notes from which day on a version is shown to nobody.
    pub(crate) async fn insert_expiry(
        &mut self,
        chain: ChainRow,
        seq: Seq,
        day: ExpiryDay,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT OR IGNORE INTO expiries (day, chain, seq) VALUES (?, ?, ?)")
            .bind(day.0)
            .bind(chain.0)
            .bind(number(seq.0))
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Deletes the bodies of versions that have had their day. Gives how many.
    pub(crate) async fn carry_out_expiries(&mut self, now: u64) -> Result<u64, StoreError> {
        const DUE: &str = "SELECT chain, seq FROM expiries WHERE day <= ?";
        let today = ExpiryDay::of_second(now).0;
        let due: Vec<(i64, i64)> = sqlx::query_as(DUE)
            .bind(today)
            .fetch_all(&mut self.connection)
            .await?;
        let mut deleted = 0;
        for (chain, seq) in due {
            for statement in [
                "DELETE FROM holes WHERE chain = ? AND seq = ?",
                "UPDATE records SET body = NULL WHERE chain = ? AND seq = ? AND body IS NOT NULL",
            ] {
                let done = sqlx::query(statement)
                    .bind(chain)
                    .bind(seq)
                    .execute(&mut self.connection)
                    .await?;
                deleted += done.rows_affected();
            }
        }
        sqlx::query("DELETE FROM expiries WHERE day <= ?")
            .bind(today)
            .execute(&mut self.connection)
            .await?;
        Ok(deleted)
    }

    /// Deletes at once what these chains hold of documents. Gives how many bodies.
    pub(crate) async fn forget_at_once(
        &mut self,
        chains: &[ChainRow],
        documents: &[DocumentId],
    ) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for chain in chains {
            deleted += forgets::of_chain(&mut self.connection, *chain, documents).await?;
        }
        Ok(deleted)
    }

    /// A bond is over: records, keys and answers go. Its log stays.
    pub(crate) async fn empty_bond(&mut self, bond: LogRow) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM holes WHERE chain IN (SELECT id FROM chains WHERE space = ?)",
            "DELETE FROM expiries WHERE chain IN (SELECT id FROM chains WHERE space = ?)",
            "DELETE FROM records WHERE chain IN (SELECT id FROM chains WHERE space = ?)",
            "DELETE FROM chains WHERE space = ?",
            "UPDATE links SET blob = NULL WHERE log = ? AND blob IS NOT NULL",
            "UPDATE bonds SET declined = NULL WHERE log = ?",
        ] {
            sqlx::query(statement)
                .bind(bond.0)
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }
}
