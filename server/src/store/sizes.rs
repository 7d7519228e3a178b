//! How much each account keeps. What goes is counted by the database itself (triggers in the schema).

use super::{AccountRow, StoreError, Writing, count, number};

impl Writing {
    /// Counts bytes that an account keeps more.
    pub(crate) async fn add_bytes(
        &mut self,
        account: AccountRow,
        bytes: u64,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE accounts SET bytes = bytes + ? WHERE id = ?")
            .bind(number(bytes))
            .bind(account.0)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// How many bytes an account keeps.
    pub(crate) async fn bytes_of(&mut self, account: AccountRow) -> Result<u64, StoreError> {
        let (bytes,): (i64,) = sqlx::query_as("SELECT bytes FROM accounts WHERE id = ?")
            .bind(account.0)
            .fetch_one(&mut self.connection)
            .await?;
        count(bytes)
    }
}
