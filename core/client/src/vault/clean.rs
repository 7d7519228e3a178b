//! Leaving nothing behind: the write-ahead log after secrets were dropped (rules K5, F4).

use super::{Vault, VaultError};

impl Vault {
    /// Takes out of the write-ahead log what was dropped from the tables, where SQLite has overwritten it
    /// already. Call it after secrets were dropped, keys or documents forgotten.
    ///
    /// # Errors
    /// [`VaultError::Busy`] when another program kept reading all the while: call it again later.
    pub async fn clean(&self) -> Result<(), VaultError> {
        // SQLite waits for a reader as long as for a writer.
        if self.inner.store.truncate_log().await? {
            Ok(())
        } else {
            Err(VaultError::Busy)
        }
    }
}
