//! Leaving nothing behind: the write-ahead log after secrets were dropped (rules K5, F4).

use super::{Vault, VaultError};
use backon::{ConstantBuilder, Retryable};
use std::time::Duration;

/// How long to wait for a reader that is in the way; a reader is done within milliseconds.
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// How often to try: together with the wait, about as long as a write would wait.
const TRIES: usize = 100;

impl Vault {
    /// Takes out of the write-ahead log what was dropped from the tables, where SQLite has overwritten it
    /// already. Call it after secrets were dropped, keys or documents forgotten.
    ///
    /// # Errors
    /// [`VaultError::Busy`] when another program kept reading all the while: call it again later.
    pub async fn clean(&self) -> Result<(), VaultError> {
        let wait = ConstantBuilder::new()
            .with_delay(BETWEEN_TRIES)
            .with_max_times(TRIES);
        let truncate = async || match self.inner.store.truncate_log().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(VaultError::Busy),
            Err(error) => Err(error),
        };
        truncate
            .retry(wait)
            .when(|error| matches!(error, VaultError::Busy))
            .await
    }
}
