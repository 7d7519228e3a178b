//! A new vault key: at a change of the passphrase, and when something was forgotten (rules K5, F4).
//!
//! Every row is sealed again in one transaction, so that whoever kept the old key, or an old copy of the wrap
//! and its passphrase, opens nothing of the vault as it is from now on (threat C5).

use super::{
    Vault, VaultError, Writing, create,
    sealer::{KeyMark, Sealer, Table},
    store::heavy,
    unlock,
};
use daymark_core::keys::{PassphraseWrap, VaultKey};
use rayon::prelude::*;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Rows in memory at a time: with the largest documents, some tens of megabytes.
const ROWS_AT_ONCE: i64 = 256;

impl Vault {
    /// Changes the passphrase, and with it the vault's key. Other openings of the vault are locked by it.
    /// Takes two Argon2id, and as long as writing everything anew.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`] when `current` is not the present one, and what the disk gives: then
    /// nothing changed. [`VaultError::Busy`] may also mean that all is done but another program kept the
    /// write-ahead log from being emptied: call [`Vault::clean`] later.
    pub async fn change_passphrase(&self, current: &str, new: &str) -> Result<(), VaultError> {
        let wrap = unlock::read_wrap(self.reading().await?.connection()).await?;
        let random = Arc::clone(self.random());
        let (current, new) = (
            Zeroizing::new(current.to_owned()),
            Zeroizing::new(new.to_owned()),
        );
        let (key, wrap) = heavy(move || {
            wrap.open(&current)?;
            let key = VaultKey::generate(&random)?;
            let wrap = PassphraseWrap::new(&key, &new, &random)?;
            Ok((key, wrap))
        })
        .await?;
        let mark = KeyMark::draw(self.random())?;
        let sealer = Arc::new(Sealer::new(key.clone(), mark, Arc::clone(self.random())));
        let mut writing = self.writing().await?;
        for table in Table::ALL {
            writing.seal_again(table, &sealer).await?;
        }
        let wrap = daymark_wire::cbor::to_vec(&wrap);
        create::set_meta(writing.connection(), "wrap", &wrap).await?;
        create::set_meta(writing.connection(), "key", mark.as_bytes()).await?;
        writing.commit().await?;
        self.set_sealer(Sealer::new(key, mark, Arc::clone(self.random())));
        self.clean().await
    }

    /// Gives the vault a new key under the same passphrase, after something was forgotten.
    ///
    /// # Errors
    /// As for [`Vault::change_passphrase`].
    pub async fn renew_key(&self, passphrase: &str) -> Result<(), VaultError> {
        self.change_passphrase(passphrase, passphrase).await
    }
}

impl Writing {
    /// Opens every row of a table and seals it with another key.
    async fn seal_again(&mut self, table: Table, sealer: &Arc<Sealer>) -> Result<(), VaultError> {
        let (select, update) = statements(table);
        let mut after = i64::MIN;
        loop {
            let rows = load(self.connection(), select, after).await?;
            let Some((last, ..)) = rows.last() else {
                return Ok(());
            };
            after = *last;
            let (old, new) = (Arc::clone(&self.sealer), Arc::clone(sealer));
            let again = heavy(move || {
                let again = |(number, row, sealed): &(i64, Vec<u8>, Vec<u8>)| {
                    let content = old.open(table, row, sealed)?;
                    Ok((*number, new.seal(table, row, &content)?))
                };
                rows.par_iter()
                    .map(again)
                    .collect::<Result<Vec<_>, VaultError>>()
            })
            .await?;
            for (number, sealed) in again {
                sqlx::query(update)
                    .bind(sealed)
                    .bind(number)
                    .execute(self.connection())
                    .await?;
            }
        }
    }
}

/// Reads `rowid`, the three parts of the id that a row is sealed with, and `sealed`.
async fn load(
    connection: &mut SqliteConnection,
    select: &'static str,
    after: i64,
) -> Result<Vec<(i64, Vec<u8>, Vec<u8>)>, VaultError> {
    let rows = sqlx::query(select)
        .bind(after)
        .bind(ROWS_AT_ONCE)
        .fetch_all(connection)
        .await?;
    let read = |row: &SqliteRow| {
        let (front, back): (&[u8], &[u8]) = (row.try_get(1)?, row.try_get(2)?);
        let number: Option<i64> = row.try_get(3)?;
        let number = number.map(i64::to_be_bytes);
        let id = [
            front,
            back,
            number.as_ref().map_or(&[], |number| number.as_slice()),
        ]
        .concat();
        Ok((row.try_get(0)?, id, row.try_get(4)?))
    };
    rows.iter().map(read).collect()
}

const fn statements(table: Table) -> (&'static str, &'static str) {
    macro_rules! of {
        ($table:literal, $id:literal) => {
            (
                concat!(
                    "SELECT rowid, ",
                    $id,
                    ", sealed FROM ",
                    $table,
                    " WHERE rowid > ? ORDER BY rowid LIMIT ?"
                ),
                concat!("UPDATE ", $table, " SET sealed = ? WHERE rowid = ?"),
            )
        };
    }
    match table {
        Table::Secrets => of!("secrets", "CAST(name AS BLOB), x'', NULL"),
        Table::Links => of!("links", "log, x'', position"),
        Table::Epochs => of!("epochs", "id, x'', NULL"),
        Table::Keys => of!("keys", "document, id, NULL"),
        Table::Outbox => of!("outbox", "x'', x'', id"),
        Table::Packs => of!("packs", "x'', x'', id"),
        Table::Documents => of!("documents", "id, x'', NULL"),
        Table::Bonds => of!("bonds", "id, x'', NULL"),
        Table::Versions => of!("versions", "bond, document, author"),
        Table::Status => of!("status", "CAST(name AS BLOB), x'', NULL"),
    }
}
